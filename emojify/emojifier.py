"""The facade: load a model, ask it for emoji."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emojify import resources, store
from emojify.asking import BATCH, batches, count_words, finite, in_blocks, tokens_of
from emojify.errors import EmojifyError
from emojify.labels import Labels
from emojify.nn.arrays import Floats
from emojify.nn.batch import Sentences
from emojify.nn.model import Model
from emojify.store import TrainedModel
from emojify.text import LONGEST_TEXT
from emojify.vocab import UNKNOWN

if TYPE_CHECKING:
    from emojify.data import Examples
    from emojify.metrics import Evaluation

_LONGEST_LEFT_OUT = 500  # tokens of a text whose tokens are left out one by one: a second or two


class Choice(NamedTuple):
    """One of a model's emoji and how likely it is."""

    emoji: str
    name: str
    probability: float


class Prediction(NamedTuple):
    """The answer to one sentence.

    Attributes:
        text: the sentence as it was given.
        emoji: the most likely emoji; ``None`` if it is less likely than the threshold.
        probability: the probability of the most likely emoji.
        top: the k most likely, best first; equally likely ones in the order of the labels.
        known_words: how many of the words the model has a vector for.
        words: how many words and numbers the sentence was cut into, ``don't`` into two; marks,
            emoticons and emoji are none.
    """

    text: str
    emoji: str | None
    probability: float
    top: tuple[Choice, ...]
    known_words: int
    words: int

    @property
    def truncated(self) -> bool:
        """Whether only the first :data:`emojify.text.LONGEST_TEXT` characters were read."""
        return len(self.text) > LONGEST_TEXT


class Contribution(NamedTuple):
    """What one token of a text did for the answer, in nats of its log-probability.

    Both numbers are positive for what speaks for the answer and negative for what speaks against.

    Attributes:
        word: the token as the model reads it: ``don't`` is ``do`` and ``n't``.
        known: whether the model has a vector for it. All others share one, which is zero unless
            it was tuned: with a vector of zeros ``gradient_x_input`` is 0, and ``left_out`` need
            not be, since also such a word is a step of the network.
        gradient_x_input: ``d log p(answer) / dx · x``, with x the token's vector.
        left_out: ``log p(answer)`` of the whole text minus that of the text without this token;
            ``None`` for the only token of a text, without which nothing remains, and in a text
            of more than 500 tokens, for each of which the whole text would be read once more.
    """

    word: str
    known: bool
    gradient_x_input: float
    left_out: float | None


class Explanation(NamedTuple):
    """The answer to one text, and what each of its tokens did for it, in order."""

    answer: Choice
    words: tuple[Contribution, ...]


