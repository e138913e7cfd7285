"""What is compared before words and rows of a model file are used, at its limits."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from emojify.contents import (
    check_facts,
    check_tensors,
    check_tuned_rows,
    check_vocabulary,
    network_tensors,
    vocabulary_tensors,
)
from emojify.nn.cells import new_cell
from emojify.nn.model import Model
from emojify.settings import Settings, as_plain


def words_of(text: str, *ends: int, order: tuple[int, ...] | None = None) -> None:
    places = range(len(ends)) if order is None else order
    check_vocabulary(
        np.frombuffer(text.encode(), np.uint8),
        np.array(ends, np.uint32),
        np.array(places, np.uint32),
    )


def test_words_are_pieces_of_the_text() -> None:
    words_of("")
    words_of("i", 1)
    words_of("iyou", 1, 4)
    words_of("iyou", 1, 4, order=(1, 0))
    words_of("iyou", 1, 1, 4)  # a word of nothing is harmless
    words_of("iyou", 1, 4, 4)
    words_of("naïve❤", 6, 9)


@pytest.mark.parametrize("ends", [(), (1, 3), (1, 5), (4, 1), (2, 1, 4)])
def test_ends_rise_to_the_end_of_the_text(ends: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^words that end out of order or outside of the text; "):
        words_of("iyou", *ends)


@pytest.mark.parametrize("ends", [(3, 9), (6, 7, 9), (6, 8, 9)])
def test_a_word_begins_where_a_character_begins(ends: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^words that are not UTF-8; expected text, cut where"):
        words_of("naïve❤", *ends)


@pytest.mark.parametrize(
    "order", [(0, 0, 1), (0, 1, 1), (1, 2, 2), (0, 1, 3), (0, 1, 99), (1, 2, 99)]
)
def test_an_order_names_every_word_once(order: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^an order that leaves out a word; expected every word"):
        words_of("iyou", 1, 3, 4, order=order)


def rows(*numbers: int) -> None:
    check_tuned_rows(np.array(numbers, np.uint32), 9)


def test_tuned_rows_ascend_and_exist() -> None:
    rows(0)
    rows(0, 1, 8)
    for wrong in ((9,), (0, 9), (1, 1), (2, 1), (2**32 - 1,), (8, 2**32 - 1)):
        with pytest.raises(
            ValueError, match=r"^tuned\.rows that do not ascend or that the vectors"
        ):
            rows(*wrong)
    with pytest.raises(ValueError, match=r"^no tuned\.rows; expected at least that of the unknown"):
        rows()


def test_a_single_number_is_a_table_of_no_words() -> None:
    expected = vocabulary_tensors({"vectors": np.zeros((1, 1), np.float16)})
    assert expected["vectors"] == (np.float16, (1, 1))
    assert expected["ends"] == expected["order"] == (np.uint32, (0,))
    assert expected["words"] == (np.uint8, (0,))
    for none in (np.zeros((0, 2)), np.zeros((2, 0)), np.zeros(3), np.zeros((2, 2, 2))):
        with pytest.raises(ValueError, match=r"^no word vectors; expected a row of numbers for"):
            vocabulary_tensors({"vectors": none})


@pytest.mark.parametrize("bits", [0x7C00, 0xFC00, 0x7C01, 0x7E00, 0x7FFF, 0xFE01])
def test_no_16_bits_that_are_no_number_pass(bits: int) -> None:
    expected = {"t": (np.float16, (2,))}
    check_tensors({"t": np.array([0x7BFF, 0xFBFF], np.uint16).view(np.float16)}, expected)
    with pytest.raises(ValueError, match=r"^NaN or infinity in t; expected finite numbers$"):
        check_tensors({"t": np.array([0, bits], np.uint16).view(np.float16)}, expected)


@pytest.mark.parametrize("reset_after", [True, False])
def test_the_weights_of_a_network_are_those_of_its_cell(reset_after: bool) -> None:
    model = {"cell": "gru", "hidden": 3, "reset_after": reset_after}
    facts = {"settings": {"model": model}, "labels": [["❤️", "⚾"], ["", ""]]}
    expected = network_tensors(facts, 5)
    network = Model(new_cell("gru", reset_after), np.zeros((2, 5), np.float32), 3, 2)
    assert {name: shape for name, (_, shape) in expected.items()} == {
        f"net.{name}": weight.shape for name, weight in network.params.values.items()
    }
    assert {dtype for dtype, _ in expected.values()} == {np.float32}


def facts_with(**model: object) -> dict[str, Any]:
    settings = as_plain(Settings())
    settings["model"] |= model
    return {
        "settings": settings,
        "labels": [["❤️", "⚾"], ["red heart", "baseball"]],
        "history": [],
        "vectors": [None, ""],
    }


def test_settings_of_every_network_pass() -> None:
    check_facts(facts_with(hidden=1))
    check_facts(facts_with(cell="gru", reset_after=True))
    check_facts(facts_with(cell="gru", reset_after=False))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"hidden": 0}, "0 for model.hidden; expected a whole number above 0"),
        ({"hidden": True}, "True for model.hidden; expected a whole number above 0"),
        ({"cell": "lstm", "reset_after": True},
         "True for model.reset_after; expected false, or true with gru"),
        ({"cell": "gru", "reset_after": 1},
         "1 for model.reset_after; expected false, or true with gru"),
        ({"cell": "gru", "reset_after": None},
         "None for model.reset_after; expected false, or true with gru"),
    ],
)  # fmt: skip
def test_settings_of_no_network_are_refused(model: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check_facts(facts_with(**model))


def test_a_setting_is_a_value_or_a_list_of_values() -> None:
    facts = facts_with()
    facts["settings"]["data"]["labels"] = ["❤️", "⚾"]
    check_facts(facts)
    for nested in ([["❤️"]], [{}], {"a": []}):
        facts["settings"]["data"]["labels"] = nested
        with pytest.raises(ValueError, match=r"^settings within settings; expected sections of"):
            check_facts(facts)
