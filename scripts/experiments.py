"""Train variations of the model ``chat`` and compare them on the validation messages.

    python scripts/experiments.py

Every variation is ``configs/chat.yaml`` with something changed; held-out messages are never read.
Prints the rows of the table in ``docs/models.md``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does

from emojify import Emojifier, resources, store
from emojify.config import parse_override, read_settings
from emojify.training import Training

VARIATIONS = {
    "as shipped": [],
    "another seed": ["seed=2"],
    "GloVe's vectors": ["vectors.source=glove-6b-50d"],
    "vectors frozen": ["vectors.tune=false"],
    "GRU": ["model.cell=gru"],
    "RNN": ["model.cell=rnn", "training.learning_rate=0.02", "vectors.learning_rate=0.2"],
    "one direction": ["model.bidirectional=false"],
    "64 wide": ["model.hidden=64"],
    "no dropout": ["training.dropout=0"],
    "dropout 0.5": ["training.dropout=0.5"],
}


def row_of(name: str) -> str:
    """Train one variation; return its row."""
    overrides = [parse_override(text) for text in VARIATIONS[name]]
    training = Training(read_settings(resources.folder("configs") / "chat.yaml", overrides))
    for _ in training.run():
        pass
    trained, held_back = training.result(), training.validation
    assert held_back is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.safetensors"
        store.save(trained, path)
        size = path.stat().st_size / 1e6
        result = Emojifier.load(path).evaluate(held_back)
    return (
        f"| {name} | {result.accuracy:.1%} | {result.top_3:.1%} | {result.loss:.3f} "
        f"| {result.calibration_error:.3f} | {size:.2f} MB |"
    )


def main() -> None:
    """Print the table, as its rows are done."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at once")
    arguments = parser.parse_args()
    print("| | right | in the first three | loss | calibration error | size |")
    print("|---|---|---|---|---|---|")
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for row in pool.map(row_of, VARIATIONS):
            print(row, flush=True)


if __name__ == "__main__":
    main()
