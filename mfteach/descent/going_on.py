"""The steps that follow one that was kept, as if the walk had never ended.

The start is needed too: divergence is measured against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

import numpy as np

from mfteach.descent import als, sgd
from mfteach.descent.als import Method
from mfteach.descent.gradient_descent import _guarded, _walk
from mfteach.descent.steps import Step
from mfteach.loss.squared_error import Loss
from mfteach.matrices.factors import Factors


def alternating_least_squares_after(last: Step, loss: Loss, method: Method) -> Iterator[Step]:
    """Go on after a step that `alternating_least_squares` gave."""
    return _following(als._steps(loss, last.point, method, False, last.number))


def stochastic_gradient_descent_after(
    last: Step,
    loss: Loss,
    start: Factors,
    rate: float,
    random: np.random.Generator,
    decay: float,
) -> Iterator[Step]:
    """Go on after a step that `stochastic_gradient_descent` gave.

    ``random`` is as it was at the start: the orders of all epochs are drawn again.
    """
    steps = _following(sgd._steps(loss, last.point, rate, random, decay, last.number))
    return _measured(
        steps, loss, start, lambda walk: sgd._guarded(walk, loss, lambda: start, rate, decay)
    )


def gradient_descent_after(
    last: Step, loss: Loss, start: Factors, rate: float, momentum: float
) -> Iterator[Step]:
    """Go on after a step that `gradient_descent` gave."""
    steps = _following(_walk(loss, last.point, rate, momentum, False, last))
    return _measured(steps, loss, start, lambda walk: _guarded(walk, loss, start, momentum))


def _following(steps: Iterable[Step]) -> Iterator[Step]:
    return islice(steps, 1, None)


def _measured(
    steps: Iterable[Step],
    loss: Loss,
    start: Factors,
    guard: Callable[[Iterable[Step]], Iterator[Step]],
) -> Iterator[Step]:
    return _following(guard(chain([Step(0, start, loss, 0.0)], steps)))
