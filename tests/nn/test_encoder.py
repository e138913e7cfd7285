"""Sentences to features: the last state of one direction, or of both."""

from __future__ import annotations

import numpy as np
import pytest

from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.encoder import Encoder
from emojify.nn.params import Params
from emojify.nn.recurrent import Recurrent

D, H = 4, 5
SENTENCES = [[1, 2, 3], [4], [2, 2, 5, 6, 7, 0], [1, 3]]


def new_encoder(cell: str, bidirectional: bool) -> tuple[Encoder, Params]:
    params = Params(Encoder.shapes(new_cell(cell), D, H, bidirectional), np.float64)
    params.theta[:] = np.random.default_rng(3).normal(0, 0.6, params.theta.shape)
    return Encoder(new_cell(cell), params, bidirectional), params


def last_state(cell: str, params: Params, X: np.ndarray) -> np.ndarray:
    batch = Sentences.of([range(len(X))]).batch()
    return Recurrent(new_cell(cell), params).forward(X, batch)[0][-1].copy()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_features_are_the_last_states_of_each_sentence(cell: str, bidirectional: bool) -> None:
    encoder, params = new_encoder(cell, bidirectional)
    table = np.random.default_rng(4).normal(size=(9, D))
    batch = Sentences.of(SENTENCES).batch()
    features = encoder.forward(table[batch.ids], batch).features
    assert features.shape == (len(SENTENCES), encoder.width(H, bidirectional))
    for words, found in zip(SENTENCES, batch.in_given_order(features), strict=True):
        expected = [last_state(cell, params.part(""), table[words])]
        if bidirectional:
            expected.append(last_state(cell, params.part("back."), table[words[::-1]]))
        np.testing.assert_allclose(found, np.concatenate(expected), rtol=0, atol=1e-12)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_distinct_words_are_read_as_each_word_by_itself(bidirectional: bool) -> None:
    encoder, _ = new_encoder("lstm", bidirectional)
    table = np.random.default_rng(4).normal(size=(9, D))
    batch = Sentences.of(SENTENCES).batch()
    distinct, words = np.unique(batch.ids, return_inverse=True)
    by_itself = encoder.forward(table[batch.ids], batch).features.copy()
    together = encoder.forward(table[distinct], batch, words).features
    np.testing.assert_allclose(together, by_itself, rtol=0, atol=1e-12)
