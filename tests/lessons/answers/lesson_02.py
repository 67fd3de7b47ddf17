"""Answers that students of lesson 02 give: right ones in different forms, wrong ones with words."""

from fractions import Fraction

import numpy as np
import sympy

x = sympy.Symbol("x", real=True)


def f(at):
    return 3 * at**2


RIGHT = {
    "02-s12": ["5", 5, 5.0, "f'(x) = 5", "10/2", sympy.Integer(5), np.int64(5)],
    "02-s13": ["5", 5, "5 + 0", "y' = 5", sympy.Integer(5)],
    "02-s14": ["-5", "−5", -5, "f'(x) = -5", -5.0],
    "02-s15": ["5 + 12x", "12x+5", "12*x + 5", 12 * x + 5, "5 + 6*2x", lambda x: 5 + 12 * x],
    "02-1": [
        lambda at, change: (f(at + change) - f(at)) / change,
        lambda at, change: (f(at) - f(at + change)) / -change,
        lambda x, d: 6 * x + 3 * d,
        lambda at, change: np.array((f(at + change) - f(at)) / change),
    ],
    "02-2": ["2x + 1", "1+2x", "2*x + 1", 2 * x + 1, "f'(x) = 2 x + 1", lambda x: 2 * x + 1],
    "02-3": ["-1/x^2", "-x^-2", "−1/x²", "-1/(x*x)", -1 / x**2, "-x^(-2)"],
    "02-exit": [7.5, "15/2", "7,5", Fraction(15, 2), sympy.Rational(15, 2), "6 + 1.5"],
}

WRONG = {
    "02-s12": [
        ("5x", "function itself"),
        ("x", "without the number"),
        ("0", "differentiated twice"),
        ("-5", "wrong sign"),
        ("1", ""),
        ("5y", ""),
    ],
    "02-s13": [
        ("15", "terms without x were kept"),
        ("5x", ""),
        ("5x + 10", "function itself"),
        ("0", "differentiated twice"),
        ("10", "height of the line"),
    ],
    "02-s14": [
        ("5", "wrong sign"),
        ("-15", "does not turn it"),
        ("-5x", "anywhere on it"),
        ("-5x - 10", "function itself"),
        ("-10", "height of the line"),
    ],
    "02-s15": [
        ("5", "stands still"),
        ("11", "right if $y = x$"),
        ("12x", "5 is missing"),
        ("5 + 2x", "rate of $6y$"),
        ("5 + 6x", "not $x$"),
        ("5 + 6x^2", "moves too"),
        ("5 + 6y", "y"),
        ("17", ""),
    ],
    "02-1": [
        (lambda at, change: f(at + change) - f(at) / change, "what the slide says"),
        (lambda at, change: f(at + change) - f(at), "That is the rise"),
        (lambda at, change: (f(at) - f(at + change)) / change, "both signs are turned"),
        (lambda at, change: (f(at + change) - f(at)) / at, "not the place"),
        (lambda at, change: f(at + change - at) / change, "is one height"),
        (lambda at, change: 6 * at, "in the end"),
        (lambda at, change: f(at + change) - (f(at)) / change, ""),
        (lambda at, change: None, "is a return missing?"),
        (lambda at: 6 * at, "must take the arguments"),
        (lambda at, change: 1 / 0, "stops with ZeroDivisionError"),
        (7.5, "is not a function"),
    ],
    "02-2": [
        ("2x + 1 + Delta", "let it go to 0"),
        ("2x Delta + Delta^2 + Delta", "Divide it by Delta"),
        ("2x", "Does $x$ itself not change"),
        ("x + 1", ""),
        ("x^2 + x", "function itself"),
        ("2", "differentiated twice"),
        ("-2x - 1", "wrong sign"),
        ("2x + x", ""),
        ("2x +", ""),
    ],
    "02-3": [
        ("1/x^2", "Look at the sign"),
        ("1", "quotient of the derivatives"),
        ("-1/x", "what is left"),
        ("ln(x)", "integrated"),
        ("-1/(x(x + Delta))", "let it go to 0"),
        ("1/x", "not differentiated"),
        ("-2/x^3", ""),
        ("x^-2", ""),
    ],
    "02-exit": [
        (6, "tangent at 1."),
        (9, "tangent at 1.5"),
        (3.75, "Over which run"),
        (2.5, "Where is the 3"),
        (1.875, "do not multiply"),
        (7.49, "this answer is exact"),
        (8, "too high"),
        (-7.5, ""),
        ("6x + 3Delta", "cannot be read"),
    ],
}
