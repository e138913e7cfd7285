"""Write what PyTorch computes for our cells, so that the tests can compare without PyTorch.

    pip install -e '.[bench]'
    python scripts/torch_goldens.py

One small file for each cell in ``tests/golden``: weights in our layout, ragged input, and PyTorch's
hidden states and gradients in float64.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

TARGET = Path(__file__).parent.parent / "tests" / "golden"
LENGTHS = (3, 1, 7, 4, 7, 2)
D, H = 4, 5

# Where each of our gates stands among PyTorch's, and its sign: PyTorch's update gate is 1 - ours.
GATES = {
    "rnn": (nn.RNN, [(0, 1)]),
    "lstm": (nn.LSTM, [(3, 1), (1, 1), (0, 1), (2, 1)]),
    "gru": (nn.GRU, [(0, 1), (1, -1), (2, 1)]),
}


def ours(rows: torch.Tensor, gates: list[tuple[int, int]]) -> np.ndarray:
    """Bring PyTorch's ``(G·H, …)`` into our ``(…, G·H)``."""
    blocks = rows.detach().numpy().reshape(len(gates), H, -1)
    return np.concatenate([sign * blocks[place].T for place, sign in gates], axis=1)


def golden(layer: nn.RNNBase, gates: list[tuple[int, int]]) -> dict[str, np.ndarray]:
    """Run a layer forward and backward on ragged sentences."""
    X = torch.randn(len(LENGTHS), max(LENGTHS), D, dtype=torch.float64, requires_grad=True)
    packed = pack_padded_sequence(X, LENGTHS, batch_first=True, enforce_sorted=False)
    output, _ = layer(packed)
    every, _ = pad_packed_sequence(output, batch_first=True)
    d_every = torch.randn_like(every)
    (every * d_every).sum().backward()
    arrays = {
        "lengths": np.array(LENGTHS),
        "X": X.detach().numpy(),
        "H": every.detach().numpy(),
        "dH": d_every.numpy(),
        "dX": X.grad.numpy(),
    }
    for prefix, of in (("", lambda p: p), ("d", lambda p: p.grad)):
        arrays[prefix + "W"] = ours(of(layer.weight_ih_l0), gates)
        arrays[prefix + "U"] = ours(of(layer.weight_hh_l0), gates)
        inner, recurrent = (ours(of(b), gates)[0] for b in (layer.bias_ih_l0, layer.bias_hh_l0))
        # The two biases of PyTorch add up, except where the GRU's reset gate comes between.
        arrays[prefix + "b"] = inner if prefix else inner + recurrent
        if isinstance(layer, nn.GRU):
            arrays[prefix + "bh"] = recurrent[2 * H :]
            arrays[prefix + "b"][2 * H :] = inner[2 * H :]
    return arrays


def main() -> None:
    """Write the files."""
    torch.manual_seed(1)
    for name, (kind, gates) in GATES.items():
        layer = kind(D, H, batch_first=True, dtype=torch.float64)
        np.savez(TARGET / f"torch_{name}.npz", **golden(layer, gates))


if __name__ == "__main__":
    main()
