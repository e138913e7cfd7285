"""Sentences to lines of output, in this process or in several at once."""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from emojify.cli.shared import as_json_line
from emojify.errors import printable
from emojify.text import LONGEST_TEXT

if TYPE_CHECKING:
    from concurrent.futures import Future

    from emojify.captioner import Caption
    from emojify.emojifier import Emojifier, Prediction
    from emojify.tables import Format

_Record = TypeVar("_Record")

CSV_HEADER = "text,emoji,probability"
EMPTY = "found an empty text; expected a sentence"


class Answers(NamedTuple):
    """The lines that a batch of sentences leads to, one for each, and what to warn of.

    Attributes:
        lines: one for each sentence.
        doubts: the number of a sentence and what is doubtful about it.
    """

    lines: list[str]
    doubts: list[tuple[int, str]]


class Form(NamedTuple):
    """How answers are written: ``text``, ``json`` or ``csv``, with how many emoji, and with what.

    ``top_k`` is ``None`` where the best emoji is shown without its probability. Emoji that are
    less likely than the threshold are no answer. ``detail`` is ``explain`` or ``steps`` if more
    than the answer is wanted, and ``colour`` is for it. With a ``table`` they are the cells that
    go behind its rows.
    """

    kind: str
    top_k: int | None
    threshold: float = 0.0
    detail: str | None = None
    colour: bool = False
    table: Format | None = None


class Refused(NamedTuple):
    """A text that has no prediction, and why."""

    text: str
    problem: str


def answer(emojifier: Emojifier, form: Form, first: int, texts: list[str]) -> Answers:
    """Answer sentences, of which the first has the number ``first`` in the whole input."""
    answers = Answers([], [])
    asked = answered(texts, lambda good: emojifier.predict(good, form.top_k or 1, form.threshold))
    for number, record in enumerate(asked, first):
        if form.detail and not isinstance(record, Refused):
            line = _in_detail(emojifier, record, form)
        else:
            line = _written(record, form)
        is_apart = form.detail and form.kind == "text" and number > 1
        answers.lines.append("\n" + line if is_apart else line)
        if form.kind != "json":
            answers.doubts.extend((number, doubt) for doubt in doubts_of(record))
    return answers


def answered(
    texts: list[str], ask: Callable[[list[str]], Iterable[_Record]]
) -> Iterator[_Record | Refused]:
    """Ask about the texts that can be read, and yield a record for each text, in order."""
    problems = [_problem(text) for text in texts]
    good = [text for text, problem in zip(texts, problems, strict=True) if not problem]
    records = iter(ask(good))
    for text, problem in zip(texts, problems, strict=True):
        yield Refused(text, problem) if problem else next(records)


def answer_together(
    jobs: int, model: str, form: Form, batches: Iterable[tuple[int, list[str]]]
) -> Iterator[Answers]:
    """Answer batches in several processes, and yield their answers in order.

    Only a few batches are read ahead, so the input may be of any length.

    Args:
        jobs: how many processes.
        model: the model's file or name, which each process loads for itself.
        form: how answers are written.
        batches: sentences, with the number of the first of them.
    """
    from concurrent.futures import ProcessPoolExecutor

    waiting: deque[Future[Answers]] = deque()
    with ProcessPoolExecutor(jobs, initializer=_start, initargs=(model, form)) as pool:
        try:
            for first, texts in batches:
                waiting.append(pool.submit(_answer_here, first, texts))
                if len(waiting) > 2 * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _start(model: str, form: Form) -> None:
    """Prepare a process: an interrupt is its parent's business, who then ends it."""
    import signal  # 2 ms that nobody else needs

    from emojify.emojifier import Emojifier

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _here
    _here = Emojifier.load(model), form


def _answer_here(first: int, texts: list[str]) -> Answers:
    return answer(*_here, first, texts)


_here: tuple[Emojifier, Form]


def _problem(text: str) -> str | None:
    if not text.strip():
        return EMPTY
    if re.search("[\udc80-\udcff]", text):
        return "found bytes that are not UTF-8; expected text"
    if re.search("[\ud800-\udfff]", text):  # which JSON can spell
        return "found half of a character; expected text"
    return None


def _written(record: Prediction | Refused, form: Form) -> str:
    if form.table:
        return form.table.written(_best(record))
    if form.kind == "json":
        return _as_json(record)
    return _as_csv(record) if form.kind == "csv" else _as_text(record, form)


def _in_detail(emojifier: Emojifier, record: Prediction, form: Form) -> str:
    from emojify.cli import reasons  # which few ask for

    if form.kind == "json":
        detail = reasons.as_data(emojifier, record.text, str(form.detail), form.threshold)
        return _as_json(record, detail)
    if form.detail == "steps":
        return "\n".join(reasons.step_by_step(emojifier, record.text, form.threshold))
    # Which emoji it is that is explained has to be seen, also of one below the threshold.
    answered = _as_text(record, form._replace(top_k=form.top_k or 1, threshold=0.0))
    return "\n".join([answered, *reasons.explained(emojifier.explain(record.text), form.colour)])


def _as_json(record: Prediction | Refused, detail: dict[str, Any] | None = None) -> str:
    if isinstance(record, Refused):
        return refused_as_json(record)
    top = [
        {"emoji": c.emoji, "name": c.name, "probability": round(c.probability, 6)}
        for c in record.top
    ]
    written: dict[str, Any] = {
        "text": record.text,
        "emoji": record.emoji,
        "probability": round(record.probability, 6),
        "top": top,
        "known_words": record.known_words,
        "words": record.words,
    }
    if record.truncated:
        written["truncated"] = True
    return as_json_line(written | (detail or {}))


def refused_as_json(record: Refused) -> str:
    """Write why there is no answer to a text."""
    return as_json_line({"text": printable(record.text), "error": record.problem})


def _as_csv(record: Prediction | Refused) -> str:
    import csv  # which few need

    emoji = probability = ""
    if not isinstance(record, Refused):
        emoji, probability = record.emoji or "", f"{record.probability:.6f}"
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([_inert(record.text), emoji, probability])
    return line.getvalue()


def _best(record: Prediction | Refused) -> dict[str, str | float | None]:
    if isinstance(record, Refused):
        return {"emoji": None, "probability": None}
    return {"emoji": record.emoji, "probability": record.probability}


def _inert(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula, and no terminal for a command.

    An apostrophe is what a spreadsheet itself has before text that is not to be calculated; which
    beginnings need one is OWASP's list (CSV Injection).
    """
    is_formula = re.match(r"\s*[-=+@－＝＋＠]|[\t\r]", text)
    return ("'" if is_formula else "") + printable(text)


def _as_text(record: Prediction | Refused, form: Form) -> str:
    if isinstance(record, Refused):
        return printable(record.text)
    choices = [choice for choice in record.top if choice.probability >= form.threshold]
    shown = [c.emoji if form.top_k is None else f"{c.emoji} {c.probability:.3f}" for c in choices]
    return " ".join([printable(record.text), *shown])


def doubts_of(record: Prediction | Caption | Refused) -> Iterator[str]:
    """Yield what a user is to be warned of."""
    if isinstance(record, Refused):
        yield record.problem
        return
    if record.truncated:
        yield f"only its first {LONGEST_TEXT:,} characters were read"
    if not record.known_words:
        yield "found no word that the model knows"
