"""Write what PyTorch computes for our networks, so that the tests can compare without PyTorch.

    pip install -e '.[bench]'
    python scripts/torch_goldens.py

Two small files for each cell in ``tests/golden``, in float64 and with the weights in our layout:
``torch_CELL.npz`` has ragged input of a layer and PyTorch's hidden states and gradients,
``torch_caption_CELL.npz`` ragged sentences and lines of an encoder and a decoder, and PyTorch's
loss, log-probabilities and gradients.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

TARGET = Path(__file__).parent.parent / "tests" / "golden"
LENGTHS = (3, 1, 7, 4, 7, 2)
D, H = 4, 5

# Captions, of which some words and tokens stand in several, some twice in one and some in none.
SENTENCES = [[1, 2, 3], [4], [2, 2, 5, 6, 8, 0, 1], [1, 3, 5, 8], [8, 6, 4, 2, 0], [3, 3]]
LINES = [[0], [2, 1, 0], [1, 1], [2, 1, 0, 1, 2], [2], [1, 2]]
V, K, M = 9, 4, 3
NOTHING = -1  # where a sentence or a line has ended

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
    for gradients, prefix in ((False, ""), (True, "d")):
        for name, array in of_layer(layer, gates, gradients).items():
            arrays[prefix + name] = array
    return arrays


def of_layer(
    layer: nn.RNNBase, gates: list[tuple[int, int]], gradients: bool
) -> dict[str, np.ndarray]:
    """Return a layer's weights, or their gradients, by our names."""
    W, U, inner, recurrent = (ours(p.grad if gradients else p, gates) for p in layer.parameters())
    (inner,), (recurrent,) = inner, recurrent
    # The two biases of PyTorch add up, except where the GRU's reset gate comes between.
    b = inner if gradients else inner + recurrent
    arrays = {"W": W, "U": U, "b": b}
    if isinstance(layer, nn.GRU):
        arrays["bh"] = recurrent[2 * H :]
        b[2 * H :] = inner[2 * H :]
    return arrays


class Captioning(nn.Module):
    """The wiring of :class:`emojify.nn.seq2seq.Seq2Seq`, of PyTorch's layers."""

    def __init__(self, kind: type[nn.RNNBase]) -> None:
        super().__init__()
        self.words = nn.Embedding(V, D)
        self.encoder = kind(D, H, batch_first=True)
        self.first = nn.Linear(H, H)
        self.tokens = nn.Embedding(K + 1, M)
        self.decoder = kind(M, H, batch_first=True)
        self.output = nn.Linear(H, K + 1)

    def forward(self, sentences: torch.Tensor, lines: torch.Tensor) -> torch.Tensor:
        """Return the log-probabilities ``(B, T, K + 1)``, of places behind a line's end as well."""
        lengths = (sentences != NOTHING).sum(dim=1)
        X = self.words(sentences.clamp(min=0))
        packed = pack_padded_sequence(X, lengths, batch_first=True, enforce_sorted=False)
        _, last = self.encoder(packed)
        if isinstance(self.encoder, nn.LSTM):
            h_0 = self.first(last[0])
            initial = (h_0, torch.zeros_like(h_0))
        else:
            initial = self.first(last)
        starts = torch.full((len(lines), 1), K)
        before = torch.cat([starts, lines[:, :-1].clamp(min=0)], dim=1)
        every, _ = self.decoder(self.tokens(before), initial)
        return self.output(every).log_softmax(dim=-1)

    def by_our_names(self, gates: list[tuple[int, int]], gradients: bool) -> dict[str, np.ndarray]:
        """Return all weights, or their gradients."""

        def of(parameter: torch.Tensor) -> np.ndarray:
            return (parameter.grad if gradients else parameter).detach().numpy()

        arrays = {"table": of(self.words.weight)}
        for part, layer in (("encoder", self.encoder), ("decoder", self.decoder)):
            for name, array in of_layer(layer, gates, gradients).items():
                arrays[f"{part}.{name}"] = array
        return arrays | {
            "decoder.Wf": of(self.first.weight).T,
            "decoder.bf": of(self.first.bias),
            "decoder.E": of(self.tokens.weight),
            "decoder.Wy": of(self.output.weight).T,
            "decoder.by": of(self.output.bias),
        }


def golden_captions(kind: type[nn.RNNBase], gates: list[tuple[int, int]]) -> dict[str, np.ndarray]:
    """Run an encoder and a decoder forward and backward on ragged sentences and lines."""
    network = Captioning(kind).double()
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.6)  # so that every gate leaves its linear part
    sentences, lines = padded(SENTENCES), padded([[*line, K] for line in LINES])
    log_probs = network(sentences, lines)
    of_tokens = nn.functional.nll_loss(
        log_probs.flatten(0, 1), lines.flatten(), ignore_index=NOTHING, reduction="sum"
    )
    loss = of_tokens / len(lines)
    loss.backward()
    arrays = {
        "sentences": sentences.numpy(),
        "lines": lines.numpy(),
        "log_probs": log_probs.detach().numpy(),
        "loss": loss.detach().numpy(),
    }
    weights, gradients = (network.by_our_names(gates, gradients) for gradients in (False, True))
    return arrays | weights | {f"d{name}": gradient for name, gradient in gradients.items()}


def padded(rows: list[list[int]]) -> torch.Tensor:
    """Fill rows up to the longest."""
    return pad_sequence([torch.tensor(row) for row in rows], True, NOTHING)


def main() -> None:
    """Write the files."""
    torch.manual_seed(1)
    for name, (kind, gates) in GATES.items():
        layer = kind(D, H, batch_first=True, dtype=torch.float64)
        np.savez(TARGET / f"torch_{name}.npz", **golden(layer, gates))
    for name, (kind, gates) in GATES.items():
        np.savez(TARGET / f"torch_caption_{name}.npz", **golden_captions(kind, gates))


if __name__ == "__main__":
    main()
