"""Lesson 10, the landscape: its questions and predictions."""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import Choice, Number, Prediction, Property

# 1: another matrix that keeps the factors balanced ------------------------------------------------

_shown = np.array([[0.6, -0.8], [0.8, 0.6]])
_ROUNDED = 1e-3


def _unbalances(G: NDArray[np.float64]) -> str:
    """Balanced factors stay balanced if G G^T = I, and, with two patterns of two sizes, only if."""
    if abs(np.linalg.det(G)) < _ROUNDED:
        return "This matrix has no inverse, so nothing makes up for it on the side of the films."
    if np.allclose(G, np.eye(2)):
        return "That one changes nothing at all."
    if np.allclose(G, _shown):
        return "That is the one above. Find another."
    lengths = G @ G.T
    if np.allclose(lengths, np.eye(2), atol=_ROUNDED):
        return ""
    if np.allclose(lengths, lengths[0, 0] * np.eye(2), atol=_ROUNDED):
        return "It turns, but it also stretches: rows of $U$ and of $V$ change their lengths."
    return "$U^T U$ and $V^T V$ are not equal any more: this one stretches or slants."


# 2: the curvatures at (0, 0) ----------------------------------------------------------------------

_u, _v = sp.symbols("u v")
_rating = 3
_saddle = sp.hessian((_rating - _u * _v) ** 2 / 2, (_u, _v)).subs({_u: 0, _v: 0})
_downhill, _uphill = sorted(int(value) for value in _saddle.eigenvals())

# The exit check: flat directions for k factors ----------------------------------------------------

_factors = 3
_numbers = (7 + 6) * _factors

# What is halfway ----------------------------------------------------------------------------------

_halfway = sp.Rational(1, 2)

QUESTIONS = {
    "1": Property(
        example=np.eye(2),
        fault=_unbalances,
        hints=(
            "Which moves of the plane leave every length as it is?",
            "You may turn by another angle, mirror an axis, or swap the two.",
        ),
        solution=(
            "For instance `[[0, 1], [1, 0]]`, which swaps the names of the two factors, or "
            "`[[1, 0], [0, -1]]`, which mirrors the second, or a turn by any angle: all that leave "
            "lengths as they are, and no others. Their rows have the length 1 and are at right "
            "angles."
        ),
    ),
    "2": Number(
        right=_downhill,
        slips=[
            (_uphill, "In that direction it goes up."),
            (_rating**2 / 2, "That is $J$ there. How does it bend?"),
            (0, "That is the slope there. How does it bend?"),
            (-1, "That is for the rating 1. Here it is larger."),
            (-9, "The rating is not squared: look at the entry beside the diagonal."),
            (-2 * _rating, "A curvature is measured along a direction of length 1."),
        ],
        hints=(
            "Above, SymPy found the two curvatures for a rating $r$.",
            "Walk along $(t, -t)/\\sqrt{2}$ and along $(t, t)/\\sqrt{2}$: $J$ is "
            "$\\frac12 (r \\pm t^2/2)^2$. Which one goes down?",
        ),
        solution=(
            rf"The eigenvalues at $(0, 0)$ are $r$ and $-r$; downhill $J$ curves down: "
            rf"${_downhill}$. The larger the rating, the easier it is to leave the saddle."
        ),
    ),
    "3": Choice(
        right="C",
        others={
            "A": "Add the two up at the start and at the end: the sum changes.",
            "B": "The product goes to 1, wherever the walk begins.",
            "D": "That is the square of the distance from $(0, 0)$, and it changes.",
        },
        hints=(
            "Print all four in the loop, for the first and the last step.",
            "One step adds $\\eta e v$ to $u$ and $\\eta e u$ to $v$. Square both, and "
            "compare the terms with $\\eta$.",
        ),
        solution=(
            "C. A step goes from $u$ to $u + \\eta e v$ and from $v$ to $v + \\eta e u$. In "
            "$u^2$ and in $v^2$ the same $2 \\eta e u v$ is added, so in the difference it "
            "cancels; what is left is $(u^2 - v^2)(1 - \\eta^2 e^2)$. Therefore a start near zero "
            "leads to factors that are nearly balanced, $u^2 = v^2$, and a start "
            "like $(2, 0.1)$ does not."
        ),
    ),
    "exit": Number(
        right=_factors**2,
        slips=[
            (_factors, "G is a matrix, not a row of numbers."),
            (4, "That was for two factors."),
            (_numbers, "That is how many directions there are in all."),
            (_numbers - _factors**2, "These are the directions that are *not* flat."),
            (2 * _factors, "How many entries does G have?"),
        ],
        hints=("How many numbers in G may you choose freely?",),
        solution=rf"$G$ has ${_factors} \times {_factors} = {_factors**2}$ free numbers.",
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "$J = 0$ on the two branches of the hyperbola $uv = 1$, one with both numbers positive and "
        "one with both negative. At $(0, 0)$ the ground is level, at the height 1/2: a pass "
        "between the two valleys.",
        "There is no single lowest point, but two whole curves of them.",
    ),
    "b": Prediction(
        f"halfway is the point $(0, 0)$, and $J = {sp.latex(_halfway)}$ there: higher than at "
        "both ends."
    ),
    "c": Prediction(
        "they agree in $J$, which is 0, and in their predictions. They do not agree in their "
        "factors."
    ),
    "d": Prediction(
        "the three History films always share one spot and the three Romances another. Where these "
        "two spots are changes from picture to picture."
    ),
    "e": Prediction("9.06, twice the largest singular value: it gives the limit 2/L of lesson 09."),
    "f": Prediction(
        "no. The walks end in three ways: at $J = 1.78$; at $J = 4.21$, in a valley of its own; "
        "and on a way to infinity, with a prediction in a blank that grows and grows.",
        "Two walks end in valleys: one curvature is 0, the freedom of $G$ (with one factor, a "
        "single number), and the others are positive. One valley is far higher than the other, and "
        "descent does not leave it. The third walk has no end: it fits what is known a little "
        "better with every step, while a prediction for a blank runs away.",
    ),
}
