"""How good is a list of recommendations? nDCG, precision and recall at n.

Each looks at the items of one user in the order of their predictions. Items with equal
predictions have no order: each of them then gets the mean of what its places would give, which
is what shuffling them would give on average.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.arguments import InputError, instance, real_number, real_numbers, whole_number
from mfteach.evaluation.model import Ranker, require_ranker
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings


def ndcg(gains: ArrayLike, predicted: ArrayLike, n: int | None = None) -> float:
    """Normalized discounted cumulative gain at n: DCG / (the largest DCG that is possible).

        DCG = sum over places p = 1..n of gain_p / log2(p + 1)

    Parameters
    ----------
    gains : array-like of float, shape (N,)
        What each item is worth to the user, 0 or larger: the true rating, or 1 if relevant.
    predicted : array-like of float, shape (N,)
        Predictions; the highest comes first.
    n : int, optional
        How many places count; all of them by default.

    Returns
    -------
    float
        In [0, 1]; 0 if no item is worth anything.

    Raises
    ------
    ValueError
        If the two differ in length, are empty or not finite, a gain is negative, or n < 1.

    Source: Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002).
    """
    worth, order = _checked(gains, predicted, "gains")
    if worth.min() < 0:
        raise ValueError(f"gain {worth.argmin()} is {worth.min()}: a gain is 0 or larger")
    discounts = 1 / np.log2(np.arange(len(worth)) + 2.0) * _counted(len(worth), n)
    best = float(np.sort(worth)[::-1] @ discounts)
    return float(worth @ _shared(discounts, order)) / best if best else 0.0


def precision(relevant: ArrayLike, predicted: ArrayLike, n: int) -> float:
    """Precision at n: (relevant items among the first n) / n.

    Parameters
    ----------
    relevant : array-like of bool, shape (N,)
        Whether each item is relevant.
    predicted : array-like of float, shape (N,)
        Predictions; the highest comes first.
    n : int
        At least 1. If there are fewer items, the missing ones count as not relevant.

    Raises
    ------
    ValueError
        As `ndcg`.
    """
    n = whole_number(n, "n", 1)
    return _hits(relevant, predicted, n) / n


def recall(relevant: ArrayLike, predicted: ArrayLike, n: int) -> float:
    """Recall at n: (relevant items among the first n) / (relevant items); else as `precision`.

    Raises
    ------
    ValueError
        As `ndcg`, and if no item is relevant: then there is nothing to find.
    """
    n = whole_number(n, "n", 1)
    total = int(np.count_nonzero(_as_relevant(relevant)))
    if total == 0:
        raise ValueError("no item is relevant: recall has no meaning")
    return _hits(relevant, predicted, n) / total


def _hits(relevant: ArrayLike, predicted: ArrayLike, n: int) -> float:
    is_relevant, order = _checked(_as_relevant(relevant), predicted, "relevant")
    return float(is_relevant @ _shared(_counted(len(is_relevant), n), order))


def _as_relevant(relevant: ArrayLike) -> NDArray[np.bool_]:
    given = real_numbers(relevant, "relevant", 1)
    if not np.isfinite(given).all():
        raise InputError("must be True or False for each item", argument="relevant")
    return np.asarray(given != 0)


def _counted(n_items: int, n: int | None) -> NDArray[np.float64]:
    """1 for the places that count, 0 for those behind."""
    n = n_items if n is None else whole_number(n, "n", 1)
    return (np.arange(n_items) < n).astype(np.float64)


def _shared(weights: NDArray[np.float64], predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weight of the place of each item; items that tie share theirs evenly."""
    _, tie, sizes = np.unique(-predicted, return_inverse=True, return_counts=True)
    first = np.cumsum(sizes) - sizes
    return np.asarray((np.add.reduceat(weights, first) / sizes)[tie])


def _checked(truth: ArrayLike, predicted: ArrayLike, name: str) -> tuple[NDArray[np.float64], ...]:
    pair = (
        real_numbers(truth, name).astype(np.float64),
        real_numbers(predicted, "predicted").astype(np.float64),
    )
    if pair[0].shape != pair[1].shape or pair[0].ndim != 1:
        raise InputError(
            f"{name} and predictions must be equally long lists, but have the shapes "
            f"{pair[0].shape} and {pair[1].shape}"
        )
    if len(pair[0]) == 0:
        raise ValueError("there is nothing to rank: give at least one item")
    for name, numbers in zip(("gain", "prediction"), pair, strict=True):
        wrong = np.flatnonzero(~np.isfinite(numbers))
        if len(wrong):
            raise ValueError(f"{name} {wrong[0]} is {numbers[wrong[0]]}")
    return pair


class RankingFigures(NamedTuple):
    """Means over the users that have something relevant held out."""

    ndcg: float
    precision: float
    recall: float
    n_users: int


