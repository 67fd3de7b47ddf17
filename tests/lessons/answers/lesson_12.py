"""Answers that students of lesson 12 give: right ones in different forms, wrong ones with words."""

from fractions import Fraction

import numpy as np


def solve(v, r, strength):
    return np.linalg.solve(v.T @ v + strength * np.eye(v.shape[1]), v.T @ r)


def half(R, V, strength):
    return np.array([solve(V, row, strength) for row in R])


def at_once(R, V, strength):
    U = np.linalg.solve(V.T @ V + strength * np.eye(V.shape[1]), V.T @ R.T).T
    return U, np.linalg.solve(U.T @ U + strength * np.eye(V.shape[1]), U.T @ R).T


def in_loops(R, V, strength):
    U = np.zeros((R.shape[0], V.shape[1]))
    for i in range(R.shape[0]):
        U[i] = solve(V, R[i], strength)
    new = np.zeros_like(V)
    for j in range(R.shape[1]):
        new[j] = solve(U, R[:, j], strength)
    return [U, new]


RIGHT = {
    "12-1": [[0.75, 0], (Fraction(3, 4), 0), "3/4, 0", np.array([0.75, 0.0]), ["3/4", "0"]],
    "12-2": [
        solve,
        lambda v, r, s: np.linalg.inv(v.T @ v + s * np.identity(v.shape[1])) @ (r @ v),
        lambda v, r, lam: np.linalg.solve(
            sum(np.outer(row, row) for row in v) + np.diag([lam] * v.shape[1]), r @ v
        ),
    ],
    "12-3": [
        at_once,
        lambda R, V, s: (half(R, V, s), half(R.T, half(R, V, s), s)),
        lambda R, V, s: tuple(in_loops(R, V, s)),
    ],
    "12-4": [[0, 0], (0.0, 0.0), "(0, 0)", np.zeros(2)],
    "12-exit": [120, 120.0, "120", "30*4"],
}

WRONG = {
    "12-1": [
        ([1, 0], "right for λ = 0"),
        ([3, 0], "That is the right side"),
        ([1 / 3, 0], "not once for each film"),
        ([6 / 7, 0], "not half of it"),
        ([0, 0.75], "another order"),
        ([0.75, 1], "Entry 2 of 2"),
        (0.75, ""),
        ([0.75, ...], "Entry 2 of 2 is not answered yet"),
    ],
    "12-2": [
        (lambda v, r, s: np.linalg.solve(v.T @ v, v.T @ r), "penalty is missing"),
        (lambda v, r, s: np.linalg.solve(v.T @ v + s, v.T @ r), "added to every entry"),
        (
            lambda v, r, s: np.linalg.solve(v.T @ v + s * len(r) * np.eye(v.shape[1]), v.T @ r),
            "penalty by count",
        ),
        (
            lambda v, r, s: np.linalg.solve(v.T @ v + s / 2 * np.eye(v.shape[1]), v.T @ r),
            "not half of it",
        ),
        (lambda v, r, s: v.T @ r, "Solve them"),
        (lambda v, r, s: np.linalg.solve(v @ v.T + s * np.eye(len(r)), r), "a list of 5 numbers"),
        (lambda v, r, s: v.T @ v @ r, "stops with ValueError"),
        (lambda v, r: r, "must take the arguments"),
        (np.array([1.0, 2.0]), "is not a function"),
    ],
    "12-3": [
        (lambda R, V, s: (half(R, V, s), V), "items have not moved"),
        (lambda R, V, s: at_once(R, V, s)[::-1], "users first"),
        (lambda R, V, s: at_once(R, V, 0), "penalty is missing"),
        (
            lambda R, V, s: (half(R, V, s), half(R.T, half(R, V, s), 0)),
            "items have a penalty too",
        ),
        (
            lambda R, V, s: (half(R, at_once(R, V, s)[1], s), at_once(R, V, s)[1]),
            "solved twice",
        ),
        (lambda R, V, s: half(R, V, s), ""),
        (lambda R, V, s: (half(R, V, s), half(R, V, s)), "value 2 of 2"),
        (5, "is not a function"),
    ],
    "12-4": [
        ([5 / 6, 5 / 12], "without regularization"),
        ([5, 10], "grows faster"),
        ([5, 0], "the square of λ"),
        (["25/63", "5/63"], "for λ = 6"),
        ([0.0001, 0], "this answer is exact"),
        (0, ""),
    ],
    "12-exit": [
        (4, "for one user"),
        (16, "how many numbers $A$ has"),
        (480, "entries of the matrices"),
        (30, "how many systems"),
        (34, "too low"),
        (119.9, "this answer is exact"),
    ],
}
