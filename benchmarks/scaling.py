"""How the time of a training epoch grows: four curves each for emojify and PyTorch, as a picture.

An LSTM with H = 128, B = 32 and 1,024 sentences of ten words, of which one thing at a time is
changed: the number of sentences, the words of each, H, and the number of words in a table of
vectors that is trained as well. Sides are those of `training.py` and `tuned_embeddings.py`; PyTorch
has shuffled batches and the fastest of its modes at every point. One thread and two.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import measure
import ours
import sentences
from emojify.nn.arrays import Floats, Ints
from measure import ABSENT, OURS, Options, Report, duration

CELL, HIDDEN, BATCH, SENTENCES, WORDS = "lstm", 128, 32, 1024, 10
CLASSES = len(sentences.EMOJI)
THREADS = (1, 2)
PICTURE = "scaling.png"
PYTORCH = "PyTorch"
# Both read well on white and on black, and apart from each other in any kind of colour vision.
_COLOURS = {OURS: "#2f81f7", PYTORCH: "#db6d28"}
_LINES = {1: "-", 2: "--"}
_INK = "#808890"


@dataclass(frozen=True)
class Sweep:
    """One thing that is changed.

    Attributes:
        title: what it is.
        values: what it is set to.
        sides: makes the sides for a value, in a folder for their files.
    """

    title: str
    values: Sequence[int]
    sides: Callable[[int, Path], dict[str, Callable[[], object]]]


def frozen(lengths: Sequence[int], hidden: int, folder: Path) -> dict[str, Callable[[], object]]:
    """Return the sides that learn sentences of these lengths with frozen vectors."""
    made = sentences.of_lengths(np.array(lengths), np.random.default_rng(1))
    contenders: dict[str, Callable[[], object]] = {
        OURS: ours.epochs(CELL, hidden, BATCH, made.write(folder / "sweep.csv"))
    }
    return contenders | pytorch_sides(made.ids(), made.labels, sentences.float32_table(), hidden)


def tuned(count: int) -> dict[str, Callable[[], object]]:
    """Return the sides that also train a table of so many words."""
    rng = np.random.default_rng(1)
    made = sentences.of_lengths(np.full(SENTENCES, WORDS), rng)
    table = rng.standard_normal((count, sentences.vectors().matrix.shape[1]), np.float32)
    ids = [i % count for i in made.ids()]
    contenders: dict[str, Callable[[], object]] = {
        OURS: ours.tuned_epochs(CELL, HIDDEN, BATCH, table.copy(), ids, made.labels)
    }
    for sparse in (True, False):
        contenders |= pytorch_sides(ids, made.labels, table, HIDDEN, tune=True, sparse=sparse)
    return contenders


def pytorch_sides(
    ids: list[Ints],
    labels: Ints,
    table: Floats,
    hidden: int,
    tune: bool = False,
    sparse: bool = False,
) -> dict[str, Callable[[], object]]:
    """Return PyTorch's ways to learn the same, if it is installed."""
    if not measure.installed("torch"):
        return {}
    import pytorch

    contenders = {}
    for mode in pytorch.MODES:
        model = pytorch.Classifier(CELL, table, hidden, CLASSES, mode, tune, sparse)
        contenders[f"PyTorch {mode}{' sparse' * sparse}"] = pytorch.epochs(
            model, ids, labels, pytorch.shuffled, BATCH,
            momentum=0.0 if tune else 0.9, clip_norm=None if tune else 5.0,
        )  # fmt: skip
    return contenders


SWEEPS = (
    Sweep(
        "sentences",
        (256, 512, 1024, 2048, 4096),
        lambda count, folder: frozen([WORDS] * count, HIDDEN, folder),
    ),
    Sweep(
        "words per sentence",
        (2, 5, 10, 20, 40),
        lambda words, folder: frozen([words] * SENTENCES, HIDDEN, folder),
    ),
    Sweep(
        "H, width of the hidden state",
        (32, 64, 128, 256, 512),
        lambda hidden, folder: frozen([WORDS] * SENTENCES, hidden, folder),
    ),
    Sweep(
        "words in a table that is trained",
        (2_000, 20_000, 200_000),
        lambda count, _: tuned(count),
    ),
)


Curves = dict[tuple[str, str, int], list[float]]  # by sweep, side and threads


def measure_scaling(options: Options) -> Report:
    """Time every point of every curve, and draw them."""
    curves: Curves = {}
    report = Report(
        f"Scaling: an LSTM, H = {HIDDEN}, B = {BATCH}, {SENTENCES:,} sentences of {WORDS} words"
    )
    with tempfile.TemporaryDirectory() as folder:
        for sweep in SWEEPS:
            values = sweep.values[:2] if options.quick else sweep.values
            for value, threads in itertools.product(values, THREADS):
                measure.note(f"scaling: {sweep.title}, {value:,}, {measure.in_threads(threads)}")
                with measure.threads(threads):
                    times = measure.in_turn(sweep.sides(value, Path(folder)), options)
                for side in filter(None, (OURS, times.fastest(PYTORCH))):
                    curve = curves.setdefault((sweep.title, side.split()[0], threads), [])
                    curve.append(times.median(side))
                report.seconds[f"{sweep.title}: {value}, {threads}"] = times.seconds
            report.details[f"By {sweep.title}"] = [
                {sweep.title: f"{value:,}"} | detail(curves, sweep.title, i)
                for i, value in enumerate(values)
            ]
    if measure.installed("matplotlib"):
        options.folder.mkdir(parents=True, exist_ok=True)
        draw(curves, options.folder / PICTURE)
    else:
        report.remarks.append(f"matplotlib is {ABSENT}: no picture was drawn.")
    return report


def detail(curves: Curves, title: str, point: int) -> dict[str, str]:
    """Return the times of both sides at one point of a sweep."""
    cells = {}
    for side, threads in itertools.product((OURS, PYTORCH), THREADS):
        curve = curves.get((title, side, threads))
        label = f"{side}, {measure.in_threads(threads)}"
        cells[label] = duration(curve[point]) if curve else ABSENT
    return cells


def draw(curves: Curves, path: Path) -> None:
    """Draw a panel for each sweep, both axes logarithmic: a straight line is a power."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FuncFormatter, NullLocator

    inks = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    plt.rcParams.update(dict.fromkeys(inks, _INK) | {"font.size": 9})
    figure, panels = plt.subplots(2, 2, figsize=(8, 5.6), layout="constrained", sharey=True)
    for sweep, panel in zip(SWEEPS, panels.flat, strict=True):
        for side, threads in itertools.product((OURS, PYTORCH), THREADS):
            seconds = curves.get((sweep.title, side, threads), [])
            panel.plot(
                sweep.values[: len(seconds)], seconds, _LINES[threads], color=_COLOURS[side],
                marker="o", markersize=3, label=f"{side}, {measure.in_threads(threads)}",
            )  # fmt: skip
        panel.set(xscale="log", yscale="log", xlabel=sweep.title)
        panel.set_xticks(sweep.values, [f"{value:,}" for value in sweep.values])
        panel.xaxis.set_minor_locator(NullLocator())
        panel.yaxis.set_major_formatter(FuncFormatter(lambda y, _: duration(y)))
        panel.grid(color=_INK, alpha=0.25, linewidth=0.5)
        panel.spines[["top", "right"]].set_visible(False)
        panel.set_facecolor("none")
    figure.supylabel("one training epoch", fontsize=9)
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4,
                  frameon=False)  # fmt: skip
    figure.savefig(path, dpi=120, transparent=True)
    plt.close(figure)


if __name__ == "__main__":
    measure.main(measure_scaling)
