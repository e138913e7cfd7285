"""From the features of a sentence to a line of tokens, one after another."""

from __future__ import annotations

import numpy as np

from emojify.nn.arrays import Floats, Ints, Shape
from emojify.nn.batch import PackedBatch
from emojify.nn.cells import Cell
from emojify.nn.cells.base import glorot
from emojify.nn.embedding import Embedding
from emojify.nn.params import Params
from emojify.nn.recurrent import Recurrent
from emojify.nn.softmax import Softmax


class Decoder:
    """A recurrent layer whose input is the token that was written last.

    Forward, for the features of B sentences, each with a line of its own length::

        h_0 = features Wf + bf                 (B, H), where an LSTM's c_0 is zero
        x_t = E[token t - 1]                   (n, M), the token before the first is the edge
        h_t = cell(x_t, h_{t-1})               (n, H)
        log_probs_t = log softmax(h_t Wy + by) (n, K + 1)
        loss = -mean over lines of Σ_t log_probs_t[token t]

    The tokens are K emoji, which count from 0, and the edge, which is K: as an input it is the
    ``<START>`` of a line, as an output its ``<END>``. Lines are packed (:class:`PackedBatch`), so
    the loss has the real positions and no others, and needs no mask.

    Backward, ``dlogits`` over all tokens at once (:class:`Softmax`), then through the layer::

        dE[k] = Σ over inputs that are k of dx
        dWf = featuresᵀ dh_0,  dbf = Σ dh_0,  dfeatures = dh_0 Wfᵀ

    The wiring is that of Vinyals et al. (2015) and of the captioning exercise of Stanford's course
    CS231n, with sentences in the place of pictures.

    Args:
        cell: the recurrent cell.
        params: the weights, made of :meth:`shapes`.

    Attributes:
        edge: K.
    """

    def __init__(self, cell: Cell, params: Params) -> None:
        self.cell = cell
        self.params = params
        self.edge = len(params["E"]) - 1
        self._embedding = Embedding(params["E"], tune=True)
        self._recurrent = Recurrent(cell, params)
        self._softmax = Softmax(params)

    @staticmethod
    def shapes(cell: Cell, features: int, hidden: int, emoji: int, width: int) -> dict[str, Shape]:
        """Return the shapes of the weights, for F = ``features``, K = ``emoji`` and M = ``width``.

        ``Wf (F, H)``, ``bf (H,)``, ``E (K + 1, M)``, those of the cell, which has M inputs,
        ``Wy (H, K + 1)`` and ``by (K + 1,)``.
        """
        first = {"Wf": (features, hidden), "bf": (hidden,), "E": (emoji + 1, width)}
        return first | cell.shapes(width, hidden) | Softmax.shapes(hidden, emoji + 1)

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw all weights anew."""
        for name in ("Wf", "E"):
            self.params[name][...] = glorot(self.params[name].shape, rng)
        self.cell.initialize(self.params, rng)
        self._softmax.initialize(rng)

    def cool(self, temperature: float) -> None:
        """Divide the logits by a temperature from now on; see :meth:`Softmax.cool`."""
        self._softmax.cool(temperature)

    def loss_and_grad(self, features: Floats, lines: PackedBatch) -> tuple[float, Floats]:
        """Compute the mean cross-entropy of lines, and fill the gradients of all weights.

        Args:
            features: ``(B, F)``, in the order of ``lines``.
            lines: the tokens that are to be written; each line ends with the edge.

        Returns:
            The loss in nats, summed over the tokens of a line and averaged over the lines, and its
            gradient ``dfeatures (B, F)``.
        """
        before = self._tokens_before(lines)
        X = self._embedding.forward(before)
        H, tape = self._recurrent.forward(X, lines, self.first_states(features))
        loss, dlogits = self._softmax.loss(H, lines.ids, len(lines.order))
        dH = self._softmax.backward(H, dlogits)
        dX, (dh_0, *_) = self._recurrent.backward(tape, d_every=dH, with_inputs=True)
        assert dX is not None
        grads = self.params.grads
        rows, values = self._embedding.gradient(before, dX)
        grads["E"][...] = 0
        grads["E"][rows] = values
        np.matmul(features.T, dh_0, out=grads["Wf"])
        np.sum(dh_0, axis=0, out=grads["bf"])
        return loss, dh_0 @ self.params["Wf"].T

    def log_proba(self, features: Floats, lines: PackedBatch) -> Floats:
        """Return ``(N, K + 1)``, of every token of lines that are given, in the packed order.

        Each row has the logarithms of the probabilities of what might stand at its place, after
        all that stands before it.
        """
        X = self._embedding.forward(self._tokens_before(lines))
        H, _ = self._recurrent.forward(X, lines, self.first_states(features))
        return self._softmax.log_probs(H)

    def first_states(self, features: Floats) -> list[Floats]:
        """Return the states before the first token, each ``(B, H)``."""
        h_0 = features @ self.params["Wf"] + self.params["bf"]
        return [h_0, *(np.zeros_like(h_0) for _ in range(self.cell.states - 1))]

    def step(self, tokens: Ints, states: list[Floats]) -> tuple[Floats, list[Floats]]:
        """Take B lines one token further.

        Args:
            tokens: ``(B,)`` the last token of each line, the edge of one that has none yet.
            states: before this step, each ``(B, H)``.

        Returns:
            ``(B, K + 1)``, the logarithms of the probabilities of the next token, and the states
            after this step, each ``(B, H)``.
        """
        lines = len(tokens)
        batch = PackedBatch(tokens, np.array([lines]), np.arange(lines))
        H, tape = self._recurrent.forward(self._embedding.forward(tokens), batch, states)
        return self._softmax.log_probs(H), [state[lines:].copy() for state in tape.states]

    def _tokens_before(self, lines: PackedBatch) -> Ints:
        """Return ``(N,)``, the token before each."""
        starts = np.full(len(lines.order), self.edge)
        tokens: Ints = np.concatenate([starts, lines.ids])[lines.previous]
        return tokens
