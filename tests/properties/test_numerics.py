"""Laws of the numbers: probabilities, losses, gradients, steps, scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from emojify.metrics import evaluate
from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.model import Model
from emojify.nn.optim import SGD, ClassicalMomentum, Momentum, clip_by_global_norm
from emojify.nn.params import Params
from emojify.nn.softmax import Softmax, log_softmax

CLASSES = 4
LOGITS = arrays(
    np.float32, array_shapes(min_dims=2, max_dims=2), elements=st.floats(-1e4, 1e4, width=32)
)
VALUES = st.floats(-100, 100)
VECTORS = arrays(np.float64, 5, elements=VALUES)
RATES = st.floats(1e-3, 1)
SENTENCES = st.lists(st.lists(st.integers(0, 19), min_size=1, max_size=7), min_size=1, max_size=7)
LABELS = st.integers(0, CLASSES - 1)
CASES = st.lists(
    st.tuples(st.lists(st.floats(-9, 0), min_size=3, max_size=3), st.integers(0, 4)), min_size=1
)


def new_model(cell: str, dtype: npt.DTypeLike = np.float64) -> Model:
    rng = np.random.default_rng(7)
    table = rng.normal(size=(20, 5))
    model = Model(new_cell(cell), table, 6, CLASSES, tune=True, dtype=np.float64)
    model.initialize(rng)
    if dtype == np.float64:
        return model
    same = Model(new_cell(cell), table.astype(dtype), 6, CLASSES, tune=True, dtype=dtype)
    same.params.theta[...] = model.params.theta
    return same


@given(LOGITS)
def test_probabilities_sum_to_one(logits: npt.NDArray[np.float32]) -> None:
    log_probs = log_softmax(logits)
    assert (log_probs <= 0).all()
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1, rtol=1e-5)


@given(arrays(np.float64, (3, 4), elements=VALUES), VALUES)
def test_what_is_added_to_all_logits_changes_nothing(
    logits: npt.NDArray[np.float64], shift: float
) -> None:
    np.testing.assert_allclose(log_softmax(logits + shift), log_softmax(logits), atol=1e-9)


@given(LOGITS, st.randoms())
def test_the_order_of_the_classes_is_that_of_their_probabilities(
    logits: npt.NDArray[np.float32], random: np.random.Generator
) -> None:
    order = list(range(logits.shape[1]))
    random.shuffle(order)
    np.testing.assert_allclose(
        log_softmax(logits[:, order]), log_softmax(logits)[:, order], rtol=1e-5
    )


@given(
    arrays(np.float32, (4, 6), elements=st.floats(-1, 1, width=32)),
    st.lists(LABELS, min_size=4, max_size=4),
)
def test_a_loss_is_never_negative_and_its_gradient_only_shifts_probability(
    h: npt.NDArray[np.float32], labels: list[int]
) -> None:
    softmax = Softmax(Params(Softmax.shapes(6, CLASSES)))
    softmax.initialize(np.random.default_rng(3))
    loss, dlogits = softmax.loss(h, np.array(labels))
    assert loss >= 0
    np.testing.assert_allclose(dlogits.sum(axis=1), 0, atol=1e-6)
    assert (dlogits[np.arange(4), labels] <= 0).all()


@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=25)
@given(sentences=SENTENCES, data=st.data())
def test_the_gradient_of_a_batch_is_the_weighted_sum_of_its_parts(
    cell: str, sentences: list[list[int]], data: st.DataObject
) -> None:
    count = len(sentences)
    labels = np.array(data.draw(st.lists(LABELS, min_size=count, max_size=count)))
    cut = data.draw(st.integers(0, count))
    model, total, losses = new_model(cell), 0.0, 0.0
    for part in filter(len, (range(cut), range(cut, count))):
        batch = Sentences.of([sentences[i] for i in part]).batch()
        loss, _ = model.loss_and_grad(batch, labels[part.start : part.stop])
        total = total + len(part) / count * model.params.grad
        losses += len(part) / count * loss
    loss, _ = model.loss_and_grad(Sentences.of(sentences).batch(), labels)
    assert loss == pytest.approx(losses, abs=1e-12)
    np.testing.assert_allclose(model.params.grad, total, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=25)
@given(sentences=SENTENCES, data=st.data())
def test_32_bits_are_near_64(cell: str, sentences: list[list[int]], data: st.DataObject) -> None:
    count = len(sentences)
    labels = np.array(data.draw(st.lists(LABELS, min_size=count, max_size=count)))
    batch = Sentences.of(sentences).batch()
    exact, near = new_model(cell), new_model(cell, np.float32)
    np.testing.assert_allclose(near.log_proba(batch), exact.log_proba(batch), rtol=0, atol=1e-5)
    near_loss, _ = near.loss_and_grad(batch, labels)
    exact_loss, _ = exact.loss_and_grad(batch, labels)
    assert near_loss == pytest.approx(exact_loss, abs=1e-5)
    np.testing.assert_allclose(near.params.grad, exact.params.grad, rtol=0, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=25)
@given(sentence=st.lists(st.integers(0, 19), min_size=1, max_size=9))
def test_after_every_word_the_answer_is_that_of_the_words_so_far(
    cell: str, sentence: list[int]
) -> None:
    model = new_model(cell)
    every = model.log_proba_every_step(Sentences.of([sentence]).batch()).copy()
    for step in range(len(sentence)):
        alone = model.log_proba(Sentences.of([sentence[: step + 1]]).batch())[0]
        np.testing.assert_allclose(every[step], alone, rtol=0, atol=1e-12)


@given(st.lists(VECTORS, min_size=1, max_size=4), st.floats(1e-3, 1e3))
def test_a_clipped_gradient_keeps_its_direction_and_has_at_most_the_longest_norm(
    grads: list[npt.NDArray[np.float64]], limit: float
) -> None:
    before = np.concatenate(grads)
    norm = clip_by_global_norm(grads, limit)
    after = np.concatenate(grads)
    assert norm == pytest.approx(np.linalg.norm(before))
    np.testing.assert_allclose(after, before * min(1, limit / norm if norm else 1), rtol=1e-9)


@given(VECTORS, VECTORS, VECTORS, RATES)
def test_two_steps_of_sgd_are_the_step_of_their_sum(
    start: npt.NDArray[np.float64],
    first: npt.NDArray[np.float64],
    second: npt.NDArray[np.float64],
    rate: float,
) -> None:
    apart, together = SGD(start.copy(), rate), SGD(start.copy(), rate)
    apart.step(first)
    apart.step(second)
    together.step(first + second)
    np.testing.assert_allclose(apart.theta, together.theta, rtol=0, atol=1e-9)


@given(st.lists(VECTORS, min_size=1, max_size=5), RATES, st.floats(0, 0.99))
def test_a_running_mean_is_the_classical_momentum_at_a_smaller_rate(
    grads: list[npt.NDArray[np.float64]], rate: float, momentum: float
) -> None:
    mean = Momentum(np.zeros(5), rate, momentum)
    classical = ClassicalMomentum(np.zeros(5), rate * (1 - momentum), momentum)
    plain = SGD(np.zeros(5), rate)
    still = ClassicalMomentum(np.zeros(5), rate, 0.0)
    for grad in grads:
        for optimizer in (mean, classical, plain, still):
            optimizer.step(grad)
    np.testing.assert_allclose(mean.theta, classical.theta, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(still.theta, plain.theta)


@given(CASES, st.randoms())
def test_scores_do_not_depend_on_the_order_and_count_every_example_once(
    cases: list[tuple[list[float], int]], random: np.random.Generator
) -> None:
    shuffled = list(cases)
    random.shuffle(shuffled)
    first, second = (
        evaluate(
            np.array([log_probs for log_probs, _ in some]),
            np.array([label for _, label in some]),
            ("a", "b", "c", "d", "e"),
        )
        for some in (cases, shuffled)
    )
    assert first.confusion == second.confusion
    assert first.macro_f1 == second.macro_f1
    assert sum(map(sum, first.confusion)) == len(cases)
    assert first.accuracy * len(cases) == pytest.approx(np.trace(first.confusion))
    assert all(0 <= x <= 1 for s in first.per_emoji for x in (s.precision, s.recall, s.f1))
