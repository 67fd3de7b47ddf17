"""Which ratings belong to which row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import row_numbers, whole_number

Rng = int | np.random.Generator | None


@dataclass(frozen=True)
class Groups:
    """Positions of the ratings of each row: ``groups[i]`` are those of row i, in given order.

    ``order`` lists all positions sorted by row; row i owns ``order[starts[i]:starts[i + 1]]``.
    """

    order: NDArray[np.intp]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, index: NDArray[np.integer[Any]], n_rows: int) -> Groups:
        """Group the positions 0, 1, ... of ``index`` by the row each belongs to."""
        n_rows = whole_number(n_rows, "n_rows", 0)
        index = row_numbers(index, "index", n_rows)
        counts = np.bincount(index, minlength=n_rows)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        return cls(frozen(np.argsort(index, kind="stable")), frozen(starts))

    @property
    def counts(self) -> NDArray[np.intp]:
        """Number of ratings of each row, shape (n_rows,)."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> NDArray[np.intp]:
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} is not among the {len(self)} rows 0..{len(self) - 1}")
        return self.order[self.starts[row] : self.starts[row + 1]]


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The array itself, which nobody can write to any more."""
    array.flags.writeable = False
    return array
