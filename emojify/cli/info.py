"""``emojify info``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from emojify.labels import Labels

DEFAULT_MODEL = "five"


@click.command("info")
@click.argument("model", metavar="[MODEL]", required=False, envvar="EMOJIFY_MODEL")
def command(model: str | None) -> None:
    r"""Show what is in a model file: emoji, network, vectors, settings and learning curve.

    \b
    emojify info
    emojify info emojify-lstm.safetensors
    """
    from emojify import resources, store

    path = resources.locate("models", model or DEFAULT_MODEL)
    trained = store.load(path)
    settings = trained.settings
    weights = sum(weight.size for weight in trained.weights.values())
    words, width = len(trained.vocabulary), trained.table.shape[1]
    source = trained.shipped_vectors or "inside the file"
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, format {store.FORMAT_VERSION}")
    print(f"emoji    {_named(trained.labels)}")
    print(
        f"network  {settings['model']['cell']}, {settings['model']['hidden']} hidden units, "
        f"{weights:,} weights"
    )
    print(f"vectors  {words:,} words, {width} numbers each, {source}")
    for section, values in settings.items():
        print(f"{section:8} {_flat(values)}")
    print("epoch   loss  held back: loss  accuracy")
    for epoch in trained.history:
        loss, accuracy = epoch["validation_loss"], epoch["validation_accuracy"]
        held_back = "" if loss is None else f"  {loss:15.3f}  {accuracy:8.1%}"
        print(f"{epoch['epoch']:5}  {epoch['loss']:5.3f}{held_back}")


def _named(labels: Labels) -> str:
    pairs = zip(labels.emoji, labels.names, strict=True)
    return ", ".join(f"{emoji} {name}" for emoji, name in pairs)


def _flat(values: object) -> str:
    if isinstance(values, dict):
        return ", ".join(f"{key} {value}" for key, value in values.items())
    return str(values)
