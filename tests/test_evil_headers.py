"""Model files with a bent header under a right checksum: refused before anything is made of it."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from emojify import Emojifier, header
from emojify.errors import EmojifyError
from tests.models import ZEROS, facts_of, header_of, sealed_by_hand

AS_WRITTEN = "expected an emojify model as emojify writes it; copy it again, or train it again"


def refusal(path: Path) -> str:
    with pytest.raises(EmojifyError) as error:
        Emojifier.load(path)
    return str(error.value).removeprefix(f"{path}: ")


GOOD = '"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}'
SECOND = '"b":{{"dtype":"U8","shape":[2],"data_offsets":[{},{}]}}'


def bent(tensors: str, numbers: bytes = b"abcd") -> bytes:
    return sealed_by_hand(header_of(facts_of(), f",{tensors}"), numbers)


def entry(dtype: str = '"U8"', shape: str = "[2]", offsets: str = "[0,2]", more: str = "") -> bytes:
    return bent(f'"a":{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}{more}}}', b"ab")


NO_TENSOR = " for the tensor 'a'"
DEEP = 5000
HEADERS: dict[str, tuple[bytes, str]] = {
    "a tensor twice": (bent(f"{GOOD},{GOOD}"), "the key 'a' twice in the header"),
    "a fact twice": (
        sealed_by_hand(header_of(facts_of('"version":1,"settings":{}'))),
        "the key 'version' twice in the facts",
    ),
    "a setting twice": (
        sealed_by_hand(header_of(facts_of('"settings":{"seed":1,"seed":2}'))),
        "the key 'seed' twice in the facts",
    ),
    "the metadata twice": (
        bent('"__metadata__":{"emojify-model":"x"}'), "the key '__metadata__' twice in the header"
    ),
    "more metadata": (
        sealed_by_hand(header_of(facts_of()).replace("}\"}", "}\",\"more\":\"x\"}", 1)),
        "a header without facts",
    ),
    "a deep header": (
        bent(f'"a":{"[" * DEEP}{"]" * DEEP}'), "brackets within brackets without end in the header"
    ),
    "deep facts": (
        sealed_by_hand(header_of(facts_of(f'"settings":{"[" * 99999}'))),
        "brackets within brackets without end in the facts",
    ),
    "a number that is none": (
        sealed_by_hand(header_of(facts_of('"history":[NaN]'))), "'NaN' as a number in the facts"
    ),
    "minus infinity": (
        sealed_by_hand(header_of(facts_of('"history":[-Infinity]'))),
        "'-Infinity' as a number in the facts",
    ),
    "a number without end": (
        sealed_by_hand(header_of(facts_of('"history":[1e999]'))), "'1e999' as a number in the facts"
    ),
    "a whole number of 5000 digits": (
        sealed_by_hand(header_of(facts_of(f'"history":[{"1" * 5000}]'))),
        "'111111111111...1111111111111' as a number in the facts",
    ),
    "facts that are no JSON": (
        sealed_by_hand(header_of(facts_of("settings"))),
        "no JSON as the facts (Expecting property name enclosed in double quotes: line 1 column "
        "39 (char 38))",
    ),
    "a header that is a list": (
        sealed_by_hand(f"[{header_of(facts_of())}]"), "no JSON object as the header"
    ),
    "a header that is not UTF-8": (bent('"\udcff":1'), "a header that is not UTF-8"),
    "another format": (
        sealed_by_hand(header_of(facts_of().replace("emojify-model", "other"))),
        "the format 'other' in version 1",
    ),
    "another kind": (
        sealed_by_hand(header_of(facts_of()).replace("emojify-model", "emojify-else", 1)),
        "a file that calls itself 'emojify-else'",
    ),
    **{
        f"the version {version}": (
            sealed_by_hand(header_of(facts_of().replace(':1,', f":{version},", 1))),
            f"the format 'emojify-model' in version {shown}",
        )
        for version, shown in {'"1"': "'1'", "0": "0", "-1": "-1", "1.0": "1.0", "true": "True",
                               "null": "None"}.items()
    },
    "an overlap": (
        bent(f"{GOOD},{SECOND.format(1, 3)}", b"abc"),
        "the tensor 'b' in the bytes 1 to 3 instead of 2 to 4",
    ),
    "a hole": (
        bent(f"{GOOD},{SECOND.format(3, 5)}", b"abcde"),
        "the tensor 'b' in the bytes 3 to 5 instead of 2 to 4",
    ),
    "bytes behind the end": (bent(GOOD, b"abc"), "3 bytes of numbers instead of 2"),
    "terabytes of numbers": (
        entry(shape="[1099511627776]", offsets="[0,1099511627776]"),
        "2 bytes of numbers instead of 1099511627776",
    ),
    "offsets backwards": (
        entry(offsets="[2,0]"), "the tensor 'a' in the bytes 2 to 0 instead of 0 to 2"
    ),
    "another shape than bytes": (
        entry(shape="[3]"), "the tensor 'a' in the bytes 0 to 2 instead of 0 to 3"
    ),
    "a type of pickles": (
        entry(dtype='"O"'), "{'data_offsets': [0, 2], 'dtype': 'O', 'shape': [2]}" + NO_TENSOR
    ),
    "a type that is a list": (
        entry(dtype="[]"), "{'data_offsets': [0, 2], 'dtype': [], 'shape': [2]}" + NO_TENSOR
    ),
    "a negative size": (
        entry(shape="[-2]"), "{'data_offsets': [0, 2], 'dtype': 'U8', 'shape': [-2]}" + NO_TENSOR
    ),
    "a broken size": (
        entry(shape="[2.0]"), "{'data_offsets': [0, 2], 'dtype': 'U8', 'shape': [2.0]}" + NO_TENSOR
    ),
    "a shape that is a text": (
        entry(shape='"2"'), "{'data_offsets': [0, 2], 'dtype': 'U8', 'shape': '2'}" + NO_TENSOR
    ),
    "nine dimensions": (
        entry(shape="[2,1,1,1,1,1,1,1,1]"),
        "{'data_offsets': [0, 2], 'dtype': 'U8', 'shape': [2, 1, 1, 1, 1, 1, ...]}" + NO_TENSOR,
    ),
    "true as a place": (
        entry(shape="[1]", offsets="[false,true]"),
        "{'data_offsets': [False, True], 'dtype': 'U8', 'shape': [1]}" + NO_TENSOR,
    ),
    "one offset": (
        entry(offsets="[2]"), "{'data_offsets': [2], 'dtype': 'U8', 'shape': [2]}" + NO_TENSOR
    ),
    "nothing at all": (bent('"a":null'), "None for the tensor 'a'"),
    "no numbers in more dimensions than there are": (
        bent('"a":{"dtype":"U8","shape":[0,9223372036854775807,2],"data_offsets":[0,0]}', b""),
        "{'data_offsets': [0, 0], 'dtype': 'U8', 'shape': [0, 9223372036854775807, 2]}" + NO_TENSOR,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "found"), HEADERS.values(), ids=HEADERS.keys())
def test_bent_headers_are_refused(tmp_path: Path, data: bytes, found: str) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(data)
    assert refusal(path) == f"found {found}; {AS_WRITTEN}"


@pytest.mark.parametrize(
    ("length", "size"),
    [(2**40, 2000), (2**64 - 1, 2000), (10**9, 2000), (101_000_000, 102_000_000)],
    ids=["a terabyte", "all bits", "a gigabyte", "within a sparse file of that size"],
)
def test_what_a_header_claims_is_never_allocated(tmp_path: Path, length: int, size: int) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + header_of(facts_of()).encode())
    with path.open("r+b") as file:
        file.truncate(size)
    tracemalloc.start()
    message = refusal(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert message == ("is incomplete or is not an emojify model; copy it again, or train it again")
    assert peak < 1_000_000


def test_a_large_file_that_is_no_model_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    header = '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode())
    with path.open("r+b") as file:
        file.truncate(5_000_000_000)  # sparse
    tracemalloc.start()
    message = refusal(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert message.startswith("is incomplete or is not an emojify model; ")
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ('"needs":"0.3",', "needs emojify 0.3 or newer"),
        ("", "needs a newer emojify"),
        ('"needs":"\\u001b[31m",', "needs a newer emojify"),
        ('"needs":3,', "needs a newer emojify"),
    ],
)
def test_a_newer_version_tells_what_it_needs(tmp_path: Path, needs: str, message: str) -> None:
    path = tmp_path / "m.safetensors"
    facts = f'{{"format":"emojify-model","version":3,{needs}"sha256":"{ZEROS}"}}'
    path.write_bytes(sealed_by_hand(header_of(facts)))
    assert refusal(path) == (
        f"{message}: found format version 3; expected 2 or older; install a newer emojify"
    )


def test_what_is_just_within_the_limits_of_a_header_is_read() -> None:
    number = "9" * 100
    assert header.read_object(f'{{"a": {number}}}', "facts") == {"a": int(number)}
    with pytest.raises(ValueError, match="as a number in the facts"):
        header.read_object(f'{{"a": {number}9}}', "facts")
    deep = {"dtype": "U8", "shape": [1] * 8, "data_offsets": [0, 1]}
    assert header.places({"a": deep})["a"].shape == [1] * 8
    with pytest.raises(ValueError, match="for the tensor 'a'"):
        header.places({"a": deep | {"shape": [1] * 9}})
