"""The inner loops of the gradient, of SGD and of ALS once more, compiled by Numba.

They compute what the NumPy forms in `mfteach.loss`, `mfteach.sgd` and `mfteach.als` compute, up
to rounding. Each kernel works on a range of rows, or on a block of ratings, that no other touches
meanwhile, so that plain threads share the work without races: the result depends neither on
their number nor on who comes first. `mfteach.engine` decides who computes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

try:
    from numba import njit
    from numba.extending import get_cython_function_address
except ImportError as error:
    raise ImportError(
        "the compiled kernels need Numba, which cannot be imported "
        f"({error}): pip install 'mfteach[fast]'"
    ) from error

from mfteach.factors import Factors
from mfteach.ratings import Groups, Ratings
from mfteach.threads import n_threads, side_by_side

Table = NDArray[np.floating[Any]]

# Bands of users and of items; more of them balance more threads, fewer have longer runs.
BANDS = 4
# Rows of a table gathered at a time: few enough that they stay in the cache.
CHUNK = 192
# Sums are filled up with zeros to such a length, for processors add many numbers at once.
WHOLE = 32
# Users who take turns.
TURNS = 8
# Ranges of rows for each thread: more balance better.
PIECES = 8

# Sums may be regrouped, so that processors add several numbers at once; NaN stays NaN.
compiled = njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})


def _ranges(starts: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Ranges of rows with about equally many ratings, some for each thread."""
    pieces = PIECES * n_threads()
    cuts = np.searchsorted(starts, np.linspace(0, starts[-1], pieces + 1)[1:-1])
    edges = np.unique([0, *cuts.tolist(), len(starts) - 1]).tolist()
    yield from pairwise(edges)


def _shares(n: int) -> Iterator[tuple[int, int]]:
    """Ranges of equally many of n ratings, one for each thread."""
    yield from pairwise(np.linspace(0, n, n_threads() + 1).astype(int).tolist())


@compiled
def _dot(u, v):  # type: ignore[no-untyped-def]
    """Sum over s of u_s v_s, from a 0 of their own precision: a literal would widen float32."""
    total = u.dtype.type(0)
    for s in range(len(u)):
        total += u[s] * v[s]
    return total


# ---- errors and gradient


def errors(ratings: Ratings, factors: Factors) -> Table:
    """r_ij - mean - b_i - c_j - u_i . v_j for every rating, in the order of the ratings."""
    U, V = factors.U, factors.V
    e = np.empty(len(ratings), U.dtype)
    known = ratings.user_index, ratings.item_index, ratings.values
    shared = (*known, U.dtype.type(factors.mean), *_biases(factors), U, V, e)
    side_by_side(_errors, ((*edge, *shared) for edge in _shares(len(e))))
    return e


@compiled
def _errors(first, last, users, items, values, mean, b, c, U, V, e):  # type: ignore[no-untyped-def]
    """Fill in e for a range of ratings. Empty b and c: there are no biases."""
    for n in range(first, last):
        i, j = users[n], items[n]
        e[n] = e.dtype.type(values[n]) - mean - _dot(U[i], V[j])
        if len(b) > 0:
            e[n] -= b[i] + c[j]


def _biases(factors: Factors, wanted: bool = True) -> tuple[Table, Table]:
    """The biases as kernels take them: empty where there are none, or none are wanted."""
    if factors.user_bias is None or factors.item_bias is None or not wanted:
        none = np.empty(0, factors.U.dtype)
        return none, none
    return factors.user_bias, factors.item_bias


def row_gradients(
    groups: Groups, others: NDArray[np.intp], targets: Table, own: Table, table: Table, price: Table
) -> tuple[Table, Table]:
    """Half of the gradient of J, for one side (rows S59 and S63).

    Parameters
    ----------
    groups : Groups
        The positions of the ratings of each row.
    others : ndarray of int, shape (n_ratings,)
        The row of the other table that each rating meets.
    targets : ndarray of shape (n_ratings,)
        What the factors have to explain.
    own, table : ndarray of shapes (m, k) and (n, k)
        The table by which to differentiate, and the other.
    price : ndarray of shape (m,)
        lambda c_i.

    Returns
    -------
    ndarray of shape (m, k)
        - sum_j e_ij v_j + lambda c_i u_i for each row i.
    ndarray of shape (m,)
        sum_j e_ij for each row i.
    """
    gradient, sums = np.empty(own.shape, own.dtype), np.zeros(len(own), own.dtype)
    met, wanted = others[groups.order].astype(np.uint32), targets[groups.order]
    price = price.astype(own.dtype)
    shared = (groups.starts, met, wanted, own, table, price, gradient, sums)
    side_by_side(_row_gradients, ((*rows, *shared) for rows in _ranges(groups.starts)))
    return gradient, sums


