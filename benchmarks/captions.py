"""Lines of emoji: a training epoch of an encoder-decoder, and captions a second; with PyTorch.

Training: both sides train the same network (frozen 50-d vectors, an encoder in one direction, a
decoder of the same cell and width, vectors of 32 for 64 emoji) on the same 2,048 sentences of 1 to
30 words with lines of 1 to 5 emoji, in batches of 64.

- Ours: an epoch as `emojify train` runs it, with its look at 256 sentences at the end, for which it
  also writes their lines.
- PyTorch: the encoder of `training.py`, padded and packed, of which the faster counts; a second
  recurrent layer over padded lines, `nn.Linear` on all its states, `CrossEntropyLoss` that ignores
  the padding, SGD with momentum, `clip_grad_norm_`. With shuffled batches, and with those that
  emojify deals out.

Writing: 2,000 messages and a network of H = 128 that `emojify train` made in a few epochs of the
shipped lines, its GRU with the reset gate where PyTorch has it.

- Ours: `Captioner.caption` on the texts, greedily and with the beam it has by default; loaded anew
  in every round, so that no word has been looked up before.
- PyTorch: the same weights under `no_grad`, given our word ids for free, greedily and by the same
  rules, in batches of 256; padded and packed, as given and sorted by length, of which the fastest
  counts. The report says how many lines are ours; where two emoji are about equally likely, the
  order of a sum may decide.

All on one thread. Not timed: reading and encoding text for a training, the first epoch of each, and
cutting the texts for PyTorch.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import measure
import ours
import sentences
from emojify import store
from emojify.captioner import BEAM, Captioner
from emojify.settings import DecoderSettings
from emojify.store import TrainedModel
from emojify.text import tokenize
from measure import OURS, Options, Report, Row, Times, duration

CELLS = ("rnn", "lstm", "gru")
SHUFFLED, BUCKETED = "shuffled", "bucketed"
GREEDY, BEAMED, PYTORCH = "ours, greedy", f"ours, beam of {BEAM}", "PyTorch"
HIDDEN, BATCH = 128, 64
WIDTH = DecoderSettings().width
LEARNT, EPOCHS = "captions-train", 4
_BUDGET = 6.0  # seconds for each case


def training_sides(
    cell: str, hidden: int, count: int, folder: Path
) -> dict[str, Callable[[], None]]:
    """Return ours and, if it is installed, PyTorch's with both ways to deal."""
    natural, lines = sentences.natural(count), sentences.lines(count)
    emoji = sentences.emoji_of_lines()
    answers = [" ".join(emoji[token] for token in line) for line in lines]
    data = sentences.write(folder / "lines.csv", natural.texts, answers)
    contenders = {OURS: ours.epochs(cell, hidden, BATCH, data, decoder__features="encoder")}
    if measure.installed("torch"):
        import pytorch
        import pytorch_captions

        table, ids = sentences.float32_table(), natural.ids()
        deals = {SHUFFLED: pytorch.shuffled, BUCKETED: pytorch.bucketed}
        for deal, mode in itertools.product(deals, pytorch.MODES):
            model = pytorch_captions.Captioner(cell, table, hidden, len(emoji), WIDTH, mode)
            contenders[f"{deal} {mode}"] = pytorch_captions.epochs(
                model, ids, lines, deals[deal], BATCH
            )
    return contenders


def trained(cell: str) -> TrainedModel:
    """Train a network as PyTorch can have it as well."""
    settings = {
        "data.train": LEARNT,
        "vectors.tune": False,
        "model.hidden": HIDDEN,
        "model.reset_after": cell == "gru",
        "decoder.features": "encoder",
        "training.epochs": EPOCHS,
        "training.batch_size": BATCH,
        "training.learning_rate": 0.1,
    }
    training = ours.training(cell, settings)
    for _ in training.run():
        pass
    return training.result()


def writing_sides(
    model: TrainedModel, texts: list[str], path: Path
) -> dict[str, Callable[[], list[str]]]:
    """Return ours and, if it is installed, PyTorch's."""
    store.save(model, path)
    contenders = {GREEDY: writing(path, texts, 1), BEAMED: writing(path, texts, BEAM)}
    return contenders | pytorch_sides(model, texts)


def writing(path: Path, texts: list[str], beam: int) -> Callable[[], list[str]]:
    """Return our side."""
    return lambda: [caption.line for caption in Captioner.load(path).caption(texts, beam)]


