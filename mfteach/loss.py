"""J, "our big hairy equation" (lecture row S47), its errors and its gradient.

Each formula stands beside the line that computes it; the derivation is lesson 07's, and lesson
08 checks that the two agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from mfteach.factors import Factors
from mfteach.ratings import Ratings

if TYPE_CHECKING:
    from scipy import sparse

# Rows of U and V gathered at a time: few enough that they stay in the cache.
SLAB = 16_000

Weighting = Literal["plain", "by_count"]


class Loss:
    """How wrong factors are about the known ratings: a sum over S, not a mean.

    With e_ij = r_ij - sum_s u_is v_js,

        J = 1/2 sum_{(i,j) in S} e_ij^2 + lambda/2 (sum_i c_i |u_i|^2 + sum_j d_j |v_j|^2)

    where c_i = d_j = 1 (``"plain"``), or the number of ratings of user i and of item j
    (``"by_count"``, known as ALS-WR).

    Parameters
    ----------
    ratings : Ratings
        S and r_ij.
    regularization : float
        lambda, 0 or larger.
    weighting : {"plain", "by_count"}
        The meaning of c_i and d_j.

    Source: lecture rows S47 and S67; Zhou et al., Large-scale parallel collaborative filtering
    for the Netflix prize (2008), for ``"by_count"``.
    """

    def __init__(
        self, ratings: Ratings, regularization: float = 0.0, weighting: Weighting = "plain"
    ) -> None:
        if not (np.isfinite(regularization) and regularization >= 0):
            raise ValueError(f"regularization must be 0 or larger, but is {regularization}")
        if weighting not in ("plain", "by_count"):
            raise ValueError(f"weighting is 'plain' or 'by_count', not {weighting!r}")
        self.ratings = ratings
        self.regularization = regularization
        self.weighting = weighting

    def __repr__(self) -> str:
        return (
            f"Loss({self.ratings!r}, regularization={self.regularization}, "
            f"weighting={self.weighting!r})"
        )

    def errors(self, factors: Factors) -> NDArray[np.floating[Any]]:
        """e_ij = r_ij - sum_s u_is v_js for every known rating, in the order of the ratings.

        Parameters
        ----------
        factors : Factors
            U of shape (m, k) and V of shape (n, k).

        Returns
        -------
        ndarray of shape (n_ratings,)
            Positive where the prediction is too low.

        Raises
        ------
        ValueError
            If the factors do not fit the ratings; the message quotes both shapes.

        Source: lecture rows S47 and S60.
        """
        return self._values_like(factors) - predictions(self.ratings, factors)

    def value(self, factors: Factors) -> float:
        """J at ``factors``: half the sum of squared errors, plus the penalty (row S47)."""
        e = self.errors(factors)
        penalty = 0.0
        if self.regularization:
            c, d = self._weights()
            squares = _row_squares(factors.U) @ c + _row_squares(factors.V) @ d
            penalty = 0.5 * self.regularization * float(squares)
        return 0.5 * float(e @ e) + penalty

    def gradient(self, factors: Factors) -> Factors:
        """All partial derivatives of J at ``factors``.

            dJ/du_is = - sum_{j in I_i} e_ij v_js + lambda c_i u_is     that is  -E V
            dJ/dv_js = - sum_{i in U_j} e_ij u_is + lambda d_j v_js     that is  -Eᵀ U

        where E holds e_ij at the known ratings and nothing elsewhere.

        Returns
        -------
        Factors
            dJ/dU of shape (m, k) as ``U`` and dJ/dV of shape (n, k) as ``V``.

        Source: lecture rows S59 and S63.
        """
        E = self._sparse(self.errors(factors))
        gradient = Factors(-(E @ factors.V), -(E.T @ factors.U))
        if not self.regularization:
            return gradient
        c, d = (self.regularization * weights[:, None] for weights in self._weights())
        penalty = Factors(
            c.astype(factors.U.dtype) * factors.U, d.astype(factors.V.dtype) * factors.V
        )
        return gradient + penalty

    def _values_like(self, factors: Factors) -> NDArray[np.floating[Any]]:
        return self.ratings.values.astype(factors.U.dtype, copy=False)

    def _weights(self) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
        """c_i and d_j, of shapes (m,) and (n,)."""
        if self.weighting == "plain":
            m, n = self.ratings.shape
            return np.ones(m), np.ones(n)
        by_user, by_item = self.ratings.by_user, self.ratings.by_item
        return by_user.counts.astype(float), by_item.counts.astype(float)

    def _sparse(self, e: NDArray[np.floating[Any]]) -> sparse.csr_matrix:
        """E as a sparse matrix: an error of 0 is stored like every other."""
        from scipy import sparse  # loaded with the first gradient: it takes longer than NumPy

        rows = self.ratings.by_user
        columns = self.ratings.item_index[rows.order]
        return sparse.csr_matrix((e[rows.order], columns, rows.starts), shape=self.ratings.shape)


def predictions(ratings: Ratings, factors: Factors) -> NDArray[np.floating[Any]]:
    """sum_s u_is v_js for the pairs (i, j) of ``ratings``, shape (n_ratings,) (row S61).

    Raises
    ------
    ValueError
        If the factors do not fit the ratings; the message quotes both shapes.
    """
    if factors.shape != ratings.shape:
        raise ValueError(
            f"factors for {factors.shape} users and items do not fit ratings of {ratings.shape}"
        )
    predicted = np.empty(len(ratings), dtype=factors.U.dtype)
    for start in range(0, len(ratings), SLAB):
        slab = slice(start, start + SLAB)
        U_rows = factors.U[ratings.user_index[slab]]
        V_rows = factors.V[ratings.item_index[slab]]
        np.einsum("ns,ns->n", U_rows, V_rows, out=predicted[slab])
    return predicted


def _row_squares(table: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    return np.asarray(np.einsum("is,is->i", table, table))
