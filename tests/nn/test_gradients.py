"""The gradient of the whole model against central differences: float64, ragged, T > 1."""

import numpy as np
import pytest

from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, Cell, new_cell
from emojify.nn.model import Model
from emojify.nn.optim import add_l2

V, D, H, K = 9, 4, 5, 3
SENTENCES = [[1, 2, 3], [4], [2, 2, 5, 6, 7, 8, 0], [1, 3, 5, 7], [8, 6, 4, 2, 0, 1, 2], [3, 3]]
LABELS = np.array([0, 2, 1, 1, 0, 2])
EPSILON = 1e-5

ALL_CELLS = [new_cell(name) for name in CELLS] + [new_cell("gru", reset_after=True)]


NETWORKS = [(cell, bidirectional) for bidirectional in (False, True) for cell in ALL_CELLS]


def names(network: tuple[Cell, bool]) -> str:
    cell, bidirectional = network
    after = "-after" if getattr(cell, "reset_after", False) else ""
    return f"{type(cell).__name__}{after}{'-both' if bidirectional else ''}"


@pytest.fixture(params=NETWORKS, ids=names)
def model(request: pytest.FixtureRequest) -> Model:
    cell, bidirectional = request.param
    rng = np.random.default_rng(3)
    model = Model(
        cell, rng.normal(size=(V, D)), H, K, tune=True, dtype=np.float64,
        bidirectional=bidirectional,
    )  # fmt: skip
    # Larger than initialize() draws, so that every gate leaves its linear part.
    model.params.theta[:] = rng.normal(0, 0.6, model.params.theta.shape)
    return model


def central_differences(array, loss) -> np.ndarray:
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + EPSILON
        above = loss()
        array[place] = kept - EPSILON
        slopes[place] = (above - loss()) / (2 * EPSILON)
        array[place] = kept
    return slopes


def relative_error(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def test_every_weight_has_the_gradient_of_central_differences(model: Model) -> None:
    batch = Sentences.of(SENTENCES).batch()
    model.loss_and_grad(batch, LABELS)
    found = {name: grad.copy() for name, grad in model.params.grads.items()}
    for name, weight in model.params.values.items():
        expected = central_differences(weight, lambda: model.loss_and_grad(batch, LABELS)[0])
        assert np.linalg.norm(expected) > 1e-3, f"{name} has no gradient to check"
        assert relative_error(found[name], expected) <= 1e-6, name


def test_what_is_dropped_has_no_gradient_and_the_rest_the_right_one(model: Model) -> None:
    batch = Sentences.of(SENTENCES).batch()
    kept = np.random.default_rng(8).integers(0, 2, (len(SENTENCES), len(model.params["Wy"]))) * 2.0
    model.loss_and_grad(batch, LABELS, kept)
    found = {name: grad.copy() for name, grad in model.params.grads.items()}
    for name, weight in model.params.values.items():
        expected = central_differences(weight, lambda: model.loss_and_grad(batch, LABELS, kept)[0])
        assert relative_error(found[name], expected) <= 1e-6, name
    nothing, _ = model.loss_and_grad(batch, LABELS, np.zeros_like(kept))
    constant = model.softmax.loss(np.zeros_like(kept), LABELS)[0]
    assert nothing == pytest.approx(constant, abs=1e-12)


def test_the_words_have_the_gradient_of_central_differences(model: Model) -> None:
    batch = Sentences.of(SENTENCES).batch()
    _, gradient = model.loss_and_grad(batch, LABELS)
    assert gradient is not None
    found = np.zeros((V, D))
    found[gradient.rows] = gradient.values
    table = model.embedding.table
    expected = central_differences(table, lambda: model.loss_and_grad(batch, LABELS)[0])
    assert relative_error(found, expected) <= 1e-6


def test_every_token_has_the_gradient_of_central_differences(model: Model) -> None:
    """With a table of its own row for each token, so that repeated words are told apart."""
    batch = Sentences.of(SENTENCES).batch()
    X = model.embedding.table = model.embedding.table[batch.ids]
    batch = batch._replace(ids=np.arange(len(batch.ids)))

    def log_probs_of_the_labels() -> float:
        return float(model.log_proba(batch)[np.arange(len(LABELS)), LABELS].sum())

    found = model.input_gradient(batch, LABELS)
    expected = central_differences(X, log_probs_of_the_labels)
    assert (np.linalg.norm(expected, axis=1) > 1e-6).all(), "a token has no gradient to check"
    assert relative_error(found, expected) <= 1e-6


def test_the_gradient_of_a_token_is_that_of_its_sentence_alone(model: Model) -> None:
    batch = Sentences.of(SENTENCES).batch()
    together = model.input_gradient(batch, LABELS)
    sentence = np.concatenate([batch.order[:count] for count in batch.counts])
    for i, words in enumerate(SENTENCES):
        alone = model.input_gradient(Sentences.of([words]).batch(), LABELS[i : i + 1])
        np.testing.assert_allclose(together[sentence == i], alone, rtol=0, atol=1e-12)


def test_gradients_of_every_step_and_of_the_first_state(model: Model) -> None:
    rng = np.random.default_rng(4)
    batch = Sentences.of(SENTENCES).batch()
    layer, tokens = model.encoder.layers[0], len(batch.ids)
    X, d_every = rng.normal(size=(tokens, D)), rng.normal(size=(tokens, H))
    initial = [rng.normal(size=(len(SENTENCES), H)) for _ in range(layer.cell.states)]

    def loss() -> float:
        return float((layer.forward(X, batch, initial)[0] * d_every).sum())

    _, tape = layer.forward(X, batch, initial)
    dX, d_initial = layer.backward(tape, d_every=d_every, with_inputs=True)
    found = [array.copy() for array in (dX, *d_initial)]
    for array, gradient in zip((X, *initial), found, strict=True):
        assert relative_error(gradient, central_differences(array, loss)) <= 1e-6


def test_l2_is_the_gradient_of_half_the_squared_matrices(model: Model) -> None:
    model.params.grad[:] = 0
    add_l2(model.params, 0.3)
    for name, weight in model.params.values.items():
        expected = 0.3 * weight if weight.ndim == 2 else np.zeros_like(weight)
        np.testing.assert_array_equal(model.params.grads[name], expected)
