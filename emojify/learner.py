"""What learns: a network, word vectors, and the optimisers that train them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from emojify import memory
from emojify.calibration import best_temperature
from emojify.checkpoint import Arrays, put_back
from emojify.contents import check_finite
from emojify.corpus import Corpus
from emojify.networks import new_network, shapes
from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import PackedBatch
from emojify.nn.network import Network, RowGradient
from emojify.nn.optim import OPTIMIZERS, SGD, add_l2, clip_by_global_norm
from emojify.nn.team import Team
from emojify.settings import Settings, as_plain
from emojify.vocab import UNKNOWN

_ENOUGH_TO_CALIBRATE = 10_000  # sentences; with more of them, only time would be lost


class Score(NamedTuple):
    """How good the answers to some sentences are.

    Attributes:
        loss: the mean cross-entropy of an answer, in nats.
        accuracy: the share of right answers.
        temperature: what the logits are to be divided by, to fit these sentences best.
    """

    loss: float
    accuracy: float
    temperature: float


class Learner:
    """A network and word vectors, everything that a step of training changes.

    Args:
        settings: of the training.
        table: ``(V + 1, D)`` float32 word vectors, trained in place if the settings say so.
        seen: ``(V + 1,)`` bool, the words that the sentences have.
        classes: K, the number of emoji.
        weight_rng: draws the first weights.
        rng: draws the words that are dropped.

    Raises:
        EnvironmentFault: the machine has not enough memory for it.

    Attributes:
        tuned_ids: the rows of the table that may be trained, ascending.
        best_weights: the network's weights when :meth:`keep` was called last, by name.
        best_rows: the word vectors of ``tuned_ids`` then, if they are tuned.
    """

    def __init__(
        self,
        settings: Settings,
        table: Floats,
        seen: npt.NDArray[np.bool_],
        classes: int,
        weight_rng: np.random.Generator,
        rng: np.random.Generator,
    ) -> None:
        hyper, vectors = settings.training, settings.vectors
        self._hyper, self._vectors, self._rng = hyper, vectors, rng
        self.table = table
        # Dropped words are unknown ones.
        self.tuned_ids = np.flatnonzero(seen | (np.arange(len(seen)) == UNKNOWN)).astype(np.uint32)
        plain = as_plain(settings)
        _require_memory(plain, table, classes)
        self._network: Network = new_network(plain, table, classes, vectors.tune)
        self._network.initialize(weight_rng)
        self._team = Team(self._network, hyper.threads)
        optimizer = OPTIMIZERS[hyper.optimizer]
        self._optimizer = optimizer(self._network.params.theta, hyper.learning_rate, hyper.momentum)
        self._words: SGD | None = None
        if vectors.tune:
            self._words = optimizer(table, vectors.learning_rate, hyper.momentum)
        self.keep()

    def set_pace(self, epoch: int) -> None:
        """Let the learning rates go down as the schedule says; the first epoch is 1."""
        hyper = self._hyper
        pace = 1 - (epoch - 1) / hyper.epochs if hyper.schedule == "linear" else 1.0
        self._optimizer.learning_rate = pace * hyper.learning_rate
        if self._words:
            self._words.learning_rate = pace * self._vectors.learning_rate

    def learn(self, shard: Corpus, chosen: Ints) -> tuple[float, float]:
        """Take one step, unless the loss or the gradient is not finite.

        Args:
            shard: sentences and their answers.
            chosen: which of them the batch has.

        Returns:
            The loss before the step, and the gradient's norm before it was clipped.
        """
        loss, row_gradient, norm = self._gradients(shard, chosen)
        if np.isfinite(loss) and np.isfinite(norm):
            self._optimizer.step(self._network.params.grad)
            if self._words and row_gradient:
                self._words.step(row_gradient.values, row_gradient.rows)
        return loss, norm

    def score(self, blocks: Iterable[Corpus]) -> Score:
        """Answer sentences, and compare with what is right."""
        loss = hits = count = 0.0
        kept: list[tuple[Floats, Ints]] = []
        with np.errstate(over="ignore", invalid="ignore"):  # looked for by the caller
            for block in blocks:
                targets = self._network.targets(block.answers)
                log_probs, right, block_hits = self._network.judge(block.sentences.batch(), targets)
                of_right = log_probs[np.arange(len(right)), right]
                loss -= float(of_right.sum(dtype=np.float64))
                hits += block_hits
                if count < _ENOUGH_TO_CALIBRATE:
                    kept.append((log_probs, right))
                count += len(block)
            temperature = best_temperature(*map(np.concatenate, zip(*kept, strict=True)))
        return Score(loss / count, hits / count, temperature)

    def largest(self, vectors_as: npt.DTypeLike) -> float:
        """Return the size of the largest weight, or number in a tuned vector once it is stored.

        It is infinity if the type of the stored vectors cannot hold it, and NaN if one is NaN.
        """
        weight = np.abs(self._network.params.theta).max()
        number = np.abs(self.table[self.tuned_ids]).max() if self._words else np.float32(0)
        with np.errstate(over="ignore"):
            return float(np.maximum(weight, number.astype(vectors_as)))

    def keep(self) -> None:
        """Remember the weights as they are now, as the best."""
        self.best_weights = {n: v.copy() for n, v in self._network.params.values.items()}
        if self._words:
            self.best_rows = self.table[self.tuned_ids]

    def state(self) -> Arrays:
        """Return copies of all arrays that steps change, by name."""
        whole = {name: array.copy() for name, array in self._whole.items()}
        return whole | {name: array[self.tuned_ids] for name, array in self._by_row.items()}

    def restore(self, state: Arrays) -> None:
        """Become what a learner of the same settings and sentences was.

        Raises:
            KeyError: an array is missing.
            ValueError: an array has another shape or type.
        """
        for name, array in self._whole.items():
            check_finite(name, state[name])
            put_back(array, state[name])
        for name, array in self._by_row.items():
            check_finite(name, state[name])
            rows = array[self.tuned_ids]
            put_back(rows, state[name])
            array[self.tuned_ids] = rows

    @property
    def _whole(self) -> dict[str, Floats]:
        arrays = {"theta": self._network.params.theta}
        arrays |= {f"theta.{name}": array for name, array in self._optimizer.memory.items()}
        arrays |= {f"best.{name}": array for name, array in self.best_weights.items()}
        return arrays | ({"rows.best": self.best_rows} if self._words else {})

    @property
    def _by_row(self) -> dict[str, Floats]:
        """Arrays of which only the rows of the words that are tuned ever change."""
        if not self._words:
            return {}
        memory = {f"rows.{name}": array for name, array in self._words.memory.items()}
        return {"rows": self.table} | memory

    def _gradients(self, shard: Corpus, chosen: Ints) -> tuple[float, RowGradient | None, float]:
        """Compute the loss, the clipped gradients, and their norm before clipping."""
        hyper, network = self._hyper, self._network
        parts = self._team.parts(chosen)
        batches = [self._drop_words(shard.sentences.batch(part)) for part in parts]
        with np.errstate(over="ignore", invalid="ignore"):  # looked for by the caller
            targets = [network.targets(shard.answers, part) for part in parts]
            kept = [self._kept_features(len(part)) for part in parts]
            loss, row_gradient = self._team.loss_and_grad(batches, targets, kept)
            if hyper.l2:
                add_l2(network.params, hyper.l2)
            grads = [network.params.grad, *([row_gradient.values] if row_gradient else [])]
            return loss, row_gradient, clip_by_global_norm(grads, hyper.clip_norm or np.inf)

    def _kept_features(self, sentences: int) -> Floats | None:
        share = self._hyper.dropout
        if not share:
            return None
        kept = self._rng.random((sentences, self._network.features), np.float32) >= share
        return kept / np.float32(1 - share)

    def _drop_words(self, batch: PackedBatch) -> PackedBatch:
        share = self._hyper.word_dropout
        if not share:
            return batch
        dropped = self._rng.random(len(batch.ids)) < share
        return batch._replace(ids=np.where(dropped, UNKNOWN, batch.ids))


def _require_memory(settings: dict[str, Any], table: Floats, classes: int) -> None:
    of_network = shapes(settings, table.shape[1], classes)
    weights = sum(math.prod(shape) for shape in of_network.values())
    # The weights, their velocity, the best of them, and a gradient for each thread.
    numbers = weights * (3 + settings["training"]["threads"])
    memory.require(
        numbers * table.itemsize + table.nbytes,
        f"a network of {weights:,} weights",
        "try a smaller model.hidden",
    )
