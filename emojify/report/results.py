"""The figures of a report in numbers: what was asked, what was answered, and how sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emojify.calibration import Bin, reliability
from emojify.data import Examples
from emojify.nn.arrays import Floats

if TYPE_CHECKING:
    from emojify.emojifier import Prediction
    from emojify.metrics import Evaluation

WORST = 50  # mistakes that are shown
MANY = 20  # emoji, of whose confusion matrix the numbers stand in a table alone
PAIRS = 20  # of emoji that are taken for each other


@dataclass(frozen=True)
class Mistake:
    """A wrong answer: the sentence, the right emoji, and the answer with its probability."""

    text: str
    right: str
    answer: str
    probability: float


@dataclass(frozen=True)
class Results:
    """An evaluation with all its answers.

    Attributes:
        model: what the model was called.
        source: where the sentences are from.
        evaluation: the scores.
        history: the epochs of the training, as the model remembers them.
        probabilities: ``(S,)`` of the answers.
        is_right: ``(S,)`` 1 for each that is the right emoji, 0 for others.
        mistakes: answers that are neither right nor acceptable, the surest first.
    """

    model: str
    source: str
    evaluation: Evaluation
    history: Sequence[Mapping[str, Any]]
    probabilities: Floats
    is_right: Floats
    mistakes: Sequence[Mistake]

    @classmethod
    def of(
        cls,
        model: str,
        examples: Examples,
        evaluation: Evaluation,
        predictions: Sequence[Prediction],
        history: Sequence[Mapping[str, Any]],
    ) -> Results:
        """Compare answers with what was expected."""
        also = examples.also or [()] * len(examples)
        answers = [prediction.top[0] for prediction in predictions]
        rows = zip(examples.texts, examples.emoji, also, answers, strict=True)
        mistakes = [
            Mistake(text, right, answer.emoji, answer.probability)
            for text, right, others, answer in rows
            if answer.emoji not in (right, *others)
        ]
        return cls(
            model=model,
            source=examples.source,
            evaluation=evaluation,
            history=history,
            probabilities=np.array([answer.probability for answer in answers]),
            is_right=np.array(
                [float(a.emoji == e) for a, e in zip(answers, examples.emoji, strict=True)]
            ),
            mistakes=sorted(mistakes, key=lambda mistake: -mistake.probability),
        )

    @property
    def bins(self) -> tuple[Bin, ...]:
        """The answers, sorted into bins by their probability."""
        return reliability(self.probabilities, self.is_right)

    def coverage(self) -> tuple[Floats, Floats, Floats]:
        """Answer only what is sure enough, for every threshold there can be.

        Returns:
            ``(T,)`` thresholds, falling; the share of the sentences answered at each; and the
            share of these answers that is right.
        """
        order = np.argsort(-self.probabilities, kind="stable")
        thresholds, right = self.probabilities[order], np.cumsum(self.is_right[order])
        last = np.append(np.flatnonzero(np.diff(thresholds)), len(order) - 1)  # of equal ones
        answered = last + 1
        return thresholds[last], answered / len(order), right[last] / answered

    def shares(self) -> Floats:
        """Return ``(K, K)``: of the sentences of emoji i the share answered with j, or NaN."""
        confusion = np.array(self.evaluation.confusion, float)
        support = confusion.sum(axis=1, keepdims=True)
        shares: Floats = np.divide(
            confusion, support, out=np.full_like(confusion, np.nan), where=support > 0
        )
        return shares

    def taken_for_each_other(self) -> list[tuple[str, str, int, float]]:
        """Return the most frequent mistakes: right emoji, answer, sentences, share of the row."""
        support = {score.emoji: score.support for score in self.evaluation.per_emoji}
        return [
            (right, answer, count, count / support[right])
            for right, answer, count in self.evaluation.most_confused(PAIRS)
        ]
