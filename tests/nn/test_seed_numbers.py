"""The numbers that the step-by-step exercise prints, from our cells and layers.

The exercise keeps arrays as (features, sentences, time), gates as separate matrices over
``[a_prev; x]``, and draws everything with ``np.random.seed(1)`` in a stated order. The adapter here
turns that into our layout.
"""

from __future__ import annotations

import numpy as np

from emojify.nn.batch import PackedBatch
from emojify.nn.cells import new_cell
from emojify.nn.params import Params
from emojify.nn.recurrent import Recurrent, Tape
from emojify.nn.softmax import Softmax

PRINTED_8_DIGITS = 5e-9  # half a unit of the last digit that NumPy prints of an array


class Exercise:
    """A cell with the exercise's weights, run over the exercise's arrays."""

    def __init__(self, cell: str, W, U, b, Wy, by) -> None:
        inputs, hidden, outputs = len(W), len(U), len(Wy)
        kind = new_cell(cell)
        shapes = kind.shapes(inputs, hidden) | Softmax.shapes(hidden, outputs)
        self.params = Params(shapes, np.float64)
        for name, value in {"W": W, "U": U, "b": b, "Wy": Wy.T, "by": by.ravel()}.items():
            self.params[name][...] = value
        self.layer = Recurrent(kind, self.params)
        self.softmax = Softmax(self.params)

    def forward(self, x: np.ndarray, *initial: np.ndarray) -> None:
        _, sentences, steps = x.shape
        batch = PackedBatch(
            np.zeros(sentences * steps, int), np.full(steps, sentences), np.arange(sentences)
        )
        X = x.transpose(2, 1, 0).reshape(-1, len(x))
        states = [state.T for state in initial]
        missing = self.layer.cell.states - len(states)
        states += [np.zeros_like(states[0]) for _ in range(missing)]
        H, self.tape = self.layer.forward(X, batch, states)
        self.sentences = sentences
        self.a = self.unpacked(H)
        self.y = self.unpacked(np.exp(self.softmax.log_probs(H)))

    def backward(self, da: np.ndarray) -> None:
        d_every = da.transpose(2, 1, 0).reshape(-1, len(da))
        dX, (da0, *_) = self.layer.backward(self.tape, d_every=d_every, with_inputs=True)
        assert dX is not None
        self.dx, self.da0 = self.unpacked(dX), da0.T
        grads = self.params.grads
        self.dWax, self.dWaa, self.dba = grads["W"].T, grads["U"].T, grads["b"]

    def unpacked(self, rows: np.ndarray) -> np.ndarray:
        """(T·m, n) to (n, m, T)."""
        return rows.reshape(-1, self.sentences, rows.shape[1]).transpose(2, 1, 0)


def memory(exercise: Exercise, tape: Tape) -> np.ndarray:
    return exercise.unpacked(tape.states[1][exercise.sentences :])


def rnn(Wax, Waa, ba, Wya, by) -> Exercise:
    return Exercise("rnn", Wax.T, Waa.T, ba.ravel(), Wya, by)


def lstm(gates: dict[str, tuple[np.ndarray, np.ndarray]], Wy, by) -> Exercise:
    hidden = len(Wy.T)
    ours = [gates[name] for name in "ofic"]
    return Exercise(
        "lstm",
        np.hstack([W[:, hidden:].T for W, _ in ours]),
        np.hstack([W[:, :hidden].T for W, _ in ours]),
        np.concatenate([b.ravel() for _, b in ours]),
        Wy,
        by,
    )


def draw(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Draw the exercise's arrays, in its order, from its generator."""
    legacy = np.random.RandomState(1)
    return [legacy.randn(*shape) for shape in shapes]


def draw_lstm(*first: tuple[int, ...]) -> tuple[list[np.ndarray], Exercise]:
    per_gate = [(5, 8), (5, 1)] * 4
    *arrays, Wy, by = draw(*first, *per_gate, (2, 5), (2, 1))
    inputs, weights = arrays[: len(first)], arrays[len(first) :]
    gates = {name: (weights[2 * i], weights[2 * i + 1]) for i, name in enumerate("fioc")}
    return inputs, lstm(gates, Wy, by)


def printed(found: np.ndarray | float, expected: list[float] | float, digits: float) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=digits)


def test_rnn_cell_forward() -> None:
    xt, a_prev, Waa, Wax, Wya, ba, by = draw(
        (3, 10), (5, 10), (5, 5), (5, 3), (2, 5), (5, 1), (2, 1)
    )
    exercise = rnn(Wax, Waa, ba, Wya, by)
    exercise.forward(xt[:, :, None], a_prev)
    assert exercise.a.shape == (5, 10, 1)
    assert exercise.y.shape == (2, 10, 1)
    printed(
        exercise.a[4, :, 0],
        [
            0.59584544, 0.18141802, 0.61311866, 0.99808218, 0.85016201,
            0.99980978, -0.18887155, 0.99815551, 0.6531151, 0.82872037,
        ],
        PRINTED_8_DIGITS,
    )  # fmt: skip
    printed(
        exercise.y[1, :, 0],
        [
            0.9888161, 0.01682021, 0.21140899, 0.36817467, 0.98988387,
            0.88945212, 0.36920224, 0.9966312, 0.9982559, 0.17746526,
        ],
        PRINTED_8_DIGITS,
    )  # fmt: skip


