"""Rows 1 to 20: files of word vectors."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zipfile
from io import BytesIO

from tests.catalogue.case import Case, Elsewhere, Special, refused, row

THREE = b"the 0.1 -0.2\nof .3 4e-2\nto 5 -6.\n"
TEXT = "expected a text file of word vectors"
NO_VECTORS = "expected a word and its numbers; this is not a file of word vectors"
REPAIR = "correct the line or remove it"
AGAIN = "the file is incomplete, download it again"
UNPACK = "download it again, or unpack it yourself"


def info(name: str = "v.txt") -> str:
    return f"vectors info {name}"


def read(content: bytes, *words: str, warning: str = "", name: str = "v.txt") -> Case:
    """The file has just these words, of two numbers each."""
    warning = warning and f"emojify: warning: v.txt: {warning}\n"
    out = f"words    {len(words)}\nnumbers  2 each, float32\nfirst    {re.escape(' '.join(words))}\n.*"
    return Case(info(name), {name.split("/")[0]: content}, warning, out)


def with_word(word: str | bytes, shown: str | None = None) -> Case:
    """A word in the middle of a file."""
    raw = word if isinstance(word, bytes) else word.encode()
    content = THREE.replace(b"of", raw)
    return read(content, "the", str(word) if shown is None else shown, "to")


def wrong(content: bytes, message: str, name: str = "v.txt") -> Case:
    return refused(info(name), f"{name}:{message}", {name: content})


def wrong_number(number: str, expected: str = "a finite number such as -0.418") -> Case:
    return wrong(
        f"a 1 2\nb 3 {number}\nc 5 6\n".encode(),
        f"2: found {number!r} for the word 'b'; expected {expected}; {REPAIR}",
    )


def zipped(*names: str, content: bytes = THREE, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


CASES = [
    *row(1, "a word with spaces or numbers in it, as in glove.840B",
         *map(with_word, [". . .", "at name@domain.com", ". .5x", "1 / 2 a", "a  b"])),
    *row(2, "a word that is a no-break space, or ends with one",
         with_word("\xa0", r"\xa0"), with_word("a\xa0", r"a\xa0"), with_word("\u3000", r"\u3000"),
         with_word("\u2009", r"\u2009")),
    *row(3, "U+0085 in a word, as in glove.twitter",
         with_word("a\x85b", "a b"), with_word("\x85x", " x"), with_word("x\x85", "x ")),
    *row(4, "a character in a word that Python takes for the end of a line",
         *(with_word(f"a{c}b", "a b") for c in "\u2028\x1c\x1e\v")),
    *row(5, "a word that stands twice: the first counts, one warning",
         read(THREE + b"of 9 9\n", "the", "of", "to", warning="1 repeated words were passed over; "
              "the first of each counts (lines 4)"),
         read(b"a 1 2\n" * 3, "a", warning="2 repeated words were passed over; the first of each "
              "counts (lines 2, 3)"),
         read(b"a 1 2\n" * 9, "a", warning="8 repeated words were passed over; the first of each "
              "counts (lines 2, 3, 4, 5, 6, …)")),
    *row(6, "word2vec's first line with the number of words and of numbers",
         read(b"3 2\n" + THREE, "the", "of", "to"),
         *(wrong(f"{count} 2\n".encode() + THREE, f" found 3 words; expected {count} as the first "
                 f"line says; {AGAIN}") for count in (2, 400_000)),
         wrong(b"3 3\n" + THREE, f"2: found 2 numbers after 'the'; expected 3 as on line 1; {REPAIR}"),
         wrong(b"3 0\n" + THREE, "1: found '3 0', a header that promises 0 numbers a word; expected "
               "1 to 100000; this is not a file of word vectors")),
    *row(7, "the last line is cut off",
         *(wrong(THREE[:-7] + end, f"3: line 3 has {numbers} of 2 numbers; {AGAIN}")
           for end, numbers in ((b" 5", 1), (b" 5\n", 1), (b"", 0), (b" ", 0)))),
    *row(8, "a line in the middle with fewer or more numbers",
         *(wrong(THREE.replace(b" .3 4e-2", numbers), f"2: found {numbers.count(b' ')} numbers "
                 f"after 'of'; expected 2 as on line 1; {REPAIR}")
           for numbers in (b" 1", b" 1 2 3")),
         wrong(b"a 1 2\n 3 4\n", f"2: found 2 numbers after ''; expected 2 as on line 1; {REPAIR}"),
         wrong(b"a 1 2\n\nb 1 2\n", f"2: found 0 numbers after ''; expected 2 as on line 1; {REPAIR}")),
    *row(9, "a number that is none or is infinite, or too large",
         *map(wrong_number, ["nan", "-NaN", "inf", "-Infinity", "1.#QNAN"]),
         *(wrong_number(number, "a number that fits 32 bits")
           for number in ("1e400", "-3.5e38"))),
    *row(10, "what Python reads as a number and nobody else does",
         *map(wrong_number, ["1_000", "１", "٣", "0x10", "1,5", "1e", ".", "1.2.3",
                             "½"])),
    *row(11, "a word that is not UTF-8: skipped, one warning",
         *(read(THREE.replace(b"of", word), "the", "to", warning="1 words that are not UTF-8 were "
                "skipped (lines 2)")
           for word in (b"o\xff", b"\xed\xa0\x80", b"\xf0\x9f\x98"))),
    *row(12, "an empty or blank file",
         *(wrong(content, " found no words; expected a word and its numbers per line")
           for content in (b"", b"\n\n\n", b" \n", b"\xef\xbb\xbf")),
         wrong(b"\xef\xbb\xbf\n", "1: found ''; expected a word and its numbers, separated by "
               "spaces; this is not a file of word vectors")),
    *row(13, "an archive is known by its first bytes, and read; other formats are refused",
         read(gzip.compress(THREE), "the", "of", "to"),
         read(zipped("glove.txt"), "the", "of", "to"),
         read(zipped("glove.txt", method=zipfile.ZIP_STORED), "the", "of", "to"),
         read(zipped("a.txt", "b/c.txt"), "the", "of", "to", name="v.zip/b/c.txt"),
         wrong(zipped("a.txt", "b.txt"), " found 2 files in the archive; expected one name; write "
               "v.zip/NAME, with one of: a.txt, b.txt", "v.zip"),
         refused(info("v.zip/c.txt"), "v.zip: found no c.txt in the archive; expected one name; "
                 "write v.zip/NAME, with one of: a.txt", {"v.zip": zipped("a.txt")}),
         wrong(gzip.compress(THREE * 99)[:-12], " the archive cannot be read (Compressed file ended "
               f"before the end-of-stream marker was reached); {UNPACK}"),
         wrong(gzip.compress(THREE)[:-8] + b"\0" * 8, " the archive cannot be read (CRC check "
               f"failed 0x0 != 0x5ef50444); {UNPACK}"),
         wrong(zipped("a.txt")[:60], f" the archive cannot be read (File is not a zip file); {UNPACK}"),
         *(wrong(content, f" found binary data; {TEXT}; if it is word2vec's binary format, export it "
                 "as text first")
           for content in (b"3 2\nthe \0\0\0\0\0\0\x80\x3f\n", b"a 1 2\0\n", lzma.compress(THREE),
                           bz2.compress(THREE)))),
    *row(14, "lines that end with CR LF", read(THREE.replace(b"\n", b"\r\n"), "the", "of", "to"),
         read(THREE.replace(b"\n", b" \r\n"), "the", "of", "to"),
         read(THREE.replace(b"\n", b"\r\n")[:-2], "the", "of", "to")),
    *row(15, "a byte order mark is no part of the first word, and of others it is",
         read(b"\xef\xbb\xbf" + THREE, "the", "of", "to"),
         read(THREE.replace(b"of", b"\xef\xbb\xbfof"), "the", r"\ufeffof", "to")),
    *row(16, "a file that does not fit into memory",
         Case(info("v.gz"), {"v.gz": gzip.compress((b"a" + b" 0.0" * 1000 + b"\n") * 20_000)},
              "emojify: warning: v.gz: 19999 repeated words were passed over; the first of each "
              "counts (lines 2, 3, 4, 5, 6, …)\n", "words    1\nnumbers  1000 each.*", memory=200)),
    *row(17, "a line without end",
         *(wrong(content, f"{line}: found a line of more than 1,048,576 bytes; {NO_VECTORS}")
           for line, content in ((1, b"a " + b"1" * (2 << 20)), (1, b"a" + b" 1" * (1 << 20)),
                                 (3, b"a 1 2\nb 1 2\n" + b"c" * (2 << 20)),
                                 (1, gzip.compress(b"a " + b"1" * (11 << 20)))))),
    *row(18, "something else under the name",
         *(wrong(content, f" found {found}; {TEXT}; {remedy}") for content, found, remedy in [
             (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
              "a Git LFS pointer", "fetch the file itself with 'git lfs pull'"),
             (b"<!doctype html>", "a web page", "download the file itself"),
             (b"\n\n<!DOCTYPE HTML PUBLIC>", "a web page", "download the file itself"),
             (b"\xef\xbb\xbf<html lang=en>", "a web page", "download the file itself"),
             (b"<?xml version='1.0'?><Error>", "an XML file", "download the file itself"),
         ]),
         *(wrong(content, f"1: found {content.decode()!r}; expected a word and its numbers, "
                 "separated by spaces; this is not a file of word vectors")
           for content in (b"hello world", b'{"the": [0.1, 0.2]}', b"the\t0.1\t0.2", b"the,0.1,0.2",
                           b"Not Found"))),
    *row(20, "a folder, a device or a pipe",
         *(refused(info(name), f"{shown}: found a folder; expected word vectors; name a file in it",
                   {"d": Special("folder"), "l": Special("link", "d")})
           for name, shown in ((".", "."), ("./d", "d"), ("./l", "l"))),
         *(refused(info(name), f"{name}: is not a regular file; expected word vectors; save it to a "
                   "file first", {"v.txt": Special("pipe")})
           for name in ("/dev/zero", "/dev/null", "v.txt")),
         refused(info("v.txt"), "v.txt: found no such file; expected word vectors; check the path "
                 "(looked in {directory}/v.txt)", {"v.txt": Special("link", "nothing")})),
]  # fmt: skip
ELSEWHERE = [
    Elsewhere(19, "a stale or damaged cache", "test_catalogue",
              "test_row_19_a_stale_or_damaged_cache_is_made_again"),
]  # fmt: skip
