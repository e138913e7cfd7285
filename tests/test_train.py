"""``emojify train``, ``eval``, ``info`` and ``vectors`` through the real command."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emojify import cli
from emojify.nn.cells import CELLS
from emojify.training import Epoch, Step, Training
from tests.conftest import WORDS, Run

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
SMALL = ("--set", "model.hidden=8", "--epochs", "2")


@pytest.mark.parametrize("cell", CELLS)
def test_train_then_predict_eval_and_info(run: Run, sentences_csv: Path, cell: str) -> None:
    small = ("--data", str(sentences_csv), *SMALL)
    trained = run("train", "--cell", cell, *small)
    assert (trained.code, trained.out) == (0, "")
    path = f"emojify-{cell}.safetensors"
    assert f'emojify predict -m {path} "I love you"' in trained.err
    assert "to learn: " in trained.err
    assert ": 15 sentences, line 1 read as a header" in trained.err
    predicted = run("predict", "-m", path, "--json", "i love you")
    assert json.loads(predicted.out)["emoji"] in {"❤️", "⚾", "🍴"}
    evaluated = json.loads(run("eval", str(sentences_csv), "-m", path, "--json").out)
    assert evaluated["examples"] == 15
    assert evaluated["labels"] == ["❤️", "⚾", "🍴"]
    info = run("info", path)
    assert f"network  {cell}, 8 hidden units" in info.out


def test_eval_json_has_the_fields_of_the_contract(run: Run) -> None:
    evaluation = json.loads(run("eval", "five-test", "--json").out)
    assert list(evaluation) == [
        "examples", "accuracy", "macro_f1", "loss", "top_3", "acceptable", "acceptable_top_3",
        "calibration_error", "coverage", "per_emoji", "confusion", "labels",
    ]  # fmt: skip
    first = evaluation["per_emoji"][0]
    assert list(first) == ["emoji", "precision", "recall", "f1", "support"]
    assert sum(map(sum, evaluation["confusion"])) == evaluation["examples"]
    right = sum(evaluation["confusion"][i][i] for i in range(5))
    assert evaluation["accuracy"] == right / evaluation["examples"]
    assert evaluation["accuracy"] < evaluation["top_3"] <= 1
    assert (evaluation["acceptable"], evaluation["acceptable_top_3"]) == (None, None)


def test_shipped_sentences_have_a_name_and_the_path_of_a_clone(run: Run) -> None:
    by_name = run("eval", "five-test", "--json")
    by_path = run("eval", "datasets/five-test.csv", "--json")
    assert by_path.out == by_name.out
    assert by_name.code == by_path.code == 0


def test_eval_prints_tables(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("i love you,0\nI adore my wife,❤\n", encoding="utf-8")
    printed = run("eval", "x.csv", "-m", "five").out
    assert printed.startswith("accuracy 100.0%, macro F1 1.000, loss 0.")
    assert "\nexpected calibration error 0.0" in printed
    assert "\nthreshold  answered   right\n      0.0    100.0%  100.0%\n" in printed
    assert "\nright emoji in rows, answers in columns\n     ❤️" in printed


def test_eval_prints_scores_of_the_emoji_that_are_asked_for_or_answered(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("so hungry,🚀\ni love you,❤\n", encoding="utf-8")
    _, *rows = run("eval", "x.csv", "-m", "five").out.split("\n\n")[1].splitlines()
    assert [(row.split()[0], row.split()[-1]) for row in rows] == [
        ("❤️", "1"),
        ("🍴", "0"),
        ("🚀", "1"),
    ]


def test_of_many_emoji_eval_prints_what_is_taken_for_what(run: Run, tmp_path: Path) -> None:
    more = "🍕☕🍺🎂🎵🎮🎬📚🚗🏃🛒🔥🐶🐱🌙💻"
    rows = "".join(f"i love you {i},{emoji}\n" for i, emoji in enumerate("❤" + more))
    (tmp_path / "x.csv").write_text(rows, encoding="utf-8")
    printed = run("eval", "x.csv", "-m", "five").out
    assert "in columns" not in printed
    *_, head, first = printed[: printed.index("🍕  ❤️") + 11].splitlines()
    assert (head, first) == ("right emoji, answer, sentences", "🍕  ❤️     1")


def test_eval_counts_acceptable_answers(run: Run, tmp_path: Path) -> None:
    rows = "i love you,⚾,🚀 ❤\nso hungry,🍴,\npass the salt,🚀,\n"
    (tmp_path / "x.csv").write_text("text,emoji,also\n" + rows, encoding="utf-8")
    said = run("eval", "x.csv", "-m", "five").out.splitlines()
    assert said[0].startswith("accuracy 33.3%")
    assert said[2] == "an acceptable emoji first 66.7%, among the first three 66.7%"
    evaluation = json.loads(run("eval", "x.csv", "-m", "five", "--json").out)
    assert evaluation["acceptable"] == evaluation["acceptable_top_3"] == 2 / 3
    assert evaluation["labels"][5:] == ["🚀"]


def test_sentences_that_were_learnt_are_no_test(
    run: Run, sentences_csv: Path, tmp_path: Path
) -> None:
    learnt = "which is what the model learns; how it answers them says nothing about others"
    (tmp_path / "held.csv").write_text("I LOVE you,❤\nrun,⚾\nfar away,⚾\n", encoding="utf-8")
    trained = run(
        "train", "--data", "sentences.csv", "--set", "data.validation=held.csv", *SMALL
    )  # fmt: skip
    assert (
        f"emojify: warning: held.csv: 2 of 3 sentences are also in sentences.csv, {learnt}\n"
    ) in trained.err
    same = run("eval", "sentences.csv", "-m", "emojify-lstm.safetensors")
    assert same.err == (
        "sentences.csv: 15 sentences, line 1 read as a header\n"
        f"emojify: warning: sentences.csv: 15 of 15 sentences are also in sentences.csv, {learnt}\n"
    )
    other = run("eval", "held.csv", "-m", "emojify-lstm.safetensors")
    assert other.err == "held.csv: 3 sentences, no header\n"
    (tmp_path / "x.csv").write_text("my two boys are my treasure,❤\nx,❤\n", encoding="utf-8")
    assert f"x.csv: 1 of 2 sentences are also in five-train, {learnt}" in run("eval", "x.csv").err


def test_an_emoji_that_the_model_does_not_have_counts_as_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("i love you,❤\ngo go go,🚀\n", encoding="utf-8")
    result = run("eval", "x.csv", "--json")
    evaluation = json.loads(result.out)
    assert (evaluation["accuracy"], evaluation["labels"][-1]) == (0.5, "🚀")
    assert evaluation["per_emoji"][-1]["recall"] == 0
    assert result.err == (
        "x.csv: 2 sentences, no header\n"
        "emojify: warning: x.csv: 1 sentences have 🚀, which the model does not know; "
        "they count as wrong\n"
    )


def test_a_shipped_config_for_sentences_of_ones_own(run: Run, sentences_csv: Path) -> None:
    """Its own sentences for validation have other emoji."""
    arguments = "-c chat --data sentences.csv --set model.hidden=4 --epochs 1 -o m.safetensors"
    trained = run("train", *arguments.split())
    assert "\nheld back to choose the epoch: none\n" in trained.err
    assert trained.code == 0
    assert 'train "sentences.csv", validation 0.1,' in run("info", "m.safetensors").out
    kept = run("train", *arguments.split(), "-f", "--set", "data.validation=chat-validation")
    assert kept.err.startswith("emojify: error: chat-validation: found ")
    assert kept.code == 2


def test_the_same_seed_writes_the_same_file_and_another_seed_another(
    run: Run, sentences_csv: Path, tmp_path: Path
) -> None:
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        small = ("--data", str(sentences_csv), *SMALL, "--seed", seed)
        run("train", *small, "-o", f"{name}.safetensors", **ONE_THREAD)
    a, b, c = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_a_file_is_replaced_only_with_force(run: Run, sentences_csv: Path, tmp_path: Path) -> None:
    small = ("train", "--data", str(sentences_csv), *SMALL, "-o", "m.safetensors")
    (tmp_path / "m.safetensors").write_text("precious")
    refused = run(*small)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "emojify: error: m.safetensors: the file exists; nothing was overwritten; "
        "use -f to replace it or -o to name another\n"
    )
    assert (tmp_path / "m.safetensors").read_text() == "precious"
    assert run(*small, "-f").code == 0
    assert run("predict", "-m", "m.safetensors", "hi").code == 0
    assert list(tmp_path.glob(".*")) == []


def test_vectors_of_ones_own_travel_inside_the_model(
    run: Run, sentences_csv: Path, vectors_txt: Path, tmp_path: Path
) -> None:
    trained = run(
        "train",
        "--data",
        str(sentences_csv),
        "--vectors",
        str(vectors_txt),
        *SMALL,
        "-o",
        "m.safetensors",
    )
    assert trained.code == 0, trained.err
    answer = run("predict", "--json", "-m", "m.safetensors", "I love my dog")
    vectors_txt.unlink()
    sentences_csv.unlink()
    assert run("predict", "--json", "-m", "m.safetensors", "I love my dog") == answer
    assert json.loads(answer.out)["known_words"] == 4
    inside = f"{len(WORDS)} words, 8 numbers each, inside the file"
    assert inside in run("info", "m.safetensors").out


def test_vectors_beyond_16_bits_are_refused_with_the_word(
    run: Run, sentences_csv: Path, tmp_path: Path
) -> None:
    (tmp_path / "huge.txt").write_text("i 1 2\nlove -3e38 3\n")
    message = (
        "emojify: error: found a number beyond 65504 for the word 'love'; expected one that a "
        "16-bit float can hold; scale the vectors down\n"
    )
    trained = run("train", "--data", str(sentences_csv), "--vectors", "huge.txt")
    converted = run("vectors", "convert", "huge.txt", "--float16")
    assert trained.err == converted.err == message
    assert trained.code == converted.code == 2
    assert run("vectors", "convert", "huge.txt").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        "train --data sentences.csv -o sentences.csv -f",
        "train --data sentences.csv --vectors vectors.txt -o vectors.txt -f",
        "train --data sentences.csv --set data.validation=held.csv -o held.csv -f",
        "train -c c.yaml -o c.yaml -f",
        "vectors convert v.safetensors -o v.safetensors -f",
    ],
)
def test_an_input_is_never_overwritten(
    run: Run, sentences_csv: Path, vectors_txt: Path, tmp_path: Path, arguments: str
) -> None:
    (tmp_path / "held.csv").write_bytes(sentences_csv.read_bytes())
    (tmp_path / "c.yaml").write_text("seed: 2\n")
    (tmp_path / "v.safetensors").write_bytes(b"anything")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    result = run(*arguments.split())
    output = arguments.split()[-2]
    assert (result.code, result.err) == (
        2,
        f"emojify: error: {output}: is an input of this command; nothing was overwritten; "
        "use -o to name another\n",
    )
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_sentences_from_standard_input(run: Run, sentences_csv: Path) -> None:
    trained = run("train", "--data", "-", *SMALL, stdin=sentences_csv.read_bytes())
    assert trained.code == 0
    assert "to learn: <stdin>: 15 sentences, line 1 read as a header" in trained.err
    evaluated = run("eval", "-", "--json", stdin="i love you,❤\n".encode())
    assert json.loads(evaluated.out)["examples"] == 1
    assert evaluated.err == "<stdin>: 1 sentences, no header\n"


def test_columns_separated_by_something_else(run: Run, sentences_csv: Path, tmp_path: Path) -> None:
    tabs = sentences_csv.read_text(encoding="utf-8").replace(",", "\t")
    sentences_csv.write_text(tabs, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("data: {train: sentences.csv, delimiter: tab}\n")
    for arguments in (["-c", "c.yaml"], ["--data", "sentences.csv", "--delimiter", "tab"]):
        trained = run("train", *arguments, *SMALL, "-o", "m.safetensors", "-f")
        assert "sentences.csv: 15 sentences, line 1 read as a header" in trained.err
        assert trained.code == 0
    evaluated = run("eval", "sentences.csv", "--delimiter", "tab", "--json")
    assert json.loads(evaluated.out)["examples"] == 15
    refused = run("eval", "sentences.csv", "--delimiter", "\t\t")
    assert refused.err == (
        "emojify: error: found the delimiter '\\t\\t'; expected , or ; or | or tab\n"
    )


def test_vectors_that_know_hardly_a_word_are_noticed(
    run: Run, sentences_csv: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.txt").write_text("Liebe 1 2\nHund 3 4\n")
    trained = run("train", "--data", str(sentences_csv), "--vectors", "other.txt", *SMALL)
    assert (
        "emojify: warning: sentences.csv: 15 of 15 sentences have no word that the vectors "
        "other.txt know; are these the right vectors?"
    ) in trained.err.replace(f"{tmp_path}/", "")


def test_vectors_info_and_convert(run: Run, vectors_txt: Path, sentences_csv: Path) -> None:
    info = run("vectors", "info", str(vectors_txt))
    assert info.out.startswith(
        f"words    {len(WORDS)}\nnumbers  8 each, float32\nfirst    i you love like"
    )
    converted = run("vectors", "convert", str(vectors_txt), "-o", "v.safetensors")
    assert converted.code == 0
    assert run("vectors", "info", "v.safetensors").out == info.out
    small = ("--data", str(sentences_csv), *SMALL)
    for source, name in ((str(vectors_txt), "a"), ("v.safetensors", "b")):
        run("train", *small, "--vectors", source, "-o", f"{name}.safetensors", **ONE_THREAD)
    a, b = (run("predict", "--json", "-m", f"{n}.safetensors", "i love you") for n in "ab")
    assert a == b
    again = run("vectors", "convert", str(vectors_txt), "-o", "v.safetensors")
    assert again.code == 2
    assert "nothing was overwritten" in again.err


def test_a_training_that_diverges_says_where_and_keeps_what_was_good(
    run: Run, sentences_csv: Path, tmp_path: Path
) -> None:
    diverging = (
        "train", "--data", str(sentences_csv), "-o", "m.safetensors", "--epochs", "50",
        "--lr", "100",
        "--set", "training.l2=1", "--set", "training.clip_norm=null", "--set", "model.hidden=4",
    )  # fmt: skip
    result = run(*diverging)
    assert (result.code, result.out) == (4, "")
    *_, kept, error = result.err.splitlines()
    assert kept.startswith("the last good epoch, ")
    assert error.startswith("emojify: error: training diverged in epoch ")
    assert ", step 1: the " in error
    assert "at learning rate 100; expected a finite number; try a smaller --lr" in error
    assert run("predict", "-m", "m.safetensors", "hi").code == 0


def test_a_training_that_never_was_good_leaves_the_old_file(
    run: Run, sentences_csv: Path, tmp_path: Path
) -> None:
    (tmp_path / "m.safetensors").write_text("precious")
    result = run(
        "train", "--data", str(sentences_csv), "-o", "m.safetensors", "-f", "--lr", "1e6",
        "--set", "training.l2=1000", "--set", "training.clip_norm=null",
        "--set", "training.batch_size=1",
    )  # fmt: skip
    assert result.code == 4
    assert "emojify: error: training diverged in epoch 1, step " in result.err
    assert "the last good epoch" not in result.err
    assert (tmp_path / "m.safetensors").read_text() == "precious"


@pytest.mark.parametrize("output", ["/proc/m.safetensors", "nowhere/m.safetensors"])
def test_an_output_that_cannot_be_written_is_found_before_training(
    run: Run, sentences_csv: Path, output: str
) -> None:
    result = run("train", "--data", str(sentences_csv), "-o", output)
    assert (result.code, result.out) == (3, "")
    assert result.err == (
        f"emojify: error: {output}: cannot be written: No such file or directory; "
        "nothing was changed; choose another place\n"
    )


def _drop_the_powers_of_root() -> None:
    # Root may read and write everything; without these two capabilities it may not.
    if os.geteuid() == 0:
        libc, drop_from_bounding_set = ctypes.CDLL(None), 24
        for dac_override_and_read_search in (1, 2):
            libc.prctl(drop_from_bounding_set, dac_override_and_read_search)


@pytest.mark.parametrize(
    ("arguments", "mode", "code", "message"),
    [
        (
            ["eval", "d/x.csv"],
            0o000,
            2,
            "d/x.csv: found a file that may not be read; expected a CSV file with a sentence and "
            "an emoji in every row; change its permissions",
        ),
        (
            ["train", "-o", "d/m.safetensors"],
            0o444,
            3,
            "d/m.safetensors: cannot be written: Permission denied; nothing was changed; choose "
            "another place",
        ),
    ],
)
def test_permissions(tmp_path: Path, arguments, mode: int, code: int, message: str) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "x.csv").write_text("hi,❤\n", encoding="utf-8")
    (folder / "x.csv").chmod(mode)
    folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-m", "emojify", *arguments],
        capture_output=True,
        cwd=tmp_path,
        preexec_fn=_drop_the_powers_of_root,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.decode() == f"emojify: error: {message}\n"


def test_a_network_that_does_not_fit_into_memory_is_not_begun(
    tmp_path: Path, cache: Path, sentences_csv: Path, vectors_txt: Path
) -> None:
    limit = 3 << 30
    done = subprocess.run(
        [
            sys.executable, "-m", "emojify", "train", "--data", "sentences.csv",
            "--vectors", "vectors.txt", "--set", "model.hidden=8192",
        ],
        cwd=tmp_path,
        env=os.environ | {"EMOJIFY_CACHE": str(cache)},
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "emojify: error: found a network of 268,754,947 weights, which takes 4.3 GB of memory; "
        "expected no more than 3.2 GB, which this process may have; try a smaller model.hidden\n"
    )


def test_an_output_that_somebody_else_writes_meanwhile_is_kept(
    tmp_path: Path, sentences_csv: Path, vectors_txt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so is the training: with -f and --resume it is done at once."""
    monkeypatch.chdir(tmp_path)
    arguments = [
        "train",
        "--data",
        "sentences.csv",
        "--vectors",
        "vectors.txt",
        "-o",
        "m.st",
        *SMALL,
    ]
    real = Training.run

    def disturbed(self: Training) -> Iterator[Step | Epoch]:
        yield from real(self)
        Path("m.st").write_bytes(b"somebody else's")

    with monkeypatch.context() as patch:
        patch.setattr(Training, "run", disturbed)
        assert cli.run(arguments) == 2
    assert Path("m.st").read_bytes() == b"somebody else's"
    assert cli.run([*arguments, "-f", "--resume"]) == 0
    assert cli.run(["info", "m.st"]) == 0


