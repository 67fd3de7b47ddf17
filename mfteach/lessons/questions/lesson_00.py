"""Lesson 00, claims and checks: its questions and predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from mfteach.lessons.questions.kinds import (
    Derivative,
    Formula,
    Number,
    Prediction,
    Property,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# 1: a counterexample -----------------------------------------------------------------------------

_pair = (2, 3)


def _is_no_counterexample(pair: NDArray[np.float64]) -> str:
    """Say why a pair refutes nothing: the two sides differ by 2ab, which rounding may hide."""
    if pair.all():
        return ""
    return (
        "With a 0 among them both sides are the same, so this pair agrees with the sentence. Look "
        "for one that does not."
    )


# 2: what a false claim leaves --------------------------------------------------------------------

_a, _b = sp.symbols("a b")
_broken = sp.expand((_a + _b) ** 2 - (_a**2 + 3 * _a * _b + _b**2))

# The exit check ----------------------------------------------------------------------------------

_people, _films = 10, 5

QUESTIONS = {
    "1": Property(
        example=list(_pair),
        fault=_is_no_counterexample,
        hints=(
            "Take any two small numbers, and compute both sides.",
            "When is the double product $2ab$ something other than 0?",
        ),
        solution=(
            "Any two numbers will do, as long as neither is 0: with "
            f"{_pair[0]} and {_pair[1]} the square of the sum is {sum(_pair) ** 2}, and the sum of "
            f"the squares is {_pair[0] ** 2 + _pair[1] ** 2}. The two differ by $2ab$, and that is "
            "0 only where $a$ or $b$ is 0. Somebody who tests only there notices nothing."
        ),
    ),
    "2": Formula(
        right=str(_broken),
        symbols="a b",
        slips=[
            ("0", "If nothing were left, the claim would hold. What does `expand` give now?"),
            ("3 a b", "That is what the claim says now. What is left of the difference?"),
            ("2 a b", "That is what the claim should say. What is left of the difference?"),
            ("5 a b", "The right side is subtracted, not added."),
            ("-a", "Is there no $b$ in it?"),
        ],
        hints=(
            "Print the difference before the assert stops the cell: `print(sympy.expand(claim))`.",
            "Or by hand: multiply out $(a + b)^2$ and subtract what the claim says now.",
        ),
        solution=(
            f"${sp.latex(_broken)}$. The assert stops the cell in its own line, so that the line "
            "with `print` is never reached. What is left is 0 only where $a$ or $b$ is 0, so the "
            "claim is false as soon as neither is."
        ),
    ),
    "3": Derivative(
        function="x^3",
        by="x",
        slips=[
            ("3 x", "That is the claim as it stood. Print its differences: they are not small."),
            ("6 x", "At 2 that passes, but look at 0.5 and at −3."),
            ("12", "At 2 that passes, but the rate is not the same everywhere."),
        ],
        hints=(
            "Walk along $x^3$ to the right: does it ever fall? Then which sign can its rate have?",
            "The rate is 0.75 at 0.5, and 12 at 2. Between the two $x$ grows 4 times, and the "
            "rate 16 times.",
        ),
        solution=(
            f"${sp.latex(sp.diff(sp.Symbol('x') ** 3))}$. The claims $6x$ and $12$ pass at 2 all "
            "the same: one place cannot tell them from the right rate. Lesson 03 proves the right "
            "one."
        ),
    ),
    "exit": Number(
        right=2 * (_people + _films),
        slips=[
            (_people * _films, "That is the size of the table. Each person has 2 numbers."),
            (_people + _films, "That would be one number for each person and each film."),
            (2 * _people, "The films have numbers too."),
            (2 * _films, "The people have numbers too."),
            (2 * _people * _films, "A pair of a person and a film has no numbers of its own."),
        ],
        hints=("How many did 7 people and 6 films need, and how did that come about?",),
        solution=(
            f"$2 \\cdot ({_people} + {_films}) = {2 * (_people + _films)}$: 2 for each of the "
            f"{_people} people and 2 for each of the {_films} films. The table has "
            f"{_people} times {_films}, so {_people * _films}."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "two stops are missing in the outline: one number that says how wrong all the guesses are "
        "together, and its derivative. The slides do treat them, from S47 on; only the outline is "
        "silent."
    ),
    "b": Prediction(
        "in this table almost perfectly: no entry is off by more than 0.01.",
        "The table holds less than it seems to. Look at its rows: the first three are equal, the "
        "last three are equal, and row 5 is row 4 minus twice row 1. So two rows make up all "
        "seven. Not every table is as simple as that.",
    ),
}
