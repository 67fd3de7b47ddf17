"""The learning rate eta: how far a step goes, which the lecture leaves out (after row S65).

Too small a rate never arrives, too large a one diverges. Where nobody gives one, a line search
finds it: the rate is halved until a step really goes downhill.
"""

from __future__ import annotations

import copy
import math
import statistics
import warnings
from typing import Any

import numpy as np

from mfteach.arguments import WrongType, real_number, real_numbers, shown, whole_number
from mfteach.descent.steps import bounded, norm
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.loss.objective import Objective, require_objective

# How many careful steps from the start are tried to find a learning rate to suggest.
PROBED = 50
# A step that would change the value by a smaller share says nothing about rates.
CONVERGED = 1e-10
# A rate is suspicious below this share of the median one, and useless if it gets this far of it.
TINY, NOWHERE = 1e-3, 0.01


def decayed(learning_rate: float, decay: float, epoch: int) -> float:
    """eta / (1 + decay (t - 1)), the rate of epoch t = 1, 2, ..."""
    return learning_rate / (1.0 + decay * (epoch - 1))


def backtracking_line_search(
    objective: Objective, point: Any, value: float, gradient: Any, largest: float
) -> float:
    """Halve ``largest`` until the value falls by at least eta/2 |grad f|².

    Parameters
    ----------
    objective : Objective
        f.
    point, value, gradient
        Where the step begins, with f and its gradient there.
    largest : float
        The rate that is tried first.

    Returns
    -------
    float
        eta. At a stationary point, where no step helps, what rounding leaves of it.

    Source: Armijo (1966).
    """
    length = norm(gradient)
    rate, squared_norm = largest, length * length  # not ** 2, which is an error where * is infinite
    rounding = 4 * np.finfo(float).eps * abs(value)
    while rate * squared_norm > rounding:
        there = value_at(objective, point - rate * gradient)
        if there <= value - 0.5 * rate * squared_norm + rounding:
            break
        rate /= 2
    return rate


def suggest_learning_rate(
    objective: Objective, start: Any, largest: float = 1.0, n_steps: int = PROBED
) -> float | None:
    """Find a rate to try: the smallest that a line search needs on its first steps.

    Parameters
    ----------
    objective, start
        As for `mfteach.gradient_descent`.
    largest : float
        The search halves this rate as often as it must.
    n_steps : int
        How many steps are tried, at least 1.

    Returns
    -------
    float or None
        None where no rate helps, because the objective is unbounded below.

    Warns
    -----
    NothingLearnedWarning
        If steps at this rate hardly lower the value, where a line search lowers it.
    """
    require_objective(objective)
    largest = real_number(largest, "largest", "(0, inf)")
    n_steps = whole_number(n_steps, "n_steps", 1)
    first = _in_double_precision(as_point(start))
    point = first
    value, gradient = evaluate(objective, point)
    first_value, rates = value, [largest]
    for _ in range(n_steps):
        rate = backtracking_line_search(objective, point, value, gradient, largest)
        # Close to a stationary point rounding decides which rates help, and none may be needed.
        length = norm(gradient)
        if rate * length * length > CONVERGED * abs(value):
            rates.append(rate)
        point = point - rate * gradient
        value, gradient = evaluate(objective, point)
        if not bounded(value, first_value):
            return None
    smallest = min(rates)
    if smallest < TINY * statistics.median(rates):
        _warn_if_useless(objective, first, smallest, n_steps, first_value - value)
    return smallest


def _in_double_precision(point: Any) -> Any:
    """In single precision, rounding looks like a value that does not fall."""
    return point.astype(np.float64) if hasattr(point, "astype") else point


def _warn_if_useless(
    objective: Objective, point: Any, rate: float, n_steps: int, fall: float
) -> None:
    """Say so if steps at the one rate get nowhere where a line search got far."""
    value, gradient = evaluate(objective, point)
    first_value = value
    for _ in range(n_steps):
        point = point - rate * gradient
        value, gradient = evaluate(objective, point)
    if first_value - value < NOWHERE * fall:
        message = (
            f"learning_rate={rate:.2g} is the largest that is safe everywhere, and leads nowhere: "
            f"{n_steps} steps lower the value by {first_value - value:.2g} instead of {fall:.2g}. "
            "gradient_descent with line_search=True finds a rate for each step"
        )
        warnings.warn(NothingLearnedWarning(message, "unmoved"), stacklevel=3)


# Overflow is no warning here: it is noticed, and reported as a DivergenceError.
@np.errstate(over="ignore", invalid="ignore")
def evaluate(objective: Objective, point: Any) -> tuple[float, Any]:
    """f and its gradient, which is NaN where f is not finite.

    Raises
    ------
    ValueError
        If the gradient has another shape than the point.
    """
    value = value_at(objective, point)
    if not math.isfinite(value):
        return value, math.nan * point
    gradient = objective.gradient(point)
    if not hasattr(gradient, "__array_ufunc__"):  # a number or a list; not Factors, nor an array
        gradient = real_numbers(gradient, "gradient")[()]
    if np.shape(gradient) != np.shape(point):
        raise ValueError(
            f"the gradient has the shape {np.shape(gradient)}, but the point has {np.shape(point)}"
        )
    return value, gradient


@np.errstate(over="ignore", invalid="ignore")
def value_at(objective: Objective, point: Any) -> float:
    """f at a point, infinite where it overflows."""
    try:
        value = objective.value(point)
    except OverflowError:  # what math.exp and its like do where NumPy says inf
        return math.inf
    try:
        return float(value)
    except (TypeError, ValueError):
        raise WrongType(f"must be a number, but is {shown(value)}", argument="value") from None


def as_point(start: Any) -> Any:
    """A copy that arithmetic will not round: plain numbers and lists become floats."""
    if hasattr(start, "__array_ufunc__") and not isinstance(start, np.ndarray | np.generic):
        return copy.deepcopy(start)
    point = real_numbers(start, "start").copy()
    if point.dtype.kind != "f":
        point = point.astype(np.float64)
    return point if point.ndim else point[()]
