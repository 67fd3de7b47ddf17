"""What a person wants around an endless iterator of steps: a bar, an end, a record."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from mfteach.arguments import (
    WrongType,
    flag,
    function,
    having,
    instance,
    real_number,
    shown,
    whole_number,
)
from mfteach.arguments.waiting import MOMENT, progress_bar
from mfteach.descent.steps import DivergenceError, Step
from mfteach.evaluation.metrics import rmse
from mfteach.loss.predictions import predictions
from mfteach.matrices.ratings import Ratings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Figure = Callable[[Any], float]
# Steps without a better validation figure before descent stops.
PATIENCE = 25


@dataclass
class Trace:
    """The record of a descent, one entry a step, the start included.

    Attributes
    ----------
    values, gradient_norms : list of float
        The objective and the Euclidean length of its gradient; empty if there was no tolerance
        to make them worth computing.
    seconds : list of float
        Time since the start.
    validation : list of float
        The validation figure of each step; empty if none was asked for.
    best : Step
        The step with the lowest validation figure, or else with the lowest value, or else the
        last.
    last : Step
        The last step, whether or not it is the best.
    converged : bool
        Whether the gradient has become small against that of the start (or 1, whichever is
        larger). This distinguishes convergence from oscillation, but not a minimum from a saddle
        point.
    """

    values: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    best: Step = field(init=False)
    last: Step = field(init=False)
    converged: bool = False
    _lowest: float = field(default=math.inf, init=False, repr=False)

    @property
    def n_steps(self) -> int:
        """Number of updates recorded; step 0, the start, is none."""
        return max(len(self.seconds) - 1, 0)

    def __repr__(self) -> str:
        if not self.seconds:
            return "Trace(no step)"
        if not self.values:
            return f"Trace({self.n_steps} steps)"
        state = "converged" if self.converged else "not converged"
        return f"Trace({self.n_steps} steps, value {self.values[-1]:.6g}, {state})"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the value against the step on a logarithmic scale, and validation beside it.

        Returns
        -------
        matplotlib Axes
            ``ax``, or new ones in the style of the course.

        Raises
        ------
        ValueError
            If no value was recorded.
        """
        if ax is not None:
            having(ax, "ax", ("add_artist", "annotate"), "the Axes of a matplotlib figure")
        if not self.values:
            raise ValueError("no value was recorded: descend with a tolerance, 0 for none reached")
        if ax is None:
            import matplotlib.pyplot as plt

            with plt.style.context("mfteach.course"):
                return self.plot(plt.subplots(figsize=(6.4, 3))[1])
        ax.plot(self.values)
        ax.plot(self.best.number, self.best.value, "o")
        if min(self.values) > 0:
            ax.set_yscale("log")
        ax.set_xlabel("step")
        ax.set_ylabel("value of the objective")
        ax.set_title(f"{self!r}"[len("Trace(") : -1])
        if not self.validation:
            return ax
        beside = ax.twinx()
        beside.plot(self.validation, color="C2", linestyle="--")
        beside.set_ylabel("validation (dashed)")
        return ax

    def _record(
        self, step: Step, seconds: float, figure: float | None, tolerance: float | None
    ) -> None:
        """Keep one step, and see whether it is the best so far and whether it has converged."""
        self.last = step
        self.seconds.append(seconds)
        if figure is not None:
            self.validation.append(figure)
        if tolerance is not None:
            self.values.append(step.value)
            self.gradient_norms.append(step.gradient_norm)
            scale = max(1.0, self.gradient_norms[0])
            self.converged = step.gradient_norm <= tolerance * scale
            figure = step.value if figure is None else figure
        if figure is None:
            self.best = step
            return
        if math.isnan(figure):
            raise ValueError(f"the figure to be lowered is nan at step {step.number}")
        if len(self.seconds) == 1 or figure < self._lowest:
            self.best, self._lowest = step, figure


def descend(
    steps: Iterable[Step],
    n_steps: int,
    tolerance: float | None = 1e-6,
    validation: Ratings | Figure | None = None,
    progress: bool = True,
    *,
    patience: int = PATIENCE,
) -> Trace:
    """Take steps until they converge, until validation gets worse, or ``n_steps`` times.

    Parameters
    ----------
    steps : iterable of Step
        What `mfteach.gradient_descent` and the other solvers give.
    n_steps : int
        The largest number of updates, 0 or more.
    tolerance : float or None
        Converged when |gradient| <= tolerance * max(1, |gradient at the start|). None: look at
        the validation figure alone; neither values nor gradients are computed.
    validation : Ratings or callable, optional
        Held-out ratings, whose RMSE is watched, or a function from a point to a figure that
        should be low. Descent stops after ``patience`` steps without a better one.
    progress : bool
        Whether to show a bar once it takes longer than two seconds.
    patience : int
        At least 1.

    Returns
    -------
    Trace
        With everything recorded; ``trace.best.point`` is the result.

    Raises
    ------
    DivergenceError
        As the steps raise it; its ``trace`` holds what was recorded by then.
    ValueError
        For a number of steps, a tolerance or a patience out of its range, or a validation figure
        that is NaN.
    """
    n_steps = whole_number(n_steps, "n_steps", 0)
    if tolerance is not None:
        tolerance = real_number(tolerance, "tolerance", "[0, inf)")
    patience = whole_number(patience, "patience", 1)
    progress = flag(progress, "progress")
    figure_of = figure_to_lower(validation)
    if not isinstance(steps, Iterable):
        raise WrongType(f"must be an iterator of steps, but is {shown(steps)}", argument="steps")
    return go_on(Trace(), steps, n_steps, tolerance, figure_of, progress, patience)


def go_on(
    trace: Trace,
    steps: Iterable[Step],
    n_steps: int,
    tolerance: float | None,
    figure_of: Figure | None,
    progress: bool,
    patience: int,
) -> Trace:
    """As `descend`, of which ``trace`` has recorded a part: ``steps`` are those that follow."""
    began = time.perf_counter() - (trace.seconds[-1] if trace.seconds else 0.0)
    wanted = n_steps + 1 - len(trace.seconds)
    try:
        for step in with_bar(islice(steps, wanted), wanted, progress, "descending"):
            instance(step, "each of the steps", Step)
            figure = None if figure_of is None else figure_of(step.point)
            if figure is not None:
                figure = real_number(figure, "the figure of validation", None)
            trace._record(step, time.perf_counter() - began, figure, tolerance)
            worse_for = 0 if figure is None else step.number - trace.best.number
            if trace.converged or worse_for >= patience:
                break
    except DivergenceError as error:
        error.trace = trace
        raise
    if not trace.seconds:
        raise ValueError("there was no step: give an iterator that was not used up before")
    return trace


def figure_to_lower(validation: Ratings | Figure | None) -> Figure | None:
    """What a descent watches: the RMSE of held-out ratings, or a function of its own."""
    if validation is None:
        return None
    if not isinstance(validation, Ratings):
        figure: Figure = function(validation, "validation")
        return figure
    return lambda factors: rmse(validation.values, predictions(validation, factors))


def with_bar(steps: Iterable[Any], total: int, progress: bool, what: str) -> Iterator[Any]:
    """Pass the steps on; if they take longer than a moment, a bar appears and counts them."""
    bar = None
    began = time.perf_counter()
    try:
        for number, step in enumerate(steps, start=1):
            yield step
            if bar is not None:
                bar.update()
            elif progress and time.perf_counter() - began > MOMENT:
                bar = progress_bar(total=total, initial=number, desc=what, unit="step")
    finally:
        if bar is not None:
            bar.total = bar.n  # an early end is a success, not the failure that a gap would mean
            bar.close()
