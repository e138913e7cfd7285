"""Rows 64 to 78: YAML files of settings."""

from __future__ import annotations

from emojify.nn.cells import CELLS
from tests.catalogue.case import Case, Special, refused, row

CELL = " or ".join(CELLS)
PLAIN = "expected plain settings; write the values out, without it"
ROOT = "expected settings such as 'model:' and below it 'cell: lstm'"
LINES = "expected lines of 'key: value', indented with spaces"
SENTENCES = b"my aunt sings,0\nthey hit it far,1\n"
TRAIN = "train -c c.yaml --epochs 1 -o m.safetensors --set model.hidden=4 --set data.labels=[❤,⚾]"
RANGES = {
    "model.hidden": "a whole number from 1 to 8192",
    "training.epochs": "a whole number from 1 to 100000",
    "training.batch_size": "a whole number from 1 to 65536",
    "training.threads": "a whole number from 1 to 64",
    "training.learning_rate": "a number above 0, up to 1e6",
    "training.momentum": "a number from 0 to below 1",
    "training.l2": "a number from 0 to 1000",
    "training.clip_norm": "a number above 0, up to 1e9, or null",
    "data.validation": "a share of the training data from 0 to 0.9, or a file",
    "seed": "a whole number from 0 to 2^63 - 1",
}


def wrong(content: str | bytes, message: str) -> Case:
    content = content if isinstance(content, bytes) else content.encode()
    return refused("train -c c.yaml", f"c.yaml:{message}", {"c.yaml": content})


def wrong_value(key: str, value: str, found: str | None = None, hint: str = "") -> Case:
    """A value that its key may not have, in a file of three lines."""
    *section, name = key.split(".")
    inside = f"{section[0]}:\n  {name}: {value}\n" if section else f"\n{name}: {value}\n"
    found = found or repr(value)
    return wrong(f"# mine\n{inside}", f"3: found {found} for {key}; expected {RANGES[key]}{hint}")


def wrong_word(key: str, value: str, expected: str) -> Case:
    section, name = key.split(".")
    return wrong(
        f"{section}:\n  {name}: {value}\n", f"2: found {value!r} for {key}; expected {expected}"
    )


def trains(content: str, shown: str = "") -> Case:
    """The settings are right: a model is trained."""
    files = {"c.yaml": content.encode(), "x.csv": SENTENCES}
    err = "to learn: x.csv: 2 sentences, no header\n"
    return Case(f"{TRAIN} --data x.csv", files, err, goes_on=True, made="m.safetensors")


