"""Sentences of different lengths, and batches of them without padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from emojify.nn.arrays import Floats, Ints

_POOL = 50  # batches that are sorted by length together


@dataclass(eq=False, repr=False)
class Sentences:
    """Sentences of any lengths, their word ids one after another in one array.

    Attributes:
        ids: ``(M,)`` the word ids of all sentences.
        lengths: ``(S,)`` how many words each sentence has, at least one.
        starts: ``(S,)`` where in ``ids`` each sentence begins.
    """

    ids: Ints
    lengths: Ints
    starts: Ints

    @classmethod
    def of(cls, sentences: Sequence[Sequence[int] | Ints]) -> Sentences:
        """Gather lists of word ids.

        Raises:
            ValueError: a sentence has no words.
        """
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        if not lengths.all():
            raise ValueError(
                f"sentence {int(np.argmin(lengths))} has no words; expected one or more"
            )
        ids = np.fromiter(chain.from_iterable(sentences), np.int64, lengths.sum())
        return cls(ids, lengths, np.cumsum(lengths) - lengths)

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self.lengths)

    def batch(self, chosen: Ints | slice = slice(None)) -> PackedBatch:
        """Pack the chosen sentences (positions, in any order; without an argument, all)."""
        return PackedBatch.pack(self.ids, self.starts[chosen], self.lengths[chosen])


def deal_by_length(lengths: Ints, size: int, rng: np.random.Generator) -> list[Ints]:
    """Deal sentences out into shuffled batches whose sentences are about equally long.

    Every sentence is dealt once. The sentences are shuffled, a pool of them at a time is sorted by
    length and cut into batches, and the batches are shuffled: the words of a batch then fill few
    steps with many sentences each, which is what a step costs least for, while chance still
    decides who learns with whom.

    Args:
        lengths: ``(S,)`` how many words each sentence has.
        size: how many sentences a batch has; the last of a pool may have fewer.
        rng: the source of chance.

    Returns:
        The batches, each the positions of its sentences.
    """
    order = rng.permutation(len(lengths))
    batches: list[Ints] = []
    for start in range(0, len(order), size * _POOL):
        pool = order[start : start + size * _POOL]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[i : i + size] for i in range(0, len(pool), size)]
    return [batches[i] for i in rng.permutation(len(batches))]


class PackedBatch(NamedTuple):
    """B sentences as N tokens in time-major order: all first words, all second words, and so on.

    The sentences are sorted, longest first, so those that still have a word at step ``t`` are
    always the first ``counts[t]`` of them. Nothing is padded and nothing needs a mask. With the
    sentences ``a b c`` and ``d e``::

        ids     a d  b e  c
        counts  2    2    1

    Attributes:
        ids: ``(N,)`` word ids.
        counts: ``(T,)`` how many sentences have a word at each step; never increasing.
        order: ``(B,)`` which of the sentences given stands at each place of the batch.
    """

    ids: Ints
    counts: Ints
    order: Ints

    @classmethod
    def pack(cls, ids: Ints, starts: Ints, lengths: Ints) -> PackedBatch:
        """Pack the sentences ``ids[start : start + length]``."""
        order = np.argsort(-lengths, kind="stable")
        ended = np.bincount(lengths)  # how many sentences have just so many words
        counts = len(lengths) - np.cumsum(ended)[:-1]
        step = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(step)) - np.repeat(np.cumsum(counts) - counts, counts)
        return cls(ids[starts[order][place] + step], counts, order)

    @property
    def steps(self) -> Iterator[slice]:
        """The rows of the packed arrays that belong to each step, first step first."""
        stop = 0
        for count in self.counts.tolist():
            start, stop = stop, stop + count
            yield slice(start, stop)

    @property
    def previous(self) -> Ints:
        """``(N,)`` the row one step earlier in the same sentence.

        Rows count from the start of an array that has B rows for the time before the first word
        and then the N packed rows: the layout in which :class:`~emojify.nn.recurrent.Recurrent`
        keeps its states.
        """
        sentences = len(self.order)
        one_step = np.concatenate([[sentences], self.counts[:-1]])
        previous: Ints = np.arange(len(self.ids)) + sentences - np.repeat(one_step, self.counts)
        return previous

    @property
    def lengths(self) -> Ints:
        """``(B,)`` how many words each sentence has, in the order of the batch."""
        # As many as there are steps that count its place in.
        return np.searchsorted(-self.counts, -np.arange(len(self.order)))

    @property
    def sentences(self) -> Ints:
        """``(N,)`` which sentence of the batch each token is of, in its order."""
        sentences: Ints = np.arange(len(self.ids)) - np.repeat(self._starts, self.counts)
        return sentences

    @property
    def last(self) -> Ints:
        """``(B,)`` the packed row of each sentence's last word, in the order of the batch."""
        last: Ints = self._starts[self.lengths - 1] + np.arange(len(self.order))
        return last

    @property
    def reverse(self) -> Ints:
        """``(N,)`` the row of the token that stands as far from the end as this from the start.

        ``ids[reverse]`` are the same sentences read backwards, and turned twice they are as
        before: ``reverse[reverse]`` counts from 0.
        """
        sentences = self.sentences
        steps = np.repeat(np.arange(len(self.counts)), self.counts)
        reverse: Ints = self._starts[self.lengths[sentences] - 1 - steps] + sentences
        return reverse

    @property
    def _starts(self) -> Ints:
        """``(T,)`` the first row of each step."""
        starts: Ints = np.cumsum(self.counts) - self.counts
        return starts

    def unpacked(self) -> list[list[int]]:
        """Return the ids of each sentence, in the order in which the sentences were given."""
        ids = self.ids[np.argsort(self.sentences, kind="stable")]
        ends = np.cumsum(self.lengths)[:-1]
        in_order = [part.tolist() for part in np.split(ids, ends)]
        return [in_order[place] for place in np.argsort(self.order)]

    def in_given_order(self, rows: Floats) -> Floats:
        """Bring ``(B, …)`` rows back into the order in which the sentences were given."""
        restored = np.empty_like(rows)
        restored[self.order] = rows
        return restored
