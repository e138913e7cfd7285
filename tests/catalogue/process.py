"""Rows 100 to 111: what can happen to a process and around it."""

from __future__ import annotations

from tests.catalogue.case import Case, Elsewhere, Special, refused, row

VECTORS = b"i 1 2\nlove 3 4\nyou 5 6\nrun 7 8\n"
SENTENCES = b"i love you,0\nyou run,1\n"
LONG = b"".join(
    b"you %d%s,%d\n" % (i, b" i" * 400, i % 2) for i in range(600)
)  # 2 GB for all at once
FILES = {"x.csv": SENTENCES, "v.txt": VECTORS}
SMALL = "--epochs 1 --set model.hidden=4 --set data.labels=[❤,⚾]"
TRAIN = f"train --data x.csv --vectors v.txt {SMALL}"
NO_SPACE = "emojify: error: standard output cannot be written: No space left on device\n"
CLOSED = "emojify: error: standard output is closed; expected somewhere to write the answer\n"
AN_INPUT = "is an input of this command; nothing was overwritten; use -o to name another"
FOLDER = "found a folder; expected a file to write to; name a file in it"


def piped(line: str, out: str, **files: bytes) -> Case:
    """A line for a shell that reads a part of the output; the code is that of emojify."""
    return Case(
        f"{line}; echo ${{PIPESTATUS[-2]}}", {f"{n}.txt": c for n, c in files.items()}, "", out
    )


CASES = [
    *row(104, "an output that cannot be written is found before the training",
         *(refused(f"{TRAIN} -o {path}", f"{path}: cannot be written: {reason}; nothing was changed; choose another "
                   "place", FILES | {"closed": Special("closed")}, code=3)
           for path, reason in (("closed/m.safetensors", "Permission denied"),
                                ("nowhere/m.safetensors", "No such file or directory"),
                                ("/proc/m.safetensors", "No such file or directory"))),
         refused("vectors convert v.txt -o closed/v.safetensors", "closed/v.safetensors: cannot be written: Permission "
                 "denied; nothing was changed; choose another place", FILES | {"closed": Special("closed")}, code=3)),
    *row(105, "a reader that has enough: nothing is said",
         piped("emojify predict < lines.txt | head -1", "I love you ❤️\n141\n", lines=b"I love you\n" * 20_000),
         piped("emojify predict -j 2 --json < lines.txt | head -c 7", r'{"text"141\n', lines=b"hi\n" * 20_000),
         *(piped(f"emojify {command} | true", r"(0|141)\n")
           for command in ("info", "--help", "predict --csv hi", "vectors info glove-6b-50d"))),
    *row(106, "an output that is full or closed",
         *(Case(f"emojify {command} > /dev/full", {}, NO_SPACE, code=3)
           for command in ("predict hi", "predict --json hi", "predict --csv hi", "info",
                           "vectors info glove-6b-50d")),
         Case("emojify --help > /dev/full", {}, "emojify: error: the output cannot be written: No space left on device\n",
              code=3),
         *(Case(f"emojify {command} >&-", {}, said + CLOSED, code=3)
           for command, said in (("predict hi", ""), ("info", ""),
                                 ("eval five-test", "five-test: 656 sentences, line 1 read as a header\n")))),
    *row(108, "not enough memory",
         Case(f"{TRAIN} --set model.hidden=500 --set training.batch_size=600", FILES | {"x.csv": LONG},
              "to learn: x.csv: 540 sentences, no header\nheld back to choose the epoch: 60 more of the same file\nlstm "
              "with 500 hidden units, labels ❤️ ⚾, seed 1\nemojify: error: there is not enough memory; try less data at "
              "once\n", code=3, memory=600),
         *(refused(f"{TRAIN} --set model.hidden={hidden}", f"found a network of {weights} weights, which takes {size} "
                   "GB of memory; expected no more than 0.6 GB, which this process may have; try a smaller model.hidden",
                   FILES, code=3, memory=600)
           for hidden, weights, size in ((4096, "67,166,210", "1.1"), (8192, "268,550,146", "4.3")))),
    *row(111, "an output that is a folder, a link, a device or an input",
         *(refused(f"{TRAIN} -o {path} {force}", f"{path}: {FOLDER}", FILES | {"d": Special("folder")})
           for path, force in (("d", ""), ("d", "-f"), (".", "-f"))),
         refused(f"{TRAIN} -o /dev/null -f", "/dev/null: is not a regular file; expected a file to write to; save it to "
                 "a file first", FILES),
         refused(f"{TRAIN} -o m.safetensors", "m.safetensors: the file exists; nothing was overwritten; use -f to "
                 "replace it or -o to name another", FILES | {"m.safetensors": b"precious"}),
         *(refused(f"{TRAIN} -o {path} -f", f"{path}: {AN_INPUT}", FILES | {"link": Special("link", "x.csv")})
           for path in ("x.csv", "v.txt", "link")),
         refused(f"train -c c.yaml {SMALL} -o c.yaml -f", f"c.yaml: {AN_INPUT}", {"c.yaml": b"seed: 1\n"}),
         refused("vectors convert v.txt -o d.safetensors -f", f"d.safetensors: {FOLDER}",
                 FILES | {"d.safetensors": Special("folder")}),
         refused("vectors convert a.safetensors -o a.safetensors -f", f"a.safetensors: {AN_INPUT}", {"a.safetensors": b"a"}),
         *(Case(f"vectors convert v.txt -o {path} -f", FILES | {
                "a.safetensors": b"old", "link.safetensors": Special("link", "a.safetensors")}, f"wrote {path} (4.2 kB); "
                f"use it with --vectors {path}\n", made="a.safetensors") for path in ("a.safetensors", "link.safetensors"))),
]  # fmt: skip
ELSEWHERE = [
    Elsewhere(100, "Ctrl-C: a checkpoint, the command that goes on, 130; a second one stops at once", "test_resume",
              "test_a_second_ctrl_c_stops_at_once"),
    Elsewhere(101, "SIGTERM: the same, 143", "test_resume", "test_a_signal_saves_and_says_how_to_go_on"),
    Elsewhere(102, "kill -9: the old file or the new one, whole", "test_resume",
              "test_killed_resumed_and_finished_is_the_same_file"),
    Elsewhere(102, "what it leaves is cleaned away", "test_saving", "test_what_a_killed_process_left_is_removed_by_the_next"),
    Elsewhere(103, "a full disk, a short write, an fsync that fails", "test_saving",
              "test_whatever_call_fails_the_old_or_the_new_file_is_whole"),
    Elsewhere(107, "two trainings with one output", "test_resume",
              "test_the_second_training_on_one_output_is_refused_with_the_first_ones_number"),
    Elsewhere(109, "the clock jumps: no training looks at it", "test_catalogue",
              "test_row_109_only_the_cache_looks_at_the_clock"),
    Elsewhere(110, "a training resumed with other data or settings", "test_resume",
              "test_a_checkpoint_of_another_training_is_refused_and_what_differs_is_named"),
    Elsewhere(111, "a link that leads to itself", "test_saving", "test_a_link_in_a_circle_gives_way_to_the_file"),
]  # fmt: skip
