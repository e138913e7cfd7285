"""Reading and replacing files so that nothing that existed is lost."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from emojify.errors import EmojifyError, EnvironmentFault


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


class Replacement:
    """A file being written beside the one that it will replace; see :func:`replacing`."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes, or overwrite those at the place of the last :meth:`seek`."""
        with _writing(self._path):
            self._file.write(data)

    def seek(self, place: int) -> None:
        """Go to a place, counted from the start."""
        with _writing(self._path):
            self._file.seek(place)


@contextmanager
def replacing(path: Path) -> Iterator[Replacement]:
    """Write a file beside ``path`` and put it in its place once it is whole and on the disk.

    If anything goes wrong, ``path`` stays as it was and the file beside it is removed.

    Raises:
        EnvironmentFault: the folder cannot be written to, or the disk is full.
    """
    import tempfile  # 3 ms that reading does not need

    with _writing(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield Replacement(file, path)
            with _writing(path):
                file.flush()
                os.fsync(file.fileno())
        with _writing(path):
            beside.chmod(0o666 & ~_umask())
            beside.replace(path)
            _flush_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Blame what fails here, and nothing else, on the file that is written."""
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
    import tempfile

    with _writing(path), tempfile.TemporaryFile(dir=path.parent):
        pass


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
