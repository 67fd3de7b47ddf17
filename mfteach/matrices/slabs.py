"""Many ratings, some at a time: what is computed on the way takes little memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Few enough that a dozen arrays as long are nothing beside the ratings of which there are more.
SLAB = 2**20
# So many numbers are joined at once: a block as long goes back to the machine when it is let go,
# as the memory of small pieces does not.
BLOCK = 2**23


def slabs(count: int) -> Iterator[slice]:
    """The positions 0 to ``count - 1`` in slices of `SLAB`."""
    for start in range(0, count, SLAB):
        yield slice(start, min(start + SLAB, count))


def square_sum(numbers: NDArray[np.floating[Any]]) -> float:
    """The sum of squares, in double precision."""
    squares = (np.square(numbers[some], dtype=np.float64) for some in slabs(len(numbers)))
    return float(sum(map(np.sum, squares)))


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
