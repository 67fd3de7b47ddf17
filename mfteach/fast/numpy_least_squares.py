"""The half steps of alternating least squares for many rows at once, in batches, by NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mfteach.fast.threads import one_blas_thread, side_by_side
from mfteach.matrices.rows import Index, Known, Rows, Table, UndeterminedRow, converged_below

# Numbers gathered at a time: few enough that a batch stays in the cache.
BATCH = 1_000_000
# A row joins a batch unless padding would make it this many times longer.
PADDING = 1.25
# Up to so many factors, GEMM on two halves is faster than SYRK on the whole.
FEW_FACTORS = 40


class Batch(NamedTuple):
    """Rows of like length to be solved for at once: what stays the same in all sweeps.

    Attributes
    ----------
    rows : ndarray of int, shape (b,)
        Which they are.
    counts : ndarray of int, shape (b,)
        The number of ratings of each.
    neighbours : ndarray of int, shape (b, length)
        The neighbours of each, padded with the row below the last of the other table.
    r : ndarray of float, shape (b, length, 1)
        The targets, padded with 0.
    penalties : ndarray of float, shape (b,)
        The penalty of each.
    """

    rows: NDArray[np.intp]
    counts: NDArray[np.intp]
    neighbours: NDArray[np.uint32]
    r: Table
    penalties: Table


# What a batch makes of its gathered neighbours and of the rows where they stand.
Task = Callable[[Batch, Table, Table], Table]

_batches_of: WeakKeyDictionary[Rows, tuple[tuple[int, ...], list[Batch]]] = WeakKeyDictionary()


def sort_by_row(
    starts: NDArray[np.intp], rows: Index, others: Index, known: Known
) -> tuple[NDArray[np.uint32], Table]:
    """Sort the ratings by their entry in ``rows``: the entries of ``others``, and the targets."""
    order = np.argsort(rows, kind="stable")
    return others.astype(np.uint32)[order], known.targets[order]


def half_step(rows: Rows, table: Table) -> Table:
    """Solve the normal equations of every row.

    With A the rows of ``table`` that belong to the ratings and r the targets, two forms say the
    same, and the one with the smaller matrix is solved:

        (AᵀA + penalty 1) x = Aᵀr,    or    x = Aᵀz with (AAᵀ + penalty 1) z = r

    The second form needs less of a penalty to be determined up to rounding than the first, which
    alone is solved by the plain half step.
    """
    rows.require_enough(table.shape[1])
    x = np.zeros((len(rows), table.shape[1]), table.dtype)
    with one_blas_thread():
        _in_batches(_solve, _kept_batches(rows, table), table, x)
    return x


def implicit_half_step(rows: Rows, table: Table) -> Table:
    """Solve the normal equations of every row for implicit feedback.

    In the coordinates of `whitening` what concerns all pairs has become the matrix 1, and with
    weights of sqrt(c - 1) for the rows of ``table`` the rest is a half step for ratings again.
    """
    x = np.zeros((len(rows), table.shape[1]), table.dtype)
    with one_blas_thread():
        L, _ = whitening(rows, table)
        _in_batches(partial(_weighted, _solve), _kept_batches(rows, table), table @ L, x)
        return np.asarray(x @ L.T)


def approximate_implicit_half_step(rows: Rows, table: Table, start: Table, n_steps: int) -> Table:
    """Take steps of conjugate gradients from each row of ``start`` towards `implicit_half_step`.

    In the same coordinates, where the equations are so close to x = b that few steps are enough.
    """
    with one_blas_thread():
        L, back = whitening(rows, table)
        x = np.asarray(start @ back)
        x[rows.counts == 0] = 0
        task = partial(_weighted, partial(_improve, n_steps))
        _in_batches(task, _kept_batches(rows, table), table @ L, x)
        return np.asarray(x @ L.T)


def whitening(rows: Rows, table: Table) -> tuple[Table, Table]:
    """L with Lᵀ (G + penalty 1) L = 1, where G = VᵀV and all rows have the same penalty.

    Returns
    -------
    L : ndarray, shape (k, k)
        A row x of the new coordinates is L x in the old ones.
    back : ndarray, shape (k, k)
        The transposed inverse of L: rows X of the old coordinates are X @ back in the new ones.

    Raises
    ------
    UndeterminedRow
        If G + penalty 1 is singular up to rounding, for the first row with interactions: the
        equations of every row then are.
    """
    k, penalty = table.shape[1], float(rows.penalties.max(initial=0.0))
    G = (table.T @ table).astype(np.float64) + penalty * np.eye(k)
    if not np.isfinite(G).all():  # the caller looks for what is not finite
        nothing = np.full_like(G, np.nan, dtype=table.dtype)
        return nothing, nothing
    eigenvalues, vectors = np.linalg.eigh(G)
    if eigenvalues[0] <= k * np.finfo(table.dtype).eps * eigenvalues.sum() and rows.counts.any():
        raise UndeterminedRow(int(np.argmax(rows.counts > 0)))
    lengths = np.sqrt(eigenvalues)
    return (vectors / lengths).astype(table.dtype), (vectors * lengths).astype(table.dtype)


def solve_some(
    rows: Rows, which: NDArray[np.intp], table: Table, x: Table, *, weighted: bool
) -> None:
    """Solve for the rows ``which`` alone, into x."""
    task = partial(_weighted, _solve) if weighted else _solve
    with one_blas_thread():
        _in_batches(task, _batches(rows, which, table.shape), table, x)


def approximate_half_step(rows: Rows, table: Table, start: Table, n_steps: int) -> Table:
    """Take steps of conjugate gradients from each row of ``start`` towards `half_step`."""
    x = start * (rows.counts > 0)[:, None]
    with one_blas_thread():
        _in_batches(partial(_improve, n_steps), _kept_batches(rows, table), table, x)
    return x


def _in_batches(task: Task, batches: list[Batch], table: Table, x: Table) -> None:
    """Replace the rows of x in each batch by what ``task`` makes of them."""
    if not batches:
        return
    # Padding points to this row of zeros, which adds nothing to any sum.
    padded = np.vstack([table, np.zeros((1, table.shape[1]), dtype=table.dtype)])

    @np.errstate(over="ignore", invalid="ignore")  # the caller looks for what is not finite
    def do(batch: Batch) -> UndeterminedRow | None:
        v = padded.take(batch.neighbours, axis=0)  # twice as fast as an index in brackets
        try:
            x[batch.rows] = task(batch, v, x[batch.rows, :, None])[:, :, 0]
        except UndeterminedRow as error:
            return error
        return None

    errors = [e for e in side_by_side(do, ((batch,) for batch in batches)) if e is not None]
    if errors:
        raise min(errors, key=lambda error: error.row)


# ---- batches


def _kept_batches(rows: Rows, table: Table) -> list[Batch]:
    """All rows that have ratings, put together once for all sweeps."""
    kept = _batches_of.get(rows)
    if kept is None or kept[0] != table.shape:
        kept = table.shape, _batches(rows, np.flatnonzero(rows.counts), table.shape)
        _batches_of[rows] = kept
    return kept[1]


def _batches(rows: Rows, which: NDArray[np.intp], shape: tuple[int, ...]) -> list[Batch]:
    """Rows of like length that gather at most `BATCH` numbers; or a single row.

    Those with fewer ratings than factors, whose smaller matrix is the other one, are kept apart.
    """
    n_others, k = shape
    counts = rows.counts
    by_length = which[np.argsort(counts[which], kind="stable")]
    lengths = counts[by_length]
    batches, first = [], 0
    while first < len(by_length):
        longest = PADDING * lengths[first] + 1
        if lengths[first] < k:
            longest = min(longest, k - 1)
        most = int(np.searchsorted(lengths, longest, side="right"))
        sizes = np.arange(1, most - first + 1) * lengths[first:most] * k
        last = first + max(1, int(np.searchsorted(sizes, BATCH, side="right")))
        batches.append(_batch(rows, by_length[first:last], lengths[first:last], n_others))
        first = last
    return batches


def _batch(rows: Rows, which: NDArray[np.intp], counts: NDArray[np.intp], n_others: int) -> Batch:
    place = np.arange(counts.max())
    known, at = place < counts[:, None], rows.starts[which][:, None] + place
    neighbours = np.where(known, rows.neighbours.take(at, mode="clip"), np.uint32(n_others))
    r = np.where(known, rows.targets.take(at, mode="clip"), 0)
    return Batch(which, counts, neighbours, r[:, :, None], rows.penalties[which])


# ---- the normal equations


def _solve(batch: Batch, v: Table, _: Table) -> Table:
    """The best x. LU is twice the work of Cholesky, but NumPy's leaves no thread waiting."""
    v_transposed = np.swapaxes(v, 1, 2)
    if v.shape[1] < v.shape[2]:
        A: Table = v @ v_transposed
        _add_penalties(A, batch)
        return np.asarray(v_transposed @ np.linalg.solve(A, batch.r))
    A = _gram(v)
    _add_penalties(A, batch)
    return np.asarray(np.linalg.solve(A, v_transposed @ batch.r))


