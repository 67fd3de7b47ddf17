"""Synthetic ratings of the shape of MovieLens, so that a race can be run anywhere, on any size.

Activity is log-normal, popularity a power law; each rating is a mean plus biases, a taste of rank
12 and noise, rounded to whole stars from 1 to 5. Nobody rates a film twice.
"""

from typing import NamedTuple

import numpy as np

from mfteach import Ratings

RANK = 12
MEAN = 3.55
FEWEST = 20  # ratings of a user, as in MovieLens
SLAB = 1_000_000  # ratings at a time


class Shape(NamedTuple):
    """How many users, items and ratings."""

    n_users: int
    n_items: int
    n_ratings: int


ML_100K = Shape(943, 1682, 100_000)
ML_1M = Shape(6040, 3706, 1_000_209)


def synthetic_ratings(shape, rng=0):
    """Draw about ``shape.n_ratings`` ratings: each user's number is rounded."""
    generator = np.random.default_rng(rng)
    m, n, n_ratings = shape
    counts = _activity(m, n, n_ratings, generator)
    popularity = 1.0 / (np.arange(n) + n / 40) ** 1.1
    log_popularity = np.log(popularity)[generator.permutation(n)]
    # The largest of log weights plus Gumbel noise are a weighted draw without repetition. Each is
    # copied: a slice would keep all n of its user alive.
    items = [
        np.argpartition(log_popularity + generator.gumbel(size=n), n - count)[n - count :].copy()
        for count in counts
    ]
    i, j = np.repeat(np.arange(m), counts), np.concatenate(items)
    return Ratings(i, j, _stars(i, j, m, n, generator))


def _activity(m, n, n_ratings, generator):
    drawn = generator.lognormal(sigma=1.1, size=m)
    low, high = 0.0, float(n_ratings)
    for _ in range(60):  # the scale at which the numbers add up to what is wanted
        scale = (low + high) / 2
        counts = np.clip(np.rint(FEWEST + scale * drawn), 1, n // 2).astype(int)
        low, high = (scale, high) if counts.sum() < n_ratings else (low, scale)
    return counts


def _stars(i, j, m, n, generator):
    b, c = 0.43 * generator.standard_normal(m), 0.5 * generator.standard_normal(n)
    U, V = generator.standard_normal((m, RANK)), generator.standard_normal((n, RANK))
    weights = 0.55 * np.sqrt(np.linspace(1.6, 0.4, RANK) / RANK)
    U *= weights
    values = MEAN + 0.75 * generator.standard_normal(len(i))
    for start in range(0, len(i), SLAB):  # all rows of U and V at once take gigabytes
        some = slice(start, start + SLAB)
        rows, columns = i[some], j[some]
        taste = np.einsum("ns,ns->n", U[rows], V[columns])
        values[some] += b[rows] + c[columns] + taste
    return np.clip(np.rint(values), 1, 5)
