"""Our cells against PyTorch's, in float64; ``scripts/torch_goldens.py`` wrote what to expect."""

from pathlib import Path

import numpy as np
import pytest

from emojify.nn.batch import Sentences
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.params import Params
from emojify.nn.recurrent import Recurrent

GOLDEN = Path(__file__).parent.parent / "golden"


GOLDENS = {path.stem.removeprefix("torch_"): path for path in sorted(GOLDEN.glob("torch_*.npz"))}


def test_there_is_a_golden_file_for_each_cell_that_pytorch_has() -> None:
    assert {"rnn", "lstm", "gru"} <= GOLDENS.keys() <= CELLS.keys()


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
    alive = np.arange(lengths.max())[:, None] < lengths[batch.order]

    def packed(padded: np.ndarray) -> np.ndarray:
        return padded[batch.order].swapaxes(0, 1)[alive]

    H, tape = layer.forward(packed(golden["X"]), batch)
    np.testing.assert_allclose(H, packed(golden["H"]), rtol=0, atol=1e-12)
    dX, _ = layer.backward(tape, d_every=packed(golden["dH"]), with_inputs=True)
    np.testing.assert_allclose(dX, packed(golden["dX"]), rtol=0, atol=1e-12)
    for weight in weights:
        assert np.abs(golden["d" + weight]).max() > 1e-3
        np.testing.assert_allclose(params.grads[weight], golden["d" + weight], rtol=0, atol=1e-12)
