"""GloVe files as they are found: rows 1 to 20 of the catalogue of bad inputs.

Each complaint is raised here with its exact text; ``catalogue/vectors.py`` has them through
the real command.
"""

import gzip
import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from emojify import cache, glove
from emojify.archives import Source
from emojify.errors import EmojifyError, EmojifyWarning
from emojify.glove import load
from emojify.vectors import Vectors

THREE = b"the 0.5 -0.25\n, 1 2\nof 3e-2 .5\n"


@pytest.fixture
def write(tmp_path: Path):
    def write_file(content: bytes, name: str = "vectors.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_file


def words_of(vectors: Vectors) -> list[str]:
    return [vectors.vocabulary.word(i) for i in range(1, len(vectors.vocabulary) + 1)]


def complaint(path: Path) -> str:
    with pytest.raises(EmojifyError) as caught:
        load(path)
    assert caught.value.exit_code == 2
    return str(caught.value).removeprefix(str(path))


def test_words_numbers_and_the_unknown_word(write) -> None:
    vectors = load(write(THREE))
    assert words_of(vectors) == ["the", ",", "of"]
    assert vectors.matrix.dtype == np.float32
    np.testing.assert_array_equal(
        vectors.matrix, np.array([[0, 0], [0.5, -0.25], [1, 2], [0.03, 0.5]], np.float32)
    )


@pytest.mark.parametrize(
    "word",
    [
        ". . .",
        "at name@domain.com",
        "\xa0",
        "a\x85b",
        "a\u2028b",
        "a\x1cb\x1d\x1e",
        "1",
        "2.5e3",
        "<unk>",
        "naïve",
        "😀",
    ],
)
def test_any_word_loads_wherever_it_stands(write, word: str) -> None:
    first = f"{word} 0.5 -1\nthe 1 2\n"
    last = f"the 1 2\n{word} 0.5 -1"
    for text in (first, last):
        vectors = load(write(text.encode()))
        assert sorted(words_of(vectors)) == sorted([word, "the"])
        assert vectors.matrix[vectors.vocabulary.find(word)].tolist() == [0.5, -1]


@pytest.mark.parametrize(
    "content",
    [
        THREE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + THREE,
        THREE.rstrip(),
        THREE + b"\n\n",
        THREE.replace(b"\n", b" \n"),
        b"3 2\n" + THREE,
        gzip.compress(THREE, mtime=0),
    ],
    ids=["crlf", "bom", "no end", "blank end", "fasttext's spaces", "word2vec's header", "gzip"],
)
def test_forms_of_the_same_file_load_identically(write, content: bytes) -> None:
    same = load(write(content))
    assert words_of(same) == ["the", ",", "of"]
    np.testing.assert_array_equal(same.matrix, load(write(THREE, "plain.txt")).matrix)


def test_any_number_of_blank_lines_may_end_a_file(write) -> None:
    assert words_of(load(write(THREE + b"\n" * (9 << 20)))) == ["the", ",", "of"]


def test_a_repeated_word_counts_once_with_one_warning(write) -> None:
    path = write(b"a 1 1\nb 2 2\na 3 3\nb 4 4\n")
    with pytest.warns(EmojifyWarning) as caught:
        vectors = load(path)
    assert vectors.matrix[1:].tolist() == [[1, 1], [2, 2]]
    assert [str(w.message) for w in caught] == [
        f"{path}: 2 repeated words were passed over; the first of each counts (lines 3, 4)"
    ]


def test_a_word_that_is_not_utf8_is_skipped_with_one_warning(write) -> None:
    path = write(b"a 1 1\n\xff\xfe 2 2\nb 3 3\n")
    with pytest.warns(EmojifyWarning, match=r"1 words that are not UTF-8 were skipped \(lines 2\)"):
        assert words_of(load(path)) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"4 2\n" + THREE,
            ": found 3 words; expected 4 as the first line says; "
            "the file is incomplete, download it again",
        ),
        (
            b"a 1 2 3\nb 1 2 3\nc 1",
            ":3: line 3 has 1 of 3 numbers; the file is incomplete, download it again",
        ),
        (
            b"a 1 2 3\nb 1 2\nc 1 2 3\n",
            ":2: found 2 numbers after 'b'; expected 3 as on line 1; correct the line or remove it",
        ),
        (
            b"a 1 2 3\nb 1 2 3 4\nc 1 2 3\n",
            ":2: found 4 numbers after 'b'; expected 3 as on line 1; correct the line or remove it",
        ),
        (
            b"a 1 2\n 3 4\n",
            ":2: found 2 numbers after ''; expected 2 as on line 1; correct the line or remove it",
        ),
        *(
            (
                b"a 1 2\nb 3 %s\n" % number,
                f":2: found '{number.decode()}' for the word 'b'; expected a finite number such "
                "as -0.418; correct the line or remove it",
            )
            for number in (b"nan", b"inf", b"-Infinity", b"1_000", "１".encode(), b"0x1", b"1,5")
        ),
        *(
            (
                b"a 1 2\nb 3 %s\n" % number,
                f":2: found '{number.decode()}' for the word 'b'; expected a number that fits 32 "
                "bits; correct the line or remove it",
            )
            for number in (b"1e400", b"-1e39")
        ),
        (
            b"1 0\na\n",
            ":1: found '1 0', a header that promises 0 numbers a word; expected 1 to 100000; "
            "this is not a file of word vectors",
        ),
        (
            b"1 999999999999\na 1\n",
            ":1: found '1 999999999999', a header that promises 999999999999 numbers a word; "
            "expected 1 to 100000; this is not a file of word vectors",
        ),
        *(
            (
                b"a 1 2\nb 1%s2 3\nc  4\n" % space.encode(),
                f":2: found '1{space}2' for the word 'b'; expected a finite number such as "
                "-0.418; correct the line or remove it".replace(space, ascii(space)[1:-1]),
            )
            for space in "\t\v\f"
        ),
        (
            b"a 1 2\n\t",
            ":2: line 2 has 0 of 2 numbers; the file is incomplete, download it again",
        ),
        (b"", ": found no words; expected a word and its numbers per line"),
        (b" \n\n", ": found no words; expected a word and its numbers per line"),
        (
            b"hello world\n",
            ":1: found 'hello world'; expected a word and its numbers, separated by spaces; "
            "this is not a file of word vectors",
        ),
        (
            b"a " + b"1" * (11 << 20),
            ":1: found a line of more than 1,048,576 bytes; expected a word and its numbers; "
            "this is not a file of word vectors",
        ),
        (
            b"a 1 2\nb 1 2\nc " + b"1" * (2 << 20) + b"\nd 1 2\n",
            ":3: found a line of more than 1,048,576 bytes; expected a word and its numbers; "
            "this is not a file of word vectors",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            ": found a Git LFS pointer; expected a text file of word vectors; "
            "fetch the file itself with 'git lfs pull'",
        ),
        (
            b"\n<!DOCTYPE html>\n<html>",
            ": found a web page; expected a text file of word vectors; download the file itself",
        ),
        (
            b"3 2\nthe \x00\x00\x80\x3f\x00\x00\x80\x3f\n",
            ": found binary data; expected a text file of word vectors; "
            "if it is word2vec's binary format, export it as text first",
        ),
        (
            gzip.compress(THREE * 50, mtime=0)[:-20],
            ": the archive cannot be read (Compressed file ended before the "
            "end-of-stream marker was reached); download it again, or unpack it yourself",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(write, content: bytes, message: str) -> None:
    assert complaint(write(content)) == message


LONGEST = 1 << 20
TOO_LONG = (
    "found a line of more than 1,048,576 bytes; expected a word and its numbers; "
    "this is not a file of word vectors"
)


@pytest.mark.parametrize("end", [b"\n", b""])
@pytest.mark.parametrize("lines_before", [0, 1, 2])
def test_a_line_may_be_a_megabyte_long_and_not_a_byte_longer(
    write, lines_before: int, end: bytes
) -> None:
    before = b"".join(b"w%d 1 2\n" % i for i in range(lines_before))
    longest = b"x" * (LONGEST - 4) + b" 3 4"
    after = b"last 5 6" + end if end else b""
    vectors = load(write(before + longest + end + after))
    assert vectors.matrix[1 + lines_before].tolist() == [3, 4]
    assert len(vectors.vocabulary) == lines_before + 1 + bool(after)
    assert complaint(write(before + b"x" + longest + end + after)) == (
        f":{lines_before + 1}: {TOO_LONG}"
    )


def test_a_word_has_up_to_100000_numbers(write) -> None:
    row = b" 1" * 100_000
    vectors = load(write(b"1 100000\na" + row + b"\n"))
    assert vectors.matrix.shape == (2, 100_000)
    assert complaint(write(b"1 100001\na" + row + b" 1\n")) == (
        ":1: found '1 100001', a header that promises 100001 numbers a word; expected 1 to 100000; "
        "this is not a file of word vectors"
    )


def test_a_header_is_two_whole_numbers_of_up_to_18_digits(write) -> None:
    assert words_of(load(write(b"1 1\nword 5\n"))) == ["word"]
    assert words_of(load(write(b"1 2 \r\nword 5 6 \r\n"))) == ["word"]
    assert words_of(load(write(b"1 2 \r\nword 5 6\n"))) == ["word"]
    for end in ("\t", "X"):
        assert complaint(write(f"1 2{end}\nword 5 6\n".encode())) == (
            f":1: found {'1 2' + end!r}; expected a word and its numbers, separated by spaces; "
            "this is not a file of word vectors"
        )
    assert words_of(load(write(b"0000000000000000001 1\nword 5\n"))) == ["0" * 18 + "1", "word"]
    assert words_of(load(write(b"1 2 3\n4 5 6\n"))) == ["1", "4"]
    assert complaint(write(b"2 1\na 1\n")) == (
        ": found 1 words; expected 2 as the first line says; "
        "the file is incomplete, download it again"
    )
    assert complaint(write(b"0 1\na 1\n")).startswith(": found 1 words; expected 0 as")
    assert complaint(write(b"1 1\n")) == (
        ": found no words; expected a word and its numbers per line"
    )


def test_words_that_were_passed_over_count_as_promised(write) -> None:
    with pytest.warns(EmojifyWarning):
        assert words_of(load(write(b"3 1\na 1\na 2\n\xff 3\n"))) == ["a"]


@pytest.mark.parametrize(("count", "shown"), [(5, "2, 3, 4, 5, 6"), (6, "2, 3, 4, 5, 6, …")])
def test_a_warning_names_the_first_five_lines(write, count: int, shown: str) -> None:
    for word, what in (
        (b"a", "repeated words were passed over; the first of each counts"),
        (b"\xff", "words that are not UTF-8 were skipped"),
    ):
        path = write(b"a 1\n" + (word + b" 2\n") * count + b"b 3\n")
        with pytest.warns(EmojifyWarning) as caught:
            vectors = load(path)
        assert [str(w.message) for w in caught] == [f"{path}: {count} {what} (lines {shown})"]
        assert words_of(vectors) == ["a", "b"]
        assert vectors.matrix.tolist() == [[0], [1], [3]]


def test_repeated_words_and_words_that_are_not_utf8_have_a_warning_each(write) -> None:
    with pytest.warns(EmojifyWarning) as caught:
        load(write(b"a 1\n\xff 2\na 3\n"))
    assert [str(w.message).rpartition("(")[2] for w in caught] == ["lines 3)", "lines 2)"]


def test_the_lines_of_every_piece_are_counted(write) -> None:
    lines = [b"w%06d 0.5\n" % i for i in range(100_000)]
    lines[60_000] = lines[90_000] = b"w000000 0.25\n"
    with pytest.warns(EmojifyWarning, match=r"2 repeated .* \(lines 60001, 90001\)"):
        vectors = load(write(b"".join(lines)))
    assert len(vectors.vocabulary) == 99_998


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"x" * 60, "'" + "x" * 60 + "'"),
        (b"x" * 61, "'" + "x" * 60 + "…'"),
        (b"\xe4" * 3, "'\\\\xe4\\\\xe4\\\\xe4'"),
    ],
)
def test_what_was_found_is_shown_up_to_60_bytes(write, line: bytes, found: str) -> None:
    assert complaint(write(line + b"\n")) == (
        f":1: found {found}; expected a word and its numbers, separated by spaces; "
        "this is not a file of word vectors"
    )


