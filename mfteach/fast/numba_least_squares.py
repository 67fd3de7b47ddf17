"""The half steps of alternating least squares, compiled.

Each kernel works on a range of rows that no other touches meanwhile, so that plain threads share
the work without races: the result depends neither on their number nor on who comes first.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mfteach.fast.compiling import _ranges, _target, compiled
from mfteach.fast.numba_gradient import _differentiate
from mfteach.fast.numba_lines import (
    LINE,
    add_outer_products,
    dot,
    dots,
    in_lines,
    interleave,
    product,
    reduce_line,
    subtract_multiple,
    subtract_products,
    tall_of,
    whole_lines,
    zeros,
)
from mfteach.fast.numpy_least_squares import solve_some, whitening
from mfteach.fast.threads import one_blas_thread, side_by_side
from mfteach.matrices.rows import Index, Known, Rows, Table, converged_below

# Rows of a table that are multiplied at a time: few enough that they stay in the cache.
CHUNK = 64
# Rows that BLAS multiplies at a time.
SLAB = 192
# Matrices that are put side by side are computed in so many parts: one part takes little memory.
PARTS = 2


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
        x = _solved(rows, product(table, L), np.ones_like(rows.penalties), weighted=True)
        _multiply(x, L.T)
        return x


def approximate_implicit_half_step(rows: Rows, table: Table, start: Table, n_steps: int) -> Table:
    """As in `mfteach.fast.numpy_least_squares`."""
    with one_blas_thread():
        L, back = whitening(rows, table)
        x, ones = in_lines(product(start, back)), np.ones_like(rows.penalties)
        x = _improve(rows, product(table, L), x, n_steps, ones, weighted=True)
        _multiply(x, L.T)
        return x


def _multiply(x: Table, M: Table) -> None:
    """x <- x M in place, some rows at a time; not few, for BLAS adds small products otherwise."""
    edges = *range(0, max(1, len(x) - SLAB), SLAB), len(x)
    for first, last in pairwise(edges):
        x[first:last] = x[first:last] @ M


def _solved(rows: Rows, table: Table, penalties: Table, *, weighted: bool) -> Table:
    k, counts = table.shape[1], rows.counts
    order = _by_size(np.minimum(counts, k))
    edges = [*_ranges(np.append(0, np.cumsum(counts[order])), LINE // table.itemsize)]
    del counts  # before the peak of a fit
    x = zeros((len(rows), k), table.dtype)
    undecided = np.zeros(len(rows), dtype=np.bool_)
    given = rows.starts, rows.neighbours, rows.targets, penalties, weighted
    shared = (order, *given, in_lines(table), k, x, undecided)
    side_by_side(_solve_rows, ((*piece, *shared) for piece in edges))
    x = np.ascontiguousarray(x[:, :k])
    if undecided.any():
        solve_some(rows, np.flatnonzero(undecided), table, x, weighted=weighted)
    return x


def _by_size(sizes: NDArray[np.intp]) -> NDArray[np.uint32]:
    """The rows that have equations, those with the fewest first."""
    short = sizes.astype(np.min_scalar_type(int(sizes.max(initial=0))))  # is sorted by radix
    order = np.argsort(short, kind="stable")
    return order[np.searchsorted(sizes, 1, sorter=order) :].astype(np.uint32)


def approximate_half_step(rows: Rows, table: Table, start: Table, n_steps: int) -> Table:
    """Take steps of conjugate gradients from each row of ``start`` towards `half_step`."""
    return _improve(rows, table, whole_lines(start), n_steps, rows.penalties, weighted=False)


def _improve(
    rows: Rows, table: Table, x: Table, n_steps: int, penalties: Table, *, weighted: bool
) -> Table:
    """Take steps from each row of x, in place; x has rows of whole lines."""
    k = table.shape[1]
    given = rows.starts, rows.neighbours, rows.targets, penalties, weighted
    rounding = table.dtype.type(converged_below(table.dtype.type(1), k))
    shared = (*given, in_lines(table), x, n_steps, rounding)
    side_by_side(_improve_rows, ((*edges, *shared) for edges in _ranges(rows.starts)))
    return np.ascontiguousarray(x[:, :k])


@compiled
def _solve_rows(  # type: ignore[no-untyped-def]
    first, last, order, starts, neighbours, targets, penalties, weighted, table, k, x, undecided
):
    """Solve for the rows ``order[first:last]``, as many at a time as a line has numbers.

    Of the two forms of the normal equations, each row takes the smaller one.
    """
    width, lanes = table.shape[1], LINE // table.itemsize
    A, places = np.empty((CHUNK, width), table.dtype), np.arange(CHUNK).astype(np.uint32)
    # A line apart: else the same entries of all matrices have one place in the cache.
    grams = np.zeros((lanes // PARTS, width * width + lanes), table.dtype)
    L = np.empty((k * (k + 1) // 2 + lanes) * lanes, table.dtype)
    z = np.empty((k, lanes), table.dtype)
    b, solved = np.empty(k, table.dtype), np.empty(lanes, np.bool_)
    for at in range(first, last, lanes):
        batch = order[at : min(at + lanes, last)]
        n = min(k, starts[batch[-1] + 1] - starts[batch[-1]])  # they are sorted: the most equations
        z[:n] = 0
        for lane in range(lanes):
            place = lane % len(grams)
            gram = grams[place, : width * width].reshape(width, width)
            size = 0
            if lane < len(batch):
                i = batch[lane]
                j, w, r = _row(i, starts, neighbours, targets, weighted)
                size = min(k, len(j))
                if len(j) < k:
                    _products_of_rows(j, w, table, gram)
                    b[:size] = r
                else:
                    _products_of_columns(j, w, r, table, A, places, gram, b)
                solved[lane] = _add_penalty(gram, size, penalties[i])
                if not solved[lane]:
                    size = 0
                z[:size, lane] = b[:size]
            _fill_up(gram, size, n)
            if place == len(grams) - 1:
                _side_by_side(grams, width, n, L[lane - place :], lanes)
        _factorize(L, n, solved, lanes)
        _substitute(L, n, z.ravel(), lanes)
        for lane in range(len(batch)):
            i = batch[lane]
            undecided[i] = not solved[lane]
            if solved[lane]:
                j, w, _ = _row(i, starts, neighbours, targets, weighted)
                _take(z[:, lane], j, w, table, x[i, :k])


@compiled
def _fill_up(gram, size, n):  # type: ignore[no-untyped-def]
    """Give a matrix of some rows more of them, from the identity: their unknowns are 0."""
    for a in range(size, n):
        gram[a, :a] = 0
        gram[a, a] = 1


@compiled
def _row(i, starts, neighbours, targets, weighted):  # type: ignore[no-untyped-def]
    """Neighbours, weights and targets of a row.

    Where it is ``weighted``, a target e stands for the target (1 + e) / w of sqrt(e) = w times its
    row of the table. A weight of 0 would leave nothing to divide by: it is made tiny.
    """
    here = slice(starts[i], starts[i + 1])
    j, r = neighbours[here], targets[here]
    w = targets[:0]
    if weighted:
        one, tiny = r.dtype.type(1), r.dtype.type(np.finfo(r.dtype).eps ** 2)
        w = np.sqrt(np.maximum(r, tiny))
        r = (one + r) / w
    return j, w, r


@compiled
def _products_of_rows(neighbours, w, table, gram):  # type: ignore[no-untyped-def]
    """gram = AAᵀ, for a row with fewer ratings than factors: (AAᵀ + penalty 1) z = r, x = Aᵀz.

    The lower half, and a few entries beside it.
    """
    last = len(neighbours) - 1
    for a in range(last + 1):
        v = table[neighbours[a]]
        for b in range(0, a + 1, 4):
            v0, v1 = table[neighbours[b]], table[neighbours[min(b + 1, last)]]
            v2, v3 = table[neighbours[min(b + 2, last)]], table[neighbours[min(b + 3, last)]]
            gram[a, b], gram[a, b + 1], gram[a, b + 2], gram[a, b + 3] = dots(v, v0, v1, v2, v3)
        if len(w) > 0:
            for b in range(a + 1):
                gram[a, b] *= w[a] * w[b]


@compiled
def _products_of_columns(neighbours, w, r, table, A, places, gram, x):  # type: ignore[no-untyped-def]
    """gram = AᵀA and x = Aᵀr, for the other rows: (AᵀA + penalty 1) x = Aᵀr. As above.

    Some ratings at a time, so that their rows stay near. Weighted, these are copied into A.
    """
    lanes = LINE // table.itemsize
    gram[:] = 0
    x[:] = 0
    for at in range(0, len(neighbours), CHUNK):
        rows, which = table, neighbours[at : at + CHUNK]
        if len(w) > 0:
            for n in range(len(which)):
                A[n] = w[at + n] * table[which[n]]
            rows, which = A, places[: len(which)]
        for n in range(len(which)):
            v, r_n = rows[which[n]], r[at + n]
            for s in range(len(x)):
                x[s] += r_n * v[s]
        for left in range(0, len(gram), lanes):
            for top in range(left, len(gram), tall_of(lanes)):
                add_outer_products(gram, top, left, rows, which)


@compiled
def _add_penalty(gram, n, penalty):  # type: ignore[no-untyped-def]
    """Add it to the diagonal; say whether that keeps the eigenvalues away from 0.

    It does not where rounding swallows it.
    """
    trace = gram.dtype.type(0)
    for s in range(n):
        gram[s, s] += penalty
        trace += gram[s, s]
    return penalty > gram.dtype.type(n) * np.finfo(gram.dtype).eps * trace


# ---- as many equations as a line has numbers, side by side: a line holds an entry of each


@compiled
def _lines(L, a, first, last, lanes):  # type: ignore[no-untyped-def]
    """Entries (a, first) to (a, last - 1) of the lower half, a line each."""
    row = a * (a + 1) // 2
    return L[(row + first) * lanes : (row + last) * lanes]


@compiled
def _side_by_side(grams, width, n, L, lanes):  # type: ignore[no-untyped-def]
    """Put the lower halves of matrices of that width into lines: an entry of each, then the next.

    Into the first places of each line. What is written beyond the end of a row, the next one
    overwrites.
    """
    for a in range(n):
        for b in range(0, a + 1, lanes):
            interleave(_lines(L, a, b, b + lanes, lanes), grams, a * width + b)


@compiled
def _factorize(L, n, solved, lanes):  # type: ignore[no-untyped-def]
    """L with LLᵀ = A, from A and into it, with 1 / l_bb for l_bb; not where no pivot is positive.

    l_ab = (a_ab - sum over c < b of l_ac l_bc) / l_bb, and l_bb = sqrt(a_bb - sum of l_bc²). Four
    columns at a time: from all rows first what stands to the left of them, then the rest.
    """
    one = np.ones(lanes, L.dtype)
    for left in range(0, n, 4):
        v0, v1 = _lines(L, left, 0, left, lanes), _lines(L, left + 1, 0, left, lanes)
        v2, v3 = _lines(L, left + 2, 0, left, lanes), _lines(L, left + 3, 0, left, lanes)
        for a in range(left, n):
            of_a = _lines(L, a, 0, left, lanes)
            if a >= left + 3:
                subtract_products(_lines(L, a, left, left + 4, lanes), of_a, v0, v1, v2, v3)
                continue
            for b in range(left, a + 1):
                entry = _lines(L, a, b, b + 1, lanes)
                reduce_line(entry, of_a, _lines(L, b, 0, left, lanes), one)
        for b in range(left, min(left + 4, n)):
            of_b, scale = _lines(L, b, left, b, lanes), _lines(L, b, b, b + 1, lanes)
            reduce_line(scale, of_b, of_b, one)
            for lane in range(lanes):
                if scale[lane] > 0:
                    scale[lane] = one[lane] / np.sqrt(scale[lane])
                else:
                    solved[lane] = False
            for a in range(b + 1, n):
                entry = _lines(L, a, b, b + 1, lanes)
                reduce_line(entry, _lines(L, a, left, b, lanes), of_b, scale)


@compiled
def _substitute(L, n, z, lanes):  # type: ignore[no-untyped-def]
    """Solve LLᵀz = b, where z held b: first Ly = b, y_a = (b_a - sum of l_ac y_c) / l_aa."""
    for a in range(n):
        scale, z_a = _lines(L, a, a, a + 1, lanes), z[a * lanes : (a + 1) * lanes]
        reduce_line(z_a, _lines(L, a, 0, a, lanes), z[: a * lanes], scale)
    for a in range(n - 1, -1, -1):
        scale, z_a = _lines(L, a, a, a + 1, lanes), z[a * lanes : (a + 1) * lanes]
        reduce_line(z_a, z[:0], z[:0], scale)
        subtract_multiple(z[: a * lanes], _lines(L, a, 0, a, lanes), z_a)


@compiled
def _take(z, neighbours, w, table, x):  # type: ignore[no-untyped-def]
    """x from the solution: z itself, or x = Aᵀz for a row with fewer ratings than factors."""
    k = len(x)
    if len(neighbours) >= k:
        x[:] = z[:k]
        return
    for n in range(len(neighbours)):
        v, z_n = table[neighbours[n]], z[n]
        if len(w) > 0:
            z_n *= w[n]
        for s in range(k):
            x[s] += z_n * v[s]


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
    nothing = np.zeros_like(targets[: np.diff(starts[first : last + 1]).max()])
    for i in range(first, last):
        j, r = neighbours[starts[i] : starts[i + 1]], targets[starts[i] : starts[i + 1]]
        x = solution[i]
        if len(j) == 0:
            x[:] = 0
            continue
        if weighted:
            w, r = r, one + r
        _differentiate(x, j, r, w, table, penalties[i], residual)
        residual *= -1
        p[:] = residual
        squares = dot(residual, residual)
        converged = squares * rounding if squares < np.inf else -squares
        for _ in range(n_steps):
            if squares <= converged:
                break
            _differentiate(p, j, nothing[: len(j)], w, table, penalties[i], Ap)
            curvature = dot(p, Ap)
            if not curvature > 0:
                break
            step = squares / curvature
            for s in range(k):
                x[s] += step * p[s]
                residual[s] -= step * Ap[s]
            before, squares = squares, dot(residual, residual)
            for s in range(k):
                p[s] = residual[s] + squares / before * p[s]
