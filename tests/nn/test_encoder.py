"""Sentences to features: what each pool reads off the states, in one direction and in both."""

from __future__ import annotations

import numpy as np
import pytest

from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.encoder import Encoder
from emojify.nn.params import Params
from emojify.nn.pool import POOLS, Max
from emojify.nn.recurrent import Recurrent

D, H = 4, 5
SENTENCES = [[1, 2, 3], [4], [2, 2, 5, 6, 7, 0], [1, 3]]
BY_HAND = {
    "last": lambda states: states[-1],
    "mean": lambda states: states.mean(axis=0),
    "max": lambda states: states.max(axis=0),
}


def new_encoder(cell: str, pool: str, bidirectional: bool) -> tuple[Encoder, Params]:
    params = Params(Encoder.shapes(new_cell(cell), D, H, bidirectional), np.float64)
    params.theta[:] = np.random.default_rng(3).normal(0, 0.6, params.theta.shape)
    return Encoder(new_cell(cell), params, POOLS[pool], bidirectional), params


def states_of(cell: str, params: Params, X: np.ndarray) -> np.ndarray:
    batch = Sentences.of([range(len(X))]).batch()
    return Recurrent(new_cell(cell), params).forward(X, batch)[0].copy()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_features_are_read_off_the_states_of_each_sentence(
    cell: str, pool: str, bidirectional: bool
) -> None:
    encoder, params = new_encoder(cell, pool, bidirectional)
    table = np.random.default_rng(4).normal(size=(9, D))
    batch = Sentences.of(SENTENCES).batch()
    features = encoder.forward(table[batch.ids], batch).features
    assert features.shape == (len(SENTENCES), encoder.width(H, bidirectional))
    for words, found in zip(SENTENCES, batch.in_given_order(features), strict=True):
        X = table[words]
        expected = [BY_HAND[pool](states_of(cell, params.part(""), X))]
        if bidirectional:
            expected.append(BY_HAND[pool](states_of(cell, params.part("back."), X[::-1])))
        np.testing.assert_allclose(found, np.concatenate(expected), rtol=0, atol=1e-12)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_distinct_words_are_read_as_each_word_by_itself(bidirectional: bool) -> None:
    encoder, _ = new_encoder("lstm", "max", bidirectional)
    table = np.random.default_rng(4).normal(size=(9, D))
    batch = Sentences.of(SENTENCES).batch()
    distinct, words = np.unique(batch.ids, return_inverse=True)
    by_itself = encoder.forward(table[batch.ids], batch).features.copy()
    together = encoder.forward(table[distinct], batch, words).features
    np.testing.assert_allclose(together, by_itself, rtol=0, atol=1e-12)


def test_equal_largest_states_share_the_gradient() -> None:
    batch = Sentences.of([[0, 0, 0], [0]]).batch()
    states = np.array([[1.0], [5.0], [7.0], [7.0]])  # of the sentence 1 7 7, and of the sentence 5
    pooled = Max().forward(states, batch)
    assert pooled.ravel().tolist() == [7.0, 5.0]
    d_every = Max().backward(states, pooled, np.array([[3.0], [2.0]]), batch).d_every
    assert d_every is not None
    assert d_every.ravel().tolist() == [0.0, 2.0, 1.5, 1.5]


def test_only_the_last_state_of_one_direction_answers_word_by_word() -> None:
    reads_on = {
        (pool, both): new_encoder("rnn", pool, both)[0].reads_on
        for pool in POOLS
        for both in (False, True)
    }
    assert [network for network, does in reads_on.items() if does] == [("last", False)]