CASES = [
    *row(64, "an unknown key, or an unknown command: the nearest known key is named",
         *(wrong(content, f"{line}: found the unknown key {key!r}; did you mean {meant!r}?")
           for content, line, key, meant in [
               ("modle: {}\n", 1, "modle", "model"),
               ("seeds: 1\n", 1, "seeds", "seed"),
               ("model:\n  hiden: 3\n", 2, "model.hiden", "hidden"),
               ("training:\n  epochs: 3\n  learning-rate: 1\n", 3, "training.learning-rate", "learning_rate"),
               ("data: {trian: x.csv}\n", 1, "data.trian", "train"),
           ]),
         wrong("lr: 0.1\n", "1: found the unknown key 'lr'; expected one of: data, vectors, model, decoder, training, seed"),
         refused("predcit", "No such command 'predcit'; see 'emojify --help'"),
         refused("train --set model.hiden=3", "--set model.hiden: found the unknown key 'model.hiden'; did you "
                 "mean 'hidden'?")),
    *row(65, "a key that stands twice",
         *(wrong(content, f"{line}: found the key {key!r} again; expected it once, it stands on line {first} "
                 "already; remove one of the two")
           for content, line, key, first in [
               ("seed: 1\nmodel: {}\nseed: 2\n", 3, "seed", 1), ("seed: 1\nseed: 1\n", 2, "seed", 1),
               ("model:\n  hidden: 3\n  cell: rnn\n  hidden: 4\n", 4, "hidden", 2),
               ("model: {}\n'model': {}\n", 2, "model", 1)])),
    *row(66, "a number in scientific notation is a number",
         *(trains(f"training:\n  learning_rate: {number}\n") for number in ("1e-3", "1.E-3")),
         Case("train --set training.learning_rate=1e-3 --set seed=1e3", {}, "emojify: error: --set seed: found "
              "1000.0 for seed; expected a whole number from 0 to 2^63 - 1\n", code=2)),
    *row(67, "no and on are words, and not what YAML 1.1 takes them for",
         *(wrong_word("model.cell", word, CELL) for word in ("no", "lstn")),
         refused("train --cell lstn", f"--cell: found 'lstn' for model.cell; expected {CELL}"),
         *(wrong_word("vectors.tune", word, "true or false") for word in ("on", "yes", "True")),
         wrong('model:\n  cell: "lstm\\n"\n', rf"2: found 'lstm\n' for model.cell; expected {CELL}")),
    *row(68, "octal, sexagesimal and other numbers of YAML 1.1",
         *(wrong_value("training.epochs", number) for number in ("010", "1:30:00", "0x10", "1_000",
                                                                  "1 2", "2026-11-21")),
         wrong_value("training.epochs", "5.5", "5.5"), wrong_value("training.epochs", "'5'", "'5'")),
    *row(69, "a decimal comma",
         *(wrong_value("training.learning_rate", number, hint="; write decimals with a point")
           for number in ("0,01", "1,000"))),
    *row(70, "true, null, a list or a section for a number",
         *(wrong_value("training.epochs", value, found) for value, found in [
             ("true", "true"), ("null", "null"), ("", "null"),
             ("[1]", "[1]"), ("{}", "{}")])),
    *row(71, "a size that is too small or too large",
         *(wrong_value("model.hidden", value, value) for value in ("0", "-1", "8193", "1000000000")),
         wrong_value("training.batch_size", "65537", "65537"),
         wrong_value("training.threads", "65", "65"), wrong_value("seed", "-1", "-1"),
         wrong_value("model.hidden", "9" * 30, "9" * 30), wrong_value("model.hidden", "9" * 5000, f"'{'9' * 27}...{'9' * 28}'"),
         wrong_value("seed", "9223372036854775808", "9223372036854775808")),
    *row(72, "a number that is none, is infinite or out of range",
         *(wrong_value("training.learning_rate", value) for value in (".nan", ".inf", "nan")),
         *(wrong_value("training.l2", value) for value in ("-.inf",)),
         wrong_value("training.learning_rate", "1e400", "a number that is too large"),
         wrong_value("training.learning_rate", "0", "0"), wrong_value("training.learning_rate", "-0.1", "-0.1"),
         wrong_value("training.momentum", "1", "1"), wrong_value("training.clip_norm", "0.0", "0.0"),
         wrong_value("data.validation", "1.5", "1.5"),
         refused("train --lr 0", "--lr: found 0.0 for training.learning_rate; expected a number above 0, up to 1e6")),
    *row(73, "a tag that asks for code to run",
         *(wrong(f"model: !!python/{tag}\n", f"1: found the tag 'python/{tag.split(' ')[0]}'; {PLAIN}")
           for tag in ("object/apply:os.system [touch owned]", "name:os.system", "module:os")),
         wrong("seed: !mine 1\n", f"1: found the tag '!mine'; {PLAIN}"),
         wrong("seed: !!int 1\n", f"1: found the tag 'int'; {PLAIN}"),
         refused("train --set 'seed=!!python/object/apply:os.system [touch owned]'", "--set seed:1: found the tag "
                 f"'python/object/apply:os.system'; {PLAIN}")),
    *row(74, "aliases that grow without bound, or lead to themselves",
         *(wrong(content, f"{line}: found an alias (*); {PLAIN}") for content, line in [
             ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + "d: [*c, *c]\n" * 99, 2),
             ("model: &m\n  hidden: *m\n", 2), ("&a [*a]\n", 1), ("a: &a {b: *a}\n", 1),
             ("a: &a {hidden: 3}\nmodel:\n  <<: *a\n", 3)])),
    *row(75, "nesting without end",
         *(wrong(content, f"1: found more than 20 levels; {PLAIN}") for content in (
             "seed: " + "[" * 3000, "seed: " + "{a: " * 3000, "seed: " + "[" * 60_000, "- " * 3000 + "x\n")),
         wrong("".join(" " * i + "a:\n" for i in range(300)), f"21: found more than 20 levels; {PLAIN}")),
    *row(76, "an empty file, a list or a word at the root, two documents",
         *(wrong(content, f"1: found an empty file; {ROOT}") for content in ("", "# nothing\n", "\ufeff")),
         wrong("- model\n", f"1: found a list at the root; {ROOT}"),
         *(wrong(content, f"{line}: found a single value at the root; {ROOT}")
           for content, line in (("hello\n", 1), ("null\n", 1), ("---\n", 2))),
         *(wrong(content, f"{line}: found a second document (---); {PLAIN}")
           for content, line in (("seed: 1\n---\nseed: 2\n", 2), ("---\nseed: 1\n...\n---\nseed: 2\n", 4)))),
    *row(77, "broken YAML, control characters, another encoding: line and column",
         *(wrong(content, f"{line}: found YAML that cannot be read at column {column}: {what}; {LINES}")
           for content, line, column, what in [
               ("model:\n\tcell: rnn\n", 2, 1, r"found character '\t' that cannot start any token"),
               ("seed: 'x\n", 2, 1, "found unexpected end of stream"),
               ("seed: [1\n", 2, 1, "expected ',' or ']', but got '<stream end>'"),
               ("seed: 1\n model: 2\n", 2, 7, "mapping values are not allowed here"),
               ("seed: @1\n", 1, 7, "found character '@' that cannot start any token"),
               ("a: 1\nb\n", 3, 1, "could not find expected ':'"),
           ]),
         *(wrong(f"seed: 1\nmodel: {c}\n", f"2: found the character U+{ord(c):04X} at column 8; expected text; remove it")
           for c in "\0\x1b\x9b"),
         *(wrong(f'seed: "\\U{code}"\n', " found YAML that cannot be read: an escape such as \\U00110000 that stands for "
                 f"no character; {LINES}") for code in ("00110000", "FFFFFFFF")),
         wrong("#" * 65_537, " found more than 65,536 bytes; expected a YAML file of settings; this is another kind of "
               "file"),
         refused("train --set model.hidden", "found --set model.hidden; expected key.path=value, as in "
                 "model.hidden=64"),
         wrong(b"seed: 1 # caf\xe9\n", " found a byte that is not UTF-8 at offset 13; expected a YAML file of "
               "settings; save it as UTF-8"),
         wrong("seed: 1\n".encode("utf-16"), " found a byte that is not UTF-8 at offset 0; expected a YAML file of "
               "settings; save it as UTF-8")),
    *row(78, "a file that is missing, and a path that starts from the config's folder",
         *(refused(f"train -c {name}", f"{name}: found no such file; expected a YAML file of settings; check the path "
                   f"(looked in {{directory}}/{name})") for name in ("none.yaml", "sub/none.yaml")),
         refused("train -c none", "found 'none', which is neither a file nor a name; expected a file or one of: "
                 "caption-gru, caption-lstm, caption-rnn, chat, gru, lstm, rnn"),
         refused("predict -m none hi", "found 'none', which is neither a file nor a name; expected a file or one of: "
                 "caption, chat, five"),
         refused("train -c sub", "sub: found a folder; expected a YAML file of settings; name a file in it",
                 {"sub": Special("folder")}),
         *(refused("train -c sub/c.yaml", f"sub/{name}: found no such file; expected {what}; check the path (looked "
                   f"in {{directory}}/sub/{name})", {"sub/c.yaml": content.encode(), "x.csv": SENTENCES, "v.txt": b"a 1 2\n"})
           for content, name, what in [
               ("data: {train: x.csv}\n", "x.csv", "a CSV file with a sentence and an emoji in every row"),
               ("data: {validation: x.csv}\n", "x.csv", "a CSV file with a sentence and an emoji in every row"),
               ("vectors: {source: v.txt}\n", "v.txt", "word vectors")]),
         Case(TRAIN.replace("c.yaml", "sub/c.yaml"), {"sub/c.yaml": b"data: {train: x.csv}\n", "sub/x.csv": SENTENCES},
              "to learn: sub/x.csv: 2 sentences, no header\n", goes_on=True, made="m.safetensors")),
]  # fmt: skip
