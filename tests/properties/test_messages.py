"""Laws of what is shown: one line that no terminal takes for a command."""

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from emojify.cli.shared import as_json_line
from emojify.errors import EmojifyError, printable

HARMLESS = set("\u200d\ufe0e\ufe0f")  # emoji are made of them
ANYTHING = st.text(st.characters(codec=None), max_size=50)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def is_harmless(text: str) -> bool:
    """Whether there is no line break, no control, no override, no surrogate; by Unicode alone."""
    kinds = {unicodedata.category(character) for character in set(text) - HARMLESS}
    tags = {c for c in text if "\U000e0020" <= c <= "\U000e007f"}
    return not kinds & {"Cc", "Cs", "Zl", "Zp", "Co", "Cn"} and all(
        unicodedata.category(c) != "Cf" for c in set(text) - HARMLESS - tags
    )


@given(ANYTHING)
def test_what_is_shown_is_harmless_and_shown_again_the_same(text: str) -> None:
    shown = printable(text)
    assert is_harmless(shown)
    assert printable(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_letters_numbers_marks_and_emoji_are_shown_as_they_are(text: str) -> None:
    assert printable(text) == text


@given(ANYTHING, ANYTHING, st.integers(1, 9))
def test_every_message_is_one_harmless_line(message: str, source: str, line: int) -> None:
    error = EmojifyError(message, source, line)
    assert is_harmless(str(error))
    assert error.lines == [str(error)]


@given(VALUES)
def test_json_is_one_harmless_line_that_says_the_same(value: object) -> None:
    line = as_json_line(value)
    assert is_harmless(line)
    assert json.loads(line) == value
