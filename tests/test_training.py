"""What each setting of a training does, seen from outside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emojify import Emojifier, store, training
from emojify.config import Override, read_settings
from emojify.corpus import Corpus
from emojify.learner import Learner
from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import PackedBatch
from emojify.nn.model import Model, RowGradient
from emojify.settings import Settings
from emojify.training import Epoch, Training
from tests.conftest import WORDS, glove_lines

BASE = {
    "model.hidden": 8,
    "training.epochs": 3,
    "training.word_dropout": 0.0,
    "training.batch_size": 4,
    "data.validation": 0.0,
}


def settings(csv: Path, **changes: object) -> Settings:
    values = BASE | {"data.train": str(csv)} | {k.replace("__", "."): v for k, v in changes.items()}
    return read_settings(None, [Override(k, v, "") for k, v in values.items()])


def run(csv: Path, **changes: object) -> Training:
    made = Training(settings(csv, **changes))
    made.losses = [event.loss for event in made.run()]  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("training__clip_norm", 1e-3),
        ("training__schedule", "constant"),
        ("training__word_dropout", 0.9),
        ("training__dropout", 0.5),
        ("training__momentum", 0.1),
        ("training__optimizer", "sgd"),
        ("training__l2", 1.0),
        ("training__batch_size", 3),
        ("training__learning_rate", 0.01),
        ("vectors__learning_rate", 0.01),
        ("vectors__tune", False),
        ("model__cell", "gru"),
        ("model__hidden", 9),
        ("model__bidirectional", True),
        ("seed", 7),
    ],
)
def test_every_setting_changes_the_training(
    sentences_csv: Path, setting: str, value: object
) -> None:
    plain, changed = run(sentences_csv), run(sentences_csv, **{setting: value})
    assert plain.losses[-1] != changed.losses[-1]


def test_reset_after_changes_the_gru(sentences_csv: Path) -> None:
    before, after = (
        run(sentences_csv, model__cell="gru", model__reset_after=choice) for choice in (False, True)
    )
    assert before.losses[-1] != after.losses[-1]


def test_clipping_bounds_the_step(sentences_csv: Path) -> None:
    changes = {"training__clip_norm": 1e-6, "training__optimizer": "sgd", "training__epochs": 1}
    made = run(sentences_csv, **changes)
    fresh = Training(made.settings)
    moved = np.linalg.norm(
        np.concatenate(
            [(v - fresh.result().weights[n]).ravel() for n, v in made.result().weights.items()]
        )
    )
    steps = -(-len(made.train) // 4)
    assert 0 < moved <= 1.01 * steps * made.settings.training.learning_rate * 1e-6 + 1e-7


def test_the_linear_schedule_ends_before_zero_and_starts_at_the_rate(sentences_csv: Path) -> None:
    """With one epoch the two schedules are the same; with more they part."""
    for epochs, same in ((1, True), (2, False)):
        linear, constant = (
            run(sentences_csv, training__epochs=epochs, training__schedule=schedule)
            for schedule in ("linear", "constant")
        )
        weights = linear.result().weights["W"], constant.result().weights["W"]
        assert np.array_equal(*weights) is same


def test_sentences_come_in_another_order_in_every_epoch(
    sentences_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[int]] = [[]]
    original = Learner.learn

    def spy(self: Learner, shard: Corpus, chosen: Ints) -> tuple[float, float]:
        seen[-1] += chosen.tolist()
        return original(self, shard, chosen)

    monkeypatch.setattr(Learner, "learn", spy)
    for event in Training(settings(sentences_csv)).run():
        seen += [[]] * isinstance(event, Epoch)
    assert len(seen) == 3 + 1
    assert all(sorted(order) == list(range(15)) for order in seen[:3])
    assert len(set(map(tuple, seen[:3]))) == 3


def test_word_dropout_reads_its_share_of_words_as_unknown(
    sentences_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares: list[float] = []
    original = Model.loss_and_grad

    def spy(
        self: Model, batch: PackedBatch, labels: Ints, kept: Floats | None
    ) -> tuple[float, RowGradient | None]:
        shares.append(float((batch.ids == 0).mean()))
        return original(self, batch, labels, kept)

    monkeypatch.setattr(Model, "loss_and_grad", spy)
    run(sentences_csv, training__word_dropout=0.0)
    assert set(shares) == {0}
    shares.clear()
    run(sentences_csv, training__word_dropout=0.25, training__epochs=50, training__patience=50)
    assert np.mean(shares) == pytest.approx(0.25, abs=0.03)


def test_dropout_drops_its_share_of_features_and_the_rest_makes_up_for_it(
    sentences_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Floats | None] = []
    original = Model.loss_and_grad

    def spy(
        self: Model, batch: PackedBatch, labels: Ints, kept: Floats | None
    ) -> tuple[float, RowGradient | None]:
        seen.append(kept)
        return original(self, batch, labels, kept)

    monkeypatch.setattr(Model, "loss_and_grad", spy)
    run(sentences_csv)
    assert set(seen) == {None}
    seen.clear()
    run(sentences_csv, training__dropout=0.2, training__epochs=30, model__bidirectional=True)
    factors = np.concatenate([kept for kept in seen if kept is not None])
    assert factors.shape == (15 * 30, 2 * 8)
    assert set(np.unique(factors).tolist()) == {0, 1.25}
    assert (factors == 0).mean() == pytest.approx(0.2, abs=0.03)


def test_a_model_is_as_sure_as_it_was_right_about_the_sentences_held_back(
    tmp_path: Path,
) -> None:
    """A quarter of the labels is by chance; what is learnt by heart of them is believed less."""
    rng = np.random.default_rng(0)
    for name, count in (("train", 200), ("validation", 100)):
        rows = []
        for text in rng.choice(WORDS, (count, 4)):
            is_heart = (text[0] < "m") != (rng.random() < 0.25)
            rows.append(f"{' '.join(text)},{'❤' if is_heart else '⚾'}\n")
        (tmp_path / f"{name}.csv").write_text("".join(rows), encoding="utf-8")
    made = run(
        tmp_path / "train.csv", data__validation=str(tmp_path / "validation.csv"),
        training__epochs=12, training__patience=12,
    )  # fmt: skip
    assert made.best is not None
    assert made.validation is not None
    trained = made.result()
    assert 1 < trained.temperature == made.best.temperature < 4
    assert len({epoch.temperature for epoch in made.history}) > 1
    cooled, plain = (
        Emojifier(replace(trained, temperature=temperature)).evaluate(made.validation).loss
        for temperature in (trained.temperature, 1.0)
    )
    assert cooled is not None
    assert plain is not None
    assert cooled < plain == pytest.approx(made.best.validation_loss, rel=1e-4)


@pytest.mark.parametrize("own_vectors", [False, True])
@pytest.mark.parametrize("tune", [False, True])
@pytest.mark.parametrize(("cell", "reset_after"), [("lstm", False), ("gru", True)])
def test_the_file_answers_as_the_best_epoch_did(
    sentences_csv: Path, vectors_txt: Path, tmp_path: Path,
    own_vectors: bool, tune: bool, cell: str, reset_after: bool,
) -> None:  # fmt: skip
    more = {"vectors__source": str(vectors_txt)} if own_vectors else {}
    made = run(
        sentences_csv, model__cell=cell, model__reset_after=reset_after, vectors__tune=tune,
        data__validation=0.4, training__epochs=8, training__patience=2, **more,
    )  # fmt: skip
    assert made.best is not None
    assert made.validation is not None
    path = tmp_path / "m.safetensors"
    store.save(made.result(), path)
    evaluation = Emojifier.load(path).evaluate(made.validation)
    assert evaluation.accuracy == pytest.approx(made.best.validation_accuracy)
    assert evaluation.loss == pytest.approx(made.best.validation_loss, abs=2e-3)
    texts = made.validation.texts
    np.testing.assert_array_equal(
        Emojifier(made.result()).predict_proba(texts), Emojifier.load(path).predict_proba(texts)
    )


def test_a_model_carries_the_most_frequent_words_and_those_it_learnt(
    sentences_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "CARRIED_WORDS", 3)
    vectors = tmp_path / "v.txt"
    vectors.write_text(glove_lines(["one", "two", "three", "four", *WORDS]))
    carried = run(sentences_csv, vectors__source=str(vectors)).result()
    words = [word.decode() for word in carried.vocabulary.words()]
    assert words[:3] == ["one", "two", "three"]
    assert {"pizza", "love", "hungry"} < set(words)
    assert not {"four", "sad", "laugh"} & set(words)
    fewer = run(sentences_csv, vectors__source=str(vectors), vectors__carried=1).result()
    assert fewer.vocabulary.words() == [b"one", *carried.vocabulary.words()[3:]]


@pytest.mark.parametrize("tune", [False, True])
@pytest.mark.parametrize(("carried_as", "size"), [("float16", 2), ("int8", 1)])
def test_a_model_of_shipped_vectors_may_carry_them_too(
    sentences_csv: Path, tmp_path: Path, tune: bool, carried_as: str, size: int
) -> None:
    made = run(
        sentences_csv, vectors__source="glove-6b-50d", vectors__tune=tune, vectors__carried=1000,
        vectors__carried_as=carried_as,
    )  # fmt: skip
    trained = made.result()
    assert trained.shipped_vectors is None
    assert trained.vocabulary.find("the") == 1
    assert len(trained.vocabulary) >= 1000
    path = tmp_path / "m.safetensors"
    store.save(trained, path)
    loaded = store.load(path)
    numbers = len(trained.vocabulary) * 50 * size
    assert numbers < path.stat().st_size < numbers + 40_000
    texts = ["i love you", "the best pizza", "so sad"]
    answers = Emojifier(loaded).predict_proba(texts)
    np.testing.assert_array_equal(Emojifier(trained).predict_proba(texts), answers)
    store.save(loaded, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_epochs_are_reported_after_their_steps(sentences_csv: Path) -> None:
    made = Training(
        read_settings(
            None,
            [Override(k, v, "") for k, v in (BASE | {"data.train": str(sentences_csv)}).items()],
        )
    )
    events = list(made.run())
    assert [isinstance(event, Epoch) for event in events] == [False, False, False, False, True] * 3
    assert [event.step for event in events[:4]] == [1, 2, 3, 4]
    assert events[0].steps == 4


def test_two_threads_make_the_same_model_every_time(sentences_csv: Path) -> None:
    settings = {"model__hidden": 400, "training__batch_size": 15, "training__epochs": 2}
    one, two, again = (
        run(sentences_csv, training__threads=threads, **settings).result().weights
        for threads in (1, 2, 2)
    )
    for name in one:
        np.testing.assert_array_equal(two[name], again[name])
        np.testing.assert_allclose(two[name], one[name], rtol=0, atol=1e-4)
