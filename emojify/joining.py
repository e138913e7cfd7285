"""Messages made by joining shorter ones: more combinations for a decoder than people wrote.

A message of one emoji tells what a clause is about. Several of them in a row tell nothing true, but
they teach what nothing else does cheaply: that a line goes on as long as there is something new,
in the order in which it comes. (Jia and Liang, 2016, call it concatenation, one of their ways of
recombining data.)
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence

import numpy as np

from emojify.data import Examples
from emojify.errors import EmojifyWarning

# How often a message has one part, two, three and four, about as people's lines of emoji do.
_SHARES = (0.2, 0.4, 0.3, 0.1)
_LONGEST_OF_MANY = 9  # words of a part where there are more than two, or messages grow too long
_BETWEEN = (" ", ", ", ". ", "! ", " and ", " then ", " but ")


def joined(
    parts: Examples, emoji: Sequence[str], count: int, rng: np.random.Generator
) -> Iterator[tuple[str, str]]:
    """Join messages by chance; all that can be joined are in memory meanwhile.

    An emoji is drawn as often as there are messages of it, none twice for one line. If fewer emoji
    are left than the longest line has, nothing is joined, and a warning says so.

    Args:
        parts: messages with one emoji each.
        emoji: those that may occur; parts with others are left out.
        count: how many messages are made.
        rng: the source of chance.

    Yields:
        A message, and its different emoji separated by blanks.
    """
    short, every = _pool(parts, emoji, _LONGEST_OF_MANY), _pool(parts, emoji)
    if len(short) < len(_SHARES):
        warnings.warn(
            f"{parts.source}: has short messages of fewer than {len(_SHARES)} of the emoji that "
            "are learnt; nothing was joined of it",
            EmojifyWarning,
            stacklevel=4,
        )
        return
    for length in rng.choice(len(_SHARES), count, p=_SHARES) + 1:
        pool = every if length <= 2 else short
        sizes = np.fromiter(map(len, pool.values()), float, len(pool))
        answers = rng.choice([*pool], length, replace=False, p=sizes / sizes.sum()).tolist()
        chosen = {answer: pool[answer][rng.integers(len(pool[answer]))] for answer in answers}
        between = _BETWEEN[rng.integers(len(_BETWEEN))]
        yield between.join(text.rstrip(".") or text for text in chosen.values()), " ".join(chosen)


def _pool(
    parts: Examples, emoji: Sequence[str], longest: int | None = None
) -> dict[str, list[str]]:
    """Return the texts of each emoji that has some, of at most so many words."""
    pool: dict[str, list[str]] = {}
    known = {*emoji}
    for text, answer in zip(parts.texts, parts.emoji, strict=True):
        if answer in known and (longest is None or len(text.split()) <= longest):
            pool.setdefault(answer, []).append(text)
    return pool
