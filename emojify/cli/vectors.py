"""``emojify vectors``."""

from __future__ import annotations

from pathlib import Path

import click

from emojify.cli.shared import ReadingBar, tell


@click.group("vectors")
def command() -> None:
    r"""Inspect and convert files of word vectors.

    \b
    emojify vectors info glove.6B.50d.txt
    emojify vectors convert glove.6B.zip/glove.6B.100d.txt -o glove-100.safetensors
    """


@command.command("info")
@click.argument("file", metavar="FILE|NAME")
def info(file: str) -> None:
    """Show how many words a file has, how wide their vectors are, and the first words."""
    from emojify import glove, resources

    path = resources.locate("vectors", file)
    vectors = glove.load(path, ReadingBar("reading vectors"))
    words = vectors.vocabulary
    first = [words.word(i) for i in range(1, min(10, len(words)) + 1)]
    print(f"words    {len(words):,}")
    print(f"numbers  {vectors.matrix.shape[1]} each, {vectors.matrix.dtype}")
    print(f"first    {' '.join(first)}")
    print(f"sha256   {vectors.fingerprint}")


@command.command("convert")
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", metavar="FILE", help="Default: FILE with .safetensors.")
@click.option("--float16", is_flag=True, help="Half the size, three decimal digits.")
@click.option("-f", "--force", is_flag=True, help="Replace the output file if it exists.")
def convert(file: str, output: str | None, float16: bool, force: bool) -> None:
    """Write a GloVe text as a file that opens at once, because it is mapped and not read."""
    from emojify import glove
    from emojify.files import require_writable

    target = Path(output) if output else Path(Path(file).with_suffix(".safetensors").name)
    require_writable(target, force)
    dtype = "float16" if float16 else "float32"
    glove.convert(Path(file), target, dtype, ReadingBar("converting"))
    tell(f"wrote {target} ({target.stat().st_size / 1e6:.1f} MB); use it with --vectors {target}")
