"""gradient_descent against closed forms: what it does, when it diverges, and what it then says."""

import math
import pickle
from itertools import islice, pairwise

import numpy as np
import pytest
from cases import some
from numpy.testing import assert_allclose, assert_array_equal
from oracles import gradient_by_loops, nth, numbered

from mfteach import DivergenceError, Factors, Loss, datasets, gradient_descent
from mfteach.descent import suggest_learning_rate
from mfteach.descent.steps import DIVERGED
from mfteach.loss import Function

A = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]])
BOWL = Function(lambda x: 0.5 * x @ A @ x, lambda x: A @ x)
LARGEST = np.linalg.eigvalsh(A)[-1]
START = np.array([1.0, -2.0, 3.0])
SADDLE = Function(lambda p: 3 * p[0] ** 2 - 2 * p[1] ** 2, lambda p: np.array([6, -4]) * p)
SURPRISE = datasets.history_romance(surprise=True)
J = Loss(SURPRISE)


# Closed forms


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.6])
def test_a_quadratic_follows_its_closed_form(rate):
    """x_t = (I - eta A)^t x_0, and the value and the gradient's length that belong to it."""
    shrink = np.eye(3) - rate * A
    for step in islice(gradient_descent(BOWL, START, rate), 30):
        x = np.linalg.matrix_power(shrink, step.number) @ START
        assert_allclose(step.point, x, rtol=1e-12, atol=1e-12)
        assert step.value == pytest.approx(0.5 * x @ A @ x, rel=1e-10, abs=1e-14)
        assert step.gradient_norm == pytest.approx(np.linalg.norm(A @ x), rel=1e-10, abs=1e-14)
        assert step.learning_rate == (rate if step.number else 0)


def test_it_converges_just_below_two_over_l_and_diverges_just_above():
    below = nth(gradient_descent(BOWL, START, 0.99 * 2 / LARGEST), 2000)
    assert below.value < 1e-12
    with pytest.raises(DivergenceError) as error:
        nth(gradient_descent(BOWL, START, 1.01 * 2 / LARGEST), 2000)
    assert nth(gradient_descent(BOWL, START, error.value.suggested_rate), 200).value < 1e-9


@pytest.mark.parametrize("mu", [0.3, 0.9])
def test_momentum_follows_the_heavy_ball_recursion(mu):
    """x_{t+1} = x_t - eta A x_t + mu (x_t - x_{t-1}), as powers of one block matrix."""
    rate, eye = 0.2, np.eye(3)
    block = np.block([[(1 + mu) * eye - rate * A, -mu * eye], [eye, 0 * eye]])
    both = np.concatenate([START, START])
    for step in islice(gradient_descent(BOWL, START, rate, momentum=mu), 60):
        expected = (np.linalg.matrix_power(block, step.number) @ both)[:3]
        assert_allclose(step.point, expected, rtol=1e-10, atol=1e-10)


def test_momentum_widens_the_range_of_rates():
    """The heavy ball's limit is 2 (1 + mu) / L."""
    limit = 2 * 1.5 / LARGEST
    assert nth(gradient_descent(BOWL, START, 0.99 * limit, momentum=0.5), 3000).value < 1e-9
    with pytest.raises(DivergenceError):
        nth(gradient_descent(BOWL, START, 1.01 * limit, momentum=0.5), 3000)


def test_both_factors_move_at_once():
    """Simultaneous, by hand: V's update uses the old U. The sequential one is another point."""
    rate = 0.1
    start = Factors.random(SURPRISE.shape, 2, rng=0, scale=0.5)
    U, V, R = start.U, start.V, SURPRISE.to_matrix()
    new_U = U + rate * (R - U @ V.T) @ V
    simultaneous = V + rate * (R - U @ V.T).T @ U
    sequential = V + rate * (R - new_U @ V.T).T @ new_U
    point = nth(gradient_descent(J, start, rate), 1).point
    assert np.abs(simultaneous - sequential).max() > 0.1
    assert_allclose(point.U, new_U, rtol=1e-13)
    assert_allclose(point.V, simultaneous, rtol=1e-13)


