"""Right answers and slips of 08-gradient-check. Never released, never in a student's process."""

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
from mfteach.grading.assignments.half_gradients import half_gradient, half_gradient_printed
from mfteach.grading.assignments.tables import tables

h, v = sp.symbols("h v")


def q1(m, n, k):
    return Choice(
        right=r"$-(W \circ E)^{\mathsf T}\, U$",
        slips=[
            Slip(
                "first half with other letters",
                r"$-(W \circ E)\, U$",
                f"This product is not defined: a matrix of shape ({m}, {n}) times one of shape "
                f"({m}, {k}).",
            ),
            Slip(
                "minus forgotten",
                r"$(W \circ E)^{\mathsf T}\, U$",
                "The shape is right. But does it point uphill? Think of a film whose predictions "
                "are too low.",
            ),
            Slip(
                "transposed",
                r"$-U^{\mathsf T}\, (W \circ E)$",
                f"These are the right numbers, but in a matrix of shape ({k}, {n}): a row for "
                "each factor.",
            ),
            Slip(
                "V instead of U",
                r"$-(W \circ E)^{\mathsf T}\, V$",
                f"This product is not defined: ({n}, {m}) times ({n}, {k}). When a film's number "
                "changes, how fast does a prediction change?",
            ),
            Slip(
                "blank read as 0",
                r"$-(R - U V^{\mathsf T})^{\mathsf T}\, U$",
                "This gives errors to pairs without a rating, too.",
            ),
        ],
    )


_CASES = {
    "minus lost": (
        "The minus is missing in both halves.",
        "Replace the claimed gradient by -d: what does the formula give?",
    ),
    "twice too large": (
        "Both halves are twice too large, because the 2 from the square was not cancelled.",
        "Replace the claimed gradient by 2d: what does the formula give?",
    ),
    "mean": (
        "Both halves are divided by $N$, as if $J$ were a mean.",
        "Replace the claimed gradient by d/N: what does the formula give?",
    ),
    "rounding": (
        "Nothing is wrong: this is only rounding error.",
        "Rounding error is far smaller: look at the figure in the lesson, at h = 0.1.",
    ),
}


def q2(case, N):
    return Choice(
        right=_CASES[case][0],
        slips=[
            Slip(f"mistaken for: {name}", option, diagnosis)
            for name, (option, diagnosis) in _CASES.items()
            if name != case
        ],
    )


def q2_printed(case, N):
    factor = {"minus lost": -1, "twice too large": 2, "mean": 1 / N, "rounding": 1}[case]
    difference = abs(factor - 1) / (abs(factor) + 1)
    return {"printed": f"{difference:.3f}" if case != "rounding" else "3e-14"}


def _experiment(seed):
    """Return h, the central difference of your curve a x^3 there, and its error."""
    a, x = np.random.default_rng(seed).uniform(1, 3, size=2)
    rows = []
    for h in (1, 0.1, 0.01, 0.0001, 10.0**-6, 10.0**-8, 10.0**-10, 10.0**-12):
        measured = (a * (x + h) ** 3 - a * (x - h) ** 3) / (2 * h)
        rows.append((h, measured, 3 * a * x**2 - measured))
    return rows


def q3(seed):
    rows = _experiment(seed)
    return Number(
        right=rows[1][2],
        slips=[
            Slip(
                "sign of the error",
                -rows[1][2],
                "The error is true minus measured, as always in this course.",
            ),
            Slip("another h", rows[0][2], "That is the error at another h."),
            Slip(
                "the difference instead of its error",
                rows[1][1],
                "That is the central difference itself. How far off is it?",
            ),
        ],
        computed=True,
    )


def q3_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def q4(p, q, r, w):
    def loss(at):
        return ((r - p * at) ** 2 + (w - q * at) ** 2) / 2

    forward = (loss(v + h) - loss(v)) / h
    right = sp.expand(sp.diff(loss(v), v) - sp.cancel(forward))
    return Formula(
        right,
        slips=[
            Slip(
                "taken for exact",
                sp.Integer(0),
                "On a parabola the central difference is exact. This one goes to only one side.",
            ),
            Slip(
                "half forgotten",
                2 * right,
                "Twice as large as it should be. Is the half in the loss still there, or did the "
                "2 get lost along the way?",
            ),
            Slip(
                "not divided by h",
                right * h,
                "That is how far the loss is from its tangent line. A slope is divided by the run.",
            ),
            Slip(
                "tastes not squared",
                -(p + q) * h / 2,
                "Each taste enters the difference twice: it is squared along with its bracket.",
            ),
            Slip(
                "tastes forgotten",
                -h,
                "You only differentiated the outer squares: how fast does the inside change?",
            ),
            Slip(
                "wrong sign",
                -right,
                "The error is true minus measured. On a curve that bends upwards, does the "
                "forward difference come out too large or too small?",
            ),
        ],
    )


