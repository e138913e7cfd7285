"""Tables of comma-separated values."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emojify.errors import EmojifyError
from emojify.textfile import Lines, Row

DELIMITERS = {",": ",", ";": ";", "|": "|", "tab": "\t"}  # as a user writes them
NAMES = {",": "comma", ";": "semicolon", "|": "bar", "tab": "tab"}


@dataclass(frozen=True)
class CsvFormat:
    """How a CSV file is read, and how its rows are written with further cells.

    Attributes:
        delimiter: what stands between the columns, one of :data:`DELIMITERS`.
        example: what messages say that a row should be.

    Raises:
        EmojifyError: no such delimiter.
    """

    delimiter: str = ","
    example: str = "text,emoji"
    newline = ""

    def __post_init__(self) -> None:
        if self.delimiter not in DELIMITERS:
            expected = " or ".join(DELIMITERS)
            raise EmojifyError(f"found the delimiter {self.delimiter!r}; expected {expected}")

    @property
    def mark(self) -> str:
        """The delimiter as it stands in the file."""
        return DELIMITERS[self.delimiter]

    def rows(self, lines: Lines, keep: bool) -> Iterator[Row]:
        """Yield the rows; an empty line is one without cells.

        Args:
            lines: of the file.
            keep: whether the rows are wanted as they stand there, which takes longer.

        Raises:
            EmojifyError: it is not text, or not CSV, with the line or the offset.
        """
        taken: list[str] = []  # the lines of the row that is being read
        source = _noting(lines, taken) if keep else lines
        reader = csv.reader(source, delimiter=self.mark, strict=True)
        line, raw, end = 1, "", ""
        try:
            for cells in reader:
                if keep:
                    whole = "".join(taken)
                    taken.clear()
                    raw = whole.rstrip("\r\n")
                    end = whole[len(raw) :]
                yield Row(line, raw, end, cells)
                line = reader.line_num + 1
        except csv.Error as error:
            problem = self._problem(str(error))
            if lines.first.startswith("{"):
                problem += "; if this is JSON Lines, use --format jsonl"
            raise EmojifyError(problem, lines.source, line) from None

    def extended(self, row: Row, further: str) -> str:
        """Return a row as it stands, with the cells that :meth:`written` wrote behind it."""
        return row.raw + self.mark + further + (row.end or "\n")

    def written(self, values: Mapping[str, str | float | None]) -> str:
        """Write the cells of new columns; ``None`` is an empty one.

        They are emoji, probabilities and plain names, in which there is nothing to quote.
        """
        return self.mark.join(map(_cell, values.values()))

    def _problem(self, reason: str) -> str:
        remedy = "double a quote that belongs to the text"
        if "end of data" in reason:
            return (
                "found a quote that is never closed; expected it to be closed in the same row; "
                + remedy
            )
        if "field limit" in reason:
            most = f"{csv.field_size_limit():,}"
            return (
                f"found a field of more than {most} characters; expected a sentence; "
                f"look for a quote that is never closed, and {remedy}"
            )
        return f"found a row that is not CSV ({reason}); expected {self.example}; {remedy}"


def is_blank(cells: Sequence[str]) -> bool:
    """Whether there is nothing in a row but blanks."""
    return not any(map(str.strip, cells))


def _cell(value: str | float | None) -> str:
    if isinstance(value, float):
        return f"{value:.6f}"
    return value or ""


def _noting(lines: Lines, taken: list[str]) -> Iterator[str]:
    """Yield lines, and note them for who wants to know what they were."""
    for line in lines:
        taken.append(line)
        yield line
