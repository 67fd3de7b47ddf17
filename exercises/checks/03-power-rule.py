"""Right answers and slips of 03-power-rule. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.answers.multiple_choice import derivative_question
from mfteach.grading import Choice, Formula, Implementation, Number, Slip, part, source_of

x = sp.Symbol("x")


def q1(c, n):
    options = {
        "A": f"{c * (n - 1)}x^{n - 1}",  # multiplied by the new exponent
        "B": f"{c * -n}x^{n + 1}",  # two slips: the sign of the factor, and up instead of down
        "C": f"{c * -n}x^{n - 1}",  # the sign of the exponent lost
        "D": f"{c * n}x^{n - 1}",
    }
    labels = {
        "A": "multiplied by the new exponent",
        "B": "sign lost and exponent raised",
        "C": "sign lost",
    }
    return Choice.of(derivative_question("", f"{c}x^{n}", "x", options), labels)


def q2(p):
    return Choice(
        right=f"At ${p}$ the function has its lowest value.",
        slips=[
            Slip(
                "maximum or minimum",
                f"At ${p}$ the function has its lowest or its highest value; convexity allows "
                "both.",
                "Convex means that the curve never lies below its tangent lines. Draw the tangent "
                "line at a point where it is level: on which side of it is the curve?",
            ),
            Slip(
                "nothing follows",
                "Nothing follows: as for $x^3$ at $0$, there may be neither a maximum nor a "
                f"minimum at ${p}$.",
                "That is true of functions in general. But $x^3$ is not convex: to the left of 0 "
                "it bends downwards.",
            ),
            Slip(
                "height 0 instead of slope 0",
                f"At ${p}$ the function has the value $0$.",
                "The slope is 0, not the height: $x^2 + 1$ has slope 0 at 0, where its height is "
                "1.",
            ),
            Slip(
                "0 taken for undefined",
                f"At ${p}$ the derivative is undefined.",
                "A slope of 0 is a number like any other. It is the slope of $|x|$ at 0 that is "
                "undefined, because the curve has a kink there.",
            ),
        ],
    )


def q3(a, n, b, c):
    f = a * x**n + b * x + c
    right = sp.diff(f, x)
    return Formula(
        right,
        slips=[
            Slip("constant kept", right + c, "A constant does not change: its slope is 0."),
            Slip(
                "linear term lost",
                right - b,
                "The term with x alone is not a constant: it changes, as a line does.",
            ),
            Slip(
                "linear term kept",
                right - b + b * x,
                "You copied the term with x alone. It is a line: what is its slope?",
            ),
            Slip(
                "multiplied by the new exponent",
                a * (n - 1) * x ** (n - 1) + b,
                "Your exponents are right, but the factor is the old exponent, not the new one.",
            ),
        ],
        function=f,
        variable=x,
    )


def q4(a, b, p):
    return Number(
        right=2 * a * p + b,
        slips=[
            Slip(
                "height instead of slope",
                a * p**2 + b * p,
                "That is the height of the curve there: differentiate before you plug in x.",
            ),
            Slip(
                "constant differentiated",
                0,
                "You plugged in x first, and then differentiated a constant. Differentiate first.",
            ),
            Slip(
                "linear term lost",
                2 * a * p,
                "The slope of the square alone is right; the other term has a slope too.",
            ),
            Slip(
                "exponent not brought down",
                a * p + b,
                "The exponent was lowered, but it did not come down as a factor.",
            ),
        ],
    )


def _experiment(seed):
    """Return the three points where your function has slope 0, each with its height."""
    left, gap, step = np.random.default_rng(seed).uniform(1, 3, size=3)
    a, b, c = left, left + gap, left + gap + step + 1  # f'(x) = (x - a)(x - b)(x - c)

    def f(x):
        third, second = (a + b + c) / 3, (a * b + a * c + b * c) / 2
        return x**4 / 4 - third * x**3 + second * x**2 - a * b * c * x

    return [(x, f(x)) for x in (a, b, c)]


def q5(seed):
    left, top, right = _experiment(seed)
    other, lowest = sorted((left, right), key=lambda row: -row[1])
    return Number(
        right=lowest[0],
        slips=[
            Slip(
                "another point of slope 0",
                other[0],
                "There the slope is 0 too, but another point lies lower.",
            ),
            Slip(
                "maximum taken for the lowest point",
                top[0],
                "There the slope is 0, but to both sides the function falls.",
            ),
            Slip(
                "height instead of place",
                lowest[1],
                "That is how low it is. The question asks where.",
            ),
        ],
        computed=True,
    )


def q5_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def _tangent_line(c, n, p):
    slope = c * n * p ** (n - 1)
    intercept = c * p**n - slope * p
    return slope, intercept


def _height_as_intercept(c, n, p):
    slope = c * n * p ** (n - 1)
    return slope, c * p**n


def _height_forgotten(c, n, p):
    slope = c * n * p ** (n - 1)
    return slope, -slope * p


def _new_exponent(c, n, p):
    slope = c * (n - 1) * p ** (n - 1)
    return slope, c * p**n - slope * p


def _swapped(c, n, p):
    slope = c * n * p ** (n - 1)
    return c * p**n - slope * p, slope


def _tangent_inputs(rng):
    return [
        (float(rng.integers(2, 6)), int(n), float(rng.uniform(0.5, 2.0)))
        for n in (2, 3, 5, -1, -3, 1)
    ]


def q6():
    return Implementation(
        _tangent_line,
        _tangent_inputs,
        slips=[
            Slip(
                "height as intercept",
                _height_as_intercept,
                "The slope is right. The intercept is where the line crosses the vertical axis, "
                "not the height at p.",
            ),
            Slip(
                "height forgotten",
                _height_forgotten,
                "The slope is right, but the line does not touch the curve: plug p into both.",
            ),
            Slip(
                "multiplied by the new exponent",
                _new_exponent,
                "The line passes through the right point, but its slope has the new exponent as a "
                "factor instead of the old one.",
            ),
            Slip(
                "slope and intercept swapped",
                _swapped,
                "Both numbers are right, but in the wrong order: first the slope, then the "
                "intercept.",
            ),
        ],
        properties=[
            part("the slope", of=lambda line, *_: line[0]),
            part("a line through the point", of=lambda line, c, n, p: line[0] * p + line[1]),
            part("both numbers, in whatever order", of=lambda line, *_: np.sort(line)),
        ],
    )
