"""Files of sentences and their emoji, CSV or JSON Lines."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from emojify import resources
from emojify.csvfile import CsvFormat
from emojify.errors import EmojifyError, EmojifyErrors, EmojifyWarning
from emojify.files import STDIN, opened, opened_stdin
from emojify.labels import SeveralEmoji, read_label, read_line
from emojify.layout import USUAL, Columns, Layout, columns_of, rows_of
from emojify.repeats import Sightings, count_shared
from emojify.spool import TextSpool
from emojify.tables import Table, format_of
from emojify.text import LONGEST_TEXT
from emojify.textfile import Row

WHAT = "a CSV file with a sentence and an emoji in every row"
WHAT_JSON = "a JSON Lines file with a sentence and an emoji in every line"
_FOR_LINES = "lines of emoji are learnt with -c caption-gru, and evaluated with -m caption"
_LABELS = 4096  # that are remembered, about as many as there are emoji


@dataclass(frozen=True)
class Examples:
    """Labelled sentences.

    Attributes:
        source: what they were read from, as messages name it.
        texts: the sentences.
        emoji: the answer to each, a fully qualified emoji or a line of them, separated by blanks.
        header_line: the line that was taken for a header, or ``None``.
        also: of each the further emoji that are acceptable answers, or ``None`` if no column says.
        table: what they were read from, or ``None`` if they were made by hand.
        rows: the row of each as it stands there, if that was asked for.
    """

    source: str
    texts: Sequence[str]
    emoji: Sequence[str]
    header_line: int | None = None
    also: Sequence[tuple[str, ...]] | None = None
    table: Table | None = field(default=None, compare=False)
    rows: Sequence[Row] = ()

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self.texts)


def read_examples(
    given: str | Path,
    numbered: Sequence[str] = (),
    delimiter: str = ",",
    layout: Layout = USUAL,
    keep_rows: bool = False,
    lines: bool = False,
) -> Examples:
    """Read a file of two columns, CSV with or without a header, or JSON Lines.

    The columns are ``text,emoji`` in this order, or wherever a header says they are. A header may
    also name a column ``also``, of further emoji that are acceptable answers, separated by blanks.
    Other columns are passed over. A label is anything that :func:`emojify.labels.read_label` takes;
    of lines, anything that :func:`emojify.labels.read_line` does.

    Args:
        given: a file, the name of sentences that are shipped, or ``-`` for standard input.
        numbered: the emoji that a number as a label stands for.
        delimiter: what stands between the columns of CSV, one of
            :data:`emojify.csvfile.DELIMITERS`.
        layout: how else the file is laid out.
        keep_rows: whether the rows are wanted as they stand in the file.
        lines: whether a sentence has a line of emoji, and not a single one; there is no ``also``.

    Raises:
        EmojifyError: with the file and the line; for many wrong rows, the first ten and the count.
    """
    form = _Form(list, numbered, keep_rows, with_also=not lines, lines=lines)
    return _read(given, delimiter, layout, form)


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
    given: str | Path,
    numbered: Sequence[str] = (),
    delimiter: str = ",",
    lines: bool = False,
) -> Examples:
    """Read as :func:`read_examples` does, in memory that does not grow with the file.

    A column ``also`` is passed over: it says how answers are judged, and nothing to learn.

    Raises:
        EmojifyError: as :func:`read_examples`.
        EnvironmentFault: the temporary folder has no room for the sentences.
    """
    form = _Form(TextSpool, numbered, keep_rows=False, with_also=False, lines=lines)
    return _read(given, delimiter, USUAL, form)


class _Form(NamedTuple):
    """What is wanted of a file, and how it is kept."""

    keep: Callable[[], list[str] | TextSpool]
    numbered: Sequence[str]
    keep_rows: bool
    with_also: bool
    lines: bool


def _read(given: str | Path, delimiter: str, layout: Layout, wanted: _Form) -> Examples:
    form = format_of(str(given), layout.kind, delimiter, "text,emoji")
    what = WHAT if isinstance(form, CsvFormat) else WHAT_JSON
    source = "<stdin>" if str(given) == STDIN else str(given)
    with _opened(given, what) as file:
        table = Table(source, file, what, form, wanted.keep_rows)
        columns = columns_of(table, layout, wanted.with_also)
        reader = _Reader(table, columns, wanted)
        for row in rows_of(table, columns is not None):
            reader.add(row)
    return reader.finish()


class _Reader:
    """Rows that were read so far, and what is wrong with the others."""

    def __init__(self, table: Table, named: Columns | None, wanted: _Form) -> None:
        self._table = table
        self._source = table.source
        self._numbered, self._lines = wanted.numbered, wanted.lines
        self._named = named is not None  # by a header, or by the names in an object
        self._columns = named or Columns(0, 1)
        self._width = self._columns.width
        self._text_of = table.cell(self._columns.text)
        self._label_of = table.cell(self._columns.label)
        self._also_of = None if self._columns.also is None else table.cell(self._columns.also)
        self._texts, self._emoji = wanted.keep(), wanted.keep()
        self._also: list[tuple[str, ...]] = []
        self._rows: list[Row] | None = [] if wanted.keep_rows else None
        read = read_line if wanted.lines else read_label
        self._label = lru_cache(_LABELS)(partial(read, numbered=wanted.numbered))
        self._problems: list[EmojifyError] = []  # the first few
        self._wrong = 0
        self._longer = 0
        self._first_longer = 0
        self._sightings = Sightings()
        self._truncated = 0
        self._first_truncated = 0

    def add(self, row: Row) -> None:
        """Take a row, or note what is wrong with it."""
        line, width = row.line, len(row.cells)
        try:
            text, emoji, also = self._read(row)
        except ValueError as problem:
            hint = "; if this is a header, name its columns text,emoji" * (
                line == 1 and width > 1 and not self._named
            )
            if self._wrong < EmojifyErrors.shown:
                self._problems.append(EmojifyError(f"{problem}{hint}", self._source, line))
            self._wrong += 1
            return
        if width > 2 and not self._named:
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
        if self._rows is not None:
            self._rows.append(row)

    def finish(self) -> Examples:
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
            what = "line of emoji" if self._lines else "emoji"
            lines = ", ".join(f"{a} and {b}" for a, b in places)
            lines += ", …" if contradictory > len(places) else ""
            self._warn(
                f"{contradictory} sentences have more than one {what} (lines {lines}); "
                "only one of them can be answered"
            )
        also = None if self._columns.also is None else self._also
        header = self._table.header if self._named else None
        return Examples(
            self._source,
            self._texts,
            self._emoji,
            header and header.line,
            also,
            self._table,
            self._rows or (),
        )

    def _warn(self, what: str) -> None:
        warnings.warn(f"{self._source}: {what}", EmojifyWarning, stacklevel=5)

    def _read(self, row: Row) -> tuple[str, str, tuple[str, ...]]:
        if len(row.cells) < self._width:
            columns = f"{len(row.cells)} column" + "s" * (len(row.cells) != 1)
            in_header = f"{self._width} as in the header"
            expected = in_header if self._named else "a sentence and an emoji"
            raise ValueError(f"found {columns}; expected {expected}")
        text, label = self._text_of(row), self._label_of(row)
        if not text:
            raise ValueError("found an empty sentence; expected text and its emoji")
        also = self._also_of(row) if self._also_of else ""
        try:
            emoji = self._label(label)
        except SeveralEmoji as found:
            raise ValueError(f"found {found}; expected one emoji; {_FOR_LINES}") from None
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
        numbered = ", ".join(f"{i} {emoji}" for i, emoji in enumerate(self._numbered))
        if self._lines:
            line = "emoji or their names, such as 🍕🐶 or :pizza: :dog:"
            more = f", or numbers ({numbered})" if numbered else "; for numbers, list data.labels"
            return line + more
        if not numbered:
            return "one emoji or its name, such as :pizza:; for numbers, list data.labels"
        return f"one emoji, its name such as :pizza:, or a number ({numbered})"


def _opened(given: str | Path, what: str) -> AbstractContextManager[BinaryIO]:
    if str(given) == STDIN:
        return opened_stdin(what)
    return opened(resources.locate("datasets", str(given)), what)
