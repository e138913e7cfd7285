"""Where converted vectors are kept, keyed by the content they were made from."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path

from emojify.archives import Source
from emojify.errors import EnvironmentFault
from emojify.files import opened, replace

# A file changed again within the same tick of the file system's clock keeps its times. What is
# younger than this when it is read is therefore not recognised by its times the next time.
_SETTLED_SECONDS = 2.0
_TICK_SECONDS = 0.01
_BELIEVED_SECONDS = 86_400.0  # a day, for which converted vectors that were verified are believed


def folder() -> Path:
    """Return the cache folder, made if need be: ``$EMOJIFY_CACHE``, or the platform's own.

    Raises:
        EnvironmentFault: it cannot be made.
    """
    chosen = os.environ.get("EMOJIFY_CACHE")
    if chosen:
        path = Path(chosen)
    else:
        from platformdirs import user_cache_path  # 20 ms that shipped vectors do not need

        path = user_cache_path("emojify", appauthor=False)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(
            f"cannot make the cache folder: {error.strerror}; "
            "set EMOJIFY_CACHE to a folder that can be written to",
            path,
        ) from None
    return path


def place_for(source: Source) -> Path:
    """Return where the vectors converted from a source are, or are to be.

    The name is the SHA-256 of the source's content. So as not to read 171 MB each time, the
    hash is remembered beside the file's size, times and inode, and believed while these stay.
    """
    return folder() / f"{_content_key(source)}.safetensors"


def is_verified(path: Path) -> bool:
    """Whether nobody has changed a file of the cache since :func:`mark_verified`, a day at most.

    Whoever writes to it, cuts it short or puts another in its place makes it younger than the mark,
    even if the time of the last change is set back. Bits that rot on the disk do not; they are
    found when the file has to be verified again.
    """
    try:
        status, marked = path.stat(), _mark_of(path).stat()
    except OSError:
        return False
    is_older = max(status.st_mtime_ns, status.st_ctime_ns) < marked.st_mtime_ns
    return is_older and 0 <= time.time() - marked.st_mtime < _BELIEVED_SECONDS


def mark_verified(path: Path) -> None:
    """Remember that a file of the cache was found to be whole."""
    if not is_verified(path):
        time.sleep(_TICK_SECONDS)  # or the mark could be as old as a file that was just written
        with suppress(OSError):  # a cache that can only be read is verified every time
            _mark_of(path).touch()


def _mark_of(path: Path) -> Path:
    return path.with_suffix(".verified")


def _content_key(source: Source) -> str:
    note = folder() / f"{_sha256(str(source.path.resolve()))}.json"
    with opened(source.path, "word vectors") as file:
        status = os.fstat(file.fileno())
        seen = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        content = _remembered(note, seen)
        if content is None:
            content = hashlib.file_digest(file, "sha256").hexdigest()
            if time.time() - status.st_ctime > _SETTLED_SECONDS:
                replace(note, json.dumps({"seen": seen, "content": content}).encode())
    return content if source.member is None else _sha256(f"{content}/{source.member}")


def _remembered(note: Path, seen: list[int]) -> str | None:
    try:
        facts = json.loads(note.read_bytes())
        return str(facts["content"]) if facts["seen"] == seen else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