def test_a_line_of_numbers_alone_is_a_word_with_one_number_less(write) -> None:
    assert words_of(load(write(b"0.5 1 2\n0.25 3 4\n"))) == ["0.5", "0.25"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        # the first wrong number is named, if the line has as many fields as it should
        (b"a 1 2 3\nb 1 x y\n", ":2: found 'x' for the word 'b'; expected a finite number such as "
         "-0.418; correct the line or remove it"),
        (b"a 1 2 3\nb 1 x\nc 1 2 3\n", ":2: found 0 numbers after 'b'; expected 3 as on line 1; "
         "correct the line or remove it"),
        # only the last line of a file can have been cut short, and it has too few numbers
        (b"a 1 2\nb 1", ":2: line 2 has 1 of 2 numbers; the file is incomplete, download it again"),
        (b"a 1 2\nX", ":2: line 2 has 0 of 2 numbers; the file is incomplete, download it again"),
        (b"a 1 2\nb", ":2: line 2 has 0 of 2 numbers; the file is incomplete, download it again"),
        (b"a 1 2\nb 1 2 3", ":2: found 3 numbers after 'b'; expected 2 as on line 1; correct the "
         "line or remove it"),
        (b"a 1 2\nb 1 1e39\n", ":2: found '1e39' for the word 'b'; expected a number that fits 32 "
         "bits; correct the line or remove it"),
        (b"a 1 2\nb 1e99 1e39\n", ":2: found '1e99' for the word 'b'; expected a number that fits "
         "32 bits; correct the line or remove it"),
        # only blanks and carriage returns may stand at the end of a line
        *(
            (b"a 1 2\nb 1 2%s\nc 1 2\n" % end.encode(), f":2: found {'2' + end!r} for the word "
             "'b'; expected a finite number such as -0.418; correct the line or remove it")
            for end in "\tX\v"
        ),
        (b"a 1 2\nb 1 2X", ":2: found '2X' for the word 'b'; expected a finite number such as "
         "-0.418; correct the line or remove it"),
        # a header is a line, too
        (b"2 1\na 1\nb x\n", ":3: found 'x' for the word 'b'; expected a finite number such as "
         "-0.418; correct the line or remove it"),
        (b"a 1 2\n\nb 1 2\n", ":2: found 0 numbers after ''; expected 2 as on line 1; correct the "
         "line or remove it"),
        (b"\na 1 2\n", ":1: found ''; expected a word and its numbers, separated by spaces; "
         "this is not a file of word vectors"),
    ],
)  # fmt: skip
def test_which_of_several_mistakes_is_named(write, content: bytes, message: str) -> None:
    assert complaint(write(content)) == message


