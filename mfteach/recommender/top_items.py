"""The items with the highest predictions, for many users at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, instance, row_numbers, whole_number
from mfteach.fast.threads import side_by_side
from mfteach.loss.predictions import pair_predictions
from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Groups
from mfteach.matrices.ratings import Ratings

# Predictions held at a time: few enough that they stay in the cache.
SLAB = 1_000_000
# Blocks of items for each place in the list.
BLOCKS = 8

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
    return _top_items(factors, users, n, rated)


def _top_items(
    factors: Factors, users: NDArray[np.integer[Any]], n: int, rated: Ratings | None
) -> Iterator[tuple[NDArray[np.intp], Predictions]]:
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
    row, item = candidates(scores, min(n, scores.shape[1]))
    predicted = pair_predictions(factors, users[row], item)
    order = np.lexsort((item, -predicted, row))
    item, predicted = item[order], predicted[order]
    for start, end in pairwise(np.searchsorted(row, np.arange(len(users) + 1))):
        best = slice(start, min(start + n, end))
        yield item[best], predicted[best]


def candidates(
    scores: Predictions, n: int, slack: float = 0.0
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of all that may be among the n best of its row, and of little else.

    Scores that are less by ``slack`` may be as good, and -inf is none. The items come in blocks:
    where n blocks have a maximum of at least s, n items have a score of at least s, so that nothing
    below the n-th largest maximum is wanted.
    """
    n_items = scores.shape[1]
    block = max(1, n_items // (BLOCKS * n))
    blocks = scores[:, : n_items // block * block].reshape(len(scores), -1, block)
    bound = np.partition(blocks.max(axis=2), -n, axis=1)[:, -n]
    bound = np.maximum(bound, np.finfo(scores.dtype).min)  # what was left out stays out
    row, column = np.divmod(np.flatnonzero(scores >= (bound - slack)[:, None]), n_items)
    return row, column
