"""The items with the highest predictions, for many users at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, instance, row_numbers, whole_number
from mfteach.loss.predictions import pair_predictions
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.best_lists import Lists, by_slabs, candidates, ranked

Predictions = NDArray[np.floating[Any]]


def top_items(
    factors: Factors, users: NDArray[np.intp], n: int, rated: Ratings | None = None
) -> Iterator[tuple[NDArray[np.intp], Predictions]]:
    """For each user the n items with the highest r-hat_ij, best first, and these predictions.

    Many users are shared out among threads.

    Parameters
    ----------
    factors : Factors
        Of shape (m, n_items).
    users : ndarray of int, shape (n_users,)
        Row numbers.
    n : int
        How many, at least 1.
    rated : Ratings, optional
        Items that a user has rated here are left out.

    Yields
    ------
    ndarray of int, shape (at most n,)
        Column numbers; of equal predictions the lower number comes first. There are fewer than
        n where fewer items are left.
    ndarray of float, of the same shape
        The predictions.
    """
    m, n_items = instance(factors, "factors", Factors).shape
    users, n = row_numbers(users, "users", m), whole_number(n, "n", 1)
    if rated is not None and instance(rated, "rated", Ratings).shape != (m, n_items):
        raise InputError(f"is {rated!r} and does not fit {factors!r}", argument="rated")
    return top_lists(factors, users, n, rated).each()


def top_lists(factors: Factors, users: NDArray[np.intp], n: int, rated: Ratings | None) -> Lists:
    """What `top_items` finds, for arguments that have been looked at."""
    largest = np.abs(factors.V).max(axis=0, initial=0.0)

    def best(some: NDArray[np.intp], scores: Predictions) -> Lists:
        np.matmul(factors.U[some], factors.V.T, out=scores)
        if factors.item_bias is not None:
            scores += factors.item_bias  # what is the same for all items orders none
        if rated is not None:
            scores[_rated_by(some, rated)] = -np.inf
        row, item = candidates(scores, n, _slack(factors, some, largest))
        return ranked(row, item, pair_predictions(factors, some[row], item), len(some), n)

    return by_slabs(best, users, factors.shape[1], factors.U.dtype)


def _rated_by(
    users: NDArray[np.intp], rated: Ratings
) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
    """Position among ``users`` and column of everything that they have rated."""
    groups = rated.by_user
    first = groups.starts[users]
    counts = groups.starts[users + 1] - first
    row = np.repeat(np.arange(len(users)), counts)
    at = np.arange(len(row)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    return row, rated.item_index[groups.order[at]]


def _slack(factors: Factors, users: NDArray[np.intp], largest: Predictions) -> Predictions:
    """So far may a score and a prediction, each rounded, be off for two items together.

    k products and three offsets are added up in both, none larger than what ``largest``, the
    largest |v_js| of each s, makes of it.
    """
    reach = np.abs(factors.U[users]) @ largest
    if factors.user_bias is not None and factors.item_bias is not None:
        reach += abs(factors.mean) + np.abs(factors.user_bias[users])
        reach += np.abs(factors.item_bias).max(initial=0.0)
    precision = np.finfo(reach.dtype)
    # Finite, for infinity less infinity is no bound.
    slack: Predictions = np.minimum(
        2 * (factors.n_factors + 4) * precision.eps * reach, precision.max
    )
    return slack
