"""Recurrent networks as a well-known course has its students write them, and as emojify began.

One time step after another, one gate after another: each gate has a matrix of its own over
``[h; x]``, arrays are float64 and ``(features, sentences, steps)``, and all sentences are padded
with zeros to the longest there is. After every step the states and the answer are stored; on the
way back every formula is written out gate by gate and the gradient of every input is computed,
wanted or not. The state after the last column, padding or not, decides.

The text is our own; what is computed, in which order and how often, is the course's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from emojify.nn.arrays import Floats, Ints

Arrays = dict[str, Floats]
States = tuple[Floats, ...]
Cache = tuple[Floats, ...]

GATES = {"rnn": "a", "lstm": "fico", "gru": "ruc"}


def sigmoid(x: Floats) -> Floats:
    """σ(x)."""
    return 1 / (1 + np.exp(-x))


def softmax(x: Floats) -> Floats:
    """The softmax of every column."""
    e = np.exp(x - np.max(x))
    return e / e.sum(axis=0)


def gate(p: Arrays, name: str, seen: Floats) -> Floats:
    """What a gate gets before its activation."""
    return np.dot(p["W" + name], seen) + p["b" + name]


def through_gates(
    p: Arrays, dz: Arrays, seen: Floats, n: int, grads: Arrays
) -> tuple[Floats, Floats]:
    """Add up the gradients of some gates' weights; return those of ``h`` and of ``x``."""
    for name, d in dz.items():
        grads["W" + name] = grads["W" + name] + np.dot(d, seen.T)
        grads["b" + name] = grads["b" + name] + np.sum(d, axis=1, keepdims=True)
    dh = sum(np.dot(p["W" + name][:, :n].T, d) for name, d in dz.items())
    dx = sum(np.dot(p["W" + name][:, n:].T, d) for name, d in dz.items())
    return dh, dx


def rnn_forward(x: Floats, states: States, p: Arrays) -> tuple[States, Cache]:
    """``h' = tanh(Wa [h; x] + ba)``."""
    seen = np.concatenate((states[0], x))
    h = np.tanh(gate(p, "a", seen))
    return (h,), (seen, h)


def rnn_backward(d_states: States, cache: Cache, p: Arrays, grads: Arrays) -> tuple[States, Floats]:
    """Return the gradients of the states before the step and of ``x``; add up all others."""
    (dh,), (seen, h) = d_states, cache
    dh, dx = through_gates(p, {"a": (1 - h * h) * dh}, seen, len(h), grads)
    return (dh,), dx


def lstm_forward(x: Floats, states: States, p: Arrays) -> tuple[States, Cache]:
    """Forget ``f``, input ``i``, candidate ``c``, output ``o``."""
    h_prev, c_prev = states
    seen = np.concatenate((h_prev, x))
    f = sigmoid(gate(p, "f", seen))
    i = sigmoid(gate(p, "i", seen))
    candidate = np.tanh(gate(p, "c", seen))
    c = f * c_prev + i * candidate
    o = sigmoid(gate(p, "o", seen))
    h = o * np.tanh(c)
    return (h, c), (seen, c_prev, c, f, i, candidate, o)


def lstm_backward(
    d_states: States, cache: Cache, p: Arrays, grads: Arrays
) -> tuple[States, Floats]:
    """As :func:`rnn_backward`."""
    dh, dc = d_states
    seen, c_prev, c, f, i, candidate, o = cache

    def d_factor(other: Floats) -> Floats:  # of a term of c', from what it is multiplied with
        return dc * other + o * (1 - np.square(np.tanh(c))) * other * dh

    dz = {
        "o": dh * np.tanh(c) * o * (1 - o),
        "c": d_factor(i) * (1 - np.square(candidate)),
        "i": d_factor(candidate) * i * (1 - i),
        "f": d_factor(c_prev) * f * (1 - f),
    }
    dc_prev = d_factor(f)
    dh_prev, dx = through_gates(p, dz, seen, len(f), grads)
    return (dh_prev, dc_prev), dx


def gru_forward(x: Floats, states: States, p: Arrays) -> tuple[States, Cache]:
    """Reset ``r``, update ``u``, candidate ``c``."""
    (h_prev,) = states
    seen = np.concatenate((h_prev, x))
    r = sigmoid(gate(p, "r", seen))
    u = sigmoid(gate(p, "u", seen))
    seen_reset = np.concatenate((r * h_prev, x))
    candidate = np.tanh(gate(p, "c", seen_reset))
    h = u * candidate + (1 - u) * h_prev
    return (h,), (h_prev, r, u, candidate, x)


