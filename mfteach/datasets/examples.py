"""Ratings to learn from: the lecture's table, planted factors, and synthetic films."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mfteach.arguments import flag, generator, real_number, whole_number
from mfteach.datasets.movielens import movielens, movielens_titles
from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Rng
from mfteach.matrices.ratings import Ratings

FILMS = (
    "Nero",
    "Julius Caesar",
    "Cleopatra",
    "Sleepless in Seattle",
    "Pretty Woman",
    "Casablanca",
)


def history_romance(surprise: bool = False) -> Ratings:
    """Seven users rate six films as 1, 0 or -1: the lecture's "example from last week".

    Three love History, one loves everything, three love Romance and hate History. All ratings
    are known, and 0 means "does not care": it is a rating, not a blank.

    Parameters
    ----------
    surprise : bool
        False: the clean table, of rank 2. True: user 6 likes Cleopatra after all, so rank 3.

    Returns
    -------
    Ratings
        Of shape (7, 6), with users 1..7 and the film titles as labels.

    Source: lecture row S50; our table follows Aggarwal, Recommender Systems, section 3.6.
    """
    surprise = flag(surprise, "surprise")
    history_fan, fan_of_all, romance_fan = [1, 1, 1, 0, 0, 0], [1] * 6, [-1, -1, -1, 1, 1, 1]
    R = np.array([history_fan] * 3 + [fan_of_all] + [romance_fan] * 3, dtype=float)
    if surprise:
        R[5, FILMS.index("Cleopatra")] = 1.0
    return Ratings.from_matrix(R, users=range(1, 8), items=FILMS)


def hand_factors() -> Factors:
    """Factors written by hand for `history_romance`: column 0 is History, column 1 Romance.

    J = 2 in both versions, all of it from Cleopatra's column, because she is written as both.

    Source: lecture row S50; after Aggarwal, Recommender Systems, section 3.6.
    """
    U = [[1, 0]] * 3 + [[1, 1]] + [[-1, 1]] * 3
    V = [[1, 0]] * 2 + [[1, 1]] + [[0, 1]] * 3
    return Factors(U, V)


class Planted(NamedTuple):
    """Synthetic ratings and the true factors behind them."""

    ratings: Ratings
    truth: Factors


def planted(
    n_users: int, n_items: int, n_factors: int, density: float, noise: float, rng: Rng = None
) -> Planted:
    """Generate ratings from known factors: r_ij = sum_s u_is v_js + noise, for a random S.

    Parameters
    ----------
    n_users, n_items, n_factors : int
        m, n and k, each at least 1.
    density : float
        Share of the m n pairs that are known, in (0, 1]; at least one pair is always known.
    noise : float
        Standard deviation of the noise added to each rating, 0 or larger. Without noise the
        ratings have mean 0 and standard deviation 1.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    Planted
        ``ratings`` of shape (m, n) and ``truth``, the `Factors` that they were generated from.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    n_users, n_items = whole_number(n_users, "n_users", 1), whole_number(n_items, "n_items", 1)
    n_factors = whole_number(n_factors, "n_factors", 1)
    density = real_number(density, "density", "(0, 1]")
    noise = real_number(noise, "noise", "[0, inf)")
    random = generator(rng)
    # With entries of variance 1/sqrt(k), sums of k products have variance 1.
    truth = Factors.random((n_users, n_items), n_factors, random, scale=n_factors**-0.25)
    n_known = max(1, round(density * n_users * n_items))
    known = np.sort(random.choice(n_users * n_items, size=n_known, replace=False))
    i, j = np.divmod(known, n_items)
    values = np.einsum("ns,ns->n", truth.U[i], truth.V[j])
    values += noise * random.standard_normal(n_known)
    labels = np.arange(n_users), np.arange(n_items)
    return Planted(Ratings.from_indices(i, j, values, *labels), truth)


class Films(NamedTuple):
    """Ratings of films, their titles by label, and a sentence about where they come from."""

    ratings: Ratings
    titles: dict[int, str]
    source: str


def films(name: str = "ml-latest-small") -> Films:
    """Return real ratings if ``MFTEACH_DATA`` has them, else synthetic ones; ``source`` says which.

    The synthetic ratings are half stars from 0.5 to 5, by 400 users of 300 films: some users are
    more generous, some films better, and there are three planted factors and noise.

    Parameters
    ----------
    name : str
        As for `movielens`.
    """
    try:
        ratings = movielens(name)
    except FileNotFoundError:
        return _synthetic_films()
    n_users, n_items = ratings.shape
    source = f"{name}: {len(ratings):,} real ratings by {n_users:,} users of {n_items:,} films"
    return Films(ratings, movielens_titles(name), source)


def _synthetic_films() -> Films:
    random = np.random.default_rng(50)
    drawn = planted(400, 300, n_factors=3, density=0.2, noise=1.6, rng=random).ratings
    generous, good = random.normal(0, 0.4, size=400), random.normal(0, 0.4, size=300)
    stars = 3.5 + generous[drawn.user_index] + good[drawn.item_index] + drawn.values / 2
    ratings = drawn.with_values(np.clip(np.round(2 * stars) / 2, 0.5, 5.0))
    titles = {label: f"synthetic film {label}" for label in drawn.item_labels.tolist()}
    source = (
        f"MovieLens was not found, so these are {len(drawn):,} synthetic ratings (set MFTEACH_DATA)"
    )
    return Films(ratings, titles, source)
