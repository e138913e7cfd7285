"""Reading and writing files: what is refused before a byte of it is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emojify import locks
from emojify.errors import EmojifyError, EnvironmentFault
from emojify.files import clean, exists, opened, replace, replacing, require_writable

TOO_LONG = Path("n" * 300)
IMPOSSIBLE = Path("a\0b")


def complaint(path: Path) -> str:
    with pytest.raises(EmojifyError) as caught, opened(path, "a thing"):
        pass
    assert (type(caught.value), caught.value.exit_code) == (EmojifyError, 2)
    return str(caught.value)


def test_a_regular_file_is_opened_and_closed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"here\r\n\xff")
    with opened(tmp_path / "x", "a thing") as file:
        assert file.read() == b"here\r\n\xff"
    assert file.closed


def test_what_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("file").touch()
    assert complaint(Path("x")) == (
        f"x: found no such file; expected a thing; check the path (looked in {tmp_path}/x)"
    )
    assert complaint(Path()) == ".: found a folder; expected a thing; name a file in it"
    assert complaint(Path("pipe")) == (
        "pipe: is not a regular file; expected a thing; save it to a file first"
    )
    assert complaint(Path("file/x")) == "file/x: cannot be reached: Not a directory; check the path"
    assert (
        complaint(TOO_LONG) == f"{TOO_LONG}: cannot be reached: File name too long; check the path"
    )
    assert complaint(IMPOSSIBLE) == (
        "a\\x00b: found a path that no file can have; expected a thing; check it"
    )


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "x"
    path.touch()
    monkeypatch.setattr(Path, "open", denied)
    assert complaint(path) == (
        f"{path}: found a file that may not be read; expected a thing; change its permissions"
    )


def test_an_impossible_name_is_the_name_of_nothing(tmp_path: Path) -> None:
    assert exists(tmp_path)
    assert [exists(path) for path in (tmp_path / "x", TOO_LONG, IMPOSSIBLE)] == [False] * 3


class TestRequireWritable:
    def refusal(self, path: Path, overwrite: bool, *inputs: Path) -> str:
        with pytest.raises(EmojifyError) as caught:
            require_writable(path, overwrite, inputs)
        place, message = str(caught.value).split(": ", 1)
        assert place == str(path)
        return message

    def test_a_new_name_in_a_folder_is_fine_and_nothing_is_made(self, tmp_path: Path) -> None:
        require_writable(tmp_path / "new", overwrite=False, inputs=[tmp_path / "none", IMPOSSIBLE])
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_exists_is_replaced_only_if_that_is_wanted(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"precious")
        assert self.refusal(tmp_path / "x", False) == (
            "the file exists; nothing was overwritten; use -f to replace it or -o to name another"
        )
        require_writable(tmp_path / "x", overwrite=True)
        assert (tmp_path / "x").read_bytes() == b"precious"
        assert list(tmp_path.iterdir()) == [tmp_path / "x"]

    @pytest.mark.parametrize("overwrite", [True, False])
    def test_an_input_is_never_replaced(self, tmp_path: Path, overwrite: bool) -> None:
        (tmp_path / "x").touch()
        (tmp_path / "y").touch()
        (tmp_path / "link").symlink_to("x")
        inputs = [tmp_path / "none", tmp_path / "y", tmp_path / "link"]
        assert self.refusal(tmp_path / "x", overwrite, *inputs) == (
            "is an input of this command; nothing was overwritten; use -o to name another"
        )

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        assert self.refusal(tmp_path, True) == (
            "found a folder; expected a file to write to; name a file in it"
        )

    def test_a_missing_folder_is_the_fault_of_the_environment(self, tmp_path: Path) -> None:
        with pytest.raises(EnvironmentFault) as caught:
            require_writable(tmp_path / "none" / "x", overwrite=False)
        assert str(caught.value) == (
            f"{tmp_path / 'none' / 'x'}: cannot be written: No such file or directory; "
            "nothing was changed; choose another place"
        )

    def test_what_a_killed_process_left_is_removed(self, tmp_path: Path) -> None:
        (tmp_path / ".x.abcd_123.emojify-part").touch()
        require_writable(tmp_path / "x", overwrite=False)
        assert list(tmp_path.iterdir()) == []


def test_only_what_was_left_of_this_very_file_is_cleaned_away(tmp_path: Path) -> None:
    left = [".x.txt.abcdefgh.emojify-part", ".x.txt.a_b_1234.emojify-part"]
    others = [
        ".x.txt.abcdefg.emojify-part",
        ".x.txt.abcdefghi.emojify-part",
        ".x.txt.ABCDEFGH.emojify-part",
        ".x.txt.abcdefgh.parts",
        ".x-txt.abcdefgh.emojify-part",
        "x.txt.abcdefgh.emojify-part",
        ".y.txt.abcdefgh.emojify-part",
    ]
    for name in (*left, *others):
        (tmp_path / name).touch()
    clean(tmp_path / "x.txt")
    assert {path.name for path in tmp_path.iterdir()} == set(others)
    clean(tmp_path / "none" / "x.txt")


def test_a_part_may_be_written_again(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with replacing(path, lambda beside: beside.read_bytes() == b"ABcdef") as file:
        file.write(b"ab")
        file.write(memoryview(b"cdef"))
        file.seek(0)
        file.write(b"AB")
    assert path.read_bytes() == b"ABcdef"


def test_a_place_that_cannot_be_gone_to_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "lseek", broken)
    with pytest.raises(EnvironmentFault) as caught, replacing(tmp_path / "x", lambda _: True) as x:
        x.seek(0)
    assert str(caught.value) == (
        f"{tmp_path / 'x'}: cannot be written: Input/output error; nothing was changed; "
        "choose another place"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_writing_leaves_nothing_and_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "x", lambda _: True) as file:
        file.write(b"%d" % (1 // 0))
    assert (tmp_path / "x").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]


def test_a_missing_folder_is_said_with_the_file_that_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "none" / "x"
    with pytest.raises(EnvironmentFault) as caught, replacing(path, lambda _: True):
        pass
    assert str(caught.value) == (
        f"{path}: cannot be written: No such file or directory; nothing was changed; "
        "choose another place"
    )


def test_a_part_that_another_process_cleaned_away_before_it_was_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, taken = locks.try_to_lock, []

    def try_to_lock(handle: int) -> bool:
        if len(taken) < 2:
            [part] = tmp_path.glob(".x.*.emojify-part")
            part.unlink()
            taken.append(handle)
            return len(taken) == 2 and lock(handle)
        return lock(handle)

    monkeypatch.setattr(locks, "try_to_lock", try_to_lock)
    replace(tmp_path / "x", b"whole")
    assert (tmp_path / "x").read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]
    assert len(taken) == 2
