"""Answering 50,000 tweets: text in, emoji out.

The aims are those of the default network, the LSTM; the other cells are in the second table.

- Ours: `Emojifier.predict` on the texts, with a model of H = 128 that `emojify train` made in one
  epoch; loaded anew in every round, so that no word has been looked up before. For two threads it
  is the whole command `emojify predict --jobs 2`, from its start to its end.
- PyTorch: a network of the same size under `no_grad`, given our word ids for free, in batches of
  256, packed, in the order given and sorted by length, of which the faster counts; for the record
  also padded. Its answers are turned into a list of emoji in the order of the texts.
- fastText: a supervised model of dimension 50 that learnt the same sentences as ours; `predict` on
  the list and on one text after another, of which the faster counts. It has no threads.

Not timed: loading PyTorch's and fastText's models, and cutting the texts for PyTorch.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import measure
import ours
import sentences
from emojify.data import read_examples
from emojify.emojifier import Emojifier
from emojify.text import tokenize
from measure import OURS, Aim, Options, Report, Row, Times

HIDDEN = 128
LEARNT = "five-train"


def trained(cell: str, path: Path) -> Path:
    """Train a network for one epoch and save it."""
    training = ours.training(
        cell, {"model.hidden": HIDDEN, "data.train": LEARNT, "training.epochs": 1}
    )
    for _ in training.run():
        pass
    Emojifier(training.result()).save(path)
    return path


def pytorch_sides(cell: str, texts: list[str]) -> dict[str, Callable[[], object]]:
    """Return PyTorch's ways to answer, if it is installed."""
    if not measure.installed("torch"):
        return {}
    import torch

    import pytorch

    encode = sentences.vectors().vocabulary.encode
    ids = [torch.tensor(encode(tokenize(text))) for text in texts]
    table = sentences.float32_table()
    contenders: dict[str, Callable[[], object]] = {}
    for mode, is_sorted in (("packed", False), ("packed", True), ("padded", True)):
        model = pytorch.Classifier(cell, table, HIDDEN, len(sentences.EMOJI), mode)
        name = f"PyTorch {mode}, {'sorted by length' if is_sorted else 'as given'}"
        contenders[name] = lambda model=model, is_sorted=is_sorted: pytorch.answers(
            model, ids, sentences.EMOJI, is_sorted
        )
    return contenders


def fasttext_sides(texts: list[str], folder: Path) -> dict[str, Callable[[], object]]:
    """Return fastText's ways to answer, if it is installed."""
    if not measure.installed("fasttext"):
        return {}
    examples = read_examples(LEARNT)
    labels = {emoji: f"__label__{i}" for i, emoji in enumerate(sorted(set(examples.emoji)))}
    learnt = folder / "fasttext.txt"
    with learnt.open("w", encoding="utf-8") as file:
        for text, emoji in zip(examples.texts, examples.emoji, strict=True):
            print(labels[emoji], " ".join(text.split()), file=file)
    model = _fasttext_model(learnt)
    emoji_of = {label: emoji for emoji, label in labels.items()}

    def whole_list() -> list[str]:
        answers, _ = model.predict(texts)
        return [emoji_of[label] for (label,) in answers]

    def one_by_one() -> list[str]:
        return [emoji_of[model.predict(text)[0][0]] for text in texts]

    return {"fastText, a list": whole_list, "fastText, one by one": one_by_one}


def _fasttext_model(learnt: Path) -> Any:
    """Train fastText's model, again if it says "Encountered NaN", as it does now and then."""
    import fasttext

    for _ in range(9):
        with contextlib.suppress(RuntimeError):
            return fasttext.train_supervised(str(learnt), dim=50, thread=1, verbose=0)
    return fasttext.train_supervised(str(learnt), dim=50, thread=1, verbose=0)


def measure_predicting(options: Options) -> Report:
    """Time all sides for each cell, on one thread and on two."""
    texts = sentences.tweets(2_000 if options.quick else 50_000)
    words = sum(len(text.split()) for text in texts)
    report = Report(f"Answering {len(texts):,} tweets, {words:,} words")
    details = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fasttext = fasttext_sides(texts, folder)
        for cell in ("lstm",) if options.quick else ("lstm", "gru", "rnn"):
            measure.note(f"predicting: {cell}")
            path = trained(cell, folder / f"{cell}.safetensors")
            peers = {**pytorch_sides(cell, texts), **fasttext}
            lines = folder / "tweets.txt"
            lines.write_text("\n".join([*texts, ""]), encoding="utf-8")
            for threads, own in ((1, answering(path, texts)), (2, command(path, lines))):
                case = f"{cell.upper()}, H = {HIDDEN}, {measure.in_threads(threads)}"
                contenders = {OURS: own, **peers}
                with measure.threads(threads):
                    times = measure.in_turn(contenders, options)
                report.seconds[case] = times.seconds
                if cell == "lstm":
                    report.rows += rows(case, times)
                speeds = {s: f"{len(texts) / times.median(s):,.0f}" for s in times.seconds}
                details.append({"case": case} | speeds)
    report.details["Tweets a second"] = details
    return report


def rows(case: str, times: Times) -> list[Row]:
    """Make the rows of the table."""
    return [
        measure.row(
            f"text in, emoji out, {case}",
            against,
            times.pair(case, times.fastest(against)),
            Aim("≥", least),
        )
        for against, least in (("PyTorch packed", 3), ("fastText", 1))
    ]


def answering(path: Path, texts: list[str]) -> Callable[[], list[str]]:
    """Return our side; that it loads the model each time is a hundredth of its work."""
    return lambda: [answer.emoji for answer in Emojifier.load(path).predict(texts)]


def command(path: Path, lines: Path) -> Callable[[], object]:
    """Return our command that answers the lines of a file in two processes."""
    return measure.process(
        measure.emojify_command(), "predict", "-m", path, "--jobs", "2", stdin=lines
    )


if __name__ == "__main__":
    measure.main(measure_predicting)
