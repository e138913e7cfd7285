"""Pictures of emoji, for figures that cannot draw them as letters."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from matplotlib.image import imread

from emojify.labels import name_of, without_selectors
from emojify.nn.arrays import Floats

SIZE = 40  # pixels, both ways
COLUMNS = 62
_FOLDER = Path(__file__).parent
_LAST_OF_LATIN = "\u024f"  # the font of the figures has all letters up to here


def picture(emoji: str) -> Floats | None:
    """Return ``(SIZE, SIZE, 4)`` red, green, blue and opacity from 0 to 1, or ``None``."""
    number = _numbers().get(without_selectors(emoji))
    if number is None:
        return None
    row, column = divmod(number, COLUMNS)
    tile: Floats = _sheet()[row * SIZE :, column * SIZE :][:SIZE, :SIZE]
    return tile


def in_letters(emoji: str) -> str:
    """Describe an emoji that has no picture: by its name, or else by its code points."""
    name = name_of(emoji)
    if name.isprintable() and max(name) <= _LAST_OF_LATIN:
        return name
    return " ".join(f"U+{ord(character):04X}" for character in emoji)


@cache
def _numbers() -> dict[str, int]:
    """Map each emoji, without its variation selectors, to its place on the sheet."""
    listed = (_FOLDER / "emoji.txt").read_text(encoding="utf-8").splitlines()
    return {without_selectors(emoji): number for number, emoji in enumerate(listed)}


@cache
def _sheet() -> Floats:
    sheet: Floats = imread(_FOLDER / "emoji.png")
    return sheet
