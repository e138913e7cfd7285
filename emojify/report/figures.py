"""The figures of a report, drawn by matplotlib."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm, to_rgb
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.ticker import MaxNLocator

from emojify.nn.arrays import Floats
from emojify.report.emoji import SIZE, in_letters, picture
from emojify.report.results import MANY, Results

_DPI = 160
_PIXELS = 16_000_000  # of a figure; hundreds of emoji would take gigabytes
_THEMES = {
    "light": {"paper": "#ffffff", "ink": "#1f2328", "faint": "#d0d7de", "main": "#0969da",
              "other": "#bc4c00", "low": "#f6f8fa", "high": "#0a3069"},
    "dark": {"paper": "#0d1117", "ink": "#e6edf3", "faint": "#30363d", "main": "#58a6ff",
             "other": "#f0883e", "low": "#161b22", "high": "#a5d6ff"},
}  # fmt: skip
_OUTLINE = 0.5  # how opaque it is


def draw(name: str, results: Results, theme: str) -> bytes:
    """Return a figure as PNG; the same results give the same bytes.

    Args:
        name: one of :data:`FIGURES`.
        results: what is drawn.
        theme: ``light`` or ``dark``.
    """
    with _drawing(_THEMES[theme]) as colours:
        figure = FIGURES[name](results, colours)
        data = io.BytesIO()
        width, height = figure.get_size_inches()
        dpi = min(_DPI, math.sqrt(_PIXELS / (width * height)))
        figure.savefig(data, format="png", dpi=dpi, metadata={"Software": None})
    return data.getvalue()


@contextmanager
def _drawing(colours: dict[str, str]) -> Iterator[dict[str, str]]:
    """Draw in these colours, whatever the user's own settings of matplotlib are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        ink, faint, paper = colours["ink"], colours["faint"], colours["paper"]
        mpl.rcParams.update({
            "figure.facecolor": paper, "axes.facecolor": paper, "savefig.facecolor": paper,
            "text.color": ink, "axes.labelcolor": ink, "xtick.color": ink, "ytick.color": ink,
            "axes.edgecolor": faint, "grid.color": faint, "grid.linewidth": 0.6,
            "axes.spines.top": False, "axes.spines.right": False, "font.size": 9,
            "axes.titlesize": 10, "axes.titlelocation": "left", "legend.frameon": False,
            "text.parse_math": False,
        })  # fmt: skip
        yield colours


def confusion(results: Results, colours: dict[str, str]) -> Figure:
    """The confusion matrix: each row is an emoji, and its colours are shares of that row."""
    labels, shares = results.evaluation.labels, results.shares()
    side = max(0.22 * len(labels), 2.5)
    figure = Figure((side + 1.6, side + 0.9), layout="constrained")
    axes = figure.add_subplot()
    colourmap = LinearSegmentedColormap.from_list("shares", [colours["low"], colours["high"]])
    # The root of a share decides the colour, so that a mistake or two in a row can be seen.
    norm = PowerNorm(0.5, 0, 1)
    image = axes.imshow(shares, cmap=colourmap, norm=norm, interpolation="nearest")
    axes.set_xlabel("answer")
    axes.set_ylabel("right emoji")
    axes.set_xticks(np.arange(len(labels) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(labels) + 1) - 0.5, minor=True)
    axes.grid(which="minor", linewidth=0.3)
    axes.tick_params(which="minor", length=0)
    _label_with_emoji(axes, labels, "x")
    _label_with_emoji(axes, labels, "y")
    bar = figure.colorbar(image, ax=axes, shrink=min(1.0, 4 / side), aspect=15, pad=0.02)
    bar.set_label("share of the sentences of a row")
    if len(labels) <= MANY:
        for (row, column), share in np.ndenumerate(shares):
            colour = colours["paper"] if share > 0.3 else colours["ink"]
            count = str(results.evaluation.confusion[row][column])
            axes.text(column, row, count, ha="center", va="center", color=colour, fontsize=7)
    return figure


def scores(results: Results, colours: dict[str, str]) -> Figure:
    """Precision, recall and F1 of each emoji, the best first."""
    found = [score for score in results.evaluation.per_emoji if score.support]
    found.sort(key=lambda score: -score.f1)
    figure = Figure((6.4, 0.24 * len(found) + 0.9), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(found))
    axes.barh(places, [score.f1 for score in found], 0.7, color=colours["main"], label="F1")
    for kind, marker in (("precision", "|"), ("recall", "x")):
        values = [getattr(score, kind) for score in found]
        axes.scatter(values, places, 22, colours["other"], marker=marker, label=kind, zorder=3)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    _label_with_emoji(axes, [score.emoji for score in found], "y")
    figure.legend(loc="outside upper right", ncols=3)
    return figure


