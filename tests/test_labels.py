"""Labels as people write them."""

import pytest

from emojify.labels import Labels, read_label, read_line

FIVE = ("❤️", "⚾", "😄", "😞", "🍴")


@pytest.mark.parametrize(
    ("written", "emoji"),
    [
        ("❤️", "❤️"),
        ("❤", "❤️"),  # without U+FE0F it is the same, and shown with it
        ("⚾\ufe0f", "⚾"),
        (":pizza:", "🍕"),
        (":red_heart:", "❤️"),
        (":heart:", "❤️"),
        ("0", "❤️"),
        ("4", "🍴"),
        ("10", "🍕"),
        ("👍🏽", "👍🏽"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("🇩🇪", "🇩🇪"),
        ("1️⃣", "1️⃣"),
    ],
)
def test_a_label_is_one_fully_qualified_emoji(written: str, emoji: str) -> None:
    assert read_label(written, (*FIVE, *"🐶🐱🐭🐹🐰🍕")) == emoji


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("", "an empty label"),
        ("5", "the number 5"),
        ("7", "the number 7"),
        ("x", "the label 'x'"),
        (" ", "the label ' '"),
        ("🍕x❤️", "the label '🍕x❤️'"),
        ("🍕x", "the label '🍕x'"),
        ("2.0", "the label '2.0'"),
        ("-1", "the label '-1'"),
        ("１", "the label '１'"),
        ("1_0", "the label '1_0'"),
        ("01", "the label '01'"),
        (":no_such_emoji:", "the label ':no_such_emoji:'"),
        ("🍕❤️", "2 emoji, '🍕❤️'"),
        ("🍕 🍕", "2 emoji, '🍕 🍕'"),
    ],
)
def test_anything_else_is_named(written: str, found: str) -> None:
    with pytest.raises(ValueError, match="^" + found.replace(".", r"\.") + "$"):
        read_label(written, FIVE)


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("🍕🏖️🐶", "🍕 🏖️ 🐶"),
        ("🍕🏖🐶", "🍕 🏖️ 🐶"),
        (" 🍕  🏖️\t🐶 ", "🍕 🏖️ 🐶"),
        (":pizza::dog_face: ❤", "🍕 🐶 ❤️"),
        ("😂😂😂", "😂"),  # one that is repeated counts once
        ("😂🎉😂", "😂 🎉"),
        ("👨‍👩‍👧👍🏽🇩🇪1️⃣", "👨‍👩‍👧 👍🏽 🇩🇪 1️⃣"),
        ("❤", "❤️"),
        ("1 4 0", "⚾ 🍴 ❤️"),
        (":pizza:" * 2 + ":beach_with_umbrella: " * 6 + ":dog_face:", "🍕 🏖️ 🐶"),
    ],
)
def test_a_line_is_fully_qualified_emoji_in_their_order(written: str, line: str) -> None:
    assert read_line(written, FIVE) == line


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("", "an empty line of emoji"),
        ("🍕 and 🐶", "the label 'and'"),
        ("🍕x🐶", "the label 'x'"),
        ("🍕:no_such:", "the label ':no_such:'"),
        ("🍕, 🐶", "the label ','"),
        ("12", "the number 12"),
        ("🍕" * 3000, "the line '🍕+[.]{3}🍕+'"),
    ],
)
def test_anything_else_in_a_line_is_named(written: str, found: str) -> None:
    with pytest.raises(ValueError, match=f"^{found}$"):
        read_line(written, FIVE)


def test_numbers_need_a_list() -> None:
    with pytest.raises(ValueError, match=r"^the number 0$"):
        read_label("0")


def test_labels_know_their_names() -> None:
    labels = Labels.of(FIVE)
    assert labels.names[:2] == ("red heart", "baseball")
    assert len(labels) == 5
    with pytest.raises(AttributeError):
        labels.emoji = ()
