"""Sentences to rows of numbers: recurrent layers in one direction or in both, and a pool."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from emojify.nn.arrays import Floats, Ints, Shape
from emojify.nn.batch import PackedBatch
from emojify.nn.cells import Cell
from emojify.nn.params import Params
from emojify.nn.pool import Last, Pool
from emojify.nn.recurrent import Recurrent, Tape

_BACK = "back."  # before the names of the weights of the layer that reads backwards


class Reading(NamedTuple):
    """What one forward pass of an encoder leaves for one backward pass.

    Attributes:
        tapes: of each direction's recurrent layer.
        states: for each direction ``(N, H)``, the states in the order in which they were reached.
        features: ``(B, F)`` what was made of them.
    """

    tapes: list[Tape]
    states: list[Floats]
    features: Floats


class Encoder:
    """A recurrent layer that reads every sentence, or two, of which one reads it backwards.

    ::

        features = pool(Recurrent(X))                              (B, H)
        features = pool(Recurrent(X)), pool(Recurrent(X reversed)) (B, 2 H) side by side

    Reading backwards is reading other rows of the same ``X``; see :attr:`PackedBatch.reverse`.
    With two directions every state has seen what comes before its word or what comes after it
    (Schuster and Paliwal 1997).

    Args:
        cell: the recurrent cell of every layer.
        params: the weights, made of :meth:`shapes`.
        pool: how a sentence is read off its states.
        bidirectional: whether there are two directions.
    """

    def __init__(self, cell: Cell, params: Params, pool: Pool, bidirectional: bool) -> None:
        self.cell = cell
        self.pool = pool
        self.bidirectional = bidirectional
        self._parts = [params.part(""), *([params.part(_BACK)] if bidirectional else [])]
        self.layers = [Recurrent(cell, part) for part in self._parts]

    @property
    def reads_on(self) -> bool:
        """Whether the state after each word is what the features would be if it were the last."""
        return isinstance(self.pool, Last) and not self.bidirectional

    def twin(self, params: Params) -> Encoder:
        """Return an encoder of the same make for other parameters."""
        return Encoder(self.cell, params, self.pool, self.bidirectional)

    @staticmethod
    def shapes(cell: Cell, inputs: int, hidden: int, bidirectional: bool) -> dict[str, Shape]:
        """Return the shapes of the weights; those that read backwards have names of their own."""
        shapes = cell.shapes(inputs, hidden)
        back = {f"{_BACK}{name}": shape for name, shape in shapes.items()}
        return shapes | back if bidirectional else shapes

    @staticmethod
    def width(hidden: int, bidirectional: bool) -> int:
        """Return F, how many features a sentence has."""
        return 2 * hidden if bidirectional else hidden

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw all weights anew."""
        for part in self._parts:
            self.cell.initialize(part, rng)

    def forward(self, X: Floats, batch: PackedBatch, words: Ints | None = None) -> Reading:
        """Read every sentence.

        Args:
            X: ``(N, D)`` the inputs of all tokens; or ``(R, D)``, the distinct ones.
            batch: which tokens are which step of which sentence.
            words: ``(N,)`` which row of ``X`` each token is, if they are the distinct ones.
        """
        tapes, states, pooled = [], [], []
        for layer, rows in zip(self.layers, self._rows(batch, words), strict=True):
            H, tape = layer.forward(X, batch, words=rows)
            tapes.append(tape)
            states.append(H)
            pooled.append(self.pool.forward(H, batch))
        return Reading(tapes, states, np.concatenate(pooled, axis=1))

    def backward(
        self, reading: Reading, d_features: Floats, with_inputs: bool = False
    ) -> Floats | None:
        """Fill the gradients of the weights from that of the features.

        Args:
            reading: what :meth:`forward` returned; it is used up.
            d_features: ``(B, F)``.
            with_inputs: whether to compute ``dX``, which only a tuned embedding needs.

        Returns:
            ``dX (N, D)`` of the tokens, or ``None``.
        """
        batch = reading.tapes[0].batch
        count = len(self.layers)
        pooled = np.split(reading.features, count, axis=1)
        gradients = np.split(d_features, count, axis=1)
        total: Floats | None = None
        for layer, tape, H, part, d_part, rows in zip(
            self.layers,
            reading.tapes,
            reading.states,
            pooled,
            gradients,
            self._rows(batch, None),
            strict=True,
        ):
            d_states = self.pool.backward(H, part, d_part, batch)
            dX, _ = layer.backward(tape, *d_states, with_inputs=with_inputs)
            if dX is not None:
                total = dX if total is None else total + dX[rows]
        return total

    def _rows(self, batch: PackedBatch, words: Ints | None) -> list[Ints | None]:
        """Return for each direction which row of ``X`` each step of it reads; ``None`` for its own.

        Turning around twice changes nothing, so the same rows lead back.
        """
        if not self.bidirectional:
            return [words]
        back = batch.reverse
        return [words, back if words is None else words[back]]
