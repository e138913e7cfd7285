"""Optimisers and what is done to a gradient before a step."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from emojify.nn.arrays import Floats, Ints
from emojify.nn.params import Params


class SGD:
    """Stochastic gradient descent: ``theta ← theta - learning_rate · grad``.

    Args:
        theta: the array to train, changed in place by every step.
        learning_rate: the length of a step, per unit of gradient.
        momentum: not used here; every optimiser is made in the same way.

    Attributes:
        memory: what it carries from step to step besides ``theta``: arrays of its shape, by name.
    """

    def __init__(self, theta: Floats, learning_rate: float, momentum: float = 0.0) -> None:
        self.theta = theta
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.memory: dict[str, Floats] = {}

    def step(self, grad: Floats, rows: Ints | slice = slice(None)) -> None:
        """Take one step.

        Args:
            grad: the gradient of the array, or of the chosen rows.
            rows: the rows that ``grad`` is for; all of them by default.
        """
        self.theta[rows] -= self.learning_rate * grad


class Momentum(SGD):
    """A running mean of the gradients, as deep-learning courses teach it.

    ::

        v ← β v + (1 - β) grad
        theta ← theta - learning_rate · v

    A row that a step leaves out keeps its velocity for the next step that has it.
    """

    def __init__(self, theta: Floats, learning_rate: float, momentum: float = 0.9) -> None:
        super().__init__(theta, learning_rate, momentum)
        self.velocity = np.zeros_like(theta)  # costs memory where it is written, not before
        self.memory["velocity"] = self.velocity

    def step(self, grad: Floats, rows: Ints | slice = slice(None)) -> None:
        """Take one step; see :meth:`SGD.step`."""
        velocity = self.velocity[rows]
        velocity *= self.momentum
        velocity += self._contribution(grad)
        self.velocity[rows] = velocity
        super().step(velocity, rows)

    def _contribution(self, grad: Floats) -> Floats:
        return (1 - self.momentum) * grad


class ClassicalMomentum(Momentum):
    """The heavy ball of Polyak (1964), which PyTorch and Keras call momentum.

    ::

        v ← β v + grad
        theta ← theta - learning_rate · v
    """

    def _contribution(self, grad: Floats) -> Floats:
        return grad


OPTIMIZERS: dict[str, type[SGD]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "classical_momentum": ClassicalMomentum,
}


def add_l2(params: Params, strength: float) -> None:
    """Add the gradient of ``½ · strength · ‖W‖²`` for every matrix; biases are left alone."""
    for name, value in params.values.items():
        if value.ndim > 1:
            params.grads[name] += strength * value


def clip_by_global_norm(grads: Iterable[Floats], limit: float) -> float:
    """Scale gradients in place so that their common norm is at most ``limit``.

    Returns the norm before clipping. If that is not finite, nothing is changed: the caller has to
    look, because no scaling mends a NaN.
    """
    grads = list(grads)
    norm = float(np.sqrt(sum(map(_squared_norm, grads))))
    if np.isfinite(norm) and norm > limit:
        for grad in grads:
            grad *= limit / norm
    return norm


def _squared_norm(grad: Floats) -> float:
    flat = grad.ravel()
    with np.errstate(over="ignore"):
        squared = float(flat @ flat)
    # What is beyond the square root of float32 is still within float64.
    return squared if np.isfinite(squared) else float(np.sum(np.square(flat, dtype=np.float64)))
