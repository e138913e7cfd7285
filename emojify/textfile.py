"""The lines and rows of text files, out of streams of bytes of any length."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from emojify.errors import EmojifyError

_BLOCK = 1 << 16  # bytes that are decoded at once
LONGEST_LINE = 1 << 20  # characters; a binary file may have no line breaks at all
_MARK = "\ufeff"
_MARKS = {  # of the longest first
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        line: the line on which it begins, from 1.
        raw: the row as it stands in the file, without what ends its last line.
        end: what ends its last line; nothing at the end of some files.
        cells: of CSV a list of texts, of JSON Lines an object.
    """

    line: int
    raw: str
    end: str
    cells: Any


class Lines:
    r"""The lines of a text, each with what ends it.

    Args:
        source: what messages call the file.
        file: UTF-8, with a byte order mark or without.
        what: what messages say that the file should be.
        newline: ``"\n"`` if a line ends there and nowhere else, or nothing if it may also end in
            a carriage return, or in both.

    Attributes:
        source: as given.
        mark: the byte order mark that the file begins with, or nothing; known with its first line.
        first: that line, once it was read.

    Raises:
        EmojifyError: from the iterator; it is not text, with the line or the offset.
    """

    def __init__(self, source: str, file: BinaryIO, what: str, newline: str = "") -> None:
        self.source = source
        self.mark = ""
        self.first = ""
        self._file = file
        self._what = what
        self._newline = newline
        self._known = 0  # lines that were read
        self._begun = ""  # the last one, which may go on in the next block, even after a \r
        self._is_begun = False

    def __iter__(self) -> Iterator[str]:
        for text in self._decoded():
            pieces = io.StringIO(self._begun + text, newline=self._newline)
            *lines, self._begun = pieces.readlines() or [""]
            self._known += len(lines)
            self.first = self.first or (lines[0] if lines else self._begun)
            yield from lines
            if len(self._begun) > LONGEST_LINE:
                yield self._begun  # to a reader that knows better what is wrong, if a field is
                raise EmojifyError(
                    f"found a line of more than {LONGEST_LINE:,} characters; expected "
                    f"{self._what}; this is another kind of file",
                    self.source,
                )
        if self._begun:
            yield self._begun

    def _decoded(self) -> Iterator[str]:
        """Decode the file block by block, and look at its beginning."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        size, block = 0, None
        while block != b"":
            block = self._file.read(_BLOCK)
            if not size:
                self._require_utf8(block)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                # What was decoded together with the block ends where the block ends.
                offset = size + len(block) - len(error.object) + error.start
                yield self._unmarked(error.object[: error.start].decode())  # which has more lines
                raise EmojifyError(
                    f"found a byte that is not UTF-8 at offset {offset}; expected {self._what}; "
                    "convert the file, for example with iconv -f WINDOWS-1252 -t UTF-8",
                    self.source,
                    self._known + 1 + self._begun.endswith(("\n", "\r")),
                ) from None
            zero = block.find(b"\0")
            if zero >= 0:
                raise EmojifyError(
                    f"found a zero byte at offset {size + zero}; expected {self._what}; if the "
                    "file is UTF-16, convert it, for example with iconv -f UTF-16 -t UTF-8",
                    self.source,
                )
            text = self._unmarked(text)
            if not size and text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
                raise EmojifyError(
                    f"found a web page; expected {self._what}; download the file itself",
                    self.source,
                    1,
                )
            size += len(block)
            yield text

    def _require_utf8(self, block: bytes) -> None:
        other = next((_MARKS[mark] for mark in _MARKS if block.startswith(mark)), None)
        if other:
            raise EmojifyError(
                f"found {other} at offset 0; expected {self._what}, in UTF-8; convert the file, "
                f"for example with iconv -f {other} -t UTF-8",
                self.source,
            )

    def _unmarked(self, text: str) -> str:
        """Take the byte order mark from the first text that there is."""
        if not text or self._is_begun:
            return text
        self._is_begun = True
        self.mark = _MARK * text.startswith(_MARK)
        return text.removeprefix(_MARK)
