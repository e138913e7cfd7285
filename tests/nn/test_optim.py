"""Optimisers by hand-worked steps, and clipping by the norm of everything together."""

import numpy as np
import pytest

from emojify.nn.embedding import Embedding
from emojify.nn.optim import OPTIMIZERS, clip_by_global_norm

GRADIENTS = [np.array([1.0, -2.0]), np.array([0.0, 4.0])]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # theta - 0.5 g, twice
        ("sgd", [[0.5, 2.0], [0.5, 0.0]]),
        # v = 0.9 v + 0.1 g: 0.1, -0.2; then 0.09, 0.22
        ("momentum", [[0.95, 1.1], [0.905, 0.99]]),
        # v = 0.9 v + g: 1, -2; then 0.9, 2.2
        ("classical_momentum", [[0.5, 2.0], [0.05, 0.9]]),
    ],
)
def test_two_steps_by_hand(name: str, expected: list[list[float]]) -> None:
    theta = np.array([1.0, 1.0])
    optimizer = OPTIMIZERS[name](theta, 0.5, 0.9)
    for gradient, after in zip(GRADIENTS, expected, strict=True):
        optimizer.step(gradient)
        np.testing.assert_allclose(theta, after, rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_of_some_rows_is_the_step_of_all_for_these_and_none_for_others(name: str) -> None:
    rng = np.random.default_rng(1)
    sparse, gradient = rng.normal(size=(4, 3)), rng.normal(size=(2, 3))
    dense, before = sparse.copy(), sparse.copy()
    full = np.zeros((4, 3))
    full[[0, 2]] = gradient
    OPTIMIZERS[name](sparse, 0.1, 0.9).step(gradient, np.array([0, 2]))
    OPTIMIZERS[name](dense, 0.1, 0.9).step(full)
    np.testing.assert_allclose(sparse, dense, rtol=1e-12)
    np.testing.assert_array_equal(sparse[[1, 3]], before[[1, 3]])


def test_repeated_words_add_up() -> None:
    dX = np.array([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0], [5.0, 5.0]])
    rows, values = Embedding.gradient(np.array([7, 3, 7, 0]), dX)
    assert rows.tolist() == [0, 3, 7]
    assert values.tolist() == [[5, 5], [10, 20], [101, 202]]


def test_clipping_scales_all_gradients_by_their_common_norm() -> None:
    first, second = np.array([3.0, 0.0]), np.array([[0.0, 4.0]])
    assert clip_by_global_norm([first, second], 1.0) == 5.0
    np.testing.assert_allclose(first, [0.6, 0.0])
    np.testing.assert_allclose(second, [[0.0, 0.8]])


def test_short_gradients_are_left_alone() -> None:
    gradient = np.array([0.3, 0.4])
    assert clip_by_global_norm([gradient], 1.0) == pytest.approx(0.5)
    assert gradient.tolist() == [0.3, 0.4]


def test_a_gradient_beyond_the_square_root_of_float32_is_clipped_all_the_same() -> None:
    gradient = np.array([3e30, 4e30], np.float32)
    assert clip_by_global_norm([gradient], 5.0) == pytest.approx(5e30)
    np.testing.assert_allclose(gradient, [3, 4], rtol=1e-6)


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_reported_and_not_hidden(poison: float) -> None:
    gradient = np.array([1.0, poison])
    assert not np.isfinite(clip_by_global_norm([gradient], 1.0))
    np.testing.assert_array_equal(gradient, [1.0, poison])
