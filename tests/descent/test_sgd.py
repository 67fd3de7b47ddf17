"""Stochastic gradient descent against a loop over ratings, and down to what must come out."""

from itertools import islice
from unittest.mock import Mock

import numpy as np
import pytest
from oracles import nth

from mfteach import DivergenceError, Factors, Loss, Ratings, datasets
from mfteach.descent import stochastic_gradient_descent
from mfteach.descent.sgd import Shares
from mfteach.evaluation import rmse
from mfteach.fast.numpy_sgd import conflict_free_order
from mfteach.loss import predictions
from mfteach.recommender import Biases


def some_ratings(rng=0, m=12, n=9):
    return datasets.planted(m, n, 2, 0.5, 0.3, rng=rng).ratings


def epoch_by_loop(loss, start, eta, positions):
    """The formulas of the module, one rating after the other, with penalties written out."""
    U, V = start.U.copy(), start.V.copy()
    learned_biases = start.learned_biases
    b = np.zeros(len(U)) if start.user_bias is None else start.user_bias.copy()
    c = np.zeros(len(V)) if start.item_bias is None else start.item_bias.copy()
    ratings = loss.ratings
    n_i = np.bincount(ratings.user_index, minlength=len(U))
    n_j = np.bincount(ratings.item_index, minlength=len(V))
    plain = loss.weighting == "plain"
    for at in positions:
        i, j, r = ratings.user_index[at], ratings.item_index[at], ratings.values[at]
        penalty_i = loss.user_regularization / (n_i[i] if plain else 1)
        penalty_j = loss.item_regularization / (n_j[j] if plain else 1)
        e = r - (start.mean + b[i] + c[j] + U[i] @ V[j])
        U[i], V[j] = (
            U[i] + eta * (e * V[j] - penalty_i * U[i]),
            V[j] + eta * (e * U[i] - penalty_j * V[j]),
        )
        if learned_biases:
            b[i] += eta * (e - loss.bias_regularization / n_i[i] * b[i])
            c[j] += eta * (e - loss.bias_regularization / n_j[j] * c[j])
    return U, V, b, c


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("biases", [None, False, True])
def test_epochs_equal_the_plain_loop(weighting, biases):
    ratings = some_ratings()
    loss = Loss(ratings, (0.3, 0.05), weighting, bias_regularization=0.7)
    start = Factors.random(ratings.shape, 3, rng=1, scale=0.5)
    if biases is not None:
        start = start.with_biases(Biases.fit(ratings), learned=biases)
    generator = np.random.default_rng(7)
    expected = start
    steps = stochastic_gradient_descent(loss, start, 0.05, rng=7, decay=0.5)
    assert np.array_equal(next(steps).point.U, start.U)
    for epoch, step in enumerate(islice(steps, 3), start=1):
        eta = 0.05 / (1 + 0.5 * (epoch - 1))
        order = conflict_free_order(
            ratings.user_index, ratings.item_index, ratings.shape, generator
        ).order
        U, V, b, c = epoch_by_loop(loss, expected, eta, order)
        assert step.learning_rate == eta
        np.testing.assert_allclose(step.point.U, U, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(step.point.V, V, rtol=1e-12, atol=1e-13)
        if biases is not None:
            np.testing.assert_allclose(step.point.user_bias, b, rtol=1e-12, atol=1e-13)
            np.testing.assert_allclose(step.point.item_bias, c, rtol=1e-12, atol=1e-13)
            assert np.array_equal(b, start.user_bias) is not biases
        expected = step.point


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("learned_biases", [False, True])
def test_the_small_gradients_add_up_to_the_gradient(weighting, learned_biases):
    """With a tiny rate no update notices the others: the epoch is one step down the gradient."""
    ratings = some_ratings()
    loss = Loss(ratings, (0.4, 0.2), weighting, bias_regularization=0.9)
    start = Factors.random(ratings.shape, 2, rng=1, scale=0.5)
    if learned_biases:
        start = start.with_biases(Biases.fit(ratings, 1.0), learned=True)
    eta = 1e-7
    moved = nth(stochastic_gradient_descent(loss, start, eta, rng=0), 1).point - start
    np.testing.assert_allclose(
        np.asarray(moved) / -eta, np.asarray(loss.gradient(start)), rtol=1e-4, atol=1e-4
    )


def test_steps_report_the_value_and_the_full_gradient():
    ratings = some_ratings()
    loss, start = Loss(ratings, 0.1), Factors.random(ratings.shape, 2, rng=0)
    for number, step in enumerate(islice(stochastic_gradient_descent(loss, start, 0.1, 0), 4)):
        assert step.number == number
        assert step.value == loss.value(step.point)
        assert step.gradient_norm == pytest.approx(np.linalg.norm(loss.gradient(step.point)))


def test_the_start_and_earlier_points_stay_as_they_are():
    ratings = some_ratings()
    start = Factors.random(ratings.shape, 2, rng=0).with_biases(Biases.fit(ratings), learned=True)
    before = np.array(start)
    steps = stochastic_gradient_descent(Loss(ratings), start, 0.1, rng=0)
    points = [next(steps).point for _ in range(3)]
    copies = [np.array(point) for point in points]
    next(steps)
    assert np.array_equal(start, before)
    assert all(np.array_equal(point, copy) for point, copy in zip(points, copies, strict=True))


@pytest.mark.parametrize("learned_biases", [False, True])
def test_float32_stays_and_a_seed_repeats_bit_for_bit(learned_biases):
    ratings = some_ratings()
    start = Factors.random(ratings.shape, 2, rng=0).with_biases(
        Biases.fit(ratings), learned=learned_biases
    )
    start = start.astype("float32")
    loss = Loss(ratings, 0.1)
    runs = [nth(stochastic_gradient_descent(loss, start, 0.1, rng=5), 4).point for _ in range(2)]
    for point in runs:
        arrays = (point.U, point.V, point.user_bias, point.item_bias)
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
        assert predictions(ratings, point).dtype == np.float32
        assert loss.gradient(point).U.dtype == np.float32
    assert np.array_equal(*map(np.asarray, runs))
    other = nth(stochastic_gradient_descent(loss, start, 0.1, rng=6), 4).point
    assert not np.array_equal(other.U, runs[0].U)


def test_it_recovers_a_planted_truth():
    ratings, _ = datasets.planted(80, 60, 3, 0.6, 0.0, rng=0)
    train, test = ratings.split(0.1, rng=1)
    start = Factors.random(train.shape, 3, rng=2)
    point = nth(stochastic_gradient_descent(Loss(train, 1e-6), start, 0.05, rng=0), 200).point
    assert rmse(test.values, predictions(test, point)) < 0.001


def test_a_decaying_rate_settles_where_a_constant_one_swings():
    ratings = datasets.history_romance(surprise=True)
    loss, start = Loss(ratings, 0.5), Factors.random(ratings.shape, 2, rng=0)
    ends = [
        nth(stochastic_gradient_descent(loss, start, 0.2, rng=0, decay=decay), 800).value
        for decay in (0.0, 0.3)
    ]
    assert ends[1] == pytest.approx(4.58058380, abs=2e-3)
    assert ends[0] > 4.58058380 + 2e-2


def test_divergence_names_the_epoch_and_a_rate_that_works():
    ratings = some_ratings()
    loss, start = Loss(ratings, 0.1), Factors.random(ratings.shape, 2, rng=0)
    with pytest.raises(DivergenceError, match=r"diverged in epoch .* try learning_rate") as caught:
        nth(stochastic_gradient_descent(loss, start, 8.0, rng=0), 50)
    suggested = caught.value.suggested_rate
    assert 0 < suggested < 8
    assert nth(stochastic_gradient_descent(loss, start, suggested, rng=0), 50).value < loss.value(
        start
    )


def test_divergence_names_the_rate_that_was_asked_for_and_not_the_decayed_one():
    ratings = some_ratings()
    start = Factors.random(ratings.shape, 2, rng=0)
    with pytest.raises(DivergenceError, match="with learning_rate=1: the value went") as caught:
        nth(stochastic_gradient_descent(Loss(ratings, 0.1), start, 1.0, rng=0, decay=0.01), 50)
    assert caught.value.step > 1
    assert caught.value.learning_rate == 1


def test_within_bounds_the_value_is_computed_at_the_start_alone(monkeypatch):
    ratings = some_ratings()
    loss, start = Loss(ratings, 0.1), Factors.random(ratings.shape, 2, rng=0)
    value = Mock(wraps=loss.value)
    monkeypatch.setattr(loss, "value", value)
    nth(stochastic_gradient_descent(loss, start, 0.1, rng=0), 4)
    assert value.call_count == 1


def test_a_start_that_is_not_finite_is_named():
    ratings = some_ratings()
    start = Factors.random(ratings.shape, 2, rng=0)
    with pytest.raises(DivergenceError, match="nan at the start"):
        next(stochastic_gradient_descent(Loss(ratings), np.nan * start, 0.1, rng=0))


def test_bad_arguments_are_refused_at_once():
    ratings = some_ratings()
    loss, start = Loss(ratings), Factors.random(ratings.shape, 2, rng=0)
    for rate in (0, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="learning_rate must be a positive number"):
            stochastic_gradient_descent(loss, start, rate)
    for decay in (-0.1, np.nan, np.inf):
        with pytest.raises(ValueError, match="decay must be 0 or larger"):
            stochastic_gradient_descent(loss, start, 0.1, decay=decay)
    with pytest.raises(ValueError, match="does not fit"):
        stochastic_gradient_descent(loss, Factors.random((3, 3), 2, rng=0), 0.1)


def test_rows_without_ratings_and_a_single_rating():
    ratings = Ratings(["a"], ["x"], [3.0])
    start = Factors.random((1, 1), 2, rng=0)
    point = nth(stochastic_gradient_descent(Loss(ratings), start, 0.1, rng=0), 300).point
    assert point.matrix()[0, 0] == pytest.approx(3.0, abs=1e-6)
    part = some_ratings().take(np.array([0, 1]))
    start = Factors.random(part.shape, 2, rng=0)
    point = nth(stochastic_gradient_descent(Loss(part, 0.1), start, 0.1, rng=0), 3).point
    empty = part.by_user.counts == 0
    assert empty.any()
    assert np.array_equal(point.U[empty], start.U[empty])


# What is kept ------------------------------------------------------------------------------------


def test_what_is_kept_follows_rate_and_precision_and_is_computed_once():
    shares = Shares.of(Loss(some_ratings(), (0.4, 0.9), "by_count"))
    for rate in (0.1, 0.01, 0.1):
        for dtype in ("float64", "float32", "float64"):
            kept = shares.kept(rate, np.dtype(dtype))
            assert shares.kept(rate, np.dtype(dtype)) is kept
            for keep, share in zip(kept, shares, strict=True):
                assert keep.dtype == dtype
                np.testing.assert_allclose(keep, 1 - rate * share, rtol=1e-7)
                assert (keep < 1).all()
