"""Sentences to measure with: made up from the shipped vectors' words, the same on every machine.

Words are drawn as people use them, the r-th most frequent with a probability of about 1/r (Zipf),
and lengths are those of short messages: many of five to ten words, few of thirty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from emojify import resources
from emojify.data import read_examples
from emojify.nn.arrays import Floats, Ints
from emojify.text import tokenize
from emojify.vectors import Vectors
from emojify.vocab import Vocabulary

EMOJI = ("❤️", "⚾", "😄", "😞", "🍴")
VECTORS = "glove-6b-50d"
LONGEST, LONGEST_LINE = 30, 5
_MENTIONS = ("@user", "@sam_92", "@the_real_kim")
_CONTRACTIONS = ("I'm", "don't", "it's", "can't", "you're", "we'll", "that's", "didn’t")
_CHAT = ("u", "omg", "lol", "hahaha", "sooo", "gonna", "thx", "goood", "2nite", "10:30", "100")
_ENDS = (".", "!", "!!!", "...", "?", " :)", " :(", " <3", " :D", " 😂", " https://t.co/a1b2c3")


@dataclass(frozen=True)
class Labelled:
    """Sentences and the class of each."""

    texts: list[str]
    labels: Ints

    def write(self, path: Path) -> Path:
        """Write them as a CSV file that ``emojify train`` reads."""
        return write(path, self.texts, [EMOJI[label] for label in self.labels])

    def ids(self, vocabulary: Vocabulary | None = None) -> list[Ints]:
        """Return the word ids of each sentence, by default in the shipped vectors."""
        encode = (vocabulary or vectors().vocabulary).encode
        return [np.array(encode(tokenize(text))) for text in self.texts]


def write(path: Path, texts: Iterable[str], answers: Iterable[str]) -> Path:
    """Write texts and their emoji as a CSV file that ``emojify train`` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("text", "emoji"))
        rows.writerows(zip(texts, answers, strict=True))
    return path


@cache
def vectors() -> Vectors:
    """Return the vectors that come with emojify."""
    place = resources.shipped("vectors", VECTORS)
    assert place is not None
    return Vectors.open(place)


def float32_table() -> Floats:
    """Return their matrix in the precision in which both sides compute."""
    return vectors().matrix.astype(np.float32)


def natural(count: int, seed: int = 1) -> Labelled:
    """Make labelled sentences of 1 to 30 words, ten on average."""
    rng = np.random.default_rng(seed)
    return of_lengths(natural_lengths(count, rng), rng)


def of_lengths(lengths: Ints, rng: np.random.Generator) -> Labelled:
    """Make labelled sentences of just these numbers of words."""
    words = _drawn(int(lengths.sum()), rng)
    stops = np.cumsum(lengths)
    starts = stops - lengths
    texts = [" ".join(words[i:j]) for i, j in zip(starts, stops, strict=True)]
    return Labelled(texts, rng.integers(len(EMOJI), size=len(lengths)))


def natural_lengths(count: int, rng: np.random.Generator) -> Ints:
    """Draw numbers of words: skewed to the right, half of them 8 or fewer, none above 30."""
    drawn = np.empty(0, np.int64)
    while len(drawn) < count:
        more = 1 + rng.gamma(2.0, 4.8, size=count).astype(np.int64)
        drawn = np.append(drawn, more[more <= LONGEST])
    return drawn[:count]


@cache
def emoji_of_lines() -> tuple[str, ...]:
    """Return the 64 emoji of the shipped messages."""
    return tuple(dict.fromkeys(read_examples("chat-train").emoji))


def lines(count: int, seed: int = 3) -> list[Ints]:
    """Make lines of 1 to 5 different emoji, which count from 0; all lengths are as frequent."""
    rng = np.random.default_rng(seed)
    emoji = len(emoji_of_lines())
    lengths = rng.integers(1, LONGEST_LINE + 1, size=count)
    return [rng.choice(emoji, length, replace=False) for length in lengths]


def tweets(count: int, seed: int = 2) -> list[str]:
    """Make texts as tweets are: twelve words on average, with all that tweets have beside words.

    Mentions, contractions, chat spellings, numbers, capitals, marks, emoticons, and hashtags, most
    of which are several words in one that no vocabulary knows.
    """
    rng = np.random.default_rng(seed)
    lengths = 1 + rng.poisson(rng.gamma(6.0, 1.7, size=count))
    words = iter(_drawn(int(lengths.sum()), rng))
    return [_tweet([next(words) for _ in range(length)], rng) for length in lengths]


def _tweet(words: list[str], rng: np.random.Generator) -> str:
    kinds = rng.random(len(words))
    for i, kind in enumerate(kinds.tolist()):
        if kind < 0.02:
            words[i] = _one_of(_MENTIONS, rng)
        elif kind < 0.05:
            words[i] = f"#{words[i]}{words[i - 1]}"
        elif kind < 0.09:
            words[i] = _one_of(_CONTRACTIONS, rng)
        elif kind < 0.12:
            words[i] = _one_of(_CHAT, rng)
        elif kind < 0.30:
            words[i] = words[i].capitalize()
        elif kind < 0.36:
            words[i] += ","
    return " ".join(words) + _one_of(_ENDS, rng)


def _one_of(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _drawn(count: int, rng: np.random.Generator) -> list[str]:
    words = _plain_words()
    chances = 1 / (np.arange(len(words)) + 2.7)  # the shift is Mandelbrot's
    return [words[i] for i in rng.choice(len(words), count, p=chances / chances.sum())]


@cache
def _plain_words() -> list[str]:
    """The words that are one token and are written with letters alone, most frequent first."""
    words = (word.decode() for word in vectors().vocabulary.words())
    return [w for w in words if w.isascii() and w.isalpha() and tokenize(w) == [w]]
