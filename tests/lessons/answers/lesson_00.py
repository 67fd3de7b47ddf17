"""Answers that students of lesson 00 give: right ones in different forms, wrong ones with words."""

import numpy as np
import sympy

a, b, x = sympy.symbols("a b x")

RIGHT = {
    "00-1": [
        [3, 4],
        (1, 1),
        "2, 5",
        [-1, 3],
        [0.5, "1/2"],
        np.array([2.0, -7.0]),
        [1e9, 1e-9],
        [1e200, 1e200],
    ],
    "00-2": ["-a b", "-ab", "-a*b", "−ab", "-ba", -a * b, lambda a, b: -a * b],
    "00-3": ["3x^2", "3*x**2", "3 x²", 3 * x**2, lambda x: 3 * x * x, "f'(x) = 3x^2"],
    "00-exit": [30, 30.0, "30", "2*15", "2*(10 + 5)", sympy.Integer(30), np.int64(30)],
}

WRONG = {
    "00-1": [
        ([0, 0], "both sides are the same"),
        ([3, 0], ""),
        ([1e200, -0.0], ""),
        ([3, 4, 5], ""),
        (7, ""),
        ("a, b", "cannot be read"),
        ([3, ...], "Entry 2 of 2 is not answered yet"),
    ],
    "00-2": [
        ("ab", "The sign is wrong"),
        ("0", "the claim would hold"),
        ("3ab", "what the claim says now"),
        ("2ab", "what the claim should say"),
        ("5ab", "subtracted, not added"),
        ("-a", "no $b$ in it"),
        (-1, "another formula"),
        ("-xy", ""),
        ("-a b (", ""),
    ],
    "00-3": [
        ("6x", "look at 0.5"),
        ("12", "not the same everywhere"),
        (12, ""),
        ("3x", "as it stood"),
        (lambda x: 3 * x, ""),
        ("x^2", "old exponent was not brought down"),
        ("x^3", "not differentiated"),
        ("3x^3", "exponent was kept"),
        ("-3x^2", "wrong sign"),
        ("3x^2 + Delta", "Delta left over"),
        ("3t^2", ""),
        ([3, 2], "is not a formula"),
    ],
    "00-exit": [
        (50, "size of the table"),
        (15, "one number for each"),
        (20, "films have numbers"),
        (10, "people have numbers"),
        (100, "A pair of a person and a film"),
        (29.9, "exact"),
        (26, "too low"),
        ("thirty", "cannot be read"),
        (True, "asks for a number"),
    ],
}
