"""Right answers and slips of 05-downhill. Never released, never in a student's process."""

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

eta = sp.Symbol("eta")


def q1(b, p, q):
    east, north = 2 * p, 2 * b * q
    return Choice(
        right=f"$[{-east}, {-north}]$",
        slips=[
            Slip(
                "gradient points at the minimum",
                f"$[{-p}, {-q}]$",
                "This is the direction to the minimum. The gradient does not know it: it knows "
                "only the slope where you are.",
            ),
            Slip(
                "uphill",
                f"$[{east}, {north}]$",
                "This is the gradient itself. It points uphill.",
            ),
            Slip(
                "along the contour line",
                f"$[{north}, {-east}]$",
                "This is at a right angle to the gradient: along the contour line, where you go "
                "neither up nor down.",
            ),
            Slip(
                "entries swapped",
                f"$[{-north}, {-east}]$",
                "The two entries are in the wrong order: first the x direction, then the y "
                "direction.",
            ),
        ],
    )


def _experiment(seed):
    """Return learning rates, and f after 1 and after 40 steps down your parabola from x = 1."""
    curvature = np.random.default_rng(seed).uniform(1, 5)

    def after(steps, rate):
        x = 1.0
        for _ in range(steps):
            x = x - rate * curvature * x
        return curvature * x**2 / 2

    rates = np.array([0.25, 0.5, 0.9, 1.3, 1.9, 2.1, 2.5]) / curvature
    return [(rate, after(0, rate), after(1, rate), after(40, rate)) for rate in rates]


def q2(seed):
    rows = _experiment(seed)
    return Number(
        right=rows[4][0],
        slips=[
            Slip(
                "first rate that diverges",
                rows[5][0],
                "With this rate f is higher after 40 steps than at the start.",
            ),
            Slip(
                "crossing taken for divergence",
                rows[2][0],
                "From the next rate on the first step crosses the minimum. That alone is not "
                "divergence: look at the last column.",
            ),
            Slip(
                "largest rate of the table", rows[6][0], "With this rate f rises with every step."
            ),
        ],
        computed=True,
    )


def q2_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def q3(a, b, c):
    steep, flat = max(a, b), min(a, b)
    return Number(
        right=1 / steep,
        slips=[
            Slip(
                "coefficient taken for curvature",
                2 / steep,
                "The curvature is the second derivative: larger than the coefficient of the "
                "square.",
            ),
            Slip(
                "best step taken for the limit",
                1 / (2 * steep),
                "In the steepest direction this step lands on the minimum at once. How large can "
                "the rate get before descent no longer converges?",
            ),
            Slip(
                "flattest direction",
                1 / flat,
                "The flatter direction would allow that. The other one would not.",
            ),
            Slip(
                "curvatures added",
                1 / (a + b),
                "The two directions do not add up: the step must be small enough for each of them.",
            ),
        ],
    )


def q4(a, c):
    return Formula(
        right=1 - 2 * a * eta,
        slips=[
            Slip(
                "uphill",
                1 + 2 * a * eta,
                "With this factor the distance grows, whatever the learning rate is: you walk "
                "uphill.",
            ),
            Slip(
                "height instead of slope",
                1 - a * eta,
                "The step is half as long as it should be. Did you bring the exponent down as a "
                "factor?",
            ),
            Slip(
                "only the step",
                -2 * a * eta,
                "This is the step itself, as a multiple of the distance. Where are you afterwards?",
            ),
            Slip(
                "position of the minimum counted in",
                1 - 2 * a * c * eta,
                "The slope depends on how far you are from the lowest point, not on where that "
                "point is.",
            ),
            Slip(
                "learning rate forgotten",
                sp.Integer(1 - 2 * a),
                "Your step is the whole slope. The rule multiplies it by a factor.",
            ),
        ],
    )


def _descent_step(x, gradient, eta):
    return x - eta * gradient


def _uphill(x, gradient, eta):
    return x + eta * gradient


