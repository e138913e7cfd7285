"""Training: data and settings in, a trained model out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emojify import glove, resources
from emojify.checkpoint import Arrays, Checkpoint, require_same_origin
from emojify.contents import check_history
from emojify.corpus import StoredCorpus, read_corpus, split, with_joined
from emojify.errors import Diverged, EmojifyError, EmojifyWarning
from emojify.learner import Learner
from emojify.nn.arrays import Floats
from emojify.nn.embedding import Table
from emojify.order import Pass
from emojify.settings import Settings, as_plain
from emojify.store import TrainedModel
from emojify.text import tokenize
from emojify.vectors import ScaledRows, TunedRows, Vectors, rounded_to_float16
from emojify.vocab import UNKNOWN, Vocabulary

# So many of the most frequent words a model of a user's own vectors carries inside, if the settings
# do not say otherwise, and every further word that its training sentences have.
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
        temperature: what the network's logits are to be divided by for its probabilities to be
            as the validation found them.
    """

    epoch: int
    loss: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    temperature: float = 1.0

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
        train: the sentences it learns from, those that were joined at the end.
        joined: how many of them were joined.
        validation: the sentences that decide which epoch is kept, or ``None``.
        history: the epochs that are done.
        best: the epoch whose weights :meth:`result` returns, or ``None`` before the first.

    Raises:
        EmojifyError: from the files that the settings name, or because the data have one emoji.
    """

    def __init__(self, settings: Settings, progress: glove.Progress | None = None) -> None:
        split_rng, weight_rng, self._rng, joining_rng = (
            np.random.default_rng(seed) for seed in np.random.SeedSequence(settings.seed).spawn(4)
        )
        self.settings = settings
        lines = settings.decoder.features is not None
        self.train, self.validation, self.labels = read_corpus(settings.data, lines)
        if isinstance(settings.data.validation, float):
            self.train, self.validation = split(self.train, settings.data.validation, split_rng)
        own = len(self.train)
        self.train = with_joined(self.train, settings.data, self.labels, joining_rng)
        self.joined = len(self.train) - own
        self._shipped = resources.shipped("vectors", settings.vectors.source)
        # Whether the model is to find its vectors where they are shipped, and not in its own file.
        self._refers = self._shipped is not None and settings.vectors.carried is None
        self._vectors, self._fingerprint = self._open_vectors(progress)
        words = self._vectors.vocabulary
        end = [len(self.labels)] if lines else []  # which an emoji after the last would be
        self._stored = StoredCorpus(self.train, self.labels, words, end, self.joined)
        self._warn_of_strangers()
        self._held_back = self.validation and StoredCorpus(self.validation, self.labels, words, end)
        table = self._vectors.matrix.astype(np.float32)
        seen, classes = self._stored.seen, len(self.labels)
        self._learner = Learner(settings, table, seen, classes, weight_rng, self._rng)
        self._pass: Pass | None = None  # the one that is under way
        self.history: list[Epoch] = []
        self.best: Epoch | None = None

    def run(self) -> Iterator[Step | Epoch]:
        """Train until the last epoch or until patience runs out.

        Yields every step, and after its steps every epoch. After each of them the training can be
        left, and gone on with by calling this again or from a :meth:`checkpoint`.

        Raises:
            Diverged: the loss or the gradient is no longer finite; :meth:`result` still returns
                the best epoch before.
        """
        while not self._is_done:
            number, size = len(self.history) + 1, self.settings.training.batch_size
            current = self._pass = self._pass or Pass(self._stored, size, self._rng)
            self._learner.set_pace(number)
            for shard, chosen in current:
                loss, norm = self._learner.learn(shard, chosen)
                self._require_finite("the loss", loss, number, current.step)
                self._require_finite("the gradient's norm", norm, number, current.step)
                current.loss += loss * len(chosen)
                yield Step(number, current.step, current.steps, loss)
            yield self._finish_epoch(number, current)

    @property
    def place(self) -> str:
        """How far it is, in words: ``in epoch 3, after step 40 of 118``."""
        if self._pass is None:
            return f"after epoch {len(self.history)}"
        steps = f"step {self._pass.step} of {self._pass.steps}"
        return f"in epoch {len(self.history) + 1}, after {steps}"

    @property
    def _is_done(self) -> bool:
        done, hyper = len(self.history), self.settings.training
        waited = done - self.best.epoch if self.best else 0
        return done >= hyper.epochs or waited >= hyper.patience

    def checkpoint(self) -> Checkpoint:
        """Return all that a training of the same settings, data and vectors needs to go on here."""
        progress = {
            "history": [asdict(epoch) for epoch in self.history],
            "best": self.best and self.best.epoch,
            "random": self._rng.bit_generator.state,
        }
        order: Arrays = {}
        if self._pass:
            progress["pass"], order = self._pass.place()
        return Checkpoint(self._origin, progress, self._learner.state() | order)

    def go_on_from(self, checkpoint: Checkpoint, path: Path) -> None:
        """Become what a training was when its checkpoint was taken.

        Args:
            checkpoint: what :meth:`checkpoint` returned.
            path: the file that it was in, for messages.

        Raises:
            EmojifyError: it was of other settings, data or vectors, or is not whole.
        """
        require_same_origin(checkpoint.origin, self._origin, path)
        try:
            self._go_on_from(checkpoint.progress, checkpoint.arrays)
        except (LookupError, ValueError, TypeError, OverflowError, AttributeError) as error:
            raise EmojifyError(
                f"does not fit its own settings: {error!r}; expected what emojify train wrote; "
                "use -f instead of --resume to start again",
                path,
            ) from None

    def _go_on_from(self, progress: dict[str, Any], arrays: Arrays) -> None:
        self._learner.restore(arrays)
        self._rng.bit_generator.state = progress["random"]
        check_history(progress["history"])
        self.history = [Epoch(**epoch) for epoch in progress["history"]]
        self.best = self.history[progress["best"] - 1] if progress["best"] else None
        if "pass" in progress:
            size = self.settings.training.batch_size
            self._pass = Pass(self._stored, size, self._rng, (progress["pass"], arrays))

    def result(self) -> TrainedModel:
        """Return the model as it was after the best epoch."""
        vectors, learner = self._vectors, self._learner
        return TrainedModel(
            settings=as_plain(self.settings),
            labels=self.labels,
            weights=learner.best_weights,
            vocabulary=vectors.vocabulary,
            table=self._best_table(),
            history=[asdict(epoch) for epoch in self.history],
            temperature=self.best.temperature if self.best else 1.0,
            shipped_vectors=self.settings.vectors.source if self._refers else None,
            fingerprint=self._fingerprint if self._refers else "",
        )

    def _best_table(self) -> Table:
        """Return the word vectors of the best epoch as the file will hold them."""
        learner, settings = self._learner, self.settings.vectors
        matrix: Floats = self._vectors.matrix
        if self._refers and settings.tune:
            return TunedRows(matrix, learner.tuned_ids, learner.best_rows)
        if self._refers:
            return matrix
        if settings.tune:
            matrix = learner.table.copy()
            matrix[learner.tuned_ids] = learner.best_rows
        return ScaledRows.of(matrix) if settings.carried_as == "int8" else matrix.astype(np.float16)

    @property
    def _origin(self) -> dict[str, Any]:
        """What decides what a training makes, in the words of a message."""
        return as_plain(self.settings) | {
            "the sentences": self._stored.digest,
            "the sentences held back": self._held_back and self._held_back.digest,
            "the vectors": self._fingerprint,
        }

    def _open_vectors(self, progress: glove.Progress | None) -> tuple[Vectors, str]:
        """Return the vectors to train with, and the fingerprint of those they are from."""
        settings = self.settings.vectors
        if self._shipped:
            vectors = Vectors.open(self._shipped)
        else:
            vectors = glove.load(resources.locate("vectors", settings.source), progress)
        if self._refers:
            return vectors, vectors.fingerprint
        carried = np.zeros(len(vectors.vocabulary) + 1, bool)
        carried[: 1 + (CARRIED_WORDS if settings.carried is None else settings.carried)] = True
        for text in self.train.texts:
            carried[vectors.vocabulary.encode(tokenize(text))] = True
        return _reduced(vectors, carried, settings.carried_as), vectors.fingerprint

    def _warn_of_strangers(self) -> None:
        strange, own = self._stored.strange, len(self.train) - self.joined
        if strange > _MOST_STRANGERS * own:
            warnings.warn(
                f"{self.train.source}: {strange} of {own} sentences have no word that "
                f"the vectors {self.settings.vectors.source} know; are these the right vectors?",
                EmojifyWarning,
                stacklevel=3,
            )

    def _finish_epoch(self, number: int, done: Pass) -> Epoch:
        # Without sentences held back, some that were learnt show whether there is an answer.
        score = self._learner.score(self._held_back or [self._stored.read([0])])
        self._require_finite("the loss", score.loss, number, done.steps)
        # A loss may be finite with numbers that are not, or that no file can hold.
        is_float16 = not self._refers and self.settings.vectors.carried_as == "float16"
        largest = self._learner.largest(np.float16 if is_float16 else np.float32)
        self._require_finite("a weight or a word vector", largest, number, done.steps)
        loss = done.loss / len(self.train)
        epoch = Epoch(number, loss, *(score if self._held_back else ()))
        self.history.append(epoch)
        self._pass = None
        if epoch.is_better_than(self.best):
            self.best = epoch
            self._learner.keep()
        return epoch

    def _require_finite(self, what: str, found: float, epoch: int, step: int) -> None:
        if np.isfinite(found):
            return
        rate = self.settings.training.learning_rate
        raise Diverged(
            f"training diverged in epoch {epoch}, step {step}: {what} is {found} at learning rate "
            f"{rate:g}; expected a finite number; try a smaller --lr or vectors.learning_rate, or "
            "set training.clip_norm"
        )


def _reduced(vectors: Vectors, carried: npt.NDArray[np.bool_], precision: str) -> Vectors:
    """Reduce vectors to what a model file carries, in the precision in which it carries them.

    Training on just these numbers makes the saved model answer as the trained one did.

    Args:
        vectors: of V words.
        carried: ``(V + 1,)`` which words are carried.
        precision: ``float16`` or ``int8``.
    """
    carried[UNKNOWN] = False
    ids = np.flatnonzero(carried)
    words = vectors.vocabulary.words()
    kept = Vocabulary.of([words[i - 1] for i in ids])
    reduced = Vectors(kept, vectors.matrix[np.append(UNKNOWN, ids)], "")
    matrix = rounded_to_float16(reduced)
    return replace(reduced, matrix=ScaledRows.of(matrix)[:] if precision == "int8" else matrix)
