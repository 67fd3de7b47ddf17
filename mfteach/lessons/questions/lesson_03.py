"""Lesson 03, the power rule and stationary points: its questions and predictions."""

from __future__ import annotations

from functools import partial

import sympy as sp

from mfteach.answers.multiple_choice import power_rule_variant, s30, s35
from mfteach.lessons.questions.kinds import Derivative, Number, Prediction, Proved, TrueFalse
from mfteach.symbolic.flat_points import Kind, flat_points

_x = sp.Symbol("x", real=True)

_one_more = partial(power_rule_variant, 7)

# 2: the chain rule -------------------------------------------------------------------------------

_outer, _inner = sp.Symbol("z") ** 2 / 2, 4 - 3 * _x
_inner_slope = _inner.diff(_x)

# 3 and the exit check: stationary points, the slope at a point -----------------------------------

_cubic = _x**3 - 3 * _x
_places = {point.kind: int(point.at[0]) for point in flat_points(_cubic, _x)}
_valley, _peak = _places[Kind.MINIMUM], _places[Kind.MAXIMUM]
_crossing = float(max(sp.solve(_cubic, _x)))
_quartic = _x**4 - 2 * _x**2
_slope, _bend = _quartic.diff(_x), _quartic.diff(_x, 2)
_slope_at_2 = int(_slope.subs(_x, 2))

# 4: what a slope of 0 tells ----------------------------------------------------------------------

_exp_is_flat_somewhere = bool(flat_points(sp.exp(_x), _x))
_flat_is_extreme = all(point.kind is not Kind.INFLECTION for point in flat_points(_x**3, _x))

