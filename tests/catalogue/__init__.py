"""The catalogue of bad inputs: what must happen to each, as data.

Every row of it has its cases here, in the order of its sections. A case is a command, the files that
are there, and all that the command prints. What is refused has one line that says where, what was
found, what was expected and what to do; exit code 2 for an input, 3 for the environment; nothing on
standard output; and not a byte changed in the directory. What looks odd and is right is answered.
"""

from tests.catalogue import models, numbers, process, sentences, settings, texts, vectors

CASES = [
    *vectors.CASES,
    *sentences.CASES,
    *texts.CASES,
    *settings.CASES,
    *models.CASES,
    *numbers.CASES,
    *process.CASES,
]
ELSEWHERE = [*vectors.ELSEWHERE, *models.ELSEWHERE, *numbers.ELSEWHERE, *process.ELSEWHERE]
ROWS = range(1, 112)
