"""``emojify train``."""

from __future__ import annotations

import math
import shlex
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emojify.cli.interruption import Interruption
from emojify.cli.shared import ReadingBar, Stopped, delimiter_option, describe, size_of, tell

if TYPE_CHECKING:
    from emojify.settings import Settings
    from emojify.training import Epoch, Step, Training

_DEFAULT_CONFIG = "lstm"


@click.command("train")
@click.option("-c", "--config", metavar="FILE|NAME", help="A YAML file of settings.")
@click.option("--cell", metavar="CELL", help="rnn, lstm (the default), gru, or one of your own.")
@click.option("--data", metavar="CSV|NAME", help="Sentences and their emoji.")
@delimiter_option
@click.option("--vectors", metavar="FILE|NAME", help="GloVe vectors (.txt, .gz, a.zip/member).")
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    multiple=True,
    help="Any setting, for example model.hidden=64; may be given again.",
)
@click.option("--epochs", type=int, metavar="N", help="The most passes over the data.")
@click.option("--lr", type=float, metavar="X", help="The learning rate.")
@click.option("--seed", type=int, metavar="N", help="Another seed, another model.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Default: emojify-CELL.safetensors, or emojify-caption-CELL.safetensors.",
)
@click.option(
    "-f", "--force", is_flag=True, help="Replace the output file; without --resume, start again."
)
@click.option("--resume", is_flag=True, help="Go on with the training that was interrupted.")
@click.option(
    "--checkpoint-every",
    "seconds",
    type=click.FloatRange(0, 86_400),
    metavar="SECONDS",
    default=30,
    show_default=True,
    help="How much work may be lost if the machine fails.",
)
@click.pass_obj
def command(
    arguments: list[str],
    /,
    config: str | None,
    assignments: tuple[str, ...],
    output: str | None,
    force: bool,
    resume: bool,
    seconds: float,
    **flags: Any,
) -> None:
    """Train a model and write it to a file.

    With nothing else, an LSTM learns the sentences that come with emojify. The epoch that answers
    the sentences held back best is the one that is kept.

    \b
    emojify train --cell gru
    emojify train --data mine.csv -o mine.safetensors
    emojify train -c my.yaml --set training.batch_size=64 --epochs 10
    emojify train --vectors glove.6B.100d.txt
    emojify train -c caption-gru --data captions.csv

    The configs that come with emojify are named after their cells, and chat, caption-rnn,
    caption-lstm and caption-gru; the last three learn lines of emoji.

    Ctrl-C lets the step be finished, writes all that is needed to go on to FILE.checkpoint, and
    prints the command that does; it makes the same model, bit for bit. The same file is written
    while the training runs, so that a power failure costs half a minute of it.
    """
    from emojify import checkpoint, store
    from emojify.errors import Diverged
    from emojify.files import followed, require_writable
    from emojify.locks import only_one
    from emojify.training import Training

    if math.isnan(seconds):  # which is in no range, but click compares the other way round
        raise click.BadParameter("nan is not in the range 0<=x<=86400.")
    settings = _settings(config, assignments, flags)
    inputs = _inputs(config, settings)
    kind = "caption-" * (settings.decoder.features is not None)
    default = f"emojify-{kind}{settings.model.cell}.safetensors"
    path = Path(default if output is None else output)
    require_writable(path, force, inputs)
    path = followed(path)
    with only_one(path):
        unfinished = checkpoint.place_for(path)
        _require_decision(unfinished, resume or force)
        require_writable(unfinished, overwrite=True, inputs=inputs)
        training = Training(settings, ReadingBar("reading vectors"))
        _begin(training, unfinished, resume)
        _introduce(training)
        with Interruption() as interruption:
            try:
                _watch(training, _kept(training, unfinished, seconds, interruption))
            except Diverged:
                if training.best:
                    store.save(training.result(), path)
                    checkpoint.remove(unfinished)
                    tell(f"the last good epoch, {training.best.epoch}, was written to {path}")
                raise
            except Stopped:
                tell(f"stopped {training.place}; go on with:")
                again = arguments if resume else ["train", "--resume", *arguments[1:]]
                tell(f"  emojify {shlex.join(again)}")
                raise
            _save(training, path, unfinished, force)
    _conclude(training, path)


def _require_decision(unfinished: Path, decided: bool) -> None:
    """Let nobody lose the work of an interrupted training by forgetting about it."""
    from emojify.errors import EmojifyError
    from emojify.files import exists

    if exists(unfinished) and not decided:
        raise EmojifyError(
            "found a training that is not finished; expected none; use --resume to go on with it, "
            "-f to start again, or -o to name another output",
            unfinished,
        )


def _begin(training: Training, unfinished: Path, resume: bool) -> None:
    """Bring a training to where it is to start."""
    from emojify import checkpoint
    from emojify.files import exists

    if not resume:
        checkpoint.remove(unfinished)
    elif exists(unfinished):
        training.go_on_from(checkpoint.load(unfinished), unfinished)
        tell(f"resumed from {unfinished}, {training.place}")
    else:
        tell(f"found no {unfinished}; starting at the beginning")


def _kept(
    training: Training,
    unfinished: Path,
    seconds: float,
    interruption: Interruption,
) -> Iterator[Step | Epoch]:
    """Run a training; save it every so many seconds, and when it is to stop."""
    from emojify import checkpoint

    saved = time.monotonic()
    for event in training.run():
        asked = interruption.signal is not None
        if asked or time.monotonic() - saved >= seconds:
            checkpoint.save(training.checkpoint(), unfinished)
            saved = time.monotonic()
        if asked:
            interruption.stop_if_asked()
        yield event  # to be shown last, perhaps on a terminal that is gone


