"""YAML's plain data: what a scalar is, how deep it may go, where a mistake stands."""

from __future__ import annotations

from typing import Any

import pytest

from emojify.errors import EmojifyError
from emojify.yamlfile import read_document, read_value

PLAIN = "expected plain settings; write the values out, without it"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("no", "no"),
        ("0", 0),
        ("-7", -7),
        ("+12", 12),
        ("010", "010"),
        ("0x10", "0x10"),
        ("1:30:00", "1:30:00"),
        ("1e-3", 0.001),
        ("2E+2", 200.0),
        ("-.5", -0.5),
        ("3.", 3.0),
        (".", "."),
        ("e5", "e5"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("[1, [a, 2.5], {b: ~}]", [1, ["a", 2.5], {"b": None}]),
    ],
)
def test_a_value_is_what_yaml_1_2_takes_it_for(text: str, value: Any) -> None:
    found = read_value(text, "here")
    assert (found, type(found)) == (value, type(value))


def test_a_number_of_40_characters_is_one_and_a_longer_one_is_a_word() -> None:
    assert read_value("1" * 40, "here") == int("1" * 40)
    assert read_value("1" * 41, "here") == "1" * 41
    assert read_value("1." + "0" * 39, "here") == "1." + "0" * 39


def test_every_key_has_its_line() -> None:
    document = read_document("a: 1\nb:\n  c: {d: 2}\n\n  e: [{f: 3}, {f: 4}]\n", "x.yaml")
    assert document.data == {"a": 1, "b": {"c": {"d": 2}, "e": [{"f": 3}, {"f": 4}]}}
    assert document.lines == {
        ("a",): 1,
        ("b",): 2,
        ("b", "c"): 3,
        ("b", "c", "d"): 3,
        ("b", "e"): 5,
        ("b", "e", "0", "f"): 5,
        ("b", "e", "1", "f"): 5,
    }


def nested(levels: int) -> str:
    """Return a mapping of lists, so many levels deep in all."""
    return "a: " + "[" * (levels - 1) + "]" * (levels - 1)


def test_twenty_levels_are_read_and_not_one_more() -> None:
    assert read_document(nested(20), "x.yaml").data != {}
    with pytest.raises(EmojifyError) as caught:
        read_document("\n" + nested(21), "x.yaml")
    assert str(caught.value) == f"x.yaml:2: found more than 20 levels; {PLAIN}"


def test_levels_that_were_closed_do_not_count() -> None:
    items = [{"b": [1]}] * 30
    assert read_document("a:\n" + "- {b: [1]}\n" * 30, "x.yaml").data == {"a": items}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            ":1: found an empty file; expected settings such as 'model:' and below it 'cell: lstm'",
        ),
        (
            "\n\n- a\n",
            ":3: found a list at the root; "
            "expected settings such as 'model:' and below it 'cell: lstm'",
        ),
        (
            "\nword\n",
            ":2: found a single value at the root; "
            "expected settings such as 'model:' and below it 'cell: lstm'",
        ),
        (
            "a: 1\n? [b]\n: 2\n",
            ":2: found a key that is a list or a section; expected a word; write 'key: value'",
        ),
        (
            "a: 1\nb: {c: 1,\n  c: 2}\n",
            ":3: found the key 'c' again; expected it once, it stands on line 2 already; "
            "remove one of the two",
        ),
        (
            "a:\n- {b: 1, b: 2}\n",
            ":2: found the key 'b' again; expected it once, it stands on line 2 already; "
            "remove one of the two",
        ),
        ("a: 1\nb: !!int 2\n", f":2: found the tag 'int'; {PLAIN}"),
        ("a: !own 2\n", f":1: found the tag '!own'; {PLAIN}"),
        ("a: &x 1\nb: *x\n", f":2: found an alias (*); {PLAIN}"),
        ("a: 1\n---\nb: 2\n", f":2: found a second document (---); {PLAIN}"),
        (
            "a: 1\nb: '\n",
            ":3: found YAML that cannot be read at column 1: found unexpected end of stream; "
            "expected lines of 'key: value', indented with spaces",
        ),
        (
            "a: 1\nb: x\x07y\n",
            ":2: found the character U+0007 at column 5; expected text; remove it",
        ),
        (
            "a: 1\nb: 2\n\nc: \x07\n",
            ":4: found the character U+0007 at column 4; expected text; remove it",
        ),
        ("\x07", ":1: found the character U+0007 at column 1; expected text; remove it"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(EmojifyError) as caught:
        read_document(text, "x.yaml")
    assert str(caught.value) == f"x.yaml{message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{a: 1, a: 2}",
            "found the key 'a' again; expected it once, it stands on line 1 already; "
            "remove one of the two",
        ),
        (
            "]",
            "found YAML that cannot be read at column 1: expected the node content, but found ']'; "
            "expected lines of 'key: value', indented with spaces",
        ),
    ],
)
def test_a_mistake_in_a_single_value_is_named_with_its_source(text: str, message: str) -> None:
    with pytest.raises(EmojifyError) as caught:
        read_value(text, "--set x")
    assert str(caught.value) == f"--set x:1: {message}"
