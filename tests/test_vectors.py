"""Vectors files: mapped, and refused unless they are whole."""

from pathlib import Path

import numpy as np
import pytest

from emojify.errors import EmojifyError
from emojify.vectors import TunedRows, Vectors
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


def test_tuned_rows_lie_over_the_others() -> None:
    base = np.arange(12, dtype=np.float16).reshape(6, 2)
    tuned = TunedRows(base, np.array([1, 4]), np.array([[-1, -1], [-4, -4]], np.float32))
    found = tuned[np.array([0, 1, 4, 5, 1])]
    assert found.tolist() == [[0, 1], [-1, -1], [-4, -4], [10, 11], [-1, -1]]
    assert found.dtype == np.float32
    assert tuned.shape == (6, 2)
