"""Threads that share a batch compute what one thread computes."""

import numpy as np
import pytest

from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.model import Model
from emojify.nn.team import Team

NETWORKS = [(name, False, both) for name in CELLS for both in (False, True)]
NETWORKS.append(("gru", True, False))


def new_model(cell: str, reset_after: bool, hidden: int, bidirectional: bool = False) -> Model:
    rng = np.random.default_rng(7)
    model = Model(
        new_cell(cell, reset_after), rng.normal(size=(30, 6)), hidden, 4, tune=True,
        dtype=np.float64, bidirectional=bidirectional,
    )  # fmt: skip
    model.initialize(rng)
    return model


@pytest.mark.parametrize(("cell", "reset_after", "bidirectional"), NETWORKS)
@pytest.mark.parametrize("threads", [2, 3])
def test_the_gradient_is_that_of_the_whole_batch(
    cell: str, reset_after: bool, bidirectional: bool, threads: int
) -> None:
    rng = np.random.default_rng(8)
    sentences = Sentences.of([rng.integers(0, 30, length) for length in rng.integers(1, 9, 40)])
    labels = rng.integers(0, 4, 40)
    # Just wide enough that three threads are worth it.
    hidden = round(525 / new_cell(cell).gates ** 0.5)
    model = new_model(cell, reset_after, hidden, bidirectional)
    batch = sentences.batch()
    kept = rng.integers(0, 2, (40, len(model.params["Wy"]))) * 2.0
    # The rows of what is kept are in the order of the batch, not in that of the sentences.
    loss, rows = model.loss_and_grad(batch, labels, kept[batch.order])
    assert rows is not None
    grad = model.params.grad.copy()

    team = Team(model, threads)
    parts = team.parts(np.arange(40))
    assert len(parts) == threads
    assert sorted(np.concatenate(parts)) == list(range(40))
    batches = [sentences.batch(part) for part in parts]
    found, found_rows = team.loss_and_grad(
        batches,
        [labels[part] for part in parts],
        [kept[part[batch.order]] for part, batch in zip(parts, batches, strict=True)],
    )
    assert found_rows is not None
    assert found == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(model.params.grad, grad, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(found_rows.rows, rows.rows)
    np.testing.assert_allclose(found_rows.values, rows.values, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("cell", "hidden", "sentences", "parts"),
    [("lstm", 64, 128, 1), ("lstm", 128, 32, 1), ("lstm", 128, 128, 2), ("lstm", 256, 32, 2),
     ("rnn", 256, 32, 1), ("rnn", 256, 128, 2)],
)  # fmt: skip
def test_only_batches_that_are_worth_it_are_shared(
    cell: str, hidden: int, sentences: int, parts: int
) -> None:
    assert len(Team(new_model(cell, False, hidden), 2).parts(np.arange(sentences))) == parts


def test_frozen_word_vectors_have_no_gradient() -> None:
    model = new_model("lstm", False, 300)
    model.embedding.tune = False
    team, sentences = Team(model, 2), Sentences.of([[1, 2]] * 40)
    parts = team.parts(np.arange(40))
    _, rows = team.loss_and_grad(
        [sentences.batch(part) for part in parts],
        [np.zeros(len(part), int) for part in parts],
        [None, None],
    )
    assert (len(parts), rows) == (2, None)