def _weighted(task: Task, batch: Batch, v: Table, x: Table) -> Table:
    """What a task does about (1 + sum of e v vᵀ) x = sum of (1 + e) v, where e are the targets."""
    # A weight of 0 would leave no target to divide by it; so small a one is lost in rounding.
    weights = np.sqrt(np.maximum(batch.r, np.finfo(v.dtype).eps ** 2))
    targets, penalties = (1 + batch.r) / weights, np.ones_like(batch.penalties)
    return task(batch._replace(r=targets, penalties=penalties), weights * v, x)


def _gram(v: Table) -> Table:
    """vᵀv of each; NumPy takes SYRK for a product of an array with itself."""
    v_transposed = np.swapaxes(v, 1, 2)
    b, _, k = v.shape
    if k > FEW_FACTORS:
        return np.asarray(v_transposed @ v)
    A = np.empty((b, k, k), dtype=v.dtype)
    for half in (slice(k // 2), slice(k // 2, k)):
        np.matmul(v_transposed, v[:, :, half], out=A[:, :, half])
    return A


def _add_penalties(A: Table, batch: Batch) -> None:
    """Add them to the diagonals, unless a matrix is singular up to rounding even so."""
    diagonal = np.einsum("bii->bi", A)  # a view
    diagonal += batch.penalties[:, None]
    rounding = A.shape[1] * float(np.finfo(A.dtype).eps)
    # Where the penalty does not keep the eigenvalues away from 0, they are looked at.
    unsure = batch.penalties <= rounding * diagonal.sum(axis=1)
    if unsure.any():
        _require_regular(A[unsure], batch.rows[unsure], batch.counts[unsure], rounding)


def _require_regular(
    A: Table, rows: NDArray[np.intp], counts: NDArray[np.intp], rounding: float
) -> None:
    """Raise for the first row whose smallest eigenvalue is 0 up to rounding."""
    eigenvalues = np.linalg.eigvalsh(A)
    # A row with fewer ratings than its matrix has rows owes the smallest ones to the padding.
    padding = np.maximum(0, A.shape[1] - counts)
    smallest = eigenvalues[np.arange(len(rows)), padding]
    singular = np.flatnonzero(smallest <= rounding * eigenvalues[:, -1])
    if len(singular):
        raise UndeterminedRow(int(rows[singular].min()))


# ---- conjugate gradients


def _improve(n_steps: int, batch: Batch, v: Table, x: Table) -> Table:
    """Better x: steps of Hestenes and Stiefel (1952) on (vᵀv + penalty 1) x = vᵀr."""
    penalties = batch.penalties[:, None, None]
    v_transposed = np.swapaxes(v, 1, 2)
    residual = v_transposed @ (batch.r - v @ x) - penalties * x
    p, squares = residual, _batch_dot(residual, residual)
    converged = converged_below(squares, v.shape[2])
    for _ in range(n_steps):
        Ap = v_transposed @ (v @ p) + penalties * p
        step = _ratio(squares * (squares > converged), _batch_dot(p, Ap))
        x = x + step * p
        residual = residual - step * Ap
        before, squares = squares, _batch_dot(residual, residual)
        p = residual + _ratio(squares, before) * p
    return x


def _batch_dot(a: Table, b: Table) -> Table:
    return np.asarray(np.swapaxes(a, 1, 2) @ b)


def _ratio(a: Table, b: Table) -> Table:
    """a / b, and 0 where b is 0: such a row has converged and must not move."""
    return np.asarray(np.divide(a, b, out=np.zeros_like(a), where=b > 0))
