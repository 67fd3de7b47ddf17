"""J, "our big hairy equation" (lecture row S47), its errors and its gradient.

Each formula stands beside the line that computes it; the derivation is lesson 07's, and lesson
08 checks that the two agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from mfteach.fast.engine import Engine, kernels_for
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings

if TYPE_CHECKING:
    from types import ModuleType

    from scipy import sparse

from mfteach.loss.penalty import BIAS_REGULARIZATION, require_penalty
from mfteach.loss.predictions import predictions, require_fit

Weighting = Literal["plain", "by_count"]


class Loss:
    """How wrong factors are about the known ratings: a sum over S, not a mean.

    With e_ij = r_ij - r-hat_ij,

        J = 1/2 sum_{(i,j) in S} e_ij^2 + lambda/2 (sum_i c_i |u_i|^2 + sum_j d_j |v_j|^2)

    where c_i = d_j = 1 (``"plain"``), or the number of ratings of user i and of item j
    (``"by_count"``, known as ALS-WR). Where the factors carry learned biases, those are learned
    and have their price too: J + lambda_b/2 (|b|^2 + |c|^2), whatever the weighting.

    Parameters
    ----------
    ratings : Ratings
        S and r_ij.
    regularization : float or pair of float
        lambda, 0 or larger: one for all, or one for users and one for items.
    weighting : {"plain", "by_count"}
        The meaning of c_i and d_j.
    bias_regularization : float
        lambda_b, 0 or larger; of learned biases only.
    engine : {"auto", "numpy", "numba"}
        What computes J, its gradient, and the steps of the solvers that descend it: NumPy, or
        compiled kernels (``pip install 'mfteach[fast]'``). "auto" takes the kernels for large
        data where they are installed; see `mfteach.fast.engine.kernels_for`.

    Raises
    ------
    ValueError
        For a price below 0, another weighting or another engine.
    ImportError
        For ``engine="numba"`` where Numba cannot be imported.

    Source: lecture rows S47 and S67; Zhou et al., Large-scale parallel collaborative filtering
    for the Netflix prize (2008), for ``"by_count"``.
    """

    def __init__(
        self,
        ratings: Ratings,
        regularization: float | tuple[float, float] = 0.0,
        weighting: Weighting = "plain",
        *,
        bias_regularization: float = BIAS_REGULARIZATION,
        engine: Engine = "auto",
    ) -> None:
        self.user_regularization, self.item_regularization = _pair(regularization)
        require_penalty(bias_regularization, "bias_regularization")
        if weighting not in ("plain", "by_count"):
            raise ValueError(f"weighting is 'plain' or 'by_count', not {weighting!r}")
        self.ratings = ratings
        self.regularization = regularization
        self.weighting = weighting
        self.bias_regularization = bias_regularization
        self.engine: Engine = engine
        if engine != "auto":
            kernels_for(engine, len(ratings))  # what cannot be had is said at once

    @property
    def kernels(self) -> ModuleType | None:
        """The compiled kernels that compute, or None where NumPy does."""
        return kernels_for(self.engine, len(self.ratings))

    def __repr__(self) -> str:
        return (
            f"Loss({self.ratings!r}, regularization={self.regularization}, "
            f"weighting={self.weighting!r})"
        )

    def errors(self, factors: Factors) -> NDArray[np.floating[Any]]:
        """e_ij = r_ij - sum_s u_is v_js for every known rating, in the order of the ratings.

        Where the factors carry biases, mean + b_i + c_j is taken off as well.

        Parameters
        ----------
        factors : Factors
            U of shape (m, k) and V of shape (n, k), and biases if wanted.

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
        kernels = self.kernels
        if kernels is None:
            return self._values_like(factors) - predictions(self.ratings, factors)
        require_fit(self.ratings, factors)
        e: NDArray[np.floating[Any]] = kernels.errors(self.ratings, factors)
        return e

    def targets(self, factors: Factors) -> NDArray[np.floating[Any]]:
        """What U and V have to explain: r_ij - mean - b_i - c_j, in the order of the ratings."""
        require_fit(self.ratings, factors)
        i, j = self.ratings.user_index, self.ratings.item_index
        return np.asarray(self._values_like(factors) - factors.offsets(i, j))

    def value(self, factors: Factors) -> float:
        """J at ``factors``: half the sum of squared errors, plus the penalty (row S47)."""
        e = self.errors(factors)
        c, d = self.penalties()
        # These sums are numbers, not tables: in double precision they cost nothing.
        J = 0.5 * _square_sum(e)
        if self.user_regularization:
            J += 0.5 * float(c @ row_squares(factors.U))
        if self.item_regularization:
            J += 0.5 * float(d @ row_squares(factors.V))
        if factors.learned_biases:
            biases = _square_sum(factors.user_bias) + _square_sum(factors.item_bias)
            J += 0.5 * self.bias_regularization * biases
        return J

    def gradient(self, factors: Factors) -> Factors:
        """All partial derivatives of J at ``factors``.

            dJ/du_is = - sum_{j in I_i} e_ij v_js + lambda c_i u_is     that is  -E V
            dJ/dv_js = - sum_{i in U_j} e_ij u_is + lambda d_j v_js     that is  -Eᵀ U

        where E holds e_ij at the known ratings and nothing elsewhere. With learned biases also

            dJ/db_i = - sum_{j in I_i} e_ij + lambda_b b_i,  and dJ/dc_j likewise.

        Returns
        -------
        Factors
            dJ/dU of shape (m, k) as ``U`` and dJ/dV of shape (n, k) as ``V``; for learned biases
            dJ/db and dJ/dc as ``user_bias`` and ``item_bias``.

        Source: lecture rows S59 and S63.
        """
        c, d = self.penalties()
        dU, dV, by_user, by_item = self._sums(factors, c, d)
        if factors.user_bias is None or factors.item_bias is None or not factors.learned_biases:
            return Factors(dU, dV)
        price = float(self.bias_regularization)
        return Factors(
            dU,
            dV,
            user_bias=price * factors.user_bias - by_user,
            item_bias=price * factors.item_bias - by_item,
            learned_biases=True,
        )

    def _sums(
        self, factors: Factors, c: NDArray[np.float64], d: NDArray[np.float64]
    ) -> tuple[NDArray[np.floating[Any]], ...]:
        """dJ/dU and dJ/dV, and the sums of the errors of each user and of each item."""
        U, V, ratings, kernels = factors.U, factors.V, self.ratings, self.kernels
        if kernels is not None:
            r = self.targets(factors)
            dU, by_user = kernels.row_gradients(ratings.by_user, ratings.item_index, r, U, V, c)
            dV, by_item = kernels.row_gradients(ratings.by_item, ratings.user_index, r, V, U, d)
            return dU, dV, by_user, by_item
        E = self._sparse(self.errors(factors))
        dU, dV = -(E @ V), -(E.T @ U)
        if self.user_regularization:
            dU += c.astype(U.dtype)[:, None] * U
        if self.item_regularization:
            dV += d.astype(U.dtype)[:, None] * V
        return dU, dV, np.asarray(E.sum(axis=1)).ravel(), np.asarray(E.sum(axis=0)).ravel()

    def penalties(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """lambda c_i and lambda d_j: the price of each row of U and of V, shapes (m,) and (n,)."""
        m, n = self.ratings.shape
        c, d = np.ones(m), np.ones(n)
        if self.weighting == "by_count":
            c, d = self.ratings.user_counts * c, self.ratings.item_counts * d
        return self.user_regularization * c, self.item_regularization * d

    def _values_like(self, factors: Factors) -> NDArray[np.floating[Any]]:
        return self.ratings.values.astype(factors.U.dtype, copy=False)

    def _sparse(self, e: NDArray[np.floating[Any]]) -> sparse.csr_matrix:
        """E as a sparse matrix: an error of 0 is stored like every other."""
        from scipy import sparse  # loaded with the first gradient: it takes longer than NumPy

        rows = self.ratings.by_user
        columns = self.ratings.item_index[rows.order]
        return sparse.csr_matrix((e[rows.order], columns, rows.starts), shape=self.ratings.shape)


def _pair(regularization: float | tuple[float, float]) -> tuple[float, float]:
    """The price of users and of items, from one number for both or from two."""
    if np.ndim(regularization) == 0:
        require_penalty(regularization, "regularization")
        return float(regularization), float(regularization)  # type: ignore[arg-type]
    if np.shape(regularization) != (2,):
        raise ValueError(
            f"regularization is one number, or one for users and one for items, not "
            f"{regularization!r}"
        )
    user, item = regularization  # type: ignore[misc]
    require_penalty(user, "regularization of users")
    require_penalty(item, "regularization of items")
    return float(user), float(item)


def _square_sum(numbers: Any) -> float:
    return float(np.einsum("n,n->", numbers, numbers, dtype=np.float64))


def row_squares(table: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """|x|² of each row x of a table, in double precision."""
    return np.asarray(np.einsum("is,is->i", table, table, dtype=np.float64))
