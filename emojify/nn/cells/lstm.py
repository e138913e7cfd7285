"""The long short-term memory cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emojify.nn.arrays import Floats
from emojify.nn.cells.base import Cell, blocks, sigmoid
from emojify.nn.params import Params


class LSTM(Cell):
    """Long short-term memory (Hochreiter and Schmidhuber 1997), with a forget gate (Gers 2000).

    Gates, in this order: output ``o``, forget ``f``, input ``i``, candidate ``g``. The three
    sigmoids stand side by side, and so do the three gates whose gradient comes through ``c``.

    Forward::

        o = σ(x Wo + h Uo + bo)
        f = σ(x Wf + h Uf + bf)
        i = σ(x Wi + h Ui + bi)
        g = tanh(x Wg + h Ug + bg)
        c' = f ∘ c + i ∘ g
        h' = o ∘ tanh(c')

    Backward, from ``dh'`` and ``dc'``::

        dc' += dh' ∘ o ∘ (1 - tanh²(c'))
        dzo = dh' ∘ tanh(c') ∘ o ∘ (1 - o)
        dzf = dc' ∘ c ∘ f ∘ (1 - f)
        dzi = dc' ∘ g ∘ i ∘ (1 - i)
        dzg = dc' ∘ i ∘ (1 - g²)
        dc = dc' ∘ f
        dh = dz Uᵀ
    """

    gates = 4
    states = 2
    kept = 1  # tanh(c')

    def initialize(self, params: Params, rng: np.random.Generator) -> None:
        """As every cell, but the forget gate's bias starts at 1 (Jozefowicz et al. 2015).

        An open forget gate lets the gradient through before the network has learnt to open it.
        """
        super().initialize(params, rng)
        _, bf, _, _ = blocks(params["b"], len(params["U"]))
        bf[...] = 1

    def forward(
        self,
        params: Params,
        z: Floats,
        before: Sequence[Floats],
        after: Sequence[Floats],
        kept: Sequence[Floats],
    ) -> None:
        """``c' = f ∘ c + i ∘ g``; ``h' = o ∘ tanh(c')``."""
        (h_prev, c_prev), (h, c), (tanh_c,) = before, after, kept
        hidden = h.shape[1]
        z += h_prev @ params["U"]
        sigmoid(z[:, : 3 * hidden])
        o, f, i, g = blocks(z, hidden)
        np.tanh(g, out=g)
        np.multiply(f, c_prev, out=c)
        c += i * g
        np.tanh(c, out=tanh_c)
        np.multiply(o, tanh_c, out=h)

    def slopes(
        self, Z: Floats, before: Sequence[Floats], after: Sequence[Floats], kept: Sequence[Floats]
    ) -> tuple[Floats, ...]:
        """Slopes of the four gates, ``(N, 4·H)``; then ``∂h'/∂c'`` and ``f``, each ``(N, H)``."""
        (_, C_prev), (tanh_C,) = before, kept
        o, f, i, g = blocks(Z, C_prev.shape[1])
        through_h = o * (1 - tanh_C * tanh_C)
        forget = f.copy()
        i_slope = g * i * (1 - i)
        np.multiply(i, 1 - g * g, out=g)
        i[...] = i_slope
        f *= (1 - f) * C_prev
        o *= (1 - o) * tanh_C
        return Z, through_h, forget

    def backward(
        self, params: Params, slopes: Sequence[Floats], d_states: Sequence[Floats], dz: Floats
    ) -> None:
        """``dzo`` comes from ``dh'``; ``dzf``, ``dzi`` and ``dzg`` from ``dc'``."""
        (slope, through_h, forget), (dh, dc) = slopes, d_states
        n, hidden = dh.shape
        dc += dh * through_h
        np.multiply(dh, slope[:, :hidden], out=dz[:, :hidden])
        through_c = (n, 3, hidden)
        np.multiply(
            dc[:, None],
            slope[:, hidden:].reshape(through_c),
            out=dz[:, hidden:].reshape(through_c),
        )
        dc *= forget
        np.matmul(dz, params["U"].T, out=dh)
