"""Why this number? A prediction, taken apart into what made it.

r-hat_ij = mean + b_i + c_j + sum_s u_is v_js is a sum already. And the last part is one over the
ratings of user i as well: the normal equations make u_i a linear function of them,

    sum_s u_is v_js = sum_{l in I_i} w_l (r_il - mean - b_i - c_l),    w_l = v_jᵀ A⁻¹ v_l,
    A = sum_{l in I_i} v_l v_lᵀ + lambda c_i 1

so that each film that i has rated has a share in the prediction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import instance, whole_number
from mfteach.loss.squared_error import Loss
from mfteach.matrices.factors import Factors


@dataclass(frozen=True)
class Explanation:
    """What made r-hat_ij: the shares in each of the two sums add up to ``prediction``.

    Attributes
    ----------
    prediction : float
        mean + user_bias + item_bias + sum of ``by_factor``.
    mean, user_bias, item_bias : float
        0 if the factors carry no biases.
    by_factor : ndarray of shape (k,)
        u_is v_js of each factor s.
    items : ndarray of shape (n_i,)
        Labels of what user i has rated, the largest share first.
    ratings : ndarray of shape (n_i,)
        The ratings r_il themselves.
    by_item : ndarray of shape (n_i,)
        The share of each rated item in sum_s u_is v_js.
    remainder : float
        sum_s u_is v_js less the sum of ``by_item``: 0 if u_i is exactly the best for V as it is
        (after a half step of least squares, or `mfteach.recommender.fold_in`), else how far it
        is from that.
    """

    prediction: float
    mean: float
    user_bias: float
    item_bias: float
    by_factor: NDArray[np.floating[Any]]
    items: NDArray[Any]
    ratings: NDArray[np.floating[Any]]
    by_item: NDArray[np.floating[Any]]
    remainder: float

    def __str__(self) -> str:
        factors = float(self.by_factor.sum())
        lines = [
            f"{self.prediction:.2f} = {self.mean:.2f} mean {self.user_bias:+.2f} user "
            f"{self.item_bias:+.2f} item {factors:+.2f} factors"
        ]
        lines += [
            f"  {share:+.2f} rated {item!r} {rating:g}"
            for item, rating, share in zip(
                self.items.tolist(), self.ratings.tolist(), self.by_item.tolist(), strict=True
            )
        ]
        return "\n".join(lines)


def explain(factors: Factors, user: int, item: int, loss: Loss | None = None) -> Explanation:
    """Take r-hat_ij apart.

    Parameters
    ----------
    factors : Factors
        Of shape (m, n).
    user, item : int
        i and j, row numbers of U and of V.
    loss : Loss, optional
        What the factors were fitted by: its ratings and its regularization give the shares of
        the rated items. Without it there are none, and all is remainder.

    Raises
    ------
    ValueError
        If a row number is out of range, or the loss has another shape.
    """
    m, n = instance(factors, "factors", Factors).shape
    user, item = whole_number(user, "user", 0, m - 1), whole_number(item, "item", 0, n - 1)
    if loss is not None:
        instance(loss, "loss", Loss)
    by_factor = factors.U[user] * factors.V[item]
    i, j = np.array([user]), np.array([item])
    bias = (0.0, 0.0)
    if factors.user_bias is not None and factors.item_bias is not None:
        bias = float(factors.user_bias[user]), float(factors.item_bias[item])
    nothing: NDArray[Any] = np.empty(0)
    items, ratings, shares = nothing, nothing, nothing
    if loss is not None:
        items, ratings, shares = _shares(factors, user, item, loss)
    return Explanation(
        prediction=float(factors.offsets(i, j)[0] + by_factor.sum()),
        mean=factors.mean,
        user_bias=bias[0],
        item_bias=bias[1],
        by_factor=by_factor,
        items=items,
        ratings=ratings,
        by_item=shares,
        remainder=float(by_factor.sum() - shares.sum()),
    )


def _shares(
    factors: Factors, user: int, item: int, loss: Loss
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.floating[Any]]]:
    """Labels, ratings and shares of what the user has rated, the largest share first."""
    known = loss.ratings
    if known.shape != factors.shape:
        raise ValueError(f"{factors!r} does not fit {known!r}")
    at = known.by_user[user]
    rated = known.item_index[at]
    V = factors.V[rated].astype(np.float64)
    A = V.T @ V + loss.penalties()[0][user] * np.eye(factors.n_factors)
    left = known.values[at] - factors.offsets(np.full(len(at), user), rated)
    # The pseudo-inverse gives the minimum-norm solution where there is no regularization.
    shares = (V @ np.linalg.pinv(A, hermitian=True) @ factors.V[item]) * left
    order = np.argsort(-shares, kind="stable")
    return known.item_labels[rated[order]], known.values[at][order], shares[order]
