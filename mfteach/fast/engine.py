"""The one door to the fast twins: NumPy's, or the compiled ones where Numba is installed.

A twin has the name and the arguments of a plain function in `mfteach.descent` or `mfteach.loss`,
takes arrays and returns arrays. What only prepares its work has no plain form: the sorting of
ratings by row, the drawing of orders, sums for the biases. Both kinds give the same numbers up to
rounding, but for one seed they draw different orders of ratings for stochastic gradient descent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import Cure, InputError, one_of
from mfteach.fast import numpy_twins
from mfteach.fast.numpy_gradient import products as products
from mfteach.fast.numpy_gradient import row_squares as row_squares
from mfteach.fast.numpy_sgd import Shares
from mfteach.matrices.rows import Index, Known, Rows, Table

Engine = Literal["auto", "numpy", "numba"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

# With fewer ratings, "auto" stays with NumPy: loading Numba takes longer than it saves.
WORTHWHILE = 50_000
# With more, NumPy takes so much longer that whoever waits should know why.
WORTH_A_WORD = 500_000

HOW_TO_GET = "pip install 'mfteach[fast]'"


class MissingEngine(InputError, ImportError):
    """An engine that this Python does not have: an ImportError as well."""


class BiasSums(Protocol):
    """Sums over the ratings of each user and of each item."""

    def of_biases(self, b: Table, c: Table) -> tuple[Table, Table]:
        """Sum over j in I_i of c_j for each user i, and over i in U_j of b_i for each item j."""

    def of_values(self, r: Table, mean: float) -> tuple[Table, Table]:
        """Sums of r_ij - mean."""


class Twins(Protocol):
    """What an engine computes. Its plain form explains each: see there."""

    def targets(self, known: Known, /) -> Table:
        """As `mfteach.matrices.rows.Known.targets`."""

    def errors(self, known: Known, U: Table, V: Table, /) -> Table:
        """As `mfteach.loss.gradient.errors`."""

    def gradient(
        self, users: Rows, items: Rows, U: Table, V: Table, /
    ) -> tuple[Table, Table, Table, Table]:
        """As `mfteach.loss.gradient.gradient`."""

    def sort_by_row(
        self, starts: NDArray[np.intp], rows: Index, others: Index, known: Known, /
    ) -> tuple[NDArray[np.uint32], Table]:
        """``neighbours`` and ``targets`` of `mfteach.matrices.rows.Rows`."""

    def half_step(self, rows: Rows, table: Table, /) -> Table:
        """As `mfteach.descent.als.half_step`."""

    def implicit_half_step(self, rows: Rows, table: Table, /) -> Table:
        """As `mfteach.descent.implicit_als.implicit_half_step`."""

    def approximate_half_step(
        self, rows: Rows, table: Table, start: Table, n_steps: int, /
    ) -> Table:
        """As `mfteach.descent.conjugate_gradients.approximate_half_step`."""

    def approximate_implicit_half_step(
        self, rows: Rows, table: Table, start: Table, n_steps: int, /
    ) -> Table:
        """As `mfteach.descent.implicit_als.approximate_implicit_half_step`."""

    def orders(
        self, known: Known, shape: tuple[int, int], generator: np.random.Generator, /
    ) -> Iterator[Iterable[tuple[int, int, Any]]]:
        """Random orders of the ratings without end: each gives (i, j, target) once a rating."""

    def epoch(
        self,
        order: Any,
        U: Table,
        V: Table,
        biases: tuple[Table, Table] | None,
        shares: Shares,
        learning_rate: float,
        /,
    ) -> tuple[Table, Table, tuple[Table, Table] | None]:
        """As `mfteach.descent.sgd.epoch`, for an order that `orders` has drawn."""

    def BiasSums(self, i: Index, j: Index, shape: tuple[int, int], /) -> BiasSums:
        """Sums for the biases of `mfteach.recommender.Biases`."""


def twins(engine: Engine, n_ratings: int) -> Twins:
    """Choose who computes.

    Parameters
    ----------
    engine : {"auto", "numpy", "numba"}
        "auto": Numba for `WORTHWHILE` ratings or more. Where it is not installed this falls back
        to NumPy, and for `WORTH_A_WORD` ratings or more a warning of the logger ``mfteach`` says
        so, once.
    n_ratings : int
        How much work there is.

    Raises
    ------
    ValueError
        For another engine.
    ImportError
        For "numba" where Numba cannot be imported.
    """
    engine = one_of(engine, "engine", ENGINES)
    if engine == "numpy" or (engine == "auto" and n_ratings < WORTHWHILE):
        return numpy_twins
    try:
        from mfteach.fast import numba_twins
    except ImportError as error:
        if engine == "numba":
            raise MissingEngine(str(error), HOW_TO_GET, cures=(Cure("engine", "auto"),)) from error
        if n_ratings >= WORTH_A_WORD:
            _say_once(f"{error}: {HOW_TO_GET}")
        return numpy_twins
    return numba_twins


@cache
def _say_once(reason: str) -> None:
    logging.getLogger("mfteach").warning("NumPy computes, which is slower: %s", reason)
