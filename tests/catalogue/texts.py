"""Rows 51 to 63: texts to predict."""

from __future__ import annotations

import re
import shlex
import unicodedata

from tests.catalogue.case import Case, Special, refused, row

EMPTY = "found an empty text; expected a sentence"
UNKNOWN = "emojify: warning: sentence {}: found no word that the model knows\n"
CUT = "emojify: warning: sentence {}: only its first 10,000 characters were read\n"
ESCAPES = {  # what must not reach a terminal, and how it is shown
    "\x1b[31m": r"\x1b[31m", "\x1b]0;title\x07": r"\x1b]0;title\x07", "\x07": r"\x07", "\x08": r"\x08",
    "\x7f": r"\x7f", "\x9b2J": r"\x9b2J", "\u202e": r"\u202e", "\u2066": r"\u2066", "\u200f": r"\u200f",
    "\u061c": r"\u061c",
}  # fmt: skip
ALL = "".join(ESCAPES)
FORMULAS = {  # what a spreadsheet would run, and how it is written
    "=cmd() love": "'=cmd() love", "+love": "'+love", "-love": "'-love", "@ love": "'@ love", "\tlove": r"'\tlove",
    "\rlove": "' love", '=HYPERLINK("x") love': '''"'=HYPERLINK(""x"") love"''', "＝ love": "'＝ love",
    " = love": "' = love", "love = you": "love = you",
}  # fmt: skip
LONGEST_KEPT = 1 << 18  # characters of a line
SHOWN = "".join(ESCAPES.values())
EXCERPT = r"\x1b[31m\x1b]0;title\x07\x0...061c\u202e\u2066\u200f\u061c"  # as a message quotes it
IN_JSON = r"\u001b[31m\u001b]0;title\u0007\u0007\b\u007f\u009b2J\u202e\u2066\u200f\u061c"


def predicted(
    arguments: str, *lines: str, err: str = "", stdin: str | bytes = b"", **more: object
) -> Case:
    """One line for each sentence: what stands before its emoji, as it is printed."""
    out = "".join(re.escape(line) + r" \S+\n" if line else "\n" for line in lines)
    stdin = stdin if isinstance(stdin, bytes) else stdin.encode()
    return Case(f"predict {arguments}", {}, err, out=out, stdin=stdin, **more)


def in_json(text: str, known: str, words: str = r"\d+", more: str = "") -> Case:
    """One record whose text is written just so."""
    out = rf'{{"text": {known}, "emoji": .*, "words": {words}{more}}}\n'
    return Case("predict --json", {}, out=out, stdin=text.encode())


