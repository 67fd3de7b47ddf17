"""Numbers out of range: a fit ends well, or one sentence says what to do, and that works."""

import re
import warnings

import numpy as np
import pytest
from cases import some

from mfteach import DivergenceError, MatrixFactorization, Ratings, datasets
from mfteach.arguments import InputError
from mfteach.evaluation import NothingLearnedWarning
from mfteach.recommender import Biases, learning

SOLVERS = ("als", "cg", "sgd", "gd")
RATINGS = datasets.planted(30, 20, 2, 0.5, 0.3, rng=0).ratings


def learned(model, ratings):
    """Fit; nothing but a word about what was learned may be said."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", NothingLearnedWarning)
        return model.fit(ratings)


def refusal(model, ratings):
    """The error of a fit, or None where there is none; each of its remedies works."""
    try:
        learned(model, ratings)
    except InputError as error:
        assert len(str(error)) < 300
        for remedy in error.remedies:
            fresh = {"model": MatrixFactorization(**model.get_params())}
            learned(eval(f"model.{remedy}", fresh), ratings)
        return error
    return None


@pytest.mark.parametrize("dtype", some(["float32", "float64"], 1))
@pytest.mark.parametrize("solver", SOLVERS)
def test_ratings_of_every_size_are_followed_or_refused(solver, dtype):
    settings = {"solver": solver, "dtype": dtype, "rng": 0}
    plain = MatrixFactorization(4, **settings).fit(RATINGS).predict(RATINGS)
    refused = []
    for exponent in (-300, -200, -90, -30, -17, -7, 7, 17, 30, 37, 90, 138, 200, 300):
        size = 10.0**exponent
        model = MatrixFactorization(4, **settings)
        ratings = RATINGS.with_values(size * RATINGS.values)
        error = refusal(model, ratings)
        if error is None:
            predicted = model.predict(ratings).astype(np.float64)
            np.testing.assert_allclose(predicted / size, plain, atol=1e-3)
            continue
        refused.append(exponent)
        assert ("up" if exponent < 0 else "down") in error.advice
    assert -7 not in refused
    assert 7 not in refused
    assert {-300, -200, 200, 300} <= set(refused)


@pytest.mark.parametrize("offset", [-1e6, 1e7, 1e12])
def test_ratings_that_single_precision_would_round_away_are_refused(offset):
    ratings = RATINGS.with_values(offset + RATINGS.values)
    error = refusal(MatrixFactorization(4, rng=0), ratings)
    assert "Subtract the same number" in error.advice
    assert error.remedies == ["set_params(dtype='float64')"]
    learned(MatrixFactorization(4, rng=0), ratings.with_values(ratings.values - offset))
    learned(MatrixFactorization(4, rng=0), RATINGS.with_values(2000 + RATINGS.values))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("size", [1e-30, 1e-6, 0.1, 0.0, -3.0, 1e9, 1e30])
def test_equal_ratings_of_every_size_are_predicted(solver, size):
    ratings = Ratings.from_matrix(np.full((6, 5), size))
    for dtype in ("float32", "float64"):
        model = MatrixFactorization(solver=solver, dtype=dtype, rng=0)
        if (dtype, size) == ("float32", 1e30):
            assert "down" in refusal(model, ratings).advice
            continue
        predicted = learned(model, ratings).predict(ratings)
        np.testing.assert_allclose(predicted, size, rtol=2e-6, atol=0 if size else 1e-6)


@pytest.mark.parametrize("dtype", some(["float32", "float64"], 1))
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    "setting",
    [
        *({"regularization": value} for value in (1e300, 1e38, 1e20, 1e6, (1e300, 1.0), (0, 1e20))),
        *({"regularization": value} for value in (1e-300, np.array([0.5, 1.0]))),
        *({"start_scale": value} for value in (1e300, 1e30, 1e10, 1e3, 1e-30, 1e-300)),
    ],
    ids=str,
)
def test_settings_of_every_size_are_taken_or_refused_by_name(solver, dtype, setting):
    (name,) = setting
    model = MatrixFactorization(4, solver, dtype=dtype, rng=0, **{"regularization": 1.0} | setting)
    error = refusal(model, RATINGS)
    if error is None:
        assert np.isfinite(model.predict(RATINGS)).all()
    else:
        assert name in str(error)
        assert error.remedies


@pytest.mark.parametrize(
    ("solver", "rate"), [("sgd", 1e300), ("sgd", 1e38), ("sgd", 1e5), ("gd", 1e39), ("gd", 1e5)]
)
def test_a_rate_of_every_size_is_answered_with_one_that_works(solver, rate):
    model = MatrixFactorization(4, solver, learning_rate=rate, rng=0)
    with pytest.raises(DivergenceError, match="try learning_rate=") as caught:
        learned(model, RATINGS)
    model.set_params(learning_rate=float(re.search(r"[\d.e+-]+$", str(caught.value))[0]))
    assert model.fit(RATINGS).score(RATINGS) > -1.5


# ---- more factors than there can be


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_what_needs_no_size_is_not_fitted_and_refuses_no_less(solver, dtype, monkeypatch):
    monkeypatch.setattr(Biases, "fit", None)
    biases = False if solver in ("als", "cg") else "learned"
    ordinary = {"regularization": 0.1, "learning_rate": 0.01, "biases": biases}
    spared = set()
    for exponent in (-300, -90, -30, -17, -7, 0, 7, 17, 30, 90, 138):
        size = 10.0**exponent
        model = MatrixFactorization(4, solver, dtype=dtype, rng=0, **ordinary)
        ratings = RATINGS.with_values(size * RATINGS.values)
        if not learning._in_range_anyway(model, ratings):
            continue
        spared.add(exponent)
        for left in (1e-3, 1.0, 1.9):  # whatever the biases leave
            learning._require_in_range(model, ratings, left * size)
    assert {0, 7} <= spared
    assert not spared & {-300, -90}
    MatrixFactorization(4, solver, dtype=dtype, rng=0, **ordinary).fit(RATINGS)


@pytest.mark.parametrize("asked", [101, 5000, 10**9 - 1])
def test_more_factors_than_can_be_of_use_are_refused(asked):
    error = refusal(MatrixFactorization(asked, n_epochs=2, rng=0), RATINGS)
    assert "n_factors must be at most 100 for 30 users and 20 items" in str(error)
    assert refusal(MatrixFactorization(100, n_epochs=2, rng=0), RATINGS) is None


def test_more_factors_than_fit_the_memory_are_refused(monkeypatch):
    few = learning.TABLES * sum(RATINGS.shape) * 13
    monkeypatch.setattr(learning, "_is_free", lambda n_numbers: n_numbers < few)
    error = refusal(MatrixFactorization(50, n_epochs=2, rng=0), RATINGS)
    assert "n_factors of 50 for 30 users and 20 items takes more than the memory" in str(error)
    assert error.remedies == ["set_params(n_factors=12)"]


def test_memory_is_asked_for_and_not_used():
    assert learning._is_free(1000)
    assert not learning._is_free(2**60)