def _rate_forgotten(x, gradient, eta):
    return x - gradient


def _only_the_change(x, gradient, eta):
    return -eta * gradient


def _length_one(x, gradient, eta):
    return x - eta * gradient / np.linalg.norm(gradient)


def _rate_outside(x, gradient, eta):
    return eta * (x - gradient)


def _direction(new, x, gradient, eta):
    return (new - x) / np.linalg.norm(new - x)


def _steps(rng):
    return [
        (rng.uniform(-3, 3, n), rng.uniform(-5, 5, n), float(rng.uniform(0.05, 0.5)))
        for n in (2, 1, 3, 6)
    ]


def q5():
    return Implementation(
        _descent_step,
        _steps,
        slips=[
            Slip("uphill", _uphill, "Your step goes uphill: the gradient points that way."),
            Slip(
                "learning rate forgotten",
                _rate_forgotten,
                "The direction is right. The learning rate, which makes the step shorter, is "
                "missing.",
            ),
            Slip(
                "only the step",
                _only_the_change,
                "The step is right, but it is only the step. The question asks for the point "
                "after it.",
            ),
            Slip(
                "gradient normalized",
                _length_one,
                "Your step has the same length everywhere. In the rule it is proportional to the "
                "slope, and gets shorter where the ground levels out.",
            ),
            Slip(
                "learning rate on the point",
                _rate_outside,
                "The learning rate multiplies only the gradient; here it shrinks x as well.",
            ),
        ],
        properties=[
            part("the direction", of=_direction),
            part("the length of the step", of=lambda new, x, *_: np.linalg.norm(new - x)),
        ],
    )


def _largest_safe_step(H):
    return 2 / np.linalg.eigvalsh(H).max()


def _best_for_the_steepest(H):
    return 1 / np.linalg.eigvalsh(H).max()


def _flattest(H):
    return 2 / np.linalg.eigvalsh(H).min()


def _diagonal(H):
    return 2 / np.diag(H).max()


def _curvatures_added(H):
    return 2 / np.trace(H)


def _best_for_both(H):
    curvatures = np.linalg.eigvalsh(H)
    return 2 / (curvatures.min() + curvatures.max())


def _bowls(rng):
    """Tilted bowls, bowls along the axes, and one with a single variable."""
    bowls = []
    for n in (2, 3, 4):
        curvatures = np.diag(rng.uniform(0.5, 1, n) * 3.0 ** np.arange(n))
        turn, _ = np.linalg.qr(rng.normal(size=(n, n)))
        bowls += [(curvatures,), (turn @ curvatures @ turn.T,)]
    return [(np.diag([1.0, 10.0]),), (np.array([[rng.uniform(0.5, 3)]]),), *bowls]


def _along_the_axes(H):
    return np.array_equal(H, np.diag(np.diag(H)))


def q6():
    return Implementation(
        _largest_safe_step,
        _bowls,
        slips=[
            Slip(
                "best step taken for the limit",
                _best_for_the_steepest,
                "This step lands on the minimum at once in the steepest direction. A longer one "
                "still converges.",
            ),
            Slip(
                "flattest direction",
                _flattest,
                "In the flattest direction this would work. In the steepest it leads up and away.",
            ),
            Slip(
                "diagonal taken for the curvatures",
                _diagonal,
                "The numbers on the diagonal are the curvatures along the axes. A tilted bowl is "
                "steeper in between.",
            ),
            Slip(
                "curvatures added",
                _curvatures_added,
                "The directions do not add up: the step must be small enough for each of them.",
            ),
            Slip(
                "best step for both",
                _best_for_both,
                "This is the step that is best in the long run. The question asks for the limit "
                "beyond which descent no longer converges.",
            ),
        ],
        properties=[
            part("one variable", where=lambda H: len(H) == 1),
            part("bowls along the axes", where=_along_the_axes),
            up_to_a_factor("everything but a factor"),
        ],
    )
