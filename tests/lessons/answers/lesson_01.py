"""Answers that students of lesson 01 give: right ones in different forms, wrong ones with words."""

from fractions import Fraction

import numpy as np
import sympy

RIGHT = {
    "01-1": [
        [1.5, -0.5, 0],
        (1.5, -0.5, 0.0),
        "3/2, -1/2, 0",
        ["3/2", "−1/2", 0],
        [Fraction(3, 2), Fraction(-1, 2), 0],
        np.array([1.5, -0.5, 0]),
        sympy.Matrix([sympy.Rational(3, 2), -sympy.Rational(1, 2), 0]),
    ],
    "01-2": [-2, -2.0, "−2", "-4/2", Fraction(-2), np.float64(-2)],
    "01-3": [[12.3, 12], (12.3, 12.0), "12.3, 12", "12.3; 12", ["3*4.1", "3*4"], [12 + 0.3, 12]],
    "01-4": ["D", "d", " (d) ", "D.", "Option D"],
    "01-exit": [-3, -3.0, "−3", "-6/2", sympy.Integer(-3)],
}

WRONG = {
    "01-1": [
        ([0.667, -2, 0], "run over rise"),
        ([1.5, 0.5, 0], "Does B rise or fall"),
        ([9, -3, 0], "over the whole picture"),
        ([-3, 4, 1], "heights at the left edge"),
        ([1.5, -0.5, 1], "C does not climb"),
        ([-0.5, 1.5, 0], "another order"),
        ([-1.5, 0.5, 0], "Every sign"),
        ([1, -0.5, 0], "Entry 1 of 3 is not right"),
        ([1.5, -0.5], ""),
        ([1.5, ..., 0], "Entry 2 of 3 is not answered yet"),
        (1.5, ""),
        ("up, down, level", "cannot be read"),
    ],
    "01-2": [
        (2, "up or down"),
        (-0.5, "not run over rise."),
        (0.5, "not run over rise; and"),
        (-4, "Over which run"),
        (-1, "difference of the heights"),
        (3, "do not add them"),
        ("1-5/4-2", "too low"),
        ([-4, 2], "single number"),
        ("rise/run", "cannot be read"),
    ],
    "01-3": [
        ([4.1, 4], "before the bracket"),
        ([12, 12.3], "another order"),
        ([12, 12], "put it in before it moves"),
        ([12.3, 12.3], "In the end"),
        ([12.3, 6], "both* points"),
        ([12.3, 12.6], "slope at 2.1"),
        ([12.3, 11], "Entry 2 of 2"),
        ([12.29, 12], "this answer is exact"),
        (12.3, ""),
    ],
    "01-4": [
        ("A", "lowest point"),
        ("b", "to the right of 0"),
        ("(C)", "to the left of 0"),
        ("E", "is not one of A, B, C, D"),
        (0, ""),
        ("none", ""),
    ],
    "01-exit": [
        (4, "height at $x = 0$"),
        (3, "Does it rise or fall"),
        (1, "with its sign"),
        (-0.75, "quotient"),
        ("-3x", "“x” at character 3: a number is asked for"),
        (-2.9, ""),
    ],
}
