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

from mfteach.arguments import Cure, InputError, flag, instance, one_of
from mfteach.descent.als import METHODS, Method
from mfteach.descent.conjugate_gradients import CG_STEPS
from mfteach.descent.steps import Step
from mfteach.fast.engine import Twins, twins
from mfteach.loss.implicit import ImplicitLoss
from mfteach.matrices.factors import Factors
from mfteach.matrices.rows import Rows, Table, UndeterminedRow, converged_below
from mfteach.matrices.slabs import rows_not_finite


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


def approximate_implicit_half_step(rows: Rows, table: Table, start: Table, n_steps: int) -> Table:
    """Better rows than ``start``: conjugate gradients towards those of `implicit_half_step`.

    All rows have the matrix M = G + lambda 1 in common. With Lᵀ M L = 1 and x = L z, v = L⁻ᵀ w the
    equations of a row are nearly solved: (1 + sum (c_ij - 1) w wᵀ) z = sum c_ij w. A few steps do
    the rest, as in `mfteach.descent.conjugate_gradients`, and none of them takes k x k numbers.

    Parameters
    ----------
    rows, table
        As for `implicit_half_step`; all rows have the same lambda.
    start : ndarray, shape (n_rows, k)
        The rows to begin with.
    n_steps : int
        How many steps.

    Returns
    -------
    ndarray, shape (n_rows, k)
        A row without interactions is 0.

    Raises
    ------
    UndeterminedRow
        If M is singular, up to rounding.

    Source: Takács, Pilászy and Tikk (2011), Applications of the conjugate gradient method for
    implicit feedback collaborative filtering, who take the steps without L.
    """
    k, solution = table.shape[1], np.zeros_like(start)
    M = table.T @ table + rows.penalties.max(initial=0) * np.eye(k, dtype=table.dtype)
    if np.linalg.matrix_rank(M, hermitian=True) < k and rows.counts.any():
        raise UndeterminedRow(int(np.argmax(rows.counts > 0)))
    L = np.linalg.inv(np.linalg.cholesky(M)).T
    for i, (neighbours, extra, _) in enumerate(rows):
        if len(extra) == 0:
            continue
        w, z = table[neighbours] @ L, np.linalg.solve(L, start[i])
        residual = w.T @ (1 + extra - extra * (w @ z)) - z
        p, squares = residual, residual @ residual
        converged = converged_below(squares, k)
        for _ in range(n_steps):
            Ap = w.T @ (extra * (w @ p)) + p
            if squares <= converged:
                break
            step = squares / (p @ Ap)
            z = z + step * p
            residual = residual - step * Ap
            before, squares = squares, residual @ residual
            p = residual + squares / before * p
        solution[i] = L @ z
    return solution


def implicit_least_squares(
    loss: ImplicitLoss, start: Factors, *, method: Method = "exact", half_steps: bool = False
) -> Iterator[Step]:
    """Jump to the best U, then to the best V, and so on without end.

    Parameters
    ----------
    loss : ImplicitLoss
        J.
    start : Factors
        Without biases; only its V matters, and for "cg" its U. The precision is kept.
    method : {"exact", "cg"}
        `implicit_half_step`, or `approximate_implicit_half_step` from where the rows are: faster
        for large k, and after a few epochs just as good.
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
    method, half_steps = one_of(method, "method", METHODS), flag(half_steps, "half_steps")
    instance(loss, "loss", ImplicitLoss).known(instance(start, "start", Factors))
    return _steps(loss, start, method, half_steps)


def _steps(loss: ImplicitLoss, start: Factors, method: Method, half_steps: bool) -> Iterator[Step]:
    users, items = _sides(loss, start)
    number, point = 0, start.astype(start.U.dtype)  # copied last, as in `als`
    del start
    for half in count():
        if half_steps or half % 2 == 0:
            yield Step(number, point, loss, 0.0)
            number += 1
        U, V = point.U, point.V
        if half % 2 == 0:
            point = point.with_tables(users.solve(U, V, method), V)
        else:
            point = point.with_tables(U, items.solve(V, U, method))


def implicit_users(loss: ImplicitLoss, factors: Factors) -> Factors:
    """One half step: the best U while V is fixed. Raises as `implicit_least_squares`."""
    users, _ = _sides(loss, factors)
    return factors.with_tables(users.solve(factors.U, factors.V, "exact"), factors.V)


def implicit_items(loss: ImplicitLoss, factors: Factors) -> Factors:
    """The other half step: the best V while U is fixed."""
    _, items = _sides(loss, factors)
    return factors.with_tables(factors.U, items.solve(factors.V, factors.U, "exact"))


def implicit_rows(loss: ImplicitLoss, factors: Factors) -> tuple[Rows, Rows]:
    """What `implicit_half_step` takes to solve for the users, and for the items.

    Raises
    ------
    ValueError
        If the factors do not fit the ratings, or carry biases.
    """
    known = instance(loss, "loss", ImplicitLoss).known(instance(factors, "factors", Factors))
    ratings, dtype, fast = loss.ratings, factors.U.dtype, twins(loss.engine, len(loss.ratings))

    def sorted_by(rows: NDArray[np.intp], others: NDArray[np.intp], counts: Any) -> Rows:
        starts = np.concatenate([[0], np.cumsum(counts)])
        neighbours, extra = fast.sort_by_row(starts, rows, others, known)
        extra *= dtype.type(loss.alpha)  # in place: no copy while both sides are sorted
        return Rows(starts, neighbours, extra, np.full(len(counts), loss.regularization, dtype))

    return (
        sorted_by(ratings.user_index, ratings.item_index, ratings.user_counts),
        sorted_by(ratings.item_index, ratings.user_index, ratings.item_counts),
    )


def _sides(loss: ImplicitLoss, factors: Factors) -> tuple[_Side, _Side]:
    users, items = implicit_rows(loss, factors)
    ratings, fast = loss.ratings, twins(loss.engine, len(loss.ratings))
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
    def solve(self, start: Table, table: Table, method: Method) -> Table:
        """The best rows while the other table is fixed; with "cg", better ones than ``start``."""
        try:
            if method == "cg":
                x = self.fast.approximate_implicit_half_step(self.rows, table, start, CG_STEPS)
            else:
                x = self.fast.implicit_half_step(self.rows, table)
        except UndeterminedRow as error:
            raise InputError(
                f"the factors of {self._name(error.row)} are not determined without regularization",
                "Give a larger one, or take fewer factors",
                cures=(Cure("regularization", 1.0),),
            ) from None
        wrong = rows_not_finite(x)
        if len(wrong):
            raise InputError(
                f"the factors of {self._name(int(wrong[0]))} left the range of {x.dtype}",
                "Scale the values down, or choose a smaller alpha",
            )
        return x

    def _name(self, row: int) -> str:
        return f"{self.kind} {self.labels[row].item()!r}"
