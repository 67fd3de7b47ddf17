"""Splits: every rating once, nothing in both parts, and what each split promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import tables

from mfteach import Ratings, datasets
from mfteach.evaluation import by_time, k_fold, leave_n_out


def numbered(n_users=9, n_items=8, rng=0):
    """Ratings whose value is their position, so that parts can be traced."""
    ratings = datasets.planted(n_users, n_items, 1, 0.6, 0.0, rng=rng).ratings
    times = np.random.default_rng(rng).permutation(len(ratings))
    return Ratings(ratings.users, ratings.items, np.arange(len(ratings)), timestamps=times)


def assert_parts(whole, train, held_out):
    assert sorted([*train.values, *held_out.values]) == sorted(whole.values)
    for part in (train, held_out):
        assert part.shape == whole.shape
        assert np.array_equal(part.user_labels, whole.user_labels)
        positions = part.values.astype(int)
        assert np.array_equal(part.users, whole.users[positions])
        assert np.array_equal(part.items, whole.items[positions])
        assert np.array_equal(part.timestamps, whole.timestamps[positions])


def test_a_share_is_held_out_at_random():
    whole = numbered()
    train, held_out = whole.split(0.3, rng=4)
    assert_parts(whole, train, held_out)
    assert len(held_out) == round(0.3 * len(whole))
    assert np.array_equal(held_out.values, whole.split(0.3, np.random.default_rng(4))[1].values)
    assert not np.array_equal(held_out.values, whole.split(0.3, rng=5)[1].values)


@given(tables(), st.integers(2, 6), st.integers(0, 9))
def test_folds_hold_out_every_rating_once(R, n_folds, seed):
    ratings = Ratings.from_matrix(R)
    ratings = ratings.with_values(np.arange(len(ratings)))
    if len(ratings) < n_folds:
        few = f"n_folds must lie between 2 and {len(ratings)}"
        with pytest.raises(ValueError, match=few if len(ratings) > 1 else "one rating"):
            k_fold(ratings, n_folds, seed)
        return
    parts = list(k_fold(ratings, n_folds, seed))
    held_out = np.concatenate([part.values for _, part in parts])
    assert sorted(held_out) == sorted(ratings.values)
    sizes = [len(part) for _, part in parts]
    assert max(sizes) - min(sizes) <= 1
    for train, part in parts:
        assert sorted([*train.values, *part.values]) == sorted(ratings.values)


def test_folds_are_random_and_repeat_for_a_seed():
    whole = numbered()
    first, again, other = ([part.values for _, part in k_fold(whole, 3, rng)] for rng in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert_parts(whole, *next(iter(k_fold(whole, 3, 0))))
    for n_folds in (0, 1, len(whole) + 1):
        with pytest.raises(ValueError, match="n_folds must lie between 2"):
            k_fold(whole, n_folds)


@pytest.mark.parametrize("n", [1, 3])
def test_leave_n_out_takes_n_of_each_user_with_more(n):
    whole = numbered(30, 8)
    train, held_out = leave_n_out(whole, n, rng=2)
    assert_parts(whole, train, held_out)
    before = whole.by_user.counts
    assert (before <= n).any() or n == 1
    assert np.array_equal(held_out.by_user.counts, np.where(before > n, n, 0))
    other = leave_n_out(whole, n, rng=3)[1]
    assert not np.array_equal(other.values, held_out.values)
    assert np.array_equal(leave_n_out(whole, n, rng=2)[1].values, held_out.values)


def test_each_rating_of_a_user_is_left_out_equally_often():
    whole = Ratings([0] * 4, range(4), range(4))
    left_out = [leave_n_out(whole, 1, rng)[1].values[0] for rng in range(800)]
    assert np.bincount(np.array(left_out, dtype=int)) == pytest.approx([200] * 4, abs=60)


def test_leaving_out_what_is_not_there():
    with pytest.raises(ValueError, match="n must be at least 1, but is 0"):
        leave_n_out(numbered(), 0)
    with pytest.raises(ValueError, match="no user has more than 100 ratings"):
        leave_n_out(numbered(), 100)


@pytest.mark.parametrize("fraction", [0.1, 0.5])
def test_by_time_holds_out_the_latest(fraction):
    whole = numbered()
    train, held_out = by_time(whole, fraction)
    assert_parts(whole, train, held_out)
    assert train.timestamps.max() < held_out.timestamps.min()
    assert len(held_out) == round(fraction * len(whole))


@pytest.mark.parametrize("fraction", [0.2, 0.5, 0.9])
def test_by_time_per_user_holds_out_the_latest_of_each(fraction):
    rng = np.random.default_rng(5)
    i, j = np.nonzero(rng.random((9, 30)) < 0.5)
    times = rng.integers(0, 40, len(i)).astype(float)
    ratings = Ratings(i, j, np.ones(len(i)), timestamps=times)
    train, held_out = by_time(ratings, fraction, per_user=True)
    assert train.shape == held_out.shape == ratings.shape
    assert len(train) + len(held_out) == len(ratings)
    for user in range(9):
        past, later = (part.timestamps[part.by_user[user]] for part in (train, held_out))
        assert len(later) == int(fraction * (len(past) + len(later)))
        assert not len(later) or past.max() <= later.min()
    joined = train.joined(held_out)
    assert joined.fingerprint() == ratings.fingerprint()


def test_by_time_per_user_where_nobody_has_enough():
    ratings = Ratings([1, 2, 3], [1, 1, 1], [1, 2, 3], timestamps=[1, 2, 3])
    with pytest.raises(ValueError, match=r"nobody has so many ratings that 0.4 of them is one"):
        by_time(ratings, 0.4, per_user=True)


def test_ratings_at_one_time_go_by_their_order():
    whole = Ratings([0, 1, 2, 3], [0] * 4, [0, 1, 2, 3], timestamps=[5, 5, 5, 1])
    train, held_out = by_time(whole, 0.5)
    assert train.values.tolist() == [0, 3]
    assert held_out.values.tolist() == [1, 2]


def test_time_splits_that_cannot_be():
    whole = numbered()
    without = Ratings(whole.users, whole.items, whole.values)
    with pytest.raises(ValueError, match="these ratings have no times: give timestamps"):
        by_time(without, 0.1)
    for fraction in (0, 1, -0.5, np.nan):
        with pytest.raises(ValueError, match="fraction must lie between 0 and 1"):
            by_time(whole, fraction)
    with pytest.raises(ValueError, match="leaves one part empty"):
        by_time(whole, 0.0001)


# ---- times, and parts put together again


def test_times_are_read_kept_and_follow_their_rating(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("userId,movieId,rating,timestamp\n1,2,3,30\n1,3,4,10\n2,2,5,20\n")
    assert Ratings.read_csv(path).timestamps is None
    ratings = Ratings.read_csv(path, timestamps="timestamp")
    assert ratings.timestamps.tolist() == [30, 10, 20]
    assert ratings.take(np.array([2, 0])).timestamps.tolist() == [20, 30]
    assert ratings.with_values([1, 1, 1]).timestamps.tolist() == [30, 10, 20]
    with pytest.raises(ValueError, match=r"r\.csv has no column 'when' for the times"):
        Ratings.read_csv(path, timestamps="when")
    path.write_text("userId,movieId,rating,timestamp\n1,2,3,noon\n")
    with pytest.raises(ValueError, match=r"r\.csv, line 2: the time: 'noon' is not a number"):
        Ratings.read_csv(path, timestamps="timestamp")


def test_the_time_of_a_duplicate_is_the_last():
    for duplicates in ("last", "mean"):
        ratings = Ratings(
            [1, 1, 2], [1, 1, 1], [2, 4, 5], duplicates=duplicates, timestamps=[7, 8, 9]
        )
        assert ratings.timestamps.tolist() == [8, 9]


def test_bad_times_are_refused():
    with pytest.raises(ValueError, match="2 timestamps do not fit 1 ratings"):
        Ratings([1], [1], [1], timestamps=[1, 2])
    with pytest.raises(ValueError, match="rating 0: the time is nan"):
        Ratings([1], [1], [1], timestamps=[np.nan])


def test_movielens_keeps_times_where_there_are_any(tmp_path):
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,2,3,40\n")
    assert datasets.movielens(tmp_path).timestamps.tolist() == [40]
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,2,3\n")
    assert datasets.movielens(tmp_path).timestamps is None


def test_parts_are_joined_again():
    whole = numbered()
    train, held_out = whole.split(0.3, 0)
    assert_parts(whole, train.joined(held_out), whole.take(np.arange(0)))
    no_times = Ratings(whole.users, whole.items, whole.values).split(0.3, 0)
    assert no_times[0].joined(held_out).timestamps is None
    with pytest.raises(ValueError, match=r"both parts hold user \d and item \d"):
        train.joined(whole)
    with pytest.raises(ValueError, match="have different labels"):
        train.joined(numbered(5, 5))
