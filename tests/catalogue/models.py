"""Rows 79 to 91: model files."""

from __future__ import annotations

import pickle
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from emojify import resources, store
from emojify.vectors import Vectors
from tests.catalogue.case import Case, Elsewhere, refused, row
from tests.conftest import REPOSITORY
from tests.models import (
    ZEROS,
    Change,
    Facts,
    Tensors,
    changed,
    facts_of,
    header_of,
    sealed_by_hand,
    small_model,
)

AGAIN = "copy it again, or train it again"
STRANGER = f"is incomplete or is not an emojify model; {AGAIN}"
DAMAGED = f"checksum mismatch: the file is damaged; {AGAIN}"
AS_WRITTEN = f"expected an emojify model as emojify writes it; {AGAIN}"


def made(change: Change | None = None) -> bytes:
    """A small model, with something in it changed under a right checksum."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "m.safetensors"
        store.save(small_model(), path)
        if change is not None:
            changed(path, change)
        return path.read_bytes()


SMALL = made()
NUMBERS = 8 + int.from_bytes(SMALL[:8], "little")  # where they begin
SHIPPED = Vectors.open(resources.folder("vectors") / "glove-6b-50d.safetensors").fingerprint
OLDER = (REPOSITORY / "tests" / "golden" / "model_1.safetensors").read_bytes()


def wrong(content: bytes, message: str, name: str = "m.safetensors") -> Case:
    return refused(f"predict -m {name} hi", f"{name}: {message}", {name: content})


def answers(content: bytes) -> Case:
    return Case(
        "predict -m m.safetensors 'i love you'", {"m.safetensors": content}, "", r"i love you \S+\n"
    )


def flipped(place: int, bit: int) -> bytes:
    return SMALL[:place] + bytes([SMALL[place] ^ bit]) + SMALL[place + 1 :]


def bent(tensors: str, numbers: bytes = b"") -> bytes:
    """A header with these tensors under a right checksum."""
    return sealed_by_hand(header_of(facts_of(), f",{tensors}"), numbers)


def tensor(name: str, size: int, start: int, stop: int) -> str:
    return f'"{name}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{start},{stop}]}}'


def fact(name: str, value: Any) -> Change:
    def change(facts: Facts, _: Tensors) -> None:
        facts[name] = value

    return change


def array(name: str, new: Callable[[np.ndarray], np.ndarray]) -> Change:
    def change(_: Facts, tensors: Tensors) -> None:
        tensors[name] = new(tensors[name])

    return change


def number(name: str, value: float) -> Change:
    def new(old: np.ndarray) -> np.ndarray:
        old.flat[-1] = value
        return old

    return array(name, new)


def newer(more: str) -> bytes:
    facts = f'{{"format":"emojify-model","version":3,{more}"sha256":"{ZEROS}"}}'
    return sealed_by_hand(header_of(facts))


def zipped(name: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, b"")
    return file.getvalue()


def npy() -> bytes:
    file = BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


CASES = [
    *row(79, "a file that is cut off",
         *(wrong(SMALL[:length], STRANGER) for length in (0, 7, 8, 100, NUMBERS - 1)),
         *(wrong(SMALL[:length], f"is incomplete: found {length} of {len(SMALL)} bytes; {AGAIN}")
           for length in (NUMBERS, len(SMALL) - 100, len(SMALL) - 1))),
    *row(80, "a bit that has changed",
         *(wrong(flipped(place, bit), DAMAGED) for place, bit in (
             (len(SMALL) - 1, 128), (NUMBERS, 1), (9, 1),
             (NUMBERS - 30, 2))),
         *(wrong(flipped(place, 1), STRANGER) for place in (3, 7))),
    *row(81, "a file of another library, which could hide code",
         *(wrong(content, f"found {found}; expected an emojify model; it was not opened, since such files can "
                 "hide code; train a model with emojify train", name)
           for name, content, found in [
               ("m.pkl", pickle.dumps({"a": 1}), "a Python pickle"),
               ("m.safetensors", pickle.dumps(print), "a Python pickle"),
               ("m.npz", zipped("a.npy"), "a zip archive (.npz, .pt or .keras)"),
               ("m.pt", zipped("archive/data.pkl"), "a zip archive (.npz, .pt or .keras)"),
               ("m.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file (.h5)"),
               ("m.npy", npy(), "a NumPy array (.npy)"),
           ]),
         wrong(b"text,emoji\nhi,0\n", STRANGER), wrong(b"<!doctype html>", STRANGER)),
    *row(82, "a version of the format that is newer than the program",
         *(wrong(newer(more), f"needs {needed}: found format version 3; expected 2 or older; install a newer emojify")
           for more, needed in [('"needs":"0.3",', "emojify 0.3 or newer"), ("", "a newer emojify"),
                                ('"needs":"\\u001b[31m",', "a newer emojify")])),
    *row(83, "an older version: it answers as ever", answers(OLDER), answers(SMALL)),
    *row(84, "other vectors than those it was trained on",
         wrong(made(fact("vectors", ["glove-6b-50d", "ab" * 32])), "was trained on other vectors: glove-6b-50d with SHA-256 abababababab…; this "
               f"version has {SHIPPED[:12]}…; train it again"),
         wrong(made(fact("vectors", ["glove-6b-999d", ZEROS])), "needs the vectors glove-6b-999d, which this version "
               "does not have; expected one of everyday-96d, glove-6b-50d; train it again"),
         wrong(made(array("vectors", lambda old: np.zeros((4, 3), np.float16))), "found net.W as float32 of shape (2, 3); "
               "expected float32 of shape (3, 3); train it again")),
    *row(85, "a tensor of another shape or type than the settings say, or none",
         *(wrong(made(array("net.b", new)), f"found net.b as {found}; expected float32 of shape (3,); train it again") for new, found in (
             (lambda old: old[:-1].copy(), "float32 of shape (2,)"),
             (lambda old: old.astype(np.float64), "float64 of shape (3,)"),
             (lambda old: old.reshape(1, -1), "float32 of shape (1, 3)"))),
         wrong(made(lambda _, tensors: tensors.__delitem__("net.b")), "found no tensor net.b; expected float32 "
               "of shape (3,); train it again"),
         wrong(made(lambda _, tensors: tensors.update(more=np.zeros(1))), "found the tensor 'more'; expected "
               "only vectors, words, ends, order, net.W, net.U, net.b, net.Wy, net.by; train it again"),
         wrong(made(array("ends", lambda old: old[::-1].copy())), "found words that end out of order or "
               "outside of the text; expected ends that rise to 8; train it again")),
    *row(86, "a header that claims more than there is",
         *(wrong(length.to_bytes(8, "little") + SMALL[8:], STRANGER) for length in (2**40, 2**63, 2**64 - 1)),
         wrong(bent(tensor("a", 2**40, 0, 2**40), b"ab"), f"found 2 bytes of numbers instead of {2**40}; {AS_WRITTEN}")),
    *row(87, "a key that stands twice, and brackets within brackets",
         wrong(bent(f"{tensor('a', 2, 0, 2)},{tensor('a', 2, 0, 2)}", b"ab"), f"found the key 'a' twice in the header; {AS_WRITTEN}"),
         wrong(sealed_by_hand(header_of(facts_of('"version":1,"settings":{}'))), f"found the key 'version' twice in the facts; {AS_WRITTEN}"),
         wrong(bent(f'"a":{"[" * 5000}{"]" * 5000}'), f"found brackets within brackets without end in the header; {AS_WRITTEN}"),
         wrong(sealed_by_hand(header_of(facts_of(f'"settings":{"[" * 99_999}'))), f"found brackets within brackets without end in the facts; {AS_WRITTEN}")),
    *row(88, "tensors that overlap, leave holes or do not reach the end",
         *(wrong(bent(f"{tensor('a', 2, 0, 2)},{tensor('b', 2, start, start + 2)}", b"abcde"[: start + 2]),
                 f"found the tensor 'b' in the bytes {start} to {start + 2} instead of 2 to 4; {AS_WRITTEN}") for start in (0, 1, 3)),
         wrong(bent(tensor("a", 2, 0, 2), b"abc"), f"found 3 bytes of numbers instead of 2; {AS_WRITTEN}"),
         wrong(SMALL + b"\0", DAMAGED)),
    *row(89, "a path in place of a name: nothing there is opened",
         *(wrong(made(fact("vectors", [name, ZEROS])), f"needs the vectors {name}, which this version does not have; "
                 "expected one of everyday-96d, glove-6b-50d; train it again") for name in ("../x", "/etc/passwd", "/dev/zero"))),
    *row(90, "a number that is none under a right checksum",
         *(wrong(made(number(name, value)), f"found NaN or infinity in {name}; expected finite numbers; train it again")
           for name, value in (("net.b", np.nan), ("net.W", np.inf), ("net.by", -np.inf), ("vectors", np.nan)))),
    *row(91, "a terminal's commands in a label",
         *(wrong(made(lambda facts, _, label=label: facts["labels"][0].__setitem__(0, label)), f"found the label '{shown}'; "
                 "expected an emoji; train it again") for label, shown in (
                     ("\x1b[31mred", r"\x1b[31mred"), ("\x9b2J", r"\x9b2J"), ("\u202e", r"\u202e"), ("❤️\x07", r"❤️\x07")))),
]  # fmt: skip
ELSEWHERE = [
    Elsewhere(79, "every length that a file can be cut off at", "test_model_damage",
              "test_every_truncation_is_refused_as_incomplete"),
    Elsewhere(80, "every single bit", "test_model_damage", "test_every_flipped_bit_is_refused_as_a_mismatch"),
]  # fmt: skip
