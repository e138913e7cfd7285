"""Measure emojify on this machine: start-up, the GloVe loader, training and predicting.

    make bench

Every figure is the median of several rounds; ratios come from rounds taken in turn, because a
machine that others use as well is faster at one moment than at the next.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from emojify import resources
from emojify.config import Override, read_settings
from emojify.data import read_examples
from emojify.emojifier import Emojifier
from emojify.glove import load
from emojify.nn.cells import CELLS
from emojify.training import Epoch, Training
from emojify.vectors import Vectors

ROUNDS = 15
GLOVE_WORDS = 400_000


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def process(*command: str | Path) -> Callable[[], object]:
    """Make a call that runs a command in a process of its own."""
    return lambda: subprocess.run(command, check=True, capture_output=True)


def start_up() -> None:
    """Compare a whole `emojify predict` with a Python that only imports NumPy."""
    predict = process(Path(sys.executable).parent / "emojify", "predict", "I love you")
    numpy = process(sys.executable, "-c", "import numpy")
    predict(), numpy()
    pairs = [(seconds(predict), seconds(numpy)) for _ in range(ROUNDS)]
    ratio = statistics.median(a / b for a, b in pairs)
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print("start-up")
    print(f'  emojify predict "I love you"   {ours * 1e3:6.0f} ms')
    print(f'  python -c "import numpy"       {theirs * 1e3:6.0f} ms   ratio {ratio:.2f}')


def glove_loader() -> None:
    """Read a text as large as GloVe 6B 50d for the first and for the second time."""
    place = resources.shipped("vectors", "glove-6b-50d")
    assert place is not None
    vectors = Vectors.open(place)
    words = vectors.vocabulary.words()
    lines = [" " + " ".join(f"{x:.5g}" for x in row) + "\n" for row in vectors.matrix[1:].tolist()]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EMOJIFY_CACHE"] = folder
        text = Path(folder) / "glove.txt"
        with text.open("w", encoding="utf-8", newline="\n") as file:
            for i in range(GLOVE_WORDS):
                again, place_in_words = divmod(i, len(words))
                word = words[place_in_words].decode() + ("" if not again else f"~{again}")
                file.write(word + lines[place_in_words])
        first = seconds(lambda: load(text))
        time.sleep(2.5)  # a file must have settled before its times are believed
        load(text)
        second = statistics.median(seconds(lambda: load(text)) for _ in range(ROUNDS))
        size = text.stat().st_size / 1e6
    print(f"GloVe text, {GLOVE_WORDS:,} words x {vectors.matrix.shape[1]}, {size:.0f} MB")
    print(f"  first reading                 {first:7.2f} s")
    print(f"  second, from the cache        {second:7.3f} s")


def training_speed() -> None:
    """Train each cell for an epoch on the shipped sentences."""
    print("training on the shipped sentences, as `emojify train` does")
    for cell in CELLS:
        settings = read_settings(
            resources.shipped("configs", cell),
            [Override("model.cell", cell, ""), Override("training.epochs", 3, "")],
        )
        training = Training(settings)
        start, rates = time.perf_counter(), []
        for event in training.run():
            if isinstance(event, Epoch):
                rates.append(len(training.train) / (time.perf_counter() - start))
                start = time.perf_counter()
        print(f"  {cell:5} {statistics.median(rates):10,.0f} sentences a second")


def predicting_speed() -> None:
    """Answer the shipped sentences in one call, text in, emoji out."""
    texts = read_examples("five-train").texts
    emojifier = Emojifier.load("five")
    emojifier.predict(texts)
    rate = statistics.median(
        len(texts) / seconds(lambda: emojifier.predict(texts)) for _ in range(3)
    )
    print(f"predicting\n  five  {rate:10,.0f} sentences a second")


if __name__ == "__main__":
    start_up()
    glove_loader()
    training_speed()
    predicting_speed()
