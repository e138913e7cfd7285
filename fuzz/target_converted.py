"""Converted word vectors: :func:`emojify.glove.load` of what ``emojify vectors convert`` writes.

An input is a header, without the length before it, and numbers. The file has the right length, and
its first byte says whether it has the right fingerprint as well. Vectors that are read are looked
up word by word, and written and read again as the same.
"""

from __future__ import annotations

import hashlib
import re

import numpy as np

from emojify import glove
from emojify.vectors import Vectors
from emojify.vocab import Vocabulary
from harness import Target, require

_AS_IT_IS, _MENDED = b"=", b"+"
_BETWEEN = b"\0"  # the header and the numbers
_FINGERPRINT = re.compile(rb'"fingerprint": ?"([0-9a-f]{64})"')


class ConvertedTarget(Target):
    """Bytes as a file of converted vectors."""

    file_name = "x.safetensors"
    max_length = 600
    separator = b","
    tokens = (
        *(_AS_IT_IS, _MENDED, _BETWEEN, b"\0\0\0\0", b"\1\0\0\0", b"\xff\xff\xff\xff", b"\0\x7e"),
        *b'{ } [ ] , : " {} [] "" null true -1 0 1 1.0 2 3 4 6 8 1e9 9999999999999999999'.split(),
        *b'"F16" "F32" "U32" "U8" "dtype" "shape" "data_offsets" "vectors" "words" "ends"'.split(),
        *b'"order" "__metadata__" "format" "emojify-vectors-1" "fingerprint" \\u001b \xff'.split(),
    )

    def seeds(self) -> list[bytes]:
        """Return two words of two numbers, in 16 and in 32 bits, and a wrong fingerprint."""
        seeds = []
        for dtype in (np.float16, np.float32):
            matrix = np.array([[0, 0], [0.5, -1], [2, 3]], dtype)
            Vectors(Vocabulary.of([b"the", b"of"]), matrix, "").save(self.path)
            data = self.path.read_bytes()
            stop = 8 + int.from_bytes(data[:8], "little")
            parts = data[8:stop].rstrip() + _BETWEEN + data[stop:]
            seeds += [_MENDED + parts, _AS_IT_IS + parts, _AS_IT_IS + parts[:-1] + b"?"]
        return seeds

    def read(self, data: bytes) -> None:
        """Open vectors, look every word up, and write and open them again."""
        self.path.write_bytes(_file_from(data))
        vectors = glove.load(self.path)
        words = vectors.vocabulary
        require(bool(np.isfinite(vectors.matrix).all()), f"vectors {vectors.matrix}")
        require(vectors.matrix.shape[0] == len(words) + 1, f"{len(words)} words")
        require(vectors.matrix.shape[1] > 0, "vectors without numbers")
        texts = [words.word(i) for i in range(1, len(words) + 1)]
        for text in [*texts, "another"]:
            require(0 <= words.find(text) <= len(words), f"an id of {text}")
        before = vectors.matrix.tobytes()
        vectors.save(self.path)
        again = glove.load(self.path)
        require(again.vocabulary.words() == words.words(), "other words after being written")
        require(again.matrix.tobytes() == before, "other numbers after being written")

    def count_lines(self, data: bytes) -> int:
        """Return 1: no line of such a file is ever named."""
        return 1


def _file_from(data: bytes) -> bytes:
    how, (header, _, numbers) = data[:1], data[1:].partition(_BETWEEN)
    found = _FINGERPRINT.search(header)
    if how == _MENDED and found:
        digest = hashlib.sha256(numbers).hexdigest().encode()
        header = header[: found.start(1)] + digest + header[found.end(1) :]
    return len(header).to_bytes(8, "little") + header + numbers
