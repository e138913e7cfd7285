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


CHAT = (
    "❤️ 😘 😍 💔 🤗 😄 😂 😊 😎 🎉 😉 😞 😢 😡 😱 😴 🤒 😳 🤔 🙄 👍 👎 🙏 👏 💪 👋 🤞 "
    "🍴 🍕 ☕ 🍺 🎂 ⚾ ⚽ 🏀 🎵 🎮 🎬 📚 ✈️ 🏖️ 🚗 🏃 🛒 "
    "☀️ 🌧️ ❄️ 🔥 🐶 🐱 🌙 💻 💰 📞 ⏰ 🏠 💡 🎁 🎄 👶 💍 🚀 🏆 🌸"
).split()
# Words that many messages have whatever they are about are no emoji's own.
EVERYWHERE = 0.02


@pytest.fixture(scope="module")
def chat() -> dict[str, Examples]:
    return {
        part: read_examples(resources.folder("datasets") / f"chat-{part}.csv")
        for part in ("train", "validation", "test")
    }


@pytest.fixture(scope="module")
def captions() -> dict[str, Examples]:
    return {
        part: read_examples(resources.folder("datasets") / f"captions-{part}.csv", lines=True)
        for part in ("train", "validation", "test")
    }


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


def test_there_are_enough_messages_of_each_of_sixty_four_emoji(chat: dict[str, Examples]) -> None:
    for part, least in (("train", 400), ("validation", 10), ("test", 12)):
        counts = Counter(chat[part].emoji)
        assert list(dict.fromkeys(chat[part].emoji)) == CHAT, "labels come in their order"
        assert min(counts.values()) >= least
        assert max(counts.values()) <= 1.5 * min(counts.values())


def test_messages_have_one_to_twenty_words_of_a_large_vocabulary(chat: dict[str, Examples]) -> None:
    texts = [text for examples in chat.values() for text in examples.texts]
    lengths = [len(text.split()) for text in texts]
    assert (min(lengths), max(lengths)) == (1, 20)
    for shortest, longest in ((1, 2), (3, 6), (7, 12), (13, 20)):
        assert sum(shortest <= length <= longest for length in lengths) >= 0.05 * len(lengths)
    assert len({word for text in texts for word in words(text)}) >= 12_000


def test_no_emoji_lives_by_its_most_obvious_word(chat: dict[str, Examples]) -> None:
    everywhere = Counter(word for text in chat["train"].texts for word in words(text))
    common = {w for w, n in everywhere.items() if n > EVERYWHERE * len(chat["train"])}
    having: dict[str, Counter[str]] = {emoji: Counter() for emoji in CHAT}
    for text, emoji in zip(chat["train"].texts, chat["train"].emoji, strict=True):
        having[emoji].update(words(text) - common)
    for emoji, messages in Counter(chat["train"].emoji).items():
        [(word, count)] = having[emoji].most_common(1)
        assert count <= messages / 3, f"{emoji} has {word!r} in {count} of {messages}"


def test_messages_begin_in_many_ways(chat: dict[str, Examples]) -> None:
    for examples in chat.values():
        openings = Counter(text.split()[0].lower() for text in examples.texts)
        assert openings.most_common(1)[0][1] <= 0.07 * len(examples)
        pairs = Counter(" ".join(text.lower().split()[:2]) for text in examples.texts)
        assert pairs.most_common(1)[0][1] <= 0.01 * len(examples)


def test_no_message_stands_twice(chat: dict[str, Examples], captions: dict[str, Examples]) -> None:
    files = [*chat.values(), *captions.values()]
    counts = Counter(normalized(text) for examples in files for text in examples.texts)
    assert [text for text, count in counts.items() if count > 1] == []


def test_no_message_is_nearly_another(
    chat: dict[str, Examples], captions: dict[str, Examples]
) -> None:
    """Messages of three words or more share at most three quarters of all their words.

    Two that shared more would have one of their rarest words in common, so only those that have
    are compared (prefix filtering, Chaudhuri et al. 2006).
    """
    files = [*chat.values(), *captions.values()]
    texts = [text for examples in files for text in examples.texts]
    frequency = Counter(word for text in texts for word in words(text))
    having: dict[str, list[frozenset[str]]] = defaultdict(list)
    for text in texts:
        own = words(text)
        if len(own) < 3:
            continue
        rarest = sorted(own, key=lambda word: (frequency[word], word))[: len(own) // 4 + 1]
        for other in (other for word in rarest for other in having[word]):
            assert len(own & other) <= 0.75 * len(own | other), f"{text!r} is too much like {other}"
        for word in rarest:
            having[word].append(own)


def test_further_acceptable_emoji_are_of_the_sixty_four_and_others(
    chat: dict[str, Examples],
) -> None:
    assert chat["train"].also is None
    also = chat["test"].also
    assert also is not None
    assert 0.05 * len(also) < sum(map(bool, also)) < 0.5 * len(also)
    for emoji, further in zip(chat["test"].emoji, also, strict=True):
        assert len(set(further)) == len(further) <= 3
        assert set(further) <= set(CHAT) - {emoji}


def test_there_are_enough_captions_of_one_to_five_of_sixty_four_emoji(
    captions: dict[str, Examples],
) -> None:
    for part, least in (("train", 20_000), ("validation", 500), ("test", 800)):
        lines = [line.split() for line in captions[part].emoji]
        assert len(lines) >= least
        lengths = Counter(map(len, lines))
        assert sorted(lengths) == [1, 2, 3, 4, 5]
        assert min(lengths.values()) >= 0.02 * len(lines)
        assert all(len({*line}) == len(line) for line in lines)
        counts = Counter(emoji for line in lines for emoji in line)
        assert sorted(counts) == sorted(CHAT)
        assert min(counts.values()) >= 0.015 * len(lines)


def test_captioned_messages_are_no_lists(captions: dict[str, Examples]) -> None:
    for examples in captions.values():
        several = [
            text for text, line in zip(examples.texts, examples.emoji, strict=True) if " " in line
        ]
        joined = sum(" and " in text.lower() for text in several)
        assert joined < 0.3 * len(several)
        assert max(len(text.split()) for text in examples.texts) <= 30
        openings = Counter(" ".join(text.lower().split()[:2]) for text in examples.texts)
        assert openings.most_common(1)[0][1] <= 0.01 * len(examples)


def test_the_everyday_vectors_are_whole_and_know_the_words_of_chats() -> None:
    path = resources.folder("vectors") / "everyday-96d.safetensors"
    vectors = Vectors.open(path, verify=True)
    assert vectors.matrix.shape == (len(vectors.vocabulary) + 1, 96)
    assert path.stat().st_size <= 6_000_000
    assert all(vectors.vocabulary.find(word) for word in ("duvet", "wellies", "<user>", "n't"))


def test_the_shipped_vectors_are_whole_and_know_our_words() -> None:
    path = resources.folder("vectors") / "glove-6b-50d.safetensors"
    vectors = Vectors.open(path, verify=True)
    assert len(vectors.vocabulary) >= 40_000
    assert path.stat().st_size <= 8_000_000
    assert vectors.matrix.shape == (len(vectors.vocabulary) + 1, 50)
    assert [vectors.vocabulary.word(i) for i in (1, 2, 3)] == ["the", ",", "."]
