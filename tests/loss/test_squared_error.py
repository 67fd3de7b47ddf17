"""J and its gradient against loops, SymPy, central differences and what must not change them."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from oracles import (
    central_differences,
    gradient_by_loops,
    loss_by_loops,
    ratings_and_factors,
)

from mfteach import Factors, Loss, Ratings, datasets
from mfteach.fast.numpy_gradient import SLAB
from mfteach.loss.predictions import predictions

LAMBDAS = st.sampled_from([0.0, 0.3, 2.0])
WEIGHTINGS = st.sampled_from(["plain", "by_count"])


@given(ratings_and_factors(), LAMBDAS, WEIGHTINGS)
def test_value_and_gradient_against_loops(case, regularization, weighting):
    ratings, factors, R = case
    loss = Loss(ratings, regularization, weighting)
    U, V, by_count = factors.U, factors.V, weighting == "by_count"
    value = loss_by_loops(R, U, V, regularization, by_count)
    assert loss.value(factors) == pytest.approx(value, rel=1e-12, abs=1e-12)
    dU, dV = gradient_by_loops(R, U, V, regularization, by_count)
    gradient = loss.gradient(factors)
    assert_allclose(gradient.U, dU, rtol=1e-12, atol=1e-12)
    assert_allclose(gradient.V, dV, rtol=1e-12, atol=1e-12)


@given(ratings_and_factors())
def test_errors_are_true_minus_predicted(case):
    ratings, factors, R = case
    expected = [
        R[i, j] - sum(factors.U[i, s] * factors.V[j, s] for s in range(factors.n_factors))
        for i, j in zip(ratings.user_index, ratings.item_index, strict=True)
    ]
    assert_allclose(Loss(ratings).errors(factors), expected, rtol=1e-12, atol=1e-12)


@given(ratings_and_factors(), LAMBDAS, WEIGHTINGS)
def test_gradient_against_central_differences(case, regularization, weighting):
    ratings, factors, _ = case
    loss = Loss(ratings, regularization, weighting)
    gradient = np.asarray(loss.gradient(factors))
    slopes = central_differences(
        lambda entries: loss.value(factors.with_entries(entries)), np.asarray(factors)
    )
    assert_allclose(gradient, slopes, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
def test_gradient_against_sympy(weighting):
    """J written out with symbols, differentiated by SymPy: no line of mfteach is used."""
    known = {(0, 0): 5, (0, 2): 0, (1, 1): -2, (2, 0): 1, (2, 1): 3, (2, 2): 4}
    m, n, k = 3, 3, 2
    u, v = sympy.symbols(f"u:{m * k}"), sympy.symbols(f"v:{n * k}")
    lamda = sympy.Rational(3, 10)
    J = sympy.Integer(0)
    for (i, j), r in known.items():
        J += (r - sum(u[i * k + s] * v[j * k + s] for s in range(k))) ** 2 / 2
        if weighting == "by_count":
            J += lamda / 2 * sum(u[i * k + s] ** 2 + v[j * k + s] ** 2 for s in range(k))
    if weighting == "plain":
        J += lamda / 2 * sum(x**2 for x in (*u, *v))
    point = dict(zip((*u, *v), sympy.Matrix(range(-5, 7)) / 4, strict=True))
    exact = [float(sympy.diff(J, x).subs(point)) for x in (*u, *v)]

    users, items = zip(*known, strict=True)
    loss = Loss(Ratings(users, items, list(known.values())), 0.3, weighting)
    entries = np.array([float(point[x]) for x in (*u, *v)])
    factors = Factors(entries[: m * k].reshape(m, k), entries[m * k :].reshape(n, k))
    assert_allclose(np.asarray(loss.gradient(factors)), exact, rtol=1e-13, atol=1e-13)
    assert loss.value(factors) == pytest.approx(float(J.subs(point)), rel=1e-14)


@given(ratings_and_factors(), st.integers(0, 999))
def test_value_does_not_see_a_change_of_coordinates(case, seed):
    ratings, factors, _ = case
    k = factors.n_factors
    G = np.random.default_rng(seed).normal(size=(k, k)) + 4 * np.eye(k)
    turned = Factors(factors.U @ G, factors.V @ np.linalg.inv(G).T)
    expected = Loss(ratings).value(factors)
    assert Loss(ratings).value(turned) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(ratings_and_factors(), LAMBDAS)
def test_gradient_identity(case, regularization):
    """Uᵀ dJ/dU and (Vᵀ dJ/dV)ᵀ differ by lambda (UᵀU - VᵀV): 0 without a penalty."""
    ratings, factors, _ = case
    U, V = factors.U, factors.V
    gradient = Loss(ratings, regularization).gradient(factors)
    difference = U.T @ gradient.U - (V.T @ gradient.V).T
    assert_allclose(difference, regularization * (U.T @ U - V.T @ V), atol=1e-10)


@given(ratings_and_factors(), LAMBDAS, WEIGHTINGS, st.randoms(use_true_random=False))
@pytest.mark.no_cover
def test_order_of_the_ratings_does_not_matter(case, regularization, weighting, random):
    ratings, factors, _ = case
    order = np.array(random.sample(range(len(ratings)), len(ratings)))
    loss = Loss(ratings, regularization, weighting)
    shuffled = Loss(ratings.take(order), regularization, weighting)
    assert_allclose(shuffled.errors(factors), loss.errors(factors)[order], atol=1e-12)
    assert shuffled.value(factors) == pytest.approx(loss.value(factors), rel=1e-12, abs=1e-12)
    one, other = (np.asarray(each.gradient(factors)) for each in (loss, shuffled))
    assert_allclose(one, other, rtol=1e-12, atol=1e-11)


@given(ratings_and_factors(), LAMBDAS, WEIGHTINGS)
def test_users_and_items_trade_places(case, regularization, weighting):
    ratings, factors, R = case
    loss = Loss(ratings, regularization, weighting)
    mirrored = Loss(Ratings.from_matrix(R.T), regularization, weighting)
    swapped = Factors(factors.V, factors.U)
    assert mirrored.value(swapped) == pytest.approx(loss.value(factors), rel=1e-12, abs=1e-12)
    assert_allclose(mirrored.gradient(swapped).U, loss.gradient(factors).V, atol=1e-11)


def test_by_count_is_plain_where_every_row_has_one_rating():
    ratings = Ratings([0, 1, 2], [1, 2, 0], [1, 2, 3])
    factors = Factors.random((3, 3), 2, rng=0)
    plain, by_count = (Loss(ratings, 0.7, weighting) for weighting in ("plain", "by_count"))
    assert by_count.value(factors) == pytest.approx(plain.value(factors), rel=1e-15)
    assert_allclose(
        np.asarray(by_count.gradient(factors)), np.asarray(plain.gradient(factors)), rtol=1e-15
    )


def test_by_count_weighs_a_full_table_by_its_sides():
    ratings = datasets.history_romance()
    factors = datasets.hand_factors()
    squares_U, squares_V = np.sum(factors.U**2), np.sum(factors.V**2)
    loss = Loss(ratings, 0.5, "by_count")
    assert loss.value(factors) == pytest.approx(2 + 0.25 * (6 * squares_U + 7 * squares_V))
    assert Loss(ratings, 0.5).value(factors) == pytest.approx(2 + 0.25 * (squares_U + squares_V))


def test_a_sum_not_a_mean_and_half_of_the_squares():
    factors = Factors([[0], [0]], [[0]])
    one, two = Ratings([0], [0], [2]), Ratings([0, 1], [0, 0], [2, 2])
    assert Loss(one).value(Factors([[0]], [[0]])) == 2
    assert Loss(two).value(factors) == 4


def test_many_slabs_are_one_sum():
    """More ratings than are gathered at a time."""
    ratings, _ = datasets.planted(200, SLAB // 400 + 7, 2, 1.0, 0.1, rng=0)
    k = 4
    assert len(ratings) > 2 * SLAB // k
    factors = Factors.random(ratings.shape, k, rng=1)
    R = ratings.to_matrix()
    assert_allclose(predictions(ratings, factors), (factors.U @ factors.V.T).ravel(), atol=1e-14)
    E = R - factors.U @ factors.V.T
    assert Loss(ratings).value(factors) == pytest.approx(0.5 * np.sum(E**2), rel=1e-12)
    gradient = Loss(ratings).gradient(factors)
    assert_allclose(gradient.U, -E @ factors.V, atol=1e-11)
    assert_allclose(gradient.V, -E.T @ factors.U, atol=1e-11)


def test_an_error_of_zero_keeps_the_gradient_whole():
    """A perfect entry stays in the sparse matrix; a blank beside it does not appear."""
    ratings = Ratings.from_matrix([[1, np.nan], [0, 2]])
    factors = Factors([[1], [0]], [[1], [1]])
    gradient = Loss(ratings).gradient(factors)
    assert gradient.U.tolist() == [[0], [-2]]
    assert gradient.V.tolist() == [[0], [0]]


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("regularization", [0.0, 0.1, np.float64(0.1)])
def test_single_precision_stays_single(regularization, weighting):
    ratings = datasets.history_romance()
    double = Factors.random(ratings.shape, 2, rng=0)
    single = Factors(double.U.astype(np.float32), double.V.astype(np.float32))
    loss = Loss(ratings, regularization, weighting)
    assert loss.errors(single).dtype == np.float32
    gradient = loss.gradient(single)
    assert gradient.U.dtype == gradient.V.dtype == np.float32
    assert_allclose(np.asarray(gradient), np.asarray(loss.gradient(double)), atol=1e-5)
    assert loss.value(single) == pytest.approx(loss.value(double), rel=1e-5)


def test_the_point_is_not_changed():
    factors = datasets.hand_factors()
    before = np.asarray(factors).copy()
    loss = Loss(datasets.history_romance(), 0.5)
    loss.value(factors)
    loss.gradient(factors)
    assert np.array_equal(np.asarray(factors), before)


@pytest.mark.parametrize("regularization", [-1, np.nan, np.inf])
def test_bad_regularization_is_refused(regularization):
    with pytest.raises(ValueError, match="regularization must be 0 or larger"):
        Loss(datasets.history_romance(), regularization)


def test_bad_weighting_and_factors_that_do_not_fit_are_refused():
    ratings = datasets.history_romance()
    with pytest.raises(ValueError, match="weighting must be 'plain' or 'by_count', but is 'mean'"):
        Loss(ratings, 1.0, "mean")
    wrong = Factors.random((6, 7), 2, rng=0)
    for method in (Loss(ratings).errors, Loss(ratings).value, Loss(ratings).gradient):
        with pytest.raises(ValueError, match=r"\(6, 7\) users and items do not fit .* \(7, 6\)"):
            method(wrong)


def test_repr_says_what_is_minimised():
    assert repr(Loss(datasets.history_romance(), 0.5)) == (
        "Loss(Ratings(7 users, 6 items, 42 ratings: 100.00% known), regularization=0.5, "
        "weighting='plain')"
    )


def test_learned_biases_by_hand():
    """One rating of 5 against 1 + 1/2 + 1/4 + 2 * 1: e = 5/4; both biases have a penalty of 4."""
    ratings = Ratings(["ann"], ["Nero"], [5.0])
    point = Factors(
        [[2.0]], [[1.0]], mean=1.0, user_bias=[0.5], item_bias=[0.25], learned_biases=True
    )
    loss = Loss(ratings, bias_regularization=4.0)
    assert loss.errors(point).tolist() == [1.25]
    assert loss.value(point) == 0.5 * 1.25**2 + 0.5 * 4 * (0.5**2 + 0.25**2)
    gradient = loss.gradient(point)
    assert gradient.user_bias.tolist() == [4 * 0.5 - 1.25]
    assert gradient.item_bias.tolist() == [4 * 0.25 - 1.25]
