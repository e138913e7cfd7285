"""Change the readers, the settings and the saving in small ways; count what the tests notice.

    make mutants                        # all of them
    make mutants ARGS="glove config"    # two modules

A mutant is the program with one change in it, such as ``<=`` for ``<`` or 21 for 20. If the tests
fail it is killed; if they pass it survives, and shows what no test states. What survives is printed
as it was changed; ``docs/mutants.md`` says why it may.

mutmut changes what stands inside of functions. It passes over those with a decorator, and over
everything outside of functions: limits, ranges, defaults. These are left to cosmic-ray's operators,
each mutant in a process of its own. pyproject.toml lists the modules and the tests, for both.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from difflib import ndiff
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

REPOSITORY = Path(__file__).parent.parent
LEAST_KILLED = 0.9
_TIMEOUT = 60  # seconds; the tests of one mutant take about ten if it survives
_NEEDED = ("emojify", "tests", "configs", "datasets", "pyproject.toml")
_ENVIRONMENT = os.environ | {"EMOJIFY_TESTS_IN_PROCESS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def main(names: list[str]) -> int:
    """Run both; print the survivors, then the counts by module, and the sum last."""
    os.chdir(REPOSITORY)
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    modules = [Path(path) for path in settings["only_mutate"]]
    chosen = [module for module in modules if not names or module.stem in names]
    outcomes: dict[Path, Counter[str]] = {module: Counter() for module in chosen}
    mutate_functions(chosen, all_of_them=not names)
    for module in chosen:
        for outcome, change in outcomes_in_functions(module):
            outcomes[module][outcome] += 1
            show(module, outcome, change)
    tests = settings["pytest_add_cli_args_test_selection"]
    for module in chosen:
        for outcome, change in outcomes_outside_functions(module, tests):
            outcomes[module][outcome] += 1
            show(module, outcome, change)
    return print_counts(outcomes)


def mutate_functions(modules: list[Path], all_of_them: bool) -> None:
    """Let mutmut test its mutants; it keeps the outcomes in the folder ``mutants``."""
    shutil.rmtree("mutants", ignore_errors=True)
    patterns = [] if all_of_them else [f"emojify.{module.stem}.*" for module in modules]
    command = [Path(sys.executable).with_name("mutmut"), "run", "--max-children", "1", *patterns]
    print("mutants of functions, tested by mutmut", flush=True)
    done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"mutmut failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def outcomes_in_functions(module: Path) -> Iterator[tuple[str, str]]:
    """Yield what became of each of mutmut's mutants, and the lines that it changed."""
    record = json.loads(Path("mutants", f"{module}.meta").read_text(encoding="utf-8"))
    for name, exit_code in record["exit_code_by_key"].items():
        noticed = status_by_exit_code[exit_code] in ("killed", "timeout", "segfault")
        yield ("killed", "") if noticed else ("survived", get_diff_for_mutant(name))


def outcomes_outside_functions(module: Path, tests: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what becomes of each mutant of the rest of a module, and the lines that it changes."""
    own = f"tests/test_{module.stem}.py"
    order = sorted(tests, key=lambda test: test != own)  # what is likely to notice comes first
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *order]
    with tempfile.TemporaryDirectory() as folder:
        for name in _NEEDED:
            copy = shutil.copytree if Path(name).is_dir() else shutil.copy
            copy(name, Path(folder, name))
        source = module.read_text(encoding="utf-8")
        for mutant in mutants_outside_functions(source):
            Path(folder, module).write_text(mutant, encoding="utf-8")
            try:
                done = subprocess.run(
                    command, env=_ENVIRONMENT, cwd=folder, capture_output=True, timeout=_TIMEOUT
                )
                outcome = "killed" if done.returncode else "survived"
            except subprocess.TimeoutExpired:
                outcome = "killed"
            yield outcome, "\n".join(ndiff(source.split("\n"), mutant.split("\n")))


def mutants_outside_functions(source: str) -> Iterator[str]:
    """Yield the text of a module with each change that mutmut does not make."""
    passed_over = places_passed_over(source)
    tree = get_ast(source)
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments():
            continue
        positions = (
            position for node in ast_nodes(tree) for position in operator().mutation_positions(node)
        )
        for number, (start, _) in enumerate(positions):
            if not any(first <= start < last for first, last in passed_over):
                yield mutate_code(source, operator(), number)


def places_passed_over(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where the functions stand that mutmut changes, and the types, which nothing runs."""
    tree = ast.parse(source)
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    mutmuts = [
        node
        for body in bodies
        for node in body
        if isinstance(node, ast.FunctionDef)
        and [ast.unparse(d) for d in node.decorator_list] in ([], ["classmethod"])
    ]
    types = [
        kind
        for node in ast.walk(tree)
        for kind in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if kind is not None
    ]
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in (*mutmuts, *types)
    ]


def show(module: Path, outcome: str, change: str) -> None:
    """Print a mutant that survived."""
    if outcome == "survived":
        lines = [line for line in change.splitlines() if line[:1] in ("+", "-")]
        changed = [line for line in lines if line[:3] not in ("+++", "---")]
        print(f"{module}:", *changed, "", sep="\n", flush=True)


def print_counts(outcomes: dict[Path, Counter[str]]) -> int:
    """Print a line for each module and one for all; return 1 if too few were killed."""
    row = "{:28}{:>9}{:>9}{:>10}{:>9.1f} %".format
    print(f"{'':28}{'mutants':>9}{'killed':>9}{'survived':>10}{'killed':>11}")
    everything: Counter[str] = sum(outcomes.values(), Counter())
    for name, counts in [*outcomes.items(), ("all", everything)]:
        killed, total = counts["killed"], counts.total()
        print(row(str(name), total, killed, total - killed, 100 * killed / total))
    return int(everything["killed"] < LEAST_KILLED * everything.total())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
