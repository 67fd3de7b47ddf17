"""What can be descended: anything with a value and a gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from mfteach.arguments import function, having


class Objective(Protocol):
    """Anything that can be descended: it has a value and a gradient at each point."""

    def value(self, point: Any, /) -> Any:
        """f at ``point``, a number."""

    def gradient(self, point: Any, /) -> Any:
        """The gradient of f at ``point``, with the same type and shape as the point."""


def require_objective(objective: Any) -> None:
    """Refuse what has no value or no gradient, or whose are not functions."""
    words = "an objective with the functions value and gradient"
    having(objective, "objective", ("value", "gradient"), words)


@dataclass(frozen=True)
class Function:
    """An objective from two plain functions.

    Examples
    --------
    >>> from mfteach import gradient_descent
    >>> parabola = Function(value=lambda x: 3 * x**2, gradient=lambda x: 6 * x)
    >>> steps = gradient_descent(parabola, start=1.0, learning_rate=0.25)
    >>> [float(next(steps).point) for _ in range(4)]
    [1.0, -0.5, 0.25, -0.125]
    """

    value: Callable[[Any], Any]
    gradient: Callable[[Any], Any]

    def __post_init__(self) -> None:
        function(self.value, "value")
        function(self.gradient, "gradient")
