"""Answers that students of lesson 08 give: right ones in different forms, wrong ones with words."""

import numpy as np
import sympy

from mfteach.answers import Ledger


def ledger(name, *lines):
    mine = Ledger(name)
    for line in lines:
        mine.add(line)
    return mine


def halves(first, second):
    """Return a student's function, with its two halves as a student writes them."""

    def my_gradient(R, W, U, V):
        E = W * (R - U @ V.T)
        return first(E, U, V), second(E, U, V)

    return my_gradient


def in_a_list(R, W, U, V):
    E = W * (R - U @ V.T)
    return [-(E @ V), -(U.T @ E).T]


def without_mask(R, W, U, V):
    E = R - U @ V.T
    return -E @ V, -E.T @ U


LOSS = "d/dv_js 1/2 sum_{i in U_j} e_ij^2"
APART = "dJ/du_is + d/du_is lambda/2 sum_q u_iq^2"

RIGHT = {
    "08-1": [
        ledger("v", LOSS, "sum_{i in U_j} e_ij (-d/dv_js rhat_ij)", "-sum_{i in U_j} u_is e_ij"),
        ledger("v", LOSS, "sum_{i in U_j} -u_is e_ij"),
        ledger("v", LOSS, "sum_{i in U_j} u_is e_ij", r"-\sum_{i \in U_j} u_{is} e_{ij}"),
    ],
    "08-2": [
        ledger("ridge", APART, "-sum_{j in I_i} v_js e_ij + lambda u_is"),
        ledger("ridge", APART, "dJ/du_is + lambda u_is", "lambda u_is - sum_{j in I_i} v_js e_ij"),
        ledger("ridge", APART, r"-\sum_{j \in I_i} v_{js} e_{ij} + \lambda u_{is}"),
    ],
    "08-3": [
        halves(lambda E, U, V: -E @ V, lambda E, U, V: -E.T @ U),
        halves(lambda E, U, V: -np.einsum("ij,js->is", E, V), lambda E, U, V: -np.dot(E.T, U)),
        in_a_list,
    ],
    "08-exit": [[0, 2], (0.0, 2.0), "0, 2", np.array([-0.0, 2]), sympy.Matrix([0, 2])],
}

WRONG = {
    "08-1": [
        (ledger("v", "sum_{i in U_j} u_is e_ij"), "no line is proved so far"),
        (ledger("v", LOSS), "a derivative is left"),
        (ledger("v", LOSS, "-sum_{j in I_i} u_is e_ij"), "Its own hint() names the next step."),
        (ledger("u", "d/du_is 1/2 sum_{j in I_i} e_ij^2"), "derives something else"),
        ("-sum_{i in U_j} u_is e_ij", "is not a ledger"),
    ],
    "08-2": [
        (ledger("ridge", "dJ/du_is + lambda u_is^2"), "no line is proved so far"),
        (ledger("ridge", APART), "a derivative is left"),
        (ledger("v", LOSS), "derives something else"),
        (0, "is not a ledger"),
    ],
    "08-3": [
        (halves(lambda E, U, V: E @ V, lambda E, U, V: E.T @ U), "missing in both halves"),
        (halves(lambda E, U, V: E @ V, lambda E, U, V: -E.T @ U), "The half for U"),
        (halves(lambda E, U, V: -E @ V, lambda E, U, V: E.T @ U), "The half for V"),
        (halves(lambda E, U, V: -2 * E @ V, lambda E, U, V: -2 * E.T @ U), "Twice too large"),
        (without_mask, "what is W for?"),
        (halves(lambda E, U, V: -E @ V, lambda E, U, V: ...), "entry 2 of 2 that it returns"),
        (halves(lambda E, U, V: -E @ V, lambda E, U, V: -E @ U), "stops with ValueError"),
        (halves(lambda E, U, V: -E.T @ U, lambda E, U, V: -E @ V), "shape (3, 2)"),
        (halves(lambda E, U, V: 0 * U, lambda E, U, V: 0 * V), "value 1 of 2"),
        (lambda R, W, U, V: -(W * (R - U @ V.T)) @ V, "return a, b"),
        (lambda factors: factors, "must take the arguments (R, W, U, V)"),
    ],
    "08-exit": [
        ([0, -2], "Every sign"),
        ([2, 0], "in another order"),
        ([-2, 4], "changed her mind"),
        ([2, -4], "without the minus"),
        ([2, 8], "its own user's taste"),
        ([0, 4], "Entry 2 of 2"),
        ([0, ...], "not answered yet"),
        (2, "a list of 2 numbers"),
    ],
}
