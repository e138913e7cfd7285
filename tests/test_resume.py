"""A training that is interrupted and goes on ends as one that never was."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from emojify import checkpoint, corpus, store
from emojify.config import Override, read_settings
from emojify.errors import EmojifyError
from emojify.nn.cells import CELLS
from emojify.nn.optim import OPTIMIZERS
from emojify.training import Training
from tests.conftest import SENTENCES, WORDS, Run

BASE = {
    "model.hidden": 6,
    "training.epochs": 3,
    "training.batch_size": 4,
    "data.validation": 0.2,
    "training.learning_rate": 0.1,
}
EVENTS = 3 * (3 + 1)  # of 12 sentences that are learnt: three steps and the end of an epoch


@pytest.fixture
def begin(sentences_csv: Path, vectors_txt: Path) -> Callable[..., Training]:
    def begin_with(**changes: object) -> Training:
        values = BASE | {"data.train": str(sentences_csv), "vectors.source": str(vectors_txt)}
        values |= {key.replace("__", "."): value for key, value in changes.items()}
        return Training(read_settings(None, [Override(k, v, "") for k, v in values.items()]))

    return begin_with


def finished(training: Training, path: Path) -> bytes:
    list(training.run())
    store.save(training.result(), path)
    return path.read_bytes()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("cell", CELLS)
def test_leaving_after_any_step_changes_not_a_bit_of_the_model(
    begin: Callable[..., Training], tmp_path: Path, cell: str, optimizer: str
) -> None:
    changes = {"model__cell": cell, "training__optimizer": optimizer}
    undisturbed = finished(begin(**changes), tmp_path / "m.safetensors")
    path = tmp_path / "m.checkpoint"
    training = begin(**changes)
    checkpoint.save(training.checkpoint(), path)
    for _ in range(EVENTS):
        training = begin(**changes)
        training.go_on_from(checkpoint.load(path), path)
        assert next(training.run(), None) is not None
        checkpoint.save(training.checkpoint(), path)
    training = begin(**changes)
    training.go_on_from(checkpoint.load(path), path)
    assert list(training.run()) == []
    assert finished(training, tmp_path / "m.safetensors") == undisturbed


@pytest.mark.parametrize(
    "changes",
    [
        {"vectors__tune": False},
        {"vectors__source": "glove-6b-50d"},
        {"training__schedule": "constant", "training__patience": 1, "training__epochs": 50},
        {"training__threads": 2, "model__hidden": 300, "training__batch_size": 30},
        {"data__validation": 0.0, "training__l2": 0.1, "training__word_dropout": 0.0},
        {"model__cell": "gru", "model__reset_after": True},
        {"model__bidirectional": True, "training__dropout": 0.5},
        {"vectors__carried": 3, "vectors__carried_as": "int8"},
        {"decoder__features": "encoder", "training__dropout": 0.5},
        {"decoder__features": "mean", "training__threads": 2},
    ],
)
def test_every_kind_of_training_can_be_left(
    begin: Callable[..., Training], tmp_path: Path, changes: dict[str, object]
) -> None:
    undisturbed = finished(begin(**changes), tmp_path / "m.safetensors")
    left = begin(**changes)
    list(islice(left.run(), 5))
    resumed = begin(**changes)
    resumed.go_on_from(left.checkpoint(), tmp_path)
    assert finished(resumed, tmp_path / "m.safetensors") == undisturbed


def test_a_training_on_joined_messages_can_be_left(
    begin: Callable[..., Training], tmp_path: Path
) -> None:
    parts = tmp_path / "parts.csv"
    rows = [f"{word},{emoji}\n" for word, emoji in zip(WORDS, [*SENTENCES, "🐶"] * 2, strict=False)]
    parts.write_text("".join(rows), encoding="utf-8")
    captions = tmp_path / "captions.csv"
    captions.write_text("i love my dog,❤️🐶\nrun,⚾\nmy dog eat the ball,🐶🍴⚾\n", encoding="utf-8")
    changes = {
        "data__train": str(captions), "data__joined": str(parts), "data__joined_count": 9,
        "data__validation": 0.0, "decoder__features": "encoder",
    }  # fmt: skip
    training = begin(**changes)
    assert len(training.train) == 3 + 9
    undisturbed = finished(training, tmp_path / "m.safetensors")
    left = begin(**changes)
    list(islice(left.run(), 5))
    resumed = begin(**changes)
    resumed.go_on_from(left.checkpoint(), tmp_path)
    assert finished(resumed, tmp_path / "m.safetensors") == undisturbed


def test_a_training_in_many_shards_can_be_left_anywhere(
    begin: Callable[..., Training], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "_SHARD", 1)  # one block of 256 sentences in memory
    csv = tmp_path / "many.csv"
    rng = np.random.default_rng(0)
    with csv.open("w", encoding="utf-8") as file:
        for emoji in SENTENCES:
            for number in range(250):
                file.write(f"{' '.join(rng.choice(WORDS, 5))} {number},{emoji}\n")
    changes = {"data__train": str(csv), "training__batch_size": 64, "training__epochs": 2}
    undisturbed = finished(begin(**changes), tmp_path / "m.safetensors")
    for events in range(0, 22, 3):
        left = begin(**changes)
        list(islice(left.run(), events))
        resumed = begin(**changes)
        resumed.go_on_from(left.checkpoint(), tmp_path)
        assert finished(resumed, tmp_path / "m.safetensors") == undisturbed


def test_a_checkpoint_is_no_longer_changed_by_the_training_it_is_of(
    begin: Callable[..., Training],
) -> None:
    training = begin()
    taken = training.checkpoint()
    before = {name: array.copy() for name, array in taken.arrays.items()}
    list(training.run())
    for name, array in before.items():
        np.testing.assert_array_equal(taken.arrays[name], array)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"theta": np.zeros(3, np.float32)}, "ValueError('float32 (3,) instead of float32 ("),
        ({"order.blocks": np.array([7])}, "ValueError('an order of other blocks of sentences')"),
        ({"order.left": np.array([99])}, "ValueError('an order of other sentences')"),
        ({"order.ends": np.array([1, 0])}, "ValueError('an order of other sentences')"),
        ({"order.ends": np.array([99])}, "ValueError('an order of other sentences')"),
        ({"theta": None}, "KeyError('theta')"),
    ],
)
def test_a_checkpoint_that_contradicts_itself_is_refused(
    begin: Callable[..., Training], broken: dict[str, np.ndarray | None], said: str
) -> None:
    training = begin()
    next(training.run())
    taken = training.checkpoint()
    arrays = {n: a for n, a in (taken.arrays | broken).items() if a is not None}
    with pytest.raises(EmojifyError) as raised:
        begin().go_on_from(replace(taken, arrays=arrays), Path("m.checkpoint"))
    assert str(raised.value).startswith(f"m.checkpoint: does not fit its own settings: {said}")
    assert str(raised.value).endswith("; use -f instead of --resume to start again")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"history": [{"epoch": 1}]}, "ValueError("),
        ({"history": 3}, "ValueError('the history 3; expected a list of epochs')"),
        ({"best": 7}, "IndexError('list index out of range')"),
        ({"random": {"bit_generator": "PCG64"}}, "KeyError('state')"),
        ({"random": None}, "TypeError("),
        ({"pass": {}}, "ValueError('no place in the order')"),
        ({"pass": {"begun": 9, "step": 1, "loss": 0.5}}, "ValueError('an order of more shards')"),
        ({"pass": {"begun": 0, "step": 1, "loss": 0.5}}, "ValueError('an order of other sent"),
    ],
)
def test_facts_of_a_checkpoint_that_make_no_sense_are_refused(
    begin: Callable[..., Training], broken: dict[str, object], said: str
) -> None:
    training = begin()
    next(training.run())
    taken = training.checkpoint()
    with pytest.raises(EmojifyError) as raised:
        begin().go_on_from(replace(taken, progress=taken.progress | broken), Path("m.checkpoint"))
    assert str(raised.value).startswith(f"m.checkpoint: does not fit its own settings: {said}")


def test_nan_in_a_checkpoint_is_refused(begin: Callable[..., Training]) -> None:
    taken = begin().checkpoint()
    taken.arrays["theta"][0] = np.nan
    with pytest.raises(EmojifyError, match="NaN or infinity in theta; expected finite numbers"):
        begin().go_on_from(taken, Path("m.checkpoint"))


def test_more_epochs_than_were_asked_for_are_an_end(begin: Callable[..., Training]) -> None:
    training = begin()
    list(training.run())
    training.history.append(training.history[-1])
    assert list(training.run()) == []


ARGUMENTS = ("train", "--data", "sentences.csv", "--vectors", "vectors.txt", "-o", "m.safetensors")
UNFINISHED = "m.safetensors.checkpoint"
SETTINGS = ("--set", "model.hidden=6", "--set", "training.batch_size=2")
LONG = (*ARGUMENTS, *SETTINGS, "--epochs", "300", "--set", "training.patience=300")


@pytest.fixture
def begun(tmp_path: Path, cache: Path, sentences_csv: Path, vectors_txt: Path):
    """Start a long training as a process of its own, and wait until it learns."""
    processes = []

    def begin_process(*more: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "emojify", *LONG, "--checkpoint-every", "0", *more],
            cwd=tmp_path,
            env=os.environ | {"EMOJIFY_CACHE": str(cache)},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What is started in the background of a script ignores Ctrl-C, and so do its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        processes.append(process)
        while not (tmp_path / UNFINISHED).exists():
            assert process.poll() is None, process.stderr.read().decode()
            time.sleep(0.01)
        return process

    yield begin_process
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("number", "said", "code"),
    [
        (signal.SIGINT, "interrupted", 130),
        (signal.SIGTERM, "terminated", 143),
        (signal.SIGHUP, "hung up", 129),
    ],
)
def test_a_signal_saves_and_says_how_to_go_on(
    begun, run: Run, tmp_path: Path, number: signal.Signals, said: str, code: int
) -> None:
    process = begun()
    process.send_signal(number)
    out, err = process.communicate()
    *_, stopped, command, last = err.decode().splitlines()
    assert (process.returncode, out) == (code, b"")
    assert re.fullmatch(r"stopped (in|after) epoch \d+.*; go on with:", stopped)
    assert command == f"  emojify train --resume {' '.join(LONG[1:])} --checkpoint-every 0"
    assert last == f"emojify: error: {said}"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        UNFINISHED, "sentences.csv", "vectors.txt",
    ]  # fmt: skip
    again = run(*LONG)
    assert (again.code, again.out) == (2, "")
    assert again.err == (
        f"emojify: error: {UNFINISHED}: found a training that is not finished; expected none; use "
        "--resume to go on with it, -f to start again, or -o to name another output\n"
    )


def test_a_second_ctrl_c_stops_at_once(begun, run: Run, tmp_path: Path) -> None:
    process = begun()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        process.send_signal(number)
    process.communicate()
    assert process.returncode in (130, 143)
    assert checkpoint.load(tmp_path / UNFINISHED).progress["random"]
    # Wherever it stopped, the next one tidies up.
    assert run(*ARGUMENTS, "-f", "--epochs", "1").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "m.safetensors", "sentences.csv", "vectors.txt",
    ]  # fmt: skip


def test_killed_resumed_and_finished_is_the_same_file(begun, run: Run, tmp_path: Path) -> None:
    begun().kill()
    resumed = run(*LONG, "--resume")
    assert resumed.code == 0, resumed.err
    first, *_ = resumed.err.splitlines()
    assert re.fullmatch(rf"resumed from {UNFINISHED}, (in|after) epoch \d+.*", first)
    made = (tmp_path / "m.safetensors").read_bytes()
    assert run(*LONG, "-f").code == 0
    assert (tmp_path / "m.safetensors").read_bytes() == made
    assert not (tmp_path / UNFINISHED).exists()
    assert not list(tmp_path.glob(".*"))


def test_resuming_what_was_never_begun_begins(
    run: Run, tmp_path: Path, sentences_csv: Path, vectors_txt: Path
) -> None:
    result = run(*ARGUMENTS, "--resume", "--epochs", "1")
    assert result.code == 0, result.err
    assert f"found no {UNFINISHED}; starting at the beginning" in result.err.splitlines()


def test_a_checkpoint_of_another_training_is_refused_and_what_differs_is_named(
    begun, run: Run, tmp_path: Path
) -> None:
    begun().kill()
    saved = (tmp_path / UNFINISHED).read_bytes()
    expected = (
        "; expected what the training was begun with; repeat the command that began it, with "
        "--resume; or use -f instead to start again\n"
    )
    other_settings = run(*LONG, "--resume", "--lr", "0.1", "--seed", "3")
    assert (other_settings.code, other_settings.out) == (2, "")
    assert other_settings.err == (
        f"emojify: error: {UNFINISHED}: found training.learning_rate 0.1 (was 0.2), seed 3 (was 1)"
        + expected
    )
    csv = tmp_path / "sentences.csv"
    csv.write_text(csv.read_text(encoding="utf-8") + "i love pizza,🍴\n", encoding="utf-8")
    other_data = run(*LONG, "--resume")
    assert (other_data.code, other_data.out) == (2, "")
    digest = "[0-9a-f]{12}…"
    assert re.fullmatch(
        rf"emojify: error: {UNFINISHED}: found the sentences {digest} \(was {digest}\), "
        rf"the sentences held back {digest} \(was none\){re.escape(expected)}",
        other_data.err,
    )
    assert (tmp_path / UNFINISHED).read_bytes() == saved


def test_other_vectors_are_named(begun, run: Run, tmp_path: Path) -> None:
    begun().kill()
    vectors = tmp_path / "vectors.txt"
    vectors.write_text(vectors.read_text().replace("0.", "0.1", 1))
    result = run(*LONG, "--resume")
    assert result.code == 2
    assert f"{UNFINISHED}: found the vectors " in result.err


def test_a_damaged_checkpoint_is_refused(begun, run: Run, tmp_path: Path) -> None:
    killed = begun()
    killed.kill()
    killed.wait()  # or its last checkpoint may take the place of the damaged one
    path = tmp_path / UNFINISHED
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    result = run(*LONG, "--resume")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"emojify: error: {UNFINISHED}: checksum mismatch: the file is damaged; use -f instead of "
        "--resume to start again\n"
    )


def test_starting_again_removes_the_old_checkpoint(begun, run: Run, tmp_path: Path) -> None:
    begun().kill()
    assert run(*ARGUMENTS, "-f", "--epochs", "1").code == 0
    assert not (tmp_path / UNFINISHED).exists()


def test_the_second_training_on_one_output_is_refused_with_the_first_ones_number(
    begun, run: Run
) -> None:
    first = begun()
    second = run(*LONG, "--resume")
    assert (second.code, second.out) == (3, "")
    assert second.err == (
        f"emojify: error: m.safetensors: process {first.pid} is at work on it; expected nobody "
        "else to be; wait for its end, or use -o to name another\n"
    )
    assert first.poll() is None


def test_a_link_to_the_output_is_the_same_output(begun, run: Run, tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").touch()
    (tmp_path / "link").symlink_to("m.safetensors")
    first = begun("-f")
    second = run(*LONG, "-o", "link", "-f")
    assert (second.code, second.out) == (3, "")
    target = (tmp_path / "m.safetensors").resolve()
    assert second.err.startswith(
        f"emojify: error: {target}: process {first.pid} is at work on it; "
    )


def test_the_lock_of_a_dead_process_is_taken_over(begun, run: Run, tmp_path: Path) -> None:
    first = begun()
    first.kill()
    first.wait()
    assert (tmp_path / ".m.safetensors.emojify-lock").read_text() == str(first.pid)
    assert run(*ARGUMENTS, "-f", "--epochs", "1").code == 0
    assert not (tmp_path / ".m.safetensors.emojify-lock").exists()
