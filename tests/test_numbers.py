"""Numbers that are none, or too large: a training stops, a model refuses, nothing answers.

A catalogue of what can go wrong with floats, each through the door by which it would come.
"""

from __future__ import annotations

import json
import re
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emojify import Emojifier, store
from emojify.config import Override, read_settings
from emojify.data import Examples
from emojify.errors import Diverged, EmojifyError
from emojify.learner import Score
from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.model import Model
from emojify.store import TrainedModel
from emojify.training import Training
from tests.conftest import Run

NO_CLIPPING = ("--set", "training.clip_norm=null")
REMEDY = (
    "expected a finite number; try a smaller --lr or vectors.learning_rate, or set "
    "training.clip_norm"
)


# A training that diverges


@pytest.mark.parametrize("cell", CELLS)
def test_a_diverging_training_says_where_and_keeps_the_last_good_epoch(
    run: Run, sentences_csv: Path, tmp_path: Path, cell: str
) -> None:
    (tmp_path / "m.safetensors").write_text("an older model")
    result = run(
        "train", "--cell", cell, "--data", sentences_csv.name, "-o", "m.safetensors", "-f",
        "--epochs", "90", "--lr", "100", "--set", "training.l2=1", *NO_CLIPPING,
        "--set", "model.hidden=4", "--set", "training.patience=90",
    )  # fmt: skip
    assert (result.code, result.out) == (4, "")
    *epochs, kept, error = result.err.splitlines()
    told = re.fullmatch(
        r"emojify: error: training diverged in epoch (\d+), step (\d+): "
        rf"(the loss|the gradient's norm) is (nan|inf) at learning rate 100; {re.escape(REMEDY)}",
        error,
    )
    assert told, error
    last = int(told[1]) - 1
    assert epochs[-1].startswith(f"epoch {last}: loss ")
    assert kept == f"the last good epoch, {last}, was written to m.safetensors"
    history = store.load(tmp_path / "m.safetensors").history
    assert [record["epoch"] for record in history] == [*range(1, last + 1)]
    answer = json.loads(run("predict", "--json", "-m", "m.safetensors", "i love you").out)
    assert 0 < answer["probability"] <= 1


@pytest.mark.parametrize("before", [None, b"an older model"])
def test_without_a_good_epoch_nothing_is_written(
    run: Run, sentences_csv: Path, tmp_path: Path, before: bytes | None
) -> None:
    path = tmp_path / "m.safetensors"
    if before is not None:
        path.write_bytes(before)
    result = run(
        "train", "--data", sentences_csv.name, "-o", path.name, "-f", "--lr", "1e6",
        "--set", "training.l2=1000", "--set", "training.batch_size=1", *NO_CLIPPING,
    )  # fmt: skip
    assert result.code == 4
    assert re.search(
        r"^emojify: error: training diverged in epoch 1, step \d+: .* is (nan|inf) at learning "
        rf"rate 1e\+06; {re.escape(REMEDY)}\n$",
        result.err,
        re.MULTILINE,
    )
    assert "the last good epoch" not in result.err
    assert path.exists() == (before is not None)
    assert before is None or path.read_bytes() == before


def test_word_vectors_that_no_file_can_hold_have_diverged(
    run: Run, sentences_csv: Path, vectors_txt: Path
) -> None:
    """The loss stays finite: shut gates hide them. Files of one's own vectors have 16 bits."""
    result = run(
        "train", "--data", sentences_csv.name, "--vectors", vectors_txt.name, "-o", "m.safetensors",
        "--set", "model.hidden=8", "--set", "vectors.learning_rate=1e6",
    )  # fmt: skip
    assert result.code == 4
    *_, kept, error = result.err.splitlines()
    assert kept == "the last good epoch, 1, was written to m.safetensors"
    assert error == (
        "emojify: error: training diverged in epoch 2, step 1: a weight or a word vector is inf at "
        f"learning rate 0.2; {REMEDY}"
    )
    assert run("predict", "-m", "m.safetensors", "i love you").code == 0


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_validation_loss_that_is_no_number_is_not_taken_for_a_worse_epoch(
    sentences_csv: Path, monkeypatch: pytest.MonkeyPatch, loss: float
) -> None:
    """NaN compares as false with everything, so patience alone would let the training go on."""
    training = Training(
        read_settings(None, [
            Override("data.train", str(sentences_csv), ""),
            Override("data.validation", 0.4, ""),
            Override("model.hidden", 4, ""),
        ])
    )  # fmt: skip
    scores = iter([Score(1.5, 0.5, 1.0), Score(loss, 0.9, 1.0)])
    monkeypatch.setattr("emojify.learner.Learner.score", lambda *_: next(scores))
    with pytest.raises(Diverged, match=rf"in epoch 2, step 1: the loss is {loss} at learning rate"):
        list(training.run())
    assert training.best is training.history[-1]
    assert [epoch.epoch for epoch in training.history] == [1]
    assert training.result().history[0]["validation_loss"] == 1.5


# A model whose weights are finite and whose answer is not a number


@pytest.fixture
def overflowing() -> TrainedModel:
    """A model whose logits are beyond 32 bits: the softmax of infinities is NaN."""
    five = Emojifier.load("five").trained
    huge = np.full_like(five.weights["Wy"], np.finfo(np.float32).max)
    return replace(five, weights=five.weights | {"Wy": huge, "by": np.full(5, 3e38, np.float32)})


