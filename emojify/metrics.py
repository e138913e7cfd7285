"""How good the answers are: accuracy, F1, confusion, and how sure they may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from emojify.calibration import calibration_error, reliability
from emojify.nn.arrays import Floats, Ints

_TOP = 3  # answers that a user can be shown at once


@dataclass(frozen=True)
class ClassScore:
    """Precision, recall and F1 of one emoji; each 0 where it would be 0 / 0."""

    emoji: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Coverage:
    """What is left of the answers if those below a threshold are not given.

    Attributes:
        threshold: the probability from which on an answer is given.
        answered: the share of the sentences with an answer.
        accuracy: the share of these answers that are right; ``None`` if there are none.
    """

    threshold: float
    answered: float
    accuracy: float | None


@dataclass(frozen=True)
class Evaluation:
    """The result of an evaluation.

    Attributes:
        examples: how many sentences were answered.
        accuracy: the share of right answers.
        macro_f1: the mean F1 of the emoji that occur in the data.
        loss: mean cross-entropy in nats of the sentences whose emoji the model has, or ``None``
            if it has none of them.
        top_3: the share of sentences whose right emoji is among the three likeliest.
        acceptable: the share of sentences whose answer is right or was called acceptable too, or
            ``None`` where the data name no further emoji.
        acceptable_top_3: the share of those with such an emoji among the three likeliest.
        calibration_error: how far the answers' probabilities are from the share that is right; see
            :func:`emojify.calibration.calibration_error`.
        coverage: the accuracy against the share that is answered, for ten thresholds.
        per_emoji: scores of each emoji, in the order of ``labels``.
        confusion: ``confusion[i][j]`` sentences of emoji i were answered with emoji j.
        labels: the model's emoji, then those that only the data have.
    """

    examples: int
    accuracy: float
    macro_f1: float
    loss: float | None
    top_3: float
    acceptable: float | None
    acceptable_top_3: float | None
    calibration_error: float
    coverage: tuple[Coverage, ...]
    per_emoji: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]

    def most_confused(self, most: int) -> list[tuple[str, str, int]]:
        """Return the most frequent mistakes: the right emoji, the answer, how many sentences."""
        mistakes = np.array(self.confusion)
        np.fill_diagonal(mistakes, 0)
        order = np.argsort(-mistakes, axis=None, kind="stable")[:most]
        pairs = zip(*np.unravel_index(order, mistakes.shape), strict=True)
        return [
            (self.labels[right], self.labels[answer], int(mistakes[right, answer]))
            for right, answer in pairs
            if mistakes[right, answer]
        ]


def evaluate(
    log_probs: Floats,
    expected: Ints,
    labels: tuple[str, ...],
    acceptable: npt.NDArray[np.bool_] | None = None,
) -> Evaluation:
    """Score predictions.

    Args:
        log_probs: ``(S, K)`` logarithms of the probabilities.
        expected: ``(S,)`` the right answers, as positions in ``labels``.
        labels: at least K emoji; those from K on were never predicted.
        acceptable: ``(S, K)`` which emoji may be answered as well, or ``None`` if nobody said so.
    """
    top = np.argsort(-log_probs, axis=1, kind="stable")[:, :_TOP]
    answers, is_right = top[:, 0], top == expected[:, None]
    may_be = None if acceptable is None else is_right | np.take_along_axis(acceptable, top, axis=1)
    confusion = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(confusion, (expected, answers), 1)
    hits, support = np.diag(confusion), confusion.sum(axis=1)
    precision = _share(hits, confusion.sum(axis=0))
    recall = _share(hits, support)
    f1 = _share(2 * precision * recall, precision + recall)
    probabilities = np.exp(np.take_along_axis(log_probs, top[:, :1], axis=1))[:, 0]
    known = expected < log_probs.shape[1]
    chosen = log_probs[known, expected[known]]
    return Evaluation(
        examples=len(expected),
        accuracy=float(is_right[:, 0].mean()),
        macro_f1=float(f1[support > 0].mean()),
        loss=-float(chosen.mean(dtype=np.float64)) if chosen.size else None,
        top_3=float(is_right.any(axis=1).mean()),
        acceptable=None if may_be is None else float(may_be[:, 0].mean()),
        acceptable_top_3=None if may_be is None else float(may_be.any(axis=1).mean()),
        calibration_error=calibration_error(reliability(probabilities, is_right[:, 0])),
        coverage=tuple(_coverage(probabilities, is_right[:, 0], tenth / 10) for tenth in range(10)),
        per_emoji=tuple(
            ClassScore(emoji, float(p), float(r), float(f), int(n))
            for emoji, p, r, f, n in zip(labels, precision, recall, f1, support, strict=True)
        ),
        confusion=tuple(tuple(map(int, row)) for row in confusion),
        labels=labels,
    )


def _coverage(probabilities: Floats, is_right: npt.NDArray[np.bool_], threshold: float) -> Coverage:
    given = is_right[probabilities >= threshold]
    accuracy = float(given.mean()) if given.size else None
    return Coverage(threshold, given.size / is_right.size, accuracy)


def _share(part: Floats | Ints, whole: Floats | Ints) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
