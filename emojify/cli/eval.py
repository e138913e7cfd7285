"""``emojify eval``."""

from __future__ import annotations

import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emojify.cli.shared import (
    as_json_line,
    delimiter_option,
    describe,
    emit,
    json_option,
    model_option,
    tell,
)
from emojify.errors import EmojifyWarning

if TYPE_CHECKING:
    from emojify.data import Examples
    from emojify.metrics import Evaluation


@click.command("eval")
@click.argument("csv", metavar="CSV")
@model_option
@delimiter_option
@json_option
def command(csv: str, model: str, delimiter: str | None, as_json: bool) -> None:
    """Answer the sentences of a CSV file and compare with its emoji.

    CSV is a file, - for standard input, or the name of sentences that come with emojify. A number
    as a label counts the model's emoji from 0. A column called also may hold further emoji that
    are acceptable answers, separated by blanks.

    \b
    emojify eval five-test
    emojify eval mine.csv -m mine.safetensors --json
    """
    from emojify.data import read_examples
    from emojify.emojifier import Emojifier

    emojifier = Emojifier.load(model)
    examples = read_examples(csv, emojifier.labels.emoji, "," if delimiter is None else delimiter)
    tell(describe(examples))
    match emojifier.trained.settings:
        case {"data": {"train": str(train)}}:
            _warn_if_learnt(examples, csv, train)
    evaluation = emojifier.evaluate(examples)
    for emoji in evaluation.labels[len(emojifier.labels) :]:
        warnings.warn(
            f"{examples.source}: {examples.emoji.count(emoji)} sentences have {emoji}, which the "
            "model does not know; they count as wrong",
            EmojifyWarning,
            stacklevel=2,
        )
    if as_json:
        emit(as_json_line(asdict(evaluation)))
    else:
        emit(_as_tables(evaluation))


def _warn_if_learnt(examples: Examples, csv: str, train: str) -> None:
    """Warn of sentences that the model was trained on, as far as it can be known.

    A model names the file that it was trained on. Of its sentences only those are looked at that
    come with emojify or are in the very file that is evaluated: no other is opened because a model
    says so.
    """
    from emojify.data import read_examples, warn_of_learnt
    from emojify.files import exists
    from emojify.resources import shipped

    if shipped("datasets", train):
        warn_of_learnt(examples, read_examples(train))
    elif exists(Path(csv)) and exists(Path(train)) and Path(csv).samefile(train):
        warn_of_learnt(examples, examples)


def _as_tables(evaluation: Evaluation) -> str:
    loss = "-" if evaluation.loss is None else f"{evaluation.loss:.3f}"
    lines = [
        f"accuracy {evaluation.accuracy:.1%}, macro F1 {evaluation.macro_f1:.3f}, loss {loss}",
        f"the right emoji among the first three {evaluation.top_3:.1%}",
    ]
    if evaluation.acceptable is not None:
        lines.append(
            f"an acceptable emoji first {evaluation.acceptable:.1%}, "
            f"among the first three {evaluation.acceptable_top_3:.1%}"
        )
    lines += [
        "",
        "    precision  recall     F1  sentences",
    ]
    lines += [
        f"{s.emoji}  {s.precision:9.3f}  {s.recall:6.3f}  {s.f1:5.3f}  {s.support:9}"
        for s in evaluation.per_emoji
    ]
    # Emoji are two columns wide, so a column of the table is a space and four digits, or a space,
    # two spaces and an emoji.
    lines += ["", "right emoji in rows, answers in columns"]
    lines.append("  " + "".join(f"   {emoji}" for emoji in evaluation.labels))
    lines += [
        f"{emoji}" + "".join(f" {count:4}" for count in row)
        for emoji, row in zip(evaluation.labels, evaluation.confusion, strict=True)
    ]
    return "\n".join(lines)