CASES = [
    *row(51, "an empty or blank text, alone and among others",
         *(refused(f"predict {shlex.quote(text)}", EMPTY) for text in ("", " ", " \t ", "\n", "\u2003")),
         predicted("", "I love you", "", "so hungry", stdin="I love you\n\nso hungry",
                   err=f"emojify: warning: sentence 2: {EMPTY}\n"),
         predicted("'' 'so hungry'", "", "so hungry", err=f"emojify: warning: sentence 1: {EMPTY}\n"),
         Case("predict --json", out=rf'{{"text": "a b", .*}}\n{{"text": "", "error": "{EMPTY}"}}\n'
              r'{"text": "c", .*}\n', stdin=b"a b\n\nc"),
         Case("predict --csv", {}, f"emojify: warning: sentence 1: {EMPTY}\n",
              r"text,emoji,probability\n,,\nhi there,\S+,0\.\d+\n", stdin=b"\nhi there\n"),
         predicted("", stdin=b"")),
    *row(52, "no word that the model knows: answered, and said",
         predicted("'xyzzyx qwrtpx' '?!' '_ _'", "xyzzyx qwrtpx", "?!", "_ _",
                   err="".join(UNKNOWN.format(n) for n in (1, 2, 3))),
         in_json("xyzzyx qwrtpx", '"xyzzyx qwrtpx"', "2")),
    *row(53, "only emoji", predicted("🤷🤷 👨‍👩‍👧 🏴󠁧󠁢󠁷󠁬󠁳󠁿", "🤷🤷", "👨‍👩‍👧", "🏴󠁧󠁢󠁷󠁬󠁳󠁿",
                   err="".join(UNKNOWN.format(n) for n in (1, 2, 3))),
         in_json("🤷", '"🤷"', "0")),
    *row(54, "a text of a megabyte: its beginning is answered, and that is said",
         *(predicted("", text[:LONGEST_KEPT], stdin=text, err=CUT.format(1)) for text in (
             "we won, " * 2000, "hello " * 170_000, "so happy" + "!?" * 500_000, "x" * (2 << 20))),
         predicted("", "é" * LONGEST_KEPT, stdin="é" * (1 << 20), err=CUT.format(1) + UNKNOWN.format(1)),
         in_json("hello " * 2000, f'"{"hello " * 2000}"', "1667", ', "truncated": true'),
         Case("eval x.csv --json", {"x.csv": b"hi there aunt,0\n" + b"my aunt sings " * 9000 + b",0\n"},
              "emojify: warning: x.csv: of 1 sentences only the first 10,000 characters are read (the first "
              "is line 2)\nx.csv: 2 sentences, no header\n", r'{"examples": 2, .*')),
    *row(55, "control characters are never shown as they are, wherever they stand",
         predicted("", *(f"I love you {shown}" for shown in ESCAPES.values()),
                   stdin="\n".join(f"I love you {raw}" for raw in ESCAPES)),
         predicted(shlex.quote(f"I love {ALL}"), f"I love {SHOWN}"),
         in_json(f"hi {ALL} there", re.escape(f'"hi {IN_JSON} there"')),
         Case("predict --csv", {}, out=rf"text,emoji,probability\nhi {re.escape(SHOWN)} there,\S+,0.\d+\n",
              stdin=f"hi {ALL} there".encode())),
    *row(56, "nor are they in the names of files, in labels, keys, options, and words of vectors",
         refused(f"eval 'x{ALL}.csv'", f"x{SHOWN}.csv: found no such file; expected a CSV file with a sentence "
                 f"and an emoji in every row; check the path (looked in {{directory}}/x{SHOWN}.csv)"),
         Case(f"eval 'x{ALL}.csv' --json", {f"x{ALL}.csv": b"my aunt sings,0\n"}, f"x{SHOWN}.csv: 1 "
              "sentences, no header\n", r'{"examples": 1, .*'),
         refused("eval x.csv", f"x.csv:2: found the label '{EXCERPT}'; expected one emoji, its name such as "
                 ":pizza:, or a number (0 ❤️, 1 ⚾, 2 😄, 3 😞, 4 🍴)", {"x.csv": f"a b,0\nhi,{ALL}\n".encode()}),
         refused("train -c c.yaml", r"c.yaml:1: found the unknown key '\x1b\u202e'; expected one of: data, "
                 "vectors, model, decoder, training, seed", {"c.yaml": b'"\\e\\u202e": 1\n'}),
         refused("train -c c.yaml", r"c.yaml:2: found '\x1b[31m' for model.cell; expected rnn or lstm or gru",
                 {"c.yaml": b'model:\n  cell: "\\e[31m"\n'}),
         refused(f"train --cell '{ALL}'", f"--cell: found '{EXCERPT}' for model.cell; expected rnn or lstm or gru"),
         refused(f"predict '--{ALL}'", f"No such option '--{SHOWN}'; put -- before a text that starts with '-'; "
                 "see 'emojify predict --help'"),
         refused(f"'{ALL}'", f"No such command '{SHOWN}'; see 'emojify --help'"),
         Case("vectors info v.txt", {"v.txt": f"a{ALL} 1 2\n".encode()},
              out=rf"words    1\nnumbers  2 each, float32\nfirst    a{re.escape(SHOWN)}\n.*"),
         refused("vectors info v.txt", f"v.txt:2: found '{SHOWN}' for the word '{SHOWN}'; expected a finite "
                 "number such as -0.418; correct the line or remove it",
                 {"v.txt": f"a 1 2\n{ALL} 1 {ALL}\n".encode()}),
         refused(f"predict -m 'm{ALL}.safetensors' hi", f"m{SHOWN}.safetensors: found a folder; expected an "
                 "emojify model; name a file in it", {f"m{ALL}.safetensors": Special("folder")})),
    *row(57, "composed and decomposed letters have the same answer",
         *(Case("predict --json", out=r'{"text": "[^"]*", (.*)}\n{"text": "[^"]*", \1}\n', stdin="\n".join(
             unicodedata.normalize(form, text) for form in ("NFC", "NFD")).encode())
           for text in ("le café délicieux, I love it", "Ångström for São Paulo", "naïve señor", "한국 love"))),
    *row(58, "an argument or a line that is not UTF-8",
         *(refused(f"predict 'hi \udced\udca0{tail}'", rf"found an argument that is not UTF-8: hi \udced\udca0{shown}; "
                   "expected text; check its encoding") for tail, shown in (("\udc80", r"\udc80"), ("", ""))),
         refused("predict caf\udce9", r"found an argument that is not UTF-8: caf\udce9; expected text; check its "
                 "encoding"),
         Case("predict", {}, "emojify: warning: sentence 1: found bytes that are not UTF-8; expected text\n",
              r"caf\\udce9\nI love you ❤️\n", stdin=b"caf\xe9\nI love you\n"),
         Case("predict --json", out=r'{"text": "\\\\udced\\\\udca0\\\\udcbd", "error": "found bytes that are not '
              r'UTF-8; expected text"}\n', stdin=b"\xed\xa0\xbd\n")),
    *row(59, "a line break in an argument is part of the sentence",
         predicted(" ".join(f"'I love{end}you'" for end in ("\n", "\r\n", "\u2028", "\x85")), *["I love you"] * 4),
         Case("predict --json 'I love\nyou'", out=r'{"text": "I love\\nyou", .*}\n')),
    *row(60, "one line out for every line in, however lines end",
         predicted("", "I love you", "so hungry", stdin="I love you\r\nso hungry\r\n"),
         predicted("-", "I love you", "so hungry", stdin="\ufeffI love you\nso hungry"),
         predicted("", *["I love you"] * 4, stdin="".join(f"I love{c}you\n" for c in "\u2028\x85\x0c\r")),
         predicted("-j 2", *["I love you"] * 300, stdin="I love you\n" * 300),
         Case("predict --json", out=r'(\{"text": "so hungry", [^\n]*\}\n){5000}', stdin=b"so hungry\n" * 5000)),
    *row(61, "a text that starts with a dash",
         predicted("-- '-I love you'", "-I love you"), predicted("-- --", "--", err=UNKNOWN.format(1)),
         *(refused(f"predict {text}", f"No such option '{option}'; put -- before a text that starts with '-'; see "
                   "'emojify predict --help'") for text, option in (("-sad", "-s"), ("--so-sad", "--so-sad")))),
    *row(62, "a text that a spreadsheet would run",
         Case("predict --csv", out=r"text,emoji,probability\n" + "".join(
             rf"{re.escape(shown)},\S+,0.\d+\n" for shown in FORMULAS.values()), stdin="\n".join(FORMULAS).encode()),
         *(refused(f"predict --csv {other} hi", "--csv goes with neither --json nor -k; see 'emojify predict "
                   "--help'") for other in ("--json", "-k 2"))),
    *row(63, "UTF-8 out whatever the locale",
         *(predicted("'I love the café ❤️'", "I love the café ❤️", environment=locale) for locale in (
             {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"},
             {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}))),
]  # fmt: skip
