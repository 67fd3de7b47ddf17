"""Stochastic gradient descent in blocks of ratings that share no row, compiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.fast import compiling
from mfteach.fast.compiling import (
    _ranges,
    _shares,
    _target,
    compiled,
    if_worth_it,
)
from mfteach.fast.numba_lines import dot, fetch_ahead, pull, whole_lines
from mfteach.fast.numpy_sgd import Shares
from mfteach.fast.threads import side_by_side
from mfteach.matrices.cache_lines import aligned_empty
from mfteach.matrices.rows import Index, Known, Table

# Bands of users and of items; more of them balance more threads, fewer have longer runs. A single
# one where a second thread is never worth it, however many processors there are.
BANDS = 4
# Rows that come into one band together, where every band gets so many such groups, at least.
TOGETHER, GROUPS = 16, 8
# Users who take turns.
TURNS = 8
# Ratings between an update and the call for its item's row: a row comes from far in about as long.
# A table of fewer bytes is near enough.
AHEAD, FAR = 8, 1_000_000


class Blocks(NamedTuple):
    """The ratings of a table cut into T x T blocks, and each block into bundles of a few users.

    Within a bundle the users take turns: a rating must wait for the one before it of the same
    user, and meanwhile the processor works on the others, while all their rows are at hand.
    Blocks (p, (p + d) mod T) for p = 0, ..., T - 1 share no user and no item.

    Attributes
    ----------
    users, items : ndarray of int, shape (n_ratings,)
        i and j of each rating, in the order of its updates within its bundle.
    targets : ndarray, shape (n_ratings,)
        In this order, what the factors (and learned biases) have to explain.
    starts : ndarray of int, shape (n_bundles + 1,)
        Bundle g has the ratings from ``starts[g]``.
    block_starts : ndarray of int, shape (T² + 1,)
        Block p T + q has the bundles from ``block_starts[p T + q]``.
    n_bands : int
        T.

    Source: Gemulla et al. (2011), as for `mfteach.fast.numpy_sgd.conflict_free_order`.
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
        known: Known,
        shape: tuple[int, int],
        generator: np.random.Generator,
        n_bands: int | None = None,
    ) -> Blocks:
        """Draw bands of equally many ratings, and an order of each user's ratings in a block."""
        n = len(known.r)
        if n_bands is None:
            n_bands = BANDS if n >= compiling.WORTH_A_THREAD else 1
        positions, starts, block_starts = _positions(known.i, known.j, shape, generator, n_bands)
        items, targets = np.empty(n, np.uint32), np.empty(n, known.mean.dtype)
        shared = positions, *known, items, targets
        side_by_side(_look_up, ((*edges, *shared) for edges in _shares(n)))
        users = positions  # each now holds the user of the rating whose position it held
        return cls(users, items, targets, starts.astype(np.uint64), block_starts, n_bands)


@dataclass(frozen=True)
class Order:
    """One epoch: stages of lists of bundles; the lists of a stage share no row."""

    blocks: Blocks
    stages: list[list[NDArray[np.intp]]]

    def __iter__(self) -> Iterator[tuple[int, int, Any]]:
        blocks = self.blocks
        starts = blocks.starts.astype(int)
        for bundle in (g for stage in self.stages for bundles in stage for g in bundles):
            for n in range(starts[bundle], starts[bundle + 1]):
                yield int(blocks.users[n]), int(blocks.items[n]), blocks.targets[n]


def orders(known: Known, shape: tuple[int, int], generator: np.random.Generator) -> Iterator[Order]:
    """Draw blocks, and then an order of blocks and bundles for each epoch, without end."""
    blocks = Blocks.of(known, shape, generator)
    while True:
        yield Order(blocks, _stages(blocks, generator))


def _stages(blocks: Blocks, generator: np.random.Generator) -> list[list[NDArray[np.intp]]]:
    """Draw T stages of T lists of bundles; those of a stage share no row."""
    T, starts = blocks.n_bands, blocks.block_starts
    return [
        [
            generator.permutation(np.arange(starts[b], starts[b + 1]))
            for b in (p * T + (p + d) % T for p in range(T))
        ]
        for d in generator.permutation(T).tolist()
    ]


