"""Laws of the model file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emojify import store
from emojify.captioner import Caption, Captioner
from emojify.emojifier import Emojifier, Prediction
from emojify.errors import EmojifyError
from emojify.labels import Labels
from emojify.networks import new_network, writes_lines
from emojify.nn.cells import CELLS
from emojify.settings import Settings, as_plain
from emojify.store import TrainedModel
from emojify.vectors import ScaledRows
from emojify.vocab import Vocabulary
from tests.properties.test_settings import LEAVES, settings_of
from tests.properties.test_tokenizer import EMOJI

SHAPES = {
    "model.hidden": st.integers(1, 9),
    "model.cell": st.sampled_from(list(CELLS)),
    "decoder.features": st.sampled_from([None, "encoder", "mean"]),
    "decoder.width": st.integers(1, 5),
}
SETTINGS = st.fixed_dictionaries(
    SHAPES, optional={key: value for key, value in LEAVES.items() if key not in SHAPES}
)
WORDS = st.lists(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=5),
    min_size=1,
    max_size=9,
    unique=True,
)
SCORE = st.floats(0, 9)
RECORDS = st.fixed_dictionaries({"epoch": st.integers(1, 100), "loss": SCORE}) | (
    st.fixed_dictionaries(
        {
            "epoch": st.integers(1, 100),
            "loss": SCORE,
            "validation_loss": SCORE,
            "validation_accuracy": SCORE,
        }
    )
)


@st.composite
def models(draw: st.DrawFn) -> TrainedModel:
    """Draw a model of any settings, labels, words and shapes, with its words inside."""
    chosen = settings_of(draw(SETTINGS))
    labels = draw(st.lists(st.sampled_from(EMOJI), min_size=2, max_size=6, unique=True))
    words = draw(WORDS)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    table = rng.normal(size=(len(words) + 1, draw(st.integers(1, 5)))).astype(np.float16)
    table[0] = 0
    network = new_network(as_plain(chosen), table, len(labels))
    network.initialize(rng)
    return TrainedModel(
        settings=as_plain(chosen),
        labels=Labels.of(labels),
        weights=network.params.values,
        vocabulary=Vocabulary.of([word.encode() for word in words]),
        table=draw(st.sampled_from([table, ScaledRows.of(table)])),
        history=draw(st.lists(RECORDS, max_size=3)),
        temperature=draw(st.floats(0.25, 4)),
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models") / "m.safetensors"


def contents(trained: TrainedModel) -> dict[str, Any]:
    """Return all of a model as plain data, numbers as their bits."""
    table = trained.table
    rows = vars(table) if isinstance(table, ScaledRows) else {"table": np.asarray(table)}
    arrays = trained.weights | {n: a for n, a in rows.items() if n != "shape"}
    return {
        "settings": msgspec.convert(trained.settings, Settings),
        "labels": trained.labels,
        "history": trained.history,
        "temperature": trained.temperature,
        "words": trained.vocabulary.words(),
        "arrays": {name: (a.dtype, a.shape, a.tobytes()) for name, a in arrays.items()},
    }


def answers(trained: TrainedModel, texts: list[str]) -> list[Prediction] | list[Caption]:
    if writes_lines(trained.settings):
        return Captioner(trained).caption(texts)
    return Emojifier(trained).predict(texts, top_k=3)


@settings(max_examples=50)
@given(trained=models(), texts=st.lists(st.text().filter(str.strip), min_size=1, max_size=3))
def test_a_model_is_loaded_as_it_was_saved_and_answers_the_same(
    path: Path, trained: TrainedModel, texts: list[str]
) -> None:
    store.save(trained, path)
    loaded = store.load(path)
    assert contents(loaded) == contents(trained)
    assert answers(loaded, texts) == answers(trained, texts)


@settings(max_examples=50)
@given(trained=models(), random=st.randoms())
def test_the_same_model_is_the_same_bytes_however_it_lies_in_memory(
    path: Path, trained: TrainedModel, random: Any
) -> None:
    store.save(trained, path)
    first = path.read_bytes()
    shuffled = list(trained.weights.items())
    random.shuffle(shuffled)
    trained.weights = {name: np.asfortranarray(weight) for name, weight in shuffled}
    store.save(trained, path)
    assert path.read_bytes() == first
    store.save(store.load(path), path)
    assert path.read_bytes() == first


@settings(max_examples=30)
@given(trained=models(), data=st.data())
def test_whatever_is_changed_in_a_file_it_is_refused(
    path: Path, trained: TrainedModel, data: st.DataObject
) -> None:
    store.save(trained, path)
    whole = path.read_bytes()
    for _ in range(10):
        place = data.draw(st.integers(0, len(whole) - 1))
        length = data.draw(st.integers(0, 4))
        inserted = data.draw(st.binary(max_size=4))
        changed = whole[:place] + inserted + whole[place + length :]
        if changed != whole:
            path.write_bytes(changed)
            with pytest.raises(EmojifyError, match=r"incomplete|mismatch|is not an|was not opened"):
                store.load(path)