def pytorch_sides(model: TrainedModel, texts: list[str]) -> dict[str, Callable[[], list[str]]]:
    """Return PyTorch's ways to write what a model of ours writes, if it is installed."""
    if not measure.installed("torch"):
        return {}
    import torch

    import pytorch_captions

    emoji, cell = model.labels.emoji, model.settings["model"]["cell"]
    ids = [torch.tensor(model.vocabulary.encode(tokenize(text))) for text in texts]
    table = sentences.float32_table()
    contenders = {}
    for mode, is_sorted in (("packed", False), ("packed", True), ("padded", True)):
        network = pytorch_captions.Captioner(cell, table, HIDDEN, len(emoji), WIDTH, mode)
        network.take(model.weights)
        name = f"{PYTORCH} {mode}, {'sorted by length' if is_sorted else 'as given'}"
        contenders[name] = lambda network=network, is_sorted=is_sorted: pytorch_captions.captions(
            network, ids, emoji, is_sorted
        )
    return contenders


def measure_captions(options: Options) -> Report:
    """Time both questions."""
    count, asked = (512, 500) if options.quick else (2048, 2000)
    texts = sentences.tweets(asked)
    report = Report(
        f"Lines of emoji: {count:,} sentences and lines to learn, {asked:,} messages to caption"
    )
    with tempfile.TemporaryDirectory() as name, measure.threads(1):
        folder = Path(name)
        learnt: dict[str, Times] = {}
        for cell, hidden in itertools.product(CELLS, (HIDDEN,) if options.quick else (HIDDEN, 256)):
            case = f"{cell.upper()}, H = {hidden}"
            measure.note(f"captions: training, {case}")
            sides = training_sides(cell, hidden, count, folder)
            learnt[case] = measure.in_turn(sides, options, 3, _BUDGET)
        written: dict[str, Times] = {}
        for cell in CELLS:
            case = f"{cell.upper()}, H = {HIDDEN}"
            measure.note(f"captions: writing, {case}")
            writers = writing_sides(trained(cell), texts, folder / f"{cell}.safetensors")
            report.remarks.append(agreement(case, writers))
            written[case] = measure.in_turn(writers, options, 3, _BUDGET)
    report.rows = rows(learnt, written)
    report.details["A training epoch"] = [detail(case, times) for case, times in learnt.items()]
    report.details["Captions a second"] = [
        {"case": case} | {s: f"{asked / times.median(s):,.0f}" for s in times.seconds}
        for case, times in written.items()
    ]
    report.seconds = {f"training, {case}": times.seconds for case, times in learnt.items()}
    report.seconds |= {f"writing, {case}": times.seconds for case, times in written.items()}
    return report


def agreement(case: str, writers: Mapping[str, Callable[[], list[str]]]) -> str:
    """Say how many lines of all sides that write greedily are alike, and how varied they are."""
    mine, *others = (write() for side, write in writers.items() if side != BEAMED)
    alike = sum(len(set(lines)) == 1 for lines in zip(mine, *others, strict=True))
    return (
        f"{case}: {alike:,} of {len(mine):,} lines are the same on all sides; "
        f"{len(set(mine)):,} different ones."
    )


def rows(learnt: Mapping[str, Times], written: Mapping[str, Times]) -> list[Row]:
    """Make the rows of the table, none of which has an aim."""
    training, writing = "training an encoder-decoder, 1 thread", "text in, line of emoji out"
    made = []
    for deal, against in (
        (SHUFFLED, "PyTorch, shuffled batches"),
        (BUCKETED, "PyTorch, our length-bucketed batches"),
    ):
        pairs = [times.pair(case, times.fastest(deal)) for case, times in learnt.items()]
        made += [
            measure.mean_row(training, against, pairs),
            measure.weakest_row(training, against, pairs),
        ]
    for side in (GREEDY, BEAMED):
        pairs = [t.pair(case, t.fastest(PYTORCH), side) for case, t in written.items()]
        how = side.removeprefix("ours, ")
        made.append(measure.mean_row(f"{writing}, {how}", "PyTorch, ids in, greedy", pairs))
    return made


def detail(case: str, times: Times) -> dict[str, str]:
    """Return a row of the table of all trainings: times, and in parentheses theirs to ours."""
    cells = {"network": case, "ours": duration(times.median(OURS))}
    for deal in (SHUFFLED, BUCKETED):
        side = times.fastest(deal)
        pair = times.pair("", side)
        if side and pair:
            mode = side.removeprefix(deal)
            cells[f"{PYTORCH}, {deal}"] = f"{duration(pair.theirs)}{mode} ({pair.ratio:.2f}×)"
        else:
            cells[f"{PYTORCH}, {deal}"] = measure.ABSENT
    return cells


if __name__ == "__main__":
    measure.main(measure_captions)
