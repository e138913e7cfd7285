"""``emojify eval`` of a model of captions."""

from __future__ import annotations

from emojify import resources
from emojify.captioner import Caption, Captioner
from emojify.cli.shared import tell
from emojify.data import Examples, read_examples
from emojify.emojifier import Emojifier
from emojify.judgement import Judgement, judge, likeliest, nearest
from emojify.likeness import Likeness
from emojify.store import TrainedModel


def judged(
    trained: TrainedModel,
    examples: Examples,
    shipped: Examples | None,
    delimiter: str,
    beam: int | None,
    classifier: str | None,
    learnt: str | None,
) -> tuple[Judgement, list[Caption]]:
    """Write captions for labelled sentences, and judge them beside what others answer.

    Args:
        trained: the model that writes.
        examples: sentences with the right lines.
        shipped: the sentences that it learnt, if they come with emojify; the nearest of them is
            compared with it.
        delimiter: what stands between the columns of ``learnt``.
        beam: of the search.
        classifier: the model whose likeliest emoji are compared with it.
        learnt: other sentences in the place of those that are shipped.
    """
    # What may be missing or wrong is read before anything is computed.
    captioner = Captioner(trained)
    name = resources.DEFAULT_MODEL if classifier is None else classifier
    emojifier = Emojifier.load(name)
    others = shipped
    if learnt is not None:
        mark = "," if resources.shipped("datasets", learnt) else delimiter
        others = read_examples(learnt, captioner.labels.emoji, mark, lines=True)
    elif shipped is None:
        tell("what the model learnt does not come with emojify; --learnt FILE compares with it")
    baselines = {f"{name}: as many of its likeliest": likeliest(emojifier, examples)}
    if others:
        of_nearest = f"{others.source}: the nearest of {len(others):,}"
        baselines[of_nearest] = nearest(trained, others, examples)
    given = {} if beam is None else {"beam": beam}
    captions = captioner.caption(examples.texts, **given)
    return judge(captioner, captions, examples, baselines), captions


def as_table(judgement: Judgement) -> str:
    """Return a judgement as tables, the model first, then the baselines, then by length."""
    whole = judgement.likeness
    perplexity = "-" if judgement.perplexity is None else f"{judgement.perplexity:.2f}"
    lines = [
        f"exact match {whole.exact_match:.1%}, token F1 {whole.token_f1:.3f}, "
        f"edit distance {whole.edit_distance:.2f}, perplexity {perplexity}",
        "",
        "exact match  token F1  edit distance",
        *(f"{_row(scores)}  {name}" for name, scores in judgement.baselines.items()),
        f"{_row(whole)}  this model",
        "",
        "emoji  sentences  exact match  token F1  edit distance",
    ]
    lines += [
        f"{length:5}  {scores.examples:9}  {_row(scores)}"
        for length, scores in judgement.by_length.items()
    ]
    return "\n".join(lines)


def _row(scores: Likeness) -> str:
    return f"{scores.exact_match:11.1%}  {scores.token_f1:8.3f}  {scores.edit_distance:13.2f}"
