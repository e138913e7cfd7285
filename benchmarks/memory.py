"""Memory by the number of sentences: it is to stay flat.

`emojify predict` reads sentences from standard input, `emojify train` reads a CSV file and trains
a tiny RNN for one epoch, each as a process of its own. The small input has 100,000 rows, the large
one 1,000,000, and with `--full` 10,000,000; the large one is the small one again and again, so that
both have the same words.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import measure
import sentences
from measure import Aim, Options, Report, Row

TINY = ("model.hidden=8", "training.batch_size=512", "vectors.tune=false")


def repeated(path: Path, header: str, lines: str, times: int) -> Path:
    """Write a header, and the same lines so many times."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(header)
        for _ in range(times):
            file.write(lines)
    return path


def peaks(folder: Path, block: sentences.Labelled, times: int) -> tuple[float, float]:
    """Return the peak memory of ``predict`` and of ``train``, in MB, on a block repeated."""
    emojify = str(measure.emojify_command())
    lines = repeated(folder / "lines.txt", "", "\n".join([*block.texts, ""]), times)
    predicting = measure.peak_memory(emojify, "predict", stdin=lines)
    lines.unlink()
    header, _, rows = block.write(folder / "block.csv").read_text("utf-8").partition("\n")
    data = repeated(folder / "data.csv", header + "\n", rows, times)
    training = measure.peak_memory(emojify, *train(data, folder / "model.safetensors"))
    data.unlink()
    return predicting, training


def train(data: Path, model: Path) -> Iterable[str]:
    """Return the arguments of a training as small as can be."""
    settings = [word for setting in TINY for word in ("--set", setting)]
    return ("train", "--cell", "rnn", "--epochs", "1", "--data", str(data), *settings,
            "-f", "-o", str(model))  # fmt: skip


def measure_memory(options: Options) -> Report:
    """Measure both commands on a small and on a large input."""
    count = 2_000 if options.quick else 100_000
    times = 100 if options.full else 10
    block = sentences.natural(count)
    with tempfile.TemporaryDirectory() as name:
        measure.note(f"memory: {count:,} rows")
        small = peaks(Path(name), block, 1)
        measure.note(f"memory: {count * times:,} rows")
        large = peaks(Path(name), block, times)
    return Report(
        "Peak memory by the number of rows",
        rows=[
            Row(
                f"`emojify {command}`, {count * times:,} rows",
                f"{count:,} rows",
                f"{more:.0f} MB",
                f"{less:.0f} MB",
                more / less,
                Aim("≤", 1.2),
            )
            for command, less, more in zip(("predict", "train"), small, large, strict=True)
        ],
    )


if __name__ == "__main__":
    measure.main(measure_memory)
