"""Training: data and settings in, a trained model out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from emojify import glove, resources
from emojify.config import Settings, as_plain
from emojify.corpus import Corpus, StoredCorpus, read_corpus, split
from emojify.errors import Diverged, EmojifyWarning
from emojify.nn.arrays import Ints
from emojify.nn.batch import PackedBatch, deal_by_length
from emojify.nn.cells import new_cell
from emojify.nn.embedding import Table
from emojify.nn.model import Model, RowGradient
from emojify.nn.optim import OPTIMIZERS, add_l2, clip_by_global_norm
from emojify.nn.team import Team
from emojify.store import TrainedModel
from emojify.text import tokenize
from emojify.vectors import TunedRows, Vectors, rounded_to_float16
from emojify.vocab import UNKNOWN, Vocabulary

# A model trained on a user's own vectors carries so many of the most frequent words inside, and
# every further word that its training sentences have.
CARRIED_WORDS = 50_000
_MOST_STRANGERS = 0.1  # of the sentences; with more of them, something is likely to be wrong


@dataclass(frozen=True)
class Step:
    """One step of a training.

    Attributes:
        epoch: which pass over the data, from 1.
        step: which batch of it, from 1.
        steps: how many batches a pass has.
        loss: the batch's mean cross-entropy, in nats.
    """

    epoch: int
    step: int
    steps: int
    loss: float


@dataclass(frozen=True)
class Epoch:
    """One pass over the data; the validation is ``None`` where nothing was held back.

    Attributes:
        epoch: which pass, from 1.
        loss: the mean loss of its steps, with words dropped out.
        validation_loss: mean cross-entropy on the validation sentences, in nats.
        validation_accuracy: the share of them answered rightly.
    """

    epoch: int
    loss: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None

    def is_better_than(self, other: Epoch | None) -> bool:
        """Compare by accuracy, then by loss; without validation, the later epoch is better."""
        if other is None or self.validation_loss is None or other.validation_loss is None:
            return True
        return (self.validation_accuracy, -self.validation_loss) > (
            other.validation_accuracy,
            -other.validation_loss,
        )


class Training:
    """A training that is run by iterating over it.

    ::

        training = Training(settings)
        for event in training.run():
            ...                          # draw a progress bar
        store.save(training.result(), path)

    The same settings, data and machine, and a single BLAS thread, give the same model, bit for bit.

    Attributes:
        settings: what it was made from.
        labels: the emoji it learns.
        train: the sentences it learns from.
        validation: the sentences that decide which epoch is kept, or ``None``.
        history: the epochs that are done.
        best: the epoch whose weights :meth:`result` returns, or ``None`` before the first.

    Raises:
        EmojifyError: from the files that the settings name, or because the data have one emoji.
    """

    def __init__(self, settings: Settings, progress: glove.Progress | None = None) -> None:
        split_rng, weight_rng, self._rng = (
            np.random.default_rng(seed) for seed in np.random.SeedSequence(settings.seed).spawn(3)
        )
        self.settings = settings
        self.train, self.validation, self.labels = read_corpus(settings.data)
        if isinstance(settings.data.validation, float):
            self.train, self.validation = split(self.train, settings.data.validation, split_rng)
        self._shipped = resources.shipped("vectors", settings.vectors.source)
        self._vectors = self._open_vectors(progress)
        words = self._vectors.vocabulary
        self._stored = StoredCorpus(self.train, self.labels, words)
        self._corpus: Corpus  # the shard of it that is in memory
        self._warn_of_strangers()
        self._held_back = self.validation and StoredCorpus(self.validation, self.labels, words)
        self._model = self._new_model(weight_rng)
        self._team = Team(self._model, settings.training.threads)
        self.history: list[Epoch] = []
        self.best: Epoch | None = None
        self._keep_weights()

    def run(self) -> Iterator[Step | Epoch]:
        """Train until the last epoch or until patience runs out.

        Yields every step, and after its steps every epoch.

        Raises:
            Diverged: the loss or the gradient is no longer finite; :meth:`result` still returns
                the best epoch before.
        """
        hyper, model = self.settings.training, self._model
        optimizer = OPTIMIZERS[hyper.optimizer]
        theta = optimizer(model.params.theta, hyper.learning_rate, hyper.momentum)
        vectors = self.settings.vectors
        words = optimizer(self._table, vectors.learning_rate, hyper.momentum)
        for epoch in range(1, hyper.epochs + 1):
            pace = 1 - (epoch - 1) / hyper.epochs if hyper.schedule == "linear" else 1.0
            theta.learning_rate = pace * hyper.learning_rate
            words.learning_rate = pace * vectors.learning_rate
            total = 0.0
            shards = self._stored.shards(self._rng)
            steps = sum(-(-self._stored.size(shard) // hyper.batch_size) for shard in shards)
            for step, chosen in enumerate(self._batches(shards), 1):
                loss, row_gradient, norm = self._gradients(chosen)
                if not (np.isfinite(loss) and np.isfinite(norm)):
                    raise self._diverged(epoch, step, loss, norm)
                theta.step(model.params.grad)
                if row_gradient:
                    words.step(row_gradient.values, row_gradient.rows)
                total += loss * len(chosen)
                yield Step(epoch, step, steps, loss)
            yield self._finish_epoch(epoch, steps, total / len(self.train))
            if self.best and epoch - self.best.epoch >= hyper.patience:
                return

    def result(self) -> TrainedModel:
        """Return the model as it was after the best epoch."""
        vectors, tune = self._vectors, self.settings.vectors.tune
        table: Table = vectors.matrix
        if tune and self._shipped:
            table = TunedRows(vectors.matrix, self._tuned_ids, self._best_rows)
        elif tune:
            tuned = self._table.copy()
            tuned[self._tuned_ids] = self._best_rows
            table = tuned.astype(np.float16)  # as the file will hold it
        return TrainedModel(
            settings=as_plain(self.settings),
            labels=self.labels,
            weights=self._best_weights,
            vocabulary=vectors.vocabulary,
            table=table,
            history=[asdict(epoch) for epoch in self.history],
            shipped_vectors=self.settings.vectors.source if self._shipped else None,
            fingerprint=vectors.fingerprint if self._shipped else "",
        )

    def _open_vectors(self, progress: glove.Progress | None) -> Vectors:
        source = self.settings.vectors.source
        if self._shipped:
            return Vectors.open(self._shipped)
        vectors = glove.load(resources.locate("vectors", source), progress)
        used = np.zeros(len(vectors.vocabulary) + 1, bool)
        for text in self.train.texts:
            used[vectors.vocabulary.encode(tokenize(text))] = True
        return _carried(vectors, used)

    def _warn_of_strangers(self) -> None:
        strange = self._stored.strange
        if strange > _MOST_STRANGERS * len(self.train):
            warnings.warn(
                f"{self.train.source}: {strange} of {len(self.train)} sentences have no word that "
                f"the vectors {self.settings.vectors.source} know; are these the right vectors?",
                EmojifyWarning,
                stacklevel=3,
            )

    def _new_model(self, rng: np.random.Generator) -> Model:
        model, tune = self.settings.model, self.settings.vectors.tune
        self._table = self._vectors.matrix.astype(np.float32)
        seen = self._stored.seen.copy()
        seen[UNKNOWN] = True  # dropped words are unknown ones
        self._tuned_ids = np.flatnonzero(seen).astype(np.uint32)
        network = Model(
            new_cell(model.cell, model.reset_after),
            self._table,
            model.hidden,
            len(self.labels),
            tune,
        )
        network.initialize(rng)
        return network

    def _batches(self, shards: list[Ints]) -> Iterator[Ints]:
        """Yield the batches of an epoch, as positions in the shard that is in memory."""
        for shard in shards:
            self._corpus = self._stored.read(shard)
            yield from self._shuffled_batches()

    def _shuffled_batches(self) -> list[Ints]:
        lengths = self._corpus.sentences.lengths
        return deal_by_length(lengths, self.settings.training.batch_size, self._rng)

    def _drop_words(self, batch: PackedBatch) -> PackedBatch:
        share = self.settings.training.word_dropout
        if not share:
            return batch
        dropped = self._rng.random(len(batch.ids)) < share
        return batch._replace(ids=np.where(dropped, UNKNOWN, batch.ids))

    def _gradients(self, chosen: Ints) -> tuple[float, RowGradient | None, float]:
        """Compute the loss, the clipped gradients, and their norm before clipping."""
        hyper, model = self.settings.training, self._model
        parts = self._team.parts(chosen)
        batches = [self._drop_words(self._corpus.sentences.batch(part)) for part in parts]
        with np.errstate(over="ignore", invalid="ignore"):  # looked for by the caller
            labels = [self._corpus.labels[part] for part in parts]
            loss, row_gradient = self._team.loss_and_grad(batches, labels)
            if hyper.l2:
                add_l2(model.params, hyper.l2)
            grads = [model.params.grad, *([row_gradient.values] if row_gradient else [])]
            return loss, row_gradient, clip_by_global_norm(grads, hyper.clip_norm or np.inf)

    def _finish_epoch(self, number: int, steps: int, loss: float) -> Epoch:
        # Without sentences held back, some that were learnt show whether there is an answer.
        scored = self._held_back or [self._stored.read([0])]
        with np.errstate(over="ignore", invalid="ignore"):
            scored_loss, accuracy = _score(self._model, scored)
        if not np.isfinite(scored_loss):
            raise self._diverged(number, steps, scored_loss, 0.0)
        epoch = Epoch(number, loss, *((scored_loss, accuracy) if self._held_back else ()))
        self.history.append(epoch)
        if epoch.is_better_than(self.best):
            self.best = epoch
            self._keep_weights()
        return epoch

    def _keep_weights(self) -> None:
        self._best_weights = {n: v.copy() for n, v in self._model.params.values.items()}
        self._best_rows = self._table[self._tuned_ids]

    def _diverged(self, epoch: int, step: int, loss: float, norm: float) -> Diverged:
        what = f"the loss is {loss}" if not np.isfinite(loss) else f"the gradient's norm is {norm}"
        rate = self.settings.training.learning_rate
        return Diverged(
            f"training diverged in epoch {epoch}, step {step}: {what} at learning rate {rate:g}; "
            "expected a finite number; try a smaller --lr, or set training.clip_norm"
        )


def _carried(vectors: Vectors, used: npt.NDArray[np.bool_]) -> Vectors:
    """Reduce vectors to what a model file carries, in the precision in which it carries them.

    Training on just these numbers makes the saved model answer as the trained one did.

    Args:
        vectors: of V words.
        used: ``(V + 1,)`` which words the sentences have.
    """
    carried = used.copy()
    carried[1 : CARRIED_WORDS + 1] = True
    carried[UNKNOWN] = False
    ids = np.flatnonzero(carried)
    words = vectors.vocabulary.words()
    kept = Vocabulary.of([words[i - 1] for i in ids])
    reduced = Vectors(kept, vectors.matrix[np.append(UNKNOWN, ids)], "")
    return replace(reduced, matrix=rounded_to_float16(reduced))


def _score(model: Model, blocks: Iterable[Corpus]) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy."""
    loss = hits = count = 0.0
    for block in blocks:
        log_probs = model.log_proba(block.sentences.batch())
        loss -= float(log_probs[np.arange(len(block)), block.labels].sum(dtype=np.float64))
        hits += int((log_probs.argmax(axis=1) == block.labels).sum())
        count += len(block)
    return loss / count, hits / count
