"""Lesson 09, let's factorize: its questions and predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import Choice, Function, Number, Prediction, Property

# 1: a rate that is fast enough --------------------------------------------------------------------

_FEWER_THAN = 20
_NEAR = 1.001
_PATIENCE = 1000
_HOPELESS = 1e6
"""Times the value at the start: the walk will not come back."""


def _walked(loss: Any, start: Any, floor: float, rate: float) -> tuple[int, float]:
    """Return after how many steps descent is near the floor, or gave up, and the value there."""
    point, value, number = start, loss.value(start), 0
    hopeless = _HOPELESS * value
    while _NEAR * floor < value < hopeless and number < _PATIENCE:
        point, number = point - rate * loss.gradient(point), number + 1
        value = loss.value(point)
    return number, value


def _is_too_slow(rate: NDArray[np.float64], *, loss: Any, start: Any, floor: float) -> str:
    eta = float(rate)
    if eta <= 0:
        return "A learning rate is larger than 0: anything else does not go downhill."
    number, value = _walked(loss, start, floor, eta)
    if not value < _HOPELESS * loss.value(start):
        return f"With that rate J has exploded after {number} steps."
    if value > _NEAR * floor:
        return f"With that rate J is still {value:.3f} after {_PATIENCE} steps."
    if number < _FEWER_THAN:
        return ""
    longer = _walked(loss, start, floor, 1.2 * eta)[0] < number
    return f"That takes {number} steps. Try {'a larger' if longer else 'a smaller'} rate."


# 2: one step, both from the same old factors ------------------------------------------------------

_Table = NDArray[np.float64]
_Tables = tuple[_Table, _Table]


def _one_step(U: _Table, V: _Table, R: _Table, eta: float) -> _Tables:
    E = R - U @ V.T
    return U + eta * E @ V, V + eta * E.T @ U


def _one_after_the_other(U: _Table, V: _Table, R: _Table, eta: float) -> _Tables:
    new_U = U + eta * (R - U @ V.T) @ V
    return new_U, V + eta * (R - new_U @ V.T).T @ new_U


def _half_old(U: _Table, V: _Table, R: _Table, eta: float) -> _Tables:
    E = R - U @ V.T
    new_U = U + eta * E @ V
    return new_U, V + eta * E.T @ new_U


def _uphill(U: _Table, V: _Table, R: _Table, eta: float) -> _Tables:
    return _one_step(U, V, R, -eta)


def _only_the_steps(U: _Table, V: _Table, R: _Table, eta: float) -> _Tables:
    new_U, new_V = _one_step(U, V, R, eta)
    return new_U - U, new_V - V


def _gradient(U: _Table, V: _Table, R: _Table, eta: float) -> _Tables:
    E = R - U @ V.T
    return -E @ V, -E.T @ U


def _without_rate(U: _Table, V: _Table, R: _Table, eta: float) -> _Tables:
    return _one_step(U, V, R, 1.0)


def _only_users(U: _Table, V: _Table, R: _Table, eta: float) -> _Tables:
    return _one_step(U, V, R, eta)[0], V


def _unmoved(U: _Table, V: _Table, R: _Table, eta: float) -> _Tables:
    return U, V


_inputs: list[tuple[Any, ...]] = [
    (
        np.array([[1.0, 0.5], [0.0, 1.0], [-1.0, 0.5]]),
        np.array([[1.0, -0.5], [0.5, 0.5]]),
        np.array([[2.0, 1.0], [0.0, 1.0], [-1.0, 1.0]]),
        0.1,
    ),
    (np.array([[0.5]]), np.array([[2.0], [-1.0]]), np.array([[3.0, 1.0]]), 0.05),
]

# 3: two equal columns, on the clean table ---------------------------------------------------------

_squares = (24, 9)
"""The squares of the singular values of the clean table that are not 0."""

# The exit check: one side at zero -----------------------------------------------------------------

QUESTIONS = {
    "1": Property(
        example=0.1,
        fault=_is_too_slow,
        hints=(
            "Read the legends of the figures above: which rates are too slow, and from which on "
            "does J oscillate?",
            "A little below $2/L$ each step overshoots almost as far as it came. Stay away from "
            "the limit on both sides: halve the interval, and again.",
        ),
        solution=(
            "From this start every rate from about 0.11 to about 0.205 does it. Closer to "
            "the limit 0.2208 it gets slower again: each step overshoots almost as far as it came."
        ),
    ),
    "2": Function(
        right=_one_step,
        inputs=_inputs,
        slips=[
            (
                _one_after_the_other,
                "That is the friend's program: the second half uses a gradient of its own.",
            ),
            (
                _half_old,
                "The new U has slipped into the step of V: keep the old one until the end.",
            ),
            (_uphill, "That goes uphill. Where does the minus of the gradient go?"),
            (_only_the_steps, "These are the two steps. Where are you after them?"),
            (_gradient, "That is the gradient. Where are you after the step?"),
            (_without_rate, "The learning rate is missing."),
            (_only_users, "V moves too."),
            (_unmoved, "That is where you were before the step."),
        ],
        hints=(
            "Lesson 08 has the two halves of the gradient as matrix products: `-E @ V` for $U$. "
            "And for $V$?",
            "Rows of $V$ are films, so for $V$ the errors must have films as rows: `E.T`.",
        ),
        solution=(
            "`return U + eta * E @ V, V + eta * E.T @ U`: both from the same old U and V, and so "
            "from one gradient at one point. The friend's program is a different method, and not a "
            "bad one, but it is not gradient descent."
        ),
    ),
    "3": Number(
        right=_squares[1] / 2,
        slips=[
            (0, "That is what two *different* factors reach. What do two equal columns amount to?"),
            (_squares[1], "Do not forget the half in $J$."),
            (_squares[0] / 2, "That pattern is the larger one: it is the one to keep."),
            (3, "That is a singular value. The floor adds up their squares."),
            (1.5, "The floor adds up the *squares* of the singular values that are left out."),
            (sum(_squares) / 2, "That is J with no factors at all."),
        ],
        hints=(
            "How many patterns, each a column times a row, can two equal columns make?",
            "The floor of lesson 06: half of the sum of the squares of the singular values that "
            "are left out.",
        ),
        solution=(
            rf"Equal columns stay equal, so two of them do the work of one factor: "
            rf"the largest pattern is kept, and the other is left out. "
            rf"$\frac12 \cdot 3^2 = {_squares[1] / 2}$."
        ),
    ),
    "exit": Choice(
        right="B",
        others={
            "A": "Is the whole gradient zero? Write down one entry of each half, with all $v = 0$.",
            "C": "One half of the gradient is a sum of products with entries of $V$. Which one?",
            "D": "It is the other way round: the gradient with respect to $u_{is}$ multiplies the "
            "errors by entries of $V$.",
        },
        hints=(
            "Write down $\\partial J/\\partial u_{is}$ and $\\partial J/\\partial v_{js}$, and put "
            "0 for every $v$.",
        ),
        solution=(
            "B. $\\partial J/\\partial u_{is} = -\\sum_j e_{ij} v_{js}$ is 0 where every $v$ is 0, "
            "and $\\partial J/\\partial v_{js} = -\\sum_i e_{ij} u_{is}$ is not. "
            "So $V$ moves, and from the second step on $U$ moves too."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "the rate 0.2 needs 14 steps, 0.1 needs 21, and 0.01 needs 203. All three get there.",
        "With the two larger rates $J$ is within 0.1 % of the optimum after fewer than 25 steps, "
        "using nothing but the slope. And with none of the three did it ever go up on the way.",
    ),
    "b": Prediction(
        "what most people agree on. The two largest patterns grow first, and the special case does "
        "not come at all: at step 40 the prediction for user 6 and Cleopatra is 0.14, and the "
        "rating is 1. Two factors cannot hold a third pattern.",
        "The lines below the tables say the same in numbers. The ratings are a sum of three "
        "patterns, each a column times a row (lesson 06), with the singular values 4.53, 3.26 and "
        "1.37. The larger a pattern, the faster it grows at first; by chance of the start the "
        "second one is ahead at step 4, and by step 8 the first has overtaken it. At step 40 both "
        "are in the predictions, nearly whole, and of the third there is nothing. It is most of "
        "what makes user 6 special, and two factors make two patterns at most.",
    ),
    "c": Prediction(
        "0.225 and 0.25 oscillate without converging, and 0.3 blows up.",
        "Not converging is not the same as diverging: at 0.225 the loss stays small, and jumps "
        "between 1.10 and 1.15 to the end.",
    ),
    "d": Prediction(
        "nothing. Each entry of the gradient is a sum of errors times entries of the other table, "
        "and these are all 0: after 999 steps $J$ is what it was, 16.5.",
        "At zero the ground is level, though far from a minimum. Descent never moves, and "
        "`descend` even reports that it has converged.",
    ),
    "e": Prediction(
        "with the strong penalty the error falls; with the weak one it soon rises, and ends higher "
        "than it began: the factors memorize the ratings."
    ),
}
