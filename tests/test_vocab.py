"""Words by id, ids by word, and what an unknown word falls back to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify import vocab
from emojify.text import tokenize
from emojify.vocab import UNKNOWN, Vocabulary


def vocabulary(*words: str) -> Vocabulary:
    """Words given most frequent first."""
    return Vocabulary.of([word.encode() for word in words])


@given(st.lists(st.text(min_size=1), unique=True))
def test_every_word_is_found_under_its_id_and_no_other_is(words: list[str]) -> None:
    words = [word for word in words if word.isprintable()]
    known = vocabulary(*words)
    assert [known.find(word) for word in words] == list(range(1, len(words) + 1))
    assert [known.word(i) for i in range(1, len(words) + 1)] == words
    assert [word.decode() for word in known.words()] == words
    assert known.find("".join(words) + "x") == UNKNOWN


@given(st.lists(st.text("a\0", min_size=7, max_size=10).map(str.encode), unique=True))
def test_words_with_the_same_start_are_ordered_by_what_follows(words: list[bytes]) -> None:
    order = Vocabulary.of(words).order.tolist()
    assert [words[position] for position in order] == sorted(words)


@pytest.mark.parametrize(
    ("token", "found"),
    [
        ("good", "good"),
        ("goood", "good"),  # and not god, which is rarer here
        ("sooooo", "so"),  # although "sooooo" has a vector of its own
        ("yummmmy", "yummy"),
        ("cookin", "cooking"),
        ("burgers", "burger"),
        ("hugged", "hug"),
        ("baked", "bake"),
        ("happily", None),
        ("10,500", "10500"),
        ("23987", "20000"),
        ("café", "cafe"),
        ("<smile>", "smile"),
        ("<heart>", "love"),
        ("🍕", "pizza"),
        ("❤", "heart"),
        ("😘", "kissing"),
        ("xyzzy", None),
    ],
)
def test_an_unknown_token_tries_its_simpler_forms(token: str, found: str | None) -> None:
    known = vocabulary(
        "so", "good", "soo", "god", "love", "smile", "burger", "hug", "bake", "cooking", "pizza",
        "heart", "kissing", "yummy", "cafe", "10500", "20000", "sooooo",
    )  # fmt: skip
    assert known.id(token) == (known.find(found) if found else UNKNOWN)


def test_a_word_with_a_vector_of_its_own_keeps_it() -> None:
    known = vocabulary("burger", "burgers", "<smile>", "smile", "😀")
    assert [known.id(t) for t in ("burgers", "<smile>", "😀")] == [2, 3, 5]


def test_a_token_is_searched_for_once_and_a_bounded_number_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = vocabulary("a", "b", "c")
    searched: list[str] = []
    find = known.find
    monkeypatch.setattr(known, "find", lambda word: (searched.append(word), find(word))[1])
    monkeypatch.setattr(vocab, "_REMEMBERED", 2)
    assert known.encode("a b a b b a".split()) == [1, 2, 1, 2, 2, 1]
    assert searched == ["a", "b"]
    assert known.encode("c c a b a".split()) == [3, 3, 1, 2, 1]
    assert searched == ["a", "b", "c", "a", "b", "a"]


@pytest.mark.parametrize("searches", [0, 1999, 2000, 2001, 3000])
def test_a_word_is_found_however_many_were_looked_up_before(searches: int) -> None:
    known = vocabulary("first", "second")
    for _ in range(searches):
        assert known.find("second") == 2
    assert [known.find(word) for word in ("first", "second", "third", "")] == [1, 2, 0, 0]


def test_many_searches_make_a_dict_and_few_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    known = vocabulary("first", "second")
    made = []
    words = known.words
    monkeypatch.setattr(known, "words", lambda: (made.append(1), words())[1])
    for _ in range(2000):
        known.find("first")
    assert made == []
    for _ in range(2000):
        known.find("first")
    assert made == [1]


def test_a_lone_surrogate_is_an_unknown_word() -> None:
    assert vocabulary("a", "b").find("\udcff") == UNKNOWN


def test_encode_gives_one_id_for_each_token() -> None:
    known = vocabulary("do", "n't", "like")
    tokens = tokenize("I don't like xyzzy!")
    assert known.encode(tokens) == [0, 1, 2, 3, 0, 0]
    assert known.encode([]) == [UNKNOWN]
    assert len(known) == 3


@given(st.text())
def test_any_text_can_be_encoded(text: str) -> None:
    known = vocabulary("a", "i", "o", "1", "!")
    tokens = tokenize(text)
    assert len(known.encode(tokens)) == max(1, len(tokens))
