"""Text files as they are downloaded: plain, compressed with gzip, or inside a zip archive."""

from __future__ import annotations

import errno
import gzip
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from emojify.errors import EmojifyError
from emojify.files import opened

_WHAT = "a text file of word vectors"
_SHOWN = 10  # members of an archive
_STRANGERS = (
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file itself with 'git lfs pull'"),
    (b"<!doctype html", "a web page", "download the file itself"),
    (b"<html", "a web page", "download the file itself"),
    (b"<?xml", "an XML file", "download the file itself"),
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
        if magic[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=file) as text:
                yield _checked(source, _Unpacked(source, text)), file.tell
        elif magic == b"PK\x03\x04":
            with _unpacking(source):
                archive = zipfile.ZipFile(file)
                member = archive.open(_member(source, archive))
            with archive, member:
                yield _checked(source, _Unpacked(source, cast("Text", member))), file.tell
        else:
            yield _checked(source, file), file.tell


class _Unpacked:
    """A text inside an archive."""

    def __init__(self, source: Source, text: Text) -> None:
        self._source = source
        self._text = text

    def peek(self, size: int, /) -> bytes:
        with _unpacking(self._source):
            return self._text.peek(size)

    def read(self, size: int, /) -> bytes:
        with _unpacking(self._source):
            return self._text.read(size)


@contextmanager
def _unpacking(source: Source) -> Iterator[None]:
    """Blame what goes wrong here on the archive.

    Of one that is damaged, encrypted or compressed in a rare way Python's modules raise errors of
    their own, and nearly anything else as well, such as an ``IndexError`` for an empty name.
    """
    try:
        yield
    except (EmojifyError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EIO:
            raise  # it is the disk
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
        f"with one of: {', '.join(members[:_SHOWN])}{', …' * (len(members) > _SHOWN)}",
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
