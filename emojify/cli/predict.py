"""``emojify predict``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from emojify.cli.answers import CSV_HEADER, Answers, Form, answer, answer_together
from emojify.cli.lines import numbered_batches, print_answers
from emojify.cli.shared import (
    delimiter_option,
    force_option,
    format_option,
    in_colour,
    json_option,
    model_option,
    output_option,
    text_column_option,
    threshold_option,
)


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
@threshold_option
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: text,emoji,probability.")
@click.option(
    "--explain", is_flag=True, help="Show what each word did for the answer, or against it."
)
@click.option("--steps", is_flag=True, help="Show the answer after each word.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    default=1,
    help="Answer lines or rows in N processes; the answers stay in order.",
)
@click.option(
    "--table",
    metavar="FILE",
    help="Answer the rows of a table, CSV with a header or JSON Lines; - is standard input.",
)
@format_option
@text_column_option
@delimiter_option
@output_option
@force_option
def command(
    texts: tuple[str, ...],
    model: str,
    top_k: int | None,
    threshold: float,
    as_json: bool,
    as_csv: bool,
    explain: bool,
    steps: bool,
    jobs: int,
    table: str | None,
    **of_table: Any,
) -> None:
    """Answer each TEXT with an emoji.

    Without a TEXT, or with -, every line of standard input is a sentence; there is exactly one
    line of output for each line of input, except with --explain and --steps. With
    --table, every row of a table is written as it stands, with the columns emoji and probability
    behind its own.

    --explain gives two numbers for each word, in nats of the answer's log-probability, positive
    for what speaks for the answer: its gradient times its vector, and how much is lost when the
    word is left out.

    \b
    emojify predict "I love you"
    emojify predict -k 3 "the soup was cold" "we won"
    emojify predict --threshold 0.5 "maybe" "congratulations, you won"
    emojify predict --json < lines.txt
    emojify predict --csv < lines.txt > answers.csv
    emojify predict --explain "the joke was not funny"
    emojify predict --steps "not feeling happy"
    emojify predict -j 4 < millions.txt
    emojify predict --table chat.csv --text-column body -o answered.csv
    emojify predict -- "-_- not again"
    """
    from emojify.emojifier import Emojifier

    others = texts or as_json or as_csv or explain or steps or top_k is not None
    _require_fitting(table, of_table, bool(others))
    for option, excluded, clash in (
        ("--csv", "--json nor -k", as_csv and (as_json or top_k is not None)),
        ("--explain", "--csv nor --steps", explain and (as_csv or steps)),
        ("--steps", "--csv nor -k", steps and (as_csv or top_k is not None)),
    ):
        if clash:
            raise click.UsageError(
                f"{option} goes with neither {excluded}", click.get_current_context()
            )
    emojifier = Emojifier.load(model)

    def answer_all(form: Form, batches: Iterable[tuple[int, list[str]]]) -> Iterator[Answers]:
        if jobs > 1:
            return answer_together(jobs, model, form, batches)
        return (answer(emojifier, form, first, batch) for first, batch in batches)

    if table is not None:
        from emojify.cli.table import Request, answer_table  # which few need

        answer_table(Request(table, threshold, **of_table), answer_all)
        return
    detail = "explain" if explain else "steps" if steps else None
    kind = "csv" if as_csv else "json" if as_json else "text"
    form = Form(kind, top_k, threshold, detail, in_colour())
    batches = numbered_batches(texts)
    if texts not in ((), ("-",)):
        jobs = 1
    print_answers(answer_all(form, batches), [CSV_HEADER] * as_csv)


def _require_fitting(table: str | None, of_table: dict[str, Any], has_others: bool) -> None:
    """Refuse options of tables without a table, and others with one."""
    given = [name for name, value in of_table.items() if value not in (None, False)]
    if table is None and given:
        option = "--format" if given[0] == "kind" else "--" + given[0].replace("_", "-")
        problem = f"{option} goes with --table FILE"
    elif table is not None and has_others:
        problem = "--table goes with neither a TEXT nor -k, --json, --csv, --explain or --steps"
    else:
        return
    raise click.UsageError(problem, click.get_current_context())
