"""Tables of ratings for functions that must cope with each of them, whoever draws the numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["tables"]

Array = NDArray[np.float64]


def tables(rng: np.random.Generator) -> list[tuple[Array, Array]]:
    """Return pairs of R and W, in an order that never changes, so that no draw decides by luck.

    Two tables with blanks, one without any, one with an empty row and an empty column, one with a
    single known rating, and a larger one. All but the single one have a known rating of 0.

    Parameters
    ----------
    rng : numpy.random.Generator
    """
    shapes = [(4, 3), (3, 5), (4, 3), (4, 4), (3, 2), (6, 5)]
    values = np.array([-2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    found = []
    for number, (m, n) in enumerate(shapes):
        W = (rng.random((m, n)) < 0.6).astype(float)
        W[0, 0], W[0, 1], W[1, 0], W[1, 1], W[-1, -1] = 1.0, 1.0, 1.0, 0.0, 0.0
        if number == 2:
            W[:] = 1.0
        if number == 3:
            W[2], W[:, 2] = 0.0, 0.0
        if number == 4:
            W[:] = 0.0
            W[1, 1] = 1.0
        R = W * rng.choice(values, size=(m, n))
        R[0, 0], R[0, 1] = 0.0, 3.0 * W[0, 1]
        found.append((R, W))
    return found
