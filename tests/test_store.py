"""The model file: whole or refused, the same bytes for the same model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors

from emojify import resources, store
from emojify.emojifier import Emojifier
from emojify.errors import EmojifyError, EnvironmentFault
from emojify.labels import Labels
from emojify.nn.cells import new_cell
from emojify.nn.model import Model
from emojify.settings import Settings, VectorSettings, as_plain
from emojify.store import TrainedModel
from emojify.vectors import TunedRows, Vectors
from tests.models import small_model

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def trained() -> TrainedModel:
    return small_model()


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
        newer.setattr(store, "KIND", replace(store.KIND, version=3))
        newer.setattr(store, "_NEEDS", "9.1")
        store.save(trained, path)
    message = "needs emojify 9.1 or newer: found format version 3; expected 2 or older; install a"
    with pytest.raises(EmojifyError, match=message):
        store.load(path)


def test_other_vectors_than_it_was_trained_on_are_refused(
    trained: TrainedModel, path: Path
) -> None:
    elsewhere = replace(trained, shipped_vectors="glove-6b-50d", fingerprint="f" * 64)
    store.save(elsewhere, path)
    with pytest.raises(EmojifyError) as caught:
        store.load(path)
    ours = Vectors.open(resources.folder("vectors") / "glove-6b-50d.safetensors").fingerprint
    assert str(caught.value) == (
        f"{path}: was trained on other vectors: glove-6b-50d with SHA-256 ffffffffffff…; this "
        f"version has {ours[:12]}…; train it again"
    )
    store.save(replace(elsewhere, shipped_vectors="none-such"), path)
    with pytest.raises(EmojifyError) as caught:
        store.load(path)
    assert str(caught.value) == (
        f"{path}: needs the vectors none-such, which this version does not have; expected one of "
        f"{', '.join(resources.names('vectors'))}; train it again"
    )


def test_a_model_may_refer_to_shipped_vectors_as_they_are(path: Path) -> None:
    vectors = Vectors.open(resources.folder("vectors") / "glove-6b-50d.safetensors")
    settings = as_plain(Settings(vectors=VectorSettings(tune=False)))
    settings["model"] |= {"cell": "rnn", "hidden": 3}
    network = Model(new_cell("rnn"), vectors.matrix, 3, 2)
    network.initialize(np.random.default_rng(0))
    trained = TrainedModel(
        settings, Labels.of(["❤️", "⚾"]), network.params.values, vectors.vocabulary,
        vectors.matrix, shipped_vectors="glove-6b-50d", fingerprint=vectors.fingerprint,
    )  # fmt: skip
    store.save(trained, path)
    loaded = store.load(path)
    assert (loaded.shipped_vectors, loaded.history) == ("glove-6b-50d", [])
    assert loaded.fingerprint == vectors.fingerprint
    assert loaded.vocabulary.find("the") == 1
    np.testing.assert_array_equal(loaded.table[np.arange(9)], vectors.matrix[:9])
    assert path.stat().st_size < 5000


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


TEMPERATURES = {1: 1.0, 2: 2.0}


@pytest.mark.parametrize("version", range(1, store.KIND.version + 1))
def test_files_of_every_version_are_read_and_answer_as_they_did(version: int) -> None:
    """The first was trained on a few sentences; the second is the first with a temperature."""
    texts = ["i love you", "throw the ball", "so hungry", "zzz"]
    answers = [
        [0.9897699, 0.0036954, 0.0065346],
        [0.0087970, 0.9829915, 0.0082114],
        [0.0193799, 0.0019837, 0.9786366],
        [0.1609866, 0.3920421, 0.4469712],
    ]
    emojifier = Emojifier.load(GOLDEN / f"model_{version}.safetensors")
    assert emojifier.labels.emoji == ("❤️", "⚾", "🍴")
    assert emojifier.trained.settings["model"]["cell"] == "gru"
    cooled = np.power(answers, 1 / TEMPERATURES[version])
    cooled /= cooled.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(emojifier.predict_proba(texts), cooled, atol=1e-6)


def test_a_file_that_is_read_and_saved_again_has_the_same_bytes(path: Path) -> None:
    for old in (GOLDEN / "model_2.safetensors", resources.folder("models") / "five.safetensors"):
        store.save(store.load(old), path)
        assert path.read_bytes() == old.read_bytes()


def test_a_model_whose_tuned_rows_are_none_is_refused(path: Path) -> None:
    """Else the first word that is looked up would be sought in nothing."""
    five = Emojifier.load("five").trained
    assert isinstance(five.table, TunedRows)
    none = TunedRows(five.table.base, five.table.rows[:0], five.table.values[:0])
    store.save(replace(five, table=none), path)
    with pytest.raises(EmojifyError, match=r"found no tuned\.rows; expected at least that of the"):
        store.load(path)