def _dj_dv(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return -E.T @ U


def _minus_forgotten(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return E.T @ U


def _blanks_as_zeros(R, W, U, V, mu):
    E = R - mu - U @ V.T
    return -E.T @ U


def _turned_over(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return -U.T @ E


def _first_half(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return -E @ V


def _mean_per_film(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return -(E.T @ U) / np.maximum(W.sum(axis=0), 1)[:, None]


def _mean_forgotten(R, W, U, V, mu):
    E = W * (R - U @ V.T)
    return -E.T @ U


def _inputs(rng):
    return [
        (
            R,
            W,
            rng.normal(size=(len(R), k)),
            rng.normal(size=(R.shape[1], k)),
            float(rng.uniform(1, 3)),
        )
        for (R, W), k in zip(tables(rng), (2, 3, 2, 2, 1, 2), strict=True)
    ]


def q5():
    return Implementation(
        _dj_dv,
        _inputs,
        slips=[
            Slip(
                "minus forgotten",
                _minus_forgotten,
                "Your matrix points the other way: downhill. The sign is missing.",
            ),
            Slip(
                "blank read as 0",
                _blanks_as_zeros,
                "You count blanks as ratings of 0: W must also be applied to the predictions.",
            ),
            Slip(
                "transposed",
                _turned_over,
                "These are the right numbers, but with a row for each factor instead of a row for "
                "each film.",
            ),
            Slip(
                "the first half",
                _first_half,
                "That is right for the users' numbers, but the question asks for the derivative "
                "with respect to the films'. It has a row for each film.",
            ),
            Slip(
                "mean forgotten",
                _mean_forgotten,
                "The product is right, but the predictions here are the mean and what the factors "
                "add to it.",
            ),
            Slip(
                "mean per film",
                _mean_per_film,
                "The sums are right, but you divide them by the number of ratings of each film. J"
                " is a sum, not a mean.",
            ),
        ],
        properties=[
            part("the single known rating", where=lambda R, W, U, V, mu: W.sum() == 1),
            part("tables without blanks", where=lambda R, W, U, V, mu: bool(W.all())),
            part("the size of each entry", of=lambda gradient, *_: abs(gradient)),
            up_to_a_factor("everything but a factor"),
        ],
    )


def _central_gradient(x, h):
    def f(x):
        return np.sum(x**4) + np.sum(x) ** 2

    slope = np.zeros(len(x))
    for p in range(len(x)):
        ahead, back = x.copy(), x.copy()
        ahead[p] += h
        back[p] -= h
        slope[p] = (f(ahead) - f(back)) / (2 * h)
    return slope


def _forward(x, h):
    def f(x):
        return np.sum(x**4) + np.sum(x) ** 2

    slope = np.zeros(len(x))
    for p in range(len(x)):
        ahead = x.copy()
        ahead[p] += h
        slope[p] = (f(ahead) - f(x)) / h
    return slope


def _divided_by_h(x, h):
    def f(x):
        return np.sum(x**4) + np.sum(x) ** 2

    slope = np.zeros(len(x))
    for p in range(len(x)):
        ahead, back = x.copy(), x.copy()
        ahead[p] += h
        back[p] -= h
        slope[p] = (f(ahead) - f(back)) / h
    return slope


def _never_moved_back(x, h):
    def f(x):
        return np.sum(x**4) + np.sum(x) ** 2

    slope = np.zeros(len(x))
    ahead, back = x.copy(), x.copy()
    for p in range(len(x)):
        ahead[p] += h
        back[p] -= h
        slope[p] = (f(ahead) - f(back)) / (2 * h)
    return slope


def _all_at_once(x, h):
    def f(x):
        return np.sum(x**4) + np.sum(x) ** 2

    return np.ones(len(x)) * (f(x + h) - f(x - h)) / (2 * h)


def _by_hand(x, h):
    return 4 * x**3 + 2 * np.sum(x)


def _points(rng):
    return [
        (rng.uniform(-2, 2, size=3), 0.5),
        (rng.uniform(-2, 2, size=2), 0.1),
        (rng.uniform(-2, 2, size=5), 0.25),
        (rng.uniform(1, 2, size=1), 0.5),
        (rng.uniform(-2, -1, size=1), 0.2),
    ]


def q6():
    return Implementation(
        _central_gradient,
        _points,
        slips=[
            Slip(
                "forward difference",
                _forward,
                "The values ahead are right, but a central difference also goes equally far back.",
            ),
            Slip(
                "divided by h alone",
                _divided_by_h,
                "Everything is twice as large as it should be: how far apart are the two points?",
            ),
            Slip(
                "never moved back",
                _never_moved_back,
                "The first entry is right. After that, the entries that you moved earlier have "
                "not been moved back.",
            ),
            Slip(
                "all entries at once",
                _all_at_once,
                "You move all entries of x together. For each slope only one entry may move, and "
                "all the others must stay fixed.",
            ),
            Slip(
                "derived by hand",
                _by_hand,
                "The derivative, worked out by hand, is right. But a check must use nothing of f "
                "but its values.",
            ),
        ],
        properties=[
            part("the first entry", of=lambda slopes, *_: slopes[0]),
            part("a single variable", where=lambda x, h: len(x) == 1),
            up_to_a_factor("everything but a factor"),
        ],
    )


def q8(loss, user, item, factor):
    return half_gradient("v", loss, user, item, factor)


def q8_printed(loss, user, item, factor):
    return half_gradient_printed("v", loss, user, item, factor)
