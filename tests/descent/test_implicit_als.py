"""Half steps for implicit feedback against the normal equations of the full table."""

from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import nth, ratings_and_factors

from mfteach import Factors, Ratings
from mfteach.descent import (
    implicit_half_step,
    implicit_items,
    implicit_least_squares,
    implicit_rows,
    implicit_users,
)
from mfteach.loss import ImplicitLoss


def positive(ratings):
    return ratings.with_values(np.abs(ratings.values) + 0.5)


def full_table(ratings, alpha):
    """c_ij and p_ij of every pair, the blanks too."""
    R = ratings.to_matrix()
    seen = ~np.isnan(R)
    return np.where(seen, 1 + alpha * np.nan_to_num(R), 1.0), seen.astype(float)


def residuals(x, table, C, P, regularization):
    """How far each row is from its normal equations, which sum over every pair, relatively."""
    k = table.shape[1]
    for row, c, p in zip(x, C, P, strict=True):
        A = sum(c_j * np.outer(v, v) for c_j, v in zip(c, table, strict=True))
        A = A + regularization * np.eye(k)
        b = sum(c_j * p_j * v for c_j, p_j, v in zip(c, p, table, strict=True))
        scale = np.linalg.norm(A, 2) * np.linalg.norm(row) + np.linalg.norm(b)
        yield np.linalg.norm(A @ row - b) / max(scale, 1e-300)


@given(ratings_and_factors(), st.floats(0, 40), st.floats(0.01, 5))
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_half_steps_solve_the_equations_of_the_full_table(engine, case, alpha, regularization):
    pytest.importorskip("numba") if engine == "numba" else None
    ratings, factors, _ = case
    ratings = positive(ratings)
    loss = ImplicitLoss(ratings, alpha, regularization, engine=engine)
    C, P = full_table(ratings, alpha)
    U, V = implicit_users(loss, factors).U, implicit_items(loss, factors).V
    assert max(residuals(U, factors.V, C, P, regularization)) < 1e-10
    assert max(residuals(V, factors.U, C.T, P.T, regularization)) < 1e-10
    rows = implicit_rows(loss, factors)
    np.testing.assert_allclose(implicit_half_step(rows[0], factors.V), U, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(implicit_half_step(rows[1], factors.U), V, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("method", ["exact", "cg"])
@given(ratings_and_factors(), st.floats(0, 10), st.floats(0.01, 5))
@pytest.mark.no_cover
def test_no_half_step_raises_the_objective(method, case, alpha, regularization):
    ratings, factors, _ = case
    loss = ImplicitLoss(positive(ratings), alpha, regularization)
    steps = islice(implicit_least_squares(loss, factors, method=method, half_steps=True), 12)
    values = [step.value for step in steps]
    for before, after in pairwise(values):
        assert after <= before * (1 + 1e-12) + 1e-12


def test_the_descent_ends_at_a_stationary_point():
    rng = np.random.default_rng(0)
    R = np.where(rng.random((12, 9)) < 0.4, rng.integers(1, 6, (12, 9)), np.nan)
    loss = ImplicitLoss(Ratings.from_matrix(R), 0.5, 0.7)
    last = nth(implicit_least_squares(loss, Factors.random((12, 9), 3, 0)), 600)
    assert last.gradient_norm < 1e-6
    assert np.abs(last.point.U).max() > 0.1


def test_conjugate_gradients_get_as_low_in_a_few_epochs():
    rng = np.random.default_rng(1)
    R = np.where(rng.random((60, 45)) < 0.3, rng.integers(1, 6, (60, 45)), np.nan)
    loss = ImplicitLoss(Ratings.from_matrix(R), 1.0, 2.0)
    start = Factors.random((60, 45), 20, 0)
    exact, approximate = (
        nth(implicit_least_squares(loss, start, method=method), 10) for method in ("exact", "cg")
    )
    assert approximate.value == pytest.approx(exact.value, rel=1e-3)
    assert not np.array_equal(approximate.point.U, exact.point.U)


def test_an_epoch_is_two_half_steps_users_first():
    loss = ImplicitLoss(Ratings([1, 1, 2], [1, 2, 2], [1, 2, 3]), 1.0, 0.1)
    start = Factors.random((2, 2), 2, 0)
    by_hand = implicit_items(loss, implicit_users(loss, start))
    step = nth(implicit_least_squares(loss, start), 1)
    assert step.number == 1
    np.testing.assert_array_equal(np.asarray(step.point), np.asarray(by_hand))
    halves = list(islice(implicit_least_squares(loss, start, half_steps=True), 3))
    np.testing.assert_array_equal(np.asarray(halves[2].point), np.asarray(by_hand))


def test_rows_without_interactions_are_0():
    ratings = Ratings.from_indices(
        np.array([0, 2]), np.array([0, 0]), np.ones(2), np.arange(3), np.arange(2)
    )
    point = nth(implicit_least_squares(ImplicitLoss(ratings, 1, 0.1), Factors.random((3, 2), 2)), 2)
    assert not point.point.U[1].any()
    assert not point.point.V[1].any()


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_what_is_not_determined_is_named(engine):
    pytest.importorskip("numba") if engine == "numba" else None
    ratings = Ratings(["ann", "bob"], ["tea", "milk"], [1, 1])
    loss = ImplicitLoss(ratings, regularization=0.0, engine=engine)
    with pytest.raises(ValueError, match=r"user 'ann' are not determined .* regularization=1.0"):
        nth(implicit_least_squares(loss, Factors.random((2, 2), 3, 0)), 1)


def test_what_leaves_the_range_is_named():
    loss = ImplicitLoss(Ratings([1, 2], [1, 2], [1, 1]), regularization=1.0)
    start = Factors([[1], [1]], [[1e30], [1e30]]).astype("float32")
    with pytest.raises(ValueError, match=r"user 1 left the range of float32"):
        nth(implicit_least_squares(loss, start), 1)
