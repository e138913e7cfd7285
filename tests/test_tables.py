"""Tables through the real command: what goes in comes out, with an answer behind every row."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify.csvfile import CsvFormat
from emojify.jsonfile import JsonFormat
from emojify.tables import Table
from tests.conftest import Run, without_coverage

FIVE = ("-m", "five")
EMPTY = "found an empty text; expected a sentence"


@pytest.fixture
def predict(run: Run, tmp_path: Path):
    """Answer a table of this content, which has this name."""

    def predict_table(name: str, content: str | bytes, *more: str):
        content = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(content)
        return run("predict", *FIVE, "--table", name, *more)

    return predict_table


def test_rows_of_csv_stay_as_they_are_and_get_two_cells(predict) -> None:
    result = predict(
        "x.csv",
        '\ufeffid,"Message",n\r\n1,"I love ""you"",\r\nso much",1.0\r\n007, so hungry ,=cmd()\r\n',
    )
    head, first, more, second, end = result.out.split("\r\n")
    assert (head, first) == ('\ufeffid,"Message",n,emoji,probability', '1,"I love ""you"",')
    assert more.startswith('so much",1.0,❤️,0.')
    assert second.startswith("007, so hungry ,=cmd(),🍴,0.")
    assert (end, result.err, result.code) == ("", "", 0)


def test_objects_of_json_lines_stay_as_they_are_and_get_two_members(predict) -> None:
    lines = [
        '{"n": [1.0, 1e400, 12345678901234567890], "text": "I love you", "a":null}',
        '  {"text":"so hungry","text":"so h\\u0075ngry" }',
    ]
    result = predict("x.jsonl", "\n".join(lines))
    assert result.err == ""
    for line, written, emoji in zip(lines, result.out.splitlines(), ("❤️", "🍴"), strict=True):
        kept, added = written.split(', "emoji": ')
        assert kept == line[:-1].rstrip()
        assert added.startswith(f'"{emoji}", "probability": 0.')
        assert 0 < json.loads(written)["probability"] < 1


def test_a_number_is_the_probability_that_predict_tells(run: Run, predict) -> None:
    told = json.loads(run("predict", *FIVE, "--json", "so hungry").out)["probability"]
    as_json = json.loads(predict("x.jsonl", '{"text": "so hungry"}').out)
    [row] = csv.DictReader(io.StringIO(predict("x.csv", "text\nso hungry\n").out))
    assert (as_json["probability"], float(row["probability"])) == (told, told)


def test_rows_without_a_text_have_no_emoji_and_a_warning_with_their_line(predict) -> None:
    result = predict("x.csv", 'id,text\n1,"a\nlove"\n2,\n\n,\n3,  \n')
    assert result.out.splitlines()[3:] == ["2,,,", ",,,", "3,  ,,"]
    assert result.err == "".join(f"emojify: warning: x.csv:{n}: {EMPTY}\n" for n in (4, 6, 7))
    assert result.code == 0
    missing = predict("x.ndjson", '{"text": null}\n \n{}\n{"text": ""}\n{"text": "so hungry"}\n')
    nothing = '"emoji": null, "probability": null}'
    first, second, third, fourth = missing.out.splitlines()
    assert first == f'{{"text": null, {nothing}'
    assert (second, third) == (f"{{{nothing}", f'{{"text": "", {nothing}')
    assert '"emoji": "🍴"' in fourth
    assert missing.err == "".join(f"emojify: warning: x.ndjson:{n}: {EMPTY}\n" for n in (1, 3, 4))


def test_in_a_table_of_one_column_an_empty_line_is_a_row(predict) -> None:
    result = predict("x.csv", 'text\nso hungry\n\n""\nso hungry')
    assert [line.split(",")[0] for line in result.out.splitlines()] == [
        "text", "so hungry", "", '""', "so hungry",
    ]  # fmt: skip
    assert result.out.splitlines()[2:4] == [",,", '"",,']


def test_below_the_threshold_there_is_a_probability_and_no_emoji(predict) -> None:
    _, row = predict("x.csv", "text\nso hungry\n", "--threshold", "1").out.splitlines()
    assert row.startswith("so hungry,,0.")
    answer = json.loads(predict("x.jsonl", '{"text": "so hungry"}', "--threshold", "1").out)
    assert answer["emoji"] is None
    assert 0 < answer["probability"] < 1


def test_half_of_a_character_is_no_text(predict) -> None:
    result = predict("x.jsonl", '{"text": "\\ud83d"}\n')
    assert result.out == '{"text": "\\ud83d", "emoji": null, "probability": null}\n'
    assert result.err == ("emojify: warning: x.jsonl:1: found half of a character; expected text\n")


def test_of_rows_without_a_known_word_it_is_said(predict) -> None:
    result = predict("x.csv", "text\nxyzzyx qwrtpx\n")
    assert result.out.count("\n") == 2
    assert result.err == "emojify: warning: x.csv:2: found no word that the model knows\n"


@pytest.mark.parametrize("delimiter", [";", "|", "tab"])
def test_other_delimiters(predict, delimiter: str) -> None:
    mark = {"tab": "\t"}.get(delimiter, delimiter)
    result = predict("x.csv", f"id{mark}text\n1{mark}so, hungry\n", "--delimiter", delimiter)
    assert result.out.startswith(mark.join(["id", "text", "emoji", "probability\n1"]))
    assert f"{mark}so, hungry{mark}🍴{mark}0." in result.out


@pytest.mark.parametrize(
    ("columns", "option", "found"),
    [
        ("text,message", (), 0),
        ("id,Tweet", (), 1),
        ("id, phrase ,text", (), 1),
        ("text,message", ("--text-column", "message"), 1),
        ("Body,body", ("--text-column", "body"), 1),
        ("id,Body", ("--text-column", " body"), 1),
        ("a,a", ("--text-column", "a"), 0),
    ],
)
def test_the_column_of_sentences_is_found(predict, columns: str, option, found: int) -> None:
    cells = ["we won the game"] * len(columns.split(","))
    cells[found] = "so hungry"
    result = predict("x.csv", f"{columns}\n{','.join(cells)}\n", *option)
    assert ",🍴," in result.out


@pytest.mark.parametrize(
    ("name", "content", "more", "message"),
    [
        ("x.csv", "id,mesage\n", ("--text-column", "message"),
         "1: found no column 'message'; expected one of id, mesage; did you mean 'mesage'?"),
        ("x.csv", "id,when\n", ("--text-column", "body"),
         "1: found no column 'body'; expected one of id, when"),
        ("x.jsonl", '{"a": 1}\n{"b": 2}\n', ("--text-column", "text"),
         " found no column 'text'; expected one of a, b"),
        ("x.csv", "\nid,body\n", (), "2: found the columns id, body; expected one of text, "
         "sentence, tweet, message, phrase; name yours with --text-column"),
        ("x.csv", "id;text\n1;hi\n", (), "1: found the columns id;text; expected one of text, "
         "sentence, tweet, message, phrase; name yours with --text-column; it looks "
         "semicolon-separated, use --delimiter ';'"),
        ("x.csv", "id\tbody\n", ("--text-column", "body"), "1: found no column 'body'; expected "
         "one of id\\tbody; it looks tab-separated, use --delimiter tab"),
        ("x.csv", '{"text": "hi"}\n', (), '1: found the columns {"text": "hi"}; expected one of '
         "text, sentence, tweet, message, phrase; name yours with --text-column; it looks like "
         "JSON Lines, use --format jsonl"),
        ("x.csv", '{"id": 1,"text": "hi"}\n', (), "1: found a row that is not CSV (',' expected "
         "after '\"'); expected a row like the header; double a quote that belongs to the text; "
         "if this is JSON Lines, use --format jsonl"),
        ("x.csv", "text,emoji\nhi,❤️\n", (), "1: found a column 'emoji'; expected none, because one "
         "is added; rename it, or use emojify eval to compare answers with it"),
        ("x.csv", "text,id,probability\n", (), "1: found a column 'probability'; expected none, "
         "because one is added; rename it, or use emojify eval to compare answers with it"),
        ("x.csv", "", (), " found no rows; expected a CSV file with a column of sentences"),
        ("x.jsonl", "\n \n", (),
         " found no rows; expected a JSON Lines file with a column of sentences"),
        ("x.csv", b"caf\xe9,text\n", (), "1: found a byte that is not UTF-8 at offset 3; expected "
         "a CSV file with a column of sentences; convert the file, for example with iconv -f "
         "WINDOWS-1252 -t UTF-8"),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_wrong_before_the_first_answer_is_said_in_one_line(
    predict, name: str, content: str | bytes, more: tuple[str, ...], message: str
) -> None:
    result = predict(name, content, *more)
    assert (result.code, result.out, result.err) == (2, "", f"emojify: error: {name}:{message}\n")


ROW = '{"text": "so hungry"}\n'
OBJECT = (
    """expected an object such as {"text": "so hungry"} in every line; for one large list, """
    "use jq -c '.[]'"
)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", "id,text\n1,hi\n2\n", "3: found 1 column; expected 2 as in line 1"),
        ("x.csv", "id,text\n1,hi\n2,a,b\n", "3: found 3 columns; expected 2 as in line 1"),
        ("x.csv", 'text,id\n"a\nb",2\nhi,"3\n', "4: found a quote that is never closed; expected "
         "it to be closed in the same row; double a quote that belongs to the text"),
        ("x.csv", b"text\nhi\ncaf\xe9\n", "3: found a byte that is not UTF-8 at offset 11; "
         "expected a CSV file with a column of sentences; convert the file, for example with "
         "iconv -f WINDOWS-1252 -t UTF-8"),
        ("x.jsonl", ROW + "{'a': 1}", "2: found a line that is not JSON (Expecting property name "
         f"enclosed in double quotes: column 2); {OBJECT}"),
        ("x.jsonl", ROW + '{"text": NaN}', f"2: found a line that is not JSON (NaN is no number "
         f"there); {OBJECT}"),
        ("x.jsonl", ROW + "[" * 100_000,
         f"2: found a line of JSON that is nested too deeply; {OBJECT}"),
        ("x.jsonl", ROW + f'{{"text": "{"x" * (1 << 20)}"}}',
         " found a line of more than 1,048,576 characters; expected a JSON Lines file with a "
         "column of sentences; this is another kind of file"),
        ("x.jsonl", "[" + ROW.strip() * 60_000,
         f"1: found a line that is not JSON (Expecting ',' delimiter: column {len(ROW) + 1}); "
         f"{OBJECT}"),
        ("x.jsonl", ROW + '["text"]', f"2: found a line of JSON that is no object; {OBJECT}"),
        ("x.jsonl", "[\n" + ROW,
         f"1: found a line that is not JSON (Expecting value: column 2); {OBJECT}"),
        ("x.jsonl", ROW + '{"text": {"a": true}}',
         "2: found {'a': True} in the column 'text'; expected a text"),
        ("x.jsonl", ROW + '{"emoji": 1}', "2: found a column 'emoji'; expected none, because one "
         "is added; rename it, or use emojify eval to compare answers with it"),
        ("x.jsonl", ROW.encode() + b'{"text": "caf\xe9"}', "2: found a byte that is not UTF-8 at "
         "offset 35; expected a JSON Lines file with a column of sentences; convert the file, for "
         "example with iconv -f WINDOWS-1252 -t UTF-8"),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_said_and_no_file_is_left(
    predict, tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    result = predict(name, content, "-o", "out")
    assert (result.code, result.out, result.err) == (2, "", f"emojify: error: {name}:{message}\n")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_is_written_only_where_none_is_or_with_force(predict, tmp_path: Path) -> None:
    made = predict("x.csv", "text\nso hungry\n", "-o", "out.csv")
    assert (made.code, made.out, made.err) == (0, "", "")
    printed = predict("x.csv", "text\nso hungry\n")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == printed.out
    refused = predict("x.csv", "text\nI love you\n", "-o", "out.csv")
    assert (refused.code, refused.err) == (
        2,
        "emojify: error: out.csv: the file exists; nothing was overwritten; use -f to replace it "
        "or -o to name another\n",
    )
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == printed.out
    predict("x.csv", "text\nI love you\n", "-o", "out.csv", "-f")
    assert "I love you,❤️" in (tmp_path / "out.csv").read_text(encoding="utf-8")
    into_itself = predict("x.csv", "text\nI love you\n", "-o", "x.csv", "-f")
    assert into_itself.err == (
        "emojify: error: x.csv: is an input of this command; nothing was overwritten; use -o to "
        "name another\n"
    )


def test_a_dash_is_standard_output(run: Run, predict, tmp_path: Path) -> None:
    printed = predict("x.csv", "text\nso hungry\n", "-o", "-")
    assert printed.out.startswith("text,emoji,probability\nso hungry,🍴,0.")
    assert not (tmp_path / "-").exists()
    assert run("eval", "x.csv", "-o", "-").err == (
        "emojify: error: -o - is no file; the scores are printed; see 'emojify eval --help'\n"
    )


def test_standard_input_is_csv_or_what_format_says(run: Run) -> None:
    as_csv = run("predict", *FIVE, "--table", "-", stdin=b"text\nso hungry\n")
    assert as_csv.out.startswith("text,emoji,probability\nso hungry,🍴,0.")
    as_json = run("predict", *FIVE, "--table", "-", "--format", "jsonl", stdin=ROW.encode())
    assert as_json.out.startswith('{"text": "so hungry", "emoji": "🍴", "probability": 0.')
    wrong = run("predict", *FIVE, "--table", "-", stdin=b"text\na,b\n")
    assert wrong.err == "emojify: error: <stdin>:2: found 2 columns; expected 1 as in line 1\n"


ALONE = "--table goes with neither a TEXT nor -k, --json, --csv, --explain or --steps"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--text-column", "a", "hi"), "--text-column goes with --table FILE"),
        (("-o", "a", "hi"), "--output goes with --table FILE"),
        (("--format", "csv"), "--format goes with --table FILE"),
        (("-f",), "--force goes with --table FILE"),
        (("--table", "x.csv", "hi"), ALONE),
        (("--table", "x.csv", "-k2"), ALONE),
        (("--table", "x.csv", "--json"), ALONE),
        (("--table", "x.csv", "--steps"), ALONE),
    ],
)
def test_options_that_do_not_go_together_are_refused(run: Run, arguments, problem: str) -> None:
    result = run("predict", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"emojify: error: {problem}; see 'emojify predict --help'\n"


def test_a_delimiter_is_for_csv(predict) -> None:
    result = predict("x.jsonl", ROW, "--delimiter", ";")
    assert result.err == (
        "emojify: error: found the delimiter ';' for JSON Lines; expected it with CSV; remove it\n"
    )


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl"])
def test_several_processes_write_the_same_table(predict, name: str) -> None:
    words = "I love you so much pizza ball sad happy dog".split()
    texts = [" ".join(words[i % n : i % 9 + 1]) for n in (5, 7, 8) for i in range(3000)]
    rows = [f"{i},{text}" if name == "x.csv" else json.dumps({"text": text, "id": i})
            for i, text in enumerate(texts)]  # fmt: skip
    content = "\n".join((["id,text"] if name == "x.csv" else []) + rows)
    alone = predict(name, content)
    assert predict(name, content, "-j", "2") == alone
    assert alone.out.count("\n") == content.count("\n") + 1
    assert alone.err.count(EMPTY) == texts.count("") > 100


def test_memory_does_not_grow_with_the_rows() -> None:
    class Endless(io.RawIOBase):
        """A table of so many rows that is nowhere."""

        def __init__(self, rows: int) -> None:
            self._rows = rows

        def read(self, size: int = -1) -> bytes:
            count = min(self._rows, 1000)
            self._rows -= count
            return b'{"text": "so hungry", "more": [1.0, {"a": "b"}]}\n' * count

    def peak(rows: int) -> int:
        table = Table("x", Endless(rows), "a table", JsonFormat())  # type: ignore[arg-type]
        tracemalloc.start()
        assert sum(1 for _ in table) == rows
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(40_000) < 1.2 * peak(8_000)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    mark=st.sampled_from([",", ";", "|"]),
    style=st.sampled_from(
        [("\r\n", csv.QUOTE_MINIMAL), *((end, csv.QUOTE_ALL) for end in ("\n", "\r\n", "\r"))]
    ),
)
def test_whatever_is_in_cells_they_come_out_as_they_went_in(rows, mark, style) -> None:
    written, (end, quoting) = io.StringIO(newline=""), style
    writer = csv.writer(written, delimiter=mark, lineterminator=end, quoting=quoting)
    writer.writerows([("text", "id"), *rows])
    form = CsvFormat(mark)
    table = Table("x", io.BytesIO(written.getvalue().encode()), "a table", form)
    kept = list(table)
    extended = table.head(["new"]) + "".join(form.extended(row, "0") for row in kept)
    read = csv.reader(io.StringIO(extended, newline=""), delimiter=mark, strict=True)
    assert list(read) == [["text", "id", "new"], *([*row, "0"] for row in rows)]
    assert table.header is not None
    whole = "".join(row.raw + row.end for row in [table.header, *kept])
    assert whole == written.getvalue()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(
    rows=st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), min_size=1, max_size=4),
    is_ascii=st.booleans(),
    indent=st.sampled_from(["", " ", "\t"]),
)
def test_whatever_is_in_objects_they_come_out_as_they_went_in(rows, is_ascii, indent) -> None:
    rows = [{"a": 1, **row} for row in rows]
    text = "\n".join(indent + json.dumps(row, ensure_ascii=is_ascii) + indent for row in rows)
    try:
        content = text.encode()
    except UnicodeEncodeError:  # half of a character, which no file can hold
        return
    form = JsonFormat()
    table = Table("x", io.BytesIO(content), "a table", form)
    lines = [form.extended(row, form.written({"new": 0.5})) for row in table]
    for line, before, row in zip(lines, text.split("\n"), rows, strict=True):
        assert line.startswith(before.rstrip()[:-1])
        assert json.loads(line) == {**row, "new": 0.5}


def test_a_terminal_is_shown_nothing_that_it_would_obey(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"text\r\nso hungry \x1b[31m\r\n")
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "emojify", "predict", *FIVE, "--table", "x.csv"]
    subprocess.run(command, stdout=follower, cwd=tmp_path, env=without_coverage(), check=True)
    os.close(follower)
    shown = os.read(leader, 1000).decode()
    os.close(leader)
    assert "so hungry \\x1b[31m" in shown
    assert "\x1b" not in shown


def test_eval_writes_the_answer_beside_the_right_one(run: Run, tmp_path: Path) -> None:
    rows = 'id,emoji,text\n1,❤,"I love\nyou"\n2,🍴,so hungry\n3,:baseball:,so hungry\n'
    (tmp_path / "x.csv").write_text(rows, encoding="utf-8")
    result = run("eval", "x.csv", *FIVE, "-o", "out.csv")
    assert result.out.startswith("accuracy 66.7%")
    written = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert written.startswith('id,emoji,text,answer,probability\n1,❤,"I love\nyou",❤️,0.')
    assert "\n3,:baseball:,so hungry,🍴,0." in written
    assert "the file exists" in run("eval", "x.csv", *FIVE, "-o", "out.csv").err
    again = run("eval", "out.csv", *FIVE, "-o", "again.csv")
    assert again.err.endswith(
        ":1: found a column 'answer'; expected none, because one is added; rename it\n"
    )
    assert not (tmp_path / "again.csv").exists()


def test_eval_writes_no_header_where_there_is_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("so hungry,🍴\nI love you,🍴", encoding="utf-8")
    run("eval", "x.csv", *FIVE, "-o", "out.csv")
    first, second = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert first.startswith("so hungry,🍴,🍴,0.")
    assert second.startswith("I love you,🍴,❤️,0.")


def test_eval_writes_behind_rows_that_have_the_same_columns(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("so hungry,🍴\nI love you,❤,more\n", encoding="utf-8")
    result = run("eval", "x.csv", *FIVE, "-o", "out.csv")
    assert result.err.endswith("error: x.csv:2: found 3 columns; expected 2 as in line 1\n")
    assert not (tmp_path / "out.csv").exists()


def test_eval_reads_json_lines_of_any_column_names(run: Run, tmp_path: Path) -> None:
    rows = [
        {"body": "so hungry", "mood": 4, "also": ["🍕"]},
        {"mood": ":heart:", "body": "so hungry", "also": "🍕 🍴"},
        {"mood": "❤", "body": "I love you"},
    ]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (tmp_path / "x.jsonl").write_text(text, encoding="utf-8")
    columns = ("--text-column", "body", "--label-column", "mood")
    result = run("eval", "x.jsonl", *FIVE, *columns, "--json", "-o", "out.jsonl")
    assert "x.jsonl: 3 sentences\n" in result.err
    evaluation = json.loads(result.out)
    assert (evaluation["accuracy"], evaluation["acceptable"]) == (2 / 3, 1)
    written = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["answer"] for line in written] == ["🍴", "🍴", "❤️"]
    missing = run("eval", "x.jsonl", *FIVE, "--text-column", "body")
    assert missing.err == (
        "emojify: error: x.jsonl: found the columns body, mood, also; expected one of emoji, "
        "label, emojis, class; name yours with --label-column\n"
    )


def test_wrong_rows_of_json_lines_are_said_as_those_of_csv_are(run: Run, tmp_path: Path) -> None:
    rows = ['{"text": "hi", "emoji": 9}', '{"text": "", "emoji": 1}', '{"text": "hi"}']
    (tmp_path / "x.jsonl").write_text("\n".join(rows))
    first, second, third, total = run("eval", "x.jsonl", *FIVE).err.splitlines()
    allowed = (
        "expected one emoji, its name such as :pizza:, or a number (0 ❤️, 1 ⚾, 2 😄, 3 😞, 4 🍴)"
    )
    assert first == f"emojify: error: x.jsonl:1: found the number 9; {allowed}"
    assert second == (
        "emojify: error: x.jsonl:2: found an empty sentence; expected text and its emoji"
    )
    assert third == f"emojify: error: x.jsonl:3: found an empty label; {allowed}"
    assert total == "emojify: error: 3 rows are wrong in all; nothing was read"


def test_train_learns_from_json_lines(run: Run, tmp_path: Path) -> None:
    texts = {"❤️": ["i love you", "my love"], "🍴": ["so hungry", "i eat pizza"]}
    rows = [{"text": text, "emoji": emoji} for emoji in texts for text in texts[emoji]]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    result = run("train", "--data", "x.jsonl", "--set", "model.hidden=4", "--epochs", "1")
    assert result.code == 0, result.err
    assert "labels ❤️ 🍴" in result.err
