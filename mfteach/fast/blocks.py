"""Stochastic gradient descent in blocks of ratings that share no row, compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.fast.compiling import Table, _biases, _dot, _ranges, _shares, compiled
from mfteach.fast.threads import side_by_side
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings

# Bands of users and of items; more of them balance more threads, fewer have longer runs.
BANDS = 4


# Users who take turns.
TURNS = 8


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
        In this order, what the factors (and learned biases) have to explain.
    starts : ndarray of int, shape (n_bundles + 1,)
        Bundle g has the ratings from ``starts[g]``.
    block_starts : ndarray of int, shape (T² + 1,)
        Block p T + q has the bundles from ``block_starts[p T + q]``.
    n_bands : int
        T.

    Source: Gemulla et al. (2011), as for `mfteach.descent.conflict_free_order`.
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
        learned.
        """
        n = len(ratings)
        visits, starts, block_starts = _order_of_visits(ratings, generator, n_bands)
        items, targets = np.empty(n, np.uint32), np.empty(n, fixed.U.dtype)
        known = ratings.user_index, ratings.item_index, ratings.values
        offsets = fixed.U.dtype.type(fixed.mean), *_biases(fixed, not fixed.learned_biases)
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
        tables = point.U, point.V, *_biases(point, point.learned_biases)
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
    learned_biases = len(b) > 0
    for bundle in bundles:
        for n in range(starts[bundle], starts[bundle + 1]):
            i, j = users[n], items[n]
            u, v = U[i], V[j]
            e = targets[n] - _dot(u, v)
            if learned_biases:
                e -= b[i] + c[j]
                b[i] = keep_b[i] * b[i] + eta * e
                c[j] = keep_c[j] * c[j] + eta * e
            eta_e, keep_i, keep_j = eta * e, keep_u[i], keep_v[j]
            for s in range(k):
                u_s, v_s = u[s], v[s]
                u[s] = keep_i * u_s + eta_e * v_s
                v[s] = keep_j * v_s + eta_e * u_s
