"""Answers that students of lesson 09 give: right ones in different forms, wrong ones with words."""

import numpy as np
import sympy

import mfteach as mf

_loss = mf.Loss(mf.datasets.history_romance(surprise=True))
GIVEN = {
    "09-1": {
        "loss": _loss,
        "start": mf.Factors.random((7, 6), n_factors=2, rng=1),
        "floor": 0.9372660708083494,
    }
}


def _by_loops(U, V, R, eta):
    new_U, new_V = U.copy(), V.copy()
    for i in range(len(U)):
        for j in range(len(V)):
            e = R[i, j] - U[i] @ V[j]
            new_U[i] += eta * e * V[j]
            new_V[j] += eta * e * U[i]
    return new_U, new_V


def _minus_gradient(U, V, R, eta):
    E = R - U @ V.T
    return U - eta * (-E @ V), V - eta * (-E.T @ U)


def _friend(U, V, R, eta):
    U = U + eta * (R - U @ V.T) @ V
    V = V + eta * (R - U @ V.T).T @ U
    return U, V


def _old_errors_new_U(U, V, R, eta):
    E = R - U @ V.T
    U = U + eta * E @ V
    V = V + eta * E.T @ U
    return U, V


RIGHT = {
    "09-1": [0.15, "0.2", "0,18", "1/6", np.float64(0.12), sympy.Rational(1, 5)],
    "09-2": [
        lambda U, V, R, eta: (U + eta * (R - U @ V.T) @ V, V + eta * (R - U @ V.T).T @ U),
        _by_loops,
        _minus_gradient,
    ],
    "09-3": [4.5, "9/2", "4,5", sympy.Rational(9, 2), np.float64(4.5)],
    "09-exit": ["B", "b)", "(B)"],
}

WRONG = {
    "09-1": [
        (0.05, "41 steps. Try a larger"),
        (0.1, "21 steps. Try a larger"),
        (0.21, "22 steps. Try a smaller"),
        (0.225, "is still 1.1"),
        (0.3, "exploded after"),
        (0, "anything else does not go downhill"),
        (-0.1, "larger than 0"),
        (1e-9, "is still 16.5"),
        (10**9, "exploded"),
        ("fast", "cannot be read as a number"),
        ([0.1, 0.2], "single number"),
    ],
    "09-2": [
        (_friend, "gradient of its own"),
        (_old_errors_new_U, "slipped into"),
        (lambda U, V, R, eta: _minus_gradient(U, V, R, -eta), "uphill"),
        (lambda U, V, R, eta: (eta * (R - U @ V.T) @ V, eta * (R - U @ V.T).T @ U), "two steps"),
        (lambda U, V, R, eta: ((U @ V.T - R) @ V, (U @ V.T - R).T @ U), "That is the gradient"),
        (lambda U, V, R, eta: _minus_gradient(U, V, R, 1), "learning rate is missing"),
        (lambda U, V, R, eta: (_minus_gradient(U, V, R, eta)[0], V), "V moves too"),
        (lambda U, V, R, eta: (U, V), "before the step"),
        (lambda U, V, R, eta: (U + eta * (R - U @ V.T) @ V, V + eta * (R - U @ V.T) @ U), "stops"),
        (lambda U, V, R, eta: U, ""),
        (lambda U, V, R, eta: None, "is a return missing?"),
    ],
    "09-3": [
        (0, "*different* factors"),
        (9, "the half"),
        (12, "the one to keep"),
        (3, "adds up their squares"),
        (1.5, "*squares*"),
        (16.5, "no factors at all"),
        (6.24, "too high"),
        (-4.5, "wrong"),
    ],
    "09-exit": [
        ("A", "whole gradient zero"),
        ("C", "One half"),
        ("d", "other way round"),
        ("E", "is not one of A, B, C, D"),
        ("only V", "is not one of"),
    ],
}
