"""Rows 21 to 50: CSV files of sentences and their emoji."""

from __future__ import annotations

from collections.abc import Mapping

from tests.catalogue.case import Case, Special, refused, row

CSV = "a CSV file with a sentence and an emoji in every row"
LABELS = "one emoji, its name such as :pizza:, or a number (0 ❤️, 1 ⚾, 2 😄, 3 😞, 4 🍴)"
HEADER = "; if this is a header, name its columns text,emoji"
ONE_COLUMN = "found 1 column; expected a sentence and an emoji"
LEARNS = "which is what the model learns; how it answers them says nothing about others"
ICONV = "convert the file, for example with iconv -f {} -t UTF-8"
FIVE = ["❤️", "⚾", "😄", "😞", "🍴"]
BOM = b"\xef\xbb\xbf"
TRAIN = "train --set model.hidden=4 --epochs 1"
TWO = "my aunt sings,❤️\nthey hit it far,⚾\n"


def answered(
    content: str | bytes,
    rows: Mapping[str, int],
    *,
    header: bool = False,
    warnings: tuple[str, ...] = (),
    more: str = "",
    stdin: bool = False,
) -> Case:
    """``eval`` reads so many rows of each emoji, and says whether there was a header."""
    content = content if isinstance(content, bytes) else content.encode()
    name = "<stdin>" if stdin else "x.csv"
    after = [w for w in warnings if "also in" in w or "does not know" in w]
    err = [f"emojify: warning: {name}: {warning}" for warning in warnings if warning not in after]
    taken = "line 1 read as a header" if header else "no header"
    err.append(f"{name}: {sum(rows.values())} sentences, {taken}")
    err += [f"emojify: warning: {name}: {warning}" for warning in after]
    supports = {emoji: rows.get(emoji, 0) for emoji in [*FIVE, *rows]}
    found = "".join(
        rf'.*"emoji": "{emoji}", "precision": [\d.]+, "recall": [\d.]+, "f1": [\d.]+, "support": {n}}}'
        for emoji, n in supports.items()
    )
    out = rf'{{"examples": {sum(rows.values())}, {found}\].*'
    command = f"eval {'-' if stdin else 'x.csv'} --json {more}"
    files = {} if stdin else {"x.csv": content}
    return Case(command, files, "\n".join(err) + "\n", out, stdin=content if stdin else b"")


def hearts(content: str | bytes, count: int = 1, header: bool = False, more: str = "") -> Case:
    """All rows are hearts."""
    return answered(content, {"❤️": count}, header=header, more=more)


def wrong(content: str | bytes, message: str, more: str = "") -> Case:
    content = content if isinstance(content, bytes) else content.encode()
    return refused(f"eval x.csv {more}", f"x.csv:{message}", {"x.csv": content})


def wrong_label(label: str, found: str | None = None) -> Case:
    found = found or f"the label {label!r}"
    return wrong(f"my aunt,0\nhi,{label}\n", f"2: found {found}; expected {LABELS}")


def trained(content: str, message: str, more: str = "") -> Case:
    """``train`` refuses the file."""
    return refused(f"{TRAIN} --data x.csv {more}", f"x.csv:{message}", {"x.csv": content.encode()})


