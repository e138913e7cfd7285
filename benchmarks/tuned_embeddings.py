"""Training the word vectors as well: a table of 20,000 words, and whether its size matters.

An LSTM or another network of H = 128 learns the same 2,048 sentences with its word vectors, by
plain SGD without clipping on both sides, because PyTorch's sparse gradients allow no more.

- Ours: an epoch as `emojify train --vectors FILE --set vectors.tune=true` runs it.
- PyTorch: `nn.Embedding` with `sparse=True` and with `sparse=False`, padded and packed, shuffled
  batches; the fastest of the four counts.

For the second question the same sentences are learnt with tables of 2,000 to 200,000 words: each
word id is multiplied, so that the same words lie ever further apart in an ever larger table.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import measure
import ours
import sentences
from emojify.vectors import Vectors
from emojify.vocab import Vocabulary
from measure import OURS, Aim, Options, Report, Times, duration

WORDS = 20_000
HIDDEN, BATCH = 128, 32
SMALLEST, LARGEST = 2_000, 200_000
CLASSES = len(sentences.EMOJI)
_BUDGET = 6.0


def most_frequent() -> Vectors:
    """Return the 20,000 most frequent of the shipped words and their vectors."""
    shipped = sentences.vectors()
    words = Vocabulary.of(shipped.vocabulary.words()[:WORDS])
    return Vectors(words, shipped.matrix[: WORDS + 1].astype(np.float32), "")


def sides(
    cell: str, size: int, natural: sentences.Labelled, folder: Path
) -> dict[str, Callable[[], object]]:
    """Return ours and, if it is installed, PyTorch's four ways."""
    path, vectors = folder / "vectors.safetensors", most_frequent()
    vectors.save(path)
    contenders: dict[str, Callable[[], object]] = {
        OURS: ours.epochs(
            cell, HIDDEN, size, natural.write(folder / "natural.csv"),
            vectors__source=str(path), vectors__tune=True, vectors__learning_rate=0.1,
            training__optimizer="sgd", training__clip_norm=None,
        )
    }  # fmt: skip
    if measure.installed("torch"):
        import pytorch

        ids = natural.ids(vectors.vocabulary)
        for sparse, mode in itertools.product((True, False), pytorch.MODES):
            model = pytorch.Classifier(
                cell, vectors.matrix, HIDDEN, CLASSES, mode, tune=True, sparse=sparse
            )
            contenders[f"PyTorch, sparse={sparse}, {mode}"] = pytorch.epochs(
                model, ids, natural.labels, pytorch.shuffled, size, momentum=0.0, clip_norm=None
            )
    return contenders


def measure_tuning(options: Options) -> Report:
    """Time both questions."""
    natural = sentences.natural(512 if options.quick else 2048)
    cells = ("lstm",) if options.quick else ("rnn", "lstm", "gru")
    report = Report(f"Tuned word vectors, {len(natural.labels):,} sentences, V = {WORDS:,}")
    pairs, details = [], []
    with tempfile.TemporaryDirectory() as folder:
        for threads, cell, size in itertools.product((1, 2), cells, (32, 128)):
            case = f"{cell.upper()}, H = {HIDDEN}, B = {size}, {measure.in_threads(threads)}"
            measure.note(f"tuned word vectors: {case}")
            with measure.threads(threads):
                contenders = sides(cell, size, natural, Path(folder))
                times = measure.in_turn(contenders, options, 3, _BUDGET)
            report.seconds[case] = times.seconds
            pairs.append(times.pair(case, times.fastest("PyTorch")))
            details.append({"case": case} | {s: duration(times.median(s)) for s in times.seconds})
    sizes = by_size(natural, options)
    larger = sizes.pair(f"V = {LARGEST:,}", f"V = {SMALLEST:,}", f"V = {LARGEST:,}")
    against = "PyTorch, sparse or not"
    report.rows = [
        measure.mean_row("tuned word vectors", against, pairs, Aim("≥", 2)),
        measure.weakest_row("tuned word vectors", against, pairs, Aim("≥", 2)),
        measure.row(f"the same, V = {LARGEST:,}", f"ours, V = {SMALLEST:,}", larger, Aim("≤", 1.2)),
    ]
    report.details["Every case"] = details
    report.details["By the number of words in the table, LSTM, 1 thread"] = [
        {side: duration(sizes.median(side)) for side in sizes.seconds}
    ]
    report.seconds["by size"] = sizes.seconds
    return report


def by_size(natural: sentences.Labelled, options: Options) -> Times:
    """Time ours with small and large tables, the same sentences spread over each."""
    first = most_frequent()
    ids = [i % SMALLEST for i in natural.ids(first.vocabulary)]
    contenders = {}
    for count in (SMALLEST, WORDS, LARGEST):
        table = np.random.default_rng(1).standard_normal((count, first.matrix.shape[1]), np.float32)
        spread = [i * (count // SMALLEST) for i in ids]
        contenders[f"V = {count:,}"] = ours.tuned_epochs(
            "lstm", HIDDEN, BATCH, table, spread, natural.labels
        )
    with measure.threads(1):
        return measure.in_turn(contenders, options, 5)


if __name__ == "__main__":
    measure.main(measure_tuning)
