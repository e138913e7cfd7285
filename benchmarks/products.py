"""The matrix products of our network alone: what no pointwise work and no overhead can undercut.

The same products as in a training epoch of emojify, with the same shapes and the same layout of
what is multiplied, one after another into arrays that are there already: nothing else is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import deal_by_length

Product = tuple[Floats, Floats, Floats]

# Of how many gates at once the state is multiplied with U: the GRU's candidate waits for its reset.
_STATE_PRODUCTS = {"rnn": (1,), "lstm": (4,), "gru": (2, 1)}
_LOOKED_AT = 256  # sentences that emojify scores after an epoch


def epochs(
    cell: str, lengths: Ints, size: int, inputs: int, hidden: int, classes: int
) -> Callable[[], None]:
    """Return a call that does the products of one epoch.

    Args:
        cell: which network.
        lengths: ``(S,)`` how many words each sentence has.
        size: B, how many sentences a batch has.
        inputs: D.
        hidden: H.
        classes: K.
    """
    work = _Work(cell, int(lengths.max()) * max(size, _LOOKED_AT), inputs, hidden, classes)
    batches = deal_by_length(lengths, size, np.random.default_rng(1))
    products = [p for chosen in batches for p in work.training_step(_alive(lengths[chosen]))]
    products += work.forward(_alive(lengths[:_LOOKED_AT]))

    def epoch() -> None:
        matmul = np.matmul
        for left, right, out in products:
            matmul(left, right, out=out)

    return epoch


def _alive(lengths: Ints) -> list[int]:
    """Return how many sentences have a word at each step."""
    return [int((lengths > step).sum()) for step in range(int(lengths.max()))]


class _Work:
    """Arrays as large as the largest batch needs, and the products over parts of them."""

    def __init__(self, cell: str, tokens: int, inputs: int, hidden: int, classes: int) -> None:
        stops = np.cumsum(_STATE_PRODUCTS[cell]) * hidden
        starts = [0, *stops[:-1]]
        self.parts = [slice(int(i), int(j)) for i, j in zip(starts, stops, strict=True)]
        width = int(stops[-1])
        draw = np.random.default_rng(1).standard_normal
        self.X = draw((tokens, inputs), np.float32)
        self.Z = draw((tokens, width), np.float32)
        self.H = draw((tokens, hidden), np.float32)
        self.logits = draw((tokens, classes), np.float32)
        self.W = draw((inputs, width), np.float32)
        self.U = draw((hidden, width), np.float32)
        self.Wy = draw((hidden, classes), np.float32)
        self.dW, self.dU, self.dWy = map(np.empty_like, (self.W, self.U, self.Wy))
        self._scratch = np.empty(tokens * width, np.float32)

    def training_step(self, alive: Sequence[int]) -> Iterator[Product]:
        """The products of a batch, forward and backward."""
        sentences, tokens, hidden = alive[0], sum(alive), self.H.shape[1]
        H, Z, logits = self.H[:tokens], self.Z[:tokens], self.logits[:sentences]
        yield from self.forward(alive)
        yield H[:sentences].T, logits, self.dWy
        yield logits, self.Wy.T, self._out(sentences, hidden)
        stop = tokens
        for count in reversed(alive):
            start = stop - count
            for part in reversed(self.parts):
                yield Z[start:stop, part], self.U[:, part].T, self._out(count, hidden)
            stop = start
        yield self.X[:tokens].T, Z, self.dW
        for part in self.parts:
            yield H.T, Z[:, part], self.dU[:, part]

    def forward(self, alive: Sequence[int]) -> Iterator[Product]:
        """The products of a batch, forward only."""
        sentences, tokens = alive[0], sum(alive)
        yield self.X[:tokens], self.W, self.Z[:tokens]
        start = 0
        for count in alive:
            h = self.H[start : start + count]
            for part in self.parts:
                yield h, self.U[:, part], self._out(count, part.stop - part.start)
            start += count
        yield self.H[:sentences], self.Wy, self.logits[:sentences]

    def _out(self, rows: int, columns: int) -> Floats:
        return self._scratch[: rows * columns].reshape(rows, columns)
