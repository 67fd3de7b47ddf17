"""Right answers and slips of 12-als. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip, part, source_of
from mfteach.grading.assignments.tables import tables

r1, r2, lam_ = sp.symbols("r1 r2 lam")


def q1(a, b, c, d, lam):
    first, second = a + b, c * d
    return Number(
        right=[sp.Rational(first, 2 + lam), sp.Rational(second, c**2 + lam)],
        slips=[
            Slip(
                "penalty left out",
                [sp.Rational(first, 2), sp.Rational(second, c**2)],
                "The penalty is missing: it belongs on the diagonal of the matrix.",
            ),
            Slip(
                "films not weighted",
                [sp.Rational(first, 2 + lam), sp.Rational(d, 1 + lam)],
                "The first number is right. The last film has more than 1 of its factor: that "
                "number enters the right-hand side once, and the matrix squared.",
            ),
            Slip(
                "factors not squared",
                [sp.Rational(first, 2 + lam), sp.Rational(second, c + lam)],
                "The first number is right. In the matrix of the normal equations the factors are "
                "squared.",
            ),
            Slip(
                "numbers swapped",
                [sp.Rational(second, c**2 + lam), sp.Rational(first, 2 + lam)],
                "Both numbers are right, but in the wrong order.",
            ),
            Slip(
                "not divided",
                [first, second],
                "This is the right-hand side of the equations. Solve them.",
            ),
        ],
    )


def q2(v, w):
    right = (v * r1 + w * r2) / (v**2 + w**2 + lam_)
    return Formula(
        right,
        slips=[
            Slip(
                "penalty left out",
                (v * r1 + w * r2) / (v**2 + w**2),
                "Without a penalty this is right. Where does lam come in when you differentiate?",
            ),
            Slip(
                "films not weighted",
                (r1 + r2) / (v**2 + w**2 + lam_),
                "Each rating is weighted by how much of the factor its film has: the inner "
                "derivative is missing.",
            ),
            Slip(
                "factors not squared",
                (v * r1 + w * r2) / (v + w + lam_),
                "The numerator is right. In the denominator the factors are squared.",
            ),
            Slip(
                "penalty on the wrong side",
                (v * r1 + w * r2 + lam_) / (v**2 + w**2),
                "The penalty term contains u, so it goes with the other terms that contain u.",
            ),
            Slip(
                "mean of two fits",
                (r1 / v + r2 / w) / 2,
                "Each rating alone would give a different u. The best u for both is not their "
                "plain mean.",
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
                "The first number is right. But when v is updated, u has already been updated: "
                "the second half step uses the new u.",
            ),
            Slip(
                "penalty left out",
                [sp.Rational(r, v), v],
                "That would be right without a penalty. The penalty pulls both numbers towards 0.",
            ),
            Slip(
                "second half forgotten",
                [new_u, v],
                "The first number is right. Next, v is updated.",
            ),
            Slip(
                "factors not squared",
                [slip_u, _not_squared(r, slip_u, lam)],
                "Differentiate again: the number that is fixed appears once in the error and once "
                "in front of it.",
            ),
            Slip(
                "the other half first",
                [_bottom(r, _bottom(r, u, lam), lam), _bottom(r, u, lam)],
                "You started with v, and then updated u. The question asks for u first, then v.",
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
                "They are the best possible, because each half step solves a convex problem "
                "exactly.",
                "The best U for this V, and the best V for this U: is that the best pair? Think "
                "of a column of zeros.",
            ),
            Slip(
                "learning rate expected",
                "The learning rate was too small; with a larger one $J$ would fall further.",
                "Which learning rate? A half step jumps straight to the minimum over what it can "
                "change.",
            ),
            Slip(
                "may have risen",
                "$J$ may have risen on the way, because half steps overshoot.",
                "A half step lands on the lowest point that it can reach, and the point where it "
                "starts is one of those.",
            ),
            Slip(
                "gradient not zero",
                "The gradient of $J$ need not be $0$ there, because each half step looks at only "
                "one side.",
                "Each half step makes its own part of the gradient 0. What if neither half step "
                "changes anything any more?",
            ),
        ],
    )


def _experiment(seed):
    """Return the number of sweeps, J of ALS, and J of as many steps of gradient descent."""
    rng = np.random.default_rng(seed)
    R = rng.normal(size=(8, 6))
    V = rng.normal(size=(6, 2))
    P, Q = rng.normal(size=(8, 2)), V.copy()
    table = []
    for sweep in range(1, 9):
        U = R @ V @ np.linalg.inv(V.T @ V + 0.1 * np.eye(2))
        V = R.T @ U @ np.linalg.inv(U.T @ U + 0.1 * np.eye(2))
        E = R - P @ Q.T
        P, Q = P + 0.05 * (E @ Q - 0.1 * P), Q + 0.05 * (E.T @ P - 0.1 * Q)
        pairs = ((U, V), (P, Q))
        squares = (
            np.sum((R - A @ B.T) ** 2) + 0.1 * np.sum(A**2) + 0.1 * np.sum(B**2) for A, B in pairs
        )
        table.append((sweep, *(s / 2 for s in squares)))
    return table


def q5(seed):
    rows = _experiment(seed)
    return Number(
        right=rows[-1][1],
        slips=[
            Slip("gradient descent instead of ALS", rows[-1][2], "That is J of gradient descent."),
            Slip("first sweep", rows[0][1], "That is J after the first sweep."),
            Slip(
                "first step of gradient descent",
                rows[0][2],
                "That is J after the first step of gradient descent.",
            ),
        ],
        computed=True,
    )


def q5_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def _als_half_step(R, W, V, lam, mu):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        known = W[i] == 1
        A = V[known].T @ V[known] + lam * np.eye(k)
        U[i] = np.linalg.solve(A, V[known].T @ (R[i, known] - mu))
    return U


def _all_items(R, W, V, lam, mu):
    A = V.T @ V + lam * np.eye(V.shape[1])
    return np.linalg.solve(A, V.T @ (W * (R - mu)).T).T


def _zeros_are_blanks(R, W, V, lam, mu):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        known = R[i] != 0
        A = V[known].T @ V[known] + lam * np.eye(k)
        U[i] = np.linalg.solve(A, V[known].T @ (R[i, known] - mu))
    return U


def _no_penalty(R, W, V, lam, mu):
    U = np.zeros((len(R), V.shape[1]))
    for i in range(len(R)):
        known = W[i] == 1
        U[i] = np.linalg.lstsq(V[known], R[i, known] - mu, rcond=None)[0]
    return U


def _penalty_by_count(R, W, V, lam, mu):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        known = W[i] == 1
        A = V[known].T @ V[known] + lam * max(known.sum(), 1) * np.eye(k)
        U[i] = np.linalg.solve(A, V[known].T @ (R[i, known] - mu))
    return U


def _penalty_everywhere(R, W, V, lam, mu):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        known = W[i] == 1
        A = V[known].T @ V[known] + lam
        U[i] = np.linalg.pinv(A) @ V[known].T @ (R[i, known] - mu)
    return U


def _mean_forgotten(R, W, V, lam, mu):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        known = W[i] == 1
        A = V[known].T @ V[known] + lam * np.eye(k)
        U[i] = np.linalg.solve(A, V[known].T @ R[i, known])
    return U


def _right_side_only(R, W, V, lam, mu):
    return (W * (R - mu)) @ V


def _instances(rng):
    return [
        (
            R,
            W,
            rng.normal(size=(R.shape[1], k)),
            float(rng.uniform(0.3, 3)),
            float(rng.uniform(1, 3)),
        )
        for (R, W), k in zip(tables(rng), (2, 3, 2, 2, 1, 1), strict=True)
    ]


def q6():
    return Implementation(
        _als_half_step,
        _instances,
        slips=[
            Slip(
                "blank read as 0",
                _all_items,
                "One matrix for everybody: that treats blanks as ratings of 0. Each user has "
                "their own matrix, built from the items they rated.",
            ),
            Slip(
                "0 read as blank",
                _zeros_are_blanks,
                "You left out a rating of 0. Use W, not R, to see which ratings are known.",
            ),
            Slip("penalty left out", _no_penalty, "The penalty lam is missing on the diagonal."),
            Slip(
                "penalty by count",
                _penalty_by_count,
                "You use lam times each user's number of ratings. The question asks for the plain "
                "penalty.",
            ),
            Slip(
                "penalty on every entry",
                _penalty_everywhere,
                "You added lam to every entry of the matrix. It belongs on the diagonal.",
            ),
            Slip(
                "mean forgotten",
                _mean_forgotten,
                "The equations are right but for the mean, which is predicted for everybody.",
            ),
            Slip(
                "equations not solved",
                _right_side_only,
                "These are the right-hand sides. You still have to solve the equations.",
            ),
        ],
        properties=[
            part("tables without blanks", where=lambda R, W, V, lam, mu: bool(W.all())),
            part("one factor", where=lambda R, W, V, lam, mu: V.shape[1] == 1),
            part(
                "the direction of the only row",
                of=lambda U, *_: U / np.linalg.norm(U),
                where=lambda R, W, V, lam, mu: W.sum() == 1,
            ),
        ],
    )
