"""How far a model's probabilities can be believed: its temperature, and what is left wrong."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from emojify.nn.arrays import Floats, Ints
from emojify.nn.softmax import log_softmax

FEWEST = 100  # sentences that a temperature can be found with
_COLDEST, _HOTTEST = 0.25, 4.0
_HALVINGS = 20
_BINS = 15  # as Guo et al. (2017) have


class Bin(NamedTuple):
    """The answers whose probability lies between two limits, of which the upper one is in.

    Attributes:
        lower, upper: the limits.
        answers: how many there are.
        probability: their mean probability; 0 if there are none.
        accuracy: the share of them that are right; 0 if there are none.
    """

    lower: float
    upper: float
    answers: int
    probability: float
    accuracy: float


def best_temperature(log_probs: Floats, labels: Ints) -> float:
    """Return the temperature T that makes probabilities fit what turned out to be right.

    It is that of the smallest mean cross-entropy (Guo et al., 2017)::

        probs = softmax(logits / T)

    Above 1 it makes a model less sure of itself; the order of the answers stays. With ``β = 1/T``
    the cross-entropy is convex, and its slope is the mean of ``Σₖ probs[k] z[k] - z[label]`` with
    the logits ``z``, so the zero of the slope is found by halving.

    Args:
        log_probs: ``(S, K)`` logarithms of the probabilities at T = 1, which are logits.
        labels: ``(S,)`` class ids.

    Returns:
        T, from 0.25 to 4; 1 if there are fewer than :data:`FEWEST` sentences.
    """
    if len(labels) < FEWEST:
        return 1.0
    of_labels = log_probs[np.arange(len(labels)), labels]
    low, high = 1 / _HOTTEST, 1 / _COLDEST
    for _ in range(_HALVINGS):
        beta = (low + high) / 2
        probs = np.exp(log_softmax(log_probs * np.float32(beta)))
        slope = (probs * log_probs).sum(axis=1) - of_labels
        low, high = (low, beta) if slope.mean(dtype=np.float64) > 0 else (beta, high)
    return 2 / (low + high)


def reliability(probabilities: Floats, right: Floats) -> tuple[Bin, ...]:
    """Sort answers into bins of equal width by their probability.

    Args:
        probabilities: ``(S,)`` of the answers.
        right: ``(S,)`` bool, whether each answer is right.
    """
    limits = np.linspace(0, 1, _BINS + 1)
    places = np.clip(np.searchsorted(limits, probabilities, "left") - 1, 0, _BINS - 1)
    counts = np.bincount(places, minlength=_BINS)
    sums = [np.bincount(places, numbers, _BINS) for numbers in (probabilities, right)]
    means = [total / np.maximum(counts, 1) for total in sums]
    return tuple(
        Bin(float(lower), float(upper), int(count), float(probability), float(accuracy))
        for lower, upper, count, probability, accuracy in zip(
            limits[:-1], limits[1:], counts, *means, strict=True
        )
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Return the expected calibration error, ``Σ answers/S · |accuracy - probability|``."""
    total = sum(part.answers for part in bins)
    return sum(part.answers * abs(part.accuracy - part.probability) for part in bins) / total
