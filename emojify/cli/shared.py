"""What several commands share."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from emojify.errors import EmojifyError, EnvironmentFault, is_harmless, printable
from emojify.resources import DEFAULT_MODEL

if TYPE_CHECKING:
    from emojify.data import Examples

model_option = click.option(
    "-m",
    "--model",
    metavar="FILE|NAME",
    default=DEFAULT_MODEL,
    show_default=True,
    envvar="EMOJIFY_MODEL",
    show_envvar=True,
    help="A model file, or a model that comes with emojify.",
)
delimiter_option = click.option(
    "--delimiter",
    metavar="CHAR",
    help="What stands between the columns: , (the default), ; or | or tab.",
)
threshold_option = click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    metavar="P",
    default=0.0,
    help="Answer with no emoji that is less likely than P.",
)
format_option = click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "jsonl"]),
    help="What the table is; by default JSON Lines if its name ends in .jsonl or .ndjson, or CSV.",
)
text_column_option = click.option(
    "--text-column",
    metavar="NAME",
    help="The column of sentences, if it is not called text, sentence, tweet, message or phrase.",
)
output_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the table there; by default it is printed.",
)
beam_option = click.option(
    "--beam",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Keep the N likeliest beginnings of a line of emoji; by default 4.",
)
force_option = click.option("-f", "--force", is_flag=True, help="Replace what is written to.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class ReaderGone(Exception):
    """Who reads our output has what it wanted, as in ``| head``."""


class Stopped(BaseException):
    """A signal asked this process to stop, and it did.

    Attributes:
        said: what became of it, in a word.
        exit_code: 128 and the number of the signal, as shells have it.
    """

    def __init__(self, said: str, exit_code: int) -> None:
        super().__init__(said)
        self.said = said
        self.exit_code = exit_code


class StdoutFault(EnvironmentFault):
    """Standard output is closed, or what it leads to is full."""


def emit(text: str, end: str = "\n") -> None:
    """Print a part of the answer, at once.

    Raises:
        ReaderGone: nobody reads it any more.
        StdoutFault: it cannot be written for another reason.
    """
    with _printing():
        print(text, flush=True)


def emit_bytes(data: bytes) -> None:
    """Print bytes as they are, at once, and nothing behind them.

    Raises:
        ReaderGone: as :func:`emit`.
        StdoutFault: as :func:`emit`.
    """
    with _printing():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def require_apart(file: BinaryIO, source: str) -> None:
    """Refuse to print into the file that is read, as ``>> FILE`` asks for, which has no end.

    Raises:
        EmojifyError: standard output is that file.
    """
    with suppress(AttributeError, OSError, ValueError):  # one of them is closed or no file
        read, printed = os.fstat(file.fileno()), os.fstat(sys.stdout.fileno())
        if stat.S_ISREG(read.st_mode) and os.path.samestat(read, printed):
            raise EmojifyError(
                "is standard output as well; expected another file; print to that", source
            )


@contextmanager
def _printing() -> Iterator[None]:
    if sys.stdout is None:
        raise StdoutFault("standard output is closed; expected somewhere to write the answer")
    try:
        yield
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise StdoutFault(f"standard output cannot be written: {error.strerror}") from None


def in_colour() -> bool:
    """Whether standard output is a terminal that shows colours, and nobody asked for none."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def outlet(path: Path | None, overwrite: bool) -> Iterator[Callable[[bytes], None]]:
    """Take the parts of what is written as it stands: to a file, once it is whole, or printed.

    Raises:
        EmojifyError: somebody made the file meanwhile, and it is not to be overwritten.
        EnvironmentFault: it cannot be written.
    """
    if path is None:
        yield _show if sys.stdout is not None and sys.stdout.isatty() else emit_bytes
        return
    import hashlib  # as much as this is needed to know the file again

    from emojify.files import replacing, require_writable

    written = hashlib.sha256()

    def is_whole(beside: Path) -> bool:
        with beside.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest() == written.digest()

    with replacing(path, is_whole) as file:

        def write(data: bytes) -> None:
            written.update(data)
            file.write(data)

        yield write
        require_writable(path, overwrite)  # somebody may have put another file there meanwhile


def _show(data: bytes) -> None:
    """Print text on a terminal, which must not take any of it for a command."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    emit_bytes("\n".join(printable(line.expandtabs()) for line in lines).encode())


def size_of(path: Path) -> str:
    """Return a file's size as people say it: ``4.2 kB``, ``1.9 MB``."""
    size = path.stat().st_size
    return f"{size / 1e3:.1f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"


def describe(examples: Examples) -> str:
    """Say how many sentences were read, and whether there was a header."""
    line = examples.header_line
    said = f"{examples.source}: {len(examples):,} sentences"
    if examples.table and not examples.table.header:  # JSON Lines, which name every value
        return said
    return said + (", no header" if line is None else f", line {line} read as a header")


def tell(text: str) -> None:
    """Say something that is not the answer itself, on standard error."""
    if sys.stderr is not None:  # or print would take standard output for it
        with suppress(OSError):  # a terminal that was closed
            print(printable(text), file=sys.stderr)


def as_json_line(value: Any) -> str:
    """Return a value as one line of JSON, with emoji as they are.

    JSON itself has control characters escaped. So are bidirectional overrides and whatever else
    :func:`emojify.errors.printable` escapes: the data are the same, and a terminal is safe.
    """
    line = json.dumps(value, ensure_ascii=False)
    if line.isprintable():
        return line
    return "".join(c if is_harmless(c) else json.dumps(c)[1:-1] for c in line)


class ReadingBar:
    """A progress bar for a file that is read, once the reading turns out to be long."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._bar: Any = None

    def __call__(self, done: int, size: int) -> None:
        """Show that ``done`` of ``size`` bytes are read."""
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(
                total=size, desc=self._what, unit="B", unit_scale=True, disable=None, delay=0.5
            )
        self._bar.update(done - self._bar.n)
        if done >= size:
            self._bar.close()
