"""``emojify predict --table``: the rows of a table, each with its emoji behind it."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from emojify.cli.answers import Answers, Form
from emojify.cli.shared import outlet, require_apart
from emojify.errors import EmojifyWarning
from emojify.files import STDIN, opened, opened_stdin, require_writable

if TYPE_CHECKING:
    from emojify.tables import Table
    from emojify.textfile import Row

NEW = ("emoji", "probability")  # columns
COMPARE = "rename it, or use emojify eval to compare answers with it"
_ROWS = 4096  # that are answered at once
_CHARACTERS = 1 << 22  # of rows that are answered at once, if they are long

Batch = tuple[int, list[str]]
AnswerAll = Callable[[Form, Iterable[Batch]], Iterator[Answers]]


class Request(NamedTuple):
    """A table to answer, and where to: the options of the command line."""

    given: str
    threshold: float
    kind: str | None
    text_column: str | None
    delimiter: str | None
    output: Path | None
    force: bool


def answer_table(request: Request, answer_all: AnswerAll) -> None:
    """Write every row of a table, as it stands and in order, with its answer behind it.

    Args:
        request: the table.
        answer_all: answers batches of texts in the given form, in their order.

    Raises:
        EmojifyError: what is wrong with the table, or with one of its rows.
        EnvironmentFault: the output cannot be written.
    """
    from emojify.csvfile import CsvFormat
    from emojify.tables import TEXT_COLUMNS, Table, format_of

    delimiter = "," if request.delimiter is None else request.delimiter
    form = format_of(request.given, request.kind, delimiter, "a row like the header")
    kind = "CSV" if isinstance(form, CsvFormat) else "JSON Lines"
    what = f"a {kind} file with a column of sentences"
    output = None if request.output == Path(STDIN) else request.output  # - is standard output
    if output:
        require_writable(output, request.force, [Path(request.given)])
    source = "<stdin>" if request.given == STDIN else request.given
    with _opened(request.given, what) as file:
        if output is None:
            require_apart(file, source)
        table = Table(source, file, what, form)
        column = table.column(request.text_column, TEXT_COLUMNS, "--text-column")
        if table.header:
            table.require_new(NEW, table.header, COMPARE)
        written = Form("table", None, request.threshold, table=form)
        waiting: deque[list[Row]] = deque()  # batches whose answers are to come
        with outlet(output, request.force) as write:
            write(table.head(NEW).encode())
            batches = _texts(_batches(table), table.cell(column), waiting)
            for lines, doubts in answer_all(written, batches):
                rows = waiting.popleft()
                for number, doubt in doubts:
                    place = f"{table.source}:{rows[number].line}"
                    warnings.warn(f"{place}: {doubt}", EmojifyWarning, stacklevel=2)
                write("".join(map(form.extended, rows, lines)).encode())


def _opened(given: str, what: str) -> AbstractContextManager[BinaryIO]:
    return opened_stdin(what) if given == STDIN else opened(Path(given), what)


def _batches(table: Table) -> Iterator[list[Row]]:
    """Yield the rows, so many at once that they are worth it and fit into memory."""
    batch: list[Row] = []
    size = 0
    for row in table:
        if not table.header:
            table.require_new(NEW, row, COMPARE)
        batch.append(row)
        size += len(row.raw)
        if len(batch) == _ROWS or size > _CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _texts(
    batches: Iterable[list[Row]], cell: Callable[[Row], str], waiting: deque[list[Row]]
) -> Iterator[Batch]:
    """Yield the texts of batches of rows, and keep the rows for when they are answered."""
    for rows in batches:
        waiting.append(rows)
        yield 0, list(map(cell, rows))
