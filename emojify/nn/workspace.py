"""Work arrays that are allocated once and used again."""

from math import prod

import numpy as np
import numpy.typing as npt

from emojify.nn.arrays import Floats, Shape


class Workspace:
    """Scratch arrays by name, grown when a batch needs more, never shrunk, never saved.

    An array handed out is valid until the same name is asked for again.
    """

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._buffers: dict[str, Floats] = {}

    def take(self, name: str, shape: Shape) -> Floats:
        """Return an uninitialised array of that shape."""
        size = prod(shape)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.size < size:
            # An eighth more than asked for, so that batches of similar sizes settle quickly.
            buffer = self._buffers[name] = np.empty(size + size // 8, self._dtype)
        return buffer[:size].reshape(shape)
