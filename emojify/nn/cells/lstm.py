"""The long short-term memory cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from emojify.nn.arrays import Floats
from emojify.nn.cells.base import Cell, sigmoid
from emojify.nn.gates import by_gate
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
        _, bf, _, _ = by_gate(params["b"], self.gates)
        bf[...] = 1

    def forward(
        self,
        weights: Mapping[str, Floats],
        z: Floats,
        before: Sequence[Floats],
        after: Sequence[Floats],
        gates: Floats,
        kept: Sequence[Floats],
    ) -> None:
        """``c' = f ∘ c + i ∘ g``; ``h' = o ∘ tanh(c')``."""
        (_, c_prev), (h, c), (tanh_c,) = before, after, kept
        o, f, i, g = gates
        sigmoid(z[:3], out=gates[:3])
        np.tanh(z[3], out=g)
        np.multiply(f, c_prev, out=c)
        np.multiply(i, g, out=h)  # not yet the state: a place for the product
        c += h
        np.tanh(c, out=tanh_c)
        np.multiply(o, tanh_c, out=h)

    def slopes(
        self, after: Sequence[Floats], gates: Floats, kept: Sequence[Floats]
    ) -> tuple[Floats, ...]:
        """Return ``∂h'/∂c'`` and ``f``; where ``f ∘ c`` is wanted, it is ``c' - i ∘ g``."""
        (_, C), (tanh_C,) = after, kept
        o, f, i, g = gates
        ig = i * g
        forget = f.copy()
        np.subtract(1, f, out=f)
        f *= C - ig  # f ∘ c ∘ (1 - f)
        through_h = tanh_C * tanh_C
        np.subtract(1, through_h, out=through_h)
        through_h *= o  # o ∘ (1 - tanh²(c'))
        o -= o * o
        o *= tanh_C  # tanh(c') ∘ o ∘ (1 - o)
        np.subtract(i, ig * g, out=g)  # i ∘ (1 - g²)
        np.subtract(ig, ig * i, out=i)  # g ∘ i ∘ (1 - i)
        return through_h, forget

    def backward(
        self,
        weights: Mapping[str, Floats],
        slopes: Sequence[Floats],
        d_states: Sequence[Floats],
        dz: Floats,
    ) -> None:
        """``dzo`` comes from ``dh'``; ``dzf``, ``dzi`` and ``dzg`` from ``dc'``."""
        (through_h, forget), (dh, dc) = slopes, d_states
        dz[0] *= dh
        dh *= through_h
        dc += dh
        dz[1:] *= dc
        dc *= forget
        dh[...] = 0
