"""``emojify predict``."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from io import BufferedReader
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import click

from emojify.cli.shared import as_json_line, emit, json_option, model_option, tell
from emojify.errors import EmojifyError, EmojifyWarning, printable

if TYPE_CHECKING:
    from emojify.emojifier import Emojifier, Prediction

_BLOCK = 1 << 18  # bytes of standard input that are read at once
_LINES = 4096  # that are answered at once: a block of short lines has tens of thousands
_EMPTY = "found an empty text; expected a sentence"


class _Refused(NamedTuple):
    """A text that has no prediction, and why."""

    text: str
    problem: str


@click.command("predict")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@model_option
@click.option(
    "-k",
    "--top-k",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show the N most likely emoji with their probabilities.",
)
@json_option
def command(texts: tuple[str, ...], model: str, top_k: int | None, as_json: bool) -> None:
    """Answer each TEXT with an emoji.

    Without a TEXT, or with -, every line of standard input is a sentence; there is exactly one
    line of output for each line of input.

    \b
    emojify predict "I love you"
    emojify predict -k 3 "the soup was cold" "we won"
    emojify predict --json < lines.txt
    emojify predict -- "-_- not again"
    """
    from emojify.emojifier import Emojifier

    emojifier = Emojifier.load(model)
    if texts in ((), ("-",)):
        batches = _batches_of_stdin()
    else:
        decoded = [_decoded_argument(text) for text in texts]
        if len(decoded) == 1 and not decoded[0].strip():
            raise EmojifyError(_EMPTY)
        batches = iter([decoded])
    number = 0
    for batch in batches:
        answers = []
        for record in _answers(emojifier, batch, top_k or 1):
            number += 1
            answers.append(_as_json(record) if as_json else _as_text(record, number, bool(top_k)))
        emit("\n".join(answers))


def _answers(emojifier: Emojifier, texts: list[str], top_k: int) -> Iterator[Prediction | _Refused]:
    """Yield, for each text in order, its prediction, or the text and why it has none."""
    problems = [_problem(text) for text in texts]
    predictions = iter(
        emojifier.predict(
            [text for text, problem in zip(texts, problems, strict=True) if not problem], top_k
        )
    )
    for text, problem in zip(texts, problems, strict=True):
        yield _Refused(text, problem) if problem else next(predictions)


def _problem(text: str) -> str | None:
    if not text.strip():
        return _EMPTY
    if any("\udc80" <= character <= "\udcff" for character in text):
        return "found bytes that are not UTF-8; expected text"
    return None


def _as_json(record: Prediction | _Refused) -> str:
    if isinstance(record, _Refused):
        text, problem = record
        return as_json_line({"text": printable(text), "error": problem})
    top = [
        {"emoji": c.emoji, "name": c.name, "probability": round(c.probability, 6)}
        for c in record.top
    ]
    answer: dict[str, Any] = {
        "text": record.text,
        "emoji": record.emoji,
        "probability": round(record.probability, 6),
        "top": top,
        "known_words": record.known_words,
        "words": record.words,
    }
    return as_json_line(answer)


def _as_text(record: Prediction | _Refused, number: int, with_top: bool) -> str:
    if isinstance(record, _Refused):
        text, problem = record
        _warn(f"sentence {number}: {problem}")
        return printable(text)
    if not record.known_words:
        _warn(f"sentence {number}: found no word that the model knows")
    choices = [f"{c.emoji} {c.probability:.3f}" for c in record.top] if with_top else [record.emoji]
    return " ".join([printable(record.text), *choices])


def _warn(message: str) -> None:
    warnings.warn(message, EmojifyWarning, stacklevel=2)


def _decoded_argument(text: str) -> str:
    """Read an argument as UTF-8, whatever Python took it for under this locale."""
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeError:
        raise EmojifyError(
            f"found an argument that is not UTF-8: {text}; expected text; check its encoding"
        ) from None


def _batches_of_stdin() -> Iterator[list[str]]:
    """Yield the lines of standard input, those at once that are there at once."""
    if sys.stdin is None:
        raise EmojifyError("standard input is closed; expected sentences; give a TEXT instead")
    if sys.stdin.isatty():
        tell("reading sentences, one per line; end with Ctrl-D")
    stream = cast("BufferedReader", sys.stdin.buffer)
    if stream.peek(3)[:3] == b"\xef\xbb\xbf":
        stream.read(3)
    rest = b""
    while block := stream.read1(_BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        for start in range(0, len(lines), _LINES):
            yield [_decoded_line(line) for line in lines[start : start + _LINES]]
    if rest:
        yield [_decoded_line(rest)]


def _decoded_line(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")
