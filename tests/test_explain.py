"""Why an answer is what it is: the facade's numbers, ``predict --explain`` and ``--steps``."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emojify import Emojifier, EmojifyError
from emojify.cli.reasons import columns, explained
from emojify.emojifier import Choice, Contribution, Explanation
from emojify.nn.cells import CELLS
from tests.conftest import Run, without_coverage
from tests.models import small_model

FIVE = ("predict", "-m", "five")
BLACK_ON = "\x1b[38;5;16m\x1b[48;5;{}m{}\x1b[0m"


@pytest.fixture(scope="module")
def five() -> Emojifier:
    return Emojifier.load("five")


# The numbers


def test_what_is_explained_is_the_answer_and_every_token(five: Emojifier) -> None:
    explanation = five.explain("I don't love PIZZA :)")
    [prediction] = five.predict(["I don't love PIZZA :)"])
    assert explanation.answer == prediction.top[0]
    words = [contribution.word for contribution in explanation.words]
    assert words == ["i", "do", "n't", "love", "pizza", "<smile>"]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_gradient_x_input_is_what_a_longer_vector_would_add(cell: str, bidirectional: bool) -> None:
    """``d log p / dx · x`` is the slope of ``log p`` where x grows in its own direction."""
    table = small_model().table.astype(np.float32)
    trained = replace(small_model(cell, bidirectional), table=table, temperature=0.5)

    def log_p(text: str, answer: str, row: int, factor: float) -> float:
        table = trained.table.copy()
        table[row] *= factor
        emojifier = Emojifier(replace(trained, table=table))
        [probs] = emojifier.predict_proba([text]).astype(np.float64)
        return float(np.log(probs[emojifier.labels.emoji.index(answer)]))

    for text in ("i", "you love", "love you i", "xyzzyx love i you"):
        answer, words = Emojifier(trained).explain(text)
        for contribution in words:
            row = trained.vocabulary.id(contribution.word)
            up, down = (log_p(text, answer.emoji, row, 1 + step) for step in (0.01, -0.01))
            slope = (up - down) / 0.02
            assert contribution.gradient_x_input == pytest.approx(slope, rel=1e-2, abs=1e-4)


def test_left_out_is_the_log_probability_with_a_word_minus_that_without(five: Emojifier) -> None:
    words = "the joke was not funny".split()
    answer, contributions = five.explain(" ".join(words))
    k = five.labels.emoji.index(answer.emoji)
    without = [" ".join(words[:i] + words[i + 1 :]) for i in range(len(words))]
    log_probs = np.log(five.predict_proba([" ".join(words), *without])[:, k])
    found = [contribution.left_out for contribution in contributions]
    np.testing.assert_allclose(found, log_probs[0] - log_probs[1:], rtol=0, atol=1e-5)
    assert contributions[3].word == "not"
    assert contributions[3].left_out == max(found) > 0.1


def test_of_the_only_word_nothing_can_be_left_out(five: Emojifier) -> None:
    [word] = five.explain("love").words
    assert (word.word, word.known, word.left_out) == ("love", True, None)
    assert word.gradient_x_input > 0
    assert five.explain("\ufe0f").words == ()


def test_of_a_very_long_text_the_words_are_not_left_out_one_by_one(five: Emojifier) -> None:
    for count, is_left_out in ((500, True), (501, False)):
        words = five.explain("so hungry " * 250 + "now" * (count - 500)).words
        assert len(words) == count
        assert {word.left_out is not None for word in words} == {is_left_out}


def test_an_unknown_word_has_the_vector_that_all_of_them_share() -> None:
    table = small_model().table.copy()
    table[0] = 0
    words = Emojifier(replace(small_model(), table=table)).explain("love xyzzyx").words
    assert [word.known for word in words] == [True, False]
    assert words[1].gradient_x_input == 0 != words[0].gradient_x_input
    assert words[1].left_out != 0  # it is still a step of the network
    tuned = Emojifier(small_model()).explain("love xyzzyx").words
    assert tuned[1].gradient_x_input != 0


def test_a_blank_text_is_refused(five: Emojifier) -> None:
    with pytest.raises(EmojifyError, match="found an empty text; expected a sentence"):
        five.explain(" \n")


# predict --explain


def test_an_explanation_in_json_has_the_numbers_of_the_facade(run: Run, five: Emojifier) -> None:
    text = "xyzzyx was not funny"
    plain = json.loads(run(*FIVE, "--json", text).out)
    answer = json.loads(run(*FIVE, "--json", "--explain", text).out)
    explanation = answer.pop("explanation")
    assert answer == plain
    for found, expected in zip(explanation, five.explain(text).words, strict=True):
        assert found["word"] == expected.word
        assert found["gradient_x_input"] == pytest.approx(expected.gradient_x_input, abs=1e-5)
        assert found["left_out"] == pytest.approx(expected.left_out, abs=1e-5)
    keys = ["word", "gradient_x_input", "left_out"]
    assert [list(word) for word in explanation] == [[*keys, "unknown"], keys, keys, keys]
    assert explanation[0]["unknown"] is True
    [alone] = json.loads(run(*FIVE, "--json", "--explain", "love").out)["explanation"]
    assert (list(alone), alone["left_out"]) == (keys, None)


def test_an_explanation_is_the_answer_the_words_and_a_table(run: Run) -> None:
    text = "xyzzyx isn't 🍕"
    result = run(*FIVE, "--explain", text)
    answer = json.loads(run(*FIVE, "--explain", "--json", text).out)
    rows = [
        f"  {shown}  {w['gradient_x_input']:+16.3f}  {w['left_out']:+8.3f}{note}\n"
        for shown, note, w in zip(
            ["xyzzyx", "is    ", "n't   ", "🍕    "],
            ["  unknown word", "", "", ""],
            answer["explanation"],
            strict=True,
        )
    ]
    assert result.out == (
        f"{text} {answer['emoji']} {answer['probability']:.3f}\n"
        "  xyzzyx is n't 🍕\n"
        "  word    gradient × input  left out\n" + "".join(rows)
    )
    assert (result.code, result.err) == (0, "")


def test_without_a_remaining_text_there_is_a_dash(run: Run) -> None:
    *_, row = run(*FIVE, "--explain", "love").out.splitlines()
    assert re.fullmatch(r"  love {12,}\+0\.\d{3} {9}-", row)


def test_texts_are_explained_one_below_the_other(run: Run) -> None:
    alone = [run(*FIVE, "--explain", text).out for text in ("I love you", "so hungry")]
    together = run(*FIVE, "--explain", "I love you", "so hungry")
    assert together.out == "\n".join(alone)
    lines = run(*FIVE, "--explain", stdin=b"I love you\n\nso hungry\n")
    assert lines.out == f"{alone[0]}\n\n\n{alone[1]}"
    assert lines.err == "emojify: warning: sentence 2: found an empty text; expected a sentence\n"
    assert run(*FIVE, "--explain", "-j", "2", stdin=b"I love you\n\nso hungry\n") == lines
    in_json = run(*FIVE, "--explain", "--json", stdin=b"I love you\n\nso hungry\n").out
    assert ["explanation" in json.loads(line) for line in in_json.splitlines()] == [
        True,
        False,
        True,
    ]


def test_the_likeliest_emoji_stand_in_the_first_line(run: Run) -> None:
    explained, plain = run(*FIVE, "--explain", "-k", "3", "hello"), run(*FIVE, "-k", "3", "hello")
    assert explained.out.startswith(plain.out)


def test_words_command_no_terminal(run: Run) -> None:
    out = run(*FIVE, "--explain", "hi \x1b[31m \u202e").out + run(*FIVE, "--steps", "hi \x1b").out
    assert not re.search("[\x1b\u202e]", out)
    assert "\n  \\x1b" in out
    assert "hi \\x1b " in out


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """Run the command with a terminal for its output; return what it shows."""
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "emojify", *arguments],
        stdout=theirs,
        env={**without_coverage(), "TERM": "xterm-256color", **environment},
        check=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 1 << 16):
            shown += part
    except OSError:  # which is how Linux says that there is no more
        pass
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def test_on_a_terminal_words_have_colours_and_nothing_else_changes(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = "the joke was not funny at all"
    plain = run(*FIVE, "--explain", text).out
    coloured = on_a_terminal(*FIVE, "--explain", text)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    assert f" was {BLACK_ON.format(83, 'not')} " in coloured
    assert BLACK_ON.format(83, "love") in on_a_terminal(*FIVE, "--explain", "love")


def test_green_speaks_for_the_answer_and_red_against_it_the_stronger_the_more() -> None:
    left_out = [2.0, 1.4, 0.6, 0.1, 0.09, 0.0, -0.09, -0.2, -0.7, -1.4, -1.9]
    shades = [83, 120, 157, 194, None, None, None, 224, 217, 210, 203]
    answer = Choice("❤️", "red heart", 0.9)
    words = tuple(Contribution("a", True, 9.0, size) for size in left_out)
    line, *_ = explained(Explanation(answer, words), colour=True)
    expected = ["a" if shade is None else BLACK_ON.format(shade, "a") for shade in shades]
    assert line == "  " + " ".join(expected)
    nothing = tuple(Contribution("a", True, 0.0, None) for _ in range(2))
    assert next(explained(Explanation(answer, nothing), colour=True)) == "  a a"


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_declined(run: Run, environment: dict[str, str]) -> None:
    plain = run(*FIVE, "--explain", "I love you").out
    assert on_a_terminal(*FIVE, "--explain", "I love you", **environment) == plain


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("not", 3),
        ("café", 4),
        ("cafe\u0301", 4),
        ("오늘", 4),
        ("🍕", 2),
        ("👨‍👩‍👧", 2),
        ("❤", 1),
        ("", 0),
    ],
)
def test_how_wide_a_word_is_on_a_terminal(text: str, width: int) -> None:
    assert columns(text) == width


# predict --steps


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_step_is_the_answer_to_the_text_up_to_there(cell: str, bidirectional: bool) -> None:
    emojifier = Emojifier(replace(small_model(cell, bidirectional), temperature=0.5))
    words = ["i", "love", "xyzzyx", "you", "love"]
    steps = emojifier.word_by_word(" ".join(words))
    assert [word for word, _ in steps] == words
    for count, (_, choice) in enumerate(steps, 1):
        [answer] = emojifier.predict([" ".join(words[:count])])
        assert choice.emoji == answer.emoji
        assert choice.probability == pytest.approx(answer.probability, rel=1e-5)


def test_steps_are_the_text_up_to_each_word_and_its_answer(run: Run, five: Emojifier) -> None:
    text = "I wasn't sad, it was great"
    result = run(*FIVE, "--steps", text)
    words = "i was n't sad , it was great".split()
    expected = [
        f"{' '.join(words[: i + 1])} {choice.emoji} {choice.probability:.3f}\n"
        for i, (_, choice) in enumerate(five.word_by_word(text))
    ]
    assert result.out == "".join(expected)
    assert len(expected) == len(words)
    assert (result.code, result.err) == (0, "")


def test_steps_in_json_are_a_list_beside_the_answer(run: Run, five: Emojifier) -> None:
    plain = json.loads(run(*FIVE, "--json", "not feeling happy").out)
    answer = json.loads(run(*FIVE, "--json", "--steps", "not feeling happy").out)
    steps = answer.pop("steps")
    assert answer == plain
    assert [list(step) for step in steps] == [["word", "emoji", "probability"]] * 3
    assert [step["word"] for step in steps] == ["not", "feeling", "happy"]
    assert steps[-1]["emoji"] == answer["emoji"]
    assert steps[-1]["probability"] == pytest.approx(answer["probability"], abs=1e-5)
    for step, (_, choice) in zip(steps, five.word_by_word("not feeling happy"), strict=True):
        assert (step["emoji"], step["probability"]) == (
            choice.emoji,
            pytest.approx(choice.probability, abs=1e-5),
        )


def test_steps_of_several_texts_stand_apart(run: Run) -> None:
    first, second = (run(*FIVE, "--steps", text).out for text in ("I love you", "so hungry"))
    assert run(*FIVE, "--steps", "I love you", "so hungry").out == f"{first}\n{second}"
    assert run(*FIVE, "--steps", stdin=b"I love you\nso hungry\n").out == f"{first}\n{second}"


# Both


def test_a_threshold_hides_the_emoji_of_steps_but_not_the_one_explained(run: Run) -> None:
    text = "not feeling happy"
    steps = json.loads(run(*FIVE, "--json", "--steps", text).out)["steps"]
    below, above, *_ = sorted(step["probability"] for step in steps)
    threshold = ("--threshold", str((below + above) / 2))
    shown = [step["emoji"] if step["probability"] > below else None for step in steps]
    in_json = json.loads(run(*FIVE, "--json", "--steps", *threshold, text).out)["steps"]
    assert [step["emoji"] for step in in_json] == shown
    assert [step["probability"] for step in in_json] == [step["probability"] for step in steps]
    whole = run(*FIVE, "--steps", text).out.splitlines()
    beginnings = ["not", "not feeling", text]
    assert run(*FIVE, "--steps", *threshold, text).out.splitlines() == [
        line if emoji else beginning
        for line, emoji, beginning in zip(whole, shown, beginnings, strict=True)
    ]
    explained = run(*FIVE, "--explain", text).out
    assert run(*FIVE, "--explain", "--threshold", "1", text).out == explained


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--explain", "--csv"), "--explain goes with neither --csv nor --steps"),
        (("--explain", "--steps"), "--explain goes with neither --csv nor --steps"),
        (("--explain", "--steps", "--json"), "--explain goes with neither --csv nor --steps"),
        (("--steps", "--csv"), "--steps goes with neither --csv nor -k"),
        (("--steps", "-k", "2"), "--steps goes with neither --csv nor -k"),
    ],
    ids=" ".join,
)
def test_options_that_exclude_each_other(run: Run, options: tuple[str, ...], message: str) -> None:
    result = run(*FIVE, *options, "hi")
    assert (result.code, result.out) == (2, "")
    assert result.err == f"emojify: error: {message}; see 'emojify predict --help'\n"


@pytest.mark.parametrize("option", ["--explain", "--steps"])
def test_a_blank_text_has_nothing_to_explain(run: Run, tmp_path: Path, option: str) -> None:
    alone = run(*FIVE, option, " ")
    assert (alone.code, alone.out) == (2, "")
    assert alone.err == "emojify: error: found an empty text; expected a sentence\n"
    line = run(*FIVE, option, "--json", stdin=b" \n").out
    assert json.loads(line) == {"text": " ", "error": "found an empty text; expected a sentence"}
