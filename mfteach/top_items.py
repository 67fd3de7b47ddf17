"""The items with the highest predictions, for many users at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.factors import Factors
from mfteach.loss import pair_predictions
from mfteach.ratings import Groups, Ratings
from mfteach.threads import side_by_side

# Predictions held at a time: few enough that they stay in the cache.
SLAB = 1_000_000

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
    per_slab = max(1, SLAB // max(1, factors.shape[1]))
    known = None if rated is None else (rated.by_user, rated.item_index)

    def best(some: NDArray[np.intp]) -> list[tuple[NDArray[np.intp], Predictions]]:
        scores = _scores(factors, some)
        if known is not None:
            scores[_rated_by(some, *known)] = -np.inf
        return list(_best(factors, some, scores, n))

    slabs = (users[start : start + per_slab] for start in range(0, len(users), per_slab))
    yield from chain.from_iterable(side_by_side(best, ((slab,) for slab in slabs)))


def _scores(factors: Factors, users: NDArray[np.intp]) -> Predictions:
    """What orders the items of each user: without what is the same for all of them."""
    scores = factors.U[users] @ factors.V.T
    if factors.item_bias is not None:
        scores += factors.item_bias
    return scores


def _rated_by(
    users: NDArray[np.intp], groups: Groups, columns: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Position among ``users`` and column of everything that they have rated."""
    counts = groups.counts[users]
    row = np.repeat(np.arange(len(users)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, columns[groups.order[groups.starts[users][row] + within]]


def _best(
    factors: Factors, users: NDArray[np.intp], scores: Predictions, n: int
) -> Iterator[tuple[NDArray[np.intp], Predictions]]:
    n_items = scores.shape[1]
    n = min(n, n_items)
    chosen = np.argpartition(scores, n_items - n, axis=1)[:, n_items - n :]
    _settle_ties(scores, chosen)
    predicted = pair_predictions(factors, np.repeat(users, n), chosen.ravel()).reshape(chosen.shape)
    # By prediction, then by number; what was left out sinks to the end.
    left_out = np.isneginf(np.take_along_axis(scores, chosen, axis=1))
    order = np.lexsort((chosen, -predicted, left_out), axis=1)
    chosen = np.take_along_axis(chosen, order, axis=1)
    predicted = np.take_along_axis(predicted, order, axis=1)
    for items, values, count in zip(chosen, predicted, (~left_out).sum(axis=1), strict=True):
        yield items[:count], values[:count]


def _settle_ties(scores: Predictions, chosen: NDArray[np.intp]) -> None:
    """Of the items that tie for the last places, let those with the lowest numbers have them."""
    n = chosen.shape[1]
    lowest = np.take_along_axis(scores, chosen, axis=1).min(axis=1)
    tied = np.flatnonzero((scores >= lowest[:, None]).sum(axis=1) > n)
    for row in tied.tolist():
        above = np.flatnonzero(scores[row] > lowest[row])
        level = np.flatnonzero(scores[row] == lowest[row])
        chosen[row] = np.concatenate([above, level[: n - len(above)]])
