"""Kill trainings at random moments and resume them; count what was lost.

    make torture
    make torture KILLS=50
    python scripts/torture.py --kills 200 --seed 7

A round is one training: a cell, an optimiser, and a seed. It is run once without disturbance. Then
it is begun again as ``emojify train --resume``, and its process is killed with SIGKILL at a random
moment, again and again, until one run gets to its end. After every kill

- the output must be the older file or the finished one, whole;
- the checkpoint must be whole, and not behind the one before;

and at the end of a round the model must be that of the undisturbed run, byte for byte, with nothing
left beside it.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, product
from pathlib import Path

from emojify import checkpoint
from emojify.data import read_examples
from emojify.errors import EmojifyError
from emojify.nn.cells import CELLS
from emojify.nn.optim import OPTIMIZERS

_EVERY = 300  # one of so many shipped sentences is learnt
_LONGEST_DELAY = 0.08  # seconds after the first checkpoint of a run
_AT_THE_START = 0.25  # the share of runs that are killed before that
OUTPUT = "m.safetensors"


class Lost(Exception):
    """Something is not as the training left it."""


class Round:
    """One training in a folder of its own."""

    def __init__(self, folder: Path, cell: str, optimizer: str, seed: int) -> None:
        self._folder = folder
        self._output = folder / OUTPUT
        self._unfinished = checkpoint.place_for(self._output)
        self._reached = (0, 0)
        self._command = [
            sys.executable, "-m", "emojify", "train", "-f", "-o", OUTPUT,
            "--data", "sentences.csv", "--cell", cell, "--seed", str(seed), "--epochs", "4",
            "--set", f"training.optimizer={optimizer}", "--set", "model.hidden=8",
            "--set", "training.batch_size=10",
        ]  # fmt: skip
        self._write_sentences()
        self._finish("--epochs", "1")
        self._older = self._output.read_bytes()
        self._finish()
        self._undisturbed = self._output.read_bytes()
        self._output.write_bytes(self._older)

    def kill(self, chance: random.Random) -> bool:
        """Go on with the training and kill it; say whether it came to its end before.

        Raises:
            Lost: something is not as it should be.
        """
        before = self._stamp()
        process = subprocess.Popen(
            [*self._command, "--resume", "--checkpoint-every", "0"],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if chance.random() < _AT_THE_START:
            time.sleep(chance.uniform(0, 0.5))
        else:
            while process.poll() is None and self._stamp() == before:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, _LONGEST_DELAY))
        process.kill()
        _, said = process.communicate()
        if process.returncode not in (0, -9):
            raise Lost(f"exit code {process.returncode}: {said.decode()}")
        self._check()
        if process.returncode == 0:
            return True
        is_finished = not self._unfinished.exists() and self._is_undisturbed()
        if is_finished:  # killed on its last steps; what it left is removed by the next
            self._finish("--resume")
        return is_finished

    def check_end(self) -> None:
        """Hold the model against that of the undisturbed run.

        Raises:
            Lost: it is another one, or something is left beside it.
        """
        if not self._is_undisturbed():
            raise Lost("another model than without the kills")
        if left := {path.name for path in self._folder.iterdir()} - {OUTPUT, "sentences.csv"}:
            raise Lost(f"left behind: {', '.join(left)}")

    def _check(self) -> None:
        if self._output.read_bytes() not in (self._older, self._undisturbed):
            raise Lost("the output is neither the older model nor the finished one")
        if self._unfinished.exists():
            try:
                progress = checkpoint.load(self._unfinished).progress
            except EmojifyError as error:
                raise Lost(str(error)) from None
            reached = len(progress["history"]), progress.get("pass", {}).get("step", 0)
            if reached < self._reached:
                raise Lost(f"back at {reached} after {self._reached}")
            self._reached = reached

    def _is_undisturbed(self) -> bool:
        return self._output.read_bytes() == self._undisturbed

    def _stamp(self) -> int:
        try:
            return self._unfinished.stat().st_ino
        except FileNotFoundError:
            return 0

    def _finish(self, *more: str) -> None:
        subprocess.run([*self._command, *more], cwd=self._folder, check=True, capture_output=True)

    def _write_sentences(self) -> None:
        examples = read_examples("five-train")
        rows = zip(examples.texts[::_EVERY], examples.emoji[::_EVERY], strict=True)
        with (self._folder / "sentences.csv").open("w", encoding="utf-8") as file:
            file.writelines(
                f'"{text.replace(chr(34), chr(34) * 2)}",{emoji}\n' for text, emoji in rows
            )


def torture(kills: int, seed: int) -> Iterator[tuple[str, int]]:
    """Kill trainings until so many were killed and the last of them is at its end.

    Yields:
        After every round its name, and how often it was killed.

    Raises:
        Lost: something is not as it should be.
    """
    chance = random.Random(seed)
    done = 0
    for number, (optimizer, cell) in enumerate(cycle(product(OPTIMIZERS, CELLS))):
        if done >= kills:
            return
        with tempfile.TemporaryDirectory() as folder:
            training = Round(Path(folder), cell, optimizer, seed + number)
            here = 0
            while not training.kill(chance):
                here += 1
            training.check_end()
        done += here
        yield f"{cell} with {optimizer}", here


def main() -> int:
    """Print a line for every round, and the counts last."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    begun = time.monotonic()
    try:
        for name, kills in torture(options.kills, options.seed):
            counts["kills"] += kills
            counts["trainings"] += 1
            print(f"{name}: {kills} kills, the same model", flush=True)
    except Lost as lost:
        print(f"LOST after {counts['kills']} kills: {lost}")
        return 1
    print(
        f"{counts['kills']} kills in {counts['trainings']} trainings, nothing lost, every model "
        f"identical to that of an undisturbed run ({time.monotonic() - begun:.0f} s)"
    )
    return 0


if __name__ == "__main__":
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    sys.exit(main())