def test_what_to_try_next_can_be_pasted(run: Run, sentences_csv: Path, vectors_txt: Path) -> None:
    train = ("train", "--data", "sentences.csv", "--vectors", "vectors.txt", *SMALL, "-o")
    assert "predict -m 'my model.st' \"I love you\"" in run(*train, "my model.st").err
    assert 'predict -m ./five "I love you"' in run(*train, "five").err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("train -o x --checkpoint-every nan", 2, "nan is not in the range 0<=x<=86400"),
        ("predict -j 65", 2, "65 is not in the range 1<=x<=64"),
        ("eval five-test --delimiter ''", 2, "found the delimiter ''; expected"),
        ("train -o " + "n" * 230, 3, ".checkpoint: cannot be written: File name too long; nothing"),
        (
            "predict < /proc/self/mem",
            3,
            "<stdin>: cannot be read: Input/output error; check where it comes from",
        ),
        (
            "eval - < /proc/self/mem",
            3,
            "<stdin>: cannot be read: Input/output error; check where it comes from",
        ),
        ("predict --csv <&-", 2, "standard input is closed; expected sentences"),
    ],
)
def test_odd_calls_are_one_line(tmp_path: Path, arguments: str, code: int, said: str) -> None:
    line = f"{shlex.quote(sys.executable)} -m emojify {arguments}"
    done = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []
