"""Laws of the answers: one for each line, in order, whatever stands beside it."""

from __future__ import annotations

import csv
import io
import json
import warnings
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emojify import cli
from emojify.emojifier import Emojifier
from emojify.errors import printable

PIECES = [b"i love you", b"so hungry", b"we lost the game", "😀 café".encode(), b" ", b"\t", b"\r"]
ODD = [
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xf0\x9f",
    "\u2028".encode(),
    b"\x1b[31m",
    b'"',
    b"=cmd()",
    b"\0",
]
LINES = st.lists(st.sampled_from(PIECES + ODD) | st.binary(max_size=4), max_size=3).map(b"".join)
ENDS = st.sampled_from([b"\n", b"\n", b"\r\n", b""])
INPUTS = st.lists(st.tuples(LINES, ENDS).map(b"".join), max_size=9).map(b"".join)
TEXTS = st.lists(
    st.text(max_size=30).filter(str.strip) | st.sampled_from(["i love you", "we lost", "🍕"]),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def five() -> Emojifier:
    return Emojifier.load("five")


def answered(data: bytes, *options: str) -> str:
    """Run the command on standard input, in this process; return what it printed."""
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(data)))
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with (
        mock.patch("sys.stdin", stdin),
        redirect_stdout(out),
        redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        assert cli.run(["predict", *options]) == 0
    out.flush()
    return out.buffer.getvalue().decode()


def lines_of(data: bytes) -> list[bytes]:
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [line.removesuffix(b"\r") for line in (lines if lines[-1] else lines[:-1])]


@settings(max_examples=60)
@given(INPUTS)
def test_json_has_one_valid_line_with_the_same_text_for_each_line_in_order(data: bytes) -> None:
    lines = lines_of(data)
    printed = answered(data, "--json").splitlines(keepends=True)
    assert len(printed) == len(lines)
    assert all(line.endswith("\n") for line in printed)
    for record, line in zip(map(json.loads, printed), lines, strict=True):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            assert record["text"] == printable(line.decode("utf-8", "surrogateescape"))
            assert record["error"] == "found bytes that are not UTF-8; expected text"
        else:
            assert record["text"] == (text if text.strip() else printable(text))
            assert ("emoji" in record) == bool(text.strip())


@settings(max_examples=30)
@given(INPUTS)
def test_plain_answers_begin_with_their_lines_and_csv_has_a_row_for_each(data: bytes) -> None:
    texts = [printable(line.decode("utf-8", "surrogateescape")) for line in lines_of(data)]
    printed = answered(data).split("\n")
    assert printed.pop() == ""
    assert len(printed) == len(texts)
    assert all(line.startswith(text) for line, text in zip(printed, texts, strict=True))
    rows = list(csv.reader(io.StringIO(answered(data, "--csv"), newline="")))
    assert [len(row) for row in rows] == [3] * (len(texts) + 1)


@settings(max_examples=50)
@given(texts=TEXTS, random=st.randoms())
def test_an_answer_depends_neither_on_its_companions_nor_on_their_order(
    five: Emojifier, texts: list[str], random: np.random.Generator
) -> None:
    order = list(range(len(texts)))
    random.shuffle(order)
    together = five.predict_proba(texts)
    shuffled = five.predict_proba([texts[i] for i in order])
    alone = np.concatenate([five.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(shuffled, together[order], rtol=0, atol=1e-5)
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-5)
    assert [prediction.text for prediction in five.predict(texts)] == texts


@settings(max_examples=50)
@given(texts=TEXTS, k=st.integers(1, 7))
def test_the_best_k_are_the_first_of_all_and_all_are_everything(
    five: Emojifier, texts: list[str], k: int
) -> None:
    for few, all_of_them in zip(five.predict(texts, k), five.predict(texts, 5), strict=True):
        assert few.top == all_of_them.top[:k]
        probabilities = [choice.probability for choice in all_of_them.top]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)
        assert {choice.emoji for choice in all_of_them.top} == set(five.labels.emoji)
        assert 0 <= few.known_words <= few.words
