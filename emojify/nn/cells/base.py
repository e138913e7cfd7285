"""What a recurrent cell is, and what all of them share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from emojify.nn.arrays import Floats, Shape
from emojify.nn.params import Params


class Cell(ABC):
    """The pointwise heart of a recurrent layer: one step forward, one step backward.

    Everything else is done by :class:`~emojify.nn.recurrent.Recurrent`: the loop over time, the
    product ``X W + b`` for all tokens at once, the storage, the gradients of ``W`` and ``b``.

    A cell's gates are contiguous blocks of H columns in one ``(…, G·H)`` matrix; its docstring
    names their order. Every array a method is handed is a view that it fills or changes in place.

    Attributes:
        gates: G, how many blocks of H columns ``W``, ``U``, ``b`` and ``Z`` have.
        states: how many ``(B, H)`` arrays go from step to step; the first is the hidden state.
        kept: how many more ``(N, H)`` arrays the forward step leaves for the backward pass.
    """

    gates: ClassVar[int]
    states: ClassVar[int] = 1
    kept: ClassVar[int] = 0

    def shapes(self, inputs: int, hidden: int) -> dict[str, Shape]:
        """Return the shapes of the weights: ``W (D, G·H)``, ``U (H, G·H)``, ``b (G·H,)``."""
        width = self.gates * hidden
        return {"W": (inputs, width), "U": (hidden, width), "b": (width,)}

    def initialize(self, params: Params, rng: np.random.Generator) -> None:
        """Draw ``W`` uniformly after Glorot and Bengio (2010), ``U`` orthogonal gate by gate.

        Biases start at zero. An orthogonal ``U`` neither stretches nor shrinks the state, so
        gradients reach the first words of a sentence from the first epoch on (Saxe et al. 2014).
        """
        hidden = len(params["U"])
        for W, U in zip(blocks(params["W"], hidden), blocks(params["U"], hidden), strict=True):
            W[...] = glorot(W.shape, rng)
            U[...] = np.linalg.qr(rng.standard_normal(U.shape))[0]

    @abstractmethod
    def forward(
        self,
        params: Params,
        z: Floats,
        before: Sequence[Floats],
        after: Sequence[Floats],
        kept: Sequence[Floats],
    ) -> None:
        """Take n sentences one step further.

        Args:
            params: the weights.
            z: ``(n, G·H)`` holds ``x W + b``; is left holding what :meth:`slopes` wants to find
                there, which is the activated gates if the cell has any.
            before: the states before the step, each ``(n, H)``.
            after: the states after the step, each ``(n, H)``, to be filled.
            kept: arrays for the backward pass, each ``(n, H)``, to be filled.
        """

    @abstractmethod
    def slopes(
        self, Z: Floats, before: Sequence[Floats], after: Sequence[Floats], kept: Sequence[Floats]
    ) -> tuple[Floats, ...]:
        """Compute for all N tokens at once what backward needs beside the incoming gradient.

        Arguments are those of :meth:`forward` for all tokens, as it left them. ``Z`` may be
        overwritten. Returns arrays with N rows, of which :meth:`backward` gets those of its step.
        """

    @abstractmethod
    def backward(
        self, params: Params, slopes: Sequence[Floats], d_states: Sequence[Floats], dz: Floats
    ) -> None:
        """Take the gradient of n sentences one step back.

        Args:
            params: the weights.
            slopes: what :meth:`slopes` returned, the rows of this step.
            d_states: the gradient of the states after the step, each ``(n, H)``; is left holding
                that of the states before the step.
            dz: ``(n, G·H)``, to be filled with the gradient of ``x W + b``.
        """

    def recurrent_gradient(
        self,
        params: Params,
        dZ: Floats,
        H_prev: Floats,
        kept: Sequence[Floats],
        slopes: Sequence[Floats],
    ) -> None:
        """Fill ``params.grads["U"]``: ``dU = H_prevᵀ dZ``, one product for all tokens."""
        np.matmul(H_prev.T, dZ, out=params.grads["U"])


def blocks(array: Floats, hidden: int) -> list[Floats]:
    """Split the last axis into views of ``hidden`` columns, one for each gate."""
    return [array[..., i : i + hidden] for i in range(0, array.shape[-1], hidden)]


def sigmoid(x: Floats) -> None:
    """σ(x) = 1 / (1 + e⁻ˣ), in place, as ½ tanh(½ x) + ½: this form cannot overflow."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5


def glorot(shape: Shape, rng: np.random.Generator) -> Floats:
    """Draw a matrix from U(-r, r) with r = √(6 / (rows + columns))."""
    reach = np.sqrt(6.0 / sum(shape))
    return rng.uniform(-reach, reach, shape)
