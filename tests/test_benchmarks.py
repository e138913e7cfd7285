"""What the benchmarks compare and report is right; nothing is timed here, and no peer is needed."""

from __future__ import annotations

import importlib
from types import ModuleType

import numpy as np
import pytest

from emojify.nn.batch import Sentences
from emojify.nn.cells import new_cell
from emojify.nn.model import Model
from tests.conftest import REPOSITORY

GATES = {"rnn": "a", "lstm": "ofic", "gru": "ruc"}  # in our order, in the seed's letters


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
    return importlib.import_module("measure")


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.usefixtures("measure")
def test_the_seeds_algorithm_computes_what_ours_does(cell: str) -> None:
    seed = importlib.import_module("seed_algorithm")
    rng = np.random.default_rng(1)
    words, inputs, hidden, classes, sentences, steps = 20, 4, 6, 5, 7, 5
    table = rng.standard_normal((words, inputs))
    ids = rng.integers(words, size=(sentences, steps))
    labels = rng.integers(classes, size=sentences)
    p = seed.new_parameters(cell, inputs, hidden, classes)
    loss, grads = seed.gradients(cell, p, table[ids].transpose(2, 0, 1), labels)

    model = Model(new_cell(cell), table, hidden, classes, dtype=np.float64)
    gates = np.concatenate([p[f"W{gate}"] for gate in GATES[cell]]).T
    model.params["U"][...], model.params["W"][...] = gates[:hidden], gates[hidden:]
    model.params["Wy"][...] = p["Wy"].T
    our_loss, _ = model.loss_and_grad(Sentences.of(list(ids)).batch(), labels)

    assert loss == pytest.approx(our_loss, rel=1e-12)
    d_gates = np.concatenate([grads[f"W{gate}"] for gate in GATES[cell]]).T
    ours = np.concatenate([model.params.grads["U"], model.params.grads["W"]])
    np.testing.assert_allclose(d_gates, ours, rtol=1e-9, atol=1e-14)


def test_a_ratio_is_the_median_of_the_rounds(measure: ModuleType) -> None:
    times = measure.Times({"ours": [1.0, 2.0, 4.0], "theirs": [3.0, 8.0, 8.0]})
    row = measure.row("work", "them", times.pair("", "theirs"), measure.Aim("≥", 2.5))
    assert list(row.cells().values()) == ["work", "them", "2 s", "8 s", "3×", "≥ 2.5×", "yes"]
    row = measure.row("work", "them", times.pair("", "theirs"), measure.Aim("≤", 0.3))
    assert list(row.cells().values())[4:] == ["0.333×", "≤ 0.3×", "**no**"]
    row = measure.row("work", "them", times.pair("", "theirs"))
    assert list(row.cells().values())[4:] == ["3×", "–", "–"]


def test_a_missing_peer_is_reported_as_absent(measure: ModuleType) -> None:
    times = measure.Times({"ours": [1.0]})
    missing = times.pair("", times.fastest("theirs"))
    for make in (measure.mean_row, measure.weakest_row):
        cells = make("work", "them", [missing], measure.Aim("≥", 2)).cells()
        assert list(cells.values())[2:] == ["–", "absent", "–", "≥ 2×", "–"]


def test_of_many_cases_the_weakest_is_named(measure: ModuleType) -> None:
    pairs = [measure.Pair("first", 1.0, 4.0, 4.0), measure.Pair("second", 1.0, 1.0, 1.0)]
    mean = measure.mean_row("work", "them", pairs, measure.Aim("≥", 2))
    weakest = measure.weakest_row("work", "them", pairs, measure.Aim("≥", 2))
    assert (mean.figure, mean.met) == (pytest.approx(2.0), True)
    assert (weakest.figure, weakest.met) == (1.0, False)
    assert weakest.work == "work, weakest of 2 cases: second"


@pytest.mark.usefixtures("measure")
def test_the_sentences_have_natural_lengths_and_are_always_the_same() -> None:
    sentences = importlib.import_module("sentences")
    made = sentences.natural(500)
    lengths = [len(ids) for ids in made.ids()]
    assert (min(lengths), max(lengths)) == (1, 30)
    assert 9 <= np.mean(lengths) <= 11
    assert lengths == [len(text.split()) for text in made.texts]
    assert made.texts == sentences.natural(500).texts


@pytest.mark.usefixtures("measure")
def test_the_lines_have_one_to_five_different_emoji_and_are_always_the_same() -> None:
    sentences = importlib.import_module("sentences")
    made = [line.tolist() for line in sentences.lines(500)]
    assert {len(line) for line in made} == {1, 2, 3, 4, 5}
    assert all(len(set(line)) == len(line) for line in made)
    assert {token for line in made for token in line} == set(range(64))
    assert len(sentences.emoji_of_lines()) == 64
    assert made == [line.tolist() for line in sentences.lines(500)]


def test_captions_are_compared_with_the_fastest_side_of_pytorch(measure: ModuleType) -> None:
    captions = importlib.import_module("captions")
    learnt = measure.Times(
        {
            "ours": [2.0],
            "shuffled padded": [8.0],
            "shuffled packed": [6.0],
            "bucketed padded": [3.0],
        }
    )
    written = measure.Times(
        {"ours, greedy": [4.0], "ours, beam of 4": [8.0], "PyTorch packed": [2.0]}
    )
    found = captions.rows({"GRU": learnt}, {"GRU": written})
    assert [row.figure for row in found] == pytest.approx([3, 3, 1.5, 1.5, 0.5, 0.25])
    assert {row.cells()["aim"] for row in found} == {"–"}
    assert list(captions.detail("GRU", learnt).values()) == [
        "GRU", "2 s", "6 s packed (3.00×)", "3 s padded (1.50×)"
    ]  # fmt: skip


def test_captions_are_measured_without_pytorch_too(measure: ModuleType) -> None:
    captions = importlib.import_module("captions")
    learnt = {"GRU": measure.Times({"ours": [2.0]})}
    written = {"GRU": measure.Times({"ours, greedy": [4.0], "ours, beam of 4": [8.0]})}
    assert {row.theirs for row in captions.rows(learnt, written)} == {"absent"}
    assert list(captions.detail("GRU", learnt["GRU"]).values())[2:] == ["absent", "absent"]


@pytest.mark.usefixtures("measure")
def test_lines_that_are_not_the_same_on_all_sides_are_counted() -> None:
    captions = importlib.import_module("captions")
    writers = {
        "ours, greedy": lambda: ["🍕", "🏖️🐶", "🍕"],
        "ours, beam of 4": lambda: ["🐶", "🐶", "🐶"],
        "PyTorch padded": lambda: ["🍕", "🏖️", "🍕"],
    }
    said = "GRU: 2 of 3 lines are the same on all sides; 2 different ones."
    assert captions.agreement("GRU", writers) == said
