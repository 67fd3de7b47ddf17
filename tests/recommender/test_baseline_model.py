"""`Baseline`: the lists that every recommender must beat."""

import numpy as np
import pytest
from sklearn.base import clone

from mfteach import Ratings, datasets
from mfteach.recommender import Baseline, Biases

RATINGS = Ratings(
    ["ann", "bob", "eve", "ann", "bob", "ann"],
    ["x", "x", "x", "y", "y", "z"],
    [2, 3, 1, 4, 4, 5],
)
MEAN = np.mean([2, 3, 1, 4, 4, 5])


def test_popularity_counts_and_leaves_out_what_is_known():
    baseline = Baseline().fit(RATINGS)
    assert baseline.predict(["ann", "eve"], ["x", "z"]).tolist() == [3, 1]
    assert [each.item for each in baseline.recommend("eve")] == ["y", "z"]
    everything = baseline.recommend(["ann", "bob"], exclude_rated=False)
    assert [[each.item for each in listed] for listed in everything] == [["x", "y", "z"]] * 2


@pytest.mark.parametrize("regularization", [0.0, 2.0])
def test_item_means_are_shrunk_to_the_mean(regularization):
    baseline = Baseline("item_means", regularization).fit(RATINGS)
    for item, values in (("x", [2, 3, 1]), ("y", [4, 4]), ("z", [5])):
        above = sum(value - MEAN for value in values) / (len(values) + regularization)
        assert baseline.predict(["bob"], [item])[0] == pytest.approx(MEAN + above)
    assert [each.item for each in baseline.recommend("eve")] == ["z", "y"]


def test_biases_are_those_of_the_package():
    ratings = datasets.planted(12, 9, 2, 0.6, 0.1, rng=0).ratings
    baseline = Baseline("biases", 3.0).fit(ratings)
    expected = Biases.fit(ratings, 3.0).predict(ratings)
    np.testing.assert_allclose(baseline.predict(ratings), expected)


def test_what_is_wrong():
    with pytest.raises(ValueError, match=r"strategy must be .* Choose set_params\(strategy="):
        Baseline("popular").fit(RATINGS)
    with pytest.raises(ValueError, match="regularization must be 0 or larger"):
        Baseline("biases", -1).fit(RATINGS)
    with pytest.raises(ValueError, match="this Baseline is not fitted yet"):
        Baseline().recommend("ann")
    with pytest.raises(KeyError, match="'joe' is not among the"):
        Baseline().fit(RATINGS).recommend("joe")
    assert clone(Baseline("biases")).strategy == "biases"
