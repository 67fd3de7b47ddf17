"""scikit-learn's own checks of estimators, as far as they fit two columns of labels.

They fit on columns of random numbers, as many as they like, in which the same two may occur
twice; here they are given pairs of integers, each once. What fits even then not stands in `UNFIT`.
"""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_checks

from mfteach import MatrixFactorization, Ratings, datasets

UNFIT = {
    "check_estimators_dtypes": "floats are refused as labels: 7.0 in one file is 7 in another",
    "check_estimators_nan_inf": "its X with NaN is replaced by labels; tested below",
    "check_estimators_empty_data_messages": "its X has no column, and the message asks for two",
    "check_n_features_in_after_fitting": "another number of columns has a message of its own",
    "check_complex_data": "its X has one column, and the message asks for two",
    "check_supervised_y_2d": "y with two dimensions is refused, not flattened with a warning",
    "check_regressors_train": "its y follows from numbers in X; labels say nothing about it",
}


def pairs(estimator, X, kernel=None):
    """As many rows as X has, each a pair of labels that no other row has."""
    return np.column_stack(np.divmod(np.arange(len(X)), 4))


@pytest.fixture
def results(monkeypatch):
    monkeypatch.setattr(estimator_checks, "_enforce_estimator_tags_X", pairs)
    model = MatrixFactorization(n_factors=2, n_epochs=2, rng=0)
    return estimator_checks.check_estimator(
        model, expected_failed_checks=UNFIT, on_skip=None, on_fail=None
    )


@pytest.mark.filterwarnings("ignore")  # the checks provoke them
def test_the_checks_pass_or_have_a_reason(results):
    failed = [
        (result["check_name"], repr(result["exception"]))
        for result in results
        if result["status"] == "failed"
    ]
    assert failed == []
    assert {r["check_name"] for r in results if r["status"] == "xfail"} == UNFIT.keys()
    assert sum(result["status"] == "passed" for result in results) >= 40


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_in_labels_and_in_values(wrong):
    model = MatrixFactorization(1, rng=0)
    with pytest.raises(ValueError, match=r"(user|item) .*(blank|neither)"):
        model.fit(np.array([[1.0, 2.0], [3.0, wrong]]), [1, 2])
    with pytest.raises(ValueError, match=f"rating 1 is {wrong}"):
        model.fit([[1, 2], [3, 4]], [1, wrong])


def test_a_fitted_model_has_two_features_and_a_new_one_has_none():
    model = MatrixFactorization(2, n_epochs=1, rng=np.random.default_rng(0))
    for attribute in ("n_features_in_", "fitted_on_", "factors_"):
        assert not hasattr(model, attribute)
    with pytest.raises(NotFittedError, match="this MatrixFactorization is not fitted yet"):
        model.predict([[1, 2]])
    model.fit(datasets.history_romance())
    assert model.n_features_in_ == 2
    assert not hasattr(clone(model), "n_features_in_")


def test_settings_are_kept_as_they_are_and_checked_by_fit():
    odd = {"n_factors": "many", "rng": "chance", "solver": None}
    model = MatrixFactorization(**odd)
    assert all(model.get_params()[name] is value for name, value in odd.items())
    assert clone(model).get_params()["n_factors"] == "many"
    with pytest.raises(TypeError, match="n_factors must be a whole number, but is 'many'"):
        model.fit(Ratings([1], [1], [1]))


def test_a_random_state_is_a_source_of_random_numbers():
    ratings = datasets.history_romance()
    U, V = (
        MatrixFactorization(2, rng=np.random.RandomState(seed)).fit(ratings).factors_.U
        for seed in (0, 0)
    )
    assert np.array_equal(U, V)
    state = np.random.RandomState(0)
    first, second = (ratings.split(0.5, state)[0].values for _ in range(2))
    assert not np.array_equal(first, second), "the stream goes on"
