"""Probabilities that can be believed."""

from __future__ import annotations

import numpy as np
import pytest

from emojify.calibration import Bin, best_temperature, calibration_error, reliability
from emojify.nn.softmax import log_softmax


def cross_entropy(logits: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    return -float(log_softmax(logits / temperature)[np.arange(len(labels)), labels].mean())


def drawn(temperature: float, sentences: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels that come true as often as these logits over a temperature say."""
    rng = np.random.default_rng(7)
    logits = rng.normal(scale=3, size=(sentences, 5))
    noise = rng.gumbel(size=logits.shape)
    return log_softmax(logits), (logits / temperature + noise).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7, 3.0])
def test_the_temperature_that_labels_were_drawn_with_is_found(temperature: float) -> None:
    logits, labels = drawn(temperature, 20_000)
    assert best_temperature(logits, labels) == pytest.approx(temperature, rel=0.05)


def test_no_other_temperature_has_a_smaller_cross_entropy() -> None:
    logits, labels = drawn(1.4, 200)
    best = best_temperature(logits, labels)
    least = cross_entropy(logits, labels, best)
    for other in (0.25, 0.9 * best, 0.999 * best, 1.001 * best, 1.1 * best, 4.0):
        assert cross_entropy(logits, labels, other) > least


def test_answers_that_are_all_right_or_all_wrong_end_at_the_limits() -> None:
    logits, _ = drawn(1.0, 200)
    assert best_temperature(logits, logits.argmax(axis=1)) == pytest.approx(0.25, rel=1e-4)
    assert best_temperature(logits, logits.argmin(axis=1)) == pytest.approx(4.0, rel=1e-4)


def test_few_sentences_say_nothing() -> None:
    logits, labels = drawn(3.0, 99)
    assert best_temperature(logits, labels) == 1.0


def test_answers_are_sorted_by_their_probability() -> None:
    probabilities = np.array([0.0, 0.05, 1 / 15, 0.07, 0.5, 0.95, 1.0])
    right = np.array([False, True, True, False, True, True, True])
    bins = reliability(probabilities, right)
    assert len(bins) == 15
    assert [part.answers for part in bins] == [3, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2]
    assert bins[0] == Bin(0.0, pytest.approx(1 / 15), 3, pytest.approx(0.35 / 9), 2 / 3)
    assert bins[2][2:] == (0, 0.0, 0.0)
    assert bins[-1] == Bin(pytest.approx(14 / 15), 1.0, 2, 0.975, 1.0)


def test_the_error_is_the_mean_distance_of_probability_and_truth() -> None:
    probabilities = np.array([0.9, 0.9, 0.9, 0.9, 0.3])
    right = np.array([True, True, False, False, False])
    assert calibration_error(reliability(probabilities, right)) == pytest.approx(
        0.8 * 0.4 + 0.2 * 0.3
    )
