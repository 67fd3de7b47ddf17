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

# lambda_b, unless another is wanted.
BIAS_REGULARIZATION = 5.0


def require_penalty(penalty: Any, name: str) -> None:
    """Refuse a penalty that is negative, infinite or NaN: a ValueError that calls it ``name``."""
    if not (np.isfinite(penalty) and penalty >= 0):
        raise ValueError(f"{name} must be 0 or larger, but is {penalty}")


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
