"""How good are predictions? Two errors, in the unit of the ratings."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.arguments import real_numbers


def rmse(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Root mean squared error: sqrt(1/N sum (r - r-hat)²), in the unit of the ratings.

    Parameters
    ----------
    truth, predicted : array-like of float, shape (N,)
        Ratings and predictions, in one order.

    Raises
    ------
    ValueError
        If they differ in shape, are empty, or hold a number that is not finite.

    Notes
    -----
    The mean of the RMSEs of batches is not the RMSE of the whole.
    """
    return float(np.sqrt(np.mean(_errors(truth, predicted) ** 2)))


def mae(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Mean absolute error: 1/N sum |r - r-hat|; parameters and errors as `rmse`."""
    return float(np.mean(np.abs(_errors(truth, predicted))))


def _errors(truth: ArrayLike, predicted: ArrayLike) -> NDArray[np.float64]:
    r = real_numbers(truth, "truth").astype(np.float64)
    r_hat = real_numbers(predicted, "predicted").astype(np.float64)
    if r.shape != r_hat.shape:
        raise ValueError(f"{r.shape} ratings and {r_hat.shape} predictions cannot be compared")
    if r.size == 0:
        raise ValueError("there is nothing to compare: give at least one rating")
    for name, numbers in (("rating", r), ("prediction", r_hat)):
        wrong = np.flatnonzero(~np.isfinite(numbers))
        if len(wrong):
            raise ValueError(f"{name} {wrong[0]} is {numbers.ravel()[wrong[0]]}")
    return r - r_hat
