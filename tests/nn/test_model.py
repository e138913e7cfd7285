"""The whole network: it learns, and extreme numbers stay numbers."""

import numpy as np
import pytest

from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.cells.base import sigmoid
from emojify.nn.model import Model
from emojify.nn.optim import Momentum
from emojify.nn.params import Params
from emojify.nn.softmax import Softmax, log_softmax

CONVENTIONS = [(name, False) for name in CELLS] + [("gru", True)]


@pytest.mark.parametrize(("cell", "reset_after"), CONVENTIONS)
def test_thirty_sentences_are_learnt_by_heart(cell: str, reset_after: bool) -> None:
    rng = np.random.default_rng(2)
    ids = [rng.integers(0, 40, length) for length in rng.integers(1, 12, 30)]
    labels = rng.integers(0, 5, 30)
    model = Model(new_cell(cell, reset_after), rng.normal(size=(40, 20)), 32, 5)
    model.initialize(rng)
    optimizer = Momentum(model.params.theta, 0.5, 0.9)
    batch = Sentences.of(ids).batch()
    first, _ = model.loss_and_grad(batch, labels)
    for _ in range(300):
        loss, _ = model.loss_and_grad(batch, labels)
        optimizer.step(model.params.grad)
    assert loss < 0.05 < first
    assert (model.log_proba(batch).argmax(axis=1) == labels).all()


def test_a_frozen_table_gets_no_gradient_and_may_be_half_precision() -> None:
    table = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float16)
    table.flags.writeable = False
    model = Model(new_cell("lstm"), table, 3, 2)
    model.initialize(np.random.default_rng(1))
    loss, gradient = model.loss_and_grad(Sentences.of([[1, 2]]).batch(), np.array([0]))
    assert gradient is None
    assert np.isfinite(loss)
    assert model.log_proba(Sentences.of([[1, 2]]).batch()).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e4, -1e4, 3e38])
def test_extreme_logits_give_finite_probabilities_and_losses(size: float, dtype: type) -> None:
    log_probs = log_softmax(np.array([[size, 0.0, 0.0]], dtype))
    np.testing.assert_allclose(np.exp(log_probs).sum(), 1, rtol=1e-6)
    params = Params(Softmax.shapes(1, 2), dtype)
    params["Wy"][...] = [[1e4, -1e4]]
    loss, dlogits = Softmax(params).loss(np.ones((1, 1)), np.array([1]))
    assert loss == 2e4
    assert dlogits.tolist() == [[1, -1]]


@pytest.mark.parametrize(("dtype", "digits"), [(np.float32, 1e-7), (np.float64, 1e-15)])
def test_sigmoid_is_exact_and_saturates_without_a_warning(dtype: type, digits: float) -> None:
    x = np.array([-1e9, -3.0, 0.0, 3.0, 1e9], dtype)
    expected = [0, 1 / (1 + np.exp(3)), 0.5, 1 / (1 + np.exp(-3)), 1]
    sigmoid(x)
    np.testing.assert_allclose(x, expected, rtol=0, atol=digits)


@pytest.mark.parametrize("cell", CELLS)
def test_words_without_a_vector_have_a_finite_answer(cell: str) -> None:
    model = Model(new_cell(cell), np.zeros((3, 4)), 5, 3)
    model.initialize(np.random.default_rng(1))
    assert np.isfinite(model.log_proba(Sentences.of([[0], [0] * 50]).batch())).all()


def test_the_forget_gate_starts_open() -> None:
    model = Model(new_cell("lstm"), np.zeros((3, 4)), 5, 3)
    model.initialize(np.random.default_rng(1))
    assert model.params["b"].tolist() == [0] * 5 + [1] * 5 + [0] * 10


@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_matrices_start_orthogonal_gate_by_gate(cell: str) -> None:
    model = Model(new_cell(cell), np.zeros((3, 4)), 5, 3, dtype=np.float64)
    model.initialize(np.random.default_rng(1))
    for U in np.hsplit(model.params["U"], CELLS[cell].gates):
        np.testing.assert_allclose(U.T @ U, np.eye(5), atol=1e-12)


@pytest.mark.parametrize(("cell", "reset_after"), CONVENTIONS)
def test_distinct_words_are_read_as_each_word_by_itself(cell: str, reset_after: bool) -> None:
    rng = np.random.default_rng(6)
    model = Model(
        new_cell(cell, reset_after), rng.normal(size=(9, 4)), 5, 3, tune=True, dtype=np.float64
    )
    model.initialize(rng)
    layer, table = model.encoder.layers[0], model.embedding.table
    batch = Sentences.of([[1, 2, 1], [2], [8, 8, 2, 1]]).batch()
    distinct, words = np.unique(batch.ids, return_inverse=True)
    d_every = rng.normal(size=(len(batch.ids), 5))
    read = []
    for inputs in ({"X": table[batch.ids]}, {"X": table[distinct], "words": words}):
        H, tape = layer.forward(batch=batch, **inputs)
        H = H.copy()
        dX, _ = layer.backward(tape, d_every=d_every, with_inputs=True)
        read.append((H, dX, model.params.grad.copy()))
    for one, other in zip(*read, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
