"""PyTorch's side of a comparison: the same network, written as its users write it.

Sentences are tensors of word ids before anything is timed: PyTorch is never charged for text, nor
for a `DataLoader`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import deal_by_length

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
MODES = ("padded", "packed")
_LEARNING_RATE = 0.1
# From the lengths of sentences, the size of a batch and a source of chance, to batches.
Deal: TypeAlias = Callable[[Ints, int, np.random.Generator], list[Ints]]


class Encoder(nn.Module):
    """Embedding and recurrent layer, of which the state after the last real word is wanted.

    Args:
        cell: the recurrent layer.
        table: ``(V, D)`` the word vectors.
        hidden: H.
        mode: ``padded`` runs over padding and picks the last real step; ``packed`` has PyTorch
            pack the batch.
        tune: whether the word vectors are trained.
        sparse: whether their gradient is a sparse tensor.
    """

    def __init__(
        self,
        cell: str,
        table: Floats,
        hidden: int,
        mode: str,
        tune: bool = False,
        sparse: bool = False,
    ) -> None:
        super().__init__()
        weights = torch.from_numpy(table.copy() if tune else table)
        self.embedding = nn.Embedding.from_pretrained(weights, freeze=not tune, sparse=sparse)
        self.recurrent = CELLS[cell](table.shape[1], hidden, batch_first=True)
        self.packed = mode == "packed"

    def forward(self, sentences: Sequence[torch.Tensor], is_sorted: bool = False) -> torch.Tensor:
        """Return the states ``(B, H)``; ``is_sorted`` says that the longest come first."""
        lengths = torch.tensor([len(sentence) for sentence in sentences])
        X = self.embedding(pad_sequence(list(sentences), batch_first=True))
        if self.packed:
            X = pack_padded_sequence(X, lengths, batch_first=True, enforce_sorted=is_sorted)
            _, state = self.recurrent(X)
            return (state[0] if isinstance(state, tuple) else state)[-1]
        states, _ = self.recurrent(X)
        return states[torch.arange(len(sentences)), lengths - 1]


class Classifier(nn.Module):
    """An encoder and an affine layer for K = ``classes``; the rest as of :class:`Encoder`."""

    def __init__(
        self,
        cell: str,
        table: Floats,
        hidden: int,
        classes: int,
        mode: str,
        tune: bool = False,
        sparse: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = Encoder(cell, table, hidden, mode, tune, sparse)
        self.output = nn.Linear(hidden, classes)

    def forward(self, sentences: Sequence[torch.Tensor], is_sorted: bool = False) -> torch.Tensor:
        """Return the logits ``(B, K)``; ``is_sorted`` says that the longest come first."""
        return self.output(self.encoder(sentences, is_sorted))


def shuffled(lengths: Ints, size: int, rng: np.random.Generator) -> list[Ints]:
    """Deal sentences out into batches by chance alone."""
    order = rng.permutation(len(lengths))
    return [order[i : i + size] for i in range(0, len(order), size)]


def bucketed(lengths: Ints, size: int, rng: np.random.Generator) -> list[Ints]:
    """Deal sentences out as emojify does."""
    return deal_by_length(lengths, size, rng)


def epochs(
    model: Classifier,
    sentences: Sequence[Ints],
    labels: Ints,
    deal: Deal,
    size: int,
    *,
    momentum: float = 0.9,
    clip_norm: float | None = 5.0,
) -> Callable[[], None]:
    """Return a call that trains for an epoch; each further call trains for the next."""
    tensors = [torch.from_numpy(sentence) for sentence in sentences]
    targets = torch.from_numpy(labels)
    cost = nn.CrossEntropyLoss()

    def loss(chosen: Ints) -> torch.Tensor:
        return cost(model([tensors[i] for i in chosen.tolist()]), targets[chosen])

    lengths = np.array([len(sentence) for sentence in sentences])
    return descent(model, loss, lengths, deal, size, momentum=momentum, clip_norm=clip_norm)


def descent(
    model: nn.Module,
    loss_of: Callable[[Ints], torch.Tensor],
    lengths: Ints,
    deal: Deal,
    size: int,
    *,
    momentum: float = 0.9,
    clip_norm: float | None = 5.0,
) -> Callable[[], None]:
    """Return a call that trains for an epoch by SGD, given the loss of chosen sentences."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.SGD(weights, _LEARNING_RATE, momentum)
    rng = np.random.default_rng(1)

    def epoch() -> None:
        total = 0.0
        for chosen in deal(lengths, size, rng):
            loss = loss_of(chosen)
            optimizer.zero_grad()
            loss.backward()
            if clip_norm is not None:
                clip_grad_norm_(weights, clip_norm)
            optimizer.step()
            total += loss.item() * len(chosen)

    return epoch


def answers(
    model: Classifier, sentences: Sequence[torch.Tensor], emoji: Sequence[str], is_sorted: bool
) -> list[str]:
    """Answer sentences with emoji, in batches of 256: as given, or the longest first."""
    order = range(len(sentences))
    if is_sorted:
        order = sorted(order, key=lambda i: -len(sentences[i]))
    found = [""] * len(sentences)
    with torch.no_grad():
        for start in range(0, len(order), 256):
            chosen = order[start : start + 256]
            best = model([sentences[i] for i in chosen], is_sorted).argmax(dim=1)
            for i, k in zip(chosen, best.tolist(), strict=True):
                found[i] = emoji[k]
    return found
