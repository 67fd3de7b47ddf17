"""Alternating least squares for implicit feedback: every blank counts, and none costs anything.

With V fixed, J of `mfteach.loss.ImplicitLoss` is a bowl in each u_i, and lowest where the normal
equations hold. Their sums run over all n items:

    (sum_j c_ij v_j v_jᵀ + lambda 1) u_i = sum_j c_ij p_ij v_j

Nearly everywhere c_ij is 1, and p_ij is 0 but for what i has seen. So the sum on the left is one
and the same for all users, G = VᵀV, and a correction for what i has seen; that on the right has
no other terms:

    (G + sum_{j in I_i} (c_ij - 1) v_j v_jᵀ + lambda 1) u_i = sum_{j in I_i} c_ij v_j
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import Cure, InputError, flag, instance
from mfteach.descent.steps import Step
from mfteach.fast.engine import Twins, twins
from mfteach.loss.implicit import ImplicitLoss
from mfteach.matrices.factors import Factors
from mfteach.matrices.rows import Rows, Table, UndeterminedRow


def implicit_half_step(rows: Rows, table: Table) -> Table:
    """The best rows of one table while ``table``, the other one, is fixed.

    Parameters
    ----------
    rows : Rows
        For each row its neighbours in ``table``, in place of targets their c_ij - 1, and lambda.
    table : ndarray, shape (n, k)
        V to solve for the users, U to solve for the items.

    Returns
    -------
    ndarray, shape (n_rows, k)
        A row without interactions is 0.

    Raises
    ------
    UndeterminedRow
        If the equations of a row have more than one solution, up to rounding.

    Source: Hu, Koren and Volinsky, Collaborative filtering for implicit feedback datasets (2008).
    """
    k = table.shape[1]
    G = table.T @ table
    solution = np.zeros((len(rows), k), table.dtype)
    for i, (neighbours, extra, penalty) in enumerate(rows):
        if len(extra) == 0:
            continue
        v = table[neighbours]
        A = G + v.T @ (extra[:, None] * v) + penalty * np.eye(k, dtype=table.dtype)
        if np.linalg.matrix_rank(A, hermitian=True) < k:
            raise UndeterminedRow(i)
        solution[i] = np.linalg.solve(A, v.T @ (1 + extra))
    return solution


def implicit_least_squares(
    loss: ImplicitLoss, start: Factors, *, half_steps: bool = False
) -> Iterator[Step]:
    """Jump to the best U, then to the best V, and so on without end.

    Parameters
    ----------
    loss : ImplicitLoss
        J.
    start : Factors
        Without biases; only its V matters. The precision is kept.
    half_steps : bool
        Whether to yield after each half, users first, instead of once an epoch.

    Yields
    ------
    Step
        The start and then one step an epoch (or a half), without end. ``value`` never rises, up
        to rounding; ``learning_rate`` is 0, for there is none.

    Raises
    ------
    ValueError
        For a start that does not fit or carries biases, and where without regularization the
        factors are not determined: the message names the user or the item.
    """
    half_steps = flag(half_steps, "half_steps")
    instance(loss, "loss", ImplicitLoss).known(instance(start, "start", Factors))
    return _steps(loss, start, half_steps)


def _steps(loss: ImplicitLoss, start: Factors, half_steps: bool) -> Iterator[Step]:
    number, point = 0, start.astype(start.U.dtype)
    del start  # as large as the point
    users, items = _sides(loss, point)
    for half in count():
        if half_steps or half % 2 == 0:
            yield Step(number, point, loss, 0.0)
            number += 1
        if half % 2 == 0:
            point = point.with_tables(users.solve(point.V), point.V)
        else:
            point = point.with_tables(point.U, items.solve(point.U))


def implicit_users(loss: ImplicitLoss, factors: Factors) -> Factors:
    """One half step: the U that minimizes J while V is fixed.

    Raises as `implicit_least_squares`.
    """
    users, _ = _sides(loss, factors)
    return factors.with_tables(users.solve(factors.V), factors.V)


def implicit_items(loss: ImplicitLoss, factors: Factors) -> Factors:
    """The other half step: the V that minimizes J while U is fixed."""
    _, items = _sides(loss, factors)
    return factors.with_tables(factors.U, items.solve(factors.U))


def implicit_rows(loss: ImplicitLoss, factors: Factors) -> tuple[Rows, Rows]:
    """What `implicit_half_step` takes to solve for the users, and for the items.

    Raises
    ------
    ValueError
        If the factors do not fit the ratings, or carry biases.
    """
    known = instance(loss, "loss", ImplicitLoss).known(instance(factors, "factors", Factors))
    ratings = loss.ratings
    fast = twins(loss.engine, len(ratings))

    def sorted_by(rows: NDArray[np.intp], others: NDArray[np.intp], counts: Any) -> Rows:
        starts = np.concatenate([[0], np.cumsum(counts)])
        penalties = np.full(len(counts), loss.regularization, known.r.dtype)
        return Rows(starts, *fast.sort_by_row(starts, rows, others, known), penalties)

    return (
        sorted_by(ratings.user_index, ratings.item_index, ratings.user_counts),
        sorted_by(ratings.item_index, ratings.user_index, ratings.item_counts),
    )


def _sides(loss: ImplicitLoss, factors: Factors) -> tuple[_Side, _Side]:
    users, items = implicit_rows(loss, factors)
    ratings = loss.ratings
    fast = twins(loss.engine, len(ratings))
    return (
        _Side(users, fast, "user", ratings.user_labels),
        _Side(items, fast, "item", ratings.item_labels),
    )


class _Side(NamedTuple):
    """The rows of one table, what computes them, and what an error calls them."""

    rows: Rows
    fast: Twins
    kind: str
    labels: NDArray[Any]

    @np.errstate(over="ignore", invalid="ignore")  # noticed, and reported as a ValueError
    def solve(self, table: Table) -> Table:
        """The best rows while the other table is fixed."""
        try:
            x = self.fast.implicit_half_step(self.rows, table)
        except UndeterminedRow as error:
            raise InputError(
                f"the factors of {self._name(error.row)} are not determined without regularization",
                "Give a larger one, or take fewer factors",
                cures=(Cure("regularization", 1.0),),
            ) from None
        wrong = np.flatnonzero(~np.isfinite(x).all(axis=1))
        if len(wrong):
            raise InputError(
                f"the factors of {self._name(int(wrong[0]))} left the range of {x.dtype}",
                "Scale the values down, or choose a smaller alpha",
            )
        return x

    def _name(self, row: int) -> str:
        return f"{self.kind} {self.labels[row].item()!r}"
