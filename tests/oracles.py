"""Slow and obvious forms of what mfteach computes, and strategies for small cases."""

from itertools import count, islice

import numpy as np
from hypothesis import strategies as st

from mfteach import Factors, Ratings

VALUES = st.floats(-5, 5, allow_subnormal=False)
ENTRIES = st.floats(-2, 2, allow_subnormal=False)


def nth(iterator, number):
    """Item ``number`` of an iterator, counted from 0."""
    return next(islice(iterator, number, None))


def table_of(n_rows, n_columns, entries):
    row = st.lists(entries, min_size=n_columns, max_size=n_columns)
    return st.lists(row, min_size=n_rows, max_size=n_rows)


@st.composite
def tables(draw, largest=5):
    """A matrix of ratings with blanks (NaN), but at least one rating."""
    m, n = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    R = np.array(draw(table_of(m, n, st.one_of(st.just(np.nan), VALUES))), dtype=float)
    if np.isnan(R).all():
        R[draw(st.integers(0, m - 1)), draw(st.integers(0, n - 1))] = draw(VALUES)
    return R


@st.composite
def ratings_and_factors(draw, largest=4):
    """Ratings with blanks, factors that fit them, and the table behind the ratings."""
    R = draw(tables(largest))
    k = draw(st.integers(1, 3))
    m, n = R.shape
    factors = Factors(draw(table_of(m, k, ENTRIES)), draw(table_of(n, k, ENTRIES)))
    return Ratings.from_matrix(R), factors, R


def loss_by_loops(R, U, V, regularization=0.0, by_count=False):
    """J of lecture row S47 plus the penalty, one rating and one coordinate at a time."""
    (m, n), k = R.shape, len(U[0])
    total = 0.0
    for i in range(m):
        for j in range(n):
            if not np.isnan(R[i, j]):
                predicted = 0.0
                for s in range(k):
                    predicted += U[i][s] * V[j][s]
                total += 0.5 * (R[i, j] - predicted) ** 2
    for i in range(m):
        weight = sum(not np.isnan(R[i, j]) for j in range(n)) if by_count else 1
        total += 0.5 * regularization * weight * sum(U[i][s] ** 2 for s in range(k))
    for j in range(n):
        weight = sum(not np.isnan(R[i, j]) for i in range(m)) if by_count else 1
        total += 0.5 * regularization * weight * sum(V[j][s] ** 2 for s in range(k))
    return total


def gradient_by_loops(R, U, V, regularization=0.0, by_count=False):
    """Rows S59 and S63, one rating at a time."""
    dU, dV = np.zeros_like(U), np.zeros_like(V)
    for i, j in np.argwhere(~np.isnan(R)):
        e = R[i, j] - U[i] @ V[j]
        dU[i] -= e * V[j]
        dV[j] -= e * U[i]
        if by_count:
            dU[i] += regularization * U[i]
            dV[j] += regularization * V[j]
    if not by_count:
        dU += regularization * U
        dV += regularization * V
    return dU, dV


def central_differences(f, x, h=1e-2):
    """The gradient of f at the flat array x, from values alone."""
    slopes = np.empty(len(x))
    for p in range(len(x)):
        step = np.zeros(len(x))
        step[p] = h
        slopes[p] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


def numbered(steps):
    """Values of steps, after a check that they count 0, 1, 2, ..."""
    values = []
    for number, step in zip(count(), steps, strict=False):
        assert step.number == number
        values.append(step.value)
    return np.array(values)


def uneven_ratings(m=60, n=40, rng=0):
    """Rows with 1 to n ratings, so that every form of the equations and of batches occurs."""
    generator = np.random.default_rng(rng)
    R = generator.normal(size=(m, n))
    for i in range(m):
        R[i, generator.permutation(n)[: max(0, n - 1 - i)]] = np.nan
    return Ratings.from_matrix(R)


def users_by_formula(loss, factors):
    """The normal equations of each user, written out and solved one by one."""
    U = np.zeros_like(factors.U)
    R = loss.ratings.to_matrix() - factors.with_tables(0 * factors.U, factors.V).matrix()
    for i, row in enumerate(R):
        rated = np.flatnonzero(~np.isnan(row))
        if len(rated) == 0:
            continue
        count = len(rated) if loss.weighting == "by_count" else 1
        A = loss.user_regularization * count * np.eye(factors.n_factors)
        right = np.zeros(factors.n_factors)
        for j in rated:
            A += np.outer(factors.V[j], factors.V[j])
            right += row[j] * factors.V[j]
        U[i] = np.linalg.solve(A, right)
    return U
