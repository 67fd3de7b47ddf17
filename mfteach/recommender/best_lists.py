"""Of each row of scores the best few, as lists of row numbers or of labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from itertools import chain, pairwise, repeat
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mfteach.fast.threads import n_threads, one_blas_thread, side_by_side

# Scores that a thread holds at a time: the product that computes them takes longer in small pieces.
SLAB = 2_000_000
# With fewer scores, all are there before a second thread has woken up.
WORTH_A_THREAD = 200_000
# Blocks of columns for each place in the list.
BLOCKS = 16

Index = NDArray[np.intp]
Scores = NDArray[np.floating[Any]]
Named = TypeVar("Named", bound=tuple[Any, ...])


class Lists(NamedTuple):
    """Lists one after the other: who is in them, best first, and what they are ranked by."""

    members: Index
    values: Scores
    lengths: Index

    @classmethod
    def joined(cls, parts: Sequence[Lists]) -> Lists:
        """The lists of one part after those of another."""
        return cls(*map(np.concatenate, zip(*parts, strict=True)))

    def each(self) -> Iterator[tuple[Index, Scores]]:
        """Members and values of one list after the other."""
        for here in self._places():
            yield self.members[here], self.values[here]

    def labelled(self, kind: type[Named], labels: NDArray[Any]) -> list[list[Named]]:
        """Every list with a ``kind(label, value)`` for each of its members."""
        pairs = zip(labels[self.members].tolist(), self.values.tolist(), strict=True)
        # As map(kind._make, pairs), in two thirds of the time.
        made: list[Named] = list(map(tuple.__new__, repeat(kind), pairs))
        return [made[here] for here in self._places()]

    def _places(self) -> Iterator[slice]:
        return (slice(*ends) for ends in pairwise([0, *np.cumsum(self.lengths).tolist()]))


def by_slabs(
    best: Callable[[Index, Scores], Lists], asked: Index, n_columns: int, dtype: DTypeLike
) -> Lists:
    """What ``best`` finds for all that are asked for, shared out among threads.

    It is called with some of them at a time, and with a table for their scores to be computed in:
    each thread has one, for a new one would cost as much as what is computed.
    """
    step = max(1, SLAB // n_columns)

    def of_share(share: Index) -> list[Lists]:
        table = np.empty((min(step, len(share)), n_columns), dtype)
        slabs = (share[start : start + step] for start in range(0, len(share) or 1, step))
        return [best(some, table[: len(some)]) for some in slabs]

    worth = len(asked) * n_columns // WORTH_A_THREAD
    shares = np.array_split(asked, max(1, min(n_threads(), worth)))
    # Each product on its own thread: two that each take all of them wait for one another.
    with one_blas_thread(with_scipy=False) if len(shares) > 1 else nullcontext():
        return Lists.joined(list(chain(*side_by_side(of_share, ((share,) for share in shares)))))


def candidates(scores: Scores, n: int, slack: Scores | float) -> tuple[Index, Index]:
    """Row and column of all that may be among the n best of its row, and of little else.

    Scores that are less by ``slack``, a number or one for each row, may be as good, and -inf is
    none. The columns come in blocks: where n blocks have a maximum of at least s, n columns have a
    score of at least s, so that nothing below the n-th largest maximum is wanted.
    """
    n_columns = scores.shape[1]
    n = min(n, n_columns)
    block = max(1, n_columns // (BLOCKS * n))
    n_blocks = n_columns // block
    # Every n_blocks-th column is of one block: the maxima of neighbours are found at once.
    blocks = scores[:, : block * n_blocks].reshape(len(scores), block, n_blocks)
    bound = np.partition(blocks.max(axis=1), -n, axis=1)[:, -n] - slack
    bound = np.maximum(bound, np.finfo(scores.dtype).min)  # what was left out stays out
    row, column = np.divmod(np.flatnonzero(scores >= bound[:, None]), n_columns)
    return row, column


def ranked(row: Index, column: Index, values: Scores, n_rows: int, n: int) -> Lists:
    """The n candidates of each row with the largest values; of equal ones the lower column.

    The candidates come row by row, and in each by column.
    """
    counts = np.bincount(row, minlength=n_rows)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    # A short row is filled up with what comes last.
    negative = np.full((n_rows, counts.max(initial=0)), np.inf, values.dtype)
    negative[row, place] = -values
    order = np.argsort(negative, axis=1, kind="stable")[:, :n]
    lengths = np.minimum(counts, n)
    there = np.arange(order.shape[1]) < lengths[:, None]
    best = (order + (np.cumsum(counts) - counts)[:, None])[there]
    return Lists(column[best], values[best], lengths)
