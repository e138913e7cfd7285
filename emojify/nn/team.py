"""Threads that share the sentences of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import PackedBatch
from emojify.nn.embedding import Embedding
from emojify.nn.network import Network, RowGradient

# How many multiplications the products of a step must have in every thread, n·G·H², so that the
# threads gain more than they lose by waiting for the interpreter's lock, which NumPy leaves free
# while it computes.
_WORTH_A_THREAD = 3 * 10**6


class Team:
    """A model that is trained in several threads, each with its part of every batch.

    The weights are one array for all; every thread has gradients and work arrays of its own. The
    gradient of the batch is that of its parts, each in proportion to its sentences, added up in
    the same order every time, so the result depends on the number of threads and on nothing else.

    Args:
        model: the model; the gradient of all its weights is left in ``model.params.grad``.
        threads: how many threads, the caller's own among them.
    """

    def __init__(self, model: Network, threads: int = 1) -> None:
        self._members = [model, *(model.twin() for _ in range(threads - 1))]
        self._others = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    def parts(self, chosen: Ints) -> list[Ints]:
        """Divide the sentences of a batch among as many threads as are worth it."""
        worth = len(chosen) * self._members[0].products // _WORTH_A_THREAD
        count = max(1, min(len(self._members), worth))
        return [chosen[i::count] for i in range(count)]

    def loss_and_grad(
        self,
        batches: Sequence[PackedBatch],
        targets: Sequence[Any],
        kept: Sequence[Floats | None],
    ) -> tuple[float, RowGradient | None]:
        """Compute what :meth:`Network.loss_and_grad` does, for all parts of a batch together.

        Args:
            batches: the parts, no more than there are threads.
            targets: the right answers of each.
            kept: which features of each are not dropped.
        """
        first, *others = zip(self._members, batches, targets, kept, strict=False)
        waiting = [self._others.submit(_share, *other) for other in others] if self._others else []
        found = [_share(*first), *(other.result() for other in waiting)]
        if not others:
            return found[0]
        sizes = [len(part.order) for part in batches]
        shares = [size / sum(sizes) for size in sizes]
        total = self._members[0].params.grad
        total *= shares[0]
        for member, share in zip(self._members[1:], shares[1:], strict=False):
            total += share * member.params.grad
        loss = sum(share * part for share, (part, _) in zip(shares, found, strict=True))
        return loss, _together(shares, [rows for _, rows in found if rows])


def _share(
    model: Network, batch: PackedBatch, targets: Any, kept: Floats | None
) -> tuple[float, RowGradient | None]:
    # Each thread has settings of its own; whether the result is finite is looked for by the caller.
    with np.errstate(over="ignore", invalid="ignore"):
        return model.loss_and_grad(batch, targets, kept)


def _together(shares: list[float], gradients: list[RowGradient]) -> RowGradient | None:
    """Add up the gradients of the word vectors, if they are tuned."""
    if not gradients:
        return None
    rows = np.concatenate([gradient.rows for gradient in gradients])
    parts = zip(shares, gradients, strict=True)
    values = np.concatenate([share * gradient.values for share, gradient in parts])
    return RowGradient(*Embedding.gradient(rows, values))
