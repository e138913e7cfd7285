"""One training epoch: emojify, PyTorch, our matrix products alone, and the seed's algorithm.

All sides train the same network (frozen 50-d vectors, 5 emoji) on the same 2,048 sentences of 1 to
30 words, with the same batch size and the same number of threads (ours: `training.threads`).

- Ours: an epoch as `emojify train` runs it, with its own optimiser (momentum, clipping), its own
  batches of about equally long sentences, and its look at 256 sentences at the end.
- PyTorch: `nn.Embedding.from_pretrained`, `nn.RNN`, `nn.LSTM` or `nn.GRU`, `nn.Linear` on the state
  after the last real word, `CrossEntropyLoss`, SGD with momentum, `clip_grad_norm_`; padded and
  packed, of which the faster counts. First with shuffled batches, as its users have them, then with
  batches that emojify deals out for it.
- Products: every matrix product of an epoch of ours, noted beforehand, and nothing else.
- Seed: step by step, gate by gate, padded, float64; its batches are padded beforehand.

Not timed: reading and encoding text, and the first epoch of each.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import measure
import ours
import products
import seed_algorithm
import sentences
from measure import OURS, Aim, Options, Pair, Report, Row, Times, duration

CLASSES = len(sentences.EMOJI)
THREADS = (1, 2)
PRODUCTS, SEED = "products", "seed"
SHUFFLED, BUCKETED = "shuffled", "bucketed"
_BUDGET = 6.0  # seconds for each case; slow ones take three rounds whatever it costs


@dataclass(frozen=True)
class Case:
    """A network, a batch size and a number of threads."""

    cell: str
    hidden: int
    batch_size: int
    threads: int

    @property
    def network(self) -> str:
        """The case but for its threads."""
        return f"{self.cell.upper()}, H = {self.hidden}, B = {self.batch_size}"

    def __str__(self) -> str:
        return f"{self.network}, {measure.in_threads(self.threads)}"


class Corpus:
    """The sentences, as each side wants them."""

    def __init__(self, count: int, folder: Path) -> None:
        natural = sentences.natural(count)
        self.csv = natural.write(folder / "natural.csv")
        self.labels = natural.labels
        self.ids = natural.ids()
        self.table = sentences.float32_table()


def sides(case: Case, corpus: Corpus) -> dict[str, Callable[[], object]]:
    """Return the contenders of a case by name; those of PyTorch only if it is installed."""
    cell, hidden, size = case.cell, case.hidden, case.batch_size
    contenders: dict[str, Callable[[], object]] = {
        OURS: ours.epochs(cell, hidden, size, corpus.csv)
    }
    if measure.installed("torch"):
        import pytorch

        deals = {SHUFFLED: pytorch.shuffled, BUCKETED: pytorch.bucketed}
        for deal, mode in itertools.product(deals, pytorch.MODES):
            model = pytorch.Classifier(cell, corpus.table, hidden, CLASSES, mode)
            contenders[f"{deal} {mode}"] = pytorch.epochs(
                model, corpus.ids, corpus.labels, deals[deal], size
            )
    if case.threads == 1:
        learnt = (corpus.table, corpus.ids, corpus.labels)
        contenders[PRODUCTS] = products.epochs(cell, hidden, size, *learnt)
        contenders[SEED] = seed_algorithm.epochs(cell, hidden, size, *learnt)
    return contenders


def measure_training(options: Options) -> Report:
    """Time all contenders of all cases."""
    widths, sizes = ((64, 128), (32,)) if options.quick else ((64, 128, 256), (32, 128))
    networks = list(itertools.product(("rnn", "lstm", "gru"), widths, sizes))
    cases = [Case(*network, threads) for threads in THREADS for network in networks]
    measured: dict[Case, Times] = {}
    with tempfile.TemporaryDirectory() as folder:
        corpus = Corpus(512 if options.quick else 2048, Path(folder))
        for case in cases:
            measure.note(f"training: {case}")
            with measure.threads(case.threads):
                measured[case] = measure.in_turn(sides(case, corpus), options, 3, _BUDGET)
    count, words = len(corpus.ids), sum(map(len, corpus.ids))
    return Report(
        f"One training epoch: {count:,} sentences, {words:,} words, frozen 50-d vectors",
        rows=rows(measured),
        details={
            f"Every case, {measure.in_threads(threads)}": [
                detail(case, times) for case, times in measured.items() if case.threads == threads
            ]
            for threads in THREADS
        },
        seconds={str(case): times.seconds for case, times in measured.items()},
    )


def rows(measured: Mapping[Case, Times]) -> list[Row]:
    """Make the rows of the table."""
    on_one = {case: times for case, times in measured.items() if case.threads == 1}
    wide = {case: times for case, times in on_one.items() if case.hidden >= 128}
    narrow = {case: times for case, times in on_one.items() if case.hidden < 128}
    shuffled, bucketed = pairs(measured, SHUFFLED), pairs(measured, BUCKETED)
    as_users, as_we = "PyTorch, shuffled batches", "PyTorch, our length-bucketed batches"
    alone, course = "our matrix products alone", "the seed's algorithm"
    return [
        measure.mean_row("training", as_users, shuffled, Aim("≥", 2.5)),
        measure.weakest_row("training", as_users, shuffled, Aim("≥", 1.6)),
        measure.mean_row("training", as_we, bucketed, Aim("≥", 1.4)),
        measure.weakest_row("training", as_we, bucketed, Aim("≥", 1.1)),
        measure.weakest_row("training, H ≥ 128", alone, pairs(wide, PRODUCTS), Aim("≤", 1.3)),
        measure.weakest_row("training, H = 64", alone, pairs(narrow, PRODUCTS), Aim("≤", 1.8)),
        measure.mean_row("training, 1 thread", course, pairs(on_one, SEED), Aim("≥", 15)),
        measure.weakest_row("training, 1 thread", course, pairs(on_one, SEED), Aim("≥", 15)),
    ]


def pairs(measured: Mapping[Case, Times], contender: str) -> list[Pair | None]:
    """Compare ours with the fastest side of a contender in every case."""
    return [t.pair(str(case), t.fastest(contender)) for case, t in measured.items()]


def detail(case: Case, times: Times) -> dict[str, str]:
    """Return a row of the table of all cases: times, and in parentheses the ratios.

    A ratio is theirs to ours, but ours to that of our products.
    """
    cells = {"network": case.network, "ours": duration(times.median(OURS))}
    for contender, title in (
        (SHUFFLED, "PyTorch, shuffled"),
        (BUCKETED, "PyTorch, bucketed"),
        (PRODUCTS, "products"),
        (SEED, "seed"),
    ):
        side = times.fastest(contender)
        pair = times.pair("", side)
        if side and pair:
            ratio = 1 / pair.ratio if contender == PRODUCTS else pair.ratio
            mode = side.removeprefix(contender)
            cells[title] = f"{duration(pair.theirs)}{mode} ({ratio:.2f}×)"
        elif case.threads == 1 or contender in (SHUFFLED, BUCKETED):
            cells[title] = measure.ABSENT
    return cells


if __name__ == "__main__":
    measure.main(measure_training)
