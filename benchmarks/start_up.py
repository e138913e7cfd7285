"""Starting up: `emojify predict "I love you"` as a whole process, against Python with NumPy alone.

- Ours: the installed command, from its start to its end.
- Theirs: `python -c "import numpy"`; for the record also `python -c "import torch"`.

Both find their files in the operating system's cache. Memory is the most that a process held at
once, as the operating system reports it at the end.
"""

from __future__ import annotations

import sys

import measure
from measure import ABSENT, OURS, Aim, Options, Report, Row, duration

SENTENCE = "I love you"
NUMPY, TORCH = "import numpy", "import torch"


def measure_start_up(options: Options) -> Report:
    """Time the processes in turn."""
    ours = (str(measure.emojify_command()), "predict", SENTENCE)
    commands = {OURS: ours, NUMPY: (sys.executable, "-c", NUMPY)}
    if measure.installed("torch"):
        commands[TORCH] = (sys.executable, "-c", TORCH)
    times = measure.in_turn({n: measure.process(*c) for n, c in commands.items()}, options, 15)
    peaks = {name: measure.peak_memory(*command) for name, command in commands.items()}
    work = f'`emojify predict "{SENTENCE}"`, whole process'
    memory = f"{peaks[OURS]:.0f} MB"
    return Report(
        "Starting up",
        rows=[
            measure.row(work, f'`python -c "{NUMPY}"`', times.pair("", NUMPY), Aim("≤", 1.5)),
            Row(f"{work}, peak memory", "–", memory, "–", peaks[OURS], Aim("≤", 90, "MB")),
        ],
        details={
            "For the record": [
                {
                    "process": name,
                    "time": duration(times.median(name)) if name in times.seconds else ABSENT,
                    "peak memory": f"{peaks[name]:.0f} MB" if name in peaks else ABSENT,
                }
                for name in (OURS, NUMPY, TORCH)
            ]
        },
        seconds={"start-up": times.seconds},
    )


if __name__ == "__main__":
    measure.main(measure_start_up)
