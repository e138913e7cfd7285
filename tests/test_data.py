"""CSV files as people have them."""

import io
import sys
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify.csvfile import DELIMITERS
from emojify.data import read_examples, spool_examples
from emojify.errors import EmojifyError, EmojifyWarning

FIVE = ("❤️", "⚾", "😄", "😞", "🍴")


@pytest.fixture
def write(tmp_path: Path):
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "x.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.mark.parametrize(
    ("content", "rows", "has_header"),
    [
        ("text,emoji\nhi,❤️\n", [("hi", "❤️")], True),
        ("Sentence , Label\nhi,0\n", [("hi", "❤️")], True),
        ("id,label,tweet,when\n7,😄,ho,now\n", [("ho", "😄")], True),
        ("hi,❤️\nho,1\n", [("hi", "❤️"), ("ho", "⚾")], False),
        ("hi  \t,❤️\n", [("hi", "❤️")], False),
        ("\ufefftext,emoji\nhi,❤️\n", [("hi", "❤️")], True),
        ("\ufeffhi,❤️\n", [("hi", "❤️")], False),
        ('"well, hi",❤️\n', [("well, hi", "❤️")], False),
        ('"two\nlines",❤️\n', [("two\nlines", "❤️")], False),
        ('"say ""hi""",❤️\n', [('say "hi"', "❤️")], False),
        ("hi,❤️\r\nho,⚾\r\n", [("hi", "❤️"), ("ho", "⚾")], False),
        ("hi,❤️\rho,⚾\r", [("hi", "❤️"), ("ho", "⚾")], False),
        ("text,❤️\nho,⚾\n", [("text", "❤️"), ("ho", "⚾")], False),
        ("emoji,❤️\nho,⚾\n", [("emoji", "❤️"), ("ho", "⚾")], False),
        ("\nhi,❤️\n\n,\nho,⚾", [("hi", "❤️"), ("ho", "⚾")], False),
        ("one\u2028row,❤️\n", [("one\u2028row", "❤️")], False),
        ("hi,❤\nho,❤️\n", [("hi", "❤️"), ("ho", "❤️")], False),
    ],
)
def test_rows(write, content: str, rows: list[tuple[str, str]], has_header: bool) -> None:
    examples = read_examples(write(content), FIVE)
    assert list(zip(examples.texts, examples.emoji, strict=True)) == rows
    assert examples.header_line == (1 if has_header else None)


def test_lines_of_emoji(write) -> None:
    path = write("text,emoji,also\npizza then beach,🍕🏖,❤️\nlol,😂😂\nplay,4 :dog:,\n")
    examples = read_examples(path, FIVE, lines=True)
    assert examples.emoji == ["🍕 🏖️", "😂", "🍴 🐶"]
    assert examples.also is None
    assert list(spool_examples(path, FIVE, lines=True).emoji) == examples.emoji


def test_what_is_no_line_of_emoji_is_named_with_its_line(write) -> None:
    with pytest.raises(EmojifyError) as caught:
        read_examples(write("text,emoji\nhi,🍕x\n"), lines=True)
    assert str(caught.value).endswith(
        "x.csv:2: found the label 'x'; expected emoji or their names, such as 🍕🐶 or :pizza: "
        ":dog:; for numbers, list data.labels"
    )


def test_two_lines_for_a_sentence_are_warned_of(write) -> None:
    with pytest.warns(
        EmojifyWarning, match=r"1 sentences have more than one line of emoji \(lines"
    ):
        read_examples(write("a,🍕🐶\na,🐶🍕\n"), lines=True)


def test_numbers_in_a_line_are_those_of_the_labels(write) -> None:
    with pytest.raises(EmojifyError, match=r"found the number 7; .*, or numbers \(0 ❤️, 1 ⚾, "):
        read_examples(write("text,emoji\na,1 7\n"), FIVE, lines=True)


def test_further_acceptable_emoji_are_named_in_a_column_of_their_own(write) -> None:
    path = write("text,emoji,Also\nhi,0,\nho,1,😴 4  :pizza:\nhu,😄, ❤ \n")
    assert read_examples(path, FIVE).also == [(), ("😴", "🍴", "🍕"), ("❤️",)]
    assert read_examples(write("text,emoji\nhi,0\n"), FIVE).also is None


@pytest.mark.parametrize(
    ("also", "found"),
    [("☕😴", "2 emoji, '☕😴'"), ("☕, 😴", "the label '☕,'"), ("☕ 9", "the number 9")],
)
def test_what_is_no_acceptable_emoji_is_said(write, also: str, found: str) -> None:
    assert complaint(write(f'text,emoji,also\nhi,0,\nho,0,"{also}"\n')) == [
        f":3: found {found} in the column also; expected emoji or their names, separated by "
        "blanks, or nothing"
    ]


