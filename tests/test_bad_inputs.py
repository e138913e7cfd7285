"""The catalogue of bad inputs, through the real command in an empty directory.

A case is a row of the catalogue, the files that are there, the arguments, and the one line that
must be said. What every case must show besides: exit code 2, nothing on standard output, and not
a byte of the directory changed.
"""

from __future__ import annotations

import gzip
import hashlib
import pickle
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from emojify import resources
from emojify.nn.cells import CELLS
from tests.conftest import Run

FIVE = (resources.folder("models") / "five.safetensors").read_bytes()
GOOD_CSV = b"text,emoji\ni love you,\xe2\x9d\xa4\nthrow the ball,:baseball:\n"
LABELS = "one emoji, its name such as :pizza:, or a number (0 ❤️, 1 ⚾, 2 😄, 3 😞, 4 🍴)"
CELL_NAMES = " or ".join(CELLS)
HEADER = "; if this is a header, name its columns text,emoji"
CSV = "a CSV file with a sentence and an emoji in every row"


@dataclass(frozen=True)
class Case:
    """One row of the catalogue."""

    row: str
    arguments: str
    message: str
    files: dict[str, bytes] = field(default_factory=dict)
    stdin: bytes = b""


def vectors(content: bytes, message: str, row: str, name: str = "v.txt") -> Case:
    arguments = f"train --data good.csv --vectors {name}"
    return Case(row, arguments, f"{name}:{message}", {name: content, "good.csv": GOOD_CSV})


def evaluated(row: str, content: bytes, message: str) -> Case:
    return Case(row, "eval x.csv", f"x.csv:{message}", {"x.csv": content})


def configured(row: str, content: str, message: str) -> Case:
    return Case(row, "train -c c.yaml", f"c.yaml:{message}", {"c.yaml": content.encode()})


def npz() -> bytes:
    file = BytesIO()
    np.savez(file, a=np.zeros(3))
    return file.getvalue()


def zipped(*names: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "a 1 2\n")
    return file.getvalue()


EXPECTED_VECTORS = "expected a text file of word vectors"
REPAIR = "correct the line or remove it"
MODEL_REMEDY = "copy it again, or train it again"

