"""Is the gradient right? Ask the function itself, by central differences (lesson 08)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import real_number, real_numbers
from mfteach.loss.objective import Objective, require_objective
from mfteach.matrices.factors import Factors


def check_gradient(objective: Objective, point: Any, h: float = 1e-3) -> float:
    """Compare ``objective.gradient`` with central differences of ``objective.value``.

        d_p = (f(x + h e_p) - f(x - h e_p)) / 2h        for each coordinate p

    Parameters
    ----------
    objective : Objective
        Anything with ``value`` and ``gradient``.
    point : float, array-like or Factors
        Where to compare; choose one where no coordinate is special, and not a minimum: where the
        gradient is 0, nothing but rounding is left to compare.
    h : float
        Half the distance. J is quadratic in each single coordinate, so any h is exact up to
        rounding, and rounding grows as h shrinks: 1e-1 to 1e-4 is best.

    Returns
    -------
    float
        |gradient - d| / max(|gradient| + |d|, smallest positive number), in Euclidean lengths:
        0 at best, below 1e-9 for a right gradient of J, 1 for the opposite sign.

    Raises
    ------
    ValueError
        If h is not positive, the gradient has another number of entries than the point, or a
        value or an entry is not finite (the message names the coordinate).

    Source: lecture rows S62 and S63.
    """
    require_objective(objective)
    h = real_number(h, "h", "(0, inf)")
    entries = real_numbers(point, "point").astype(np.float64).ravel()
    gradient = real_numbers(objective.gradient(_like(point, entries)), "gradient")
    gradient = gradient.astype(np.float64).ravel()
    if gradient.shape != entries.shape:
        raise ValueError(
            f"the gradient has {gradient.size} entries, but the point has {entries.size}"
        )
    differences = np.array([_slope(objective, point, entries, p, h) for p in range(entries.size)])
    _require_finite(gradient, "the gradient")
    _require_finite(differences, "the central difference")
    size = np.linalg.norm(gradient) + np.linalg.norm(differences)
    return float(np.linalg.norm(gradient - differences) / max(size, np.finfo(float).tiny))


def _slope(
    objective: Objective, point: Any, entries: NDArray[np.float64], p: int, h: float
) -> float:
    ahead, behind = entries.copy(), entries.copy()
    ahead[p] += h
    behind[p] -= h
    above, below = (
        real_number(objective.value(_like(point, at)), "value", None) for at in (ahead, behind)
    )
    return (above - below) / (2 * h)


def _like(point: Any, entries: NDArray[np.float64]) -> Any:
    """The entries in the shape of ``point``."""
    if isinstance(point, Factors):
        return point.with_entries(entries)
    shape = np.shape(point)
    return entries.reshape(shape) if shape else entries[0]


def _require_finite(numbers: NDArray[np.float64], name: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        raise ValueError(f"{name} is {numbers[wrong[0]]} at coordinate {wrong[0]} of the point")
