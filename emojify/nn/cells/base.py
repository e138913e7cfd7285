"""What a recurrent cell is, and what all of them share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from emojify.nn.arrays import Floats, Shape
from emojify.nn.gates import by_gate
from emojify.nn.params import Params


class Cell(ABC):
    """The pointwise heart of a recurrent layer: one step forward, one step backward.

    Everything else is done by :class:`~emojify.nn.recurrent.Recurrent`: the loop over time, the
    products with ``W``, ``U`` and their transposes, the storage, the gradients of the weights.

    The weights hold a cell's gates side by side, in the order that its docstring names: ``W`` is
    ``(D, G·H)``. What is computed holds them one after the other, ``z (G, n, H)``, so that a gate
    is one contiguous array and ``o, f, i, g = z`` takes them apart. Every array a method is handed
    is a view that it fills or changes in place.

    Attributes:
        gates: G, how many blocks of H columns ``W``, ``U`` and ``b`` have.
        recurrent: how many of the gates, from the first, get ``h U`` from the layer. The others
            are told of the past by the cell itself, which then also has
            :meth:`own_gradients` to fill.
        states: how many ``(B, H)`` arrays go from step to step; the first is the hidden state.
        kept: how many more ``(N, H)`` arrays the forward step leaves for the backward pass.
    """

    gates: ClassVar[int]
    recurrent: ClassVar[int | None] = None  # all of them
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
        gates = (by_gate(params[name], self.gates) for name in ("W", "U"))
        for W, U in zip(*gates, strict=True):
            W[...] = glorot(W.shape, rng)
            U[...] = np.linalg.qr(rng.standard_normal(U.shape))[0]

    @abstractmethod
    def forward(
        self,
        weights: Mapping[str, Floats],
        z: Floats,
        before: Sequence[Floats],
        after: Sequence[Floats],
        gates: Floats,
        kept: Sequence[Floats],
    ) -> None:
        """Take n sentences one step further.

        Args:
            weights: the weights, ``U`` as ``(G, H, H)``.
            z: ``(R, n, H)`` holds ``x W + b + h U`` for the first R gates, the recurrent ones; may
                be overwritten.
            before: the states before the step, each ``(n, H)``.
            after: the states after the step, each ``(n, H)``, to be filled.
            gates: ``(G, n, H)`` holds ``x W + b``; to be filled with the activated gates if
                :meth:`slopes` wants to find them there.
            kept: more arrays for the backward pass, each ``(n, H)``, to be filled.
        """

    @abstractmethod
    def slopes(
        self, after: Sequence[Floats], gates: Floats, kept: Sequence[Floats]
    ) -> tuple[Floats, ...]:
        """Compute for all N tokens at once what backward needs beside the incoming gradient.

        Args:
            after: the states after each token, each ``(N, H)``.
            gates: ``(G, N, H)``, as :meth:`forward` left them; are left holding the slopes of the
                gates, what ``dz`` is for every unit of the gradient that comes in.
            kept: as :meth:`forward` left them, each ``(N, H)``.

        Returns:
            Further arrays ``(N, H)``, of which :meth:`backward` gets the rows of its step.
        """

    @abstractmethod
    def backward(
        self,
        weights: Mapping[str, Floats],
        slopes: Sequence[Floats],
        d_states: Sequence[Floats],
        dz: Floats,
    ) -> None:
        """Take the gradient of n sentences one step back.

        Args:
            weights: the weights, ``U`` as ``(G, H, H)`` with every gate transposed.
            slopes: what :meth:`slopes` returned, the rows of this step.
            d_states: the gradient of the states after the step, each ``(n, H)``; is left holding
                that of the states before the step. What reaches the hidden state through the
                layer's ``h U`` is added by the layer.
            dz: ``(G, n, H)`` holds the slopes of the gates; is left holding the gradient of what
                was summed up for them, ``x W + b + h U``.
        """

    def own_gradients(  # noqa: B027  (most cells have none)
        self,
        params: Params,
        dZ: Floats,
        H_prev: Floats,
        kept: Sequence[Floats],
        slopes: Sequence[Floats],
    ) -> None:
        """Fill the gradients of weights that only this cell has a product with; none here.

        Args:
            params: the weights and their gradients, as they are stored.
            dZ: ``(G, N, H)`` what :meth:`backward` left, for all tokens.
            H_prev: ``(N, H)`` the hidden state before each token.
            kept: what :meth:`forward` kept, each ``(N, H)``.
            slopes: what :meth:`slopes` returned.
        """


def sigmoid(x: Floats, out: Floats | None = None) -> None:
    """σ(x) = 1 / (1 + e⁻ˣ) as ½ tanh(½ x) + ½, a form that cannot overflow.

    The result is in ``out``, or in place of ``x``, which is overwritten either way.
    """
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    np.add(x, 0.5, out=x if out is None else out)


def glorot(shape: Shape, rng: np.random.Generator) -> Floats:
    """Draw a matrix from U(-r, r) with r = √(6 / (rows + columns))."""
    reach = np.sqrt(6.0 / sum(shape))
    return rng.uniform(-reach, reach, shape)
