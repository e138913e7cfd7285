"""The README is true: its console sessions and its Python run as they are printed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from emojify import store
from tests.conftest import REPOSITORY, Run
from tests.models import small_model

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
CAPTIONS = (REPOSITORY / "docs" / "captions.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"```console\n\$ (.*)\n([^`]*)```", README + CAPTIONS)


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize(("command", "printed"), SESSIONS, ids=[s[0] for s in SESSIONS])
def test_console_sessions_print_what_they_show(
    command: str, printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = command.replace("emojify ", f"{shlex.quote(sys.executable)} -m emojify ", 1)
    monkeypatch.delenv("EMOJIFY_MODEL")
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
        check=False,
    )
    assert done.stdout.decode() == printed


def test_the_python_example_runs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    example, of_captions = blocks("python")
    monkeypatch.delenv("EMOJIFY_MODEL")
    exec(compile(of_captions, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("🌧️🍕🎬🏠 ('🌧️', '🍕', '🎬', '🏠') 0.")
    exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert printed.startswith("❤️ I love you\n🏆 we won the game\n🍴 so hungry\n")
    assert "\ngreat " in printed
    assert printed.splitlines()[-1].startswith("funny ")


def test_the_csv_example_trains(run: Run, tmp_path: Path) -> None:
    [example] = blocks("csv")
    (tmp_path / "mine.csv").write_text(example, encoding="utf-8")
    trained = run("train", "--data", "mine.csv", "-o", "mine.safetensors", "--epochs", "1")
    assert trained.code == 0, trained.err
    assert "labels 🚀 😡 ☕" in trained.err


def test_the_csv_example_of_captions_trains(run: Run, tmp_path: Path) -> None:
    [example] = blocks("csv", CAPTIONS)
    (tmp_path / "mine.csv").write_text(example, encoding="utf-8")
    less = ("data.joined=null", "model.hidden=4", "vectors.carried=9")
    settings = [f"--set={setting}" for setting in less]
    trained = run("train", "-c", "caption-gru", "--data", "mine.csv", "--epochs", "1", *settings)
    assert trained.code == 0, trained.err
    assert "labels 🚀 📞 😱 ⏰ ☕" in trained.err


def test_the_checksum_of_a_model_is_recomputed_as_its_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [example] = blocks("python", (REPOSITORY / "docs/model-file.md").read_text(encoding="utf-8"))
    store.save(small_model(), tmp_path / "m.safetensors")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "model-file.md", "exec"), {})
    assert capsys.readouterr().out == "True\n"


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make (\w+)", README, flags=re.MULTILINE)
    assert targets == ["run", "test"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


def test_links_lead_somewhere() -> None:
    pages = [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_the_equations_name_files_that_exist() -> None:
    page = (REPOSITORY / "docs" / "cells.md").read_text(encoding="utf-8")
    files = re.findall(r"## .* — `(cells/\w+\.py)`", page)
    assert len(files) >= 3
    for file in files:
        assert (REPOSITORY / "emojify" / "nn" / file).is_file()


def test_nothing_is_left_to_fill_in() -> None:
    assert re.findall(r"@\w*@", README + CAPTIONS) == []
    assert len(SESSIONS) >= 6


def test_the_cell_of_the_tutorial_has_the_right_gradient() -> None:
    """The page's own code, checked as every cell is."""
    import numpy as np

    from emojify.nn.batch import Sentences
    from emojify.nn.model import Model
    from tests.nn.test_gradients import LABELS, SENTENCES, central_differences, relative_error

    page = (REPOSITORY / "docs" / "adding-a-cell.md").read_text(encoding="utf-8")
    names: dict[str, type] = {}
    exec(compile(blocks("python", page)[0], "adding-a-cell.md", "exec"), names)
    rng = np.random.default_rng(1)
    model = Model(names["MGU"](), rng.normal(size=(9, 4)), 5, 3, dtype=np.float64)
    model.params.theta[:] = rng.normal(0, 0.6, model.params.theta.shape)
    batch = Sentences.of(SENTENCES).batch()
    model.loss_and_grad(batch, LABELS)
    found = model.params.grad.copy()
    expected = central_differences(
        model.params.theta, lambda: model.loss_and_grad(batch, LABELS)[0]
    )
    assert relative_error(found, expected) <= 1e-6
