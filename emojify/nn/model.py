"""The whole network: words in, probabilities of emoji out."""

from __future__ import annotations

from copy import copy
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import PackedBatch
from emojify.nn.cells import Cell
from emojify.nn.embedding import Embedding, Table
from emojify.nn.params import Params
from emojify.nn.recurrent import Recurrent
from emojify.nn.softmax import Softmax


class RowGradient(NamedTuple):
    """The gradient of some rows of the embedding table: ``rows (R,)`` and ``values (R, D)``."""

    rows: Ints
    values: Floats


class Model:
    """Embedding, recurrent layer and softmax, wired as a many-to-one classifier.

    ::

        X = table[ids]                 (N, D)
        h = Recurrent(X)               (N, H)
        probs = softmax(h Wy + by)     (N, K) after every word, (B, K) after the last

    Many-to-one is the many-to-many path read at the last word of each sentence.

    Args:
        cell: the recurrent cell.
        table: ``(V, D)`` word vectors, row 0 the unknown word. Trained in place if ``tune``.
        hidden: H, the width of the hidden state.
        classes: K, the number of emoji.
        tune: whether the word vectors are trained.
        dtype: the type everything is computed in.
    """

    def __init__(
        self,
        cell: Cell,
        table: Table,
        hidden: int,
        classes: int,
        tune: bool = False,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        shapes = cell.shapes(table.shape[1], hidden) | Softmax.shapes(hidden, classes)
        self.params = Params(shapes, dtype)
        self.embedding = Embedding(table, tune)
        self.recurrent = Recurrent(cell, self.params)
        self.softmax = Softmax(self.params)

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw all weights anew; the word vectors stay."""
        self.recurrent.cell.initialize(self.params, rng)
        self.softmax.initialize(rng)

    def twin(self) -> Model:
        """Return a model with the same weights, one array for both, for another thread."""
        twin = copy(self)
        twin.params = self.params.twin()
        twin.recurrent = Recurrent(self.recurrent.cell, twin.params)
        twin.softmax = Softmax(twin.params)
        return twin

    def loss_and_grad(self, batch: PackedBatch, labels: Ints) -> tuple[float, RowGradient | None]:
        """Compute the mean cross-entropy of a batch and all its gradients.

        Args:
            batch: the sentences.
            labels: ``(B,)`` class ids, in the order in which the sentences were given.

        Returns:
            The loss in nats, averaged over the sentences, and the gradient of the word vectors if
            they are tuned. The gradient of everything else is in ``params.grad``.
        """
        loss, dX = self._backpropagate(batch, labels, with_inputs=self.embedding.tune)
        if dX is None:
            return loss, None
        return loss, RowGradient(*self.embedding.gradient(batch.ids, dX))

    def input_gradient(self, batch: PackedBatch, labels: Ints) -> Floats:
        """Return ``(N, D)``, how each token's vector moves the probability of a class.

        ::

            gradient[i] = d log p(label of the sentence that token i is in) / d X[i]

        in nats per unit of X, in the packed order; tokens of the same word have their own rows.
        The gradients in ``params.grad`` are overwritten.

        Args:
            batch: the sentences.
            labels: ``(B,)`` class ids, in the order in which the sentences were given.
        """
        _, dX = self._backpropagate(batch, labels, with_inputs=True)
        # The loss is minus the mean of the logarithms, and a token moves that of its sentence only.
        return -len(labels) * cast("Floats", dX)

    def log_proba(self, batch: PackedBatch) -> Floats:
        """Return ``(B, K)``, logarithms of the probabilities after each sentence's last word.

        The rows are in the order in which the sentences were given.
        """
        distinct, words = np.unique(batch.ids, return_inverse=True)
        H, _ = self.recurrent.forward(self._inputs(distinct), batch, words=words)
        return batch.in_given_order(self.softmax.log_probs(H[batch.last]))

    def log_proba_every_step(self, batch: PackedBatch) -> Floats:
        """Return ``(N, K)``, the same after every word, in the packed order."""
        H, _ = self.recurrent.forward(self._inputs(batch.ids), batch)
        return self.softmax.log_probs(H)

    def _backpropagate(
        self, batch: PackedBatch, labels: Ints, with_inputs: bool
    ) -> tuple[float, Floats | None]:
        """Fill all gradients; return the loss and, if asked for, ``dX (N, D)``."""
        H, tape = self.recurrent.forward(self._inputs(batch.ids), batch)
        h_last = H[batch.last]
        loss, dlogits = self.softmax.loss(h_last, labels[batch.order])
        dh_last = self.softmax.backward(h_last, dlogits)
        dX, _ = self.recurrent.backward(tape, d_last=dh_last, with_inputs=with_inputs)
        return loss, dX

    def _inputs(self, ids: Ints) -> Floats:
        X = self.embedding.forward(ids)
        return X.astype(self.params.theta.dtype, copy=False)
