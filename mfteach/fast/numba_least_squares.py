"""The half steps of alternating least squares, compiled.

Each kernel works on a range of rows that no other touches meanwhile, so that plain threads share
the work without races: the result depends neither on their number nor on who comes first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfteach.fast.compiling import _dot, _ranges, _target, compiled, gemm
from mfteach.fast.numba_gradient import _differentiate
from mfteach.fast.numpy_least_squares import solve_some, whitening
from mfteach.fast.threads import one_blas_thread, side_by_side
from mfteach.matrices.rows import Index, Known, Rows, Table, converged_below

# Rows of a table gathered at a time: few enough that they stay in the cache.
CHUNK = 192
# Rows and columns of a matrix that are computed at a time: those of one half suffice, and on so
# few BLAS takes no detour through copies.
TILE = 32
# Rows of a factor that are found at a time.
PANEL = 4


def sort_by_row(
    starts: NDArray[np.intp], rows: Index, others: Index, known: Known
) -> tuple[NDArray[np.uint32], Table]:
    """Sort the ratings by their entry in ``rows``: the entries of ``others``, and the targets."""
    neighbours, targets = np.empty(len(rows), np.uint32), np.empty(len(rows), known.mean.dtype)
    _sort_by_row(starts[:-1].copy(), rows, others, *known, neighbours, targets)
    return neighbours, targets


@compiled
def _sort_by_row(free, rows, others, i, j, r, mean, b, c, neighbours, targets):  # type: ignore[no-untyped-def]
    """Put each rating at the first free place of its row."""
    for n in range(len(rows)):
        at = free[rows[n]]
        free[rows[n]] += 1
        neighbours[at] = others[n]
        targets[at] = _target(n, i, j, r, mean, b, c)


def half_step(rows: Rows, table: Table) -> Table:
    """Solve the normal equations of every row that has ratings.

    The kernel leaves rows undecided that have no penalty, or one so small that rounding swallows
    it. Whether these are determined is a question for eigenvalues, and so for NumPy.
    """
    rows.require_enough(table.shape[1])
    return _solved(rows, table, rows.penalties, weighted=False)


def implicit_half_step(rows: Rows, table: Table) -> Table:
    """As in `mfteach.fast.numpy_least_squares`, where the idea is explained."""
    with one_blas_thread():
        L, _ = whitening(rows, table)
        x = _solved(rows, table @ L, np.ones_like(rows.penalties), weighted=True)
        return np.asarray(x @ L.T)


def approximate_implicit_half_step(rows: Rows, table: Table, start: Table, n_steps: int) -> Table:
    """As in `mfteach.fast.numpy_least_squares`."""
    with one_blas_thread():
        L, back = whitening(rows, table)
        x = np.asarray(start @ back)
        x[rows.counts == 0] = 0
        _improve(rows, table @ L, x, n_steps, np.ones_like(rows.penalties), weighted=True)
        return np.asarray(x @ L.T)


def _solved(rows: Rows, table: Table, penalties: Table, *, weighted: bool) -> Table:
    x = np.zeros((len(rows), table.shape[1]), table.dtype)
    undecided = np.zeros(len(rows), dtype=np.bool_)
    given = rows.starts, rows.neighbours, rows.targets, penalties, weighted
    shared = (*given, table, x, undecided, gemm(table.dtype))
    with one_blas_thread():
        side_by_side(_solve_rows, ((*edges, *shared) for edges in _ranges(rows.starts)))
    if undecided.any():
        solve_some(rows, np.flatnonzero(undecided), table, x, weighted=weighted)
    return x


def approximate_half_step(rows: Rows, table: Table, start: Table, n_steps: int) -> Table:
    """Take steps of conjugate gradients from each row of ``start`` towards `half_step`."""
    x = start * (rows.counts > 0)[:, None]
    _improve(rows, table, x, n_steps, rows.penalties, weighted=False)
    return x


def _improve(
    rows: Rows, table: Table, x: Table, n_steps: int, penalties: Table, *, weighted: bool
) -> None:
    given = rows.starts, rows.neighbours, rows.targets, penalties, weighted
    rounding = table.dtype.type(converged_below(table.dtype.type(1), table.shape[1]))
    shared = (*given, table, x, n_steps, rounding)
    side_by_side(_improve_rows, ((*edges, *shared) for edges in _ranges(rows.starts)))


@compiled
def _solve_rows(  # type: ignore[no-untyped-def]
    first, last, starts, neighbours, targets, penalties, weighted, table, x, undecided, gemm
):
    """Solve for the rows of a range, by the smaller of the two forms of the normal equations.

    Where they are ``weighted``, a target e stands for the target (1 + e) / w of sqrt(e) = w times
    its row of the table. A weight of 0 would leave nothing to divide by: it is made tiny.
    """
    k = table.shape[1]
    gram = np.empty((k, k), table.dtype)
    A = np.empty((max(k, CHUNK), k), table.dtype)
    one, tiny = table.dtype.type(1), table.dtype.type(np.finfo(table.dtype).eps ** 2)
    w = np.empty(0, table.dtype)
    for i in range(first, last):
        n = starts[i + 1] - starts[i]
        if n == 0:
            continue
        j, r = neighbours[starts[i] : starts[i + 1]], targets[starts[i] : starts[i + 1]]
        if weighted:
            w = np.sqrt(np.maximum(r, tiny))
            r = (one + r) / w
        if n < k:
            solved = _solve_short(j, w, r, table, penalties[i], A, gram, x[i], gemm)
        else:
            solved = _solve_long(j, w, r, table, penalties[i], A, gram, x[i], gemm)
        if not solved:
            undecided[i] = True
            x[i] = 0


@compiled
def _fetch(neighbours, w, table, A):  # type: ignore[no-untyped-def]
    """Copy rows one below the other, as they are: so the processor waits for many at once.

    Then weigh them, if there are weights.
    """
    for row in range(len(neighbours)):
        v = table[neighbours[row]]
        for s in range(len(v)):
            A[row, s] = v[s]
    for row in range(len(w)):
        A[row] *= w[row]


@compiled
def _solve_short(neighbours, w, r, table, penalty, A, gram, x, gemm):  # type: ignore[no-untyped-def]
    """x = Aᵀz with (AAᵀ + penalty 1) z = r, for a row with fewer ratings than factors."""
    n = len(neighbours)
    _fetch(neighbours, w, table, A)
    _products_of_rows(A, n, gram, gemm)
    z = r.copy()
    solved = _solve_by_cholesky(gram, penalty, n, z, gemm)
    _add_rows(A, z, x)
    return solved


@compiled
def _solve_long(neighbours, w, r, table, penalty, A, gram, x, gemm):  # type: ignore[no-untyped-def]
    """(AᵀA + penalty 1) x = Aᵀr, for the other rows."""
    for at in range(0, len(neighbours), CHUNK):
        chunk = neighbours[at : at + CHUNK]
        _fetch(chunk, w[at : at + CHUNK], table, A)
        _add_products_of_columns(A, len(chunk), gram, at > 0, gemm)
        _add_rows(A, r[at : at + CHUNK], x)
    return _solve_by_cholesky(gram, penalty, table.shape[1], x, gemm)


@compiled
def _add_rows(A, r, x):  # type: ignore[no-untyped-def]
    """Add Aᵀr to x, for as many rows of A as there are numbers in r."""
    for row in range(len(r)):
        for s in range(len(x)):
            x[s] += A[row, s] * r[row]


@compiled
def _solve_by_cholesky(gram, penalty, n, x, gemm):  # type: ignore[no-untyped-def]
    """Solve (gram + penalty 1) x = b, n equations, where x held b; say whether it could be done."""
    trace = gram.dtype.type(0)
    for s in range(n):
        gram[s, s] += penalty
        trace += gram[s, s]
    # A penalty that rounding swallows does not keep the smallest eigenvalue away from 0.
    if penalty <= gram.dtype.type(n) * np.finfo(gram.dtype).eps * trace:
        return False
    if not _factorize(gram, n, gemm):
        return False
    for s in range(n):  # Rᵀy = b
        x[s] *= gram[s, s]
        for t in range(s + 1, n):
            x[t] -= gram[s, t] * x[s]
    for s in range(n - 1, -1, -1):  # R x = y
        x[s] = gram[s, s] * (x[s] - _dot(gram[s, s + 1 : n], x[s + 1 : n]))
    return True


@compiled
def _factorize(gram, n, gemm):  # type: ignore[no-untyped-def]
    """R with RᵀR = gram, from the upper half and into it, with 1 / r_ss for r_ss.

    A few rows at a time: what the rows above take off them is a product of matrices. Say whether
    it could be done: not where a pivot is not positive.
    """
    numbers = np.array([len(gram), 0, 0, 0], np.int32)
    stride, width, height, above = [numbers[at:].ctypes for at in range(4)]
    signs = np.array([-1, 1], gram.dtype)
    minus, plus = signs.ctypes, signs[1:].ctypes
    letters = np.array([84, 78], np.uint8)
    T, N = letters.ctypes, letters[1:].ctypes
    for first in range(0, n, PANEL):
        last = min(first + PANEL, n)
        if first > 0:
            numbers[1], numbers[2], numbers[3] = n - first, last - first, first
            R, rest = gram[0, first:].ctypes, gram[first, first:].ctypes
            gemm(N, T, width, height, above, minus, R, stride, R, stride, plus, rest, stride)
        for s in range(first, last):
            pivot = gram[s, s]
            if not pivot > 0:
                return False
            scale = gram.dtype.type(1) / np.sqrt(pivot)
            gram[s, s] = scale
            for t in range(s + 1, n):
                gram[s, t] *= scale
            for a in range(s + 1, last):
                for t in range(a, n):
                    gram[a, t] -= gram[s, a] * gram[s, t]
    return True


@compiled
def _products_of_rows(A, n, gram, gemm):  # type: ignore[no-untyped-def]
    """gram = AAᵀ for n rows of A: its upper half, and what else is in the tiles of that.

    To Fortran a C-ordered matrix looks transposed.
    """
    numbers = np.array([A.shape[1], len(gram), 0, 0], np.int32)
    length, stride, height, width = [numbers[at:].ctypes for at in range(4)]
    scale = np.array([1, 0], A.dtype)
    one, zero = scale.ctypes, scale[1:].ctypes
    letters = np.array([84, 78], np.uint8)
    T, N = letters.ctypes, letters[1:].ctypes
    for a in range(0, n, TILE):
        for b in range(a, n, TILE):
            numbers[2], numbers[3] = min(TILE, n - b), min(TILE, n - a)
            p, q, tile = A[b].ctypes, A[a].ctypes, gram[a, b:].ctypes
            gemm(T, N, height, width, length, one, p, length, q, length, zero, tile, stride)


@compiled
def _add_products_of_columns(A, n, gram, more, gemm):  # type: ignore[no-untyped-def]
    """gram = AᵀA for n rows of A, added to gram if there were ``more`` of them before."""
    k = A.shape[1]
    numbers = np.array([n, k, 0, 0], np.int32)
    length, stride, height, width = [numbers[at:].ctypes for at in range(4)]
    scale = np.array([1, int(more)], A.dtype)
    one, keep = scale.ctypes, scale[1:].ctypes
    letters = np.array([84, 78], np.uint8)
    T, N = letters.ctypes, letters[1:].ctypes
    for a in range(0, k, TILE):
        for b in range(a, k, TILE):
            numbers[2], numbers[3] = min(TILE, k - b), min(TILE, k - a)
            p, q, tile = A[0, b:].ctypes, A[0, a:].ctypes, gram[a, b:].ctypes
            gemm(N, T, height, width, length, one, p, stride, q, stride, keep, tile, stride)


@compiled
def _improve_rows(  # type: ignore[no-untyped-def]
    first,
    last,
    starts,
    neighbours,
    targets,
    penalties,
    weighted,
    table,
    solution,
    n_steps,
    rounding,
):
    """Conjugate gradients on the normal equations A x = b of each row, from where it stands.

    The slope at x is A x - b; where all targets are 0, b is 0 and the slope at p is A p. Where
    they are ``weighted``, a target e stands for a weight of e and a target of 1 + e.
    """
    k, one = table.shape[1], table.dtype.type(1)
    w = targets[:0]
    # Separate arrays: the compiler has to see that they do not overlap.
    residual, p = np.empty(k, table.dtype), np.empty(k, table.dtype)
    Ap = np.empty(k, table.dtype)
    zeros = np.zeros_like(targets[: np.diff(starts[first : last + 1]).max()])
    for i in range(first, last):
        j, r = neighbours[starts[i] : starts[i + 1]], targets[starts[i] : starts[i + 1]]
        if weighted:
            w, r = r, one + r
        x = solution[i]
        _differentiate(x, j, r, w, table, penalties[i], residual)
        residual *= -1
        p[:] = residual
        squares = _dot(residual, residual)
        converged = squares * rounding if squares < np.inf else -squares
        for _ in range(n_steps):
            _differentiate(p, j, zeros[: len(j)], w, table, penalties[i], Ap)
            curvature = _dot(p, Ap)
            if squares <= converged or not curvature > 0:
                break
            step = squares / curvature
            for s in range(k):
                x[s] += step * p[s]
                residual[s] -= step * Ap[s]
            before, squares = squares, _dot(residual, residual)
            for s in range(k):
                p[s] = residual[s] + squares / before * p[s]
