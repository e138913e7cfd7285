"""The command line: parse, call, print."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from typing import Any

import click

from emojify import __version__
from emojify.errors import EmojifyError, EmojifyWarning, EnvironmentFault, printable

# Each command is a module beside this one with a click command of the same name.
COMMANDS = ("predict", "train", "eval", "info", "vectors")
_INTERRUPTED, _PIPE_CLOSED = 130, 141


class _Commands(click.Group):
    """Commands whose modules are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"emojify.cli.{name}").command
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 a failed run, 2 bad usage or input, 3 the environment, "
    "4 training diverged, 130 interrupted.",
)
@click.version_option(__version__, prog_name="emojify", message="%(prog)s %(version)s")
def group() -> None:
    r"""Turn a sentence into an emoji.

    \b
    emojify predict "I love you"         I love you ❤️
    emojify predict < lines.txt          one answer for each line
    emojify train --data mine.csv        a model of your own
    emojify eval mine.csv -m five        how good is it?
    """


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command; print what went wrong as one line and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    warnings.simplefilter("always", EmojifyWarning)
    try:
        # A group whose command returns nothing returns None; --help and --version return 0.
        group.main(arguments, prog_name="emojify", standalone_mode=False)
        _flush()
    except EmojifyError as error:
        return _fail(error.lines, error.exit_code)
    except click.ClickException as error:
        return _fail([_usage_message(error)], 2)
    except (KeyboardInterrupt, click.Abort):
        return _fail(["interrupted; nothing was written"], _INTERRUPTED)
    except BrokenPipeError:
        # The reader has what it wanted ("| head"). Python would complain once more on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return _PIPE_CLOSED
    except MemoryError:
        return _fail(["there is not enough memory; try less data at once"], 3)
    return 0


def _flush() -> None:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise EnvironmentFault(f"standard output cannot be written: {error.strerror}") from None


def _usage_message(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "emojify"
    if isinstance(error, click.NoSuchOption) and path.endswith("predict"):
        message += "; put -- before a text that starts with '-'"
    return f"{message}; see '{path} --help'"


def _fail(lines: list[str], code: int) -> int:
    for line in lines:
        _say("error", line)
    return code


def _show_warning(message: Warning | str, *_: Any) -> None:
    if isinstance(message, EmojifyWarning):  # others are for developers
        _say("warning", str(message))


def _say(kind: str, text: str) -> None:
    if sys.stderr is not None:
        print(f"emojify: {kind}: {printable(text)}", file=sys.stderr)
