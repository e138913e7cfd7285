"""Laws of word vectors."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import zipfile
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emojify import glove
from emojify.errors import EmojifyError
from emojify.glove import load
from emojify.vectors import TunedRows, Vectors
from emojify.vocab import Vocabulary
from tests.test_decimals import NUMBERS

WIDTH = 3
FITTING = NUMBERS.filter(lambda number: abs(float(number)) < 3e38)
# Of any characters but those that no text file has, and not ending like a number.
CHARACTERS = st.characters(exclude_characters="\n\0", codec="utf-8")
WORDS = st.text(CHARACTERS, max_size=6).map("w{}w".format)
TABLES = st.dictionaries(
    WORDS, st.lists(FITTING, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=6
)

LINES = [b"a 1 2\n", b"b -.5 3e-2\n", b"c 1 2 \r\n", b"\xff 1 2\n", b". . 0.123456789 -7.\n"]
BLANKS = [b"\n", b"\r\n", b" \n", b" ", b"\r"]
PIECES = [*LINES, *BLANKS, b"d 1 2", b"e 1", b"\xef\xbb\xbf", b"2 2\n"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vectors")


def lines_of(table: dict[str, list[str]]) -> list[str]:
    return [f"{word} {' '.join(numbers)}\n" for word, numbers in table.items()]


def loaded(folder: Path, content: bytes, name: str = "v.txt") -> Vectors:
    path = folder / name
    path.write_bytes(content)
    return load(path)


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("v.txt", content)
    return file.getvalue()


@settings(max_examples=40)
@given(table=TABLES)
def test_every_number_is_that_of_python_in_32_bits(
    folder: Path, table: dict[str, list[str]]
) -> None:
    vectors = loaded(folder, "".join(lines_of(table)).encode())
    assert [word.decode() for word in vectors.vocabulary.words()] == list(table)
    expected = np.array([[float(n) for n in numbers] for numbers in table.values()], np.float32)
    assert vectors.matrix[1:].tobytes() == expected.tobytes()
    assert not vectors.matrix[0].any()


@settings(max_examples=12)
@given(table=TABLES)
def test_a_mark_line_ends_blanks_a_header_and_compression_change_nothing(
    folder: Path, table: dict[str, list[str]]
) -> None:
    plain = "".join(lines_of(table)).encode()
    fingerprint = loaded(folder, plain).fingerprint
    header = b"%d %d\n" % (len(table), WIDTH)
    for same in (
        b"\xef\xbb\xbf" + plain,
        plain.replace(b"\n", b"\r\n"),
        plain.replace(b"\n", b" \n"),
        plain.removesuffix(b"\n"),
        plain + b"\n\n",
        header + plain,
        gzip.compress(plain),
        zipped(plain),
    ):
        assert loaded(folder, same).fingerprint == fingerprint


@pytest.mark.filterwarnings("ignore::emojify.errors.EmojifyWarning")
@settings(max_examples=30)
@given(table=TABLES, chosen=st.data())
def test_of_a_word_that_is_repeated_the_first_vector_counts(
    folder: Path, table: dict[str, list[str]], chosen: st.DataObject
) -> None:
    lines = lines_of(table)
    first = chosen.draw(st.integers(0, len(lines) - 1))
    later = chosen.draw(st.integers(first + 1, len(lines)))
    repeated = [*lines[:later], f"{list(table)[first]} 7 7 7\n", *lines[later:]]
    once, twice = (loaded(folder, "".join(text).encode()) for text in (lines, repeated))
    assert twice.fingerprint == once.fingerprint


@pytest.mark.filterwarnings("ignore::emojify.errors.EmojifyWarning")
@settings(max_examples=40)
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=20), chunk=st.integers(1, 9))
def test_however_a_text_is_cut_into_pieces_it_is_the_same_or_wrong_there(
    folder: Path, pieces: list[bytes], chunk: int
) -> None:
    path = folder / "v.txt"
    path.write_bytes(b"".join(pieces))
    outcomes = []
    for size in (1 << 18, chunk):
        with (
            tempfile.TemporaryDirectory(dir=folder) as cache,
            mock.patch.dict(os.environ, EMOJIFY_CACHE=cache),
            mock.patch.object(glove, "_CHUNK", size),
        ):
            try:
                outcomes.append(load(path).fingerprint)
            except EmojifyError as error:
                outcomes.append(str(error).split(" ")[0])  # the line
    assert outcomes[0] == outcomes[1]


@settings(max_examples=30)
@given(table=TABLES)
def test_what_is_saved_is_opened_and_a_cache_is_what_was_read(
    folder: Path, table: dict[str, list[str]]
) -> None:
    first = loaded(folder, "".join(lines_of(table)).encode())
    first.save(folder / "v.safetensors")
    for again in (load(folder / "v.txt"), load(folder / "v.safetensors")):
        assert again.fingerprint == first.fingerprint
        assert again.vocabulary.words() == first.vocabulary.words()
        assert again.matrix.tobytes() == first.matrix.tobytes()


@settings(max_examples=20)
@given(words=st.lists(st.text(max_size=3), unique=True), others=st.lists(st.text(max_size=3)))
def test_a_vocabulary_is_a_dictionary_however_often_it_is_asked(
    words: list[str], others: list[str]
) -> None:
    known = Vocabulary.of([word.encode() for word in words if word])
    ids = {word: number for number, word in enumerate(filter(None, words), 1)}
    asked = [*ids, *others, ""]
    expected = [ids.get(word, 0) for word in asked]
    for _ in range(2500 // len(asked) + 2):  # more searches than it takes to make a dict
        assert [known.find(word) for word in asked] == expected


@given(st.data(), st.integers(1, 12))
def test_tuned_rows_are_a_copy_with_those_rows_replaced(data: st.DataObject, count: int) -> None:
    base = np.arange(count * 2, dtype=np.float16).reshape(count, 2)
    rows = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1)))
    values = -1 - np.arange(len(rows) * 2, dtype=np.float32).reshape(-1, 2)
    copied = base.astype(np.float32)
    copied[rows] = values
    ids = np.array(data.draw(st.lists(st.integers(0, count - 1))), np.int64)
    np.testing.assert_array_equal(TunedRows(base, np.array(rows), values)[ids], copied[ids])
