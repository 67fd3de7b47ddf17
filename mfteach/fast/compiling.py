"""What all kernels share: how they are compiled, and how work is cut into ranges."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from numba import njit
except ImportError as error:
    raise ImportError(
        "the compiled kernels need Numba, which cannot be imported "
        f"({error}): pip install 'mfteach[fast]'"
    ) from error

from mfteach.fast.threads import n_threads
from mfteach.matrices.factors import Factors

Table = NDArray[np.floating[Any]]


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


def _biases(factors: Factors, wanted: bool = True) -> tuple[Table, Table]:
    """The biases as kernels take them: empty where there are none, or none are wanted."""
    if factors.user_bias is None or factors.item_bias is None or not wanted:
        none = np.empty(0, factors.U.dtype)
        return none, none
    return factors.user_bias, factors.item_bias
