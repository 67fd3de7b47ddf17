"""Lesson 15, beyond one machine: its questions and predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import (
    Choice,
    Formula,
    Function,
    Number,
    Prediction,
    TrueFalse,
)

# 1: bytes that travel ----------------------------------------------------------------------------

_USERS, _EACH, _ITEMS, _MACHINES, _K, _FLOAT = 1000, 20, 500, 10, 16, 4


def _bytes(others: float, share: float, row: int) -> list[int]:
    """Of all of V to all others, and of one row for each rating that lies elsewhere."""
    return [round(_ITEMS * others * row), round(_USERS * _EACH * share * row)]


_right_bytes = _bytes(_MACHINES - 1, 0.9, _K * _FLOAT)

# 4: how many rows travel -------------------------------------------------------------------------

Rows = NDArray[np.int_]


def _rows_to_send(of_users: Rows, of_items: Rows, i: Rows, j: Rows) -> int:
    there = of_users[i] != of_items[j]
    pairs = {*zip(of_users[i][there].tolist(), j[there].tolist(), strict=True)}
    return len(pairs)


def _one_a_rating(of_users: Rows, of_items: Rows, i: Rows, j: Rows) -> int:
    return int((of_users[i] != of_items[j]).sum())


def _with_those_that_are_there(of_users: Rows, of_items: Rows, i: Rows, j: Rows) -> int:
    return len({*zip(of_users[i].tolist(), j.tolist(), strict=True)})


def _films_that_move(of_users: Rows, of_items: Rows, i: Rows, j: Rows) -> int:
    return len(np.unique(j[of_users[i] != of_items[j]]))


def _example(m: int, n: int, n_machines: int, seed: int) -> tuple[Rows, Rows, Rows, Rows]:
    random = np.random.default_rng(seed)
    known = random.random((m, n)) < 0.5
    i, j = np.nonzero(known)
    return random.integers(n_machines, size=m), random.integers(n_machines, size=n), i, j


_INPUTS = (
    (np.array([0, 0, 1]), np.array([0, 1]), np.array([0, 1, 2, 2]), np.array([1, 1, 0, 1])),
    _example(6, 5, 2, 0),
    _example(12, 7, 4, 1),
    (np.array([0, 0]), np.array([0, 0]), np.array([0, 1]), np.array([1, 0])),
)

QUESTIONS = {
    "1": Number(
        right=_right_bytes,
        slips=[
            (_bytes(_MACHINES, 1, _K * _FLOAT), "What is already where it is needed stays there."),
            (_bytes(_MACHINES - 1, 0.9, _K * 8), "A number in float32 takes 4 bytes, not 8."),
            (_bytes(_MACHINES - 1, 0.9, _K), "That counts numbers. How many bytes has each?"),
            (_bytes(_MACHINES - 1, 0.9, _FLOAT), "Each row has 16 numbers, not one."),
            (_bytes(_MACHINES - 1, 0.9, 1), "That counts rows. How many bytes has each?"),
            (_right_bytes[::-1], "These two are exchanged: all of V comes first."),
        ],
        hints=(
            "How many bytes has one row of V? And how many rows travel, in the one way and in the "
            "other?",
            "A row of V lies on one machine already: to how many others is it sent? And of ten "
            "ratings, how many find their row of V where they lie?",
        ),
        solution=(
            rf"A row has $16 \cdot 4 = 64$ bytes. All of $V$ to nine others: $500 \cdot 9 \cdot 64 "
            rf"= {_right_bytes[0]}$. A row for each rating, except the tenth of them that finds it "
            rf"there: $20000 \cdot 0.9 \cdot 64 = {_right_bytes[1]}$."
        ),
    ),
    "2": TrueFalse(
        right=[False, True, False, False, True],
        reasons=[
            "The rows of V have been sent, and each user's ratings lie with the user.",
            "The users' rows have just changed: whoever solves for films needs the new ones.",
            "Each machine adds up what it has, and sends one number.",
            "All ratings of a user lie on one machine.",
            "The ratings of one film lie with many users, on many machines.",
        ],
        hints=(
            "For each of the five: which ratings, and which rows, go into one result? Are they on "
            "one machine?",
            "The ratings lie by user. So what belongs to one user is together, and what belongs to "
            "one film is not.",
        ),
        solution=(
            "False, True, False, False, True. A sum over the ratings of one user is computed where "
            "they lie; of all ratings only one number a machine travels. The new $U$, and "
            "what belongs to a film, have to be brought together."
        ),
    ),
    "3": Formula(
        right="c M/(a M - b)",
        symbols="a b c M",
        slips=[
            ("c/(a - b)", "Each of the M machines has only its share of the ratings."),
            ("c/(a M - b)", "Multiply the whole equation by M, the c as well."),
            ("c M/(a M + b)", "Bring b N / M to the side of a N: its sign changes."),
            ("(a M - b)/(c M)", "Upside down: solve for N."),
            ("a M - b", "That says whether they ever meet. Solve for N."),
        ],
        hints=(
            "Write down what one machine takes and what the others take, and set them equal.",
            "The equation: a N = c + b N / M. Collect what has an N on one side.",
        ),
        solution=(
            r"$aN = c + bN/M$, so $N (a - b/M) = c$ and $N = \frac{cM}{aM - b}$. With $aM \le b$, "
            "too few machines, the lines never meet."
        ),
    ),
    "4": Function(
        right=_rows_to_send,
        inputs=_INPUTS,
        slips=[
            (_one_a_rating, "That sends a row for each rating: once to a machine is enough."),
            (_with_those_that_are_there, "Leave out the rows that are on that machine already."),
            (_films_that_move, "A row of V may have to go to more than one machine."),
        ],
        hints=(
            "`of_users[i]` is the machine on which each rating lies, and `of_items[j]` that with "
            "the row of V that it needs.",
            "Take the ratings for which these two differ, and count the different pairs (machine, "
            "film) among them: a Python set of pairs, or np.unique of a table with two columns.",
        ),
        solution=(
            "`away = of_users[i] != of_items[j]` and then "
            "`return len(set(zip(of_users[i][away], j[away])))`."
        ),
    ),
    "exit": Choice(
        right="B",
        others={
            "A": "Large for a table on paper. How many bytes are 30 million ratings?",
            "C": "It is the same J and the same normal equations: where does precision come from?",
            "D": "Both reach the same J. What differs is the time, and the memory.",
        },
        hints=(
            "What does a rating cost on each, and does it fit into the memory of one machine?",
            "Four machines have four times the processors. By which factor is a rating dearer "
            "there?",
        ),
        solution=(
            "B. Four machines do not make up for what a rating costs more on Spark, and so few "
            "ratings fit into the memory of a laptop. The mathematics is the same."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "three. The users on A have rated the three films whose rows are on A, so nothing has to "
        "come. B needs all six rows, for user 4 has rated everything, and three of them are on A.",
        "For the half step of the films it is four rows of U, from B to A: the three films on A "
        "were rated by all seven users, the other three only by users on B.",
    ),
    "b": Prediction(
        "none of them falls. All of V to everybody grows with every machine. A row for each rating "
        "is at most as many rows as there are ratings, whatever the machines. Once to each "
        "machine that needs it is the least at every size, and it grows, too.",
        "More machines compute faster, and more has to travel. Spark's own ALS sends in the third "
        "way; our half step on Spark, a join, in the second.",
    ),
    "c": Prediction(
        "our program on one machine, by far: on the same two processors Spark takes more than ten "
        "times as much processor time for each rating, at every size of the table. The gap is "
        "widest where there are few ratings. From a million to ninety million our program's time "
        "for each changes by less than half; the number of multiplications for each hardly "
        "changes.",
        "Nothing went through a network: both had the same two processors. What Spark pays for is "
        "being able to run anywhere: a plan for each step, rows that are packed and unpacked, "
        "a result that survives a machine. It reaches the same $J$, within half a percent "
        "for the larger tables.",
    ),
    "d": Prediction(
        "with four machines never: a rating costs so much more on Spark that four do not make up "
        "for it. With 64 and with 512 the lines do cross. But an epoch there takes one machine "
        "less than a second. And with more machines sending becomes a larger part of an epoch: "
        "with 512 it is more than a quarter.",
        "So the time is seldom the reason. The memory is: where ratings do not fit, one machine "
        "cannot do it at any speed.",
    ),
    "e": Prediction(
        "the fit goes on, and $J$ is the same to twelve digits, and so is the RMSE.",
        "What a worker held can be computed again: its ratings are read again, and its rows of $U$ "
        "follow from them and from $V$. Spark knows for each part of a table from which parts it "
        "was made, and how, and makes a lost part again in the same way: the same numbers are "
        "added up in the same order. In another order sums are rounded differently, and fewer "
        "digits would agree.",
    ),
}
