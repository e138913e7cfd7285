"""The file of a training that is not finished."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emojify import checkpoint, sealed
from emojify.checkpoint import Checkpoint, place_for, put_back, require_same_origin
from emojify.errors import EmojifyError, EnvironmentFault

ORIGIN: dict[str, Any] = {"settings": {"seed": 1, "model": {"hidden": 8}}, "data": "a" * 64}


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = place_for(tmp_path / "m.safetensors")
    assert path == tmp_path / "m.safetensors.checkpoint"
    saved = Checkpoint(ORIGIN, {"epoch": 3}, {"theta": np.arange(3.0)})
    checkpoint.save(saved, path)
    loaded = checkpoint.load(path)
    assert (loaded.origin, loaded.progress) == (ORIGIN, {"epoch": 3})
    assert {name: array.tolist() for name, array in loaded.arrays.items()} == {"theta": [0, 1, 2]}


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "m.checkpoint"
    checkpoint.save(Checkpoint(ORIGIN, {}, {}), path)
    facts = json.loads(json.loads(path.read_bytes()[8:])["__metadata__"]["emojify-checkpoint"])
    assert (facts["format"], facts["version"]) == ("emojify-checkpoint", 1)


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.checkpoint"
    path.write_bytes(b"something else")
    with pytest.raises(EmojifyError) as caught:
        checkpoint.load(path)
    assert str(caught.value) == (
        f"{path}: is incomplete or is not a checkpoint of emojify train; "
        "use -f instead of --resume to start again"
    )


def test_it_is_removed_with_what_was_left_of_it(tmp_path: Path) -> None:
    path = tmp_path / "m.checkpoint"
    for _ in range(2):  # also if it is gone already
        checkpoint.remove(path)
        path.touch()
        (tmp_path / ".m.checkpoint.abcdefgh.emojify-part").touch()
        checkpoint.remove(path)
        assert list(tmp_path.iterdir()) == []


def test_one_that_cannot_be_removed_is_said(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        checkpoint.remove(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: cannot be removed: Is a directory; nobody needs it any more; "
        "remove it yourself"
    )


def test_the_same_origin_is_taken() -> None:
    require_same_origin(ORIGIN, {**ORIGIN}, Path("m.checkpoint"))


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (ORIGIN | {"data": "b" * 64}, "data bbbbbbbbbbbb… (was aaaaaaaaaaaa…)"),
        (ORIGIN | {"data": "b" * 63}, f"data '{'b' * 27}...{'b' * 28}' (was aaaaaaaaaaaa…)"),
        (
            {"settings": {"seed": 2, "model": {"hidden": 9}}, "data": "a" * 64},
            "settings.seed 2 (was 1), settings.model.hidden 9 (was 8)",
        ),
        (ORIGIN | {"vectors": "x"}, "vectors 'x' (was none)"),
        ({"settings": ORIGIN["settings"]}, "data none (was aaaaaaaaaaaa…)"),
    ],
    ids=["hash", "no hash", "nested", "new", "gone"],
)
def test_all_that_differs_is_named(now: dict[str, Any], found: str) -> None:
    with pytest.raises(EmojifyError) as caught:
        require_same_origin(ORIGIN, now, Path("m.checkpoint"))
    assert str(caught.value) == (
        f"m.checkpoint: found {found}; expected what the training was begun with; repeat the "
        "command that began it, with --resume; or use -f instead to start again"
    )


def test_numbers_are_put_back_into_an_array_of_their_form_alone() -> None:
    array = np.zeros(3, np.float32)
    put_back(array, np.array([1, 2, 3], np.float32))
    assert array.tolist() == [1, 2, 3]
    for other, shown in (
        (np.ones(3), "float64 (3,)"),
        (np.ones(4, np.float32), "float32 (4,)"),
        (np.ones(1, np.float32), "float32 (1,)"),
    ):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (the message is compared)
            put_back(array, other)
        assert str(caught.value) == f"{shown} instead of float32 (3,)"
    assert array.tolist() == [1, 2, 3]


@pytest.mark.parametrize("facts", [{}, {"origin": {}}, {"origin": [], "progress": {}}])
def test_a_checkpoint_without_origin_and_progress_is_refused(
    tmp_path: Path, facts: dict[str, Any]
) -> None:
    path = tmp_path / "m.checkpoint"
    sealed.save(path, checkpoint.KIND, {}, facts)
    with pytest.raises(EmojifyError) as caught:
        checkpoint.load(path)
    assert str(caught.value) == (
        f"{path}: found no origin and progress; expected a checkpoint of emojify train; use -f "
        "instead of --resume to start again"
    )
