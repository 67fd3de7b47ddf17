"""Ratings as plain arrays: what a solver computes with, whoever calls it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Groups
from mfteach.matrices.ratings import Ratings

Table = NDArray[np.floating[Any]]
Index = NDArray[np.integer[Any]]

# Conjugate gradients stop where the residual has become this many rounding errors of the first:
# what is left is rounding, and a step that divides rounding by rounding leads anywhere.
ROUNDING_ERRORS = 100


class Known(NamedTuple):
    """The known ratings, and the part of each prediction that is fixed.

    Attributes
    ----------
    i, j : ndarray of int, shape (n_ratings,)
        The row of U and the row of V that each rating belongs to.
    r : ndarray of float, shape (n_ratings,)
        r_ij.
    mean : numpy.float32 or numpy.float64
        The mean; its precision is the precision of the targets.
    b, c : ndarray of float, shapes (m,) and (n,)
        The biases; empty if there are none.
    """

    i: NDArray[np.intp]
    j: NDArray[np.intp]
    r: Table
    mean: Any
    b: Table
    c: Table

    @classmethod
    def of(cls, ratings: Ratings, factors: Factors, *, with_biases: bool = True) -> Known:
        """The ratings, and the mean and (if wanted) the biases of ``factors``."""
        dtype = factors.U.dtype
        b, c = factors.user_bias, factors.item_bias
        if b is None or c is None or not with_biases:
            b = c = np.empty(0, dtype)
        return cls(
            ratings.user_index, ratings.item_index, ratings.values, dtype.type(factors.mean), b, c
        )

    @property
    def targets(self) -> Table:
        """What U and V have to explain: r_ij - mean - b_i - c_j, shape (n_ratings,)."""
        targets: Table = self.r.astype(self.mean.dtype, copy=False) - self.mean
        if len(self.b):
            targets -= self.b.take(self.i) + self.c.take(self.j)
        return targets


@dataclass(frozen=True, eq=False)
class Rows:
    """The ratings of each row of one table (U or V), row after row.

    Iterating gives (neighbours, targets, penalty) of row 0, of row 1, and so on.

    Attributes
    ----------
    starts : ndarray of int, shape (n_rows + 1,)
        Row i has the entries ``starts[i]`` to ``starts[i + 1]`` of the next two arrays.
    neighbours : ndarray of int, shape (n_ratings,)
        The row of the other table that each rating belongs to.
    targets : ndarray of float, shape (n_ratings,)
        What the factors have to explain.
    penalties : ndarray of float, shape (n_rows,)
        lambda times the weight of each row.
    """

    starts: NDArray[np.intp]
    neighbours: NDArray[np.uint32]
    targets: Table
    penalties: Table

    @classmethod
    def of(
        cls, groups: Groups, neighbours: NDArray[np.uint32], targets: Table, penalties: Table
    ) -> Rows:
        """Sort by row the targets, which are given in the order of the ratings."""
        penalties = penalties.astype(targets.dtype)
        return cls(groups.starts, neighbours, targets.take(groups.order), penalties)

    @property
    def counts(self) -> NDArray[np.intp]:
        """Number of ratings of each row, shape (n_rows,)."""
        return np.diff(self.starts)

    def require_enough(self, k: int) -> None:
        """Raise `UndeterminedRow` for a row without penalty that has fewer ratings than factors.

        A row without any rating is none: its factors are 0.
        """
        counts = self.counts
        too_few = (self.penalties == 0) & (counts > 0) & (counts < k)
        if too_few.any():
            raise UndeterminedRow(int(np.argmax(too_few)))

    def __len__(self) -> int:
        return len(self.penalties)

    def __iter__(self) -> Iterator[tuple[NDArray[np.uint32], Table, Any]]:
        for i, penalty in enumerate(self.penalties):
            here = slice(self.starts[i], self.starts[i + 1])
            yield self.neighbours[here], self.targets[here], penalty


def converged_below(squares: Any, k: int) -> Any:
    """The squared length of a residual that is only rounding, given that of the first residual.

    After an overflow no residual is: the steps go on, and what is not finite comes to light.
    """
    rounding = (ROUNDING_ERRORS * k * np.finfo(np.asarray(squares).dtype).eps) ** 2
    return np.where(np.isinf(squares), -squares, squares * rounding)


class UndeterminedRow(ArithmeticError):
    """The ratings of a row do not determine its factors, up to rounding.

    Attributes
    ----------
    row : int
        The first such row.
    """

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row} is not determined by its ratings")
        self.row = row
