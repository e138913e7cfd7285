"""Rows that do not have to be in memory: a few megabytes of them are, the rest are on disk."""

from __future__ import annotations

import tempfile
import weakref
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, overload

from emojify.errors import EnvironmentFault

IN_MEMORY = 4 << 20  # bytes of a spool that stay in memory; with one more, all go to disk
ROWS = 256  # in a block
# The byte 0xFF stands in no UTF-8 text; to Python it is this lone surrogate.
_BETWEEN = "\udcff"


class Spool:
    """Blocks of bytes that are appended once and read again in any order.

    On disk they are a temporary file without a name, so nothing is left behind, however the
    process ends. It is read, and not mapped into memory: a mapped page that was touched counts as
    memory of the process.

    Raises:
        EnvironmentFault: from all methods, if the temporary folder is full or cannot be used.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (as long as self)
        self._ends = array("Q")
        weakref.finalize(self, _close, self._file)

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self._ends)

    def append(self, block: bytes) -> None:
        """Add a block after the others."""
        end = self._end(len(self))
        with _spooling():
            self._file.seek(end)
            self._file.write(block)
        self._ends.append(end + len(block))

    def read(self, number: int) -> bytes:
        """Return a block; the first is number 0."""
        start = self._end(number)
        with _spooling():
            self._file.seek(start)
            return self._file.read(self._end(number + 1) - start)

    def _end(self, blocks: int) -> int:
        """Return where the first so many blocks end."""
        return self._ends[blocks - 1] if blocks else 0


class TextSpool(Sequence[str]):
    """Texts in a spool: a sequence to append to that takes no more memory as it grows."""

    def __init__(self) -> None:
        self._spool = Spool()
        self._last: list[str] = []  # those that do not fill a block yet
        self._read = -1, self._last  # the block that was read last

    def append(self, text: str) -> None:
        """Add a text that UTF-8 can hold."""
        self._last.append(text)
        if len(self._last) == ROWS:
            joined = _BETWEEN.join(self._last)
            self._spool.append(joined.encode("utf-8", "surrogateescape"))
            self._last = []

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self._spool) * ROWS + len(self._last)

    def __iter__(self) -> Iterator[str]:
        for number in range(len(self._spool) + 1):
            yield from self._block(number)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        number, row = divmod(range(len(self))[place], ROWS)
        if self._read[0] != number:
            self._read = number, self._block(number)
        return self._read[1][row]

    def _block(self, number: int) -> list[str]:
        if number == len(self._spool):
            return self._last
        return self._spool.read(number).decode("utf-8", "surrogateescape").split(_BETWEEN)


def _close(file: IO[bytes]) -> None:
    # What a full disk did not take would be written now, and nobody needs it any more.
    with suppress(OSError):
        file.close()


@contextmanager
def _spooling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            f"cannot keep the sentences here: {error.strerror or error}; expected a temporary "
            "folder with room for them; free some, or name another folder in TMPDIR",
            tempfile.gettempdir(),
        ) from None
