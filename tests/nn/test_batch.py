"""Packing: no padding, and the packed answer is the answer of each sentence alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emojify.nn.batch import Sentences, deal_by_length
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.model import Model

sentences = st.lists(st.lists(st.integers(0, 19), min_size=1, max_size=9), min_size=1, max_size=8)


def new_model(
    cell: str = "lstm",
    reset_after: bool = False,
    bidirectional: bool = False,
) -> Model:
    rng = np.random.default_rng(5)
    model = Model(
        new_cell(cell, reset_after), rng.normal(size=(20, 6)), 7, 4, tune=True, dtype=np.float64,
        bidirectional=bidirectional,
    )  # fmt: skip
    model.initialize(rng)
    return model


def test_packing_is_time_major_longest_first() -> None:
    batch = Sentences.of([[4, 5], [1, 2, 3]]).batch()
    assert batch.ids.tolist() == [1, 4, 2, 5, 3]
    assert batch.counts.tolist() == [2, 2, 1]
    assert batch.order.tolist() == [1, 0]
    assert batch.ids[batch.last].tolist() == [3, 5]


@given(sentences)
def test_turned_around_every_sentence_is_read_from_its_end(
    given_sentences: list[list[int]],
) -> None:
    batch = Sentences.of(given_sentences).batch()
    turned = Sentences.of([words[::-1] for words in given_sentences]).batch()
    assert batch.ids[batch.reverse].tolist() == turned.ids.tolist()
    assert batch.reverse[batch.reverse].tolist() == list(range(len(batch.ids)))


@given(sentences)
def test_packing_keeps_every_word_of_every_sentence(given_sentences: list[list[int]]) -> None:
    batch = Sentences.of(given_sentences).batch()
    read: list[list[int]] = [[] for _ in given_sentences]
    for rows in batch.steps:
        for place, word in enumerate(batch.ids[rows].tolist()):
            read[batch.order[place]].append(word)
    assert read == given_sentences


@given(sentences)
def test_previous_points_to_the_word_before(given_sentences: list[list[int]]) -> None:
    batch = Sentences.of(given_sentences).batch()
    count = len(given_sentences)
    padded = np.concatenate([np.full(count, -1), batch.ids])
    followed: list[tuple[int, int]] = []
    for sentence in given_sentences:
        followed += zip([-1, *sentence], sentence, strict=False)
    found = zip(padded[batch.previous].tolist(), batch.ids.tolist(), strict=True)
    assert sorted(found) == sorted(followed)


@given(st.lists(st.integers(1, 30), max_size=700), st.integers(1, 9), st.integers(0, 99))
def test_every_sentence_is_dealt_once(lengths: list[int], size: int, seed: int) -> None:
    batches = deal_by_length(np.array(lengths, int), size, np.random.default_rng(seed))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(len(batch) <= size for batch in batches)
    assert len(batches) == -(-len(lengths) // size)


def test_sentences_are_dealt_by_length_and_the_batches_in_any_order() -> None:
    lengths = np.random.default_rng(1).permutation(np.repeat(np.arange(1, 11), 16))
    batches = deal_by_length(lengths, 8, np.random.default_rng(2))
    dealt = [set(lengths[batch].tolist()) for batch in batches]
    assert all(len(alike) == 1 for alike in dealt)
    assert dealt != sorted(dealt, key=min)


def test_an_empty_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match="sentence 1 has no words; expected one or more"):
        Sentences.of([[1], []])


@pytest.mark.parametrize(
    "network",
    [
        *((name, False, both) for name in CELLS for both in (False, True)),
        ("gru", True, False),
    ],
    ids=str,
)
@settings(max_examples=25)
@given(given_sentences=sentences)
def test_a_packed_batch_answers_as_each_sentence_alone(
    network: tuple[str, bool, bool], given_sentences: list[list[int]]
) -> None:
    model = new_model(*network)
    together = model.log_proba(Sentences.of(given_sentences).batch())
    alone = [model.log_proba(Sentences.of([s]).batch())[0] for s in given_sentences]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)


def test_the_gradient_of_a_batch_is_the_mean_of_its_sentences() -> None:
    model, ids = new_model(), [[1, 2, 3], [4], [5, 6, 7, 8]]
    labels = np.array([0, 1, 2])
    model.loss_and_grad(Sentences.of(ids).batch(), labels)
    together = model.params.grad.copy()
    alone = []
    for i, sentence in enumerate(ids):
        model.loss_and_grad(Sentences.of([sentence]).batch(), labels[i : i + 1])
        alone.append(model.params.grad.copy())
    np.testing.assert_allclose(together, np.mean(alone, axis=0), rtol=0, atol=1e-12)


@given(st.permutations(range(5)))
def test_the_order_of_the_sentences_changes_nothing(order: list[int]) -> None:
    model = new_model()
    ids = [[1, 2], [3], [4, 5, 6], [7, 8], [9, 1, 2, 3]]
    plain = model.log_proba(Sentences.of(ids).batch())
    shuffled = model.log_proba(Sentences.of([ids[i] for i in order]).batch())
    np.testing.assert_allclose(shuffled, plain[list(order)], rtol=0, atol=1e-12)


def test_many_to_one_is_many_to_many_read_at_the_last_word() -> None:
    model = new_model()
    batch = Sentences.of([[1, 2, 3], [4], [5, 6]]).batch()
    every = model.log_proba_every_step(batch).copy()
    last = batch.in_given_order(every[batch.last])
    np.testing.assert_array_equal(last, model.log_proba(batch))
    prefix = model.log_proba(Sentences.of([[1, 2]]).batch())[0]
    second_word_of_the_longest = 3  # after the three first words
    np.testing.assert_allclose(every[second_word_of_the_longest], prefix, rtol=0, atol=1e-12)
