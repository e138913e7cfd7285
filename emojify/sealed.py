"""A safetensors file with facts as JSON and one SHA-256 over everything.

The format is the public one of safetensors: eight bytes that hold the length of a header, the
header as JSON, and the numbers of all tensors without a gap. The facts are one text in the
header's metadata, and the last of them is the checksum of the file with zeros in its place.

Any safetensors library reads these files. Here they are read and written by hand, because a
library copies every tensor on the way, and believes a header before a checksum could be compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emojify import header
from emojify.errors import EmojifyError, excerpt
from emojify.files import opened, replace

_LONGEST_HEADER = 100_000_000  # bytes, as in the safetensors library
_NO_DIGEST = "0" * 64
# The facts are JSON within the header's JSON, so their quotation marks are escaped there.
_DIGEST = re.compile(rb'\\"sha256\\":\\"(.{64})\\"\}"', re.DOTALL)
_STRANGERS = (
    (b"\x80", "a Python pickle"),
    (b"PK\x03\x04", "a zip archive (.npz, .pt or .keras)"),
    (b"\x89HDF", "an HDF5 file (.h5)"),
    (b"\x93NUMPY", "a NumPy array (.npy)"),
)


@dataclass(frozen=True)
class Kind:
    """A kind of sealed file.

    Attributes:
        name: what the file calls itself: ``emojify-model``.
        version: of the format; what is newer is refused. From 2 on, a fact ``needs`` tells older
            programs which emojify reads it.
        what: what a message calls it: ``an emojify model``.
        remedy: what to do if it is damaged.
    """

    name: str
    version: int
    what: str
    remedy: str


def save(path: Path, kind: Kind, tensors: header.Tensors, facts: Mapping[str, Any]) -> None:
    """Write a sealed file; an older file is replaced only once the new one is whole.

    The same tensors and facts make the same bytes.

    Args:
        path: where to.
        kind: what the file is to be.
        tensors: arrays of any shape, of whole or floating-point numbers.
        facts: plain data of finite numbers, as JSON has it.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    named = {"format": kind.name, "version": kind.version, **facts, "sha256": _NO_DIGEST}
    text = json.dumps(named, separators=(",", ":"), allow_nan=False)
    arrays = header.in_order(tensors)
    head = header.encode({kind.name: text}, header.lay_out(arrays))
    numbers = [array.reshape(-1).view(np.uint8).data for array in arrays.values()]
    seal = _place_of_seal(head)
    digest = _digest(head, *numbers)
    replace(path, b"".join([head[: seal.start], digest, head[seal.stop :], *numbers]))


def load(path: Path, kind: Kind) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Read a sealed file; nothing in it is believed before its checksum has proved right.

    Returns:
        The facts and the tensors as they were given to :func:`save`. The tensors are views into
        one buffer, aligned and writable.

    Raises:
        EmojifyError: it is incomplete, damaged, of another kind or of a newer version.
    """
    head, seal, data = _read(path, kind)
    digest = _digest(head[: seal.start], _NO_DIGEST.encode(), head[seal.stop :], data.data)
    if digest != head[seal]:
        raise _damaged(path, kind, head, len(data))
    try:
        metadata, entries = header.decode(head[8:])
        facts = _facts(path, kind, metadata)
        return facts, _tensors(entries, data)
    except ValueError as found:
        raise EmojifyError(
            f"found {found}; expected {kind.what} as emojify writes it; {kind.remedy}", path
        ) from None


def _place_of_seal(head: bytes) -> slice:
    found = _DIGEST.search(head)
    return slice(*found.span(1)) if found else slice(0)


def _digest(*pieces: bytes | memoryview) -> bytes:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest().encode()


def _read(path: Path, kind: Kind) -> tuple[bytes, slice, npt.NDArray[np.uint8]]:
    """Return what stands before the numbers, where the checksum stands in it, and the numbers.

    What a file claims is compared with its size before anything of that size is allocated, and
    what is not sealed is not read to its end.
    """
    with opened(path, kind.what) as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(8)
        length = int.from_bytes(head, "little")
        if len(head) == 8 and length <= min(size - 8, _LONGEST_HEADER):
            head += file.read(length)
        seal = _place_of_seal(head)
        if not seal.stop:
            raise _stranger(path, kind, head)
        data = np.empty(size - len(head), np.uint8)
        return head, seal, data[: file.readinto(data.data)]


def _stranger(path: Path, kind: Kind, head: bytes) -> EmojifyError:
    for magic, found in _STRANGERS:
        if head.startswith(magic):
            return EmojifyError(
                f"found {found}; expected {kind.what}; it was not opened, since such files can "
                "hide code; train a model with emojify train",
                path,
            )
    return EmojifyError(f"is incomplete or is not {kind.what}; {kind.remedy}", path)


def _damaged(path: Path, kind: Kind, head: bytes, size: int) -> EmojifyError:
    """Tell a file that only lacks its end from one whose bytes have changed."""
    try:
        claimed = header.end_of(header.places(header.decode(head[8:])[1]))
    except ValueError:
        claimed = size
    if claimed > size:
        found, expected = len(head) + size, len(head) + claimed
        return EmojifyError(
            f"is incomplete: found {found} of {expected} bytes; {kind.remedy}", path
        )
    return EmojifyError(f"checksum mismatch: the file is damaged; {kind.remedy}", path)


def _facts(path: Path, kind: Kind, metadata: Any) -> dict[str, Any]:
    """Return the facts, once they are those of a file of this kind, and not of a newer version."""
    if not isinstance(metadata, dict) or len(metadata) != 1:
        raise ValueError("a header without facts")
    [[name, text]] = metadata.items()
    if name != kind.name or not isinstance(text, str):
        raise ValueError(f"a file that calls itself {excerpt(name)}")
    facts = header.read_object(text, "facts")
    claimed, version = facts.pop("format", None), facts.pop("version", None)
    if claimed != name or type(version) is not int or version < 1:
        raise ValueError(f"the format {excerpt(claimed)} in version {excerpt(version)}")
    if version > kind.version:
        needed = facts.get("needs")
        told = isinstance(needed, str) and re.fullmatch(r"[0-9.]{1,20}", needed)
        raise EmojifyError(
            f"needs {f'emojify {needed} or newer' if told else 'a newer emojify'}: found format "
            f"version {version}; expected {kind.version} or older; install a newer emojify",
            path,
        )
    facts.pop("sha256", None)
    return facts


def _tensors(
    entries: Mapping[str, Any], data: npt.NDArray[np.uint8]
) -> dict[str, npt.NDArray[Any]]:
    places = header.places(entries)
    if header.end_of(places) != len(data):
        raise ValueError(f"{len(data)} bytes of numbers instead of {header.end_of(places)}")
    return {name: header.tensor(data, place) for name, place in places.items()}
