"""Alternating least squares: with V held fixed, the best U has a closed form, and vice versa.

With V fixed, J is a bowl in each u_i, and its gradient (row S59) is zero where the normal
equations hold:

    (sum_{j in I_i} v_j v_jᵀ + lambda c_i 1) u_i = sum_{j in I_i} (r_ij - mean - b_i - c_j) v_j

So each half step jumps to the bottom, and J never rises (row S68, "alternating least squares").
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from mfteach.descent.steps import Step
from mfteach.fast.numpy_least_squares import Method, Side, _require_fixed_biases
from mfteach.loss.squared_error import Loss
from mfteach.matrices.factors import Factors


def alternating_least_squares(
    loss: Loss, start: Factors, *, method: Method = "exact", half_steps: bool = False
) -> Iterator[Step]:
    """Jump to the best U, then to the best V, and so on for ever.

    Parameters
    ----------
    loss : Loss
        J. Its two regularizations may differ.
    start : Factors
        Only its V and its biases matter, and for "cg" its U. The biases stay as they are; the
        precision is kept.
    method : {"exact", "cg"}
        Whether a half step solves the normal equations, or takes `CG_STEPS` steps of conjugate
        gradients towards their solution, from where the rows stand: many times cheaper for large
        k, and after a few epochs just as good.
    half_steps : bool
        Whether to yield after each half, users first, instead of once an epoch.

    Yields
    ------
    Step
        The start and then one step an epoch (or a half), without end. ``value`` never rises, up
        to rounding; ``gradient_norm`` is that of the full gradient; ``learning_rate`` is 0, for
        there is none. A row without a rating is 0, as the price demands (``"plain"``) or as the
        shortest of the equally good (``"by_count"``).

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
    if method not in ("exact", "cg"):
        raise ValueError(f"method is 'exact' or 'cg', not {method!r}")
    _require_fixed_biases(start)
    if start.shape != loss.ratings.shape:
        raise ValueError(f"{start!r} does not fit {loss.ratings!r}")
    return _steps(loss, start, method, half_steps)


def _steps(loss: Loss, start: Factors, method: Method, half_steps: bool) -> Iterator[Step]:
    number = 0
    point = start.astype(start.U.dtype)
    del start  # as large as the point
    # The biases stay as they are, so the problem of each side is put together once.
    users, items = Side.of_users(loss, point), Side.of_items(loss, point)
    for half in count():
        if half_steps or half % 2 == 0:
            yield Step(number, point, loss, 0.0)
            number += 1
        if half % 2 == 0:
            point = point.with_tables(users.best(point.U, point.V, method), point.V)
        else:
            point = point.with_tables(point.U, items.best(point.V, point.U, method))


def solve_users(loss: Loss, factors: Factors, method: Method = "exact") -> Factors:
    """One half step: the U that minimises J while V and the biases stay.

    With "cg", a better U. Raises as `alternating_least_squares`.
    """
    side = Side.of_users(loss, factors)
    return factors.with_tables(side.best(factors.U, factors.V, method), factors.V)


def solve_items(loss: Loss, factors: Factors, method: Method = "exact") -> Factors:
    """The other half step: the V that minimises J while U and the biases stay."""
    side = Side.of_items(loss, factors)
    return factors.with_tables(factors.U, side.best(factors.V, factors.U, method))
