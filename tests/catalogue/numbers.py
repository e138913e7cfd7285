"""Rows 92 to 99: numbers at the edges of what floats hold."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from emojify import store
from tests.catalogue.case import Case, Elsewhere, row
from tests.models import small_model

SENTENCES = b"i love you,0\nyou run,1\nyou love me,0\nrun run run,1\n"
WORDS = ("i", "love", "you", "run", "me")
TRAIN = ("train --data x.csv --vectors v.txt -o m.safetensors --epochs 2 --set model.hidden=4 --set "
         "data.labels=[❤,⚾]")  # fmt: skip


def trains(number: str, more: str = "") -> Case:
    """A model is trained from vectors whose every number is this one, and its answers are numbers."""
    vectors = "".join(f"{word} {number} {number}\n" for word in WORDS)
    return Case(f"{TRAIN} {more}", {"x.csv": SENTENCES, "v.txt": vectors.encode()}, "to learn: x.csv: 4 "
                "sentences, no header\n", goes_on=True, made="m.safetensors")  # fmt: skip


def scaled(size: float) -> bytes:
    """A small model with all weights so many times as large."""
    model = small_model("lstm")
    weights = {name: (weight * size).astype(np.float32) for name, weight in model.weights.items()}
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "m.safetensors"
        store.save(replace(model, weights=weights), path)
        return path.read_bytes()


def answers(size: float) -> list[Case]:
    """Sentences and losses have finite answers."""
    files = {"m.safetensors": scaled(size), "x.csv": SENTENCES}
    finite = r"(?!.*(NaN|nan|Infinity|inf))"
    return [
        Case("predict -m m.safetensors --json -k 2 'i love you'", files, "", finite + r'{"text": .*}\n'),
        Case("eval x.csv -m m.safetensors --json", files, "x.csv: 4 sentences, no header\n",
             finite + r'{"examples": 4, .*"loss": [\d.e+]+, .*'),
    ]  # fmt: skip


CASES = [
    *row(95, "a gradient that explodes is clipped by its norm, and the training goes on",
         trains("60000", "--lr 10"), trains("60000", "--set training.clip_norm=1e-6")),
    *row(96, "a sigmoid or exponential that would overflow", *answers(1e4)),
    *row(97, "logits of ten thousand and more", *answers(1e10)),
    *row(98, "a probability of zero has a loss that is a number", *answers(1e30)),
    *row(99, "vectors of zeros", trains("0"), trains("-0.0"), trains("1e-45")),
]  # fmt: skip
ELSEWHERE = [
    Elsewhere(92, "a loss that is no number: exit code 4, epoch, step and learning rate, the last good epoch kept",
              "test_numbers", "test_a_diverging_training_says_where_and_keeps_the_last_good_epoch"),
    Elsewhere(93, "an answer that is no number is an error and never an emoji", "test_numbers",
              "test_no_command_answers_from_what_is_no_number"),
    Elsewhere(94, "a validation loss that is no number is no reason to go on", "test_numbers",
              "test_a_validation_loss_that_is_no_number_is_not_taken_for_a_worse_epoch"),
    Elsewhere(95, "the norm is that of all gradients together", "nn.test_optim",
              "test_clipping_scales_all_gradients_by_their_common_norm"),
    Elsewhere(98, "the loss is computed from logits", "nn.test_model",
              "test_extreme_logits_give_finite_probabilities_and_losses"),
]  # fmt: skip
