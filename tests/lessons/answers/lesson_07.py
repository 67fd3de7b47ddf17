"""Answers that students of lesson 07 give: right ones in different forms, wrong ones with words."""

import numpy as np
import sympy

from mfteach.answers import Ledger


def ledger(*lines, name="u"):
    mine = Ledger(name)
    for line in lines:
        mine.add(line)
    return mine


LOSS = "d/du_is 1/2 sum_{j in I_i} e_ij^2"

RIGHT = {
    "07-1": [6, "6", "(6)", 6.0, np.int64(6), sympy.Integer(6)],
    "07-2": [
        ledger(LOSS, "sum_{j in I_i} e_ij (-d/du_is rhat_ij)", "-sum_{j in I_i} v_js e_ij"),
        ledger(LOSS, "sum_{j in I_i} e_ij (-sum_q delta_qs v_jq)", "sum_{j in I_i} -v_js e_ij"),
        ledger(
            LOSS,
            "d/du_is 1/2 sum_{j in I_i} (r_ij^2 - 2 r_ij rhat_ij + rhat_ij^2)",
            "1/2 sum_{j in I_i} (-2 r_ij v_js + 2 rhat_ij v_js)",
            r"-\sum_{j \in I_i} v_{js} e_{ij}",
        ),
        ledger(LOSS, "sum_{j in I_i} v_js e_ij", "-sum_{j in I_i} v_js e_ij"),
    ],
    "07-exit": [-6, "−6", -6.0, "-(3 * 2)", sympy.Integer(-6)],
}

WRONG = {
    "07-1": [
        (1, "the last of the five lines"),
        ("5", "the delta keeps only $p = i$."),
        (8, "the delta keeps only $q = s$"),
        (2, "multiply out the result"),
        (7, "$W$ makes a 0"),
        (9, "is not one of 1, 2"),
        ("none", "'none' is not one of"),
    ],
    "07-2": [
        (ledger("d/du_is 1/2 sum_{j in I_i} e_ij"), "no line is proved so far"),
        (ledger(LOSS), "a derivative is left"),
        (ledger(LOSS, "sum_{j in I_i} v_js e_ij"), "Its own hint() names the next step."),
        (ledger("d/dv_js 1/2 sum_{i in U_j} e_ij^2", name="v"), "derives something else"),
        ("-sum_{j in I_i} v_js e_ij", "is not a ledger"),
        (Ledger(start="(r_ij - u_is)^2", goal="r_ij^2 - 2 r_ij u_is + u_is^2"), "something else"),
    ],
    "07-exit": [
        (6, "a minus in front of the sum"),
        (-4, "for factor 2"),
        (4, "factor 2, and without the minus"),
        (2, "What is it multiplied by?"),
        (-2, "share is missing"),
        (-3, "the rating minus the prediction"),
        (3, "in place of the error"),
        (-10, "share of factor 1 counts"),
        (-1, "not $(1, 1)$ any more"),
        ([-6, -4], "single number"),
        ("-v e", "cannot be read as a number"),
    ],
}
