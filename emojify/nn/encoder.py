"""Sentences to rows of numbers: a recurrent layer in one direction, or two in both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from emojify.nn.arrays import Floats, Ints, Shape
from emojify.nn.batch import PackedBatch
from emojify.nn.cells import Cell
from emojify.nn.params import Params
from emojify.nn.recurrent import Recurrent, Tape

_BACK = "back."  # before the names of the weights of the layer that reads backwards


class Reading(NamedTuple):
    """What one forward pass of an encoder leaves for one backward pass.

    Attributes:
        batch: the sentences that were read.
        tapes: of each direction's recurrent layer.
        states: of the layer that reads forwards ``(N, H)``, after every word.
        features: ``(B, F)`` what was read off the states of all layers.
        back: ``(N,)`` where each token stands for the layer that reads backwards, if there is one.
    """

    batch: PackedBatch
    tapes: list[Tape]
    states: Floats
    features: Floats
    back: Ints | None


class Encoder:
    """A recurrent layer that reads every sentence, or two, of which one reads it backwards.

    ::

        features = h_T                       (B, H), the state after the last word
        features = h_T, h'_1 side by side    (B, 2 H), and that of the other after the first

    Reading backwards is reading other rows of the same ``X``; see :attr:`PackedBatch.reverse`.
    With two directions, what stands at the start of a sentence is as fresh as what stands at its
    end (Schuster and Paliwal 1997).

    Args:
        cell: the recurrent cell of every layer.
        params: the weights, made of :meth:`shapes`.
        bidirectional: whether there are two directions.
    """

    def __init__(self, cell: Cell, params: Params, bidirectional: bool) -> None:
        self.cell = cell
        self.bidirectional = bidirectional
        self._parts = [params.part(""), *([params.part(_BACK)] if bidirectional else [])]
        self.layers = [Recurrent(cell, part) for part in self._parts]

    def twin(self, params: Params) -> Encoder:
        """Return an encoder of the same make for other parameters."""
        return Encoder(self.cell, params, self.bidirectional)

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
        orders, back = [words], None
        if self.bidirectional:
            back = batch.reverse
            orders.append(back if words is None else words[back])
        read = [
            layer.forward(X, batch, words=order)
            for layer, order in zip(self.layers, orders, strict=True)
        ]
        features = np.concatenate([H[batch.last] for H, _ in read], axis=1)
        return Reading(batch, [tape for _, tape in read], read[0][0], features, back)

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
        parts = np.split(d_features, len(self.layers), axis=1)
        dX, *others = (
            layer.backward(tape, d_last, with_inputs=with_inputs)[0]
            for layer, tape, d_last in zip(self.layers, reading.tapes, parts, strict=True)
        )
        for of_other in others:
            if dX is not None and of_other is not None:
                dX += of_other[reading.back]  # turned around twice, all is where it was
        return dX


class Mean:
    """The mean of the vectors of a sentence's words, in the place of an encoder.

    ::

        features = mean over the words of X    (B, D)
        dX = dfeatures of the word's sentence, by its number of words

    It has no weights and knows nothing of order: what an encoder has to be better than.
    """

    def twin(self, params: Params) -> Mean:
        """Return itself, which has nothing of its own."""
        return self

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw nothing."""

    def forward(self, X: Floats, batch: PackedBatch, words: Ints | None = None) -> Reading:
        """Read every sentence; see :meth:`Encoder.forward`."""
        every = X if words is None else X[words]
        in_order = every[np.argsort(batch.sentences, kind="stable")]
        lengths = batch.lengths
        sums = np.add.reduceat(in_order, np.cumsum(lengths) - lengths, axis=0)
        features = sums / lengths[:, None].astype(X.dtype)
        return Reading(batch, [], every, features, None)

    def backward(
        self, reading: Reading, d_features: Floats, with_inputs: bool = False
    ) -> Floats | None:
        """Return ``dX (N, D)`` of the tokens, or ``None``; see :meth:`Encoder.backward`."""
        if not with_inputs:
            return None
        batch = reading.batch
        shares = d_features / batch.lengths[:, None].astype(d_features.dtype)
        dX: Floats = shares[batch.sentences]
        return dX
