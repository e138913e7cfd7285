"""The header of a safetensors file: written as the library writes it, read without trust."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from reprlib import repr as short
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Tensors: TypeAlias = Mapping[str, npt.NDArray[Any]]

_MOST_DIGITS = 100  # of a whole number; the state of a random generator has 39
_MOST_DIMENSIONS = 8
_MOST_NUMBERS = 2**59
# In the order in which the library counts them; it lays the last ones first into the file, so
# that every number is aligned.
_DTYPES = {
    name: np.dtype(code)
    for name, code in (
        ("BOOL", "?"),
        ("U8", "u1"),
        ("I8", "i1"),
        ("F16", "<f2"),
        ("I32", "<i4"),
        ("U32", "<u4"),
        ("F32", "<f4"),
        ("F64", "<f8"),
        ("I64", "<i8"),
        ("U64", "<u8"),
    )
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_RANKS = {dtype: rank for rank, dtype in enumerate(_DTYPES.values())}


class Place(NamedTuple):
    """Where a tensor stands among the bytes after the header, and what it is."""

    dtype: np.dtype[Any]
    shape: list[int]
    start: int
    stop: int


def in_order(tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
    """Return the tensors as they lie in a file: little-endian, contiguous, the widest first."""
    arrays = {n: np.asarray(t, t.dtype.newbyteorder("<"), order="C") for n, t in tensors.items()}
    return dict(sorted(arrays.items(), key=lambda item: (-_RANKS[item[1].dtype], item[0])))


def lay_out(arrays: Tensors) -> dict[str, Place]:
    """Return where arrays stand that are written one after another."""
    places: dict[str, Place] = {}
    stop = 0
    for name, array in arrays.items():
        start, stop = stop, stop + array.nbytes
        places[name] = Place(array.dtype, list(array.shape), start, stop)
    return places


def encode(metadata: Mapping[str, str], places: Mapping[str, Place], size: int = 0) -> bytes:
    """Return the header of a file with these tensors, and its length before it.

    It has ``size`` bytes, or as many as it takes to let the tensors begin at a multiple of 8.
    """
    header: dict[str, Any] = {"__metadata__": metadata}
    for name, place in places.items():
        header[name] = {
            "dtype": _NAMES[place.dtype],
            "shape": place.shape,
            "data_offsets": [place.start, place.stop],
        }
    encoded = json.dumps(header, separators=(",", ":")).encode()
    wanted = size - 8 if size else -(-len(encoded) // 8) * 8
    encoded = encoded.ljust(wanted)
    return len(encoded).to_bytes(8, "little") + encoded


def decode(header: bytes) -> tuple[Any, dict[str, Any]]:
    """Return the metadata, and what the header says of each tensor, for :func:`places`.

    Raises:
        ValueError: with what was found in place of a header.
    """
    try:
        text = header.decode()
    except UnicodeDecodeError:
        raise ValueError("a header that is not UTF-8") from None
    entries = read_object(text, "header")
    return entries.pop("__metadata__", None), entries


def places(entries: Mapping[str, Any]) -> dict[str, Place]:
    """Return where the tensors stand, one after another without a gap.

    Raises:
        ValueError: with what was found, if one stands elsewhere or is no tensor.
    """
    found: dict[str, Place] = {}
    end = 0
    for name, entry in entries.items():
        found[name] = place = _place(name, entry)
        expected = end + math.prod(place.shape) * place.dtype.itemsize
        if (place.start, place.stop) != (end, expected):
            raise ValueError(
                f"the tensor {short(name)} in the bytes {place.start} to {place.stop} instead of "
                f"{end} to {expected}"
            )
        end = expected
    return found


def end_of(places: Mapping[str, Place]) -> int:
    """Return how many bytes the tensors have."""
    return max((place.stop for place in places.values()), default=0)


def tensor(data: npt.NDArray[np.uint8], place: Place) -> npt.NDArray[Any]:
    """Return the tensor at a place among the bytes after the header, a view if that can be."""
    array = data[place.start : place.stop].view(place.dtype).reshape(place.shape)
    # After an odd number of narrower numbers it does not stand where the processor reads it.
    return np.require(array, requirements="A")


def _place(name: str, entry: Any) -> Place:
    try:
        dtype, shape = _DTYPES[entry["dtype"]], entry["shape"]
        start, stop = entry["data_offsets"]
    except (KeyError, TypeError, ValueError):
        shape = None
    if not (isinstance(shape, list) and _is_shape(shape) and _are_sizes([start, stop])):
        raise ValueError(f"{short(entry)} for the tensor {short(name)}")
    return Place(dtype, shape, start, stop)


def _is_shape(shape: list[Any]) -> bool:
    """Whether NumPy could have an array of this shape, if there were room for it."""
    return (
        len(shape) <= _MOST_DIMENSIONS
        and _are_sizes(shape)
        and math.prod(size or 1 for size in shape) < _MOST_NUMBERS
    )


def _are_sizes(numbers: list[Any]) -> bool:
    return all(type(number) is int and number >= 0 for number in numbers)


def read_object(text: str, what: str) -> dict[str, Any]:
    """Read a JSON object in which no key stands twice and every number is finite.

    Raises:
        ValueError: with what was found instead.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys: dict[str, Any] = {}
        for key, value in pairs:
            if key in keys:
                raise ValueError(f"the key {short(key)} twice in the {what}")
            keys[key] = value
        return keys

    def number(digits: str) -> float:
        if not math.isfinite(float(digits)):
            raise ValueError(f"{short(digits)} as a number in the {what}")
        return float(digits)

    def whole_number(digits: str) -> int:
        if len(digits) > _MOST_DIGITS:
            raise ValueError(f"{short(digits)} as a number in the {what}")
        return int(digits)

    try:
        value = json.loads(
            text,
            object_pairs_hook=unique,
            parse_int=whole_number,
            parse_float=number,
            parse_constant=number,
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON as the {what} ({error})") from None
    except RecursionError:
        raise ValueError(f"brackets within brackets without end in the {what}") from None
    if not isinstance(value, dict):
        raise ValueError(f"no JSON object as the {what}")
    return value
