"""``emojify annotate`` through the real command: an emoji behind every sentence, no other byte."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from emojify import cli
from emojify.annotation import LONGEST_LINE, Annotator, Insertion, paragraphs
from emojify.emojifier import Emojifier
from tests.conftest import Result, Run, without_coverage
from tests.models import small_model

ANNOTATE = ("annotate", "-m", "five")
BOM = "\ufeff"
UNTOUCHED = "expected lines of text; it was left as it is"


def annotated(run: Run, text: str | bytes, *options: str) -> str | bytes:
    """Annotate a text by way of standard input; nothing is to be warned of."""
    result = run(*ANNOTATE, *options, stdin=text if isinstance(text, bytes) else text.encode())
    assert (result.code, result.err) == (0, "")
    return result.out


def into_file(run: Run, folder: Path, data: bytes, *options: str) -> tuple[bytes, Result]:
    """Annotate a file into another, whose bytes nobody translates."""
    (folder / "in.txt").write_bytes(data)
    result = run(*ANNOTATE, "in.txt", "-o", "out.txt", *options)
    return (folder / "out.txt").read_bytes(), result


# What is put where


def test_an_emoji_stands_behind_every_sentence(run: Run) -> None:
    assert annotated(run, "We won the game! I love you. I am so hungry\n") == (
        "We won the game! ⚾ I love you. ❤️ I am so hungry 🍴\n"
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("I love you\r\n\r\nI love you", "I love you ❤️\r\n\r\nI love you ❤️"),
        ("I love you.  I love you \t\n", "I love you. ❤️  I love you ❤️ \t\n"),
        ('"I love you!" (I love you.)\n', '"I love you!" ❤️ (I love you.) ❤️\n'),
        ("I love you, see https://a.b/c.d.\n", "I love you, see https://a.b/c.d. ❤️\n"),
        ("I love you! 🍕 I love you 🍕\n", "I love you! 🍕 I love you 🍕\n"),
        ("I love you! :)\n", "I love you! :)\n"),
        (f"{BOM}I love you\n{BOM}I love you", f"{BOM}I love you ❤️\n{BOM}I love you ❤️"),
        (f"{BOM}# I love you\n", f"{BOM}# I love you\n"),
        ("I love\x0byou\x0c\x1c\n", "I love\x0byou ❤️\x0c\x1c\n"),
        ("- I love you\n> I love you\n", "- I love you ❤️\n> I love you ❤️\n"),
        ("# I love you\n```\nI love you\n```\nI love you", None),
        ("love。love。", "love。 ❤️love。 ❤️"),
        ("I love you\rI love you\n", "I love you\rI love you ❤️\n"),
        ("", ""),
        ("\n\n", "\n\n"),
        ("...\n42\n---\n", "...\n42\n---\n"),
    ],
)
def test_all_else_is_kept_byte_for_byte(
    run: Run, tmp_path: Path, given: str, expected: str | None
) -> None:
    expected = f"{given} ❤️" if expected is None else expected
    found, result = into_file(run, tmp_path, given.encode())
    assert found == expected.encode()
    assert (result.code, result.out, result.err) == (0, "", "")


def test_wrapped_sentences_end_with_their_paragraph(run: Run, tmp_path: Path) -> None:
    data = (
        "I love\nyou. I love\nyou\n\nI love you\n- I love\n  you\n- I love you\n"
        "# I love\nI love\ncaf\udce9\nyou\n```\nI love\nyou.\n```\nI love\nyou"
    ).encode(errors="surrogateescape")
    found, result = into_file(run, tmp_path, data, "--wrapped")
    assert found.decode(errors="surrogateescape") == (
        "I love\nyou. ❤️ I love\nyou ❤️\n\nI love you ❤️\n- I love\n  you ❤️\n- I love you ❤️\n"
        "# I love\nI love ❤️\ncaf\udce9\nyou ❤️\n```\nI love\nyou.\n```\nI love\nyou ❤️"
    )
    assert result.err == (
        f"emojify: warning: in.txt:11: found bytes that are not UTF-8; {UNTOUCHED}\n"
    )


def test_a_heading_behind_a_byte_order_mark_is_no_part_of_the_paragraph(
    run: Run, tmp_path: Path
) -> None:
    found, _ = into_file(run, tmp_path, "\ufeff# Dear\nI love\nyou.\n".encode(), "--wrapped")
    assert found.decode() == "\ufeff# Dear\nI love\nyou. ❤️\n"


def test_a_sentence_of_which_the_model_knows_no_word_gets_none(run: Run) -> None:
    assert annotated(run, "Xyzzyx qwrtpx! I love you.\n") == "Xyzzyx qwrtpx! I love you. ❤️\n"


def test_the_emoji_are_those_of_predict(run: Run) -> None:
    texts = ["We won the game!", "Nobody called me back.", "I love you."]
    out = annotated(run, " ".join(texts))
    emoji = [json.loads(run("predict", "-m", "five", "--json", t).out)["emoji"] for t in texts]
    assert out == " ".join(f"{text} {e}" for text, e in zip(texts, emoji, strict=True))


def test_below_the_threshold_there_is_no_emoji(run: Run) -> None:
    text = "I love you. Perhaps the table."
    sure, unsure = (
        json.loads(run("predict", "-m", "five", "--json", part).out)["probability"]
        for part in ("I love you.", "Perhaps the table.")
    )
    assert unsure < sure < 1
    threshold = str((unsure + sure) / 2)
    assert annotated(run, text, "--threshold", threshold) == "I love you. ❤️ Perhaps the table."
    assert annotated(run, text, "--threshold", "1") == text
    assert annotated(run, text, "--threshold", "0").count(" ") == text.count(" ") + 2


@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        ("1.1", "Invalid value for '--threshold': 1.1 is not in the range 0<=x<=1; see "
         "'emojify annotate --help'"),
        ("high", "Invalid value for '--threshold': 'high' is not a valid float range; see "
         "'emojify annotate --help'"),
        ("nan", "found threshold = nan; expected a number from 0 to 1"),
    ],
)  # fmt: skip
def test_a_threshold_is_a_probability(run: Run, threshold: str, message: str) -> None:
    result = run(*ANNOTATE, "--threshold", threshold, stdin=b"I love you\n")
    assert (result.code, result.out, result.err) == (2, "", f"emojify: error: {message}\n")


def test_insertions_are_reported_by_their_place_in_the_line() -> None:
    lines = ["\ufeffÉ love. love\r\n".encode(), b"love \xff\n"]
    first, second = Annotator(Emojifier(small_model())).annotate(lines)
    emoji = first.insertions[0].emoji
    assert [place for place, _ in first.insertions] == [11, 16]
    assert first.result == f"\ufeffÉ love. {emoji} love {first.insertions[1].emoji}\r\n".encode()
    assert first.insertions[0] == Insertion(11, emoji)
    assert (second.insertions, second.result) == ([], lines[1])


# Lines that stay as they are


def test_what_is_no_text_is_kept_and_warned_of(run: Run, tmp_path: Path) -> None:
    data = b"I love you\ncaf\xe9. I love you\nI love\0you\nI love you\n"
    found, result = into_file(run, tmp_path, data)
    heart = " ❤️".encode()
    first, *middle, last = data.splitlines(keepends=True)
    assert found == b"".join([first[:-1], heart, b"\n", *middle, last[:-1], heart, b"\n"])
    assert result.code == 0
    assert result.err == (
        f"emojify: warning: in.txt:2: found bytes that are not UTF-8; {UNTOUCHED}\n"
        f"emojify: warning: in.txt:3: found a zero byte; {UNTOUCHED}\n"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_other_encodings_are_copied(run: Run, tmp_path: Path, encoding: str) -> None:
    data = ("I love you\n" * 20).encode(encoding)
    found, result = into_file(run, tmp_path, data)
    assert found == data
    *lines, last = result.err.splitlines()
    assert (result.code, len(lines)) == (0, 10)
    assert [line.split(":")[3] for line in lines] == [str(number) for number in range(1, 11)]
    count = data.count(b"\n") + (not data.endswith(b"\n"))
    assert last == f"emojify: warning: in.txt: {count} warnings in all; the first ten are shown"


def test_a_line_without_an_end_is_passed_on_in_bounded_memory() -> None:
    long = b"I love you. " * (LONGEST_LINE // 12 + 1)
    annotator = Annotator(Emojifier.load("five"))
    [short] = annotator.annotate([b"I love you. " * 1000 + b"\n"])
    assert len(short.insertions) == 1000
    pieces = [long, b"I love you. ", b"I love you.\n"]
    found = [annotator.annotate([piece])[0] for piece in pieces]
    assert [line.result for line in found] == pieces
    assert [line.doubts for line in found] == [
        [f"found a line of more than 1,048,576 bytes; {UNTOUCHED}"],
        [],
        [],
    ]
    assert annotator.annotate([b"I love you\n"])[0].insertions == [Insertion(10, "❤️")]


def test_a_paragraph_neither_takes_in_a_line_without_an_end_nor_has_none_itself() -> None:
    line, long = b"I love you.\n", b"I love you. " * (LONGEST_LINE // 12 + 1)
    batches = [[line, long], [b"and so on\n", line, line], [line] * 20_000]
    units = [unit for batch in paragraphs(batches) for unit in batch]
    assert units[:3] == [line, long, b"and so on\n"]
    assert b"".join(units) == b"".join(b"".join(batch) for batch in batches)
    assert max(map(len, units[3:])) < 1 << 17
    annotated = Annotator(Emojifier.load("five")).annotate(units)
    counts = [len(unit.insertions) for unit in annotated]
    assert counts[:3] == [1, 0, 0]
    assert sum(counts[3:]) == 20_002


def test_a_long_line_is_too_long_for_a_paragraph_with_others() -> None:
    line, long = b"I love you.\n", b"I love you. " * ((LONGEST_LINE - 1) // 12) + b"\n"
    units = [unit for batch in paragraphs([[line, long, line]]) for unit in batch]
    assert units == [line, long, line]


def test_the_command_needs_no_more_memory_for_more_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_bytes(b"x" * (40 << 20) + b"\nI love you\n")
    out = tmp_path / "out.txt"
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO()))
    tracemalloc.start()
    assert cli.run([*ANNOTATE, str(tmp_path / "in.txt"), "-o", str(out)]) == 0
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 30 << 20
    assert out.read_bytes() == b"x" * (40 << 20) + "\nI love you ❤️\n".encode()


def test_of_a_long_sentence_the_beginning_is_read_and_that_is_said(run: Run) -> None:
    text = "hello\n" + "so hungry " * 1001 + "\n"
    result = run(*ANNOTATE, stdin=text.encode())
    assert result.out.endswith("hungry 🍴 \n")
    assert result.err == (
        "emojify: warning: <stdin>:2: found a sentence of 10,009 characters; only its first "
        "10,000 were read\n"
    )


# Where it comes from and goes to


def test_lines_are_answered_as_they_come(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "emojify", *ANNOTATE]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(b"I love you.\n")
            process.stdin.flush()
            assert process.stdout.readline().decode() == "I love you. ❤️\n"
        process.stdin.write(b"I love you")
        process.stdin.close()
        assert process.stdout.read().decode() == "I love you ❤️"


@pytest.mark.parametrize("arguments", [(), ("-",), ("in.txt",), ("in.txt", "-o", "-")])
def test_from_a_file_or_standard_input_to_standard_output(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "in.txt").write_bytes(b"I love you")
    assert run(*ANNOTATE, *arguments, stdin=b"I love you").out == "I love you ❤️"


def test_a_file_is_not_replaced_without_being_told_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"I love you\n")
    (tmp_path / "out.txt").write_bytes(b"precious")
    refused = run(*ANNOTATE, "in.txt", "-o", "out.txt")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "emojify: error: out.txt: the file exists; nothing was overwritten; use -f to replace it "
        "or -o to name another\n"
    )
    assert (tmp_path / "out.txt").read_bytes() == b"precious"
    assert run(*ANNOTATE, "in.txt", "-o", "out.txt", "-f").code == 0
    assert (tmp_path / "out.txt").read_bytes() == "I love you ❤️\n".encode()


def test_an_input_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"I love you\n")
    (tmp_path / "link.txt").symlink_to("in.txt")
    result = run(*ANNOTATE, "in.txt", "-o", "link.txt", "-f")
    assert (result.code, result.err) == (
        2,
        "emojify: error: link.txt: is an input of this command; nothing was overwritten; use -o "
        "to name another\n",
    )
    assert (tmp_path / "in.txt").read_bytes() == b"I love you\n"


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "emojify", *ANNOTATE, "-o", "out.txt"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        while not list(tmp_path.glob(".out.txt.*")):  # until it writes
            assert process.poll() is None
        (tmp_path / "out.txt").write_bytes(b"precious")
        process.stdin.write(b"I love you\n" * 100)
        process.stdin.close()
        assert b"out.txt: the file exists; nothing was overwritten" in process.stderr.read()
    assert process.returncode == 2
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"out.txt": b"precious"}


def test_without_a_file_nothing_is_written(run: Run, tmp_path: Path) -> None:
    result = run(*ANNOTATE, "nothing.txt", "-o", "out.txt")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "emojify: error: nothing.txt: found no such file; expected a text; check the path "
        f"(looked in {tmp_path / 'nothing.txt'})\n"
    )
    assert list(tmp_path.iterdir()) == []
    folder = run(*ANNOTATE, ".", "-o", "out.txt")
    assert folder.err == "emojify: error: .: found a folder; expected a text; name a file in it\n"


def test_a_closed_input_and_a_full_or_closed_output_are_said(tmp_path: Path) -> None:
    for redirected, code, says in (
        ("<&-", 2, "standard input is closed; expected a text; name a FILE instead"),
        (">/dev/full", 3, "standard output cannot be written: No space left on device"),
        (">&-", 3, "standard output is closed; expected somewhere to write the answer"),
    ):
        command = (
            f"echo love | {{ {sys.executable} -m emojify {' '.join(ANNOTATE)} {redirected}; }}"
        )
        done = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, cwd=tmp_path, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (code, f"emojify: error: {says}\n")


def test_what_is_read_is_not_printed_to(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    for arguments, source in (
        ("annotate x.csv", "x.csv"),
        ("annotate < x.csv", "<stdin>"),
        ("predict < x.csv", "<stdin>"),
        ("predict --table x.csv", "x.csv"),
        ("predict --table - < x.csv", "<stdin>"),
    ):
        file.write_text("text\nI love you\n")
        done = subprocess.run(
            ["/bin/sh", "-c", f"exec {sys.executable} -m emojify {arguments} >> x.csv"],
            capture_output=True, cwd=tmp_path, text=True, check=False, timeout=60,
        )  # fmt: skip
        message = "is standard output as well; expected another file; print to that"
        assert (done.stderr, done.returncode) == (f"emojify: error: {source}: {message}\n", 2)
        assert file.read_text() == "text\nI love you\n"


def test_a_reader_who_has_enough_ends_it_silently(tmp_path: Path) -> None:
    command = (
        f"yes 'I love you.' | {sys.executable} -m emojify {' '.join(ANNOTATE)} | head -1; "
        "echo ${PIPESTATUS[1]}"
    )
    done = subprocess.run(
        ["/bin/bash", "-c", command], capture_output=True, cwd=tmp_path, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("I love you. ❤️\n141\n", "")


def test_a_terminal_takes_nothing_of_it_for_a_command(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"I\tlove you \x1b[31m\r\nhi\rho\xff\n")
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "emojify", *ANNOTATE, "in.txt"],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env=without_coverage(),
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert re.fullmatch(r"I       love you \\x1b\[31m \S+\r\nhi ho\\udcff\r\n", shown)


def test_a_text_is_annotated_without_what_only_training_needs() -> None:
    code = (
        "import sys; from emojify.cli import run; "
        "assert run(['annotate', '-m', 'five']) == 0; print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=without_coverage(),
        input="I love you\n",
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = done.stdout.splitlines()[-1].split()
    assert {"emojify.sentences", "emojify.annotation"} <= set(loaded)
    late = {"csv", "emoji", "msgspec", "tempfile", "tqdm", "yaml", "emojify.training"}
    assert late.isdisjoint(loaded)