def test_the_walk_down_j_is_the_plain_loop():
    start = Factors.random(SURPRISE.shape, 2, rng=3)
    U, V, R = start.U, start.V, SURPRISE.to_matrix()
    for step in islice(gradient_descent(Loss(SURPRISE, 0.3, "by_count"), start, 0.05), 20):
        assert_allclose(step.point.U, U, rtol=1e-11, atol=1e-12)
        assert_allclose(step.point.V, V, rtol=1e-11, atol=1e-12)
        dU, dV = gradient_by_loops(R, U, V, 0.3, by_count=True)
        U, V = U - 0.05 * dU, V - 0.05 * dV


# Line search


@pytest.mark.parametrize("first_rate", [1e-3, 1.0, 100.0])
@pytest.mark.parametrize("seed", range(5))
def test_line_search_never_raises_the_value(first_rate, seed):
    start = Factors.random(SURPRISE.shape, 2, rng=seed, scale=1.0)
    steps = list(islice(gradient_descent(J, start, first_rate, line_search=True), 150))
    for before, after in pairwise(steps):
        enough = 0.5 * after.learning_rate * before.gradient_norm**2
        assert after.value <= before.value - enough + 1e-12 * before.value
        assert math.log2(first_rate / after.learning_rate) == pytest.approx(
            round(math.log2(first_rate / after.learning_rate))
        )


def test_line_search_on_a_parabola_takes_the_largest_halving_up_to_one_over_l():
    steps = gradient_descent(Function(lambda x: 3 * x**2, lambda x: 6 * x), 1.0, 1.0,
                             line_search=True)  # fmt: skip
    assert [step.learning_rate for step in islice(steps, 3)] == [0, 0.125, 0.125]


def test_line_search_rests_at_a_minimum():
    parabola = Function(lambda x: 3 * x**2 + 1, lambda x: 6 * x)
    steps = list(islice(gradient_descent(parabola, 1.0, 1.0, line_search=True), 400))
    assert steps[-1].value == pytest.approx(1, abs=1e-14)
    assert abs(steps[-1].point) < 1e-7


# The iterator and its points


def test_the_iterator_is_endless_and_can_be_sliced():
    steps = gradient_descent(BOWL, START, 0.1)
    assert [step.number for step in islice(steps, 3)] == [0, 1, 2]
    assert next(steps).number == 3
    assert numbered(islice(gradient_descent(BOWL, START, 0.1), 500)).shape == (500,)


@pytest.mark.parametrize("start", [3, 3.0, np.float32(3), np.int64(3)])
def test_a_function_of_one_variable(start):
    step = nth(gradient_descent(Function(lambda x: 3 * x**2, lambda x: 6 * x), start, 0.25), 2)
    assert step.point == 0.75
    assert np.ndim(step.point) == 0


@pytest.mark.parametrize("start", [[1, 2], (1, 2), np.array([1, 2]), np.array([1.0, 2.0])])
def test_whole_numbers_are_not_rounded(start):
    point = nth(gradient_descent(SADDLE, start, 0.1), 1).point
    assert_allclose(point, [0.4, 2.8], rtol=1e-15)
    assert list(start) == [1, 2]


def test_a_list_will_do_as_gradient():
    listed = Function(SADDLE.value, lambda p: [6 * p[0], -4 * p[1]])
    assert_allclose(nth(gradient_descent(listed, [1, 2], 0.1), 1).point, [0.4, 2.8])


