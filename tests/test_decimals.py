"""Decimals in bulk: the same bits as ``float``, and nothing that ``float`` alone would take."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify.decimals import parse, parse_lines

USUAL = st.from_regex(r"-?[0-9]\.[0-9]{0,16}", fullmatch=True)
ANY_FORM = st.from_regex(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?", fullmatch=True)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.one_of(
    USUAL.filter(str.isascii),
    ANY_FORM.filter(str.isascii),
    FLOATS.map(repr),
    st.floats(width=32, allow_nan=False, allow_infinity=False).map("{:.9g}".format),
)


def parsed(*fields: bytes) -> list[str]:
    """Parse fields as a line after its word would have them; exact, with the sign of zero."""
    text = b"0.1234567890123456\n9.87654321 " + b" ".join(fields) + b"\n"
    start = text.index(b" ")
    stops = start + np.cumsum([0, *(len(field) + 1 for field in fields)])
    values = parse(text, stops[np.newaxis])
    assert values.shape == (1, len(fields))
    return list(map(float.hex, values[0].tolist()))


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_numbers_are_bit_for_bit_those_of_float(numbers: list[str]) -> None:
    assert parsed(*map(str.encode, numbers)) == [float(number).hex() for number in numbers]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("places", range(20))
def test_every_number_of_places(sign: str, places: int) -> None:
    for digits in ("90071992547409939071", "00000000000000000001", "99999999999999999999"):
        number = f"{sign}{digits[0]}.{digits[20 - places :]}"
        assert parsed(number.encode()) == [float(number).hex()]


def test_whatever_byte_stands_wherever() -> None:
    form = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
    for number in (b"-1.234567891234", b"0.5", b"-7.25"):
        for place in range(len(number)):
            for byte in set(range(256)) - set(b" \n"):
                field = number[:place] + bytes([byte]) + number[place + 1 :]
                if form.fullmatch(field):
                    assert parsed(field) == [float(field).hex()]
                else:
                    with pytest.raises(ValueError, match=r"number|convert"):
                        parsed(b"0.25", field, b"0.75")


@pytest.mark.parametrize(
    "field", [b"", b"-", b".", b"-.", b"nan", b"-inf", b"1_000", b"\t1.5", b"1.5\r", b"0x1p3"]
)
def test_what_is_no_number_is_refused(field: bytes) -> None:
    with pytest.raises(ValueError, match=r"number|convert"):
        parsed(b"0.25", field)


def test_lines_of_numbers_are_rows() -> None:
    count = 20_000  # more than are parsed at once
    text = b"".join(b"w%d %d.5 -0.%d\n" % (i, i % 12, i) for i in range(count))
    stops = np.flatnonzero(np.isin(np.frombuffer(text, np.uint8), list(b" \n"))).reshape(-1, 3)
    expected = [[i % 12 + 0.5, -float(f"0.{i}")] for i in range(count)]
    assert parse(text, stops).tolist() == expected


def test_lines_are_taken_apart_into_words_and_numbers() -> None:
    text = "a 0.5 -2.25\nnaïve 1e2 .5\n\u00a0\x85 7 0.125\n".encode()
    words, numbers = parse_lines(text, 2)
    assert words == [b"a", "naïve".encode(), "\u00a0\x85".encode()]
    assert numbers.tolist() == [[0.5, -2.25], [100, 0.5], [7, 0.125]]
    words, numbers = parse_lines(b"word 1.5\n", 1)
    assert (words, numbers.tolist()) == ([b"word"], [[1.5]])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"a 1\n", "another number of fields"),
        (b"a 1 2 3\n", "another number of fields"),
        (b"a b 1 2\n", "another number of fields"),
        (b"a 1 2\nb 1\nc 1 2 3\n", "another number of fields"),
        (b"a 1 2\n\nb 1 2\n", "another number of fields"),
        (b"a 1 2 \n", "another number of fields"),
        (b" 1 2\n", "a line without a word"),
        (b"a 1 2\n 1 2\n", "a line without a word"),
        (b"a 1 x\n", "something that is not a number"),
        (b"a 1 2\r\n", "something that is not a number"),
    ],
)
def test_lines_of_another_form_are_left_to_somebody_else(text: bytes, found: str) -> None:
    with pytest.raises(ValueError, match=f"^found {found}$"):
        parse_lines(text, 2)
