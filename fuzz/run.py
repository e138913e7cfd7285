"""Give changed inputs to the readers, a number of runs each, and print the counts last.

    make fuzz
    make fuzz RUNS=2500000
    python fuzz/run.py csv yaml --runs 100000 --seed 7
    python fuzz/run.py csv --replay fuzz/corpus/csv-crash-5fb9f0

A run is one input given to a reader. Every target runs in a process of its own, watched by
atheris, which keeps an input that reaches code that no other did: in fuzz/corpus, where the next
run starts from. A finding ends its target; the input that led to it is kept there as well, and
becomes a row of the ordinary tests once it is mended.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from harness import TARGETS, target_class

SHARED_MEMORY = Path("/dev/shm")
_UNITS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


class Count(NamedTuple):
    """What became of a target: its runs, the seconds they took, and whether it was found wrong."""

    target: str
    runs: int
    seconds: float
    failed: bool


def fuzz(name: str, runs: int, seed: int, corpus: Path) -> None:
    """Run one target in this process, which ends with it."""
    import atheris

    # Only what is ours is watched, so that the fuzzer looks for its branches and stays fast.
    with atheris.instrument_imports(include=["emojify"]):
        new_target = target_class(name)
    with scratch_folder() as folder:
        target = new_target(folder)
        for number, data in enumerate(target.seeds()):
            (corpus / f"seed-{number:02}").write_bytes(data)
        arguments = [
            f"-runs={runs}", f"-seed={seed}", f"-max_len={target.max_length}",
            f"-artifact_prefix={corpus.parent}/{name}-", "-timeout=20", "-print_final_stats=1",
            "-verbosity=0", "-len_control=0", str(corpus),
        ]  # fmt: skip

        def mutate(data: bytes, max_size: int, seed: int) -> bytes:
            return target.mutate(data, max_size, seed, atheris.Mutate)

        atheris.Setup([sys.argv[0], *arguments], target, custom_mutator=mutate)
        atheris.Fuzz()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for the file of a target, in memory where there is such a thing."""
    fast = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="emojify-fuzz-", dir=fast) as scratch:
        folder = Path(scratch) / "x"
        folder.mkdir()
        yield folder


def counted(name: str, runs: int, seed: int, folder: Path) -> Count:
    """Run one target in a process of its own and say what became of it."""
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, __file__, name, "--runs", str(runs), "--seed", str(seed)]
    begun = time.monotonic()
    done = subprocess.run(
        [*command, "--corpus", str(corpus)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - begun
    units = _UNITS.search(done.stdout)
    if done.returncode:
        print(done.stdout)
    return Count(name, int(units[1]) if units else 0, seconds, bool(done.returncode))


def main() -> int:
    """Run the targets; the exit code is 1 if there was a finding."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    which = f"only these of {', '.join(TARGETS)}"
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET", help=which)
    parser.add_argument("--runs", type=int, default=20_000, help="runs of each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "corpus")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run this input alone")
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if unknown := set(given.targets) - set(TARGETS):
        parser.error(f"found {', '.join(sorted(unknown))}; expected {which}")
    if given.replay:
        with scratch_folder() as folder:
            target_class(given.targets[0])(folder)(given.replay.read_bytes())
        return 0
    if given.corpus:
        fuzz(given.targets[0], given.runs, given.seed, given.corpus)
    counts = [counted(name, given.runs, given.seed, given.folder) for name in given.targets]
    for name, runs, seconds, failed in counts:
        rate = f"{runs:>10,} runs  {seconds:>6,.0f} s  {runs / seconds:>6,.0f} a second"
        print(f"{name:10} {rate}{'  FOUND SOMETHING, see above' * failed}")
    print(f"{'all':10} {sum(count.runs for count in counts):>10,} runs")
    return int(any(count.failed for count in counts))


if __name__ == "__main__":
    sys.exit(main())
