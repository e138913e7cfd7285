"""Laws of the tokenizer."""

import emoji
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify.labels import read_label
from emojify.text import tokenize

TEXTS = st.text(max_size=20) | st.text("ab1!?.'#@ \n\u3000😀", max_size=12)
WORDS = st.from_regex(r"[a-z]{2,8}", fullmatch=True)
EMOJI = sorted(
    text
    for text, facts in emoji.EMOJI_DATA.items()
    if facts["status"] == emoji.STATUS["fully_qualified"]
)


@given(TEXTS, TEXTS)
def test_no_token_reaches_beyond_a_blank(left: str, right: str) -> None:
    first, second = tokenize(left), tokenize(right)
    apart = [first + second]
    if first[-1:] == second[:1]:  # a mark that is repeated counts once
        apart.append(first + second[1:])
    assert tokenize(f"{left} {right}") in apart


@given(st.text("ab'’ .!#", max_size=30))
def test_a_curly_apostrophe_is_a_straight_one(text: str) -> None:
    assert tokenize(text.replace("'", "’")) == tokenize(text.replace("’", "'"))


@given(WORDS, st.sampled_from("!?,;&%"), st.integers(1, 50))
def test_a_mark_counts_once_however_often_it_is_repeated(word: str, mark: str, n: int) -> None:
    assert tokenize(word + mark * n) == [*tokenize(word), mark]
    assert tokenize(" ".join([word] + [mark] * n)) == [*tokenize(word), mark]


def test_every_emoji_is_one_token_and_a_selector_changes_nothing() -> None:
    for shown in EMOJI:
        [before, token, after] = tokenize(f"so {shown} good")
        assert (before, after) == ("so", "good")
        unselected = shown.replace("\ufe0f", "")
        assert tokenize(f"so {unselected} good") == ["so", token, "good"]


def test_every_emoji_is_a_label_with_its_selector_and_without() -> None:
    for shown in EMOJI:
        assert read_label(shown) == read_label(shown.replace("\ufe0f", "")) == shown


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_a_hashtag_is_its_words(words: list[str]) -> None:
    assert tokenize("#" + "".join(map(str.capitalize, words))) == tokenize(" ".join(words))


@pytest.mark.parametrize(
    ("start", "token"), [("@", "<user>"), ("https://", "<url>"), ("www.", "<url>")]
)
@given(rest=st.from_regex(r"[A-Za-z0-9_]+", fullmatch=True))
def test_a_mention_or_an_address_is_one_symbol(start: str, token: str, rest: str) -> None:
    assert tokenize(f"see {start}{rest} now") == ["see", token, "now"]
