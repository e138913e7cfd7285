"""CSV files of sentences and their emoji."""

from __future__ import annotations

import shlex
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from emojify import resources
from emojify.csvfile import DELIMITERS, NAMES, WHAT, rows_of
from emojify.errors import EmojifyError, EmojifyErrors, EmojifyWarning
from emojify.files import opened, reading
from emojify.labels import read_label
from emojify.repeats import Sightings, count_shared
from emojify.spool import TextSpool
from emojify.text import LONGEST_TEXT

_TEXT_COLUMNS = {"text", "sentence", "tweet", "message", "phrase"}
_LABEL_COLUMNS = {"emoji", "label", "emojis", "class"}
_ALSO_COLUMNS = {"also"}
STDIN = "-"
_LABELS = 4096  # that are remembered, about as many as there are emoji


@dataclass(frozen=True)
class Examples:
    """Labelled sentences.

    Attributes:
        source: what they were read from, as messages name it.
        texts: the sentences.
        emoji: the label of each, a fully qualified emoji.
        also: of each the further emoji that are acceptable answers, or ``None`` if no column says.
        header_line: the line that was taken for a header, or ``None``.
    """

    source: str
    texts: Sequence[str]
    emoji: Sequence[str]
    header_line: int | None = None
    also: Sequence[tuple[str, ...]] | None = None

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self.texts)


def read_examples(
    given: str | Path, numbered: Sequence[str] = (), delimiter: str = ","
) -> Examples:
    """Read a CSV file of two columns, with or without a header.

    The columns are ``text,emoji`` in this order, or wherever a header says they are. A header may
    also name a column ``also``, of further emoji that are acceptable answers, separated by blanks.
    Other columns are passed over. A label is anything that :func:`emojify.labels.read_label` takes.

    Args:
        given: a file, the name of sentences that are shipped, or ``-`` for standard input.
        numbered: the emoji that a number as a label stands for.
        delimiter: what stands between the columns, one of :data:`emojify.csvfile.DELIMITERS`.

    Raises:
        EmojifyError: with the file and the line; for many wrong rows, the first ten and the count.
    """
    return _read(given, numbered, delimiter, list, with_also=True)


def warn_of_learnt(asked: Examples, learnt: Examples) -> None:
    """Warn if sentences that are to show what a model has learnt are among those it learns."""
    shared = count_shared(asked.texts, learnt.texts)
    if shared:
        warnings.warn(
            f"{asked.source}: {shared} of {len(asked)} sentences are also in {learnt.source}, "
            "which is what the model learns; how it answers them says nothing about others",
            EmojifyWarning,
            stacklevel=3,
        )


def spool_examples(
    given: str | Path, numbered: Sequence[str] = (), delimiter: str = ","
) -> Examples:
    """Read as :func:`read_examples` does, in memory that does not grow with the file.

    A column ``also`` is passed over: it says how answers are judged, and nothing to learn.

    Raises:
        EmojifyError: as :func:`read_examples`.
        EnvironmentFault: the temporary folder has no room for the sentences.
    """
    return _read(given, numbered, delimiter, TextSpool, with_also=False)


def _read(
    given: str | Path,
    numbered: Sequence[str],
    delimiter: str,
    keep: Callable[[], list[str] | TextSpool],
    with_also: bool,
) -> Examples:
    if delimiter not in DELIMITERS:
        expected = " or ".join(DELIMITERS)
        raise EmojifyError(f"found the delimiter {delimiter!r}; expected {expected}")
    source = "<stdin>" if str(given) == STDIN else str(given)
    with _opened(given, source) as file:
        rows = rows_of(source, file, DELIMITERS[delimiter])
        first = next(rows, None)
        if first is None:
            raise EmojifyError(f"found no rows; expected {WHAT}", source)
        _require_delimiter(source, *first, delimiter)
        columns = _columns_named_in(first[1])
        if columns and not with_also:
            columns = columns._replace(also=None)
        table = _Table(source, numbered, columns, keep)
        if columns is None:
            table.add(*first)
        for line, row in rows:
            table.add(line, row)
    return table.finish(first[0] if columns else None)


class _Columns(NamedTuple):
    """Where the columns stand, counted from 0; ``also`` is ``None`` where nobody asks for it."""

    text: int
    label: int
    also: int | None = None


