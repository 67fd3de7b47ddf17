"""Errors, gradients and sums for the biases, by NumPy and sparse products."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfteach.matrices.rows import Index, Known, Rows, Table

# Entries of U, and of V, gathered at a time: few enough that they stay in the cache.
SLAB = 100_000


def targets(known: Known) -> Table:
    """r_ij - mean - b_i - c_j for every rating."""
    return known.targets


def products(i: Index, j: Index, U: Table, V: Table) -> Table:
    """u_i . v_j for pairs of row numbers."""
    found = np.empty(len(i), U.dtype)
    step = max(1, SLAB // max(1, U.shape[1]))
    for start in range(0, len(i), step):
        slab = slice(start, start + step)
        np.einsum("ns,ns->n", U[i[slab]], V[j[slab]], out=found[slab])
    return found


def row_squares(table: Table) -> NDArray[np.float64]:
    """|x|² of each row x of a table, in double precision."""
    return np.asarray(np.einsum("is,is->i", table, table, dtype=np.float64))


def errors(known: Known, U: Table, V: Table) -> Table:
    """r_ij - mean - b_i - c_j - u_i . v_j for every rating."""
    return targets(known) - products(known.i, known.j, U, V)


def gradient(users: Rows, items: Rows, U: Table, V: Table) -> tuple[Table, Table, Table, Table]:
    """-E V and -Eᵀ U plus the penalties' share, and the sums of E by user and by item.

    An error of 0 is stored in the sparse matrix E like every other.
    """
    from scipy import sparse  # loaded with the first gradient: it takes longer than NumPy

    i = np.repeat(np.arange(len(users)), users.counts)
    e = users.targets - products(i, users.neighbours, U, V)
    E = sparse.csr_matrix((e, users.neighbours, users.starts), shape=(len(users), len(items)))
    dU, dV = -(E @ V), -(E.T @ U)
    if users.penalties.any():
        dU += users.penalties[:, None] * U
    if items.penalties.any():
        dV += items.penalties[:, None] * V
    return dU, dV, np.asarray(E.sum(axis=1)).ravel(), np.asarray(E.sum(axis=0)).ravel()


class BiasSums:
    """Sums over the ratings of each user and of each item, by sparse products.

    Source: the normal equations of `mfteach.recommender.Biases.fit`.
    """

    def __init__(self, i: Index, j: Index, shape: tuple[int, int]) -> None:
        from scipy import sparse

        self._i, self._j, self._shape = i, j, shape
        self._known = sparse.csr_matrix((np.ones(len(i)), (i, j)), shape=shape)

    def of_biases(self, b: Table, c: Table) -> tuple[Table, Table]:
        """Sum over j in I_i of c_j for each user i, and over i in U_j of b_i for each item j."""
        return self._known @ c, self._known.T @ b

    def of_values(self, r: Table, mean: float) -> tuple[Table, Table]:
        """Sums of r_ij - mean."""
        above, (m, n) = r.astype(np.float64) - mean, self._shape
        by_user: Table = np.bincount(self._i, above, m).astype(np.float64)
        by_item: Table = np.bincount(self._j, above, n).astype(np.float64)
        return by_user, by_item
