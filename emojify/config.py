"""Config files and single settings, read from YAML and laid over one another."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import msgspec

from emojify import resources
from emojify.errors import EmojifyError, excerpt
from emojify.files import opened
from emojify.labels import read_label
from emojify.nn.cells import CELLS
from emojify.settings import Settings
from emojify.yamlfile import read_document, read_value

# Where a key was set: the file or the option, and the line.
Places: TypeAlias = dict[tuple[str, ...], tuple[str | None, int | None]]

_PATHS = (("data", "train"), ("data", "validation"), ("data", "joined"), ("vectors", "source"))
_LONGEST = 1 << 16  # bytes of a file of settings, which are read slowly


class Override(NamedTuple):
    """A setting that is laid over the config file: its key, its value, and who says so."""

    key: str
    value: Any
    source: str


def read_settings(path: Path | None = None, overrides: Iterable[Override] = ()) -> Settings:
    """Read a config file and lay single settings over it.

    Args:
        path: a YAML file; what it leaves out has its default. Relative paths in it start from
            its folder.
        overrides: later ones win; relative paths in them start from the working folder.

    Raises:
        EmojifyError: an unknown key, a value of the wrong type or out of range, broken YAML; with
            the file and the line, or with the override.
    """
    data: dict[str, Any] = {}
    places: Places = {}
    if path is not None:
        with opened(path, "a YAML file of settings") as file:
            text = _decoded(path, file.read(_LONGEST + 1))
        document = read_document(text, str(path))
        data = document.data
        places = {key: (str(path), line) for key, line in document.lines.items()}
        _start_paths_from(path.parent, data)
    for override in overrides:
        _lay_over(data, places, override)
    settings = _checked(data, places)
    _check_labels(settings, places)
    if settings.model.reset_after and not hasattr(CELLS[settings.model.cell], "reset_after"):
        raise EmojifyError(
            f"found model.reset_after: true with the cell {settings.model.cell}; "
            "expected it with gru; remove it",
            *_place_of(("model", "reset_after"), places),
        )
    if settings.data.joined and not settings.decoder.features:
        raise EmojifyError(
            "found data.joined without a decoder, which alone learns from messages of several "
            "emoji; expected it with decoder.features; remove it",
            *_place_of(("data", "joined"), places),
        )
    if settings.decoder.features == "mean" and settings.model.bidirectional:
        raise EmojifyError(
            "found model.bidirectional: true with decoder.features: mean, which is the same in "
            "both directions; expected it with encoder; remove one of them",
            *_place_of(("decoder", "features"), places),
        )
    vectors = settings.vectors
    refers = vectors.carried is None and resources.shipped("vectors", vectors.source)
    if refers and vectors.carried_as != "float16":
        raise EmojifyError(
            f"found vectors.carried_as: {vectors.carried_as} with shipped vectors, which a model "
            "refers to; expected it with vectors.carried; say how many words it is to carry",
            *_place_of(("vectors", "carried_as"), places),
        )
    return settings


def parse_override(text: str) -> Override:
    """Read ``key.path=value``; the value is YAML, as in a config file.

    Raises:
        EmojifyError: there is no ``=``, or the value is not YAML.
    """
    key, equals, value = text.partition("=")
    if not equals or not key or not text.isprintable():
        raise EmojifyError(f"found --set {text}; expected key.path=value, as in model.hidden=64")
    source = f"--set {key}"
    return Override(key, read_value(value, source), source)


def _decoded(path: Path, data: bytes) -> str:
    if len(data) > _LONGEST:
        raise EmojifyError(
            f"found more than {_LONGEST:,} bytes; expected a YAML file of settings; this is "
            "another kind of file",
            path,
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EmojifyError(
            f"found a byte that is not UTF-8 at offset {error.start}; expected a YAML file of "
            "settings; save it as UTF-8",
            path,
        ) from None


def _start_paths_from(folder: Path, data: dict[str, Any]) -> None:
    """Make relative paths start from the config's folder; names of shipped files stay names."""
    for section, key in _PATHS:
        values = data.get(section)
        value = values.get(key) if isinstance(values, dict) else None
        if values and isinstance(value, str) and ("/" in value or Path(value).suffix):
            values[key] = str(folder / value)


