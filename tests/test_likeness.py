"""How alike two lines of emoji are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify.likeness import Likeness, edit_distance, token_f1

LINES = st.lists(st.sampled_from("🍕🐶🌧😄😴🚗"), min_size=1, max_size=5, unique=True).map(tuple)


@pytest.mark.parametrize(
    ("written", "right", "f1", "distance"),
    [
        ("🍕🐶", "🍕🐶", 1, 0),
        ("🐶🍕", "🍕🐶", 1, 2),
        ("🍕", "🍕🐶", 2 / 3, 1),
        ("🍕🐶😄", "🍕😄", 0.8, 1),
        ("🍕", "🐶", 0, 1),
        ("🍕🐶🌧", "😄🍕🐶🌧", 6 / 7, 1),
        ("🍕🐶🌧😄", "🐶🌧😄🍕", 1, 2),
    ],
)
def test_known_values(written: str, right: str, f1: float, distance: int) -> None:
    assert token_f1(tuple(written), tuple(right)) == pytest.approx(f1)
    assert edit_distance(tuple(written), tuple(right)) == distance


@given(LINES, LINES, LINES)
def test_the_edit_distance_is_a_metric(a: tuple[str], b: tuple[str], c: tuple[str]) -> None:
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


@given(LINES, LINES)
def test_f1_is_one_for_the_same_emoji_and_nought_for_others(a: tuple[str], b: tuple[str]) -> None:
    assert token_f1(a, b) == token_f1(b, a)
    assert (token_f1(a, b) == 1) == ({*a} == {*b})
    assert (token_f1(a, b) == 0) == {*a}.isdisjoint(b)


def test_the_scores_are_means_over_the_lines() -> None:
    written, right = [tuple("🍕🐶"), tuple("😄"), tuple("🍕")], [tuple("🍕🐶")] * 3
    found = Likeness.of(written, right)
    assert found.examples == 3
    assert found.exact_match == pytest.approx(1 / 3)
    assert found.token_f1 == pytest.approx((1 + 0 + 2 / 3) / 3)
    assert found.edit_distance == pytest.approx((0 + 2 + 1) / 3)
