"""What is compared before words and rows of a model file are used, at its limits."""

from __future__ import annotations

import numpy as np
import pytest

from emojify.contents import check_tuned_rows, check_vocabulary, vocabulary_tensors


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
    rows()
    rows(0)
    rows(0, 1, 8)
    for wrong in ((9,), (0, 9), (1, 1), (2, 1), (2**32 - 1,), (8, 2**32 - 1)):
        with pytest.raises(
            ValueError, match=r"^tuned\.rows that do not ascend or that the vectors"
        ):
            rows(*wrong)


def test_a_single_number_is_a_table_of_no_words() -> None:
    expected = vocabulary_tensors({"vectors": np.zeros((1, 1), np.float16)})
    assert expected["vectors"] == (np.float16, (1, 1))
    assert expected["ends"] == expected["order"] == (np.uint32, (0,))
    assert expected["words"] == (np.uint8, (0,))
    for none in (np.zeros((0, 2)), np.zeros((2, 0)), np.zeros(3), np.zeros((2, 2, 2))):
        with pytest.raises(ValueError, match=r"^no word vectors; expected a row of numbers for"):
            vocabulary_tensors({"vectors": none})