def _lay_over(data: dict[str, Any], places: Places, override: Override) -> None:
    *sections, key = path = tuple(override.key.split("."))
    for i, section in enumerate(sections, 1):
        data = data.setdefault(section, {})
        places.setdefault(path[:i], (override.source, None))
        if not isinstance(data, dict):
            raise EmojifyError(
                f"found {'.'.join(sections[:i])}, which is a value; expected a section; "
                f"write {'.'.join(sections[:i])}=VALUE",
                override.source,
            )
    data[key] = override.value
    for replaced in [place for place in places if place[: len(path)] == path]:
        del places[replaced]
    places[path] = (override.source, None)


def _checked(data: dict[str, Any], places: Places) -> Settings:
    """Convert plain data to settings, or say which key is wrong, where, and what it may be."""
    unknown = _unknown_key(data)
    if unknown:
        raise EmojifyError(
            f"found the unknown key {excerpt('.'.join(unknown))}; {_nearest(unknown)}",
            *_place_of(unknown, places),
        )
    try:
        return msgspec.convert(data, Settings)
    except msgspec.ValidationError as error:
        message = str(error)
    [at] = re.findall(r" - at `\$((?:\.\w+)*)", message)
    path = tuple(at.split(".")[1:])
    value: Any = data
    for key in path:
        value = value[key]
    shown = f"found {_shown(value)} for {'.'.join(path)}; expected {_expected(path)}"
    if isinstance(value, str) and re.fullmatch(r"[-+]?\d+,\d+", value):
        shown += "; write decimals with a point"
    raise EmojifyError(shown, *_place_of(path, places))


def _place_of(path: tuple[str, ...], places: Places) -> tuple[str | None, int | None]:
    """Return where a key was set: by itself, or along with its section."""
    return places[path if path in places else path[:1]]


def _unknown_key(data: dict[str, Any]) -> tuple[str, ...] | None:
    """Return the first key that is no setting, with its section."""
    for key, value in data.items():
        if key not in _fields(()):
            return (key,)
        known = _fields((key,))
        for inner in value if known and isinstance(value, dict) else ():
            if inner not in known:
                return (key, inner)
    return None


def _nearest(path: tuple[str, ...]) -> str:
    known = _fields(path[:-1])
    close = difflib.get_close_matches(path[-1], known, 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"expected one of: {', '.join(known)}"


def _fields(path: tuple[str, ...]) -> list[str]:
    """Return the keys of a section; a setting has none."""
    section: Any = Settings()
    for key in path:
        section = getattr(section, key)
    return list(getattr(section, "__struct_fields__", ()))


def _expected(path: tuple[str, ...]) -> str:
    kind: Any = msgspec.inspect.type_info(Settings)
    for key in path:
        kind = next(f.type for f in kind.fields if f.name == key)
    return _description(kind)


def _description(kind: Any) -> str:
    if isinstance(kind, msgspec.inspect.Metadata):
        return str((kind.extra_json_schema or {}).get("description"))
    if isinstance(kind, msgspec.inspect.UnionType):
        return _description(kind.types[0])
    names = ", ".join(field.name for field in kind.fields)
    return f"a section with some of: {names}"


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float) and math.isinf(value):
        return "a number that is too large"
    return excerpt(value)


def _check_labels(settings: Settings, places: Places) -> None:
    seen = set()
    for label in settings.data.labels or []:
        try:
            emoji = read_label(label)
        except ValueError as found:
            raise EmojifyError(
                f"found {found} in data.labels; expected emoji or names such as :pizza:",
                *_place_of(("data", "labels"), places),
            ) from None
        if emoji in seen:
            raise EmojifyError(
                f"found {emoji} twice in data.labels; expected each emoji once",
                *_place_of(("data", "labels"), places),
            )
        seen.add(emoji)
