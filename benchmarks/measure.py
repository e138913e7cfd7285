"""What all benchmarks share: sides timed in turn, rows with aims, tables, and the machine.

A benchmark is a script with a function that takes :class:`Options` and returns a :class:`Report`;
:func:`main` makes a command of it::

    python benchmarks/start_up.py            prints its table
    python benchmarks/start_up.py --quick    a smoke run: few rounds, little data, no aims judged
"""

from __future__ import annotations

import argparse
import contextlib
import contextvars
import gc
import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ABSENT = "absent"
OURS = "ours"
_REST = 0.05  # seconds; threads of the side before have gone to sleep by then
_threads = contextvars.ContextVar("threads", default=1)
_DISTRIBUTIONS = ("emojify-rnn", "numpy", "torch", "gensim", "fasttext-numpy2-wheel")


@dataclass(frozen=True)
class Options:
    """How thorough a run is to be.

    Attributes:
        quick: a smoke run, whose figures say little.
        full: with the work that takes too long for every day.
        folder: where pictures are written.
    """

    quick: bool = False
    full: bool = False
    folder: Path = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Pair:
    """Two sides of one case.

    Attributes:
        case: what was done.
        ours: our median, in seconds.
        theirs: the other side's.
        ratio: how many times as long as we it takes: the median over the rounds.
    """

    case: str
    ours: float
    theirs: float
    ratio: float


@dataclass(frozen=True)
class Times:
    """Seconds of each side, one for each round."""

    seconds: Mapping[str, list[float]]

    def median(self, side: str) -> float:
        """Return the median of a side's rounds."""
        return statistics.median(self.seconds[side])

    def fastest(self, prefix: str) -> str | None:
        """Return, of the sides whose names begin so, the one with the lowest median, if any."""
        sides = [side for side in self.seconds if side.startswith(prefix)]
        return min(sides, key=self.median, default=None)

    def pair(self, case: str, theirs: str | None, ours: str = OURS) -> Pair | None:
        """Compare a side with ours, round by round; ``None`` if there is no such side."""
        if theirs not in self.seconds:
            return None
        rounds = zip(self.seconds[theirs], self.seconds[ours], strict=True)
        ratio = statistics.median(other / own for other, own in rounds)
        return Pair(case, self.median(ours), self.median(theirs), ratio)


def in_turn(
    sides: Mapping[str, Callable[[], object]],
    options: Options,
    rounds: int = 3,
    budget: float = 0.0,
    warm_up: bool = True,
) -> Times:
    """Time every side once in each round, so that a slow moment of the machine meets all alike.

    Garbage is collected before a side is timed, and the collector stays on while it runs, as it
    does for its users.

    Args:
        sides: calls by name.
        options: a quick run has one round.
        rounds: how many there are at least.
        budget: seconds; while they last there are further rounds, up to four times as many.
        warm_up: whether each side is called once before, untimed.
    """
    for work in sides.values() if warm_up else ():
        work()
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    begun = time.perf_counter()
    for done in range(1 if options.quick else 4 * rounds):
        if done >= rounds and time.perf_counter() - begun > budget:
            break
        for side, work in sides.items():
            gc.collect()
            time.sleep(_REST)
            start = time.perf_counter()
            work()
            seconds[side].append(time.perf_counter() - start)
    return Times(seconds)


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """Let both sides use so many threads: the only place where this is decided.

    PyTorch is told by its own function; what our side does with them is :func:`threads_of_ours`.
    NumPy's BLAS has one thread, as the command line sets it up.
    """
    from threadpoolctl import threadpool_limits

    if installed("torch"):
        import torch

        torch.set_num_threads(count)
    token = _threads.set(count)
    with threadpool_limits(1, user_api="blas"):
        yield
    _threads.reset(token)


def threads_of_ours() -> int:
    """Return how many threads a training of ours is to use, the setting ``training.threads``."""
    return _threads.get()


def process(*command: str | Path, stdin: Path | None = None) -> Callable[[], object]:
    """Make a call that runs a command to its end in a process of its own."""

    def run() -> None:
        with (stdin or Path(os.devnull)).open("rb") as source:
            subprocess.run(command, check=True, stdin=source, capture_output=True)

    return run


def emojify_command() -> Path:
    """Return the ``emojify`` that belongs to this Python."""
    return Path(sys.executable).parent / "emojify"


def peak_memory(*command: str | Path, stdin: Path | None = None) -> float:
    """Run a command and return the most memory it held at once, in MB.

    A process inherits the peak of the one that starts it, so a bare Python in between does that.
    """
    watcher = (
        "import os, sys\n"
        "child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)\n"
        "_, status, used = os.wait4(child, 0)\n"
        "print(used.ru_maxrss, file=sys.stderr)\n"
        "sys.exit(os.waitstatus_to_exitcode(status))\n"
    )
    with (stdin or Path(os.devnull)).open("rb") as source:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", watcher, *command],
            check=True,
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    peak = int(done.stderr.split()[-1])
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def installed(module: str) -> bool:
    """Whether a peer is there to be measured."""
    return importlib.util.find_spec(module) is not None


def note(text: str) -> None:
    """Tell on stderr how far a benchmark has come."""
    print(text, file=sys.stderr, flush=True)


def geometric_mean(ratios: Iterable[float]) -> float:
    """Return the mean that ratios have."""
    return math.exp(statistics.fmean(map(math.log, ratios)))


