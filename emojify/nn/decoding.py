"""How a decoder's lines are found: the likeliest, or by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from emojify.nn.arrays import Floats, Ints
from emojify.nn.decoder import Decoder

LONGEST = 10  # tokens of a line, if nobody says otherwise


class Line(NamedTuple):
    """A line of tokens and the logarithm of its probability, that of its end included."""

    tokens: tuple[int, ...]
    log_proba: float


def search(
    decoder: Decoder, features: Floats, beam: int = 1, longest: int = LONGEST
) -> list[list[Line]]:
    """Find likely lines by beam search; with a beam of 1, greedily.

    At every step each of the ``beam`` likeliest beginnings is continued by every token, and the
    likeliest of all are kept; what is finished stays among them as it is. A line has at least one
    token, none twice, and at most ``longest``, after which only the edge can stand. Of equally
    likely ones, that whose beginning was likelier is first, and then that with the lower token.

    Args:
        decoder: what continues a line.
        features: ``(B, F)``.
        beam: how many beginnings are kept.
        longest: how many tokens a line has at most.

    Returns:
        For each row of features up to ``beam`` different lines, the likeliest first.
    """
    sentences, edge = len(features), decoder.edge
    # The lines of a sentence are `beam` rows, one after another; at first there is one beginning.
    states = [np.repeat(state, beam, axis=0) for state in decoder.first_states(features)]
    written = np.empty((sentences * beam, 0), np.int64)
    scores = np.full((sentences, beam), -np.inf)
    scores[:, 0] = 0
    while not _is_done(written, scores.reshape(-1), edge):
        log_probs, states = _continued(decoder, written, states, longest)
        totals = (scores.reshape(-1, 1) + log_probs).reshape(sentences, -1)
        best = np.argsort(-totals, axis=1, kind="stable")[:, :beam]
        scores = np.take_along_axis(totals, best, axis=1)
        rows = (best // (edge + 1) + beam * np.arange(sentences)[:, None]).reshape(-1)
        written = np.column_stack([written[rows], (best % (edge + 1)).reshape(-1)])
        states = [state[rows] for state in states]
    lines = _lines(written, scores.reshape(-1), edge)
    found = [lines[start : start + beam] for start in range(0, len(lines), beam)]
    return [[line for line in group if line.log_proba > -np.inf] for group in found]


def sample(
    decoder: Decoder,
    features: Floats,
    rngs: Sequence[np.random.Generator],
    temperature: float = 1.0,
    longest: int = LONGEST,
) -> list[Line]:
    """Draw a line for each sentence, token by token, each fed back before the next is drawn.

    The probabilities are those of ``log_probs / temperature``. What :func:`search` excludes is
    never drawn.

    Args:
        decoder: what continues a line.
        features: ``(B, F)``.
        rngs: the source of chance of each sentence, so that none depends on the others.
        temperature: below 1 the likely ones are drawn still more often, above it less so.
        longest: how many tokens a line has at most.
    """
    edge = decoder.edge
    states = decoder.first_states(features)
    written = np.empty((len(features), 0), np.int64)
    scores = np.zeros(len(features))
    while not _is_done(written, scores, edge):
        log_probs, states = _continued(decoder, written, states, longest)
        # The largest of the logarithms with Gumbel's noise is drawn with just these probabilities.
        noise = np.stack([rng.gumbel(size=edge + 1) for rng in rngs])
        drawn = np.argmax(log_probs / temperature + noise, axis=1)
        scores += np.take_along_axis(log_probs, drawn[:, None], axis=1)[:, 0]
        written = np.column_stack([written, drawn])
    return _lines(written, scores, edge)


def _continued(
    decoder: Decoder, written: Ints, states: list[Floats], longest: int
) -> tuple[Floats, list[Floats]]:
    """Feed the last token of each line back; return what may follow, and the states after it."""
    edge, length = decoder.edge, written.shape[1]
    last = written[:, -1] if length else np.full(len(written), edge)
    log_probs, states = decoder.step(last, states)
    if not length:
        log_probs[:, edge] = -np.inf
    elif length == longest:
        log_probs[:, :edge] = -np.inf
    np.put_along_axis(log_probs, written, -np.inf, axis=1)
    # A line that has its end has it once more, at no cost.
    is_finished = last == edge if length else np.zeros(len(written), bool)
    log_probs[is_finished] = -np.inf
    log_probs[is_finished, edge] = 0
    return log_probs, states


def _is_done(written: Ints, scores: Floats, edge: int) -> bool:
    """Whether every line has its end, but those that are impossible, or of which nothing is known.

    What has a probability that is not a number may never come to an end.
    """
    return written.shape[1] > 0 and bool(((written[:, -1] == edge) | ~np.isfinite(scores)).all())


def _lines(written: Ints, scores: Floats, edge: int) -> list[Line]:
    ends = np.argmax(written == edge, axis=1)
    rows = zip(written.tolist(), ends.tolist(), scores.tolist(), strict=True)
    return [Line(tuple(tokens[:end]), score) for tokens, end, score in rows]
