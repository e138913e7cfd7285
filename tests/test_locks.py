"""Locks: one process at a time, and none that outlives its process."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from emojify import files
from emojify.errors import EnvironmentFault
from emojify.locks import only_one, remove_if_abandoned, try_to_lock


@pytest.fixture
def handles(tmp_path: Path) -> Iterator[list[int]]:
    """Open the same file twice, as two processes would."""
    opened = [os.open(tmp_path / "x", os.O_RDWR | os.O_CREAT) for _ in range(2)]
    yield opened
    for handle in opened:
        os.close(handle)


def count_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_one_of_two_has_the_lock_until_it_lets_go(handles: list[int]) -> None:
    assert try_to_lock(handles[0])
    assert not try_to_lock(handles[1])
    fcntl.flock(handles[0], fcntl.LOCK_UN)
    assert try_to_lock(handles[1])


def test_where_files_cannot_be_locked_the_reason_is_kept(tmp_path: Path) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    os.close(handle)
    with pytest.raises(OSError, match="Bad file descriptor"):
        try_to_lock(handle)


def test_a_file_is_removed_once_its_maker_is_gone(handles: list[int], tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert try_to_lock(handles[0])
    before = count_open()
    remove_if_abandoned(path)
    assert path.exists()
    fcntl.flock(handles[0], fcntl.LOCK_UN)
    remove_if_abandoned(path)
    assert not path.exists()
    remove_if_abandoned(path)
    assert count_open() == before


def test_the_second_is_told_who_the_first_is(tmp_path: Path) -> None:
    path, lock = tmp_path / "m", tmp_path / ".m.emojify-lock"
    before = count_open()
    with only_one(path):
        assert lock.read_text() == str(os.getpid())
        with pytest.raises(EnvironmentFault) as caught, only_one(path):
            pass
        assert str(caught.value) == (
            f"{path}: process {os.getpid()} is at work on it; expected nobody else to be; wait for "
            "its end, or use -o to name another"
        )
        with only_one(tmp_path / "another"):
            pass
    assert list(tmp_path.iterdir()) == []
    assert count_open() == before
    with only_one(path):
        pass


def test_a_lock_that_was_left_is_taken_over_and_everybody_may_see_it(tmp_path: Path) -> None:
    lock = tmp_path / ".m.emojify-lock"
    lock.write_text("9" * 30)
    mask = os.umask(0)
    try:
        with only_one(tmp_path / "m"):
            assert lock.read_text() == str(os.getpid())
        with only_one(tmp_path / "n"):
            assert stat.S_IMODE((tmp_path / ".n.emojify-lock").stat().st_mode) == 0o644
    finally:
        os.umask(mask)


@pytest.mark.parametrize(("number", "holder"), [(b"12", "process 12"), (b"", "another process")])
def test_who_holds_a_lock_is_told_as_far_as_it_is_known(
    tmp_path: Path, number: bytes, holder: str
) -> None:
    path, lock = tmp_path / "m", tmp_path / ".m.emojify-lock"
    lock.write_bytes(number)
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(EnvironmentFault) as caught, only_one(path):
            pass
    assert str(caught.value).startswith(f"{path}: {holder} is at work on it; expected nobody")
    assert lock.read_bytes() == number


@pytest.mark.parametrize("content", [b"text,emoji\n", b"12\xff", b"7" * 39 + b"x"])
@pytest.mark.parametrize("held", [False, True])
def test_what_is_no_lock_of_ours_is_left_alone(tmp_path: Path, held: bool, content: bytes) -> None:
    path, lock = tmp_path / "m", tmp_path / ".m.emojify-lock"
    lock.write_bytes(content)
    with lock.open("rb") as other:
        if held:
            fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(EnvironmentFault) as caught, only_one(path):
            pass
    assert str(caught.value) == (
        f"{path}: found .m.emojify-lock beside it, which is no lock of ours; expected nothing; "
        "move it away, or use -o to name another"
    )
    assert lock.read_bytes() == content


def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".m.emojify-lock").symlink_to("notes")
    (tmp_path / "notes").write_bytes(b"7")
    with pytest.raises(EnvironmentFault, match="cannot be locked: Too many levels of symbolic"):
        only_one(tmp_path / "m").__enter__()
    assert (tmp_path / "notes").read_bytes() == b"7"


def test_a_lock_that_somebody_removed_is_not_missed(tmp_path: Path) -> None:
    with only_one(tmp_path / "m"):
        (tmp_path / ".m.emojify-lock").unlink()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_goes_with_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), only_one(tmp_path / "m"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_was_removed_in_between_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / ".m.emojify-lock"
    flock, removed = fcntl.flock, []

    def locked(handle: int, how: int) -> None:
        flock(handle, how)
        if not removed:  # by the process that had the lock before
            removed.append(lock)
            lock.unlink()

    monkeypatch.setattr(fcntl, "flock", locked)
    before = count_open()
    with only_one(tmp_path / "m"):
        assert lock.read_text() == str(os.getpid())
    assert removed == [lock]
    assert count_open() == before


def test_a_place_where_nothing_can_be_locked_is_said(tmp_path: Path) -> None:
    path = tmp_path / "none" / "m"
    with pytest.raises(EnvironmentFault) as caught, only_one(path):
        pass
    assert str(caught.value) == (
        f"{path}: cannot be locked: No such file or directory; nothing was changed; "
        "choose another place"
    )


def test_a_lock_that_cannot_be_written_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(EnvironmentFault, match="cannot be locked: No space left on device"):  # noqa: SIM117
        with only_one(tmp_path / "m"):
            pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK])
def test_on_a_drive_without_locks_nobody_is_held_off_and_nothing_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(code, os.strerror(code))

    path, stray = tmp_path / "m", tmp_path / ".m.abcdefgh.emojify-part"
    stray.write_bytes(b"perhaps somebody else's")
    monkeypatch.setattr(fcntl, "flock", refuse)
    with only_one(path), only_one(path):
        files.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert set(tmp_path.iterdir()) == {path, stray}
    with pytest.raises(OSError, match=re.escape(os.strerror(code))):
        try_to_lock(0)


def test_a_lock_that_fails_for_another_reason_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(EnvironmentFault, match="cannot be locked: Input/output error"):
        only_one(tmp_path / "m").__enter__()
    with pytest.raises(EnvironmentFault, match="cannot be written: Input/output error"):
        files.replace(tmp_path / "m", b"new")
