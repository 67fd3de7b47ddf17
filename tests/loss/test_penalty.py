"""The penalty on biases: one default for all, and the shrinkage against a minimiser."""

import inspect

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from mfteach import Loss
from mfteach.loss.penalty import BIAS_REGULARIZATION, penalty_pair, shrunken_means
from mfteach.recommender import Biases, fold_in


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Loss, "bias_regularization"),
        (Biases.fit, "regularization"),
        (fold_in, "bias_regularization"),
    ],
)
def test_one_default_for_all(function, name):
    assert inspect.signature(function).parameters[name].default == BIAS_REGULARIZATION == 5.0


@pytest.mark.parametrize("penalty", [0.0, 0.3, 5.0])
def test_a_shrunken_mean_is_where_the_penalized_error_is_lowest(penalty):
    ratings = [np.array([1.0, 2.0, 4.0]), np.array([-3.0])]
    sums, counts = np.array([r.sum() for r in ratings]), np.array([3, 1])
    for b, r in zip(shrunken_means(sums, counts, penalty), ratings, strict=True):
        lowest = minimize_scalar(lambda x, r=r: 0.5 * np.sum((r - x) ** 2) + 0.5 * penalty * x**2)
        assert b == pytest.approx(lowest.x, abs=1e-6)


def test_without_ratings_a_bias_is_0_also_without_regularization():
    for penalty in (0.0, 5.0):
        assert shrunken_means(np.zeros(2), np.array([0, 0]), penalty).tolist() == [0, 0]


@pytest.mark.parametrize("penalty", [-1, np.nan, np.inf])
def test_what_is_no_penalty_is_refused_by_name(penalty):
    for pair, of in ((penalty, ""), ((1, penalty), " of items"), ([penalty, 1], " of users")):
        with pytest.raises(ValueError, match=f"regularization{of} must be 0 or larger"):
            penalty_pair(pair)


def test_one_penalty_is_for_both_and_a_pair_for_each():
    assert penalty_pair(0) == (0.0, 0.0)
    assert penalty_pair(np.array([1, 2])) == penalty_pair([1, 2.0]) == (1.0, 2.0)
    for wrong in ([1], (1, 2, 3), np.ones((2, 2, 2)), "10", {1, 2}, None, [[1, 2], [3]]):
        with pytest.raises(TypeError, match=r"^regularization"):
            penalty_pair(wrong)
