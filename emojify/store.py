"""The model file: one safetensors file that is enough to predict."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from emojify import contents, header, resources, sealed
from emojify.errors import EmojifyError
from emojify.labels import Labels
from emojify.networks import new_network
from emojify.nn.arrays import Floats
from emojify.nn.embedding import Table
from emojify.nn.model import Model
from emojify.vectors import ScaledRows, TunedRows, Vectors
from emojify.vocab import Vocabulary

if TYPE_CHECKING:
    from emojify.nn.seq2seq import Seq2Seq

KIND = sealed.Kind(
    name="emojify-model",
    version=2,
    what="an emojify model",
    remedy="copy it again, or train it again",
)
_NEEDS = "0.2"  # the emojify that reads files of this version


@dataclass(eq=False, repr=False)
class TrainedModel:
    """Everything that a training leaves.

    Attributes:
        settings: the settings that were trained with, as plain data.
        labels: the emoji, in the order of the outputs.
        history: one record for each epoch.
        temperature: what the logits are divided by, so that the probabilities can be believed;
            see :func:`emojify.calibration.best_temperature`.
        weights: the network's weights, by name.
        vocabulary: the words.
        table: the word vectors, tuned where they were.
        shipped_vectors: the name of the shipped vectors that the model refers to, or ``None`` if
            it carries its words and vectors inside.
        fingerprint: SHA-256 of those shipped vectors.
    """

    settings: dict[str, Any]
    labels: Labels
    weights: dict[str, Floats]
    vocabulary: Vocabulary
    table: Table
    history: list[dict[str, float | None]] = field(default_factory=list)
    temperature: float = 1.0
    shipped_vectors: str | None = None
    fingerprint: str = ""

    def network(self) -> Model | Seq2Seq:
        """Return the network with its weights, whose probabilities can be believed."""
        network = new_network(self.settings, self.table, len(self.labels))
        for name, value in network.params.values.items():
            value[...] = self.weights[name]
        network.cool(self.temperature)
        return network


def save(model: TrainedModel, path: Path) -> None:
    """Write a model file; an older file is replaced only once the new one is whole.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    tensors: dict[str, npt.NDArray[Any]] = {f"net.{k}": v for k, v in model.weights.items()}
    if model.shipped_vectors is None:
        tensors |= _vector_tensors(model)
    elif isinstance(model.table, TunedRows):
        tensors |= {"tuned.rows": model.table.rows, "tuned.values": model.table.values}
    facts = {
        "needs": _NEEDS,
        "settings": model.settings,
        "labels": [model.labels.emoji, model.labels.names],
        "history": model.history,
        "temperature": model.temperature,
        "vectors": [model.shipped_vectors, model.fingerprint],
    }
    sealed.save(path, KIND, tensors, facts)


def load(path: Path) -> TrainedModel:
    """Read a model file.

    Raises:
        EmojifyError: it is incomplete, damaged, of a newer format or something else; or it refers
            to shipped vectors that this version does not have.
    """
    facts, tensors = sealed.load(path, KIND)
    try:
        contents.check_facts(facts)
        vocabulary, table = _words(path, facts, tensors)
    except ValueError as found:
        raise EmojifyError(f"found {found}; train it again", path) from None
    (emoji, names), (shipped, fingerprint) = facts["labels"], facts["vectors"]
    return TrainedModel(
        settings=facts["settings"],
        labels=Labels(tuple(emoji), tuple(names)),
        history=facts["history"],
        temperature=facts.get("temperature", 1.0),
        weights={n.removeprefix("net."): t for n, t in tensors.items() if n.startswith("net.")},
        vocabulary=vocabulary,
        table=table,
        shipped_vectors=shipped,
        fingerprint=fingerprint,
    )


def _words(path: Path, facts: dict[str, Any], tensors: header.Tensors) -> tuple[Vocabulary, Table]:
    """Return the words and their vectors, once all tensors have proved to be what they should."""
    shipped, fingerprint = facts["vectors"]
    if shipped is None:
        expected = contents.vocabulary_tensors(tensors)
        width = tensors["vectors"].shape[1]
        contents.check_tensors(tensors, expected | contents.network_tensors(facts, width))
        words, ends, order = tensors["words"], tensors["ends"], tensors["order"]
        contents.check_vocabulary(words, ends, order)
        numbers, units = tensors["vectors"], tensors.get("units")
        vocabulary = Vocabulary(words.tobytes(), ends, order)
        if units is None:
            return vocabulary, numbers
        contents.check_units(units)
        return vocabulary, ScaledRows(numbers, units)
    vectors = _shipped(path, shipped, fingerprint)
    count, width = vectors.matrix.shape
    tuned = facts["settings"]["vectors"]["tune"]
    expected = contents.tuned_tensors(tensors, width) if tuned else {}
    contents.check_tensors(tensors, expected | contents.network_tensors(facts, width))
    if not tuned:
        return vectors.vocabulary, vectors.matrix
    rows, values = tensors["tuned.rows"], tensors["tuned.values"]
    contents.check_tuned_rows(rows, count)
    return vectors.vocabulary, TunedRows(vectors.matrix, rows, values)


def _vector_tensors(model: TrainedModel) -> dict[str, npt.NDArray[Any]]:
    vocabulary, table = model.vocabulary, model.table
    if isinstance(table, ScaledRows):
        numbers = {"vectors": table.values, "units": table.units}
    else:
        numbers = {"vectors": table[np.arange(table.shape[0])].astype(np.float16)}
    return numbers | {
        "words": np.frombuffer(bytes(vocabulary.blob), np.uint8),
        "ends": np.asarray(vocabulary.ends),
        "order": np.asarray(vocabulary.order),
    }


def _shipped(path: Path, name: str, fingerprint: str) -> Vectors:
    place = resources.shipped("vectors", name)
    if place is None:
        raise EmojifyError(
            f"needs the vectors {name}, which this version does not have; expected one of "
            f"{', '.join(resources.names('vectors'))}; train it again",
            path,
        )
    vectors = Vectors.open(place)
    if vectors.fingerprint != fingerprint:
        raise EmojifyError(
            f"was trained on other vectors: {name} with SHA-256 {fingerprint[:12]}…; this version "
            f"has {vectors.fingerprint[:12]}…; train it again",
            path,
        )
    return vectors
