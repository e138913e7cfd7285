"""Settings: what a config file may say and what it means."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify import resources
from emojify.config import Override, parse_override, read_settings
from emojify.csvfile import DELIMITERS
from emojify.errors import EmojifyError
from emojify.nn.cells import CELLS
from emojify.nn.optim import OPTIMIZERS
from emojify.settings import ModelSettings, Settings, as_plain


@pytest.fixture
def write(tmp_path: Path):
    def write_file(text: str) -> Path:
        path = tmp_path / "c.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def complaint(path: Path) -> str:
    with pytest.raises(EmojifyError) as caught:
        read_settings(path)
    return str(caught.value).removeprefix(str(path))


def test_the_lstm_config_spells_out_the_defaults() -> None:
    assert read_settings(resources.shipped("configs", "lstm")) == Settings()


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_every_shipped_config_is_for_its_cell(cell: str) -> None:
    assert read_settings(resources.shipped("configs", cell)).model.cell == cell


def test_the_shipped_configs_are_those_of_the_cells_of_captions_and_of_chat() -> None:
    captions = ["caption-gru", "caption-lstm", "caption-rnn"]
    assert resources.names("configs") == sorted([*CELLS, *captions, "chat"])
    for name in captions:
        settings = read_settings(resources.shipped("configs", name))
        assert (f"caption-{settings.model.cell}", settings.decoder.features) == (name, "encoder")


@pytest.mark.parametrize(("key", "value"), [("carried", 0), ("source", "./mine.txt")])
def test_vectors_that_a_model_carries_may_be_int8(key: str, value: object) -> None:
    overrides = [Override(f"vectors.{key}", value, ""), Override("vectors.carried_as", "int8", "")]
    assert read_settings(None, overrides).vectors.carried_as == "int8"


def test_a_file_may_hold_only_what_differs(write) -> None:
    settings = read_settings(write("model: {hidden: 64}"))
    assert settings.model.hidden == 64
    assert settings.training == Settings().training


@pytest.mark.parametrize(
    ("written", "value"),
    [("1e-3", 0.001), ("1E-3", 0.001), (".5", 0.5), ("1", 1.0), ("+1.5", 1.5), ("2.", 2.0)],
)
def test_numbers_are_written_as_everywhere(write, written: str, value: float) -> None:
    settings = read_settings(write(f"training:\n  learning_rate: {written}\n"))
    assert settings.training.learning_rate == value


@pytest.mark.parametrize("written", ["010", "1:30:00", "0x10", "1_000", "0o7", "'5'", "5.5"])
def test_numbers_of_yaml_1_1_are_no_numbers(write, written: str) -> None:
    message = complaint(write(f"training:\n  epochs: {written}\n"))
    assert message == (
        f":2: found {written if written == '5.5' else repr(written.strip(chr(39)))} for "
        "training.epochs; expected a whole number from 1 to 100000"
    )


def test_a_decimal_comma_is_recognised(write) -> None:
    assert complaint(write("training:\n  learning_rate: 0,01\n")) == (
        ":2: found '0,01' for training.learning_rate; expected a number above 0, up to 1e6; "
        "write decimals with a point"
    )


RATE = "a number above 0, up to 1e6"
SHARE = "a share of the training data from 0 to 0.9, or a file"
BELOW_1 = "a number from 0 to below 1"
EPOCHS = "a whole number from 1 to 100000"
COUNT = "a whole number from 0 to 10000000, or null"
FILE = "a file, or the name of what is shipped"


@pytest.mark.parametrize(
    ("key", "taken", "refused", "expected"),
    [
        ("data.train", ["x"], ["", 1], FILE),
        ("data.validation", [0, 0.9, "x.csv"], [-0.001, 0.901, ""], SHARE),
        ("data.labels", [["⚾", "😄"], None], [["⚾"], "⚾"], "a list of two or more emoji"),
        ("data.delimiter", [",", ";", "tab", "|"], ["", ",,", "\t", None], " or ".join(DELIMITERS)),
        ("vectors.source", ["x"], ["", None], FILE),
        ("vectors.tune", [True, False], [0, "on"], "true or false"),
        ("vectors.learning_rate", [1e-9, 1e6], [0, 1e6 + 0.5], RATE),
        ("vectors.carried", [0, 10_000_000, None], [-1, 10_000_001], COUNT),
        ("vectors.carried_as", ["float16"], ["", "int"], "float16 or int8"),
        ("model.bidirectional", [True, False], [0, "on"], "true or false"),
        ("model.cell", list(CELLS), ["", "lstmx", "xlstm"], " or ".join(CELLS)),
        ("model.hidden", [1, 8192], [0, 8193], "a whole number from 1 to 8192"),
        ("training.optimizer", list(OPTIMIZERS), ["", "sgdx", "xsgd"], " or ".join(OPTIMIZERS)),
        ("training.learning_rate", [1e-9, 1e6], [0, 1e6 + 0.5], RATE),
        ("training.schedule", ["linear", "constant"], ["", "linearx"], "linear or constant"),
        ("training.momentum", [0, 0.999], [-0.001, 1], BELOW_1),
        ("training.batch_size", [1, 65536], [0, 65537], "a whole number from 1 to 65536"),
        ("training.epochs", [1, 100_000], [0, 100_001], EPOCHS),
        ("training.patience", [1, 100_000], [0, 100_001], EPOCHS),
        (
            "training.clip_norm",
            [1e-9, 1e9, None],
            [0, 1e9 + 0.5],
            "a number above 0, up to 1e9, or null",
        ),
        ("training.l2", [0, 1000], [-0.001, 1000.5], "a number from 0 to 1000"),
        ("training.word_dropout", [0, 0.999], [-0.001, 1], BELOW_1),
        ("training.dropout", [0, 0.999], [-0.001, 1], BELOW_1),
        ("training.threads", [1, 64], [0, 65], "a whole number from 1 to 64"),
        ("seed", [0, 2**63 - 1], [-1, 2**63], "a whole number from 0 to 2^63 - 1"),
    ],
)
def test_every_setting_has_its_range(
    key: str, taken: list[object], refused: list[object], expected: str
) -> None:
    for value in taken:
        settings: object = read_settings(None, [Override(key, value, "--set x")])
        for name in key.split("."):
            settings = getattr(settings, name)
        assert settings == value
    for value in refused:
        with pytest.raises(EmojifyError) as caught:
            read_settings(None, [Override(key, value, "--set x")])
        assert str(caught.value).startswith("--set x: found ")
        assert str(caught.value).endswith(f" for {key}; expected {expected}")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (float("inf"), "a number that is too large"),
        (-2.5, "-2.5"),
        ("word", "'word'"),
        ([1, "a"], "[1, 'a']"),
    ],
)
def test_a_value_is_shown_as_yaml_has_it(value: object, shown: str) -> None:
    with pytest.raises(EmojifyError) as caught:
        read_settings(None, [Override("model.hidden", value, "--set x")])
    assert str(caught.value) == (
        f"--set x: found {shown} for model.hidden; expected a whole number from 1 to 8192"
    )


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("modle", "did you mean 'model'?"),
        ("model.hiden", "did you mean 'hidden'?"),
        ("training.learning_rat", "did you mean 'learning_rate'?"),
        ("model.cexx", "did you mean 'cell'?"),  # half of it is right
        ("model.cxxx", "expected one of: cell, hidden, reset_after, bidirectional"),
        ("model.x", "expected one of: cell, hidden, reset_after, bidirectional"),
        ("x", "expected one of: data, vectors, model, decoder, training, seed"),
        ("data.abcdefgh", "expected one of: train, validation, labels, delimiter, "
         "joined, joined_count"),
        ("training.ape", "expected one of: optimizer, learning_rate, schedule, momentum, "
         "batch_size, epochs, patience, clip_norm, l2, word_dropout, dropout, threads"),
    ],
)  # fmt: skip
def test_an_unknown_key_names_what_may_be_meant(key: str, advice: str) -> None:
    with pytest.raises(EmojifyError) as caught:
        read_settings(None, [Override(key, 1, "--set x")])
    assert str(caught.value) == f"--set x: found the unknown key {key!r}; {advice}"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["seed.deep=1"],
            "--set seed.deep: found seed, which is a value; expected a section; write seed=VALUE",
        ),
        (
            ["model.hidden=8", "model.hidden.a.b=1"],
            "--set model.hidden.a.b: found model.hidden, which is a value; expected a section; "
            "write model.hidden=VALUE",
        ),
        (
            ["model=5"],
            "--set model: found 5 for model; expected a section with some of: cell, hidden, "
            "reset_after, bidirectional",
        ),
        (["data.joined=chat-train"], "--set data.joined: found data.joined without a decoder, "
         "which alone learns from messages of several emoji; expected it with decoder.features; "
         "remove it"),
        (["decoder.features=mean", "model.bidirectional=true"], "--set decoder.features: found "
         "model.bidirectional: true with decoder.features: mean, which is the same in both "
         "directions; expected it with encoder; remove one of them"),
        (["decoder.features=lstm"], "--set decoder.features: found 'lstm' for decoder.features; "
         "expected encoder, mean or null"),
        (["x.y.z=1"], "--set x.y.z: found the unknown key 'x'; expected one of: data, vectors, "
         "model, decoder, training, seed"),
        (["model={hiden: 3}"], "--set model: found the unknown key 'model.hiden'; did you mean "
         "'hidden'?"),
        (["seed=2", "model={hidden: 0}"], "--set model: found 0 for model.hidden; expected a "
         "whole number from 1 to 8192"),
        (["model={reset_after: true}"], "--set model: found model.reset_after: true with the cell "
         "lstm; expected it with gru; remove it"),
        (["vectors.carried_as=int8"], "--set vectors.carried_as: found vectors.carried_as: int8 "
         "with shipped vectors, which a model refers to; expected it with vectors.carried; say how "
         "many words it is to carry"),
        (["data={labels: [⚾, ⚾]}"], "--set data: found ⚾ twice in data.labels; expected each "
         "emoji once"),
        (["model.x.y=1"], "--set model.x.y: found the unknown key 'model.x'; expected one of: "
         "cell, hidden, reset_after, bidirectional"),
        (["model.reset_after=true"], "--set model.reset_after: found model.reset_after: true with "
         "the cell lstm; expected it with gru; remove it"),
        (["data.labels=[⚾, ⚾]"], "--set data.labels: found ⚾ twice in data.labels; expected "
         "each emoji once"),
        (["data.labels=[⚾, '7']"], "--set data.labels: found the number 7 in data.labels; "
         "expected emoji or names such as :pizza:"),
        (["training.learning_rate=0,5"], "--set training.learning_rate: found '0,5' for "
         "training.learning_rate; expected a number above 0, up to 1e6; write decimals with a "
         "point"),
        (["training.learning_rate=0,5,"], "--set training.learning_rate: found '0,5,' for "
         "training.learning_rate; expected a number above 0, up to 1e6"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_override_is_named_with_it(overrides: list[str], message: str) -> None:
    seed = Override("seed", 1, "--seed")
    with pytest.raises(EmojifyError) as caught:
        read_settings(None, [seed, *map(parse_override, overrides)])
    assert str(caught.value) == message


def test_the_reset_gate_of_a_gru_may_stand_after(write) -> None:
    assert read_settings(write("model: {cell: gru, reset_after: true}\n")).model.reset_after


def test_a_section_that_is_replaced_is_blamed_on_what_replaced_it(write) -> None:
    path = write("model: {hidden: 8, cell: gru}\nseed: -1\n")
    with pytest.raises(EmojifyError) as caught:
        read_settings(path, [parse_override("model={hidden: 0}")])
    assert str(caught.value).startswith("--set model: found 0 for model.hidden; expected")
    with pytest.raises(EmojifyError) as caught:
        read_settings(path, [parse_override("model={hidden: 9}")])
    assert str(caught.value).startswith(f"{path}:2: found -1 for seed; expected")
    settings = read_settings(path, [parse_override("model={hidden: 9}"), parse_override("seed=1")])
    assert settings.model == ModelSettings(hidden=9)


@pytest.mark.parametrize("text", ["model.hidden", "=5", "", "model.hidden\t=5"])
def test_an_override_without_a_key_or_a_value_is_refused(text: str) -> None:
    with pytest.raises(EmojifyError) as caught:
        parse_override(text)
    shown = text.replace("\t", "\\t")
    assert str(caught.value) == (
        f"found --set {shown}; expected key.path=value, as in model.hidden=64"
    )


def test_an_override_that_is_not_yaml_is_named_with_its_key() -> None:
    with pytest.raises(EmojifyError) as caught:
        parse_override("model.hidden=]")
    assert str(caught.value).startswith("--set model.hidden:1: found YAML that cannot be read at")
    with pytest.raises(EmojifyError) as caught:
        parse_override("model.hidden={a: 1, a: 2}")
    assert str(caught.value).startswith("--set model.hidden:1: found the key 'a' again; expected")


def test_an_override_is_read_as_yaml_up_to_its_end() -> None:
    assert parse_override("data.train=a=b.csv") == Override(
        "data.train", "a=b.csv", "--set data.train"
    )
    assert parse_override("training.clip_norm=").value is None


def test_a_config_that_is_not_utf8_is_refused_with_the_place(write) -> None:
    path = write("")
    path.write_bytes(b"seed: 1\n# caf\xe9\n")
    assert complaint(path) == (
        ": found a byte that is not UTF-8 at offset 13; expected a YAML file of settings; "
        "save it as UTF-8"
    )


def test_a_byte_order_mark_is_passed_over(write) -> None:
    assert read_settings(write("\ufeffseed: 5\n")).seed == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x: &a 1\ny: *a\n",
            ":2: found an alias (*); expected plain settings; write the values out, without it",
        ),
        (
            "[" * 3000,
            ":1: found more than 20 levels; expected plain settings; "
            "write the values out, without it",
        ),
        (
            "model:\n  cell: rnn\n  reset_after: true\n",
            ":3: found model.reset_after: true with the cell rnn; expected it with gru; remove it",
        ),
        (
            "data:\n  labels: [❤️, ❤]\n",
            ":2: found ❤️ twice in data.labels; expected each emoji once",
        ),
        (
            "data:\n  labels: [❤️, heart]\n",
            ":2: found the label 'heart' in data.labels; expected emoji or names such as :pizza:",
        ),
        (
            "model: 5\n",
            ":1: found 5 for model; expected a section with some of: cell, hidden, reset_after, "
            "bidirectional",
        ),
        (
            "seed: 1\nmodel: {'`$.seed`': 5}\n",
            ":2: found the unknown key 'model.`$.seed`'; "
            "expected one of: cell, hidden, reset_after, bidirectional",
        ),
    ],
)
def test_other_mistakes_are_named_with_their_line(write, text: str, message: str) -> None:
    assert complaint(write(text)) == message


def test_paths_start_from_the_config_and_names_stay_names(write, tmp_path: Path) -> None:
    settings = read_settings(
        write("data: {train: my/own.csv, validation: held.csv}\nvectors: {source: glove-6b-50d}\n")
    )
    assert settings.data.train == str(tmp_path / "my/own.csv")
    assert settings.data.validation == str(tmp_path / "held.csv")
    assert settings.vectors.source == "glove-6b-50d"
    settings = read_settings(write("vectors: {source: my/own}\n"))
    assert settings.vectors.source == str(tmp_path / "my/own")
    settings = read_settings(write("data: {train: ./own, validation: 0.5}\n"))
    assert (settings.data.train, settings.data.validation) == (str(tmp_path / "own"), 0.5)
    assert complaint(write("data: own.csv\n")) == (
        ":1: found 'own.csv' for data; expected a section with some of: train, validation, labels, "
        "delimiter, joined, joined_count"
    )


def test_overrides_win_over_the_file_and_later_ones_over_earlier(write) -> None:
    path = write("model: {hidden: 64}\n")
    overrides = [Override("model.hidden", 32, "--x"), parse_override("model.hidden=16")]
    assert read_settings(path, overrides).model.hidden == 16
    assert read_settings(None, [parse_override("data.labels=[❤️, ':pizza:']")]).data.labels == [
        "❤️",
        ":pizza:",
    ]


def test_settings_survive_being_stored() -> None:
    import msgspec

    assert msgspec.convert(as_plain(Settings()), Settings) == Settings()


@given(st.text(max_size=60))
def test_any_text_is_settings_or_a_complaint(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        outcome: object = read_settings(path)
    except EmojifyError as error:
        outcome = str(error)
    assert isinstance(outcome, Settings) or str(outcome).startswith(str(path))


@pytest.mark.parametrize("section", [None, "data", "vectors", "model", "training"])
def test_settings_do_not_change(section: str | None) -> None:
    settings = Settings() if section is None else getattr(Settings(), section)
    for name in settings.__struct_fields__:
        with pytest.raises(AttributeError, match="immutable"):
            setattr(settings, name, getattr(settings, name))
