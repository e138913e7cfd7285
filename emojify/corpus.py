"""The sentences of a training: read, split, encoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emojify.config import DataSettings
from emojify.data import Examples, read_examples
from emojify.errors import EmojifyError
from emojify.labels import Labels, read_label
from emojify.nn.arrays import Ints
from emojify.nn.batch import Sentences
from emojify.text import tokenize
from emojify.vocab import Vocabulary


@dataclass(frozen=True)
class Corpus:
    """Encoded sentences and their labels: ``sentences`` S of them, ``labels (S,)``."""

    sentences: Sentences
    labels: Ints

    @classmethod
    def of(cls, examples: Examples, labels: Labels, vocabulary: Vocabulary) -> Corpus:
        """Encode examples, all of whose emoji are among the labels."""
        number = {emoji: i for i, emoji in enumerate(labels.emoji)}
        return cls(
            Sentences.of([vocabulary.encode(tokenize(text)) for text in examples.texts]),
            np.array([number[emoji] for emoji in examples.emoji]),
        )

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self.labels)

    def first(self, count: int) -> Corpus:
        """Return the first ``count`` sentences."""
        kept = self.sentences
        return Corpus(
            Sentences(kept.ids, kept.lengths[:count], kept.starts[:count]), self.labels[:count]
        )


def read_corpus(data: DataSettings) -> tuple[Examples, Examples | None, Labels]:
    """Read the training sentences, a validation file if there is one, and the emoji to learn.

    The emoji are those of the settings, or else those of the data in the order of their first row.
    """
    numbered = [read_label(label) for label in data.labels or []]
    train = read_examples(data.train, numbered)
    known = numbered or list(dict.fromkeys(train.emoji))
    _require_known(train, known, "data.labels does not list")
    if len(set(train.emoji)) < 2:
        raise EmojifyError(
            f"found only {train.emoji[0]}; expected at least two different emoji to tell apart; "
            "add sentences with another",
            train.source,
        )
    held_back = None
    if isinstance(data.validation, str):
        held_back = read_examples(data.validation, numbered)
        _require_known(held_back, known, "the model does not learn")
    return train, held_back, Labels.of(known)


def split(
    examples: Examples, share: float, rng: np.random.Generator
) -> tuple[Examples, Examples | None]:
    """Hold back the same share of every emoji."""
    chosen = stratified(examples.emoji, share, rng)
    rest = sorted(set(range(len(examples))) - set(chosen))
    return examples.chosen(rest), examples.chosen(chosen) if chosen else None


def stratified(emoji: list[str], share: float, rng: np.random.Generator) -> list[int]:
    """Choose the same share of every emoji, and leave at least one of each.

    Returns:
        The positions chosen, ascending.
    """
    chosen: list[int] = []
    for kind in dict.fromkeys(emoji):
        places = [i for i, other in enumerate(emoji) if other == kind]
        count = min(round(share * len(places)), len(places) - 1)
        chosen += rng.permutation(places)[:count].tolist()
    return sorted(chosen)


def _require_known(examples: Examples, known: list[str], what: str) -> None:
    for emoji in examples.emoji:
        if emoji not in known:
            raise EmojifyError(
                f"found {emoji}, which {what}; expected one of {' '.join(known)}; "
                "add it there or remove its rows",
                examples.source,
            )
