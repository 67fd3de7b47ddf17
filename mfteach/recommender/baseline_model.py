"""`Baseline`: recommending without any factors, with the same calls as the models."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.arguments import one_of, real_number, worded
from mfteach.loss.penalty import BIAS_REGULARIZATION, shrunken_means
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.baselines import Biases, GlobalMean
from mfteach.recommender.by_label import AnswersByLabel
from mfteach.recommender.learning import as_ratings
from mfteach.version import __version__

Strategy = Literal["popularity", "item_means", "biases"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)


class Baseline(AnswersByLabel):
    """What every recommender must beat: the same list for everybody, less what each has rated.

    Parameters
    ----------
    strategy : {"popularity", "item_means", "biases"}
        What is predicted for user i and item j:

        - "popularity": n_j, how many users have rated j. It orders items, and is no rating.
        - "item_means": mean + sum_{i in U_j} (r_ij - mean) / (n_j + regularization).
        - "biases": mean + b_i + c_j of `mfteach.recommender.Biases`, which orders the items by
          c_j.
    regularization : float
        Of the item means and of the biases, 0 or larger: that many ratings of the mean are added
        to those of each item.

    Attributes
    ----------
    factors_ : Factors
        With biases, and without any factor.
    ratings_ : Ratings
        What it was fitted on.

    Examples
    --------
    >>> from mfteach.datasets import history_romance
    >>> baseline = Baseline("item_means", regularization=0).fit(history_romance())
    >>> baseline.predict([1], ["Nero"])
    array([0.14285714])
    """

    def __init__(
        self,
        strategy: Strategy = "popularity",
        regularization: float = BIAS_REGULARIZATION,
    ) -> None:
        self.strategy = strategy
        self.regularization = regularization

    def fit(self, X: Ratings | ArrayLike, y: ArrayLike | None = None) -> Baseline:
        """Count, or average.

        Parameters
        ----------
        X : Ratings, or array-like of shape (N, 2)
            The ratings, or the labels (user, item) of each.
        y : array-like of float, shape (N,)
            The values, if X holds labels.

        Returns
        -------
        Baseline
            The baseline itself.

        Raises
        ------
        ValueError
            For an argument of the constructor out of range.
        """
        with worded(self._interface):
            strategy = one_of(self.strategy, "strategy", STRATEGIES)
            regularization = real_number(self.regularization, "regularization", "[0, inf)")
            ratings = as_ratings(X, y)
            mean, b, c = _fitted(ratings, strategy, regularization)
        U, V = (np.zeros((size, 0)) for size in ratings.shape)
        self.factors_ = Factors(U, V, mean=mean, user_bias=b, item_bias=c)
        self.ratings_, self._version = ratings, __version__
        return self


def _fitted(
    ratings: Ratings, strategy: Strategy, regularization: float
) -> tuple[float, NDArray[Any], NDArray[Any]]:
    """The mean and the biases that predict what the strategy says."""
    nothing = np.zeros(ratings.shape[0])
    if strategy == "popularity":
        return 0.0, nothing, ratings.item_counts.astype(np.float64)
    if strategy == "biases":
        biases = Biases.fit(ratings, regularization)
        return biases.mean, biases.user_bias, biases.item_bias
    mean = GlobalMean.fit(ratings).mean
    above = ratings.values.astype(np.float64) - mean
    sums = np.bincount(ratings.item_index, above, minlength=ratings.shape[1]).astype(np.float64)
    return mean, nothing, shrunken_means(sums, ratings.item_counts, regularization)
