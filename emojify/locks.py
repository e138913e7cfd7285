"""Locks that a process holds as long as it lives, and that nobody has to take back from the dead.

They are the locks of the operating system, ``flock(2)``: whatever ends the process ends them.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emojify.errors import EnvironmentFault

try:
    import fcntl
except ImportError:  # pragma: no cover (Windows, where an open file cannot be removed anyway)
    fcntl = None  # type: ignore[assignment]

_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_HELD_ELSEWHERE = (errno.EAGAIN, errno.EACCES)
# What drives say that know no locks, as some of clusters do: there, nobody is held off.
_WITHOUT_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)


def try_to_lock(handle: int) -> bool:
    """Lock an open file for this process; say whether that worked.

    Raises:
        OSError: files cannot be locked here.
    """
    if fcntl is None:  # pragma: no cover (Windows)
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD_ELSEWHERE:
            return False
        raise
    return True


def claim(handle: int) -> bool:
    """Lock an open file if files can be locked here; say whether nobody else has it locked.

    Raises:
        OSError: as other calls for a file.
    """
    try:
        return try_to_lock(handle)
    except OSError as error:
        if error.errno in _WITHOUT_LOCKS:
            return True
        raise


def remove_if_abandoned(path: Path) -> None:
    """Remove a file that its maker keeps locked, if the maker is gone."""
    with suppress(OSError):  # it is another's, or gone by now
        handle = os.open(path, os.O_RDWR)
        try:
            if try_to_lock(handle):
                path.unlink()
        finally:
            os.close(handle)


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold off every other process that wants to work on ``path`` in this way.

    A file beside ``path`` is locked and tells who holds it. What a process that was killed left of
    it is taken over.

    Raises:
        EnvironmentFault: another process is at work; its number is in the message.
    """
    beside = path.with_name(f".{path.name}.emojify-lock")
    try:
        handle = _locked(path, beside)
        try:
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, str(os.getpid()).encode())
        except OSError:
            _unlock(handle, beside)
            raise
    except OSError as error:
        raise EnvironmentFault(
            f"cannot be locked: {error.strerror}; nothing was changed; choose another place", path
        ) from None
    try:
        yield
    finally:
        _unlock(handle, beside)


def _locked(path: Path, beside: Path) -> int:
    while True:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | _NO_LINKS, 0o644)
        is_ours, number = claim(handle), os.read(handle, 40).decode("ascii", "replace")
        if not re.fullmatch("[0-9]*", number):
            os.close(handle)
            raise EnvironmentFault(
                f"found {beside.name} beside it, which is no lock of ours; expected nothing; move "
                "it away, or use -o to name another",
                path,
            )
        if not is_ours:
            os.close(handle)
            holder = f"process {number}" if number else "another process"  # that has just come
            raise EnvironmentFault(
                f"{holder} is at work on it; expected nobody else to be; wait for its end, or use "
                "-o to name another",
                path,
            )
        # Who had the lock before may have removed the file between the two steps.
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)


def _unlock(handle: int, beside: Path) -> None:
    with suppress(OSError):  # the next one takes it over
        beside.unlink()
    os.close(handle)
