"""The command line: parse, call, print."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
import warnings
from contextlib import suppress
from typing import Any

import click

from emojify import __version__
from emojify.cli.shared import ReaderGone, StdoutFault, Stopped
from emojify.errors import EmojifyError, EmojifyWarning, printable

# Each command is a module beside this one with a click command of the same name.
COMMANDS = ("predict", "caption", "annotate", "train", "eval", "info", "vectors")
_A_BUG, _INTERRUPTED, _PIPE_CLOSED = 70, 130, 141


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
    epilog="Exit codes: 0 done, 2 bad usage or input, 3 the environment, 4 training diverged, "
    "70 a bug of ours, 129 the terminal was closed, 130 interrupted, 141 the reader of the output "
    "went away, 143 terminated.",
)
@click.version_option(__version__, prog_name="emojify", message="%(prog)s %(version)s")
def group() -> None:
    """Turn a sentence into an emoji.

    \b
    emojify predict "I love you"         I love you ❤️
    emojify predict < lines.txt          one answer for each line
    emojify caption "rain, then pizza"   rain, then pizza 🌧️🍕
    emojify annotate letter.txt          an emoji behind every sentence
    emojify train --data mine.csv        a model of your own
    emojify eval mine.csv                how good is it?
    """


def main() -> None:
    """Run the command line and exit with its code."""
    # Nearly all that a short command allocates are modules, which stay. To look through them for
    # garbage on the way, and to take them apart at the end, would be a seventh of its time.
    gc.set_threshold(50_000)
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run a command; print what went wrong as one line and return the exit code."""
    # One thread is as fast for matrices of this size, repeats to the last bit, and does not stumble
    # over what else runs on the machine. Set before NumPy is loaded; the user's own word counts.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    warnings.simplefilter("always", EmojifyWarning)
    try:
        # A group whose command returns nothing returns None; --help and --version return 0.
        group.main(arguments, prog_name="emojify", standalone_mode=False, obj=arguments)
    except EmojifyError as error:
        if isinstance(error, StdoutFault):
            _forget_stdout()
        return _fail(error.lines, error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return 2
    except click.ClickException as error:
        return _fail([_usage_message(error)], 2)
    except (KeyboardInterrupt, click.Abort):
        return _fail(["interrupted"], _INTERRUPTED)
    except Stopped as stop:
        return _fail([stop.said], stop.exit_code)
    except (ReaderGone, SystemExit):  # which click raises if it is the help that nobody reads
        _forget_stdout()
        return _PIPE_CLOSED
    except OSError as error:
        if error.filename is not None:  # a file that we should have looked after
            traceback.print_exc()
            return _A_BUG
        _forget_stdout()
        return _fail([f"the output cannot be written: {error.strerror}"], 3)
    except MemoryError:
        return _fail(["there is not enough memory; try less data at once"], 3)
    except Exception:
        traceback.print_exc()
        return _A_BUG
    return 0


def _forget_stdout() -> None:
    """Keep Python from complaining once more, on exit, about what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _usage_message(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "emojify"
    if isinstance(error, click.NoSuchOption) and path.endswith(("predict", "caption")):
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
        with suppress(OSError):
            print(f"emojify: {kind}: {printable(text)}", file=sys.stderr)
