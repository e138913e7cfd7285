"""GloVe's text format: a word and its numbers on every line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from emojify import cache
from emojify.archives import Source, Text, text_of
from emojify.errors import EmojifyError, EmojifyWarning
from emojify.files import replacing
from emojify.nn.arrays import Floats
from emojify.vectors import Vectors, VectorsWriter

Progress = Callable[[int, int], None]

_CHUNK = 1 << 22
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
    if cached.exists():
        try:
            return Vectors.open(cached, verify=True)
        except EmojifyError:
            cached.unlink()  # damaged: it is made again
    _convert(path, cached, progress)
    return Vectors.open(cached)


def _convert(path: Path, target: Path, progress: Progress | None) -> None:
    """Write the vectors of a text file as a file that :meth:`Vectors.open` maps into memory.

    The text is read in pieces; only its words are held in memory.

    Raises:
        EmojifyError: as :func:`load`; then ``target`` is left as it was.
    """
    source = Source.of(path)
    with text_of(source) as (text, position), replacing(target) as file:
        size = source.path.stat().st_size
        reader = _Reader(path)
        writer: VectorsWriter | None = None
        for first_line, chunk in _chunks(path, text):
            rows = reader.read(first_line, chunk, is_last=not text.peek(1))
            writer = writer or VectorsWriter(file, reader.width, np.float32)
            writer.write(rows)
            if progress is not None:
                progress(position(), size)
        if writer is None or not reader.ids:
            raise EmojifyError("found no words; expected a word and its numbers per line", path)
        reader.finish()
        writer.finish(list(reader.ids))


def _chunks(path: Path, text: Text) -> Iterator[tuple[int, bytes]]:
    """Cut a text into pieces of whole lines, each with the number of its first line.

    Lines end with a line feed and with nothing else: GloVe's words contain every other character
    that Python or Unicode would call a line break.
    """
    line, rest = 1, text.read(3).removeprefix(b"\xef\xbb\xbf")
    while piece := text.read(_CHUNK):
        whole, newline, tail = piece.rpartition(b"\n")
        if newline:
            chunk = rest + whole + newline
            yield line, chunk
            line += chunk.count(b"\n")
            rest = tail
        else:
            rest += piece
        if len(rest) > _LONGEST_LINE:
            raise _too_long(path, line)
    if rest.strip():
        yield line, rest


class _Reader:
    """Lines to words and numbers, with what has to be known from one piece to the next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.width = 0
        self.ids: dict[bytes, int] = {}  # each word with its line, in the order of the file
        self._promised: int | None = None
        self._is_last = self._is_plain = False
        self._lines = 0
        self._repeated: list[int] = []
        self._undecodable: list[int] = []

    def read(self, first_line: int, chunk: bytes, is_last: bool) -> Floats:
        """Read whole lines; return the vectors of those whose words are new, ``(n, D)``."""
        chunk = chunk.replace(b"\r\n", b"\n").replace(b" \n", b"\n").rstrip(b"\r\n ")
        self._is_last = is_last
        # What NumPy also takes for white space could move numbers from one word to another.
        self._is_plain = not any(mark in chunk for mark in (b"\t", b"\v", b"\f", b"\r", b"  "))
        lines = chunk.split(b"\n")
        longest = max(range(len(lines)), key=lambda i: len(lines[i]))
        if len(lines[longest]) > _LONGEST_LINE:
            raise _too_long(self.path, first_line + longest)
        if first_line == 1:
            skipped = self._read_start(lines)
            lines, first_line = lines[skipped:], first_line + skipped
        if not lines:
            return np.empty((0, self.width), np.float32)
        parsed = self._parse_quickly(lines) if self._is_plain else None
        words, rows = parsed or self._parse_carefully(lines, first_line)
        self._lines += len(words)
        kept = [i for i, word in enumerate(words) if self._is_new(word, first_line + i)]
        return rows if len(kept) == len(words) else rows[kept]

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

    def _read_start(self, lines: list[bytes]) -> int:
        """Find the width, and word2vec's header if there is one; return the lines to skip."""
        header = _COUNTS.fullmatch(lines[0].rstrip(b"\r"))
        if header is not None:
            self._promised, self.width = int(header[1]), int(header[2])
            if not 1 <= self.width <= _WIDEST:
                raise EmojifyError(
                    f"found {_excerpt(lines[0])}, a header that promises {self.width} numbers a "
                    f"word; expected 1 to {_WIDEST}; this is not a file of word vectors",
                    self.path,
                    1,
                )
            return 1
        self.width = min(_count_numbers(lines[0]), lines[0].count(b" "))
        if not self.width:
            raise EmojifyError(
                f"found {_excerpt(lines[0])}; expected a word and its numbers, separated by "
                "spaces; this is not a file of word vectors",
                self.path,
                1,
            )
        return 0

    def _parse_quickly(self, lines: list[bytes]) -> tuple[list[bytes], Floats] | None:
        """Parse lines that are all as they should be; give up on any that might not be."""
        if any(line.count(b" ") != self.width for line in lines):
            return None
        pairs = [line.split(b" ", 1) for line in lines]
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)
            try:
                numbers = np.fromstring(b" ".join([pair[1] for pair in pairs]), sep=" ")
            except (DeprecationWarning, ValueError):
                return None
        rows = _as_float32(numbers)
        if rows.size != len(lines) * self.width or not np.isfinite(rows).all():
            return None
        words = [pair[0] for pair in pairs]
        return (words, rows.reshape(-1, self.width)) if all(words) else None

    def _parse_carefully(self, lines: list[bytes], first_line: int) -> tuple[list[bytes], Floats]:
        """Parse line by line, the numbers from the right, and say what is wrong and where."""
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

    def _is_new(self, word: bytes, line: int) -> bool:
        try:
            word.decode()
        except UnicodeDecodeError:
            self._undecodable.append(line)
            return False
        if self.ids.setdefault(word, line) != line:
            self._repeated.append(line)
            return False
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


def _as_float32(numbers: npt.NDArray[np.float64]) -> Floats:
    with np.errstate(over="ignore"):  # what does not fit becomes inf and is complained about
        return numbers.astype(np.float32)


def _excerpt(text: bytes) -> str:
    shown = text[:60].decode("utf-8", "backslashreplace")
    return repr(shown + "…" if len(text) > 60 else shown)
