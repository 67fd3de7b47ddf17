"""A compiled fit takes little memory beside the ratings and the factors, which it has to hold."""

import tracemalloc
from functools import partial

import numpy as np
import pytest

from benchmarks.data import ML_100K, synthetic_ratings
from mfteach import ImplicitFactorization, MatrixFactorization, Ratings
from mfteach.matrices.rows import Rows
from mfteach.recommender import Biases, learning

SGD = {"solver": "sgd", "biases": "learned", "learning_rate": 0.08, "start_scale": 0.01}
SHARED = {
    "regularization": 0.05,
    "weighting": "by_count",
    "n_epochs": 3,
    "engine": "numba",
    "rng": 0,
}
MODELS = {
    "sgd": lambda k: MatrixFactorization(k, **SGD, **SHARED),
    "als": lambda k: MatrixFactorization(k, solver="als", **SHARED),
    "cg": lambda k: MatrixFactorization(k, solver="cg", **SHARED),
    "all pairs": lambda k: ImplicitFactorization(k, regularization=10.0, n_epochs=3, rng=0),
}
# Exact least squares compute in matrices of k x k numbers, a few at a time, whatever the ratings.
CASES = [("sgd", 16), ("sgd", 64), ("als", 16), ("als", 32), ("cg", 16), ("cg", 64)]


def peak_of(task):
    """Bytes of arrays and objects, at most, that a task adds to what is there, and its result."""
    tracemalloc.start()
    try:
        result = task()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


def size_of(*arrays):
    return sum(array.nbytes for array in arrays)


@pytest.fixture(scope="module")
def columns():
    """Users, items and values of a table as large as MovieLens 100K, as a file gives them."""
    ratings = synthetic_ratings(ML_100K)
    i, j = (rows.astype(np.int32) for rows in (ratings.user_index, ratings.item_index))
    return i, j, ratings.values.astype(np.float32)


def test_ratings_take_four_fifths_more_while_they_are_numbered_and_checked(columns):
    peak, ratings = peak_of(lambda: Ratings(*columns))
    assert peak < 1.8 * size_of(ratings.user_index, ratings.item_index, ratings.values)


def test_what_biases_leave_takes_little_more_than_its_values(columns):
    ratings = Ratings(*columns)
    biases = Biases.fit(ratings)
    peak, left = peak_of(lambda: biases.residuals(ratings))
    assert peak < 1.6 * size_of(left.values)


@pytest.mark.parametrize(("name", "k"), [*CASES, ("all pairs", 32)])
def test_a_compiled_fit_takes_less_than_twice_what_it_holds(name, k, columns, monkeypatch):
    pytest.importorskip("numba", reason="Numba is not installed", exc_type=ImportError)
    monkeypatch.setenv("MFTEACH_THREADS", "1")  # each has some memory of its own to compute in
    # It asks for memory that it leaves untouched: no machine has to give that.
    monkeypatch.setattr(learning, "_is_free", lambda n_numbers: True)
    MODELS[name](k).fit(Ratings(*columns))  # what is loaded and compiled once does not count
    peak, model = peak_of(lambda: MODELS[name](k).fit(Ratings(*columns)))
    known, factors = model.ratings_, model.factors_
    held = known.user_index, known.item_index, known.values, factors.U, factors.V
    assert peak < 2 * size_of(*held)


@pytest.mark.parametrize("name", ["implicit_half_step", "approximate_implicit_half_step"])
def test_a_half_step_for_all_pairs_takes_no_second_table(name, monkeypatch):
    pytest.importorskip("numba", reason="Numba is not installed", exc_type=ImportError)
    from mfteach.fast import numba_twins

    monkeypatch.setenv("MFTEACH_THREADS", "1")
    m, n, k = 50_000, 30, 16
    rng = np.random.default_rng(0)
    start, table = rng.random((m, k), dtype="float32"), rng.random((n, k), dtype="float32")
    neighbours, extra = np.arange(m, dtype=np.uint32) % n, np.ones(m, np.float32)
    rows = Rows(np.arange(m + 1), neighbours, extra, np.ones(m, np.float32))
    arguments = (rows, table, start, 2) if name.startswith("approximate") else (rows, table)
    task = partial(getattr(numba_twins, name), *arguments)
    task()
    peak, solved = peak_of(task)
    assert peak < 1.7 * size_of(solved)
