"""Texts from the command line or standard input, and a line of output for each."""

from __future__ import annotations

import codecs
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import cast

from emojify.cli.answers import EMPTY, Answers
from emojify.cli.shared import emit, require_apart, tell
from emojify.errors import EmojifyError, EmojifyWarning
from emojify.files import reading

_BLOCK = 1 << 18  # bytes of standard input that are read at once
_LONGEST_LINE = 1 << 20  # bytes of a line that are kept, many more than are read of a text
_LINES = 4096  # that are answered at once: a block of short lines has tens of thousands


def numbered_batches(texts: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield the given texts, or the lines of standard input if there are none, or only ``-``.

    Each batch comes with the number of its first text in the whole input.

    Raises:
        EmojifyError: the only text is blank, or one is not UTF-8; or there is no input.
    """
    if texts in ((), ("-",)):
        return _numbered(_batches_of_stdin())
    decoded = [_decoded_argument(text) for text in texts]
    if len(decoded) == 1 and not decoded[0].strip():
        raise EmojifyError(EMPTY)
    return iter([(1, decoded)])


def print_answers(batches: Iterable[Answers], header: list[str]) -> None:
    """Print the lines of every batch at once, after the header, and warn of what is doubtful."""
    for lines, doubts in batches:
        for number, doubt in doubts:
            warnings.warn(f"sentence {number}: {doubt}", EmojifyWarning, stacklevel=2)
        emit("\n".join([*header, *lines]))
        header = []
    if header:
        emit("\n".join(header))


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
