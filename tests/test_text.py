"""What a text is cut into."""

import doctest
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify import text as text_module
from emojify.text import is_word, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I love you", "i love you"),
        ("  I\tlove\n you ", "i love you"),
        ("Great game!!!", "great game !"),
        ("what?!", "what ? !"),
        ("well... fine…", "well ... fine ..."),
        # contractions as GloVe has them, with their apostrophe, a curly one, or none
        ("I don't, he isn't", "i do n't , he is n't"),
        ("I don’t", "i do n't"),
        ("i dont", "i do n't"),
        ("can't won't cannot", "ca n't wo n't can not"),
        ("I'm you're we've she'll he'd mom's", "i 'm you 're we 've she 'll he 'd mom 's"),
        ("the dogs' ball", "the dogs ball"),
        ("im so happy 4 u", "i 'm so happy 4 you"),
        # laughter and chat
        ("HAHAHAHA lolll lmao", "haha lol lol"),
        ("thx, ily", "thanks , i love you"),
        # numbers
        ("at 7pm, 10,000 fans, 3.5 stars, 1st", "at 7 pm , 10,000 fans , 3.5 stars , 1st"),
        # addresses, mentions, hashtags
        ("see https://x.org/a?b=1 now", "see <url> now"),
        ("@ana_b hi", "<user> hi"),
        ("#LoveIt #NYCMarathon2024 #blessed", "love it nyc marathon 2024 blessed"),
        ("we are #1", "we are 1"),
        # emoticons
        (":) :-) =) (: ;) :P ^_^", "<smile> " * 7),
        (":( :-( :'( ):", "<sadface> " * 4),
        (":D xD XDDD =D", "<lolface> " * 4),
        ("i <3 you :/", "i <heart> you <neutralface>"),
        ("lunch at 8:30 (home)", "lunch at 8:30 ( home )"),
        ("note:pizza", "note : pizza"),
    ],
)
def test_tokens(text: str, tokens: str) -> None:
    assert tokenize(text) == tokens.split()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I ❤️ you", ["i", "❤", "you"]),
        ("❤❤️", ["❤", "❤"]),
        ("👍🏽", ["👍"]),
        ("👨‍👩‍👧 home", ["👨\u200d👩\u200d👧", "home"]),
        ("🇩🇪🇫🇷", ["🇩🇪", "🇫🇷"]),
        ("1️⃣", ["1"]),
        ("©️ ™️ Ⓜ️ ❤︎", ["©", "™", "ⓜ", "❤"]),
    ],
)
def test_an_emoji_is_one_token_without_selector_or_skin_tone(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


@pytest.mark.parametrize("piece", ["haa", "lo", "l", "ha", "a'", "0,", ":", "#a", "❤\u200d"])
def test_no_text_takes_longer_than_its_length_allows(piece: str) -> None:
    """Exponential in the number of repeats, this would never end."""
    assert tokenize(piece * 5000 + "x")


@given(st.lists(st.sampled_from(["so good", "!", "! !", "...", ":)", "don't", "❤️", "#NoWay", "x"])))
def test_blanks_between_pieces_do_not_matter(pieces: list[str]) -> None:
    assert tokenize("\u2028 ".join(pieces)) == tokenize(" \t".join(pieces))


@pytest.mark.parametrize("text", ["! !", "wow ! ! !", "_! _ !"])
def test_a_repeated_mark_is_one_mark_across_blanks(text: str) -> None:
    assert tokenize(text).count("!") == 1


def test_a_lone_skin_tone_is_a_token() -> None:
    assert tokenize("🏻") == ["🏻"]


@given(st.text())
def test_any_text_has_tokens_without_spaces(text: str) -> None:
    for token in tokenize(text):
        assert token
        assert not any(map(str.isspace, token))


@given(st.text())
def test_nfc_and_nfd_are_the_same(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert tokenize(composed) == tokenize(decomposed)


@given(st.text(alphabet="abcdefghij XYZ.,!?'#@:)(0123456789", max_size=40))
def test_case_does_not_matter_outside_of_hashtags(text: str) -> None:
    plain = text.replace("#", "")
    assert tokenize(plain.upper()) == tokenize(plain.lower())


@pytest.mark.parametrize("token", ["love", "n't", "7", "1st", "été"])
def test_words_and_numbers_are_words(token: str) -> None:
    assert is_word(token)


@pytest.mark.parametrize("token", ["!", "...", "<smile>", "❤", "👨\u200d👩\u200d👧"])
def test_marks_symbols_and_emoji_are_not(token: str) -> None:
    assert not is_word(token)


def test_the_examples_in_the_docstrings() -> None:
    result = doctest.testmod(text_module)
    assert (result.failed, result.attempted) == (0, 1)