def test_the_largest_number_of_32_bits_loads(write) -> None:
    assert load(write(b"a 3.4028235e38 -3.4028235e38\n")).matrix[1].tolist() == [
        np.finfo(np.float32).max, np.finfo(np.float32).min,
    ]  # fmt: skip


def test_a_file_that_emojify_wrote_is_opened_and_verified(write, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    load(write(THREE)).save(path)
    assert words_of(load(path)) == ["the", ",", "of"]
    data = bytearray(path.read_bytes())
    data[4096] ^= 1
    path.write_bytes(data)
    assert complaint(path) == (
        ": checksum mismatch: the file is damaged; make it again with emojify vectors convert"
    )
    path.unlink()
    assert complaint(path).startswith(": found no such file; expected word vectors; check the path")


@pytest.mark.parametrize("size", range(1, 20))
def test_where_a_text_is_cut_into_pieces_makes_no_difference(
    write, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(glove, "_CHUNK", size)
    content = f"the 1 2 \r\nof 3 4\r\nand{size} 5 6\n\r\n \n".encode()
    assert words_of(load(write(content))) == ["the", "of", f"and{size}"]
    content = f"3 2\nthe 1 2\nof 3 4\nnow{size} 5 6\n".encode()
    assert words_of(load(write(content))) == ["the", "of", f"now{size}"]
    content = b"the 1 2\nof 3 4\n\nand 5 6\n"
    assert complaint(write(content)) == (
        ":3: found 0 numbers after ''; expected 2 as on line 1; correct the line or remove it"
    )


def test_progress_is_told_in_bytes_of_the_file_itself(write) -> None:
    content = gzip.compress(b"".join(b"w%06d 0.5\n" % i for i in range(100_000)), mtime=0)
    told: list[tuple[int, int]] = []
    load(write(content), lambda done, size: told.append((done, size)))
    assert len(told) > 2
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {size for _, size in told} == {len(content)}
    assert told[-1][0] == len(content)


def test_a_wrong_line_is_found_behind_many_good_ones(write) -> None:
    lines = [b"w%d 0.1 0.2 0.3\n" % i for i in range(300_000)]
    lines[250_000] = b"w 0.1 nan 0.3\n"
    assert complaint(write(b"".join(lines))).startswith(":250001: found 'nan' for the word 'w'")


def test_a_file_of_several_pieces_is_read_whole(write) -> None:
    count = 400_000  # more than two pieces
    vectors = load(write(b"".join(b"w%d %d -%d.5\n" % (i, i, i) for i in range(count))))
    assert len(vectors.vocabulary) == count
    for i in (0, 123_456, count - 1):
        assert vectors.matrix[vectors.vocabulary.find(f"w{i}")].tolist() == [i, -i - 0.5]


def test_members_of_a_zip_are_named_by_their_path(write, tmp_path: Path) -> None:
    archive = tmp_path / "glove.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("two.txt", THREE)
    assert words_of(load(archive)) == ["the", ",", "of"]
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("one.txt", b"word 1\n")
    assert words_of(load(archive / "one.txt")) == ["word"]
    assert words_of(load(archive / "two.txt")) == ["the", ",", "of"]
    remedy = (
        f"in the archive; expected one name; write {archive}/NAME, with one of: two.txt, one.txt"
    )
    assert complaint(archive) == f": found 2 files {remedy}"
    with pytest.raises(EmojifyError, match=r"found no three\.txt in the archive"):
        load(archive / "three.txt")


def test_a_damaged_archive_is_not_blamed_on_the_cache(write) -> None:
    packed = bytearray(gzip.compress(THREE * 50, mtime=0))
    packed[-6] ^= 1  # in the checksum
    message = complaint(write(bytes(packed)))
    assert message.startswith(": the archive cannot be read (CRC check failed")


@pytest.mark.parametrize(
    ("signature", "place", "damage"),
    [
        (b"PK\5\6", 16, b"\xff"),  # the member begins before the file does
        (b"PK\1\2", 28, b"\0\0\0\0\7\0"),  # it has a comment and no name
        (b"PK\1\2", 8, b"\0\x08\x63\0"),  # it is compressed in a way that nobody knows
        (b"PK\1\2", 8, b"\1"),  # it is encrypted
    ],
)
def test_whatever_is_damaged_in_a_zip_is_blamed_on_it(
    write, tmp_path: Path, signature: bytes, place: int, damage: bytes
) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        file.writestr("one.txt", THREE)
    packed = bytearray((tmp_path / "x.zip").read_bytes())
    start = packed.index(signature) + place
    packed[start : start + len(damage)] = damage
    message = complaint(write(bytes(packed)))
    assert message.startswith(": the archive cannot be read (")
    assert message.endswith("); download it again, or unpack it yourself")


def test_a_wrong_line_at_the_end_of_a_piece_is_not_the_end_of_the_file(write) -> None:
    line = b"w%07d 0.125 0.25 0.5\n"
    count = (1 << 22) // len(line % 0)
    lines = [line % i for i in range(count + 1000)]
    lines[count - 1] = lines[count - 1].replace(b" 0.5", b"")
    assert "correct the line or remove it" in complaint(write(b"".join(lines)))


def test_folders_pipes_and_devices_are_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        assert complaint(path) == (
            ": is not a regular file; expected word vectors; save it to a file first"
        )
    assert complaint(tmp_path) == ": found a folder; expected word vectors; name a file in it"
    missing = tmp_path / "none.txt"
    assert complaint(missing) == (
        f": found no such file; expected word vectors; check the path (looked in {missing})"
    )


class TestCache:
    def change_unseen(self, path: Path) -> None:
        """Change the content and keep the size and the time of the last change."""
        status = path.stat()
        path.write_bytes(THREE.replace(b"of", b"to"))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def test_the_second_reading_comes_from_the_cache(self, write) -> None:
        content = THREE + b"only-here 8 8\n"
        path = write(content)
        calls: list[tuple[int, int]] = []
        load(path, lambda done, size: calls.append((done, size)))
        assert calls[-1] == (len(content), len(content))
        calls.clear()
        again = load(path, lambda done, size: calls.append((done, size)))
        assert words_of(again) == ["the", ",", "of", "only-here"]
        assert calls == []

    def test_changed_content_is_read_anew_even_with_the_same_size_and_time(self, write) -> None:
        path = write(THREE)
        load(path)
        self.change_unseen(path)
        assert words_of(load(path)) == ["the", ",", "to"]

    def test_a_settled_file_is_recognised_without_reading_it(
        self, write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(THREE)
        monkeypatch.setattr(cache, "_SETTLED_SECONDS", -1.0)
        place = cache.place_for(Source.of(path))
        monkeypatch.setattr("hashlib.file_digest", None)
        assert cache.place_for(Source.of(path)) == place

    def test_a_settled_file_that_changes_is_read_again(
        self, write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(THREE)
        monkeypatch.setattr(cache, "_SETTLED_SECONDS", -1.0)
        place = cache.place_for(Source.of(path))
        time.sleep(0.02)  # more than a tick of the file system's clock
        self.change_unseen(path)
        assert cache.place_for(Source.of(path)) != place

    def test_a_young_file_is_never_recognised_by_its_times(
        self, write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(THREE + b"young 1 1\n")
        place = cache.place_for(Source.of(path))
        monkeypatch.setattr("hashlib.file_digest", None)
        with pytest.raises(TypeError):  # it wants to read the file
            cache.place_for(Source.of(path))
        assert place.parent == cache.folder()

    @pytest.mark.parametrize("damage", ["cut", "flip", "header", "empty"])
    def test_a_damaged_cache_is_made_again(self, write, damage: str) -> None:
        path = write(THREE + damage.encode() + b" 7 7\n")
        load(path)
        cached = cache.place_for(Source.of(path))
        data = bytearray(cached.read_bytes())
        if damage == "flip":
            data[-3] ^= 1
        if damage == "header":
            data[3] ^= 0x40
        cached.write_bytes({"cut": data[:-1], "empty": b""}.get(damage, data))
        assert words_of(load(path)) == ["the", ",", "of", damage]
        assert words_of(Vectors.open(cached, verify=True)) == ["the", ",", "of", damage]

    def test_what_was_verified_is_not_read_again(
        self, write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(THREE + b"verified 1 1\n")
        load(path)
        monkeypatch.setattr("emojify.vectors.hashlib", None)
        assert words_of(load(path)) == ["the", ",", "of", "verified"]

    def test_what_was_verified_is_verified_again_after_a_day(
        self, write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(THREE + b"tomorrow 1 1\n")
        load(path)
        tomorrow = time.time() + 90_000
        monkeypatch.setattr("time.time", lambda: tomorrow)
        monkeypatch.setattr("emojify.vectors.hashlib", None)
        with pytest.raises(AttributeError):  # it wants to hash the file
            load(path)

    @pytest.mark.parametrize("keeps_the_time", [True, False])
    def test_what_was_verified_and_damaged_since_is_made_again(
        self, write, keeps_the_time: bool
    ) -> None:
        path = write(THREE + b"damaged-%d 1 1\n" % keeps_the_time)
        load(path)
        cached = cache.place_for(Source.of(path))
        status = cached.stat()
        data = bytearray(cached.read_bytes())
        data[4096 + 8] ^= 1  # in the first number of the first word
        with cached.open("r+b") as file:
            file.write(data)
        if keeps_the_time:
            os.utime(cached, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert load(path).matrix[1].tolist() == [0.5, -0.25]

    def test_a_failed_reading_leaves_nothing(self, write, cache: Path) -> None:
        before = set(cache.iterdir())
        complaint(write(b"a 1 2\nb 1\nc 1 2\n"))
        assert {p for p in set(cache.iterdir()) - before if p.suffix != ".json"} == set()
