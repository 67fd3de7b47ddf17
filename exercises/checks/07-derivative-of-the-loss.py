"""Right answers and slips of 07. Never released, never in a student's process."""

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

N_ITEMS, N_FACTORS = 6, 3  # of the first question
u = sp.Symbol("u")


def q1(i, s, rated):
    def total(term, items=rated, sign="-"):
        inside = " + ".join(term(j) for j in items)
        return f"$-({inside})$" if sign == "-" else f"${inside}$"

    def share(j):
        return f"e_{{{i}{j}}} v_{{{j}{s}}}"

    def all_factors(j):
        inside = " + ".join(f"v_{{{j}{q}}}" for q in range(1, N_FACTORS + 1))
        return f"e_{{{i}{j}}} ({inside})"

    return Choice(
        right=total(share),
        slips=[
            Slip(
                "minus forgotten",
                total(share, sign="+"),
                "The error is true minus predicted. With which sign does the prediction appear in "
                "it, and therefore its derivative?",
            ),
            Slip(
                "blank read as 0",
                total(share, range(1, N_ITEMS + 1)),
                "Your sum includes the errors of films that this user never rated. There are no "
                "such errors.",
            ),
            Slip(
                "inner derivative forgotten",
                total(lambda j: f"e_{{{i}{j}}}"),
                "You stopped after the outer derivative. How fast does each prediction change "
                "when the user's number changes?",
            ),
            Slip(
                "bound and free index mixed up",
                total(all_factors),
                "Only one of the user's numbers varies. The terms of the other factors stay as "
                "they are.",
            ),
            Slip(
                "factor first in V",
                total(lambda j: f"e_{{{i}{j}}} v_{{{s}{j}}}"),
                "In V the film is the row, and the factor comes second.",
            ),
        ],
    )


def q1_printed(i, s, rated):
    return {"films": f"{rated[0]}, {rated[1]} and {rated[2]}"}


def q2(r, p, t, q):
    first, second = r - p * u, t + q * u
    loss = (first**2 + second**2) / 2
    right = sp.expand(sp.diff(loss, u))
    return Formula(
        right,
        slips=[
            Slip(
                "inner derivative forgotten",
                first + second,
                "That is the outer derivative of both squares. Each bracket has an inner "
                "derivative too.",
            ),
            Slip(
                "minus forgotten",
                p * first + q * second,
                "The factors are right. But how does the first bracket change when u grows: does "
                "it get larger or smaller?",
            ),
            Slip(
                "2 and half not cancelled",
                2 * right,
                "Everything is twice as large as it should be: what happens to the 2 from the "
                "square and the half?",
            ),
            Slip(
                "2 of the square forgotten",
                right / 2,
                "Everything is half of what it should be: the square brings down a 2.",
            ),
            Slip(
                "size of the inner derivative lost",
                second - first,
                "The signs of the inner derivatives are there. How large are they?",
            ),
        ],
        function=loss,
        variable=u,
    )


def _user(a, b, c, d, e, f, g, h, x, y):
    """Tastes, shares of the three films, and errors; the third film is not rated."""
    tastes, shares = np.array([a, b]), np.array([[c, d], [e, f], [g, h]])
    return tastes, shares, np.array([x, y, 0])


def q3(a, b, c, d, e, f, g, h, x, y):
    tastes, shares, errors = _user(a, b, c, d, e, f, g, h, x, y)
    right = -errors @ shares
    with_blank = errors.copy()
    with_blank[2] = -shares[2] @ tastes
    return Number(
        right=right.tolist(),
        slips=[
            Slip(
                "minus forgotten",
                (-right).tolist(),
                "Both numbers have the wrong sign. The prediction appears in the error with a "
                "minus sign.",
            ),
            Slip(
                "blank read as 0",
                (-with_blank @ shares).tolist(),
                "Your sums include film 3 with a rating of 0. This user has not rated it.",
            ),
            Slip(
                "inner derivative forgotten",
                [-errors.sum().item()] * 2,
                "You added up only the errors. A film with more of a factor counts more in that "
                "factor's sum.",
            ),
            Slip(
                "the user's numbers instead of the films'",
                (-errors.sum() * tastes).tolist(),
                "You multiplied by the user's own numbers. When one of them changes, how fast "
                "does the prediction change?",
            ),
            Slip(
                "factors swapped",
                right[::-1].tolist(),
                "These are the right two numbers in the wrong order: first factor 1, then factor "
                "2.",
            ),
        ],
    )


def q3_printed(a, b, c, d, e, f, g, h, x, y):
    tastes, shares, errors = _user(a, b, c, d, e, f, g, h, x, y)
    ratings = shares @ tastes + errors
    return {"r1": str(ratings[0]), "r2": str(ratings[1])}


def q4(place, user, item, factor):
    lines = _lines(place, user, item, factor)
    why = (
        "Line A keeps the terms that contain the number in question: those of the films that this "
        "user rated. All other terms of J are constants.",
        "Line B is the chain rule: the outer derivative of a half square is what was squared, and "
        "the inner derivative is still to be taken.",
        "Line C takes the inner derivative: a rating is constant, and a prediction changes only "
        "through the term of one factor, which the delta picks out.",
        "Line D is allowed: the delta is 0 except for one q, so one term of the sum is left.",
        "Line E only calls the first bracket by its name and moves what was already there.",
    )
    return Choice(
        right=lines[place - 1],
        slips=[
            Slip(f"line {letter} suspected", line, diagnosis)
            for letter, line, diagnosis in zip("ABCDE", lines, why, strict=True)
            if line != lines[place - 1]
        ],
        in_order=lines,
    )


