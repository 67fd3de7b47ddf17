"""Answers that students of lesson 05 give: right ones in different forms, wrong ones with words."""

from fractions import Fraction

import numpy as np
import sympy

RIGHT = {
    "05-1": [0.2, "1/5", "0,2", Fraction(1, 5), np.float64(0.2), sympy.Rational(1, 5), (0, 2)],
    "05-2": [
        lambda place, eta: place - eta * 2 * (place - 3),
        lambda p, e: (1 - 2 * e) * p + 6 * e,
        lambda place, eta: np.array(place - 2 * eta * (place - 3)),
    ],
    "05-3": [0.18, 0.185, "0.1845", "2/11", sympy.Rational(2, 11), "0,18"],
    "05-exit": [0.02, "1/50", "2/100", "2e-2", sympy.Rational(1, 50)],
}

WRONG = {
    "05-1": [
        (0.1, "lands on the bottom"),
        (0.4, "second derivative"),
        (5, "too high"),
        (10, "curvature itself"),
        (2, "where the bottom is"),
        (2.5, "half the curvature"),
        (-0.2, "wrong sign"),
        (0.21, "too high"),
        (0.2001, "this answer is exact"),
        ("2/L", "cannot be read as a number"),
        ([0.2, 0.1], "single number"),
        (True, "asks for a number"),
        (float("nan"), "not finite"),
        (print, "not a number"),
    ],
    "05-2": [
        (lambda place, eta: place + eta * 2 * (place - 3), "uphill"),
        (lambda place, eta: -eta * 2 * (place - 3), "Where are you after it?"),
        (lambda place, eta: place - 2 * (place - 3), "learning rate is missing"),
        (lambda place, eta: place, "before the step"),
        (lambda place, eta: place - eta * (place - 3), "too low"),
        (lambda place, eta: None, "is a return missing?"),
        (lambda place: place, "must take the arguments (place, eta)"),
        (lambda place, eta: undefined, "stops with NameError"),  # noqa: F821
        (lambda place, eta: "3", "a value of type str"),
        (0.6, "is not a function"),
    ],
    "05-3": [
        (0.1, "0.3815 from the bottom. The flat direction"),
        (0.2, "come down at all"),
        (-0.1, "The limit here is $2/10$"),
        (0.17, "The flat direction is the slower one"),
        (0.179, "go up a little"),
        (0.188, "The steep direction is the slower one"),
        (0.19, "go down a little"),
        ("0.1 or 0.2", "cannot be read"),
    ],
    "05-exit": [
        (0.01, "lands on the bottom"),
        (0.04, "Is the second derivative 50?"),
        (100, "That is the curvature."),
        (0.021, "too high"),
        (0.02002, "this answer is exact"),
        (0.2, "too high"),
    ],
}
