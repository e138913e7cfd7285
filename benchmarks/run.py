"""Run all benchmarks, each in a process of its own, and put their tables together.

    make bench
    python benchmarks/run.py --quick
    python benchmarks/run.py training predicting
    python benchmarks/run.py --full --folder docs

`measured.md` has the machine, all aims in one table, and then every case; `measured.json` has every
time that was taken; `scaling.png` has the curves.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import measure

SCRIPTS = (
    "start_up", "vectors", "predicting", "training", "tuned_embeddings", "captions", "memory",
    "scaling",
)  # fmt: skip
NAME = "measured"


def run(script: str, given: argparse.Namespace) -> dict[str, Any] | None:
    """Run one benchmark and return what it found, or ``None`` if it failed."""
    path = Path(__file__).with_name(f"{script}.py")
    flags = [flag for flag in ("--quick", "--full") if getattr(given, flag.strip("-"))]
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        arguments = [*flags, "--folder", str(given.folder), "--json", str(found)]
        done = subprocess.run(
            [sys.executable, str(path), *arguments], stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            return None
        report: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
        return report


def together(facts: dict[str, str], reports: list[dict[str, Any]], failed: list[str]) -> str:
    """Return the machine, all rows in one table, and everything else below."""
    parts = ["\n".join(f"- {name}: {fact}" for name, fact in facts.items())]
    parts += [f"**{script} failed.**" for script in failed]
    rows = [row["printed"] for report in reports for row in report["rows"]]
    parts += [measure.table(rows)] if rows else []
    parts += [measure.with_details(report) for report in reports if report["details"]]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Run everything; the exit code is 1 if a benchmark failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    which = f"only these of {', '.join(SCRIPTS)}"
    parser.add_argument("scripts", nargs="*", default=SCRIPTS, metavar="SCRIPT", help=which)
    measure.add_arguments(parser)
    given = parser.parse_args()
    if unknown := set(given.scripts) - set(SCRIPTS):
        parser.error(f"found {', '.join(unknown)}; expected {which}")

    facts, begun = measure.machine(), time.perf_counter()
    found = {script: run(script, given) for script in given.scripts}
    facts["took"] = measure.duration(time.perf_counter() - begun)
    reports = [report for report in found.values() if report]
    failed = [script for script, report in found.items() if not report]

    text = together(facts, reports, failed)
    print(text)
    given.folder.mkdir(parents=True, exist_ok=True)
    (given.folder / f"{NAME}.md").write_text(text, encoding="utf-8")
    whole = {"machine": facts, "failed": failed, "reports": reports}
    plain = json.dumps(whole, ensure_ascii=False, indent=1)
    (given.folder / f"{NAME}.json").write_text(plain + "\n", encoding="utf-8")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
