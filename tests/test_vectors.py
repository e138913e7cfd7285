"""Vectors files: mapped, and refused unless they are whole."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from emojify.errors import EmojifyError, EnvironmentFault
from emojify.vectors import ScaledRows, TunedRows, Vectors, is_whole, rounded_to_float16
from emojify.vocab import Vocabulary


@pytest.fixture
def vectors() -> Vectors:
    matrix = np.array([[0, 0], [1, 2], [3, 4]], np.float32)
    return Vectors(Vocabulary.of([b"the", b"of"]), matrix, "")


def test_what_is_saved_is_opened(vectors: Vectors, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    vectors.save(path)
    opened = Vectors.open(path, verify=True)
    assert opened.vocabulary.words() == [b"the", b"of"]
    np.testing.assert_array_equal(opened.matrix, vectors.matrix)
    assert len(opened.fingerprint) == 64
    assert not opened.matrix.flags.writeable  # a user may not be allowed to write to the file


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("width", [1, 2, 3, 25])
@pytest.mark.parametrize("words", [1, 2, 3])
def test_any_number_of_words_and_numbers_is_looked_up(
    tmp_path: Path, words: int, width: int, dtype: type
) -> None:
    known = Vocabulary.of([b"a", b"b", b"c"][:words])
    matrix = np.arange((words + 1) * width, dtype=dtype).reshape(words + 1, width)
    Vectors(known, matrix, "").save(tmp_path / "v.safetensors")
    opened = Vectors.open(tmp_path / "v.safetensors", verify=True)
    np.testing.assert_array_equal(opened.matrix, np.vstack([0 * matrix[:1], matrix[1:]]))
    assert [opened.vocabulary.find(word) for word in "abc"[:words]] == [*range(1, words + 1)]


def test_every_flipped_bit_is_refused_or_harmless(vectors: Vectors, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    vectors.save(path)
    data = path.read_bytes()
    header = data.rindex(b"}", 0, 4096)
    places = [*range(8 * (header + 2)), *range(8 * 4096, 8 * len(data))]
    for flip in places[::3]:  # coprime to 8: every byte, every bit of a byte
        damaged = bytearray(data)
        damaged[flip // 8] ^= 1 << flip % 8
        path.write_bytes(damaged)
        try:
            opened = Vectors.open(path, verify=True)
        except EmojifyError:
            continue
        np.testing.assert_array_equal(opened.matrix, vectors.matrix)


def test_every_truncation_is_refused(vectors: Vectors, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    vectors.save(path)
    data = path.read_bytes()
    for length in (*range(0, 4096, 97), *range(4096, len(data))):
        path.write_bytes(data[:length])
        with pytest.raises(EmojifyError, match=r"damaged|size"):
            Vectors.open(path)


DAMAGED = (
    "is not a file of word vectors that emojify wrote, or is damaged; make it again with "
    "emojify vectors convert"
)
RESIZED = "has not the size that its header says; make it again with emojify vectors convert"


def complaint(path: Path, verify: bool = False) -> str:
    with pytest.raises(EmojifyError) as caught:
        Vectors.open(path, verify)
    place, message = str(caught.value).split(": ", 1)
    assert place == str(path)
    return message


def header_of(data: bytes) -> dict[str, Any]:
    return json.loads(data[8:4096])


def with_header(data: bytes, header: object) -> bytes:
    encoded = json.dumps(header).encode()
    return data[:8] + encoded.ljust(4088) + data[4096:]


def test_the_layout_of_a_file(vectors: Vectors, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    vectors.save(path)
    data = path.read_bytes()
    numbers = data[4096:]
    assert header_of(data) == {
        "__metadata__": {
            "format": "emojify-vectors-1",
            "fingerprint": hashlib.sha256(numbers).hexdigest(),
        },
        "vectors": {"dtype": "F32", "shape": [3, 2], "data_offsets": [0, 24]},
        "ends": {"dtype": "U32", "shape": [2], "data_offsets": [24, 32]},
        "order": {"dtype": "U32", "shape": [2], "data_offsets": [32, 40]},
        "words": {"dtype": "U8", "shape": [5], "data_offsets": [40, 45]},
    }
    assert data[:9] == (4088).to_bytes(8, "little") + b"{"
    assert numbers[40:] == b"theof"
    assert Vectors.open(path).fingerprint == hashlib.sha256(numbers).hexdigest()


def test_no_word_at_all_is_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    Vectors(Vocabulary.of([]), np.zeros((1, 2), np.float16), "").save(path)
    opened = Vectors.open(path, verify=True)
    assert opened.vocabulary.words() == []
    assert opened.matrix.tolist() == [[0, 0]]


def test_vectors_of_no_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    with pytest.raises(EnvironmentFault, match="reads back as something else"):
        Vectors(Vocabulary.of([b"a"]), np.zeros((2, 0), np.float32), "").save(path)
    assert not path.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"__metadata__": None},
        {"__metadata__": {"format": "emojify-vectors-2", "fingerprint": ""}},
        {"__metadata__": {"format": "emojify-vectors-1", "fingerprint": 5}},
        {"__metadata__": {"format": "emojify-vectors-1"}},
        {"vectors": {"dtype": "U32", "shape": [3, 2], "data_offsets": [0, 24]}},
        {"vectors": {"dtype": "F64", "shape": [3, 2], "data_offsets": [0, 48]}},
        {"vectors": {"dtype": "F32", "shape": [3, 2, 1], "data_offsets": [0, 24]}},
        {"vectors": {"dtype": "F32", "shape": [3, -2], "data_offsets": [0, -24]}},
        {"vectors": {"dtype": "F32", "shape": [3, 2], "data_offsets": [1, 25]}},
        {"ends": {"dtype": "F32", "shape": [2], "data_offsets": [24, 32]}},
        {"ends": {"dtype": "U32", "shape": [1], "data_offsets": [24, 28]}},
        {"order": {"dtype": "F32", "shape": [2], "data_offsets": [32, 40]}},
        {"order": {"dtype": "U32", "shape": [1], "data_offsets": [32, 36]}},
        {"words": {"dtype": "U8", "shape": [5], "data_offsets": [41, 46]}},
        {"words": {"dtype": "U8", "shape": [5], "data_offsets": [40, 44]}},
        {"words": {"dtype": "U8", "shape": [1, 1, 5], "data_offsets": [40, 45]}},
        {"words": {"dtype": "F16", "shape": [5], "data_offsets": [40, 50]}},
        {"words": {"dtype": "U8", "shape": [1, 5], "data_offsets": [40, 45]}},
        {"words": {}},
        {"vectors": {"dtype": "F32", "shape": [3.0, 2], "data_offsets": [0, 24]}},
        {"vectors": {"dtype": "F32", "shape": [3, 0], "data_offsets": [0, 0]}},
        {"order": {"dtype": "U32", "shape": [2], "data_offsets": [32.0, 40]}},
        {"more": []},
    ],
)
def test_a_header_that_is_not_ours_is_refused(
    vectors: Vectors, tmp_path: Path, change: dict[str, object]
) -> None:
    path = tmp_path / "v.safetensors"
    vectors.save(path)
    data = path.read_bytes()
    path.write_bytes(with_header(data, header_of(data) | change))
    assert complaint(path) == DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x02\0\0\0\0\0\0\0{}",
        b"\x02\0\0\0\0\0\0\0[]",
        b"\x01\0\0\0\0\0\0\0{",
        b"\xff" * 99,
        (4000).to_bytes(8, "little") + b"[" * 4000,
    ],
    ids=["empty", "no metadata", "a list", "no JSON", "long header", "deep header"],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "v.safetensors"
    path.write_bytes(content)
    assert complaint(path) == DAMAGED


def test_a_file_that_was_cut_or_has_more_is_refused(vectors: Vectors, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    vectors.save(path)
    data = path.read_bytes()
    for other in (data[:-1], data + b"\0"):
        path.write_bytes(other)
        assert complaint(path) == RESIZED


def test_a_changed_number_is_found_when_it_is_looked_for(vectors: Vectors, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    vectors.save(path)
    data = bytearray(path.read_bytes())
    data[4096 + 11] ^= 1
    path.write_bytes(data)
    assert complaint(path, verify=True) == (
        "checksum mismatch: the file is damaged; make it again with emojify vectors convert"
    )
    assert Vectors.open(path).vocabulary.words() == [b"the", b"of"]  # it is not looked for
    assert not is_whole(path)
    data[4096 + 11] ^= 1
    path.write_bytes(data)
    assert is_whole(path)
    assert complaint(tmp_path) == "found a folder; expected word vectors; name a file in it"


@pytest.mark.parametrize(
    ("place", "number", "found"),
    [
        (4, 1, "a vector for the unknown word; expected zeros"),
        (8, 0x7FC00000, "NaN or infinity in vectors; expected finite numbers"),
        (24, 9, "words that end out of order or outside of the text; expected ends that rise to 5"),
        (32, 9, "an order that leaves out a word; expected every word once"),
        (40, 0xFF, "words that are not UTF-8; expected text, cut where a character begins"),
    ],
)
def test_contents_that_make_no_sense_are_found_though_the_checksum_is_right(
    vectors: Vectors, tmp_path: Path, place: int, number: int, found: str
) -> None:
    path = tmp_path / "v.safetensors"
    vectors.save(path)
    data = bytearray(path.read_bytes())
    data[4096 + place : 4096 + place + 4] = number.to_bytes(4, "little")
    header = header_of(data)
    header["__metadata__"]["fingerprint"] = hashlib.sha256(data[4096:]).hexdigest()
    path.write_bytes(with_header(bytes(data), header))
    assert complaint(path, verify=True) == (
        f"found {found}; make it again with emojify vectors convert"
    )


def test_rounding_to_float16_takes_what_fits_and_names_the_word_of_what_does_not() -> None:
    words = Vocabulary.of([b"the", b"of", b"and"])
    fits = np.array([[0, 0], [65504, -65504], [0.1, 2], [1, 1]], np.float32)
    rounded = rounded_to_float16(Vectors(words, fits, ""))
    assert rounded.dtype == np.float16
    assert rounded.tolist() == [[0, 0], [65504, -65504], [float(np.float16(0.1)), 2], [1, 1]]
    for number in (65505, -1e9):
        beyond = fits.copy()
        beyond[2, 1] = beyond[3, 0] = number
        with pytest.raises(EmojifyError) as caught:
            rounded_to_float16(Vectors(words, beyond, ""))
        assert str(caught.value) == (
            "found a number beyond 65504 for the word 'of'; expected one that a 16-bit float can "
            "hold; scale the vectors down"
        )


def test_a_single_tuned_row_lies_over_the_others() -> None:
    base = np.arange(6, dtype=np.float16).reshape(3, 2)
    tuned = TunedRows(base, np.array([1]), np.array([[-1, -1]], np.float32))
    assert tuned[np.array([0, 1, 2])].tolist() == [[0, 1], [-1, -1], [4, 5]]


def test_tuned_rows_lie_over_the_others() -> None:
    base = np.arange(12, dtype=np.float16).reshape(6, 2)
    tuned = TunedRows(base, np.array([1, 4]), np.array([[-1, -1], [-4, -4]], np.float32))
    found = tuned[np.array([0, 1, 4, 5, 1])]
    assert found.tolist() == [[0, 1], [-1, -1], [-4, -4], [10, 11], [-1, -1]]
    assert found.dtype == np.float32
    assert tuned.shape == (6, 2)


@given(
    arrays(
        np.float32,
        array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=5),
        elements=st.floats(-1e4, 1e4, width=32),
    )
)
def test_a_byte_for_each_number_is_off_by_half_a_unit_at_most(
    matrix: npt.NDArray[np.float32],
) -> None:
    rows = ScaledRows.of(matrix)
    assert (rows.values.dtype, rows.shape) == (np.int8, matrix.shape)
    off = np.abs(rows[np.arange(len(matrix))] - matrix).max(axis=1)
    assert (off <= np.abs(matrix).max(axis=1) / 127 * 0.5001).all()
    again = ScaledRows.of(rows[:])
    np.testing.assert_array_equal(again.values, rows.values)


def test_a_row_of_zeros_stays_one() -> None:
    rows = ScaledRows.of(np.zeros((2, 3), np.float32))
    assert rows[:].tolist() == [[0, 0, 0], [0, 0, 0]]
