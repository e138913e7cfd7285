"""The model file: :func:`emojify.store.load`.

A checksum keeps nearly every changed file out, so an input says in its first byte how it becomes a
file: as it is; with its checksum mended; or put together from facts, the entries of tensors and
numbers, with everything around them as it has to be. A model that is read answers a sentence; it
is written and read again as the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np

from emojify import store
from emojify.emojifier import Emojifier
from emojify.errors import EmojifyError
from emojify.labels import Labels
from emojify.nn.cells import CELLS, new_cell
from emojify.nn.model import Model
from emojify.settings import Settings, as_plain
from emojify.store import TrainedModel
from emojify.vocab import Vocabulary
from harness import Target, require

_AS_IT_IS, _SEALED, _PUT_TOGETHER = b"=", b"s", b"+"
_BETWEEN = b"\0"  # the parts of what is put together
_SEAL = b'\\"sha256\\":\\"'
_NO_DIGEST = b"0" * 64


class ModelTarget(Target):
    """Bytes as a model file."""

    file_name = "x.safetensors"
    max_length = 1600
    separator = b","
    tokens = (
        *(_AS_IT_IS, _SEALED, _PUT_TOGETHER, _BETWEEN),
        *b'{ } [ ] , : " \\ {} [] "" null true -1 0 1 2 3 8 1e999 NaN 0.5'.split(),
        *b'"F16" "F32" "U32" "U8" "I64" "BOOL" "F8_E5M2" "dtype" "shape" "data_offsets"'.split(),
        *b'"vectors" "words" "ends" "order" "net.W" "net.U" "net.b" "net.Wy" "net.by"'.split(),
        *b'"tuned.rows" "tuned.values" "format" "version" "settings" "labels" "history"'.split(),
        *b'"model" "cell" "hidden" "reset_after" "lstm" "gru" "rnn" "glove-6b-50d"'.split(),
        *b'"needs" "sha256" "__metadata__" "emojify-model" \\u001b \\ud800 \\u202e'.split(),
        *(b"\0\0\0\0", b"\1\0\0\0", b"\xff\xff\xff\xff", b"\0\x7c", b"\0\x7e", b"\0\0\xc0\x7f"),
        *(b"9" * 19, b"\x80\4", b"PK\3\4", b"\x89HDF", b"\x93NUMPY", "❤️".encode(), b"\xff"),
    )

    def seeds(self) -> list[bytes]:
        """Return a small model of every cell, whole and in parts, and one on shipped vectors."""
        seeds = []
        for cell in CELLS:
            store.save(_tiny(cell), self.path)
            data = self.path.read_bytes()
            seeds += [_AS_IT_IS + data, _SEALED + data, _PUT_TOGETHER + _in_parts(data)]
        shipped = store.load(Path(store.__file__).parent / "models" / "five.safetensors")
        shipped.table = shipped.weights["W"] = np.zeros((1, 1), np.float32)
        store.save(shipped, self.path)
        return [*seeds, _PUT_TOGETHER + _in_parts(self.path.read_bytes())[:1500], _AS_IT_IS]

    def read(self, data: bytes) -> None:
        """Load a model, ask it, and write and load it again."""
        self.path.write_bytes(_file_from(data))
        trained = store.load(self.path)
        emojifier = Emojifier(trained)
        words = [trained.vocabulary.word(i) for i in range(1, len(trained.vocabulary) + 1)]
        require("".join(words).encode() == trained.vocabulary.blob, f"the words {words}")
        try:
            [prediction] = emojifier.predict(["i love you"], top_k=len(trained.labels))
        except EmojifyError as error:
            require(str(error).startswith("the model's answer is not a number"), str(error))
        else:
            total = sum(choice.probability for choice in prediction.top)
            require(abs(total - 1) < 1e-4, f"probabilities that are {total} together")
        store.save(trained, self.path)
        again = store.load(self.path)
        require(_facts(again) == _facts(trained), "other facts after being written")
        require(_numbers(again) == _numbers(trained), "other numbers after being written")

    def count_lines(self, data: bytes) -> int:
        """Return 1: no line of a model file is ever named."""
        return 1


def _tiny(cell: str) -> TrainedModel:
    table = np.array([[0], [0.5], [-1]], np.float16)
    network = Model(new_cell(cell), table, hidden=1, classes=2)
    network.initialize(np.random.default_rng(1))
    settings = as_plain(Settings())
    settings["model"] |= {"cell": cell, "hidden": 1}
    return TrainedModel(
        settings=settings,
        labels=Labels.of(["❤️", "⚾"]),
        weights=network.params.values,
        vocabulary=Vocabulary.of([b"i", b"love"]),
        table=table,
        history=[{"epoch": 1, "loss": 0.5}],
    )


def _in_parts(data: bytes) -> bytes:
    """Return the facts, the entries of the tensors, and the numbers."""
    stop = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:stop])
    [facts] = header.pop("__metadata__").values()
    entries = json.dumps(header, separators=(",", ":")).encode()[1:-1]
    return _BETWEEN.join((facts.encode().split(b',"sha256"')[0], entries, data[stop:]))


def _file_from(data: bytes) -> bytes:
    how, data = data[:1], data[1:]
    if how == _PUT_TOGETHER:
        facts, entries, numbers = (*data.split(_BETWEEN, 2), b"", b"")[:3]
        text = facts.decode("latin-1") + f',"sha256":"{_NO_DIGEST.decode()}"}}'
        metadata = json.dumps({store.KIND.name: text}).encode()
        header = b'{"__metadata__":' + metadata + b"," * bool(entries) + entries + b"}"
        data = len(header).to_bytes(8, "little") + header + numbers
    if how in (_PUT_TOGETHER, _SEALED):
        found = re.search(re.escape(_SEAL) + b"(.{64})", data, re.DOTALL)
        if found:
            before, after = data[: found.start(1)], data[found.end(1) :]
            digest = hashlib.sha256(before + _NO_DIGEST + after).hexdigest()
            data = before + digest.encode() + after
    return data


def _facts(trained: TrainedModel) -> object:
    return trained.settings, trained.labels, trained.history, trained.fingerprint


def _numbers(trained: TrainedModel) -> object:
    arrays = trained.weights | {"table": np.asarray(trained.table)}
    return {name: array.tobytes() for name, array in arrays.items()}, trained.vocabulary.words()
