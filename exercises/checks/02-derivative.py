"""Right answers and slips of 02-derivative. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import (
    Choice,
    Formula,
    Implementation,
    Number,
    Slip,
    part,
    source_of,
    up_to_a_factor,
)

x, t, delta = sp.symbols("x t Delta")


def q1(a, p, d):
    return Number(
        right=a * (p + d) ** 2 - a * p**2 / d,
        slips=[
            Slip(
                "parentheses read into it",
                a * (2 * p + d),
                "This is the slope of the secant, as the slide meant it. As the formula is "
                "written, only its last term is divided.",
            ),
            Slip(
                "derivative instead",
                2 * a * p,
                "This is the slope of the curve there. The question asks what the formula gives "
                "as it is written.",
            ),
            Slip(
                "change added to the height",
                a * p**2 + d - a * p**2 / d,
                "The change belongs to x, inside the parentheses of f: first add it, then square.",
            ),
            Slip(
                "square of a sum",
                a * (p**2 + d**2) - a * p**2 / d,
                "The square of a sum is more than the sum of the squares.",
            ),
        ],
    )


def q2(a, b, c):
    def f(at):
        return a * at**2 + b * at + c

    right = a * (2 * x + delta) + b
    return Formula(
        right,
        slips=[
            Slip(
                "limit taken too early",
                sp.diff(f(x), x),
                "This is what is left once the two points coincide. Here the second point is "
                "still Δ away.",
            ),
            Slip(
                "square of a sum",
                a * delta + b,
                "The square of a sum has a middle term; yours is missing it.",
            ),
            Slip(
                "rise without run",
                sp.expand(right * delta),
                "This is the rise. Divide it by the run.",
            ),
            Slip(
                "linear term not moved",
                right - b,
                "The square term is right. The linear term changes too when x does.",
            ),
        ],
    )


def q3(a):
    return Choice(
        right="The first equals sign: what follows it depends on $\\Delta$, and $f'(x)$ does not.",
        slips=[
            Slip(
                "square of a sum",
                "The second equals sign: $(x + \\Delta)^2$ is $x^2 + \\Delta^2$.",
                "Try it with numbers: the square of 1 + 2 is 9, and 1 + 4 is not.",
            ),
            Slip(
                "change taken for 0",
                "The third equals sign: you must not divide by $\\Delta$, because it is 0.",
                "On its way to 0 the change is never 0. So you may divide by it.",
            ),
            Slip(
                "small taken for 0",
                f"The third equals sign: ${a}\\Delta$ is very small, so it must be left out.",
                "Very small is not zero, and an equals sign means exactly equal. You can only "
                "leave out what is 0.",
            ),
            Slip(
                "right result, right steps",
                "Nothing: the result is right, so each step before it is right.",
                "Two wrong steps can lead to a right result. Compare both sides of each equals "
                "sign.",
            ),
        ],
    )


def q3_printed(a):
    return {"twice": str(2 * a)}


def _experiment(seed):
    """Return Δ, the slope of the secant of your parabola a x^2, and the cancelled form."""
    a, x = np.random.default_rng(seed).uniform(1, 4, size=2)
    return [
        (delta, (a * (x + delta) ** 2 - a * x**2) / delta, 2 * a * x + a * delta)
        for delta in (1, 0.5, 0.1, 0.01, 0.001, 0.0001)
    ]


def q4(seed):
    rows = _experiment(seed)
    return Number(
        right=rows[-1][2],
        slips=[
            Slip(
                "widest secant for the tangent",
                rows[0][1],
                "This is the slope of the widest secant. Read further down.",
            ),
            Slip("half the run", rows[1][1], "This secant is still wide. Read further down."),
            Slip(
                "only the change",
                rows[0][1] - rows[-1][1],
                "This is by how much the slopes change. What do they approach?",
            ),
        ],
        computed=True,
    )


def q4_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def q5(a, b, c):
    right = a * x + c
    return Formula(
        right,
        slips=[
            Slip(
                "with respect to the other letter",
                a * t + b,
                "This is the answer if the other letter varies. Look below the fraction bar: "
                "which letter is there?",
            ),
            Slip(
                "constant kept",
                right + b * x,
                "One term does not contain the letter that varies. So how fast does it change?",
            ),
            Slip(
                "both letters varied",
                right + a * t + b,
                "You let both letters vary and added the slopes. Only one of them varies.",
            ),
            Slip(
                "fixed factor lost",
                sp.Integer(a + c),
                "A letter that is held fixed stays as a factor, just as a number would.",
            ),
        ],
        function=a * x * t + b * x + c * t,
        variable=t,
    )


def _central_slope(c, n, x, delta):
    rise = c * (x + delta) ** n - c * (x - delta) ** n
    return rise / (2 * delta)


def _half_the_run(c, n, x, delta):
    return (c * (x + delta) ** n - c * (x - delta) ** n) / delta


def _one_sided(c, n, x, delta):
    return (c * (x + delta) ** n - c * x**n) / delta


def _no_parentheses_above(c, n, x, delta):
    return c * (x + delta) ** n - c * (x - delta) ** n / (2 * delta)


def _no_parentheses_below(c, n, x, delta):
    return (c * (x + delta) ** n - c * (x - delta) ** n) / 2 * delta


def _derivative(c, n, x, delta):
    return c * n * x ** (n - 1)


def _curves(rng):
    return [
        (float(rng.integers(2, 6)), n, float(rng.uniform(0.8, 2)), float(rng.uniform(0.1, 0.6)))
        for n in (3, 2, 4, -1, 1, 2)
    ]


def q6():
    return Implementation(
        _central_slope,
        _curves,
        slips=[
            Slip(
                "half the run",
                _half_the_run,
                "The rise is right, but the slope comes out too large: the left and right points "
                "are more than delta apart.",
            ),
            Slip(
                "one-sided",
                _one_sided,
                "The slope of a secant is right, but this one starts in the middle, at x. The "
                "question asks for the one that starts to the left of x.",
            ),
            Slip(
                "no parentheses around the rise",
                _no_parentheses_above,
                "Both heights are right, but only the second is divided: without parentheses a "
                "program divides before it subtracts.",
            ),
            Slip(
                "no parentheses around the run",
                _no_parentheses_below,
                "The rise is right, but / 2 * delta divides by 2 and then multiplies by delta. "
                "The run needs parentheses.",
            ),
            Slip(
                "derivative instead",
                _derivative,
                "This is the slope of the curve at x, not of a secant. On a parabola the two "
                "agree; on other curves they generally do not.",
            ),
        ],
        properties=[
            part("lines and parabolas", where=lambda c, n, x, delta: n in (1, 2)),
            up_to_a_factor("everything but a factor"),
        ],
    )
