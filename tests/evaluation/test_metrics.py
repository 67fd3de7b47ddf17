"""RMSE, MAE and the two baselines, against their definitions."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from oracles import VALUES, tables

from mfteach import Ratings, datasets
from mfteach.evaluation import mae, rmse
from mfteach.recommender import Biases, GlobalMean

PAIRS = st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=20)


@given(PAIRS)
def test_errors_against_their_definitions(pairs):
    truth, predicted = zip(*pairs, strict=True)
    squares = sum((r - p) ** 2 for r, p in pairs)
    assert rmse(truth, predicted) == pytest.approx((squares / len(pairs)) ** 0.5, abs=1e-12)
    absolute = sum(abs(r - p) for r, p in pairs)
    assert mae(truth, predicted) == pytest.approx(absolute / len(pairs), abs=1e-12)
    assert mae(truth, predicted) <= rmse(truth, predicted) + 1e-12


def test_errors_by_hand_and_not_as_a_mean_of_batches():
    truth, predicted = [1, 2, 3, 4], [1, 2, 3, 0]
    assert rmse(truth, predicted) == 2
    assert mae(truth, predicted) == 1
    batches = [rmse(truth[:2], predicted[:2]), rmse(truth[2:], predicted[2:])]
    assert np.mean(batches) != pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("error", [rmse, mae])
@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        ([1, 2], [1], r"\(2,\) ratings and \(1,\) predictions cannot be compared"),
        ([[1], [2]], [1, 2], r"\(2, 1\) ratings and \(2,\) predictions"),
        ([], [], "there is nothing to compare"),
        ([1, np.nan], [1, 2], "rating 1 is nan"),
        ([1, 2], [np.inf, 2], "prediction 0 is inf"),
    ],
)
def test_what_cannot_be_compared_is_refused(error, truth, predicted, message):
    with pytest.raises(ValueError, match=message):
        error(truth, predicted)


@given(tables())
def test_global_mean(R):
    ratings = Ratings.from_matrix(R)
    baseline = GlobalMean.fit(ratings)
    assert baseline.mean == pytest.approx(np.nanmean(R), abs=1e-12)
    assert baseline.predict(ratings).shape == (len(ratings),)
    assert set(baseline.predict(ratings).tolist()) == {baseline.mean}


def biases_by_normal_equations(R, regularization):
    """Set the derivative by every b_i and c_j to zero and solve the dense system."""
    (m, n), known = R.shape, ~np.isnan(R)
    mean = R[known].mean()
    M = np.zeros((m + n, m + n))
    M[:m, :m] = np.diag(known.sum(axis=1))
    M[m:, m:] = np.diag(known.sum(axis=0))
    M[:m, m:], M[m:, :m] = known, known.T
    rest = np.where(known, R - mean, 0)
    right = np.concatenate([rest.sum(axis=1), rest.sum(axis=0)])
    if regularization:
        return np.linalg.solve(M + regularization * np.eye(m + n), right)
    return np.linalg.lstsq(M, right, rcond=1e-10)[0]


@given(tables(), st.sampled_from([0.0, 0.1, 5.0, 100.0]))
def test_biases_against_the_normal_equations(R, regularization):
    biases = Biases.fit(Ratings.from_matrix(R), regularization)
    expected = biases_by_normal_equations(R, regularization)
    found = np.concatenate([biases.user_bias, biases.item_bias])
    assert_allclose(found, expected, atol=1e-8)
    assert biases.mean == pytest.approx(np.nanmean(R), abs=1e-12)


def test_five_is_the_usual_penalty_and_a_single_user_by_hand():
    """One user, two items: b = 0 by symmetry and c_j = (r_j - mean) / (1 + lambda)."""
    biases = Biases.fit(Ratings([1, 1], [1, 2], [1, 3]))
    assert biases.mean == 2
    assert_allclose(biases.user_bias, [0], atol=1e-12)
    assert_allclose(biases.item_bias, [-1 / 6, 1 / 6], rtol=1e-12)


def test_predictions_and_residuals_of_biases():
    ratings = Ratings.from_matrix([[1, 2, np.nan], [4, np.nan, 5]])
    biases = Biases.fit(ratings, 1.0)
    b, c = biases.user_bias, biases.item_bias
    expected = [biases.mean + b[i] + c[j] for i, j in ((0, 0), (0, 1), (1, 0), (1, 2))]
    assert_allclose(biases.predict(ratings), expected, rtol=1e-14)
    residuals = biases.residuals(ratings)
    assert_allclose(residuals.values, ratings.values - expected, rtol=1e-14)
    assert residuals.user_index.tolist() == ratings.user_index.tolist()


def test_who_has_no_rating_has_no_bias():
    ratings = Ratings.from_matrix([[1, 2, np.nan], [np.nan] * 3, [4, 1, np.nan]])
    biases = Biases.fit(ratings)
    assert (biases.user_bias[1], biases.item_bias[2]) == (0, 0)
    whole = Ratings.from_matrix(np.ones((3, 3)))
    predicted = biases.predict(whole).reshape(3, 3)
    assert predicted[1, 2] == biases.mean
    assert predicted[1, 0] == biases.mean + biases.item_bias[0]


def test_biases_refuse_other_shapes_and_bad_penalties():
    ratings = datasets.history_romance()
    with pytest.raises(ValueError, match=r"biases of \(7, 6\) do not fit ratings of \(1, 1\)"):
        Biases.fit(ratings).predict(Ratings([1], [1], [1]))
    for regularization in (-1, np.nan, np.inf):
        with pytest.raises(ValueError, match="regularization must be 0 or larger"):
            Biases.fit(ratings, regularization)


@pytest.mark.skipif(
    not os.environ.get("MFTEACH_DATA"), reason="MFTEACH_DATA is not set: no real ratings to score"
)
def test_baselines_of_movielens_small():
    train, test = datasets.movielens().split(0.1, rng=0)
    assert rmse(test.values, GlobalMean.fit(train).predict(test)) == pytest.approx(1.05, abs=0.02)
    assert rmse(test.values, Biases.fit(train).predict(test)) == pytest.approx(0.868, abs=0.015)
