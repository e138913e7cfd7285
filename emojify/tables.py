"""Tables whose rows are kept as they stand, and get further columns."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Collection, Iterator, Set
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TypeAlias

from emojify.csvfile import DELIMITERS, NAMES, CsvFormat, is_blank
from emojify.errors import EmojifyError, excerpt, printable
from emojify.jsonfile import JsonFormat
from emojify.textfile import Lines, Row

Format: TypeAlias = CsvFormat | JsonFormat
FORMATS = ("csv", "jsonl")
TEXT_COLUMNS = ("text", "sentence", "tweet", "message", "phrase")
LABEL_COLUMNS = ("emoji", "label", "emojis", "class")
_ENDINGS = {".jsonl", ".ndjson"}
_SHOWN = 20  # columns that a message names
_SAMPLE = 100  # objects that are looked at to know what columns there are


def format_of(given: str, kind: str | None, delimiter: str, example: str) -> Format:
    """Tell the format of a table: ``kind`` if a user names it, or else by the end of its name.

    Raises:
        EmojifyError: no such delimiter, or one for JSON Lines.
    """
    if kind == "jsonl" or (kind is None and Path(given).suffix.lower() in _ENDINGS):
        if delimiter != ",":
            raise EmojifyError(
                f"found the delimiter {delimiter!r} for JSON Lines; expected it with CSV; remove it"
            )
        return JsonFormat()
    return CsvFormat(delimiter, example)


class Table:
    """A table that is read row by row.

    Args:
        source: what messages call the file.
        file: what is read, UTF-8.
        what: what messages say that the file should be.
        form: how it is written.
        keep: whether the rows are wanted as they stand, to be written again.

    Attributes:
        source: as given.
        form: as given.
        header: the first row of a CSV file, whether or not it names columns; ``None`` of JSON.
        names: the cells of that row; of JSON the names in the first hundred objects.
        rest: the rows that are still to come, not looked at.

    Raises:
        EmojifyError: there are no rows; and from the iterators what their format raises.
    """

    def __init__(
        self, source: str, file: BinaryIO, what: str, form: Format, keep: bool = True
    ) -> None:
        self.source = source
        self.form = form
        self.header: Row | None = None
        self._lines = Lines(source, file, what, form.newline)
        self.rest = form.rows(self._lines, keep)
        if isinstance(form, CsvFormat):
            self.header = next((row for row in self.rest if not is_blank(row.cells)), None)
            self.names: list[str] = self.header.cells if self.header else []
        else:
            sample = list(islice(self.rest, _SAMPLE))
            self.names = list(dict.fromkeys(chain.from_iterable(row.cells for row in sample)))
            self.rest = chain(sample, self.rest)
        if not self.names:
            raise EmojifyError(f"found no rows; expected {what}", source)

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows below the header.

        Raises:
            EmojifyError: a row of CSV has other columns than the header.
        """
        if self.header is None:
            yield from self.rest
            return
        for row in self.rest:
            cells = row.cells or [""]  # an empty line, which may be an empty cell
            if len(cells) == len(self.names) or not is_blank(cells):
                row = row._replace(cells=cells)
                self.require_whole(row)
                yield row

    def require_whole(self, row: Row) -> None:
        """Refuse a row of CSV that has other columns than the first, or the header.

        Raises:
            EmojifyError: with its line.
        """
        if self.header and len(row.cells) != len(self.names):
            columns = f"{len(row.cells)} column" + "s" * (len(row.cells) != 1)
            raise EmojifyError(
                f"found {columns}; expected {len(self.names)} as in line {self.header.line}",
                self.source,
                row.line,
            )

    def column(self, wanted: str | None, usual: Collection[str], option: str) -> int | str:
        """Find a column, and return what :meth:`cell` knows it by.

        Args:
            wanted: its name, or ``None`` if it has one of the usual names.
            usual: these names, in lower case.
            option: what a user names a column with.

        Raises:
            EmojifyError: there is no such column.
        """
        plain = [name.strip().lower() for name in self.names]
        if wanted in self.names:
            found = self.names.index(wanted)
        elif wanted is not None and wanted.strip().lower() in plain:
            found = plain.index(wanted.strip().lower())
        else:
            found = next((i for i, name in enumerate(plain) if name in usual), -1)
            if found < 0 or wanted is not None:
                raise EmojifyError(
                    self._no_column(wanted, usual, option), self.source, self._first_line
                )
        return self.names[found] if self.header is None else found

    def cell(self, column: int | str) -> Callable[[Row], str]:
        """Return what reads a column: the text in a row, without the blanks around it.

        Of an object that has no such name, or ``null``, it is empty. Several texts in a list are
        one, with blanks between them. Anything else that is no text is an :class:`EmojifyError`.
        """
        if self.header:
            return lambda row: row.cells[column].strip()
        return lambda row: self._member(row, column)

    def _member(self, row: Row, name: int | str) -> str:
        member = row.cells.get(name)
        if member is None:
            return ""
        texts = member if isinstance(member, list) else [member]
        if all(isinstance(text, str) for text in texts):
            return " ".join(texts).strip()
        raise EmojifyError(
            f"found {excerpt(member)} in the column {excerpt(name)}; expected a text",
            self.source,
            row.line,
        )

    def require_new(self, names: Collection[str], row: Row, remedy: str = "rename it") -> None:
        """Refuse columns that are to be added and are there already.

        Args:
            names: what the columns will be called.
            row: the header, or any row of JSON Lines.
            remedy: what to do about it.

        Raises:
            EmojifyError: with the first of them.
        """
        for name in names:
            if name in row.cells:
                raise EmojifyError(
                    f"found a column {name!r}; expected none, because one is added; {remedy}",
                    self.source,
                    row.line,
                )

    def head(self, names: Collection[str], has_header: bool = True) -> str:
        """Return what stands before the rows: the byte order mark, and a header with new names."""
        if not self.header or not has_header:
            return self._lines.mark
        further = self.form.written({name: name for name in names})
        return self._lines.mark + self.form.extended(self.header, further)

    @property
    def _first_line(self) -> int | None:
        return None if self.header is None else self.header.line

    def _no_column(self, wanted: str | None, usual: Collection[str], option: str) -> str:
        there = ", ".join(map(printable, self.names[:_SHOWN])) + ", …" * (len(self.names) > _SHOWN)
        otherwise = self._looks_otherwise({wanted} if wanted else set(usual))
        if wanted is None:
            return (
                f"found the columns {there}; expected one of {', '.join(usual)}; "
                f"name yours with {option}{otherwise}"
            )
        close = difflib.get_close_matches(wanted, self.names, 1, 0.5)
        hint = otherwise or "".join(f"; did you mean {name!r}?" for name in close)
        return f"found no column {wanted!r}; expected one of {there}{hint}"

    def _looks_otherwise(self, expected: Set[str]) -> str:
        """Say if the header of a CSV file would have the column if it were read in another way."""
        if not isinstance(self.form, CsvFormat) or self.header is None:
            return ""
        if self._lines.first.startswith("{"):
            return "; it looks like JSON Lines, use --format jsonl"
        for other, mark in DELIMITERS.items():
            cut = [name.strip(' "\r\n').lower() for name in self._lines.first.split(mark)]
            if other != self.form.delimiter and len(cut) > 1 and not expected.isdisjoint(cut):
                return f"; it looks {NAMES[other]}-separated, use --delimiter {shlex.quote(other)}"
        return ""
