"""Lesson 05, walking downhill: its questions and predictions."""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import Function, Number, Prediction, Property

_x = sp.Symbol("x")


def _curvature(f: sp.Expr) -> sp.Expr:
    return f.diff(_x, 2)


# 1 and the exit check: the largest safe step -----------------------------------------------------

_shifted, _steep = 5 * _x**2 - 20 * _x, 50 * _x**2
_limit, _exit_limit = (float(2 / _curvature(f)) for f in (_shifted, _steep))
_bottom = sp.solve(_shifted.diff(_x), _x)[0]

# 2: one step -------------------------------------------------------------------------------------


def _next_place(place: float, eta: float) -> float:
    return place - eta * 2 * (place - 3)


def _uphill(place: float, eta: float) -> float:
    return place + eta * 2 * (place - 3)


def _only_the_step(place: float, eta: float) -> float:
    return -eta * 2 * (place - 3)


def _without_rate(place: float, eta: float) -> float:
    return place - 2 * (place - 3)


def _unmoved(place: float, eta: float) -> float:
    return place


# 3: the best rate for 30 steps on 1/2 x^2 + 5 y^2 from (9, 1) -------------------------------------

_flat, _steepest = 1, 10
_in_the_long_run = sp.Rational(2, _flat + _steepest)


def _distance(rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far from the bottom 30 steps end."""
    return np.asarray(np.hypot(9 * (1 - _flat * rate) ** 30, (1 - _steepest * rate) ** 30))


_rates = np.arange(0.0, 0.2, 1e-5)
_best = float(_rates[_distance(_rates).argmin()])


def _ends_farther_away(rate: NDArray[np.float64]) -> str:
    """Say which direction lags behind, at a rate that is worse than the best to two decimals."""
    if _distance(rate) <= _distance(np.array(round(_best, 2))):
        return ""
    if rate <= 0 or rate >= 2 / _steepest:
        return f"Does the walk come down at all? The limit here is $2/{_steepest}$."
    lags, way = ("flat", "up") if rate < _best else ("steep", "down")
    ends = f"There 30 steps end {_distance(rate):.4f} from the bottom"
    return f"{ends}. The {lags} direction is the slower one: go {way} a little."


QUESTIONS = {
    "1": Number(
        right=_limit,
        slips=[
            (_limit / 2, "With that rate a single step lands on the bottom. How far can you go?"),
            (2 * _limit, "The curvature is the second derivative, not the number before $x^2$."),
            (
                1 / (2 * _limit),
                "That is half the curvature. What did the parabola's limit have to do with it?",
            ),
            (
                float(_curvature(_shifted)),
                "That is the curvature itself. How long may a step be on ground that curved?",
            ),
            (
                float(_bottom),
                "That is where the bottom is. The question is how long a step may be.",
            ),
        ],
        hints=(
            "Which number told $3x^2$ how long a step may be? Compute it for this function.",
            "Differentiate twice. What happens to $-20x$ on the way?",
        ),
        solution=(
            rf"The second derivative is $L = {_curvature(_shifted)}$ everywhere, so the limit is "
            rf"$2/L = {_limit:g}$. The $-20x$ moves the bottom (to $x = {_bottom}$) but does not "
            "change the curvature."
        ),
    ),
    "2": Function(
        right=_next_place,
        inputs=[(0.0, 0.1), (5.0, 0.1), (-2.0, 0.3), (3.0, 0.2)],
        slips=[
            (_uphill, "That goes uphill: the slope says where it rises."),
            (_only_the_step, "That is the step. Where are you after it?"),
            (_without_rate, "The whole slope is too long a step: the learning rate is missing."),
            (_unmoved, "That is where you were before the step."),
        ],
        hints=(
            "The rule of this lesson, with `place` for $x$ and `slope` for the gradient.",
            "Start where you are, and go against the slope: how far?",
        ),
        solution=(
            "`return place - eta * slope`: from where you are, against the slope, as far as the "
            "learning rate says."
        ),
    ),
    "3": Property(
        example=_best,
        fault=_ends_farther_away,
        hints=(
            "Is 0.1 or 0.19 better? Then halve the interval, and again.",
            "Each step multiplies $x$ by $1 - \\eta$ and $y$ by $1 - 10 \\eta$. Neither of the "
            "two may be left behind.",
        ),
        solution=(
            rf"${_best:.4f}$, nearer to 0.2. Each step multiplies $x$ by $1 - \eta$ and $y$ by "
            rf"$1 - 10\eta$. In the long run the rate is best at which both shrink equally fast, "
            rf"$1 - \eta = 10\eta - 1$, so $\eta = \frac{{2}}{{1 + 10}} = "
            rf"{float(_in_the_long_run):.4f}$. With only 30 steps, and $x$ nine times as far away "
            "as $y$ at the start, a little more is better still: it helps $x$."
        ),
    ),
    "exit": Number(
        right=_exit_limit,
        slips=[
            (_exit_limit / 2, "With that rate a single step lands on the bottom."),
            (2 * _exit_limit, "Is the second derivative 50?"),
            (float(_curvature(_steep)), "That is the curvature. How long may a step be?"),
        ],
        hints=("Differentiate $50x^2$ twice, and recall what the limit has to do with it.",),
        solution=rf"$L = {_curvature(_steep)}$, so the limit is $2/L = {_exit_limit:g}$.",
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "one full wave, a cosine. Its top is in the direction of the gradient, its lowest point "
        "in the opposite direction, and at right angles to the gradient it is level.",
        "The height of the wave is the length of the gradient.",
    ),
    "b": Prediction(
        "1/6 is at the bottom after one step; 0.05 creeps; 0.25 jumps across and comes down all "
        "the same; 1/3 jumps back and forth between two points; 0.35 climbs."
    ),
    "c": Prediction(
        "0.02 creeps along both axes; 0.1 is at the bottom of the valley at once and then walks "
        "along it; 0.19 crosses the valley with every step.",
        "With 0.1 the steep direction is done after one step, but along the valley each step "
        "leaves nine tenths of the way.",
    ),
    "d": Prediction(
        "the first walk ends at the saddle, where all is level; the second comes near it, turns, "
        "and goes down without end.",
        "Descent stops where the gradient is zero, and that need not be a minimum. On this saddle "
        "only a start exactly on the ridge ends there: off the ridge, each step multiplies $y$ by "
        "1.4, however small it was. But it takes time: of the 46 places of the second walk, more "
        "than 20 lie within 0.1 of the saddle, where the ground is almost level.",
    ),
}
