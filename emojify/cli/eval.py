"""``emojify eval``."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice, starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from emojify.cli.shared import (
    as_json_line,
    beam_option,
    delimiter_option,
    describe,
    emit,
    force_option,
    format_option,
    json_option,
    model_option,
    outlet,
    tell,
    text_column_option,
)
from emojify.errors import EmojifyWarning
from emojify.files import require_writable
from emojify.report import require_room
from emojify.resources import DEFAULT_MODEL

if TYPE_CHECKING:
    from emojify.data import Examples
    from emojify.emojifier import Emojifier, Prediction
    from emojify.labels import Labels
    from emojify.metrics import Evaluation
    from emojify.store import TrainedModel
    from emojify.tables import Table
    from emojify.textfile import Row

# Of each sentence the answer and its probability.
Answers: TypeAlias = Sequence[tuple[str | None, float]]

_NEW = ("answer", "probability")  # columns
_WIDEST = 20  # emoji whose confusion matrix fits on a screen
_PAIRS = 20  # of emoji taken for each other that are shown for more
_ROWS = 4096  # that are written at once


@click.command("eval")
@click.argument("file")
@model_option
@format_option
@text_column_option
@click.option(
    "--label-column",
    metavar="NAME",
    help="The column of emoji, if it is not called emoji, emojis, label or class.",
)
@delimiter_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write every row with the columns answer and probability behind its own.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a page about the evaluation there, index.html, and its figures as PNG.",
)
@beam_option
@click.option(
    "--classifier",
    metavar="FILE|NAME",
    help=f"For captions: the model to compare with; by default {DEFAULT_MODEL}.",
)
@click.option(
    "--learnt",
    metavar="FILE|NAME",
    help="For captions: what the model learnt, to compare, if it does not come with emojify.",
)
@force_option
@json_option
def command(
    file: str,
    model: str,
    kind: str | None,
    text_column: str | None,
    label_column: str | None,
    delimiter: str | None,
    output: Path | None,
    report: Path | None,
    force: bool,
    as_json: bool,
    **of_captions: Any,
) -> None:
    """Answer the sentences of a file and compare with its emoji.

    FILE is CSV or JSON Lines, - for standard input, or the name of sentences that come with
    emojify. A number as a label counts the model's emoji from 0. A column called also may hold
    further emoji that are acceptable answers, separated by blanks.

    With a model of captions, FILE has a line of emoji for every text. Beside the model's scores
    are those of two that write no lines: a classifier's likeliest emoji, as many as are right, and
    the line of that learnt text whose mean word vector is nearest.

    \b
    emojify eval chat-test
    emojify eval mine.csv -m mine.safetensors --json
    emojify eval mine.jsonl --text-column body --label-column mood -o answered.jsonl
    emojify eval five-test -m five --report report
    emojify eval captions-test -m caption
    """
    from emojify import resources, store
    from emojify.data import read_examples
    from emojify.layout import Layout
    from emojify.networks import writes_lines

    if output == Path("-"):
        raise click.UsageError(
            "-o - is no file; the scores are printed", click.get_current_context()
        )
    trained = store.load(resources.locate("models", model))
    lines = writes_lines(trained.settings)
    _require_fitting(lines, report, of_captions)
    if output:
        inputs = (file, of_captions["classifier"], of_captions["learnt"])
        require_writable(output, force, [Path(name) for name in inputs if name])
    if report:
        require_room(report, force)
    delimiter = "," if delimiter is None else delimiter
    examples = read_examples(
        file,
        trained.labels.emoji,
        delimiter,
        Layout(kind, text_column, label_column),
        keep_rows=bool(output),
        lines=lines,
    )
    tell(describe(examples))
    shipped = _shipped_and_learnt(trained, lines)
    _warn_if_learnt(examples, file, trained, shipped)
    _warn_of_strangers(examples, trained.labels)
    answers: Answers
    if lines:
        from emojify.cli.judging import as_table, judged  # which few need

        judgement, captions = judged(trained, examples, shipped, delimiter, **of_captions)
        answers = [(caption.line, caption.probability) for caption in captions]
        shown = as_json_line(asdict(judgement)) if as_json else as_table(judgement)
    else:
        evaluation, answers = _evaluated(model, trained, examples, report, bool(output))
        shown = as_json_line(asdict(evaluation)) if as_json else _as_tables(evaluation)
    if output and examples.table:
        _write_answers(examples.table, examples, answers, output, force)
    emit(shown)


def _evaluated(
    model: str, trained: TrainedModel, examples: Examples, report: Path | None, with_answers: bool
) -> tuple[Evaluation, Answers]:
    """Evaluate a classifier, write the report if one is wanted, and return the answers."""
    from emojify.emojifier import Emojifier

    emojifier = Emojifier(trained)
    evaluation = emojifier.evaluate(examples)
    predictions = emojifier.predict(examples.texts) if with_answers or report else []
    if report:
        _write_report(model, emojifier, examples, evaluation, predictions, report)
    return evaluation, [(prediction.emoji, prediction.probability) for prediction in predictions]


def _require_fitting(lines: bool, report: Path | None, of_captions: dict[str, Any]) -> None:
    """Refuse what is for captions with another model, and the other way round."""
    given = [name for name, value in of_captions.items() if value is not None]
    if given and not lines:
        problem = f"--{given[0]} goes with a model of captions"
    elif report and lines:
        problem = "--report goes with a model that answers with one emoji"
    else:
        return
    raise click.UsageError(problem, click.get_current_context())


def _warn_of_strangers(examples: Examples, labels: Labels) -> None:
    """Warn of emoji that cannot be answered."""
    sentences = Counter(emoji for answer in examples.emoji for emoji in answer.split())
    for emoji, count in sentences.items():
        if emoji not in labels.emoji:
            warnings.warn(
                f"{examples.source}: {count} sentences have {emoji}, which the model does not "
                "know; they count as wrong",
                EmojifyWarning,
                stacklevel=3,
            )


def _write_answers(
    table: Table,
    examples: Examples,
    answers: Answers,
    output: Path,
    force: bool,
) -> None:
    """Write the rows as they stand, each with its answer behind it."""
    has_header = examples.header_line is not None
    if has_header and table.header:
        table.require_new(_NEW, table.header)
    rows = zip(examples.rows, answers, strict=True)
    with outlet(output, force) as write:
        write(table.head(_NEW, has_header).encode())
        while block := list(islice(rows, _ROWS)):
            write("".join(starmap(partial(_answered, table), block)).encode())


def _answered(table: Table, row: Row, answer: tuple[str | None, float]) -> str:
    table.require_whole(row)
    if not table.header:
        table.require_new(_NEW, row)
    return table.form.extended(row, table.form.written(dict(zip(_NEW, answer, strict=True))))


def _write_report(
    model: str,
    emojifier: Emojifier,
    examples: Examples,
    evaluation: Evaluation,
    predictions: list[Prediction],
    folder: Path,
) -> None:
    from emojify import report
    from emojify.report.results import Results

    history = emojifier.trained.history
    report.write(Results.of(model, examples, evaluation, predictions, history), folder)
    tell(f"{folder / report.PAGE} has the report")


def _shipped_and_learnt(trained: TrainedModel, lines: bool) -> Examples | None:
    """Return what a model says that it was trained on, if that comes with emojify.

    Nothing else is opened because a model says so.
    """
    from emojify.data import read_examples
    from emojify.resources import shipped

    match trained.settings:
        case {"data": {"train": str(train)}} if shipped("datasets", train):
            return read_examples(train, lines=lines)
    return None


def _warn_if_learnt(
    examples: Examples, file: str, trained: TrainedModel, shipped: Examples | None
) -> None:
    """Warn of sentences that the model was trained on, as far as it can be known.

    That is, of those that come with emojify, or if it was trained on the very file that is
    evaluated.
    """
    from emojify.data import warn_of_learnt
    from emojify.files import exists

    if shipped:
        warn_of_learnt(examples, shipped)
        return
    match trained.settings:
        case {"data": {"train": str(train)}} if exists(Path(file)) and exists(Path(train)):
            if Path(file).samefile(train):
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
    lines.append(f"expected calibration error {evaluation.calibration_error:.3f}")
    answered = map(sum, zip(*evaluation.confusion, strict=True))
    lines += [
        "",
        "    precision  recall     F1  sentences",
    ]
    lines += [
        f"{s.emoji}  {s.precision:9.3f}  {s.recall:6.3f}  {s.f1:5.3f}  {s.support:9}"
        for s, answers in zip(evaluation.per_emoji, answered, strict=True)
        if s.support or answers  # of the others there is nothing to say
    ]
    lines += ["", "threshold  answered   right"]
    lines += [
        f"{c.threshold:9.1f}  {c.answered:8.1%}  "
        + ("     -" if c.accuracy is None else f"{c.accuracy:6.1%}")
        for c in evaluation.coverage
    ]
    return "\n".join(lines + _confusion(evaluation))


def _confusion(evaluation: Evaluation) -> list[str]:
    if len(evaluation.labels) > _WIDEST:
        pairs = evaluation.most_confused(_PAIRS)
        lines = ["", "right emoji, answer, sentences"] if pairs else []
        return lines + [f"{right}  {answer}  {count:4}" for right, answer, count in pairs]
    # Emoji are two columns wide, so a column of the table is a space and four digits, or a space,
    # two spaces and an emoji.
    lines = ["", "right emoji in rows, answers in columns"]
    lines.append("  " + "".join(f"   {emoji}" for emoji in evaluation.labels))
    return lines + [
        f"{emoji}" + "".join(f" {count:4}" for count in row)
        for emoji, row in zip(evaluation.labels, evaluation.confusion, strict=True)
    ]
