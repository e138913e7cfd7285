"""How good captions are, and how much better than what could be had without a decoder."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from emojify.asking import batches, in_blocks
from emojify.captioner import Caption, Captioner
from emojify.data import Examples
from emojify.emojifier import Emojifier
from emojify.likeness import Likeness, Lines
from emojify.nn.arrays import Floats
from emojify.nn.batch import Sentences
from emojify.nn.encoder import Mean
from emojify.store import TrainedModel
from emojify.text import tokenize

_COMPARED = 1 << 24  # pairs of sentences at once, whose likenesses take 64 MB


@dataclass(frozen=True)
class Judgement:
    """An evaluation of captions.

    Attributes:
        likeness: of what the model wrote.
        perplexity: how many emoji the model wavered between at each place, in the geometric mean,
            when what stands before was right: ``exp`` of the mean cross-entropy of all emoji and
            ends of lines. ``None`` if no line has emoji of the model only.
        by_length: the same of lines of one emoji, of two, and so on, by the number of emoji.
        baselines: the same of what others answer, by their names.
    """

    likeness: Likeness
    perplexity: float | None
    by_length: dict[int, Likeness]
    baselines: dict[str, Likeness]


def judge(
    captioner: Captioner,
    captions: Sequence[Caption],
    examples: Examples,
    baselines: dict[str, Lines],
) -> Judgement:
    """Compare captions, and what others answer, with the right lines of the same sentences."""
    right = [tuple(line.split()) for line in examples.emoji]
    written = [caption.emoji for caption in captions]
    lengths = np.array([len(line) for line in right])
    by_length = {
        int(n): Likeness.of(
            *([side[i] for i in np.flatnonzero(lengths == n)] for side in (written, right))
        )
        for n in np.unique(lengths)
    }
    return Judgement(
        Likeness.of(written, right),
        _perplexity(captioner, examples),
        by_length,
        {name: Likeness.of(lines, right) for name, lines in baselines.items()},
    )


def likeliest(classifier: Emojifier, examples: Examples) -> Lines:
    """Answer with a classifier's likeliest emoji, as many as are right: it is told how many."""
    lengths = [line.count(" ") + 1 for line in examples.emoji]
    predictions = classifier.predict(examples.texts, top_k=max(lengths))
    return [
        tuple(choice.emoji for choice in prediction.top[:length])
        for prediction, length in zip(predictions, lengths, strict=True)
    ]


def nearest(model: TrainedModel, learnt: Examples, examples: Examples) -> Lines:
    """Answer with the line of the learnt sentence whose mean word vector is nearest by angle.

    Of equally near ones it is the first. The vectors are those of the model.
    """
    theirs = np.concatenate(list(_directions(model, learnt.texts)))
    lines: list[tuple[str, ...]] = []
    for ours in _directions(model, examples.texts):
        for some in np.array_split(ours, -(-len(ours) * len(theirs) // _COMPARED)):
            places = (some @ theirs.T).argmax(axis=1)
            lines += [tuple(learnt.emoji[place].split()) for place in places]
    return lines


def _directions(model: TrainedModel, texts: Sequence[str]) -> Iterator[Floats]:
    """Yield the means of the texts' word vectors in blocks, each mean of length 1, or 0."""
    for block in in_blocks(texts):
        sentences = Sentences.of([model.vocabulary.encode(tokenize(text)) for text in block])
        means = np.empty((len(block), model.table.shape[1]), np.float32)
        for chosen in batches(sentences.lengths):
            batch = sentences.batch(chosen)
            X = model.table[batch.ids].astype(np.float32)
            means[chosen] = batch.in_given_order(Mean().forward(X, batch).features)
        sizes = np.linalg.norm(means, axis=1, keepdims=True)
        yield means / np.where(sizes, sizes, 1)


def _perplexity(captioner: Captioner, examples: Examples) -> float | None:
    known = {*captioner.labels.emoji}
    rows = zip(examples.texts, examples.emoji, strict=True)
    kept = [(text, line) for text, line in rows if known.issuperset(line.split())]
    if not kept:
        return None
    texts, lines = zip(*kept, strict=True)
    nats, places = captioner.surprise(replace(examples, texts=texts, emoji=lines))
    return math.exp(min(nats / places, 700.0))
