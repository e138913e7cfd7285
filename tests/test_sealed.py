"""Sealed files: what is saved is loaded, in the format that everybody reads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as read_by_library
from safetensors.numpy import save as written_by_library

from emojify import sealed, store
from emojify.errors import EmojifyError
from tests.models import ZEROS, header_of, sealed_by_hand

KIND = sealed.Kind("emojify-thing", 3, "a thing", "make it again")
TENSORS = {
    "half": np.arange(3, dtype=np.float16),
    "bytes": np.frombuffer(b"odd", np.uint8),
    "double": np.array([[1.0, np.nan], [np.inf, -0.0]]),
    "flags": np.array([True, False]),
    "none": np.empty((0, 7), np.float32),
    "number": np.array(5, np.int64),
    "transposed": np.arange(6, dtype=np.uint32).reshape(2, 3).T,
}
FACTS = {"rng": 2**127 + 1, "text": '❤️ "quoted" \\', "nested": {"sha256": "0" * 64}, "none": None}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "thing"
    sealed.save(path, KIND, TENSORS, FACTS)
    return path


def test_facts_and_tensors_come_back_as_they_were(path: Path) -> None:
    facts, tensors = sealed.load(path, KIND)
    assert facts == FACTS
    assert tensors.keys() == TENSORS.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(tensor, TENSORS[name])
        assert (tensor.dtype, tensor.shape) == (TENSORS[name].dtype, TENSORS[name].shape)
        assert tensor.flags.writeable
        assert tensor.flags.aligned


def test_the_safetensors_library_reads_it_and_would_have_written_the_same_bytes(path: Path) -> None:
    data = path.read_bytes()
    for name, tensor in read_by_library(data).items():
        np.testing.assert_array_equal(tensor, TENSORS[name])
    length = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    contiguous = {name: np.array(tensor, order="C") for name, tensor in TENSORS.items()}
    assert data == written_by_library(contiguous, metadata)


def test_a_file_of_another_kind_says_what_it_is(path: Path) -> None:
    with pytest.raises(EmojifyError) as error:
        sealed.load(path, replace(KIND, name="emojify-model", what="an emojify model"))
    assert str(error.value) == (
        f"{path}: found a file that calls itself 'emojify-thing'; expected an emojify model as "
        "emojify writes it; make it again"
    )


def test_facts_that_json_does_not_have_are_never_written(path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        sealed.save(path, KIND, {}, {"loss": float("nan")})
    assert sealed.load(path, KIND)[0] == FACTS


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ('"version":1,', "the format None in version 1"),
        ('"format":"emojify-model",', "the format 'emojify-model' in version None"),
        ("", "the format None in version None"),
    ],
)
def test_a_file_without_its_format_or_version_is_refused(
    tmp_path: Path, facts: str, found: str
) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(sealed_by_hand(header_of(f'{{{facts}"sha256":"{ZEROS}"}}')))
    with pytest.raises(EmojifyError) as error:
        sealed.load(path, store.KIND)
    assert str(error.value) == (
        f"{path}: found {found}; expected an emojify model as emojify writes it; copy it again, or "
        "train it again"
    )


def test_a_newer_version_is_named_with_the_file(path: Path) -> None:
    with pytest.raises(EmojifyError) as error:
        sealed.load(path, replace(KIND, version=2))
    assert str(error.value) == (
        f"{path}: needs a newer emojify: found format version 3; expected 2 or older; install a "
        "newer emojify"
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\x80\x04\x95", "a Python pickle"),
        (b"PK\x03\x04archive", "a zip archive (.npz, .pt or .keras)"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file (.h5)"),
        (b"\x93NUMPY\x01\x00", "a NumPy array (.npy)"),
    ],
)
def test_files_that_can_hide_code_are_named_and_not_opened(
    tmp_path: Path, content: bytes, found: str
) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(EmojifyError) as error:
        sealed.load(path, store.KIND)
    assert str(error.value) == (
        f"{path}: found {found}; expected an emojify model; it was not opened, since such files "
        "can hide code; train a model with emojify train"
    )


def test_a_file_without_its_end_is_told_from_one_that_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    sealed.save(path, store.KIND, TENSORS, FACTS)
    data = path.read_bytes()
    for content, found in (
        (data[:5], "is incomplete or is not an emojify model"),
        (data[:99], "is incomplete or is not an emojify model"),
        (data[:-1], f"is incomplete: found {len(data) - 1} of {len(data)} bytes"),
        (data[:-1] + b"\xff", "checksum mismatch: the file is damaged"),
        (data + b"\0", "checksum mismatch: the file is damaged"),
    ):
        path.write_bytes(content)
        with pytest.raises(EmojifyError) as error:
            sealed.load(path, store.KIND)
        assert str(error.value) == f"{path}: {found}; {store.KIND.remedy}"


def test_numbers_of_another_byte_order_are_turned_around(tmp_path: Path) -> None:
    path = tmp_path / "thing"
    sealed.save(path, KIND, {"big": np.array([1.5, -2], ">f4"), "odd": np.arange(9)[::2]}, {})
    _, tensors = sealed.load(path, KIND)
    assert (tensors["big"].dtype, tensors["big"].tolist()) == (np.float32, [1.5, -2])
    assert tensors["odd"].tolist() == [0, 2, 4, 6, 8]


def test_a_missing_file_says_what_was_expected(tmp_path: Path) -> None:
    path = tmp_path / "none"
    with pytest.raises(EmojifyError) as error:
        sealed.load(path, KIND)
    assert str(error.value) == (
        f"{path}: found no such file; expected a thing; check the path (looked in {path})"
    )
