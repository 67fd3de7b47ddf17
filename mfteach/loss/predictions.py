"""r-hat_ij, for ratings or for pairs of row numbers (lecture row S61)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, instance, row_numbers
from mfteach.fast.engine import products
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.rows import Table


def predictions(ratings: Ratings, factors: Factors) -> Table:
    """r-hat_ij for the pairs (i, j) of ``ratings``, shape (n_ratings,) (row S61).

    That is sum_s u_is v_js, and mean + b_i + c_j on top if the factors carry biases.

    Raises
    ------
    ValueError
        If the factors do not fit the ratings; the message quotes both shapes.
    """
    require_fit(ratings, factors)
    return pair_predictions(factors, ratings.user_index, ratings.item_index)


def require_fit(ratings: Ratings, factors: Factors) -> None:
    """Raise a ValueError unless there is a row for each user and each item of the ratings."""
    instance(ratings, "ratings", Ratings)
    if instance(factors, "factors", Factors).shape != ratings.shape:
        raise ValueError(
            f"factors for {factors.shape} users and items do not fit ratings of {ratings.shape}"
        )


def pair_predictions(factors: Factors, i: NDArray[np.intp], j: NDArray[np.intp]) -> Table:
    """r-hat_ij for pairs of row numbers: ``predictions`` where there are no ratings."""
    m, n = instance(factors, "factors", Factors).shape
    i, j = row_numbers(i, "i", m), row_numbers(j, "j", n)
    if len(i) != len(j):
        raise InputError(f"i and j must be equally long, but have {len(i)} and {len(j)} entries")
    predicted = products(i, j, factors.U, factors.V)
    if factors.mean or factors.user_bias is not None:
        predicted += factors.offsets(i, j)
    return predicted
