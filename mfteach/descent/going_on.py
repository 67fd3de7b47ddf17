"""The steps that follow one that was kept, as if the walk had never ended."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from mfteach.descent import als, sgd
from mfteach.descent.als import Method
from mfteach.descent.gradient_descent import _rate_instead, _walk
from mfteach.descent.steps import Step, guarded
from mfteach.loss.objective import Objective
from mfteach.loss.squared_error import Loss


def alternating_least_squares_after(last: Step, loss: Loss, method: Method) -> Iterator[Step]:
    """Go on after a step that `alternating_least_squares` gave: the steps that follow it."""
    return islice(als._steps(loss, last.point, method, False, last.number), 1, None)


def stochastic_gradient_descent_after(
    last: Step, loss: Loss, rate: float, random: np.random.Generator, decay: float
) -> Iterator[Step]:
    """Go on after a step that `stochastic_gradient_descent` gave: the steps that follow it.

    ``random`` is as it was at the start: the orders of all epochs are drawn again.
    """
    largest = sgd._largest(loss.ratings.values)
    steps = guarded(
        sgd._steps(loss, last.point, rate, random, decay, last.number),
        lambda step: sgd._rate_instead(loss, last.point, rate, decay, step.number),
        rate=rate,
        place="in epoch",
        bound=lambda step: sgd._upper_bound(loss, step.point, largest),
    )
    return islice(steps, 1, None)


def gradient_descent_after(
    last: Step, objective: Objective, learning_rate: float, momentum: float
) -> Iterator[Step]:
    """Go on after a step that `gradient_descent` gave: the steps that follow it."""

    def suggest(step: Step) -> float | None:
        return _rate_instead(objective, last.point, step, momentum)

    steps = guarded(_walk(objective, last.point, learning_rate, momentum, False, last), suggest)
    return islice(steps, 1, None)
