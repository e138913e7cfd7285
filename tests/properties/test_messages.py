"""Laws of what is shown: one line that no terminal takes for a command."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emojify.cli.shared import as_json_line
from emojify.config import read_settings
from emojify.data import read_examples
from emojify.errors import EmojifyError, printable
from emojify.glove import load

HARMLESS = set("\u200d\ufe0e\ufe0f")  # emoji are made of them
CONTROLS = [
    *map(chr, [*range(32), *range(0x7F, 0xA0), 0xAD]),
    *"\u2028\u2029\u200b\ufeff\U000e0001",
]
OVERRIDES = [
    chr(code) for code in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
]
ANYTHING = st.text(st.sampled_from(CONTROLS + OVERRIDES) | st.characters(codec=None), max_size=50)
PLAIN = st.text(st.sampled_from(CONTROLS + OVERRIDES) | st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("messages") / "x"


def is_harmless(text: str) -> bool:
    """Whether there is no line break, no control, no override, no surrogate; by Unicode alone."""
    kinds = {unicodedata.category(character) for character in set(text) - HARMLESS}
    tags = {c for c in text if "\U000e0020" <= c <= "\U000e007f"}
    return not kinds & {"Cc", "Cs", "Zl", "Zp", "Co", "Cn"} and all(
        unicodedata.category(c) != "Cf" for c in set(text) - HARMLESS - tags
    )


def test_no_character_of_unicode_is_shown_that_a_terminal_obeys() -> None:
    planes = [*range(0x20000), *range(0xE0000, 0xE1000)]  # the others have ideographs, or nothing
    assert is_harmless(printable("".join(map(chr, planes))))


@given(ANYTHING)
def test_what_is_shown_is_harmless_and_shown_again_the_same(text: str) -> None:
    shown = printable(text)
    assert is_harmless(shown)
    assert printable(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_letters_numbers_marks_and_emoji_are_shown_as_they_are(text: str) -> None:
    assert printable(text) == text
    assert printable(f"{text}\x1b{text}") == f"{text}\\x1b{text}"


@given(ANYTHING, ANYTHING, st.integers(1, 9))
def test_every_message_is_one_harmless_line(message: str, source: str, line: int) -> None:
    error = EmojifyError(message, source, line)
    assert is_harmless(str(error))
    assert error.lines == [str(error)]


@pytest.mark.parametrize(
    ("read", "before", "after"),
    [
        (read_examples, "so hungry,", "\n"),
        (read_settings, "model: {'", "': 1}"),
        (read_settings, "seed: '", "'"),
        (read_settings, "data: {labels: ['", "', x]}"),
        (load, "a 1\nb ", "\n"),
    ],
)
@settings(max_examples=10)
@given(piece=st.text("aé7⚾ \u202e", min_size=1, max_size=3))
def test_a_message_is_short_however_long_what_is_wrong(
    path: Path, read: Callable[[Path], object], before: str, after: str, piece: str
) -> None:
    path.write_text(before + piece * 5000 + after, encoding="utf-8")
    with pytest.raises(EmojifyError) as caught:
        read(path)
    assert 0 < len(str(caught.value)) - len(str(path)) < 400
    assert is_harmless(str(caught.value))


@given(VALUES)
def test_json_is_one_harmless_line_that_says_the_same(value: object) -> None:
    line = as_json_line(value)
    assert is_harmless(line)
    assert json.loads(line) == value
