"""Encoder and decoder: gradients, the loss by other formulas, lines that are learnt by heart."""

from __future__ import annotations

import numpy as np
import pytest

from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, Cell, new_cell
from emojify.nn.decoder import Decoder
from emojify.nn.decoding import search
from emojify.nn.optim import ClassicalMomentum
from emojify.nn.params import Params
from emojify.nn.seq2seq import Seq2Seq
from tests.nn.test_gradients import ALL_CELLS, central_differences, relative_error

V, D, H, M, K = 9, 4, 5, 3, 4
EDGE = K
SENTENCES = [[1, 2, 3], [4], [2, 2, 5, 6, 7, 8, 0], [1, 3, 5, 7], [8, 6, 4, 2, 0, 1, 2], [3, 3]]
# Ragged as well, with tokens that stand in several lines, and twice in one.
LINES = [[0, EDGE], [2, 1, 0, EDGE], [1, 1, EDGE], [3, 2, 1, 0, 3, EDGE], [2, EDGE], [3, 1, EDGE]]

WIRINGS = [(c, *w) for c in ALL_CELLS for w in ((True, False), (False, False), (False, True))]


def names(wiring: tuple[Cell, bool, bool]) -> str:
    cell, mean, both = wiring
    after = "-after" if getattr(cell, "reset_after", False) else ""
    return f"{type(cell).__name__}{after}{'-mean' * mean}{'-both' * both}"


@pytest.fixture(params=WIRINGS, ids=names)
def network(request: pytest.FixtureRequest) -> Seq2Seq:
    cell, mean, both = request.param
    rng = np.random.default_rng(3)
    network = Seq2Seq(
        cell, rng.normal(size=(V, D)), H, K, M, mean, tune=True, dtype=np.float64,
        bidirectional=both,
    )  # fmt: skip
    network.params.theta[:] = rng.normal(0, 0.6, network.params.theta.shape)
    return network


def new_decoder(cell: Cell, features: int = D) -> tuple[Decoder, Params]:
    params = Params(Decoder.shapes(cell, features, H, K, M), np.float64)
    params.theta[:] = np.random.default_rng(5).normal(0, 0.6, params.theta.shape)
    return Decoder(cell, params), params


def test_weights_that_are_no_numbers_have_no_hits_and_no_loss(network: Seq2Seq) -> None:
    network.params.theta[:] = np.nan
    judged = network.judge(Sentences.of(SENTENCES).batch(), Sentences.of(LINES).batch())
    assert judged.hits == 0
    assert np.isnan(judged.log_probs).all()


def test_every_weight_has_the_gradient_of_central_differences(network: Seq2Seq) -> None:
    batch, lines = Sentences.of(SENTENCES).batch(), Sentences.of(LINES).batch()
    kept = np.random.default_rng(8).integers(0, 2, (len(LINES), network.features)) + 0.5

    def loss() -> float:
        return network.loss_and_grad(batch, lines, kept)[0]

    _, of_words = network.loss_and_grad(batch, lines, kept)
    found = {name: grad.copy() for name, grad in network.params.grads.items()}
    for name, weight in network.params.values.items():
        expected = central_differences(weight, loss)
        assert np.linalg.norm(expected) > 1e-3, f"{name} has no gradient to check"
        assert relative_error(found[name], expected) <= 1e-6, name
    table = network.embedding.table
    of_table = np.zeros((V, D))
    of_table[of_words.rows] = of_words.values
    assert relative_error(of_table, central_differences(table, loss)) <= 1e-6


@pytest.mark.parametrize("cell", ALL_CELLS, ids=lambda cell: names((cell, False, False)))
def test_the_decoder_alone_has_the_gradient_of_central_differences(cell: Cell) -> None:
    decoder, params = new_decoder(cell)
    lines = Sentences.of(LINES).batch()
    features = np.random.default_rng(6).normal(size=(len(LINES), D))

    def loss() -> float:
        return decoder.loss_and_grad(features, lines)[0]

    _, d_features = decoder.loss_and_grad(features, lines)
    found = {name: grad.copy() for name, grad in params.grads.items()}
    for name, weight in params.values.items():
        assert relative_error(found[name], central_differences(weight, loss)) <= 1e-6, name
    assert relative_error(d_features, central_differences(features, loss)) <= 1e-6


