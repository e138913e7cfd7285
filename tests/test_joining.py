"""Messages joined by chance."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from emojify.corpus import with_joined
from emojify.data import Examples
from emojify.errors import EmojifyWarning
from emojify.joining import joined
from emojify.labels import Labels
from emojify.settings import DataSettings

PARTS = Examples(
    "x.csv",
    [
        "pizza again", "the dog is wet.", "rain", "so happy", "off to bed",
        "this one is far too long to stand among more than one other of its kind",
    ],
    ["🍕", "🐶", "🌧️", "😄", "😴", "🚗"],
)  # fmt: skip
EMOJI = ["🐶", "🍕", "🌧️", "😄", "😴", "🚗"]


def joined_by(seed: int, count: int = 400) -> list[tuple[str, str]]:
    return list(joined(PARTS, EMOJI, count, np.random.default_rng(seed)))


def test_emoji_stand_in_the_order_of_the_parts_and_none_twice() -> None:
    of = dict(zip(PARTS.emoji, PARTS.texts, strict=True))
    for text, line in joined_by(1):
        emoji = line.split()
        assert len({*emoji}) == len(emoji)
        places = [text.index(of[e].rstrip(".")) for e in emoji]
        assert places == sorted(places)
        assert text.startswith(of[emoji[0]].rstrip("."))


def test_messages_have_one_to_four_parts_in_about_their_shares() -> None:
    counts = Counter(len(line.split()) for _, line in joined_by(2, 4000))
    for parts, share in zip((1, 2, 3, 4), (0.2, 0.4, 0.3, 0.1), strict=True):
        assert counts[parts] / 4000 == pytest.approx(share, abs=0.03)


def test_long_parts_stand_with_one_other_at_most() -> None:
    lengths = {len(line.split()) for text, line in joined_by(3) if "far too long" in text}
    assert lengths == {1, 2}


def test_the_same_chance_joins_the_same_messages() -> None:
    assert joined_by(4) == joined_by(4) != joined_by(5)


def test_emoji_that_are_not_learnt_are_left_out() -> None:
    rng = np.random.default_rng(1)
    lines = [line for _, line in joined(PARTS, EMOJI[:4], 100, rng)]
    assert {emoji for line in lines for emoji in line.split()} == {*EMOJI[:4]}


def test_of_too_few_emoji_nothing_is_joined() -> None:
    with pytest.warns(EmojifyWarning) as caught:
        assert list(joined(PARTS, EMOJI[:3], 1, np.random.default_rng(1))) == []
    assert str(caught[0].message) == (
        "x.csv: has short messages of fewer than 4 of the emoji that are learnt; nothing was "
        "joined of it"
    )


def test_an_emoji_is_drawn_as_often_as_it_has_messages() -> None:
    emoji = ["🐶"] * 900 + ["🍕"] * 90 + ["😄"] * 9 + ["😴"]
    parts = Examples("x.csv", ["woof"] * 1000, emoji)
    lines = [line for _, line in joined(parts, EMOJI, 3000, np.random.default_rng(1))]
    alone = Counter(line for line in lines if " " not in line)
    assert alone["🐶"] / alone.total() == pytest.approx(0.9, abs=0.04)
    assert alone["🍕"] / alone.total() == pytest.approx(0.09, abs=0.04)


def test_a_message_of_dots_is_not_empty() -> None:
    parts = Examples("x.csv", ["...", "a", "b", "c"], ["😴", "🐶", "🍕", "😄"])
    assert all(text.strip() for text, _ in joined(parts, EMOJI, 50, np.random.default_rng(1)))


def test_numbers_stand_for_the_emoji_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("rain;2\nso happy;3\npizza;1\ndog;0\n", encoding="utf-8")
    data = DataSettings(
        labels=EMOJI, joined=str(tmp_path / "x.csv"), joined_count=50, delimiter=";"
    )
    none = Examples("y.csv", [], [])
    found = with_joined(none, data, Labels.of(EMOJI), np.random.default_rng(1))
    rows = {*zip(found.texts, found.emoji, strict=True)}
    assert ("rain", "🌧️") in rows
    assert {line for _, line in rows if " " not in line} == {*EMOJI[:4]}


def test_what_comes_with_emojify_is_joined_whatever_stands_between_ones_own_columns() -> None:
    data = DataSettings(joined="chat-train", joined_count=5, delimiter=";")
    found = with_joined(PARTS, data, Labels.of(EMOJI), np.random.default_rng(1))
    assert len(found) == len(PARTS) + 5
