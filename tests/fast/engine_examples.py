"""Small ratings with every kind of row, and factors that fit them."""

import numpy as np

from mfteach import Factors, Ratings


def some_ratings(m=30, n=20, density=0.4):
    """Users 3 and items 5 without a rating, user 7 with a single one, user 0 with all others."""
    rng = np.random.default_rng(1)
    R = np.where(rng.random((m, n)) < density, rng.normal(3, 1, size=(m, n)), np.nan)
    R[0] = rng.normal(3, 1, size=n)
    R[3] = np.nan
    R[7] = np.nan
    R[7, 2] = 4.0
    R[:, 5] = np.nan
    return Ratings.from_matrix(R)


def point_for(ratings, k=4, biases="none", dtype="float64"):
    """Random factors with no biases, with fixed or with learned ones."""
    rng = np.random.default_rng(2)
    m, n = ratings.shape
    U, V = rng.normal(size=(m, k)), rng.normal(size=(n, k))
    if biases == "none":
        return Factors(U, V).astype(dtype)
    b, c = rng.normal(size=m), rng.normal(size=n)
    learned = biases == "learned"
    point = Factors(U, V, mean=3.1, user_bias=b, item_bias=c, learned_biases=learned)
    return point.astype(dtype)
