"""Affine layer, softmax and cross-entropy in one."""

from __future__ import annotations

import numpy as np

from emojify.nn.arrays import Floats, Ints, Shape
from emojify.nn.cells.base import glorot
from emojify.nn.params import Params


class Softmax:
    """From hidden states to the probabilities of K emoji, and from labels to a loss.

    Forward, for n rows ``h (n, H)``::

        logits = h Wy + by
        log_probs = logits - log Σₖ exp(logits)
        loss = -mean over rows of log_probs[label]

    Backward::

        dlogits = (exp(log_probs) - onehot(label)) / n
        dWy = hᵀ dlogits,  dby = Σ dlogits,  dh = dlogits Wyᵀ

    The loss comes from the logits with each row's own maximum taken off first, so neither the
    exponential nor the logarithm can leave the range of floats.
    """

    def __init__(self, params: Params) -> None:
        self.params = params

    @staticmethod
    def shapes(hidden: int, classes: int) -> dict[str, Shape]:
        """Return the shapes of the weights: ``Wy (H, K)``, ``by (K,)``."""
        return {"Wy": (hidden, classes), "by": (classes,)}

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw ``Wy`` uniformly after Glorot and Bengio (2010); ``by`` stays zero."""
        self.params["Wy"][...] = glorot(self.params["Wy"].shape, rng)

    def cool(self, temperature: float) -> None:
        """Divide the logits by a temperature from now on: ``softmax(logits / temperature)``."""
        for name in ("Wy", "by"):
            self.params.values[name] /= temperature

    def log_probs(self, h: Floats) -> Floats:
        """Return the logarithms of the probabilities, ``(n, K)``."""
        return log_softmax(h @ self.params["Wy"] + self.params["by"])

    def loss(self, h: Floats, labels: Ints, count: int | None = None) -> tuple[float, Floats]:
        """Return the mean cross-entropy in nats and its gradient ``dlogits (n, K)``.

        Args:
            h: ``(n, H)`` hidden states.
            labels: ``(n,)`` class ids.
            count: how many the sum over the rows is divided by to be a mean; n by default.
        """
        count = len(labels) if count is None else count
        log_probs = self.log_probs(h)
        rows = np.arange(len(labels))
        loss = -float(log_probs[rows, labels].sum(dtype=np.float64)) / count
        dlogits = np.exp(log_probs)
        dlogits[rows, labels] -= 1
        dlogits /= count
        return loss, dlogits

    def backward(self, h: Floats, dlogits: Floats) -> Floats:
        """Fill the gradients of ``Wy`` and ``by``; return ``dh (n, H)``."""
        np.matmul(h.T, dlogits, out=self.params.grads["Wy"])
        np.sum(dlogits, axis=0, out=self.params.grads["by"])
        dh: Floats = dlogits @ self.params["Wy"].T
        return dh


def log_softmax(logits: Floats) -> Floats:
    """Return ``logits - log Σ exp(logits)`` along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return log_probs
