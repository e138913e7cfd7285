"""``emojify info``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from emojify.cli.shared import emit, size_of
from emojify.errors import printable
from emojify.resources import DEFAULT_MODEL

if TYPE_CHECKING:
    from emojify.labels import Labels


@click.command("info")
@click.argument("model", metavar="[MODEL]", default=DEFAULT_MODEL, envvar="EMOJIFY_MODEL")
def command(model: str) -> None:
    """Show what is in a model file: emoji, network, vectors, settings and learning curve.

    \b
    emojify info
    emojify info emojify-lstm.safetensors
    """
    from emojify import resources, store
    from emojify.networks import writes_lines

    path = resources.locate("models", model)
    trained = store.load(path)
    settings = trained.settings
    weights = sum(weight.size for weight in trained.weights.values())
    words, width = len(trained.vocabulary), trained.table.shape[1]
    source = trained.shipped_vectors or "inside the file"
    emit(printable(f"{path.name}: {size_of(path)}"))
    emit(f"emoji    {_named(trained.labels)}")
    emit(
        f"network  {settings['model']['cell']}, {settings['model']['hidden']} hidden units, "
        f"{weights:,} weights{', writes lines of emoji' * writes_lines(settings)}"
    )
    emit(f"vectors  {words:,} words, {width} numbers each, {source}")
    for section, values in settings.items():
        emit(printable(f"{section:8} {_flat(values)}"))
    emit("epoch   loss  held back: loss  accuracy")
    for epoch in trained.history:
        loss, accuracy = epoch.get("validation_loss"), epoch.get("validation_accuracy")
        held_back = "" if loss is None else f"  {loss:15.3f}  {accuracy:8.1%}"
        emit(f"{epoch['epoch']:5}  {epoch['loss']:5.3f}{held_back}")


def _named(labels: Labels) -> str:
    pairs = zip(labels.emoji, labels.names, strict=True)
    return ", ".join(f"{emoji} {name}" for emoji, name in pairs)


def _flat(values: object) -> str:
    if isinstance(values, dict):
        return ", ".join(f"{k} {json.dumps(v, ensure_ascii=False)}" for k, v in values.items())
    return str(values)
