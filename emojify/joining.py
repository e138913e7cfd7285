"""Messages made by joining shorter ones: more combinations for a decoder than people wrote.

A message of one emoji tells what a clause is about. Several of them in a row tell nothing true, but
they teach what nothing else does cheaply: that a line goes on as long as there is something new,
in the order in which it comes. (Jia and Liang, 2016, call it concatenation, one of their ways of
recombining data.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from emojify.data import Examples
from emojify.errors import EmojifyError

# How often a message has one part, two, three and four, about as people's lines of emoji do.
_SHARES = (0.2, 0.4, 0.3, 0.1)
_LONGEST_OF_MANY = 9  # words of a part where there are more than two, or messages grow too long
_BETWEEN = (" ", ", ", ". ", "! ", " and ", " then ", " but ")


def joined(
    parts: Examples, emoji: Sequence[str], count: int, rng: np.random.Generator
) -> Iterator[tuple[str, str]]:
    """Join messages by chance.

    Args:
        parts: messages with one emoji each.
        emoji: those that may occur; parts with others are left out.
        count: how many messages are made.
        rng: the source of chance.

    Yields:
        A message, and its different emoji separated by blanks.

    Raises:
        EmojifyError: fewer different emoji are left than the longest line has.
    """
    known = {*emoji}
    rows = zip(parts.texts, parts.emoji, strict=True)
    usable = [(text, answer) for text, answer in rows if answer in known]
    short = [part for part in usable if len(part[0].split()) <= _LONGEST_OF_MANY]
    if len({answer for _, answer in short}) < len(_SHARES):
        raise EmojifyError(
            f"found short messages for fewer than {len(_SHARES)} of the emoji that are learnt; "
            "expected more to join; leave data.joined out",
            parts.source,
        )
    for length in rng.choice(len(_SHARES), count, p=_SHARES) + 1:
        pool = usable if length <= 2 else short
        chosen: dict[str, str] = {}  # the text of each emoji
        while len(chosen) < length:
            text, answer = pool[rng.integers(len(pool))]
            chosen.setdefault(answer, text)
        between = _BETWEEN[rng.integers(len(_BETWEEN))]
        yield between.join(text.rstrip(".") for text in chosen.values()), " ".join(chosen)
