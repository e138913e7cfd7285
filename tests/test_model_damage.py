"""A model file that is damaged: every truncation and every single flipped bit is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from emojify import store
from emojify.errors import EmojifyError
from tests.models import small_model

REMEDY = "copy it again, or train it again"
MISMATCH = f"checksum mismatch: the file is damaged; {REMEDY}"
STRANGER = f"is incomplete or is not an emojify model; {REMEDY}"
MARK = b'\\"sha256\\":\\"'  # by which a file is recognised


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "m.safetensors"
    store.save(small_model("lstm"), path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(EmojifyError) as error:
        store.load(path)
    return str(error.value).removeprefix(f"{path}: ")


def test_every_truncation_is_refused_as_incomplete(path: Path) -> None:
    data = path.read_bytes()
    after_header = 8 + int.from_bytes(data[:8], "little")
    for length in reversed(range(len(data))):
        with path.open("r+b") as file:
            file.truncate(length)
        found = f"is incomplete: found {length} of {len(data)} bytes; {REMEDY}"
        assert refusal(path) == (found if length >= after_header else STRANGER), length


def test_every_flipped_bit_is_refused_as_a_mismatch(path: Path) -> None:
    """Where a flip hits what a file is recognised by, it may be no model as well."""
    data = path.read_bytes()
    mark = data.index(MARK)
    digest = mark + len(MARK)
    end_of_facts = range(digest + 64, digest + 68)
    recognised = {*range(8), *range(mark, digest), *end_of_facts}
    with path.open("r+b", buffering=0) as file:
        for place, byte in enumerate(data):
            for bit in range(8):
                file.seek(place)
                file.write(bytes([byte ^ 1 << bit]))
                message = refusal(path)
                assert message == MISMATCH or (message == STRANGER and place in recognised), (
                    place,
                    bit,
                )
            file.seek(place)
            file.write(data[place : place + 1])
    assert path.read_bytes() == data


def test_bytes_behind_the_end_are_a_mismatch(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\0")
    assert refusal(path) == MISMATCH
