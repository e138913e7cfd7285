"""Trainings that are killed and resumed lose nothing; ``make torture`` kills a thousand times."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.conftest import REPOSITORY


def torture(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    script = REPOSITORY / "scripts" / "torture.py"
    return subprocess.run(
        [sys.executable, script, *arguments], capture_output=True, text=True, check=False
    )


def test_fifty_kills_lose_nothing() -> None:
    done = torture("--kills", "50")
    assert done.returncode == 0, done.stdout + done.stderr
    *rounds, last = done.stdout.splitlines()
    kills = [re.fullmatch(r"\w+ with \w+: (\d+) kills, the same model", line) for line in rounds]
    assert all(kills), rounds
    assert sum(int(match[1]) for match in kills if match) >= 50
    assert re.fullmatch(
        rf"\d+ kills in {len(rounds)} trainings, nothing lost, every model identical to that of an "
        r"undisturbed run \(\d+ s\)",
        last,
    )
