"""Text as it is downloaded: what it is wrapped in, and what it is not."""

from __future__ import annotations

import errno
import gzip
import os
import zipfile
from pathlib import Path

import pytest

from emojify.archives import Source, text_of
from emojify.errors import EmojifyError, EnvironmentFault

EXPECTED = "expected a text file of word vectors"
TEXT = b"the 1 2\nof 3 4\n"


def read(path: Path) -> bytes:
    """Return the text, and see that what was looked into was not taken away."""
    with text_of(Source.of(path)) as (text, _):
        assert text.peek(3)[:3] == TEXT[:3]
        return text.read(5) + text.read(1 << 20) + text.read(1)


def complaint(path: Path) -> str:
    with pytest.raises(EmojifyError) as caught:
        read(path)
    return str(caught.value).removeprefix(str(path))


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return path


def test_a_text_is_the_same_plain_and_packed(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_bytes(TEXT)
    (tmp_path / "packed.txt").write_bytes(gzip.compress(TEXT))
    zipped(tmp_path / "x.zip", "folder/", "folder/one.txt")
    for name in ("plain.txt", "packed.txt", "x.zip", "x.zip/folder/one.txt"):
        assert read(tmp_path / name) == TEXT


def test_a_member_is_named_by_its_path_in_the_archive(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "x.zip", "a/one.txt", "a/two.txt")
    assert Source.of(archive) == Source(archive, None)
    assert Source.of(archive / "a" / "two.txt") == Source(archive, "a/two.txt")
    assert Source.of(tmp_path / "none" / "x.txt") == Source(tmp_path / "none" / "x.txt", None)
    names = f"expected one name; write {archive}/NAME, with one of: a/one.txt, a/two.txt"
    assert complaint(archive) == f": found 2 files in the archive; {names}"
    with pytest.raises(EmojifyError) as caught:
        read(archive / "two.txt")
    assert str(caught.value) == f"{archive}: found no two.txt in the archive; {names}"


def test_an_archive_of_one_file_still_has_no_other(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "x.zip", "one.txt")
    with pytest.raises(EmojifyError) as caught:
        read(archive / "two.txt")
    assert str(caught.value) == (
        f"{archive}: found no two.txt in the archive; expected one name; write {archive}/NAME, "
        "with one of: one.txt"
    )


def test_how_far_the_file_itself_was_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_bytes(TEXT)
    with text_of(Source.of(path)) as (text, position):
        assert position() == 0
        text.read(4)
        assert position() == 4


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            f"found a Git LFS pointer; {EXPECTED}; fetch the file itself with 'git lfs pull'",
        ),
        *(
            (
                start,
                f"found {found}; expected a text file of word vectors; download the file itself",
            )
            for start, found in [
                (b"<!DOCTYPE html>", "a web page"),
                (b"\xef\xbb\xbf \n<HTML lang=en>", "a web page"),
                (b"\t<?xml version='1.0'?>", "an XML file"),
            ]
        ),
        *(
            (
                b"a" * place + b"\0",
                "found binary data; expected a text file of word vectors; "
                "if it is word2vec's binary format, export it as text first",
            )
            for place in (1, 511)
        ),
    ],
    ids=["lfs", "html", "bom html", "xml", "early zero", "late zero"],
)
def test_what_is_no_text_of_vectors_is_named(
    tmp_path: Path, content: bytes, message: str, packed: bool
) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(gzip.compress(content) if packed else content)
    assert complaint(path) == f": {message}"


def test_only_the_beginning_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"the " + b"1" * 508 + b"\0")
    with text_of(Source.of(path)) as (text, _):
        assert len(text.read(1000)) == 513


def test_an_archive_whose_first_bytes_are_damaged_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    packed = bytearray(gzip.compress(TEXT))
    packed[10:12] = b"\xff\xff"
    path.write_bytes(packed)
    message = complaint(path)
    assert message.startswith(": the archive cannot be read (Error -3 while decompressing data")
    assert message.endswith("); download it again, or unpack it yourself")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert complaint(tmp_path / "x.txt") == (
        ": found no such file; expected a text file of word vectors; "
        f"check the path (looked in {tmp_path / 'x.txt'})"
    )


@pytest.mark.parametrize(
    ("code", "fault"), [(errno.EIO, EnvironmentFault), (errno.ENOENT, EmojifyError)]
)
def test_a_disk_that_fails_is_not_blamed_on_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, fault: type[EmojifyError]
) -> None:
    def refuse(*_: object) -> bytes:
        raise OSError(code, os.strerror(code))

    path = tmp_path / "v.gz"
    path.write_bytes(gzip.compress(b"a 1 2\n"))
    monkeypatch.setattr(gzip.GzipFile, "read", refuse)
    with pytest.raises(EmojifyError) as caught, text_of(Source.of(path)) as (text, _):
        text.read(1)
    assert type(caught.value) is fault
