"""GloVe's text format: a word and its numbers on every line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from emojify import cache, decimals
from emojify.archives import Source, Text, text_of
from emojify.errors import EmojifyError, EmojifyWarning
from emojify.files import replacing
from emojify.nn.arrays import Floats
from emojify.vectors import Vectors, VectorsWriter, is_whole

Progress = Callable[[int, int], None]

_CHUNK = 1 << 18  # so few bytes stay in the processor's cache, and no line of them is too long
_LONGEST_LINE = 1 << 20
_WIDEST = 100_000
_NUMBER = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_COUNTS = re.compile(rb"([0-9]{1,18}) ([0-9]{1,18})")


def load(path: Path, progress: Progress | None = None) -> Vectors:
    """Open word vectors, from the cache if a file with this content was read before.

    Args:
        path: GloVe's text as published, also compressed with gzip, or ``archive.zip/member``; or
            a file that ``emojify vectors convert`` wrote.
        progress: on a first reading, called with the bytes read and the bytes there are.

    Raises:
        EmojifyError: the file cannot be read, with the line and what is wrong there.
    """
    if path.suffix == ".safetensors" and path.is_file():
        return Vectors.open(path, verify=True)
    source = Source.of(path)
    cached = cache.place_for(source)
    vectors = _from_cache(cached)
    if vectors is None:
        _convert(path, cached, progress)
        vectors = Vectors.open(cached)
    cache.mark_verified(cached)
    return vectors


def _from_cache(cached: Path) -> Vectors | None:
    """Open converted vectors; none if they are missing, or damaged and to be made again."""
    try:
        return Vectors.open(cached, verify=not cache.is_verified(cached))
    except EmojifyError:
        return None


def _convert(path: Path, target: Path, progress: Progress | None) -> None:
    """Write the vectors of a text file as a file that :meth:`Vectors.open` maps into memory.

    The text is read in pieces; only its words are held in memory.

    Raises:
        EmojifyError: as :func:`load`; then ``target`` is left as it was.
    """
    source = Source.of(path)
    with text_of(source) as (text, position), replacing(target, is_whole) as file:
        size = source.path.stat().st_size
        reader = _Reader(path)
        writer: VectorsWriter | None = None
        for first_line, chunk in _chunks(path, text):
            rows = reader.read(first_line, chunk, is_last=not text.peek(1))
            writer = writer or VectorsWriter(file, reader.width, np.float32)
            writer.write(rows)
            if progress is not None:
                progress(position(), size)
        if writer is None or not reader.words:
            raise EmojifyError("found no words; expected a word and its numbers per line", path)
        reader.finish()
        writer.finish(list(reader.words))


def _chunks(path: Path, text: Text) -> Iterator[tuple[int, bytes]]:
    """Cut a text into pieces of whole lines, each with the number of its first line.

    Lines end with a line feed and with nothing else: GloVe's words contain every other character
    that Python or Unicode would call a line break.
    """
    line, rest = 1, text.read(3).removeprefix(b"\xef\xbb\xbf")
    while piece := text.read(_CHUNK):
        cut = piece.rfind(b"\n") + 1
        begun = len(rest) + (piece.find(b"\n") if cut else len(piece))
        if begun > _LONGEST_LINE:  # no other line is: a piece is shorter
            raise _too_long(path, line)
        if cut:
            chunk = b"".join((rest, memoryview(piece)[:cut]))
            yield line, chunk
            line += int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == ord("\n")))
            rest = piece[cut:]
        else:
            rest += piece
    if rest.strip(b" \r\n"):
        yield line, rest


class _Reader:
    """Lines to words and numbers, with what has to be known from one piece to the next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.width = 0
        self.words: dict[bytes, None] = {}  # in the order of the file
        self._promised: int | None = None
        self._is_last = False
        self._lines = 0
        self._blank: int | None = None  # the first of the blank lines that were read last
        self._repeated: list[int] = []
        self._undecodable: list[int] = []

    def read(self, first_line: int, chunk: bytes, is_last: bool) -> Floats:
        """Read whole lines; return the vectors of those whose words are new, ``(n, D)``."""
        self._is_last = is_last
        chunk = self._tidied(chunk, first_line)
        if first_line == 1 and self._read_start(chunk.partition(b"\n")[0]):
            first_line, chunk = 2, chunk.partition(b"\n")[2]
        if chunk in (b"", b"\n"):
            return np.empty((0, self.width), np.float32)
        words, rows = self._parse_quickly(chunk) or self._parse_carefully(chunk, first_line)
        self._lines += len(words)
        if self._are_new(words):
            return rows
        return rows[[i for i, word in enumerate(words) if self._is_new(word, first_line + i)]]

    def finish(self) -> None:
        """Hold the header's count against the lines, and say what was passed over."""
        if self._promised not in (None, self._lines):
            raise EmojifyError(
                f"found {self._lines} words; expected {self._promised} as the first line says; "
                "the file is incomplete, download it again",
                self.path,
            )
        for lines, what in (
            (self._repeated, "repeated words were passed over; the first of each counts"),
            (self._undecodable, "words that are not UTF-8 were skipped"),
        ):
            if lines:
                shown = ", ".join(map(str, lines[:5])) + (", …" if len(lines) > 5 else "")
                warnings.warn(
                    f"{self.path}: {len(lines)} {what} (lines {shown})", EmojifyWarning, 2
                )

    def _tidied(self, chunk: bytes, first_line: int) -> bytes:
        """End every line with a line feed alone, if the last one tells that they do not all.

        Blank lines at the end are left out. If the file goes on after them, it is wrong there.
        """
        if self._blank and chunk.strip(b"\r\n "):
            raise self._wrong_line(b"", 0, self._blank, last=False)
        if chunk.endswith(b"\n") and chunk[-2:-1].isdigit():
            return chunk
        tidy = chunk.replace(b"\r\n", b"\n").replace(b" \n", b"\n").rstrip(b"\r\n ") + b"\n"
        lines = tidy.count(b"\n") if len(tidy) > 1 else 0
        if chunk.count(b"\n") > lines:
            self._blank = self._blank or first_line + lines
        return tidy

    def _read_start(self, line: bytes) -> bool:
        """Find the width in the first line; return whether it is word2vec's header."""
        line = line.rstrip(b" \r")
        header = _COUNTS.fullmatch(line)
        if header is not None:
            self._promised, self.width = int(header[1]), int(header[2])
            if not 1 <= self.width <= _WIDEST:
                raise EmojifyError(
                    f"found {_excerpt(line)}, a header that promises {self.width} numbers a "
                    f"word; expected 1 to {_WIDEST}; this is not a file of word vectors",
                    self.path,
                    1,
                )
            return True
        self.width = min(_count_numbers(line), line.count(b" "))
        if not self.width:
            raise EmojifyError(
                f"found {_excerpt(line)}; expected a word and its numbers, separated by "
                "spaces; this is not a file of word vectors",
                self.path,
                1,
            )
        return False

    def _parse_quickly(self, chunk: bytes) -> tuple[list[bytes], Floats] | None:
        """Parse lines that are all as they should be; give up on any that might not be."""
        try:
            words, numbers = decimals.parse_lines(chunk, self.width)
        except ValueError:
            return None
        rows = _as_float32(numbers)
        return (words, rows) if np.isfinite(rows).all() else None

    def _parse_carefully(self, chunk: bytes, first_line: int) -> tuple[list[bytes], Floats]:
        """Parse line by line, the numbers from the right, and say what is wrong and where."""
        lines = chunk.removesuffix(b"\n").split(b"\n")
        words, rows = [], np.empty((len(lines), self.width), np.float32)
        for i, line in enumerate(lines):
            line = line.rstrip(b" \r")
            word, *fields = line.rsplit(b" ", self.width)
            count = _count_numbers(line)
            if len(fields) != self.width or count != self.width or not word:
                at_the_end = self._is_last and i + 1 == len(lines)
                raise self._wrong_line(line, count, first_line + i, at_the_end)
            rows[i] = _as_float32(np.array([float(number) for number in fields]))
            if not np.isfinite(rows[i]).all():
                value = fields[int(np.argmin(np.isfinite(rows[i])))]
                raise EmojifyError(
                    f"found {_excerpt(value)} for the word {_excerpt(word)}; "
                    "expected a number that fits 32 bits; correct the line or remove it",
                    self.path,
                    first_line + i,
                )
            words.append(word)
        return words, rows

    def _wrong_line(self, line: bytes, count: int, number: int, last: bool) -> EmojifyError:
        word, _, rest = line.partition(b" ")
        wrong = [field for field in rest.split(b" ") if not _NUMBER.fullmatch(field)]
        if rest.count(b" ") + 1 == self.width and wrong:
            return EmojifyError(
                f"found {_excerpt(wrong[0])} for the word {_excerpt(word)}; expected a finite "
                "number such as -0.418; correct the line or remove it",
                self.path,
                number,
            )
        if last and count < self.width:
            return EmojifyError(
                f"line {number} has {count} of {self.width} numbers; the file is incomplete, "
                "download it again",
                self.path,
                number,
            )
        return EmojifyError(
            f"found {count} numbers after {_excerpt(word)}; expected {self.width} as on line 1; "
            "correct the line or remove it",
            self.path,
            number,
        )

    def _are_new(self, words: list[bytes]) -> bool:
        """Remember the words if all of them are new and UTF-8, as nearly always."""
        before = len(self.words)
        self.words |= dict.fromkeys(words)
        are_new = len(self.words) == before + len(words) and _is_utf8(b" ".join(words))
        while not are_new and len(self.words) > before:
            self.words.popitem()
        return are_new

    def _is_new(self, word: bytes, line: int) -> bool:
        if not _is_utf8(word):
            self._undecodable.append(line)
            return False
        if word in self.words:
            self._repeated.append(line)
            return False
        self.words[word] = None
        return True


def _too_long(path: Path, line: int) -> EmojifyError:
    return EmojifyError(
        f"found a line of more than {_LONGEST_LINE:,} bytes; expected a word and its numbers; "
        "this is not a file of word vectors",
        path,
        line,
    )


def _count_numbers(line: bytes) -> int:
    """Count the numbers at the end of a line."""
    fields = line.rstrip(b" \r").split(b" ")[1:]
    wrong = [i for i, field in enumerate(fields) if not _NUMBER.fullmatch(field)]
    return len(fields) - (wrong[-1] + 1 if wrong else 0)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_float32(numbers: npt.NDArray[np.float64]) -> Floats:
    with np.errstate(over="ignore"):  # what does not fit becomes inf and is complained about
        return numbers.astype(np.float32)


def _excerpt(text: bytes) -> str:
    shown = text[:60].decode("utf-8", "backslashreplace")
    return repr(shown + "…" if len(text) > 60 else shown)
