"""The synthetic ratings of the benchmarks have the shape and the statistics that they claim."""

import itertools

import numpy as np
import pytest

from benchmarks import data
from benchmarks.data import FEWEST, ML_100K, NETFLIX, Shape, slabs, synthetic_ratings, write
from mfteach import Ratings
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


def test_a_thousandth_of_the_netflix_prize_is_as_uneven(monkeypatch):
    shape = NETFLIX._replace(n_users=480, n_ratings=100_480)
    monkeypatch.setattr(data, "SLAB", 10_000)
    pieces = list(slabs(shape))
    assert len(pieces) > 5
    assert max(len(piece.r) for piece in pieces) < 10_000 + shape.n_items
    for before, after in itertools.pairwise(pieces):  # whole users
        assert before.i[-1] < after.i[0]
    i, j, r = map(np.concatenate, zip(*pieces, strict=True))
    by_user, by_item = np.bincount(i), np.sort(np.bincount(j, minlength=shape.n_items))
    assert len(i) == pytest.approx(shape.n_ratings, rel=0.01)
    assert 75 < np.median(by_user) < 125
    assert by_item[-shape.n_items // 10 :].sum() > 0.65 * len(i)
    assert set(r.tolist()) == {1.0, 2.0, 3.0, 4.0, 5.0}
    assert len(np.unique(i.astype(np.int64) * shape.n_items + j)) == len(i)


def test_the_files_hold_the_ratings(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "SLAB", 500)
    shape = Shape(50, 100, 2000)
    drawn = synthetic_ratings(shape, 3)
    write(shape, tmp_path / "r.csv", 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv", "r.parquet"]
    for form in ("csv", "parquet"):
        assert Ratings.read(tmp_path / f"r.{form}").fingerprint() == drawn.fingerprint()
