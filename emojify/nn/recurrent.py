"""A cell run over packed sentences: the only loop over time in the project."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import PackedBatch
from emojify.nn.cells import Cell
from emojify.nn.gates import by_gate, multiply
from emojify.nn.params import Params
from emojify.nn.workspace import Workspace


class Tape(NamedTuple):
    """What one forward pass leaves for one backward pass, which uses it up.

    Attributes:
        weights: the weights as they were, laid out for the loop.
        X1: ``(N, D + 1)`` the inputs and a column of ones, whose weights are the biases; or
            ``(R, D + 1)``, the distinct ones.
        words: ``(N,)`` which row of ``X1`` each token is, if they are the distinct ones.
        gates: ``(G, N, H)`` the gates as the cell left them.
        states: for each state ``(B + N, H)``: B rows before the first word, then one for each
            token, so that "the state before" and "the state after" are views of one array.
        kept: for each array the cell keeps, ``(N, H)``.
        has_past: whether the states before the first word were given, and are not zero.
    """

    batch: PackedBatch
    weights: dict[str, Floats]
    X1: Floats
    words: Ints | None
    gates: Floats
    states: list[Floats]
    kept: list[Floats]
    has_past: bool

    @property
    def X(self) -> Floats:
        """``(N, D)`` the inputs."""
        return self.X1[:, :-1]


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
        self,
        X: Floats,
        batch: PackedBatch,
        initial: list[Floats] | None = None,
        words: Ints | None = None,
    ) -> tuple[Floats, Tape]:
        """Read the sentences.

        Args:
            X: ``(N, D)`` the packed inputs, or ``(R, D)`` the R distinct ones.
            batch: which tokens are which step of which sentence.
            initial: the states before the first word, each ``(B, H)`` in the order of the batch;
                zeros by default.
            words: ``(N,)`` which row of ``X`` each token is, if they are the distinct ones.

        Returns:
            ``(N, H)``, the hidden state after every word, and the tape for :meth:`backward`. The
            state after the last word of each sentence stands at the rows ``batch.last``.
        """
        tape = self._new_tape(X, batch, initial, words)
        cell, weights = self.cell, tape.weights
        U, fed = weights["U"][: cell.recurrent], slice(cell.recurrent)
        sentences = len(batch.order)
        if words is None:
            np.matmul(tape.X1, weights["Wb"], out=tape.gates)
        else:
            projected = np.matmul(tape.X1, weights["Wb"])
            np.take(projected, words, axis=1, out=tape.gates, mode="clip")
        previous = slice(0, sentences)
        for rows in batch.steps:
            alive = rows.stop - rows.start
            before = slice(previous.start, previous.start + alive)
            after = slice(rows.start + sentences, rows.stop + sentences)
            gates = tape.gates[:, rows]
            # Added up in a contiguous array, on which NumPy's calls cost half as much.
            z = self._work.take("z", (len(U), alive, U.shape[2]))
            if rows.start or tape.has_past:
                multiply(tape.states[0][before], U, out=z)
                z += gates[fed]
            else:
                z[...] = gates[fed]
            cell.forward(
                weights,
                z,
                [state[before] for state in tape.states],
                [state[after] for state in tape.states],
                gates,
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
        batch, cell = tape.batch, self.cell
        sentences = len(batch.order)
        after = [state[sentences:] for state in tape.states]
        slopes = cell.slopes(after, tape.gates, tape.kept)
        dZ = tape.gates  # where the slopes of the gates stand now

        # Every gate turned in memory: BLAS multiplies with a matrix as it lies twice as fast.
        turned = self._work.take("U_T", tape.weights["U"].shape)
        turned[...] = tape.weights["U"].swapaxes(1, 2)
        weights = tape.weights | {"U": turned}
        U_T, fed = turned[: cell.recurrent], slice(cell.recurrent)
        d_states = self._work.take("d_states", (cell.states, *tape.states[0][:sentences].shape))
        d_states[...] = 0
        if d_last is not None:
            # A sentence that ends before the last step keeps its gradient in its own rows, which
            # no step touches before the loop comes to its last word.
            d_states[0] = d_last
        for rows in reversed(list(batch.steps)):
            alive = rows.stop - rows.start
            d_now = [d_state[:alive] for d_state in d_states]
            dz = dZ[:, rows]
            if d_every is not None:
                d_now[0] += d_every[rows]
            cell.backward(weights, [slope[rows] for slope in slopes], d_now, dz)
            if rows.start or tape.has_past:
                d_past = self._work.take("z", (len(U_T), *d_now[0].shape))
                multiply(dz[fed], U_T, out=d_past)
                d_now[0] += np.add.reduce(d_past)

        self._fill_gradients(tape, slopes, dZ)
        W_T = by_gate(self.params["W"], cell.gates).swapaxes(1, 2)
        dX = np.matmul(dZ, W_T).sum(axis=0) if with_inputs else None
        return dX, list(d_states) if tape.has_past else []

    def _fill_gradients(self, tape: Tape, slopes: tuple[Floats, ...], dZ: Floats) -> None:
        """Fill the gradients of all weights from that of the sums of all tokens, ``(G, N, H)``."""
        cell, grads = self.cell, self.params.grads
        dW, dU, db = (by_gate(grads[name], cell.gates) for name in ("W", "U", "b"))
        X1 = tape.X1 if tape.words is None else tape.X1[tape.words]
        dWb = np.matmul(X1.T, dZ)
        dW[...], db[...] = dWb[:, :-1], dWb[:, -1]
        H_prev = np.take(tape.states[0], tape.batch.previous, axis=0)
        fed = slice(cell.recurrent)
        first = 0 if tape.has_past else len(tape.batch.order)  # no past, no gradient
        np.matmul(H_prev[first:].T, dZ[fed, first:], out=dU[fed])
        cell.own_gradients(self.params, dZ, H_prev, tape.kept, slopes)

    def _weights(self) -> dict[str, Floats]:
        """Lay out the weights for the loop: ``U`` and ``[W; b]`` gate by gate, contiguous.

        BLAS reads a matrix whose rows lie 4096 bytes apart, as those of 256 LSTM cells do, at
        three quarters of its speed.
        """
        W, U, b = (by_gate(self.params[name], self.cell.gates) for name in ("W", "U", "b"))
        gates, inputs, hidden = W.shape
        Wb = self._work.take("Wb", (gates, inputs + 1, hidden))
        Wb[:, :-1], Wb[:, -1] = W, b
        contiguous = self._work.take("U", U.shape)
        contiguous[...] = U
        return self.params.values | {"Wb": Wb, "U": contiguous}

    def _new_tape(
        self,
        X: Floats,
        batch: PackedBatch,
        initial: list[Floats] | None,
        words: Ints | None,
    ) -> Tape:
        tokens, sentences = len(batch.ids), len(batch.order)
        hidden = len(self.params["U"])
        take = self._work.take
        states = [take(f"state {i}", (sentences + tokens, hidden)) for i in range(self.cell.states)]
        for i, state in enumerate(states):
            state[:sentences] = 0 if initial is None else initial[i]
        kept = [take(f"kept {i}", (tokens, hidden)) for i in range(self.cell.kept)]
        X1 = take("X1", (len(X), X.shape[1] + 1))
        X1[:, :-1], X1[:, -1] = X, 1
        gates = take("gates", (self.cell.gates, tokens, hidden))
        return Tape(batch, self._weights(), X1, words, gates, states, kept, initial is not None)
