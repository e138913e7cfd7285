"""Captions judged, beside a classifier and the nearest sentence."""

from __future__ import annotations

import json
import math
import shutil
import tracemalloc
from pathlib import Path

import pytest

from emojify import Captioner, Emojifier, store
from emojify.captioner import Caption
from emojify.config import Override, read_settings
from emojify.data import Examples
from emojify.errors import EmojifyError
from emojify.judgement import judge, likeliest, nearest
from emojify.training import Training
from tests.conftest import WORDS, Run, glove_lines
from tests.models import changed

ROWS = [
    ("i eat pizza", "🍕"), ("my dog eat pizza", "🐶🍕"), ("run my dog", "🏃🐶"),
    ("i love my dog", "❤️🐶"), ("i cry", "😢"), ("my dog cry", "🐶😢"), ("run", "🏃"),
    ("i run so i eat pizza", "🏃🍕"), ("you laugh", "😂"), ("you laugh i cry", "😂😢"),
]  # fmt: skip


CSV = "text,emoji\n" + "".join(f"{text},{line}\n" for text, line in ROWS)
SETTINGS = {
    "decoder.features": "encoder", "model.hidden": 24, "data.validation": 0.0,
    "training.word_dropout": 0.0, "training.batch_size": 5, "training.learning_rate": 0.05,
    "training.epochs": 150,
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of captions that has learnt ten lines by heart, and carries its own words."""
    folder = tmp_path_factory.mktemp("captions")
    (folder / "vectors.txt").write_text(glove_lines(WORDS), encoding="utf-8")
    (folder / "c.csv").write_text(CSV, encoding="utf-8")
    files = {"data.train": str(folder / "c.csv"), "vectors.source": str(folder / "vectors.txt")}
    settings = [Override(key, value, "") for key, value in (SETTINGS | files).items()]
    training = Training(read_settings(None, settings))
    list(training.run())
    store.save(training.result(), folder / "c.safetensors")
    return folder / "c.safetensors"


@pytest.fixture
def trained(made: Path, tmp_path: Path) -> Path:
    """The model and its lines in the folder in which commands run."""
    (tmp_path / "c.csv").write_text(CSV, encoding="utf-8")
    return Path(shutil.copy(made, tmp_path))


def test_a_training_ends_with_what_to_try_next(run: Run, trained: Path) -> None:
    result = run(
        "train", "--data", "c.csv", "--epochs", "1", "--set", "decoder.features=mean",
        "--cell", "gru",
    )  # fmt: skip
    assert result.err.splitlines()[-2:] == [
        '  emojify caption -m emojify-caption-gru.safetensors "I love you"',
        "  emojify info emojify-caption-gru.safetensors",
    ]


def test_captions_and_their_evaluation(run: Run, trained: Path, tmp_path: Path) -> None:
    result = run("caption", "-m", trained.name, "my dog eat pizza", "run my dog")
    assert result.out == "my dog eat pizza 🐶🍕\nrun my dog 🏃🐶\n"
    result = run("eval", "c.csv", "-m", trained.name, "--learnt", "c.csv", "-o", "out.csv")
    first, _, head, classifier, neighbour, ours, _, lengths, one, two = result.out.splitlines()
    assert first.startswith("exact match 100.0%, token F1 1.000, edit distance 0.00, perplexity 1.")
    assert head == "exact match  token F1  edit distance"
    assert classifier.endswith("  chat: as many of its likeliest")
    assert neighbour == "     100.0%     1.000           0.00  c.csv: the nearest of 10"
    assert ours == "     100.0%     1.000           0.00  this model"
    assert lengths == "emoji  sentences  exact match  token F1  edit distance"
    assert one == "    1          4       100.0%     1.000           0.00"
    assert two == "    2          6       100.0%     1.000           0.00"
    assert (
        (tmp_path / "out.csv")
        .read_text(encoding="utf-8")
        .startswith("text,emoji,answer,probability\ni eat pizza,🍕,🍕,0.")
    )


def test_what_was_learnt_is_delimited_as_what_is_asked(run: Run, trained: Path) -> None:
    (trained.parent / "d.csv").write_text(CSV.replace(",", ";"), encoding="utf-8")
    result = run("eval", "d.csv", "-m", trained.name, "--delimiter", ";", "--learnt", "d.csv")
    assert "     100.0%     1.000           0.00  d.csv: the nearest of 10\n" in result.out


def test_what_was_learnt_is_not_written_over(run: Run, trained: Path) -> None:
    (trained.parent / "d.csv").write_text("my dog,🐶\n", encoding="utf-8")
    result = run("eval", "d.csv", "-m", trained.name, "--learnt", "c.csv", "-o", "c.csv", "-f")
    assert result.err == (
        "emojify: error: c.csv: is an input of this command; nothing was overwritten; use -o to "
        "name another\n"
    )
    assert (trained.parent / "c.csv").read_text(encoding="utf-8") == CSV


def test_json_has_the_same_numbers(run: Run, trained: Path) -> None:
    result = run("eval", "c.csv", "-m", trained.name, "--learnt", "c.csv", "--json")
    judged = json.loads(result.out)
    assert list(judged) == ["likeness", "perplexity", "by_length", "baselines"]
    assert judged["likeness"] == {
        "examples": 10, "exact_match": 1.0, "token_f1": 1.0, "edit_distance": 0.0,
    }  # fmt: skip
    assert list(judged["by_length"]) == ["1", "2"]
    assert list(judged["baselines"]) == [
        "chat: as many of its likeliest", "c.csv: the nearest of 10",
    ]  # fmt: skip
    assert 1 <= judged["perplexity"] < 2


@pytest.mark.parametrize("temperature", [0, -1, 1e-40, 1e39, math.inf, math.nan])
def test_nothing_is_drawn_at_temperatures_that_are_none(trained: Path, temperature: float) -> None:
    with pytest.raises(EmojifyError) as caught:
        Captioner.load(trained).sample(["my dog"], temperature)
    assert str(caught.value) == (
        f"found temperature = {temperature}; expected a number from 0.01 to 100"
    )


@pytest.mark.parametrize("temperature", [0.01, 100])
def test_at_all_others_a_line_has_an_emoji(trained: Path, temperature: float) -> None:
    [caption] = Captioner.load(trained).sample(["my dog"], temperature)
    assert caption.emoji


def test_what_was_learnt_is_opened_only_if_the_user_names_it(run: Run, trained: Path) -> None:
    (trained.parent / "d.csv").write_text("my dog,🐶\n", encoding="utf-8")
    result = run("eval", "d.csv", "-m", trained.name, "--classifier", "five")
    assert result.err.splitlines() == [
        "d.csv: 1 sentences, no header",
        "what the model learnt does not come with emojify; --learnt FILE compares with it",
    ]
    assert "nearest" not in result.out
    assert "five: as many of its likeliest" in result.out


def test_a_model_need_not_say_what_it_learnt(run: Run, trained: Path) -> None:
    changed(trained, lambda facts, _: facts["settings"].pop("data"))
    result = run("eval", "c.csv", "-m", trained.name)
    assert result.out.startswith("exact match 100.0%")
    assert "what the model learnt does not come with emojify" in result.err


def test_the_memory_of_a_wide_beam_does_not_grow_with_the_texts(trained: Path) -> None:
    captioner = Captioner.load(trained)

    def peak(texts: list[str]) -> int:
        tracemalloc.start()
        captioner.caption(texts, beam=1000)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few = peak(["my dog"] * 4)
    assert peak(["my dog"] * 64) < 1.5 * few
    assert captioner.caption(["my dog"] * 3, beam=9000) == captioner.caption(["my dog"], 9000) * 3


def test_emoji_that_the_model_does_not_have_count_as_wrong(run: Run, trained: Path) -> None:
    (trained.parent / "d.csv").write_text("my dog,🐶🚀\nrun,🚀\n", encoding="utf-8")
    result = run("eval", "d.csv", "-m", trained.name)
    assert (
        "emojify: warning: d.csv: 2 sentences have 🚀, which the model does not know; they count "
        "as wrong" in result.err
    )
    assert result.out.startswith("exact match 0.0%")
    assert "perplexity -\n" in result.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-m", "c.safetensors", "--report", "r"],
         "--report goes with a model that answers with one emoji"),
        (["-m", "five", "--beam", "2"], "--beam goes with a model of captions"),
        (["-m", "five", "--learnt", "c.csv"], "--learnt goes with a model of captions"),
        (["-m", "five", "--classifier", "five"], "--classifier goes with a model of captions"),
    ],
)  # fmt: skip
def test_options_of_the_other_kind_of_model(
    run: Run, trained: Path, arguments: list[str], said: str
) -> None:
    result = run("eval", "c.csv", *arguments)
    assert result.err == f"emojify: error: {said}; see 'emojify eval --help'\n"
    assert result.code == 2


def test_the_perplexity_is_that_of_every_place_of_every_line(trained: Path) -> None:
    captioner = Captioner.load(trained)
    examples = Examples("x", ["my dog", "run"], ["🐶 🍕", "🏃"])
    [total, places] = captioner.surprise(examples)
    assert places == 3 + 2  # three emoji and two ends
    found = judge(captioner, captioner.caption(examples.texts), examples, {})
    assert found.perplexity == pytest.approx(math.exp(total / places))
    alone = [
        captioner.surprise(Examples("x", [t], [e])) for t, e in (("my dog", "🐶 🍕"), ("run", "🏃"))
    ]
    assert sum(nats for nats, _ in alone) == pytest.approx(total, rel=1e-5)


def test_the_surprise_of_what_the_model_writes_is_its_own_probability(trained: Path) -> None:
    captioner = Captioner.load(trained)
    [caption] = captioner.caption(["my dog cry"])
    nats, _ = captioner.surprise(Examples("x", ["my dog cry"], [" ".join(caption.emoji)]))
    assert math.exp(-nats) == pytest.approx(caption.probability, rel=1e-5)


def test_a_classifier_is_told_how_many_emoji_are_right() -> None:
    emojifier = Emojifier.load("five")
    texts = ["i love you", "so hungry", "we won the game"]
    lines = likeliest(emojifier, Examples("x", texts, ["❤️", "🍴 😄 ❤️", "⚾ 😄"]))
    assert [len(line) for line in lines] == [1, 3, 2]
    assert lines == [
        tuple(choice.emoji for choice in prediction.top[: len(line)])
        for prediction, line in zip(emojifier.predict(texts, top_k=5), lines, strict=True)
    ]


def test_the_nearest_sentence_is_found_by_angle_and_words_not_order(trained: Path) -> None:
    model = store.load(trained)
    learnt = Examples("x", ["i eat pizza", "you laugh", "run my dog"], ["🍕", "😂", "🏃 🐶"])
    asked = Examples("x", ["dog my run", "pizza eat i pizza eat i", "laugh"], [""] * 3)
    assert nearest(model, learnt, asked) == [("🏃", "🐶"), ("🍕",), ("😂",)]


def test_long_sentences_are_compared_a_few_at_a_time() -> None:
    model = Emojifier.load("five").trained  # whose vectors have 50 numbers
    asked = Examples("x", ["my dog"], ["🐶"])

    def peak(sentences: int) -> int:
        learnt = Examples("x", ["i eat pizza " * 800] * sentences, ["🍕"] * sentences)
        tracemalloc.start()
        nearest(model, learnt, asked)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(200) < 2 * peak(20)


def test_a_sentence_without_a_known_word_gets_the_first_line(trained: Path) -> None:
    learnt = Examples("x", ["you laugh", "run my dog"], ["😂", "🏃 🐶"])
    assert nearest(store.load(trained), learnt, Examples("x", ["zzz"], [""])) == [("😂",)]


def test_captions_and_right_lines_are_compared_by_length(trained: Path) -> None:
    captioner = Captioner.load(trained)
    captions = [Caption("a", ("🐶",), 1.0, 1, 1), Caption("b", ("🐶", "🍕"), 1.0, 1, 1)]
    examples = Examples("x", ["a", "b"], ["🐶", "🍕 🐶"])
    found = judge(captioner, captions, examples, {"always": [("🐶",), ("🐶",)]})
    assert found.by_length[1].exact_match == 1
    assert (found.by_length[2].exact_match, found.by_length[2].token_f1) == (0, 1)
    assert found.baselines["always"].exact_match == 0.5
