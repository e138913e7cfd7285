"""How alike lines of emoji are: those that a model wrote, and those that are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Lines: TypeAlias = Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Likeness:
    """How good lines of emoji are; each number is a mean over the lines.

    Attributes:
        examples: how many lines were compared.
        exact_match: the share that is right from the first emoji to the last.
        token_f1: the harmonic mean of precision and recall of a line's emoji, whatever their
            order.
        edit_distance: how many emoji are to be put in, taken out or replaced (Levenshtein 1966).
    """

    examples: int
    exact_match: float
    token_f1: float
    edit_distance: float

    @classmethod
    def of(cls, written: Lines, right: Lines) -> Likeness:
        """Compare lines, of which there is at least one."""
        pairs = list(zip(written, right, strict=True))
        count = len(pairs)
        return cls(
            count,
            sum(a == b for a, b in pairs) / count,
            sum(token_f1(a, b) for a, b in pairs) / count,
            sum(edit_distance(a, b) for a, b in pairs) / count,
        )


def token_f1(written: tuple[str, ...], right: tuple[str, ...]) -> float:
    """Return 2 · |both| / (|written| + |right|) for two lines without repetitions."""
    return 2 * len({*written} & {*right}) / (len(written) + len(right))


def edit_distance(written: tuple[str, ...], right: tuple[str, ...]) -> int:
    """Return the fewest insertions, deletions and replacements that make one line of the other."""
    # distances[j] is that between the emoji so far and the first j of the right ones.
    distances = list(range(len(right) + 1))
    for i, emoji in enumerate(written, 1):
        before, distances[0] = distances[0], i
        for j, other in enumerate(right, 1):
            kept = before + (emoji != other)
            before = distances[j]
            distances[j] = min(kept, before + 1, distances[j - 1] + 1)
    return distances[-1]
