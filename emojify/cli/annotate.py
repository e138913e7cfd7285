"""``emojify annotate``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from emojify.cli.shared import model_option, outlet, require_apart, tell, threshold_option
from emojify.errors import EmojifyError, EmojifyWarning
from emojify.files import opened, reading, require_writable

if TYPE_CHECKING:
    from emojify.annotation import Annotated

_BLOCK = 1 << 18  # bytes that are read at once
_LINES = 4096  # that are answered at once
_SHOWN = 10  # warnings
_TEXT = "a text"


@click.command("annotate")
@click.argument("file", metavar="[FILE|-]", default="-")
@model_option
@threshold_option
@click.option(
    "--wrapped",
    is_flag=True,
    help="A sentence may go on in the next line; paragraphs end with a blank one.",
)
@click.option("-o", "--output", metavar="FILE", help="Default: standard output.")
@click.option("-f", "--force", is_flag=True, help="Replace the output file if it exists.")
def command(
    file: str, model: str, threshold: float, wrapped: bool, output: str | None, force: bool
) -> None:
    """Put an emoji behind every sentence of a text, and change nothing else.

    The text is a file, or standard input, which is answered line by line as it comes. A sentence
    ends with its line at the latest; with --wrapped, with its paragraph. Sentences that have an
    emoji already get no other, and those without a word that the model knows get none; nor do
    headings, tables, front matter and fenced code of Markdown.

    \b
    emojify annotate letter.txt
    emojify annotate letter.txt -o letter-with-emoji.txt --threshold 0.5
    echo "We won! I am so happy." | emojify annotate
    """
    from emojify.annotation import Annotator, paragraphs
    from emojify.emojifier import Emojifier

    source = None if file == "-" else Path(file)
    target = None if output is None or output == "-" else Path(output)
    if target:
        require_writable(target, force, [source] if source else [])
    annotator = Annotator(Emojifier.load(model), threshold)
    report = _Report("<stdin>" if source is None else file)
    with _reader_of(source) as stream, outlet(target, force) as write:
        if target is None:
            require_apart(stream, report.source)
        lines_at_once = _lines(stream, report.source)
        for lines in paragraphs(lines_at_once) if wrapped else lines_at_once:
            annotated = annotator.annotate(lines)
            report.add(annotated)
            write(b"".join(line.result for line in annotated))
    report.finish()


class _Report:
    """Warns of the first few lines that there is something to say of, and counts the others."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._line = 1
        self._count = 0

    def add(self, annotated: list[Annotated]) -> None:
        for line, _, doubts in annotated:
            for doubt in doubts:
                self._count += 1
                if self._count <= _SHOWN:
                    self._warn(f"{self.source}:{self._line}: {doubt}")
            self._line += line.count(b"\n")

    def finish(self) -> None:
        if self._count > _SHOWN:
            self._warn(f"{self.source}: {self._count:,} warnings in all; the first ten are shown")

    def _warn(self, text: str) -> None:
        warnings.warn(text, EmojifyWarning, stacklevel=3)


@contextmanager
def _reader_of(source: Path | None) -> Iterator[BufferedReader]:
    if source is not None:
        with opened(source, _TEXT) as file:
            yield file
        return
    if sys.stdin is None:
        raise EmojifyError(f"standard input is closed; expected {_TEXT}; name a FILE instead")
    if sys.stdin.isatty():
        tell("reading a text; end with Ctrl-D")
    yield cast("BufferedReader", sys.stdin.buffer)


def _lines(stream: BufferedReader, source: str) -> Iterator[list[bytes]]:
    """Yield lines with their ends, those at once that are there at once.

    Of a line that is too long a part is yielded before its end is known.
    """
    from emojify.annotation import LONGEST_LINE

    rest = b""
    while block := _read(stream, source):
        *lines, rest = (rest + block).split(b"\n")
        for start in range(0, len(lines), _LINES):
            yield [line + b"\n" for line in lines[start : start + _LINES]]
        if len(rest) > LONGEST_LINE:
            yield [rest]
            rest = b""
    if rest:
        yield [rest]


def _read(stream: BufferedReader, source: str) -> bytes:
    with reading(source, _TEXT):
        return stream.read1(_BLOCK)
