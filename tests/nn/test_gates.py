"""Products gate by gate are the products, in whatever pieces they are made."""

import numpy as np
import pytest

from emojify.nn.gates import by_gate, multiply


def test_gates_that_stand_side_by_side_are_seen_one_after_the_other() -> None:
    matrix = np.arange(12).reshape(2, 6)
    gates = by_gate(matrix, 3)
    assert gates.tolist() == [[[0, 1], [6, 7]], [[2, 3], [8, 9]], [[4, 5], [10, 11]]]
    assert np.shares_memory(gates, matrix)


# One is multiplied as a whole because it is small, one in pieces, one as a whole because even its
# pieces are large, one because it cannot be cut.
@pytest.mark.parametrize(("rows", "hidden"), [(5, 64), (40, 192), (100, 256), (70, 130)])
@pytest.mark.parametrize("shared", [True, False])
def test_products_are_those_of_each_gate(rows: int, hidden: int, shared: bool) -> None:
    rng = np.random.default_rng(1)
    a = rng.normal(size=(rows, hidden) if shared else (3, rows, hidden))
    b = rng.normal(size=(3, hidden, hidden))
    out = np.empty((3, 2 * rows, hidden))[:, :rows]
    multiply(a, b, out=out)
    for g in range(3):
        np.testing.assert_allclose(out[g], (a if shared else a[g]) @ b[g], rtol=0, atol=1e-12)
