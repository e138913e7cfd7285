"""The model file: one safetensors file that is enough to predict."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emojify import resources
from emojify.errors import EmojifyError
from emojify.files import opened, replace
from emojify.labels import Labels
from emojify.nn.arrays import Floats
from emojify.nn.embedding import Table
from emojify.vectors import TunedRows, Vectors
from emojify.vocab import Vocabulary

FORMAT_VERSION = 1
_FORMAT = "emojify-model"
_WHAT = "an emojify model"
_NO_DIGEST = "0" * 64
# The facts are JSON within the header's JSON, so their quotation marks are escaped there.
_DIGEST = re.compile(rb'\\"sha256\\":\\"([0-9a-f]{64})\\"')
_STRANGERS = (
    (b"\x80", "a Python pickle"),
    (b"PK\x03\x04", "a zip archive (.npz, .pt or .keras)"),
    (b"\x89HDF", "an HDF5 file (.h5)"),
    (b"\x93NUMPY", "a NumPy array (.npy)"),
)


@dataclass(eq=False, repr=False)
class TrainedModel:
    """Everything that a training leaves.

    Attributes:
        settings: the settings that were trained with, as plain data.
        labels: the emoji, in the order of the outputs.
        history: one record for each epoch.
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
    shipped_vectors: str | None = None
    fingerprint: str = ""


def save(model: TrainedModel, path: Path) -> None:
    """Write a model file; an older file is replaced only once the new one is whole.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    from safetensors.numpy import save as serialize

    tensors: dict[str, npt.NDArray[Any]] = {f"net.{k}": v for k, v in model.weights.items()}
    if model.shipped_vectors is None:
        tensors |= _vector_tensors(model)
    elif isinstance(model.table, TunedRows):
        tensors |= {"tuned.rows": model.table.rows, "tuned.values": model.table.values}
    facts = {
        "format": _FORMAT,
        "version": FORMAT_VERSION,
        "settings": model.settings,
        "labels": [model.labels.emoji, model.labels.names],
        "history": model.history,
        "vectors": [model.shipped_vectors, model.fingerprint],
        "sha256": _NO_DIGEST,
    }
    # A single entry: safetensors writes several in an order that changes from run to run.
    data = serialize(tensors, {_FORMAT: json.dumps(facts, separators=(",", ":"))})
    sealed = data.replace(_NO_DIGEST.encode(), hashlib.sha256(data).hexdigest().encode(), 1)
    replace(path, sealed)


def load(path: Path) -> TrainedModel:
    """Read a model file.

    Raises:
        EmojifyError: it is incomplete, damaged, of a newer format or something else; or it refers
            to shipped vectors that this version does not have.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as deserialize

    with opened(path, _WHAT) as file:
        data = file.read()
    facts = _checked_facts(path, data)
    try:
        tensors = deserialize(data)
    except SafetensorError as error:
        raise EmojifyError(f"is not {_WHAT}: {error}; train it again", path) from None
    weights = {n.removeprefix("net."): t for n, t in tensors.items() if n.startswith("net.")}
    shipped, fingerprint = facts["vectors"]
    if shipped is None:
        vocabulary = Vocabulary(tensors["words"].tobytes(), tensors["ends"], tensors["order"])
        table: Table = tensors["vectors"]
    else:
        vectors = _shipped(path, shipped, fingerprint)
        vocabulary, table = vectors.vocabulary, vectors.matrix
        if "tuned.rows" in tensors:
            table = TunedRows(table, tensors["tuned.rows"], tensors["tuned.values"])
    emoji, names = facts["labels"]
    return TrainedModel(
        settings=facts["settings"],
        labels=Labels(tuple(emoji), tuple(names)),
        history=facts["history"],
        weights=weights,
        vocabulary=vocabulary,
        table=table,
        shipped_vectors=shipped,
        fingerprint=fingerprint,
    )


def _vector_tensors(model: TrainedModel) -> dict[str, npt.NDArray[Any]]:
    vocabulary, ids = model.vocabulary, np.arange(model.table.shape[0])
    return {
        "vectors": model.table[ids].astype(np.float16),
        "words": np.frombuffer(bytes(vocabulary.blob), np.uint8),
        "ends": np.asarray(vocabulary.ends),
        "order": np.asarray(vocabulary.order),
    }


def _checked_facts(path: Path, data: bytes) -> dict[str, Any]:
    """Return what the header tells, once the checksum over the whole file has proved right.

    The checksum stands in the header, which it covers as well: it is that of the file with zeros
    in its own place.
    """
    length = int.from_bytes(data[:8], "little")
    header = data[8 : 8 + length]
    digest = _DIGEST.search(header)
    if len(header) < length or len(data) < 8 or digest is None:
        raise _not_a_model(path, data)
    start, stop = (8 + place for place in digest.span(1))
    found = hashlib.sha256(data[:start])
    found.update(_NO_DIGEST.encode())
    found.update(memoryview(data)[stop:])
    if found.hexdigest().encode() != digest[1]:
        raise EmojifyError(
            "checksum mismatch: the file is incomplete or damaged; copy it again, or train it "
            "again",
            path,
        )
    facts: dict[str, Any] = json.loads(json.loads(header)["__metadata__"][_FORMAT])
    if facts["version"] > FORMAT_VERSION:
        raise EmojifyError(
            f"found format version {facts['version']}; expected {FORMAT_VERSION} or older; "
            "install a newer emojify",
            path,
        )
    return facts


def _not_a_model(path: Path, data: bytes) -> EmojifyError:
    for magic, found in _STRANGERS:
        if data.startswith(magic):
            return EmojifyError(
                f"found {found}; expected {_WHAT}; it was not opened, since such files can hide "
                "code; train a model with emojify train",
                path,
            )
    return EmojifyError(f"is incomplete or is not {_WHAT}; copy it again, or train it again", path)


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
