"""What J cannot exceed, without a pass over the ratings."""

from __future__ import annotations

import math

import numpy as np

from mfteach.loss.squared_error import Loss
from mfteach.matrices.factors import Factors
from mfteach.matrices.rows import Table


class UpperBound:
    """What J cannot exceed at a point, from the largest entries alone: see `of`.

    It takes no pass over the ratings, and nearly always shows that J is in bounds.
    """

    def __init__(self, loss: Loss) -> None:
        self._n, self._largest = len(loss.ratings), _largest(loss.ratings.values)
        self._penalties = [float(share.sum()) for share in loss.penalties()]
        self._bias_penalty = loss.bias_regularization

    @np.errstate(over="ignore", invalid="ignore")
    def of(self, point: Factors) -> float:
        """With x = k max |u_is|² and y = k max |v_js|², no |u_i|² exceeds x, and no |v_j|² y.

        So no error exceeds max |r| + |mean| + max |b_i| + max |c_j| + sqrt(x y).
        """
        k = point.n_factors
        x, y = (k * largest * largest for largest in map(_largest, (point.U, point.V)))
        error = self._largest + abs(point.mean) + math.sqrt(x) * math.sqrt(y)
        penalty = self._penalties[0] * x + self._penalties[1] * y
        for bias in (point.user_bias, point.item_bias):
            if bias is not None:
                largest = _largest(bias)
                error += largest
                penalty += self._bias_penalty * len(bias) * largest * largest
        # Not ** 2, which is an error where * is infinite.
        return 0.5 * (self._n * error * error + penalty)


def _largest(numbers: Table) -> float:
    return max(float(numbers.max(initial=0.0)), -float(numbers.min(initial=0.0)))
