"""From a hidden state for every word to one row for every sentence."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from emojify.nn.arrays import Floats
from emojify.nn.batch import PackedBatch


class StateGradient(NamedTuple):
    """The gradient of hidden states, as :meth:`Recurrent.backward` takes it.

    Attributes:
        d_last: ``(B, H)`` of the state after each sentence's last word, or ``None``.
        d_every: ``(N, H)`` of the state after every word, or ``None``.
    """

    d_last: Floats | None = None
    d_every: Floats | None = None


class Pool(Protocol):
    """A way to read a sentence off its hidden states."""

    def forward(self, H: Floats, batch: PackedBatch) -> Floats:
        """Return ``(B, H)``, a row for each sentence, in the order of the batch."""

    def backward(
        self, H: Floats, pooled: Floats, d_pooled: Floats, batch: PackedBatch
    ) -> StateGradient:
        """Return the gradient of the states.

        Args:
            H: ``(N, H)`` the states.
            pooled: ``(B, H)`` what :meth:`forward` returned for them.
            d_pooled: ``(B, H)`` its gradient.
            batch: which states are of which sentence.
        """


class Last:
    """Many-to-one as it is taught: the state after the last word has read all of them."""

    def forward(self, H: Floats, batch: PackedBatch) -> Floats:
        """Return ``h_T``."""
        return H[batch.last]

    def backward(
        self, H: Floats, pooled: Floats, d_pooled: Floats, batch: PackedBatch
    ) -> StateGradient:
        """Return ``dh_T = d_pooled``."""
        return StateGradient(d_last=d_pooled)


class Mean:
    """Every word counts alike: ``Σₜ hₜ / T``."""

    def forward(self, H: Floats, batch: PackedBatch) -> Floats:
        """Return the means."""
        grouped, starts = batch.grouped
        sums: Floats = np.add.reduceat(H[grouped], starts)
        sums /= batch.lengths[:, None].astype(H.dtype)
        return sums

    def backward(
        self, H: Floats, pooled: Floats, d_pooled: Floats, batch: PackedBatch
    ) -> StateGradient:
        """Return ``dhₜ = d_pooled / T``."""
        shares = d_pooled / batch.lengths[:, None].astype(H.dtype)
        return StateGradient(d_every=shares[batch.sentences])


class Max:
    """Every unit keeps the strongest thing that it saw: ``maxₜ hₜ`` (Collobert and Weston 2008)."""

    def forward(self, H: Floats, batch: PackedBatch) -> Floats:
        """Return the largest value of each unit."""
        grouped, starts = batch.grouped
        largest: Floats = np.maximum.reduceat(H[grouped], starts)
        return largest

    def backward(
        self, H: Floats, pooled: Floats, d_pooled: Floats, batch: PackedBatch
    ) -> StateGradient:
        """Send the gradient to where the largest value was; equal ones share it."""
        grouped, starts = batch.grouped
        sentences = batch.sentences
        reached = (pooled[sentences] == H).astype(H.dtype)
        shares = d_pooled / np.add.reduceat(reached[grouped], starts)
        reached *= shares[sentences]
        return StateGradient(d_every=reached)


POOLS: dict[str, Pool] = {"last": Last(), "mean": Mean(), "max": Max()}