def test_neither_the_start_nor_an_earlier_step_is_ever_changed():
    start = Factors.random(SURPRISE.shape, 2, rng=0)
    before = np.asarray(start).copy()
    for options in ({}, {"momentum": 0.9}, {"line_search": True}):
        steps = gradient_descent(J, start, 0.05, **options)
        first = next(steps)
        first.point.U[:] = 99.0  # whoever spoils a step spoils nothing else
        second = next(steps)
        kept = np.asarray(second.point).copy()
        nth(steps, 5)
        assert_array_equal(np.asarray(start), before)
        assert_array_equal(np.asarray(second.point), kept)
        assert np.abs(kept).max() < 5
    array = np.array([1.0, 2.0])
    next(gradient_descent(SADDLE, array, 0.1)).point[:] = 9
    assert array.tolist() == [1, 2]


@pytest.mark.parametrize("options", [{}, {"momentum": 0.5}, {"line_search": True}])
@pytest.mark.no_cover
def test_single_precision_stays_single(options):
    double = Factors.random(SURPRISE.shape, 2, rng=0)
    single = Factors(double.U.astype(np.float32), double.V.astype(np.float32))
    step = nth(gradient_descent(Loss(SURPRISE, 0.1), single, np.float64(0.05), **options), 300)
    assert step.point.U.dtype == step.point.V.dtype == np.float32
    other = nth(gradient_descent(Loss(SURPRISE, 0.1), double, 0.05, **options), 300)
    assert step.value == pytest.approx(other.value, rel=1e-4)
    assert nth(gradient_descent(BOWL, START.astype(np.float32), 0.1), 1).point.shape == (3,)


def test_a_zero_start_never_moves():
    start = Factors(np.zeros((7, 2)), np.zeros((6, 2)))
    for step in islice(gradient_descent(J, start, 0.1), 50):
        assert step.value == 16.5
        assert step.gradient_norm == 0
        assert not np.asarray(step.point).any()


def test_a_saddle_is_left_unless_the_start_is_on_its_ridge():
    ridge = nth(gradient_descent(SADDLE, [1.0, 0.0], 0.1), 200)
    assert abs(ridge.value) < 1e-12
    beside = nth(gradient_descent(SADDLE, [1.0, 1e-9], 0.1), 70)
    assert beside.value < -1


# Divergence


@pytest.mark.parametrize("rate", [0.225, 0.25])
@pytest.mark.no_cover
def test_a_swing_is_no_divergence(rate):
    values = numbered(islice(gradient_descent(J, Factors.random((7, 6), 2, rng=0), rate), 1500))
    tail = values[-100:]
    assert tail.max() < 16.5
    assert tail.max() - tail.min() > 0.05
    assert_allclose(tail[2:], tail[:-2], rtol=1e-6)


@pytest.mark.parametrize(
    ("rate", "momentum", "scale", "seed"),
    some(
        [
            (0.3, 0.0, 0.1, 0),
            (1.0, 0.0, 0.1, 1),
            (1e8, 0.0, 0.1, 2),
            (0.3, 0.0, 1e-25, 0),  # the curvature that matters is many steps away from the start
            (0.3, 0.9, 0.1, 11),  # 1/L is too much here with this momentum
            (1.0, 0.9, 0.1, 28),
            (30.0, 0.9, 0.1, 32),
            (1e8, 0.9, 1e-25, 3),
        ],
        4,
    ),
)
@pytest.mark.no_cover
def test_divergence_names_step_rate_and_a_rate_that_works(rate, momentum, scale, seed):
    start = Factors.random(SURPRISE.shape, 2, rng=seed, scale=scale)
    with pytest.raises(DivergenceError) as caught:
        nth(gradient_descent(J, start, rate, momentum=momentum), 2000)
    error = caught.value
    assert f"descent diverged at step {error.step} with learning_rate={rate:g}" in str(error)
    assert f"try learning_rate={error.suggested_rate:.2g}" in str(error)
    assert error.learning_rate == rate
    assert error.suggested_rate <= rate / 2
    assert math.isfinite(
        nth(gradient_descent(J, start, rate, momentum=momentum), error.step - 1).value
    )
    said = float(f"{error.suggested_rate:.2g}")
    values = numbered(islice(gradient_descent(J, start, said, momentum=momentum), 1500))
    assert values[-1] == pytest.approx(0.93727, rel=1e-3)


