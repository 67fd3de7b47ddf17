"""check_gradient: it passes what is right, catches what is wrong, and is itself checked."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from oracles import central_differences

from mfteach import Factors, Loss, check_gradient, datasets
from mfteach.loss import Function

RATINGS = datasets.history_romance(surprise=True)
POINT = Factors.random(RATINGS.shape, 2, rng=0, scale=1.0)
RIGHT = Loss(RATINGS, 0.5)


def with_gradient(gradient):
    return Function(value=RIGHT.value, gradient=gradient)


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("h", [1e-1, 1e-2, 1e-3, 1e-4])
def test_a_right_gradient_passes(h, weighting):
    assert check_gradient(Loss(RATINGS, 0.5, weighting), POINT, h) < 1e-9


def test_j_needs_no_small_h_and_suffers_from_one():
    error = {h: check_gradient(RIGHT, POINT, h) for h in (0.1, 1e-7, 1e-10)}
    assert error[0.1] < 1e-13
    assert 1e-10 < error[1e-7] < 1e-6
    assert 1e-7 < error[1e-10] < 1e-3


@pytest.mark.parametrize(
    ("wrong", "at_least"),
    [
        (lambda p: -RIGHT.gradient(p), 1 - 1e-9),
        (lambda p: 2 * RIGHT.gradient(p), 0.3),
        (lambda p: Loss(RATINGS).gradient(p), 0.01),
        (lambda p: Factors(RIGHT.gradient(p).U, -RIGHT.gradient(p).V), 0.1),
        (lambda p: Factors(np.roll(RIGHT.gradient(p).U, 1, axis=1), RIGHT.gradient(p).V), 0.1),
        (lambda p: RIGHT.gradient(p) + Factors(1e-6 + 0 * p.U, 0 * p.V), 1e-8),
    ],
)
def test_a_wrong_gradient_is_caught(wrong, at_least):
    assert at_least <= check_gradient(with_gradient(wrong), POINT) <= 1 + 1e-9


def test_the_figure_is_the_one_that_is_documented():
    """|g - d| / (|g| + |d|), with differences taken by other code."""
    loss, point = Function(np.exp, lambda x: 1.1 * np.exp(x)), 0.7
    d = (np.exp(0.7 + 1e-3) - np.exp(0.7 - 1e-3)) / 2e-3
    g = 1.1 * np.exp(0.7)
    assert check_gradient(loss, point) == pytest.approx((g - d) / (g + d), rel=1e-9)
    slopes = central_differences(lambda x: RIGHT.value(POINT.with_entries(x)), np.asarray(POINT))
    assert_allclose(slopes, np.asarray(RIGHT.gradient(POINT)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("point", [2, 2.0, np.float32(2), [1, 2], np.ones((2, 3))])
def test_every_kind_of_point(point):
    parabola = Function(lambda x: 3 * np.sum(x**2), lambda x: 6 * x)
    assert check_gradient(parabola, point) < 1e-9
    assert check_gradient(Function(parabola.value, lambda x: 5 * x), point) > 0.05


def test_a_list_as_gradient_and_a_gradient_of_zero():
    saddle = Function(lambda p: 3 * p[0] ** 2 - 2 * p[1] ** 2, lambda p: [6 * p[0], -4 * p[1]])
    assert check_gradient(saddle, [1, 2]) < 1e-9
    assert check_gradient(Function(lambda x: 7.0, lambda x: 0.0), 1.0) == 0


def test_single_precision_factors_are_checked_in_double():
    single = Factors(POINT.U.astype(np.float32), POINT.V.astype(np.float32))
    assert check_gradient(RIGHT, single) < 1e-9


def test_the_point_is_not_changed():
    point = np.array([1.0, 2.0])
    check_gradient(Function(lambda x: x @ x, lambda x: 2 * x), point)
    assert point.tolist() == [1, 2]


@pytest.mark.parametrize("h", [0, -1e-3, np.nan, np.inf])
def test_bad_h_is_refused(h):
    with pytest.raises(ValueError, match="h must be a positive number"):
        check_gradient(RIGHT, POINT, h)


def test_what_is_not_finite_is_named_by_coordinate():
    parabola = Function(lambda x: x @ x, lambda x: np.array([2 * x[0], np.nan]))
    with pytest.raises(ValueError, match="the gradient is nan at coordinate 1 of the point"):
        check_gradient(parabola, [1.0, 2.0])
    steep = Function(lambda x: np.inf if x[2] > 3 else 0.0, lambda x: x)
    with pytest.raises(ValueError, match="the central difference is inf at coordinate 2"):
        check_gradient(steep, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="the gradient has 1 entries, but the point has 2"):
        check_gradient(Function(lambda x: x @ x, lambda x: 2.0), [1.0, 2.0])


def test_the_gradient_by_learned_biases_is_right():
    ratings = datasets.history_romance(surprise=True)
    random = Factors.random(ratings.shape, 2, rng=0, scale=1.0)
    generator = np.random.default_rng(1)
    b, c = generator.normal(size=7), generator.normal(size=6)
    point = Factors(random.U, random.V, mean=0.3, user_bias=b, item_bias=c, learned_biases=True)
    assert check_gradient(Loss(ratings, 0.5, bias_regularization=2.0), point) < 1e-9
