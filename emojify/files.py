"""Reading and replacing files so that nothing that existed is lost."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from emojify import locks
from emojify.errors import EmojifyError, EnvironmentFault

STDIN = "-"  # as a user names standard input


def require_regular_file(path: Path, what: str) -> None:
    """Look at a file before it is opened.

    Raises:
        EmojifyError: it does not exist, cannot be reached, or is a folder or a device.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise EmojifyError(
            f"found no such file; expected {what}; check the path (looked in {path.absolute()})",
            path,
        ) from None
    except OSError as error:
        raise EmojifyError(f"cannot be reached: {error.strerror}; check the path", path) from None
    except ValueError:
        raise EmojifyError(
            f"found a path that no file can have; expected {what}; check it", path
        ) from None
    if stat.S_ISDIR(status.st_mode):
        raise EmojifyError(f"found a folder; expected {what}; name a file in it", path)
    if not stat.S_ISREG(status.st_mode):
        raise EmojifyError(f"is not a regular file; expected {what}; save it to a file first", path)


def exists(path: Path) -> bool:
    """Whether there is something of that name; none is there if the name is impossible."""
    try:
        return path.exists()
    except (OSError, ValueError):  # such as a name that is too long
        return False


@contextmanager
def opened(path: Path, what: str) -> Iterator[BufferedReader]:
    """Open a regular file to read bytes; complain as :func:`require_regular_file` does.

    Raises:
        EmojifyError: as there, or because the file may not be read.
        EnvironmentFault: the disk fails while it is read.
    """
    require_regular_file(path, what)
    with reading(path, what), path.open("rb") as file:
        yield file


@contextmanager
def opened_stdin(what: str) -> Iterator[BinaryIO]:
    """Read standard input as a file.

    Raises:
        EmojifyError: it is closed, or may not be read.
        EnvironmentFault: what it comes from fails.
    """
    if sys.stdin is None:
        raise EmojifyError(f"standard input is closed; expected {what}", "<stdin>")
    with reading("<stdin>", what):
        yield sys.stdin.buffer


@contextmanager
def reading(source: str | Path, what: str) -> Iterator[None]:
    """Blame what fails here on an input.

    Raises:
        EmojifyError: it may not be read.
        EnvironmentFault: it cannot be read for another reason.
    """
    try:
        yield
    except PermissionError:
        raise EmojifyError(
            f"found a file that may not be read; expected {what}; change its permissions", source
        ) from None
    except OSError as error:
        raise EnvironmentFault(
            f"cannot be read: {error.strerror or error}; check where it comes from", source
        ) from None


# A file that is being written is named after the one that it will replace.
_BESIDE = ".emojify-part"
_POSIX = os.name == "posix"
# What drives say of a folder that keep such things in order by themselves.
_NOT_TO_BE_FLUSHED = (errno.EINVAL, errno.ENOTSUP)


