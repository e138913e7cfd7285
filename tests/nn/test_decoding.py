"""Lines found and drawn: from a network that knows what follows what, and against all lines."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.decoder import Decoder
from emojify.nn.decoding import Line, sample, search
from emojify.nn.params import Params

ONE = np.zeros((1, 1))  # the features of a sentence, where they do not matter


def chain(follows: np.ndarray) -> Decoder:
    """A decoder for which a token's probabilities depend on the token before, and on nothing else.

    Args:
        follows: ``(K + 1, K + 1)``, the probabilities of each token after each token.
    """
    tokens = len(follows)
    params = Params(Decoder.shapes(new_cell("rnn"), 1, tokens, tokens - 1, tokens), np.float64)
    params["E"][...] = np.eye(tokens)
    params["W"][...] = np.eye(tokens) * 50  # tanh makes ones of it, whose U is zero: no past
    params["Wy"][...] = np.log(np.maximum(follows, 1e-30))
    return Decoder(new_cell("rnn"), params)


def new_decoder(cell: str, seed: int, emoji: int = 3) -> Decoder:
    params = Params(Decoder.shapes(new_cell(cell), 2, 4, emoji, 3), np.float64)
    params.theta[:] = np.random.default_rng(seed).normal(0, 1, params.theta.shape)
    return Decoder(new_cell(cell), params)


def one_after_another(*tokens: int) -> np.ndarray:
    follows = np.zeros((len(tokens), len(tokens)))
    for before, after in zip([tokens[-1], *tokens], tokens, strict=False):
        follows[before, after] = 1
    return follows


def every_line(decoder: Decoder, features: np.ndarray, longest: int) -> list[Line]:
    """Every line there is, the likeliest first; of equal ones, that with the lower tokens."""
    lines = [t for n in range(1, longest + 1) for t in permutations(range(decoder.edge), n)]
    packed = Sentences.of([[*line, decoder.edge] for line in lines]).batch()
    log_probs = decoder.log_proba(np.repeat(features, len(lines), axis=0), packed)
    of_tokens = log_probs[np.arange(len(packed.ids)), packed.ids]
    totals = np.zeros(len(lines))
    np.add.at(totals, packed.sentences, of_tokens)
    scores = packed.in_given_order(totals).tolist()
    return sorted(map(Line, lines, scores), key=lambda line: (-line.log_proba, line.tokens))


def test_what_was_chosen_is_fed_back() -> None:
    decoder = chain(one_after_another(2, 0, 3, 1, 4))
    [[line]] = search(decoder, ONE)
    assert line.tokens == (2, 0, 3, 1)
    assert line.log_proba == pytest.approx(0, abs=1e-12)
    [drawn] = sample(decoder, ONE, [np.random.default_rng(0)])
    assert drawn.tokens == (2, 0, 3, 1)


def test_a_wider_beam_finds_a_likelier_line_behind_an_unlikely_beginning() -> None:
    follows = np.array(
        [
            [0.0, 0.5, 0.5, 0.0],  # after 0 all is open
            [0.0, 0.0, 0.0, 1.0],
            [0.0, 0.0, 0.0, 1.0],  # after 2 the line ends
            [0.6, 0.0, 0.4, 0.0],
        ]
    )
    [[greedy]] = search(chain(follows), ONE)
    [[best, second, third]] = search(chain(follows), ONE, beam=3)
    assert greedy.tokens == (0, 1)
    assert np.exp(greedy.log_proba) == pytest.approx(0.3)
    assert best.tokens == (2,)
    assert np.exp(best.log_proba) == pytest.approx(0.4)
    assert [second.tokens, third.tokens] == [(0, 1), (0, 2)]  # equally likely: the lower first


@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(CELLS)), st.integers(1, 3))
def test_a_beam_for_all_beginnings_finds_the_likeliest_of_all_lines(
    seed: int, cell: str, longest: int
) -> None:
    decoder = new_decoder(cell, seed)
    features = np.random.default_rng(seed).normal(size=(1, 2))
    expected = every_line(decoder, features, longest)
    [found] = search(decoder, features, beam=40, longest=longest)
    assert [line.tokens for line in found] == [line.tokens for line in expected]
    np.testing.assert_allclose(
        [line.log_proba for line in found], [line.log_proba for line in expected], atol=1e-9
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 6))
def test_no_line_is_empty_too_long_or_has_a_token_twice(seed: int, beam: int, longest: int) -> None:
    decoder = new_decoder("gru", seed, emoji=5)
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(4, 2))
    lines = [line for found in search(decoder, features, beam, longest) for line in found]
    lines += sample(decoder, features, [rng] * 4, 2.0, longest)
    for line in lines:
        assert 1 <= len(line.tokens) <= min(longest, 5)
        assert len({*line.tokens}) == len(line.tokens)
        assert line.log_proba <= 0


def test_sentences_do_not_see_each_other() -> None:
    decoder = new_decoder("lstm", 5)
    features = np.random.default_rng(1).normal(size=(6, 2))
    together = search(decoder, features, beam=2)
    alone = [search(decoder, features[i : i + 1], beam=2)[0] for i in range(6)]
    assert [[line.tokens for line in found] for found in together] == [
        [line.tokens for line in found] for found in alone
    ]


@pytest.mark.parametrize("beam", [1, 3])
def test_of_equally_likely_tokens_the_lower_is_first(beam: int) -> None:
    [found] = search(chain(np.full((4, 4), 0.25)), ONE, beam, longest=2)
    # A line of one emoji has (1/4)², of two (1/4)³; the greedy one does not know this yet.
    assert found[0].tokens == ((0, 1) if beam == 1 else (0,))


def test_lines_are_drawn_as_often_as_they_are_likely() -> None:
    follows = np.array([[0, 0.3, 0.7], [0, 0, 1], [0.8, 0.2, 0]])
    rngs = [np.random.default_rng(seed) for seed in range(4000)]
    drawn = Counter(line.tokens for line in sample(chain(follows), np.zeros((4000, 1)), rngs))
    expected = {(0,): 0.8 * 0.7, (0, 1): 0.8 * 0.3, (1,): 0.2}
    assert drawn.keys() == expected.keys()
    for line, probability in expected.items():
        assert drawn[line] / 4000 == pytest.approx(probability, abs=0.03)


def test_a_low_temperature_draws_what_is_likeliest_and_a_high_one_anything() -> None:
    decoder = chain(np.array([[0, 0, 1], [0, 0, 1], [0.6, 0.4, 0]]))
    features = np.zeros((500, 1))

    def share(temperature: float) -> float:
        rngs = [np.random.default_rng(seed) for seed in range(500)]
        lines = sample(decoder, features, rngs, temperature)
        return sum(line.tokens[0] == 0 for line in lines) / 500

    assert share(0.02) == 1
    assert share(50) == pytest.approx(0.5, abs=0.07)


def test_what_is_drawn_depends_on_the_seed_and_not_on_the_others() -> None:
    decoder, features = new_decoder("rnn", 3), np.random.default_rng(1).normal(size=(5, 2))

    def drawn(chosen: list[int]) -> list[Line]:
        rngs = [np.random.default_rng([7, i]) for i in chosen]
        return sample(decoder, features[chosen], rngs)

    together = drawn([0, 1, 2, 3, 4])
    for i, line in enumerate(together):
        [alone] = drawn([i])
        assert alone.tokens == line.tokens
