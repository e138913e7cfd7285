"""Texts on their way to a network: what all that answer texts have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from emojify.errors import EmojifyError
from emojify.nn.arrays import Floats, Ints
from emojify.text import is_word, tokenize
from emojify.vocab import UNKNOWN

BATCH = 256
_TOKENS = 128 * BATCH  # in a batch; long texts are answered fewer at a time
_BLOCK = 32 * BATCH  # sentences that are sorted by length together


def in_blocks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts, so many at once that sorting them by length is worth it.

    Raises:
        EmojifyError: it is a single text.
    """
    if isinstance(texts, str):  # which is an iterable of letters
        raise EmojifyError(f"found one text; expected a list of texts; write [{texts!r}]")
    rest = iter(texts)
    while block := list(islice(rest, _BLOCK)):
        yield block


def tokens_of(text: str) -> list[str]:
    """Cut a text into tokens.

    Raises:
        EmojifyError: it is blank.
    """
    if not text.strip():
        raise EmojifyError("found an empty text; expected a sentence")
    return tokenize(text)


def batches(lengths: Ints) -> Iterator[Ints]:
    """Yield the positions of sentences in batches of about equally long ones.

    A batch has at most so many sentences and, if several, so many tokens.
    """
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        batch = order[start : start + BATCH]
        fitting = int(np.searchsorted(np.cumsum(lengths[batch]), _TOKENS, "right"))
        batch = batch[: max(1, fitting)]
        yield batch
        start += len(batch)


def count_words(tokens: list[str], ids: list[int]) -> tuple[int, int]:
    """Return how many of the words of a text are known, and how many there are."""
    words = [word for token, word in zip(tokens, ids, strict=False) if is_word(token)]
    return len(words) - words.count(UNKNOWN), len(words)


def finite(numbers: Floats) -> Floats:
    """Return what a network found, with numbers beyond the range of floats brought back into it.

    Raises:
        EmojifyError: some are none.
    """
    if np.isnan(numbers).any():
        raise EmojifyError(
            "the model's answer is not a number; expected probabilities; its weights or "
            "vectors are out of range, train it again"
        )
    # What is beyond the range of floats has the probability 0 and its loss is still a number.
    limits = np.finfo(numbers.dtype)
    return np.clip(numbers, limits.min, limits.max)
