"""The page of a report: one file that a browser shows without asking anybody for more."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from emojify.errors import printable
from emojify.labels import name_of
from emojify.report.results import MANY, WORST, Results

# By this an earlier report is known. A page that may load nothing cannot tell anybody anything.
MARK = '<meta name="generator" content="emojify eval --report">'
_HEAD = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{MARK}
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>
:root {{ color-scheme: light dark; --paper: #ffffff; --ink: #1f2328; --faint: #d0d7de; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --paper: #0d1117; --ink: #e6edf3; --faint: #30363d; }}
}}
body {{ background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
  margin: 0 auto; max-width: 76rem; padding: 1rem; }}
figure {{ margin: 1rem 0; overflow-x: auto; }}
img {{ height: auto; max-width: 100%%; }}
.wide img {{ max-width: none; width: 100%%; min-width: 40rem; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
caption {{ font-weight: 600; padding: 0.3rem 0; text-align: left; }}
th, td {{ border-bottom: 1px solid var(--faint); padding: 0.2rem 0.7rem; text-align: left; }}
td.number, th.number {{ font-variant-numeric: tabular-nums; text-align: right; }}
td.text {{ overflow-wrap: anywhere; unicode-bidi: isolate; white-space: pre-wrap; }}
.matrix td, .matrix th {{ font-size: 0.75rem; padding: 0.1rem 0.2rem; }}
</style>
</head>
<body>
"""


