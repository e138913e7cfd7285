"""Train variations of a shipped model and compare them on the validation messages.

    python scripts/experiments.py chat
    python scripts/experiments.py caption-gru --epochs 12

Every variation is ``configs/chat.yaml`` or ``configs/caption-gru.yaml`` with something changed;
held-out messages are never read. Prints the rows of the tables in ``docs/models.md`` and
``docs/captions.md``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does

from emojify import Captioner, Emojifier, resources, store
from emojify.config import parse_override, read_settings
from emojify.data import Examples
from emojify.judgement import judge
from emojify.training import Training

OF_CHAT = {
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


OF_CAPTIONS: dict[str, list[str]] = {
    "as shipped": [],
    "another seed": ["seed=2"],
    "LSTM": ["model.cell=lstm"],
    "RNN": ["model.cell=rnn", "training.learning_rate=0.01"],
    "mean of the word vectors": ["decoder.features=mean", "model.bidirectional=false"],
    "one direction": ["model.bidirectional=false"],
    "nothing joined": ["data.joined=null"],
    "32,000 joined": ["data.joined_count=32000"],
}


def scores_of_chat(path: Path, held_back: Examples) -> list[str]:
    """Return the cells of a row after its name, but for the size."""
    result = Emojifier.load(path).evaluate(held_back)
    shares = (f"{result.accuracy:.1%}", f"{result.top_3:.1%}")
    return [*shares, f"{result.loss:.3f}", f"{result.calibration_error:.3f}"]


def scores_of_captions(path: Path, held_back: Examples) -> list[str]:
    """Return the cells of a row after its name, but for the size."""
    captioner = Captioner.load(path)
    found = judge(captioner, captioner.caption(held_back.texts), held_back, {})
    like = found.likeness
    return [
        f"{like.exact_match:.1%}",
        f"{like.token_f1:.3f}",
        f"{like.edit_distance:.2f}",
        f"{found.perplexity:.2f}",
    ]


EXPERIMENTS = {
    "chat": (
        OF_CHAT,
        scores_of_chat,
        ["right", "in the first three", "loss", "calibration error"],
    ),
    "caption-gru": (
        OF_CAPTIONS,
        scores_of_captions,
        ["exact match", "token F1", "edit distance", "perplexity"],
    ),
}


def row_of(config: str, epochs: int | None, name: str) -> str:
    """Train one variation; return its row."""
    variations, scores_of, _ = EXPERIMENTS[config]
    changes = variations[name] + ([] if epochs is None else [f"training.epochs={epochs}"])
    overrides = [parse_override(text) for text in changes]
    training = Training(read_settings(resources.folder("configs") / f"{config}.yaml", overrides))
    for _ in training.run():
        pass
    trained, held_back = training.result(), training.validation
    assert held_back is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.safetensors"
        store.save(trained, path)
        size = path.stat().st_size / 1e6
        cells = scores_of(path, held_back)
    return f"| {name} | {' | '.join(cells)} | {size:.2f} MB |"


def main() -> None:
    """Print the table, as its rows are done."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("config", choices=EXPERIMENTS, help="what is varied")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at once")
    parser.add_argument("--epochs", type=int, help="in place of the config's, to save time")
    arguments = parser.parse_args()
    variations, _, columns = EXPERIMENTS[arguments.config]
    print(f"| | {' | '.join(columns)} | size |")
    print("|---" * (len(columns) + 2) + "|")
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for row in pool.map(partial(row_of, arguments.config, arguments.epochs), variations):
            print(row, flush=True)


if __name__ == "__main__":
    main()
