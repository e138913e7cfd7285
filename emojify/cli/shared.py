"""What several commands share."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from emojify.errors import printable

model_option = click.option(
    "-m",
    "--model",
    metavar="FILE|NAME",
    default="five",
    show_default=True,
    envvar="EMOJIFY_MODEL",
    show_envvar=True,
    help="A model file, or a model that comes with emojify.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def tell(text: str) -> None:
    """Say something that is not the answer itself, on standard error."""
    print(printable(text), file=sys.stderr)


def as_json_line(value: Any) -> str:
    """Return a value as one line of JSON, with emoji as they are."""
    return json.dumps(value, ensure_ascii=False)


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
