"""The facade for lines of emoji: lines that are worked out by hand, and lines that are learnt."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from emojify import Emojifier, EmojifyError, store
from emojify.captioner import Caption, Captioner
from emojify.config import Override, read_settings
from emojify.data import Examples
from emojify.nn.cells import CELLS
from emojify.text import LONGEST_TEXT
from emojify.training import Training
from tests.models import small_captioner

ALL_DAY = "pizza, beach, sleep"
DAYS = ["pizza", "beach then pizza", "sleep", ALL_DAY, "then then beach", "we sleep then pizza"]
LINES = {
    "i eat pizza and hug my dog": "🍕 🐶",
    "hug my dog then i eat pizza": "🐶 🍕",
    "run the game": "⚾",
    "win the game so happy": "⚾ 😄",
    "my dog is hungry": "🐶 🍕",
    "i eat pizza so happy run the game": "🍕 😄 ⚾",
    "i cry": "😢",
    "lose the game and cry": "⚾ 😢",
}


@pytest.fixture
def day() -> Captioner:
    return Captioner(small_captioner())


def lines(captions: list[Caption]) -> list[str]:
    return [caption.line for caption in captions]


def test_lines_in_order(day: Captioner) -> None:
    first, second, third = day.caption(["beach then pizza", "we sleep", "pizza!"])
    assert (first.text, first.emoji, first.line) == ("beach then pizza", ("🍕", "🏖️"), "🍕🏖️")
    assert (first.known_words, first.words) == (3, 3)
    assert (second.emoji, second.known_words, second.words) == (("😴",), 1, 2)
    assert third.line == "🍕"
    assert day.labels.emoji == ("🍕", "🏖️", "😴")
    # Pizza has 6 of 6 + 5 + 1, then the beach 5 of 5 + 1, then there is but the end.
    assert first.probability == pytest.approx(6 / 12 * 5 / 6, rel=1e-6)
    assert second.probability == pytest.approx(4 / 5, rel=1e-6)
    assert third.probability == pytest.approx(6 / 7, rel=1e-6)


def test_a_wider_beam_finds_a_likelier_line_than_the_likeliest_emoji_lead_to(
    day: Captioner,
) -> None:
    [greedy], [best] = (day.caption([ALL_DAY], beam=beam) for beam in (1, 3))
    assert greedy.line == "🍕🏖️😴"
    assert greedy.probability == pytest.approx(6 / 16 * 5 / 10 * 4 / 5, rel=1e-6)
    assert best.line == "😴"
    assert best.probability == pytest.approx(4 / 16, rel=1e-6)
    assert day.caption([ALL_DAY]) == [best]
    assert day.caption([ALL_DAY], beam=1000) == [best]  # there are not so many lines


def test_of_equally_likely_lines_that_with_the_first_label_is_written() -> None:
    alike = Captioner(small_captioner(2, 2, 2))
    for beam in (1, 2, 4, 100):
        [caption] = alike.caption(["beach then pizza"], beam=beam)
        assert caption.line == "🍕🏖️"
        assert caption.probability == pytest.approx(2 / 5 * 2 / 3, rel=1e-6)


def test_a_line_has_as_many_emoji_as_are_asked_for_at_most_and_one_at_least(day: Captioner) -> None:
    [one] = day.caption(["beach then pizza"], max_length=1)
    assert one.line == "🍕"
    assert one.probability == pytest.approx(6 / 12 * 1 / 6, rel=1e-6)  # the end came early
    [two], [unlimited] = (day.caption(["beach then pizza"], max_length=n) for n in (2, 1000))
    assert (two.line, unlimited) == ("🍕🏖️", two)
    [unknown] = day.caption(["xyzzyx?!"])
    assert (unknown.line, unknown.known_words, unknown.words) == ("🍕", 0, 1)
    assert 0 < unknown.probability < 1e-9


def test_many_texts_have_the_lines_that_they_have_alone(day: Captioner) -> None:
    texts = [f"{'then ' * (i % 7)}{DAYS[i % 6]} number {i}" for i in range(600)]
    together = day.caption(texts)
    assert [caption.text for caption in together] == texts
    expected = {text: day.caption([text])[0].line for text in DAYS}
    assert lines(together) == [expected[DAYS[i % 6]] for i in range(600)]


def test_no_texts_no_captions(day: Captioner) -> None:
    assert day.caption([]) == day.sample([]) == []


def test_what_is_refused(day: Captioner) -> None:
    for ask in (day.caption, day.sample):
        with pytest.raises(EmojifyError, match=r"^found an empty text; expected a sentence$"):
            ask(["pizza", " \n"])
        with pytest.raises(EmojifyError, match=r"^found one text; expected a list of texts; write"):
            ask("pizza")
        with pytest.raises(EmojifyError, match=r"^found max_length = 0; expected 1 or more$"):
            ask(["pizza"], max_length=0)
    with pytest.raises(EmojifyError, match=r"^found beam = 0; expected 1 or more$"):
        day.caption(["pizza"], beam=0)
    with pytest.raises(EmojifyError, match=r"^found seed = -1; expected 0 or more$"):
        day.sample(["pizza"], seed=-1)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("inf"), float("nan")])
def test_a_temperature_is_a_number_above_zero(day: Captioner, temperature: float) -> None:
    says = f"^found temperature = {temperature}; expected a number from 0.01 to 100$"
    with pytest.raises(EmojifyError, match=says):
        day.sample(["pizza"], temperature=temperature)


def test_of_a_long_text_the_beginning_is_read(day: Captioner) -> None:
    text = "pizza ".ljust(LONGEST_TEXT)
    whole, cut = day.caption([text, text + "beach"])
    assert (whole.truncated, cut.truncated) == (False, True)
    assert cut.text == text + "beach"
    assert cut[1:] == whole[1:]


def test_lines_are_drawn_as_often_as_they_are_likely(day: Captioner) -> None:
    drawn = day.sample([f"beach then pizza, day {i}" for i in range(4000)])
    counts = Counter(lines(drawn))
    # A line that is empty is never drawn: of 6 + 5 + 1, the 1 falls away at first.
    expected = {"🍕🏖️": 6 / 11 * 5 / 6, "🍕": 6 / 11 / 6, "🏖️🍕": 5 / 11 * 6 / 7, "🏖️": 5 / 11 / 7}
    assert counts.keys() == expected.keys()
    for line, share in expected.items():
        assert counts[line] / 4000 == pytest.approx(share, abs=0.025)
    # But how likely a line is does not depend on how it was found.
    for caption in drawn:
        assert caption.probability == pytest.approx(expected[caption.line] * 11 / 12, rel=1e-6)


def test_a_drawn_line_depends_on_the_text_the_seed_and_the_temperature_alone(
    day: Captioner,
) -> None:
    texts = [f"{text}, day {i}" for i, text in enumerate(DAYS * 5)]
    drawn = day.sample(texts, 1.5, seed=7)
    assert day.sample(texts, 1.5, seed=7) == drawn
    assert lines(day.sample(texts[::-1], 1.5, seed=7)) == lines(drawn)[::-1]
    for text, together in zip(texts, drawn, strict=True):
        [alone, again] = day.sample([text, text], 1.5, seed=7)
        assert alone.line == again.line == together.line
    assert lines(day.sample(texts, 1.5, seed=8)) != lines(drawn)
    # Texts that the network cannot tell apart still have chances of their own.
    assert len({*lines(day.sample([f"{ALL_DAY}, day {i}" for i in range(30)]))}) > 3


def test_a_limit_cuts_off_what_would_be_drawn(day: Captioner) -> None:
    texts = [f"{ALL_DAY}, day {i}" for i in range(50)]
    drawn, first = day.sample(texts), day.sample(texts, max_length=1)
    assert max(len(caption.emoji) for caption in drawn) > 1
    assert [caption.emoji for caption in first] == [caption.emoji[:1] for caption in drawn]


def test_in_the_cold_the_likeliest_emoji_are_drawn_and_in_the_heat_any(day: Captioner) -> None:
    texts = [f"{ALL_DAY}, day {i}" for i in range(100)]
    assert {*lines(day.sample(texts, temperature=0.01))} == {"🍕🏖️😴"}
    hot = {*lines(day.sample([f"pizza, day {i}" for i in range(100)], temperature=100))}
    assert any("😴" in line for line in hot)
    assert {*lines(day.sample([f"pizza, day {i}" for i in range(100)]))} == {"🍕"}


def test_the_surprise_at_lines_of_others_by_hand(day: Captioner) -> None:
    examples = Examples(
        "x", ["beach then pizza", "pizza, beach", "sleep", ALL_DAY], ["🍕 🏖️", "🏖️", "😴", "🏖️ 😴"]
    )
    chances = [6 / 12, 5 / 6, 1, 5 / 12, 1 / 7, 4 / 5, 1, 5 / 16, 4 / 11, 1]
    total, places = day.surprise(examples)
    assert places == len(chances)
    assert total == pytest.approx(-np.log(chances).sum(), rel=1e-6)
    often = Examples("x", [*examples.texts] * 200, [*examples.emoji] * 200)
    total, places = day.surprise(often)
    assert places == 200 * len(chances)
    assert total == pytest.approx(-200 * np.log(chances).sum(), rel=1e-6)


def test_a_repeated_emoji_surprises_and_is_not_excluded(day: Captioner) -> None:
    total, places = day.surprise(Examples("x", ["pizza"], ["🍕 🍕"]))
    assert places == 3
    assert total == pytest.approx(-np.log(6 / 7) - np.log(6) + 40, rel=1e-6)


def test_one_model_may_be_shared_by_threads(day: Captioner) -> None:
    texts = [[f"{DAYS[i % 6]}, {'then ' * i}day {j}" for j in range(200)] for i in range(8)]
    asks = [day.caption, day.sample] * 5
    alone = [[ask(some) for some in texts] for ask in asks[:2]]
    with ThreadPoolExecutor(4) as pool:
        waiting = [[pool.submit(ask, some) for some in texts] for ask in asks]
    for i, results in enumerate(waiting):
        assert [result.result() for result in results] == alone[i % 2]


def test_a_model_from_its_file_writes_the_same_lines(day: Captioner, tmp_path: Path) -> None:
    store.save(day.trained, tmp_path / "day.safetensors")
    loaded = Captioner.load(tmp_path / "day.safetensors")
    assert loaded.caption(DAYS) == day.caption(DAYS)
    assert loaded.sample(DAYS, 2.0, seed=3) == day.sample(DAYS, 2.0, seed=3)


@pytest.mark.parametrize(
    ("cell", "features", "both"),
    [
        *((cell, "encoder", False) for cell in CELLS),
        ("gru", "encoder", True),
        ("gru", "mean", False),
    ],
)
def test_lines_that_were_learnt_are_written_also_by_the_model_from_its_file(
    vectors_txt: Path, tmp_path: Path, cell: str, features: str, both: bool
) -> None:
    learnt = dict(LINES)
    if features == "mean":  # which is the same in whatever order the words are
        del learnt["hug my dog then i eat pizza"]
    rows = "".join(f"{text},{line}\n" for text, line in learnt.items())
    (tmp_path / "lines.csv").write_text(rows, encoding="utf-8")
    given = {
        "data.train": str(tmp_path / "lines.csv"), "data.validation": 0.0,
        "vectors.source": str(vectors_txt), "decoder.features": features, "decoder.width": 8,
        "model.cell": cell, "model.hidden": 24, "model.bidirectional": both,
        "training.epochs": 150, "training.patience": 150, "training.word_dropout": 0.0,
        "training.learning_rate": 0.05, "training.batch_size": 4,
    }  # fmt: skip
    training = Training(read_settings(None, [Override(k, v, "") for k, v in given.items()]))
    losses = [event.loss for event in training.run()]
    assert losses[-1] < 0.1 < losses[0]
    captioner = Captioner(training.result())
    written = captioner.caption(learnt)
    assert [" ".join(caption.emoji) for caption in written] == [*learnt.values()]
    store.save(captioner.trained, tmp_path / "m.safetensors")
    assert Captioner.load(tmp_path / "m.safetensors").caption(learnt) == written


def test_a_model_that_answers_with_one_emoji_writes_no_lines_and_the_other_way_round() -> None:
    with pytest.raises(EmojifyError) as refused:
        Captioner.load("five")
    assert str(refused.value) == (
        "five: found a model that answers with a single emoji; expected one that writes lines of "
        "emoji; use it with emojify predict"
    )
    with pytest.raises(EmojifyError) as refused:
        Emojifier(small_captioner())
    assert str(refused.value) == (
        "found a model that writes lines of emoji; expected one that answers with a single emoji; "
        "use it with emojify caption"
    )


BEYOND = 3e38  # of which the double is no float32
# Every emoji turns all units to -1, and with the first the end of a line has no probability.
NO_END = {"W": -40, "Wy": [[0, 0, 0, BEYOND], [0] * 4, [0] * 4], "by": [0, 0, 0, -BEYOND]}


def with_weights(**weights: object) -> Captioner:
    """Make the model with some other weights of its decoder."""
    network = small_captioner().network()
    for name, value in weights.items():
        network.decoder.params[name][...] = value
    return Captioner(replace(small_captioner(), weights=network.params.values))


@pytest.mark.parametrize(
    "weights",
    [
        {"Wy": BEYOND},
        NO_END,
        NO_END | {"Wy": [[BEYOND, BEYOND, 0, BEYOND], [BEYOND, BEYOND, 0, 0], [0] * 4]},
    ],
    ids=["not a number", "no end", "first not a number, then no end"],
)
def test_weights_that_are_out_of_range_are_found_out(weights: dict[str, object]) -> None:
    captioner = with_weights(**weights)
    for ask in (captioner.caption, partial(captioner.caption, beam=1), captioner.sample):
        with pytest.raises(EmojifyError, match=r"^the model's answer is not a number; expected"):
            ask(["pizza", ALL_DAY])


def test_a_surprise_is_a_number_or_an_error() -> None:
    examples = Examples("x", [ALL_DAY], ["🍕"])
    with pytest.raises(EmojifyError, match=r"^the model's answer is not a number; expected"):
        with_weights(Wy=BEYOND).surprise(examples)
    total, _ = with_weights(**NO_END).surprise(examples)
    assert np.finfo(np.float32).max <= total < np.inf
