"""The facade, and how training and metrics come together behind it."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

import emojify
from emojify import Emojifier, EmojifyError, store
from emojify.config import Override, read_settings
from emojify.corpus import stratified
from emojify.data import Examples
from emojify.metrics import evaluate
from emojify.nn.cells import CELLS
from emojify.training import Epoch, Training


@pytest.fixture(scope="module")
def five() -> Emojifier:
    return Emojifier.load("five")


def settings_for(csv: Path, **values: object):
    keys = {"hidden": "model.hidden", "epochs": "training.epochs", "tune": "vectors.tune"}
    overrides = [Override("data.train", str(csv), "")]
    overrides += [Override(keys.get(k, k.replace("__", ".")), v, "") for k, v in values.items()]
    return read_settings(None, overrides)


def test_the_package_offers_these_names() -> None:
    assert sorted(emojify.__all__) == [
        "Caption", "Captioner", "Emojifier", "EmojifyError", "Prediction", "__version__",
    ]  # fmt: skip
    assert all(getattr(emojify, name) for name in emojify.__all__)
    with pytest.raises(AttributeError, match="module 'emojify' has no attribute 'Emojifyer'"):
        emojify.Emojifyer  # noqa: B018


def test_predictions_in_order(five: Emojifier) -> None:
    first, second = five.predict(["I love you", "what's for dinner, I am starving"], top_k=2)
    assert (first.text, first.emoji, first.known_words, first.words) == ("I love you", "❤️", 3, 3)
    assert second.emoji == "🍴"
    assert first.top[0].name == "red heart"
    assert first.probability == first.top[0].probability >= first.top[1].probability


def test_an_answer_below_the_threshold_has_no_emoji(five: Emojifier) -> None:
    texts = ["I love you", "well", "so hungry"]
    sure = five.predict(texts)
    probabilities = sorted(answer.probability for answer in sure)
    for threshold, left in [(0.0, 3), (probabilities[1], 2), (1.0, 0)]:
        answers = five.predict(texts, top_k=2, threshold=threshold)
        assert sum(answer.emoji is not None for answer in answers) == left
        for answer, before in zip(answers, sure, strict=True):
            assert answer.emoji in (before.emoji, None)
            assert (answer.probability, answer.top[0]) == (before.probability, before.top[0])
    for threshold in (-0.1, 1.1, float("nan")):
        with pytest.raises(EmojifyError, match=f"found threshold = {threshold}; expected a number"):
            five.predict(texts, threshold=threshold)


def test_a_temperature_makes_a_model_less_sure_and_changes_no_answer(five: Emojifier) -> None:
    texts = ["I love you", "the ball is in the park", "nobody came", "well well"]
    colder, hotter = (
        Emojifier(replace(five.trained, temperature=temperature)).predict_proba(texts)
        for temperature in (1.0, 2.0)
    )
    np.testing.assert_array_equal(colder.argsort(axis=1), hotter.argsort(axis=1))
    squeezed = colder**0.5
    np.testing.assert_allclose(hotter, squeezed / squeezed.sum(axis=1, keepdims=True), rtol=1e-4)


def test_many_sentences_are_answered_like_single_ones(five: Emojifier) -> None:
    texts = [f"sentence {'very ' * (i % 7)}number {i}" for i in range(300)]
    together = five.predict_proba(texts)
    alone = np.concatenate([five.predict_proba([text]) for text in texts])
    assert together.shape == (300, 5)
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-5)
    np.testing.assert_allclose(together.sum(axis=1), 1, rtol=1e-5)


def test_no_sentences_no_answers(five: Emojifier) -> None:
    assert five.predict([]) == []
    assert five.predict_proba([]).shape == (0, 5)


def test_blank_texts_and_wrong_k_are_refused(five: Emojifier) -> None:
    with pytest.raises(EmojifyError, match="found an empty text; expected a sentence"):
        five.predict(["hello", " \n"])
    with pytest.raises(EmojifyError, match="found top_k = 0; expected 1 or more"):
        five.predict(["hello"], top_k=0)


def test_the_answer_after_every_word(five: Emojifier) -> None:
    steps = five.word_by_word("I was sad but it was great")
    assert [token for token, _ in steps] == "i was sad but it was great".split()
    [whole] = five.predict(["I was sad but it was great"])
    assert steps[-1][1].emoji == whole.emoji
    assert steps[-1][1].probability == pytest.approx(whole.probability, abs=1e-5)


def test_a_hundred_thousand_words_have_an_answer(five: Emojifier) -> None:
    texts = ["so hungry " * 50_000, "so hungry " * 1000]
    long, beginning = five.predict(texts)
    assert np.isfinite(long.probability)
    assert long[1:] == beginning[1:]
    assert (long.truncated, beginning.truncated) == (True, False)
    assert (long.text, long.words) == (texts[0], 2000)


def test_long_texts_are_answered_fewer_at_a_time(five: Emojifier) -> None:
    """For all at once, the network's work arrays would take 400 MB."""
    [alone] = five.predict(["so hungry " * 1000])
    tracemalloc.start()
    predictions = five.predict(["so hungry " * 1000] * 50)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [p.emoji for p in predictions] == [alone.emoji] * 50
    assert most < 200 << 20


