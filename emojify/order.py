"""The order in which a training goes through its sentences."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from emojify.checkpoint import Arrays
from emojify.corpus import Corpus, StoredCorpus
from emojify.nn.arrays import Ints
from emojify.nn.batch import deal_by_length

Place: TypeAlias = tuple[dict[str, Any], Arrays]


class Pass:
    """One pass over all sentences, batch by batch, that can be left off and taken up again.

    The sentences come shard by shard, the batches of a shard are dealt by length, and chance
    decides about both.

    Args:
        stored: the sentences.
        size: how many of them a batch has.
        rng: the source of chance.
        place: where to go on, or ``None`` to begin.

    Attributes:
        step: how many batches were taken.
        steps: how many there are in all.
        loss: whatever its owner adds up over them.
    """

    def __init__(
        self,
        stored: StoredCorpus,
        size: int,
        rng: np.random.Generator,
        place: Place | None = None,
    ) -> None:
        self._stored = stored
        self._size = size
        self._rng = rng
        self._begun = 0  # shards
        self._left: deque[Ints] = deque()  # the batches of the last of these that are to come
        self.step = 0
        self.loss = 0.0
        if place is None:
            self._shards = stored.shards(rng)
        else:
            self._go_to(*place)
        self.steps = sum(-(-stored.size(shard) // size) for shard in self._shards)

    def __iter__(self) -> Iterator[tuple[Corpus, Ints]]:
        """Take the batches that are left: the sentences in memory, and which of them."""
        shard = self._read() if self._left else None
        while self._left or self._begun < len(self._shards):
            if shard is None or not self._left:
                self._begun += 1
                shard = self._read()
                lengths = shard.sentences.lengths
                self._left = deque(deal_by_length(lengths, self._size, self._rng))
            self.step += 1
            yield shard, self._left.popleft()

    def place(self) -> Place:
        """Return how far it is, so that another one can be made that goes on from there."""
        facts = {"begun": self._begun, "step": self.step, "loss": self.loss}
        return facts, {
            "order.blocks": np.concatenate(self._shards),
            "order.left": np.concatenate([np.empty(0, np.int64), *self._left]),
            "order.ends": np.cumsum([len(batch) for batch in self._left], dtype=np.int64),
        }

    def _go_to(self, facts: dict[str, Any], arrays: Arrays) -> None:
        match facts:
            case {"begun": int(begun), "step": int(step), "loss": float(loss)}:
                self._begun, self.step, self.loss = begun, step, loss
            case _:
                raise ValueError("no place in the order")
        blocks, left, ends = (arrays[f"order.{name}"] for name in ("blocks", "left", "ends"))
        if not np.array_equal(np.sort(blocks), np.arange(self._stored.blocks)):
            raise ValueError("an order of other blocks of sentences")
        self._shards = self._stored.divided(blocks)
        if not 0 <= begun <= len(self._shards):
            raise ValueError("an order of more shards")
        size = self._stored.size(self._shards[begun - 1]) if begun else 0
        if not ((left >= 0) & (left < size)).all() or (np.diff([0, *ends, len(left)]) < 0).any():
            raise ValueError("an order of other sentences")
        # What is behind the last end is no batch.
        self._left = deque(np.split(left, ends)[:-1])

    def _read(self) -> Corpus:
        return self._stored.read(self._shards[self._begun - 1])