def duration(seconds: float) -> str:
    """Write a time with the unit that suits it."""
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def in_threads(count: int) -> str:
    """Write a number of threads."""
    return f"{count} thread" + "s" * (count > 1)


@dataclass(frozen=True)
class Aim:
    """A bound for a figure, and its unit."""

    relation: str
    bound: float
    unit: str = "×"

    def met_by(self, figure: float) -> bool:
        """Whether a figure is on the right side of the bound."""
        return figure >= self.bound if self.relation == "≥" else figure <= self.bound

    def __str__(self) -> str:
        return f"{self.relation} {self.bound:g}{_spaced(self.unit)}"


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        work: what was done.
        against: what it is compared with.
        ours: our time or memory, as it is to be printed.
        theirs: that of the other side, or ``absent``.
        figure: the ratio of the two, or our figure itself if the aim has a unit; ``None`` if
            there is nothing to compare with.
        aim: what the figure is to reach, if anything.
    """

    work: str
    against: str
    ours: str
    theirs: str
    figure: float | None
    aim: Aim | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; ``None`` without an aim or a figure."""
        return None if self.aim is None or self.figure is None else self.aim.met_by(self.figure)

    def cells(self) -> dict[str, str]:
        """Return the row as it is printed."""
        unit = self.aim.unit if self.aim else "×"
        figure = "–" if self.figure is None else f"{self.figure:.3g}{_spaced(unit)}"
        met = {True: "yes", False: "**no**", None: "–"}[self.met]
        return {
            "work": self.work,
            "against": self.against,
            "ours": self.ours,
            "theirs": self.theirs,
            "ratio": figure,
            "aim": str(self.aim or "–"),
            "met": met,
        }


def row(work: str, against: str, pair: Pair | None, aim: Aim | None = None) -> Row:
    """Make a row of one pair: their time to ours, but ours to theirs if we are to keep up."""
    if pair is None:
        return Row(work, against, "–", ABSENT, None, aim)
    figure = 1 / pair.ratio if aim and aim.relation == "≤" else pair.ratio
    return Row(work, against, duration(pair.ours), duration(pair.theirs), figure, aim)


def mean_row(work: str, against: str, pairs: Iterable[Pair | None], aim: Aim | None = None) -> Row:
    """Make a row of the geometric means of many pairs."""
    pairs = list(filter(None, pairs))
    if not pairs:
        return row(work, against, None, aim)
    means = Pair(
        "",
        geometric_mean(pair.ours for pair in pairs),
        geometric_mean(pair.theirs for pair in pairs),
        geometric_mean(pair.ratio for pair in pairs),
    )
    return row(f"{work}, geometric mean of {len(pairs)} cases", against, means, aim)


def weakest_row(
    work: str, against: str, pairs: Iterable[Pair | None], aim: Aim | None = None
) -> Row:
    """Make a row of the pair in which we stand worst."""
    pairs = list(filter(None, pairs))
    if not pairs:
        return row(f"{work}, weakest case", against, None, aim)
    worst = min(pairs, key=lambda pair: pair.ratio)
    return row(f"{work}, weakest of {len(pairs)} cases: {worst.case}", against, worst, aim)


@dataclass
class Report:
    """What a benchmark found.

    Attributes:
        title: what it measured.
        rows: those of the table.
        details: further tables by title, each a list of rows with the same columns.
        remarks: what a reader of the rows should know.
        seconds: every time that was taken, by what was done and by side.
    """

    title: str
    rows: list[Row] = field(default_factory=list)
    details: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    seconds: dict[str, Mapping[str, list[float]]] = field(default_factory=dict)

    def markdown(self) -> str:
        """Return the tables as Markdown."""
        plain = self.plain()
        rows = [row["printed"] for row in plain["rows"]]
        return "\n\n".join([*([table(rows)] if rows else []), with_details(plain)])

    def plain(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        rows = [asdict(row) | {"met": row.met, "printed": row.cells()} for row in self.rows]
        return asdict(self) | {"rows": rows}


def with_details(plain: Mapping[str, Any]) -> str:
    """Return a report's title, remarks and further tables as Markdown."""
    parts = [f"### {plain['title']}", *plain["remarks"]]
    for title, rows in plain["details"].items():
        parts += [f"#### {title}", table(rows)]
    return "\n\n".join(parts)


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows with the same columns as a Markdown table."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(row.values() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> dict[str, str]:
    """Describe the machine, what else it is doing, the versions and the day."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": f"{_processor()}, {os.cpu_count()} threads",
        "busy with other work": f"{os.getloadavg()[0]:.1f} threads on average in the minute before",
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "Python": platform.python_version(),
        **{name: _version(name) for name in _DISTRIBUTIONS},
    }


def main(measure: Callable[[Options], Report]) -> None:
    """Run one benchmark as a command."""
    parser = argparse.ArgumentParser(description=sys.modules[measure.__module__].__doc__)
    add_arguments(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    report = measure(Options(given.quick, given.full, given.folder))
    print(report.markdown())
    if given.json:
        given.json.write_text(json.dumps(report.plain(), ensure_ascii=False), encoding="utf-8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that all benchmarks have."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="a smoke run")
    parser.add_argument("--full", action="store_true", help="10 million rows in memory.py")
    parser.add_argument("--folder", type=Path, default=Options.folder, help="for pictures")


def _spaced(unit: str) -> str:
    return unit if unit == "×" else f" {unit}"


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ABSENT


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
