"""Word vectors from GloVe's text format: the first reading, every later one, and a prediction.

The text has 400,000 words of 50 numbers, 171 MB: the file that `$EMOJIFY_GLOVE` names, as a real
glove.6B.50d.txt; or else one of that size, made from the shipped vectors.

- First reading: ours converts the text into its cache, checksums and all; gensim's
  `KeyedVectors.load_word2vec_format` with `no_header=True`; the seed's loop, which splits every
  line and keeps a dictionary of float64 arrays and two of indices. The file is in the system's
  cache. There are two rounds only, because gensim takes so long.
- Opening: `emojify.glove.load` once the cache is there.
- A cold prediction: `emojify predict` as a whole process, with a model that learnt on the 400,000
  words and with one that learnt the same sentences on the shipped vectors.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import measure
import sentences
from emojify import glove
from emojify.nn.arrays import Floats
from measure import OURS, Aim, Options, Report, Row, duration

WORDS = 400_000
GENSIM, SEED = "gensim", "seed"
_SETTLED = 2.5  # seconds; a file must be this old before emojify believes its times


def text_file(folder: Path, count: int) -> Path:
    """Return the text to read: the user's own, or one of as many words made here."""
    given = os.environ.get("EMOJIFY_GLOVE")
    if given and count == WORDS:
        return Path(given)
    shipped = sentences.vectors()
    words = [word.decode() for word in shipped.vocabulary.words()]
    lines = [" " + " ".join(f"{x:.5g}" for x in row) + "\n" for row in shipped.matrix[1:].tolist()]
    path = folder / "glove.txt"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for i in range(count):
            again, place = divmod(i, len(words))
            file.write(words[place] + (f"~{again}" if again else "") + lines[place])
    return path


def first_readings(text: Path, cache: Path) -> dict[str, Callable[[], object]]:
    """Return the sides that read the text."""

    def ours() -> None:
        shutil.rmtree(cache, ignore_errors=True)
        glove.load(text)

    contenders: dict[str, Callable[[], object]] = {OURS: ours, SEED: lambda: seed_loop(text)}
    if measure.installed("gensim"):
        from gensim.models import KeyedVectors

        contenders[GENSIM] = lambda: KeyedVectors.load_word2vec_format(str(text), no_header=True)
    return contenders


def seed_loop(path: Path) -> tuple[dict[str, int], dict[int, str], dict[str, Floats]]:
    """Read vectors as the program did that emojify began as."""
    words, vectors = set(), {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            fields = line.strip().split()
            words.add(fields[0])
            vectors[fields[0]] = np.array(fields[1:], dtype=np.float64)
    index, word_of = {}, {}
    for i, word in enumerate(sorted(words), 1):
        index[word] = i
        word_of[i] = word
    return index, word_of, vectors


def models(text: Path, folder: Path) -> tuple[Path, Path]:
    """Train one model on the text's vectors and one on the shipped ones."""
    made = []
    for source in (str(text), sentences.VECTORS):
        path = folder / f"{Path(source).stem}-model.safetensors"
        train = ("train", "--data", "five-test", "--epochs", "1", "--vectors", source, "-o", path)
        measure.process(measure.emojify_command(), *train)()
        made.append(path)
    return made[0], made[1]


def measure_vectors(options: Options) -> Report:
    """Measure the first reading, the opening and a prediction."""
    count = 20_000 if options.quick else WORDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cache = folder / "cache"
        os.environ["EMOJIFY_CACHE"] = str(cache)
        text = text_file(folder, count)
        time.sleep(_SETTLED)
        measure.note("vectors: first reading")
        text.read_bytes()  # for the system's cache
        readings = measure.in_turn(first_readings(text, cache), options, 2, warm_up=False)
        glove.load(text)
        opening = measure.in_turn({OURS: lambda: glove.load(text)}, options, 15)
        measure.note("vectors: predicting")
        large, shipped = models(text, folder)
        predicting = measure.in_turn(
            {side: predict(model) for side, model in ((OURS, large), ("shipped", shipped))},
            options,
            15,
        )
        size = text.stat().st_size / 1e6
    opened = opening.median(OURS)
    whose = "made" if text.parent == folder else f"the real {text.name}"
    return Report(
        f"Word vectors: {count:,} words, {size:.0f} MB of text ({whose})",
        rows=[
            Row("opening the vectors from the cache", "–", duration(opened), "–", opened * 1e3,
                Aim("≤", 30, "ms")),
            measure.row("cold `emojify predict`, model with these vectors", "with shipped vectors",
                        predicting.pair("", "shipped"), Aim("≤", 1.2)),
            measure.row("first reading", "gensim", readings.pair("", GENSIM), Aim("≥", 12)),
            measure.row("first reading", "the seed's loop", readings.pair("", SEED), Aim("≥", 3)),
        ],
        seconds={
            "first reading": readings.seconds,
            "opening": opening.seconds,
            "predicting": predicting.seconds,
        },
    )  # fmt: skip


def predict(model: Path) -> Callable[[], object]:
    """Make a call that asks a model one sentence in a process of its own."""
    return measure.process(measure.emojify_command(), "predict", "-m", model, "I love you")


if __name__ == "__main__":
    measure.main(measure_vectors)
