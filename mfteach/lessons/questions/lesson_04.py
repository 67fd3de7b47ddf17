"""Lesson 04, partial derivatives and gradients: its questions and predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from mfteach.answers.multiple_choice import s43
from mfteach.lessons.questions.kinds import (
    Derivative,
    Number,
    Prediction,
    Property,
    Proved,
    Several,
)
from mfteach.symbolic.gradients import gradient, hessian

_x, _y, _c = sp.symbols("x y c", real=True)

# 2: the error of one rating ----------------------------------------------------------------------

_r, _u, _v = sp.symbols("r u v")
_error = _r - _u * _v
_by_u, _by_v = (_error.diff(letter) for letter in (_u, _v))


def _of_the_error(by: str, frozen: str) -> Derivative:
    """Ask for a partial derivative of 1/2 (r - u v)^2."""
    return Derivative(
        function="1/2 (r - u v)^2",
        by=by,
        symbols="r u v",
        slips=[
            ("r - u v", "The inner derivative is missing: how fast does $r - uv$ change?"),
            (f"{frozen} (r - u v)", "Look at the sign of the inner derivative once more."),
            ("-(r - u v)", "In the inner derivative the frozen factor got lost."),
            (
                f"-{by} (r - u v)",
                f"That is the other one: here ${by}$ moves and ${frozen}$ is frozen.",
            ),
            (f"-2 {frozen} (r - u v)", "The factor 1/2 got lost: a constant factor stays."),
            (f"-{frozen}", "That is the inner derivative alone. Outer times inner."),
        ],
        hints=("Outer times inner.",),
        solution=rf"$-{frozen}\,(r - uv)$.",
    )


# 3: a saddle made to order -----------------------------------------------------------------------

_WANTED = [-8, 2]


def _curvatures(a: Any, b: Any) -> list[Any]:
    return sorted(hessian(a * _x**2 + b * _y**2, _x, _y).eigenvals(multiple=True))


def _lacks(numbers: np.ndarray[Any, Any]) -> str:
    """Say what a and b, as typed, lack for the eigenvalues that the exercise asks for."""
    a, b = (sp.nsimplify(float(number), rational=True) for number in numbers)
    found = _curvatures(a, b)
    if found == _WANTED:
        return ""
    if sorted([a, b]) == _WANTED:
        return "These are the eigenvalues. What is the second derivative of $a x^2$?"
    if found == sorted(-value for value in _WANTED):
        return "Every sign is the wrong one."
    named = " and ".join(f"{float(value):g}" for value in found)
    return f"The eigenvalues of this Hessian are {named}."


# 4: a saddle between the axes --------------------------------------------------------------------

_tilted = 3 * _x**2 + 3 * _y**2 + _c * _x * _y
_smaller, _larger = sorted(hessian(_tilted, _x, _y).eigenvals(), key=lambda value: value.diff(_c))
_end = int(sp.solve(_smaller, _c)[0])


def _is_not_the_end(number: np.ndarray[Any, Any]) -> str:
    """Say what is there instead, at a number that is not the end of the bowl."""
    c = float(number)
    small, large = (float(value.subs(_c, c)) for value in (_smaller, _larger))
    if abs(small) < 1e-9:
        return ""
    if c <= 0:
        return "The question asks for a number above 0."
    there = f"There the eigenvalues are {small:g} and {large:g}: "
    return there + ("still a bowl." if small > 0 else "already a saddle.")


# The exit check: a gradient at a point -----------------------------------------------------------

_product, _point = _x**2 * _y + 5 * _y, {_x: 3, _y: 2}
_slopes = [int(slope.subs(_point)) for slope in gradient(_product, _x, _y)]
_east, _north = _slopes

QUESTIONS = {
    "s43": Proved(
        question=s43,
        hints=(
            "Write the four terms down. Which of them change when only $x_1$ moves?",
            "What is the derivative of a term that stays fixed?",
        ),
        solution=(
            f"{s43().key}. Only $x_1$ moves: the other three terms are frozen, and the derivative "
            f"of each is 0. The first one gives {s43().shown(s43().key)}. In option A the index "
            "is missing, and there are four variables; in option C the counter $i$ has left its "
            "sum, outside which it means nothing; and D keeps the frozen terms."
        ),
    ),
    "1": Several(
        parts={
            "with respect to x": Derivative(
                function="x^2 y",
                by="x",
                symbols="x y",
                slips=[
                    ("2x", "The frozen factor got lost: $y$ is like a number, and factors stay."),
                    ("2x + y", "The frozen $y$ is a factor here, not a term."),
                ],
                hints=("Put 10 in place of $y$ and differentiate.",),
                solution="$2xy$.",
            ),
            "with respect to y": Derivative(
                function="x^2 y",
                by="y",
                symbols="x y",
                slips=[
                    ("1", "The frozen factor got lost: $x^2$ is like a number, and factors stay."),
                    ("2x", "Here $x$ is frozen, so $x^2$ is not differentiated."),
                ],
                hints=("Put 10 in place of $x$ and differentiate.",),
                solution="$x^2$.",
            ),
        },
        hints=(
            "Which letter is frozen? Put 10 in its place and differentiate.",
            "Where did the 10 go? Put the letter back there.",
        ),
        solution=(
            "With respect to $x$, with $y$ frozen like a number: the factor $y$ stays, and $x^2$ "
            "gives $2x$, so $2xy$. With respect to $y$ the factor $x^2$ stays, and $y$ gives 1, "
            "so $x^2$."
        ),
    ),
    "2": Several(
        parts={
            "with respect to u": _of_the_error("u", "v"),
            "with respect to v": _of_the_error("v", "u"),
        },
        hints=(
            r"As in the example: outer is $\frac{1}{2} z^2$, inner is $r - uv$.",
            "Two letters of the inner function are frozen. One is a term, the other a factor.",
        ),
        solution=(
            r"The outer function $\frac{1}{2} z^2$ gives $z$, that is, $r - uv$. With respect to "
            rf"$u$ the inner function has the slope ${sp.latex(_by_u)}$, so ${sp.latex(_by_u)}\,"
            rf"(r - uv)$; with respect to $v$ it has the slope ${sp.latex(_by_v)}$, so "
            rf"${sp.latex(_by_v)}\,(r - uv)$. The number in parentheses is the error of the "
            "prediction $uv$: in lesson 07 you will meet these two again, with indices."
        ),
    ),
    "3": Property(
        example=[1, -4],
        fault=_lacks,
        hints=(
            "What are the two second derivatives of $a x^2 + b y^2$?",
            "The table is diagonal: its eigenvalues stand on the diagonal.",
        ),
        solution=(
            r"The Hessian is diagonal, with the entries $2a$ and $2b$: so $a = 1$ and $b = -4$, or "
            "the other way round."
        ),
    ),
    "4": Property(
        example=_end,
        fault=_is_not_the_end,
        hints=(
            "Try some numbers for $c$ and watch the smaller eigenvalue.",
            "The eigenvalues change in a simple way: by how much, when $c$ grows by 1?",
        ),
        solution=(
            rf"$c = {_end}$. The eigenvalues are ${sp.latex(_smaller)}$ and ${sp.latex(_larger)}$, "
            rf"so the smaller one reaches 0 there. At $c = {_end}$ the function is "
            rf"${sp.latex(sp.factor(_tilted.subs(_c, _end)))}$, level along the whole line "
            "$y = -x$; for larger $c$ it falls along that line, and is a saddle, although it "
            "curves upwards both along $x$ and along $y$. Looking along the axes is not enough."
        ),
    ),
    "exit": Number(
        right=_slopes,
        slips=[
            ([_east, int((_x**2).subs(_point))], "In the second, one term is missing."),
            (
                [int((2 * _x).subs(_point)), _north],
                "In the first, the frozen factor got lost.",
            ),
            ([_east, 5], "In the second, a frozen factor is not a term that goes to 0."),
            (
                [_east, int((2 * _x + 5).subs(_point))],
                "In the second, $x$ is frozen: $x^2$ is a factor, and stays as it is.",
            ),
            (
                [_east + 5 * _point[_y], _north],
                "In the first, a term without $x$ was kept: it is frozen.",
            ),
        ],
        hints=(
            "Two formulas first, then plug in the point.",
            "In which terms is the frozen letter a factor, and which terms are frozen as a whole?",
        ),
        solution=(
            rf"$\frac{{\partial f}}{{\partial x}} = {sp.latex(_product.diff(_x))}$, at the point "
            rf"$2 \cdot 3 \cdot 2 = {_east}$. $\frac{{\partial f}}{{\partial y}} = "
            rf"{sp.latex(_product.diff(_y))}$, at the point $9 + 5 = {_north}$."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "$3x^2 - 2$ is left, and with $y = 2$ it is $3x^2 - 8$: the same parabola, lower. Its "
        "slope does not change: it is $6x$ both times."
    ),
    "b": Prediction(
        "with $y$ frozen a straight line is left, whose slope is $y^2$: 0, 1 and 4. Here the "
        "frozen variable makes the slice steeper, because it is a factor.",
        "So a frozen variable is like a number in both its roles: a frozen **term** goes, a frozen "
        r"**factor** stays, as $y^2$ does in $\frac{\partial}{\partial x}\, x\,y^2 = y^2$ and $x$ "
        r"in $\frac{\partial}{\partial y}\, x\,y^2 = 2xy$.",
    ),
    "c": Prediction(
        "each arrow leaves its contour line at a right angle and points to higher ground; the "
        "arrows are long where the contour lines are close together, and in the middle there is "
        "none."
    ),
    "d": Prediction(
        "straight lines, parallel and equally far apart: the contour map of a plane. The arrow "
        "crosses all of them at a right angle.",
    ),
    "e": Prediction(
        "along $x$ it goes up on both sides, along $y$ down on both sides. Such a place is called "
        "a saddle, after what lies on a horse.",
        "A **saddle**: level, and neither a minimum nor a maximum. So answer B of the lecture's "
        'question in lesson 03 ("that\'s the maximum or minimum of the function") fails on the '
        "very next slide of the same lecture.",
    ),
}
