"""New users and new items in closed form, while everything else stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mfteach.descent.als import solve_items, solve_users
from mfteach.loss.squared_error import Loss, Weighting
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings


def fold_in(
    factors: Factors,
    ratings: Ratings,
    regularization: float | tuple[float, float],
    weighting: Weighting = "plain",
    *,
    new: Literal["users", "items"] = "users",
    bias_regularization: float = 5.0,
) -> Factors:
    """Append the best rows for new users (or new items), while everything else stays.

    First the bias, if the factors have biases: b = sum (r_j - mean - c_j) / (n + lambda_b), then
    the factors by the normal equations of the module, on what the biases leave.

    Parameters
    ----------
    factors : Factors
        Of shape (m, n).
    ratings : Ratings
        Of the new users: shape (m', n), its columns are the items of ``factors`` in their order.
        For new items: shape (m, n').
    regularization : float or pair of float
        lambda of the new rows: of a pair, the user's or the item's.
    weighting : {"plain", "by_count"}
        As in `mfteach.Loss`.
    new : {"users", "items"}
        What is appended.
    bias_regularization : float
        lambda_b.

    Returns
    -------
    Factors
        Of shape (m + m', n), or (m, n + n'). A row without a rating is 0.

    Raises
    ------
    ValueError
        If the ratings do not fit, and as `alternating_least_squares`.
    """
    if new not in ("users", "items"):
        raise ValueError(f"new is 'users' or 'items', not {new!r}")
    by_users = new == "users"
    if ratings.shape[by_users] != factors.shape[by_users]:
        raise ValueError(f"{ratings!r} does not fit {factors!r}: the {new} are new, no others")
    loss = Loss(
        ratings,
        regularization,
        weighting,
        bias_regularization=bias_regularization,
        engine="numpy",
    )
    table = np.zeros((ratings.shape[not by_users], factors.n_factors), dtype=factors.U.dtype)
    U, V = (table, factors.V) if by_users else (factors.U, table)
    b, c = _biases_folded_in(factors, loss, by_users)
    start = Factors(U, V, mean=factors.mean, user_bias=b, item_bias=c)
    solved = solve_users(loss, start) if by_users else solve_items(loss, start)
    if by_users:
        U, b = np.concatenate([factors.U, solved.U]), _joined(factors.user_bias, solved.user_bias)
        V, c = factors.V, factors.item_bias
    else:
        U, b = factors.U, factors.user_bias
        V, c = np.concatenate([factors.V, solved.V]), _joined(factors.item_bias, solved.item_bias)
    return replace(factors, U=U, V=V, user_bias=b, item_bias=c)


def _joined(
    known: NDArray[np.floating[Any]] | None, new: NDArray[np.floating[Any]] | None
) -> NDArray[np.floating[Any]] | None:
    return None if known is None or new is None else np.concatenate([known, new])


def _biases_folded_in(
    factors: Factors, loss: Loss, by_users: bool
) -> tuple[NDArray[np.floating[Any]] | None, NDArray[np.floating[Any]] | None]:
    """The biases for the ratings of ``loss``: those known on one side, the best on the other."""
    b, c = factors.user_bias, factors.item_bias
    if b is None or c is None:
        return None, None
    ratings = loss.ratings
    index, counts, known = ratings.user_index, ratings.user_counts, c[ratings.item_index]
    if not by_users:
        index, counts, known = ratings.item_index, ratings.item_counts, b[ratings.user_index]
    left = np.bincount(index, ratings.values - factors.mean - known, minlength=len(counts))
    weight = counts + loss.bias_regularization
    new = np.divide(left, weight, out=np.zeros_like(left), where=weight > 0)
    return (new, c) if by_users else (b, new)
