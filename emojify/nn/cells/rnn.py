"""The plain recurrent cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emojify.nn.arrays import Floats
from emojify.nn.cells.base import Cell
from emojify.nn.params import Params


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
        params: Params,
        z: Floats,
        before: Sequence[Floats],
        after: Sequence[Floats],
        kept: Sequence[Floats],
    ) -> None:
        """``h' = tanh(z + h U)``."""
        (h_prev,), (h,) = before, after
        z += h_prev @ params["U"]
        np.tanh(z, out=h)

    def slopes(
        self, Z: Floats, before: Sequence[Floats], after: Sequence[Floats], kept: Sequence[Floats]
    ) -> tuple[Floats, ...]:
        """What ``dh'`` is multiplied by: ``1 - h'²``, ``(N, H)``."""
        (H,) = after
        np.multiply(H, H, out=Z)
        np.subtract(1, Z, out=Z)
        return (Z,)

    def backward(
        self, params: Params, slopes: Sequence[Floats], d_states: Sequence[Floats], dz: Floats
    ) -> None:
        """``dz = dh' ∘ slope``; ``dh = dz Uᵀ``."""
        (slope,), (dh,) = slopes, d_states
        np.multiply(dh, slope, out=dz)
        np.matmul(dz, params["U"].T, out=dh)
