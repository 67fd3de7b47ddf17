"""Lesson 02, the derivative from its definition: its questions and predictions."""

from __future__ import annotations

import sympy as sp

from mfteach.lessons.questions.kinds import Derivative, Function, Number, Prediction

_x, _delta = sp.symbols("x Delta")

# 1: the missing parentheses ----------------------------------------------------------------------


def _f(at: float) -> float:
    return 3 * at**2


def _secant(at: float, change: float) -> float:
    return (_f(at + change) - _f(at)) / change


def _as_on_the_slide(at: float, change: float) -> float:
    return _f(at + change) - _f(at) / change


def _rise_only(at: float, change: float) -> float:
    return _f(at + change) - _f(at)


def _downwards(at: float, change: float) -> float:
    return (_f(at) - _f(at + change)) / change


def _over_the_place(at: float, change: float) -> float:
    return (_f(at + change) - _f(at)) / at


def _f_of_a_change(at: float, change: float) -> float:
    return _f(at + change - at) / change


def _the_derivative(at: float, change: float) -> float:
    return 6 * at


# The exit check ----------------------------------------------------------------------------------

_from, _to = sp.Integer(1), sp.Rational(3, 2)
_slope = float(_secant(_from, _to - _from))

QUESTIONS = {
    "s12": Derivative(
        function="5x",
        by="x",
        slips=[("x", "That is the rest without the number. How steep is the line?")],
        hints=(
            "It is a line. What was the slope of $y = ax + b$?",
            "Go one step to the right: by how much do you rise?",
        ),
        solution=f"${sp.diff(5 * _x)}$. The graph of $5x$ is a line, and it rises by 5 with each "
        "step of 1 to the right, wherever you are.",
    ),
    "s13": Derivative(
        function="5x + 10",
        by="x",
        slips=[("10", "That is the height of the line at 0. How steep is it?")],
        hints=(
            "What does the 10 do to the line: does it turn it, or lift it?",
            "Compare with $5x$: which of the two is steeper?",
        ),
        solution=f"${sp.diff(5 * _x + 10)}$. The 10 lifts the whole line without turning it, so it "
        "adds nothing to the slope.",
    ),
    "s14": Derivative(
        function="-5x - 10",
        by="x",
        slips=[
            ("-5x", "That has the right number, but what is the slope of a line, anywhere on it?"),
            ("-10", "That is the height of the line at 0. How steep is it?"),
            ("-15", "The 10 lowers the line, and does not turn it."),
        ],
        hints=(
            "Does this line rise or fall?",
            "The slope is the number in front of $x$, with its sign.",
        ),
        solution=f"${sp.diff(-5 * _x - 10)}$. The line falls by 5 with each step of 1 to the "
        "right.",
    ),
    "s15": Derivative(
        function="5x + 6x^2",
        by="x",
        slips=[
            ("5 + 6x^2", "Here $6y$ moves too, when $x$ does: what is the rate of $x^2$?"),
            ("5 + 2x", "The rate of $6y$ is 6 times the rate of $y$."),
            ("5 + 6x", "The rate of $x^2$ is not $x$: lesson 01 zoomed in on $3x^2$."),
            ("5", "That is right if $y$ stands still. Here it moves with $x$."),
            ("11", "That is right if $y = x$. Here it is $x^2$."),
            ("12x", "The 5 is missing: $5x$ changes too."),
        ],
        hints=(
            "Put $x^2$ in for $y$ in $5 + 6\\,y'(x)$: which rate is missing?",
            "The rate of $3x^2$ is $6x$. Three of what make that up?",
        ),
        solution=(
            f"$5 + 6\\,y'(x)$ with $y'(x) = {sp.latex(sp.diff(_x**2))}$ is "
            f"${sp.latex(sp.diff(5 * _x + 6 * _x**2))}$. The rate of $x^2$ is a third of the rate "
            "of $3x^2$."
        ),
    ),
    "1": Function(
        right=_secant,
        inputs=[(1.0, 0.001), (2.0, 0.5), (-1.0, 0.25), (0.5, -0.5)],
        slips=[
            (
                _as_on_the_slide,
                "That is what the slide says: only $f(x)$ is divided by the change.",
            ),
            (_rise_only, "That is the rise. Over which run?"),
            (_downwards, "That is the height here minus the height there: both signs are turned."),
            (_over_the_place, "The run is the change, not the place."),
            (
                _f_of_a_change,
                "`f(at + change - at)` is one height. The rise is a difference of two heights.",
            ),
            (_the_derivative, "That is where the slope goes in the end. The change is not 0 here."),
        ],
        hints=(
            "What is the rise? Put it into parentheses before you divide.",
            "Both heights belong to the rise, and the whole rise is divided by the change.",
        ),
        solution="`return (f(at + change) - f(at)) / change`: first the rise, then over the run.",
    ),
    "2": Derivative(
        function="x^2 + x",
        by="x",
        slips=[
            ("2x Delta + Delta^2 + Delta", "That is the rise. Divide it by Delta."),
            ("2x", "Does $x$ itself not change?"),
        ],
        hints=(
            "Write $f(x + \\Delta)$ out: every $x$ becomes $x + \\Delta$, also the last one.",
            "Once the rise is multiplied out, each of its terms contains $\\Delta$.",
        ),
        solution=(
            r"$\frac{(x+\Delta)^2 + (x+\Delta) - x^2 - x}{\Delta} = "
            r"\frac{2x\Delta + \Delta^2 + \Delta}{\Delta} = 2x + \Delta + 1$, and in the limit "
            f"${sp.latex(sp.diff(_x**2 + _x))}$. `derivative_from_definition(x**2 + x, x)` shows "
            "all the lines."
        ),
    ),
    "3": Derivative(
        function="1/x",
        by="x",
        slips=[
            ("1/x^2", "Look at the sign: does $1/x$ rise or fall to the right of 0?"),
            ("1", "The derivative of a quotient is not the quotient of the derivatives."),
            (
                "-1/x",
                "Both $x$ and $x + \\Delta$ stand below; what is left when $\\Delta$ is gone?",
            ),
        ],
        hints=(
            "The rise is $\\frac{1}{x + \\Delta} - \\frac{1}{x}$. Over a common denominator?",
            "On top $x - (x + \\Delta)$ is left. Divide by $\\Delta$, and only then let it go.",
        ),
        solution=(
            r"Over a common denominator the rise is $-\Delta / \big((x + \Delta)\,x\big)$. "
            r"Dividing by $\Delta$ leaves $-1/\big((x+\Delta)\,x\big)$. As long as "
            "$x \\neq 0$, the bottom goes to $x^2$ and not to 0, so the limit is "
            f"${sp.latex(sp.diff(1 / _x))}$. "
            "`derivative_from_definition(1 / x, x)` shows all the lines."
        ),
    ),
    "exit": Number(
        right=_slope,
        slips=[
            (6, "That is the slope of the tangent at 1."),
            (9, "That is the slope of the tangent at 1.5."),
            (_slope / 2, "That is the rise. Over which run?"),
            (_slope / 3, "Where is the 3 of $3x^2$?"),
            (_slope / 4, "The run is 0.5: divide by it, do not multiply."),
        ],
        hints=(
            "Rise over run: how high is the curve at 1, and at 1.5?",
            "Or use $6x + 3\\Delta$: what are $x$ and $\\Delta$ here?",
        ),
        solution=rf"$6 \cdot 1 + 3 \cdot 0.5 = {_slope:g}$, or rise over run: "
        rf"$(6.75 - 3)/0.5 = {_slope:g}$.",
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "below $3x^2$ the straight line $6x$; below $|x|$ a level line at −1 on the left and one "
        "at 1 on the right. At 0 itself $|x|$ has no slope, so there is a hole."
    ),
    "b": Prediction(r"the run is $\Delta$, and the rise is $f(x + \Delta) - f(x)$."),
    "c": Prediction(
        r"as the slide has it, it falls without bound if $\Delta$ comes from the right, and rises "
        "without bound from the left. With the parentheses it goes to 6 from both sides.",
        r"Wherever the curve has a height other than 0, the fraction $f(x)/\Delta$ grows beyond "
        "all bounds, and the slide's formula with it. At $x = 0$ the height is 0, and the fraction "
        r"vanishes; what is left, $f(\Delta)$, goes to 0. That this is the slope of $3x^2$ at 0 is "
        "an accident: for $f(x) = 5x$ the slide's formula goes to 0 there as well, and the slope "
        "is 5.",
    ),
    "d": Prediction("it is off by 0, each time."),
}
