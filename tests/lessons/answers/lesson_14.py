"""Answers that students of lesson 14 give: right ones in different forms, wrong ones with words."""

from fractions import Fraction

import numpy as np

GIVEN = {"14-1": {"baseline": 0.86, "lowest": 0.845}}

RIGHT = {
    "14-1": [0.849, "0,849", np.float64(0.8461), 0.85],
    "14-2": [
        [False, True, False, False, True],
        "FTFFT",
        ("False", "True", "False", "False", "True"),
        np.array([False, True, False, False, True]),
    ],
    "14-3": [
        [1 / 3, 0.25, 0.25],
        ["1/3", "1/4", "0.25"],
        (Fraction(1, 3), Fraction(1, 4), Fraction(1, 4)),
        [0.33, 0.25, 0.25],
    ],
    "14-exit": ["C", "c)", "(C)"],
}

WRONG = {
    "14-1": [
        (0.9, "biases alone are better"),
        (0.855, "by less than 1 %"),
        (-0.849, "turn the sign"),
        (0.7, "fitted to `learn` alone"),
        ("low", "cannot be read"),
    ],
    "14-2": [
        ([True, True, False, False, True], "everything fixed but your own"),
        ([False, False, False, False, True], "Your bias follows"),
        ([False, True, True, False, True], "their biases are known"),
        ([False, True, False, True, True], "their factors as well"),
        ([False, True, False, False, False], "solved for from your ratings"),
        ([False, True], "each of the 5 sentences"),
    ],
    "14-3": [
        ([0.4, 0.3, 0.3], "right for λ = 0"),
        (["1/3", "1/6", "1/6"], "times $v_3$"),
        ([2, 1.5, 1.5], "is not right"),
        ([0.25, "1/3", 0.25], "another order"),
        (0.5, "3"),
    ],
    "14-exit": [
        ("A", "low by luck"),
        ("B", "in stars"),
        ("D", "too good"),
        ("E", "is not one of"),
    ],
}
