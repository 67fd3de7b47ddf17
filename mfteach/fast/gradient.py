"""Errors, gradients and sums for the biases, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfteach.fast.compiling import Table, _biases, _dot, _ranges, _shares, compiled
from mfteach.fast.threads import side_by_side
from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Groups
from mfteach.matrices.ratings import Ratings


def errors(ratings: Ratings, factors: Factors) -> Table:
    """r_ij - mean - b_i - c_j - u_i . v_j for every rating, in the order of the ratings."""
    U, V = factors.U, factors.V
    e = np.empty(len(ratings), U.dtype)
    known = ratings.user_index, ratings.item_index, ratings.values
    shared = (*known, U.dtype.type(factors.mean), *_biases(factors), U, V, e)
    side_by_side(_errors, ((*edge, *shared) for edge in _shares(len(e))))
    return e


@compiled
def _errors(first, last, users, items, values, mean, b, c, U, V, e):  # type: ignore[no-untyped-def]
    """Fill in e for a range of ratings. Empty b and c: there are no biases."""
    for n in range(first, last):
        i, j = users[n], items[n]
        e[n] = e.dtype.type(values[n]) - mean - _dot(U[i], V[j])
        if len(b) > 0:
            e[n] -= b[i] + c[j]


def row_gradients(
    groups: Groups, others: NDArray[np.intp], targets: Table, own: Table, table: Table, price: Table
) -> tuple[Table, Table]:
    """Half of the gradient of J, for one side (rows S59 and S63).

    Parameters
    ----------
    groups : Groups
        The positions of the ratings of each row.
    others : ndarray of int, shape (n_ratings,)
        The row of the other table that each rating meets.
    targets : ndarray of shape (n_ratings,)
        What the factors have to explain.
    own, table : ndarray of shapes (m, k) and (n, k)
        The table by which to differentiate, and the other.
    price : ndarray of shape (m,)
        lambda c_i.

    Returns
    -------
    ndarray of shape (m, k)
        - sum_j e_ij v_j + lambda c_i u_i for each row i.
    ndarray of shape (m,)
        sum_j e_ij for each row i.
    """
    gradient, sums = np.empty(own.shape, own.dtype), np.zeros(len(own), own.dtype)
    met, wanted = others[groups.order].astype(np.uint32), targets[groups.order]
    price = price.astype(own.dtype)
    shared = (groups.starts, met, wanted, own, table, price, gradient, sums)
    side_by_side(_row_gradients, ((*rows, *shared) for rows in _ranges(groups.starts)))
    return gradient, sums


@compiled
def _row_gradients(first, last, starts, met, wanted, own, table, price, gradient, sums):  # type: ignore[no-untyped-def]
    """Differentiate J by the rows of a range."""
    for i in range(first, last):
        seen, r = met[starts[i] : starts[i + 1]], wanted[starts[i] : starts[i + 1]]
        sums[i] = _differentiate(own[i], seen, r, table, price[i], gradient[i])


@compiled
def _differentiate(x, seen, r, table, price, slope):  # type: ignore[no-untyped-def]
    """Fill in - sum_n e_n v_n + price x, and return sum_n e_n, where e_n = r_n - x . v_n.

    Two ratings at a time: half as often the slope is fetched and put back.
    """
    total = slope.dtype.type(0)
    for s in range(len(x)):
        slope[s] = price * x[s]
    even = len(seen) - len(seen) % 2
    for n in range(0, even, 2):
        v, w = table[seen[n]], table[seen[n + 1]]
        e, f = r[n] - _dot(x, v), r[n + 1] - _dot(x, w)
        for s in range(len(x)):
            slope[s] -= e * v[s] + f * w[s]
        total += e + f
    for n in range(even, len(seen)):
        v = table[seen[n]]
        e = r[n] - _dot(x, v)
        for s in range(len(x)):
            slope[s] -= e * v[s]
        total += e
    return total


class BiasSums:
    """Sums over the ratings of each user and of each item, without a copy of the ratings.

    Source: the normal equations of `mfteach.recommender.Biases.fit`.
    """

    def __init__(self, ratings: Ratings) -> None:
        self._ratings = ratings

    def of_biases(self, b: Table, c: Table) -> tuple[Table, Table]:
        """Sum over j in I_i of c_j for each user i, and over i in U_j of b_i for each item j."""
        users, items = self._ratings.user_index, self._ratings.item_index
        by_user, by_item = np.zeros(len(b)), np.zeros(len(c))
        side_by_side(_add_biases, [(users, items, c, by_user), (items, users, b, by_item)])
        return by_user, by_item

    def of_values(self, mean: float) -> tuple[Table, Table]:
        """Sums of r_ij - mean."""
        users, items = self._ratings.user_index, self._ratings.item_index
        by_user, by_item = (np.zeros(size) for size in self._ratings.shape)
        known = self._ratings.values, mean
        side_by_side(_add_values, [(users, *known, by_user), (items, *known, by_item)])
        return by_user, by_item


@compiled
def _add_biases(own, other, bias, sums):  # type: ignore[no-untyped-def]
    for n in range(len(own)):
        sums[own[n]] += bias[other[n]]


@compiled
def _add_values(own, values, mean, sums):  # type: ignore[no-untyped-def]
    for n in range(len(own)):
        sums[own[n]] += values[n] - mean
