"""Answers that students of lesson 11 give: right ones in different forms, wrong ones with words."""

from fractions import Fraction

import numpy as np


def _error_computed_again(u, v, r, eta, a, b):
    u = u + eta * ((r - u @ v) * v - a * u)
    return u, v + eta * ((r - u @ v) * u - b * v)


GIVEN = {
    "11-1": {
        "strengths": [0.001, 0.1, 2, 16, 40],
        "learned": [0.49, 0.47, 0.51, 0.72, 0.82],
        "choose": [2.3, 1.2, 0.95, 0.85, 0.86],
    }
}

RIGHT = {
    "11-1": [[16, "B"], ("16", "b"), [16.0, "B)"], {"λ": 16, "part": "(b)"}],
    "11-2": [0.375, "3/8", Fraction(3, 8), "0,375", np.float64(0.375)],
    "11-3": [
        lambda u, v, r, eta, share_u, share_v: (
            u + eta * ((r - u @ v) * v - share_u * u),
            v + eta * ((r - u @ v) * u - share_v * v),
        ),
        lambda u, v, r, eta, a, b: (
            (1 - eta * a) * u + eta * (r - v @ u) * v,
            (1 - eta * b) * v + eta * (r - v @ u) * u,
        ),
        lambda u, v, r, eta, a, b: (
            u - eta * (-(r - sum(u * v)) * v + a * u),
            v - eta * (-(r - sum(u * v)) * u + b * v),
        ),
    ],
    "11-4": [2, 2.0, "2", "40 * 0.05", "40*0,05"],
    "11-exit": [0.5, "1/2", "10/20", ".5", Fraction(1, 2)],
}

WRONG = {
    "11-1": [
        ([0.1, "B"], "on the ratings it was shown"),
        ([0.001, "B"], "memorized the ratings"),
        ([40, "B"], "next to nothing of the factors"),
        ([0.85, "B"], "That is the error"),
        ([16, "A"], "may be memory"),
        ([16, "C"], "before taking it"),
        ([16, "choose"], "is not one of A, B, C"),
        (["B", 16], "in another place"),
        ([16, ...], "part: not answered yet"),
        (16, "2 answers in a list"),
        ([2, "B"], "too low"),
    ],
    "11-2": [
        (1, "right for β = 0"),
        (4, "That is the film's mean"),
        (0.6, "as well as the five"),
        (1.5, "subtracted first"),
        (3.375, "That is the prediction"),
        (3, "By how many"),
        (-0.375, "wrong sign"),
        (0.4, "do not round"),
        ("3/8 stars", "cannot be read"),
    ],
    "11-3": [
        (
            lambda u, v, r, eta, a, b: (
                u + eta * ((r - u @ v) * v - a * u),
                v + eta * ((r - u @ v) * (u + eta * ((r - u @ v) * v - a * u)) - b * v),
            ),
            "both move from their old",
        ),
        (_error_computed_again, "computed once"),
        (
            lambda u, v, r, eta, a, b: (
                u + eta * ((r - u @ v) * v - b * u),
                v + eta * ((r - u @ v) * u - a * v),
            ),
            "its own row",
        ),
        (
            lambda u, v, r, eta, a, b: (
                u - eta * ((r - u @ v) * v - a * u),
                v - eta * ((r - u @ v) * u - b * v),
            ),
            "uphill",
        ),
        (
            lambda u, v, r, eta, a, b: (
                u + eta * ((r - u @ v) * v + a * u),
                v + eta * ((r - u @ v) * u + b * v),
            ),
            "away from 0",
        ),
        (
            lambda u, v, r, eta, a, b: (u + eta * (r - u @ v) * v, v + eta * (r - u @ v) * u),
            "penalty is missing",
        ),
        (
            lambda u, v, r, eta, a, b: (
                u + eta * (r - u @ v) * v - a * u,
                v + eta * (r - u @ v) * u - b * v,
            ),
            "belongs to the penalty too",
        ),
        (
            lambda u, v, r, eta, a, b: (
                u + eta * ((r - u @ v) * u - a * u),
                v + eta * ((r - u @ v) * v - b * v),
            ),
            "the other side",
        ),
        (lambda u, v, r, eta, a, b: (u, v), "before the step"),
        (lambda u, v, r, eta, a, b: u + eta * ((r - u @ v) * v - a * u), ""),
        (lambda u, v: (u, v), "must take the arguments"),
        (0.5, "is not a function"),
    ],
    "11-4": [
        (0.05, "once for each of the user's ratings"),
        (0.00125, "smaller than one pull"),
        (40, "How strong is each pull?"),
        (0.5, "too low"),
        ("λ", "cannot be read"),
    ],
    "11-exit": [
        (10, "once for each rating"),
        (200, "divide"),
        (0.05, "Of which strength?"),
        (2, "other way round"),
        (-0.5, "wrong sign"),
    ],
}
