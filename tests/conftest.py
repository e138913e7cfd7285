"""What the tests share: the real command, and small real files."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from emojify import cli

# A busy machine is no failure; what must end soon has a test of its own. The examples are the same
# in every run: a test that fails does so because of a change, and fails again. For examples that
# nobody has tried yet there are `make fuzz` and `pytest --hypothesis-profile=search`.
hypothesis.settings.register_profile("emojify", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
hypothesis.settings.load_profile("emojify")

REPOSITORY = Path(__file__).parent.parent

WORDS = (
    "i you love like the a is not great bad game ball pizza eat happy sad cry laugh hug miss "
    "throw run cook hungry so my dog win lose it was do n't !"
).split()
SENTENCES = {
    "❤️": ["i love you", "i miss you so", "hug my dog", "my love", "i love my dog so"],
    "⚾": ["throw the ball", "run", "the game was great", "win the game", "i lose the ball"],
    "🍴": ["i eat pizza", "cook the pizza", "so hungry", "i like pizza", "my dog is hungry"],
}


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case without backslashes: pytest does not find such a name again when given it."""
    return ascii(val).replace("\\", "%")[:60] if isinstance(val, str | bytes | dict) else None


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, cache: Path) -> Run:
    """Run the real command in an empty directory, as a user does."""

    def run_command(*arguments: str | bytes, stdin: bytes = b"", **environment: str) -> Result:
        environment = {"EMOJIFY_CACHE": str(cache)} | environment
        if os.environ.get("EMOJIFY_TESTS_IN_PROCESS"):
            return run_in_this_process([*map(os.fsdecode, arguments)], stdin, tmp_path, environment)
        done = subprocess.run(
            [sys.executable, "-m", "emojify", *arguments],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env=os.environ | environment,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run_command


def run_in_this_process(
    arguments: list[str], stdin: bytes, directory: Path, environment: dict[str, str]
) -> Result:
    """Run a command as ``run`` does, without a process of its own.

    For mutation testing, which has to see what a test runs, and runs it thousands of times.
    """
    read = io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin)), encoding="utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
        contextlib.chdir(directory),
    ):
        for name, stream in {"stdin": read, "stdout": out, "stderr": err}.items():
            patch.setattr(sys, name, stream)
        for name, value in environment.items():
            patch.setenv(name, value)
        code = cli.run(arguments)
        out.flush()
        err.flush()
    return Result(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())


def without_coverage() -> dict[str, str]:
    """Return the environment of a process that is not watched, for one that must do no more."""
    return {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _cache_of_the_tests(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOJIFY_CACHE", str(cache))
    # Tests that name no model ask the one of five emoji, whose answers are plain; what a user
    # gets who names none is the matter of test_chat.py and of the README's examples.
    monkeypatch.setenv("EMOJIFY_MODEL", "five")


def glove_lines(words: list[str], width: int = 8, seed: int = 0) -> str:
    """Write words as GloVe does, with numbers drawn anew for each."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(0, 0.5, (len(words), width))
    return "".join(
        f"{word} {' '.join(f'{x:.5g}' for x in row)}\n"
        for word, row in zip(words, rows, strict=True)
    )


@pytest.fixture
def vectors_txt(tmp_path: Path) -> Path:
    """A GloVe file of 32 words, 8 numbers each."""
    path = tmp_path / "vectors.txt"
    path.write_text(glove_lines(WORDS), encoding="utf-8", newline="\n")
    return path


@pytest.fixture
def sentences_csv(tmp_path: Path) -> Path:
    """Fifteen sentences, three emoji, with a header."""
    path = tmp_path / "sentences.csv"
    rows = [f"{text},{emoji}\n" for emoji, texts in SENTENCES.items() for text in texts]
    path.write_text("text,emoji\n" + "".join(rows), encoding="utf-8", newline="\n")
    return path
