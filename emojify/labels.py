"""The emoji that a model chooses between."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from emojify.errors import excerpt

_LONGEST = 128  # characters of a label; emoji and their names have fewer
_LONGEST_LINE = 16 * _LONGEST
_SELECTORS = str.maketrans("", "", "\ufe0e\ufe0f")
# What Unicode's emoji are made of: flags and keycaps, or symbols with a selector, a skin tone and
# tags behind them, joined by U+200D.
_SYMBOL = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf"
    "\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f004-\U0001faff]"
    "\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
)
_EMOJI = rf"[#*0-9]\ufe0f\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_SYMBOL}(?:\u200d{_SYMBOL})*"


class SeveralEmoji(ValueError):
    """A label of more emoji than one, which may be meant as a line of them."""


@dataclass(frozen=True)
class Labels:
    """The emoji of a model, in the order of its outputs, with their names.

    Attributes:
        emoji: each fully qualified, as Unicode recommends to show it (``❤️``, with U+FE0F).
        names: in English, from Unicode's own list (``red heart``).
    """

    emoji: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, emoji: Iterable[str]) -> Labels:
        """Build labels from fully qualified emoji."""
        emoji = tuple(emoji)
        return cls(emoji, tuple(map(name_of, emoji)))

    def __len__(self) -> int:
        """Return K."""
        return len(self.emoji)


def read_label(cell: str, numbered: Sequence[str] = ()) -> str:
    """Read a label as people write it.

    Args:
        cell: an emoji, with U+FE0F or without; a name between colons, such as ``:pizza:``; or
            the number of an emoji in ``numbered``.
        numbered: the emoji that numbers stand for.

    Returns:
        The fully qualified emoji.

    Raises:
        SeveralEmoji: with what was found.
        ValueError: with what else was found.
    """
    if re.fullmatch(r"[0-9]|[1-9][0-9]{1,8}", cell):
        if int(cell) < len(numbered):
            return numbered[int(cell)]
        raise ValueError(f"the number {cell}")
    if not cell:
        raise ValueError("an empty label")
    if len(cell) > _LONGEST:
        raise ValueError(f"the label {excerpt(cell)}")
    import emoji  # here, because 50 ms are much for those who only predict

    known = _fully_qualified()
    shown = emoji.emojize(cell, language="alias")
    whole = known.get(without_selectors(shown))
    if whole is not None:
        return whole
    if emoji.emoji_count(cell) > 1 and not emoji.replace_emoji(cell).strip():
        raise SeveralEmoji(f"{emoji.emoji_count(cell)} emoji, {excerpt(cell)}")
    raise ValueError(f"the label {excerpt(cell)}")


def read_line(cell: str, numbered: Sequence[str] = ()) -> str:
    """Read a line of emoji as people write it: ``🍕🏖️🐶``, ``:pizza: 🏖``, one emoji alone.

    Args:
        cell: labels as :func:`read_label` takes them, with or without blanks between emoji. One
            that is repeated counts once.
        numbered: the emoji that numbers stand for, if blanks are between them.

    Returns:
        The fully qualified emoji in their order, separated by blanks.

    Raises:
        ValueError: with what was found.
    """
    if not cell:
        raise ValueError("an empty line of emoji")
    if len(cell) > _LONGEST_LINE:
        raise ValueError(f"the line {excerpt(cell)}")
    import emoji  # here, as in read_label

    shown = emoji.emojize(cell, language="alias")
    apart = emoji.replace_emoji(shown, lambda found, _: f" {found} ")
    labels = apart.replace(" \ufe0f", " ").split()  # a selector where none belongs
    return " ".join(dict.fromkeys(read_label(label, numbered) for label in labels))


def without_selectors(emoji: str) -> str:
    """Drop what asks for an emoji in colour or in black, and tells no emoji from another."""
    return emoji.translate(_SELECTORS)


def has_the_form_of_an_emoji(text: str) -> bool:
    """Tell an emoji from everything else, except a few symbols of the same blocks.

    It does so in a hundredth of the time that loading Unicode's list takes.
    """
    return re.fullmatch(_EMOJI, text) is not None


@cache
def _fully_qualified() -> dict[str, str]:
    """Map each emoji without its variation selectors to the form that is to be shown."""
    from emoji import EMOJI_DATA, STATUS

    return {
        without_selectors(text): text
        for text, facts in EMOJI_DATA.items()
        if facts["status"] in (STATUS["fully_qualified"], STATUS["component"])
    }


def name_of(emoji: str) -> str:
    """Return an emoji's English name: ``red heart``."""
    from emoji import demojize

    return demojize(emoji, delimiters=("", "")).replace("_", " ")
