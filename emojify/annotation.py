"""Emoji behind the sentences of a text that comes line by line, and nothing else changed."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from emojify.emojifier import Emojifier, Prediction
from emojify.sentences import Prose, Sentence, begins_paragraph, sentences, stands_alone
from emojify.text import LONGEST_TEXT

LONGEST_LINE = 1 << 20  # bytes; what is longer is no line that somebody wrote
_LONGEST = 1 << 16  # bytes of a paragraph of more lines than one


class Insertion(NamedTuple):
    """An emoji, and the place in the line's bytes where it was put, behind a blank of its own."""

    place: int
    emoji: str


class Annotated(NamedTuple):
    """A line with its emoji.

    Attributes:
        line: the line as it was given.
        insertions: what was put into it, in order.
        doubts: what to warn of.
    """

    line: bytes
    insertions: list[Insertion]
    doubts: list[str]

    @property
    def result(self) -> bytes:
        """The line with the emoji in it."""
        parts, start = [], 0
        for place, emoji in self.insertions:
            parts += [self.line[start:place], b" ", emoji.encode()]
            start = place
        return b"".join([*parts, self.line[start:]])


class Annotator:
    """Puts an emoji behind every sentence of a text, and changes nothing else.

    A sentence ends with its line at the latest, or with its paragraph, if it is given those of
    :func:`paragraphs` for lines (:func:`emojify.sentences.sentences`). None is put
    behind one that has an emoji, or no word that the model knows; nor into headings, tables and
    code of Markdown (:class:`emojify.sentences.Prose`), lines that are not UTF-8 or have zero
    bytes, and lines of more than :data:`LONGEST_LINE` bytes.

    Args:
        emojifier: the model that answers.
        threshold: how probable an emoji has to be, from 0 to 1.
    """

    def __init__(self, emojifier: Emojifier, threshold: float = 0.0) -> None:
        self._emojifier = emojifier
        self._threshold = threshold
        self._prose = Prose()
        self._mark = codecs.BOM_UTF8  # which only the first line may have
        self._is_too_long = False

    def annotate(self, lines: Sequence[bytes]) -> list[Annotated]:
        """Annotate the next lines of the text, all of it in order, since code goes over lines.

        Args:
            lines: each with the line feed that ends it. A line longer than :data:`LONGEST_LINE`
                may come in pieces, of which the first is longer than that.

        Raises:
            EmojifyError: the threshold is no probability.
        """
        read = [self._read(line) for line in lines]
        texts = [each.text[s.start : s.stop] for each in read for s in each.sentences]
        answers = iter(self._emojifier.predict(texts, threshold=self._threshold))
        return [self._annotated(*pair, answers) for pair in zip(lines, read, strict=True)]

    def _read(self, line: bytes) -> _Read:
        mark, self._mark = self._mark, b""
        start = len(mark) if line.startswith(mark) else 0
        is_rest, self._is_too_long = self._is_too_long, False
        if is_rest or len(line) > LONGEST_LINE:
            self._is_too_long = not line.endswith(b"\n")
            return _Read.refused("" if is_rest else f"a line of more than {LONGEST_LINE:,} bytes")
        try:
            text = line[start:].decode()
        except UnicodeDecodeError:
            return _Read.refused("bytes that are not UTF-8")
        if "\0" in text:
            return _Read.refused("a zero byte")
        found = sentences(text) if self._prose.has(text) else []
        return _Read(start, text, [sentence for sentence in found if not sentence.has_emoji], [])

    def _annotated(self, line: bytes, read: _Read, answers: Iterator[Prediction]) -> Annotated:
        """Take the answers to the line's sentences, and put those that count behind them."""
        annotated = Annotated(line, [], read.doubts)
        place, end = read.start, 0
        for sentence in read.sentences:
            place += len(read.text[end : sentence.stop].encode())
            end = sentence.stop
            answer = next(answers)
            if answer.known_words and answer.emoji:
                annotated.insertions.append(Insertion(place, answer.emoji))
            if answer.truncated:
                annotated.doubts.append(
                    f"found a sentence of {end - sentence.start:,} characters; only its first "
                    f"{LONGEST_TEXT:,} were read"
                )
        return annotated


def paragraphs(batches: Iterable[Sequence[bytes]]) -> Iterator[list[bytes]]:
    """Join the lines of each paragraph, for texts whose lines were wrapped.

    A paragraph ends before a line that is blank or no prose, before the next point of a list, and
    where it is longer than anybody's; then it goes on as another.

    Args:
        batches: lines, each with the line feed that ends it.
    """
    paragraph, is_cut = b"", False
    for lines in batches:
        finished = []
        for line in lines:
            is_piece = is_cut or len(line) > LONGEST_LINE
            is_cut = is_piece and not line.endswith(b"\n")
            text = line.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
            is_alone = is_piece or stands_alone(text) or not {"\ufffd", "\0"}.isdisjoint(text)
            is_long = len(paragraph) + len(line) > _LONGEST
            if paragraph and (is_alone or is_long or begins_paragraph(text)):
                finished.append(paragraph)
                paragraph = b""
            if is_alone:
                finished.append(line)
            else:
                paragraph += line
        yield finished
    if paragraph:
        yield [paragraph]


class _Read(NamedTuple):
    """What is in a line: its text from byte ``start`` on, and the sentences without an emoji."""

    start: int
    text: str
    sentences: list[Sentence]
    doubts: list[str]

    @classmethod
    def refused(cls, found: str) -> _Read:
        """Return a line that stays as it is, and why, if that is still to be said."""
        doubts = [f"found {found}; expected lines of text; it was left as it is"] if found else []
        return cls(0, "", [], doubts)
