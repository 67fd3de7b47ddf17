"""J, "our big hairy equation" (lecture row S47), its errors and its gradient.

Each formula stands beside the line that computes it; the derivation is lesson 07's, and lesson
08 checks that the two agree.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import instance, one_of, real_number
from mfteach.fast.engine import ENGINES, Engine, Twins, row_squares, twins
from mfteach.loss.penalty import BIAS_REGULARIZATION, penalty_pair
from mfteach.loss.predictions import require_fit
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.rows import Known, Rows, Table

Weighting = Literal["plain", "by_count"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)


class Loss:
    """The squared error of factors on the known ratings, plus a penalty: a sum over S, not a mean.

    With e_ij = r_ij - r-hat_ij,

        J = 1/2 sum_{(i,j) in S} e_ij^2 + lambda/2 (sum_i c_i |u_i|^2 + sum_j d_j |v_j|^2)

    where c_i = d_j = 1 (``"plain"``), or the number of ratings of user i and of item j
    (``"by_count"``, known as ALS-WR). Where the factors carry learned biases, those are learned
    and have their penalty too: J + lambda_b/2 (|b|^2 + |c|^2), whatever the weighting.

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
    engine : str
        What computes J, its gradient, and the steps of the solvers that descend it: one of
        `mfteach.fast.engine.ENGINES`; see `mfteach.fast.engine.twins`.

    Raises
    ------
    ValueError
        For a penalty below 0, another weighting or another engine.
    ImportError
        For an engine that cannot be imported.

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
        self.ratings = instance(ratings, "ratings", Ratings)
        self.user_regularization, self.item_regularization = penalty_pair(regularization)
        self.regularization = regularization
        self.weighting: Weighting = one_of(weighting, "weighting", WEIGHTINGS)
        self.bias_regularization = real_number(
            bias_regularization, "bias_regularization", "[0, inf)"
        )
        self.engine: Engine = one_of(engine, "engine", ENGINES)
        if self.engine != "auto":
            twins(self.engine, len(ratings))  # what cannot be had is said at once

    @property
    def _fast(self) -> Twins:
        return twins(self.engine, len(self.ratings))

    def __repr__(self) -> str:
        return (
            f"Loss({self.ratings!r}, regularization={self.regularization}, "
            f"weighting={self.weighting!r})"
        )

    def errors(self, factors: Factors) -> Table:
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
        require_fit(self.ratings, factors)
        return self._fast.errors(Known.of(self.ratings, factors), factors.U, factors.V)

    def targets(self, factors: Factors) -> Table:
        """What U and V have to explain: r_ij - mean - b_i - c_j, in the order of the ratings."""
        require_fit(self.ratings, factors)
        return self._fast.targets(Known.of(self.ratings, factors))

    def value(self, factors: Factors) -> float:
        """J at ``factors``: half the sum of squared errors, plus the penalty (row S47)."""
        e = self.errors(factors)
        c, d = self.penalties()
        # These sums are numbers, not tables: in double precision they cost nothing.
        J = 0.5 * _square_sum(e)
        if self.user_regularization:
            J += 0.5 * float(np.sum(c * row_squares(factors.U)))
        if self.item_regularization:
            J += 0.5 * float(np.sum(d * row_squares(factors.V)))
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
        targets, ratings = self.targets(factors), self.ratings
        of_users, of_items = self._neighbours
        users = Rows.of(ratings.by_user, of_users, targets, c)
        items = Rows.of(ratings.by_item, of_items, targets, d)
        dU, dV, by_user, by_item = self._fast.gradient(users, items, factors.U, factors.V)
        if factors.user_bias is None or factors.item_bias is None or not factors.learned_biases:
            return Factors(dU, dV)
        penalty = float(self.bias_regularization)
        return Factors(
            dU,
            dV,
            user_bias=penalty * factors.user_bias - by_user,
            item_bias=penalty * factors.item_bias - by_item,
            learned_biases=True,
        )

    @cached_property
    def _neighbours(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The items of each user, and the users of each item: the same at every point."""
        ratings = self.ratings
        i, j = ratings.user_index.astype(np.uint32), ratings.item_index.astype(np.uint32)
        return j[ratings.by_user.order], i[ratings.by_item.order]

    def penalties(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """lambda c_i and lambda d_j: of each row of U and of V, shapes (m,) and (n,)."""
        m, n = self.ratings.shape
        c, d = np.ones(m), np.ones(n)
        if self.weighting == "by_count":
            c, d = self.ratings.user_counts * c, self.ratings.item_counts * d
        return self.user_regularization * c, self.item_regularization * d


def require_start(loss: Loss, start: Factors) -> None:
    """Refuse a start that a solver cannot descend from: of another type, or another shape."""
    instance(loss, "loss", Loss)
    if instance(start, "start", Factors).shape != loss.ratings.shape:
        raise ValueError(f"{start!r} does not fit {loss.ratings!r}: start has another shape")


def _square_sum(numbers: Any) -> float:
    return float(np.einsum("n,n->", numbers, numbers, dtype=np.float64))
