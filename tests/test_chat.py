"""The model that answers when nobody names one: sixty-four emoji, small, and sure with reason."""

from __future__ import annotations

import json

import pytest

from emojify import Emojifier, resources
from emojify.data import read_examples
from tests.conftest import Run
from tests.test_datasets import CHAT


@pytest.fixture(scope="module")
def chat() -> Emojifier:
    return Emojifier.load("chat")


def test_it_is_the_default(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMOJIFY_MODEL")
    result = run("predict", "fancy a pint after work", "the kitten is asleep on my keyboard")
    assert result.out.splitlines() == [
        "fancy a pint after work 🍺",
        "the kitten is asleep on my keyboard 🐱",
    ]
    assert Emojifier.load().labels == Emojifier.load("chat").labels
    assert resources.DEFAULT_MODEL == "chat"


def test_it_knows_sixty_four_emoji_and_is_small(chat: Emojifier) -> None:
    assert list(chat.labels.emoji) == CHAT
    path = resources.shipped("models", "chat")
    assert path is not None
    assert path.stat().st_size <= 3_000_000
    assert chat.trained.shipped_vectors is None, "it needs no other file"


def test_it_is_as_good_as_its_page_says_on_the_validation_messages(chat: Emojifier) -> None:
    """Whether the held-out messages are answered as well is for the page alone to say."""
    result = chat.evaluate(read_examples("chat-validation"))
    assert result.accuracy >= 0.85
    assert result.top_3 >= 0.93
    assert result.calibration_error <= 0.05


def test_negations_are_read(chat: Emojifier) -> None:
    texts = ["i am happy", "i am not happy", "i love him", "he does not love me anymore"]
    happy, unhappy, love, no_love = (answer.emoji for answer in chat.predict(texts))
    assert happy in {"😄", "😊"}
    assert unhappy in {"😞", "👎", "😡", "😢"}
    assert (love, no_love) == ("❤️", "💔")


def test_every_word_has_an_answer_on_the_way(run: Run) -> None:
    printed = run("predict", "-m", "chat", "--steps", "--json", "not feeling happy").out
    steps = json.loads(printed)["steps"]
    assert len(steps) == 3
    answer = json.loads(run("predict", "-m", "chat", "--json", "not feeling happy").out)
    assert steps[-1]["emoji"] == answer["emoji"]