CASES = [
    # vector files
    vectors(b"4 2\na 1 2\n", " found 1 words; expected 4 as the first line says; the file is "
            "incomplete, download it again", "6"),
    vectors(b"a 1 2\nb 1", "2: line 2 has 1 of 2 numbers; the file is incomplete, download it "
            "again", "7"),
    vectors(b"a 1 2\nb 1\nc 1 2\n", "2: found 1 numbers after 'b'; expected 2 as on line 1; "
            + REPAIR, "8"),
    vectors(b"a 1 2\nb 1 nan\n", "2: found 'nan' for the word 'b'; expected a finite number such "
            "as -0.418; " + REPAIR, "9"),
    vectors(b"a 1 2\nb 1 1e400\n", "2: found '1e400' for the word 'b'; expected a number that "
            "fits 32 bits; " + REPAIR, "9"),
    vectors(b"a 1 2\nb 1 1_000\n", "2: found '1_000' for the word 'b'; expected a finite number "
            "such as -0.418; " + REPAIR, "10"),
    vectors(b"", " found no words; expected a word and its numbers per line", "12"),
    vectors(b"3 2\nthe \0\0\0\0\0\0\0\0\n", f" found binary data; {EXPECTED_VECTORS}; if it is "
            "word2vec's binary format, export it as text first", "13"),
    vectors(zipped("a.txt", "b.txt"), " found 2 files in the archive; expected one name; write "
            "v.zip/NAME, with one of: a.txt, b.txt", "13", "v.zip"),
    vectors(gzip.compress(b"a 1 2\n" * 99, mtime=0)[:-12], " the archive cannot be read "
            "(Compressed file ended before the end-of-stream marker was reached); download it "
            "again, or unpack it yourself", "13", "v.gz"),
    vectors(b"a " + b"1" * (11 << 20), "1: found a line of more than 1,048,576 bytes; expected a "
            "word and its numbers; this is not a file of word vectors", "17"),
    vectors(b"version https://git-lfs.github.com/spec/v1\n", " found a Git LFS pointer; "
            f"{EXPECTED_VECTORS}; fetch the file itself with 'git lfs pull'", "18"),
    vectors(b"<!doctype html>", f" found a web page; {EXPECTED_VECTORS}; download the file "
            "itself", "18"),
    Case("20", "vectors info /dev/zero", "/dev/zero: is not a regular file; expected word "
         "vectors; save it to a file first"),
    Case("20", "vectors info .", ".: found a folder; expected word vectors; name a file in it"),
    # CSV
    evaluated("23", b"<!DOCTYPE html><p>404", f"1: found a web page; expected {CSV}; download "
              "the file itself"),
    evaluated("29", b'good,\xe2\x9a\xbe\n"never closed,\xe2\x9a\xbe\nmore,\xe2\x9a\xbe\n',
              "2: found a quote that is never closed; expected it to be closed in the same row; "
              "double a quote that belongs to the text"),
    evaluated("30", b"text,emoji\n  ,0\n", "2: found an empty sentence; expected text and its "
              "emoji"),
    *(
        evaluated(row, f"hi,{label}\n".encode(), f"1: found {found}; expected {LABELS}{HEADER}")
        for row, label, found in [
            ("31", "x", "the label 'x'"),
            ("31", "2.0", "the label '2.0'"),
            ("31", "", "an empty label"),
            ("32", "7", "the number 7"),
            ("32", "-1", "the label '-1'"),
            ("33", "１", "the label '１'"),
            ("33", "1_0", "the label '1_0'"),
            ("36", "👍🏽👍🏽", "2 emoji, '👍🏽👍🏽'"),
            ("36", "\u200d", "the label '\\u200d'"),
            ("37", "❤️⚾", "2 emoji, '❤️⚾'"),
        ]
    ),
    Case("36", "train --data x.csv --set data.labels=[⚾,😄]", "x.csv: found 👍🏽, which "
         "data.labels does not list; expected one of ⚾ 😄; add it there or remove its rows",
         {"x.csv": "hi,👍🏽\nho,⚾\n".encode()}),
    Case("44", "eval nothing.csv", f"nothing.csv: found no such file; expected {CSV}; check the "
         "path (looked in {directory}/nothing.csv)"),
    Case("44", "eval ./", f".: found a folder; expected {CSV}; name a file in it"),
    Case("44", "eval nothing", "found 'nothing', which is neither a file nor a name; expected a "
         "file or one of: five-test, five-train"),
    evaluated("46", b"text,emoji\n", f" found a header and no rows; expected {CSV}"),
    evaluated("46", b"", f" found no rows; expected {CSV}"),
    Case("45", "eval -", f"<stdin>: found no rows; expected {CSV}"),
    # text
    Case("51", "predict ''", "found an empty text; expected a sentence"),
    Case("51", "predict ' \t '", "found an empty text; expected a sentence"),
    Case("61", "predict -sad", "No such option '-s'; put -- before a text that starts with '-'; "
         "see 'emojify predict --help'"),
    # YAML
    configured("64", "model:\n  hiden: 3\n", "2: found the unknown key 'model.hiden'; did you "
               "mean 'hidden'?"),
    configured("64", "modle: {}\n", "1: found the unknown key 'modle'; did you mean 'model'?"),
    configured("65", "seed: 1\nmodel: {}\nseed: 2\n", "3: found the key 'seed' again; expected "
               "it once, it stands on line 1 already; remove one of the two"),
    configured("67", "model:\n  cell: no\n", "2: found 'no' for model.cell; expected "
               + CELL_NAMES),
    configured("67", "vectors:\n  tune: on\n", "2: found 'on' for vectors.tune; expected true or "
               "false"),
    configured("70", "training:\n  epochs: true\n", "2: found true for training.epochs; expected "
               "a whole number from 1 to 100000"),
    configured("71", "model:\n  hidden: 0\n", "2: found 0 for model.hidden; expected a whole "
               "number from 1 to 8192"),
    configured("71", "model:\n  hidden: 1000000000\n", "2: found 1000000000 for model.hidden; "
               "expected a whole number from 1 to 8192"),
    configured("72", "training:\n  learning_rate: .nan\n", "2: found '.nan' for "
               "training.learning_rate; expected a number above 0, up to 1e6"),
    configured("72", "training:\n  l2: .inf\n", "2: found '.inf' for training.l2; expected a "
               "number from 0 to 1000"),
    configured("73", "model: !!python/object/apply:os.system [touch owned]\n", "1: found the tag "
               "'python/object/apply:os.system'; expected plain settings; write the values out, "
               "without it"),
    configured("76", "", "1: found an empty file; expected settings such as 'model:' and below "
               "it 'cell: lstm'"),
    configured("76", "- model\n", "1: found a list at the root; expected settings such as "
               "'model:' and below it 'cell: lstm'"),
    configured("76", "seed: 1\n---\nseed: 2\n", "2: found a second document (---); expected plain "
               "settings; write the values out, without it"),
    configured("77", "model:\n\tcell: rnn\n", "2: found YAML that cannot be read at column 1: "
               "found character '\\t' that cannot start any token; expected lines of "
               "'key: value', indented with spaces"),
    configured("77", "seed: 1\nmodel: \0\n", "2: found the character U+0000 at column 8; "
               "expected text; remove it"),
    Case("78", "train -c none.yaml", "none.yaml: found no such file; expected a YAML file of "
         "settings; check the path (looked in {directory}/none.yaml)"),
    Case("78", "train -c sub/c.yaml", f"sub/my.csv: found no such file; expected {CSV}; check "
         "the path (looked in {directory}/sub/my.csv)",
         {"sub/c.yaml": b"data:\n  train: my.csv\n"}),
    # model files
    *(
        Case("79", "predict -m m.safetensors hi", "m.safetensors: is incomplete or is not an "
             f"emojify model; {MODEL_REMEDY}", {"m.safetensors": FIVE[:length]})
        for length in (0, 1, 7, 8, 100)
    ),
    *(
        Case("79", "predict -m m.safetensors hi", f"m.safetensors: is incomplete: found "
             f"{len(FIVE) - cut} of {len(FIVE)} bytes; {MODEL_REMEDY}",
             {"m.safetensors": FIVE[:-cut]})
        for cut in (1, 1000, len(FIVE) // 2)
    ),
    *(
        Case("80", "predict -m m.safetensors hi", "m.safetensors: checksum mismatch: the file is "
             f"damaged; {MODEL_REMEDY}",
             {"m.safetensors": FIVE[:place] + bytes([FIVE[place] ^ bit]) + FIVE[place + 1 :]})
        for place, bit in ((len(FIVE) - 1, 1), (len(FIVE) // 2, 128), (9, 1))
    ),
    *(
        Case("81", f"predict -m {name} hi", f"{name}: found {found}; expected an emojify model; "
             "it was not opened, since such files can hide code; train a model with emojify "
             "train", {name: content})
        for name, content, found in [
            ("m.pkl", pickle.dumps({"a": 1}), "a Python pickle"),
            ("m.npz", npz(), "a zip archive (.npz, .pt or .keras)"),
            ("m.pt", zipped("archive/data.pkl"), "a zip archive (.npz, .pt or .keras)"),
            ("m.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file (.h5)"),
        ]
    ),
    Case("", "predict -m nothing hi", "found 'nothing', which is neither a file nor a name; "
         "expected a file or one of: five"),
    Case("", "train --set model.hidden", "found --set model.hidden; expected key.path=value, as "
         "in model.hidden=64"),
    Case("", "train --set model.hiden=3", "--set model.hiden: found the unknown key "
         "'model.hiden'; did you mean 'hidden'?"),
    Case("", "train --cell lstn", "--cell: found 'lstn' for model.cell; expected " + CELL_NAMES),
    Case("", "train --lr 0", "--lr: found 0.0 for training.learning_rate; expected a number "
         "above 0, up to 1e6"),
    Case("", "predcit", "No such command 'predcit'; see 'emojify --help'"),
]  # fmt: skip


def fingerprint(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"row {case.row}")
def test_one_line_says_what_to_mend_and_nothing_is_touched(
    case: Case, run: Run, tmp_path: Path
) -> None:
    import shlex

    for name, content in case.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    before = fingerprint(tmp_path)
    result = run(*shlex.split(case.arguments), stdin=case.stdin)
    message = case.message.replace("{directory}", str(tmp_path))
    assert result.err == f"emojify: error: {message}\n"
    assert (result.code, result.out) == (2, "")
    assert fingerprint(tmp_path) == before
