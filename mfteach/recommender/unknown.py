"""What is answered about users and items of whom nothing is known: never a factor."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError
from mfteach.loss.predictions import pair_predictions
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.baselines import GlobalMean

Unknown = Literal["raise", "mean", "nan"]


def predict_rows(
    factors: Factors,
    i: NDArray[np.intp],
    j: NDArray[np.intp],
    unknown: Unknown,
    ratings: Ratings,
) -> NDArray[np.floating[Any]]:
    """r-hat_ij for row numbers i and j, of which -1 stands for an unknown user or item.

    Parameters
    ----------
    factors : Factors
        Of shape (m, n).
    i, j : ndarray of int, shape (N,)
        Row numbers, or -1.
    unknown : {"raise", "mean", "nan"}
        With "nan" a pair with a -1 gets NaN; else the mean of the ratings plus whatever bias is
        known. (Whoever wants an error has raised it before.)
    ratings : Ratings
        What the factors were learned from.

    Returns
    -------
    ndarray of float, shape (N,)
    """
    known = (i >= 0) & (j >= 0)
    if known.all():
        return pair_predictions(factors, i, j)
    predicted = np.full(len(i), np.nan, dtype=factors.U.dtype)
    predicted[known] = pair_predictions(factors, i[known], j[known])
    if unknown == "nan":
        return predicted
    predicted[~known] = _mean(factors, ratings)
    for rows, bias in ((i, factors.user_bias), (j, factors.item_bias)):
        if bias is not None:
            half_known = ~known & (rows >= 0)
            predicted[half_known] += bias[rows[half_known]]
    return predicted


def _mean(factors: Factors, ratings: Ratings) -> float:
    """Of the ratings; where these stayed on a cluster, what the factors hold of it."""
    if len(ratings):
        return GlobalMean.fit(ratings).mean
    if factors.user_bias is None:
        raise InputError(
            "the ratings stayed on the cluster, and a model without biases does not know their "
            "mean",
            "Fit it with biases=True, or save it with unknown='nan'",
        )
    return factors.mean


def favourites(
    factors: Factors, n: int, unknown: Unknown, ratings: Ratings
) -> tuple[NDArray[np.intp], NDArray[np.floating[Any]]]:
    """The n items that people in general like most, best first, and what is predicted for them.

    That is what an unknown user is recommended; with ``unknown="nan"`` nothing is. Parameters as
    for `predict_rows`.
    """
    items = np.arange(factors.shape[1])
    predicted = predict_rows(factors, np.full(len(items), -1), items, unknown, ratings)
    best = np.argsort(-predicted, kind="stable")[: min(n, int(np.isfinite(predicted).sum()))]
    return items[best], predicted[best]
