"""From settings to a network: the one place that knows which setting means which layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emojify.nn.arrays import Shape
from emojify.nn.cells import new_cell
from emojify.nn.embedding import Table
from emojify.nn.model import Model

if TYPE_CHECKING:
    from emojify.nn.seq2seq import Seq2Seq


def writes_lines(settings: Mapping[str, Any]) -> bool:
    """Whether a network of these settings writes lines of emoji, and does not answer with one."""
    return bool(settings.get("decoder", {}).get("features"))  # not in models of emojify 0.1


def shapes(settings: Mapping[str, Any], inputs: int, emoji: int) -> dict[str, Shape]:
    """Return the shapes of a network's weights, by name.

    Args:
        settings: of the training, as plain data.
        inputs: D, the width of the word vectors.
        emoji: K.
    """
    model = settings["model"]
    cell, hidden = new_cell(model["cell"], model["reset_after"]), model["hidden"]
    both = model.get("bidirectional", False)  # not in models of emojify 0.1
    if not writes_lines(settings):
        return Model.shapes(cell, inputs, hidden, emoji, both)
    from emojify.nn.seq2seq import Seq2Seq

    decoder = settings["decoder"]
    mean = decoder["features"] == "mean"
    return Seq2Seq.shapes(cell, inputs, hidden, emoji, decoder["width"], mean, both)


def new_network(
    settings: Mapping[str, Any], table: Table, emoji: int, tune: bool = False
) -> Model | Seq2Seq:
    """Make a network whose weights are not drawn yet.

    Args:
        settings: of the training, as plain data.
        table: ``(V + 1, D)`` word vectors, trained in place if ``tune``.
        emoji: K.
        tune: whether the word vectors are trained.
    """
    model = settings["model"]
    cell, hidden = new_cell(model["cell"], model["reset_after"]), model["hidden"]
    both = model.get("bidirectional", False)
    if not writes_lines(settings):
        return Model(cell, table, hidden, emoji, tune, bidirectional=both)
    from emojify.nn.seq2seq import Seq2Seq  # which a prediction does without

    decoder = settings["decoder"]
    mean = decoder["features"] == "mean"
    return Seq2Seq(
        cell, table, hidden, emoji, decoder["width"], mean, tune=tune, bidirectional=both
    )