@compiled
def _row_gradients(first, last, starts, met, wanted, own, table, price, gradient, sums):  # type: ignore[no-untyped-def]
    """Differentiate J by the rows of a range."""
    for i in range(first, last):
        seen, r = met[starts[i] : starts[i + 1]], wanted[starts[i] : starts[i + 1]]
        sums[i] = _differentiate(own[i], seen, r, table, price[i], gradient[i])


@compiled
def _differentiate(x, seen, r, table, price, slope):  # type: ignore[no-untyped-def]
    """Fill in - sum_n e_n v_n + price x, and return sum_n e_n, where e_n = r_n - x . v_n.

    Two ratings at a time: half as often the slope is fetched and put back.
    """
    total = slope.dtype.type(0)
    for s in range(len(x)):
        slope[s] = price * x[s]
    even = len(seen) - len(seen) % 2
    for n in range(0, even, 2):
        v, w = table[seen[n]], table[seen[n + 1]]
        e, f = r[n] - _dot(x, v), r[n + 1] - _dot(x, w)
        for s in range(len(x)):
            slope[s] -= e * v[s] + f * w[s]
        total += e + f
    for n in range(even, len(seen)):
        v = table[seen[n]]
        e = r[n] - _dot(x, v)
        for s in range(len(x)):
            slope[s] -= e * v[s]
        total += e
    return total


# ---- biases


class BiasSums:
    """Sums over the ratings of each user and of each item, without a copy of the ratings.

    Source: the normal equations of `mfteach.evaluation.Biases.fit`.
    """

    def __init__(self, ratings: Ratings) -> None:
        self._ratings = ratings

    def of_biases(self, b: Table, c: Table) -> tuple[Table, Table]:
        """Sum over j in I_i of c_j for each user i, and over i in U_j of b_i for each item j."""
        users, items = self._ratings.user_index, self._ratings.item_index
        by_user, by_item = np.zeros(len(b)), np.zeros(len(c))
        side_by_side(_add_biases, [(users, items, c, by_user), (items, users, b, by_item)])
        return by_user, by_item

    def of_values(self, mean: float) -> tuple[Table, Table]:
        """Sums of r_ij - mean."""
        users, items = self._ratings.user_index, self._ratings.item_index
        by_user, by_item = (np.zeros(size) for size in self._ratings.shape)
        known = self._ratings.values, mean
        side_by_side(_add_values, [(users, *known, by_user), (items, *known, by_item)])
        return by_user, by_item


@compiled
def _add_biases(own, other, bias, sums):  # type: ignore[no-untyped-def]
    for n in range(len(own)):
        sums[own[n]] += bias[other[n]]


@compiled
def _add_values(own, values, mean, sums):  # type: ignore[no-untyped-def]
    for n in range(len(own)):
        sums[own[n]] += values[n] - mean


# ---- stochastic gradient descent


