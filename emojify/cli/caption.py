"""``emojify caption``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from emojify.cli.answers import Answers, Refused, answered, doubts_of, refused_as_json
from emojify.cli.lines import numbered_batches, print_answers
from emojify.cli.shared import as_json_line, beam_option, json_option
from emojify.errors import printable
from emojify.resources import DEFAULT_CAPTIONER

if TYPE_CHECKING:
    from emojify.captioner import Caption


@click.command("caption")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option(
    "-m",
    "--model",
    metavar="FILE|NAME",
    default=DEFAULT_CAPTIONER,
    show_default=True,
    help="A model that writes lines of emoji.",
)
@beam_option
@click.option(
    "--max-length",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Write at most N emoji; by default 10.",
)
@click.option(
    "--temperature",
    type=click.FloatRange(0.01, 100),
    metavar="T",
    help="Draw the emoji by chance; below 1 rather the likely ones, above 1 any.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    help="What is drawn with --temperature; by default 0.",
)
@json_option
def command(
    texts: tuple[str, ...],
    model: str,
    beam: int | None,
    max_length: int | None,
    temperature: float | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Sum up each TEXT in a line of emoji.

    Without a TEXT, or with -, every line of standard input is a text; there is exactly one line
    of output for each line of input.

    The line is the likeliest that a beam search finds. With --temperature it is drawn by chance:
    the same text, temperature and seed draw the same line.

    \b
    emojify caption "we had pizza and then went to the beach with the dog"
    emojify caption --json < lines.txt
    emojify caption --max-length 2 "long day, long drive, long bath, good night"
    emojify caption --temperature 1 --seed 7 "what a week"
    """
    from emojify.captioner import Captioner

    if temperature is not None and beam is not None:
        raise click.UsageError("--beam goes without --temperature", click.get_current_context())
    if temperature is None and seed is not None:
        raise click.UsageError("--seed goes with --temperature", click.get_current_context())
    captioner = Captioner.load(model)

    given: dict[str, Any] = {"beam": beam, "seed": seed, "max_length": max_length}
    given = {name: value for name, value in given.items() if value is not None}

    def ask(good: list[str]) -> list[Caption]:
        if temperature is not None:
            return captioner.sample(good, temperature, **given)
        return captioner.caption(good, **given)

    def written(first: int, some: list[str]) -> Answers:
        answers = Answers([], [])
        for number, record in enumerate(answered(some, ask), first):
            answers.lines.append(_as_json(record) if as_json else _as_text(record))
            if not as_json:
                answers.doubts.extend((number, doubt) for doubt in doubts_of(record))
        return answers

    batches: Iterable[tuple[int, list[str]]] = numbered_batches(texts)
    print_answers((written(first, some) for first, some in batches), [])


def _as_text(record: Caption | Refused) -> str:
    shown = printable(record.text)
    return shown if isinstance(record, Refused) else f"{shown} {record.line}"


def _as_json(record: Caption | Refused) -> str:
    if isinstance(record, Refused):
        return refused_as_json(record)
    written = {
        "text": record.text,
        "caption": record.line,
        "emoji": record.emoji,
        "probability": round(record.probability, 6),
        "known_words": record.known_words,
        "words": record.words,
    }
    return as_json_line(written | ({"truncated": True} if record.truncated else {}))
