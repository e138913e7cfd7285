"""Reading and replacing files so that nothing that existed is lost."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from emojify.errors import EmojifyError, EnvironmentFault


def require_regular_file(path: Path, what: str) -> os.stat_result:
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
    if stat.S_ISDIR(status.st_mode):
        raise EmojifyError(f"found a folder; expected {what}; name a file in it", path)
    if not stat.S_ISREG(status.st_mode):
        raise EmojifyError(f"is not a regular file; expected {what}; save it to a file first", path)
    return status


@contextmanager
def opened(path: Path, what: str) -> Iterator[BufferedReader]:
    """Open a regular file to read bytes; complain as :func:`require_regular_file` does."""
    require_regular_file(path, what)
    try:
        file = path.open("rb")
    except PermissionError:
        raise EmojifyError(
            f"found a file that may not be read; expected {what}; change its permissions", path
        ) from None
    with file:
        yield file


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside ``path`` and put it in its place once it is whole and on the disk.

    If anything goes wrong, ``path`` stays as it was and the file beside it is removed.

    Raises:
        EnvironmentFault: the folder cannot be written to, or the disk is full.
    """
    import tempfile  # 3 ms that reading does not need

    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from None
    beside = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        beside.unlink(missing_ok=True)


def require_writable(path: Path, overwrite: bool) -> None:
    """Find out whether ``path`` can be written, before the work whose result it will hold.

    Raises:
        EmojifyError: it exists and ``overwrite`` is false, or it is no regular file.
        EnvironmentFault: its folder is missing or cannot be written to.
    """
    if path.exists():
        require_regular_file(path, "a file to write the model to")
        if not overwrite:
            raise EmojifyError(
                "the file exists; nothing was overwritten; use -f to replace it "
                "or -o to name another",
                path,
            )
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _cannot_write(path, error) from None


def _cannot_write(path: Path, error: OSError) -> EnvironmentFault:
    reason = error.strerror or str(error)
    return EnvironmentFault(
        f"cannot be written: {reason}; nothing was changed; choose another place", path
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _flush_folder(folder: Path) -> None:
    # Without this a power failure may forget the rename. Windows cannot open folders.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
