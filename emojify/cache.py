"""Where converted vectors are kept, keyed by the content they were made from."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

from emojify.archives import Source
from emojify.errors import EnvironmentFault
from emojify.files import opened, replacing

# A file changed again within the same tick of the file system's clock keeps its times. What is
# younger than this when it is read is therefore not recognised by its times the next time.
_SETTLED_SECONDS = 2.0


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


def _content_key(source: Source) -> str:
    note = folder() / f"{_sha256(str(source.path.resolve()))}.json"
    with opened(source.path, "word vectors") as file:
        status = os.fstat(file.fileno())
        seen = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        content = _remembered(note, seen)
        if content is None:
            content = hashlib.file_digest(file, "sha256").hexdigest()
            if time.time() - status.st_ctime > _SETTLED_SECONDS:
                with replacing(note) as out:
                    out.write(json.dumps({"seen": seen, "content": content}).encode())
    return content if source.member is None else _sha256(f"{content}/{source.member}")


def _remembered(note: Path, seen: list[int]) -> str | None:
    try:
        facts = json.loads(note.read_bytes())
        return str(facts["content"]) if facts["seen"] == seen else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