def test_a_row_without_its_column_of_acceptable_emoji_is_short(write) -> None:
    path = write("text,emoji,also\nhi,0\n")
    assert complaint(path) == [":2: found 2 columns; expected 3 as in the header"]


def test_training_passes_over_the_acceptable_emoji(write) -> None:
    path = write("text,emoji,also\nhi,0\nho,1,no emoji\n")
    spooled = spool_examples(path, FIVE)
    assert (list(spooled.texts), list(spooled.emoji), spooled.also) == (
        ["hi", "ho"],
        ["❤️", "⚾"],
        None,
    )


def test_further_columns_are_passed_over_with_one_warning(write) -> None:
    path = write("hi,3\nho,3,, [0]\nhu,1,,\n")
    with pytest.warns(EmojifyWarning) as caught:
        examples = read_examples(path, FIVE)
    assert examples.texts == ["hi", "ho", "hu"]
    assert [str(w.message) for w in caught] == [
        f"{path}: 2 rows have more than two columns (the first is line 2); "
        "the others were passed over"
    ]


def test_long_sentences_are_warned_of_once(write) -> None:
    path = write("hi,0\n" + f"{'x' * 10_000},0\n" + f"{'x' * 10_001},0\n" * 2)
    with pytest.warns(EmojifyWarning) as caught:
        read_examples(path, FIVE)
    assert [str(w.message) for w in caught] == [
        f"{path}: of 2 sentences only the first 10,000 characters are read (the first is line 3)"
    ]


def test_sentences_with_several_emoji_are_warned_of_with_their_lines(write) -> None:
    rows = "hi,0\nho,1\nHo,1\nhi,2\ncaf\u00e9,3\nHI,0\ncafe\u0301,4\n"
    path = write(rows)
    with pytest.warns(EmojifyWarning) as caught:
        read_examples(path, FIVE)
    [warning] = [str(w.message).removeprefix(str(path)) for w in caught]
    assert warning == (
        ": 2 sentences have more than one emoji (lines 1 and 4, 5 and 7); only one of them can be "
        "answered"
    )
    path = write(rows + "".join(f"number {i // 2},{i % 2}\n" for i in range(10_000)))
    lines = "1 and 4, 5 and 7, 8 and 9, 10 and 11, 12 and 13, …"
    with pytest.warns(EmojifyWarning, match=rf": 5002 sentences have .* \(lines {lines}\); only"):
        read_examples(path, FIVE)


def complaint(path: Path) -> list[str]:
    with pytest.raises(EmojifyError) as caught:
        read_examples(path, FIVE)
    return [line.removeprefix(str(path)) for line in caught.value.lines]


def test_the_physical_line_is_named_after_quoted_line_breaks(write) -> None:
    [line] = complaint(write('"a\nb\nc",0\nhi,9\n'))
    assert line.startswith(":4: found the number 9; expected one emoji")


def test_an_unclosed_quote_is_named_with_the_line_that_opens_it(write) -> None:
    rows = 'hi,0\n"never closed,0\nho,1\n'
    [line] = complaint(write(rows))
    assert line.startswith(":2: found a quote that is never closed; expected it to be closed")
    [line] = complaint(write(rows + "more,0\n" * 50_000))
    assert line == (
        ":2: found a field of more than 131,072 characters; expected a sentence; look for a quote "
        "that is never closed, and double a quote that belongs to the text"
    )


