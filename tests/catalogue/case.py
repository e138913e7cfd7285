"""What a case of the catalogue is, and the short ways to write one."""

from __future__ import annotations

import ctypes
import hashlib
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from tests.conftest import Result

EMOJIFY = f"{shlex.quote(sys.executable)} -m emojify"


class Special(NamedTuple):
    """What stands in a directory and is no plain file: a ``link``, a ``folder`` or a ``pipe``.

    A ``secret`` is a file that nobody may read; a ``closed`` folder may not be written to.
    """

    kind: str
    content: str = ""


@dataclass(frozen=True)
class Case:
    """A command in a directory of its own, and all that it must leave and print.

    Attributes:
        command: the arguments of ``emojify``; with the word ``emojify`` in it, a line for a shell.
        files: what is in the directory before.
        err: all of standard error; ``{directory}`` stands for the directory.
        out: a regular expression for all of standard output.
        goes_on: whether standard error goes on after ``err``.
        code: the exit code.
        stdin: standard input; ``None`` if it is closed.
        made: the file that the command writes; nothing else in the directory may change.
        memory: how many MB of addresses the command may have; ``None`` for no limit.
        environment: variables that are set.
        row: the number of the row in the catalogue.
        what: what the row is.
    """

    command: str
    files: Mapping[str, bytes | Special] = field(default_factory=dict)
    err: str = ""
    out: str = ""
    goes_on: bool = False
    code: int = 0
    stdin: bytes | None = b""
    made: str | None = None
    memory: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    row: int = 0
    what: str = ""


class Elsewhere(NamedTuple):
    """A row that takes more than one command: the test that shows it."""

    row: int
    what: str
    module: str
    function: str


def row(number: int, what: str, *cases: Case) -> list[Case]:
    """Give cases the number and the meaning of their row."""
    return [replace(case, row=number, what=what) for case in cases]


def refused(
    command: str,
    message: str,
    files: Mapping[str, bytes | Special] | None = None,
    *,
    code: int = 2,
    stdin: bytes | None = b"",
    memory: int | None = None,
) -> Case:
    """One line says what is wrong, and there is no answer."""
    err = f"emojify: error: {message}\n"
    return Case(command, files or {}, err, code=code, stdin=stdin, memory=memory)


class Running:
    """A case whose command runs in the directory, as a user who is not root.

    What it reads and prints are files, so nobody has to attend to it.
    """

    def __init__(self, case: Case, directory: Path, cache: Path) -> None:
        self.directory = directory
        lay_out(case.files, directory)
        self.before = fingerprint(directory)
        self._out, self._err = (tempfile.TemporaryFile() for _ in range(2))  # noqa: SIM115

        def prepare() -> None:
            _drop_the_powers_of_root()
            if case.memory is not None:
                resource.setrlimit(resource.RLIMIT_AS, (case.memory << 20,) * 2)
            if case.stdin is None:
                os.close(0)

        with tempfile.TemporaryFile() as stdin:
            stdin.write(case.stdin or b"")
            stdin.seek(0)
            self._process = subprocess.Popen(
                _command(case),
                stdin=stdin,
                stdout=self._out,
                stderr=self._err,
                cwd=directory,
                env=os.environ | {"EMOJIFY_CACHE": str(cache)} | case.environment,
                preexec_fn=prepare,
            )

    def finish(self) -> Result:
        """Wait for the end; return what the command left."""
        code = self._process.wait()
        texts = []
        for file in (self._out, self._err):
            file.seek(0)
            texts.append(file.read().decode())
            file.close()
        return Result(code, *texts)


def _command(case: Case) -> list[str]:
    if "emojify" in case.command:
        return ["/bin/bash", "-c", case.command.replace("emojify", EMOJIFY)]
    return [sys.executable, "-m", "emojify", *shlex.split(case.command)]


def lay_out(files: Mapping[str, bytes | Special], directory: Path) -> None:
    """Make the files of a case."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content.kind == "link":
            path.symlink_to(content.content)
        elif content.kind in ("folder", "closed"):
            path.mkdir(0o777 if content.kind == "folder" else 0o555)
        elif content.kind == "pipe":
            os.mkfifo(path)
        else:
            path.write_text(content.content, encoding="utf-8")
            path.chmod(0)


def fingerprint(directory: Path) -> dict[str, tuple[int, int, str]]:
    """Tell everything in a directory by its kind and permissions, time and content."""
    return {
        str(path.relative_to(directory)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            _content(path),
        )
        for path in directory.rglob("*")
    }


def _content(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    if path.is_file() and os.access(path, os.R_OK):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return ""


def _drop_the_powers_of_root() -> None:
    # Root may read and write everything; without these two capabilities it may not.
    if os.geteuid() == 0:
        libc, drop_from_bounding_set = ctypes.CDLL(None), 24
        for dac_override_and_read_search in (1, 2):
            libc.prctl(drop_from_bounding_set, dac_override_and_read_search)