@pytest.mark.parametrize("tune", [True, False])
def test_a_saved_model_answers_as_it_did_before(
    sentences_csv: Path, tmp_path: Path, tune: bool
) -> None:
    training = Training(settings_for(sentences_csv, hidden=8, epochs=3, tune=tune))
    events = list(training.run())
    trained = Emojifier(training.result())
    path = tmp_path / "m.safetensors"
    trained.save(path)
    texts = ["i love you", "throw the ball", "xyzzyx", "so hungry, let's eat"]
    np.testing.assert_array_equal(
        Emojifier.load(path).predict_proba(texts), trained.predict_proba(texts)
    )
    assert [event.epoch for event in events if isinstance(event, Epoch)] == [1, 2, 3]
    assert trained.trained.history == [asdict(epoch) for epoch in training.history]


@pytest.mark.parametrize("cell", CELLS)
def test_real_training_lowers_the_loss_and_learns_its_sentences(
    sentences_csv: Path, cell: str
) -> None:
    training = Training(
        settings_for(
            sentences_csv, hidden=32, epochs=60, model__cell=cell, training__word_dropout=0.0,
            training__learning_rate=0.03, training__patience=60, data__validation=0,
        )
    )  # fmt: skip
    losses = [event.loss for event in training.run()]
    assert losses[-1] < 0.1 < losses[0]
    assert Emojifier(training.result()).evaluate(training.train).accuracy == 1.0


def test_the_best_epoch_is_kept_and_patience_ends_the_training(sentences_csv: Path) -> None:
    training = Training(
        settings_for(
            sentences_csv, hidden=8, epochs=200, data__validation=0.4, training__patience=3,
        )
    )  # fmt: skip
    events = list(training.run())
    assert training.best is not None
    assert events[-1].epoch == training.best.epoch + 3 < 200
    assert training.validation is not None
    kept = Emojifier(training.result()).evaluate(training.validation)
    assert kept.accuracy == pytest.approx(training.best.validation_accuracy)
    assert kept.loss == pytest.approx(training.best.validation_loss, abs=1e-5)
    best = max(e.validation_accuracy for e in training.history if e.validation_accuracy)
    assert training.best.validation_accuracy == best


def test_an_epoch_is_better_by_accuracy_then_by_loss() -> None:
    assert Epoch(2, 1, 0.5, 0.9).is_better_than(Epoch(1, 1, 0.4, 0.8))
    assert Epoch(2, 1, 0.3, 0.8).is_better_than(Epoch(1, 1, 0.4, 0.8))
    assert not Epoch(2, 1, 0.4, 0.8).is_better_than(Epoch(1, 1, 0.4, 0.8))
    assert Epoch(2, 9).is_better_than(Epoch(1, 1))


def test_the_split_takes_the_same_share_of_every_emoji_and_leaves_one() -> None:
    emoji = ["❤️"] * 40 + ["⚾"] * 20 + ["😄"]
    chosen = stratified(emoji, 0.25, np.random.default_rng(1))
    assert [sum(emoji[i] == e for i in chosen) for e in ("❤️", "⚾", "😄")] == [10, 5, 0]
    assert chosen == sorted(set(chosen))
    assert stratified(["❤️", "⚾"], 0.9, np.random.default_rng(1)) == []


def test_a_validation_file_may_have_no_emoji_that_training_lacks(
    sentences_csv: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("go,🚀\n", encoding="utf-8")
    with pytest.raises(EmojifyError, match="found 🚀, which the model does not learn"):
        Training(settings_for(sentences_csv, data__validation=str(other)))


@pytest.mark.parametrize("seed", range(5))
def test_the_emoji_are_in_the_order_of_the_file_whatever_is_held_back(
    sentences_csv: Path, seed: int
) -> None:
    training = Training(settings_for(sentences_csv, seed=seed, data__validation=0.4))
    assert training.labels.emoji == ("❤️", "⚾", "🍴")


def test_one_emoji_is_nothing_to_tell_apart(tmp_path: Path) -> None:
    csv = tmp_path / "one.csv"
    csv.write_text("hi,❤\nho,❤️\n", encoding="utf-8")
    with pytest.raises(EmojifyError, match="found only ❤️; expected at least two different"):
        Training(settings_for(csv))


def test_metrics_by_hand() -> None:
    probs = np.array([[0.7, 0.3], [0.6, 0.4], [0.1, 0.9], [0.8, 0.2]])
    result = evaluate(np.log(probs), np.array([0, 1, 1, 2]), ("❤️", "⚾", "😄"))
    assert result.confusion == ((1, 0, 0), (1, 1, 0), (1, 0, 0))
    assert result.accuracy == 0.5
    heart, ball, smile = result.per_emoji
    assert (heart.precision, heart.recall, heart.f1) == (1 / 3, 1.0, 0.5)
    assert (ball.precision, ball.recall) == (1.0, 0.5)
    assert (smile.precision, smile.recall, smile.f1, smile.support) == (0, 0, 0, 1)
    assert result.macro_f1 == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)
    assert result.loss == pytest.approx(-np.log([0.7, 0.4, 0.9]).mean())


