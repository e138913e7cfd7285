"""Where sentences end: a bar stands at the end of each, a plus where an emoji is there already."""

from __future__ import annotations

import pytest

from emojify.sentences import Prose, sentences


def split(marked: str) -> list[str]:
    """Show the sentences of a line; bars in the marked line itself are taken out."""
    line = marked.replace("|", "")
    return [line[start:stop] + "+" * has_emoji for start, stop, has_emoji in sentences(line)]


def check(marked: str) -> None:
    expected = [part.strip() for part in marked.split("|") if part.strip()]
    assert split(marked) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "Congratulations on the promotion!| Let's get coffee and talk.| Love you!|",
        "I love you|",
        "i love you.| see you soon|",
        "What?| No way.| Never!|",
        "Really?!| Yes!!!| Wow…| OK.|",
        "I am  tired.|   Two blanks, and\tone tab.|\tDone|",
        "¿Qué?| ¡Hola!| Ça va ?| Bien !|",
    ],
)
def test_stops_end_sentences_and_so_does_the_line(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "Mr. Smith met Dr. Who and Mrs. Jones.| They left.|",
        "Bring fruit, e.g. apples, i.e. food.| Thanks.|",
        "We left at 5 p.m. and slept.| We left at 5 p.m.| It was late.|",
        "Salt, pepper, etc. are here.| Salt, pepper, etc.| We have it all.|",
        "The U.S. Army came.| He lives in the U.S.| He likes it.|",
        "J. R. R. Tolkien wrote it.| Plan B.| Then what?|",
        "So do I.| Me too.|",
        "how r u.| i am fine|",
        "See fig. 3 on p. 5, vol. 2.| No. 5 is alive.| No.| We may.| On Jan. 5 it snowed.|",
        "Acme Inc. makes it.| I work for Acme Inc.| They pay well.|",
        "We saw it on Main St. yesterday, a.k.a. the mall.|",
        "(Approx. ten.)| Go.|",
    ],
)
def test_abbreviations_and_initials_do_not_end_sentences(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "It costs 3.50 or 1,000.00.| Pi is 3.14!|",
        "Version 2.0.1 is out.| v1.2.3-rc.1 too|",
        "See https://example.com/a.b?c=d!e.| Then www.example.org?| Yes.|",
        "See https://ja.example.org/娘。/x now.| Yes|",
        "Write to a.b@example.co.uk.| Or call.|",
        "Read .bashrc and notes.txt, then run ./a.out|",
        "The time is 5:30.| Go.|",
        "Use `a. B` or ``c! d``, not `e.`| Then `f.| g",
        "if a != b then stop|",
    ],
)
def test_numbers_versions_addresses_and_names_stay_whole(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "Well... maybe… not.| Hm...| No.| so tired.. bye|",
        '"Stop!" he said.| "Why?"| She left.|',
        "“Great!”| ‘Fine.’| «Bien.»| »Gut.«| „Gut.“| Ja.|",
        "(I know.)| It is (really!) good [sic.] now.| Yes (no?).| Good.|",
        'He said "yes!".| (She said "no!")| Fine|',
        "**Great!**| _Good._| ~~Bad.~~| `Ugh.`| Done|",
    ],
)
def test_dots_quotations_and_brackets(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "今日は楽しい。|明日も！|はい。|",
        "彼は「はい。」|と言った。|",
        "他来了。|“你好！”|他说。|",
        "我爱你。| love you.| 오늘.| ok|",
    ],
)
def test_full_width_stops_need_no_blank(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Love you! ❤️ See you. 👋🏽", ["Love you!+", "See you.+"]),
        ("Love you!❤️ See you", ["Love you!+", "See you"]),
        ("Love you! ❤️ 🎉🎉  Bye", ["Love you!+", "Bye"]),
        ("Love you ❤️", ["Love you ❤️+"]),
        ("Love you ❤️!!", ["Love you ❤️!!+"]),
        ('He said "love you ❤️." Bye', ['He said "love you ❤️."+', "Bye"]),
        ("I ❤️ you", ["I ❤️ you"]),
        ("❤️ you. Yes", ["❤️ you.", "Yes"]),
        ("Love you! :) Bye <3", ["Love you!+", "Bye <3+"]),
        ("so sad :(. Bye XD", ["so sad :(.+", "Bye XD+"]),
        ("Off to 🇩🇪! 👨‍👩‍👧 Bye 1️⃣", ["Off to 🇩🇪!+", "Bye 1️⃣+"]),
        ("Mr. 😀 Smith. Yes", ["Mr. 😀 Smith.", "Yes"]),
        ("楽しい。😀次", ["楽しい。+", "次"]),
        ("5 p.m. 😀 and 5 p.m. 😀 We", ["5 p.m. 😀 and 5 p.m.+", "We"]),
    ],
)
def test_an_emoji_behind_a_sentence_is_seen(line: str, expected: list[str]) -> None:
    assert split(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1. Buy milk. Go.", ["Buy milk.", "Go."]),
        ("  - a) Buy milk", ["Buy milk"]),
        ("* [ ] Buy milk", ["Buy milk"]),
        ("• [x] Buy milk", ["Buy milk"]),
        ("1.2. Buy milk", ["Buy milk"]),
        ("> > Buy milk. Go", ["Buy milk.", "Go"]),
        (">Buy milk", ["Buy milk"]),
        ("#happy days", ["#happy days"]),
        ("-1 is less", ["-1 is less"]),
    ],
)
def test_what_marks_lists_and_quotations_is_no_part_of_a_sentence(line, expected) -> None:
    assert split(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        " \t",
        "...",
        "?!",
        "---",
        "* * *",
        "42.",
        "1.",
        "❤️",
        ":) :)",
        "https://a.b/c.",
        "@me",
        "\0",
    ],
)
def test_without_a_word_there_is_no_sentence(line: str) -> None:
    assert sentences(line) == []


