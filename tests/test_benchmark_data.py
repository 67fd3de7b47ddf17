"""The synthetic ratings of the benchmarks have the shape and the statistics that they claim."""

import numpy as np
import pytest

from benchmarks.data import FEWEST, ML_100K, Shape, synthetic_ratings
from mfteach.evaluation import rmse
from mfteach.recommender import Biases


def test_synthetic_ratings_are_like_movielens():
    ratings = synthetic_ratings(ML_100K)
    assert ratings.shape[0] == 943
    assert 1500 < ratings.shape[1] <= 1682
    assert len(ratings) == pytest.approx(100_000, rel=0.001)
    assert set(ratings.values.tolist()) == {1.0, 2.0, 3.0, 4.0, 5.0}
    by_user, by_item = ratings.by_user.counts, np.sort(ratings.by_item.counts)
    assert by_user.min() >= FEWEST
    assert by_user.max() > 5 * np.median(by_user)
    assert by_item[-len(by_item) // 5 :].sum() > 0.45 * len(ratings)


def test_biases_explain_a_part_and_the_seed_repeats():
    train, test = synthetic_ratings(Shape(300, 200, 12_000)).split(0.1, 0)
    biases = Biases.fit(train, 5.0).predict(test)
    assert rmse(test.values, biases) < 0.95 * np.std(test.values)
    one, other = (synthetic_ratings(Shape(50, 100, 2000), rng).values for rng in (1, 1))
    assert np.array_equal(one, other)