class Replacement:
    """A file being written beside the one that it will replace; see :func:`replacing`."""

    def __init__(self, handle: int, path: Path) -> None:
        self._handle = handle
        self._path = path

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes, or overwrite those at the place of the last :meth:`seek`."""
        rest = memoryview(data).cast("B")
        with writing(self._path):
            while rest:  # a write may take less than it was given
                rest = rest[os.write(self._handle, rest) :]

    def seek(self, place: int) -> None:
        """Go to a place, counted from the start."""
        with writing(self._path):
            os.lseek(self._handle, place, os.SEEK_SET)


@contextmanager
def replacing(path: Path, is_whole: Callable[[Path], bool]) -> Iterator[Replacement]:
    """Write a file beside ``path`` and put it in its place once it is whole and on the disk.

    If anything goes wrong, ``path`` stays as it was and the file beside it is removed. If the
    process is killed, the file beside it is removed when ``path`` is written the next time. A
    symbolic link stays; what it leads to is replaced.

    Args:
        path: the file to replace, or to make.
        is_whole: reads the finished file back, and says whether it is what was to be written.

    Raises:
        EnvironmentFault: the folder cannot be written to, the disk is full, or what was read back
            is something else.
    """
    target = followed(path)
    with writing(path):
        clean(target)
        handle, beside = _made_beside(target)
    try:
        try:
            yield Replacement(handle, path)
            with writing(path):
                beside.chmod(0o666 & ~umask())
                os.fsync(handle)
                if not is_whole(beside):
                    raise OSError(errno.EIO, "what was written reads back as something else")
                if not _POSIX:  # pragma: no cover (Windows, which renames no open file)
                    os.close(handle)
                beside.replace(target)
        finally:
            with suppress(OSError):  # nothing is left to write
                os.close(handle)  # and with it the lock, which said that the file is needed
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    _flush_folder(path, target.parent)


def replace(path: Path, data: bytes) -> None:
    """Write a file as :func:`replacing` does, all of it at once.

    Raises:
        EnvironmentFault: as :func:`replacing`.
    """
    with replacing(path, lambda beside: beside.read_bytes() == data) as file:
        file.write(data)


def _made_beside(target: Path) -> tuple[int, Path]:
    """Make a file for :func:`replacing`, locked as long as it is needed."""
    import tempfile  # 3 ms that reading does not need

    while True:
        handle, name = tempfile.mkstemp(prefix=_prefix(target), suffix=_BESIDE, dir=target.parent)
        try:
            is_ours = locks.claim(handle)
        except OSError:
            os.close(handle)
            Path(name).unlink()
            raise
        # Another process may have cleaned it away before it was locked.
        if is_ours and os.fstat(handle).st_nlink:
            return handle, Path(name)
        os.close(handle)


def clean(path: Path) -> None:
    """Remove what a process that was killed left of writing ``path``."""
    name = re.compile(re.escape(_prefix(path)) + "[a-z0-9_]{8}" + re.escape(_BESIDE))
    with suppress(OSError):  # in a folder that may not be listed, it stays
        for beside in path.parent.iterdir():
            if name.fullmatch(beside.name):
                locks.remove_if_abandoned(beside)


def _prefix(path: Path) -> str:
    return f".{path.name}."


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Blame what fails here, and nothing else, on the file or folder that is written.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            f"cannot be written: {error.strerror or error}; nothing was changed; "
            "choose another place",
            path,
        ) from None


def require_writable(path: Path, overwrite: bool, inputs: Iterable[Path] = ()) -> None:
    """Find out whether ``path`` can be written, before the work whose result it will hold.

    Raises:
        EmojifyError: it exists and ``overwrite`` is false; it is no regular file; or it is one of
            the ``inputs``.
        EnvironmentFault: its folder is missing or cannot be written to.
    """
    if exists(path):
        require_regular_file(path, "a file to write to")
        if any(exists(given) and given.samefile(path) for given in inputs):
            raise EmojifyError(
                "is an input of this command; nothing was overwritten; use -o to name another",
                path,
            )
        if not overwrite:
            raise EmojifyError(
                "the file exists; nothing was overwritten; use -f to replace it "
                "or -o to name another",
                path,
            )
    target = followed(path)
    with writing(path):
        clean(target)
        handle, beside = _made_beside(target)
        os.close(handle)
        beside.unlink()


def followed(path: Path) -> Path:
    """Return the file that a symbolic link leads to; any other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def umask() -> int:
    """Return the permissions that new files of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _flush_folder(path: Path, folder: Path) -> None:
    # Without this a power failure may forget the rename.
    if not _POSIX:  # pragma: no cover (Windows, which opens no folder)
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in _NOT_TO_BE_FLUSHED:
            return
        raise EnvironmentFault(
            f"was written whole, but its folder cannot be flushed: {error.strerror}; a power "
            "failure may bring the older file back; copy it to a safe place",
            path,
        ) from None