def calibration(results: Results, colours: dict[str, str]) -> Figure:
    """The reliability diagram: how often answers of a probability are right."""
    figure = Figure((5.4, 5.6), layout="constrained")
    axes, counts = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    bins = [each for each in results.bins if each.answers]
    lows, accuracies = [each.lower for each in bins], [each.accuracy for each in bins]
    wide: dict[str, Any] = {"width": 1 / len(results.bins), "align": "edge"}
    axes.plot([0, 1], [0, 1], "--", color=colours["ink"], linewidth=0.8, label="as sure as right")
    axes.bar(lows, accuracies, **wide, color=colours["main"], alpha=0.35)
    axes.plot(
        [each.probability for each in bins],
        accuracies,
        "o-",
        color=colours["main"],
        label="answers",
    )
    axes.set_ylabel("share that is right")
    axes.set_ylim(0, 1.02)
    axes.legend(loc="upper left")
    counts.bar(lows, [each.answers for each in bins], **wide, color=colours["other"])
    counts.set_ylabel("answers")
    counts.set_xlabel("probability of the answer")
    counts.set_xlim(0, 1)
    for each in (axes, counts):
        each.grid(axis="y")
        each.set_axisbelow(True)
    return figure


def coverage(results: Results, colours: dict[str, str]) -> Figure:
    """Accuracy against coverage: what is gained by not answering what is unsure."""
    figure = Figure((6.4, 4), layout="constrained")
    axes = figure.add_subplot()
    thresholds, answered, accuracy = results.coverage()
    axes.plot(answered, accuracy, color=colours["main"], label="share of answers that is right")
    axes.plot(answered, thresholds, ":", color=colours["other"], label="least probability")
    axes.set_xlabel("share of sentences that is answered")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.grid()
    axes.legend(loc="lower left")
    return figure


def learning(results: Results, colours: dict[str, str]) -> Figure:
    """The learning curve: loss, and accuracy if sentences were held back, of each epoch."""
    figure = Figure((6.4, 4), layout="constrained")
    axes = figure.add_subplot()
    epochs = [epoch["epoch"] for epoch in results.history]

    def curve(on: Axes, key: str, style: str, colour: str, label: str) -> bool:
        values = [epoch.get(key) for epoch in results.history]
        if all(value is None for value in values):
            return False
        known = [np.nan if value is None else value for value in values]
        on.plot(epochs, known, style, color=colours[colour], label=label)
        return True

    curve(axes, "loss", "o-", "main", "loss in training")
    curve(axes, "validation_loss", "s--", "main", "loss on sentences held back")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss, in nats")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid()
    right = axes.twinx()
    if curve(right, "validation_accuracy", "^-", "other", "accuracy on sentences held back"):
        right.set_ylim(0, 1.02)
        right.set_ylabel("accuracy")
        right.spines["right"].set_visible(True)
    else:
        right.remove()
    figure.legend(loc="outside upper left")
    return figure


FIGURES: dict[str, Callable[[Results, dict[str, str]], Figure]] = {
    "confusion": confusion,
    "scores": scores,
    "calibration": calibration,
    "coverage": coverage,
    "learning": learning,
}


def _label_with_emoji(axes: Axes, labels: Sequence[str], axis: Literal["x", "y"]) -> None:
    """Put a picture of its emoji at each place of an axis; its name where there is none."""
    names = ["" if picture(emoji) is not None else in_letters(emoji) for emoji in labels]
    places = range(len(labels))
    if axis == "x":
        axes.set_xticks(places, names, rotation=90)
    else:
        axes.set_yticks(places, names)
    axes.tick_params(axis=axis, which="major", length=0, pad=2 if any(names) else 16)
    for place, emoji in enumerate(labels):
        tile = picture(emoji)
        if tile is not None:
            _draw_at(axes, _outlined(tile), place, axis)


def _outlined(tile: Floats) -> Floats:
    """Put a faint outline around a picture, or white ones do not show on white paper."""
    ink = to_rgb(mpl.rcParams["text.color"])
    opacity = np.pad(tile[..., 3], 1)
    steps = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    outline = _OUTLINE * np.max([np.roll(opacity, step, (0, 1)) for step in steps], axis=0)
    above = np.pad(tile, ((1, 1), (1, 1), (0, 0)))
    below = (1 - opacity) * outline
    drawn = np.empty_like(above)
    drawn[..., 3] = opacity + below
    visible = np.maximum(drawn[..., 3:], 1e-6)
    drawn[..., :3] = (above[..., :3] * opacity[..., None] + np.multiply.outer(below, ink)) / visible
    return np.clip(drawn, 0, 1)


def _draw_at(axes: Axes, tile: Floats, place: int, axis: str) -> None:
    # A place on one axis, and a distance of ten points from the other.
    where, apart = ((place, 0), (0, -10)) if axis == "x" else ((0, place), (-10, 0))
    coordinates = axes.get_xaxis_transform() if axis == "x" else axes.get_yaxis_transform()
    image = OffsetImage(tile, zoom=12 / SIZE)
    axes.add_artist(
        AnnotationBbox(
            image, where, apart, coordinates, boxcoords="offset points", frameon=False, pad=0
        )
    )
