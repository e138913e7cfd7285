"""The whole network of captions: words in, a line of emoji out."""

from __future__ import annotations

from copy import copy

import numpy as np
import numpy.typing as npt

from emojify.nn.arrays import Floats, Ints, Shape
from emojify.nn.batch import PackedBatch, Sentences
from emojify.nn.cells import Cell
from emojify.nn.decoder import Decoder
from emojify.nn.decoding import search
from emojify.nn.embedding import Embedding, Table
from emojify.nn.encoder import Encoder, Mean
from emojify.nn.network import Judged, RowGradient
from emojify.nn.params import Params

_ENCODER, _DECODER = "encoder.", "decoder."  # before the names of their weights


class Seq2Seq:
    """Embedding, encoder and decoder, wired to write a line for every sentence.

    ::

        X = table[ids]                     (N, D)
        features = Encoder(X) or Mean(X)   (B, F)
        line = Decoder(features)           tokens, one after another

    Encoder and decoder are trained together: the gradient of the line flows through the decoder's
    first state into the features, and from there into every word (Sutskever et al. 2014; Cho et
    al. 2014).

    Args:
        cell: the recurrent cell, of encoder and decoder.
        table: ``(V, D)`` word vectors, row 0 the unknown word. Trained in place if ``tune``.
        hidden: H, the width of the hidden states.
        emoji: K.
        width: M, that of an emoji's vector.
        mean: whether the features are the mean of the word vectors, without an encoder.
        tune: whether the word vectors are trained.
        dtype: the type everything is computed in.
        bidirectional: whether the encoder also reads every sentence backwards.
    """

    def __init__(
        self,
        cell: Cell,
        table: Table,
        hidden: int,
        emoji: int,
        width: int,
        mean: bool = False,
        tune: bool = False,
        dtype: npt.DTypeLike = np.float32,
        bidirectional: bool = False,
    ) -> None:
        shapes = self.shapes(cell, table.shape[1], hidden, emoji, width, mean, bidirectional)
        self.params = Params(shapes, dtype)
        self.embedding = Embedding(table, tune)
        of_encoder = self.params.part(_ENCODER)
        self.encoder = Mean() if mean else Encoder(cell, of_encoder, bidirectional)
        self.decoder = Decoder(cell, self.params.part(_DECODER))

    @staticmethod
    def shapes(
        cell: Cell,
        inputs: int,
        hidden: int,
        emoji: int,
        width: int,
        mean: bool = False,
        bidirectional: bool = False,
    ) -> dict[str, Shape]:
        """Return the shapes of all weights, by name, for D = ``inputs``."""
        of_encoder: dict[str, Shape] = {}
        features = inputs
        if not mean:
            of_encoder = Encoder.shapes(cell, inputs, hidden, bidirectional)
            features = Encoder.width(hidden, bidirectional)
        of_decoder = Decoder.shapes(cell, features, hidden, emoji, width)
        parts = (_ENCODER, of_encoder), (_DECODER, of_decoder)
        return {f"{part}{name}": shape for part, shapes in parts for name, shape in shapes.items()}

    @property
    def features(self) -> int:
        """F, how many numbers the decoder starts from."""
        return len(self.decoder.params["Wf"])

    @property
    def products(self) -> int:
        """How many multiplications a state costs in a step, G·H²."""
        return self.decoder.params["U"].size

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw all weights anew; the word vectors stay."""
        self.encoder.initialize(rng)
        self.decoder.initialize(rng)

    def cool(self, temperature: float) -> None:
        """Divide the logits by a temperature from now on; see :meth:`Softmax.cool`."""
        self.decoder.cool(temperature)

    def twin(self) -> Seq2Seq:
        """Return a network with the same weights, one array for both, for another thread."""
        twin = copy(self)
        twin.params = self.params.twin()
        twin.encoder = self.encoder.twin(twin.params.part(_ENCODER))
        twin.decoder = Decoder(self.decoder.cell, twin.params.part(_DECODER))
        return twin

    @staticmethod
    def targets(lines: Sentences, chosen: Ints | slice = slice(None)) -> PackedBatch:
        """Return what :meth:`loss_and_grad` is to be given of the chosen lines."""
        return lines.batch(chosen)

    def loss_and_grad(
        self, batch: PackedBatch, lines: PackedBatch, kept: Floats | None = None
    ) -> tuple[float, RowGradient | None]:
        """Compute the mean cross-entropy of lines and all gradients.

        Args:
            batch: the sentences.
            lines: their tokens, each line with the edge behind it; sentences and lines are packed
                each in an order of their own.
            kept: ``(B, F)``, in the order of the batch, what each feature is multiplied with: 0
                where it is dropped; all are kept as they are by default.

        Returns:
            The loss in nats, summed over a line and averaged over the sentences, and the gradient
            of the word vectors if they are tuned. All others are in ``params.grad``.
        """
        reading = self.encoder.forward(self._inputs(batch.ids), batch)
        features = reading.features if kept is None else kept * reading.features
        given = batch.in_given_order(features)
        loss, d_sorted = self.decoder.loss_and_grad(given[lines.order], lines)
        d_features = lines.in_given_order(d_sorted)[batch.order]
        if kept is not None:
            d_features *= kept
        dX = self.encoder.backward(reading, d_features, self.embedding.tune)
        if dX is None:
            return loss, None
        return loss, RowGradient(*self.embedding.gradient(batch.ids, dX))

    def log_proba(self, batch: PackedBatch, lines: PackedBatch) -> Floats:
        """Return ``(N, K + 1)``, of every token of ``lines`` given those before it; see there."""
        return self.decoder.log_proba(self.read(batch)[lines.order], lines)

    def read(self, batch: PackedBatch) -> Floats:
        """Return ``(B, F)``, the features of sentences in the order in which they were given."""
        distinct, words = np.unique(batch.ids, return_inverse=True)
        reading = self.encoder.forward(self._inputs(distinct), batch, words)
        return batch.in_given_order(reading.features)

    def judge(self, batch: PackedBatch, lines: PackedBatch) -> Judged:
        """Write a line for each sentence, greedily, and compare with what is right."""
        features = self.read(batch)
        written = search(self.decoder, features)
        right = (tuple(line[:-1]) for line in lines.unpacked())
        # With weights that are no numbers nothing is found, and nothing is a hit.
        pairs = zip(written, right, strict=True)
        hits = sum(line in (best.tokens for best in found) for found, line in pairs)
        log_probs = self.decoder.log_proba(features[lines.order], lines)
        return Judged(log_probs, lines.ids, hits)

    def _inputs(self, ids: Ints) -> Floats:
        X = self.embedding.forward(ids)
        return X.astype(self.params.theta.dtype, copy=False)