def test_the_bound_is_the_stated_multiple_of_the_first_value():
    double = Function(lambda x: x, lambda x: -x)  # x doubles at rate 1
    with pytest.raises(DivergenceError) as error:
        nth(gradient_descent(double, 4.0, 1.0), 100)
    assert error.value.step == math.floor(math.log2(DIVERGED)) + 1
    with pytest.raises(DivergenceError) as error:
        nth(gradient_descent(double, 2.0**-10, 1.0), 100)
    assert error.value.step == math.floor(math.log2(DIVERGED)) + 11


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9}, {"line_search": True}])
@pytest.mark.parametrize("rate", [0.3, 0.1, 0.01, 0.001])
def test_without_a_lower_bound_no_rate_is_suggested(rate, options):
    with pytest.raises(DivergenceError, match=r"no smaller rate helps: .* no lower bound") as error:
        nth(gradient_descent(SADDLE, [1, 1e-3], rate, **options), 100_000)
    assert error.value.suggested_rate is None
    assert suggest_learning_rate(SADDLE, [1, 1], 0.3) is None


@pytest.mark.parametrize("exp", [np.exp, math.exp])
def test_overflow_is_divergence_and_not_a_warning(exp):
    steep = Function(lambda x: exp(x * x), lambda x: 2 * x * exp(x * x))
    with pytest.raises(DivergenceError, match=r"went from 54\.6 to inf; try") as error:
        nth(gradient_descent(steep, 2.0, 1.0), 3)
    assert nth(gradient_descent(steep, 2.0, error.value.suggested_rate), 5000).value < 1.01


def test_a_start_where_nothing_is_finite():
    pole = Function(lambda x: math.nan, lambda x: x)
    with pytest.raises(
        DivergenceError, match="is nan at the start: begin where it is fin"
    ) as error:
        next(gradient_descent(pole, 1.0, 0.1))
    assert (error.value.step, error.value.suggested_rate) == (0, None)


def test_the_suggestion_is_no_larger_than_it_may_be_nor_needlessly_small():
    assert 0.5 / LARGEST < suggest_learning_rate(BOWL, START, 1.0) < 2 / LARGEST
    assert suggest_learning_rate(BOWL, START, 0.01) == 0.01


# What is refused


@pytest.mark.parametrize(
    ("rate", "options", "message"),
    [
        (0, {}, "learning_rate must be a positive number, but is 0"),
        (-0.1, {}, "learning_rate must be a positive number, but is -0.1"),
        (math.nan, {}, "learning_rate must be a positive number, but is nan"),
        (math.inf, {}, "learning_rate must be a positive number and finite, but is inf"),
        (0.1, {"momentum": 1}, r"momentum must lie in \[0, 1\), but is 1"),
        (0.1, {"momentum": -0.1}, "momentum must lie in"),
        (0.1, {"momentum": math.nan}, "momentum must lie in"),
        (0.1, {"momentum": 0.5, "line_search": True}, "do not go together"),
    ],
)
def test_bad_settings_are_refused_at_once(rate, options, message):
    with pytest.raises(ValueError, match=message):
        gradient_descent(BOWL, START, rate, **options)


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(
        ValueError, match=r"the gradient has the shape \(\), but the point has \(3,"
    ):
        next(gradient_descent(Function(BOWL.value, lambda x: 2.0), START, 0.1))


def test_a_divergence_error_travels_between_processes():
    error = DivergenceError("gone", 3, 0.5, 0.1)
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), copied.step, copied.learning_rate) == ("gone", 3, 0.5)
    assert (copied.suggested_rate, copied.trace) == (0.1, None)