def test_what_is_among_the_first_three_and_what_is_acceptable_by_hand() -> None:
    probs = np.array([[0.4, 0.3, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4], [0.25] * 4])
    labels, expected = ("❤️", "⚾", "😄", "🍴", "🚀"), np.array([0, 3, 1, 4])
    result = evaluate(np.log(probs), expected, labels)
    assert (result.accuracy, result.top_3) == (0.25, 0.5)
    assert (result.acceptable, result.acceptable_top_3) == (None, None)
    acceptable = np.zeros((4, 4), bool)
    none = evaluate(np.log(probs), expected, labels, acceptable)
    assert (none.acceptable, none.acceptable_top_3) == (0.25, 0.5)
    acceptable[1, 0] = acceptable[2, 0] = acceptable[3, 2] = True
    some = evaluate(np.log(probs), expected, labels, acceptable)
    assert (some.acceptable, some.acceptable_top_3) == (0.5, 1.0)
    assert (some.accuracy, some.top_3) == (0.25, 0.5)


def test_how_sure_the_answers_may_be_by_hand() -> None:
    probs = np.array([[0.92, 0.08], [0.92, 0.08], [0.45, 0.55], [0.3, 0.7]])
    result = evaluate(np.log(probs), np.array([0, 1, 1, 1]), ("❤️", "⚾"))
    # Two answers of 0.92, of which one is right, and two alone in their bins, both right.
    assert result.calibration_error == pytest.approx((2 * 0.42 + 0.45 + 0.3) / 4)
    assert [c.threshold for c in result.coverage] == [tenth / 10 for tenth in range(10)]
    assert [(c.answered, c.accuracy) for c in result.coverage[5:]] == [
        (1.0, 0.75), (0.75, 2 / 3), (0.75, 2 / 3), (0.5, 0.5), (0.5, 0.5),
    ]  # fmt: skip
    unsure = evaluate(np.log([[0.5, 0.5]]), np.array([0]), ("❤️", "⚾"))
    assert (unsure.coverage[-1].answered, unsure.coverage[-1].accuracy) == (0.0, None)


def test_what_is_taken_for_what_most_often() -> None:
    probs = np.eye(3)[[1, 1, 2, 0, 2]] * 0.8 + 0.06
    result = evaluate(np.log(probs), np.array([0, 0, 0, 2, 2]), ("❤️", "⚾", "😄"))
    assert result.most_confused(9) == [("❤️", "⚾", 2), ("❤️", "😄", 1), ("😄", "❤️", 1)]
    assert result.most_confused(1) == [("❤️", "⚾", 2)]


def test_with_fewer_than_three_emoji_the_right_one_is_always_among_them() -> None:
    result = evaluate(np.log(np.array([[0.7, 0.3], [0.6, 0.4]])), np.array([1, 0]), ("❤️", "⚾"))
    assert (result.accuracy, result.top_3) == (0.5, 1.0)


def test_data_without_any_known_emoji_have_no_loss(five: Emojifier) -> None:
    evaluation = five.evaluate(Examples("x", ["go"], ["🚀"]))
    assert evaluation.loss is None
    assert evaluation.accuracy == 0


def test_the_shipped_model_file_loads_from_its_path_too(five: Emojifier) -> None:
    path = Path(emojify.__file__).parent / "models" / "five.safetensors"
    assert store.load(path).labels == five.labels


def test_one_model_may_be_shared_by_threads(five: Emojifier) -> None:
    texts = [[f"thread {i} says {'very ' * (i % 5)}hello"] * 40 for i in range(8)]
    alone = [five.predict_proba(batch) for batch in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(five.predict_proba, texts * 5))
    for found, expected in zip(together, alone * 5, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_text_in_place_of_a_list_is_refused(five: Emojifier) -> None:
    with pytest.raises(EmojifyError, match=r"found one text; expected a list of texts"):
        five.predict("hello")
