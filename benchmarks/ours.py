"""Our side of a comparison: the library as `emojify train` uses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import measure
from emojify import resources
from emojify.config import Override, read_settings
from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import Sentences, deal_by_length
from emojify.nn.cells import new_cell
from emojify.nn.model import Model
from emojify.nn.optim import SGD
from emojify.training import Epoch, Training

_WITHOUT_END = 10_000  # epochs; a benchmark takes as many as it needs


def training(cell: str, settings: dict[str, Any]) -> Training:
    """Set up what ``emojify train --cell CELL --set KEY=VALUE …`` sets up."""
    overrides = [Override("model.cell", cell, ""), *(Override(*s, "") for s in settings.items())]
    return Training(read_settings(resources.shipped("configs", cell), overrides))


def epochs(cell: str, hidden: int, batch_size: int, data: Path, **more: Any) -> Callable[[], None]:
    """Return a call that trains for an epoch; each further call trains for the next.

    An epoch is what lies between two that ``emojify train`` reports: batches dealt by length, all
    steps, and the look at 256 sentences that tells whether the network still answers.

    Args:
        cell: the recurrent cell, whose shipped config is the start.
        hidden: H.
        batch_size: B.
        data: the CSV file.
        more: settings by key, ``.`` written as ``__``.
    """
    settings = {
        "data.train": str(data),
        "data.validation": 0.0,
        "vectors.tune": False,
        "model.hidden": hidden,
        "training.batch_size": batch_size,
        "training.word_dropout": 0.0,
        "training.epochs": _WITHOUT_END,
        "training.patience": _WITHOUT_END,
        "training.threads": measure.threads_of_ours(),
    }
    more = {key.replace("__", "."): value for key, value in more.items()}
    events = training(cell, settings | more).run()

    def epoch() -> None:
        while not isinstance(next(events), Epoch):
            pass

    return epoch


def tuned_epochs(
    cell: str, hidden: int, batch_size: int, table: Floats, ids: Sequence[Ints], labels: Ints
) -> Callable[[], None]:
    """Return a call that trains for an epoch, word vectors and all, by plain SGD.

    This is the network alone, without :class:`Training`, which never tunes more words than a model
    file carries: here the table may be of any size.

    Args:
        cell: the recurrent cell.
        hidden: H.
        batch_size: B.
        table: ``(V, D)`` float32, changed in place.
        ids: the word ids of each sentence.
        labels: the class of each.
    """
    rng = np.random.default_rng(1)
    sentences = Sentences.of(ids)
    model = Model(new_cell(cell), table, hidden, int(labels.max()) + 1, tune=True)
    model.initialize(rng)
    weights, words = SGD(model.params.theta, 0.1), SGD(table, 0.1)

    def epoch() -> None:
        for chosen in deal_by_length(sentences.lengths, batch_size, rng):
            _, gradient = model.loss_and_grad(sentences.batch(chosen), labels[chosen])
            assert gradient is not None
            weights.step(model.params.grad)
            words.step(gradient.values, gradient.rows)

    return epoch
