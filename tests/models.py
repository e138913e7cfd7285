"""Small models, and files that are wrong under a right checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from emojify import sealed, store
from emojify.labels import Labels
from emojify.nn.cells import new_cell
from emojify.nn.model import Model
from emojify.nn.seq2seq import Seq2Seq
from emojify.settings import Settings, as_plain
from emojify.store import TrainedModel
from emojify.vocab import Vocabulary

Facts = dict[str, Any]
Tensors = dict[str, np.ndarray]
Change = Callable[[Facts, Tensors], None]

ZEROS = "0" * 64


def small_model(cell: str = "rnn", bidirectional: bool = False) -> TrainedModel:
    """A model of a few hundred bytes with its words inside: D = 2, H = 3, K = 2, V = 3."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(4, 2)).astype(np.float16)
    settings = as_plain(Settings())
    settings["model"] |= {"cell": cell, "hidden": 3, "bidirectional": bidirectional}
    network = Model(new_cell(cell), table, 3, 2, bidirectional=bidirectional)
    network.initialize(rng)
    return TrainedModel(
        settings=settings,
        labels=Labels.of(["❤️", "⚾"]),
        weights=network.params.values,
        vocabulary=Vocabulary.of([b"i", b"love", b"you"]),
        table=table,
        history=[{"epoch": 1, "loss": 0.5}],
    )


def small_captioner(*weights: float) -> TrainedModel:
    """A model whose lines are worked out by hand: 🍕 for pizza, 🏖️ for beach, 😴 for sleep.

    A hidden unit stands at 1 for each of these words that a text has, and at -1 for the others.
    Writing an emoji turns its unit to -1, and 😴, with which a day is over, turns all of them. An
    emoji whose unit is at 1 is next with a probability in proportion to its weight, and the end of
    the line to a weight of 1; the others have all but none. The fourth word, then, says nothing.

    Args:
        weights: of the three emoji; by default 6, 5 and 4.
    """
    shown = np.log(weights or (6, 5, 4))
    table = np.eye(5, 3, -1).astype(np.float16)
    settings = as_plain(Settings())
    settings["model"] |= {"cell": "rnn", "hidden": 3}
    settings["decoder"] = {"features": "mean", "width": 3}
    network = Seq2Seq(new_cell("rnn"), table, 3, 3, 3, mean=True)
    for name, value in {
        "Wf": np.eye(3) * 200, "bf": -1,  # so that a word among a hundred is seen
        "E": np.eye(4, 3), "W": [[-40, 0, 0], [0, -40, 0], [-40] * 3], "U": np.eye(3) * 20,
        "Wy": np.eye(3, 4) * 20, "by": [*(shown - 20), 0],
    }.items():  # fmt: skip
        network.decoder.params[name][...] = value
    return TrainedModel(
        settings=settings,
        labels=Labels.of(["🍕", "🏖️", "😴"]),
        weights=network.params.values,
        vocabulary=Vocabulary.of([b"pizza", b"beach", b"sleep", b"then"]),
        table=table,
    )


def changed(path: Path, change: Change) -> None:
    """Change what is in a model file, and seal it again."""
    facts, tensors = sealed.load(path, store.KIND)
    change(facts, tensors)
    sealed.save(path, store.KIND, tensors, facts)


def sealed_by_hand(header: str, numbers: bytes = b"") -> bytes:
    """Make a file of any header, in which zeros stand for the checksum, with a right checksum."""
    encoded = header.encode("utf-8", "surrogateescape")
    data = len(encoded).to_bytes(8, "little") + encoded + numbers
    return data.replace(ZEROS.encode(), hashlib.sha256(data).hexdigest().encode(), 1)


def header_of(facts: str, tensors: str = "") -> str:
    """Write a header as emojify does; ``tensors`` is what follows the metadata."""
    metadata = json.dumps({"emojify-model": facts}, separators=(",", ":"))
    return f'{{"__metadata__":{metadata}{tensors}}}'


def facts_of(inside: str = '"settings":{}') -> str:
    return f'{{"format":"emojify-model","version":1,{inside},"sha256":"{ZEROS}"}}'