def test_many_wrong_rows_show_the_first_ten_and_the_total(write) -> None:
    *first, total = complaint(write("good,0\n" + "bad,x\n" * 25))
    assert [line.split(":")[1] for line in first] == [str(n) for n in range(2, 12)]
    assert total == "25 rows are wrong in all; nothing was read"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hi;0\nho;1\n", ":1: found 1 column; expected a sentence and an emoji; it looks "
         "semicolon-separated, use --delimiter ';'"),
        (b"hi\t0\n", ":1: found 1 column; expected a sentence and an emoji; it looks "
         "tab-separated, use --delimiter tab"),
        (b"when,where;text;emoji\n", ":1: found 2 columns; expected a sentence and an emoji; it "
         "looks semicolon-separated, use --delimiter ';'"),
        (b"hi\n", ":1: found 1 column; expected a sentence and an emoji"),
        (b"caf\xe9,0\n", ":1: found a byte that is not UTF-8 at offset 3; expected a CSV file with "
         "a sentence and an emoji in every row; convert the file, for example with "
         "iconv -f WINDOWS-1252 -t UTF-8"),
        ("hi,0\n".encode("utf-32"), ": found UTF-32 at offset 0; expected a CSV file with a "
         "sentence and an emoji in every row, in UTF-8; convert the file, for example with "
         "iconv -f UTF-32 -t UTF-8"),
        ("hi,0\n".encode("utf-16"), ": found UTF-16 at offset 0; expected a CSV file with a "
         "sentence and an emoji in every row, in UTF-8; convert the file, for example with "
         "iconv -f UTF-16 -t UTF-8"),
        (b"hi,0\nh\0,0\n", ": found a zero byte at offset 6; expected a CSV file with a "
         "sentence and an emoji in every row; if the file is UTF-16, convert it, for example "
         "with iconv -f UTF-16 -t UTF-8"),
    ],
)  # fmt: skip
def test_other_formats_are_recognised(write, content: bytes, message: str) -> None:
    assert complaint(write(content)) == [message]


@pytest.mark.parametrize(("name", "mark"), DELIMITERS.items())
def test_columns_may_be_separated_otherwise(write, name: str, mark: str) -> None:
    others = "".join(DELIMITERS.values()).replace(mark, "")
    path = write(f'text{mark}emoji\nhi {others} you{mark}0\n"a {mark} b"{mark}1\n')
    examples = read_examples(path, FIVE, name)
    assert (examples.texts, examples.header_line) == ([f"hi {others} you", f"a {mark} b"], 1)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
            .map(str.strip)
            .filter(lambda text: text and not text.startswith("\ufeff") and "\0" not in text),
            st.sampled_from(FIVE),
        ),
        min_size=1,
        unique_by=lambda row: normalize("NFC", row[0]).casefold(),
    )
)
def test_what_pythons_csv_module_writes_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    import csv

    path = tmp_path_factory.mktemp("csv") / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "emoji"), *rows])
    examples = read_examples(path, FIVE)
    assert list(zip(examples.texts, examples.emoji, strict=True)) == rows


WHAT = "a CSV file with a sentence and an emoji in every row"
ALLOWED = "one emoji, its name such as :pizza:, or a number (0 ❤️, 1 ⚾, 2 😄, 3 😞, 4 🍴)"
QUOTES = "double a quote that belongs to the text"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", f": found no rows; expected {WHAT}"),
        ("\n , \n", f": found no rows; expected {WHAT}"),
        ("text,emoji\n\n", f": found a header and no rows; expected {WHAT}"),
        ("hi,0\nho\n", ":2: found 1 column; expected a sentence and an emoji"),
        ("id,text,emoji\nhi,0\n", ":2: found 2 columns; expected 3 as in the header"),
        ("emoji,text\n0\n", ":2: found 1 column; expected 2 as in the header"),
        ("hi,0\n ,0\n", ":2: found an empty sentence; expected text and its emoji"),
        ("hi,5\n", f":1: found the number 5; expected {ALLOWED}; if this is a header, name its "
         "columns text,emoji"),
        ("\nhi,5\n", f":2: found the number 5; expected {ALLOWED}"),
        ("hi,0\nho,\n", f":2: found an empty label; expected {ALLOWED}"),
        ('hi,0\n"ho" ho,1\n', ":2: found a row that is not CSV (',' expected after '\"'); expected "
         f"text,emoji; {QUOTES}"),
        ('hi,0\n"ho,1\nhu,2\n', ":2: found a quote that is never closed; expected it to be closed "
         f"in the same row; {QUOTES}"),
        (f"hi,0\n{'x' * 131_073},1\n", ":2: found a field of more than 131,072 characters; "
         f"expected a sentence; look for a quote that is never closed, and {QUOTES}"),
        ("x," * 600_000, f": found a line of more than 1,048,576 characters; expected {WHAT}; "
         "this is another kind of file"),
        ("\n <!DOCTYPE HTML>", f":1: found a web page; expected {WHAT}; download the file itself"),
        ("<HTML lang=en>", f":1: found a web page; expected {WHAT}; download the file itself"),
    ],
    ids=range(16),
)  # fmt: skip
def test_what_is_wrong_is_said_in_these_words(write, content: str, message: str) -> None:
    assert complaint(write(content)) == [message]


def test_a_line_of_a_megabyte_is_read(write) -> None:
    longest = "hi,0," + "x," * ((1 << 19) - 3)
    assert len(longest) == (1 << 20) - 1
    with pytest.warns(EmojifyWarning, match="1 rows have more than two columns"):
        assert read_examples(write(longest + ","), FIVE).texts == ["hi"]


