"""Settings: everything that decides what a training makes, typed and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from emojify.csvfile import DELIMITERS
from emojify.nn.cells import CELLS
from emojify.nn.optim import OPTIMIZERS


def _one_of(words: Iterable[str]) -> Meta:
    words = list(words)
    pattern = "|".join(map(re.escape, words))
    return Meta(pattern=rf"^({pattern})\Z", description=" or ".join(words))


# The description of each type is what a message says was expected.
_Path = Annotated[str, Meta(min_length=1, description="a file, or the name of what is shipped")]
_Share = Annotated[
    float, Meta(ge=0, le=0.9, description="a share of the training data from 0 to 0.9, or a file")
]
_Flag = Annotated[bool, Meta(description="true or false")]
_Rate = Annotated[float, Meta(gt=0, le=1e6, description="a number above 0, up to 1e6")]
_Fraction = Annotated[float, Meta(ge=0, lt=1, description="a number from 0 to below 1")]
_Strength = Annotated[float, Meta(ge=0, le=1e3, description="a number from 0 to 1000")]
_Norm = Annotated[float, Meta(gt=0, le=1e9, description="a number above 0, up to 1e9, or null")]
_Width = Annotated[int, Meta(ge=1, le=8192, description="a whole number from 1 to 8192")]
_Batch = Annotated[int, Meta(ge=1, le=65536, description="a whole number from 1 to 65536")]
_Epochs = Annotated[int, Meta(ge=1, le=100_000, description="a whole number from 1 to 100000")]
_Threads = Annotated[int, Meta(ge=1, le=64, description="a whole number from 1 to 64")]
_Seed = Annotated[int, Meta(ge=0, le=2**63 - 1, description="a whole number from 0 to 2^63 - 1")]
_Count = Annotated[
    int, Meta(ge=0, le=10_000_000, description="a whole number from 0 to 10000000, or null")
]
_Size = Annotated[int, Meta(ge=1, le=10_000_000, description="a whole number from 1 to 10000000")]
_Storage = Annotated[str, _one_of(["float16", "int8"])]
_Cell = Annotated[str, _one_of(CELLS)]
_Features = Annotated[str, Meta(pattern=r"^(encoder|mean)\Z", description="encoder, mean or null")]
_Optimizer = Annotated[str, _one_of(OPTIMIZERS)]
_Schedule = Annotated[str, _one_of(["linear", "constant"])]
_Delimiter = Annotated[str, _one_of(DELIMITERS)]
_Emoji = Annotated[list[str], Meta(min_length=2, description="a list of two or more emoji")]


class DataSettings(Struct, frozen=True):
    """``data``: the sentences.

    Attributes:
        train: a CSV file, or the name of one that is shipped.
        validation: a CSV file, or the share of ``train`` to hold back, the same of each emoji, and
            of lines of emoji of each length.
        labels: the emoji in the order of the model's outputs, which numbers in the data stand
            for; by default those of ``train``, in the order of their first row.
        delimiter: what stands between the columns of these files.
        joined: for lines of emoji: a CSV file of sentences with one emoji each, or the name of one
            that is shipped, a few of which are joined into a message to learn from as well; see
            :func:`emojify.joining.joined`.
        joined_count: how many such messages.
    """

    train: _Path = "five-train"
    validation: _Share | _Path = 0.1
    labels: _Emoji | None = None
    delimiter: _Delimiter = ","
    joined: _Path | None = None
    joined_count: _Size = 16_000


class VectorSettings(Struct, frozen=True):
    """``vectors``: what the words start from.

    Attributes:
        source: a GloVe file, or the name of one that is shipped.
        tune: whether the vectors are trained along with the network.
        learning_rate: their own, because a word is in few sentences and gets few steps.
        carried: how many of the most frequent words a model carries inside, besides those of its
            sentences. By default it refers to shipped vectors and carries 50,000 of others.
        carried_as: ``float16``, or ``int8`` for half the size; see
            :class:`emojify.vectors.ScaledRows`.
    """

    source: _Path = "glove-6b-50d"
    tune: _Flag = True
    learning_rate: _Rate = 0.4
    carried: _Count | None = None
    carried_as: _Storage = "float16"


class ModelSettings(Struct, frozen=True):
    """``model``: the network.

    Attributes:
        cell: the recurrent cell.
        hidden: H, the width of the hidden state.
        reset_after: for the GRU, where the reset gate stands; see :class:`emojify.nn.cells.GRU`.
        bidirectional: whether a second layer reads every sentence backwards.
    """

    cell: _Cell = "lstm"
    hidden: _Width = 128
    reset_after: _Flag = False
    bidirectional: _Flag = False


class DecoderSettings(Struct, frozen=True):
    """``decoder``: what writes a line of emoji, with the cell and the width of the network.

    Attributes:
        features: what its first state is made from: the last states of an ``encoder`` that is
            trained with it, or the ``mean`` of the word vectors. Without features there is no
            decoder, and an answer is one emoji.
        width: M, of an emoji's vector.
    """

    features: _Features | None = None
    width: _Width = 32


class TrainingSettings(Struct, frozen=True):
    """``training``: how the network is trained.

    Attributes:
        optimizer: ``sgd``, ``momentum`` (a running mean) or ``classical_momentum``.
        learning_rate: the length of a step, per unit of gradient, at the start.
        schedule: how it goes on: ``constant``, or ``linear`` down to zero over all epochs.
        momentum: β, how much of the velocity stays from step to step.
        batch_size: B, sentences in a step; the gradient is their mean.
        epochs: the most passes over the data.
        patience: stop after so many epochs in a row without a better one.
        clip_norm: the longest gradient, all weights together; ``null`` for no limit.
        l2: λ in ½ λ ‖W‖², for the network's matrices; not for biases, not for word vectors.
        word_dropout: the share of words that are read as unknown in training.
        dropout: the share of a sentence's features that are dropped in training; what is left
            grows by as much (Srivastava et al. 2014).
        threads: how many share a batch, where it is large enough to be worth it; the result
            depends on their number in its last digits.
    """

    optimizer: _Optimizer = "classical_momentum"
    learning_rate: _Rate = 0.2
    schedule: _Schedule = "linear"
    momentum: _Fraction = 0.9
    batch_size: _Batch = 32
    epochs: _Epochs = 10
    patience: _Epochs = 5
    clip_norm: _Norm | None = 5.0
    l2: _Strength = 0.0
    word_dropout: _Fraction = 0.25
    dropout: _Fraction = 0.0
    threads: _Threads = 1


class Settings(Struct, frozen=True):
    """Everything that decides what a training makes; the config file, one to one."""

    data: DataSettings = DataSettings()
    vectors: VectorSettings = VectorSettings()
    model: ModelSettings = ModelSettings()
    decoder: DecoderSettings = DecoderSettings()
    training: TrainingSettings = TrainingSettings()
    seed: _Seed = 1


def as_plain(settings: Settings) -> dict[str, Any]:
    """Return the settings as dictionaries, for a model file or a screen."""
    plain: dict[str, Any] = msgspec.to_builtins(settings)
    return plain
