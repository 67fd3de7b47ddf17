"""A step of any solver, and the error of one that left every bound."""

from __future__ import annotations

import math
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


def norm(gradient: Any) -> float:
    """Euclidean length of all entries; the squares of huge ones do not overflow."""
    entries = np.asarray(gradient, dtype=np.float64).ravel()
    largest = float(np.max(np.abs(entries), initial=0.0))
    if not 0 < largest < math.inf:
        return largest
    scaled = entries / largest
    # Not numpy.linalg.norm: it wakes the threads of BLAS for a sum that one does sooner.
    return largest * math.sqrt(float(np.einsum("n,n->", scaled, scaled)))