def test_a_line_of_two_steps_worked_by_hand() -> None:
    """One feature, one hidden unit, one emoji (token 0) and the edge (token 1)."""
    params = Params(Decoder.shapes(new_cell("rnn"), 1, 1, 1, 1), np.float64)
    for name, value in {
        "Wf": [[1.0]], "bf": [0.1], "E": [[-1.0], [1.0]],
        "W": [[0.5]], "U": [[0.8]], "b": [0.0], "Wy": [[1.0, -1.0]], "by": [0.2, 0.0],
    }.items():  # fmt: skip
        params[name][...] = value
    decoder = Decoder(new_cell("rnn"), params)
    # h0 = 0.5 · 1 + 0.1 = 0.6
    # h1 = tanh(0.5 · 1 + 0.8 · 0.6) = tanh(0.98) = 0.753066
    # h2 = tanh(0.5 · -1 + 0.8 h1) = tanh(0.102453) = 0.102096
    # The emoji's logit minus the edge's is 0.2 + 2 h: 1.706132, then 0.404192.
    # p1 = sigmoid(1.706132) = 0.846334, p2 = sigmoid(-0.404192) = 0.400306
    loss, d_features = decoder.loss_and_grad(np.array([[0.5]]), Sentences.of([[0, 1]]).batch())
    assert loss == pytest.approx(0.166841 + 0.915527, abs=2e-6)  # -log p1 - log p2
    # By that difference, the loss has the slope p1 - 1 = -0.153666, then 1 - p2 = 0.599694; and
    # by h twice that.
    # dz2 = 2 · 0.599694 (1 - h2²) = 1.199389 · 0.989576 = 1.186887
    # dz1 = (2 · -0.153666 + 0.8 dz2) (1 - h1²) = 0.642177 · 0.432892 = 0.277993
    # dh0 = 0.8 dz1 = 0.222395
    expected = {
        "by": [0.446028, -0.446028],  # -0.153666 + 0.599694
        "Wy": [[-0.054494, 0.054494]],  # -0.153666 h1 + 0.599694 h2
        "E": [[0.593443], [0.138997]],  # 0.5 dz2 is the emoji's, 0.5 dz1 the edge's
        "W": [[-0.908894]],  # 1 · dz1 - 1 · dz2
        "U": [[1.060600]],  # 0.6 dz1 + h1 dz2
        "b": [1.464880],  # dz1 + dz2
        "Wf": [[0.111197]],  # 0.5 dh0
        "bf": [0.222395],  # dh0
    }
    for name, gradient in expected.items():
        np.testing.assert_allclose(params.grads[name], gradient, rtol=0, atol=2e-6, err_msg=name)
    assert d_features.item() == pytest.approx(0.222395, abs=2e-6)  # 1 · dh0


@pytest.mark.parametrize("cell", CELLS)
def test_a_mask_over_padding_gives_the_same_loss(cell: str) -> None:
    decoder, _ = new_decoder(new_cell(cell))
    features = np.random.default_rng(6).normal(size=(len(LINES), D))
    lines = Sentences.of(LINES).batch()
    longest = max(map(len, LINES))
    wanted = np.array([line + [0] * (longest - len(line)) for line in LINES])
    mask = np.array([[1] * len(line) + [0] * (longest - len(line)) for line in LINES])
    last = np.full(len(LINES), EDGE)
    states, masked = decoder.first_states(features), 0.0
    for t in range(longest):
        log_probs, states = decoder.step(last, states)
        masked -= (mask[:, t] * log_probs[np.arange(len(LINES)), wanted[:, t]]).sum()
        last = wanted[:, t]
    loss, _ = decoder.loss_and_grad(features[lines.order], lines)
    assert loss == pytest.approx(masked / len(LINES), abs=1e-12)


def test_a_token_that_no_line_has_has_no_gradient_and_one_that_is_repeated_has_the_sum() -> None:
    decoder, params = new_decoder(new_cell("gru"))
    features = np.random.default_rng(6).normal(size=(1, D))
    decoder.loss_and_grad(features, Sentences.of([[1, 1, 2, EDGE]]).batch())
    dE = params.grads["E"].copy()
    assert not dE[[0, 3]].any()
    # With a vector of its own for each place, the repeated token's gradient falls apart in two.
    vectors = params["E"].copy()

    def loss() -> float:
        params["E"][...] = vectors
        states, total, last = decoder.first_states(features), 0.0, [EDGE, 1, 3, 2]
        for before, token in zip(last, [1, 1, 2, EDGE], strict=True):
            log_probs, states = decoder.step(np.array([before]), states)
            total -= log_probs[0, token]
        return total

    vectors[3] = vectors[1]  # token 3 stands for the second 1
    both = central_differences(vectors, loss)
    np.testing.assert_allclose(dE[1], both[1] + both[3], rtol=0, atol=1e-8)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_fifty_pairs_are_learnt_by_heart(cell: str) -> None:
    rng = np.random.default_rng(1)
    sentences = Sentences.of([rng.integers(1, 40, rng.integers(2, 9)) for _ in range(50)])
    lines = Sentences.of([[*rng.permutation(8)[: rng.integers(1, 6)], 8] for _ in range(50)])
    network = Seq2Seq(new_cell(cell), rng.normal(size=(40, 12)), 32, 8, 6)
    network.initialize(rng)
    optimizer = ClassicalMomentum(network.params.theta, 0.02, 0.9)
    batch, wanted = sentences.batch(), lines.batch()
    for _ in range(400):
        network.loss_and_grad(batch, wanted)
        optimizer.step(network.params.grad)
    assert network.judge(batch, wanted).hits == 50
    written = [best.tokens for [best] in search(network.decoder, network.read(batch))]
    assert [[*tokens, 8] for tokens in written] == wanted.unpacked()
