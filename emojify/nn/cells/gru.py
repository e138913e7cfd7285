"""The gated recurrent unit, in both of its conventions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emojify.nn.arrays import Floats, Shape
from emojify.nn.cells.base import Cell, blocks, sigmoid
from emojify.nn.params import Params


@dataclass(frozen=True)
class GRU(Cell):
    """The gated recurrent unit: no separate memory, two gates and a candidate.

    From Cho et al. (2014), mixed as Chung et al. (2014) do.

    Gates, in this order: reset ``r``, update ``u``, candidate ``n``.

    Forward::

        r = σ(x Wr + h Ur + br)
        u = σ(x Wu + h Uu + bu)
        n = tanh(x Wn + a + bn)
        h' = u ∘ n + (1 - u) ∘ h

    What the candidate sees of the past, ``a``, is where two conventions part::

        a = (r ∘ h) Un             reset before the product: Cho, Chung; the default
        a = r ∘ (h Un + bh)        reset after it: cuDNN, PyTorch; one more bias

    Backward, from ``dh'``::

        dzn = dh' ∘ u ∘ (1 - n²)
        dzu = dh' ∘ (n - h) ∘ u ∘ (1 - u)
        dh = dh' ∘ (1 - u) + dzr Urᵀ + dzu Uuᵀ + …

        before:  dm = dzn Unᵀ,  dzr = dm ∘ h ∘ r ∘ (1 - r),             … = dm ∘ r
        after:   dm = dzn ∘ r,  dzr = dzn ∘ (h Un + bh) ∘ r ∘ (1 - r),  … = dm Unᵀ

    Cho, Keras and PyTorch mix the other way round, ``h' = (1 - z) ∘ n + z ∘ h``. That is the same
    network with the signs of ``Wu``, ``Uu`` and ``bu`` turned, because σ(-x) = 1 - σ(x).

    Attributes:
        reset_after: where the reset stands; ``True`` as in cuDNN and PyTorch.
    """

    gates = 3
    kept = 1  # before: r ∘ h; after: h Un + bh

    reset_after: bool = False

    def shapes(self, inputs: int, hidden: int) -> dict[str, Shape]:
        """As every cell; ``reset_after`` adds ``bh (H,)``."""
        shapes = super().shapes(inputs, hidden)
        return shapes | {"bh": (hidden,)} if self.reset_after else shapes

    def forward(
        self,
        params: Params,
        z: Floats,
        before: Sequence[Floats],
        after: Sequence[Floats],
        kept: Sequence[Floats],
    ) -> None:
        """``h' = h + u ∘ (n - h)``, the mixture with one product less."""
        (h_prev,), (h,), (past,) = before, after, kept
        hidden = h.shape[1]
        U_ru, U_n = params["U"][:, : 2 * hidden], params["U"][:, 2 * hidden :]
        ru = z[:, : 2 * hidden]
        r, u, n = blocks(z, hidden)
        ru += h_prev @ U_ru
        sigmoid(ru)
        if self.reset_after:
            np.matmul(h_prev, U_n, out=past)
            past += params["bh"]
            n += r * past
        else:
            np.multiply(r, h_prev, out=past)
            n += past @ U_n
        np.tanh(n, out=n)
        np.subtract(n, h_prev, out=h)
        h *= u
        h += h_prev

    def slopes(
        self, Z: Floats, before: Sequence[Floats], after: Sequence[Floats], kept: Sequence[Floats]
    ) -> tuple[Floats, ...]:
        """Slopes of the three gates, ``(N, 3·H)``; then ``r`` and ``1 - u``, each ``(N, H)``."""
        (H_prev,), (past,) = before, kept
        r, u, n = blocks(Z, H_prev.shape[1])
        gate, stay = r.copy(), 1 - u
        r *= (1 - r) * (past if self.reset_after else H_prev)
        n_slope = u * (1 - n * n)
        u *= stay * (n - H_prev)
        n[...] = n_slope
        return Z, gate, stay

    def backward(
        self, params: Params, slopes: Sequence[Floats], d_states: Sequence[Floats], dz: Floats
    ) -> None:
        """``dzu`` and ``dzn`` come from ``dh'``, ``dzr`` through the candidate."""
        (slope, r, stay), (dh,) = slopes, d_states
        hidden = dh.shape[1]
        U_ru, U_n = params["U"][:, : 2 * hidden], params["U"][:, 2 * hidden :]
        dz_r, dz_u, dz_n = blocks(dz, hidden)
        r_slope, u_slope, n_slope = blocks(slope, hidden)
        np.multiply(dh, u_slope, out=dz_u)
        np.multiply(dh, n_slope, out=dz_n)
        dh *= stay
        if self.reset_after:
            np.multiply(dz_n, r_slope, out=dz_r)
            dh += (dz_n * r) @ U_n.T
        else:
            dm = dz_n @ U_n.T
            np.multiply(dm, r_slope, out=dz_r)
            dm *= r
            dh += dm
        dh += dz[:, : 2 * hidden] @ U_ru.T

    def recurrent_gradient(
        self,
        params: Params,
        dZ: Floats,
        H_prev: Floats,
        kept: Sequence[Floats],
        slopes: Sequence[Floats],
    ) -> None:
        """``dUr`` and ``dUu`` as in every cell; ``dUn`` from what the candidate saw of the past."""
        (past,), (_, r, _) = kept, slopes
        hidden = H_prev.shape[1]
        dU, dZ_n = params.grads["U"], dZ[:, 2 * hidden :]
        dU[:, : 2 * hidden] = H_prev.T @ dZ[:, : 2 * hidden]
        if self.reset_after:
            dM = dZ_n * r
            dU[:, 2 * hidden :] = H_prev.T @ dM
            dM.sum(axis=0, out=params.grads["bh"])
        else:
            dU[:, 2 * hidden :] = past.T @ dZ_n
