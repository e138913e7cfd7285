"""Matrices gate by gate, and products of them in the pieces that BLAS multiplies fastest."""

from __future__ import annotations

import numpy as np

from emojify.nn.arrays import Floats

# Up to so many multiplications OpenBLAS multiplies float32 matrices as they lie; larger ones it
# copies first, which for a few dozen rows takes as long as half the product. Eight vector
# registers of columns are the narrowest piece that is still multiplied at full speed.
_UNCOPIED = 10**6
_PIECE = 64


def by_gate(matrix: Floats, gates: int) -> Floats:
    """View ``(…, G·H)``, gates side by side, as ``(G, …, H)``, one gate after the other."""
    split = matrix.reshape(*matrix.shape[:-1], gates, -1)
    return np.moveaxis(split, -2, 0)


def multiply(a: Floats, b: Floats, out: Floats) -> Floats:
    """Compute ``out[g] = a[g] @ b[g]`` for every gate.

    Args:
        a: ``(n, K)``, the same for all gates, or ``(G, n, K)``.
        b: ``(G, K, M)``.
        out: ``(G, n, M)``, to be filled.
    """
    rows, columns = out.shape[-2:]
    inner = a.shape[-1]
    if rows * inner * columns > _UNCOPIED >= rows * inner * _PIECE and columns % _PIECE == 0:
        pieces = columns // _PIECE
        np.matmul(a[..., None, :, :], _in_pieces(b, pieces), out=_in_pieces(out, pieces))
    else:
        np.matmul(a, b, out=out)
    return out


def _in_pieces(matrix: Floats, pieces: int) -> Floats:
    """View ``(…, rows, columns)`` as ``(…, pieces, rows, columns / pieces)``."""
    *first, rows, columns = matrix.shape
    return matrix.reshape(*first, rows, pieces, columns // pieces).swapaxes(-3, -2)
