"""Word vectors as text: :func:`emojify.glove.load`, with an empty cache for every input.

What is read is compared with a reading line by line, whose numbers are Python's ``float``.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
from pathlib import Path
from unittest import mock

import numpy as np

from emojify import cache, glove
from harness import Target, require


class VectorsTarget(Target):
    """Bytes as a file of word vectors."""

    file_name = "x.txt"
    max_length = 192
    tokens = (
        *(b" ", b"\n", b"\r\n", b" \n", b"\t", b"\0", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"PK\3\4"),
        *(
            b" 1 2\n",
            b"2 2\n",
            b"3 2\n",
            b"0 0",
            b"9 999999\n",
            b". . .",
            b"\xff",
            b"version https://git-lfs",
        ),
        *(b" " + number for number in b"1 0.5 -0.25 .5 2. 3e-2 1E+38 1e39 1e400 1e-46".split()),
        *(b" " + number for number in b"0.12345678 -0.1234567890123456 9.99999999999999".split()),
        *(b" " + number for number in b"-0.0 +1 nan inf 1_0 - .".split()),
        *"the <unk> <html １ é".encode().split(b" "),
        *"\xa0 \x85 \u2028".encode().split(b" "),
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._cache = folder.parent / f"{folder.name}-cache"
        self._cache.mkdir(exist_ok=True)

    def seeds(self) -> list[bytes]:
        """Return GloVe's, word2vec's and fastText's forms, compressed ones, and wrong ones."""
        three = b"the 0.5 -0.25\n, 1 2\nof 3e-2 .5\n"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("x.txt", three)
        return [
            three,
            b"\xef\xbb\xbf" + three.replace(b"\n", b"\r\n"),
            b"3 2\n" + three.replace(b"\n", b" \n"),
            b". . . 1 2\n\xc2\xa0 0.123456789 -1.\na\x1cb 1e-3 7\n",
            b"a 1 2\na 3 4\n\xff 5 6\nb -0.00000000000001 9.00000000000001\n",
            b"a 0.1234567890123 -0.5 1.25 0.75\n" * 3,
            b"a 1 2\nb 1",
            b"a 1 2\nb 1 1e400\n",
            gzip.compress(three),
            gzip.compress(three)[:-9],
            archive.getvalue(),
            b"",
        ]

    def read(self, data: bytes) -> None:
        """Read, and read again line by line."""
        self.path.write_bytes(data)
        try:
            # To mark a file as verified takes 10 ms, and nothing here is read a second time.
            with mock.patch.multiple(cache, folder=lambda: self._cache, mark_verified=str):
                vectors = glove.load(self.path)
        finally:
            left = os.listdir(self._cache)  # noqa: PTH208 (a hundred thousand times a minute)
            for name in left:
                (self._cache / name).unlink()
            require(all(name.endswith(".safetensors") for name in left), f"left {left} behind")
        words, matrix = vectors.vocabulary.words(), vectors.matrix
        require(bool(np.isfinite(matrix).all()) and not matrix[0].any(), f"vectors {matrix}")
        ids = [vectors.vocabulary.find(word.decode()) for word in words]
        require(ids == list(range(1, len(words) + 1)), f"the ids {ids} of {words}")
        require(len(matrix) == len(words) + 1, f"{len(matrix)} vectors of {len(words)} words")
        if data[:2] != b"\x1f\x8b" and data[:4] != b"PK\3\4":
            expected = _read_slowly(data, matrix.shape[1])
            found = {word: row.tobytes() for word, row in zip(words, matrix[1:], strict=True)}
            require(found == expected, f"read {found}, and not {expected}")

    def count_lines(self, data: bytes) -> int:
        """Return the number of lines, which end with a line feed alone."""
        if data[:2] == b"\x1f\x8b" or data[:4] == b"PK\3\4":
            return len(data) * 1032  # the most that deflate can pack into a byte
        return data.count(b"\n") + 1


def _read_slowly(data: bytes, width: int) -> dict[bytes, bytes]:
    """Return each word's vector, as the bytes of its 32-bit floats."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if re.fullmatch(rb"\d{1,18} \d{1,18}[ \r]*", lines[0]):
        lines = lines[1:]
    vectors: dict[bytes, bytes] = {}
    for line in lines:
        word, *numbers = line.rstrip(b" \r").rsplit(b" ", width)
        if numbers and word not in vectors and word.decode("utf-8", "ignore").encode() == word:
            vectors[word] = np.array([float(number) for number in numbers], np.float32).tobytes()
    return vectors
