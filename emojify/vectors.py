"""Word vectors in a file that is mapped into memory rather than read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from emojify import contents, header
from emojify.errors import EmojifyError
from emojify.files import Replacement, opened, replacing
from emojify.header import Place
from emojify.nn.arrays import Floats, Ints
from emojify.vocab import Vocabulary

_FORMAT = "emojify-vectors-1"
_HEADER_SIZE = 4096  # the header is padded to this, so that it can be written last
_WHAT = "word vectors"
_REMEDY = "make it again with emojify vectors convert"
_LARGEST_FLOAT16 = 65504.0


@dataclass(eq=False, repr=False)
class Vectors:
    """Words and their vectors.

    Attributes:
        vocabulary: V words.
        matrix: ``(V + 1, D)`` float16 or float32; row 0 is the unknown word and all zero, and the
            vector of the word with id ``i`` is row ``i``.
        fingerprint: SHA-256 of the words and the numbers, in hexadecimal.
    """

    vocabulary: Vocabulary
    matrix: Floats
    fingerprint: str

    @classmethod
    def open(cls, path: Path, verify: bool = False) -> Vectors:
        """Map a vectors file into memory; only the pages that are used are ever read.

        Args:
            path: a file that :class:`VectorsWriter` wrote.
            verify: whether to read all of it and compare its fingerprint.

        Raises:
            EmojifyError: the file is damaged, or is something else.
        """
        with opened(path, _WHAT) as file:
            start, places, fingerprint = _read_header(path, file)
            data = np.memmap(file, np.uint8, "r", offset=start)
        arrays = {name: header.tensor(data, place) for name, place in places.items()}
        if verify:
            _verify(path, data, arrays, fingerprint)
        words = Vocabulary(arrays["words"].data, arrays["ends"], arrays["order"])
        return cls(words, arrays["vectors"], fingerprint)

    def save(self, path: Path) -> None:
        """Write the vectors as a file that :meth:`open` maps into memory."""
        with replacing(path, is_whole) as file:
            writer = VectorsWriter(file, self.matrix.shape[1], self.matrix.dtype)
            writer.write(self.matrix[1:])
            writer.finish(self.vocabulary.words())


def is_whole(path: Path) -> bool:
    """Whether all of a vectors file is as it was written."""
    try:
        Vectors.open(path, verify=True)
    except EmojifyError:
        return False
    return True


def rounded_to_float16(vectors: Vectors) -> Floats:
    """Return the matrix as float16.

    Raises:
        EmojifyError: a number is beyond what float16 can hold; names the word.
    """
    beyond = np.abs(vectors.matrix).max(axis=1) > _LARGEST_FLOAT16
    if beyond.any():
        word = vectors.vocabulary.word(int(beyond.argmax()))
        raise EmojifyError(
            f"found a number beyond {_LARGEST_FLOAT16:.0f} for the word {word!r}; expected one "
            "that a 16-bit float can hold; scale the vectors down"
        )
    return vectors.matrix.astype(np.float16)


class TunedRows:
    """A matrix of word vectors with some rows replaced, without copying the others.

    Args:
        base: ``(V + 1, D)``, may be memory-mapped.
        rows: ``(R,)`` which rows are replaced, ascending.
        values: ``(R, D)`` what they are replaced with.
    """

    def __init__(self, base: Floats, rows: Ints, values: Floats) -> None:
        self.base = base
        self.rows = rows
        self.values = values
        self.shape = base.shape

    def __getitem__(self, ids: Ints) -> Floats:
        """Return the vectors of these words, ``(N, D)``, in the type of ``values``."""
        X = self.base[ids].astype(self.values.dtype)
        places = np.searchsorted(self.rows, ids)
        places[places == len(self.rows)] = 0
        tuned = self.rows[places] == ids
        X[tuned] = self.values[places[tuned]]
        return X


class ScaledRows:
    """A matrix of word vectors as whole numbers, a byte for each: ``values[i] · units[i]``.

    No number is off by more than half of its row's unit, which is 1/127 of the row's largest.

    Args:
        values: ``(V + 1, D)`` int8, from -127 to 127.
        units: ``(V + 1,)`` float32, what 1 stands for in each row.
    """

    def __init__(self, values: npt.NDArray[np.int8], units: Floats) -> None:
        self.values = values
        self.units = units
        self.shape = values.shape

    @classmethod
    def of(cls, matrix: Floats) -> ScaledRows:
        """Round a matrix of floats, ``(V + 1, D)``."""
        units = np.abs(matrix).max(axis=1).astype(np.float32) / 127
        divisors = np.where(units > 0, units, np.float32(1))
        return cls(np.rint(matrix / divisors[:, None]).astype(np.int8), units)

    def __getitem__(self, ids: Ints | slice) -> Floats:
        """Return the vectors of these words, ``(N, D)`` float32."""
        rows: Floats = self.values[ids] * self.units[ids][:, None]
        return rows


class VectorsWriter:
    """Write a vectors file from rows that come in pieces, in bounded memory.

    The file is a safetensors file with four tensors: ``vectors``, ``ends``, ``order`` and
    ``words``. Its header is written last, over room that is left for it.
    """

    def __init__(self, file: Replacement, width: int, dtype: npt.DTypeLike) -> None:
        self._file = file
        self._dtype = np.dtype(dtype)
        self._digest = hashlib.sha256()
        self._places: dict[str, Place] = {}
        self._size = 0
        self._rows = 0
        self._width = width
        file.write(b"\0" * _HEADER_SIZE)
        self.write(np.zeros((1, width), self._dtype))

    def write(self, rows: Floats) -> None:
        """Append vectors, ``(n, D)``, of the most frequent words first."""
        self._append(rows.astype(self._dtype, order="C", copy=False))
        self._rows += len(rows)

    def finish(self, words: Sequence[bytes]) -> None:
        """Append the words, in the order of their vectors, and write the header."""
        self._place("vectors", self._dtype, (self._rows, self._width), 0)
        vocabulary = Vocabulary.of(words)
        for name, array in (
            ("ends", vocabulary.ends),
            ("order", vocabulary.order),
            ("words", np.frombuffer(vocabulary.blob, np.uint8)),
        ):
            start = self._size
            self._append(array)
            self._place(name, array.dtype, array.shape, start)
        metadata = {"format": _FORMAT, "fingerprint": self._digest.hexdigest()}
        self._file.seek(0)
        self._file.write(header.encode(metadata, self._places, _HEADER_SIZE))

    def _append(self, array: npt.NDArray[Any]) -> None:
        data = array.data.cast("B") if array.size else b""
        self._digest.update(data)
        self._file.write(data)
        self._size += len(data)

    def _place(self, name: str, dtype: np.dtype[Any], shape: Sequence[int], start: int) -> None:
        self._places[name] = Place(dtype, list(shape), start, self._size)


def _read_header(path: Path, file: BinaryIO) -> tuple[int, dict[str, Place], str]:
    """Return where the data starts, where each tensor stands in it, and the fingerprint."""
    head = file.read(_HEADER_SIZE)
    length = int.from_bytes(head[:8], "little")
    try:
        metadata, entries = header.decode(head[8 : 8 + length])
        places = header.places(entries)
        fingerprint = _fingerprint(metadata, places)
    except ValueError:
        raise EmojifyError(
            f"is not a file of {_WHAT} that emojify wrote, or is damaged; {_REMEDY}", path
        ) from None
    if file.seek(0, 2) != 8 + length + header.end_of(places):
        raise EmojifyError(f"has not the size that its header says; {_REMEDY}", path)
    return 8 + length, places, fingerprint


def _fingerprint(metadata: Any, places: dict[str, Place]) -> str:
    """Return the fingerprint of a file that has the tensors it has to have.

    Raises:
        ValueError: it has others, or calls itself something else.
    """
    match metadata, [(name, place.dtype.str, place.shape) for name, place in places.items()]:
        case (
            {"format": str(name), "fingerprint": str(fingerprint)},
            [
                ("vectors", "<f2" | "<f4", [rows, width]),
                ("ends", "<u4", [ends]),
                ("order", "<u4", [order]),
                ("words", "|u1", [_]),
            ],
        ) if name == _FORMAT and ends == order == rows - 1 and width > 0:
            return fingerprint
    raise ValueError("another file")


def _verify(
    path: Path,
    data: npt.NDArray[np.uint8],
    arrays: dict[str, npt.NDArray[Any]],
    fingerprint: str,
) -> None:
    """Look through all of the numbers: whether they are as they were written, and make sense."""
    if hashlib.sha256(data.data).hexdigest() != fingerprint:
        raise EmojifyError(f"checksum mismatch: the file is damaged; {_REMEDY}", path)
    try:
        if any(arrays["vectors"][0].tobytes()):
            raise ValueError("a vector for the unknown word; expected zeros")
        contents.check_finite("vectors", arrays["vectors"])
        contents.check_vocabulary(arrays["words"], arrays["ends"], arrays["order"])
    except ValueError as found:
        raise EmojifyError(f"found {found}; {_REMEDY}", path) from None
