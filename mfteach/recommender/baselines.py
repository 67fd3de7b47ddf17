"""The two baselines that every model must beat: the mean, and mean plus biases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, instance, real_number
from mfteach.descent.bias_equations import penalized_biases
from mfteach.fast.engine import Engine, twins
from mfteach.loss.penalty import BIAS_REGULARIZATION
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.slabs import slabs

if TYPE_CHECKING:
    from scipy import sparse


@dataclass(frozen=True)
class GlobalMean:
    """The simplest baseline: every rating is the mean of all known ones."""

    mean: float

    @classmethod
    def fit(cls, ratings: Ratings) -> GlobalMean:
        """Take the mean of the known ratings."""
        if not len(instance(ratings, "ratings", Ratings)):
            raise InputError("there is no rating to take the mean of", "Give the ratings, too")
        return cls(float(np.mean(ratings.values, dtype=np.float64)))

    def predict(self, ratings: Ratings) -> NDArray[np.float64]:
        """The mean, once for each pair of ``ratings``."""
        return np.full(len(instance(ratings, "ratings", Ratings)), self.mean)


@dataclass(frozen=True)
class Biases:
    """The baseline to beat: r-hat_ij = mean + b_i + c_j, some people are generous, some films good.

    Attributes
    ----------
    mean : float
        The mean of the ratings it was fitted on.
    user_bias, item_bias : ndarray, shapes (m,) and (n,)
        b and c; 0 for a user or an item without a rating.
    """

    mean: float
    user_bias: NDArray[np.float64]
    item_bias: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        ratings: Ratings,
        regularization: float = BIAS_REGULARIZATION,
        engine: Engine = "auto",
    ) -> Biases:
        """Minimize sum_S (r_ij - mean - b_i - c_j)² + lambda (|b|² + |c|²), exactly.

        Parameters
        ----------
        ratings : Ratings
            What is known.
        regularization : float
            lambda, 0 or larger: how many ratings of pure "nothing special" each user and each
            item is given beforehand. At 0 the minimum-norm solution is taken.
        engine : {"auto", "numpy", "numba"}
            What computes, as for `mfteach.Loss`.

        Returns
        -------
        Biases
            Of the shape of the ratings.

        Raises
        ------
        ValueError
            For a regularization below 0, or one that is not a number.

        Source: Koren, Bell and Volinsky, Matrix factorization techniques for recommender
        systems (2009).
        """
        regularization = real_number(regularization, "regularization", "[0, inf)")
        mean = GlobalMean.fit(ratings).mean
        fast = twins(engine, len(ratings))  # what cannot be had is said at once
        if regularization:
            sums = fast.BiasSums(ratings.user_index, ratings.item_index, ratings.shape)
            counts = ratings.user_counts, ratings.item_counts
            above = sums.of_values(ratings.values, mean)
            return cls(mean, *penalized_biases(counts, above, regularization, sums.of_biases))
        both = _minimum_norm_biases(ratings, mean)
        return cls(mean, *np.split(both, ratings.shape[:1]))

    def predict(self, ratings: Ratings) -> NDArray[np.float64]:
        """Return mean + b_i + c_j for each pair of ``ratings``.

        Raises
        ------
        ValueError
            If the ratings have another shape than those it was fitted on.
        """
        shape = len(self.user_bias), len(self.item_bias)
        if instance(ratings, "ratings", Ratings).shape != shape:
            raise ValueError(f"biases of {shape} do not fit ratings of {ratings.shape}")
        predicted = np.empty(len(ratings))
        for some in slabs(len(ratings)):
            i, j = ratings.user_index[some], ratings.item_index[some]
            predicted[some] = self.mean + (self.user_bias[i] + self.item_bias[j])
        return predicted

    def residuals(self, ratings: Ratings) -> Ratings:
        """The same pairs with what the biases leave unexplained: r_ij - r-hat_ij."""
        left = self.predict(ratings)
        np.subtract(ratings.values, left, out=left)
        return ratings._holding(left)


def _minimum_norm_biases(ratings: Ratings, mean: float) -> NDArray[np.float64]:
    """Without regularization b + t and c - t are as good as b and c: take the minimum-norm one."""
    from scipy.sparse.linalg import lsmr

    above = ratings.values.astype(np.float64) - mean
    solved = lsmr(
        _indicator(ratings), above, atol=1e-12, btol=1e-12, maxiter=10 * sum(ratings.shape)
    )
    return np.asarray(solved[0])


def _indicator(ratings: Ratings) -> sparse.csr_matrix:
    """One row a rating, with a 1 in the column of its user and a 1 in that of its item."""
    from scipy import sparse

    m, n = ratings.shape
    columns = np.column_stack([ratings.user_index, m + ratings.item_index]).ravel()
    ones: NDArray[Any] = np.ones(2 * len(ratings))
    rows = np.arange(0, 2 * len(ratings) + 1, 2)
    return sparse.csr_matrix((ones, columns, rows), shape=(len(ratings), m + n))
