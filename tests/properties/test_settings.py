"""Laws of settings, and of the YAML they are written in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from emojify.config import Override, parse_override, read_settings
from emojify.errors import EmojifyError
from emojify.nn.cells import CELLS
from emojify.nn.optim import OPTIMIZERS
from emojify.settings import Settings, as_plain
from emojify.yamlfile import read_value

NAMES = st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True)
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=20)
EMOJI = ["❤️", "⚾", "😄", ":pizza:", "👍🏽"]


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, exclude_min=low == 0, exclude_max=True)


LEAVES = {
    "data.train": NAMES,
    "data.validation": numbers(0, 0.9) | NAMES,
    "data.labels": st.none() | st.permutations(EMOJI).map(lambda emoji: emoji[:3]),
    "data.delimiter": st.sampled_from([",", ";", "|", "tab"]),
    "data.joined_count": st.integers(1, 10_000_000),
    "vectors.source": NAMES,
    "vectors.tune": st.booleans(),
    "vectors.learning_rate": numbers(0, 1e6),
    "vectors.carried": st.none() | st.integers(0, 10_000_000),
    "vectors.carried_as": st.just("float16"),
    "model.cell": st.sampled_from(list(CELLS)),
    "model.hidden": st.integers(1, 8192),
    "model.bidirectional": st.booleans(),
    "decoder.features": st.sampled_from([None, "encoder"]),
    "decoder.width": st.integers(1, 8192),
    "training.optimizer": st.sampled_from(list(OPTIMIZERS)),
    "training.learning_rate": numbers(0, 1e6),
    "training.schedule": st.sampled_from(["linear", "constant"]),
    "training.momentum": numbers(0, 1),
    "training.batch_size": st.integers(1, 65536),
    "training.epochs": st.integers(1, 100_000),
    "training.patience": st.integers(1, 100_000),
    "training.clip_norm": st.none() | numbers(0, 1e9),
    "training.l2": numbers(0, 1e3),
    "training.word_dropout": numbers(0, 1),
    "training.dropout": numbers(0, 1),
    "training.threads": st.integers(1, 64),
    "seed": st.integers(0, 2**63 - 1),
}
SOME = st.fixed_dictionaries({}, optional=LEAVES)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings") / "x.yaml"


def nested(leaves: dict[str, Any]) -> dict[str, Any]:
    """Return settings by section, as a config file has them."""
    data: dict[str, Any] = {}
    for key, value in leaves.items():
        *sections, name = key.split(".")
        (data.setdefault(sections[0], {}) if sections else data)[name] = value
    return data


def settings_of(leaves: dict[str, Any]) -> Settings:
    """Return the defaults with other values, by another way than the reader's."""
    plain = as_plain(Settings())
    for section, value in nested(leaves).items():
        plain[section] = plain[section] | value if isinstance(value, dict) else value
    return msgspec.convert(plain, Settings)


def test_the_settings_here_are_all_there_are() -> None:
    plain = as_plain(Settings())
    keys = {
        f"{section}.{key}" if isinstance(values, dict) else section
        for section, values in plain.items()
        for key in (values if isinstance(values, dict) else [""])
    }
    go_with_others = {"model.reset_after", "data.joined"}
    assert keys - go_with_others == set(LEAVES)


@given(leaves=SOME)
def test_settings_are_read_as_they_were_written_and_others_stay_the_default(
    path: Path, leaves: dict[str, Any]
) -> None:
    for text in (
        yaml.safe_dump(nested(leaves), allow_unicode=True) if leaves else "seed: 1\n",
        json.dumps(nested(leaves), ensure_ascii=False),
    ):
        path.write_text(text, encoding="utf-8")
        assert read_settings(path) == settings_of(leaves)


@given(below=SOME, above=SOME)
def test_what_is_laid_over_a_file_wins_and_the_rest_of_the_file_stays(
    path: Path, below: dict[str, Any], above: dict[str, Any]
) -> None:
    path.write_text(json.dumps(nested(below), ensure_ascii=False), encoding="utf-8")
    values = [Override(key, value, "--test") for key, value in above.items()]
    texts = [
        parse_override(f"{key}={json.dumps(value, ensure_ascii=False)}")
        for key, value in above.items()
    ]
    assert read_settings(path, values) == read_settings(path, texts) == settings_of(below | above)


@given(
    st.one_of(
        st.integers(-(10**38), 10**38),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.none(),
        PRINTABLE,
        st.lists(st.integers() | PRINTABLE | st.none(), max_size=3),
    )
)
def test_what_json_writes_yaml_reads(value: object) -> None:
    assert read_value(json.dumps(value, ensure_ascii=False), "x") == value


@given(
    st.from_regex(r"[a-z0-9_.+:-]{1,12}", fullmatch=True)
    | st.from_regex(r"[-+]?[01.]{1,4}([ex:_][-+]?[0-9]{1,3})?", fullmatch=True)
)
def test_a_plain_word_is_a_number_only_where_json_and_python_agree(word: str) -> None:
    assume(not word.endswith(":") and word not in ("-", "---", "..."))  # parts of YAML itself
    try:
        read = read_value(word, "x")
    except EmojifyError:
        assert word[0] in "-:"
        return
    if isinstance(read, (int, float)) and not isinstance(read, bool):
        assert read == float(word)
        assert set(word) <= set("+-.0123456789e")
        assert isinstance(read, float) or not re.match("[-+]?0[0-9]", word)
    else:
        assert read == {"null": None, "true": True, "false": False}.get(word, word)


@given(comments=st.integers(0, 20), wrong=st.integers(-99, -1))
def test_a_mistake_is_named_with_its_line(path: Path, comments: int, wrong: int) -> None:
    path.write_text("# a comment\n\n" * comments + f"model:\n  hidden: {wrong}\n")
    with pytest.raises(EmojifyError) as caught:
        read_settings(path)
    assert str(caught.value) == (
        f"{path}:{2 * comments + 2}: found {wrong} for model.hidden; "
        "expected a whole number from 1 to 8192"
    )


@given(key=PRINTABLE, section=st.sampled_from(["", "model", "training"]))
def test_whatever_an_unknown_key_is_it_is_named(path: Path, key: str, section: str) -> None:
    name = f"{section}.{key}" if section else key
    assume(key not in nested(LEAVES) and name not in (*LEAVES, "model.reset_after"))
    data = {section: {key: 1}} if section else {key: 1}
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(EmojifyError) as caught:
        read_settings(path)
    assert str(caught.value).startswith(f"{path}:1: found the unknown key {name!r}; ")
