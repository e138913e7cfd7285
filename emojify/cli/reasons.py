"""What stands behind an answer: what each word did for it, and the answers on the way to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import click

from emojify.emojifier import Choice, Contribution, Emojifier, Explanation
from emojify.errors import printable

# Backgrounds from faint to strong, of the 256 colours that terminals have, under black letters:
# they can be read whether the terminal itself is dark or light.
_GREENS, _REDS = (194, 157, 120, 83), (224, 217, 210, 203)
_BLACK = 16
_FAINTEST = 0.05  # of the largest contribution; below it a word has no colour
_HEADER = ("word", "gradient × input", "left out")


def as_data(emojifier: Emojifier, text: str, detail: str, threshold: float) -> dict[str, Any]:
    """Return what ``--json`` adds to the answer to a text, for ``explain`` or for ``steps``."""
    if detail == "explain":
        words = emojifier.explain(text).words
        return {"explanation": [_contribution_as_data(word) for word in words]}
    steps = emojifier.word_by_word(text)
    return {"steps": [_step_as_data(*step, threshold) for step in steps]}


def explained(explanation: Explanation, colour: bool) -> Iterator[str]:
    """Yield lines for people: the words, in colours if wanted, and a table of their numbers."""
    words = explanation.words
    shown = [printable(word.word) for word in words]
    strengths = _strengths(words)
    if colour:
        yield "  " + " ".join(map(_coloured, shown, strengths))
    else:
        yield "  " + " ".join(shown)
    widest = max(map(columns, [_HEADER[0], *shown]))
    yield "  " + "  ".join([_HEADER[0] + " " * (widest - len(_HEADER[0])), *_HEADER[1:]])
    for word, text in zip(words, shown, strict=True):
        numbers = zip((word.gradient_x_input, word.left_out), _HEADER[1:], strict=True)
        cells = [_signed(number).rjust(len(head)) for number, head in numbers]
        note = [] if word.known else ["unknown word"]
        yield "  " + "  ".join([text + " " * (widest - columns(text)), *cells, *note])


def step_by_step(emojifier: Emojifier, text: str, threshold: float) -> Iterator[str]:
    """Yield a line for each word: the text up to it, the answer to that, its probability."""
    steps = emojifier.word_by_word(text)
    beginnings = accumulate((printable(word) for word, _ in steps), "{} {}".format)
    for beginning, (_, choice) in zip(beginnings, steps, strict=True):
        is_answer = choice.probability >= threshold
        yield f"{beginning} {choice.emoji} {choice.probability:.3f}" if is_answer else beginning


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    Emoji and the letters of East Asia take two, marks that join the character before them none,
    and what is joined by a zero width joiner is one emoji.
    """
    width = 0
    for before, character in zip(" " + text, text, strict=False):
        if before != "\u200d" and unicodedata.category(character) not in ("Mn", "Me", "Cf"):
            width += 2 if unicodedata.east_asian_width(character) in "FW" else 1
    return width


def _contribution_as_data(word: Contribution) -> dict[str, Any]:
    data = {
        "word": word.word,
        "gradient_x_input": round(word.gradient_x_input, 6),
        "left_out": None if word.left_out is None else round(word.left_out, 6),
    }
    return data if word.known else data | {"unknown": True}


def _step_as_data(word: str, choice: Choice, threshold: float) -> dict[str, Any]:
    return {
        "word": word,
        "emoji": choice.emoji if choice.probability >= threshold else None,
        "probability": round(choice.probability, 6),
    }


def _strengths(words: tuple[Contribution, ...]) -> list[float]:
    """Compare contributions with the largest: from -1, against the answer, to 1, for it.

    What was found by leaving a word out is true of the network; the gradient takes its place
    where there is none.
    """
    sizes = [w.gradient_x_input if w.left_out is None else w.left_out for w in words]
    largest = max(map(abs, sizes), default=0.0)
    return [size / largest if largest else 0.0 for size in sizes]


def _coloured(word: str, strength: float) -> str:
    if abs(strength) < _FAINTEST:
        return word
    shades = _GREENS if strength > 0 else _REDS
    shade = shades[min(int(abs(strength) * len(shades)), len(shades) - 1)]
    return click.style(word, fg=_BLACK, bg=shade)


def _signed(number: float | None) -> str:
    return "-" if number is None else f"{number:+.3f}"
