"""Text files as they are downloaded: plain, compressed with gzip, or inside a zip archive."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from emojify.errors import EmojifyError
from emojify.files import opened

_WHAT = "a text file of word vectors"
_STRANGERS = (
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file itself with 'git lfs pull'"),
    (b"<!doctype html", "a web page", "download the file itself"),
    (b"<html", "a web page", "download the file itself"),
    (b"<?xml", "an XML file", "download the file itself"),
)
# What a decompressor may say of a file that is damaged, encrypted or compressed in a rare way.
_UNREADABLE = (
    EOFError,
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    NotImplementedError,
)


class Text(Protocol):
    """A stream of bytes that can be looked into before it is read."""

    def peek(self, size: int, /) -> bytes:
        """Return the next bytes and leave them there."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, and none at the end."""


@dataclass(frozen=True)
class Source:
    """A file, and the member of it that is meant if it is an archive."""

    path: Path
    member: str | None

    @classmethod
    def of(cls, path: Path) -> Source:
        """Take ``archive.zip/member`` apart."""
        for parent in path.parents:
            if parent.is_file():
                return cls(parent, path.relative_to(parent).as_posix())
        return cls(path, None)


@contextmanager
def text_of(source: Source) -> Iterator[tuple[Text, Callable[[], int]]]:
    """Open the text, whatever it is wrapped in; its first bytes decide, not its name.

    Yields the text and a function that tells how many bytes of the file itself have been read.

    Raises:
        EmojifyError: the file cannot be opened, or is something else than text.
    """
    with opened(source.path, _WHAT) as file:
        magic = file.read(4)
        file.seek(0)
        try:
            if magic[:2] == b"\x1f\x8b":
                with gzip.GzipFile(fileobj=file) as text:
                    yield _checked(source, text), file.tell
            elif magic == b"PK\x03\x04":
                with (
                    zipfile.ZipFile(file) as archive,
                    archive.open(_member(source, archive)) as text,
                ):
                    yield _checked(source, cast("zipfile.ZipExtFile", text)), file.tell
            else:
                yield _checked(source, file), file.tell
        except _UNREADABLE as error:
            raise EmojifyError(
                f"the archive cannot be read ({error}); download it again, or unpack it yourself",
                source.path,
            ) from None


def _member(source: Source, archive: zipfile.ZipFile) -> str:
    members = [info.filename for info in archive.infolist() if not info.is_dir()]
    if source.member in members:
        return source.member
    if source.member is None and len(members) == 1:
        return members[0]
    found = f"{len(members)} files" if source.member is None else f"no {source.member}"
    raise EmojifyError(
        f"found {found} in the archive; expected one name; write {source.path}/NAME, "
        f"with one of: {', '.join(members)}",
        source.path,
    )


def _checked(source: Source, text: Text) -> Text:
    """Refuse what is known not to be text of word vectors."""
    head = text.peek(512)[:512]
    for start, found, remedy in _STRANGERS:
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(start):
            raise EmojifyError(f"found {found}; expected {_WHAT}; {remedy}", source.path)
    if b"\0" in head:
        raise EmojifyError(
            f"found binary data; expected {_WHAT}; if it is word2vec's binary format, "
            "export it as text first",
            source.path,
        )
    return text
