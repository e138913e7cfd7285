"""Every row of the catalogue of bad inputs, through the real command in a directory of its own."""

from __future__ import annotations

import importlib
import json
import math
import os
import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emojify import store
from emojify.emojifier import Emojifier
from tests.catalogue import CASES, ELSEWHERE, ROWS
from tests.catalogue.case import Case, Elsewhere, Running, fingerprint
from tests.conftest import REPOSITORY, WORDS, Run


def named(cases: list[Case]) -> list[pytest.param]:
    """Give each case the number and the words of its row, and a number of its own."""
    seen: Counter[int] = Counter()
    params = []
    for case in cases:
        seen[case.row] += 1
        name = f"{case.row}.{seen[case.row]} {case.what}"
        params.append(pytest.param(case, id=ascii(name)[1:-1]))
    return params


@pytest.fixture(scope="module")
def begin(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Callable[[Case], Running]:
    """Run a case, and have one for each processor running ahead of those that are looked at."""
    chosen = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    waiting = deque(params["case"] for params in chosen if "case" in params)
    running: dict[int, Running] = {}

    def running_case(case: Case) -> Running:
        while waiting and (id(case) not in running or len(running) <= (os.cpu_count() or 1)):
            following = waiting.popleft()
            running[id(following)] = Running(following, tmp_path_factory.mktemp("case"), cache)
        return running.pop(id(case))

    return running_case


@pytest.mark.parametrize("case", named(CASES))
def test_the_command_says_just_this_and_changes_nothing(
    case: Case, begin: Callable[[Case], Running]
) -> None:
    running = begin(case)
    left, directory = running.finish(), running.directory
    expected = case.err.replace("{directory}", str(directory))
    assert (left.err[: len(expected)] if case.goes_on else left.err) == expected
    assert left.code == case.code
    assert re.fullmatch(case.out, left.out, re.DOTALL)
    before, after = running.before, fingerprint(directory)
    if case.made:
        assert (directory / case.made).is_file()
        before.pop(case.made, None)
        after.pop(case.made)
    assert after == before


def test_every_row_has_a_case() -> None:
    assert {case.row for case in [*CASES, *ELSEWHERE]} == set(ROWS)
    assert all(case.what for case in [*CASES, *ELSEWHERE])


@pytest.mark.parametrize("test", ELSEWHERE, ids=lambda test: f"{test.row} {test.function}")
def test_what_is_shown_elsewhere_is_shown_there(test: Elsewhere) -> None:
    assert callable(getattr(importlib.import_module(f"tests.{test.module}"), test.function))


def test_there_are_hundreds_of_input_files_and_none_is_large() -> None:
    files = [content for case in CASES for content in case.files.values()]
    assert len(files) >= 300
    assert max(len(content) for content in files if isinstance(content, bytes)) < 4 << 20


def test_no_case_prints_what_a_terminal_would_obey() -> None:
    obeyed = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
    assert [case for case in CASES if obeyed.search(case.err + case.out)] == []


@pytest.mark.parametrize("damage", ["another source", "another byte", "cut off", "a pickle"])
def test_row_19_a_stale_or_damaged_cache_is_made_again(
    run: Run, tmp_path: Path, damage: str
) -> None:
    source, cache = tmp_path / "v.txt", tmp_path / "cache"
    source.write_bytes(b"first 1 2\n")
    first = run("vectors", "info", "v.txt", EMOJIFY_CACHE=str(cache))
    assert "first    first\n" in first.out
    [made] = cache.glob("*.safetensors")
    data = made.read_bytes()
    if damage == "another source":
        source.write_bytes(b"other 1 2\n")
    else:
        made.write_bytes(
            {"another byte": data[:-1] + b"?", "cut off": data[:-1], "a pickle": b"\x80\x04."}[
                damage
            ]
        )
    again = run("vectors", "info", "v.txt", EMOJIFY_CACHE=str(cache))
    assert (again.code, again.err) == (0, "")
    if damage == "another source":
        assert "first    other\n" in again.out
    else:
        assert again == first
        assert made.read_bytes() == data


def test_row_109_only_the_cache_looks_at_the_clock() -> None:
    """It compares with the times of files; whatever else takes time is timed by a steady clock."""
    used: dict[str, set[str]] = {}
    for path in (REPOSITORY / "emojify").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        names = set(re.findall(r"\btime\.(\w+)", text)) | set(re.findall(r"\bdatetime\b", text))
        assert "from time import" not in text
        if names:
            used[path.name] = names
    assert used == {"cache.py": {"time", "sleep"}, "train.py": {"monotonic"}}


def test_row_36_sequences_are_one_label(run: Run, tmp_path: Path) -> None:
    rows = {
        "👍🏽": "yes please",
        "👨‍👩‍👧": "home with everyone",
        "🇩🇪": "back in berlin",
        "1️⃣": "first",
    }
    csv = "".join(f"{text},{emoji}\n" for emoji, text in rows.items())
    (tmp_path / "x.csv").write_text(csv, encoding="utf-8")
    trained = run("train", "--data", "x.csv", "-o", "m.safetensors", "--epochs", "1")
    assert trained.code == 0, trained.err
    [answer] = map(
        json.loads, run("predict", "-m", "m.safetensors", "--json", "yes").out.split("\n")[:1]
    )
    assert answer["emoji"] in rows
    assert json.loads(run("eval", "x.csv", "-m", "m.safetensors", "--json").out)["labels"] == [
        *rows
    ]


def test_row_66_numbers_in_a_config(run: Run, sentences_csv: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "data: {train: sentences.csv}\ntraining: {learning_rate: 1e-3, epochs: 1}\n"
    )
    assert run("train", "-c", "c.yaml", "-o", "m.safetensors").code == 0
    assert "learning_rate 0.001" in run("info", "m.safetensors").out


def test_row_93_a_model_of_nan_is_an_error_and_never_an_emoji(run: Run, tmp_path: Path) -> None:
    five = Emojifier.load("five").trained
    poisoned = five.weights | {"by": np.full(5, np.nan, np.float32)}
    store.save(replace(five, weights=poisoned), tmp_path / "m.safetensors")
    result = run("predict", "-m", "m.safetensors", "hello")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "emojify: error: m.safetensors: found NaN or infinity in net.by; expected finite numbers; "
        "train it again\n"
    )


