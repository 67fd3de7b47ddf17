"""Claims of lesson 12 that its own cells do not hold."""

import inspect
from itertools import islice

import numpy as np
import pytest
import sympy
from counting import Counted, counted

import mfteach as mf
from mfteach.descent import alternating_least_squares, half_step
from mfteach.symbolic import lecture


def test_with_v_fixed_the_gradient_is_linear_in_each_row_of_u():
    """Its second differences along any line are 0, and it is A u - b with the lesson's A and b."""
    ratings = mf.datasets.planted(6, 5, 2, density=0.6, noise=0.1, rng=0).ratings
    loss, point = mf.Loss(ratings, 0.5), mf.Factors.random((6, 5), 2, rng=1, scale=1.0)
    table = ratings.to_matrix()
    for i in range(6):
        rated = ~np.isnan(table[i])
        v = point.V[rated]
        A, b = v.T @ v + 0.5 * np.eye(2), v.T @ table[i, rated]
        assert np.allclose(loss.gradient(point).U[i], A @ point.U[i] - b)
    along = np.random.default_rng(2).normal(size=point.U.shape)
    three = [loss.gradient(mf.Factors(point.U + t * along, point.V)).U for t in (0, 1, 2)]
    assert np.allclose(three[0] - 2 * three[1] + three[2], 0)


def test_the_matrix_is_positive_definite_for_any_penalty():
    """For k = 2 and three films, with letters; the ledger proves it for all sizes."""
    lam = sympy.symbols("lambda", positive=True)
    V = sympy.Matrix(3, 2, sympy.symbols("v:6", real=True))
    x = sympy.Matrix(sympy.symbols("x:2", real=True))
    A = V.T * V + lam * sympy.eye(2)
    squares = sum(entry**2 for entry in V * x) + lam * x.dot(x)
    assert sympy.expand((x.T * A * x)[0] - squares) == 0
    assert len(lecture.als_positive_definite().lines) == 3


def test_a_half_step_takes_k_squared_and_k_multiplications_a_rating():
    """The two products of `half_step`, which its source shows, with numbers that count."""
    source = inspect.getsource(half_step)
    assert source.count("v.T @ v") == source.count("v.T @ r") == 1
    n, k = 7, 3
    v, r = counted(np.ones((n, k))), counted(np.ones(n))
    Counted.multiplications = 0
    _ = v.T @ v, v.T @ r
    assert Counted.multiplications == n * (k**2 + k)


def test_with_blanks_the_factors_run_away_while_j_falls_and_a_penalty_stops_them():
    nan = np.nan
    table = mf.Ratings.from_matrix([[2, 2, nan], [nan, 2, 2], [2, nan, -1]])  # that of lesson 10
    start = mf.Factors.random((3, 3), n_factors=1, rng=1, scale=1.0)

    def run(strength):
        loss = mf.Loss(table, strength)
        steps = list(islice(alternating_least_squares(loss, start), 400))
        assert np.all(np.diff([step.value for step in steps]) <= 1e-9)
        return steps[0].value, [np.abs(step.point.matrix()).max() for step in steps]

    _, free = run(0.0)
    assert free[100] < free[200] < free[399]
    assert free[399] > 10 * free[0]
    first, held = run(0.1)
    assert max(held) <= first / 0.1  # 2 |u v| <= u² + v², and 0.1 / 2 of all squares is below J
    assert held[399] == pytest.approx(held[200], rel=1e-3)


def test_from_step_12_on_the_best_rate_is_ahead_of_alternating_least_squares():
    loss = mf.Loss(mf.datasets.history_romance(surprise=True), 0.5, engine="numpy")
    start = mf.Factors.random(loss.ratings.shape, 2, rng=1)
    walks = (
        mf.gradient_descent(loss, start, 0.2),
        alternating_least_squares(loss, start, half_steps=True),
    )
    descent, als = (np.array([step.value for step in islice(walk, 31)]) for walk in walks)
    assert np.all(als[1:10] < descent[1:10])
    assert np.all(descent[12:] < als[12:])
