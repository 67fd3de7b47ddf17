"""New users and new items in closed form, while everything else stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import instance, one_of
from mfteach.descent.als import solve_items, solve_users
from mfteach.loss.penalty import BIAS_REGULARIZATION, shrunken_means
from mfteach.loss.squared_error import Loss, Weighting
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings

Kind = Literal["users", "items"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def fold_in(
    factors: Factors,
    ratings: Ratings,
    regularization: float | tuple[float, float],
    weighting: Weighting = "plain",
    *,
    new: Kind = "users",
    bias_regularization: float = BIAS_REGULARIZATION,
) -> Factors:
    """Append the best rows for new users (or new items), while everything else stays.

    First the bias, if the factors have biases: b = sum (r_j - mean - c_j) / (n + lambda_b), then
    the factors by the normal equations (see `mfteach.descent.als`), on what the biases leave.

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
        If the ratings do not fit, and as `mfteach.descent.alternating_least_squares`.

    Source: lecture row S68, one half step of it.
    """
    instance(factors, "factors", Factors)
    instance(ratings, "ratings", Ratings)
    by_users = one_of(new, "new", KINDS) == "users"
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
    b, c = _biases(factors, loss, by_users)
    start = Factors(U, V, mean=factors.mean, user_bias=b, item_bias=c)
    if by_users:
        solved = solve_users(loss, start)
        return replace(
            factors,
            U=np.concatenate([factors.U, solved.U]),
            user_bias=_appended(factors.user_bias, solved.user_bias),
        )
    solved = solve_items(loss, start)
    return replace(
        factors,
        V=np.concatenate([factors.V, solved.V]),
        item_bias=_appended(factors.item_bias, solved.item_bias),
    )


def _appended(
    known: NDArray[np.floating[Any]] | None, new: NDArray[np.floating[Any]] | None
) -> NDArray[np.floating[Any]] | None:
    return None if known is None or new is None else np.concatenate([known, new])


def _biases(
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
    residuals = ratings.values - factors.mean - known
    sums = np.bincount(index, residuals, minlength=len(counts)).astype(np.float64)
    new = shrunken_means(sums, counts, loss.bias_regularization)
    return (new, c) if by_users else (b, new)


def numbered_like(known: Ratings, further: Ratings) -> tuple[Ratings, Kind]:
    """Ratings by new users (or of new items) with the row numbers that `fold_in` wants.

    Parameters
    ----------
    known : Ratings
        Of shape (m, n): who and what is known already.
    further : Ratings
        Of new users and known items, or of known users and new items, by label.

    Returns
    -------
    ratings : Ratings
        Of shape (m', n) or (m, n'), in the precision of the known ones.
    new : {"users", "items"}

    Raises
    ------
    KeyError
        If both the user and the item of a rating are unknown; the message quotes the item.
    ValueError
        If a user (an item) is not new.
    """
    # Labels without a rating are none of the new ones.
    new = Ratings(further.users, further.items, further.values)
    values = new.values.astype(known.values.dtype)
    i, j = known.user_rows.find(new.user_labels), known.item_rows.find(new.item_labels)
    if (j < 0).any() and (i >= 0).all():
        _require_new(new.item_labels, j, "item")
        users, labels = i[new.user_index], (known.user_labels, new.item_labels)
        return Ratings.from_indices(users, new.item_index, values, *labels), "items"
    known.item_rows.rows(new.item_labels, "Fold in new users by known items")
    _require_new(new.user_labels, i, "user")
    items, labels = j[new.item_index], (new.user_labels, known.item_labels)
    return Ratings.from_indices(new.user_index, items, values, *labels), "users"


def with_appended(known: Ratings, new: Ratings, kind: Kind) -> Ratings:
    """The known ratings and those of `numbered_like`, whose new rows (columns) come last."""
    m, n = known.shape
    if kind == "users":
        shift, users = (m, 0), np.concatenate([known.user_labels, new.user_labels])
        labels = users, known.item_labels
    else:
        shift, items = (0, n), np.concatenate([known.item_labels, new.item_labels])
        labels = known.user_labels, items
    return Ratings.from_indices(
        np.concatenate([known.user_index, new.user_index + shift[0]]),
        np.concatenate([known.item_index, new.item_index + shift[1]]),
        np.concatenate([known.values, new.values]),
        *labels,
    )


def _require_new(labels: NDArray[Any], rows: NDArray[np.intp], kind: str) -> None:
    present = np.flatnonzero(rows >= 0)
    if len(present):
        raise ValueError(
            f"{kind} {labels[present[0]].item()!r} is known already: fold in new ones only, or "
            "refit with the further ratings"
        )