NOT_A_NUMBER = (
    "the model's answer is not a number; expected probabilities; its weights or vectors are out "
    "of range, train it again"
)


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", "hello"],
        ["predict", "-k", "5", "hello"],
        ["predict", "--json", "hello", "you"],
        ["predict", "--csv", "hello"],
        ["predict"],
        ["predict", "-j", "2"],
        ["predict", "--explain", "hello"],
        ["predict", "--steps", "hello"],
        ["eval", "five-test"],
        ["eval", "five-test", "--json"],
    ],
    ids=" ".join,
)
def test_no_command_answers_from_what_is_no_number(
    run: Run, tmp_path: Path, overflowing: TrainedModel, arguments: list[str]
) -> None:
    store.save(overflowing, tmp_path / "m.safetensors")
    result = run(*arguments, "-m", "m.safetensors", stdin=b"hello\nyou\n")
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines()[-1] == f"emojify: error: {NOT_A_NUMBER}"


def test_no_method_answers_from_what_is_no_number(overflowing: TrainedModel) -> None:
    emojifier = Emojifier(overflowing)
    for ask in (
        lambda: emojifier.predict(["hello"]),
        lambda: emojifier.predict_proba(["hello"]),
        lambda: emojifier.word_by_word("hello you"),
        lambda: emojifier.explain("hello you"),
        lambda: emojifier.evaluate(Examples("x", ["hello"], ["❤️"])),
    ):
        with pytest.raises(EmojifyError, match=re.escape(NOT_A_NUMBER)):
            ask()


# Answers at the edges


@pytest.mark.parametrize("text", ["xyzzyx", "xyzzyx " * 100, "hello", "!", "❤️", "1", "é" * 9999])
def test_odd_texts_have_finite_probabilities(text: str) -> None:
    emojifier = Emojifier.load("five")
    [prediction] = emojifier.predict([text], top_k=5)
    assert sum(choice.probability for choice in prediction.top) == pytest.approx(1, abs=1e-5)
    assert emojifier.predict_proba([text])[0].sum() == pytest.approx(1, abs=1e-5)


def test_a_probability_of_zero_has_a_loss_that_is_a_number(run: Run, tmp_path: Path) -> None:
    five = Emojifier.load("five").trained
    certain = five.weights | {"by": np.array([3e38, -3e38, -3e38, -3e38, -3e38], np.float32)}
    store.save(replace(five, weights=certain), tmp_path / "m.safetensors")
    (tmp_path / "x.csv").write_text("hello,1\nhello,0\n")
    evaluation = json.loads(run("eval", "x.csv", "-m", "m.safetensors", "--json").out)
    assert evaluation["accuracy"] == 0.5
    assert evaluation["loss"] == pytest.approx(np.finfo(np.float32).max / 2)
    answer = json.loads(run("predict", "--json", "-k", "5", "-m", "m.safetensors", "hello").out)
    assert [choice["probability"] for choice in answer["top"]] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e4, -1e4, 1e30])
@pytest.mark.parametrize("cell", CELLS)
def test_saturated_cells_have_finite_states_losses_and_gradients(
    cell: str, size: float, dtype: type
) -> None:
    """Inputs of this size overflow every exponential of float32; no warning may be heard."""
    table = np.array([[0, 0], [size, -size], [size, size]], dtype)
    model = Model(new_cell(cell), table, 3, 2, tune=True, dtype=dtype)
    model.initialize(np.random.default_rng(1))
    model.params["Wy"][...] = [[1e4, -1e4], [-1e4, 1e4], [1e4, -1e4]]
    batch = Sentences.of([[1, 2, 1], [2], [0, 1]]).batch()
    for label in range(2):
        loss, words = model.loss_and_grad(batch, np.full(3, label))
        assert words is not None
        assert np.isfinite(loss)
        assert np.isfinite(model.params.grad).all()
        assert np.isfinite(words.values).all()
    log_probs = model.log_proba(batch)
    assert log_probs.dtype == dtype
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1, rtol=1e-6)


# Long texts in bounded memory


def peak_of(ask: object, *arguments: object) -> int:
    assert callable(ask)
    tracemalloc.start()
    ask(*arguments)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_a_text_of_a_hundred_thousand_words_takes_no_more_than_twenty_megabytes() -> None:
    emojifier = Emojifier.load("five")
    text = "so hungry " * 50_000
    assert peak_of(emojifier.predict, [text]) < 20e6
    assert peak_of(emojifier.predict_proba, [text]) < 20e6
    assert peak_of(emojifier.word_by_word, text) < 20e6


@pytest.mark.parametrize("cell", CELLS)
def test_a_network_takes_ten_numbers_a_unit_for_each_word_it_reads(cell: str) -> None:
    """So many float32 for each of the H units: inputs and states of every gate, and no more."""
    hidden, words = 16, 3000
    model = Model(new_cell(cell), np.zeros((3, 4), np.float32), hidden, 2)
    model.initialize(np.random.default_rng(1))
    batch = Sentences.of([[1, 2] * (words // 2)]).batch()
    assert peak_of(model.log_proba, batch) < 10 * 4 * hidden * words
    assert np.isfinite(model.log_proba(batch)).all()