def test_rnn_forward() -> None:
    x, a0, Waa, Wax, Wya, ba, by = draw((3, 10, 4), (5, 10), (5, 5), (5, 3), (2, 5), (5, 1), (2, 1))
    exercise = rnn(Wax, Waa, ba, Wya, by)
    exercise.forward(x, a0)
    assert exercise.a.shape == (5, 10, 4)
    assert exercise.y.shape == (2, 10, 4)
    printed(exercise.a[4][1], [-0.99999375, 0.77911235, -0.99861469, -0.99833267], PRINTED_8_DIGITS)
    printed(exercise.y[1][3], [0.79560373, 0.86224861, 0.11118257, 0.81515947], PRINTED_8_DIGITS)
    cached_x = exercise.unpacked(exercise.tape.X)
    printed(cached_x[1][3], [-1.1425182, -0.34934272, -0.20889423, 0.58662319], PRINTED_8_DIGITS)


def test_lstm_cell_forward() -> None:
    (xt, a_prev, c_prev), exercise = draw_lstm((3, 10), (5, 10), (5, 10))
    exercise.forward(xt[:, :, None], a_prev, c_prev)
    c = memory(exercise, exercise.tape)
    assert exercise.a.shape == c.shape == (5, 10, 1)
    assert exercise.y.shape == (2, 10, 1)
    printed(
        exercise.a[4, :, 0],
        [
            -0.66408471, 0.0036921, 0.02088357, 0.22834167, -0.85575339,
            0.00138482, 0.76566531, 0.34631421, -0.00215674, 0.43827275,
        ],
        PRINTED_8_DIGITS,
    )  # fmt: skip
    printed(
        c[2, :, 0],
        [
            0.63267805, 1.00570849, 0.35504474, 0.20690913, -1.64566718,
            0.11832942, 0.76449811, -0.0981561, -0.74348425, -0.26810932,
        ],
        PRINTED_8_DIGITS,
    )  # fmt: skip
    printed(
        exercise.y[1, :, 0],
        [
            0.79913913, 0.15986619, 0.22412122, 0.15606108, 0.97057211,
            0.31146381, 0.00943007, 0.12666353, 0.39380172, 0.07828381,
        ],
        PRINTED_8_DIGITS,
    )  # fmt: skip
    printed(
        c[3, :, 0],  # printed there as cache[1][3]
        [
            -0.16263996, 1.03729328, 0.72938082, -0.54101719, 0.02752074,
            -0.30821874, 0.07651101, -1.03752894, 1.41219977, -0.37647422,
        ],
        PRINTED_8_DIGITS,
    )  # fmt: skip


def test_lstm_forward() -> None:
    (x, a0), exercise = draw_lstm((3, 10, 7), (5, 10))
    exercise.forward(x, a0)
    assert exercise.a.shape == (5, 10, 7)
    assert exercise.y.shape == (2, 10, 7)
    printed(exercise.a[4][3][6], 0.172117767533, 5e-13)
    printed(exercise.y[1][4][3], 0.95087346185, 5e-12)
    printed(memory(exercise, exercise.tape)[1][2][1], -0.855544916718, 5e-13)
    printed(
        exercise.unpacked(exercise.tape.X)[1][1],
        [0.82797464, 0.23009474, 0.76201118, -0.22232814, -0.20075807, 0.18656139, 0.41005165],
        PRINTED_8_DIGITS,
    )


def test_rnn_cell_backward() -> None:
    xt, a_prev, Wax, Waa, Wya, _, by, da_next = draw(
        (3, 10), (5, 10), (5, 3), (5, 5), (2, 5), (5, 1), (2, 1), (5, 10)
    )
    # The exercise draws a bias `b` here and then uses `ba`, left over from the cell before.
    ba = draw((3, 10, 4), (5, 10), (5, 5), (5, 3), (2, 5), (5, 1))[-1]
    exercise = rnn(Wax, Waa, ba, Wya, by)
    exercise.forward(xt[:, :, None], a_prev)
    exercise.backward(da_next[:, :, None])
    assert exercise.dx.shape == (3, 10, 1)
    assert exercise.da0.shape == (5, 10)
    printed(exercise.dx[1][2][0], -0.460564103059, 5e-13)
    printed(exercise.da0[2][3], 0.0842968653807, 5e-14)
    printed(exercise.dWax[3][1], 0.393081873922, 5e-13)
    printed(exercise.dWaa[1][2], -0.28483955787, 5e-12)
    printed(exercise.dba[4], 0.80517166, PRINTED_8_DIGITS)


def test_rnn_backward() -> None:
    x, a0, Wax, Waa, Wya, ba, by, da = draw(
        (3, 10, 4), (5, 10), (5, 3), (5, 5), (2, 5), (5, 1), (2, 1), (5, 10, 4)
    )
    exercise = rnn(Wax, Waa, ba, Wya, by)
    exercise.forward(x, a0)
    exercise.backward(da)
    assert exercise.dx.shape == (3, 10, 4)
    assert exercise.dWax.shape == (5, 3)
    assert exercise.dWaa.shape == (5, 5)
    printed(exercise.dx[1][2], [-2.07101689, -0.59255627, 0.02466855, 0.01483317], PRINTED_8_DIGITS)
    printed(exercise.da0[2][3], -0.314942375127, 5e-13)
    printed(exercise.dWax[3][1], 11.2641044965, 5e-11)
    printed(exercise.dWaa[1][2], 2.30333312658, 5e-12)
    printed(exercise.dba[4], -0.74747722, PRINTED_8_DIGITS)
