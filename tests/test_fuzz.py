"""The fuzz targets do not rot: they run here without atheris, and what they look for they find."""

from __future__ import annotations

import importlib
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emojify.errors import EmojifyError, EmojifyWarning, EnvironmentFault
from tests.conftest import REPOSITORY

NAMES = sorted(path.stem for path in (REPOSITORY / "fuzz").glob("target_*.py"))


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(REPOSITORY / "fuzz")
    return importlib.import_module("harness")


@pytest.fixture
def target(harness: ModuleType, name: str, tmp_path: Path) -> Any:
    folder = tmp_path / "x"
    folder.mkdir()
    return harness.target_class(name.removeprefix("target_"))(folder)


def test_every_target_is_run(harness: ModuleType) -> None:
    assert sorted(f"target_{name}" for name in harness.TARGETS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_seeds_and_what_becomes_of_them_are_answered(target: Any) -> None:
    rng = random.Random(1)
    for seed in target.seeds():
        target(seed)
        for number in range(8):
            target(target.mutate(seed, target.max_length, number, lambda data, _: data[::-1]))
            damaged = bytearray(seed or b"-")
            damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
            target(bytes(damaged))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary(max_size=64))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_answered(target: Any, data: bytes) -> None:
    target(data)


def raises(error: Exception) -> Callable[[Path], None]:
    def read(_: Path) -> None:
        raise error

    return read


def warns(category: type[Warning]) -> Callable[[Path], None]:
    return lambda path: warnings.warn(f"{path}: passed over", category, stacklevel=1)


@pytest.mark.parametrize(
    ("read", "found"),
    [
        (raises(EmojifyError("found 1; expected 2", "PATH", 1)), None),
        (raises(EmojifyError("found 1; expected 2", "PATH")), None),
        (warns(EmojifyWarning), None),
        (raises(EmojifyError("found 1; expected 2")), "no place in 'found 1; expected 2'"),
        (raises(EmojifyError("found 1; expected 2", "PATH", 2)), "there is no such line"),
        (raises(EmojifyError("found 1", "PATH", 1)), "no remedy in"),
        (raises(EmojifyError("found 1; " + "2" * 1000, "PATH", 1)), "characters: "),
        (raises(EnvironmentFault("found 1; expected 2", "PATH")), "exit code 3"),
        (warns(RuntimeWarning), "warned RuntimeWarning"),
        (lambda path: path.with_suffix(".part").touch(), r"left \["),
    ],
)
def test_what_is_no_answer_is_a_finding(
    harness: ModuleType, tmp_path: Path, read: Callable[[Path], None], found: str | None
) -> None:
    class Example(harness.Target):
        file_name = "PATH"

        def seeds(self) -> list[bytes]:
            return []

        def read(self, data: bytes) -> None:
            self.path.write_bytes(data)
            try:
                read(self.path)
            except EmojifyError as error:
                error.args = (str(error).replace("PATH", str(self.path)),)
                error.lines = [str(error)]
                raise

    if found is None:
        Example(tmp_path)(b"one line")
    else:
        with pytest.raises(harness.Finding, match=found):
            Example(tmp_path)(b"one line")
