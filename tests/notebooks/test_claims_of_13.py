"""Claims of lesson 13 that its own cells do not hold."""

import numpy as np
import pytest
from scipy import stats

import mfteach as mf
from mfteach.descent import implicit_users
from mfteach.evaluation import ndcg, precision, recall
from mfteach.loss import ImplicitLoss
from mfteach.recommender import Baseline

RATINGS = mf.datasets.viewers(60, 40, 0.5, rng=0).ratings


def test_under_a_heavy_penalty_item_means_rank_by_count_times_quality():
    heavy = 1e8
    means = Baseline("item_means", regularization=heavy).fit(RATINGS)
    mean = RATINGS.values.mean()
    c = means.factors_.item_bias
    better_by = np.bincount(RATINGS.item_index, RATINGS.values, 40) - mean * RATINGS.item_counts
    assert heavy * c == pytest.approx(better_by, rel=1e-5, abs=1e-5)


def test_without_biases_a_heavy_penalty_brings_popularity_back():
    model = mf.MatrixFactorization(5, regularization=10, n_epochs=5, biases=False, rng=0)
    V = model.fit(RATINGS).factors_.V
    predicted = model.factors_.matrix().mean(axis=0)
    for ranked in (np.linalg.norm(V, axis=1), predicted):
        assert stats.spearmanr(ranked, RATINGS.item_counts).statistic > 0.8
    nobody = RATINGS.take(np.flatnonzero(RATINGS.item_index > 0))
    assert not model.fit(nobody).factors_.matrix()[:, 0].any()


def test_most_people_have_not_rated_most_films():
    films = mf.datasets.watched_films().ratings
    assert len(films) < 0.1 * films.shape[0] * films.shape[1]
    assert np.median(films.user_counts) < 0.1 * films.shape[1]


def test_the_list_of_exercise_1_by_the_package():
    listed = "Sleepless in Seattle, Nero, Casablanca, Pretty Woman, Cleopatra, Julius Caesar"
    likes = {"Nero", "Casablanca", "Julius Caesar"}
    relevant = [film in likes for film in listed.split(", ")]
    predicted = range(6, 0, -1)
    assert precision(relevant, predicted, 4) == 1 / 2
    assert recall(relevant, predicted, 4) == pytest.approx(2 / 3)
    assert ndcg(relevant, predicted, 4) == pytest.approx(0.5307, abs=5e-5)


def test_which_changes_keep_every_list():
    random = np.random.default_rng(0)
    predicted = random.normal(size=(5, 8))
    orders = np.argsort(-predicted, axis=1)

    def keeps(changed):
        return np.array_equal(np.argsort(-changed, axis=1), orders)

    assert keeps(predicted + 1)
    assert keeps(predicted + random.normal(size=(5, 1)))
    assert not keeps(predicted + random.normal(size=8))
    assert keeps(predicted / 2)
    assert not keeps(-predicted)


def test_the_user_of_exercise_4_by_the_package():
    """A second user makes the films known that the first one has not seen."""
    ratings = mf.Ratings([1, 2, 2], ["a", "b", "c"], [4, 1, 1])
    loss = ImplicitLoss(ratings, alpha=0.5, regularization=1.0)
    start = mf.Factors(np.zeros((2, 1)), [[1.0], [1.0], [2.0]])
    assert implicit_users(loss, start).U[0, 0] == pytest.approx(1 / 3)
