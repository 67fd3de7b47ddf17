"""Lesson 01, slopes of lines and curves: its questions and predictions."""

from __future__ import annotations

import math

import sympy as sp

from mfteach.lessons.questions.kinds import Choice, Number, Prediction

_x = sp.Symbol("x", real=True)

# 1: slopes on graph paper ------------------------------------------------------------------------

ON_PAPER = {"A": (-3, sp.Rational(3, 2)), "B": (4, -sp.Rational(1, 2)), "C": (1, sp.Integer(0))}
"""The height at x = 0 and the slope of each line of exercise 1; the figure draws them up to 6."""

_slopes = [float(slope) for _, slope in ON_PAPER.values()]

# 2: the slope through two points -----------------------------------------------------------------

_first, _second = (2, 5), (4, 1)
_rise, _run = _second[1] - _first[1], _second[0] - _first[0]

# 3: a secant and the slope it leads to -----------------------------------------------------------

_parabola = 3 * _x**2
_near, _far = 2, sp.Rational(21, 10)
_secant = float((_parabola.subs(_x, _far) - _parabola.subs(_x, _near)) / (_far - _near))
_tangent = float(_parabola.diff(_x).subs(_x, _near))

# The exit check ----------------------------------------------------------------------------------

_falling = 4 - 3 * _x
_falls = int(_falling.diff(_x))


def _degrees(slope: float) -> float:
    return math.degrees(math.atan(slope))


QUESTIONS = {
    "1": Number(
        right=_slopes,
        slips=[
            ([1 / _slopes[0], 1 / _slopes[1], 0], "That is run over rise. Turn it over."),
            ([1.5, 0.5, 0], "Does B rise or fall?"),
            ([9, -3, 0], "Those are the rises over the whole picture. Divide by the run."),
            ([-3, 4, 1], "Those are the heights at the left edge. How steep are the lines?"),
            ([1.5, -0.5, 1], "C does not climb: its height is 1, and its rise?"),
        ],
        hints=(
            "Take the left end and the right end of each line: how far up, for how far right?",
            "A line that falls has a negative rise.",
        ),
        solution=(
            f"A rises by 9 while you go 6 to the right: {_slopes[0]:g}. B falls by 3: "
            f"${_slopes[1]:g}$. C is level: {_slopes[2]:g}."
        ),
    ),
    "2": Number(
        right=_rise // _run,
        slips=[
            (2, "Going right, do you go up or down?"),
            (-0.5, "Rise over run, not run over rise."),
            (0.5, "Rise over run, not run over rise; and do you go up or down?"),
            (-4, "That is the rise. Over which run?"),
            (-1, "The rise is the difference of the heights, 1 and 5. What is it?"),
            (3, "Subtract the two heights, and the two positions; do not add them."),
        ],
        hints=(
            "How far do you go to the right from 2 to 4, and how far up from 5 to 1?",
            "From 5 to 1 you go *down*: that is a negative rise.",
        ),
        solution=(
            f"Rise $1 - 5 = {_rise}$, run $4 - 2 = {_run}$, slope ${_rise // _run}$. If you swap "
            "the two points, both signs change, but the slope does not."
        ),
    ),
    "3": Number(
        right=[_secant, _tangent],
        slips=[
            ([_secant / 3, _tangent / 3], "The 3 of $3x^2$ stands before the bracket as well."),
            ([_tangent, _tangent], "The second point is at 2.1: put it in before it moves."),
            ([_secant, _secant], "In the end the second point is at 2 as well."),
            ([_secant, 6], "Put the 2 in for *both* points, and add."),
            ([_secant, 12.6], "That is the slope at 2.1. Which point stays?"),
        ],
        hints=(
            "Use $3(x_1 + x_2)$ twice.",
            "First with $x_1 = 2$ and $x_2 = 2.1$, then with both at 2.",
        ),
        solution=(
            f"$3 (2 + 2.1) = {_secant:g}$ and $3 (2 + 2) = {_tangent:g}$: the secant is a little "
            "too steep, since the curve gets steeper to the right."
        ),
    ),
    "4": Choice(
        right="D",
        others={
            "A": "The lowest point of a curve is level if the curve straightens there. Does it?",
            "B": "That is what you see to the right of 0. And to the left?",
            "C": "That is what you see to the left of 0. And to the right?",
        },
        hints=(
            "Draw it, and then draw it ten times as large. What has changed?",
            "Measure the slope from 0 to a point on the right, and from 0 to one on the left.",
        ),
        solution=(
            "D. A corner stays a corner under every magnifying glass. To the right of 0 the slope "
            f"is {sp.diff(_x)}, to the left ${sp.diff(-_x)}$, and at 0 there is none: no line is "
            "what the curve becomes. `slope_at` raises an error that says just that. Lesson 02 "
            "begins with such points."
        ),
    ),
    "exit": Number(
        right=_falls,
        slips=[
            (4, "That is its height at $x = 0$."),
            (3, "Does it rise or fall?"),
            (1, "The slope is the number in front of $x$, with its sign."),
            (-0.75, "That is a quotient of its two numbers. How much does $y$ change for one $x$?"),
        ],
        hints=(
            "How high is the line at $x = 0$, and at $x = 1$?",
            "Write it as $y = ax + b$: which number is $a$?",
        ),
        solution=(
            f"Written as $y = ax + b$ it is $y = {_falls} x + 4$. From 0 to 1 it goes from "
            f"{_falling.subs(_x, 0)} to {_falling.subs(_x, 1)}: slope ${_falls}$."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "all seven lines go through (0, 2). The steepest makes an angle of "
        f"{_degrees(12):.0f}° with the horizontal, {90 - _degrees(12):.0f}° short of a vertical "
        f"line. From slope 0 to slope 1 the line turns by {_degrees(1):.0f}°, from 4 to 12 by "
        f"{_degrees(12) - _degrees(4):.0f}° only."
    ),
    "b": Prediction(
        "down as far as 0, level at 0, and up from there; steepest at the two ends of the walk.",
        "Does the curve have a slope? The lecture answers: \"Yes, but not 'a slope'\". A curve has "
        'slopes, in general "different slopes at different points" (S8).',
    ),
    "c": Prediction(
        "it is level twice, at −1 and at 1. Between them it goes down, and most steeply at 0."
    ),
    "d": Prediction("in the last window you cannot tell it from its tangent line."),
    "e": Prediction("9, 7.5 and 6.3; they are heading for 6, the slope of the tangent line."),
}
