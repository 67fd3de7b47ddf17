"""Answers that students of lesson 10 give: right ones in different forms, wrong ones with words."""

import numpy as np
import sympy

_quarter = np.pi / 4

RIGHT = {
    "10-1": [
        [[0, 1], [1, 0]],
        ((1, 0), (0, -1)),
        np.array([[np.cos(_quarter), -np.sin(_quarter)], [np.sin(_quarter), np.cos(_quarter)]]),
        [[0.6, 0.8], [-0.8, 0.6]],
        [[0.7071, -0.7071], [0.7071, 0.7071]],
        sympy.Matrix([[0, -1], [1, 0]]),
    ],
    "10-2": [-3, "-3", "−3", -3.0, sympy.Integer(-3), "-6/2"],
    "10-3": ["C", "c)", "(C)"],
    "10-exit": [9, "9", "3^2", 9.0, np.int64(9)],
}

WRONG = {
    "10-1": [
        ([[1, 0], [0, 1]], "nothing at all"),
        ([[0.6, -0.8], [0.8, 0.6]], "the one above"),
        ([[1, 2], [2, 4]], "no inverse"),
        ([[1, -1], [1, 1]], "It turns, but"),
        ([[2, 0], [0, 1]], "or slants"),
        ([[1, 1], [0, 1]], ""),
        ([[0, 0], [0, 0]], ""),
        ([1, 2], "a list of 2 numbers"),
        (2, ""),
    ],
    "10-2": [
        (3, "goes up"),
        (4.5, "That is $J$ there"),
        (0, "the slope there"),
        (-1, "for the rating 1"),
        (-9, "not squared"),
        (-6, "direction of length 1"),
        (-2.99, "this answer is exact"),
    ],
    "10-3": [
        ("A", "the sum changes"),
        ("B", "The product goes to 1"),
        ("D", "square of the distance"),
        ("u^2 - v^2", "is not one of A, B, C, D"),
    ],
    "10-exit": [
        (3, "not a row"),
        (4, "for two factors"),
        (39, "in all"),
        (30, "*not* flat"),
        (6, "How many entries"),
        (8, "too low"),
    ],
}
