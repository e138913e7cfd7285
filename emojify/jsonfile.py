"""Tables in JSON Lines: an object in every line, whose names are the columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from emojify.errors import EmojifyError
from emojify.textfile import LONGEST_LINE, Lines, Row

_BLANKS = " \t\r\n"  # which JSON allows between the parts of a value
_OBJECT = 'an object such as {"text": "so hungry"} in every line'


@dataclass(frozen=True)
class JsonFormat:
    """How JSON Lines are read, and how objects are written with further members."""

    newline = "\n"

    def rows(self, lines: Lines, keep: bool) -> Iterator[Row]:
        """Yield the objects as they stand; lines of nothing but blanks are none.

        Numbers become texts, as they are written: none is too large, and none is rounded.

        Raises:
            EmojifyError: it is not text, or not JSON Lines, with the line or the offset.
        """
        for number, whole in enumerate(lines, 1):
            raw = whole.rstrip(_BLANKS)
            # Of a line that is too long, the lines themselves say so; but a list has a remedy.
            is_cut = len(whole) > LONGEST_LINE and not whole.endswith("\n")
            if not raw or (is_cut and not raw.startswith("[")):
                continue
            try:
                cells = json.loads(raw, parse_int=str, parse_float=str, parse_constant=_refuse)
            except json.JSONDecodeError as error:
                problem = f"a line that is not JSON ({error.msg}: column {error.colno})"
            except ValueError as error:
                problem = f"a line that is not JSON ({error})"
            except RecursionError:
                problem = "a line of JSON that is nested too deeply"
            else:
                if isinstance(cells, dict):
                    yield Row(number, raw, whole[len(raw) :], cells)
                    continue
                problem = "a line of JSON that is no object"
            raise EmojifyError(
                f"found {problem}; expected {_OBJECT}; for one large list, use jq -c '.[]'",
                lines.source,
                number,
            )

    def extended(self, row: Row, further: str) -> str:
        """Return an object as it stands, with the members that :meth:`written` wrote at its end."""
        head = row.raw[:-1].rstrip(_BLANKS)
        between = ", " if row.cells else ""
        return f"{head}{between}{further}}}" + (row.end or "\n")

    def written(self, values: Mapping[str, str | float | None]) -> str:
        """Write the members of an object, without its braces."""
        rounded = {k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()}
        return json.dumps(rounded, ensure_ascii=False)[1:-1]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number there")
