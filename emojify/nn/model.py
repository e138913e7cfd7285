"""The whole network: words in, probabilities of emoji out."""

from __future__ import annotations

from copy import copy
from typing import cast

import numpy as np
import numpy.typing as npt

from emojify.nn.arrays import Floats, Ints, Shape
from emojify.nn.batch import PackedBatch, Sentences
from emojify.nn.cells import Cell
from emojify.nn.embedding import Embedding, Table
from emojify.nn.encoder import Encoder
from emojify.nn.network import Judged, RowGradient
from emojify.nn.params import Params
from emojify.nn.softmax import Softmax


class Model:
    """Embedding, encoder and softmax, wired as a many-to-one classifier.

    ::

        X = table[ids]                     (N, D)
        features = Encoder(X)              (B, F), the last state of one direction or of both
        probs = softmax(features Wy + by)  (B, K)

    With one direction, many-to-one is the many-to-many path read at the last word.

    Args:
        cell: the recurrent cell.
        table: ``(V, D)`` word vectors, row 0 the unknown word. Trained in place if ``tune``.
        hidden: H, the width of the hidden state.
        classes: K, the number of emoji.
        tune: whether the word vectors are trained.
        dtype: the type everything is computed in.
        bidirectional: whether every sentence is also read backwards.
    """

    def __init__(
        self,
        cell: Cell,
        table: Table,
        hidden: int,
        classes: int,
        tune: bool = False,
        dtype: npt.DTypeLike = np.float32,
        bidirectional: bool = False,
    ) -> None:
        shapes = self.shapes(cell, table.shape[1], hidden, classes, bidirectional)
        self.params = Params(shapes, dtype)
        self.embedding = Embedding(table, tune)
        self.encoder = Encoder(cell, self.params, bidirectional)
        self.softmax = Softmax(self.params)

    @staticmethod
    def shapes(
        cell: Cell, inputs: int, hidden: int, classes: int, bidirectional: bool = False
    ) -> dict[str, Shape]:
        """Return the shapes of all weights, by name, for D = ``inputs``."""
        features = Encoder.width(hidden, bidirectional)
        return Encoder.shapes(cell, inputs, hidden, bidirectional) | Softmax.shapes(
            features, classes
        )

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw all weights anew; the word vectors stay."""
        self.encoder.initialize(rng)
        self.softmax.initialize(rng)

    def twin(self) -> Model:
        """Return a model with the same weights, one array for both, for another thread."""
        twin = copy(self)
        twin.params = self.params.twin()
        twin.encoder = self.encoder.twin(twin.params)
        twin.softmax = Softmax(twin.params)
        return twin

    @property
    def features(self) -> int:
        """F, how many features a sentence has."""
        return len(self.params["Wy"])

    @property
    def products(self) -> int:
        """How many multiplications a state costs in a step, G·H²."""
        return self.params["U"].size

    def cool(self, temperature: float) -> None:
        """Divide the logits by a temperature from now on; see :meth:`Softmax.cool`."""
        self.softmax.cool(temperature)

    @staticmethod
    def targets(answers: Sentences, chosen: Ints | slice = slice(None)) -> Ints:
        """Return the labels of the chosen sentences, whose answers are one token each."""
        return answers.ids[chosen]

    def loss_and_grad(
        self, batch: PackedBatch, labels: Ints, kept: Floats | None = None
    ) -> tuple[float, RowGradient | None]:
        """Compute the mean cross-entropy of a batch and all its gradients.

        Args:
            batch: the sentences.
            labels: ``(B,)`` class ids, in the order in which the sentences were given.
            kept: ``(B, F)``, in the order of the batch, what each feature is multiplied with: 0
                where it is dropped; all are kept as they are by default.

        Returns:
            The loss in nats, averaged over the sentences, and the gradient of the word vectors if
            they are tuned. The gradient of everything else is in ``params.grad``.
        """
        loss, dX = self._backpropagate(batch, labels, self.embedding.tune, kept)
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
        features = self.encoder.forward(self._inputs(distinct), batch, words).features
        return batch.in_given_order(self.softmax.log_probs(features))

    def judge(self, batch: PackedBatch, labels: Ints) -> Judged:
        """Answer sentences, and compare with their labels."""
        log_probs = self.log_proba(batch)
        return Judged(log_probs, labels, int((log_probs.argmax(axis=1) == labels).sum()))

    def log_proba_every_step(self, batch: PackedBatch) -> Floats:
        """Return ``(N, K)``, the same after every word, in the packed order.

        Only of a network that reads in one direction: the other begins with the last word.
        """
        states = self.encoder.forward(self._inputs(batch.ids), batch).states
        return self.softmax.log_probs(states)

    def _backpropagate(
        self, batch: PackedBatch, labels: Ints, with_inputs: bool, kept: Floats | None = None
    ) -> tuple[float, Floats | None]:
        """Fill all gradients; return the loss and, if asked for, ``dX (N, D)``."""
        reading = self.encoder.forward(self._inputs(batch.ids), batch)
        features = reading.features if kept is None else kept * reading.features
        loss, dlogits = self.softmax.loss(features, labels[batch.order])
        d_features = self.softmax.backward(features, dlogits)
        if kept is not None:
            d_features *= kept
        return loss, self.encoder.backward(reading, d_features, with_inputs)

    def _inputs(self, ids: Ints) -> Floats:
        X = self.embedding.forward(ids)
        return X.astype(self.params.theta.dtype, copy=False)