def _lines(place, i, j, s):
    """Return the derivation, with a mistake in one line that all lines below it inherit."""
    items = rf"\sum_{{{j}=1}}^{{n}}" if place == 1 else rf"\sum_{{{j} \in I_{i}}}"
    two = "2 " if place == 2 else ""
    minus = "" if place == 3 else "-"
    share = rf"\sum_{{q=1}}^{{k}} v_{{{j}q}}" if place == 4 else f"v_{{{j}{s}}}"
    last = "" if place in (3, 5) else "-"
    error = rf"\Big( r_{{{i}{j}}} - \sum_{{q=1}}^{{k}} u_{{{i}q}} v_{{{j}q}} \Big)"
    by_u = rf"\frac{{\partial}}{{\partial u_{{{i}{s}}}}}"
    delta = rf"\sum_{{q=1}}^{{k}} \delta_{{q{s}}} v_{{{j}q}}"
    lines = [
        rf"{by_u} \frac12 {items} {error}^2",
        rf"{items} {two}{error} \cdot {by_u} {error}",
        rf"{items} {two}{error} \Big( {minus}{delta} \Big)",
        rf"{items} {two}{error} \Big( {minus}{share} \Big)",
        rf"{last}{items} {two}e_{{{i}{j}}} {share}",
    ]
    return [rf"$\displaystyle {{}}= {line}$" for line in lines]


def _experiment(seed):
    """Return your user's first number, and J: a bit smaller, as it is, a bit larger."""
    rng = np.random.default_rng(seed)
    V, u = rng.uniform(0.5, 2, size=(4, 2)), rng.uniform(0.2, 0.6, size=2)
    ratings = V @ u + rng.uniform(0.5, 1.5, size=4)  # higher than what is predicted

    def loss(first):
        return np.sum((ratings - V @ np.array([first, u[1]])) ** 2) / 2

    return [(u[0] + change, loss(u[0] + change)) for change in (-0.1, 0, 0.1)]


def q5(seed):
    rows = _experiment(seed)
    return Number(
        right=(rows[2][1] - rows[0][1]) / 0.2,
        slips=[
            Slip(
                "minus forgotten",
                (rows[0][1] - rows[2][1]) / 0.2,
                "When the number grows, does J rise or fall?",
            ),
            Slip(
                "half the run",
                (rows[2][1] - rows[0][1]) / 0.1,
                "The rise is right. From the first line to the last the run is longer.",
            ),
            Slip(
                "rise without run", rows[2][1] - rows[0][1], "This is a rise. Divide it by its run."
            ),
            Slip(
                "one-sided",
                (rows[2][1] - rows[1][1]) / 0.1,
                "That goes ahead only. A central difference goes equally far back.",
            ),
        ],
        computed=True,
    )


def q5_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def _dj_du(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return -E @ V


def _minus_forgotten(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return E @ V


def _blanks_as_zeros(R, W, U, V, mu):
    E = R - mu - U @ V.T
    return -E @ V


def _not_cancelled(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return -2 * E @ V


def _inner_derivative_forgotten(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return -E @ np.ones_like(V)


def _all_users(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return np.ones((len(U), 1)) * (-E @ V).sum(axis=0)


def _other_half(R, W, U, V, mu):
    E = W * (R - mu - U @ V.T)
    return -E.T @ U


def _mean_forgotten(R, W, U, V, mu):
    E = W * (R - U @ V.T)
    return -E @ V


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


def q6():
    return Implementation(
        _dj_du,
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
                "2 and half not cancelled",
                _not_cancelled,
                "Twice as large as it should be: J has a half that cancels the 2 from the square.",
            ),
            Slip(
                "inner derivative forgotten",
                _inner_derivative_forgotten,
                "The errors are right, but you add them up without multiplying them by the films' "
                "shares of the factor.",
            ),
            Slip(
                "sum over all users",
                _all_users,
                "The terms are right, but all rows are the same: each user gets the errors of all"
                " users.",
            ),
            Slip(
                "mean forgotten",
                _mean_forgotten,
                "The product is right, but the predictions here are the mean and what the factors "
                "add to it.",
            ),
            Slip(
                "the other half",
                _other_half,
                "That is right for the films' numbers, but the question asks for the derivative "
                "with respect to the users'. It has a row for each user.",
            ),
        ],
        properties=[
            part("the single known rating", where=lambda R, W, U, V, mu: W.sum() == 1),
            part("tables without blanks", where=lambda R, W, U, V, mu: bool(W.all())),
            part("the size of each entry", of=lambda gradient, *_: abs(gradient)),
            up_to_a_factor("everything but a factor"),
        ],
    )


def q8(loss, user, item, factor):
    return half_gradient("u", loss, user, item, factor)


def q8_printed(loss, user, item, factor):
    return half_gradient_printed("u", loss, user, item, factor)
