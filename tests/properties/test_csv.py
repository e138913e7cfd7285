"""Laws of CSV files."""

import csv
import io
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify import textfile
from emojify.csvfile import DELIMITERS
from emojify.data import Examples, read_examples, spool_examples
from emojify.errors import EmojifyError

FIVE = ("❤️", "⚾", "😄", "😞", "🍴")
SENTENCES = st.text("abc\"',;|\t 😀é", max_size=12).map("{}x".format)
ROWS = st.lists(st.tuples(SENTENCES.map(str.strip), st.sampled_from(FIVE)), min_size=1, max_size=8)
PIECES = st.sampled_from(
    [*'abé😀\u2028\x85\ufeff\r\n",;|\t', " ", "\r\n", "text,emoji\n", ",❤️\n", ",4\n"]
)


# Of what Hypothesis thinks of, the same sentence may stand there with two emoji.
pytestmark = pytest.mark.filterwarnings("ignore:.*sentences have more than one emoji")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv") / "x.csv"


def written(rows: list[tuple[str, ...]], delimiter: str = ",", end: str = "\n") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue()


def outcome(path: Path, content: bytes, read=read_examples, **options: str) -> object:
    """Return the rows and the header's line, or the complaint."""
    path.write_bytes(content)
    try:
        examples: Examples = read(path, FIVE, **options)
    except EmojifyError as error:
        return error.lines
    return [*zip(examples.texts, examples.emoji, strict=True)], examples.header_line


@given(rows=ROWS)
def test_a_mark_line_ends_and_blanks_change_nothing(
    path: Path, rows: list[tuple[str, str]]
) -> None:
    plain = outcome(path, written(rows).encode())
    assert plain == (rows, None)
    padded = [(f" {text}\t", f" {emoji} ") for text, emoji in rows]
    for same in (
        "\ufeff" + written(rows),
        written(rows, end="\r\n"),
        written(rows).removesuffix("\n"),
        written(rows) + "\n\n , \n",
        written(padded),
    ):
        assert outcome(path, same.encode()) == plain


@pytest.mark.parametrize("delimiter", DELIMITERS)
@given(rows=ROWS)
def test_every_delimiter_is_read_as_it_was_written(
    path: Path, delimiter: str, rows: list[tuple[str, str]]
) -> None:
    content = written([("text", "emoji"), *rows], DELIMITERS[delimiter]).encode()
    assert outcome(path, content, delimiter=delimiter) == (rows, 1)


@given(rows=ROWS, columns=st.permutations(["text", "emoji", "id", "when"]))
def test_a_header_names_its_columns_in_any_order(
    path: Path, rows: list[tuple[str, str]], columns: list[str]
) -> None:
    cells = [{"text": text, "emoji": emoji, "id": "7", "when": ""} for text, emoji in rows]
    table = [tuple(columns), *(tuple(row[column] for column in columns) for row in cells)]
    assert outcome(path, written(table).encode()) == (rows, 1)


@given(pieces=st.lists(PIECES, max_size=20), block=st.integers(1, 9))
@pytest.mark.filterwarnings("ignore::emojify.errors.EmojifyWarning")
def test_however_a_file_is_cut_into_blocks_and_kept_it_is_the_same(
    path: Path, pieces: list[str], block: int
) -> None:
    content = "".join(["good,0\n", *pieces]).encode()
    whole = outcome(path, content)
    with mock.patch.object(textfile, "_BLOCK", block):
        assert outcome(path, content) == whole
        assert outcome(path, content, spool_examples) == whole


@given(wrong=st.lists(st.booleans(), min_size=1, max_size=30).filter(any))
def test_every_wrong_row_counts_and_the_first_ten_are_named(path: Path, wrong: list[bool]) -> None:
    lines = outcome(path, "".join("bad,x\n" if w else "good,0\n" for w in wrong).encode())
    numbers = [number for number, is_wrong in enumerate(wrong, 1) if is_wrong]
    assert isinstance(lines, list)
    named = lines[:-1] if len(numbers) > 1 else lines
    assert [int(line.removeprefix(f"{path}:").split(":")[0]) for line in named] == numbers[:10]
    if len(numbers) > 1:
        assert lines[-1] == f"{len(numbers)} rows are wrong in all; nothing was read"
