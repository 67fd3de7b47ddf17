"""Lesson 12, alternating least squares: its questions and predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import Function, Number, Prediction

_Table = NDArray[np.floating[Any]]

# 1 and 2: one user -------------------------------------------------------------------------------


def _solve_one(v: _Table, r: _Table, strength: float) -> _Table:
    return np.linalg.solve(v.T @ v + strength * np.eye(v.shape[1]), v.T @ r)


def _unpenalized(v: _Table, r: _Table, strength: float) -> _Table:
    return _solve_one(v, r, 0)


def _penalty_everywhere(v: _Table, r: _Table, strength: float) -> _Table:
    return np.linalg.solve(v.T @ v + strength, v.T @ r)


def _by_count(v: _Table, r: _Table, strength: float) -> _Table:
    return _solve_one(v, r, strength * len(r))


def _halved(v: _Table, r: _Table, strength: float) -> _Table:
    return _solve_one(v, r, strength / 2)


def _right_side(v: _Table, r: _Table, strength: float) -> _Table:
    return v.T @ r


_V = np.array([[1.0, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]])
_r = np.array([1.0, 1, 1, 0, 0, 0])
_u = _solve_one(_V, _r, 1)

_draws = np.random.default_rng(12)
_inputs: list[tuple[Any, ...]] = [
    (_draws.normal(size=(n, k)), _draws.normal(size=n), strength)
    for n, k, strength in [(5, 2, 0.5), (6, 3, 2.0), (4, 1, 0.1)]
]

# 3: a sweep --------------------------------------------------------------------------------------


def _half(R: _Table, V: _Table, strength: float) -> _Table:
    return np.array([_solve_one(V, row, strength) for row in R])


def _sweep(R: _Table, V: _Table, strength: float) -> tuple[_Table, _Table]:
    U = _half(R, V, strength)
    return U, _half(R.T, U, strength)


def _users_only(R: _Table, V: _Table, strength: float) -> tuple[_Table, _Table]:
    return _half(R, V, strength), V


def _swapped(R: _Table, V: _Table, strength: float) -> tuple[_Table, _Table]:
    U, new = _sweep(R, V, strength)
    return new, U


def _without_penalty(R: _Table, V: _Table, strength: float) -> tuple[_Table, _Table]:
    return _sweep(R, V, 0)


def _items_without_penalty(R: _Table, V: _Table, strength: float) -> tuple[_Table, _Table]:
    U = _half(R, V, strength)
    return U, _half(R.T, U, 0)


def _users_again(R: _Table, V: _Table, strength: float) -> tuple[_Table, _Table]:
    _, new = _sweep(R, V, strength)
    return _half(R, new, strength), new


_tables: list[tuple[Any, ...]] = [
    (_draws.normal(size=(4, 5)), _draws.normal(size=(5, 2)), 0.5),
    (_draws.normal(size=(6, 4)), _draws.normal(size=(4, 1)), 1.5),
]

# The exit check ----------------------------------------------------------------------------------

_users, _factors = 30, 4

QUESTIONS = {
    "1": Number(
        right=_u.tolist(),
        slips=[
            (_solve_one(_V, _r, 0), "That would be right for λ = 0: the penalty is missing."),
            (_V.T @ _r, "That is the right side. What is $A$?"),
            (_solve_one(_V, _r, 6), "The plain penalty is added once, not once for each film."),
            (_solve_one(_V, _r, 0.5), "The penalty is $\\lambda$, not half of it."),
        ],
        hints=(
            "Add up $v_j v_j^{\\mathsf T}$ over the six films: which matrix is it?",
            "Add $\\lambda$ on the diagonal. Then each of the two equations has one unknown.",
        ),
        solution=(
            r"$A = \operatorname{diag}(3 + 1,\ 3 + 1)$, the right side is $(3, 0)$, so "
            rf"$u_1 = ({_u[0]:g}, {_u[1]:g})$: the penalty pulls 1 down to {_u[0]:g}."
        ),
    ),
    "2": Function(
        right=_solve_one,
        inputs=_inputs,
        slips=[
            (_unpenalized, "The penalty is missing."),
            (_penalty_everywhere, "A number added to a matrix is added to every entry. Where?"),
            (_by_count, "That is the penalty by count; here it is the plain one."),
            (_halved, "The penalty is $\\lambda$, not half of it."),
            (_right_side, "That is the right side of the equations. Solve them."),
        ],
        hints=(
            "The normal equations: which matrix stands before the unknown row?",
            "Its sum of products is `v.T @ v`, the right side is `v.T @ r`. What is still missing "
            "on the left?",
        ),
        solution="`return np.linalg.solve(v.T @ v + strength * np.eye(k), v.T @ r)`.",
    ),
    "3": Function(
        right=_sweep,
        inputs=_tables,
        slips=[
            (_users_only, "The items have not moved."),
            (_swapped, "These are the right tables in another order: users first."),
            (_without_penalty, "The penalty is missing."),
            (_items_without_penalty, "The items have a penalty too."),
            (_users_again, "The users have been solved twice: a sweep ends with the items."),
        ],
        hints=(
            "For a user, `v` is all of `V`: there are no blanks. What is `v` for an item?",
            "For the items, loop over `R.T`, whose rows are the columns of `R`.",
        ),
        solution=(
            "`U = np.array([solve_one(V, row, strength) for row in R])` and then "
            "`V = np.array([solve_one(U, row, strength) for row in R.T])`."
        ),
    ),
    "4": Number(
        right=[0, 0],
        slips=[
            ([5 / 6, 5 / 12], "That is where she is without regularization."),
            ([5, 10], "Below the line stands a number that grows faster."),
            ([5, 0], "Below the line stands the square of λ, above it only λ itself."),
            ([25 / 63, 5 / 63], "That is for λ = 6. Make it larger, and larger again."),
        ],
        hints=(
            "Try 10, 100 and 1000.",
            "Compare the powers of $\\lambda$ above and below the line.",
        ),
        solution=(
            "$(0, 0)$: below the line stands $\\lambda^2$, above it at most $\\lambda$. The "
            "penalty outweighs everything else."
        ),
    ),
    "exit": Number(
        right=_users * _factors,
        slips=[
            (_factors, "That is for one user."),
            (_factors**2, "That is how many numbers $A$ has, for one user."),
            (_users * _factors**2, "These are the entries of the matrices. And the unknowns?"),
            (_users, "That is how many systems there are. How many unknowns has each?"),
        ],
        hints=("There is a system for each user. What is unknown in it?",),
        solution=(
            rf"${_users} \cdot {_factors} = {_users * _factors}$: a system for each user, with an "
            "unknown for each factor."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "the first half step goes to the right, along a horizontal line: only $u$ moves, and it "
        "stops in the valley, at the lowest point of this line. The second goes straight down, "
        "the third to the right again.",
        "$J$ never rises: each half step goes to the lowest point that moving its half can reach.",
    ),
    "b": Prediction(
        "with rate 0.1 descent is clearly later than ALS. With the best of the four rates, 0.2, "
        "the two are there together, within one step. With 0.25 descent does not settle.",
        "ALS wins against a careless rate; the best one arrives with it, though ALS was far lower "
        "on the way. From step 12 on the best rate is even ahead. But the best rate had to be "
        "found, and one a little longer does not settle at all. ALS has nothing to find.",
    ),
    "c": Prediction(
        "no. ALS converges, and $J$ stays far above the value that a random start reaches.",
        r"A factor whose column is zero explains nothing, so with $\lambda > 0$ its optimal "
        "partner is zero too, every time: ALS converges to a saddle, where the gradient is zero. "
        "Converged does not mean optimal; a random start is still needed.",
    ),
}
