"""Answers that students of lesson 06 give: right ones in different forms, wrong ones with words."""

from fractions import Fraction

import numpy as np
import sympy

RIGHT = {
    "06-1": [5.5, "11/2", "5,5", Fraction(11, 2), np.float64(5.5), sympy.Rational(11, 2)],
    "06-2": [206680, "206,680", (206, 680), 206680.0, "(610 + 9724) * 20"],
    "06-3": [
        [1.5, 5, "A"],
        ("3/2", "5", "a"),
        [1.5, 5.0, "(A)"],
        ["1.5", np.int64(5), "A)"],
        "1.5, 5, A",
        "1,5; 5; A",
    ],
    "06-exit": [6, "6", 6.0, sympy.Integer(6), "3 + 3"],
}

WRONG = {
    "06-1": [
        (11, "half in front"),
        (7.5, "the clean table"),
        (2, "nothing but Romance"),
        (3.5, "Each error is squared before it is added."),
        (-0.5, "no error makes up for another"),
        (5, "too low"),
        (0, "too low"),
        ([1, 1, 1, 0, -2, 0, -2], "single number"),
        ("J = 1/2 e_ij", "cannot be read as a number"),
        (True, "asks for a number"),
    ],
    "06-2": [
        (5_931_640, "cells the table of ratings has"),
        (10_334, "for each of the factors"),
        (12_200, "There is $V$ too"),
        (194_480, "There is $U$ too"),
        (118_632_800, "not once for each film"),
        (2_016_720, "What is learned?"),
        (206_681, "this answer is exact"),
        (200_000, "too low"),
        (("206,680", "more"), "cannot be read as a number"),
    ],
    "06-3": [
        ([2, 2, "A"], "Has anything been hidden?"),
        ([5, 1.5, "A"], "That is with the blanks read as 0."),
        ([1.5, 5, "B"], "or did user 4 say nothing?"),
        ([1.5, 5, ...], "The fair one: not answered yet"),
        ([1.5, 5], "Type 3 answers in a list"),
        ([1.5, 3.5, "A"], "J with the blanks read as 0"),
        ([1.5, 5, "C"], "is not one of A, B"),
    ],
    "06-exit": [
        (3, "That is one row."),
        (39, "all of $U$ and $V$"),
        (2, "how many numbers has each of them"),
        (24, "The other users do not matter"),
        (21, "need the other users"),
        (18, "need the other films"),
        (9, "multiplies factor by factor"),
        (4, "too low"),
        (26, "too high"),
    ],
}
