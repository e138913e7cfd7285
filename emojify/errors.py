"""What can go wrong that is not a bug, and how it is said."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Sequence

_EXCERPTS = reprlib.Repr()
_EXCERPTS.maxstring = _EXCERPTS.maxother = 60
_EXCERPTS.maxlong = 40


class EmojifyError(Exception):
    """Anything the user can mend: bad input, bad usage.

    The message is one line that says what was found, what was expected and what to do; where it
    comes from a file, the file and the line stand before it.

    Attributes:
        exit_code: what the command line exits with.
        lines: what the command line prints.
    """

    exit_code = 2

    def __init__(
        self, message: str, source: str | os.PathLike[str] | None = None, line: int | None = None
    ) -> None:
        place = "" if source is None else f"{os.fspath(source)}:"
        place += "" if line is None else f"{line}:"
        super().__init__(printable(f"{place} {message}".strip()))
        self.lines = [str(self)]


class EmojifyErrors(EmojifyError):
    """Several errors of the same file: the first ten, and how many there are in all."""

    shown = 10

    @classmethod
    def of(cls, problems: Sequence[EmojifyError], count: int, what: str) -> EmojifyError:
        """Return the one problem itself, or as one error the first few of ``count`` problems."""
        if count == 1:
            return problems[0]
        total = f"{count} {what} in all; nothing was read"
        error = cls(f"{problems[0]} ({total})")
        error.lines = [*map(str, problems[: cls.shown]), total]
        return error


class EnvironmentFault(EmojifyError):
    """The machine does not let us: no permission to write, a full disk, a missing folder."""

    exit_code = 3


class Diverged(EmojifyError):
    """A training whose loss or gradient is no longer a finite number."""

    exit_code = 4


def excerpt(value: object) -> str:
    """Quote what was found, without the middle of what is long."""
    return _EXCERPTS.repr(value)


def printable(text: str) -> str:
    """Show a text on one line that no terminal takes for a command.

    Line breaks become spaces; control characters, bidirectional overrides and lone surrogates are
    spelled out as escapes. Emoji and every other letter stay as they are.
    """
    one_line = " ".join(text.splitlines()) if len(text.splitlines()) > 1 else text.rstrip("\r\n")
    if one_line.isprintable():
        return one_line
    return "".join(_shown(character) for character in one_line)


def is_harmless(character: str) -> bool:
    """Whether a character is shown as it stands and no terminal takes it for a command."""
    # Joiners, variation selectors and tags are not "printable", but emoji are made of them.
    is_tag = "\U000e0020" <= character <= "\U000e007f"
    return is_tag or character.isprintable() or character in "\u200d\ufe0e\ufe0f"


def _shown(character: str) -> str:
    if is_harmless(character):
        return character
    return character.encode("unicode_escape").decode("ascii")


class EmojifyWarning(UserWarning):
    """Something in the input was passed over or looks wrong, and the work went on."""
