"""The matrix products of our network alone: what no pointwise work and no overhead can undercut.

Our own network runs through an epoch once, in arrays that note every matrix product they take part
in. Measured is then the same list of products again, of the same shapes, in the same layout, piece
by piece as our network does them, into arrays that are there already; and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np

from emojify.nn.arrays import Floats, Ints
from emojify.nn.batch import Sentences, deal_by_length
from emojify.nn.cells import new_cell
from emojify.nn.model import Model
from emojify.nn.workspace import Workspace

Product = tuple[Floats, Floats, Floats]

_LOOKED_AT = 256  # sentences that emojify scores after an epoch
_noted: list[Product] = []


def epochs(
    cell: str, hidden: int, size: int, table: Floats, ids: Sequence[Ints], labels: Ints
) -> Callable[[], None]:
    """Return a call that does the products of one epoch.

    Args:
        cell: the recurrent cell.
        hidden: H.
        size: B, how many sentences a batch has.
        table: ``(V, D)`` the word vectors.
        ids: the word ids of each sentence.
        labels: the class of each.
    """
    with _noting() as products:
        model = Model(new_cell(cell), table, hidden, int(labels.max()) + 1)
        for views in (model.params.values, model.params.grads):
            views.update({name: view.view(_Noting) for name, view in views.items()})
        rng = np.random.default_rng(1)
        model.initialize(rng)
        sentences = Sentences.of(ids)
        for chosen in deal_by_length(sentences.lengths, size, rng):
            model.loss_and_grad(sentences.batch(chosen), labels[chosen])
        model.log_proba(sentences.batch(slice(_LOOKED_AT)))

    def epoch() -> None:
        matmul = np.matmul
        for left, right, out in products:
            matmul(left, right, out=out)

    return epoch


class _Noting(np.ndarray):
    """An array that notes every matrix product in which it is a factor or takes the result."""

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: tuple[Any, ...] = (), **more: Any
    ) -> Any:
        plain = [_plain(array) for array in inputs]
        if out:
            more["out"] = tuple(map(_plain, out))
        result = getattr(ufunc, method)(*plain, **more)
        if ufunc is np.matmul:
            _noted.append((*plain, result))
        if out:
            return out[0]
        return result.view(_Noting) if isinstance(result, np.ndarray) else result


def _plain(array: Any) -> Any:
    return array.view(np.ndarray) if isinstance(array, _Noting) else array


@contextmanager
def _noting() -> Iterator[list[Product]]:
    """Give out work arrays that note products, and return the list of what they noted."""
    take = Workspace.take
    _noted.clear()
    products: list[Product] = []
    with mock.patch.object(Workspace, "take", lambda *given: take(*given).view(_Noting)):
        yield products
    products += _noted
    _noted.clear()
