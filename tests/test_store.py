"""The model file: whole or refused, the same bytes for the same model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors

from emojify import store
from emojify.config import Settings, as_plain
from emojify.emojifier import Emojifier
from emojify.errors import EmojifyError, EnvironmentFault
from emojify.labels import Labels
from emojify.nn.cells import new_cell
from emojify.nn.model import Model
from emojify.store import TrainedModel
from emojify.vocab import Vocabulary


@pytest.fixture
def trained() -> TrainedModel:
    """A model of a few hundred bytes with its words inside."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(4, 2)).astype(np.float16)
    settings = as_plain(Settings())
    settings["model"] |= {"cell": "rnn", "hidden": 3}
    network = Model(new_cell("rnn"), table, 3, 2)
    network.initialize(rng)
    return TrainedModel(
        settings=settings,
        labels=Labels.of(["❤️", "⚾"]),
        weights=network.params.values,
        vocabulary=Vocabulary.of([b"i", b"love", b"you"]),
        table=table,
        history=[{"epoch": 1, "loss": 0.5}],
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.safetensors"


def test_what_is_saved_is_loaded(trained: TrainedModel, path: Path) -> None:
    store.save(trained, path)
    loaded = store.load(path)
    assert loaded.settings == trained.settings
    assert loaded.labels == trained.labels
    assert loaded.history == trained.history
    assert loaded.vocabulary.words() == [b"i", b"love", b"you"]
    np.testing.assert_array_equal(loaded.table, trained.table)
    for name, weight in trained.weights.items():
        np.testing.assert_array_equal(loaded.weights[name], weight)


def test_the_same_model_is_the_same_file(trained: TrainedModel, path: Path) -> None:
    files = []
    for _ in range(10):
        store.save(trained, path)
        files.append(path.read_bytes())
    assert len(set(files)) == 1


def test_every_truncation_is_refused(trained: TrainedModel, path: Path) -> None:
    store.save(trained, path)
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(EmojifyError, match="incomplete"):
            store.load(path)


def test_every_flipped_bit_is_refused(trained: TrainedModel, path: Path) -> None:
    store.save(trained, path)
    data = path.read_bytes()
    flips = range(0, 8 * len(data), 7)  # coprime to 8: every byte, every bit of a byte
    for flip in flips:
        damaged = bytearray(data)
        damaged[flip // 8] ^= 1 << flip % 8
        path.write_bytes(damaged)
        with pytest.raises(EmojifyError, match=r"checksum mismatch|is not an emojify model"):
            store.load(path)


def test_anybody_can_read_the_file(trained: TrainedModel, path: Path) -> None:
    store.save(trained, path)
    tensors = load_tensors(path.read_bytes())
    assert set(tensors) == {f"net.{n}" for n in trained.weights} | {
        "vectors", "words", "ends", "order",
    }  # fmt: skip


def test_a_newer_format_asks_for_a_newer_emojify(
    trained: TrainedModel, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(store, "KIND", replace(store.KIND, version=2))
        store.save(trained, path)
    with pytest.raises(EmojifyError, match="found format version 2; expected 1 or older; install"):
        store.load(path)


def test_other_vectors_than_it_was_trained_on_are_refused(
    trained: TrainedModel, path: Path
) -> None:
    elsewhere = replace(trained, shipped_vectors="glove-6b-50d", fingerprint="f" * 64)
    store.save(elsewhere, path)
    with pytest.raises(EmojifyError, match="was trained on other vectors: glove-6b-50d with SHA"):
        store.load(path)
    store.save(replace(elsewhere, shipped_vectors="none-such"), path)
    with pytest.raises(EmojifyError, match="needs the vectors none-such"):
        store.load(path)


def test_weights_that_are_not_numbers_never_become_an_emoji(trained: TrainedModel) -> None:
    weights = trained.weights | {"by": np.array([np.nan, 0], np.float32)}
    with pytest.raises(EmojifyError, match="the model's answer is not a number"):
        Emojifier(replace(trained, weights=weights)).predict(["i love you"])


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    trained: TrainedModel, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("precious")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EnvironmentFault, match="cannot be written: No space left on device"):
        store.save(trained, path)
    assert path.read_text() == "precious"
    assert list(path.parent.iterdir()) == [path]


def test_json_inside_the_header_is_plain(trained: TrainedModel, path: Path) -> None:
    store.save(trained, path)
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    facts = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["emojify-model"])
    assert facts["labels"][0] == ["❤️", "⚾"]
    assert facts["settings"]["model"]["cell"] == "rnn"