class Blocks(NamedTuple):
    """The ratings of a table cut into T x T blocks, and each block into bundles of a few users.

    Within a bundle the users take turns: a rating must wait for the one before it of the same
    user, and meanwhile the processor works on the others, while all their rows are at hand.
    Blocks (p, (p + d) mod T) for p = 0, ..., T - 1 share no user and no item.

    Attributes
    ----------
    users, items : ndarray of int, shape (n_ratings,)
        i and j of each rating, in the order in which its bundle is visited.
    targets : ndarray, shape (n_ratings,)
        In this order, what the factors (and joint biases) have to explain.
    starts : ndarray of int, shape (n_bundles + 1,)
        Bundle g has the ratings from ``starts[g]``.
    block_starts : ndarray of int, shape (T² + 1,)
        Block p T + q has the bundles from ``block_starts[p T + q]``.
    n_bands : int
        T.

    Source: Gemulla et al. (2011), as for `mfteach.sgd.conflict_free_order`.
    """

    users: NDArray[np.uint32]
    items: NDArray[np.uint32]
    targets: Table
    starts: NDArray[np.uint64]
    block_starts: NDArray[np.intp]
    n_bands: int

    @classmethod
    def of(
        cls,
        ratings: Ratings,
        fixed: Factors,
        generator: np.random.Generator,
        n_bands: int = BANDS,
    ) -> Blocks:
        """Draw bands of equally many ratings, and an order of each user's ratings in a block.

        The mean of ``fixed`` is taken off the ratings, and so are its biases unless they are
        joint.
        """
        n = len(ratings)
        visits, starts, block_starts = _order_of_visits(ratings, generator, n_bands)
        items, targets = np.empty(n, np.uint32), np.empty(n, fixed.U.dtype)
        known = ratings.user_index, ratings.item_index, ratings.values
        offsets = fixed.U.dtype.type(fixed.mean), *_biases(fixed, not fixed.joint)
        shared = visits, *known, *offsets, items, targets
        side_by_side(_look_up, ((*edges, *shared) for edges in _shares(n)))
        users = visits  # each now holds the user of the rating whose number it held
        return cls(users, items, targets, starts.astype(np.uint64), block_starts, n_bands)

    def stages(self, generator: np.random.Generator) -> Iterator[list[NDArray[np.intp]]]:
        """Draw an epoch: T stages of T lists of bundles; those of a stage share no row."""
        T = self.n_bands
        for d in generator.permutation(T).tolist():
            blocks = [p * T + (p + d) % T for p in range(T)]
            yield [
                generator.permutation(np.arange(self.block_starts[b], self.block_starts[b + 1]))
                for b in blocks
            ]

    def visit(
        self,
        stages: Iterable[list[NDArray[np.intp]]],
        point: Factors,
        eta: float,
        left: tuple[Table, ...],
    ) -> None:
        """Visit every rating once, changing ``point`` in place.

        ``left`` is what a visit leaves of each row of U and V and of each bias.
        """
        tables = point.U, point.V, *_biases(point, point.joint)
        shared = (self.starts, self.users, self.items, self.targets, *tables)
        for stage in stages:
            side_by_side(
                _visit, ((bundles, *shared, *left, point.U.dtype.type(eta)) for bundles in stage)
            )


def _order_of_visits(
    ratings: Ratings, generator: np.random.Generator, n_bands: int
) -> tuple[NDArray[np.uint32], NDArray[np.intp], NDArray[np.intp]]:
    """The positions of the ratings bundle by bundle, where each begins, and each block's first."""
    bands = [
        _bands(counts, generator, n_bands) for counts in (ratings.user_counts, ratings.item_counts)
    ]
    n = len(ratings)
    order, chance = np.empty(n, np.uint32), generator.random(n, dtype=np.float32)
    index = ratings.user_index, ratings.item_index
    run_starts = _deal(*index, *bands, n_bands, chance, order)  # type: ignore[call-arg]
    del chance  # as long as the ratings, and used up
    lengths = np.diff(run_starts)
    runs, edges, block_starts = _bundles(lengths, n_bands**2)
    starts = np.append(0, np.cumsum(lengths[runs]))[edges]
    visits = np.empty(n, np.uint32)
    shared = edges, runs, run_starts, order, starts, visits
    side_by_side(_take_turns, ((*bundles, *shared) for bundles in _ranges(starts)))
    return visits, starts, block_starts


def _bands(
    counts: NDArray[np.intp], generator: np.random.Generator, n_bands: int
) -> NDArray[np.intp]:
    """Cut shuffled rows into bands with about equally many ratings."""
    shuffled = generator.permutation(len(counts))
    before = np.cumsum(counts[shuffled]) - counts[shuffled]
    band = np.empty(len(counts), dtype=np.intp)
    band[shuffled] = before * n_bands // max(1, int(counts.sum()))
    return np.minimum(band, n_bands - 1)


