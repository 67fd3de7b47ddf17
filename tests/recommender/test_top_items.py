"""The best items for many users at once, against a sort of every prediction."""

import sys

import numpy as np
import pytest

from mfteach import Factors, MatrixFactorization, Ratings
from mfteach.loss import pair_predictions
from mfteach.recommender import top_items


def factors_with_ties(m=40, n=31, k=2, biases=True):
    """Whole numbers, so that many predictions are equal."""
    rng = np.random.default_rng(0)
    U, V = rng.integers(-1, 2, size=(m, k)), rng.integers(-1, 2, size=(n, k))
    if not biases:
        return Factors(U.astype(float), V.astype(float))
    b, c = rng.integers(-1, 2, size=m), rng.integers(-1, 2, size=n)
    return Factors(U.astype(float), V.astype(float), mean=3.0, user_bias=b, item_bias=c)


def some_ratings(m=40, n=31):
    """User 0 has rated everything, user 1 nothing."""
    rng = np.random.default_rng(1)
    R = np.where(rng.random((m, n)) < 0.3, 1.0, np.nan)
    R[0], R[1] = 1.0, np.nan
    R[2, :] = 1.0
    R[2, 4] = np.nan
    return Ratings.from_matrix(R)


def by_sorting(factors, user, n, rated):
    """All predictions of one user, sorted by value and then by number."""
    n_items = factors.shape[1]
    predicted = pair_predictions(factors, np.full(n_items, user), np.arange(n_items))
    known = set() if rated is None else set(rated.item_index[rated.by_user[user]].tolist())
    left = [j for j in range(n_items) if j not in known]
    best = sorted(left, key=lambda j: (-predicted[j], j))[:n]
    return best, predicted[best]


@pytest.mark.parametrize("slab", [1, 70, 10**6])
@pytest.mark.parametrize("exclude", [True, False])
@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("n", [1, 7, 30, 99])
def test_the_best_items_are_those_of_a_full_sort(n, biases, exclude, slab, monkeypatch):
    monkeypatch.setattr(sys.modules["mfteach.recommender.best_lists"], "SLAB", slab)
    factors = factors_with_ties(biases=biases)
    rated = some_ratings() if exclude else None
    users = np.array([5, 0, 1, 2, 39, 5])
    found = list(top_items(factors, users, n, rated))
    assert len(found) == len(users)
    for user, (items, predicted) in zip(users.tolist(), found, strict=True):
        wanted, values = by_sorting(factors, user, n, rated)
        assert items.tolist() == wanted
        assert predicted.tolist() == values.tolist()


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(3)
    R = np.where(rng.random((25, 15)) < 0.4, rng.integers(1, 6, (25, 15)), np.nan)
    ratings = Ratings.from_matrix(R, users=[f"u{i:02}" for i in range(25)])
    return MatrixFactorization(3, unknown="mean").fit(ratings)


def test_a_list_of_users_gets_what_each_gets_alone(model):
    users = ["u07", "u00", "stranger", "u24", "u07"]
    lists = model.recommend(users, 4)
    assert lists == [model.recommend(user, 4) for user in users]
    assert lists[0] == lists[4] and len(lists[0]) == 4
    assert model.recommend(np.array(users), 4) == lists
    assert model.recommend([], 4) == []
    strangers = model.recommend(["stranger", "nobody"], 4)
    assert strangers[0] == strangers[1] == lists[2]
    strangers[0].clear()
    assert strangers[1] == lists[2]


def test_a_stranger_among_many_is_named(model):
    strict = MatrixFactorization(3).fit(model.ratings_)
    with pytest.raises(KeyError, match="stranger"):
        strict.recommend(["u07", "stranger"])
