"""Errors, gradients and sums for the biases, compiled."""

from __future__ import annotations

import numpy as np

from mfteach.fast.compiling import _dot, _ranges, _shares, _target, compiled, if_worth_it
from mfteach.fast.numba_lines import add_multiples, dot, dots, in_lines, zeros
from mfteach.fast.threads import side_by_side
from mfteach.matrices.rows import Index, Known, Rows, Table


def targets(known: Known) -> Table:
    """r_ij - mean - b_i - c_j for every rating."""
    found = np.empty(len(known.r), known.mean.dtype)
    side_by_side(_targets, ((*edges, *known, found) for edges in _shares(len(found))))
    return found


@compiled
def _targets(first, last, i, j, r, mean, b, c, found):  # type: ignore[no-untyped-def]
    for n in range(first, last):
        found[n] = _target(n, i, j, r, mean, b, c)


def errors(known: Known, U: Table, V: Table) -> Table:
    """r_ij - mean - b_i - c_j - u_i . v_j for every rating."""
    e = np.empty(len(known.r), U.dtype)
    side_by_side(_errors, ((*edges, *known, U, V, e) for edges in _shares(len(e))))
    return e


@compiled
def _errors(first, last, i, j, r, mean, b, c, U, V, e):  # type: ignore[no-untyped-def]
    for n in range(first, last):
        e[n] = _target(n, i, j, r, mean, b, c) - _dot(U[i[n]], V[j[n]])


def gradient(users: Rows, items: Rows, U: Table, V: Table) -> tuple[Table, Table, Table, Table]:
    """The gradient with respect to U and V, and the sums of the errors by user and by item."""
    dU, by_user = _by_rows(users, U, V)
    dV, by_item = _by_rows(items, V, U)
    return dU, dV, by_user, by_item


def _by_rows(rows: Rows, X: Table, table: Table) -> tuple[Table, Table]:
    """Half of the gradient: by the rows of X, while the other table is fixed."""
    X, table, k = in_lines(X), in_lines(table), X.shape[1]
    slopes, sums = zeros(X.shape, X.dtype), np.zeros(len(X), X.dtype)
    given = rows.starts, rows.neighbours, rows.targets, rows.penalties
    shared = (*given, X, table, slopes, sums)
    side_by_side(_row_gradients, ((*edges, *shared) for edges in _ranges(rows.starts)))
    return np.ascontiguousarray(slopes[:, :k]), sums


@compiled
def _row_gradients(  # type: ignore[no-untyped-def]
    first, last, starts, neighbours, targets, penalties, X, table, slopes, sums
):
    """Differentiate J by the rows of a range."""
    for i in range(first, last):
        here = slice(starts[i], starts[i + 1])
        sums[i] = _differentiate(
            X[i], neighbours[here], targets[here], targets[:0], table, penalties[i], slopes[i]
        )


@compiled
def _differentiate(x, neighbours, r, weights, table, penalty, slope):  # type: ignore[no-untyped-def]
    """Fill in - sum_n e_n v_n + penalty x, and return sum_n e_n, where e_n = r_n - x . v_n.

    Or e_n = r_n - weight_n x . v_n, where there are weights. Rows are whole lines. Four ratings at
    a time: so often less the slope is fetched and put back.
    """
    total = slope.dtype.type(0)
    for s in range(len(x)):
        slope[s] = penalty * x[s]
    fours = len(neighbours) - len(neighbours) % 4
    for n in range(0, fours, 4):
        v0, v1 = table[neighbours[n]], table[neighbours[n + 1]]
        v2, v3 = table[neighbours[n + 2]], table[neighbours[n + 3]]
        x0, x1, x2, x3 = dots(x, v0, v1, v2, v3)
        if len(weights) > 0:
            x0, x1 = x0 * weights[n], x1 * weights[n + 1]
            x2, x3 = x2 * weights[n + 2], x3 * weights[n + 3]
        e0, e1, e2, e3 = r[n] - x0, r[n + 1] - x1, r[n + 2] - x2, r[n + 3] - x3
        add_multiples(slope, (-e0, -e1, -e2, -e3), v0, v1, v2, v3)
        total += e0 + e1 + e2 + e3
    for n in range(fours, len(neighbours)):
        v = table[neighbours[n]]
        xv = dot(x, v)
        if len(weights) > 0:
            xv *= weights[n]
        e = r[n] - xv
        for s in range(len(x)):
            slope[s] -= e * v[s]
        total += e
    return total


class BiasSums:
    """Sums over the ratings of each user and of each item, without a copy of the ratings.

    Source: the normal equations of `mfteach.recommender.Biases.fit`.
    """

    def __init__(self, i: Index, j: Index, shape: tuple[int, int]) -> None:
        self._i, self._j, self._shape = i, j, shape

    def of_biases(self, b: Table, c: Table) -> tuple[Table, Table]:
        """Sum over j in I_i of c_j for each user i, and over i in U_j of b_i for each item j."""
        i, j = self._i, self._j
        by_user, by_item = (np.zeros(size) for size in self._shape)
        if_worth_it(len(i), _add_biases, [(i, j, c, by_user), (j, i, b, by_item)])
        return by_user, by_item

    def of_values(self, r: Table, mean: float) -> tuple[Table, Table]:
        """Sums of r_ij - mean."""
        by_user, by_item = (np.zeros(size) for size in self._shape)
        both = (self._i, r, mean, by_user), (self._j, r, mean, by_item)
        if_worth_it(len(r), _add_values, both)
        return by_user, by_item


@compiled
def _add_biases(rows, others, bias, sums):  # type: ignore[no-untyped-def]
    for n in range(len(rows)):
        sums[rows[n]] += bias[others[n]]


@compiled
def _add_values(rows, values, mean, sums):  # type: ignore[no-untyped-def]
    for n in range(len(rows)):
        sums[rows[n]] += values[n] - mean
