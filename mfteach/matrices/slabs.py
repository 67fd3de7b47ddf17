"""Many ratings, some at a time: what is computed on the way takes little memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Few enough that a dozen arrays as long are nothing beside ratings of which a small set has more.
SLAB = 2**14
# So many terms are added up at once: another number groups sums otherwise, and rounds otherwise.
TERMS = 2**20
# So many numbers are joined at once: a block as long goes back to the machine when it is let go,
# as the memory of small pieces does not.
BLOCK = 2**23


def slabs(count: int, length: int | None = None) -> Iterator[slice]:
    """The positions 0 to ``count - 1`` in slices of ``length``, by default `SLAB`."""
    length = length or SLAB
    for start in range(0, count, length):
        yield slice(start, min(start + length, count))


def square_sum(numbers: NDArray[np.floating[Any]], unit: float = 1.0) -> float:
    """The sum of the squares of ``numbers / unit``, in double precision."""
    return sum((_square_sum(numbers[some], unit) for some in slabs(len(numbers), TERMS)), 0.0)


def root_mean_square(numbers: NDArray[np.floating[Any]]) -> float:
    """The root of the mean of the squares, of which none leaves the range; 0 if all are 0."""
    largest = max(float(numbers.max()), -float(numbers.min()))
    if largest == 0:
        return 0.0
    return largest * math.sqrt(square_sum(numbers, largest) / len(numbers))


def _square_sum(numbers: NDArray[np.floating[Any]], unit: float) -> float:
    """By halves, cut where `numpy.sum` cuts: so it rounds as that does, but needs no long array."""
    if len(numbers) > SLAB:
        half = len(numbers) // 16 * 8
        return _square_sum(numbers[:half], unit) + _square_sum(numbers[half:], unit)
    shares = np.divide(numbers, unit, dtype=np.float64)
    return float(np.sum(np.square(shares, out=shares)))


def rows_not_finite(table: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
    """The rows of a table that hold an infinity or a NaN."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(table.sum()):  # one of them would be left in the sum
            return np.empty(0, np.intp)
    step = max(1, SLAB // max(1, table.shape[1]))
    found = [np.empty(0, np.intp)]
    for some in slabs(len(table), step):
        finite = np.isfinite(table[some])
        if not finite.all():
            found.append(some.start + np.flatnonzero(~finite.all(axis=1)))
    return np.concatenate(found)


class Growing:
    """A long column in the making, of many short pieces."""

    def __init__(self) -> None:
        self._blocks: list[NDArray[Any]] = []
        self._pieces: list[NDArray[Any]] = []
        self._count = 0

    def append(self, piece: NDArray[Any]) -> None:
        """Add a piece at the end."""
        self._pieces.append(piece)
        self._count += len(piece)
        if self._count >= BLOCK:
            self._close_block()

    def _close_block(self) -> None:
        self._blocks.append(np.concatenate(self._pieces))
        self._pieces.clear()
        self._count = 0

    def joined(self) -> NDArray[Any]:
        """The column, once: its pieces go, for with them it takes twice the memory."""
        blocks = [*self._blocks, *self._pieces]
        self._blocks.clear()
        self._pieces.clear()
        return np.concatenate(blocks)