def test_a_field_of_131072_characters_is_read(write) -> None:
    with pytest.warns(EmojifyWarning, match="of 1 sentences only the first 10,000 characters"):
        assert len(read_examples(write("x" * 131_072 + ",0\n"), FIVE).texts[0]) == 131_072


def test_a_byte_that_is_not_utf8_is_found_wherever_it_stands(write) -> None:
    for place in (0, 65_535, 65_536, 70_000, 200_000):
        for byte in (b"\xff", b"\xe2\x82"):
            content = b"x" * place + byte + b",0\n" + b"y" * 10
            [line] = complaint(write(content))
            assert line.startswith(
                f":1: found a byte that is not UTF-8 at offset {place}; expected"
            )
    [line] = complaint(write(b"hi,0\n\xe2\x9a"))
    assert line.startswith(":2: found a byte that is not UTF-8 at offset 5; expected")


@pytest.mark.parametrize("place", [0, 3, 65_535, 65_536, 140_000])
def test_a_zero_byte_is_found_wherever_it_stands(write, place: int) -> None:
    content = (b"hi,0\n" * 40_000)[:place] + b"\0 and \0"
    assert complaint(write(content))[0].startswith(
        f": found a zero byte at offset {place}; expected"
    )


def test_ten_wrong_rows_are_shown_and_of_eleven_the_number_is_told(write) -> None:
    for count, total in ((2, "2"), (10, "10"), (11, "11")):
        *first, last = complaint(write("good,0\n" + "bad,x\n" * count))
        assert len(first) == min(count, 10)
        assert last == f"{total} rows are wrong in all; nothing was read"
    [only] = complaint(write("good,0\nbad,x\n"))
    assert only == f":2: found the label 'x'; expected {ALLOWED}"


def test_without_numbered_emoji_a_number_is_no_label(write) -> None:
    path = write("text,emoji\nhi,9\n")
    with pytest.raises(EmojifyError) as caught:
        read_examples(path)
    assert str(caught.value) == (
        f"{path}:2: found the number 9; expected one emoji or its name, such as :pizza:; for "
        "numbers, list data.labels"
    )


def test_spooled_examples_are_the_same(write) -> None:
    path = write("text,emoji\nhi,0\nho,4\n")
    read, spooled = read_examples(path, FIVE), spool_examples(path, FIVE)
    assert (list(spooled.texts), list(spooled.emoji)) == (read.texts, read.emoji)
    assert list(spool_examples(write("hi;⚾\n"), delimiter=";").emoji) == ["⚾"]


def test_a_delimiter_that_is_none_is_refused(write) -> None:
    with pytest.raises(EmojifyError) as caught:
        read_examples(write("hi,0\n"), FIVE, "\t")
    assert str(caught.value) == "found the delimiter '\\t'; expected , or ; or | or tab"


def test_standard_input_is_read_and_its_absence_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("text,emoji\nhi,⚾".encode())))
    examples = read_examples("-", FIVE)
    assert (examples.source, examples.texts, examples.emoji) == ("<stdin>", ["hi"], ["⚾"])
    assert (len(examples), examples.header_line) == (1, 1)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(EmojifyError) as caught:
        read_examples("-")
    assert str(caught.value) == f"<stdin>: standard input is closed; expected {WHAT}"


def test_a_shipped_file_is_read_by_its_name() -> None:
    assert len(read_examples("five-test", FIVE)) > 40
    with pytest.raises(EmojifyError, match=f"found no such file; expected {WHAT}; check the path"):
        read_examples("none.csv")


def test_columns_that_are_too_many_are_counted_unless_a_header_names_them(write) -> None:
    assert len(read_examples(write("text,emoji,id\nhi,0,1\n"), FIVE)) == 1
    path = write("hi,0\nho,1,,\nhu,2,x\n")
    with pytest.warns(EmojifyWarning) as caught:
        read_examples(path, FIVE)
    assert [str(w.message) for w in caught] == [
        f"{path}: 2 rows have more than two columns (the first is line 2); "
        "the others were passed over"
    ]


def test_long_sentences_are_counted(write) -> None:
    path = write("x" * 10_000 + ",0\n" + "y" * 10_001 + ",0\nhi,1\n" + "z" * 10_001 + ",0\n")
    with pytest.warns(EmojifyWarning) as caught:
        read_examples(path, FIVE)
    assert [str(w.message) for w in caught] == [
        f"{path}: of 2 sentences only the first 10,000 characters are read (the first is line 2)"
    ]
