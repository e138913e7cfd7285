"""Laws of annotated texts: emoji were put in at the places reported, and nothing else happened."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emojify.annotation import Annotated, Annotator, paragraphs
from emojify.emojifier import Emojifier
from emojify.sentences import sentences

PIECES = [
    "I love you", "so hungry", "Dr. ", "e.g. ", "U.S. ", "3.5", "https://a.b/c.", "a@b.de", "The ",
    "?!", "!", ". ", "。", "…", "...", '"', "”", "“", "(", ")", " ", "  ", "\t", "\r",
    "\u2028", "\x1c", "\x85",
    "❤️", "😀", "👋🏽", ":)", "<3", "\ufe0f", "\u200d", "\ufeff", "e\u0301", "今日", "ﬁ", "İ",
    "- ", "1. ", "# ", "| ", "```", "~~~",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)
LINES = TEXTS.map(lambda text: text.replace("\n", ""))
ODD = [b"\xff", b"\xe2\x9d", b"\0", b"\xef\xbb\xbf", b"\r\n", b"\n", b"\n"]
Annotate = Callable[[Emojifier, bytes], list[Annotated]]
DATA = st.lists(TEXTS.map(str.encode) | st.sampled_from(ODD), max_size=12).map(b"".join)


@pytest.fixture(scope="module")
def five() -> Emojifier:
    return Emojifier.load("five")


def annotate(emojifier: Emojifier, data: bytes, threshold: float = 0.0) -> list[Annotated]:
    return Annotator(emojifier, threshold).annotate(lines_of(data))


def annotate_wrapped(emojifier: Emojifier, data: bytes) -> list[Annotated]:
    [*units] = (unit for batch in paragraphs([lines_of(data)]) for unit in batch)
    return Annotator(emojifier).annotate(units)


def lines_of(data: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def joined(annotated: list[Annotated]) -> bytes:
    return b"".join(line.result for line in annotated)


@pytest.mark.parametrize("annotate", [annotate, annotate_wrapped])
@settings(max_examples=200)
@given(data=DATA)
def test_without_what_was_put_in_the_text_is_what_it_was(
    five: Emojifier, annotate: Annotate, data: bytes
) -> None:
    annotated = annotate(five, data)
    assert b"".join(line.line for line in annotated) == data
    for line in annotated:
        places = [place for place, _ in line.insertions]
        assert places == sorted(set(places))
        rest = line.result
        for place, emoji in line.insertions:  # the first is the leftmost
            piece = b" " + emoji.encode()
            assert rest[place : place + len(piece)] == piece
            rest = rest[:place] + rest[place + len(piece) :]
        assert rest == line.line
        assert {emoji for _, emoji in line.insertions} <= set(five.labels.emoji)


@pytest.mark.parametrize("annotate", [annotate, annotate_wrapped])
@settings(max_examples=200)
@given(data=DATA)
def test_an_annotated_text_needs_no_more_emoji(
    five: Emojifier, annotate: Annotate, data: bytes
) -> None:
    once = joined(annotate(five, data))
    assert joined(annotate(five, once)) == once


@settings(max_examples=50)
@given(DATA, st.floats(0, 1))
def test_a_threshold_only_takes_emoji_away(five: Emojifier, data: bytes, threshold: float) -> None:
    every, some = annotate(five, data), annotate(five, data, threshold)
    for more, fewer in zip(every, some, strict=True):
        assert set(fewer.insertions) <= set(more.insertions)


@settings(max_examples=50)
@given(DATA)
def test_lines_are_annotated_alike_together_and_one_by_one(five: Emojifier, data: bytes) -> None:
    annotator = Annotator(five)
    together = annotate(five, data)
    alone = [annotator.annotate([each.line])[0] for each in together]
    assert alone == together


@settings(max_examples=300)
@given(LINES)
def test_sentences_stand_one_behind_the_other_and_cut_no_word(line: str) -> None:
    end = 0
    for sentence in sentences(line):
        assert end <= sentence.start < sentence.stop <= len(line)
        text = line[sentence.start : sentence.stop]
        assert text == text.strip()
        following = line[sentence.stop : sentence.stop + 1]
        assert (
            not following.isalnum()
            or text.rstrip("\"'”’»›)]}」』）】〉》*_~`.!?…‽")[-1] in "。！？｡"
        )
        end = sentence.stop
