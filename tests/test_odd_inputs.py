"""The other half of the catalogue: odd inputs that must work, through the real command."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emojify import store
from emojify.emojifier import Emojifier
from tests.conftest import WORDS, Run, glove_lines

HEART = "❤️"


@pytest.mark.parametrize(
    ("row", "content", "texts", "said"),
    [
        ("21", "i love you \t,❤️\n", 1, "no header"),
        ("22", "i love you,0\nmy dear aunt,0,, [0]\n", 2, "no header"),
        ("24", "text,emoji\ni love you,❤️\n", 1, "line 1 read as a header"),
        ("25", "i love you,❤️\nmy dear aunt,❤️\n", 2, "no header"),
        ("26", "\ufefftext,emoji\ni love you,❤️\n", 1, "line 1 read as a header"),
        ("26", "\ufeffi love you,❤️\n", 1, "no header"),
        ("27", '"i love you, dear",❤️\n', 1, "no header"),
        ("28", '"i love\nyou",❤️\nmy dear aunt,❤️\n', 2, "no header"),
        ("34", "i love you,❤️\n", 1, "no header"),
        ("35", "i love you,❤\nmy dear aunt,❤️\nmy love,:red_heart:\n", 3, "no header"),
    ],
)
def test_odd_csv_files_are_evaluated(
    run: Run, tmp_path: Path, row: str, content: str, texts: int, said: str
) -> None:
    (tmp_path / "x.csv").write_bytes(content.encode())
    result = run("eval", "x.csv", "--json")
    evaluation = json.loads(result.out)
    first, *others = result.err.splitlines()[::-1] if row == "22" else result.err.splitlines()
    assert first == f"x.csv: {texts} sentences, {said}"
    assert others == (
        [
            "emojify: warning: x.csv: 1 rows have more than two columns (the first is line 2); "
            "the others were passed over"
        ]
        if row == "22"
        else []
    )
    assert (result.code, evaluation["examples"]) == (0, texts)
    assert [s["support"] for s in evaluation["per_emoji"]] == [texts, 0, 0, 0, 0]


def test_row_36_sequences_are_one_label(run: Run, tmp_path: Path) -> None:
    rows = {
        "👍🏽": "yes please",
        "👨‍👩‍👧": "home with everyone",
        "🇩🇪": "back in berlin",
        "1️⃣": "first",
    }
    csv = "".join(f"{text},{emoji}\n" for emoji, text in rows.items())
    (tmp_path / "x.csv").write_text(csv, encoding="utf-8")
    trained = run("train", "--data", "x.csv", "-o", "m.safetensors", "--epochs", "1")
    assert trained.code == 0, trained.err
    [answer] = map(
        json.loads, run("predict", "-m", "m.safetensors", "--json", "yes").out.split("\n")[:1]
    )
    assert answer["emoji"] in rows
    assert json.loads(run("eval", "x.csv", "-m", "m.safetensors", "--json").out)["labels"] == [
        *rows
    ]


def test_row_50_many_wrong_rows(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("ok,0\n" + "wrong,9\n" * 30, encoding="utf-8")
    result = run("eval", "x.csv")
    lines = result.err.splitlines()
    assert (result.code, result.out, len(lines)) == (2, "", 11)
    assert lines[0].startswith("emojify: error: x.csv:2: found the number 9; expected one emoji")
    assert lines[9].startswith("emojify: error: x.csv:11: found the number 9")
    assert lines[10] == "emojify: error: 30 rows are wrong in all; nothing was read"


def test_row_66_numbers_in_a_config(run: Run, sentences_csv: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "data: {train: sentences.csv}\ntraining: {learning_rate: 1e-3, epochs: 1}\n"
    )
    assert run("train", "-c", "c.yaml", "-o", "m.safetensors").code == 0
    assert "learning_rate 0.001" in run("info", "m.safetensors").out


def test_row_93_a_model_of_nan_is_an_error_and_never_an_emoji(run: Run, tmp_path: Path) -> None:
    five = Emojifier.load("five").trained
    poisoned = five.weights | {"by": np.full(5, np.nan, np.float32)}
    store.save(replace(five, weights=poisoned), tmp_path / "m.safetensors")
    result = run("predict", "-m", "m.safetensors", "hello")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "emojify: error: m.safetensors: found NaN or infinity in net.by; expected finite numbers; "
        "train it again\n"
    )


@pytest.mark.parametrize("size", [1e4, 1e30])
def test_rows_96_to_98_extreme_weights_give_finite_answers(
    run: Run, tmp_path: Path, size: float
) -> None:
    five = Emojifier.load("five").trained
    huge = {name: (weight * size).astype(np.float32) for name, weight in five.weights.items()}
    store.save(replace(five, weights=huge), tmp_path / "m.safetensors")
    (tmp_path / "x.csv").write_text("hello,0\nhello,1\nhello,2\n", encoding="utf-8")
    answer = json.loads(run("predict", "-m", "m.safetensors", "--json", "-k", "5", "hello").out)
    assert sum(choice["probability"] for choice in answer["top"]) == pytest.approx(1)
    evaluation = json.loads(run("eval", "x.csv", "-m", "m.safetensors", "--json").out)
    assert math.isfinite(evaluation["loss"])


def test_row_99_vectors_of_zeros(run: Run, sentences_csv: Path, tmp_path: Path) -> None:
    (tmp_path / "zeros.txt").write_text("".join(f"{word} 0 0 0\n" for word in WORDS))
    trained = run(
        "train", "--data", "sentences.csv", "--vectors", "zeros.txt", "-o", "m.safetensors"
    )
    assert trained.code == 0, trained.err
    answer = json.loads(run("predict", "-m", "m.safetensors", "--json", "i love you").out)
    assert 0 < answer["probability"] < 1


@pytest.mark.parametrize("row", ["1", "2", "3", "4", "5", "11", "14", "15"])
def test_rows_1_to_15_odd_vectors_are_read(run: Run, tmp_path: Path, row: str) -> None:
    plain = glove_lines(WORDS).encode()
    content, said = {
        "1": (plain.replace(b"pizza ", b". . . ").replace(b"hug ", b"at name@domain.com "), ""),
        "2": (plain.replace(b"pizza ", "\xa0 ".encode()), ""),
        "3": (plain.replace(b"pizza ", "piz\x85za ".encode()), ""),
        "4": (plain.replace(b"pizza ", "piz\u2028za\x1c ".encode()), ""),
        "5": (
            plain + plain.split(b"\n")[0] + b"\n",
            "emojify: warning: v.txt: 1 repeated words were passed over; the first of each counts "
            f"(lines {len(WORDS) + 1})\n",
        ),
        "11": (
            plain.replace(b"pizza ", b"piz\xffza "),
            "emojify: warning: v.txt: 1 words that are not UTF-8 were skipped "
            f"(lines {WORDS.index('pizza') + 1})\n",
        ),
        "14": (plain.replace(b"\n", b"\r\n"), ""),
        "15": (b"\xef\xbb\xbf" + plain, ""),
    }[row]
    (tmp_path / "v.txt").write_bytes(content)
    result = run("vectors", "info", "v.txt")
    words = len(WORDS) - (row == "11")
    assert (result.code, result.err) == (0, said)
    assert result.out.startswith(f"words    {words}\nnumbers  8 each, float32\nfirst    i you")