def _save(training: Training, path: Path, unfinished: Path, force: bool) -> None:
    """Write the model; if somebody put another file there meanwhile, keep both."""
    from emojify import checkpoint, store
    from emojify.files import exists, require_writable

    if exists(path) and not force:
        checkpoint.save(training.checkpoint(), unfinished)
    require_writable(path, force)
    store.save(training.result(), path)
    checkpoint.remove(unfinished)


def _settings(config: str | None, assignments: tuple[str, ...], flags: dict[str, Any]) -> Settings:
    """Put the command line over the config file, and that over the defaults."""
    from emojify import resources
    from emojify.config import Override, parse_override, read_settings

    keys = {
        "cell": "model.cell",
        "data": "data.train",
        "delimiter": "data.delimiter",
        "vectors": "vectors.source",
        "epochs": "training.epochs",
        "lr": "training.learning_rate",
        "seed": "seed",
    }
    overrides = [
        Override(keys[flag], value, f"--{flag}")
        for flag, value in flags.items()
        if value is not None
    ]
    overrides += map(parse_override, assignments)
    if config is not None:
        path: Path | None = resources.locate("configs", config)
    else:
        cells = [o.value for o in overrides if o.key == "model.cell"]
        path = resources.shipped("configs", cells[-1] if cells else _DEFAULT_CONFIG)
    settings = read_settings(path, overrides)
    given = {override.key for override in overrides}
    if "data.train" in given and "data.validation" not in given:
        return _without_validation_of_others(settings)
    return settings


def _without_validation_of_others(settings: Settings) -> Settings:
    """Hold some of one's own sentences back in place of those that come with emojify."""
    from msgspec.structs import replace

    from emojify.resources import shipped
    from emojify.settings import DataSettings

    train, validation = settings.data.train, settings.data.validation
    if not isinstance(validation, str):
        return settings
    if shipped("datasets", train) or not shipped("datasets", validation):
        return settings
    share = DataSettings().validation
    return replace(settings, data=replace(settings.data, validation=share))


def _inputs(config: str | None, settings: Settings) -> list[Path]:
    """Return the files that this training reads, as far as they are named by a path."""
    from emojify.archives import Source

    data = settings.data
    of_data = (data.train, data.validation, data.joined or "")
    named = [Path(str(name)) for name in (config or "", *of_data)]
    return [*named, Source.of(Path(settings.vectors.source)).path]


def _introduce(training: Training) -> None:
    train, held_back = training.train, training.validation
    data = training.settings.data
    made = f", {training.joined:,} of them joined from {data.joined}" * (training.joined > 0)
    tell(f"to learn: {describe(train)}{made}")
    chooser = "none" if held_back is None else f"{len(held_back):,} more of the same file"
    if held_back and isinstance(training.settings.data.validation, str):
        chooser = describe(held_back)
    tell(f"held back to choose the epoch: {chooser}")
    settings = training.settings
    tell(
        f"{settings.model.cell} with {settings.model.hidden} hidden units, "
        f"labels {' '.join(training.labels.emoji)}, seed {settings.seed}"
    )


def _watch(training: Training, events: Iterable[Step | Epoch]) -> None:
    """Show how a training goes: a bar on a terminal, a line for each epoch elsewhere."""
    from tqdm import tqdm

    from emojify.training import Epoch

    animated = sys.stderr is not None and sys.stderr.isatty()
    shown = {}
    with tqdm(disable=not animated, unit=" steps", leave=False) as bar:
        for event in events:
            if isinstance(event, Epoch):
                if event.validation_accuracy is not None:
                    shown["accuracy"] = f"{event.validation_accuracy:.1%}"
                if not animated:
                    tell(_described(event))
                continue
            epochs = training.settings.training.epochs
            bar.total = epochs * event.steps
            bar.set_description(f"epoch {event.epoch}/{epochs}", refresh=False)
            bar.set_postfix(shown | {"loss": f"{event.loss:.3f}"}, refresh=False)
            bar.update((event.epoch - 1) * event.steps + event.step - bar.n)


def _described(epoch: Epoch) -> str:
    text = f"epoch {epoch.epoch}: loss {epoch.loss:.3f}"
    if epoch.validation_accuracy is None:
        return text
    return (
        f"{text}, held back: loss {epoch.validation_loss:.3f}, "
        f"accuracy {epoch.validation_accuracy:.1%}"
    )


def _conclude(training: Training, path: Path) -> None:
    from emojify import resources

    assert training.best is not None
    tell(f"kept {_described(training.best)}")
    tell(f"wrote {path} ({size_of(path)}); try:")
    # A bare name may be that of a model that comes with emojify.
    is_bare = path.name == str(path) and not path.suffix
    shown = shlex.quote(f"./{path}" if is_bare else str(path))
    command = "caption" if training.settings.decoder.features else "predict"
    tell(f'  emojify {command} -m {shown} "I love you"')
    held_out = training.settings.data.train.replace("-train", "-test")
    if held_out != training.settings.data.train and resources.shipped("datasets", held_out):
        tell(f"  emojify eval {held_out} -m {shown}")
    tell(f"  emojify info {shown}")