def page(results: Results, pictures: Mapping[str, Mapping[str, bytes]]) -> str:
    """Write the page.

    Args:
        results: what is on it.
        pictures: for each figure that was drawn its PNG, in ``light`` and in ``dark``.
    """
    title = f"{_said(results.model)} on {_said(results.source)}"
    return "\n".join(
        [
            _HEAD % title,
            f"<main>\n<h1>{title}</h1>",
            *_summary(results),
            *_scores(results, pictures["scores"]),
            *_confusion(results, pictures["confusion"]),
            *_calibration(results, pictures["calibration"]),
            *_coverage(results, pictures["coverage"]),
            *_learning(results, pictures.get("learning")),
            *_mistakes(results),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _summary(results: Results) -> Iterator[str]:
    evaluation = results.evaluation
    shares = {
        "right answers (accuracy)": evaluation.accuracy,
        "the right emoji among the first three": evaluation.top_3,
        "acceptable answers": evaluation.acceptable,
        "an acceptable emoji among the first three": evaluation.acceptable_top_3,
    }
    rows = [["sentences", f"{evaluation.examples:,}"]]
    rows += [[what, f"{share:.1%}"] for what, share in shares.items() if share is not None]
    rows.append(["macro F1", f"{evaluation.macro_f1:.3f}"])
    if evaluation.loss is not None:
        rows.append(["loss, in nats", f"{evaluation.loss:.3f}"])
    rows.append(["expected calibration error", f"{evaluation.calibration_error:.3f}"])
    yield _table("How good the answers are", ["measure", "value#"], rows)


def _scores(results: Results, pictures: Mapping[str, bytes]) -> Iterator[str]:
    found = sorted(results.evaluation.per_emoji, key=lambda score: -score.f1)
    yield "<h2>Each emoji</h2>"
    best = [score for score in found if score.support]
    yield _figure(
        pictures,
        "Bars of F1 for each emoji, with marks for precision and recall. The best is "
        f"{_named(best[0].emoji)} at {best[0].f1:.2f}, the last {_named(best[-1].emoji)} at "
        f"{best[-1].f1:.2f}. The table below has all numbers.",
        "F1, precision and recall of each emoji that occurs, the best first.",
    )
    yield _table(
        "Scores of each emoji, the best first",
        ["emoji", "name", "precision#", "recall#", "F1#", "sentences#"],
        [
            [s.emoji, name_of(s.emoji), *(f"{x:.3f}" for x in (s.precision, s.recall, s.f1)),
             str(s.support)]
            for s in found
        ],
    )  # fmt: skip


def _confusion(results: Results, pictures: Mapping[str, bytes]) -> Iterator[str]:
    labels, pairs = results.evaluation.labels, results.taken_for_each_other()
    yield "<h2>What is taken for what</h2>"
    worst = ""
    if pairs:
        right, answer, count, _ = pairs[0]
        worst = f" Most often, {count} times, {_named(right)} was answered with {_named(answer)}."
    yield _figure(
        pictures,
        f"Heat map of {len(labels)} right emoji in rows and as many answers in columns; "
        f"{results.evaluation.accuracy:.0%} of the answers are on the diagonal.{worst}",
        "Right emoji in rows, answers in columns. The darker (on a dark page, the lighter), the "
        "larger the share of the row.",
        "wide" if len(labels) > MANY else "",
    )
    yield _table(
        f"The most frequent mistakes, {len(pairs)} at most",
        ["right", "answer", "sentences#", "share of the right emoji's sentences#"],
        [
            [_named(right), _named(answer), str(count), f"{share:.1%}"]
            for right, answer, count, share in pairs
        ],
    )
    rows = [
        [emoji, *(str(count or "") for count in row)]
        for emoji, row in zip(labels, results.evaluation.confusion, strict=True)
    ]
    matrix = _table(
        "Sentences, right emoji in rows, answers in columns",
        ["right", *(f"{emoji}#" for emoji in labels)],
        rows,
        "matrix",
    )
    yield f"<details><summary>All numbers of the heat map</summary>\n{matrix}\n</details>"


def _calibration(results: Results, pictures: Mapping[str, bytes]) -> Iterator[str]:
    error = results.evaluation.calibration_error
    yield "<h2>Whether it is as sure as it is right</h2>"
    yield _figure(
        pictures,
        "Reliability diagram: of answers with about the same probability, the share that is "
        f"right, beside the diagonal where both are the same. The mean distance is {error:.3f}.",
        "Of answers with a probability of 0.8, eight in ten should be right: on the dashed line. "
        f"The expected calibration error is {error:.3f}.",
    )
    yield _table(
        "Answers by their probability",
        ["probability", "answers#", "mean probability#", "share that is right#"],
        [
            [
                f"{each.lower:.2f} to {each.upper:.2f}",
                str(each.answers),
                _number(each.probability if each.answers else None),
                _number(each.accuracy if each.answers else None),
            ]
            for each in results.bins
        ],
    )


def _coverage(results: Results, pictures: Mapping[str, bytes]) -> Iterator[str]:
    thresholds, answered, accuracy = results.coverage()
    yield "<h2>What is gained by not answering</h2>"
    rows = []
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
        place = int(answered.searchsorted(share - 1e-9))
        numbers = thresholds[place], answered[place], accuracy[place]
        rows.append([f"{share:.0%}", *(f"{number:.3f}" for number in numbers)])
    yield _figure(
        pictures,
        f"Curves: if every sentence is answered, {accuracy[-1]:.1%} of the answers are right; if "
        f"the surest half is, {rows[-1][-1]}.",
        "If only sentences above a probability are answered, more of the answers are right.",
    )
    yield _table(
        "Accuracy against coverage",
        ["wanted", "least probability#", "share answered#", "share of these that is right#"],
        rows,
    )


def _learning(results: Results, pictures: Mapping[str, bytes] | None) -> Iterator[str]:
    yield "<h2>How it learnt</h2>"
    if pictures is None:
        yield "<p>The model remembers nothing of its training.</p>"
        return
    last = results.history[-1]
    yield _figure(
        pictures,
        f"Curves over {len(results.history)} epochs; the loss in training ends at "
        f"{last['loss']:.3f}.",
        "Loss of each epoch in training, and, if sentences were held back, loss and accuracy on "
        "those.",
    )
    keys = ("loss", "validation_loss", "validation_accuracy")
    yield _table(
        "Epochs of the training",
        ["epoch#", "loss#", "loss held back#", "accuracy held back#"],
        [[str(e["epoch"]), *(_number(e.get(key)) for key in keys)] for e in results.history],
    )


def _mistakes(results: Results) -> Iterator[str]:
    worst = results.mistakes[:WORST]
    yield "<h2>The worst mistakes</h2>"
    if not worst:
        yield "<p>There are none.</p>"
        return
    yield _table(
        f"Wrong answers, the surest first: {len(worst)} of {len(results.mistakes)}",
        ["sentence", "right", "answer", "probability#"],
        [
            [m.text, _named(m.right), _named(m.answer), f"{m.probability:.3f}"] for m in worst
        ],
    )  # fmt: skip


def _figure(pictures: Mapping[str, bytes], described: str, caption: str, kind: str = "") -> str:
    light, dark = (base64.b64encode(pictures[theme]).decode() for theme in ("light", "dark"))
    return (
        f"<figure{_class(kind)}>\n<picture>\n"
        '<source media="(prefers-color-scheme: dark)" '
        f'srcset="data:image/png;base64,{dark}">\n'
        f'<img alt="{escape(described)}" src="data:image/png;base64,{light}">\n'
        f"</picture>\n<figcaption>{escape(caption)}</figcaption>\n</figure>"
    )


def _table(
    caption: str, columns: Iterable[str], rows: Iterable[Iterable[str]], kind: str = ""
) -> str:
    """Write a table; a column whose name ends in # holds numbers."""
    columns = list(columns)
    kinds = [
        "number" if column.endswith("#") else "text" if column == "sentence" else ""
        for column in columns
    ]
    head = "".join(
        f'<th scope="col"{_class(kind)}>{_said(column.removesuffix("#"))}</th>'
        for column, kind in zip(columns, kinds, strict=True)
    )
    lines = []
    for first, *others in rows:
        tag = "td" if kinds[0] == "text" else 'th scope="row"'
        cells = "".join(
            f"<td{_class(kind)}>{_said(cell)}</td>"
            for cell, kind in zip(others, kinds[1:], strict=True)
        )
        lines.append(f"<tr><{tag}{_class(kinds[0])}>{_said(first)}</{tag.split()[0]}>{cells}</tr>")
    return (
        f'<div class="scroll"><table{_class(kind)}>\n<caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody></table></div>"
    )


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _said(text: str) -> str:
    """Write a text so that it is a text and nothing else."""
    return escape(printable(text))


def _named(emoji: str) -> str:
    return f"{emoji} {name_of(emoji)}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
