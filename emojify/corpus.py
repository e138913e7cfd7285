"""The sentences of a training: read, split, encoded."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from emojify.data import Examples, spool_examples, warn_of_learnt
from emojify.errors import EmojifyError
from emojify.labels import Labels, read_label
from emojify.nn.arrays import Ints
from emojify.nn.batch import Sentences
from emojify.settings import DataSettings
from emojify.spool import ROWS, Spool, TextSpool
from emojify.text import tokenize
from emojify.vocab import UNKNOWN, Vocabulary

# The fewest blocks that are in memory together while there are more: 65,536 sentences, and so no
# fewer than the largest batch has.
_SHARD = 256


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


class StoredCorpus:
    """Encoded sentences in blocks of consecutive ones, in memory that does not grow with them.

    Attributes:
        seen: ``(V + 1,)`` bool, the word ids that occur.
        strange: how many sentences have no known word.
        digest: SHA-256 of the sentences and their emoji in their order, in hexadecimal.
    """

    def __init__(self, examples: Examples, labels: Labels, vocabulary: Vocabulary) -> None:
        self._examples = len(examples)
        self._spool = Spool()
        self.seen = np.zeros(len(vocabulary) + 1, bool)
        self.strange = 0
        digest = hashlib.sha256()
        rows = zip(examples.texts, examples.emoji, strict=True)
        while block := list(islice(rows, ROWS)):
            texts, emoji = zip(*block, strict=True)
            digest.update(repr((texts, emoji)).encode())
            self._append(Corpus.of(Examples(examples.source, texts, emoji), labels, vocabulary))
        self.digest = digest.hexdigest()

    def __len__(self) -> int:
        """Return the number of sentences."""
        return self._examples

    def __iter__(self) -> Iterator[Corpus]:
        """Yield the blocks one after another."""
        return (self.read([number]) for number in range(self.blocks))

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self._spool)

    def read(self, blocks: Sequence[int] | Ints) -> Corpus:
        """Bring blocks into memory, given their numbers."""
        records = [np.frombuffer(self._spool.read(number), np.int32) for number in blocks]
        parts = [np.split(r, [n, 2 * n]) for r, n in zip(records, self._sizes(blocks), strict=True)]
        labels, lengths, ids = map(np.concatenate, zip(*parts, strict=True))
        return Corpus(Sentences(ids, lengths, np.cumsum(lengths) - lengths), labels)

    def shards(self, rng: np.random.Generator) -> list[Ints]:
        """Divide the blocks by chance into shards that fit into memory, for one epoch.

        Up to 130,816 sentences are one shard, and whoever shuffles its sentences shuffles all. Of
        more, each shard gathers blocks from anywhere in the data, so that even of sentences that
        are sorted by emoji each has them all, in about their shares.

        Returns:
            The numbers of the blocks of each shard.
        """
        return self.divided(rng.permutation(self.blocks))

    def divided(self, blocks: Ints) -> list[Ints]:
        """Divide the numbers of all blocks, in any order, into shards."""
        return np.array_split(blocks, max(1, len(blocks) // _SHARD))

    def size(self, blocks: Sequence[int] | Ints) -> int:
        """Return the number of sentences in these blocks."""
        return int(sum(self._sizes(blocks)))

    def _sizes(self, blocks: Sequence[int] | Ints) -> list[int]:
        # All blocks are full but the last.
        return [min(ROWS, self._examples - ROWS * int(number)) for number in blocks]

    def _append(self, block: Corpus) -> None:
        sentences = block.sentences
        self.seen[sentences.ids] = True
        is_known = np.logical_or.reduceat(sentences.ids != UNKNOWN, sentences.starts)
        self.strange += int((~is_known).sum())
        record = np.concatenate([block.labels, sentences.lengths, sentences.ids])
        self._spool.append(record.astype(np.int32).tobytes())


def read_corpus(data: DataSettings) -> tuple[Examples, Examples | None, Labels]:
    """Read the training sentences, a validation file if there is one, and the emoji to learn.

    The emoji are those of the settings, or else those of the data in the order of their first row.
    """
    numbered = [read_label(label) for label in data.labels or []]
    train = spool_examples(data.train, numbered, data.delimiter)
    found = list(dict.fromkeys(train.emoji))
    known = numbered or found
    _require_known(train.source, found, known, "data.labels does not list")
    if len(found) < 2:
        raise EmojifyError(
            f"found only {found[0]}; expected at least two different emoji to tell apart; "
            "add sentences with another",
            train.source,
        )
    held_back = None
    if isinstance(data.validation, str):
        held_back = spool_examples(data.validation, numbered, data.delimiter)
        found = list(dict.fromkeys(held_back.emoji))
        _require_known(held_back.source, found, known, "the model does not learn")
        warn_of_learnt(held_back, train)
    return train, held_back, Labels.of(known)


def split(
    examples: Examples, share: float, rng: np.random.Generator
) -> tuple[Examples, Examples | None]:
    """Hold back the same share of every emoji, as :func:`stratified` does."""
    texts, emoji = (TextSpool(), TextSpool()), (TextSpool(), TextSpool())
    chosen = _chosen(examples.emoji, share, rng)
    for text, kind, part in zip(examples.texts, examples.emoji, chosen, strict=True):
        texts[part].append(text)
        emoji[part].append(kind)
    rest, held_back = (
        replace(examples, texts=texts[part], emoji=emoji[part]) for part in (False, True)
    )
    return rest, held_back if len(held_back) else None


def stratified(emoji: Sequence[str], share: float, rng: np.random.Generator) -> list[int]:
    """Choose the same share of every emoji, and leave at least one of each.

    Returns:
        The positions chosen, ascending.
    """
    return [i for i, chosen in enumerate(_chosen(emoji, share, rng)) if chosen]


def _chosen(emoji: Sequence[str], share: float, rng: np.random.Generator) -> Iterator[bool]:
    """Say of one example after another whether it is chosen.

    The selection sampling of Knuth, The Art of Computer Programming, vol. 2, 3.4.2, algorithm S,
    for each emoji: of the n examples that are left, the w that are still wanted are any w of them
    with equal probability if the next one is chosen with probability w / n.
    """
    left = Counter(emoji)
    wanted = {kind: min(round(share * count), count - 1) for kind, count in left.items()}
    for kind in emoji:
        chosen = rng.random() * left[kind] < wanted[kind]
        left[kind] -= 1
        wanted[kind] -= chosen
        yield chosen


def _require_known(source: str, found: list[str], known: list[str], what: str) -> None:
    for emoji in found:
        if emoji not in known:
            raise EmojifyError(
                f"found {emoji}, which {what}; expected one of {' '.join(known)}; "
                "add it there or remove its rows",
                source,
            )
