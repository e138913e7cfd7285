"""A training that is not finished, in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emojify import sealed
from emojify.errors import EmojifyError, EnvironmentFault, excerpt
from emojify.files import clean, followed

Arrays = dict[str, npt.NDArray[Any]]

KIND = sealed.Kind(
    name="emojify-checkpoint",
    version=1,
    what="a checkpoint of emojify train",
    remedy="use -f instead of --resume to start again",
)


@dataclass(eq=False, repr=False)
class Checkpoint:
    """All that a training needs to go on as if it had never been interrupted.

    Attributes:
        origin: what has to be the same for that, by name: the settings, and the hashes of the
            sentences and the vectors.
        progress: how far it is, as plain data.
        arrays: the weights, the optimiser's memory, the order of the sentences.
    """

    origin: dict[str, Any]
    progress: dict[str, Any]
    arrays: Arrays


def place_for(model: Path) -> Path:
    """Return where the checkpoints of a training are whose model will be ``model``."""
    return model.with_name(f"{model.name}.checkpoint")


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint; the one before is replaced once the new one is whole.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    facts = {"origin": checkpoint.origin, "progress": checkpoint.progress}
    sealed.save(path, KIND, checkpoint.arrays, facts)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        EmojifyError: it is damaged, or is something else.
    """
    facts, arrays = sealed.load(path, KIND)
    match facts:
        case {"origin": dict(origin), "progress": dict(progress)}:
            return Checkpoint(origin, progress, arrays)
    raise EmojifyError(f"found no origin and progress; expected {KIND.what}; {KIND.remedy}", path)


def remove(path: Path) -> None:
    """Remove a checkpoint that is no longer needed, and what a killed process left of it.

    Raises:
        EnvironmentFault: it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentFault(
            f"cannot be removed: {error.strerror}; nobody needs it any more; remove it yourself",
            path,
        ) from None
    clean(followed(path))


def require_same_origin(then: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    """Make sure that a checkpoint is one of this very training.

    Raises:
        EmojifyError: it is not; names everything that differs.
    """
    before, after = dict(_flat(then)), dict(_flat(now))
    different = [
        f"{name} {_shown(after.get(name))} (was {_shown(before.get(name))})"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
    if different:
        raise EmojifyError(
            f"found {', '.join(different)}; expected what the training was begun with; "
            "repeat the command that began it, with --resume; or use -f instead to start again",
            path,
        )


def put_back(array: npt.NDArray[Any], saved: npt.NDArray[Any]) -> None:
    """Copy saved numbers into an array.

    Raises:
        ValueError: they are not of its shape and type.
    """
    if (array.shape, array.dtype) != (saved.shape, saved.dtype):
        raise ValueError(f"{saved.dtype} {saved.shape} instead of {array.dtype} {array.shape}")
    np.copyto(array, saved)


def _flat(facts: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if re.fullmatch("[0-9a-f]{64}", str(value)):  # a SHA-256
        return f"{value[:12]}…"
    return str(value) if isinstance(value, float | int) else excerpt(value)
