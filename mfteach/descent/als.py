"""Alternating least squares: with V fixed, the best U has a closed form, and vice versa.

With V fixed, J is a bowl in each u_i, and its gradient (row S59) is zero where the normal
equations hold:

    (sum_{j in I_i} v_j v_jᵀ + lambda c_i 1) u_i = sum_{j in I_i} (r_ij - mean - b_i - c_j) v_j

These are k equations for the k numbers of u_i. So each half step jumps to the bottom of what it
may move, and J never rises (row S68, "alternating least squares").
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import Cure, InputError, flag, instance, one_of
from mfteach.descent.conjugate_gradients import CG_STEPS
from mfteach.descent.steps import Step
from mfteach.fast.engine import Twins, twins
from mfteach.loss.predictions import require_fit
from mfteach.loss.squared_error import Loss, require_start
from mfteach.matrices.factors import Factors
from mfteach.matrices.rows import Index, Known, Rows, Table, UndeterminedRow
from mfteach.matrices.slabs import rows_not_finite

Method = Literal["exact", "cg"]
METHODS: tuple[Method, ...] = get_args(Method)


def half_step(rows: Rows, table: Table) -> Table:
    """The best rows of one table while ``table``, the other one, is fixed: x with A x = vᵀr.

    Parameters
    ----------
    rows : Rows
        For each row its neighbours in ``table``, its targets r and its penalty, lambda c_i.
    table : ndarray, shape (n, k)
        V to solve for the users, U to solve for the items.

    Returns
    -------
    ndarray, shape (n_rows, k)
        A row without ratings is 0.

    Raises
    ------
    UndeterminedRow
        If the equations of a row have more than one solution, up to rounding.
    """
    k = table.shape[1]
    rows.require_enough(k)
    solution = np.zeros((len(rows), k), table.dtype)
    for i, (neighbours, r, penalty) in enumerate(rows):
        if len(r) == 0:
            continue
        v = table[neighbours]
        A = v.T @ v + penalty * np.eye(k, dtype=table.dtype)
        if np.linalg.matrix_rank(A, hermitian=True) < k:
            raise UndeterminedRow(i)
        solution[i] = np.linalg.solve(A, v.T @ r)
    return solution


def alternating_least_squares(
    loss: Loss, start: Factors, *, method: Method = "exact", half_steps: bool = False
) -> Iterator[Step]:
    """Jump to the best U, then to the best V, and so on without end.

    Parameters
    ----------
    loss : Loss
        J. Its two regularizations may differ.
    start : Factors
        Only its V and its biases matter, and for "cg" its U. The biases stay as they are; the
        precision is kept.
    method : {"exact", "cg"}
        `half_step`, or `mfteach.descent.conjugate_gradients.approximate_half_step` from where
        the rows are: many times faster for large k, and after a few epochs just as good.
    half_steps : bool
        Whether to yield after each half, users first, instead of once an epoch.

    Yields
    ------
    Step
        The start and then one step an epoch (or a half), without end. ``value`` never rises, up
        to rounding; ``gradient_norm`` is that of the full gradient; ``learning_rate`` is 0, for
        there is none. A row without ratings is 0: its penalty demands it (``"plain"``), or it is
        the minimum-norm solution (``"by_count"``).

    Raises
    ------
    ValueError
        For learned biases, another method, a start that does not fit; and, unless the method is
        "cg", for a row that without regularization has fewer ratings than there are factors, or
        ratings too much alike: the message names it.

    Source: lecture row S68; Zhou et al. (2008), Large-scale parallel collaborative filtering for
    the Netflix prize; Takács, Pilászy and Tikk (2011), Applications of the conjugate gradient
    method for implicit feedback collaborative filtering.
    """
    method, half_steps = one_of(method, "method", METHODS), flag(half_steps, "half_steps")
    require_start(loss, start)
    _require_fixed_biases(start)
    return _steps(loss, start, method, half_steps, 0)


def _steps(loss: Loss, start: Factors, method: Method, halves: bool, done: int) -> Iterator[Step]:
    users, items = _users(loss, start), _items(loss, start)  # the biases are fixed
    point = start.astype(start.U.dtype)  # copied last: the next tables fit into the start's place
    del start
    for half in count():
        if halves or half % 2 == 0:
            yield Step(done, point, loss, 0.0)
            done += 1
        U, V = point.U, point.V
        if half % 2 == 0:
            point = point.with_tables(users.solve(U, V, method), V)
        else:
            point = point.with_tables(U, items.solve(V, U, method))


def solve_users(loss: Loss, factors: Factors, method: Method = "exact") -> Factors:
    """One half step: the U that minimizes J while V and the biases are fixed.

    With "cg", a better U. Raises as `alternating_least_squares`.
    """
    users = _users(loss, factors)
    U, V = factors.U, factors.V
    return factors.with_tables(users.solve(U, V, one_of(method, "method", METHODS)), V)


def solve_items(loss: Loss, factors: Factors, method: Method = "exact") -> Factors:
    """The other half step: the V that minimizes J while U and the biases are fixed."""
    items = _items(loss, factors)
    U, V = factors.U, factors.V
    return factors.with_tables(U, items.solve(V, U, one_of(method, "method", METHODS)))


def user_rows(loss: Loss, factors: Factors) -> Rows:
    """What `half_step` takes to solve for the users: their ratings less mean and biases.

    Raises
    ------
    ValueError
        For learned biases, or factors that do not fit the ratings.
    """
    ratings = instance(loss, "loss", Loss).ratings
    index = ratings.user_index, ratings.item_index
    return _rows(loss, factors, index, ratings.user_counts, loss.penalties()[0])


def item_rows(loss: Loss, factors: Factors) -> Rows:
    """What `half_step` takes to solve for the items; raises as `user_rows`."""
    ratings = instance(loss, "loss", Loss).ratings
    index = ratings.item_index, ratings.user_index
    return _rows(loss, factors, index, ratings.item_counts, loss.penalties()[1])


def _rows(
    loss: Loss, factors: Factors, index: tuple[Index, Index], counts: Index, penalties: Table
) -> Rows:
    require_fit(loss.ratings, factors)
    _require_fixed_biases(factors)
    starts = np.concatenate([[0], np.cumsum(counts)])
    fast, known = twins(loss.engine, len(loss.ratings)), Known.of(loss.ratings, factors)
    neighbours, targets = fast.sort_by_row(starts, *index, known)
    return Rows(starts, neighbours, targets, penalties.astype(targets.dtype))


def _require_fixed_biases(factors: Factors) -> None:
    if factors.learned_biases:
        raise ValueError(
            "alternating least squares keeps biases fixed: fit them first, or learn them "
            "by stochastic gradient descent"
        )


def _users(loss: Loss, factors: Factors) -> _Side:
    rows, fast = user_rows(loss, factors), twins(loss.engine, len(loss.ratings))
    return _Side(rows, fast, "user", loss.ratings.user_labels, "items")


def _items(loss: Loss, factors: Factors) -> _Side:
    rows, fast = item_rows(loss, factors), twins(loss.engine, len(loss.ratings))
    return _Side(rows, fast, "item", loss.ratings.item_labels, "users")


class _Side(NamedTuple):
    """The rows of one table, what computes them, and what an error calls them."""

    rows: Rows
    fast: Twins
    kind: str
    labels: NDArray[Any]
    others: str

    @np.errstate(over="ignore", invalid="ignore")  # noticed, and reported as a ValueError
    def solve(self, start: Table, table: Table, method: Method) -> Table:
        """The best rows while the other table is fixed; with "cg", better ones than ``start``."""
        if method == "cg":
            x = self.fast.approximate_half_step(self.rows, table, start, CG_STEPS)
        else:
            x = self._best(table)
        wrong = rows_not_finite(x)
        if len(wrong):
            raise InputError(
                f"the factors of {self._name(wrong[0])} left the range of {x.dtype}",
                "Scale the ratings down",
                cures=(Cure("dtype", "float64"),) if x.dtype == np.float32 else (),
            )
        return x

    def _best(self, table: Table) -> Table:
        self._require_enough(table.shape[1])
        try:
            return self.fast.half_step(self.rows, table)
        except UndeterminedRow as error:
            larger = max(self._bearable(), 10 * float(self.rows.penalties.max()))
            raise InputError(
                f"the ratings of {self._name(error.row)} do not determine the factors: their "
                f"{self.others} are too much alike",
                "Give a larger regularization, or take fewer factors",
                cures=(Cure("regularization", larger), Cure("method", "cg")),
            ) from None

    def _require_enough(self, k: int) -> None:
        counts, penalties = self.rows.counts, self.rows.penalties
        # The penalty by count of a row without ratings is 0 too, but there 0 is the answer.
        free = (penalties == 0) & (counts < k) & ((counts > 0) | (not penalties.any()))
        if free.any():
            row = int(np.flatnonzero(free)[0])
            raise InputError(
                f"{self._name(row)} has {counts[row]} ratings, too few to determine {k} factors "
                "without regularization",
                "Give a larger one, or take fewer factors",
                cures=(Cure("regularization", self._bearable()), Cure("method", "cg")),
            )

    def _bearable(self) -> float:
        """A penalty that leaves something of the factors: a tenth of the size of the targets."""
        size = np.sqrt(np.square(self.rows.targets, dtype=float).mean())
        return float(f"{0.1 * size:.2g}") or 1.0

    def _name(self, row: int) -> str:
        return f"{self.kind} {self.labels[row].item()!r}"
