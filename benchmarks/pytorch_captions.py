"""PyTorch's side of captions: the same encoder and decoder, written as its users write them.

As in `pytorch.py`, sentences and lines are tensors of ids before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from emojify.nn.arrays import Floats, Ints
from emojify.nn.decoding import LONGEST
from emojify.nn.gates import by_gate
from pytorch import CELLS, Deal, Encoder, descent

# Which of our gates is each of PyTorch's, and its sign: PyTorch's update gate is 1 - ours.
_GATES = {
    "rnn": [(0, 1)],
    "lstm": [(2, 1), (1, 1), (3, 1), (0, 1)],
    "gru": [(0, 1), (1, -1), (2, 1)],
}


class Captioner(nn.Module):
    """An encoder, and a decoder of the same cell and width that starts from its last state.

    Args:
        cell: both recurrent layers.
        table: ``(V, D)`` the word vectors, which are not trained.
        hidden: H.
        emoji: K. Token K starts a line and ends it, token K + 1 is padding.
        width: M, of a token's vector.
        mode: of the encoder; lines are padded.
    """

    def __init__(
        self, cell: str, table: Floats, hidden: int, emoji: int, width: int, mode: str
    ) -> None:
        super().__init__()
        self.cell, self.edge, self.padding = cell, emoji, emoji + 1
        self.encoder = Encoder(cell, table, hidden, mode)
        self.first = nn.Linear(hidden, hidden)
        self.tokens = nn.Embedding(emoji + 2, width, padding_idx=self.padding)
        self.decoder = CELLS[cell](width, hidden, batch_first=True)
        self.output = nn.Linear(hidden, emoji + 1)

    def forward(self, sentences: Sequence[torch.Tensor], before: torch.Tensor) -> torch.Tensor:
        """Return the logits ``(B, T, K + 1)`` of what follows each of the tokens ``(B, T)``."""
        every, _ = self.decoder(self.tokens(before), self.start(sentences))
        return self.output(every)

    def start(
        self, sentences: Sequence[torch.Tensor], is_sorted: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """Return the decoder's states before the first token."""
        h_0 = self.first(self.encoder(sentences, is_sorted))[None]
        return (h_0, torch.zeros_like(h_0)) if self.cell == "lstm" else h_0

    @torch.no_grad()
    def take(self, weights: Mapping[str, Floats]) -> None:
        """Become the network of a model of ours, given its weights by name.

        Its encoder reads forwards alone, and a GRU's reset gate stands where PyTorch has it.
        """
        for part, layer in (("encoder", self.encoder.recurrent), ("decoder", self.decoder)):
            W, U, b = (self._theirs(weights[f"{part}.{name}"]) for name in "WUb")
            past = torch.zeros_like(b)
            if self.cell == "gru":
                past[-layer.hidden_size :] = torch.from_numpy(weights[f"{part}.bh"])
            for own, theirs in zip(layer.parameters(), (W, U, b, past), strict=True):
                own.copy_(theirs)
        self.tokens.weight[: self.padding] = torch.from_numpy(weights["decoder.E"])
        for affine, end in ((self.first, "f"), (self.output, "y")):
            affine.weight.copy_(torch.from_numpy(weights[f"decoder.W{end}"].T))
            affine.bias.copy_(torch.from_numpy(weights[f"decoder.b{end}"]))

    def _theirs(self, ours: Floats) -> torch.Tensor:
        """Bring our ``(…, G·H)`` into PyTorch's ``(G·H, …)``."""
        gates = _GATES[self.cell]
        blocks = by_gate(ours, len(gates))
        return torch.from_numpy(np.concatenate([sign * blocks[gate].T for gate, sign in gates]))


def epochs(
    model: Captioner, sentences: Sequence[Ints], lines: Sequence[Ints], deal: Deal, size: int
) -> Callable[[], None]:
    """Return a call that trains for an epoch; each further call trains for the next."""
    texts = [torch.from_numpy(sentence) for sentence in sentences]
    whole = [torch.tensor([model.edge, *line, model.edge]) for line in lines]
    cost = nn.CrossEntropyLoss(ignore_index=model.padding)

    def loss(chosen: Ints) -> torch.Tensor:
        places = chosen.tolist()
        tokens = pad_sequence(
            [whole[i] for i in places], batch_first=True, padding_value=model.padding
        )
        logits = model([texts[i] for i in places], tokens[:, :-1])
        return cost(logits.flatten(0, 1), tokens[:, 1:].flatten())

    return descent(model, loss, np.array([len(text) for text in texts]), deal, size)


@torch.no_grad()
def captions(
    model: Captioner, sentences: Sequence[torch.Tensor], emoji: Sequence[str], is_sorted: bool
) -> list[str]:
    """Write lines greedily, in batches of 256: of sentences as given, or the longest first.

    As ours, a line has at least one emoji, none twice, and at most ten.
    """
    order = range(len(sentences))
    if is_sorted:
        order = sorted(order, key=lambda i: -len(sentences[i]))
    found = [""] * len(sentences)
    for start in range(0, len(order), 256):
        chosen = order[start : start + 256]
        written = _written(model, [sentences[i] for i in chosen], is_sorted)
        for i, tokens in zip(chosen, written.tolist(), strict=True):
            end = tokens.index(model.edge) if model.edge in tokens else len(tokens)
            found[i] = "".join(emoji[token] for token in tokens[:end])
    return found


def _written(model: Captioner, sentences: Sequence[torch.Tensor], is_sorted: bool) -> torch.Tensor:
    """Return ``(B, T)``, the likeliest token after those before it, until all lines have ended."""
    state = model.start(sentences, is_sorted)
    tokens = torch.full((len(sentences), 1), model.edge)
    is_excluded = torch.zeros(len(sentences), model.edge + 1, dtype=torch.bool)
    has_ended = torch.zeros(len(sentences), 1, dtype=torch.bool)
    is_excluded[:, model.edge] = True
    written = []
    while len(written) < LONGEST and not has_ended.all():
        every, state = model.decoder(model.tokens(tokens), state)
        logits = model.output(every[:, 0]).masked_fill(is_excluded, -torch.inf)
        tokens = logits.argmax(dim=1, keepdim=True)
        written.append(tokens)
        has_ended |= tokens == model.edge
        is_excluded.scatter_(1, tokens, True)
        is_excluded[:, model.edge] = False
    return torch.cat(written, dim=1)