def test_places_are_those_of_the_line_with_its_end() -> None:
    assert sentences("  Hi.  You \r\n") == [(2, 5, False), (7, 10, False)]


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "`",
        "a` ",
        ":",
        "a! ",
        "! ",
        "! 😀 ",
        "a。",
        "1.",
        "> ",
        "Mr. ",
        '"',
        "http://a。b ",
        "T.",
        "(",
    ],
)
def test_no_line_takes_long(unit: str) -> None:
    """What took the square of the length would take minutes for these, and the test with it."""
    line = unit * ((1 << 18) // len(unit))
    sentences(line)
    for beginning in ("[a]: ", "[a]: b/c "):
        assert Prose().has(beginning + line + " x y")


# Lines that are no prose


def test_headings_tables_and_code_are_no_prose() -> None:
    lines = [
        ("# Title", False),
        ("###### Small", False),
        ("####### Seven", True),
        ("#tag", True),
        ("| a | b |", False),
        ("a | b", True),
        ("```", False),
        ("I love you", False),
        ("~~~", False),
        ("``", False),
        ("```python", False),
        ("```` ", False),
        ("Text.", True),
        ("  ~~~~ python", False),
        ("~~~", False),
        ("# no title", False),
        ("~~~~~", False),
        ("```one line``` of code", True),
        ("[1]: https://a.b 'I love it.'", False),
        ("[the game]: ./game.md", False),
        ("[Anna]: I love you.", True),
        ("[^1]: See https://a.b/c", True),
        ("[x] I love https://a.b", True),
        ("---", False),
        ("title: no front matter, which stands first", True),
        ("", False),
    ]
    prose = Prose()
    assert [(line, prose.has(line + "\r\n")) for line, _ in lines] == lines


def test_front_matter_is_no_prose() -> None:
    lines = [
        ("---", False),
        ("title: I love you", False),
        ("tags:", False),
        ("  - so hungry", False),
        ("---", False),
        ("title: I love you", True),
    ]
    prose = Prose()
    assert [(line, prose.has(line + "\n")) for line, _ in lines] == lines


def test_a_rule_above_a_text_hides_no_more_than_what_looks_like_front_matter() -> None:
    prose = Prose()
    lines = ("---", "I love you", "title: I love you")
    assert [prose.has(line) for line in lines] == [False, True, True]


def test_code_without_an_end_goes_on() -> None:
    prose = Prose()
    assert [prose.has(line) for line in ("Yes", "```", "no", "no")] == [True, False, False, False]
