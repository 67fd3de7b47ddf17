"""What only the NumPy twins have: batches, their bound, classes of ratings that share no row."""

from itertools import islice
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import tables, uneven_ratings, users_by_formula

from mfteach import Factors, Loss, Ratings
from mfteach.descent import alternating_least_squares, solve_users, user_rows
from mfteach.fast import numpy_least_squares
from mfteach.fast.numpy_sgd import conflict_free_order


@pytest.mark.parametrize("batch", [1, 100, 10**9])
def test_batches_change_nothing(batch, monkeypatch):
    ratings = uneven_ratings()
    loss, start = Loss(ratings, 0.3), Factors.random(ratings.shape, 5, rng=1)
    expected = users_by_formula(loss, start)
    monkeypatch.setattr(numpy_least_squares, "BATCH", batch)
    np.testing.assert_allclose(solve_users(loss, start).U, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "k", [1, 2, 7, numpy_least_squares.FEW_FACTORS, numpy_least_squares.FEW_FACTORS + 1]
)
def test_the_matrices_of_a_batch_are_the_sums_of_outer_products(k, dtype):
    v = np.random.default_rng(0).normal(size=(3, 60, k)).astype(dtype)
    A = numpy_least_squares._gram(v)
    assert A.dtype == dtype
    expected = np.einsum("bli,blj->bij", v.astype(float), v.astype(float))
    np.testing.assert_allclose(A, expected, atol=100 * np.finfo(dtype).eps * expected.max())


def test_a_batch_gathers_no_more_than_its_bound(monkeypatch):
    monkeypatch.setattr(
        numpy_least_squares, "BATCH", 1000
    )  # more than any row has: 100 items of 7 factors
    ratings, k = uneven_ratings(200, 100), 7
    counts = ratings.by_user.counts
    point = Factors(np.ones((200, k)), np.ones((100, k)))
    rows = user_rows(Loss(ratings, 3.0), point)
    batches = numpy_least_squares._kept_batches(rows, point.V)
    sizes = []
    for batch in batches:
        lengths = counts[batch.rows]
        known = batch.neighbours < 100
        sizes.append(k * batch.neighbours.size)
        assert batch.neighbours.shape == batch.r.shape[:2] == (len(lengths), lengths.max())
        assert np.array_equal(known.sum(axis=1), lengths)
        assert not batch.r[~known].any()
        assert np.array_equal(batch.penalties, rows.penalties[batch.rows])
        assert lengths.max() <= numpy_least_squares.PADDING * lengths.min() + 1
        assert lengths.max() < k or lengths.min() >= k
        for row, neighbours, r in zip(batch.rows, batch.neighbours, batch.r[:, :, 0], strict=True):
            here = ratings.user_index == row
            assert np.array_equal(neighbours[neighbours < 100], ratings.item_index[here])
            assert np.array_equal(r[neighbours < 100], ratings.values[here])
    assert max(sizes) <= numpy_least_squares.BATCH < 2 * max(sizes)
    together = np.concatenate([batch.rows for batch in batches])
    assert np.array_equal(np.sort(together), np.flatnonzero(counts))


def test_what_stays_the_same_is_put_together_once(monkeypatch):
    ratings = uneven_ratings()
    loss = Loss(ratings, 0.3, engine="numpy")
    made = Mock(wraps=numpy_least_squares.Batch)
    monkeypatch.setattr(numpy_least_squares, "Batch", made)
    steps = alternating_least_squares(loss, Factors.random(ratings.shape, 5, rng=1))
    next(islice(steps, 1, None))
    once = made.call_count
    next(islice(steps, 3, None))
    assert made.call_count == once > 0


@pytest.mark.parametrize("method", ["exact", "cg"])
def test_threads_change_nothing(method, monkeypatch):
    ratings = uneven_ratings()
    loss, start = Loss(ratings, 0.3), Factors.random(ratings.shape, 5, rng=1)
    monkeypatch.setattr(numpy_least_squares, "BATCH", 100)
    found = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("MFTEACH_THREADS", threads)
        found.append(solve_users(loss, start, method).U)
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


@given(tables(), st.integers(0, 99))
def test_a_class_has_no_user_and_no_item_twice_and_all_are_there(R, seed):
    ratings = Ratings.from_matrix(R)
    pairs = ratings.user_index, ratings.item_index, ratings.shape
    order = conflict_free_order(*pairs, seed)
    assert sorted(order.order.tolist()) == list(range(len(ratings)))
    for number in range(len(order)):
        users, items = ratings.user_index[order[number]], ratings.item_index[order[number]]
        assert len(set(users.tolist())) == len(users)
        assert len(set(items.tolist())) == len(items)


def test_the_order_is_another_each_epoch_and_the_same_for_a_seed():
    ratings, generator = uneven_ratings(12, 9), np.random.default_rng(3)
    pairs = ratings.user_index, ratings.item_index, ratings.shape
    first, second = (conflict_free_order(*pairs, generator).order for _ in range(2))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, conflict_free_order(*pairs, 3).order)
