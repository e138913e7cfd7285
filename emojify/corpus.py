"""The sentences of a training: read, split, encoded."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, starmap

import numpy as np

from emojify import resources
from emojify.data import Examples, spool_examples, warn_of_learnt
from emojify.errors import EmojifyError
from emojify.joining import joined
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
    """Encoded sentences, and their answers: as many, of one label each or of a line of them."""

    sentences: Sentences
    answers: Sentences

    @classmethod
    def of(
        cls, examples: Examples, labels: Labels, vocabulary: Vocabulary, end: Sequence[int] = ()
    ) -> Corpus:
        """Encode examples, all of whose emoji are among the labels.

        Args:
            examples: sentences, and of each its emoji or a line of them, separated by blanks.
            labels: the emoji that numbers stand for.
            vocabulary: the words that numbers stand for.
            end: what stands behind every answer.
        """
        number = {emoji: i for i, emoji in enumerate(labels.emoji)}
        return cls(
            Sentences.of([vocabulary.encode(tokenize(text)) for text in examples.texts]),
            Sentences.of([[*(number[e] for e in line.split()), *end] for line in examples.emoji]),
        )

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self.sentences)


class StoredCorpus:
    """Encoded sentences in blocks of consecutive ones, in memory that does not grow with them.

    Args:
        examples: what is encoded; this and the rest as of :meth:`Corpus.of`.
        labels: the emoji that numbers stand for.
        vocabulary: the words that numbers stand for.
        end: what stands behind every answer.
        joined: how many of the examples, the last ones, were joined from others.

    Attributes:
        seen: ``(V + 1,)`` bool, the word ids that occur.
        strange: how many sentences have no known word; those that were joined do not count.
        digest: SHA-256 of the sentences and their emoji in their order, in hexadecimal.
    """

    def __init__(
        self,
        examples: Examples,
        labels: Labels,
        vocabulary: Vocabulary,
        end: Sequence[int] = (),
        joined: int = 0,
    ) -> None:
        self._examples = len(examples)
        self._own = len(examples) - joined
        self._spool = Spool()
        self.seen = np.zeros(len(vocabulary) + 1, bool)
        self.strange = 0
        digest = hashlib.sha256()
        rows = zip(examples.texts, examples.emoji, strict=True)
        while some := list(islice(rows, ROWS)):
            texts, emoji = zip(*some, strict=True)
            digest.update(repr((texts, emoji)).encode())
            block = Examples(examples.source, texts, emoji)
            self._append(Corpus.of(block, labels, vocabulary, end))
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
        parts = list(starmap(_parts, zip(records, self._sizes(blocks), strict=True)))
        words, lengths, emoji, of_lines = map(np.concatenate, zip(*parts, strict=True))
        return Corpus(
            Sentences(words, lengths, np.cumsum(lengths) - lengths),
            Sentences(emoji, of_lines, np.cumsum(of_lines) - of_lines),
        )

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
        own = max(0, self._own - ROWS * self.blocks)
        self.strange += int((~is_known[:own]).sum())
        answers = block.answers
        record = np.concatenate([sentences.lengths, answers.lengths, sentences.ids, answers.ids])
        self._spool.append(record.astype(np.int32).tobytes())


def _parts(record: Ints, size: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Cut the record of so many sentences: words, sentences' lengths, emoji, answers' lengths."""
    lengths, of_answers, ids = np.split(record, [size, 2 * size])
    words, emoji = np.split(ids, [lengths.sum()])
    return words, lengths, emoji, of_answers


def read_corpus(
    data: DataSettings, lines: bool = False
) -> tuple[Examples, Examples | None, Labels]:
    """Read the training sentences, a validation file if there is one, and the emoji to learn.

    The emoji are those of the settings, or else those of the data in the order of their first row.

    Args:
        data: where they are.
        lines: whether every sentence has a line of emoji, and not a single one.
    """
    numbered = [read_label(label) for label in data.labels or []]
    train = spool_examples(data.train, numbered, data.delimiter, lines)
    found = _emoji_of(train)
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
        held_back = spool_examples(data.validation, numbered, data.delimiter, lines)
        found = _emoji_of(held_back)
        _require_known(held_back.source, found, known, "the model does not learn")
        warn_of_learnt(held_back, train)
    return train, held_back, Labels.of(known)


def with_joined(
    examples: Examples, data: DataSettings, labels: Labels, rng: np.random.Generator
) -> Examples:
    """Add messages joined from those of ``data.joined``, if the settings name some."""
    if data.joined is None:
        return examples
    numbered = labels.emoji if data.labels else ()
    # What comes with emojify has commas, whatever the user's own files have.
    delimiter = "," if resources.shipped("datasets", data.joined) else data.delimiter
    parts = spool_examples(data.joined, numbered, delimiter)
    texts, emoji = TextSpool(), TextSpool()
    more = joined(parts, labels.emoji, data.joined_count, rng)
    for text, line in chain(zip(examples.texts, examples.emoji, strict=True), more):
        texts.append(text)
        emoji.append(line)
    return replace(examples, texts=texts, emoji=emoji)


def split(
    examples: Examples, share: float, rng: np.random.Generator
) -> tuple[Examples, Examples | None]:
    """Hold back the same share of every kind of answer, as :func:`stratified` does."""
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
    """Choose the same share of every kind of answer, and leave at least one of each.

    An emoji is a kind. Of lines of several, which are hardly ever alike, all of a length are one.

    Returns:
        The positions chosen, ascending.
    """
    return [i for i, chosen in enumerate(_chosen(emoji, share, rng)) if chosen]


def _chosen(emoji: Sequence[str], share: float, rng: np.random.Generator) -> Iterator[bool]:
    """Say of one example after another whether it is chosen.

    The selection sampling of Knuth, The Art of Computer Programming, vol. 2, 3.4.2, algorithm S,
    for each kind: of the n examples that are left, the w that are still wanted are any w of them
    with equal probability if the next one is chosen with probability w / n.
    """
    left = Counter(map(_kind, emoji))
    wanted = {kind: min(round(share * count), count - 1) for kind, count in left.items()}
    for kind in map(_kind, emoji):
        chosen = rng.random() * left[kind] < wanted[kind]
        left[kind] -= 1
        wanted[kind] -= chosen
        yield chosen


def _kind(answer: str) -> str | int:
    return answer.count(" ") or answer


def _emoji_of(examples: Examples) -> list[str]:
    """Return the distinct emoji of all answers, in the order of their first row."""
    return list(dict.fromkeys(emoji for answer in examples.emoji for emoji in answer.split()))


def _require_known(source: str, found: list[str], known: list[str], what: str) -> None:
    for emoji in found:
        if emoji not in known:
            raise EmojifyError(
                f"found {emoji}, which {what}; expected one of {' '.join(known)}; "
                "add it there or remove its rows",
                source,
            )
