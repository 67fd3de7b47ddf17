"""Right answers and slips of 12-als. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip

r1, r2, lam_ = sp.symbols("r1 r2 lam")


def q1(a, b, c, d, lam):
    first, second = a + b, c * d
    return Number(
        right=[sp.Rational(first, 2 + lam), sp.Rational(second, c**2 + lam)],
        slips=[
            Slip(
                "price left out",
                [sp.Rational(first, 2), sp.Rational(second, c**2)],
                "The price is missing: it stands on the diagonal of the table.",
            ),
            Slip(
                "films not weighted",
                [sp.Rational(first, 2 + lam), sp.Rational(d, 1 + lam)],
                "The first number is right. The last film has more than 1 of its factor: that "
                "counts once on the right side, and squared in the table.",
            ),
            Slip(
                "factor not squared",
                [sp.Rational(first, 2 + lam), sp.Rational(second, c + lam)],
                "The first number is right. In the table of the normal equations factors stand "
                "squared.",
            ),
            Slip(
                "numbers swapped",
                [sp.Rational(second, c**2 + lam), sp.Rational(first, 2 + lam)],
                "Both numbers are right, in the other order.",
            ),
            Slip(
                "not divided",
                [first, second],
                "This is the right side of the equations. Solve them.",
            ),
        ],
    )


def q2(v, w):
    right = (v * r1 + w * r2) / (v**2 + w**2 + lam_)
    return Formula(
        right,
        slips=[
            Slip(
                "price left out",
                (v * r1 + w * r2) / (v**2 + w**2),
                "Without a price this is right. Where does lam come in when you differentiate?",
            ),
            Slip(
                "films not weighted",
                (r1 + r2) / (v**2 + w**2 + lam_),
                "Each rating counts as much as its film has of the factor: the inner derivative "
                "is missing.",
            ),
            Slip(
                "factors not squared",
                (v * r1 + w * r2) / (v + w + lam_),
                "The numerator is right. In the denominator the factors come squared.",
            ),
            Slip(
                "price on the wrong side",
                (v * r1 + w * r2 + lam_) / (v**2 + w**2),
                "The price multiplies u, so it goes to the side of the terms with u.",
            ),
            Slip(
                "mean of two fits",
                (r1 / v + r2 / w) / 2,
                "Each rating alone would ask for another u. The best u for both is no plain mean.",
            ),
        ],
    )


def _bottom(r, other, lam):
    return sp.Integer(r) * other / (other**2 + lam)


def _not_squared(r, other, lam):
    return sp.Integer(r) * other / (other + lam)


def q3(start, u):
    r, v, lam = start
    new_u, slip_u = _bottom(r, v, lam), _not_squared(r, v, lam)
    return Number(
        right=[new_u, _bottom(r, new_u, lam)],
        slips=[
            Slip(
                "both from the old numbers",
                [new_u, _bottom(r, u, lam)],
                "The first number is right. But when v moves, u has moved already: the second half "
                "step holds the new u.",
            ),
            Slip(
                "price left out",
                [sp.Rational(r, v), v],
                "So it would be without a price. The price pulls both numbers towards 0.",
            ),
            Slip(
                "second half forgotten",
                [new_u, v],
                "The first number is right. Then it is v that moves.",
            ),
            Slip(
                "held number not squared",
                [slip_u, _not_squared(r, slip_u, lam)],
                "Differentiate once more: the number that is held stands once in the error and "
                "once in front of it.",
            ),
            Slip(
                "the other half first",
                [_bottom(r, _bottom(r, u, lam), lam), _bottom(r, u, lam)],
                "You began with v, and then moved u. Asked for is first u, then v.",
            ),
        ],
    )


def q3_printed(start, u):
    r, v, lam = start
    return {"r": str(r), "v": str(v), "lam": str(lam)}


def q4(k, J):
    return Choice(
        right="$J$ has not risen in any half step, but there may be better factors.",
        slips=[
            Slip(
                "convex halves taken for a convex whole",
                "They are the best there are, since each half step solves a convex problem "
                "exactly.",
                "The best U for this V, and the best V for this U: is that the best pair? Think of "
                "a column that sleeps.",
            ),
            Slip(
                "learning rate expected",
                "The learning rate was too small; with a larger one $J$ would fall further.",
                "Which learning rate? A half step jumps to the bottom of what it may move.",
            ),
            Slip(
                "may have risen",
                "$J$ may have risen on the way, as half steps overshoot.",
                "A half step lands on the lowest point that it can reach, and where it stands is "
                "one of those.",
            ),
            Slip(
                "gradient not zero",
                "The gradient of $J$ need not be $0$ there, as each half step looks at one side "
                "only.",
                "Each half step makes its own part of the gradient 0. What if neither of the two "
                "moves anything any more?",
            ),
        ],
    )


def q5(n, a):
    return Choice(
        right="Their equations have more than one solution: nothing tells their second number.",
        slips=[
            Slip(
                "blank as zero",
                "Their second number becomes $0$, since they rated no film that has this factor.",
                "A blank is no rating of nothing. Without a price, would another second number fit "
                "their ratings worse?",
            ),
            Slip(
                "solvable by enough ratings",
                f"Nothing special: {n} ratings are enough to find two numbers.",
                "It is not the count alone. All these ratings ask about the same factor.",
            ),
            Slip(
                "no solution",
                "Their equations have no solution, so $J$ has no minimum in their row.",
                "A sum of squares always has a lowest value. How many points reach it?",
            ),
            Slip(
                "infinite",
                "Their second number has no bound: the half step divides by $0$.",
                "A program that divides may do that. What do the equations say: does the second "
                "number stand in them at all?",
            ),
        ],
    )


def _als_half_step(R, W, V, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        known = W[i] == 1
        A = V[known].T @ V[known] + lam * np.eye(k)
        U[i] = np.linalg.solve(A, V[known].T @ R[i, known])
    return U


def _all_items(R, W, V, lam):
    A = V.T @ V + lam * np.eye(V.shape[1])
    return np.linalg.solve(A, V.T @ (W * R).T).T


def _zeros_are_blanks(R, W, V, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        known = R[i] != 0
        A = V[known].T @ V[known] + lam * np.eye(k)
        U[i] = np.linalg.solve(A, V[known].T @ R[i, known])
    return U


def _no_price(R, W, V, lam):
    U = np.zeros((len(R), V.shape[1]))
    for i in range(len(R)):
        known = W[i] == 1
        U[i] = np.linalg.lstsq(V[known], R[i, known], rcond=None)[0]
    return U


def _price_by_count(R, W, V, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        known = W[i] == 1
        A = V[known].T @ V[known] + lam * known.sum() * np.eye(k)
        U[i] = np.linalg.solve(A, V[known].T @ R[i, known])
    return U


def _price_everywhere(R, W, V, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        known = W[i] == 1
        A = V[known].T @ V[known] + lam
        U[i] = np.linalg.pinv(A) @ V[known].T @ R[i, known]
    return U


def _right_side_only(R, W, V, lam):
    return (W * R) @ V


def _instances(rng):
    inputs = []
    for m, n, k in ((3, 5, 2), (4, 6, 3), (5, 4, 1)):
        W = (rng.random((m, n)) < 0.7).astype(float)
        W[0, :k] = 1.0
        W[np.arange(m), np.arange(m) % n] = 1.0  # nobody without a rating
        W[-1, -1] = 0.0
        R = W * rng.integers(1, 6, (m, n))
        R[0, 0] = 0.0  # known, and no blank
        inputs.append((R, W, rng.normal(size=(n, k)), float(rng.uniform(0.3, 3))))
    return inputs


def q6():
    return Implementation(
        _als_half_step,
        _instances,
        slips=[
            Slip(
                "blanks counted as zeros",
                _all_items,
                "One table for everybody: that takes blanks for ratings of 0. Each user has a "
                "table of their own, made of the items that they rated.",
            ),
            Slip(
                "zeros taken for blanks",
                _zeros_are_blanks,
                "A rating of 0 was left out. Ask W which ratings there are, not R.",
            ),
            Slip("price left out", _no_price, "The price lam is missing on the diagonal."),
            Slip(
                "price by count",
                _price_by_count,
                "Each user pays lam times their number of ratings here. Asked for is the plain "
                "price.",
            ),
            Slip(
                "price on every entry",
                _price_everywhere,
                "lam was added to every entry of the table. It belongs on the diagonal.",
            ),
            Slip(
                "equations not solved",
                _right_side_only,
                "These are the right sides. The equations have to be solved.",
            ),
        ],
    )
