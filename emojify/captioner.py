"""The facade for lines of emoji: load a model, ask it for captions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from zlib import crc32

import numpy as np

from emojify import resources, store
from emojify.asking import BATCH, batches, count_words, finite, in_blocks, tokens_of
from emojify.errors import EmojifyError
from emojify.labels import Labels
from emojify.nn.arrays import Floats
from emojify.nn.batch import Sentences
from emojify.nn.decoding import LONGEST, Line, sample, search
from emojify.nn.model import Model
from emojify.store import TrainedModel
from emojify.text import LONGEST_TEXT

if TYPE_CHECKING:
    from emojify.data import Examples

# From the features of texts, and the texts, to their lines.
_Write: TypeAlias = Callable[[Floats, list[str]], list[Line]]

BEAM = 4  # beginnings of a line that are kept, if nobody says otherwise
_BEGINNINGS = 16 * BATCH  # of all texts that are searched together, since wide beams take memory


class Caption(NamedTuple):
    """The line of emoji for one text.

    Attributes:
        text: the text as it was given.
        emoji: the emoji in their order, at least one.
        probability: that of this line among all lines, of whatever length.
        known_words: how many of the words the model has a vector for.
        words: how many words and numbers the text was cut into, as of a
            :class:`~emojify.emojifier.Prediction`.
    """

    text: str
    emoji: tuple[str, ...]
    probability: float
    known_words: int
    words: int

    @property
    def line(self) -> str:
        """The emoji one after another."""
        return "".join(self.emoji)

    @property
    def truncated(self) -> bool:
        """Whether only the first :data:`emojify.text.LONGEST_TEXT` characters were read."""
        return len(self.text) > LONGEST_TEXT


class Captioner:
    """A trained model that sums up texts in lines of emoji.

    ::

        captioner = Captioner.load()
        [caption] = captioner.caption(["we had pizza and then went to the beach with the dog"])
        caption.line, caption.emoji, caption.probability

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
        if isinstance(network, Model):
            raise EmojifyError(
                "found a model that answers with a single emoji; expected one that writes lines of "
                "emoji; use it with emojify predict",
                source,
            )
        self._network = network

    @classmethod
    def load(cls, model: str | Path = resources.DEFAULT_CAPTIONER) -> Captioner:
        """Load a model file, or a model that comes with the package, by its name.

        Raises:
            EmojifyError: there is no such file or name, or the file is damaged or writes no lines.
        """
        return cls(store.load(resources.locate("models", str(model))), model)

    @property
    def labels(self) -> Labels:
        """The model's emoji, in the order of its outputs."""
        return self.trained.labels

    def caption(
        self, texts: Iterable[str], beam: int = BEAM, max_length: int = LONGEST
    ) -> list[Caption]:
        """Write the likeliest line that a beam search finds for each text, in order.

        No line has an emoji twice, and none is empty. The same text has the same line always; of
        equally likely ones, :func:`emojify.nn.decoding.search` says which.

        Args:
            texts: none may be blank.
            beam: how many beginnings of a line are kept; with 1, every emoji is the likeliest
                after those before it.
            max_length: how many emoji a line has at most.

        Raises:
            EmojifyError: a text is blank, or ``beam`` or ``max_length`` is below 1.
        """
        if beam < 1:
            raise EmojifyError(f"found beam = {beam}; expected 1 or more")

        def best(features: Floats, _: list[str]) -> list[Line]:
            some = max(1, _BEGINNINGS // beam)
            parts = (features[start : start + some] for start in range(0, len(features), some))
            found = (search(self._network.decoder, part, beam, max_length) for part in parts)
            return [lines[0] if lines else Line((), -np.inf) for lines in chain(*found)]

        return self._written(texts, max_length, best)

    def sample(
        self,
        texts: Iterable[str],
        temperature: float = 1.0,
        seed: int = 0,
        max_length: int = LONGEST,
    ) -> list[Caption]:
        """Draw a line for each text, emoji by emoji, with the model's probabilities.

        What is drawn for a text depends on the text, the seed, the temperature and the length that
        is allowed, and not on the other texts.

        Args:
            texts: none may be blank.
            temperature: the logarithms of the probabilities are divided by it: below 1, likely
                emoji are drawn still more often, above it less so; from 0.01 to 100.
            seed: another one, other lines.
            max_length: how many emoji a line has at most.

        Raises:
            EmojifyError: a text is blank, or a number is out of range.
        """
        if not 0.01 <= temperature <= 100:  # beyond, float32 does not tell what may be drawn
            raise EmojifyError(
                f"found temperature = {temperature}; expected a number from 0.01 to 100"
            )
        if seed < 0:
            raise EmojifyError(f"found seed = {seed}; expected 0 or more")

        def drawn(features: Floats, asked: list[str]) -> list[Line]:
            of_texts = (crc32(text.encode("utf-8", "surrogatepass")) for text in asked)
            rngs = [np.random.default_rng([seed, of_text]) for of_text in of_texts]
            return sample(self._network.decoder, features, rngs, temperature, max_length)

        return self._written(texts, max_length, drawn)

    def surprise(self, examples: Examples) -> tuple[float, int]:
        """Return how unexpected lines are to the model that others wrote.

        Args:
            examples: sentences with lines, all of whose emoji the model has.

        Returns:
            The cross-entropy in nats, and the number of places it is the sum of: the emoji of all
            lines and their ends.
        """
        from emojify.corpus import Corpus  # not needed to write, which is to start fast

        corpus = Corpus.of(examples, self.labels, self.trained.vocabulary, [len(self.labels)])
        texts, lines = corpus.sentences, corpus.answers
        total = 0.0
        with self._turn, np.errstate(over="ignore", invalid="ignore"):  # looked for here
            for chosen in batches(texts.lengths):
                packed = lines.batch(chosen)
                log_probs = finite(self._network.log_proba(texts.batch(chosen), packed))
                of_lines = log_probs[np.arange(len(packed.ids)), packed.ids]
                total -= float(of_lines.sum(dtype=np.float64))
        return total, len(lines.ids)

    def _written(
        self,
        texts: Iterable[str],
        max_length: int,
        write: _Write,
    ) -> list[Caption]:
        if max_length < 1:
            raise EmojifyError(f"found max_length = {max_length}; expected 1 or more")
        captions: list[Caption] = []
        for block in in_blocks(texts):
            tokens = [tokens_of(text) for text in block]
            ids = list(map(self.trained.vocabulary.encode, tokens))
            lines = self._lines(block, Sentences.of(ids), write)
            captions += map(self._caption, block, tokens, ids, lines)
        return captions

    def _lines(
        self,
        texts: list[str],
        sentences: Sentences,
        write: _Write,
    ) -> list[Line]:
        lines: dict[int, Line] = {}
        with self._turn, np.errstate(over="ignore", invalid="ignore"):  # looked for here
            for chosen in batches(sentences.lengths):
                features = finite(self._network.read(sentences.batch(chosen)))
                places = chosen.tolist()
                found = write(features, [texts[place] for place in places])
                scores = np.array([line.log_proba for line in found])
                finite(np.where(scores > -np.inf, scores, np.nan))  # an impossible line is none
                lines |= zip(places, found, strict=True)
        return [lines[place] for place in range(len(texts))]

    def _caption(self, text: str, tokens: list[str], ids: list[int], line: Line) -> Caption:
        known, words = count_words(tokens, ids)
        emoji = tuple(self.labels.emoji[token] for token in line.tokens)
        return Caption(text, emoji, float(np.exp(line.log_proba)), known, words)
