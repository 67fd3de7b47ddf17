"""Penalties: which ones there can be, and the usual one on biases.

A penalty lambda_b |b|² shrinks a bias toward 0, more strongly the fewer ratings it rests on: with
everything else fixed, the b that minimizes 1/2 sum_{j in I} (r_j - b)² + lambda_b/2 b² is

    b = sum_{j in I} r_j / (n + lambda_b)

so that lambda_b counts like as many further ratings of 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import WrongType, real_number, shown

# lambda_b, unless another is wanted.
BIAS_REGULARIZATION = 5.0


def penalty_pair(regularization: Any) -> tuple[float, float]:
    """The penalties of users and of items, from one number for both or from two.

    Raises
    ------
    ValueError
        For a penalty below 0, or anything else that is not one number or two.
    """
    is_array = not isinstance(regularization, type) and getattr(regularization, "ndim", 0) > 0
    if not isinstance(regularization, list | tuple) and not is_array:
        penalty = real_number(regularization, "regularization", "[0, inf)")
        return penalty, penalty
    if len(regularization) != 2:
        raise WrongType(
            "must be one number, or one for users and one for items, but is "
            f"{shown(regularization)}",
            argument="regularization",
        )
    user, item = regularization
    return (
        real_number(user, "regularization of users", "[0, inf)"),
        real_number(item, "regularization of items", "[0, inf)"),
    )


def shrunken_means(
    sums: NDArray[np.floating[Any]], counts: NDArray[np.intp], regularization: float
) -> NDArray[np.float64]:
    """b = sum / (n + lambda_b) for each row; 0 for a row without ratings.

    Parameters
    ----------
    sums : ndarray of float, shape (n_rows,)
        For each row the sum of what its bias has to explain.
    counts : ndarray of int, shape (n_rows,)
        n, how many ratings were added up.
    regularization : float
        lambda_b, 0 or larger.

    Returns
    -------
    ndarray of float, shape (n_rows,)

    Source: lecture row S67; Koren, Bell and Volinsky, Matrix factorization techniques for
    recommender systems (2009).
    """
    weights = counts + regularization
    return np.asarray(np.divide(sums, weights, out=np.zeros(len(sums)), where=weights > 0))
