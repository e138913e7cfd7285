"""``emojify vectors``."""

from __future__ import annotations

from pathlib import Path

import click

from emojify.cli.shared import ReadingBar, emit, size_of, tell
from emojify.errors import printable


@click.group("vectors")
def command() -> None:
    """Inspect and convert files of word vectors.

    \b
    emojify vectors info glove.6B.50d.txt
    emojify vectors convert glove.6B.zip/glove.6B.100d.txt -o glove-100.safetensors
    """


@command.command("info")
@click.argument("file", metavar="FILE|NAME")
def info(file: str) -> None:
    """Show how many words a file has, how wide their vectors are, and the first words.

    \b
    emojify vectors info glove.6B.50d.txt
    emojify vectors info glove-6b-50d
    """
    from emojify import glove, resources

    path = resources.locate("vectors", file)
    vectors = glove.load(path, ReadingBar("reading vectors"))
    words = vectors.vocabulary
    first = [words.word(i) for i in range(1, min(10, len(words)) + 1)]
    emit(f"words    {len(words):,}")
    emit(f"numbers  {vectors.matrix.shape[1]} each, {vectors.matrix.dtype}")
    emit(printable(f"first    {' '.join(first)}"))
    emit(f"sha256   {vectors.fingerprint}")


@command.command("convert")
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", metavar="FILE", help="Default: FILE with .safetensors.")
@click.option("--float16", is_flag=True, help="Half the size, three decimal digits.")
@click.option("-f", "--force", is_flag=True, help="Replace the output file if it exists.")
def convert(file: str, output: str | None, float16: bool, force: bool) -> None:
    """Write a GloVe text as a file that opens at once, because it is mapped and not read.

    \b
    emojify vectors convert glove.6B.100d.txt
    emojify vectors convert glove.6B.zip/glove.6B.300d.txt -o glove-300.safetensors --float16
    """
    from dataclasses import replace

    from emojify import glove
    from emojify.archives import Source
    from emojify.errors import EmojifyError
    from emojify.files import require_writable
    from emojify.vectors import rounded_to_float16

    target = Path(output) if output else Path(Path(file).with_suffix(".safetensors").name)
    if target.suffix != ".safetensors":
        raise EmojifyError(
            f"found {target.name!r}; expected a name that ends in .safetensors; use -o", target
        )
    require_writable(target, force, inputs=[Source.of(Path(file)).path])
    vectors = glove.load(Path(file), ReadingBar("reading vectors"))
    if float16:
        vectors = replace(vectors, matrix=rounded_to_float16(vectors))
    vectors.save(target)
    tell(f"wrote {target} ({size_of(target)}); use it with --vectors {target}")
