"""The sentences that come with emojify: what we promise of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

from emojify import resources
from emojify.data import Examples, read_examples
from emojify.vectors import Vectors

FIVE = ["❤️", "⚾", "😄", "😞", "🍴"]


@pytest.fixture(scope="module")
def train() -> Examples:
    return read_examples(resources.folder("datasets") / "five-train.csv")


@pytest.fixture(scope="module")
def held_out() -> Examples:
    return read_examples(resources.folder("datasets") / "five-test.csv")


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+(?:['’]\w+)*", text.lower()))


def normalized(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower().replace("'", "")))


def test_there_are_enough_of_each_emoji(train: Examples, held_out: Examples) -> None:
    for examples, least in ((train, 1200), (held_out, 250)):
        counts = Counter(examples.emoji)
        assert len(examples) >= least
        assert sorted(counts) == sorted(FIVE)
        assert max(counts.values()) <= 1.5 * min(counts.values())


def test_the_labels_come_in_the_order_of_the_seed(train: Examples) -> None:
    assert list(dict.fromkeys(train.emoji)) == FIVE


def test_sentences_have_one_to_twenty_words(train: Examples, held_out: Examples) -> None:
    lengths = [len(text.split()) for text in train.texts + held_out.texts]
    assert (min(lengths), max(lengths)) == (1, 20)


def test_no_sentence_stands_twice(train: Examples, held_out: Examples) -> None:
    counts = Counter(map(normalized, train.texts + held_out.texts))
    assert [text for text, count in counts.items() if count > 1] == []


def test_no_held_out_sentence_shares_most_of_its_words_with_one_that_is_learnt(
    train: Examples, held_out: Examples
) -> None:
    having: dict[str, list[int]] = defaultdict(list)
    for i, text in enumerate(train.texts):
        for word in words(text):
            having[word].append(i)
    for text in held_out.texts:
        shared = Counter(i for word in words(text) for i in having[word])
        for i, count in shared.most_common(1):
            assert count <= 0.6 * len(words(text)), f"{text!r} is too much like {train.texts[i]!r}"


def test_the_shipped_vectors_are_whole_and_know_our_words() -> None:
    path = resources.folder("vectors") / "glove-6b-50d.safetensors"
    vectors = Vectors.open(path, verify=True)
    assert len(vectors.vocabulary) >= 40_000
    assert path.stat().st_size <= 8_000_000
    assert vectors.matrix.shape == (len(vectors.vocabulary) + 1, 50)
    assert [vectors.vocabulary.word(i) for i in (1, 2, 3)] == ["the", ",", "."]
