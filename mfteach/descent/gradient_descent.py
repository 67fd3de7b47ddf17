"""Gradient descent: one iterator of steps, down any objective with a value and a gradient.

The lecture stops at "downhill = - uphill" (row S65). What it leaves out is how far: the update
x <- x - eta grad f(x), with the learning rate eta. The very loop that walks down 3x² factorizes
ratings. Stopping, progress and recording are the caller's; see `mfteach.descent.training`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import numpy as np

from mfteach.arguments import Cure, InputError, flag, real_number
from mfteach.descent.learning_rate import (
    PROBED,
    as_point,
    backtracking_line_search,
    evaluate,
    suggest_learning_rate,
)
from mfteach.descent.steps import Step, guarded, norm
from mfteach.loss.objective import Objective, require_objective


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
        the step, the rate, and a rate to try. A value that oscillates without
        converging does not count as divergence.

    Source: lecture rows S64-S66; Polyak (1964) for momentum; Armijo (1966) for the line search.
    """
    require_objective(objective)
    rate = real_number(learning_rate, "learning_rate", "(0, inf)")
    momentum = real_number(momentum, "momentum", "[0, 1)")
    if flag(line_search, "line_search") and momentum:
        raise InputError(
            "momentum and line_search do not go together",
            cures=(Cure("momentum", 0.0), Cure("line_search", False)),
        )
    point = as_point(start)
    return _guarded(
        _walk(objective, point, rate, momentum, line_search), objective, point, momentum
    )


def _guarded(
    steps: Iterable[Step], objective: Objective, start: Any, momentum: float
) -> Iterator[Step]:
    return guarded(
        steps,
        lambda step: _rate_instead(objective, start, step, momentum),
        hopeless="no smaller rate helps: the objective seems to have no lower bound",
    )


def _walk(
    objective: Objective,
    point: Any,
    learning_rate: float,
    momentum: float,
    careful: bool,
    last: Step | None = None,
) -> Iterator[Step]:
    value, gradient = evaluate(objective, point)
    move = 0.0 * gradient if last is None else last.move
    rate = 0.0
    for number in count(0 if last is None else last.number):
        step = Step(number, copy.deepcopy(point), objective, rate)
        step.value, step.gradient_norm, step.move = value, norm(gradient), move
        yield step
        rate = learning_rate
        if careful:
            rate = backtracking_line_search(objective, point, value, gradient, learning_rate)
        point, move = _moved(point, move, momentum, rate, gradient)
        value, gradient = evaluate(objective, point)


@np.errstate(over="ignore", invalid="ignore")  # noticed, and reported as a DivergenceError
def _moved(point: Any, move: Any, momentum: float, rate: float, gradient: Any) -> tuple[Any, Any]:
    move = momentum * move - rate * gradient
    return point + move, move


def _rate_instead(objective: Objective, start: Any, step: Step, momentum: float) -> float | None:
    """A rate to try instead of the one that led to ``step``, of two digits."""
    # Momentum lengthens steps up to 1/(1 - mu) times, so the search goes as far without it.
    n_steps = max(PROBED, math.ceil(step.number / (1 - momentum)))
    rate = suggest_learning_rate(objective, start, step.learning_rate, n_steps)
    if rate is None:
        return None
    return float(f"{min(rate * (1 - momentum), step.learning_rate / 2):.2g}")
