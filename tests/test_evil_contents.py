"""Model files that are wrong under a right checksum, as somebody might make them on purpose.

A case is what is changed in a good file, and what must be said. What every case must show besides:
the library and the commands refuse the file before anything in it is used.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import emoji
import numpy as np
import pytest

from emojify import Emojifier, resources, store
from emojify.errors import EmojifyError
from emojify.labels import has_the_form_of_an_emoji
from emojify.vectors import ScaledRows, TunedRows, Vectors
from tests.conftest import Run
from tests.models import ZEROS, Change, Facts, Tensors, changed, small_model

NAN, INF = float("nan"), float("inf")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "m.safetensors"
    store.save(small_model(), path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(EmojifyError) as error:
        Emojifier.load(path)
    return str(error.value).removeprefix(f"{path}: ")


def setting(key: str, value: Any) -> Change:
    def change(facts: Facts, _: Tensors) -> None:
        section, name = key.split(".")
        facts["settings"][section][name] = value

    return change


def fact(key: str, value: Any) -> Change:
    def change(facts: Facts, _: Tensors) -> None:
        facts[key] = value

    return change


def label(text: Any, name: Any = "x") -> Change:
    return fact("labels", [["❤️", text], ["red heart", name]])


def tensor(name: str, value: Any) -> Change:
    def change(_: Facts, tensors: Tensors) -> None:
        tensors[name] = np.asarray(value)

    return change


def number(name: str, place: int, value: float) -> Change:
    def change(_: Facts, tensors: Tensors) -> None:
        tensors[name].flat[place] = value

    return change


def without(name: str) -> Change:
    def change(_: Facts, tensors: Tensors) -> None:
        del tensors[name]

    return change


def zeros(*shape: int, dtype: type = np.float32) -> np.ndarray:
    return np.zeros(shape, dtype)


WHOLE, CELL = "a whole number above 0", "rnn or lstm or gru"
SETTINGS = "model.cell, hidden and reset_after, vectors.tune"
ENDS = "words that end out of order or outside of the text; expected ends that rise to 8"

NOT_UTF8 = "words that are not UTF-8; expected text, cut where a character begins"

CONTENTS: list[tuple[Change, str]] = [
    # settings
    (fact("settings", []), f"incomplete settings; expected {SETTINGS}"),
    (fact("settings", {"model": {"cell": "rnn"}}), f"incomplete settings; expected {SETTINGS}"),
    (setting("vectors.tune", 1), f"incomplete settings; expected {SETTINGS}"),
    (setting("data.train", [[["x"]]]), "settings within settings; expected sections of values"),
    (setting("model.cell", "transformer"), f"'transformer' for model.cell; expected {CELL}"),
    (setting("model.cell", ["rnn"]), f"['rnn'] for model.cell; expected {CELL}"),
    (setting("model.hidden", 0), f"0 for model.hidden; expected {WHOLE}"),
    (setting("model.hidden", -3), f"-3 for model.hidden; expected {WHOLE}"),
    (setting("model.hidden", 3.0), f"3.0 for model.hidden; expected {WHOLE}"),
    (setting("model.hidden", True), f"True for model.hidden; expected {WHOLE}"),
    (setting("model.reset_after", True),
     "True for model.reset_after; expected false, or true with gru"),
    (setting("model.hidden", 10**9),
     "net.W as float32 of shape (2, 3); expected float32 of shape (2, 1000000000)"),
    (setting("decoder.features", "attention"),
     "{'features': 'attention', 'width': 32} for decoder; expected features: encoder, mean or "
     "null, and a width"),
    (setting("decoder.width", 0),
     "{'features': None, 'width': 0} for decoder; expected features: encoder, mean or null, and a "
     "width"),
    (setting("decoder.width", True),
     "{'features': None, 'width': True} for decoder; expected features: encoder, mean or null, and "
     "a width"),
    (setting("decoder.features", "mean"),
     "the tensor 'net.U'; expected only vectors, words, ends, order, net.decoder.Wf, "
     "net.decoder.bf, net.decoder.E, net.decoder.W, net.decoder.U, net.decoder.b, net.decoder.Wy, "
     "net.decoder.by"),
    # labels
    (label("\x1b[31mred"), r"the label '\x1b[31mred'; expected an emoji"),
    (label("⚾\x1b[0m"), r"the label '⚾\x1b[0m'; expected an emoji"),
    (label("\u202e⚾"), r"the label '\u202e⚾'; expected an emoji"),
    (label(""), "the label ''; expected an emoji"),
    (label("ball"), "the label 'ball'; expected an emoji"),
    (label(7), "the label 7; expected an emoji"),
    (label("⚾⚾"), "the label '⚾⚾'; expected an emoji"),
    (label("❤️"), "the label ❤️ twice; expected each emoji once"),
    (label("⚾", "\x9b2J"), r"an emoji with the name '\x9b2J'; expected a name that can be shown"),
    (label("⚾", ""), "an emoji with the name ''; expected a name that can be shown"),
    (label("⚾", None), "an emoji with the name None; expected a name that can be shown"),
    (fact("labels", [["❤️"], ["red heart"]]),
     "the labels [['❤️'], ['red heart']]; expected two or more emoji and their names"),
    (fact("labels", [["❤️", "⚾"], ["red heart"]]),
     "the labels [['❤️', '⚾'], ['red heart']]; expected two or more emoji and their names"),
    (fact("labels", "❤️⚾"), "the labels '❤️⚾'; expected two or more emoji and their names"),
    (fact("labels", [["❤️", "⚾", "😄"], ["a", "b", "c"]]),
     "net.Wy as float32 of shape (3, 2); expected float32 of shape (3, 3)"),
    # the other facts
    (fact("history", {}), "the history {}; expected a list of epochs"),
    (fact("history", [1]), "the epoch 1; expected its number, its loss and scores"),
    (fact("history", [{"epoch": 1, "loss": "\x1b"}]),
     r"the epoch {'epoch': 1, 'loss': '\x1b'}; expected its number, its loss and scores"),
    (fact("history", [{"epoch": 1, "loss": 1, "validation_loss": 1}]),
     "the epoch {'epoch': 1, 'loss': 1, 'validation_loss': 1}; expected its number, its loss and "
     "scores"),
    (fact("history", [{"epoch": 1, "loss": 1, "temperature": 0.0}]),
     "the epoch {'epoch': 1, 'loss': 1, 'temperature': 0.0}; expected its number, its loss and "
     "scores"),
    (fact("vectors", "glove-6b-50d"),
     "'glove-6b-50d'; expected the name of the vectors and their SHA-256"),
    (fact("vectors", [["glove"], ""]),
     "[['glove'], '']; expected the name of the vectors and their SHA-256"),
    (fact("settings", {"model": {"cell": "rnn", "hidden": 3, "reset_after": False,
                                 "bidirectional": 1}, "vectors": {"tune": True}}),
     "1 for model.bidirectional; expected true or false"),
    (fact("temperature", 0.0), "the temperature 0.0; expected a number from 0.01 to 100"),
    (fact("temperature", -1.5), "the temperature -1.5; expected a number from 0.01 to 100"),
    (fact("temperature", 1e-300), "the temperature 1e-300; expected a number from 0.01 to 100"),
    (fact("temperature", 101.0), "the temperature 101.0; expected a number from 0.01 to 100"),
    (fact("temperature", "hot"), "the temperature 'hot'; expected a number from 0.01 to 100"),
    (fact("extra", 1), "the facts needs, settings, labels, history, temperature, vectors, extra; "
     "expected needs, settings, labels, history, temperature, vectors"),
    # weights
    (without("net.U"), "no tensor net.U; expected float32 of shape (3, 3)"),
    (tensor("net.V", zeros(1)), "the tensor 'net.V'; expected only vectors, words, ends, order, "
     "net.W, net.U, net.b, net.Wy, net.by"),
    (tensor("net.U", zeros(3, 4)),
     "net.U as float32 of shape (3, 4); expected float32 of shape (3, 3)"),
    (tensor("net.U", zeros(9)), "net.U as float32 of shape (9,); expected float32 of shape (3, 3)"),
    (tensor("net.U", zeros(3, 3, dtype=np.float64)),
     "net.U as float64 of shape (3, 3); expected float32 of shape (3, 3)"),
    (tensor("net.U", zeros(3, 3, dtype=np.uint32)),
     "net.U as uint32 of shape (3, 3); expected float32 of shape (3, 3)"),
    (number("net.b", 1, NAN), "NaN or infinity in net.b; expected finite numbers"),
    (number("net.W", 5, -INF), "NaN or infinity in net.W; expected finite numbers"),
    # words and vectors inside
    (without("vectors"), "no word vectors; expected a row of numbers for each word"),
    (tensor("vectors", zeros(8)), "no word vectors; expected a row of numbers for each word"),
    (tensor("vectors", zeros(4, 0)), "no word vectors; expected a row of numbers for each word"),
    (tensor("vectors", zeros(4, 2, dtype=np.int8)),
     "no tensor units; expected float32 of shape (4,)"),
    (tensor("units", zeros(4)), "the tensor 'units'; expected only vectors, words, ends, order, "
     "net.W, net.U, net.b, net.Wy, net.by"),
    (tensor("vectors", zeros(4, 5, dtype=np.float16)),
     "net.W as float32 of shape (2, 3); expected float32 of shape (5, 3)"),
    (tensor("vectors", zeros(4, 2)),
     "vectors as float32 of shape (4, 2); expected float16 of shape (4, 2)"),
    (number("vectors", 3, NAN), "NaN or infinity in vectors; expected finite numbers"),
    (number("vectors", 7, INF), "NaN or infinity in vectors; expected finite numbers"),
    (without("words"), "no tensor words; expected uint8 of shape (0,)"),
    (tensor("words", zeros(2, 4, dtype=np.uint8)),
     "words as uint8 of shape (2, 4); expected uint8 of shape (8,)"),
    (tensor("ends", zeros(2, dtype=np.uint32)),
     "ends as uint32 of shape (2,); expected uint32 of shape (3,)"),
    (number("ends", 0, 6), ENDS),
    (number("ends", 2, 2**32 - 1), ENDS),
    (number("ends", 2, 7), ENDS),
    (number("words", 0, 0xFF), NOT_UTF8),
    (tensor("words", np.frombuffer("ilovéyou".encode()[:8], np.uint8)), NOT_UTF8),
    (number("order", 0, 2), "an order that leaves out a word; expected every word once"),
    (number("order", 0, 2**32 - 1), "an order that leaves out a word; expected every word once"),
    (number("order", 0, 3), "an order that leaves out a word; expected every word once"),
    (tensor("tuned.rows", zeros(1, dtype=np.uint32)),
     "the tensor 'tuned.rows'; expected only vectors, words, ends, order, net.W, net.U, net.b, "
     "net.Wy, net.by"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), CONTENTS)
def test_wrong_contents_are_named_beside_what_was_expected(
    path: Path, change: Change, message: str
) -> None:
    changed(path, change)
    [line] = refusal(path).splitlines()
    assert line == f"found {message}; train it again"


UNITS = "units of word vectors that are negative or too large; expected numbers from 0 to 2.7e+36"
SCALED: list[tuple[Change, str]] = [
    (number("units", 1, NAN), "NaN or infinity in units; expected finite numbers"),
    (number("units", 1, INF), "NaN or infinity in units; expected finite numbers"),
    (number("units", 1, 3e36), UNITS),
    (number("units", 1, -1.0), UNITS),
    (tensor("units", zeros(3)),
     "units as float32 of shape (3,); expected float32 of shape (4,)"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), SCALED)
def test_wrong_units_are_named_beside_what_was_expected(
    path: Path, change: Change, message: str
) -> None:
    model = small_model()
    store.save(replace(model, table=ScaledRows.of(np.asarray(model.table))), path)
    assert Emojifier.load(path).predict(["i love you"])[0].known_words == 3
    changed(path, change)
    assert refusal(path) == f"found {message}; train it again"


SHIPPED = "glove-6b-50d"
ROWS = "tuned.rows that do not ascend or that the vectors do not have; expected ascending rows "
TUNED: list[tuple[Change, str]] = [
    (without("tuned.rows"), "no tensor tuned.rows; expected uint32 of shape (0,)"),
    (without("tuned.values"), "no tensor tuned.values; expected float32 of shape (2, 50)"),
    (tensor("tuned.values", zeros(2, 60)),
     "tuned.values as float32 of shape (2, 60); expected float32 of shape (2, 50)"),
    (tensor("tuned.rows", [1, 2]),
     "tuned.rows as int64 of shape (2,); expected uint32 of shape (2,)"),
    (number("tuned.rows", 0, 7), f"{ROWS}below 66633"),
    (number("tuned.rows", 1, 66633), f"{ROWS}below 66633"),
    (number("tuned.values", 99, NAN), "NaN or infinity in tuned.values; expected finite numbers"),
    (setting("vectors.tune", False),
     "the tensor 'tuned.values'; expected only net.W, net.U, net.b, net.Wy, net.by"),
    (tensor("net.W", zeros(300, 3)),
     "net.W as float32 of shape (300, 3); expected float32 of shape (50, 3)"),
]  # fmt: skip


@pytest.fixture
def tuned(tmp_path: Path) -> Path:
    """A model that refers to the shipped vectors and replaces two rows of them."""
    place = resources.shipped("vectors", SHIPPED)
    assert place is not None
    vectors = Vectors.open(place)
    small = small_model()
    rows = np.array([3, 5], np.uint32)
    model = replace(
        small,
        weights=small.weights | {"W": zeros(50, 3)},
        vocabulary=vectors.vocabulary,
        table=TunedRows(vectors.matrix, rows, zeros(2, 50)),
        shipped_vectors=SHIPPED,
        fingerprint=vectors.fingerprint,
    )
    path = tmp_path / "tuned.safetensors"
    store.save(model, path)
    return path


def test_a_model_may_replace_rows_of_shipped_vectors(tuned: Path) -> None:
    assert Emojifier.load(tuned).predict(["i love you"])[0].known_words == 3


@pytest.mark.parametrize(("change", "message"), TUNED)
def test_wrong_rows_are_named_beside_what_was_expected(
    tuned: Path, change: Change, message: str
) -> None:
    changed(tuned, change)
    assert refusal(tuned) == f"found {message}; train it again"


@pytest.mark.parametrize(
    "name", ["../x", "../models/five", "/etc/passwd", "glove-6b-50d/../glove-6b-50d", ".", ""]
)
def test_a_path_in_place_of_a_name_never_reaches_the_files(
    tuned: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    changed(tuned, fact("vectors", [name, ZEROS]))
    opened: list[Path] = []
    monkeypatch.setattr(Vectors, "open", lambda place, **_: opened.append(place))
    assert refusal(tuned) == (
        f"needs the vectors {name}, which this version does not have; expected one of "
        "everyday-96d, glove-6b-50d; train it again"
    )
    assert opened == []


def test_every_emoji_may_be_a_label_and_no_word_may() -> None:
    known = [
        text
        for text, data in emoji.EMOJI_DATA.items()
        if data["status"] == emoji.STATUS["fully_qualified"]
    ]
    assert len(known) > 3000
    assert [text for text in known if not has_the_form_of_an_emoji(text)] == []
    for text in ("", "a", "1", "#", "\ufe0f", "\u200d", "❤️\n", "❤️ ", " ❤️", "❤️\u200d", "é", "\x9b"):
        assert not has_the_form_of_an_emoji(text), text


@pytest.mark.parametrize("command", ["predict -m {} hi", "predict --json -m {} hi", "info {}",
                                     "eval five-test -m {}"])  # fmt: skip
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (label("\x1b[31mred"), r"found the label '\x1b[31mred'; expected an emoji"),
        (number("net.b", 0, NAN), "found NaN or infinity in net.b; expected finite numbers"),
        (number("ends", 0, 9), f"found {ENDS}"),
        (fact("vectors", ["../x", ZEROS]),
         "needs the vectors ../x, which this version does not have; expected one of "
         "everyday-96d, glove-6b-50d"),
    ],
    ids=["label", "number", "vocabulary", "vectors"],
)  # fmt: skip
def test_every_command_refuses_such_a_file(
    run: Run, path: Path, command: str, change: Change, message: str
) -> None:
    changed(path, change)
    before = path.read_bytes()
    result = run(*command.format(path.name).split())
    assert (result.code, result.out) == (2, "")
    assert result.err == f"emojify: error: {path.name}: {message}; train it again\n"
    assert path.read_bytes() == before


def test_settings_are_shown_without_what_commands_a_terminal(run: Run, path: Path) -> None:
    changed(path, setting("data.train", "\x1b[2J\x9b31m\u202e.csv"))
    changed(path, lambda facts, _: facts["settings"].update(seed="\x1b[31m"))
    shown = run("info", path.name)
    assert shown.code == 0
    assert r'train "\u001b[2J\x9b31m\u202e.csv"' in shown.out
    assert r"seed     \x1b[31m" in shown.out
