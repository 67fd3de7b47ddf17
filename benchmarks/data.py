"""Synthetic ratings of the shape of MovieLens or of the Netflix prize, of any size, anywhere.

Activity is log-normal, popularity a power law; each rating is a mean plus biases, a taste of rank
12 and noise, rounded to whole stars from 1 to 5. Nobody rates a film twice.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mfteach import Ratings

RANK = 12
MEAN = 3.55
FEWEST = 20  # ratings of a user, as in MovieLens
SLAB = 1_000_000  # about so many ratings at a time: more of them take gigabytes
NAMES = ("userId", "movieId", "rating")


class Shape(NamedTuple):
    """How many users, items and ratings; how uneven; and the fewest ratings of a user.

    ``activity`` is the standard deviation of the logarithm of a user's number of ratings,
    ``popularity`` the exponent of the power law.
    """

    n_users: int
    n_items: int
    n_ratings: int
    activity: float = 1.1
    popularity: float = 1.1
    fewest: int = FEWEST


ML_100K = Shape(943, 1682, 100_000)
ML_1M = Shape(6040, 3706, 1_000_209)
# As there, half of the users rated fewer than 96 films, half of the films got fewer than 600
# ratings, and one got some 230,000.
NETFLIX = Shape(480_189, 17_770, 100_480_507, activity=1.25, popularity=2.0, fewest=1)


class Slab(NamedTuple):
    """Some ratings, those of whole users: i, j and r, one entry a rating."""

    i: np.ndarray
    j: np.ndarray
    r: np.ndarray


def synthetic_ratings(shape, rng=0):
    """Draw about ``shape.n_ratings`` ratings: each user's number is rounded."""
    return Ratings(*map(np.concatenate, zip(*slabs(shape, rng), strict=True)))


def slabs(shape, rng=0) -> Iterator[Slab]:
    """The same ratings, user after user, about a million at a time."""
    generator = np.random.default_rng(rng)
    counts = _activity(shape, generator)
    m, n = shape.n_users, shape.n_items
    rarity = generator.permutation((np.arange(n) + n / 40) ** shape.popularity)
    truth = _Truth.drawn(m, n, generator)
    edges = np.searchsorted(np.cumsum(counts), np.arange(SLAB, counts.sum(), SLAB))
    for users in np.split(np.arange(m), edges):
        i = np.repeat(users, counts[users])
        # The first of exponential clocks are a weighted draw without repetition. Each is copied:
        # a slice would keep all n of its user alive.
        items = [
            np.argpartition(generator.standard_exponential(n) * rarity, count)[:count].copy()
            for count in counts[users]
        ]
        j = np.concatenate(items)
        yield Slab(i.astype(np.int32), j.astype(np.int32), truth.stars(i, j, generator))


def write(shape, path: Path, rng=0) -> None:
    """Write the same ratings as CSV, and as Parquet beside it, a slab at a time."""
    import polars  # to test and to measure; no student needs it

    half = path.with_suffix(".half")
    with half.open("wb") as file:
        for number, slab in enumerate(slabs(shape, rng)):
            table = polars.DataFrame(dict(zip(NAMES, slab, strict=True)))
            table.write_csv(file, include_header=number == 0)
    types = dict(zip(NAMES, (polars.Int32, polars.Int32, polars.Float32), strict=True))
    polars.scan_csv(half, schema=types).sink_parquet(path.with_suffix(".parquet"))
    half.replace(path)


def _activity(shape, generator):
    m, n, n_ratings = shape.n_users, shape.n_items, shape.n_ratings
    drawn = generator.lognormal(sigma=shape.activity, size=m)
    low, high = 0.0, float(n_ratings)
    for _ in range(60):  # the scale at which the numbers add up to what is wanted
        scale = (low + high) / 2
        counts = np.clip(np.rint(shape.fewest + scale * drawn), 1, n // 2).astype(int)
        low, high = (scale, high) if counts.sum() < n_ratings else (low, scale)
    return counts


class _Truth(NamedTuple):
    """The biases and the tastes that the ratings come from."""

    b: np.ndarray
    c: np.ndarray
    U: np.ndarray
    V: np.ndarray

    @classmethod
    def drawn(cls, m, n, generator):
        b, c = 0.43 * generator.standard_normal(m), 0.5 * generator.standard_normal(n)
        U, V = generator.standard_normal((m, RANK)), generator.standard_normal((n, RANK))
        return cls(b, c, U * 0.55 * np.sqrt(np.linspace(1.6, 0.4, RANK) / RANK), V)

    def stars(self, i, j, generator):
        taste = np.einsum("ns,ns->n", self.U[i], self.V[j])
        noise = 0.75 * generator.standard_normal(len(i))
        values = MEAN + self.b[i] + self.c[j] + taste + noise
        return np.clip(np.rint(values), 1, 5).astype(np.float32)
