"""What all targets share: what counts as an answer, what as a finding, and how inputs are changed.

A target gives bytes to one public reader. A reader answers with what it read, or with an
:class:`~emojify.errors.EmojifyError`. Anything else is a finding: another exception, a warning
that is not ours, a file left behind, a message that is not one printable line with its place and a
remedy, or a result that an independent and slower reading contradicts.

Nothing here needs atheris, so the ordinary tests can run every target as well.
"""

from __future__ import annotations

import importlib
import os
import random
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from emojify.errors import EmojifyError, EmojifyWarning, printable

TARGETS = {
    "vectors": "VectorsTarget",
    "csv": "CsvTarget",
    "yaml": "YamlTarget",
    "model": "ModelTarget",
    "converted": "ConvertedTarget",
}
_LONGEST_MESSAGE = 1000  # characters; one line that a person still reads
_PLACE = re.compile(r":(?:(\d+):)? \S")
_LINE_BREAK = re.compile(rb"\r\n|[\r\n]|\xc2\x85|\xe2\x80[\xa8\xa9]")


class Finding(AssertionError):
    """A reader did something that it never may."""


class Target(ABC):
    """One reader, and a folder with the file that it is given.

    Attributes:
        file_name: what the file is called.
        max_length: bytes; short inputs are read fast, and nearly all that can go wrong fits.
        tokens: what the format is made of; inputs are changed with them.
        separator: what stands between parts that are moved and repeated.
    """

    file_name: str
    max_length: int
    tokens: Sequence[bytes]
    separator = b"\n"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / self.file_name
        self.source = str(self.path)  # as messages name it

    @abstractmethod
    def seeds(self) -> list[bytes]:
        """Return valid inputs, and some that are nearly valid."""

    @abstractmethod
    def read(self, data: bytes) -> None:
        """Give an input to the reader, and compare what it returns with what it should.

        Raises:
            EmojifyError: the reader's complaint, which is an answer as well.
            Finding: the reader returned something wrong.
        """

    def __call__(self, data: bytes) -> None:
        """Run one input.

        Raises:
            Finding: the reader's answer is none. Other exceptions of the reader come through.
        """
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                self.read(data)
            except EmojifyError as error:
                self._check_complaint(data, error)
        for warning in said:
            require(warning.category is EmojifyWarning, f"warned {warning.message!r}")
            _check_line(str(warning.message))
        left = os.listdir(self.folder)  # noqa: PTH208 (a hundred thousand times a minute)
        require(left in ([], [self.file_name]), f"left {left} behind")

    def _check_complaint(self, data: bytes, error: EmojifyError) -> None:
        first, *others = error.lines
        for line in {str(error), *error.lines}:
            _check_line(line)
        last = self.count_lines(data)
        for line in (first, *others[:-1]):  # the last of several is their number
            place = _PLACE.match(line.removeprefix(self.source))
            require(place is not None and line.startswith(self.source), f"no place in {line!r}")
            assert place is not None
            require(1 <= int(place[1] or 1) <= last, f"there is no such line: {line!r}")
            require("; " in line, f"no remedy in {line!r}")
        require(error.exit_code == 2, f"exit code {error.exit_code} for {first!r}")

    def count_lines(self, data: bytes) -> int:
        """Return the number of the last line that a message may name."""
        return len(_LINE_BREAK.findall(data)) + 1

    def mutate(self, data: bytes, max_size: int, seed: int, blindly: Mutator) -> bytes:
        """Change an input: its parts and tokens, or its bytes as the fuzzer thinks best."""
        rng = random.Random(seed)
        choice = rng.randrange(6)
        if choice >= 4 or not data:
            return blindly(data, max_size)
        place = rng.randrange(len(data) + 1)
        if choice == 0:
            stop = place + rng.choice((0, 0, 1, 4))
            data = data[:place] + rng.choice(self.tokens) + data[stop:]
        elif choice == 1:  # a token for a token
            found = [token for token in self.tokens if token in data]
            if found:
                data = data.replace(rng.choice(found), rng.choice(self.tokens), rng.choice((1, -1)))
        else:
            parts = data.split(self.separator)
            i, j = rng.randrange(len(parts)), rng.randrange(len(parts))
            if choice == 2:
                parts[i], parts[j] = parts[j], parts[i]
            else:
                parts[i:j] = [parts[j]]
            data = self.separator.join(parts)
        return data[:max_size]


Mutator = Callable[[bytes, int], bytes]


def target_class(name: str) -> type[Target]:
    """Return a target by its name; its reader is imported now."""
    found: type[Target] = getattr(importlib.import_module(f"target_{name}"), TARGETS[name])
    return found


def require(condition: bool, otherwise: str) -> None:
    """Raise a :class:`Finding` unless a condition holds."""
    if not condition:
        raise Finding(otherwise)


def _check_line(line: str) -> None:
    require(printable(line) == line, f"not printable: {line!r}")
    require(len(line) <= _LONGEST_MESSAGE, f"{len(line)} characters: {line[:200]!r}…")
