"""Where the columns of a file of sentences and their emoji stand."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from emojify.csvfile import DELIMITERS, NAMES, CsvFormat, is_blank
from emojify.errors import EmojifyError
from emojify.tables import LABEL_COLUMNS, TEXT_COLUMNS, Table
from emojify.textfile import Row

_ALSO = "also"


class Layout(NamedTuple):
    """How a file of sentences is laid out, as far as a user says so.

    Attributes:
        kind: ``csv`` or ``jsonl``, or ``None`` to tell them by the end of the file's name.
        text: the name of the column of sentences, or ``None`` for one of the usual names.
        label: the name of the column of emoji, likewise.
    """

    kind: str | None = None
    text: str | None = None
    label: str | None = None


USUAL = Layout()


class Columns(NamedTuple):
    """Where the columns stand; ``also`` is ``None`` where nobody asks for it."""

    text: int | str
    label: int | str
    also: int | str | None = None

    @property
    def width(self) -> int:
        """How many cells a row of CSV needs to have them all."""
        return 1 + max((column for column in self if isinstance(column, int)), default=-1)


def columns_of(table: Table, layout: Layout, with_also: bool) -> Columns | None:
    """Find the columns, or return ``None`` if a CSV file has no header and needs none.

    Raises:
        EmojifyError: there is no such column, or another delimiter stands between them.
    """
    if table.header and layout.text is layout.label is None:
        _require_delimiter(table)
        if not _is_header(table.names):
            return None
    text = table.column(layout.text, TEXT_COLUMNS, "--text-column")
    label = table.column(layout.label, LABEL_COLUMNS, "--label-column")
    has_also = with_also and _ALSO in (name.strip().lower() for name in table.names)
    return Columns(text, label, table.column(_ALSO, (), "") if has_also else None)


def rows_of(table: Table, has_header: bool) -> Iterable[Row]:
    """Return the rows of sentences; of CSV those in which there is something."""
    if table.header is None:
        return table.rest
    rows = table.rest if has_header else chain([table.header], table.rest)
    return (row for row in rows if not is_blank(row.cells))


def _require_delimiter(table: Table) -> None:
    """Refuse a first row that another delimiter cuts into more columns.

    Raises:
        EmojifyError: the row is a single column, or a header if it is cut otherwise.
    """
    row, form = table.names, table.form
    if _is_header(row) or not isinstance(form, CsvFormat):
        return
    whole = form.mark.join(row)
    for other, mark in DELIMITERS.items():
        cut = whole.split(mark)
        if other != form.delimiter and len(cut) > 1 and (len(row) == 1 or _is_header(cut)):
            name = shlex.quote(other)
            raise EmojifyError(
                f"found {len(row)} column{'s' * (len(row) > 1)}; expected a sentence and an emoji; "
                f"it looks {NAMES[other]}-separated, use --delimiter {name}",
                table.source,
                table.header and table.header.line,
            )


def _is_header(row: Sequence[str]) -> bool:
    """Whether a row names a column of sentences and one of emoji."""
    names = {name.strip().lower() for name in row}
    return not (names.isdisjoint(TEXT_COLUMNS) or names.isdisjoint(LABEL_COLUMNS))
