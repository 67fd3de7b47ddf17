"""Claims of lesson 08 that its own cells do not hold, held with the package's loss."""

import inspect

import numpy as np

import mfteach as mf
from mfteach.datasets import hand_factors, history_romance
from mfteach.lessons.questions.finding import question
from mfteach.loss import Function


def test_the_derivatives_of_the_exit_check():
    ratings, factors = history_romance(surprise=True), hand_factors()
    errors = (ratings.to_matrix() - factors.matrix())[:, 2]
    assert errors.tolist() == [0, 0, 0, -1, -1, 1, -1]
    slopes = mf.Loss(ratings).gradient(factors).V[2]
    assert slopes.tolist() == question("08-exit").right == [0, 2]
    after = factors.V[2] - 0.1 * slopes
    assert after[0] == factors.V[2, 0]
    assert after[1] < factors.V[2, 1]


def test_each_half_is_one_matrix_product():
    asked = question("08-3")
    for R, W, U, V in asked.inputs:
        table = np.where(W == 1, R, np.nan)
        gradient = mf.Loss(mf.Ratings.from_matrix(table)).gradient(mf.Factors(U, V))
        for half, proved in zip(asked.right(R, W, U, V), (gradient.U, gradient.V), strict=True):
            assert np.allclose(half, proved, rtol=1e-12, atol=1e-12)


def test_the_questions_about_the_halves_need_the_mask():
    """On a full table a forgotten mask could not be seen."""
    assert all((W == 0).any() for _, W, _, _ in question("08-3").inputs)


def test_in_each_coordinate_the_loss_is_a_parabola():
    loss = mf.Loss(history_romance(surprise=True))
    point = mf.Factors.random((7, 6), n_factors=2, rng=3, scale=1.0)
    entries = np.asarray(point).ravel()
    for p in range(entries.size):
        values = [
            loss.value(point.with_entries(entries + far * np.eye(entries.size)[p]))
            for far in range(4)
        ]
        assert abs(np.diff(values, 3)[0]) < 1e-9 * max(values), "a third difference"


def test_the_computer_rounds_to_about_16_digits():
    assert 15 < -np.log10(np.finfo(float).eps) < 17


def test_for_the_exponential_the_best_h_lies_in_between():
    exponential = Function(np.exp, np.exp)
    off = [mf.check_gradient(exponential, 1.0, h) for h in 10.0 ** -np.arange(1, 11)]
    assert 2 <= np.argmin(off) <= 7
    assert off[0] > 100 * off[1] * 0.9, "its own error shrinks with the square of h"


def test_the_h_that_a_check_takes_by_itself():
    by_itself = inspect.signature(mf.check_gradient).parameters["h"].default
    assert 1e-4 <= by_itself <= 1e-1
