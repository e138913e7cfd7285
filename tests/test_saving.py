"""Files are replaced whole or not at all, whatever fails and whenever."""

from __future__ import annotations

import errno
import io
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emojify import checkpoint, files, glove
from emojify.errors import EnvironmentFault
from tests.conftest import Result, Run, run_in_this_process

_INPUTS = (".csv", ".txt")
CALLS = ("open", "write", "fsync", "replace")
OUTPUT, UNFINISHED = "m.safetensors", "m.safetensors.checkpoint"
TRAIN = (
    "train --data sentences.csv --vectors vectors.txt --epochs 1 --set model.hidden=3 "
    f"--set training.batch_size=8 --checkpoint-every 0 -f -o {OUTPUT}"
).split()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SystemCalls:
    return SystemCalls(monkeypatch, tmp_path)


class SystemCalls:
    """What is asked of the operating system below a folder: noted, and failed if wanted."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.seen: list[str] = []
        self.failed = 0
        self._folder = os.path.realpath(folder)
        self._names: dict[int, str] = {}
        self._fail: Callable[[str], None] = lambda _: None
        for name in (*CALLS, "close"):
            patch.setattr(os, name, self._watched(name, getattr(os, name)))
        patch.setattr(io, "open", self._watched("open", io.open))

    def fail(self, call: str, number: int, code: int, for_good: bool) -> None:
        """Let a call fail when it comes for the ``number``-th time, or from then on."""
        count = self.failed = 0

        def fail(seen: str) -> None:
            nonlocal count
            count += seen == call
            if seen == call and (count == number or (for_good and count > number)):
                self.failed += 1
                raise OSError(code, os.strerror(code), self._folder)

        self._fail = fail

    def mend(self) -> None:
        """Let everything succeed again."""
        self._fail = lambda _: None

    def _watched(self, call: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def watched(first: Any, *more: Any, **named: Any) -> Any:
            if isinstance(first, int):  # which is already open
                name = self._names.get(first) if call != "open" else None
            else:
                name = os.path.realpath(first)
            if name is None or not name.startswith(self._folder) or name.endswith(_INPUTS):
                return real(first, *more, **named)
            self.seen.append(f"{call} {self._shown(name)}")
            self._fail(call)
            result = real(first, *more, **named)
            if call == "open" and isinstance(result, int):
                self._names[result] = name
            if call == "close":
                del self._names[first]
            return result

        return watched

    def _shown(self, name: str) -> str:
        if name == self._folder:
            return "the folder"
        return "the file beside" if name.endswith(".emojify-part") else Path(name).name


@pytest.fixture
def train(
    tmp_path: Path, cache: Path, sentences_csv: Path, vectors_txt: Path
) -> Callable[..., Result]:
    glove.load(vectors_txt)  # what is cached is not what is tested here
    environment = {"EMOJIFY_CACHE": str(cache)}
    return lambda *more: run_in_this_process([*TRAIN, *more], b"", tmp_path, environment)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("call", CALLS)
def test_whatever_call_fails_the_old_or_the_new_file_is_whole(
    calls: SystemCalls, train: Callable[..., Result], tmp_path: Path,
    call: str, for_good: bool, code: int,
) -> None:  # fmt: skip
    assert train("--seed", "7").code == 0
    old = (tmp_path / OUTPUT).read_bytes()
    assert train().code == 0
    new = (tmp_path / OUTPUT).read_bytes()
    usual = sorted(path.name for path in tmp_path.iterdir())
    assert old != new
    number = 0
    while True:
        number += 1
        (tmp_path / OUTPUT).write_bytes(old)
        calls.fail(call, number, code, for_good)
        result = train()
        calls.mend()
        if not calls.failed:
            break
        last = result.err.splitlines()[-1]
        assert result.code == 3
        assert last.startswith(f"emojify: error: {OUTPUT}")
        assert os.strerror(code) in last
        assert (tmp_path / OUTPUT).read_bytes() in (old, new)
        if (tmp_path / UNFINISHED).exists():
            checkpoint.load(tmp_path / UNFINISHED)
        assert train("--resume").code == 0
        assert (tmp_path / OUTPUT).read_bytes() == new
        assert sorted(path.name for path in tmp_path.iterdir()) == usual
    assert number > {"open": 14, "write": 4, "fsync": 7, "replace": 3}[call]


def test_the_calls_of_a_save_come_in_the_order_that_is_safe(
    calls: SystemCalls, tmp_path: Path
) -> None:
    files.replace(tmp_path / "m", b"whole")
    assert calls.seen == [
        "open the file beside",
        "write the file beside",
        "fsync the file beside",
        "open the file beside",  # to read it back
        "replace the file beside",
        "close the file beside",
        "open the folder",
        "fsync the folder",
        "close the folder",
    ]


def test_what_reads_back_as_something_else_does_not_take_the_place(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"old")
    with (
        pytest.raises(EnvironmentFault, match="what was written reads back as something else"),
        files.replacing(path, lambda beside: beside.read_bytes() == b"new") as file,
    ):
        file.write(b"n3w")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_short_write_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, bytes(data[:3])))
    files.replace(tmp_path / "m", b"longer than three")
    assert (tmp_path / "m").read_bytes() == b"longer than three"


def test_a_file_that_grows_too_large_for_the_system_is_not_begun(
    run: Run, tmp_path: Path, cache: Path, sentences_csv: Path, vectors_txt: Path
) -> None:
    """A real limit: the kernel takes the first bytes and refuses the others."""
    assert run(*TRAIN).code == 0
    old = (tmp_path / OUTPUT).read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "emojify", *TRAIN],
        cwd=tmp_path,
        env=os.environ | {"EMOJIFY_CACHE": str(cache)},
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.decode().splitlines()[-1] == (
        f"emojify: error: {UNFINISHED}: cannot be written: File too large; nothing was changed; "
        "choose another place"
    )
    assert (tmp_path / OUTPUT).read_bytes() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        OUTPUT, "sentences.csv", "vectors.txt",
    ]  # fmt: skip


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"old")
    killed = os.fork()
    if not killed:
        with files.replacing(path, lambda _: True) as file:
            file.write(b"half of the n")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(killed, 0)
    [stray] = set(tmp_path.iterdir()) - {path}
    assert stray.read_bytes() == b"half of the n"
    assert path.read_bytes() == b"old"
    other = tmp_path / ".m.notes.emojify-part"
    other.write_bytes(b"somebody else's")
    files.replace(path, b"new")
    assert set(tmp_path.iterdir()) == {path, other}


def test_the_file_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "m"
    with files.replacing(path, lambda _: True) as file:
        file.write(b"first")
        files.replace(path, b"second")
        assert len(list(tmp_path.iterdir())) == 2
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_symbolic_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "m", tmp_path / "m"
    target.write_bytes(b"old")
    link.symlink_to(target)
    files.require_writable(link, overwrite=True)
    files.replace(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_a_link_in_a_circle_gives_way_to_the_file(tmp_path: Path) -> None:
    link = tmp_path / "m"
    link.symlink_to(link)
    files.require_writable(link, overwrite=False)
    files.replace(link, b"new")
    assert link.read_bytes() == b"new"


def test_a_new_file_has_the_permissions_that_the_user_gives_new_files(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        files.replace(tmp_path / "m", b"new")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "m").stat().st_mode) == 0o640


def test_a_folder_that_cannot_be_flushed_is_told_from_one_that_cannot_be_written(
    calls: SystemCalls, tmp_path: Path
) -> None:
    calls.fail("fsync", 2, errno.EIO, for_good=False)
    with pytest.raises(EnvironmentFault) as raised:
        files.replace(tmp_path / "m", b"new")
    assert str(raised.value) == (
        f"{tmp_path / 'm'}: was written whole, but its folder cannot be flushed: Input/output "
        "error; a power failure may bring the older file back; copy it to a safe place"
    )
    assert (tmp_path / "m").read_bytes() == b"new"


def test_a_folder_that_may_not_be_written_is_found_before_the_training(
    calls: SystemCalls, train: Callable[..., Result], tmp_path: Path
) -> None:
    calls.fail("open", 1, errno.EROFS, for_good=True)
    result = train()
    assert (result.code, result.out) == (3, "")
    assert result.err == (
        f"emojify: error: {OUTPUT}: cannot be written: Read-only file system; nothing was changed; "
        "choose another place\n"
    )


def test_an_input_that_cannot_be_read_to_its_end_is_told_from_an_output(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(io.BufferedReader):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = tmp_path / "m"
    path.write_bytes(b"there")
    real = io.open
    monkeypatch.setattr(io, "open", lambda *given: Failing(real(*given).detach()))
    with pytest.raises(EnvironmentFault) as raised, files.opened(path, "a model") as file:
        file.read()
    assert str(raised.value) == (
        f"{path}: cannot be read: Input/output error; check where it comes from"
    )


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP])
def test_a_folder_that_needs_no_flushing_is_written_to(
    calls: SystemCalls, tmp_path: Path, code: int
) -> None:
    calls.fail("fsync", 2, code, for_good=False)
    files.replace(tmp_path / "m", b"new")
    assert calls.failed == 1
    assert (tmp_path / "m").read_bytes() == b"new"
