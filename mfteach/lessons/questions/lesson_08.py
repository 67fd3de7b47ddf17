"""Lesson 08, the other half and the gradient check: its questions and predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import Derivation, Function, Number, Prediction

Table = NDArray[np.float64]

# 3: both halves as matrix products ----------------------------------------------------------------


def _halves(R: Table, W: Table, U: Table, V: Table) -> tuple[Table, Table]:
    E = W * (R - U @ V.T)
    return -E @ V, -E.T @ U


def _uphill(R: Table, W: Table, U: Table, V: Table) -> tuple[Table, Table]:
    dU, dV = _halves(R, W, U, V)
    return -dU, -dV


def _first_uphill(R: Table, W: Table, U: Table, V: Table) -> tuple[Table, Table]:
    dU, dV = _halves(R, W, U, V)
    return -dU, dV


def _second_uphill(R: Table, W: Table, U: Table, V: Table) -> tuple[Table, Table]:
    dU, dV = _halves(R, W, U, V)
    return dU, -dV


def _twice(R: Table, W: Table, U: Table, V: Table) -> tuple[Table, Table]:
    dU, dV = _halves(R, W, U, V)
    return 2 * dU, 2 * dV


def _without_mask(R: Table, W: Table, U: Table, V: Table) -> tuple[Table, Table]:
    return _halves(R, np.ones_like(W), U, V)


def _tables(m: int, n: int, k: int, known: float, seed: int) -> tuple[Table, ...]:
    rng = np.random.default_rng(seed)
    W: Table = (rng.random((m, n)) < known).astype(np.float64)
    R: Table = W * rng.uniform(1, 5, (m, n))
    return R, W, rng.normal(size=(m, k)), rng.normal(size=(n, k))


# exit: Cleopatra in the table with one surprise, with the factors written by hand -----------------

_tastes = np.array([[1, 0]] * 3 + [[1, 1]] + [[-1, 1]] * 3)
_errors = np.array([0, 0, 0, -1, -1, 1, -1])
_slopes = [int(slope) + 0 for slope in -(_errors @ _tastes)]

QUESTIONS = {
    "1": Derivation(
        name="v",
        hints=(
            "Which errors contain $v_{js}$ at all? Begin with the part of $J$ that has them.",
            "The chain rule, as in lesson 07: what is the derivative of the prediction now?",
        ),
        solution=(
            "One of many ways:\n\n"
            "```python\n"
            'mine = Ledger("v")\n'
            'mine.add("d/dv_js 1/2 sum_{i in U_j} e_ij^2", rule="only item j matters")\n'
            'mine.add("sum_{i in U_j} e_ij (-d/dv_js rhat_ij)", rule="chain rule")\n'
            'mine.add("-sum_{i in U_j} u_is e_ij")\n'
            "```"
        ),
    ),
    "2": Derivation(
        name="ridge",
        hints=(
            "The derivative of a sum is the sum of the derivatives: $J$ and the penalty apart.",
            "How many of all the squares in the penalty contain $u_{is}$?",
        ),
        solution=(
            "One of many ways:\n\n"
            "```python\n"
            'with_penalty = Ledger("ridge")\n'
            'with_penalty.add("dJ/du_is + d/du_is lambda/2 sum_q u_iq^2")\n'
            'with_penalty.add("-sum_{j in I_i} v_js e_ij + lambda u_is")\n'
            "```\n\n"
            "Of all the squares only one contains $u_{is}$: the delta again."
        ),
    ),
    "3": Function(
        right=_halves,
        inputs=[_tables(3, 4, 2, 0.6, 0), _tables(3, 3, 3, 0.8, 1)],
        slips=[
            (_uphill, "That is uphill: a minus is missing in both halves."),
            (_first_uphill, "The half for U has lost its minus."),
            (_second_uphill, "The half for V has lost its minus."),
            (_twice, "Twice too large: the 2 of the square cancels the half."),
            (_without_mask, "That counts the blanks as ratings of 0: what is W for?"),
        ],
        hints=(
            "The last line of each of the two ledgers with matrices is what you need.",
            "Look at the shapes: what must `E` be multiplied by, to give a table like `U`?",
            "`E.T` has the rows and columns of `E` exchanged.",
        ),
        solution=(
            "`dJ_dU = -E @ V` and `dJ_dV = -E.T @ U`. `E` is 0 where the rating is unknown, so "
            "the blanks add nothing."
        ),
    ),
    "exit": Number(
        right=_slopes,
        slips=[
            ([-2, 4], "That is the clean table. User 6 has changed her mind."),
            ([2, -4], "That is the clean table, and without the minus."),
            (
                [-int(s) for s in _errors.sum() * _tastes.sum(axis=0)],
                "Multiply each error by its own user's taste, and then add up.",
            ),
        ],
        hints=(
            "Only users 4 to 7 have errors. Write each error beside that user's two tastes.",
            "Four products for each factor; then the minus in front of the sum.",
        ),
        solution=(
            r"For History $-\big((-1) \cdot 1 + (-1)(-1) + 1 \cdot (-1) + (-1)(-1)\big) = "
            rf"{_slopes[0]}$, and for Romance $-\big((-1) + (-1) + 1 + (-1)\big) = {_slopes[1]}$. "
            "So a small step downhill leaves her History as it is and takes some of her Romance "
            "away."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "only the errors of item $j$ contain $v_{js}$. The users who rated the item take the place "
        "of the items that the user rated, and $u_{is}$ takes the place of $v_{js}$.",
        "Users and items have swapped places, and each error is the same as before.",
    ),
    "b": Prediction(
        "the forgotten mask passes on the full table and is found on the one with gaps; the "
        "gradient of zeros is found at the random point, and passes where all factors are 0.",
        "On a full table the mask has nothing to do, so nobody can see that it is missing; and "
        "where all factors are 0, the gradient of $J$ is 0 as well, and a program that returns "
        "nothing but zeros is right there.",
    ),
    "c": Prediction(
        "lowest at the largest $h$, 0.1. From there on the difference grows as $h$ gets smaller.",
        "Two things are at work here. In each *single* coordinate $J$ is a parabola, or constant: "
        "every error contains the coordinate at most once, and the errors are squared. On a "
        "parabola the central difference is exact, whatever the $h$ (lesson 02). And the computer "
        r"rounds to about 16 digits: $J(\text{ahead}) - J(\text{back})$ is a small difference of "
        "larger numbers, and dividing it by a tiny $h$ magnifies the rounding error.",
    ),
}
