"""Is it better, or was it luck? How far a difference of two models may be from the truth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.arguments import InputError, generator, real_number, real_numbers, whole_number
from mfteach.matrices.groups import Rng

# Differences drawn at a time.
BATCH = 4_000_000


class Difference(NamedTuple):
    """A mean difference, and the interval in which it would lie for other users like these.

    Attributes
    ----------
    mean : float
        Of first - second.
    low, high : float
        Ends of the confidence interval. Where 0 lies between them, the sign may be chance.
    """

    mean: float
    low: float
    high: float


def bootstrap_difference(
    first: ArrayLike,
    second: ArrayLike,
    confidence_level: float = 0.95,
    n_resamples: int = 2000,
    rng: Rng = None,
) -> Difference:
    """How much better one model is than another, with a confidence interval over users.

    As many users as there are are drawn with replacement, again and again, each with the figures
    of both models; the interval holds the middle share of the mean differences.

    Parameters
    ----------
    first, second : array-like of float, shape (n_users,)
        A figure of each user under either model, in one order: a column of
        `mfteach.evaluation.rank_users`.
    confidence_level : float
        The share of the resampled means inside the interval, between 0 and 1.
    n_resamples : int
        How often users are drawn.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    Difference

    Raises
    ------
    ValueError
        If there are fewer than two users, or not equally many for both, or a figure is not finite.

    Source: Efron and Tibshirani, An introduction to the bootstrap (1993).
    """
    figures, others = _figures(first, "first"), _figures(second, "second")
    if len(figures) != len(others):
        raise InputError(
            f"must hold as many users as first, {len(figures)}, but holds {len(others)}",
            argument="second",
        )
    differences = figures - others
    level = real_number(confidence_level, "confidence_level", "(0, 1)")
    n_resamples, random = whole_number(n_resamples, "n_resamples", 1), generator(rng)
    n, means = len(differences), []
    for start in range(0, n_resamples, max(1, BATCH // n)):
        some = min(max(1, BATCH // n), n_resamples - start)
        means.append(differences[random.integers(n, size=(some, n))].mean(axis=1))
    tails = (1 - level) / 2, (1 + level) / 2
    low, high = np.quantile(np.concatenate(means), tails).tolist()
    return Difference(float(differences.mean()), low, high)


def _figures(figures: ArrayLike, name: str) -> NDArray[np.float64]:
    column = real_numbers(figures, name, 1).astype(np.float64)
    if len(column) < 2:
        raise InputError(f"must hold two users or more, but holds {len(column)}", argument=name)
    if not np.isfinite(column).all():
        raise InputError("must hold finite figures", argument=name)
    return column
