"""What a file of ours holds, compared with what it has to hold before any of it is used.

A right checksum says that a file is as somebody wrote it, not that it makes sense. After these
checks no lookup can leave an array, no answer can come from a number that is none, and nothing
that is shown can hold a terminal's commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from reprlib import repr as short
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from emojify.header import Tensors
from emojify.labels import has_the_form_of_an_emoji
from emojify.networks import shapes
from emojify.nn.arrays import Floats, Ints, Shape
from emojify.nn.cells import CELLS

# What a tensor has to be, by name.
Expected: TypeAlias = dict[str, tuple[type[np.generic], Shape]]

_AT_ONCE = 1 << 20  # numbers, so that to look through gigabytes takes a few megabytes
_FACTS = ("needs", "settings", "labels", "history", "temperature", "vectors")
_SINCE_2 = {"needs", "temperature"}  # facts that a file of format version 1 does not have
_COLDEST, _HOTTEST = 0.01, 100.0  # beyond these, probabilities are all but 0, 1 or alike
_LARGEST_UNIT = np.finfo(np.float32).max / 128  # whose multiples are finite


def check_facts(facts: Mapping[str, Any]) -> None:
    """Check the types and values of everything that is no tensor.

    Raises:
        ValueError: with what was found and what was expected.
    """
    whole = facts.keys() | _SINCE_2 == set(_FACTS)
    _expect(whole, f"the facts {', '.join(facts)}", ", ".join(_FACTS))
    _check_network(facts["settings"])
    _check_labels(facts["labels"])
    check_history(facts["history"])
    temperature = facts.get("temperature", 1.0)
    _expect(
        _is_temperature(temperature),
        f"the temperature {short(temperature)}",
        "a number from 0.01 to 100",
    )
    match facts["vectors"]:
        case [None | str(), str()]:
            pass
        case other:
            raise _unexpected(short(other), "the name of the vectors and their SHA-256")


def network_tensors(facts: Mapping[str, Any], width: int) -> Expected:
    """Return the weights that a network of these settings and labels has, for D-wide vectors."""
    of_network = shapes(facts["settings"], width, len(facts["labels"][0]))
    return {f"net.{name}": (np.float32, shape) for name, shape in of_network.items()}


def vocabulary_tensors(tensors: Tensors) -> Expected:
    """Return what a model that carries its words and vectors inside has beside its network."""
    table = tensors.get("vectors", np.empty(0))
    words = tensors.get("words", np.empty(0))
    _expect(table.ndim == 2 and table.size > 0, "no word vectors", "a row of numbers for each word")
    count = (len(table) - 1,)
    numbers: Expected = {"vectors": (np.float16, table.shape)}
    if table.dtype == np.int8:
        numbers = {"vectors": (np.int8, table.shape), "units": (np.float32, (len(table),))}
    return {
        **numbers,
        "words": (np.uint8, (words.size,)),
        "ends": (np.uint32, count),
        "order": (np.uint32, count),
    }


def tuned_tensors(tensors: Tensors, width: int) -> Expected:
    """Return what a model that tuned some rows of shipped vectors has beside its network."""
    count = tensors.get("tuned.rows", np.empty(0)).size
    return {"tuned.rows": (np.uint32, (count,)), "tuned.values": (np.float32, (count, width))}


def check_tensors(tensors: Tensors, expected: Expected) -> None:
    """Check that these tensors are there and no others, each of its type and shape and finite.

    Raises:
        ValueError: with what was found and what was expected.
    """
    for name in tensors:
        _expect(name in expected, f"the tensor {short(name)}", f"only {', '.join(expected)}")
    for name, (dtype, shape) in expected.items():
        wanted = f"{dtype.__name__} of shape {shape}"
        _expect(name in tensors, f"no tensor {name}", wanted)
        found = tensors[name]
        _expect(
            found.dtype == dtype and found.shape == shape,
            f"{name} as {found.dtype} of shape {found.shape}",
            wanted,
        )
        check_finite(name, found)


def check_history(history: Any) -> None:
    """Check that there is a record with numbers for each epoch.

    Raises:
        ValueError: with what was found and what was expected.
    """
    _expect(isinstance(history, list), f"the history {short(history)}", "a list of epochs")
    for record in history:
        match record:
            case {"epoch": int(), "loss": int() | float(), **scores} if _are_scores(scores):
                pass
            case other:
                raise _unexpected(f"the epoch {short(other)}", "its number, its loss and scores")


def check_finite(name: str, numbers: npt.NDArray[Any]) -> None:
    """Check that there is no number that is none.

    Raises:
        ValueError: with what was found and what was expected.
    """
    _expect(_all_finite(numbers), f"NaN or infinity in {name}", "finite numbers")


def check_units(units: Floats) -> None:
    """Check that every int8 number times its row's unit is a number that float32 can hold.

    Raises:
        ValueError: with what was found and what was expected.
    """
    _expect(
        bool(((units >= 0) & (units <= _LARGEST_UNIT)).all()),
        "units of word vectors that are negative or too large",
        f"numbers from 0 to {_LARGEST_UNIT:.1e}",
    )


def check_vocabulary(words: Ints, ends: Ints, order: Ints) -> None:
    """Check that every word is a piece of the text, and that the order names each word once.

    Raises:
        ValueError: with what was found and what was expected.
    """
    stops = np.concatenate([np.zeros(1, np.int64), ends])
    _expect(
        bool((np.diff(stops) >= 0).all()) and stops[-1] == len(words),
        "words that end out of order or outside of the text",
        f"ends that rise to {len(words)}",
    )
    starts = stops[:-1][stops[:-1] < len(words)]
    _expect(
        _is_utf8(words) and not ((words[starts] & 0xC0) == 0x80).any(),
        "words that are not UTF-8",
        "text, cut where a character begins",
    )
    times = np.bincount(order[order < len(ends)], minlength=len(ends))
    _expect(bool((times == 1).all()), "an order that leaves out a word", "every word once")


def check_tuned_rows(rows: Ints, count: int) -> None:
    """Check that the rows are ascending and among the ``count`` rows of the vectors.

    Raises:
        ValueError: with what was found and what was expected.
    """
    _expect(len(rows) > 0, "no tuned.rows", "at least that of the unknown word")
    steps = np.diff(rows.astype(np.int64))
    _expect(
        bool((steps > 0).all()) and not (rows >= count).any(),
        "tuned.rows that do not ascend or that the vectors do not have",
        f"ascending rows below {count}",
    )


def _check_network(settings: Any) -> None:
    match settings:
        case {
            "model": {"cell": cell, "hidden": hidden, "reset_after": after},
            "vectors": {"tune": bool()},
        }:
            pass
        case _:
            raise _unexpected(
                "incomplete settings", "model.cell, hidden and reset_after, vectors.tune"
            )
    _expect(_is_plain(settings, 3), "settings within settings", "sections of values")
    known = isinstance(cell, str) and cell in CELLS
    _expect(known, f"{short(cell)} for model.cell", " or ".join(CELLS))
    _expect(
        _is_width(hidden),
        f"{short(hidden)} for model.hidden",
        "a whole number above 0",
    )
    _expect(
        after is False or (after is True and hasattr(CELLS[cell], "reset_after")),
        f"{short(after)} for model.reset_after",
        "false, or true with gru",
    )
    both = settings["model"].get("bidirectional", False)  # not in files of format version 1
    _expect(type(both) is bool, f"{short(both)} for model.bidirectional", "true or false")
    decoder = settings.get("decoder", {"features": None, "width": 1})  # nor is this
    match decoder:
        case {"features": None | "encoder" | "mean", "width": width} if _is_width(width):
            pass
        case _:
            raise _unexpected(
                f"{short(decoder)} for decoder", "features: encoder, mean or null, and a width"
            )


def _is_width(value: object) -> bool:
    return type(value) is int and value > 0


def _check_labels(labels: Any) -> None:
    match labels:
        case [[_, _, *_] as emoji, [*names]] if len(names) == len(emoji):
            pass
        case other:
            raise _unexpected(f"the labels {short(other)}", "two or more emoji and their names")
    seen = set()
    for label in emoji:
        valid = isinstance(label, str) and has_the_form_of_an_emoji(label)
        _expect(valid, f"the label {short(label)}", "an emoji")
        _expect(label not in seen, f"the label {label} twice", "each emoji once")
        seen.add(label)
    for name in names:
        valid = isinstance(name, str) and bool(name) and name.isprintable()
        _expect(valid, f"an emoji with the name {short(name)}", "a name that can be shown")


def _are_scores(scores: dict[object, object]) -> bool:
    loss, accuracy = scores.get("validation_loss"), scores.get("validation_accuracy")
    numbers = all(isinstance(score, int | float | None) for score in scores.values())
    temperature = scores.get("temperature", 1.0)  # of a checkpoint, that of a model to come
    return numbers and (loss is None) == (accuracy is None) and _is_temperature(temperature)


def _is_temperature(value: object) -> bool:
    return isinstance(value, float) and _COLDEST <= value <= _HOTTEST


def _is_plain(value: Any, depth: int) -> bool:
    """Whether there are at most so many containers within each other."""
    if isinstance(value, dict):
        value = list(value.values())
    return not isinstance(value, list) or (
        depth > 0 and all(_is_plain(inner, depth - 1) for inner in value)
    )


def _is_utf8(text: Ints) -> bool:
    try:
        str(text.data, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _all_finite(numbers: npt.NDArray[Any]) -> bool:
    flat = numbers.reshape(-1)
    return all(_are_finite(flat[i : i + _AT_ONCE]) for i in range(0, len(flat), _AT_ONCE))


def _are_finite(numbers: npt.NDArray[Any]) -> bool:
    if numbers.dtype == np.float16:  # whose exponents are seen in a fifth of the time
        return not ((numbers.view(np.uint16) & 0x7C00) == 0x7C00).any()
    return bool(np.isfinite(numbers).all())


def _expect(true: bool, found: str, expected: str) -> None:
    if not true:
        raise _unexpected(found, expected)


def _unexpected(found: str, expected: str) -> ValueError:
    return ValueError(f"{found}; expected {expected}")
