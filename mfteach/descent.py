"""Gradient descent: one iterator of steps, down any objective with a value and a gradient.

The lecture stops at "downhill = - uphill" (row S65). What it leaves out is how far: the update
x <- x - eta grad f(x), with the learning rate eta. The very loop that walks down 3x² factorizes
ratings. Stopping, progress and recording are the caller's; see `mfteach.training`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from typing import Any, Protocol

import numpy as np

# The value may grow to this multiple of max(1, |first value|) before it counts as divergence.
DIVERGED = 1e6
# How many careful steps from the start are tried to find a learning rate to suggest.
PROBED = 50


class Objective(Protocol):
    """Anything that can be descended: it has a value and a gradient at each point."""

    def value(self, point: Any, /) -> Any:
        """f at ``point``, a number."""

    def gradient(self, point: Any, /) -> Any:
        """The gradient of f at ``point``, of the point's own kind and shape."""


@dataclass(frozen=True)
class Function:
    """An objective from two plain functions.

    Examples
    --------
    >>> parabola = Function(value=lambda x: 3 * x**2, gradient=lambda x: 6 * x)
    >>> steps = gradient_descent(parabola, start=1.0, learning_rate=0.25)
    >>> [float(next(steps).point) for _ in range(4)]
    [1.0, -0.5, 0.25, -0.125]
    """

    value: Callable[[Any], Any]
    gradient: Callable[[Any], Any]


class Step:
    """Where descent stands: step 0 is the start.

    Attributes
    ----------
    number : int
        How many updates led here.
    point : float, ndarray or Factors
        The point itself.
    value : float
        The objective there; computed when it is first asked for, unless the solver knows it.
    gradient_norm : float
        Euclidean length of the gradient there: 0 at a minimum, at a maximum and at a saddle.
        Computed as ``value`` is.
    learning_rate : float
        The rate of the update that led here; 0 at the start.
    """

    def __init__(self, number: int, point: Any, objective: Objective, learning_rate: float) -> None:
        self.number = number
        self.point = point
        self.learning_rate = learning_rate
        self._objective = objective

    @cached_property
    def value(self) -> float:
        """f at the point."""
        return float(self._objective.value(self.point))

    @cached_property
    def gradient_norm(self) -> float:
        """The length of the gradient at the point."""
        return norm(self._objective.gradient(self.point))

    def __repr__(self) -> str:
        return f"Step({self.number}, point={self.point!r}, value={self.value:.6g})"


class DivergenceError(ArithmeticError):
    """Descent left every bound: the value is not finite or has grown beyond `DIVERGED`.

    Attributes
    ----------
    step : int
        The step at which it was seen.
    learning_rate : float
        The rate that led there.
    suggested_rate : float or None
        A rate to try instead; None where a smaller rate would not help.
    trace : Trace or None
        What `mfteach.training.descend` had recorded by then.
    """

    def __init__(
        self, message: str, step: int, learning_rate: float, suggested_rate: float | None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.step = step
        self.learning_rate = learning_rate
        self.suggested_rate = suggested_rate
        self.trace: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = (self.message, self.step, self.learning_rate, self.suggested_rate)
        return type(self), arguments, {"trace": self.trace}


def gradient_descent(
    objective: Objective,
    start: Any,
    learning_rate: float,
    *,
    momentum: float = 0.0,
    line_search: bool = False,
) -> Iterator[Step]:
    """Walk downhill for ever: x <- x - eta grad f(x), all coordinates at once.

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
        Without end; take what you need, or let `mfteach.training.descend` decide.

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
    return _guarded(objective, _as_point(start), float(learning_rate), momentum, line_search)


def _guarded(
    objective: Objective, start: Any, learning_rate: float, momentum: float, line_search: bool
) -> Iterator[Step]:
    """Walk, and raise as soon as a step is out of bounds."""
    first_value = 0.0
    for step in _walk(objective, start, learning_rate, momentum, line_search):
        if step.number == 0:
            first_value = step.value
        if not _bounded(step.value, first_value):
            raise _divergence(objective, start, step, first_value, momentum)
        yield step


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


def _bounded(value: float, first_value: float) -> bool:
    return math.isfinite(value) and abs(value) <= DIVERGED * max(1.0, abs(first_value))


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


def _divergence(
    objective: Objective, start: Any, step: Step, first_value: float, momentum: float
) -> DivergenceError:
    if step.number == 0:
        message = f"the objective is {step.value} at the start: begin where it is finite"
        return DivergenceError(message, 0, 0.0, None)
    rate = step.learning_rate
    # Momentum lengthens steps up to 1/(1 - mu) times, so the probe goes as far without it.
    n_steps = max(PROBED, math.ceil(step.number / (1 - momentum)))
    suggested = suggest_learning_rate(objective, start, rate, n_steps)
    what = f"the value went from {first_value:.3g} to {step.value:.3g}"
    if suggested is None:
        cure = "no smaller rate helps: the objective seems to have no lower bound"
    else:
        suggested = float(f"{min(suggested * (1 - momentum), rate / 2):.2g}")
        cure = f"try learning_rate={suggested}"
    return DivergenceError(
        f"descent diverged at step {step.number} with learning_rate={rate:g}: {what}; {cure}",
        step.number,
        rate,
        suggested,
    )


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
        if not _bounded(step.value, first_value):
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


def norm(gradient: Any) -> float:
    """Euclidean length of all entries; the squares of huge ones do not overflow."""
    entries = np.asarray(gradient, dtype=np.float64).ravel()
    largest = float(np.max(np.abs(entries), initial=0.0))
    if not 0 < largest < math.inf:
        return largest
    scaled = entries / largest
    # Not numpy.linalg.norm: it wakes the threads of BLAS for a sum that one does sooner.
    return largest * math.sqrt(float(np.einsum("n,n->", scaled, scaled)))
