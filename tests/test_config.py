"""Settings: what a config file may say and what it means."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emojify import resources
from emojify.config import Override, Settings, as_plain, parse_override, read_settings
from emojify.errors import EmojifyError
from emojify.nn.cells import CELLS


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


@pytest.mark.parametrize("cell", resources.names("configs"))
def test_every_shipped_config_is_for_its_cell(cell: str) -> None:
    assert cell in CELLS
    assert read_settings(resources.shipped("configs", cell)).model.cell == cell


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
            ":1: found 5 for model; expected a section with some of: cell, hidden, reset_after",
        ),
        (
            "seed: 1\nmodel: {'`$.seed`': 5}\n",
            ":2: found the unknown key 'model.`$.seed`'; "
            "expected one of: cell, hidden, reset_after",
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
