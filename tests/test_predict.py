"""``emojify predict`` through the real command: text, JSON, standard input, odd text."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from emojify import cli
from tests.conftest import Run, without_coverage


def test_a_sentence_and_its_emoji(run: Run) -> None:
    result = run("predict", "I love you")
    assert (result.code, result.out, result.err) == (0, "I love you ❤️\n", "")


def test_several_sentences_with_their_likeliest_emoji(run: Run) -> None:
    result = run("predict", "-k", "2", "I love you", "pass the salt please")
    first, second = result.out.splitlines()
    choice = r" \S+ [01]\.\d{3}"
    assert re.fullmatch(f"I love you{choice}{choice}", first)
    assert re.fullmatch(f"pass the salt please{choice}{choice}", second)
    assert (first.split()[3], second.split()[4]) == ("❤️", "🍴")


def test_json_has_the_fields_of_the_contract(run: Run) -> None:
    result = run("predict", "--json", "-k", "3", "I love you, xyzzyx!")
    answer = json.loads(result.out)
    assert list(answer) == ["text", "emoji", "probability", "top", "known_words", "words"]
    assert answer["text"] == "I love you, xyzzyx!"
    assert answer["emoji"] == "❤️"
    assert (answer["known_words"], answer["words"]) == (3, 4)
    assert answer["top"][0] == {
        "emoji": "❤️",
        "name": "red heart",
        "probability": answer["probability"],
    }
    probabilities = [choice["probability"] for choice in answer["top"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert len(probabilities) == 3


def test_json_has_one_choice_without_k_and_all_with_a_large_k(run: Run) -> None:
    one, all_of_them = (
        json.loads(run("predict", "--json", *more, "hi there").out) for more in ((), ("-k", "99"))
    )
    assert len(one["top"]) == 1
    assert len(all_of_them["top"]) == 5
    assert sum(c["probability"] for c in all_of_them["top"]) == pytest.approx(1, abs=1e-5)


def test_below_the_threshold_there_is_no_emoji(run: Run) -> None:
    lines = b"I love you\nthe\n"
    sure, unsure = map(json.loads, run("predict", "--json", stdin=lines).out.splitlines())
    assert unsure["probability"] < 0.9 < sure["probability"]
    options = ("predict", "--threshold", "0.9")
    assert run(*options, stdin=lines).out == "I love you ❤️\nthe\n"
    assert run(*options, "-k", "3", stdin=lines).out.splitlines()[1] == "the"
    answers = [json.loads(line) for line in run(*options, "--json", stdin=lines).out.splitlines()]
    assert answers == [sure, unsure | {"emoji": None}]
    rows = list(csv.reader(io.StringIO(run(*options, "--csv", stdin=lines).out)))
    assert [row[1] for row in rows] == ["emoji", "❤️", ""]


def test_a_threshold_is_a_probability(run: Run) -> None:
    result = run("predict", "--threshold", "60", "I love you")
    assert result.code == 2
    assert "'--threshold': 60.0 is not in the range 0<=x<=1" in result.err


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_every_line_of_stdin_has_one_line_of_output_in_order(run: Run, arguments) -> None:
    lines = [f"message number {i}" for i in range(600)]
    lines[3], lines[400] = "", "  "
    result = run("predict", "--json", *arguments, stdin="\n".join(lines).encode())
    answers = [json.loads(line) for line in result.out.splitlines()]
    assert [answer["text"].strip() for answer in answers] == [line.strip() for line in lines]
    assert [i for i, answer in enumerate(answers) if "error" in answer] == [3, 400]
    assert answers[3] == {"text": "", "error": "found an empty text; expected a sentence"}
    assert result.code == 0


def test_blank_lines_keep_their_place_in_plain_output(run: Run) -> None:
    result = run("predict", stdin=b"I love you\n\nI love you\n")
    assert result.out == "I love you ❤️\n\nI love you ❤️\n"
    assert result.err == "emojify: warning: sentence 2: found an empty text; expected a sentence\n"


def test_no_line_in_no_line_out(run: Run) -> None:
    assert run("predict", stdin=b"") == run("predict", "--json", stdin=b"")
    assert run("predict", stdin=b"").code == 0


def test_lines_end_at_line_feeds_with_or_without_carriage_returns_and_bom(run: Run) -> None:
    result = run("predict", stdin="\ufeffI love you\r\nI love\u2028you".encode())
    assert result.out == "I love you ❤️\nI love you ❤️\n"


def test_a_line_break_in_an_argument_is_part_of_the_sentence(run: Run) -> None:
    result = run("predict", "I love\nyou")
    assert result.out == "I love you ❤️\n"
    assert json.loads(run("predict", "--json", "I love\nyou").out)["text"] == "I love\nyou"


def test_csv_has_a_header_and_a_row_for_every_line_that_no_spreadsheet_runs(run: Run) -> None:
    texts = {
        b'I "love", you': 'I "love", you',
        b"": "",
        b"caf\xe9": "caf\\udce9",
        b"=cmd()": "'=cmd()",
        b"+1": "'+1",
        b"-1": "'-1",
        b"@SUM(1)": "'@SUM(1)",
        b"\t=1": "'\\t=1",
        b"\rhi": "' hi",
        b"  =1": "'  =1",
        "＝1".encode(): "'＝1",
        b"1 = 1 \x1b[31m": "1 = 1 \\x1b[31m",
    }
    result = run("predict", "--csv", stdin=b"\n".join(texts))
    header, *rows = csv.reader(io.StringIO(result.out))
    assert (result.code, header) == (0, ["text", "emoji", "probability"])
    assert [text for text, *_ in rows] == list(texts.values())
    assert [(emoji, probability) for _, emoji, probability in rows[1:3]] == [("", "")] * 2
    assert all(emoji and 0 < float(p) <= 1 for _, emoji, p in rows[:1] + rows[3:])
    assert "emojify: warning: sentence 2: found an empty text" in result.err
    assert run("predict", "--csv", "-j2", stdin=b"\n".join(texts)) == result
    assert run("predict", "--csv", stdin=b"").out == "text,emoji,probability\n"


@pytest.mark.parametrize("other", ["--json", "-k2"])
def test_csv_is_one_form_of_several(run: Run, other: str) -> None:
    result = run("predict", "--csv", other, "hi")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "emojify: error: --csv goes with neither --json nor -k; see 'emojify predict --help'\n"
    )


def test_of_a_long_text_the_beginning_is_read_and_that_is_said(run: Run) -> None:
    texts = ["so hungry " * 1000, "so hungry " * 1001, "é" * 3_000_000]
    stdin = "\n".join(texts).encode()
    plain, as_json = run("predict", stdin=stdin), run("predict", "--json", stdin=stdin)
    assert plain.err == (
        "emojify: warning: sentence 2: only its first 10,000 characters were read\n"
        "emojify: warning: sentence 3: only its first 10,000 characters were read\n"
        "emojify: warning: sentence 3: found no word that the model knows\n"
    )
    whole, cut, endless = map(json.loads, as_json.out.splitlines())
    assert [list(answer)[6:] for answer in (whole, cut, endless)] == [[], *[["truncated"]] * 2]
    assert (whole["words"], cut["words"], cut["truncated"]) == (2000, 2000, True)
    assert (cut["text"], cut["top"]) == (texts[1], whole["top"])
    # Of a line that would not fit into memory the rest is not even kept.
    assert endless["text"] == "é" * (1 << 18)


@pytest.mark.parametrize("text", ["xyzzyx qwrtpx", "🤷🤷", "?!"])
def test_without_a_known_word_the_answer_is_flagged(run: Run, text: str) -> None:
    plain, as_json = run("predict", text), run("predict", "--json", text)
    assert plain.code == as_json.code == 0
    assert plain.out.startswith(text)
    assert plain.err == ("emojify: warning: sentence 1: found no word that the model knows\n")
    assert json.loads(as_json.out)["known_words"] == 0


def test_composed_and_decomposed_letters_have_the_same_answer(run: Run) -> None:
    composed, decomposed = (
        json.loads(run("predict", "--json", text).out)
        for text in ("le caf\u00e9 d\u00e9licieux", "le cafe\u0301 de\u0301licieux")
    )
    del composed["text"], decomposed["text"]
    assert composed == decomposed


def test_bytes_that_are_not_utf8(run: Run) -> None:
    argument = run("predict", b"caf\xe9")
    assert (argument.code, argument.out) == (2, "")
    assert argument.err == (
        "emojify: error: found an argument that is not UTF-8: caf\\udce9; expected text; "
        "check its encoding\n"
    )
    line = run("predict", "--json", stdin=b"caf\xe9\nI love you\n")
    first, second = map(json.loads, line.out.splitlines())
    assert first == {
        "text": "caf\\udce9",
        "error": "found bytes that are not UTF-8; expected text",
    }
    assert second["emoji"] == "❤️"


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "POSIX"}]
)
def test_utf8_out_whatever_the_locale(run: Run, locale: dict[str, str]) -> None:
    result = run("predict", "the café, I love it", **locale)
    assert result.out.startswith("the café, I love it ")
    assert result.code == 0


def test_control_characters_never_reach_a_terminal(run: Run) -> None:
    result = run("predict", "I love you \x1b[31m\x07\u202e")
    assert result.out == "I love you \\x1b[31m\\x07\\u202e ❤️\n"


def test_json_escapes_what_a_terminal_would_obey_and_holds_the_same_text(run: Run) -> None:
    text = "I love you \x1b[31m\x07\x9b\u202e\u2028\U000e0001 👨\u200d👩\u200d👧 ❤️"
    line = run("predict", "--json", text).out
    assert "\\u001b[31m\\u0007\\u009b\\u202e\\u2028\\udb40\\udc01 👨\u200d👩\u200d👧 ❤️" in line
    assert json.loads(line)["text"] == text


def test_a_text_that_starts_with_a_dash(run: Run) -> None:
    assert run("predict", "--", "-I love you-").out == "-I love you- ❤️\n"


def test_a_reader_that_has_enough_is_no_error(tmp_path) -> None:
    command = f"yes 'I love you' | head -2000 | {sys.executable} -m emojify predict | head -1"
    done = subprocess.run(
        ["/bin/bash", "-c", command], capture_output=True, cwd=tmp_path, check=False
    )
    assert (done.stdout.decode(), done.stderr.decode()) == ("I love you ❤️\n", "")


def test_the_environment_names_the_default_model(run: Run) -> None:
    result = run("predict", "hi", EMOJIFY_MODEL="nothing")
    assert result.err == (
        "emojify: error: found 'nothing', which is neither a file nor a name; "
        "expected a file or one of: caption, chat, five\n"
    )
    assert run("predict", "-m", "five", "I love you", EMOJIFY_MODEL="nothing").code == 0


def test_help_and_version_import_no_numpy(tmp_path) -> None:
    code = (
        "import sys; from emojify.cli import run; code = run(sys.argv[1:]); "
        "assert 'numpy' not in sys.modules; sys.exit(code)"
    )
    for arguments in (["--help"], *([name, "-h"] for name in cli.COMMANDS), ["--version"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith((b"Usage: emojify", b"emojify "))


@pytest.mark.parametrize("command", ["", *cli.COMMANDS, "vectors info", "vectors convert"])
def test_every_help_has_examples_on_lines_of_their_own(run: Run, command: str) -> None:
    shown = run(*command.split(), "--help").out
    assert "\\b" not in shown
    examples = [line for line in shown.splitlines() if line.startswith("  emojify ")]
    assert len(examples) >= 2
    assert all(f"emojify {command}".strip() in example for example in examples)


@pytest.mark.parametrize("command", [(), ("vectors",)])
def test_without_a_command_the_help_is_shown(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command)
    assert (result.code, result.out) == (2, "")
    assert result.err == run(*command, "--help").out


@pytest.mark.parametrize("arguments", ["predict hi", "eval five-test", "info", "--help"])
def test_an_output_that_is_full_or_closed_is_said(tmp_path, arguments: str) -> None:
    for target, says in ((">/dev/full", "cannot be written: No space"), (">&-", "is closed")):
        command = f"{sys.executable} -m emojify {arguments} {target}"
        done = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, cwd=tmp_path, check=False
        )
        if arguments == "--help" and target == ">&-":
            continue  # nobody asked for an answer
        assert done.returncode == 3, done.stderr
        assert says in done.stderr.decode().splitlines()[-1]


def test_lines_are_answered_as_they_come(tmp_path) -> None:
    command = [sys.executable, "-m", "emojify", "predict"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(b"I love you\n")
            process.stdin.flush()
            assert process.stdout.readline().decode() == "I love you ❤️\n"
        process.stdin.close()


def test_a_bug_of_ours_keeps_its_traceback(tmp_path) -> None:
    code = (
        "import sys, emojify.resources as r; r.locate = None; "
        "from emojify.cli import run; sys.exit(run(['info']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 70
    assert done.stderr.startswith(b"Traceback")


def test_a_folder_with_the_name_of_a_shipped_model_does_not_hide_it(run: Run, tmp_path) -> None:
    (tmp_path / "five").mkdir()
    assert run("predict", "I love you").out == "I love you ❤️\n"


@pytest.mark.parametrize("arguments", [(), ("--json",), ("-k", "2")])
def test_several_processes_answer_as_one_does(run: Run, arguments) -> None:
    words = "I love you so much :) pizza ball sad xyzzy".split()
    lines = [" ".join(words[i % n : i % 9 + 1]) for n in (5, 7, 8) for i in range(4000)]
    stdin = "\n".join(lines).encode() + b"\ncaf\xe9"
    one = run("predict", *arguments, stdin=stdin)
    assert run("predict", "-j", "2", *arguments, stdin=stdin) == one
    assert one.code == 0
    assert one.out.count("\n") == len(lines) + 1


def test_several_processes_end_with_who_reads_their_answers(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("I love you\n" * 50_000)
    command = f"{sys.executable} -m emojify predict -j 2 < lines.txt | head -1; echo $PIPESTATUS"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("I love you ❤️\n141\n", "")


def test_a_prediction_imports_what_it_needs_and_nothing_else() -> None:
    code = (
        "import sys; from emojify.cli import run; assert run(['predict', 'I love you']) == 0; "
        "print(*sorted(sys.modules))"
    )
    command, environment = [sys.executable, "-c", code], without_coverage()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    loaded = done.stdout.split("\n")[1].split()
    ours = [name for name in loaded if name.split(".")[0] == "emojify"]
    assert ours == [
        "emojify", "emojify.asking", "emojify.cli", "emojify.cli.answers", "emojify.cli.lines",
        "emojify.cli.predict", "emojify.cli.shared", "emojify.contents", "emojify.emojifier",
        "emojify.errors", "emojify.files", "emojify.header", "emojify.labels", "emojify.locks",
        "emojify.networks", "emojify.nn", "emojify.nn.arrays", "emojify.nn.batch",
        "emojify.nn.cells", "emojify.nn.cells.base", "emojify.nn.cells.gru",
        "emojify.nn.cells.lstm", "emojify.nn.cells.rnn", "emojify.nn.embedding",
        "emojify.nn.encoder", "emojify.nn.gates", "emojify.nn.model", "emojify.nn.network",
        "emojify.nn.params", "emojify.nn.recurrent", "emojify.nn.softmax",
        "emojify.nn.workspace", "emojify.resources", "emojify.sealed", "emojify.store",
        "emojify.text", "emojify.vectors", "emojify.vocab",
    ]  # fmt: skip
    late = {
        "csv",
        "emoji",
        "msgspec",
        "multiprocessing",
        "platformdirs",
        "safetensors",
        "tempfile",
        "tqdm",
        "yaml",
    }
    assert late.isdisjoint(loaded)


class OneByOne(io.RawIOBase):
    """A pipe whose writer is in no hurry."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        byte, self._rest = self._rest[:1], self._rest[1:]
        buffer[: len(byte)] = byte
        return len(byte)


@pytest.mark.parametrize("text", ["\ufeffI love you\n\ufeff\n", "\ufeffI love you"])
def test_a_mark_at_the_beginning_is_known_however_it_comes(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    stream = io.TextIOWrapper(io.BufferedReader(OneByOne(text.encode())))
    monkeypatch.setattr(sys, "stdin", stream)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO()))
    assert cli.run(["predict"]) == 0
    answered = sys.stdout.buffer.getvalue().decode()
    assert answered.startswith("I love you ❤️\n")
    assert answered.count("\n") == len(text.splitlines())
