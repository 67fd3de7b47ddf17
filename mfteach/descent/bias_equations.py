"""The normal equations of biases, solved by conjugate gradients whoever computes their sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError

Vector = NDArray[np.float64]
Pair = tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]


def penalized_biases(
    counts: tuple[NDArray[np.number[Any]], NDArray[np.number[Any]]],
    above_mean: Pair,
    regularization: float,
    sums_of: Callable[[Any, Any], Pair],
    tolerance: float = 1e-12,
) -> tuple[Vector, Vector]:
    """Solve the normal equations of b and c, of which the solution is unique.

    (n_i + lambda) b_i + sum_{j in I_i} c_j = sum_{j in I_i} (r_ij - mean), and likewise for c_j.
    Divided by the roots of their diagonal they take conjugate gradients a few dozen steps.

    Parameters
    ----------
    counts : pair of ndarray, shapes (m,) and (n,)
        n_i and n_j.
    above_mean : pair of ndarray, the same shapes
        The right sides: sums of r_ij - mean.
    regularization : float
        lambda, larger than 0.
    sums_of : callable
        From b and c to sum_{j in I_i} c_j and sum_{i in U_j} b_i.
    tolerance : float
        What is left of the right side, as a share of it, when the descent stops.

    Raises
    ------
    ValueError
        If the squares of the ratings overflow.
    """
    from scipy.sparse.linalg import LinearOperator, cg  # loaded here: it takes longer than NumPy

    m, size = len(counts[0]), len(counts[0]) + len(counts[1])
    scale = 1 / np.sqrt(np.concatenate(counts) + regularization)

    def scaled_equations(x: Vector) -> Vector:
        b, c = np.split(scale * x, [m])
        return np.asarray(x + scale * np.concatenate(sums_of(b, c)))

    operator = LinearOperator((size, size), matvec=scaled_equations, dtype=np.float64)
    wanted = scale * np.concatenate(above_mean)
    with np.errstate(over="ignore", invalid="ignore"):
        solution, unfinished = cg(operator, wanted, rtol=tolerance, atol=0.0, maxiter=10 * size)
    if unfinished:
        raise InputError(
            f"the biases have not converged after {unfinished} steps, for the squares of the "
            "ratings overflow",
            "Scale the ratings down",
        )
    b, c = np.split(scale * solution, [m])
    return b, c