@pytest.mark.parametrize("size", [1e4, 1e30])
def test_rows_96_to_98_extreme_weights_give_finite_answers(
    run: Run, tmp_path: Path, size: float
) -> None:
    five = Emojifier.load("five").trained
    huge = {name: (weight * size).astype(np.float32) for name, weight in five.weights.items()}
    store.save(replace(five, weights=huge), tmp_path / "m.safetensors")
    (tmp_path / "x.csv").write_text("hello,0\nhello,1\nhello,2\n", encoding="utf-8")
    answer = json.loads(run("predict", "-m", "m.safetensors", "--json", "-k", "5", "hello").out)
    assert sum(choice["probability"] for choice in answer["top"]) == pytest.approx(1)
    evaluation = json.loads(run("eval", "x.csv", "-m", "m.safetensors", "--json").out)
    assert math.isfinite(evaluation["loss"])


def test_row_99_vectors_of_zeros(run: Run, sentences_csv: Path, tmp_path: Path) -> None:
    (tmp_path / "zeros.txt").write_text("".join(f"{word} 0 0 0\n" for word in WORDS))
    trained = run(
        "train", "--data", "sentences.csv", "--vectors", "zeros.txt", "-o", "m.safetensors"
    )
    assert trained.code == 0, trained.err
    answer = json.loads(run("predict", "-m", "m.safetensors", "--json", "i love you").out)
    assert 0 < answer["probability"] < 1