class Emojifier:
    """A trained model that answers sentences with emoji.

    ::

        emojifier = Emojifier.load("five")
        [prediction] = emojifier.predict(["I love you"])
        prediction.emoji, prediction.probability

    It may be shared by threads; they take turns.

    Args:
        trained: the model as it is in the file.
        source: the file or the name, for messages.

    Attributes:
        trained: the model.
    """

    def __init__(self, trained: TrainedModel, source: str | Path | None = None) -> None:
        self.trained = trained
        self._turn = threading.Lock()  # the network's work arrays are its own
        network = trained.network()
        if not isinstance(network, Model):
            raise EmojifyError(
                "found a model that writes lines of emoji; expected one that answers with a single "
                "emoji; use it with emojify caption",
                source,
            )
        self._model = network

    @classmethod
    def load(cls, model: str | Path = resources.DEFAULT_MODEL) -> Emojifier:
        """Load a model file, or a model that comes with the package, by its name.

        Raises:
            EmojifyError: there is no such file or name, or the file is damaged or writes captions.
        """
        return cls(store.load(resources.locate("models", str(model))), model)

    def save(self, path: str | Path) -> None:
        """Write the model to a file, replacing an older one."""
        store.save(self.trained, Path(path))

    @property
    def labels(self) -> Labels:
        """The model's emoji, in the order of its outputs."""
        return self.trained.labels

    def predict(
        self, texts: Iterable[str], top_k: int = 1, threshold: float = 0.0
    ) -> list[Prediction]:
        """Answer every text with an emoji, in order.

        Args:
            texts: sentences; none may be blank.
            top_k: how many emoji each answer is to have; the model's number is the most.
            threshold: the probability from which on an emoji is an answer.

        Raises:
            EmojifyError: a text is blank, ``top_k`` is below 1, or ``threshold`` no probability.
        """
        if top_k < 1:
            raise EmojifyError(f"found top_k = {top_k}; expected 1 or more")
        if not 0 <= threshold <= 1:
            raise EmojifyError(f"found threshold = {threshold}; expected a number from 0 to 1")
        predictions: list[Prediction] = []
        for block in in_blocks(texts):
            tokens = [tokens_of(text) for text in block]
            ids = list(map(self.trained.vocabulary.encode, tokens))
            probs = np.exp(self._log_proba(ids))
            top = np.argsort(-probs, axis=1, kind="stable")[:, :top_k]
            predictions += map(
                self._prediction,
                block,
                tokens,
                ids,
                top.tolist(),
                np.take_along_axis(probs, top, axis=1).tolist(),
                repeat(threshold),
            )
        return predictions

    def predict_proba(self, texts: Iterable[str]) -> Floats:
        """Return ``(S, K)`` float32: the probability of each of the model's emoji for each text."""
        none = np.empty((0, len(self.labels)), np.float32)
        blocks = [self._log_proba(list(map(self._encode, block))) for block in in_blocks(texts)]
        probs: Floats = np.exp(np.concatenate([none, *blocks]))
        return probs

    def word_by_word(self, text: str) -> list[tuple[str, Choice]]:
        """Return what the model would answer if the text ended after each of its tokens."""
        tokens = tokens_of(text)
        ids = self.trained.vocabulary.encode(tokens)
        probs = np.exp(self._log_proba_every_step(ids))
        best = probs.argmax(axis=1).tolist()
        steps = zip(tokens, best, probs, strict=False)
        return [(token, self._choice(k, float(p[k]))) for token, k, p in steps]

    def explain(self, text: str) -> Explanation:
        """Return what each token contributed to the answer.

        The gradient × input (Simonyan et al., 2013; Shrikumar et al., 2016) is what each vector
        adds as far as the network is linear; leaving a token out (Li et al., 2016) asks the network
        itself, once for each token.

        Raises:
            EmojifyError: the text is blank, or the gradient is not a number.
        """
        tokens = tokens_of(text)
        ids = self.trained.vocabulary.encode(tokens)
        [log_probs] = self._log_proba([ids])
        best = int(log_probs.argmax())
        answer = self._choice(best, float(np.exp(log_probs[best])))
        along = self._gradient_x_input(ids, best).tolist()
        left_out: list[float | None] = [None] * len(ids)
        if 1 < len(ids) <= _LONGEST_LEFT_OUT:
            left_out = [float(log_probs[best]) - rest for rest in self._without_each(ids, best)]
        words = zip(tokens, [i != UNKNOWN for i in ids], along, left_out, strict=False)
        return Explanation(answer, tuple(Contribution(*word) for word in words))

    def _gradient_x_input(self, ids: list[int], answer: int) -> Floats:
        batch = Sentences.of([ids]).batch()
        X = self._model.embedding.forward(batch.ids)
        with self._turn, np.errstate(over="ignore", invalid="ignore"):  # looked for here
            gradient = self._model.input_gradient(batch, np.array([answer]))
            return finite((gradient * X).sum(axis=1))

    def _without_each(self, ids: list[int], answer: int) -> list[float]:
        """Return the answer's log-probability without the first token, the second, and so on."""
        shorter = [ids[:i] + ids[i + 1 :] for i in range(len(ids))]
        without: list[float] = self._log_proba(shorter)[:, answer].tolist()
        return without

    def evaluate(self, examples: Examples) -> Evaluation:
        """Answer labelled sentences and score the answers."""
        from emojify.metrics import evaluate  # not needed to predict, which is to start fast

        blocks = in_blocks(examples.texts)
        log_probs = np.concatenate([self._log_proba(list(map(self._encode, b))) for b in blocks])
        labels = tuple(dict.fromkeys([*self.labels.emoji, *examples.emoji]))
        number = {emoji: i for i, emoji in enumerate(labels)}
        expected = np.array([number[emoji] for emoji in examples.emoji])
        if examples.also is None:
            return evaluate(log_probs, expected, labels)
        acceptable = np.zeros(log_probs.shape, bool)
        for row, also in zip(acceptable, examples.also, strict=True):
            row[[self.labels.emoji.index(e) for e in also if e in self.labels.emoji]] = True
        return evaluate(log_probs, expected, labels, acceptable)

    def _encode(self, text: str) -> list[int]:
        return self.trained.vocabulary.encode(tokens_of(text))

    def _log_proba(self, ids: Sequence[list[int]]) -> Floats:
        sentences = Sentences.of(ids)
        log_probs = np.empty((len(sentences), len(self.labels)), np.float32)
        with self._turn, np.errstate(over="ignore", invalid="ignore"):  # looked for here
            for chosen in batches(sentences.lengths):
                log_probs[chosen] = self._model.log_proba(sentences.batch(chosen))
        return finite(log_probs)

    def _log_proba_every_step(self, ids: list[int]) -> Floats:
        """Return ``(N, K)``, what :meth:`_log_proba` would be if the text ended at each word."""
        if self._model.encoder.bidirectional:
            ends = range(1, len(ids) + 1)
            blocks = [ends[start : start + BATCH] for start in range(0, len(ids), BATCH)]
            return np.concatenate([self._log_proba([ids[:end] for end in b]) for b in blocks])
        with self._turn, np.errstate(over="ignore", invalid="ignore"):  # looked for here
            return finite(self._model.log_proba_every_step(Sentences.of([ids]).batch()))

    def _prediction(
        self,
        text: str,
        tokens: list[str],
        ids: list[int],
        top: list[int],
        probabilities: list[float],
        threshold: float,
    ) -> Prediction:
        choices = tuple(map(self._choice, top, probabilities))
        known, words = count_words(tokens, ids)
        best = choices[0]
        emoji = best.emoji if best.probability >= threshold else None
        return Prediction(text, emoji, best.probability, choices, known, words)

    def _choice(self, k: int, probability: float) -> Choice:
        return Choice(self.labels.emoji[k], self.labels.names[k], probability)
