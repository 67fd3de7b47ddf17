"""Right answers and slips of 01-slopes. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip, part, source_of

x = sp.Symbol("x")


def q1(steep, a, b, c, d):
    flat = "h" if steep == "g" else "g"
    return Choice(
        right=f"${steep}$ is steeper than ${flat}$, and it falls.",
        slips=[
            Slip(
                "sign counted as steepness",
                f"${flat}$ is steeper than ${steep}$, because ${a} > {c}$.",
                "A cliff is just as steep on the way down. The sign says up or down; the size of "
                "the number says how steep.",
            ),
            Slip(
                "height instead of slope",
                f"${flat}$ is steeper than ${steep}$, because ${b} > {d}$.",
                "You compared the constants. They shift a whole line up or down, but do not tilt "
                "it.",
            ),
            Slip(
                "sign lost",
                f"${steep}$ is steeper than ${flat}$, and both rise.",
                "Plug two values of x into the formulas of both lines, the smaller first. What "
                "happens to the height?",
            ),
            Slip(
                "a slope that changes",
                f"${steep}$ is steeper to the left of the point where they cross, ${flat}$ to the "
                "right.",
                "That is about which of the two lies higher. A line has the same slope everywhere.",
            ),
        ],
    )


def q1_printed(steep, a, b, c, d):
    rising, falling = f"{a}x + {b}", f"{c}x {'-' if d < 0 else '+'} {abs(d)}"
    return {"g": falling, "h": rising} if steep == "g" else {"g": rising, "h": falling}


def q2(m, p, q, r):
    run = r - p
    return Number(
        right=q + m * run,
        slips=[
            Slip(
                "position instead of run",
                q + m * r,
                "You multiplied the slope by the position. What counts is how far you went from "
                "the point that you knew.",
            ),
            Slip(
                "run taken for the rise",
                q + run,
                "You used the run as the rise: the slope is missing.",
            ),
            Slip(
                "known point forgotten",
                m * r,
                "This is a road through the origin. Yours passes through a different point.",
            ),
            Slip(
                "wrong sign of the rise",
                q - m * run,
                "You went up where the road goes down, or down where it goes up.",
            ),
            Slip(
                "run over rise",
                q + run / m,
                "You divided the run by the slope. Slope is rise over run: what is the rise, then?",
            ),
        ],
    )


def _experiment(seed):
    """Return runs, and the slopes of the secants of your curve that start at x = 1."""
    a, b, c = np.random.default_rng(seed).uniform(1, 4, size=3)

    def f(x):
        return a * x**3 + b * x**2 + c * x

    return [(run, (f(1 + run) - f(1)) / run) for run in (1, 0.5, 0.1, 0.01, 0.001, 0.0001)]


def q3(seed):
    rows = _experiment(seed)
    return Number(
        right=rows[-1][1],
        slips=[
            Slip(
                "widest secant for the tangent",
                rows[0][1],
                "This is the slope of the widest secant. Move the second point closer.",
            ),
            Slip(
                "narrowest secant for the tangent",
                rows[2][1],
                "This is the slope of a secant that is still too wide. The trend continues as the"
                " run shrinks further.",
            ),
            Slip(
                "run over rise",
                1 / rows[-1][1],
                "The fraction is upside down: slope is rise over run.",
            ),
        ],
        computed=True,
    )


def q3_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def q4(k, w, p):
    return Choice(
        right=f"At $x = {p}$ the curve has a slope of about ${k}$.",
        slips=[
            Slip(
                "rise without run",
                f"At $x = {p}$ the curve has a slope of about ${k * w:g}$.",
                "That is how far it rises. How far does it go to the right in the meantime?",
            ),
            Slip(
                "run over rise",
                f"At $x = {p}$ the curve has a slope of about ${1 / k:g}$.",
                "The fraction is upside down: slope is rise over run.",
            ),
            Slip(
                "no slope at a point",
                f"At $x = {p}$ the curve has no slope: a point has neither rise nor run.",
                "A point by itself has neither. But the piece around it has both, and looks "
                "straight.",
            ),
            Slip(
                "window taken for the whole curve",
                f"Everywhere the curve has a slope of about ${k}$, because it is straight.",
                "You saw a tiny piece. Every curve with a slope looks straight in a small enough "
                "window, even one that bends.",
            ),
        ],
    )


def q4_printed(k, w, p):
    return {"rise": f"{k * w:g}"}


def q5(a, b, p):
    def f(at):
        return a * at**2 + b * at

    return Formula(
        right=a * (x + p) + b,
        slips=[
            Slip(
                "rise without run",
                sp.expand(f(x) - f(p)),
                "This is the rise. Divide it by the run.",
            ),
            Slip(
                "height over position",
                a * x + b,
                "This is the height at x divided by x: the slope of a line from the origin, not "
                "from the fixed end.",
            ),
            Slip(
                "difference of squares",
                sp.expand(a * (x - p) + b),
                "The difference of two squares is not the square of the difference.",
            ),
            Slip(
                "tangent instead of secant",
                sp.Integer(2 * a * p + b),
                "This is what the slope approaches when the two ends come together. Here the "
                "second end can be anywhere, so its position appears in the formula.",
            ),
            Slip(
                "linear term lost",
                a * (x + p),
                "The square term is right. The other term rises too.",
            ),
        ],
    )


def _slopes_between(x, y):
    return (y[1:] - y[:-1]) / (x[1:] - x[:-1])


def _run_over_rise(x, y):
    return (x[1:] - x[:-1]) / (y[1:] - y[:-1])


def _rise_only(x, y):
    return y[1:] - y[:-1]


def _sign_lost(x, y):
    return (y[:-1] - y[1:]) / (x[1:] - x[:-1])


def _equal_runs(x, y):
    return (y[1:] - y[:-1]) / (x[1] - x[0])


def _from_the_first(x, y):
    return (y[1:] - y[0]) / (x[1:] - x[0])


def _height_over_place(x, y):
    return y[1:] / x[1:]


def _points(rng):
    """Points that go up and down: in one draw equally spaced, in one only two."""
    drawn = []
    for n in (2, 3, 4, 7):
        runs = np.full(n, 0.5) if n == 4 else rng.uniform(0.6, 2, n)
        signs = np.where(np.arange(n) % 3, 1, -1)
        drawn.append((rng.uniform(-3, -1) + np.cumsum(runs), signs * rng.uniform(0.5, 5, n)))
    return drawn


def _equally_spaced(x, y):
    return len(x) > 2 and np.allclose(np.diff(x), x[1] - x[0])


def q6():
    return Implementation(
        _slopes_between,
        _points,
        slips=[
            Slip(
                "run over rise",
                _run_over_rise,
                "The fraction is upside down: slope is rise over run.",
            ),
            Slip("rise without run", _rise_only, "These are the rises. Each has its own run."),
            Slip(
                "ends mixed up",
                _sign_lost,
                "Each slope has the wrong sign: rise and run must be taken in the same order.",
            ),
            Slip(
                "equal runs assumed",
                _equal_runs,
                "All rises were divided by the first run. The points need not be equally spaced.",
            ),
            Slip(
                "always from the first point",
                _from_the_first,
                "Each of your lines starts at the first point. The question asks for the lines "
                "between neighbours.",
            ),
            Slip(
                "height over position",
                _height_over_place,
                "Height over position is the slope of a line from the origin.",
            ),
        ],
        properties=[
            part("the first slope", of=lambda slopes, *_: slopes[0]),
            part("points that are equally spaced", where=_equally_spaced),
            part("the size of each slope", of=lambda slopes, *_: abs(slopes)),
            part("the sign of each slope", of=lambda slopes, *_: np.sign(slopes)),
        ],
    )
