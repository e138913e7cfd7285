"""Words and their ids."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from emojify.nn.arrays import Ints
from emojify.text import is_elongated, simpler_forms

UNKNOWN = 0
_REMEMBERED = 1 << 16  # tokens whose ids need no search; bounded, for streams without end
_SEARCHES = 2000  # which take as long as making a dict of the shipped words


class Vocabulary:
    """Words by id and ids by word, most frequent first; id 0 is the unknown word.

    The words lie one after another in a buffer that may be a memory-mapped file, and are found by
    bisection over their sorted order, so opening a vocabulary costs nothing however large it is.
    A dict is made only once so many words have been looked up that it pays.

    Args:
        blob: the words in UTF-8, one after another. The word with id ``i`` ends before
            ``ends[i - 1]``.
        ends: ``(V,)`` uint32.
        order: ``(V,)`` uint32, the positions of the words sorted by their bytes.
    """

    def __init__(self, blob: bytes | memoryview, ends: Ints, order: Ints) -> None:
        self.blob = blob
        self.ends = ends
        self.order = order
        # Python reads single numbers from a memoryview three times as fast as from an array.
        self._ends, self._order = ends.data, order.data
        self._ids: dict[bytes, int] | None = None
        self._searches = 0
        self._found: dict[str, int] = {}

    @classmethod
    def of(cls, words: Sequence[bytes]) -> Vocabulary:
        """Build a vocabulary from distinct words in UTF-8, most frequent first."""
        ends = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))
        return cls(b"".join(words), ends.astype(np.uint32), _sorted_positions(words))

    def __len__(self) -> int:
        """Return V, the number of words, the unknown one not counted."""
        return len(self.ends)

    def word(self, id: int) -> str:
        """Return the word with an id from 1 to V."""
        return self._bytes(id - 1).decode()

    def words(self) -> list[bytes]:
        """Return all words in UTF-8, the one with id 1 first."""
        blob, ends = bytes(self.blob), self.ends.tolist()
        return [blob[start:end] for start, end in pairwise([0, *ends])]

    def find(self, word: str) -> int:
        """Return the id of exactly this word, or 0."""
        key = word.encode("utf-8", "surrogatepass")
        if self._ids is not None:
            return self._ids.get(key, UNKNOWN)
        self._searches += 1
        if self._searches > _SEARCHES:
            self._ids = {known: i for i, known in enumerate(self.words(), 1)}
        place = bisect_left(self._order, key, key=self._bytes)
        found = place < len(self._order) and self._bytes(self._order[place]) == key
        return self._order[place] + 1 if found else UNKNOWN

    def id(self, token: str) -> int:
        """Return the id of a token, or of the simplest form of it that is known, or 0.

        An elongated word ("sooo") is never looked up as it stands while a shorter form is known:
        some vectors have a few of them, learnt from next to nothing.
        """
        found = self._found.get(token)
        if found is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            found = self._found[token] = self._best(token)
        return found

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Return the ids of the tokens, one for each; no token at all is one unknown word."""
        return [self.id(token) for token in tokens] or [UNKNOWN]

    def _best(self, token: str) -> int:
        exact = self.find(token)
        if exact != UNKNOWN and not is_elongated(token):
            return exact
        forms = simpler_forms(token)
        for group in (next(forms), [token], *forms):
            known = [found for found in map(self.find, group) if found != UNKNOWN]
            if known:
                return min(known)
        return UNKNOWN

    def _bytes(self, position: int) -> bytes:
        start = self._ends[position - 1] if position else 0
        return bytes(self.blob[start : self._ends[position]])


def _sorted_positions(words: Sequence[bytes]) -> npt.NDArray[np.uint32]:
    # Integers sort quickly, and the first eight bytes as one tell nine words in ten apart.
    heads = np.array(words, "S8").view(">u8")
    order = np.argsort(heads)
    heads = heads[order]
    tied = np.zeros(len(words), bool)
    tied[1:] = heads[1:] == heads[:-1]
    tied[:-1] |= tied[1:]
    order[tied] = sorted(order[tied].tolist(), key=words.__getitem__)
    return order.astype(np.uint32)
