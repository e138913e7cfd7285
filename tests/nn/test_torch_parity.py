"""Our layers against PyTorch's, in float64; ``scripts/torch_goldens.py`` wrote what to expect."""

from pathlib import Path

import numpy as np
import pytest

from emojify.nn.batch import PackedBatch, Sentences
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.params import Params
from emojify.nn.recurrent import Recurrent
from emojify.nn.seq2seq import Seq2Seq

GOLDEN = Path(__file__).parent.parent / "golden"


def goldens(prefix: str) -> dict[str, Path]:
    """Find the files whose names are the prefix and the name of a cell."""
    found = {path.stem.removeprefix(prefix): path for path in sorted(GOLDEN.glob(f"{prefix}*.npz"))}
    return {name: path for name, path in found.items() if "_" not in name}


GOLDENS = goldens("torch_")
CAPTIONS = goldens("torch_caption_")


@pytest.mark.parametrize("found", [GOLDENS, CAPTIONS], ids=["layers", "captions"])
def test_there_is_a_golden_file_for_each_cell_that_pytorch_has(found: dict[str, Path]) -> None:
    assert {"rnn", "lstm", "gru"} <= found.keys() <= CELLS.keys()


def packed(padded: np.ndarray, batch: PackedBatch) -> np.ndarray:
    """Pack what is in the order in which the sentences were given, ``(B, T, …)``."""
    alive = np.arange(len(batch.counts))[:, None] < batch.lengths
    return padded[batch.order].swapaxes(0, 1)[alive]


@pytest.mark.parametrize("name", GOLDENS)
def test_outputs_and_all_gradients_are_those_of_pytorch(name: str) -> None:
    golden = np.load(GOLDENS[name])
    cell = new_cell(name, reset_after=name == "gru")
    weights = cell.shapes(golden["W"].shape[0], golden["U"].shape[0])
    params = Params(weights, np.float64)
    for weight in weights:
        params[weight][...] = golden[weight]
    layer = Recurrent(cell, params)

    lengths = golden["lengths"]
    batch = Sentences.of([np.zeros(n, int) for n in lengths]).batch()
    H, tape = layer.forward(packed(golden["X"], batch), batch)
    np.testing.assert_allclose(H, packed(golden["H"], batch), rtol=0, atol=1e-12)
    dX, _ = layer.backward(tape, d_every=packed(golden["dH"], batch), with_inputs=True)
    np.testing.assert_allclose(dX, packed(golden["dX"], batch), rtol=0, atol=1e-12)
    for weight in weights:
        assert np.abs(golden["d" + weight]).max() > 1e-3
        np.testing.assert_allclose(params.grads[weight], golden["d" + weight], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CAPTIONS)
def test_captions_have_the_loss_and_all_gradients_of_pytorch(name: str) -> None:
    golden = np.load(CAPTIONS[name])
    (hidden, tokens), width = golden["decoder.Wy"].shape, golden["decoder.E"].shape[1]
    network = Seq2Seq(
        new_cell(name, reset_after=name == "gru"), golden["table"], hidden, tokens - 1, width,
        tune=True, dtype=np.float64,
    )  # fmt: skip
    for weight, value in network.params.values.items():
        value[...] = golden[weight]

    batch, lines = (
        Sentences.of([row[row >= 0] for row in golden[side]]).batch()
        for side in ("sentences", "lines")
    )
    assert len(set(batch.lengths)) > 3 < len(set(lines.lengths))
    log_probs = network.log_proba(batch, lines)
    np.testing.assert_allclose(log_probs, packed(golden["log_probs"], lines), rtol=0, atol=1e-12)
    loss, of_words = network.loss_and_grad(batch, lines)
    assert loss == pytest.approx(golden["loss"], rel=0, abs=1e-12)
    found = {f"d{weight}": grad for weight, grad in network.params.grads.items()}
    found["dtable"] = np.zeros_like(golden["table"])
    found["dtable"][of_words.rows] = of_words.values
    for weight, gradient in found.items():
        assert np.abs(golden[weight]).max() > 1e-3
        np.testing.assert_allclose(gradient, golden[weight], rtol=0, atol=1e-12, err_msg=weight)
