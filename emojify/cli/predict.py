"""``emojify predict``."""

from __future__ import annotations

import codecs
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import Any, cast

import click

from emojify.cli.answers import CSV_HEADER, EMPTY, Answers, Form, answer, answer_together
from emojify.cli.shared import (
    delimiter_option,
    emit,
    force_option,
    format_option,
    in_colour,
    json_option,
    model_option,
    output_option,
    require_apart,
    tell,
    text_column_option,
    threshold_option,
)
from emojify.errors import EmojifyError, EmojifyWarning
from emojify.files import reading

_BLOCK = 1 << 18  # bytes of standard input that are read at once
_LONGEST_LINE = 1 << 20  # bytes of a line that are kept, many more than are read of a text
_LINES = 4096  # that are answered at once: a block of short lines has tens of thousands


@click.command("predict")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@model_option
@click.option(
    "-k",
    "--top-k",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show the N most likely emoji with their probabilities.",
)
@threshold_option
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: text,emoji,probability.")
@click.option(
    "--explain", is_flag=True, help="Show what each word did for the answer, or against it."
)
@click.option("--steps", is_flag=True, help="Show the answer after each word.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    default=1,
    help="Answer lines or rows in N processes; the answers stay in order.",
)
@click.option(
    "--table",
    metavar="FILE",
    help="Answer the rows of a table, CSV with a header or JSON Lines; - is standard input.",
)
@format_option
@text_column_option
@delimiter_option
@output_option
@force_option
def command(
    texts: tuple[str, ...],
    model: str,
    top_k: int | None,
    threshold: float,
    as_json: bool,
    as_csv: bool,
    explain: bool,
    steps: bool,
    jobs: int,
    table: str | None,
    **of_table: Any,
) -> None:
    """Answer each TEXT with an emoji.

    Without a TEXT, or with -, every line of standard input is a sentence; there is exactly one
    line of output for each line of input, except with --explain and --steps. With
    --table, every row of a table is written as it stands, with the columns emoji and probability
    behind its own.

    --explain gives two numbers for each word, in nats of the answer's log-probability, positive
    for what speaks for the answer: its gradient times its vector, and how much is lost when the
    word is left out.

    \b
    emojify predict "I love you"
    emojify predict -k 3 "the soup was cold" "we won"
    emojify predict --threshold 0.5 "maybe" "congratulations, you won"
    emojify predict --json < lines.txt
    emojify predict --csv < lines.txt > answers.csv
    emojify predict --explain "the joke was not funny"
    emojify predict --steps "not feeling happy"
    emojify predict -j 4 < millions.txt
    emojify predict --table chat.csv --text-column body -o answered.csv
    emojify predict -- "-_- not again"
    """
    from emojify.emojifier import Emojifier

    others = texts or as_json or as_csv or explain or steps or top_k is not None
    _require_fitting(table, of_table, bool(others))
    for option, excluded, clash in (
        ("--csv", "--json nor -k", as_csv and (as_json or top_k is not None)),
        ("--explain", "--csv nor --steps", explain and (as_csv or steps)),
        ("--steps", "--csv nor -k", steps and (as_csv or top_k is not None)),
    ):
        if clash:
            raise click.UsageError(
                f"{option} goes with neither {excluded}", click.get_current_context()
            )
    emojifier = Emojifier.load(model)

    def answer_all(form: Form, batches: Iterable[tuple[int, list[str]]]) -> Iterator[Answers]:
        if jobs > 1:
            return answer_together(jobs, model, form, batches)
        return (answer(emojifier, form, first, batch) for first, batch in batches)

    if table is not None:
        from emojify.cli.table import Request, answer_table  # which few need

        answer_table(Request(table, threshold, **of_table), answer_all)
        return
    detail = "explain" if explain else "steps" if steps else None
    kind = "csv" if as_csv else "json" if as_json else "text"
    form = Form(kind, top_k, threshold, detail, in_colour())
    if texts in ((), ("-",)):
        batches = _numbered(_batches_of_stdin())
    else:
        decoded = [_decoded_argument(text) for text in texts]
        if len(decoded) == 1 and not decoded[0].strip():
            raise EmojifyError(EMPTY)
        batches, jobs = iter([(1, decoded)]), 1
    header = [CSV_HEADER] * as_csv
    for lines, doubts in answer_all(form, batches):
        for number, doubt in doubts:
            warnings.warn(f"sentence {number}: {doubt}", EmojifyWarning, stacklevel=2)
        emit("\n".join([*header, *lines]))
        header = []
    if header:
        emit(CSV_HEADER)


def _require_fitting(table: str | None, of_table: dict[str, Any], has_others: bool) -> None:
    """Refuse options of tables without a table, and others with one."""
    given = [name for name, value in of_table.items() if value not in (None, False)]
    if table is None and given:
        option = "--format" if given[0] == "kind" else "--" + given[0].replace("_", "-")
        problem = f"{option} goes with --table FILE"
    elif table is not None and has_others:
        problem = "--table goes with neither a TEXT nor -k, --json, --csv, --explain or --steps"
    else:
        return
    raise click.UsageError(problem, click.get_current_context())


def _numbered(batches: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield each batch with the number of its first sentence in the whole input."""
    first = 1
    for batch in batches:
        yield first, batch
        first += len(batch)


def _decoded_argument(text: str) -> str:
    """Read an argument as UTF-8, whatever Python took it for under this locale."""
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeError:
        raise EmojifyError(
            f"found an argument that is not UTF-8: {text}; expected text; check its encoding"
        ) from None


def _batches_of_stdin() -> Iterator[list[str]]:
    """Yield the lines of standard input, those at once that are there at once."""
    if sys.stdin is None:
        raise EmojifyError("standard input is closed; expected sentences; give a TEXT instead")
    if sys.stdin.isatty():
        tell("reading sentences, one per line; end with Ctrl-D")
    require_apart(sys.stdin.buffer, "<stdin>")
    mark, rest = codecs.BOM_UTF8, b""
    while block := _read_from_stdin():
        *lines, rest = (rest + block).split(b"\n")
        if lines and mark:
            lines[0], mark = lines[0].removeprefix(mark), b""
        rest = rest[:_LONGEST_LINE]
        for start in range(0, len(lines), _LINES):
            yield [_decoded_line(line) for line in lines[start : start + _LINES]]
    if rest := rest.removeprefix(mark):
        yield [_decoded_line(rest)]


def _read_from_stdin() -> bytes:
    """Return what is there, at least a byte but at the end."""
    with reading("<stdin>", "sentences"):
        return cast("BufferedReader", sys.stdin.buffer).read1(_BLOCK)


def _decoded_line(line: bytes) -> str:
    text = line.removesuffix(b"\r").decode("utf-8", "surrogateescape")
    return text[: _LONGEST_LINE // 4]  # so that no character is cut where the bytes were