class _Table:
    """Rows that were read so far, and what is wrong with the others."""

    def __init__(
        self,
        source: str,
        numbered: Sequence[str],
        named: _Columns | None,
        keep: Callable[[], list[str] | TextSpool],
    ) -> None:
        self._source = source
        self._numbered = numbered
        self._named = named is not None  # by a header
        self._columns = named or _Columns(0, 1)
        self._needed = 1 + max(column for column in self._columns if column is not None)
        self._texts, self._emoji = keep(), keep()
        self._also: list[tuple[str, ...]] = []
        self._label = lru_cache(_LABELS)(partial(read_label, numbered=numbered))
        self._problems: list[EmojifyError] = []  # the first few
        self._wrong = 0
        self._longer = 0
        self._first_longer = 0
        self._sightings = Sightings()
        self._truncated = 0
        self._first_truncated = 0

    def add(self, line: int, row: list[str]) -> None:
        """Take a row, or note what is wrong with it."""
        try:
            text, emoji, also = self._read(row)
        except ValueError as problem:
            hint = "; if this is a header, name its columns text,emoji" * (
                line == 1 and len(row) > 1
            )
            if self._wrong < EmojifyErrors.shown:
                self._problems.append(EmojifyError(f"{problem}{hint}", self._source, line))
            self._wrong += 1
            return
        if len(row) > 2 and not self._named:
            self._first_longer = self._first_longer or line
            self._longer += 1
        if len(text) > LONGEST_TEXT:
            self._first_truncated = self._first_truncated or line
            self._truncated += 1
        self._sightings.add(text, emoji, line)
        self._texts.append(text)
        self._emoji.append(emoji)
        if self._columns.also is not None:
            self._also.append(also)

    def finish(self, header_line: int | None) -> Examples:
        """Return the examples, or raise if a row was wrong."""
        if self._wrong:
            raise EmojifyErrors.of(self._problems, self._wrong, "rows are wrong")
        if not self._texts:
            raise EmojifyError(f"found a header and no rows; expected {WHAT}", self._source)
        if self._longer:
            self._warn(
                f"{self._longer} rows have more than two columns "
                f"(the first is line {self._first_longer}); the others were passed over"
            )
        if self._truncated:
            self._warn(
                f"of {self._truncated} sentences only the first {LONGEST_TEXT:,} characters are "
                f"read (the first is line {self._first_truncated})"
            )
        contradictory, places = self._sightings.contradictions()
        if contradictory:
            lines = ", ".join(f"{a} and {b}" for a, b in places)
            lines += ", …" if contradictory > len(places) else ""
            self._warn(
                f"{contradictory} sentences have more than one emoji (lines {lines}); "
                "only one of them can be answered"
            )
        also = None if self._columns.also is None else self._also
        return Examples(self._source, self._texts, self._emoji, header_line, also)

    def _warn(self, what: str) -> None:
        warnings.warn(f"{self._source}: {what}", EmojifyWarning, stacklevel=5)

    def _read(self, row: list[str]) -> tuple[str, str, tuple[str, ...]]:
        if len(row) < self._needed:
            columns = f"{len(row)} column" + "s" * (len(row) != 1)
            in_header = f"{self._needed} as in the header"
            expected = in_header if self._named else "a sentence and an emoji"
            raise ValueError(f"found {columns}; expected {expected}")
        at = self._columns
        text, label = row[at.text].strip(), row[at.label].strip()
        if not text:
            raise ValueError("found an empty sentence; expected text and its emoji")
        also = "" if at.also is None else row[at.also]
        try:
            emoji = self._label(label)
        except ValueError as found:
            raise ValueError(f"found {found}; expected {self._allowed()}") from None
        try:
            return text, emoji, tuple(map(self._label, also.split()))
        except ValueError as found:
            raise ValueError(
                f"found {found} in the column also; expected emoji or their names, separated by "
                "blanks, or nothing"
            ) from None

    def _allowed(self) -> str:
        """Describe the labels that would have been right."""
        if not self._numbered:
            return "one emoji or its name, such as :pizza:; for numbers, list data.labels"
        numbered = ", ".join(f"{i} {emoji}" for i, emoji in enumerate(self._numbered))
        return f"one emoji, its name such as :pizza:, or a number ({numbered})"


@contextmanager
def _opened(given: str | Path, source: str) -> Iterator[BinaryIO]:
    if str(given) == STDIN:
        if sys.stdin is None:
            raise EmojifyError(f"standard input is closed; expected {WHAT}", source)
        with reading(source, WHAT):
            yield sys.stdin.buffer
    else:
        with opened(resources.locate("datasets", str(given)), WHAT) as file:
            yield file


def _require_delimiter(source: str, line: int, row: list[str], delimiter: str) -> None:
    """Refuse a first row that another delimiter cuts into more columns.

    Raises:
        EmojifyError: the row is a single column, or a header if it is cut otherwise.
    """
    if _columns_named_in(row):
        return
    whole = DELIMITERS[delimiter].join(row)
    for other, mark in DELIMITERS.items():
        cut = whole.split(mark)
        if other != delimiter and len(cut) > 1 and (len(row) == 1 or _columns_named_in(cut)):
            name = shlex.quote(other)
            raise EmojifyError(
                f"found {len(row)} column{'s' * (len(row) > 1)}; expected a sentence and an emoji; "
                f"it looks {NAMES[other]}-separated, use --delimiter {name}",
                source,
                line,
            )


def _columns_named_in(row: list[str]) -> _Columns | None:
    """Return where the columns stand if a row is a header."""
    names = [name.strip().lower() for name in row]
    text, label, also = (
        next((i for i, name in enumerate(names) if name in usual), None)
        for usual in (_TEXT_COLUMNS, _LABEL_COLUMNS, _ALSO_COLUMNS)
    )
    return None if text is None or label is None else _Columns(text, label, also)
