"""A cell run over packed sentences: the only loop over time in the project."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emojify.nn.arrays import Floats
from emojify.nn.batch import PackedBatch
from emojify.nn.cells import Cell
from emojify.nn.params import Params
from emojify.nn.workspace import Workspace


@dataclass(frozen=True)
class Tape:
    """What one forward pass leaves for one backward pass, which uses it up.

    Attributes:
        X: ``(N, D)`` the inputs.
        Z: ``(N, G·H)`` what the cell left of its gates.
        states: for each state ``(B + N, H)``: B rows before the first word, then one for each
            token, so that "the state before" and "the state after" are views of one array.
        kept: for each array the cell keeps, ``(N, H)``.
    """

    batch: PackedBatch
    X: Floats
    Z: Floats
    states: list[Floats]
    kept: list[Floats]


class Recurrent:
    """A recurrent layer over a :class:`~emojify.nn.batch.PackedBatch`.

    The sentences of a batch are sorted by length, so step ``t`` reads the first ``counts[t]`` rows
    of step ``t - 1`` and writes as many: no masks, no padding, and a finished sentence costs
    nothing. What does not depend on the step before is done for all N tokens at once: ``X W + b``
    before the loop, the slopes of all gates before the loop back, ``dW = Xᵀ dZ``, ``dU = H_prevᵀ
    dZ`` and ``dX = dZ Wᵀ`` after it.

    The arrays returned are work arrays: they hold until the next call.

    Args:
        cell: what happens in one step.
        params: where the cell's weights live; also decides the dtype.
    """

    def __init__(self, cell: Cell, params: Params) -> None:
        self.cell = cell
        self.params = params
        self._work = Workspace(params.theta.dtype)

    def forward(
        self, X: Floats, batch: PackedBatch, initial: list[Floats] | None = None
    ) -> tuple[Floats, Tape]:
        """Read the sentences.

        Args:
            X: ``(N, D)`` the packed inputs.
            batch: which rows of ``X`` are which step of which sentence.
            initial: the states before the first word, each ``(B, H)`` in the order of the batch;
                zeros by default.

        Returns:
            ``(N, H)``, the hidden state after every word, and the tape for :meth:`backward`. The
            state after the last word of each sentence stands at the rows ``batch.last``.
        """
        tape = self._new_tape(X, batch, initial)
        sentences = len(batch.order)
        np.matmul(X, self.params["W"], out=tape.Z)
        np.add(tape.Z, self.params["b"], out=tape.Z)
        previous = slice(0, sentences)
        for rows in batch.steps:
            alive = rows.stop - rows.start
            before = slice(previous.start, previous.start + alive)
            after = slice(rows.start + sentences, rows.stop + sentences)
            self.cell.forward(
                self.params,
                tape.Z[rows],
                [state[before] for state in tape.states],
                [state[after] for state in tape.states],
                [array[rows] for array in tape.kept],
            )
            previous = after
        return tape.states[0][sentences:], tape

    def backward(
        self,
        tape: Tape,
        d_last: Floats | None = None,
        d_every: Floats | None = None,
        with_inputs: bool = False,
    ) -> tuple[Floats | None, list[Floats]]:
        """Fill the gradients of the cell's weights from those of its outputs.

        Args:
            tape: what :meth:`forward` returned.
            d_last: ``(B, H)`` gradient of the state after each sentence's last word.
            d_every: ``(N, H)`` gradient of the state after every word; both may be given.
            with_inputs: whether to compute ``dX``, which only a tuned embedding needs.

        Returns:
            ``dX (N, D)`` or ``None``, and the gradient of the states before the first word, each
            ``(B, H)`` in the order of the batch.
        """
        batch, sentences = tape.batch, len(tape.batch.order)
        previous = batch.previous
        before = [np.take(state, previous, axis=0) for state in tape.states]
        after = [state[sentences:] for state in tape.states]
        slopes = self.cell.slopes(tape.Z, before, after, tape.kept)

        dZ = self._work.take("dZ", tape.Z.shape)
        d_states = self._work.take("d_states", (self.cell.states, sentences, after[0].shape[1]))
        d_states[...] = 0
        if d_last is not None:
            # A sentence that ends before the last step keeps its gradient in its own rows, which
            # no step touches before the loop comes to its last word.
            d_states[0] = d_last
        for rows in reversed(list(batch.steps)):
            alive = rows.stop - rows.start
            d_now = [d_state[:alive] for d_state in d_states]
            if d_every is not None:
                d_now[0] += d_every[rows]
            self.cell.backward(self.params, [s[rows] for s in slopes], d_now, dZ[rows])

        grads = self.params.grads
        np.matmul(tape.X.T, dZ, out=grads["W"])
        np.sum(dZ, axis=0, out=grads["b"])
        self.cell.recurrent_gradient(self.params, dZ, before[0], tape.kept, slopes)
        return dZ @ self.params["W"].T if with_inputs else None, list(d_states)

    def _new_tape(self, X: Floats, batch: PackedBatch, initial: list[Floats] | None) -> Tape:
        tokens, sentences = len(X), len(batch.order)
        hidden = len(self.params["U"])
        take = self._work.take
        states = [take(f"state {i}", (sentences + tokens, hidden)) for i in range(self.cell.states)]
        for i, state in enumerate(states):
            state[:sentences] = 0 if initial is None else initial[i]
        kept = [take(f"kept {i}", (tokens, hidden)) for i in range(self.cell.kept)]
        return Tape(batch, X, take("Z", (tokens, self.cell.gates * hidden)), states, kept)
