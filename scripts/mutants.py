"""Change readers, settings and saving in thousands of small ways; count what is noticed.

    make mutants                        # all of them
    make mutants ARGS="glove config"    # two modules

A mutant is the program with one change in it, such as ``<=`` for ``<`` or 21 for 20. If the tests
fail it is killed; if they pass it survives, and shows what no test states. What survives is printed
as it was changed; ``docs/mutants.md`` says why it may.

mutmut changes what stands inside of functions. It passes over those with a decorator, and over what
runs when a module is imported: limits, ranges, defaults. These are left to cosmic-ray's operators,
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
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from difflib import ndiff
from functools import partial
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

REPOSITORY = Path(__file__).parent.parent
LEAST_KILLED = 0.9
OUTCOMES = ("killed", "timeout", "survived")
_TIMEOUT = 300  # seconds; the tests take 15 on a quiet machine if nothing fails
_NEEDED = ("emojify", "tests", "configs", "datasets", "pyproject.toml")
_ENVIRONMENT = os.environ | {"EMOJIFY_TESTS_IN_PROCESS": "1", "PYTHONDONTWRITEBYTECODE": "1"}

Change = tuple[str, str]  # what became of a mutant, and the lines that it changed


def main(names: list[str]) -> int:
    """Run both; print the survivors, then the counts by module, and the sum last."""
    os.chdir(REPOSITORY)
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    modules = [Path(path) for path in settings["only_mutate"]]
    chosen = [module for module in modules if not names or module.stem in names]
    tests = settings["pytest_add_cli_args"] + settings["pytest_add_cli_args_test_selection"]
    run_mutmut([f"emojify.{module.stem}.*" for module in chosen if names])
    counts: dict[str, Counter[str]] = {}
    for module in chosen:
        counts[str(module)] = Counter()
        for changes in (mutmuts_changes(module), other_changes(module, tests)):
            for outcome, lines in changes:
                counts[str(module)][outcome] += 1
                if outcome == "survived":
                    print(f"{module}:", lines, sep="\n", flush=True)
    everything = sum(counts.values(), Counter())
    print_counts([*counts.items(), ("all", everything)])
    return int(everything["survived"] > (1 - LEAST_KILLED) * everything.total())


def run_mutmut(patterns: list[str]) -> None:
    """Let mutmut make and test its mutants; it keeps what became of them in ``mutants``."""
    shutil.rmtree("mutants", ignore_errors=True)
    command = [Path(sys.executable).with_name("mutmut"), "run", *patterns]
    done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"mutmut failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def mutmuts_changes(module: Path) -> Iterator[Change]:
    """Yield what became of each of mutmut's mutants."""
    on_import = {f"x_{name}" for name in run_on_import(ast.parse(module.read_text()))}
    record = json.loads(Path("mutants", f"{module}.meta").read_text(encoding="utf-8"))
    for name, exit_code in record["exit_code_by_key"].items():
        if name.rpartition(".")[2].partition("__mutmut_")[0] in on_import:
            continue
        status = status_by_exit_code[exit_code]
        if status in ("killed", "timeout"):
            yield status, ""
        else:
            yield "survived", changed_lines(get_diff_for_mutant(name).splitlines())


def other_changes(module: Path, tests: list[str]) -> Iterator[Change]:
    """Make and test the mutants that mutmut does not make."""
    own = f"tests/test_{module.stem}.py"
    order = sorted(tests, key=lambda test: test != own)  # what is likely to notice comes first
    source = module.read_text(encoding="utf-8")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(partial(tested, module, source, order), mutants(source))


def tested(module: Path, source: str, tests: list[str], mutant: str) -> Change:
    """Run the tests on a copy of the repository in which a module is another."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    with tempfile.TemporaryDirectory() as folder:
        for name in _NEEDED:
            copy = shutil.copytree if Path(name).is_dir() else shutil.copy
            copy(name, Path(folder, name))
        Path(folder, module).write_text(mutant, encoding="utf-8")
        environment = _ENVIRONMENT | {"PYTHONPATH": folder}
        try:
            done = subprocess.run(
                command,
                env=environment,
                cwd=folder,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "timeout", ""
    if done.returncode:
        return "killed", ""
    return "survived", changed_lines(ndiff(source.splitlines(), mutant.splitlines()))


def mutants(source: str) -> Iterator[str]:
    """Yield a module with each of cosmic-ray's changes where mutmut makes none."""
    passed_over = mutmuts_places(source)
    tree = get_ast(source)
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments():
            continue
        places = (
            place for node in ast_nodes(tree) for place in operator().mutation_positions(node)
        )
        for number, (start, _) in enumerate(places):
            if not any(first <= start < last for first, last in passed_over):
                yield mutate_code(source, operator(), number)


def mutmuts_places(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where the functions stand that mutmut changes, and the types, which nothing runs."""
    tree = ast.parse(source)
    on_import = run_on_import(tree)
    functions = [
        node
        for body in bodies(tree)
        for node in body
        if isinstance(node, ast.FunctionDef)
        and node.name not in on_import
        and [ast.unparse(decorator) for decorator in node.decorator_list] in ([], ["classmethod"])
    ]
    types = [
        kind
        for node in ast.walk(tree)
        for kind in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if kind is not None
    ]
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in (*functions, *types)
    ]


def run_on_import(tree: ast.Module) -> set[str]:
    """Return the functions that are called when a module is imported."""
    return {
        call.func.id
        for body in bodies(tree)
        for statement in body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for call in ast.walk(statement)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }


def bodies(tree: ast.Module) -> list[list[ast.stmt]]:
    """Return the statements of a module, and of each of its classes."""
    return [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]


def changed_lines(diff: Iterable[str]) -> str:
    """Return those lines of a diff that were taken away or added."""
    lines = [line for line in diff if line[:1] in ("+", "-")]
    return "\n".join(line for line in lines if line[:3] not in ("+++", "---")) + "\n"


def print_counts(counts: list[tuple[str, Counter[str]]]) -> None:
    """Print a line for each module."""
    print(f"{'':24}{'mutants':>9}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES))
    for name, count in counts:
        numbers = "".join(f"{count[outcome]:10}" for outcome in OUTCOMES)
        noticed = 100 * (1 - count["survived"] / count.total())
        print(f"{name:24}{count.total():9}{numbers}   {noticed:.1f} % noticed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
