"""J of implicit feedback against a sum over every pair, the blanks included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import ratings_and_factors

from mfteach import Factors, Ratings, check_gradient
from mfteach.arguments import InputError
from mfteach.loss import ImplicitLoss


def positive(ratings):
    return ratings.with_values(np.abs(ratings.values) + 0.5)


def by_loops(ratings, factors, alpha, regularization):
    """Every pair, one after the other, with its own target and confidence."""
    R, X = ratings.to_matrix(), factors.U @ factors.V.T
    total = 0.0
    for i, row in enumerate(R):
        for j, r in enumerate(row):
            seen = not np.isnan(r)
            confidence = 1 + alpha * r if seen else 1.0
            total += 0.5 * confidence * (float(seen) - X[i, j]) ** 2
    return total + 0.5 * regularization * float(np.sum(factors.U**2) + np.sum(factors.V**2))


@given(ratings_and_factors(), st.floats(0, 5), st.floats(0, 5))
def test_the_value_is_the_sum_over_all_pairs(case, alpha, regularization):
    ratings, factors, _ = case
    ratings = positive(ratings)
    loss = ImplicitLoss(ratings, alpha, regularization)
    expected = by_loops(ratings, factors, alpha, regularization)
    assert loss.value(factors) == pytest.approx(expected, rel=1e-10, abs=1e-9)


@given(ratings_and_factors(), st.floats(0, 5), st.floats(0, 5))
def test_the_gradient_is_that_of_the_full_table(case, alpha, regularization):
    ratings, (U, V) = positive(case[0]), (case[1].U, case[1].V)
    R = ratings.to_matrix()
    C, P = 1 + alpha * np.nan_to_num(R), ~np.isnan(R)
    E = C * (P - U @ V.T)
    slope = ImplicitLoss(ratings, alpha, regularization).gradient(case[1])
    np.testing.assert_allclose(slope.U, -E @ V + regularization * U, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(slope.V, -E.T @ U + regularization * V, rtol=1e-10, atol=1e-9)


def test_the_gradient_is_the_slope_of_the_value():
    ratings = Ratings([1, 1, 2, 3], [1, 2, 2, 3], [1, 2, 3, 4])
    loss = ImplicitLoss(ratings, 0.7, 0.3)
    assert check_gradient(loss, Factors.random((3, 3), 2, rng=0, scale=1)) < 1e-9


@pytest.mark.parametrize("wrong", [0.0, -2.0])
def test_what_is_not_above_0_is_refused_by_its_labels(wrong):
    ratings = Ratings(["ann", "bob"], ["tea", "milk"], [1, wrong])
    with pytest.raises(InputError, match=rf"user 'bob' and item 'milk' have the value {wrong:g}"):
        ImplicitLoss(ratings)


def test_following_the_advice_leaves_the_pair_out():
    ratings = Ratings(["ann", "bob"], ["tea", "milk"], [1, 0])
    left = ratings.take(np.flatnonzero(ratings.values > 0))
    assert len(ImplicitLoss(left).ratings) == 1
    assert left.shape == ratings.shape


def test_factors_that_do_not_fit():
    loss = ImplicitLoss(Ratings([1], [1], [1]))
    with pytest.raises(ValueError, match="do not fit"):
        loss.value(Factors([[1], [2]], [[1]]))
    for biased in (
        Factors([[1]], [[1]], mean=1.0),
        Factors([[1]], [[1]], user_bias=[0], item_bias=[0]),
    ):
        with pytest.raises(ValueError, match="no mean and no biases"):
            loss.value(biased)


def test_a_confidence_beyond_single_precision_is_refused():
    loss = ImplicitLoss(Ratings([1], [1], [1e30]), alpha=1e30)
    with pytest.raises(ValueError, match="leaves the range of float32"):
        loss.value(Factors([[1]], [[1]]).astype("float32"))
