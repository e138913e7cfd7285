"""``emojify caption`` through the real command: text, JSON, standard input, chance, odd text."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from emojify import store
from tests.conftest import Run, without_coverage
from tests.models import small_captioner

CAPTION = ("caption", "-m", "day.safetensors")
ALL_DAY = "pizza, beach, sleep"
UNSURE = "emojify: warning: sentence 1: found no word that the model knows\n"


@pytest.fixture(autouse=True)
def day(tmp_path: Path) -> None:
    """A model file whose lines are worked out by hand."""
    store.save(small_captioner(), tmp_path / "day.safetensors")


def test_a_text_and_its_line(run: Run) -> None:
    result = run(*CAPTION, "beach then pizza")
    assert (result.code, result.out, result.err) == (0, "beach then pizza 🍕🏖️\n", "")


def test_several_texts(run: Run) -> None:
    result = run(*CAPTION, "pizza!", " ", "we sleep")
    assert result.out == "pizza! 🍕\n \nwe sleep 😴\n"
    assert result.err == "emojify: warning: sentence 2: found an empty text; expected a sentence\n"
    assert result.code == 0


def test_json_has_the_fields_of_the_contract(run: Run) -> None:
    result = run(*CAPTION, "--json", "beach then pizza", "we sleep")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        '{"text": "beach then pizza", "caption": "🍕🏖️", "emoji": ["🍕", "🏖️"], '
        '"probability": 0.416667, "known_words": 3, "words": 3}\n'
        '{"text": "we sleep", "caption": "😴", "emoji": ["😴"], '
        '"probability": 0.8, "known_words": 1, "words": 2}\n'
    )


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_every_line_of_stdin_has_one_line_of_output_in_order(run: Run, arguments) -> None:
    lines = [b"pizza %d" % i for i in range(600)]
    lines[3], lines[400], lines[599] = b"", b"caf\xe9", b"  "
    result = run(*CAPTION, "--json", *arguments, stdin=b"\n".join(lines))
    answers = [json.loads(line) for line in result.out.split("\n")[:-1]]
    assert len(answers) == 600
    assert {i: answer for i, answer in enumerate(answers) if "error" in answer} == {
        3: {"text": "", "error": "found an empty text; expected a sentence"},
        400: {"text": "caf\\udce9", "error": "found bytes that are not UTF-8; expected text"},
        599: {"text": "  ", "error": "found an empty text; expected a sentence"},
    }
    good = [answer for answer in answers if "error" not in answer]
    assert [answer["text"].encode() for answer in good] == [
        *lines[:3],
        *lines[4:400],
        *lines[401:599],
    ]
    assert {answer["caption"] for answer in good} == {"🍕"}
    assert (result.code, result.err) == (0, "")


def test_what_cannot_be_read_keeps_its_place_in_plain_output(run: Run) -> None:
    result = run(*CAPTION, stdin="\ufeffpizza\r\n\n".encode() + b"caf\xe9\n\x1b[31m sleep")
    assert result.out == "pizza 🍕\n\ncaf\\udce9\n\\x1b[31m sleep 😴\n"
    assert result.err == (
        "emojify: warning: sentence 2: found an empty text; expected a sentence\n"
        "emojify: warning: sentence 3: found bytes that are not UTF-8; expected text\n"
    )
    assert result.code == 0


@pytest.mark.parametrize("option", [(), ("--json",), ("--temperature", "1")])
def test_no_line_in_no_line_out(run: Run, option: tuple[str, ...]) -> None:
    result = run(*CAPTION, *option, stdin=b"")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_the_only_text_has_to_be_one(run: Run) -> None:
    blank, cut = run(*CAPTION, " "), run(*CAPTION, b"caf\xe9")
    assert (blank.code, blank.out, cut.code, cut.out) == (2, "", 2, "")
    assert blank.err == "emojify: error: found an empty text; expected a sentence\n"
    assert cut.err == (
        "emojify: error: found an argument that is not UTF-8: caf\\udce9; expected text; "
        "check its encoding\n"
    )


def test_a_beam_and_a_limit(run: Run) -> None:
    assert run(*CAPTION, ALL_DAY).out == f"{ALL_DAY} 😴\n"
    assert run(*CAPTION, "--beam", "1", ALL_DAY).out == f"{ALL_DAY} 🍕🏖️😴\n"
    assert run(*CAPTION, "--beam", "1000", ALL_DAY).out == f"{ALL_DAY} 😴\n"
    assert run(*CAPTION, "--max-length", "1", "beach, pizza").out == "beach, pizza 🍕\n"
    assert run(*CAPTION, "--beam", "1", "--max-length", "2", ALL_DAY).out == f"{ALL_DAY} 🍕🏖️\n"


def test_the_same_seed_draws_the_same_lines_and_another_others(run: Run) -> None:
    days = "".join(f"{ALL_DAY}, day {i}\n" for i in range(20))
    drawn = (*CAPTION, "--temperature", "1")
    first = run(*drawn, "--seed", "7", stdin=days.encode())
    assert first.code == 0
    assert len({line.split()[-1] for line in first.out.splitlines()}) > 3
    assert run(*drawn, "--seed", "7", stdin=days.encode()) == first
    assert run(*drawn, "--seed", "8", stdin=days.encode()).out != first.out
    by_default = run(*drawn, stdin=days.encode())
    assert run(*drawn, "--seed", "0", stdin=days.encode()) == by_default
    assert run(*drawn, "--seed", "1", stdin=days.encode()) != by_default
    # A text has its line wherever it stands.
    *_, last = days.splitlines()
    assert run(*drawn, "--seed", "7", last).out == first.out.splitlines()[-1] + "\n"


def test_the_colder_the_likelier(run: Run) -> None:
    days = "".join(f"{ALL_DAY}, day {i}\n" for i in range(20)).encode()
    cold = run(*CAPTION, "--temperature", "0.01", "--seed", "5", stdin=days)
    assert cold == run(*CAPTION, "--beam", "1", stdin=days)
    drawn = (json.loads(run(*CAPTION, "--json", *more, "pizza").out) for more in (
        ("--temperature", "1"), ("--temperature", "1", "--max-length", "1"), ()
    ))  # fmt: skip
    assert [answer["probability"] for answer in drawn] == [0.857143] * 3  # 6 / 7, however found


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--temperature 1 --beam 2", "--beam goes without --temperature"),
        ("--seed 7", "--seed goes with --temperature"),
        ("--beam 0", "Invalid value for '--beam': 0 is not in the range 1<=x<=1000"),
        ("--max-length 0", "Invalid value for '--max-length': 0 is not in the range 1<=x<=1000"),
        (
            "--temperature 0",
            "Invalid value for '--temperature': 0.0 is not in the range 0.01<=x<=100",
        ),
        ("-x", "No such option '-x'; put -- before a text that starts with '-'"),
    ],
)
def test_options_that_do_not_go(run: Run, options: str, says: str) -> None:
    result = run(*CAPTION, *options.split(), "pizza")
    assert (result.code, result.out) == (2, "")
    assert result.err == f"emojify: error: {says}; see 'emojify caption --help'\n"


def test_a_temperature_that_is_not_a_number(run: Run) -> None:
    result = run(*CAPTION, "--temperature", "nan", "pizza")
    assert (result.code, result.out) == (2, "")
    assert (
        result.err
        == "emojify: error: found temperature = nan; expected a number from 0.01 to 100\n"
    )


def test_a_text_that_starts_with_a_dash(run: Run) -> None:
    assert run(*CAPTION, "--", "-pizza-").out == "-pizza- 🍕\n"


@pytest.mark.parametrize(
    "command", ["predict hi", "predict -j 2", "predict --table t.csv", "annotate"]
)
def test_a_model_of_lines_answers_with_no_single_emoji(
    run: Run, tmp_path: Path, command: str
) -> None:
    (tmp_path / "t.csv").write_text("text\nhi\n", encoding="utf-8")
    result = run(*command.split(), "-m", "day.safetensors", stdin=b"hi\n")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "emojify: error: day.safetensors: found a model that writes lines of emoji; expected one "
        "that answers with a single emoji; use it with emojify caption\n"
    )


def test_a_model_of_single_emoji_writes_no_lines(run: Run) -> None:
    result = run("caption", "-m", "five", "I love you")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "emojify: error: five: found a model that answers with a single emoji; expected one that "
        "writes lines of emoji; use it with emojify predict\n"
    )


def test_the_model_that_predicts_by_default_is_not_the_one_that_captions(run: Run) -> None:
    assert run(*CAPTION, "pizza", EMOJIFY_MODEL="nothing").out == "pizza 🍕\n"
    missing = run("caption", "-m", "nothing", "pizza", EMOJIFY_MODEL="day.safetensors")
    assert missing.code == 2
    assert missing.err.startswith(
        "emojify: error: found 'nothing', which is neither a file nor a name; expected a file or "
    )


def test_of_a_long_text_the_beginning_is_read_and_that_is_said(run: Run) -> None:
    whole = "pizza ".ljust(10_000)
    stdin = f"{whole}\n{whole}beach".encode()
    plain, as_json = run(*CAPTION, stdin=stdin), run(*CAPTION, "--json", stdin=stdin)
    assert plain.out == f"{whole} 🍕\n{whole}beach 🍕\n"
    assert plain.err == (
        "emojify: warning: sentence 2: only its first 10,000 characters were read\n"
    )
    first, second = map(json.loads, as_json.out.splitlines())
    assert second == first | {"text": f"{whole}beach", "truncated": True}
    assert as_json.err == ""


@pytest.mark.parametrize("text", ["xyzzyx qwrtpx", "🤷🤷", "?!"])
def test_without_a_known_word_the_line_is_flagged(run: Run, text: str) -> None:
    plain, as_json = run(*CAPTION, text), run(*CAPTION, "--json", text)
    assert (plain.code, plain.out, plain.err) == (0, f"{text} 🍕\n", UNSURE)
    assert run(*CAPTION, "--temperature", "1", text).err == UNSURE
    assert (as_json.code, as_json.err) == (0, "")
    assert json.loads(as_json.out)["known_words"] == 0


def test_lines_that_were_learnt(run: Run, vectors_txt: Path, tmp_path: Path) -> None:
    learnt = {"i eat pizza and hug my dog": "🍕🐶", "run the game": "⚾", "win the game": "⚾😄"}
    rows = "".join(f"{text},{line}\n" for text, line in learnt.items())
    (tmp_path / "lines.csv").write_text(f"text,emoji\n{rows}", encoding="utf-8")
    values = ("decoder.features=encoder", "model.hidden=16", "data.validation=0",
              "training.word_dropout=0", "training.patience=200")  # fmt: skip
    trained = run(
        "train", "--data", "lines.csv", "--vectors", str(vectors_txt), "-o", "m.safetensors",
        "--epochs", "200", *(word for value in values for word in ("--set", value)),
    )  # fmt: skip
    assert trained.code == 0, trained.err
    result = run("caption", "-m", "m.safetensors", *learnt)
    assert result.out == "".join(f"{text} {line}\n" for text, line in learnt.items())


PARTS = "text,emoji\neat pizza,🍕\nmy dog,🐶\nthe ball,⚾\nlaugh,😄\n"


def trained_on(run: Run, tmp_path: Path, vectors: Path, rows: str, parts: str = PARTS) -> list[str]:
    """Learn from rows, and from 5,000 joined ones if their emoji allow it; return what is said."""
    (tmp_path / "lines.csv").write_text(f"text,emoji\n{rows}", encoding="utf-8")
    (tmp_path / "parts.csv").write_text(parts, encoding="utf-8")
    values = ("decoder.features=mean", "model.hidden=4", "data.validation=0",
              "data.joined=parts.csv", "data.joined_count=5000")  # fmt: skip
    trained = run(
        "train", "--data", "lines.csv", "--vectors", str(vectors), "-o", "m.safetensors",
        "--epochs", "1", *(word for value in values for word in ("--set", value)),
    )  # fmt: skip
    assert trained.code == 0, trained.err
    return trained.err.splitlines()


def test_what_was_joined_is_counted(run: Run, vectors_txt: Path, tmp_path: Path) -> None:
    rows = "i eat and run,🍕⚾\nlaugh so my dog,😄🐶\n"
    assert trained_on(run, tmp_path, vectors_txt, rows)[0] == (
        "to learn: lines.csv: 5,002 sentences, line 1 read as a header, 5,000 of them joined from "
        "parts.csv"
    )


def test_where_nothing_could_be_joined_nothing_is_said_to_be(
    run: Run, vectors_txt: Path, tmp_path: Path
) -> None:
    rows = "i eat and run,🍕⚾\nlaugh,😄\n"
    assert trained_on(run, tmp_path, vectors_txt, rows)[:2] == [
        "emojify: warning: parts.csv: has short messages of fewer than 4 of the emoji that are "
        "learnt; nothing was joined of it",
        "to learn: lines.csv: 2 sentences, line 1 read as a header",
    ]


def test_words_that_are_not_known_are_noticed_however_much_is_joined(
    run: Run, vectors_txt: Path, tmp_path: Path
) -> None:
    rows = "пицца и мяч,🍕⚾\nсобака,😄🐶\nso my dog,🐶\n"
    assert trained_on(run, tmp_path, vectors_txt, rows)[0] == (
        "emojify: warning: lines.csv: 2 of 3 sentences have no word that the vectors "
        f"{vectors_txt} know; are these the right vectors?"
    )


def test_words_of_joined_messages_need_not_be_known(
    run: Run, vectors_txt: Path, tmp_path: Path
) -> None:
    rows = "i eat and run,🍕⚾\nlaugh so my dog,😄🐶\n"
    parts = "text,emoji\nпицца,🍕\nсобака,🐶\nмяч,⚾\nсмех,😄\n"
    said = trained_on(run, tmp_path, vectors_txt, rows, parts)
    assert said[0].startswith("to learn: lines.csv: 5,002 sentences, ")


def test_a_caption_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    code = (
        "import sys; from emojify.cli import run; "
        "assert run(['caption', '-m', 'day.safetensors', 'pizza']) == 0; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=without_coverage(),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    line, modules, _ = done.stdout.split("\n")
    assert line == "pizza 🍕"
    late = {"csv", "emoji", "msgspec", "multiprocessing", "platformdirs", "safetensors", "tempfile",
            "tqdm", "yaml", "emojify.data", "emojify.emojifier", "emojify.training"}  # fmt: skip
    assert late.isdisjoint(modules.split())
