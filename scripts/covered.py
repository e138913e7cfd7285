"""Say which branches the tests take, and fail if they take too few: 1 if so, else 0.

    make coverage

All of those of the readers, the settings and the saving have to be taken, the modules that
``make mutants`` changes (pyproject.toml lists them); of all the package 95 in a hundred.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from coverage import Coverage

LEAST_OF_ALL = 95.0


def main() -> int:
    """Print what is not covered, then the counts, then what is wrong with them."""
    coverage = Coverage()
    coverage.load()
    coverage.report(show_missing=True, skip_covered=True, file=sys.stdout)
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        coverage.json_report(outfile=file.name)
        report = json.loads(Path(file.name).read_text(encoding="utf-8"))
    wrong = complaints(report)
    print(*wrong or ["enough branches are taken"], sep="\n")
    return int(bool(wrong))


def complaints(report: dict[str, Any]) -> list[str]:
    """Return what is wrong with the counts, one line for each module and one for all of them."""
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    wrong = [
        f"{module}: found {found:.1f} % of lines and branches; expected all of them"
        for module in settings["tool"]["mutmut"]["only_mutate"]
        if (found := report["files"][module]["summary"]["percent_covered"]) < 100
    ]
    counts = report["totals"]
    share = 100 * counts["covered_branches"] / counts["num_branches"]
    print(f"branches: {counts['covered_branches']} of {counts['num_branches']}, {share:.1f} %")
    if share < LEAST_OF_ALL:
        wrong.append(f"found {share:.1f} % of all branches; expected {LEAST_OF_ALL:.0f}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
