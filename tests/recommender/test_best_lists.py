"""Lists of the best, against a full sort of each row: ties, nothing left, slabs and threads."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from mfteach import Factors
from mfteach.loss import pair_predictions
from mfteach.recommender import Neighbour, best_lists
from mfteach.recommender.best_lists import WORTH_A_THREAD, Lists, by_slabs, candidates, ranked
from mfteach.recommender.similarity import directions, nearest
from mfteach.recommender.top_items import top_lists


def scores_with_ties(m, n, dtype="float64", rng=0):
    """Whole numbers, some of them left out; row 0 has nothing left, row 1 all the same."""
    generator = np.random.default_rng(rng)
    scores = generator.integers(-3, 4, size=(m, n)).astype(dtype)
    scores[generator.random((m, n)) < 0.3] = -np.inf
    scores[0], scores[1] = -np.inf, 2.0
    return scores


def sorted_row(scores, n):
    """Columns of the n largest of a row, the lower first of equals, and what is left out never."""
    left = [column for column in range(len(scores)) if scores[column] > -np.inf]
    return sorted(left, key=lambda column: (-scores[column], column))[:n]


def best_of(scores, n):
    row, column = candidates(scores, n, 0.0)
    return ranked(row, column, scores[row, column], len(scores), n)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_columns", [1, 2, 9, 80, 211])
@pytest.mark.parametrize("n", [1, 2, 10, 300])
def test_lists_are_those_of_a_full_sort(n, n_columns, dtype):
    for rng in range(4):
        scores = scores_with_ties(7, n_columns, dtype, rng)
        lists = best_of(scores, n)
        expected = [sorted_row(row, n) for row in scores]
        assert [members.tolist() for members, _ in lists.each()] == expected
        assert lists.lengths.tolist() == [len(each) for each in expected]
        for row, (members, values) in zip(scores, lists.each(), strict=True):
            assert values.tolist() == row[members].tolist()


def test_candidates_are_few():
    """Of numbers that all differ hardly more than the n best are looked at again."""
    scores = np.random.default_rng(0).normal(size=(50, 4000))
    row, _ = candidates(scores, 10, 0.0)
    assert 500 <= len(row) < 600


@pytest.mark.parametrize("slack", [0.5, np.array([0.0, 0.5, 1.0, 5.0])])
def test_what_is_less_by_the_slack_is_a_candidate(slack):
    scores = np.random.default_rng(0).integers(-9, 10, size=(4, 90)) / 2
    row, column = candidates(scores, 3, slack)
    found = set(zip(row.tolist(), column.tolist(), strict=True))
    for i, allowed in enumerate(np.broadcast_to(slack, 4)):
        third = np.sort(scores[i])[-3]
        close = np.flatnonzero(scores[i] >= third - allowed)
        assert {(i, j) for j in close.tolist()} <= found


@pytest.mark.parametrize("threads", ["1", "3"])
@pytest.mark.parametrize("slab", [1, 100, 10**6])
@pytest.mark.parametrize("worth", [1, 10**9])
def test_slabs_and_threads_change_nothing(worth, slab, threads, monkeypatch):
    monkeypatch.setenv("MFTEACH_THREADS", threads)
    monkeypatch.setattr(best_lists, "SLAB", slab)
    monkeypatch.setattr(best_lists, "WORTH_A_THREAD", worth)
    scores = scores_with_ties(11, 40)
    sizes = []

    def best(some, table):
        sizes.append(len(some))
        table[:] = scores[some]
        return best_of(table, 4)

    asked = np.array([3, 0, 10, 1, 3, 7, 5])
    lists = by_slabs(best, asked, 40, "float64")
    assert [members.tolist() for members, _ in lists.each()] == [
        sorted_row(scores[row], 4) for row in asked
    ]
    assert sum(sizes) == len(asked)
    assert max(sizes) <= max(1, slab // 40)
    assert [*by_slabs(best, asked[:0], 40, "float64").each()] == []


def test_labels_and_values_are_plain_numbers_of_the_wanted_kind():
    lists = Lists(np.array([2, 0, 1]), np.array([0.5, 0.25, 1], "float32"), np.array([2, 0, 1]))
    found = lists.labelled(Neighbour, np.array([7, 8, 9]))
    assert found == [[Neighbour(9, 0.5), Neighbour(7, 0.25)], [], [Neighbour(8, 1.0)]]
    for label, similarity in (each for one in found for each in one):
        assert (type(label), type(similarity)) == (int, float)
    assert {type(each) for one in found for each in one} == {Neighbour}
    assert found[0][0].similarity == 0.5


@pytest.mark.parametrize("mean", [3.1, 3e4])
@pytest.mark.parametrize("k", [1, 3, 17, 64])
def test_rounding_loses_no_equal_prediction(k, mean):
    """Equal rows of V get equal predictions, and a large mean rounds others to the same number."""
    rng = np.random.default_rng(k)
    V = np.repeat(rng.normal(size=(50, k)), 5, axis=0)[rng.permutation(250)]
    U, b, c = rng.normal(size=(60, k)), rng.normal(size=60), 0.001 * rng.normal(size=250)
    biased = Factors(U, V, mean=mean, user_bias=b, item_bias=c)
    for factors in (Factors(U, V).astype("float32"), biased.astype("float32"), biased):
        users = np.arange(60)
        found = top_lists(factors, users, 7, None)
        for user, (items, predicted) in zip(users, found.each(), strict=True):
            every = pair_predictions(factors, np.full(250, user), np.arange(250))
            assert items.tolist() == sorted_row(every, 7)
            assert predicted.tolist() == every[items].tolist()
            ((alone, _),) = top_lists(factors, np.array([user]), 7, None).each()
            assert alone.tolist() == items.tolist()


def test_predictions_beyond_all_numbers_are_the_best():
    U, V = np.array([[1e30, 1.0]], "float32"), np.array([[0, 1], [1e30, 0], [1e30, 1]], "float32")
    with np.errstate(over="ignore", invalid="raise"):
        ((items, predicted),) = top_lists(Factors(U, V), np.array([0]), 2, None).each()
    assert items.tolist() == [1, 2]
    assert np.isposinf(predicted).all()


def test_rounding_orders_no_equal_cosines():
    """Rows that are nearly parallel: single precision sees no difference, double does."""
    rng = np.random.default_rng(0)
    table = np.repeat(rng.normal(size=(4, 9)), 60, axis=0)
    table += 1e-6 * rng.integers(-1, 2, size=table.shape)
    table[::17] = 0
    rows = directions(table)
    asked = np.flatnonzero(rows.any(axis=1))
    for row, (members, cosines) in zip(asked, nearest(table, asked, 6).each(), strict=True):
        every = np.clip(np.einsum("js,s->j", rows, rows[row]), -1, 1)
        every[row] = -np.inf
        every[::17] = -np.inf
        assert row not in members
        np.testing.assert_allclose(cosines, np.sort(every)[::-1][:6], rtol=0, atol=1e-15)
        np.testing.assert_allclose(cosines, every[members], rtol=0, atol=1e-15)
    short = nearest(table, asked, 10**6)
    assert set(short.lengths.tolist()) == {len(asked) - 1}


@pytest.mark.parametrize(("n_columns", "wanted"), [(20, 2), (WORTH_A_THREAD, 1)])
def test_a_product_on_each_thread_or_one_on_all(monkeypatch, n_columns, wanted):
    """Two threads that each start a product on two took twice the time."""
    monkeypatch.setattr("mfteach.recommender.best_lists.n_threads", lambda: 2)
    seen = []

    def best(some, scores):
        seen.append(blas_threads())
        return Lists(some, np.zeros(len(some)), np.ones(len(some), np.intp))

    with threadpool_limits(2, "blas"):
        if blas_threads() != {2}:
            pytest.skip("the BLAS of this NumPy takes no number of threads")
        found = by_slabs(best, np.arange(4), n_columns, np.float32)
        assert blas_threads() == {2}
    assert found.members.tolist() == [0, 1, 2, 3]
    assert seen == len(seen) * [{wanted}]
    assert len(seen) == (2 if wanted == 1 else 1)


def blas_threads():
    """On how many threads NumPy's BLAS computes."""
    found = threadpool_info()
    return {
        pool["num_threads"]
        for pool in found
        if pool["user_api"] == "blas" and "numpy" in pool["filepath"]
    }
