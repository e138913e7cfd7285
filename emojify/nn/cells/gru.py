"""The gated recurrent unit, in both of its conventions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from emojify.nn.arrays import Floats, Shape
from emojify.nn.cells.base import Cell, sigmoid
from emojify.nn.gates import by_gate, multiply
from emojify.nn.params import Params


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

    Args:
        reset_after: where the reset stands; ``True`` as in cuDNN and PyTorch.
    """

    gates = 3
    recurrent = 2  # the reset stands between the past and the candidate
    kept = 1  # before: r ∘ h; after: h Un + bh
    reset_after = False

    def __init__(self, reset_after: bool = False) -> None:
        self.reset_after = reset_after

    def shapes(self, inputs: int, hidden: int) -> dict[str, Shape]:
        """As every cell; ``reset_after`` adds ``bh (H,)``."""
        shapes = super().shapes(inputs, hidden)
        return shapes | {"bh": (hidden,)} if self.reset_after else shapes

    def forward(
        self,
        weights: Mapping[str, Floats],
        z: Floats,
        before: Sequence[Floats],
        after: Sequence[Floats],
        gates: Floats,
        kept: Sequence[Floats],
    ) -> None:
        """``h' = h + u ∘ (n - h)``, the mixture with one product less."""
        (h_prev,), (h,), (past,) = before, after, kept
        r, u, n = gates
        U_n = weights["U"][2:]
        sigmoid(z, out=gates[:2])
        if self.reset_after:
            multiply(h_prev, U_n, out=past[None])
            past += weights["bh"]
            np.multiply(r, past, out=h)
        else:
            np.multiply(r, h_prev, out=past)
            multiply(past, U_n, out=h[None])
        h += n  # not the state yet, but a + x Wn + bn: what the candidate sees
        np.tanh(h, out=n)
        np.subtract(n, h_prev, out=h)
        h *= u
        h += h_prev

    def slopes(
        self, after: Sequence[Floats], gates: Floats, kept: Sequence[Floats]
    ) -> tuple[Floats, ...]:
        """Return ``r`` and ``1 - u``; where ``(1 - u) ∘ (n - h)`` is wanted, it is ``n - h'``."""
        (H,), (past,) = after, kept
        r, u, n = gates
        reset, stay = r.copy(), 1 - u
        np.subtract(1, r, out=r)
        r *= past  # r ∘ h already if the reset comes before the product
        if self.reset_after:
            r *= reset
        moved = n - H
        n *= n
        np.subtract(1, n, out=n)
        n *= u
        u *= moved
        return reset, stay

    def backward(
        self,
        weights: Mapping[str, Floats],
        slopes: Sequence[Floats],
        d_states: Sequence[Floats],
        dz: Floats,
    ) -> None:
        """``dzu`` and ``dzn`` come from ``dh'``, ``dzr`` through the candidate."""
        (reset, stay), (dh,) = slopes, d_states
        dz_r, _, dz_n = dz
        U_n = weights["U"][2:]
        dz[1:] *= dh
        dh *= stay
        if self.reset_after:
            dz_r *= dz_n
            dh += multiply(dz_n * reset, U_n, out=np.empty_like(dz[:1]))[0]
        else:
            (dm,) = multiply(dz_n, U_n, out=np.empty_like(dz[:1]))
            dz_r *= dm
            dm *= reset
            dh += dm

    def own_gradients(
        self,
        params: Params,
        dZ: Floats,
        H_prev: Floats,
        kept: Sequence[Floats],
        slopes: Sequence[Floats],
    ) -> None:
        """``dUn`` from what the candidate saw of the past."""
        (past,), (reset, _), dZ_n = kept, slopes, dZ[2]
        dU_n = by_gate(params.grads["U"], self.gates)[2]
        if self.reset_after:
            dM = dZ_n * reset
            np.matmul(H_prev.T, dM, out=dU_n)
            np.sum(dM, axis=0, out=params.grads["bh"])
        else:
            np.matmul(past.T, dZ_n, out=dU_n)