class UserFigures(NamedTuple):
    """One figure for each user that has something relevant held out, in one order.

    Attributes
    ----------
    users : ndarray, shape (n_users,)
        Their labels.
    ndcg, precision, recall : ndarray of float, shape (n_users,)
        Each at n.
    """

    users: NDArray[Any]
    ndcg: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def rank_held_out(
    model: Ranker, held_out: Ratings, n: int = 10, relevant_from: float = 4.0
) -> RankingFigures:
    """Rank all that each user has not rated yet, and see where the held-out items come.

    Parameters
    ----------
    model : Ranker
        Such as `mfteach.MatrixFactorization`, fitted on the other part; what a user has rated
        there is not ranked.
    held_out : Ratings
        With users and items that the model knows.
    n : int
        How many recommendations count.
    relevant_from : float
        Held-out ratings of this value or more are relevant, all others are not. Nobody knows
        what a user would think of an item without a rating: it counts as not relevant, so that
        the figures tell models apart and mean little by themselves.

    Returns
    -------
    RankingFigures
        The means of what `rank_users` finds.

    Raises
    ------
    ValueError
        If no held-out rating is relevant.
    """
    each = rank_users(model, held_out, n, relevant_from)
    of_ndcg, of_precision, of_recall = (float(np.mean(figures)) for figures in each[1:])
    return RankingFigures(of_ndcg, of_precision, of_recall, len(each.users))


def rank_users(
    model: Ranker, held_out: Ratings, n: int = 10, relevant_from: float = 4.0
) -> UserFigures:
    """`rank_held_out` user by user: for `bootstrap_difference`, or for some of the users.

    Parameters, returned users and errors as there; the gain of nDCG is 1 for what is relevant.
    """
    instance(held_out, "held_out", Ratings)
    n = whole_number(n, "n", 1)
    relevant_from = real_number(relevant_from, "relevant_from")
    known = require_ranker(model)
    of_user = _all_items(model, known)
    relevant = held_out.take(np.flatnonzero(held_out.values >= relevant_from))
    if len(relevant) == 0:
        raise ValueError(f"no held-out rating is {relevant_from:g} or more: nothing is relevant")
    rows = np.flatnonzero(relevant.user_counts)
    users = relevant.user_labels[rows]
    columns = known.index_items(relevant.item_labels[np.unique(relevant.item_index)])
    column_of = np.full(relevant.shape[1], -1)
    column_of[np.unique(relevant.item_index)] = columns
    figures = np.empty((3, len(users)))
    for at, (row, of_model) in enumerate(zip(rows, known.index_users(users), strict=True)):
        user = known.user_labels[of_model]
        predicted = np.array(of_user(int(of_model)), np.float64)
        wanted = column_of[relevant.item_index[relevant.by_user[int(row)]]]
        wrong = np.flatnonzero(~np.isfinite(predicted))
        if len(wrong):
            raise ValueError(
                f"the prediction for user {user.item()!r} and item "
                f"{known.item_labels[wrong[0]].item()!r} is {predicted[wrong[0]]}"
            )
        predicted[known.item_index[known.by_user[int(of_model)]]] = -np.inf
        figures[:, at] = _figures(predicted, wanted, n)
    return UserFigures(users, *figures)


def _all_items(model: Ranker, known: Ratings) -> Callable[[int], ArrayLike]:
    """What predicts all items for the user in a row.

    The factors do, without a look at any label, unless a class has a ``predict`` of its own.
    """
    owner = next((each for each in type(model).__mro__ if "predict" in vars(each)), None)
    if owner is not None and "predicting_factors" in vars(owner):
        factors: Factors = model.predicting_factors  # type: ignore[attr-defined]
        return factors.of_user
    return lambda row: model.predict(
        np.repeat(known.user_labels[row], known.shape[1]), known.item_labels
    )


def _figures(
    predicted: NDArray[np.float64], wanted: NDArray[np.intp], n: int
) -> tuple[float, float, float]:
    """nDCG, precision and recall at n of the ``wanted`` among all items but those at -inf.

    As the functions of these names say, but only the places of what is wanted are looked for: it
    comes behind all with a higher prediction, and shares the next places with all that have the
    same.
    """
    scores = predicted[wanted][:, None]
    before = np.count_nonzero(predicted > scores, axis=1)
    sharing = np.count_nonzero(predicted == scores, axis=1)
    there = scores[:, 0] > -np.inf  # what was learned from is nothing to be found
    discounts = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(n) + 2.0))])
    first, last = np.minimum(before, n), np.minimum(before + sharing, n)
    hits = float(np.sum(((last - first) / sharing)[there]))
    gain = float(np.sum(((discounts[last] - discounts[first]) / sharing)[there]))
    return gain / discounts[min(len(wanted), n)], hits / n, hits / len(wanted)
