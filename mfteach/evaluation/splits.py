"""Parts to learn from and parts to test on: in folds, of each user, by time.

At random: `mfteach.Ratings.split`. Every part keeps the labels, and so the row numbers and the
shape, of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfteach.arguments import InputError, flag, generator, instance, whole_number
from mfteach.matrices.groups import Rng
from mfteach.matrices.ratings import Ratings


def k_fold(
    ratings: Ratings, n_folds: int = 5, rng: Rng = None
) -> Iterator[tuple[Ratings, Ratings]]:
    """Hold out each rating once: n_folds pairs of parts, of sizes that differ by at most one.

    Parameters
    ----------
    ratings : Ratings
        The whole.
    n_folds : int
        From 2 to the number of ratings.
    rng : int, Generator or None
        Seed or source of randomness.

    Yields
    ------
    train, held_out : Ratings

    Raises
    ------
    ValueError
        If there are fewer than 2 folds, or more than ratings.
    """
    instance(ratings, "ratings", Ratings)
    if len(ratings) < 2:
        raise ValueError("one rating cannot be split: give at least two")
    n_folds = whole_number(n_folds, "n_folds", 2, len(ratings))
    fold = np.arange(len(ratings)) % n_folds
    generator(rng).shuffle(fold)
    return (_cut(ratings, fold == number) for number in range(n_folds))


def leave_n_out(ratings: Ratings, n: int = 1, rng: Rng = None) -> tuple[Ratings, Ratings]:
    """Hold out n ratings of each user at random; users with n or fewer keep all of theirs.

    Parameters
    ----------
    ratings : Ratings
        The whole.
    n : int
        At least 1.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    train, held_out : Ratings

    Raises
    ------
    ValueError
        If n is less than 1, or no user has more than n ratings.
    """
    instance(ratings, "ratings", Ratings)
    n = whole_number(n, "n", 1)
    by_user = ratings.by_user
    if by_user.counts.max() <= n:
        raise ValueError(f"no user has more than {n} ratings: there is nothing to hold out")
    shuffled = np.lexsort((generator(rng).random(len(ratings)), ratings.user_index))
    place = np.arange(len(ratings)) - np.repeat(by_user.starts[:-1], by_user.counts)
    enough = np.repeat(by_user.counts > n, by_user.counts)
    held_out = np.zeros(len(ratings), dtype=bool)
    held_out[shuffled[(place < n) & enough]] = True
    return _cut(ratings, held_out)


def by_time(
    ratings: Ratings, fraction: float, *, per_user: bool = False
) -> tuple[Ratings, Ratings]:
    """Hold out the latest ratings: learn from the past, test on what came later.

    Parameters
    ----------
    ratings : Ratings
        With timestamps.
    fraction : float
        Share of the ratings to hold out, between 0 and 1. Of ratings at one time the first in
        order are learned from.
    per_user : bool
        Whether to hold out the latest of each user, that share of theirs rounded down, instead of
        the latest of all. Then everybody has a past, and some ratings that are learned from are
        later than some that are held out.

    Returns
    -------
    train, held_out : Ratings
        Without ``per_user`` no rating of ``train`` is later than one of ``held_out``.

    Raises
    ------
    ValueError
        If the ratings have no times, or the fraction leaves one part empty.
    """
    instance(ratings, "ratings", Ratings)
    flag(per_user, "per_user")
    if ratings.timestamps is None:
        raise ValueError(
            "these ratings have no times: give timestamps to Ratings, or name their column to "
            "Ratings.read_csv"
        )
    n_held_out = ratings.count_of(fraction)
    held_out = np.zeros(len(ratings), dtype=bool)
    if not per_user:
        held_out[np.argsort(ratings.timestamps, kind="stable")[-n_held_out:]] = True
        return _cut(ratings, held_out)
    by_user = ratings.by_user
    in_time = np.lexsort((ratings.timestamps, ratings.user_index))
    place_from_end = np.repeat(by_user.starts[1:], by_user.counts) - np.arange(len(ratings))
    kept_back = np.floor(float(fraction) * by_user.counts).astype(int)
    held_out[in_time[place_from_end <= np.repeat(kept_back, by_user.counts)]] = True
    if not held_out.any():
        raise InputError(
            f"nobody has so many ratings that {fraction:g} of them is one",
            "Hold out a larger share",
        )
    return _cut(ratings, held_out)


def _cut(ratings: Ratings, held_out: np.ndarray) -> tuple[Ratings, Ratings]:
    return ratings.take(np.flatnonzero(~held_out)), ratings.take(np.flatnonzero(held_out))