def gru_backward(d_states: States, cache: Cache, p: Arrays, grads: Arrays) -> tuple[States, Floats]:
    """As :func:`rnn_backward`."""
    (dh,) = d_states
    h_prev, r, u, candidate, x = cache
    n = len(r)
    dz_c = {"c": dh * u * (1 - np.square(candidate))}
    d_reset, dx_c = through_gates(p, dz_c, np.concatenate((r * h_prev, x)), n, grads)
    dz = {"r": d_reset * h_prev * r * (1 - r), "u": dh * (candidate - h_prev) * u * (1 - u)}
    dh_prev, dx = through_gates(p, dz, np.concatenate((h_prev, x)), n, grads)
    return (dh_prev + d_reset * r + dh * (1 - u),), dx + dx_c


FORWARD = {"rnn": rnn_forward, "lstm": lstm_forward, "gru": gru_forward}
BACKWARD = {"rnn": rnn_backward, "lstm": lstm_backward, "gru": gru_backward}


def new_parameters(cell: str, inputs: int, hidden: int, classes: int) -> Arrays:
    """Draw weights; biases are zero."""
    rng = np.random.default_rng(1)
    p: Arrays = {"Wy": 0.1 * rng.standard_normal((classes, hidden)), "by": np.zeros((classes, 1))}
    for name in GATES[cell]:
        p["W" + name] = 0.1 * rng.standard_normal((hidden, hidden + inputs))
        p["b" + name] = np.zeros((hidden, 1))
    return p


def gradients(cell: str, p: Arrays, x: Floats, labels: Ints) -> tuple[float, Arrays]:
    """Return a batch's mean cross-entropy and the gradients of all weights.

    Args:
        cell: which network.
        p: its weights.
        x: ``(D, B, T)`` the padded inputs.
        labels: ``(B,)`` class ids.
    """
    _, sentences, steps = x.shape
    classes, hidden = p["Wy"].shape
    zero = np.zeros((hidden, sentences))
    states: States = (zero, zero) if cell == "lstm" else (zero,)
    every_state = [np.zeros((hidden, sentences, steps)) for _ in states]
    every_y = np.zeros((classes, sentences, steps))
    caches = []
    for t in range(steps):
        states, cache = FORWARD[cell](x[:, :, t], states, p)
        for kept, state in zip(every_state, states, strict=True):
            kept[:, :, t] = state
        every_y[:, :, t] = softmax(np.dot(p["Wy"], states[0]) + p["by"])
        caches.append(cache)

    y = every_y[:, :, -1]
    columns = np.arange(sentences)
    loss = -float(np.log(y[labels, columns]).mean())
    dy = (y - np.eye(classes)[labels].T) / sentences
    grads = {name: np.zeros_like(weight) for name, weight in p.items()}
    grads["Wy"] += np.dot(dy, states[0].T)
    grads["by"] += np.sum(dy, axis=1, keepdims=True)
    d_states: States = (np.dot(p["Wy"].T, dy), zero)[: len(states)]
    dx = np.zeros_like(x)
    for t in reversed(range(steps)):
        d_states, dx[:, :, t] = BACKWARD[cell](d_states, caches[t], p, grads)
    return loss, grads


def epochs(
    cell: str,
    hidden: int,
    size: int,
    table: Floats,
    sentences: Sequence[Ints],
    labels: Ints,
    learning_rate: float = 0.01,
) -> Callable[[], None]:
    """Return a call that trains for an epoch; the batches are padded beforehand.

    Args:
        cell: which network.
        hidden: H.
        size: B, how many sentences a batch has.
        table: ``(V, D)`` the word vectors.
        sentences: the word ids of each.
        labels: the class of each.
        learning_rate: the length of a step.
    """
    x = np.zeros((table.shape[1], len(sentences), max(map(len, sentences))))
    for place, ids in enumerate(sentences):
        x[:, place, : len(ids)] = table[ids].T
    order = np.random.default_rng(1).permutation(len(sentences))
    dealt = [order[start : start + size] for start in range(0, len(order), size)]
    batches = [(x[:, chosen, :], labels[chosen]) for chosen in dealt]
    p = new_parameters(cell, table.shape[1], hidden, int(labels.max()) + 1)

    def epoch() -> None:
        for x, wanted in batches:
            _, grads = gradients(cell, p, x, wanted)
            for name, weight in p.items():
                weight -= learning_rate * grads[name]

    return epoch
