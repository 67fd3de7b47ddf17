"""How strong a penalty for implicit feedback, if nobody says.

With all factors at 0, the slope of J towards a factor of length 1, p for the users and q for the
items, is its share in the table T of the t_ij = c_ij where something was seen, and 0 elsewhere:
pᵀTq. A factor that is to be learned at all has more of it than lambda. Chance alone would give T
singular values up to an edge beta, if it strewed the seen pairs with the confidences that they
have. For a factor that rests on user i and item j alone that edge is

    sqrt(sum_{l in I_i} c_il²) + sqrt(sum_{p in U_j} c_pj²)

and beta is its mean over the seen pairs. But most of what is seen is not chance, and a list of
ten also gains by factors that are weaker than the edge. On MovieLens small, whole and thinned, with
10 to 50 factors and different alphas, the ranking is best at about three tenths of beta.
"""

from __future__ import annotations

import numpy as np

from mfteach.matrices.ratings import Ratings

# Lambda as a share of beta.
SHARE = 0.3


def implicit_regularization(ratings: Ratings, alpha: float) -> float:
    """Lambda = `SHARE` times beta, by the formula above.

    Parameters
    ----------
    ratings : Ratings
        The interactions.
    alpha : float
        c_ij = 1 + alpha r_ij.

    Returns
    -------
    float
        Larger than 0.
    """
    squares = ratings.values.astype(np.float64)
    squares *= alpha
    squares += 1
    squares **= 2
    of_users = np.bincount(ratings.user_index, squares, minlength=ratings.shape[0])
    of_items = np.bincount(ratings.item_index, squares, minlength=ratings.shape[1])
    # Row by row: each counts as often as it has pairs.
    total = ratings.user_counts @ np.sqrt(of_users) + ratings.item_counts @ np.sqrt(of_items)
    return SHARE * float(total) / len(ratings)


def largest_signal(ratings: Ratings, alpha: float) -> float:
    """The largest singular value of T: the lambda from which on the best factors are 0."""
    from scipy import sparse

    c = 1 + alpha * ratings.values.astype(np.float64)
    T = sparse.csr_matrix((c, (ratings.user_index, ratings.item_index)), shape=ratings.shape)
    x = np.ones(ratings.shape[1])
    for _ in range(100):  # all entries are positive: no start is better, and these are plenty
        x = T.T @ (T @ x)
        x /= np.linalg.norm(x)
    return float(np.linalg.norm(T @ x))
