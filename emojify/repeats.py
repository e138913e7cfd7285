"""Sentences that stand more than once: with another emoji, or in another file."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from emojify.spool import Spool

# The sentence is a hash of 64 bits. Of ten million, two have the same one time in 400,000.
_ROW = np.dtype([("sentence", np.int64), ("emoji", np.int32), ("line", np.int64)])
_BLOCK = 1 << 14  # rows that are sorted into parts and written at once
_PARTS = 64  # of which one is in memory: of ten million rows, 3 MB
SHOWN = 5


class Sightings:
    """Which sentence was seen with which emoji on which line, 20 bytes a row; many are on disk.

    Raises:
        EnvironmentFault: from all methods, as from :class:`emojify.spool.Spool`.
    """

    def __init__(self) -> None:
        self._spool = Spool()
        self._last = [array("q") for _ in range(3)]  # columns that do not fill a block yet
        self._emoji: dict[str, int] = {}

    @classmethod
    def of(cls, texts: Iterable[str]) -> Sightings:
        """Take sentences alone."""
        sightings = cls()
        for text in texts:
            sightings.add(text)
        return sightings

    def add(self, text: str, emoji: str = "", line: int = 0) -> None:
        """Take a row. Neither case nor the Unicode form makes another sentence of one."""
        sentences, emojis, lines = self._last
        sentences.append(hash(unicodedata.normalize("NFC", text).casefold()))
        emojis.append(self._emoji.setdefault(emoji, len(self._emoji)))
        lines.append(line)
        if len(lines) == _BLOCK:
            for part in _in_parts(self._last_block()):
                self._spool.append(part.tobytes())
            for column in self._last:
                del column[:]

    def contradictions(self) -> tuple[int, list[tuple[int, int]]]:
        """Find the sentences with more than one emoji.

        Returns:
            How many there are, and of the first few two lines each that contradict each other.
        """
        count, lines = 0, list[tuple[int, int]]()
        for rows in self.parts():
            rows = rows[np.argsort(rows["sentence"], kind="stable")]
            before, after = rows[:-1], rows[1:]
            is_same = before["sentence"] == after["sentence"]
            places = np.flatnonzero(is_same & (before["emoji"] != after["emoji"]))
            _, firsts = np.unique(before["sentence"][places], return_index=True)
            count += len(firsts)
            pairs = (side["line"][places[firsts]].tolist() for side in (before, after))
            lines = sorted([*lines, *zip(*pairs, strict=True)])[:SHOWN]
        return count, lines

    def parts(self) -> Iterator[npt.NDArray[np.void]]:
        """Yield all rows in a number of parts; all rows of a sentence are in the same one."""
        for part, last in enumerate(_in_parts(self._last_block())):
            before = range(part, len(self._spool), _PARTS)
            yield np.concatenate(
                [*(np.frombuffer(self._spool.read(i), _ROW) for i in before), last]
            )

    def _last_block(self) -> npt.NDArray[np.void]:
        block = np.empty(len(self._last[0]), _ROW)
        for name, column in zip(_ROW.names or (), self._last, strict=True):
            block[name] = column
        return block


def count_shared(asked: Iterable[str], learnt: Iterable[str]) -> int:
    """Count the sentences of one file that are also in another."""
    mine, theirs = Sightings.of(asked), Sightings.of(learnt)
    pairs = zip(mine.parts(), theirs.parts(), strict=True)
    return sum(int(np.isin(a["sentence"], b["sentence"]).sum()) for a, b in pairs)


def _in_parts(rows: npt.NDArray[np.void]) -> list[npt.NDArray[np.void]]:
    part = rows["sentence"] % _PARTS
    order = np.argsort(part, kind="stable")
    return np.split(rows[order], np.searchsorted(part[order], np.arange(1, _PARTS)))
