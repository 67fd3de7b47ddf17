"""A step of any solver, and the guard that stops one that diverges."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from mfteach.loss.objective import Objective

# The value may grow to this multiple of max(1, |first value|) before it counts as divergence.
DIVERGED = 1e6


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
    move : ndarray or Factors or None
        The update that led here, of a solver that has momentum.
    """

    move: Any = None

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
    """Descent diverged: the value is not finite or has grown beyond `DIVERGED`.

    Attributes
    ----------
    step : int
        The step at which it was seen.
    learning_rate : float
        The rate that led there.
    suggested_rate : float or None
        A rate to try instead; None where a smaller rate would not help.
    trace : Trace or None
        What `mfteach.descent.descend` had recorded by then.
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


def guarded(
    steps: Iterable[Step],
    suggest: Callable[[Step], float | None],
    *,
    rate: float | None = None,
    place: str = "at step",
    hopeless: str = "no smaller rate helps",
    bound: Callable[[Step], float] | None = None,
) -> Iterator[Step]:
    """Pass the steps on, and raise at the first that diverged.

    Parameters
    ----------
    steps : iterable of Step
        The start and what follows it.
    suggest : callable
        From the step that diverged to a learning rate to try instead, or None.
    rate : float, optional
        The learning rate to be named; the one of the step itself by default.
    place, hopeless : str
        What the message says before the number of the step, and where no rate helps.
    bound : callable, optional
        What the value of a step cannot exceed; where it is in bounds, no value is computed.

    Raises
    ------
    DivergenceError
        When the value is not finite or exceeds `DIVERGED` times max(1, |first value|).
    """
    first: float | None = None
    for step in steps:
        first = _value(step) if first is None else first
        safe = bound is not None and bounded(bound(step), first)
        if safe or bounded(_value(step), first):
            yield step
            continue
        if step.number == 0:
            message = f"the objective is {step.value} at the start: begin where it is finite"
            raise DivergenceError(message, 0, 0.0, None)
        rate, suggested = step.learning_rate if rate is None else rate, suggest(step)
        cure = hopeless if suggested is None else f"try learning_rate={_short(suggested)}"
        raise DivergenceError(
            f"descent diverged {place} {step.number} with learning_rate={rate:g}: the value went "
            f"from {first:.3g} to {step.value:.3g}; {cure}",
            step.number,
            rate,
            suggested,
        )


def bounded(value: float, first_value: float) -> bool:
    """Whether a value is finite and no larger than `DIVERGED` allows."""
    return math.isfinite(value) and abs(value) <= DIVERGED * max(1.0, abs(first_value))


@np.errstate(over="ignore", invalid="ignore")  # noticed, and reported as a DivergenceError
def _value(step: Step) -> float:
    return step.value


def _short(rate: float) -> float:
    return float(f"{rate:.2g}")


def norm(gradient: Any) -> float:
    """Euclidean length of all entries; the squares of huge ones do not overflow."""
    entries = np.asarray(gradient, dtype=np.float64).ravel()
    largest = float(np.max(np.abs(entries), initial=0.0))
    if not 0 < largest < math.inf:
        return largest
    scaled = entries / largest
    # Not numpy.linalg.norm: it is slower for sums as short as these often are.
    return largest * math.sqrt(float(np.einsum("n,n->", scaled, scaled)))
