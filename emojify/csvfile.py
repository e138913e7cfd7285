"""The rows of CSV text, out of a stream of bytes of any length."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from emojify.errors import EmojifyError

DELIMITERS = {",": ",", ";": ";", "|": "|", "tab": "\t"}  # as a user writes them
NAMES = {",": "comma", ";": "semicolon", "|": "bar", "tab": "tab"}
WHAT = "a CSV file with a sentence and an emoji in every row"
_BLOCK = 1 << 16  # bytes that are decoded at once
_LONGEST_LINE = 1 << 20  # characters; a binary file may have no line breaks at all
_MARKS = {  # of the longest first
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def rows_of(source: str, file: BinaryIO, mark: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the line on which it begins.

    Args:
        source: what messages call the file.
        file: UTF-8, with a byte order mark or without, and with any line ends.
        mark: what stands between the columns.

    Raises:
        EmojifyError: it is not text, or not CSV, with the line or the offset.
    """
    reader = csv.reader(_lines(source, file), delimiter=mark, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise EmojifyError(_csv_problem(str(error)), source, line) from None
        if any(map(str.strip, row)):
            yield line, row


def _lines(source: str, file: BinaryIO) -> Iterator[str]:
    """Yield the lines of a text, each with the line feed, carriage return or both at its end."""
    begun = ""
    for text in _decoded(source, file):
        # The last line may go on in the next block, even after a \r.
        *lines, begun = io.StringIO(begun + text, newline="").readlines() or [""]
        yield from lines
        if len(begun) > _LONGEST_LINE:
            yield begun  # to a reader that knows better what is wrong with it, if a field is
            raise EmojifyError(
                f"found a line of more than {_LONGEST_LINE:,} characters; expected {WHAT}; "
                "this is another kind of file",
                source,
            )
    if begun:
        yield begun


def _decoded(source: str, file: BinaryIO) -> Iterator[str]:
    """Decode a file block by block, and look at its beginning."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    size, block = 0, None
    while block != b"":
        block = file.read(_BLOCK)
        other = None if size else next((_MARKS[m] for m in _MARKS if block.startswith(m)), None)
        if other:
            raise EmojifyError(
                f"found {other} at offset 0; expected {WHAT}, in UTF-8; convert the file, for "
                f"example with iconv -f {other} -t UTF-8",
                source,
            )
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            # What was decoded together with the block ends where the block ends.
            offset = size + len(block) - len(error.object) + error.start
            raise EmojifyError(
                f"found a byte that is not UTF-8 at offset {offset}; expected {WHAT}; "
                "convert the file, for example with iconv -f WINDOWS-1252 -t UTF-8",
                source,
            ) from None
        zero = block.find(b"\0")
        if zero >= 0:
            raise EmojifyError(
                f"found a zero byte at offset {size + zero}; expected {WHAT}; if the file is "
                "UTF-16, convert it, for example with iconv -f UTF-16 -t UTF-8",
                source,
            )
        if not size and text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
            raise EmojifyError(
                f"found a web page; expected {WHAT}; download the file itself", source, 1
            )
        size += len(block)
        yield text


def _csv_problem(reason: str) -> str:
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
    return f"found a row that is not CSV ({reason}); expected text,emoji; {remedy}"