def epoch(
    order: Order,
    U: Table,
    V: Table,
    biases: tuple[Table, Table] | None,
    shares: Shares,
    learning_rate: float,
) -> tuple[Table, Table, tuple[Table, Table] | None]:
    """Update for every rating once: blocks side by side, within each one after the other."""
    k, blocks = U.shape[1], order.blocks
    U, V = whole_lines(U), whole_lines(V)
    none = np.empty(0, U.dtype)
    b, c = (none, none) if biases is None else (_aligned_copy(bias) for bias in biases)
    data = blocks.starts, blocks.users, blocks.items, blocks.targets, AHEAD * (V.nbytes > FAR)
    shared = (*data, U, V, b, c, *shares.kept(learning_rate, U.dtype), U.dtype.type(learning_rate))
    for stage in order.stages:
        side_by_side(_update, ((bundles, *shared) for bundles in stage))
    U, V = np.ascontiguousarray(U[:, :k]), np.ascontiguousarray(V[:, :k])
    return U, V, None if biases is None else (b, c)


def _aligned_copy(column: Table) -> Table:
    """A copy that starts where a line of the cache does."""
    copy = aligned_empty(column.shape, column.dtype)
    copy[:] = column
    return copy


def _positions(
    i: Index, j: Index, shape: tuple[int, int], generator: np.random.Generator, n_bands: int
) -> tuple[NDArray[np.uint32], NDArray[np.intp], NDArray[np.intp]]:
    """The positions of the ratings bundle by bundle, where each begins, and each block's first."""
    m, n = shape
    bands = [
        _bands(np.bincount(rows, minlength=s), generator, n_bands) for rows, s in ((i, m), (j, n))
    ]
    size = len(i)
    order, chance = np.empty(size, np.uint32), generator.random(size, dtype=np.float32)
    run_starts = _deal(i, j, *bands, n_bands, chance, order)  # type: ignore[call-arg,unused-ignore]
    del chance  # as long as the ratings, and used up
    lengths = np.diff(run_starts)
    runs, edges, block_starts = _bundles(lengths, n_bands**2)
    starts = np.append(0, np.cumsum(lengths[runs]))[edges]
    positions = np.empty(size, np.uint32)
    shared = edges, runs, run_starts, order, starts, positions
    if_worth_it(size, _take_turns, ((*bundles, *shared) for bundles in _ranges(starts)))
    return positions, starts, block_starts


def _bands(
    counts: NDArray[np.intp], generator: np.random.Generator, n_bands: int
) -> NDArray[np.intp]:
    """Cut shuffled rows into bands with about equally many ratings.

    Neighbours stay together, as far as there are many: two threads that write to one line of the
    cache, as to that of their biases, wait for each other.
    """
    together = TOGETHER if len(counts) >= GROUPS * TOGETHER * n_bands else 1
    firsts = together * generator.permutation(-(-len(counts) // together))
    shuffled = (firsts[:, None] + np.arange(together)).ravel()
    shuffled = shuffled[shuffled < len(counts)]
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
def _take_turns(first, last, edges, runs, run_starts, order, starts, positions):  # type: ignore[no-untyped-def]
    """Order the ratings of a range of bundles: one of each run, then the next of each, and so on.

    Bundle g has the runs ``runs[edges[g]:edges[g + 1]]``, and its ratings begin at ``starts[g]``.
    """
    for bundle in range(first, last):
        at, turn = starts[bundle], 0
        while at < starts[bundle + 1]:
            for r in runs[edges[bundle] : edges[bundle + 1]]:
                if run_starts[r] + turn < run_starts[r + 1]:
                    positions[at] = order[run_starts[r] + turn]
                    at += 1
            turn += 1


@compiled
def _look_up(first, last, positions, i, j, r, mean, b, c, items, targets):  # type: ignore[no-untyped-def]
    """Fill in items and targets, and replace each position by the user of the rating there."""
    for at in range(first, last):
        n = positions[at]
        positions[at], items[at] = i[n], j[n]
        targets[at] = _target(n, i, j, r, mean, b, c)


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
def _update(  # type: ignore[no-untyped-def]
    bundles, starts, users, items, targets, ahead, U, V, b, c, keep_u, keep_v, keep_b, keep_c, eta
):
    """Update U, V, b and c in place for the ratings of these bundles.

    u_i <- keep_u u_i + eta e v_j and v_j <- keep_v v_j + eta e u_i, where keep = 1 - eta times
    the share of the penalty. Rows are whole lines. Empty b and c: there are no biases to learn.
    """
    learned_biases, last = len(b) > 0, len(items) - 1
    for bundle in bundles:
        for n in range(starts[bundle], starts[bundle + 1]):
            if ahead > 0:
                fetch_ahead(V, items[min(n + ahead, last)])
            i, j = users[n], items[n]
            e = targets[n] - dot(U[i], V[j])
            if learned_biases:
                e -= b[i] + c[j]
            pull(U[i], V[j], keep_u[i], keep_v[j], eta * e)
            if learned_biases:
                b[i] = keep_b[i] * b[i] + eta * e
                c[j] = keep_c[j] * c[j] + eta * e
