"""J of implicit feedback: a sum over all pairs, the blanks included, without a look at any blank.

Who watched a film said something by it, and who did not said a little as well. So each pair of a
user and an item has a target and a confidence,

    p_ij = 1, c_ij = 1 + alpha r_ij    where (i, j) is known: r_ij tells how often, or how much
    p_ij = 0, c_ij = 1                 elsewhere

and with the predictions x_ij = sum_s u_is v_js

    J = 1/2 sum_{i,j} c_ij (p_ij - x_ij)² + lambda/2 (|U|² + |V|²)

The sum has m n terms, most of them 1/2 x_ij² of a blank. But the sum of all x_ij² needs only the
two products UᵀU and VᵀV of k x k numbers, and then the known pairs are put right:

    sum_{i,j} c_ij (p_ij - x_ij)² = trace(UᵀU VᵀV) + sum_S (c_ij (1 - x_ij)² - x_ij²)
"""

from __future__ import annotations

import numpy as np

from mfteach.arguments import InputError, instance, one_of, real_number
from mfteach.fast.engine import ENGINES, Engine, twins
from mfteach.loss.predictions import require_fit
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.rows import Known, Table


class ImplicitLoss:
    """The squared error of factors on all pairs, each weighted by its confidence, plus a penalty.

        J = 1/2 sum_{i,j} c_ij (p_ij - sum_s u_is v_js)² + lambda/2 (|U|² + |V|²)

    where p_ij = 1 and c_ij = 1 + alpha r_ij for what is known, p_ij = 0 and c_ij = 1 for all else.

    Parameters
    ----------
    ratings : Ratings
        What users have done, with values above 0: how often, how long, how many stars. A pair
        that is not here is a blank, and says "probably not".
    alpha : float
        How much a value adds to the confidence, 0 or larger.
    regularization : float
        lambda, 0 or larger.
    engine : str
        What computes, as for `mfteach.Loss`.

    Raises
    ------
    ValueError
        For a value that is not above 0 (the message names its user and its item), an alpha or a
        regularization out of range, another engine.
    ImportError
        For an engine that cannot be imported.

    Source: Hu, Koren and Volinsky, Collaborative filtering for implicit feedback datasets (2008).
    """

    def __init__(
        self,
        ratings: Ratings,
        alpha: float = 1.0,
        regularization: float = 0.0,
        *,
        engine: Engine = "auto",
    ) -> None:
        self.ratings = instance(ratings, "ratings", Ratings)
        self.alpha = real_number(alpha, "alpha", "[0, inf)")
        self.regularization = real_number(regularization, "regularization", "[0, inf)")
        self.engine: Engine = one_of(engine, "engine", ENGINES)
        if self.engine != "auto":
            twins(self.engine, len(ratings))  # what cannot be had is said at once
        require_positive(ratings)

    def __repr__(self) -> str:
        return (
            f"ImplicitLoss({self.ratings!r}, alpha={self.alpha}, "
            f"regularization={self.regularization})"
        )

    def value(self, factors: Factors) -> float:
        """J at ``factors``, of which U is of shape (m, k) and V of shape (n, k).

        Raises
        ------
        ValueError
            If the factors do not fit the ratings, or carry biases.
        """
        e = self._errors(factors)
        U, V = (table.astype(np.float64) for table in (factors.U, factors.V))
        of_users, of_items = U.T @ U, V.T @ V
        everywhere = float(np.sum(of_users * of_items))
        corrections = float(np.sum((1 + self._extra()) * e**2 - (1 - e) ** 2))
        penalty = self.regularization * float(np.trace(of_users) + np.trace(of_items))
        return 0.5 * (everywhere + corrections + penalty)

    def gradient(self, factors: Factors) -> Factors:
        """All partial derivatives of J at ``factors``.

            dJ/du_is = - sum_j c_ij (p_ij - x_ij) v_js + lambda u_is    (over all items j)
                     = sum_q (VᵀV)_sq u_iq - sum_{j in I_i} t_ij v_js + lambda u_is

        with t_ij = c_ij (1 - x_ij) + x_ij at the known pairs; dJ/dv_js likewise.

        Raises
        ------
        ValueError
            As `value`.
        """
        from scipy import sparse  # loaded here: it takes longer than NumPy

        e, (U, V) = self._errors(factors), (factors.U, factors.V)
        known = self.ratings
        t = ((1 + self._extra()) * e + (1 - e)).astype(U.dtype)
        T = sparse.csr_matrix((t, (known.user_index, known.item_index)), shape=known.shape)
        penalty = self.regularization
        return Factors(
            U @ (V.T @ V) - T @ V + penalty * U,
            V @ (U.T @ U) - T.T @ U + penalty * V,
        )

    def known(self, factors: Factors) -> Known:
        """The known pairs and their values r_ij.

        Raises
        ------
        ValueError
            As `value`, and if alpha r_ij is too large for the precision of the factors.
        """
        require_fit(self.ratings, factors)
        if factors.user_bias is not None or factors.mean:
            raise InputError(
                "implicit feedback has no mean and no biases: give factors without them"
            )
        dtype, ratings = factors.U.dtype, self.ratings
        if max(self.alpha, 1.0) * float(ratings.values.max()) > float(np.finfo(dtype).max):
            raise InputError(f"alpha times a value leaves the range of {dtype}", "Scale them down")
        nothing = np.empty(0, dtype)
        return Known(
            ratings.user_index, ratings.item_index, ratings.values, dtype.type(0), nothing, nothing
        )

    def _extra(self) -> Table:
        """c_ij - 1 of the known pairs, in the order of the ratings."""
        return np.asarray(self.alpha * self.ratings.values.astype(np.float64))

    def _errors(self, factors: Factors) -> Table:
        """1 - x_ij of the known pairs."""
        known = self.known(factors)
        ones = known._replace(r=np.ones(len(known.r), factors.U.dtype))
        fast = twins(self.engine, len(self.ratings))
        return fast.errors(ones, factors.U, factors.V).astype(np.float64)


def require_positive(ratings: Ratings) -> None:
    """Refuse a value of implicit feedback that is not above 0; the message names the first."""
    wrong = np.flatnonzero(ratings.values <= 0)
    if not len(wrong):
        return
    user, item = ratings.users[wrong[0]].item(), ratings.items[wrong[0]].item()
    raise InputError(
        f"user {user!r} and item {item!r} have the value {ratings.values[wrong[0]]:g}, but "
        "implicit feedback is above 0",
        "Leave such pairs out, as ratings.take(numpy.flatnonzero(ratings.values > 0)) does: a "
        "blank stands for no interaction",
    )
