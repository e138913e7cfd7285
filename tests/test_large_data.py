"""Data that are larger than memory: told apart from small ones by nothing but their size."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tempfile
import tracemalloc
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from emojify import corpus, repeats, spool, store, textfile
from emojify.config import Override, read_settings
from emojify.corpus import StoredCorpus, stratified
from emojify.data import Examples, read_examples, spool_examples
from emojify.errors import EmojifyError, EnvironmentFault
from emojify.labels import Labels
from emojify.spool import TextSpool
from emojify.training import Epoch, Step, Training
from emojify.vocab import Vocabulary
from tests.conftest import SENTENCES, WORDS, without_coverage

ROWS = 1000  # in four blocks, of which the last is not full


def write_rows(path: Path, count: int = ROWS) -> Path:
    """Write sentences that are all different, sorted by emoji."""
    rng = np.random.default_rng(3)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("text,emoji\n")
        for i in range(count):
            words = rng.choice(WORDS, rng.integers(1, 9))
            file.write(
                f"{' '.join(words)} {i // 100} {i % 100},{list(SENTENCES)[3 * i // count]}\n"
            )
    return path


@pytest.fixture
def rows_csv(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "rows.csv")


def training(csv: Path, **changes: object) -> Training:
    values = {"data.train": str(csv), "model.hidden": 4, "training.epochs": 2}
    values |= {key.replace("__", "."): value for key, value in changes.items()}
    return Training(read_settings(None, [Override(k, v, "") for k, v in values.items()]))


def trained_file(csv: Path, path: Path, **changes: object) -> bytes:
    made = training(csv, **changes)
    list(made.run())
    store.save(made.result(), path)
    return path.read_bytes()


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep nothing in memory."""
    monkeypatch.setattr(spool, "IN_MEMORY", 1)


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have one or two blocks in memory at a time."""
    monkeypatch.setattr(corpus, "_SHARD", 1)
    monkeypatch.setattr(repeats, "_BLOCK", 256)


@pytest.mark.parametrize("shard", [1, 256])
def test_sentences_on_disk_train_the_same_model_as_sentences_in_memory(
    rows_csv: Path, vectors_txt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shard: int
) -> None:
    monkeypatch.setattr(corpus, "_SHARD", shard)
    output, vectors = tmp_path / "m.safetensors", str(vectors_txt)
    in_memory = trained_file(rows_csv, output, vectors__source=vectors)
    monkeypatch.setattr(spool, "IN_MEMORY", 1)
    assert trained_file(rows_csv, output, vectors__source=vectors) == in_memory
    assert trained_file(rows_csv, output, vectors__source=vectors, seed=2) != in_memory


@pytest.mark.usefixtures("on_disk", "small_shards")
def test_memory_does_not_grow_with_the_rows(
    tmp_path: Path, vectors_txt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfile, "_BLOCK", 4096)

    def peak(rows: int) -> int:
        csv = write_rows(tmp_path / f"{rows}.csv", rows)
        tracemalloc.start()
        for _ in training(csv, vectors__source=str(vectors_txt), training__epochs=1).run():
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(300)  # what is made once in a process is made now
    few, many = peak(3000), peak(9000)
    assert many < 1.2 * few


@pytest.mark.usefixtures("on_disk")
def test_nothing_is_left_in_the_temporary_folder(
    rows_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    for _ in training(rows_csv).run():
        assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("small_shards")
def test_the_steps_of_an_epoch_are_known_before_they_are_done(rows_csv: Path) -> None:
    # 1,000 rows are shards of 256, 256, 256 and 232: in batches of 100, three steps each.
    events = list(training(rows_csv, data__validation=0.0, training__batch_size=100).run())
    steps = [event for event in events if isinstance(event, Step)]
    assert [step.step for step in steps] == [*range(1, 13)] * 2
    assert {step.steps for step in steps} == {12}
    assert [event.epoch for event in events if isinstance(event, Epoch)] == [1, 2]


@pytest.mark.usefixtures("small_shards")
def test_every_epoch_has_every_sentence_once_and_shards_of_its_own(
    rows_csv: Path, vectors_txt: Path
) -> None:
    examples, words = read_examples(rows_csv), Vocabulary.of([w.encode() for w in WORDS])
    labels = Labels.of(SENTENCES)
    stored = StoredCorpus(examples, labels, words)
    rng = np.random.default_rng(0)
    epochs = [stored.shards(rng) for _ in range(2)]
    for shards in epochs:
        assert [stored.size(shard) for shard in shards] == [len(stored.read(s)) for s in shards]
        assert sorted(np.concatenate(shards).tolist()) == [0, 1, 2, 3]
    assert [s.tolist() for s in epochs[0]] != [s.tolist() for s in epochs[1]]
    whole, blocks = corpus.Corpus.of(examples, labels, words), list(stored)
    for name in ("ids", "lengths"):
        parts = [getattr(block.sentences, name) for block in blocks]
        np.testing.assert_array_equal(np.concatenate(parts), getattr(whole.sentences, name))
    np.testing.assert_array_equal(
        np.concatenate([b.answers.ids for b in blocks]), whole.answers.ids
    )


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_the_split_holds_back_the_share_of_every_emoji_and_loses_nothing(
    rows_csv: Path, share: float
) -> None:
    made, whole = training(rows_csv, data__validation=share), read_examples(rows_csv)
    held_back = made.validation or Examples("", [], [])
    counts = Counter(whole.emoji)
    wanted = {emoji: round(share * count) for emoji, count in counts.items()}
    assert Counter(held_back.emoji) == Counter(wanted)
    assert Counter(made.train.emoji) == counts - Counter(wanted)
    rows = dict(zip(whole.texts, whole.emoji, strict=True))
    for part in (made.train, held_back):
        assert all(rows[t] == e for t, e in zip(part.texts, part.emoji, strict=True))
    assert sorted([*made.train.texts, *held_back.texts]) == sorted(rows)


def test_every_example_is_as_likely_to_be_held_back() -> None:
    rng, emoji = np.random.default_rng(0), ["❤️", "⚾"] * 5 + ["❤️"] * 5
    draws = 3000
    times = Counter(i for _ in range(draws) for i in stratified(emoji, 0.4, rng))
    expected = [0.4] * 15  # 4 of 10 and 2 of 5
    assert [times[i] / draws for i in range(15)] == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_a_file_is_read_alike_wherever_its_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes('\ufeffhi,❤️\r\n"two\r\nlines",⚾\rcafé\u2028,❤️\n\nend,⚾'.encode())
    whole = read_examples(path)
    assert whole.texts == ["hi", "two\r\nlines", "café", "end"]
    monkeypatch.setattr(textfile, "_BLOCK", block)
    assert read_examples(path) == whole
    for content in (b"hi,x\r\nho,y\n", b'a,:pizza:\n"b', b"<html>", b"a,:pizza:\ncaf\xe9,x\n"):
        path.write_bytes(content)
        monkeypatch.setattr(textfile, "_BLOCK", 1 << 16)
        with pytest.raises(EmojifyError) as whole_error:
            read_examples(path)
        monkeypatch.setattr(
            textfile, "_BLOCK", max(block, 6)
        )  # a web page shows in its first block
        with pytest.raises(EmojifyError) as error:
            spool_examples(path)
        assert error.value.lines == whole_error.value.lines


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("bad", [b"\xff", b"\xe2\x9a,", b"\xf0\x9f"])
def test_the_place_of_what_is_not_utf8_counts_from_the_start_of_the_file(
    tmp_path: Path, mark: bytes, bad: bytes
) -> None:
    path, good = tmp_path / "x.csv", mark + "hi,❤️\n".encode() * 20_000
    path.write_bytes(good + bad)
    with pytest.raises(EmojifyError, match=f"not UTF-8 at offset {len(good)};"):
        spool_examples(path)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (b"x", ":1: found a field of more than 131,072 characters; expected a sentence; look "
         "for a quote that is never closed, and double a quote that belongs to the text"),
        (b"a,", ": found a line of more than 1,048,576 characters; expected a CSV file with a "
         "sentence and an emoji in every row; this is another kind of file"),
    ],
)  # fmt: skip
def test_a_line_without_end_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, pattern: bytes, message: str
) -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return pattern * (size // len(pattern))

    monkeypatch.setattr(sys, "stdin", type("Standard input", (), {"buffer": Endless()}))
    with pytest.raises(EmojifyError) as caught:
        read_examples("-")
    assert caught.value.lines == [f"<stdin>{message}"]


@pytest.mark.usefixtures("on_disk")
def test_spooled_texts_are_a_sequence() -> None:
    texts, expected = TextSpool(), [f"text {i} ❤️\n\0" for i in range(600)]
    for text in expected:
        texts.append(text)
    assert (len(texts), list(texts)) == (600, expected)
    for place in (0, 255, 256, 511, 512, 599, -1, -600):
        assert texts[place] == expected[place]
    assert texts[250:520:9] == expected[250:520:9]
    for place in (600, -601):
        with pytest.raises(IndexError):
            texts[place]
    assert list(TextSpool()) == []


def test_a_full_disk_is_one_line_with_the_temporary_folder(rows_csv: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from emojify import spool; from emojify.cli import run; "
        "spool.IN_MEMORY = 1; sys.exit(run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "train", "--data", str(rows_csv)],
        capture_output=True,
        cwd=tmp_path,
        env=without_coverage() | {"TMPDIR": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 13, 1 << 13)),
        check=False,
    )
    assert done.stderr.decode() == (
        f"emojify: error: {tmp_path}: cannot keep the sentences here: File too large; expected a "
        "temporary folder with room for them; free some, or name another folder in TMPDIR\n"
    )
    assert (done.returncode, EnvironmentFault.exit_code, done.stdout) == (3, 3, b"")
    assert list(tmp_path.iterdir()) == [rows_csv]
