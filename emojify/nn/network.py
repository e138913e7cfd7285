"""What is trained: the part of a network that does not depend on what it answers with."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import PackedBatch, Sentences
from emojify.nn.embedding import Embedding
from emojify.nn.params import Params


class RowGradient(NamedTuple):
    """The gradient of some rows of the embedding table: ``rows (R,)`` and ``values (R, D)``."""

    rows: Ints
    values: Floats


class Judged(NamedTuple):
    """Answers compared with what is right.

    Attributes:
        log_probs: ``(n, classes)``, logarithms of the probabilities of all that was to be chosen.
        right: ``(n,)``, what should have been.
        hits: how many sentences were answered rightly.
    """

    log_probs: Floats
    right: Ints
    hits: int


class Network(Protocol):
    """A network that learns to answer sentences.

    What the right answers are to it, :meth:`targets` makes of the tokens of each sentence's answer:
    for a classifier one label each, for a decoder packed lines.

    Attributes:
        params: all weights but the word vectors.
        embedding: the word vectors.
    """

    params: Params
    embedding: Embedding

    @property
    def features(self) -> int:
        """F, how many features a sentence has."""

    @property
    def products(self) -> int:
        """How many multiplications a state costs in a step, G·H²."""

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw all weights anew; the word vectors stay."""

    def twin(self) -> Network:
        """Return a network with the same weights, one array for both, for another thread."""

    def targets(self, answers: Sentences, chosen: Ints | slice = slice(None)) -> Any:
        """Return the right answers of the chosen sentences as the other methods take them."""

    def loss_and_grad(
        self, batch: PackedBatch, targets: Any, kept: Floats | None = None
    ) -> tuple[float, RowGradient | None]:
        """Compute the mean cross-entropy and all gradients."""

    def judge(self, batch: PackedBatch, targets: Any) -> Judged:
        """Answer sentences, and compare with what is right."""
