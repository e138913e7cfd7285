"""All weights of a network in one flat array, all gradients in another."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

import numpy as np
import numpy.typing as npt

from emojify.nn.arrays import Floats, Shape


class Params:
    """Named views into one flat ``theta``, and into one flat ``grad`` laid out alike.

    Layers read and write the views; optimisers, clipping and gradient checks see two flat arrays
    and need no names.

    Args:
        shapes: the shape of each weight, by name; the order here is the order in ``theta``.
        dtype: ``float32`` to compute, ``float64`` to check.
        theta: an array of weights to share, if they are not to be new ones.
    """

    def __init__(
        self,
        shapes: Mapping[str, Shape],
        dtype: npt.DTypeLike = np.float32,
        theta: Floats | None = None,
    ) -> None:
        size = sum(int(np.prod(shape)) for shape in shapes.values())
        self.theta: Floats = np.zeros(size, dtype) if theta is None else theta
        self.grad: Floats = np.zeros_like(self.theta)
        self.values = _views(self.theta, shapes)
        self.grads = _views(self.grad, shapes)

    def twin(self) -> Params:
        """Return parameters with the same weights, one array for both, and their own gradients."""
        shapes = {name: value.shape for name, value in self.values.items()}
        return Params(shapes, theta=self.theta)

    def part(self, prefix: str) -> Params:
        """Return the weights whose names begin so, without it, as parameters of their own.

        They and their gradients are views into the same arrays. With ``""`` they are those that
        belong to no part.
        """
        part = copy(self)
        part.values = _of_part(self.values, prefix)
        part.grads = _of_part(self.grads, prefix)
        return part

    def __getitem__(self, name: str) -> Floats:
        """Return the weight of that name, a view into ``theta``."""
        return self.values[name]


def _of_part(views: Mapping[str, Floats], prefix: str) -> dict[str, Floats]:
    return {
        name.removeprefix(prefix): view
        for name, view in views.items()
        if (name.startswith(prefix) if prefix else "." not in name)
    }


def _views(flat: Floats, shapes: Mapping[str, Shape]) -> dict[str, Floats]:
    views, start = {}, 0
    for name, shape in shapes.items():
        stop = start + int(np.prod(shape))
        views[name] = flat[start:stop].reshape(shape)
        start = stop
    return views
