"""The normal equations of alternating least squares, compiled.

Each kernel works on a range of rows that no other touches meanwhile, so that plain threads share
the work without races: the result depends neither on their number nor on who comes first.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
from numba.extending import get_cython_function_address
from numpy.typing import NDArray

from mfteach.fast.compiling import Table, _biases, _dot, _ranges, compiled
from mfteach.fast.gradient import _differentiate
from mfteach.fast.threads import side_by_side
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings

# Rows of a table gathered at a time: few enough that they stay in the cache.
CHUNK = 192
# Sums are filled up with zeros to such a length, for processors add many numbers at once.
WHOLE = 32


# ---- errors and gradient


# ---- biases


# ---- stochastic gradient descent


# ---- alternating least squares


def in_order_of_rows(
    starts: NDArray[np.intp],
    own: NDArray[np.intp],
    other: NDArray[np.intp],
    ratings: Ratings,
    factors: Factors,
) -> tuple[NDArray[np.uint32], Table]:
    """Sort the ratings by their row in ``own``: which row of ``other`` each meets, and its target.

    The target is r_ij - mean - b_i - c_j. ``starts`` says where each row begins.
    """
    met, targets = np.empty(len(own), np.uint32), np.empty(len(own), factors.U.dtype)
    known = ratings.user_index, ratings.item_index, ratings.values
    offsets = factors.U.dtype.type(factors.mean), *_biases(factors)
    _sort_by_row(starts[:-1].copy(), own, other, *known, *offsets, met, targets)
    return met, targets


@compiled
def _sort_by_row(free, own, other, users, items, values, mean, b, c, met, targets):  # type: ignore[no-untyped-def]
    """Put each rating at the first free place of its row."""
    for n in range(len(own)):
        at = free[own[n]]
        free[own[n]] += 1
        met[at] = other[n]
        targets[at] = targets.dtype.type(values[n]) - mean
        if len(b) > 0:
            targets[at] -= b[users[n]] + c[items[n]]


def solve_rows(
    starts: NDArray[np.intp],
    met: NDArray[np.uint32],
    targets: Table,
    table: Table,
    price: Table,
    solution: Table,
) -> NDArray[np.intp]:
    """Solve the normal equations of every row that has ratings, into ``solution``, all zeros.

    The arguments are those of `mfteach.fast.numpy_least_squares.Side`. BLAS must run on one
    thread meanwhile.

    Returns
    -------
    ndarray of int
        The rows with ratings that are left to solve: those without a price, or with one so small
        that rounding swallows it. Whether they are determined is a question for eigenvalues.
    """
    left = np.zeros(len(price), dtype=np.bool_)
    shared = (starts, met, targets, table, price, solution, left, _posv(table.dtype))
    side_by_side(_solve_rows, ((*rows, *shared) for rows in _ranges(starts)))
    return np.flatnonzero(left)


@compiled
def _solve_rows(first, last, starts, met, wanted, table, price, solution, left, posv):  # type: ignore[no-untyped-def]
    """Solve for the rows of a range, by the smaller of the two forms of the normal equations."""
    k = table.shape[1]
    size = k + k % 2
    gram = np.empty((size, size), table.dtype)
    A = np.zeros((max(size, CHUNK), k), table.dtype)
    A_transposed = np.zeros((size, CHUNK), table.dtype)
    for i in range(first, last):
        n = starts[i + 1] - starts[i]
        if n == 0:
            continue
        seen, r = met[starts[i] : starts[i + 1]], wanted[starts[i] : starts[i + 1]]
        if n < k:
            solved = _solve_short(seen, r, table, price[i], A, gram, solution[i], posv)
        else:
            solved = _solve_long(seen, r, table, price[i], A, A_transposed, gram, solution[i], posv)
        if not solved:
            left[i] = True
            solution[i] = 0


@compiled
def _fetch(seen, table, A):  # type: ignore[no-untyped-def]
    """Copy rows one below the other, as they are: so the processor waits for many at once."""
    for row in range(len(seen)):
        v = table[seen[row]]
        for s in range(len(v)):
            A[row, s] = v[s]


@compiled
def _solve_short(seen, r, table, price, A, gram, x, posv):  # type: ignore[no-untyped-def]
    """x = Aᵀz with (AAᵀ + price 1) z = r, for a row with fewer ratings than factors."""
    n, k = len(seen), table.shape[1]
    _fetch(seen, table, A)
    A[n] = 0
    gram[:] = 0
    _add_products(A, n, k, gram)
    z = r.copy()
    solved = _solve_by_cholesky(gram, price, n, z, posv)
    for row in range(n):
        for s in range(k):
            x[s] += A[row, s] * z[row]
    return solved


@compiled
def _solve_long(seen, r, table, price, A, A_transposed, gram, x, posv):  # type: ignore[no-untyped-def]
    """(AᵀA + price 1) x = Aᵀr, for the other rows."""
    k = table.shape[1]
    gram[:] = 0
    for at in range(0, len(seen), CHUNK):
        chunk = seen[at : at + CHUNK]
        n = len(chunk)
        _fetch(chunk, table, A)
        for row in range(n):
            for s in range(k):
                A_transposed[s, row] = A[row, s]
        whole = -(-n // WHOLE) * WHOLE
        A_transposed[:, n:whole] = 0
        _add_products(A_transposed, k, whole, gram)
        for s in range(k):
            x[s] += _dot(r[at : at + n], A_transposed[s])
    return _solve_by_cholesky(gram, price, k, x, posv)


@compiled
def _solve_by_cholesky(gram, price, n, x, posv):  # type: ignore[no-untyped-def]
    """Solve (gram + price 1) x = b, n equations, where x held b; say whether it could be done.

    To Fortran the lower triangle of a C-ordered matrix looks like the upper one.
    """
    trace = gram.dtype.type(0)
    for s in range(n):
        gram[s, s] += price
        trace += gram[s, s]
    # A price that rounding swallows does not keep the smallest eigenvalue away from 0.
    if price <= gram.dtype.type(n) * np.finfo(gram.dtype).eps * trace:
        return False
    numbers = np.array([n, len(gram), 1, 0], np.int32)
    order, stride, unit, info = [numbers[at:].ctypes for at in range(4)]
    upper = np.array([85], np.uint8).ctypes
    posv(upper, order, unit, gram.ctypes, stride, x.ctypes, stride, info)
    return numbers[3] == 0


@compiled
def _add_products(rows, n_rows, length, gram):  # type: ignore[no-untyped-def]
    """Add to gram_ab the product of row a with row b, for b up to a, cut off at ``length``.

    By tiles of two times two, so that each number fetched serves twice; an odd row is followed
    by one of zeros.
    """
    for a in range(0, n_rows, 2):
        p, q = rows[a], rows[a + 1]
        for b in range(0, a + 1, 2):
            v, w = rows[b], rows[b + 1]
            pv = pw = qv = qw = gram.dtype.type(0)
            for s in range(length):
                pv += p[s] * v[s]
                pw += p[s] * w[s]
                qv += q[s] * v[s]
                qw += q[s] * w[s]
            gram[a, b] += pv
            gram[a, b + 1] += pw
            gram[a + 1, b] += qv
            gram[a + 1, b + 1] += qw


def improve_rows(
    starts: NDArray[np.intp],
    met: NDArray[np.uint32],
    targets: Table,
    table: Table,
    price: Table,
    solution: Table,
    n_steps: int,
) -> None:
    """Take ``n_steps`` steps of conjugate gradients for every row of ``solution``, in place."""
    shared = (starts, met, targets, table, price, solution, n_steps)
    side_by_side(_improve_rows, ((*rows, *shared) for rows in _ranges(starts)))


@compiled
def _improve_rows(first, last, starts, met, wanted, table, price, solution, n_steps):  # type: ignore[no-untyped-def]
    """Conjugate gradients on the normal equations A x = b of each row, from where it stands.

    The slope at x is A x - b; where nothing is wanted, b is 0 and the slope at p is A p.
    """
    k = table.shape[1]
    # Arrays of their own: the compiler has to see that they do not overlap.
    residual, p = np.empty(k, table.dtype), np.empty(k, table.dtype)
    Ap = np.empty(k, table.dtype)
    nothing = np.zeros_like(wanted[: np.diff(starts[first : last + 1]).max()])
    for i in range(first, last):
        seen, r = met[starts[i] : starts[i + 1]], wanted[starts[i] : starts[i + 1]]
        x = solution[i]
        _differentiate(x, seen, r, table, price[i], residual)
        residual *= -1
        p[:] = residual
        squares = _dot(residual, residual)
        for _ in range(n_steps):
            _differentiate(p, seen, nothing[: len(seen)], table, price[i], Ap)
            curvature = _dot(p, Ap)
            if not curvature > 0:
                break
            step = squares / curvature
            for s in range(k):
                x[s] += step * p[s]
                residual[s] -= step * Ap[s]
            before, squares = squares, _dot(residual, residual)
            for s in range(k):
                p[s] = residual[s] + squares / before * p[s]


@cache
def _posv(dtype: np.dtype[Any]) -> Any:
    """LAPACK's solver by Cholesky as SciPy brings it, to be called from compiled code."""
    name = {"float32": "sposv", "float64": "dposv"}[dtype.name]
    address = get_cython_function_address("scipy.linalg.cython_lapack", name)
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 8)(address)
