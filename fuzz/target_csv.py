"""Sentences and their emoji: :func:`emojify.data.read_examples`.

What is read is compared with what Python's ``csv`` makes of the text when it has all of it at once,
and with :func:`emojify.data.spool_examples`.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TextIO, cast

from emojify.csvfile import DELIMITERS
from emojify.data import Examples, read_examples, spool_examples
from emojify.errors import EmojifyError
from harness import Target, require

_NUMBERED = ("❤️", "⚾", "😄", "😞", "🍴")


class CsvTarget(Target):
    """Bytes as a CSV file, on standard input: there is none to be found, which is faster."""

    file_name = "-"
    max_length = 160
    tokens = (
        *(b",", b";", b"|", b"\t", b'"', b'""', b"\n", b"\r", b"\r\n", b" ", b"\0"),
        *(b"text,emoji\n", b"label,x,tweet\n"),
        *b"text emoji sentence label 0 1 4 5 -1 1_0 :pizza: :red_heart: <html".split(),
        *"❤️ ❤ ⚾ 👍🏽 👨‍👩‍👧 🇩🇪 1️⃣ １ \ufe0f \u200d".encode().split(b" "),
        *"\u2028 \x85 \xa0 \x1b \x1c \u202e \ufffe".encode().split(b" "),
        *(b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f", b"\xef\xbb\xbf"),
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.source = "<stdin>"

    def seeds(self) -> list[bytes]:
        """Return files of all forms that are read, and one for every complaint."""
        texts = [
            "text,emoji\ni love you,❤️\nthrow the ball,:baseball:\n",
            "i love you,0\r\nso hungry,4,, [0]\r\n",
            "\ufeffid,label,tweet\n7,😄,ho\n",
            '"well, hi",❤\n"say ""hi""",⚾\n"two\nlines",1\n\n,\n',
            "hi,7\nho,x\nhu,❤️⚾\n ,0\nhi\n",
            "hi;0\nhi\t0\n",
            "text|emoji\nhi, you|0\n",
            '"never closed,0\nmore,0\n',
            '"closed"too soon,0\n',
            "<!doctype html><p>404",
            "text,emoji\n",
            "",
        ]
        return [*(text.encode() for text in texts), b"caf\xe9,0\n", "hi,0\n".encode("utf-16")]

    def read(self, data: bytes) -> None:
        """Read, as a message asks for with another delimiter, and read again in other ways."""
        delimiter = ","
        try:
            examples = _from_stdin(data, read_examples, delimiter)
        except EmojifyError as error:
            advice = re.search(r"use --delimiter '?([^']+)'?$", str(error))
            if advice is None:
                raise
            delimiter = advice[1]
            examples = _from_stdin(data, read_examples, delimiter)
        if len(data) % 4 == 0:
            spooled = _from_stdin(data, spool_examples, delimiter)
            require([*spooled.texts] == examples.texts, "spooled other sentences")
            require([*spooled.emoji] == examples.emoji, "spooled other emoji")
        require(all(text and text == text.strip() for text in examples.texts), "not stripped")

        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        reader = csv.reader(text, delimiter=DELIMITERS[delimiter], strict=True)
        rows = [row for row in reader if "".join(row).strip()]
        if examples.header_line is not None:
            names = [name.strip().lower() for name in rows.pop(0)]
            text_names = {"text", "sentence", "tweet", "message", "phrase"}
            column = next(i for i, name in enumerate(names) if name in text_names)
        else:
            column = 0
        require([row[column].strip() for row in rows] == list(examples.texts), "other sentences")


def _from_stdin(data: bytes, read: Callable[..., Examples], delimiter: str) -> Examples:
    before = sys.stdin
    sys.stdin = cast("TextIO", SimpleNamespace(buffer=io.BytesIO(data)))
    try:
        return read("-", _NUMBERED, delimiter)
    finally:
        sys.stdin = before