@compiled
def _deal(users, items, band_of_user, band_of_item, T, chance, order):  # type: ignore[no-untyped-def]
    """Deal the ratings out to their runs, shuffle each, and say where run (p T + q) m + i starts.

    A run is what one user has rated in one block. ``order`` is filled with the positions of the
    ratings. Of chance, numbers from 0 to 1, the shuffle takes one a rating (Fisher and Yates).
    """
    m = len(band_of_user)
    starts = np.zeros(T * T * m + 1, np.intp)
    for n in range(len(users)):
        i = users[n]
        starts[(band_of_user[i] * T + band_of_item[items[n]]) * m + i + 1] += 1
    starts = np.cumsum(starts)
    free = starts.copy()
    for n in range(len(users)):
        i = users[n]
        run = (band_of_user[i] * T + band_of_item[items[n]]) * m + i
        order[free[run]] = n
        free[run] += 1
    for run in range(len(starts) - 1):
        for last in range(starts[run + 1] - 1, starts[run], -1):
            at = starts[run] + int(chance[last] * (last + 1 - starts[run]))
            order[at], order[last] = order[last], order[at]
    return starts


@compiled
def _take_turns(first, last, edges, runs, run_starts, order, starts, visits):  # type: ignore[no-untyped-def]
    """Order the visits to a range of bundles: one of each run, then the next of each, and so on.

    Bundle g has the runs ``runs[edges[g]:edges[g + 1]]``, and its visits begin at ``starts[g]``.
    """
    for bundle in range(first, last):
        at, turn = starts[bundle], 0
        while at < starts[bundle + 1]:
            for r in runs[edges[bundle] : edges[bundle + 1]]:
                if run_starts[r] + turn < run_starts[r + 1]:
                    visits[at] = order[run_starts[r] + turn]
                    at += 1
            turn += 1


@compiled
def _look_up(  # type: ignore[no-untyped-def]
    first, last, visits, user_index, item_index, values, mean, b, c, items, targets
):
    """Fill in what is rated, and the targets r_ij - mean - b_i - c_j; put who for each visit."""
    for at in range(first, last):
        n = visits[at]
        i, j = user_index[n], item_index[n]
        visits[at], items[at] = i, j
        targets[at] = targets.dtype.type(values[n]) - mean
        if len(b) > 0:
            targets[at] -= b[i] + c[j]


def _bundles(
    lengths: NDArray[np.intp], n_blocks: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Put the runs of each block, that are not empty, into bundles of about equally long ones.

    So all runs of a bundle have a turn nearly to its end.

    Returns
    -------
    runs, edges : ndarray of int
        Bundle g has the runs ``runs[edges[g]:edges[g + 1]]``.
    block_starts : ndarray of int, shape (n_blocks + 1,)
        The first bundle of each block.
    """
    runs = np.flatnonzero(lengths)
    block = runs // (len(lengths) // n_blocks)
    runs = runs[np.lexsort((_short(lengths[runs]), _short(block)))]
    first_runs = np.searchsorted(block, np.arange(n_blocks + 1))
    place = np.arange(len(runs)) - first_runs[block]
    edges = np.append(np.flatnonzero(place % TURNS == 0), len(runs))
    return runs, edges, np.searchsorted(edges, first_runs)


def _short(keys: NDArray[np.intp]) -> NDArray[np.integer[Any]]:
    """The same numbers in as few bytes as can be: short ones are sorted by radix, in one pass."""
    return keys.astype(np.min_scalar_type(int(keys.max(initial=0))))


@compiled
def _visit(  # type: ignore[no-untyped-def]
    bundles, starts, users, items, targets, U, V, b, c, keep_u, keep_v, keep_b, keep_c, eta
):
    """Visit the ratings of these bundles, changing U, V, b and c in place.

    u_i <- keep_u u_i + eta e v_j and v_j <- keep_v v_j + eta e u_i, where keep = 1 - eta times
    the share of the price. Empty b and c: there are no biases to learn.
    """
    k = U.shape[1]
    joint = len(b) > 0
    for bundle in bundles:
        for n in range(starts[bundle], starts[bundle + 1]):
            i, j = users[n], items[n]
            u, v = U[i], V[j]
            e = targets[n] - _dot(u, v)
            if joint:
                e -= b[i] + c[j]
                b[i] = keep_b[i] * b[i] + eta * e
                c[j] = keep_c[j] * c[j] + eta * e
            eta_e, keep_i, keep_j = eta * e, keep_u[i], keep_v[j]
            for s in range(k):
                u_s, v_s = u[s], v[s]
                u[s] = keep_i * u_s + eta_e * v_s
                v[s] = keep_j * v_s + eta_e * u_s


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

    The arguments are those of `mfteach.als.Side`. BLAS must run on one thread meanwhile.

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
