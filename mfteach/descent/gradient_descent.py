"""Gradient descent: one iterator of steps, down any objective with a value and a gradient.

The lecture stops at "downhill = - uphill" (row S65). What it leaves out is how far: the update
x <- x - eta grad f(x), with the learning rate eta. The very loop that walks down 3x² factorizes
ratings. Stopping, progress and recording are the caller's; see `mfteach.descent.training`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import numpy as np

from mfteach.descent.steps import Step, bounded, guarded, norm
from mfteach.loss.objective import Objective

# How many careful steps from the start are tried to find a learning rate to suggest.
PROBED = 50


def gradient_descent(
    objective: Objective,
    start: Any,
    learning_rate: float,
    *,
    momentum: float = 0.0,
    line_search: bool = False,
) -> Iterator[Step]:
    """Walk downhill: x <- x - eta grad f(x), all coordinates at once.

    Parameters
    ----------
    objective : Objective
        Anything with ``value(point)`` and ``gradient(point)``: a `Function`, a `Loss`.
    start : float, array-like or Factors
        Where to begin. It is copied, never changed.
    learning_rate : float
        eta > 0. With ``line_search`` the rate that each step tries first.
    momentum : float
        mu in [0, 1): each step adds mu times the step before (Polyak's heavy ball).
    line_search : bool
        Halve the rate until the value falls by at least eta/2 |grad f|² (Armijo's rule; on a
        quadratic with largest curvature L this admits every rate up to 1/L, and a larger one
        only where the gradient points along less curvature).

    Yields
    ------
    Step
        Without end; take what you need, or let `mfteach.descent.descend` decide.

    Raises
    ------
    ValueError
        For a rate or a momentum outside its range, or momentum together with line search.
    DivergenceError
        When the value is not finite or exceeds `DIVERGED` times max(1, |first value|). It names
        the step, the rate, and a rate to try. A value that swings without settling is no
        divergence.

    Source: lecture rows S64-S66; Polyak (1964) for momentum; Armijo (1966) for the line search.
    """
    if not (np.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate must be a positive number, but is {learning_rate}")
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must lie in [0, 1), but is {momentum}")
    if momentum and line_search:
        raise ValueError("momentum and line_search do not go together: choose one")
    point = _as_point(start)

    def suggest(step: Step) -> float | None:
        return _rate_instead(objective, point, step, momentum)

    return guarded(
        _walk(objective, point, float(learning_rate), momentum, line_search),
        suggest,
        hopeless="no smaller rate helps: the objective seems to have no lower bound",
    )


def _walk(
    objective: Objective, point: Any, learning_rate: float, momentum: float, line_search: bool
) -> Iterator[Step]:
    value, gradient = _evaluate(objective, point)
    if np.shape(gradient) != np.shape(point):
        raise ValueError(
            f"the gradient has the shape {np.shape(gradient)}, but the point has {np.shape(point)}"
        )
    move = 0.0 * gradient
    rate = 0.0
    for number in count():
        step = Step(number, copy.deepcopy(point), objective, rate)
        step.value, step.gradient_norm = value, norm(gradient)
        yield step
        rate = learning_rate
        if line_search:
            rate = _backtrack(objective, point, value, gradient, learning_rate)
        move = momentum * move - rate * gradient
        point = point + move
        value, gradient = _evaluate(objective, point)


# Overflow is no warning here: it is noticed, and reported as a DivergenceError.
@np.errstate(over="ignore", invalid="ignore")
def _evaluate(objective: Objective, point: Any) -> tuple[float, Any]:
    value = _value(objective, point)
    if not math.isfinite(value):
        return value, math.nan * point
    gradient = objective.gradient(point)
    return value, np.asarray(gradient) if isinstance(gradient, list | tuple) else gradient


@np.errstate(over="ignore", invalid="ignore")
def _value(objective: Objective, point: Any) -> float:
    try:
        return float(objective.value(point))
    except OverflowError:  # what math.exp and its like do where NumPy says inf
        return math.inf


def _backtrack(objective: Objective, point: Any, value: float, gradient: Any, rate: float) -> float:
    squared_norm = norm(gradient) ** 2
    rounding = 4 * np.finfo(float).eps * abs(value)
    while rate * squared_norm > rounding:
        there = _value(objective, point - rate * gradient)
        if there <= value - 0.5 * rate * squared_norm + rounding:
            break
        rate /= 2
    return rate


def _rate_instead(objective: Objective, start: Any, step: Step, momentum: float) -> float | None:
    """A rate to try instead of the one that led to ``step``, of two digits."""
    # Momentum lengthens steps up to 1/(1 - mu) times, so the search goes as far without it.
    n_steps = max(PROBED, math.ceil(step.number / (1 - momentum)))
    rate = suggest_learning_rate(objective, start, step.learning_rate, n_steps)
    if rate is None:
        return None
    return float(f"{min(rate * (1 - momentum), step.learning_rate / 2):.2g}")


def suggest_learning_rate(
    objective: Objective, start: Any, largest: float = 1.0, n_steps: int = PROBED
) -> float | None:
    """Find a rate to try: the smallest that a line search needs on its first steps.

    Parameters
    ----------
    objective, start
        As for `gradient_descent`.
    largest : float
        The search halves this rate as often as it must.
    n_steps : int
        How many steps are tried.

    Returns
    -------
    float or None
        None where no rate helps, for the objective has no lower bound.
    """
    careful = _walk(objective, _as_point(start), largest, momentum=0.0, line_search=True)
    first_value = next(careful).value
    smallest = largest
    for step in islice(careful, n_steps):
        if not bounded(step.value, first_value):
            return None
        smallest = min(smallest, step.learning_rate)
    return smallest


def _as_point(start: Any) -> Any:
    """A copy that arithmetic will not round: plain numbers and lists become floats."""
    if hasattr(start, "__array_ufunc__") and not isinstance(start, np.ndarray | np.generic):
        return copy.deepcopy(start)
    point = np.array(start)
    if point.dtype.kind != "f":
        point = point.astype(np.float64)
    return point if point.ndim else point[()]
