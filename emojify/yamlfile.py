"""YAML 1.2's plain data, with the place of every value.

PyYAML follows YAML 1.1, where ``no`` is false, ``010`` is 8, ``1:30:00`` is 5400 and ``1e-3`` is a
word. Here scalars mean what YAML 1.2 (and everybody) takes them for; duplicate keys, aliases and
tags are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from emojify.errors import EmojifyError, excerpt

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}
_DEEPEST = 20
_LONGEST_NUMBER = 40


@dataclass
class Document:
    """A YAML mapping and where its values stand.

    Attributes:
        data: plain dictionaries, lists, strings, numbers, booleans and ``None``.
        lines: the line of each key, by its path (``("model", "hidden")``).
    """

    data: dict[str, Any]
    lines: dict[tuple[str, ...], int]


def read_document(text: str, source: str) -> Document:
    """Read one YAML document whose root is a mapping.

    Raises:
        EmojifyError: with the line, and the column where YAML itself is broken.
    """
    root = _compose(text, source)
    if not isinstance(root, yaml.MappingNode):
        line = 1 if root is None else _line(root)
        kind = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        found = "an empty file" if root is None else f"{kind} at the root"
        raise EmojifyError(
            f"found {found}; expected settings such as 'model:' and below it 'cell: lstm'",
            source,
            line,
        )
    lines: dict[tuple[str, ...], int] = {}
    return Document(_plain(root, (), source, lines), lines)


def read_value(text: str, source: str) -> Any:
    """Read a single value, as it would stand behind a key."""
    root = _compose(text, source)
    return None if root is None else _plain(root, (), source, {})


def _compose(text: str, source: str) -> yaml.Node | None:
    try:
        _look_through(text, source)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at column {mark.column + 1}" if mark else ""
        raise EmojifyError(
            f"found YAML that cannot be read{place}: {error.problem}; "
            "expected lines of 'key: value', indented with spaces",
            source,
            mark.line + 1 if mark else None,
        ) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        raise EmojifyError(
            f"found the character U+{ord(text[error.position]):04X} at column "
            f"{error.position - before.rfind(chr(10))}; expected text; remove it",
            source,
            before.count("\n") + 1,
        ) from None
    except (ValueError, OverflowError):  # of chr()
        raise EmojifyError(
            "found YAML that cannot be read: an escape such as \\U00110000 that stands for no "
            "character; expected lines of 'key: value', indented with spaces",
            source,
        ) from None


def _look_through(text: str, source: str) -> None:
    """Refuse what could grow without bound when it is composed: aliases and deep nesting."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        tag = getattr(event, "tag", None)
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        found = (
            (isinstance(event, yaml.AliasEvent) and "an alias (*)")
            or (tag and f"the tag {excerpt(tag.removeprefix('tag:yaml.org,2002:'))}")
            or (depth > _DEEPEST and f"more than {_DEEPEST} levels")
            or (documents > 1 and "a second document (---)")
        )
        if found:
            raise EmojifyError(
                f"found {found}; expected plain settings; write the values out, without it",
                source,
                event.start_mark.line + 1 if event.start_mark else None,
            )


def _plain(
    node: yaml.Node, path: tuple[str, ...], source: str, lines: dict[tuple[str, ...], int]
) -> Any:
    """Turn a node into plain data and note the line of every key below it."""
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style else _scalar(node.value)
    if isinstance(node, yaml.SequenceNode):
        items = enumerate(node.value)
        return [_plain(item, (*path, str(i)), source, lines) for i, item in items]
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise EmojifyError(
                "found a key that is a list or a section; expected a word; write 'key: value'",
                source,
                _line(key_node),
            )
        here = (*path, str(key_node.value))
        if here in lines:
            raise EmojifyError(
                f"found the key {excerpt(here[-1])} again; expected it once, it stands on line "
                f"{lines[here]} already; remove one of the two",
                source,
                _line(key_node),
            )
        lines[here] = _line(key_node)
        data[here[-1]] = _plain(value_node, here, source, lines)
    return data


def _scalar(word: str) -> Any:
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if len(word) > _LONGEST_NUMBER:
        return word
    if _INT.fullmatch(word):
        return int(word)
    return float(word) if _FLOAT.fullmatch(word) else word


def _line(node: yaml.Node) -> int:
    mark = node.start_mark
    return mark.line + 1 if mark else 1
