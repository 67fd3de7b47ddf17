"""Synthetic people who choose what they see, so that what is known is not known at random."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import generator, real_number, whole_number
from mfteach.datasets.examples import Films, films
from mfteach.datasets.movielens import find
from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Rng
from mfteach.matrices.ratings import Ratings

# The share of what people have seen that they rate long after they joined.
COMING_BACK = 0.2


class Viewers(NamedTuple):
    """Synthetic ratings, and what each user thinks of each film, seen or not.

    ``liking`` has the shape (m, n): the stars that a user would give, before noise and rounding.
    """

    ratings: Ratings
    liking: NDArray[np.float64]


def viewers(n_users: int, n_items: int, taste: float, rng: Rng = None) -> Viewers:
    """Generate ratings by people who choose what they see: the famous, and what is to their taste.

        a_ij = sum_{s=1..3} u_is v_js,     liking_ij = 3.4 + b_i + c_j + a_ij / 2

    User i sees films one after the other, without seeing one twice: j is the next with a
    probability proportional to exp(fame_j + taste a_ij). They give half stars from 0.5 to 5,
    liking_ij and noise. A famous film is a little better on average. Users join one after the
    other, in random order, rate most of what they have seen at once, and the rest some time later.

    Parameters
    ----------
    n_users, n_items : int
        m, at least 1, and n, at least 2.
    taste : float
        How much what people like decides what they see; 0 or larger. At 0 fame alone decides.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    Viewers
        ``ratings`` of shape (m, n), with times, and ``liking``, which nobody knows of real people.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    m, n = whole_number(n_users, "n_users", 1), whole_number(n_items, "n_items", 2)
    taste = real_number(taste, "taste", "[0, inf)")
    random = generator(rng)
    to_the_taste = Factors.random((m, n), 3, random, scale=3**-0.25).matrix()  # of variance 1
    fame = 1.2 * random.normal(size=n)
    good = 0.1 * fame + 0.4 * random.normal(size=n)
    generous = 0.4 * random.normal(size=(m, 1))
    liking = 3.4 + generous + good + to_the_taste / 2

    # Those with the highest sums of a score and Gumbel noise are drawn as `exp(score)` says.
    keys = fame + taste * to_the_taste + random.gumbel(size=(m, n))
    seen = np.argsort(-keys, axis=1)
    wished = random.lognormal(np.log(n / 16), 0.8, size=m)
    counts = np.clip(wished, max(1, n // 50), n // 2).astype(np.intp)
    i = np.repeat(np.arange(m), counts)
    j = np.concatenate([np.sort(row[:count]) for row, count in zip(seen, counts, strict=True)])

    stars = liking[i, j] + 0.8 * random.normal(size=len(i))
    stars = np.clip(np.round(2 * stars) / 2, 0.5, 5.0)
    joined, later = random.permutation(m)[i], random.random(len(i)) < COMING_BACK
    times = joined + np.where(later, m - joined, 0.5) * random.random(len(i))
    labels = np.arange(m), np.arange(n)
    return Viewers(Ratings.from_indices(i, j, stars, *labels, times), liking)


def watched_films(name: str = "ml-latest-small") -> Films:
    """Return real ratings if ``MFTEACH_DATA`` has them, else ratings by `viewers`.

    As `films`, for lessons that ask who has seen what, and when: the synthetic people have chosen
    what they see.

    Parameters
    ----------
    name : str
        As for `movielens`.
    """
    if find(name) is not None:
        return films(name)
    ratings = viewers(500, 800, taste=0.5, rng=50).ratings
    titles = {label: f"synthetic film {label}" for label in ratings.item_labels.tolist()}
    source = (
        f"MovieLens was not found, so these are {len(ratings):,} synthetic ratings, by people who "
        "choose what they see (set MFTEACH_DATA)"
    )
    return Films(ratings, titles, source)
