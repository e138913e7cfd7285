"""Word ids to word vectors."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from emojify.nn.arrays import Floats, Ints, Shape


class Table(Protocol):
    """What a frozen embedding reads from: an array, or anything that answers like one."""

    @property
    def shape(self) -> Shape:
        """``(V, D)``."""

    def __getitem__(self, ids: Ints, /) -> Floats:
        """Return the rows of these ids."""


class Embedding:
    """A table of word vectors: ``X[i] = table[ids[i]]``.

    Frozen, the table is only read, so it may be a memory-mapped file of any float type. Tuned, it
    is trained with everything else, and its gradient has a row for each *distinct* word of the
    batch and no more, so a step costs the same however many words the table holds::

        dtable[w] = Σ over tokens i with ids[i] = w of dX[i]

    Args:
        table: ``(V, D)``; row 0 is the unknown word.
        tune: whether the table is trained.
    """

    def __init__(self, table: Table, tune: bool = False) -> None:
        self.table = table
        self.tune = tune

    def forward(self, ids: Ints) -> Floats:
        """Return the vectors of the words, ``(N, D)``, in the table's dtype."""
        return self.table[ids]

    @staticmethod
    def gradient(ids: Ints, dX: Floats) -> tuple[Ints, Floats]:
        """Add up the gradients of repeated words.

        Args:
            ids: ``(N,)`` word ids.
            dX: ``(N, D)`` gradient of their vectors.

        Returns:
            The distinct ids ``(R,)``, ascending, and the gradient of their rows, ``(R, D)``.
        """
        order = np.argsort(ids, kind="stable")
        rows, starts = np.unique(ids[order], return_index=True)
        return rows, np.add.reduceat(dX[order], starts, axis=0)