CASES = [
    *row(21, "blanks before and after the comma",
         *map(hearts, ["my aunt sings\t,❤️\n", " my aunt sings , ❤️ \n",
                       "my aunt sings\xa0,\u2009❤️\n", "my aunt sings,0\t\n"])),
    *row(22, "further columns, as in the file of a well-known course",
         answered("my aunt sings,0\nmy old uncle,0,, [0]\n", {"❤️": 2}, warnings=(
             "1 rows have more than two columns (the first is line 2); the others were passed over",)),
         answered("my aunt sings,0,\n" * 3, {"❤️": 3}, warnings=(
             "3 rows have more than two columns (the first is line 1); the others were passed over",)),
         hearts("id,text,label,when\n7,my aunt sings,0,now\n", header=True)),
    *row(23, "a web page saved as .csv",
         *(wrong(content, f"1: found a web page; expected {CSV}; download the file itself")
           for content in ("<!DOCTYPE html><p>404", "\n\n<html>\n", "\ufeff<!doctype HTML>"))),
    *row(24, "a first row that names the columns, in any order and case",
         *(hearts(f"{names}\nmy aunt sings,0\n", header=True)
           for names in ("text,emoji", "Sentence , LABEL", "tweet,emojis", '"phrase","class"')),
         hearts("label,text\n0,my aunt sings\n", header=True)),
    *row(25, "no header: the first row counts", hearts("my aunt sings,❤️\nmy old uncle,❤️\n", 2),
         hearts("\n\nmy aunt sings,❤️\n"), hearts("the text of my aunt,❤️\n"),
         wrong("Satz,Zeichen\nmy aunt,0\n", f"1: found the label 'Zeichen'; expected {LABELS}{HEADER}")),
    *row(26, "a byte order mark", hearts(BOM + b"text,emoji\nmy aunt sings,0\n", header=True),
         hearts(BOM + b"my aunt sings,0\n"), hearts(BOM + b'"my, aunt",0\r\n')),
    *row(27, "a comma in quotes", hearts('"my aunt, she sings",0\n'), hearts('"say ""hi"", aunt",0\n'),
         hearts('"my, aunt","0"\n')),
    *row(28, "a line break in quotes, and the line that is named behind it",
         hearts('"my aunt\nsings",0\n"my\r\nuncle",0\n', 2),
         *(wrong(f'"a{end}b{end}c",0\nhi,9\n', f"4: found the number 9; expected {LABELS}")
           for end in ("\n", "\r\n", "\r"))),
    *row(29, "a quote that is never closed",
         *(wrong(before + '"never closed,0\nmore,0\n' * 3, f"{before.count(chr(10)) + 1}: found a row "
                 "that is not CSV (',' expected after '\"'); expected text,emoji; double a quote that "
                 "belongs to the text") for before in ("", "good,0\n")),
         *(wrong(before + '"never closed,0\nmore,0\n', f"{before.count(chr(10)) + 1}: found a quote "
                 "that is never closed; expected it to be closed in the same row; double a quote that "
                 "belongs to the text") for before in ("", "text,emoji\n", "good,0\n" * 9)),
         wrong('good,0\n"never closed' + ",0\nmore" * 30_000, "2: found a field of more than 131,072 "
               "characters; expected a sentence; look for a quote that is never closed, and double a "
               "quote that belongs to the text")),
    *row(30, "a row without a sentence",
         *(wrong(f"text,emoji\n{text},0\n", "2: found an empty sentence; expected text and its emoji")
           for text in ("", "\t", '""'))),
    *row(31, "a label that is a word, a broken number or nothing",
         *map(wrong_label, ["x", "2.0", "1e0", ":no_such_thing:", ":heart"]),
         wrong_label("", "an empty label")),
    *row(32, "a number that no label has", wrong_label("5", "the number 5"),
         wrong_label("7", "the number 7"), wrong_label("99999999999999999999", "the label '99999999999999999999'"),
         *map(wrong_label, ["-1", "+1", "01"])),
    *row(33, "what Python reads as a number and nobody else does",
         *map(wrong_label, ["１", "1_0", "²", "1\u200b"])),
    *row(34, "an emoji as the label", *(answered(f"my aunt sings,{emoji}\n", {emoji: 1}) for emoji in FIVE[1:3]),
         answered("my aunt sings,:baseball:\n", {"⚾": 1})),
    *row(35, "a heart with and without U+FE0F is the same", hearts("my aunt sings,❤\nmy old uncle,❤️\n", 2),
         hearts("my aunt sings,\u2764\ufe0e\n"), hearts("my aunt sings,:red_heart:\nmy old uncle,:heart:\n", 2)),
    *row(36, "emoji of several characters are one label; what is none is refused",
         *(answered(f"my aunt sings,{emoji}\n", {emoji: 1}, warnings=(
             f"1 sentences have {emoji}, which the model does not know; they count as wrong",))
           for emoji in ("👍🏽", "👨‍👩‍👧", "🇩🇪", "🏴󠁧󠁢󠁷󠁬󠁳󠁿")),
         *(wrong_label(label) for label in ("\u200d", "🇩", "👍🏽\u200d")),
         wrong_label("\u200d".join("👩" * 10_000), r"the label '👩\u200d👩\u200d👩\u200d👩\u200...\u200d👩\u200d👩\u200d👩\u200d👩'"),
         trained("hi,👍🏽\nho,⚾\n", " found 👍🏽, which data.labels does not list; expected one of ⚾ 😄; "
                 "add it there or remove its rows", "--set data.labels=[⚾,😄]")),
    *row(37, "two emoji in one label",
         *(wrong(f"my aunt,0\nhi,{label}\n", f"2: found 2 emoji, {label!r}; expected one emoji; lines of emoji are "
                 "learnt with -c caption-gru, and evaluated with -m caption") for label in (
                     "❤️⚾", "⚾⚾", "⚾ 😄", "👍🏽👍🏽"))),
    *row(38, "one emoji only: nothing to train, and eval may have it",
         *(trained(content, " found only ❤️; expected at least two different emoji to tell apart; add "
                   "sentences with another") for content in ("hi,❤\n", "hi,❤\nho,❤️\nhu,:red_heart:\n")),
         hearts("my aunt sings,❤️\n")),
    *row(39, "an emoji that training never saw counts as wrong, with recall 0 and never NaN",
         Case("eval x.csv --json", {"x.csv": "my aunt sings,🚀\nmy uncle sings,🚀\n".encode()},
              "x.csv: 2 sentences, no header\nemojify: warning: x.csv: 2 sentences have 🚀, which the "
              "model does not know; they count as wrong\n",
              r'{"examples": 2, "accuracy": 0.0, "macro_f1": 0.0, "loss": null, (?!.*NaN).*"emoji": "🚀", '
              r'"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 2}.*'),
         Case("eval x.csv", {"x.csv": "my aunt sings,🚀\n".encode()}, "x.csv: 1 sentences, no header\n"
              "emojify: warning: x.csv: 1 sentences have 🚀, which the model does not know; they count "
              "as wrong\n", r"accuracy 0.0%, macro F1 0.000, loss -\n(?!.*nan).*")),
    *row(40, "a field or a line that is too long",
         *(wrong(content, "1: found a field of more than 131,072 characters; expected a sentence; look "
                 "for a quote that is never closed, and double a quote that belongs to the text")
           for content in ("x" * 131_073 + ",0\n", "hi," + "0" * 200_000 + "\n", '"' + "x\n" * 99_999 + '",0\n')),
         wrong("a," * 600_000 + "\n", f" found a line of more than 1,048,576 characters; expected {CSV}; "
               "this is another kind of file")),
    *row(41, "a zero byte", *(wrong(content, f" found a zero byte at offset {content.index(0)}; expected "
                                    f"{CSV}; if the file is UTF-16, convert it, for example with "
                                    "iconv -f UTF-16 -t UTF-8")
                              for content in (b"hi\0,0\n", b"hi,0\nho,0\0\n", b"hi,0\n" * 20_000 + b"\0",
                                              "hi,0\n".encode("utf-16-le"), b"PK\x03\x04\0\0"))),
    *row(42, "columns separated by something else",
         *(wrong(f"{first}{mark}emoji\nho{mark}1\n", f"1: {ONE_COLUMN}; it looks {name}-separated, use "
                 f"--delimiter {option}") for first in ("text", "hi there")
           for mark, name, option in ((";", "semicolon", "';'"), ("\t", "tab", "tab"), ("|", "bar", "'|'"))),
         wrong("text,emoji\nmy aunt,0\n", "1: found 1 column; expected a sentence and an emoji; it looks "
               "comma-separated, use --delimiter ,", "--delimiter ';'"),
         *(hearts(f"text{mark}emoji\nmy aunt, she{mark}0\n", header=True, more=f"--delimiter {option}")
           for mark, option in ((";", "';'"), ("\t", "tab"), ("|", "'|'"))),
         *(refused(f"eval x.csv --delimiter {given}", f"found the delimiter {given!r}; expected , or ; or "
                   "| or tab", {"x.csv": b""}) for given in ("::", "TAB")),
         wrong("my aunt\n", f"1: {ONE_COLUMN}{HEADER}"[: -len(HEADER)]),
         wrong("text,emoji\nmy aunt\n", "2: found 1 column; expected 2 as in the header")),
    *row(43, "another encoding than UTF-8",
         *(wrong("text,emoji\nhi,❤\n".encode(code), f" found {code} at offset 0; expected {CSV}, in UTF-8; "
                 f"{ICONV.format(code)}") for code in ("UTF-16", "UTF-32")),
         wrong(b"\xfe\xff" + "hi,❤\n".encode("utf-16-be"), f" found UTF-16 at offset 0; expected {CSV}, in "
               f"UTF-8; {ICONV.format('UTF-16')}"),
         *(wrong(content, f"{line}: found a byte that is not UTF-8 at offset {offset}; expected {CSV}; "
                 f"{ICONV.format('WINDOWS-1252')}")
           for content, line, offset in (
               (b"caf\xe9,0\n", 1, 3), (b"hi,0\nna\xefve,1\n", 2, 7), (b"\x93hi\x94,0\n", 1, 0),
               (b"hi,0\n" * 20_000 + b"\xa4,0\n", 20_001, 100_000), (b"hi,\xe2\x9d", 1, 3),
               (b"\xed\xa0\xbd,0\n", 1, 0), (b"\x80\x03]q\x00.", 1, 0)))),
    *row(44, "a folder, nothing, or what may not be read: each with its own message",
         refused("eval d.csv", f"d.csv: found a folder; expected {CSV}; name a file in it", {"d.csv": Special("folder")}),
         refused("eval x.csv", f"x.csv: found no such file; expected {CSV}; check the path (looked in "
                 "{directory}/x.csv)"),
         refused("eval x.csv", f"x.csv: found a file that may not be read; expected {CSV}; change its "
                 "permissions", {"x.csv": Special("secret", "hi,0\n")}),
         refused("eval nothing", "found 'nothing', which is neither a file nor a name; expected a file or "
                 "one of: captions-test, captions-train, captions-validation, chat-test, chat-train, "
                 "chat-validation, five-test, five-train"),
         refused("eval x.csv", f"x.csv: is not a regular file; expected {CSV}; save it to a file first",
                 {"x.csv": Special("pipe")}),
         refused("eval x.csv/y.csv", "x.csv/y.csv: cannot be reached: Not a directory; check the path",
                 {"x.csv": b"hi,0\n"}),
         refused(f"eval {'x' * 300}.csv", f"{'x' * 300}.csv: cannot be reached: File name too long; check "
                 "the path"),
         *(refused(f"{TRAIN} --data {name}", f"{name}: found no such file; expected {CSV}; check the path "
                   f"(looked in {{directory}}/{name})", {"l.csv": Special("link", "gone")})
           for name in ("x.csv", "l.csv"))),
    *row(45, "sentences from standard input that is empty or closed",
         *(refused(command, f"<stdin>: found no rows; expected {CSV}")
           for command in ("eval -", f"{TRAIN} --data -")),
         *(refused(command, f"<stdin>: standard input is closed; expected {CSV}", stdin=None)
           for command in ("eval -", f"{TRAIN} --data -")),
         refused("predict", "standard input is closed; expected sentences; give a TEXT instead", stdin=None),
         answered("my aunt sings,0\n", {"❤️": 1}, stdin=True)),
    *row(46, "a header and no rows, or nothing at all",
         *(wrong(content, f" found a header and no rows; expected {CSV}")
           for content in ("text,emoji\n", "text,emoji\n\n , \n")),
         *(wrong(content, f" found no rows; expected {CSV}") for content in ("", "\ufeff", ",,\n \n"))),
    *row(47, "a sentence with several emoji: warned of with its lines",
         *(answered(content, {"❤️": 1, "⚾": 1}, warnings=(
             "1 sentences have more than one emoji (lines 1 and 2); only one of them can be answered",))
           for content in ("my aunt sings,0\nmy aunt sings,1\n", "My aunt sings,0\n my AUNT sings,1\n",
                           "caf\u00e9 at ten,0\ncafe\u0301 at ten,1\n")),
         hearts("my aunt sings,0\nmy aunt sings,❤️\n", 2)),
    *row(48, "sentences to be tested with that are learnt: warned of with their number",
         answered("my two boys are my treasure,0\nmy aunt sings,1\n", {"❤️": 1, "⚾": 1}, warnings=(
             f"1 of 2 sentences are also in five-train, {LEARNS}",)),
         Case(f"{TRAIN} --data x.csv --set data.validation=y.csv -o m.safetensors",
              {"x.csv": TWO.encode(), "y.csv": TWO.encode()},
              f"emojify: warning: y.csv: 2 of 2 sentences are also in x.csv, {LEARNS}\n"
              "to learn: x.csv: 2 sentences, no header\n", goes_on=True, made="m.safetensors")),
    *row(49, "a character in a sentence that Unicode takes for the end of a line",
         *(hearts(f"my aunt{c}sings,0\n") for c in "\u2028\x85\x1c")),
    *row(50, "many wrong rows: the first ten and how many there are",
         *(Case("eval x.csv", {"x.csv": b"my aunt,0\n" + b"hi,9\n" * count}, "".join(
             f"emojify: error: x.csv:{line}: found the number 9; expected {LABELS}\n"
             for line in range(2, min(count, 10) + 2)) + f"emojify: error: {count} rows are wrong in all; "
             "nothing was read\n", code=2) for count in (2, 10, 5000))),
]  # fmt: skip
