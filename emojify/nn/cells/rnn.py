"""The plain recurrent cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from emojify.nn.arrays import Floats
from emojify.nn.cells.base import Cell


class RNN(Cell):
    """The simple recurrent network of Elman (1990): one gate, one state.

    Forward::

        h' = tanh(x W + h U + b)

    Backward, from ``dh'``::

        dz = dh' ∘ (1 - h'²)
        dh = dz Uᵀ
    """

    gates = 1

    def forward(
        self,
        weights: Mapping[str, Floats],
        z: Floats,
        before: Sequence[Floats],
        after: Sequence[Floats],
        gates: Floats,
        kept: Sequence[Floats],
    ) -> None:
        """``h' = tanh(z)``."""
        (h,) = after
        np.tanh(z[0], out=h)

    def slopes(
        self, after: Sequence[Floats], gates: Floats, kept: Sequence[Floats]
    ) -> tuple[Floats, ...]:
        """``1 - h'²``."""
        (H,), (slope,) = after, gates
        np.multiply(H, H, out=slope)
        np.subtract(1, slope, out=slope)
        return ()

    def backward(
        self,
        weights: Mapping[str, Floats],
        slopes: Sequence[Floats],
        d_states: Sequence[Floats],
        dz: Floats,
    ) -> None:
        """``dz = dh' ∘ slope``."""
        (dh,) = d_states
        dz *= dh
        dh[...] = 0