QUESTIONS = {
    "s30": Proved(
        question=s30,
        hints=(
            "Which number comes down as a factor: the exponent as it stands, or one lower?",
            "One less than −3: go one step to the left on the number line.",
        ),
        solution=(
            rf"{s30().key}. The old exponent −3 comes down as a factor, with its sign: "
            r"$5 \cdot (-3) = -15$. Then the exponent goes down by one, from −3 to −4: "
            rf"{s30().shown(s30().key)}."
        ),
    ),
    "s35": Proved(
        question=s35,
        hints=(
            "Find a curve of the gallery above that contradicts an option.",
            "Try each option on $x^3$ at 0, and on $x^2$ at 0.",
        ),
        solution=(
            f"{s35().key} is what the lecture wants to hear. A is a joke, $x^3$ contradicts B, "
            "and at a slope of 0 nothing is undefined, so C fails as well. But the right answer "
            'is careless too: it says "maximum or minimum". How far it can be saved is the next '
            "topic, and exercise 4."
        ),
    ),
    "1": Proved(
        question=_one_more,
        hints=(
            "Two steps: bring the old exponent down as a factor, then lower it by one.",
            "A factor that is already there stays, and is multiplied by the one that comes down.",
        ),
        solution=(
            f"{_one_more().key}. The exponent 6 comes down as a factor, and $8 \\cdot 6 = 48$; "
            f"then the exponent is lowered by one: {_one_more().shown(_one_more().key)}."
        ),
    ),
    "2": Derivative(
        function="1/2 (4 - 3x)^2",
        by="x",
        slips=[
            (
                "4 - 3x",
                "The inner derivative is missing: how fast does the expression in the "
                "parentheses change?",
            ),
            (
                "3 (4 - 3x)",
                "The inner derivative has the wrong sign: does the expression in the parentheses "
                "rise or fall?",
            ),
            ("-6 (4 - 3x)", "The factor 1/2 got lost: a constant factor stays."),
            ("-3/2 (4 - 3x)", "The exponent 2 was not brought down as a factor."),
            ("-3x (4 - 3x)", "The slope of $4 - 3x$ is a number: there is no $x$ in it."),
            ("-3", "That is the inner derivative alone. Outer times inner."),
        ],
        hints=(
            "Outer times inner. What is the outer function, and what the inner one?",
            r"The outer function is $\frac{1}{2} z^2$, with the parentheses for $z$.",
        ),
        solution=(
            r"The outer function $\frac{1}{2} z^2$ has the derivative "
            rf"${sp.latex(_outer.diff())}$, so outer gives ${sp.latex(_inner)}$; the inner "
            rf"function has the slope ${_inner_slope}$. Outer times inner is "
            rf"${_inner_slope} ({sp.latex(_inner)})$, or "
            rf"${sp.latex(sp.expand(_inner_slope * _inner))}$."
        ),
    ),
    "3": Number(
        right=[_valley, _peak],
        slips=[
            ([0, 0], "At 0 the height is 0. Where is the slope 0?"),
            *(
                ([root, -root], "There the height is 0. Where is the slope 0?")
                for root in (round(_crossing, 2), round(_crossing, 3), _crossing)
            ),
            (
                [int(_cubic.subs(_x, _valley)), int(_cubic.subs(_x, _peak))],
                "These are the heights of the two points. Where are the points?",
            ),
        ],
        hints=(
            "Differentiate, and set the derivative to 0.",
            "A square can be the square of two different numbers.",
            "The sign of the second derivative tells a minimum from a maximum.",
        ),
        solution=(
            rf"$f'(x) = {sp.latex(_cubic.diff(_x))} = 0$ means $x^2 = 1$, so $x = {_valley}$ or "
            rf"$x = {_peak}$. The second derivative is ${sp.latex(_cubic.diff(_x, 2))}$: positive "
            rf"at ${_valley}$, a minimum; negative at ${_peak}$, a maximum."
        ),
    ),
    "4": TrueFalse(
        right=[True, _exp_is_flat_somewhere, True, True, _flat_is_extreme],
        reasons=[
            "Which curve in the gallery is convex, and could it go lower elsewhere?",
            "Look through the gallery: is there a curve that bends upwards everywhere and is "
            "level nowhere?",
            "Turn the picture of sentence 1 upside down.",
            "If the slope there were not 0, which way could you walk to get lower?",
            "Look through the gallery: is there a curve that is level at a point and keeps rising?",
        ],
        hints=(
            "For each sentence, look for a function in the gallery that contradicts it.",
            "If none does, try to say why: what would the curve look like next to the point?",
        ),
        solution=(
            "1, 3 and 4 are true. 2 is false: think of $e^x$, which is convex, and rises "
            "everywhere. 5 is false: think of $x^3$ at 0. Sentence 1 was proved above; sentence 3 "
            "is the same with the picture upside down. Sentence 4 is why descent looks for "
            "stationary points at all: if the slope at the lowest point were not 0, one of the "
            "two directions would lead lower still. Only the converse needs care."
        ),
    ),
    "exit": Number(
        right=_slope_at_2,
        slips=[
            (int(_quartic.subs(_x, 2)), "That is the height there. The question is how steep."),
            (int((_x**4).diff(_x).subs(_x, 2)), "And the second term?"),
            (int((_x**4 + 2 * _x**2).diff(_x).subs(_x, 2)), "Watch the sign of the second term."),
            (int(_bend.subs(_x, 2)), "That is the second derivative: differentiate only once."),
            (
                0,
                "The height there is a number, with the derivative 0. Differentiate the function.",
            ),
            (
                int((_x**3 - 2 * _x).subs(_x, 2)),
                "The exponents were lowered, but not brought down as factors.",
            ),
        ],
        hints=(
            "First the derivative, which is a function; then the point.",
            "Term by term; plug in 2 at the very end.",
        ),
        solution=(
            rf"$f'(x) = {sp.latex(_slope)}$, so $f'(2) = 4 \cdot 8 - 4 \cdot 2 = {_slope_at_2}$."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "the curve for $n = 0$ is the zero line, and lies between its neighbours. The function "
        "$a x^0 = a$ is constant, its slope is 0, and the rule says the same: "
        r"$a \cdot 0 \cdot x^{-1} = 0$.",
        "So $n = 0$ is no exception. What did the slide mean? At the single point $x = 0$ the "
        r"*formula* $a \cdot 0 \cdot x^{-1}$ asks for $1/0$. The slope of a constant is 0 there "
        "too; only the formula fails.",
    ),
    "b": Prediction(
        "$x^2$ has a minimum, $-x^2$ a maximum, $x^4 - 2x^2$ a maximum between two minima; $x^3$ "
        "is level at 0 and has neither a minimum nor a maximum there; $e^x$ is level nowhere.",
        "At 0 the curve $x^3$ is level for a moment, then keeps rising: an **inflection** with "
        "slope 0.",
    ),
}
