"""What comes with the package, by name: models, vectors, sentences, configs."""

from __future__ import annotations

from pathlib import Path

from emojify.errors import EmojifyError
from emojify.files import exists

DEFAULT_MODEL = "chat"
DEFAULT_CAPTIONER = "caption"
_PACKAGE = Path(__file__).parent
_SUFFIXES = {
    "models": ".safetensors",
    "vectors": ".safetensors",
    "datasets": ".csv",
    "configs": ".yaml",
}


def folder(kind: str) -> Path:
    """Return the folder of one kind: inside the installed package, or beside it in a checkout."""
    inside = _PACKAGE / kind
    return inside if inside.is_dir() else _PACKAGE.parent / kind


def names(kind: str) -> list[str]:
    """Return the names of everything of one kind that comes with the package."""
    return sorted(path.stem for path in folder(kind).glob(f"*{_SUFFIXES[kind]}"))


def shipped(kind: str, name: str) -> Path | None:
    """Return the file of that name, or ``None`` if the package has no such thing."""
    return folder(kind) / f"{name}{_SUFFIXES[kind]}" if name in names(kind) else None


def locate(kind: str, given: str) -> Path:
    """Find what a user named: something that comes with the package, or else a file.

    A file that has the name of something shipped is reached as ``./five``. The path that a
    shipped file has in a clone (``datasets/five-test.csv``) works from every folder.

    Args:
        kind: ``models``, ``vectors``, ``datasets`` or ``configs``.
        given: a path or a name.

    Returns:
        The path. It is returned even if nothing is there when ``given`` looks like a path; what
        reads it says what is wrong with it.

    Raises:
        EmojifyError: ``given`` looks like a name, and nothing has it.
    """
    path = Path(given)
    as_in_a_clone = path.parent == Path(kind) and not exists(path)  # datasets/five-test.csv
    found = shipped(kind, path.stem if as_in_a_clone else given)
    if found is not None:
        return found
    if exists(path) or "/" in given or "\\" in given or path.suffix:
        return path
    raise EmojifyError(
        f"found {given!r}, which is neither a file nor a name; expected a file or one of: "
        f"{', '.join(names(kind))}"
    )
