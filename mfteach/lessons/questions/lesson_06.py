"""Lesson 06, from ratings to a loss: its questions and predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import Choice, Number, Prediction, Several

# The History and Romance of the users as the lesson writes them by hand, and what they say about
# Cleopatra; every other column is predicted without an error.
_tastes = np.array([[1, 0]] * 3 + [[1, 1]] + [[-1, 1]] * 3)
_clean = np.array([1, 1, 1, 1, -1, -1, -1])
_surprise = np.array([1, 1, 1, 1, -1, 1, -1])


def _errors(rated: NDArray[np.int64], cleopatra: list[int]) -> NDArray[np.int64]:
    return np.asarray(rated - _tastes @ np.array(cleopatra))


def _loss(rated: NDArray[np.int64], cleopatra: list[int]) -> float:
    return float(0.5 * (_errors(rated, cleopatra) ** 2).sum())


# 1: all Romance ----------------------------------------------------------------------------------

_romance = [0, 1]
_by_hand = _loss(_surprise, _romance)
_off = _errors(_surprise, _romance)

# 2: how many numbers -----------------------------------------------------------------------------

_users, _films, _ratings, _factors = 610, 9724, 100_836, 20
_count = (_users + _films) * _factors

# 3: user 4 rates only the first two films ---------------------------------------------------------

_full = _loss(_clean, [1, 1])
_hidden = _full - 0.5 * _errors(_clean, [1, 1])[3] ** 2
_predicted = np.array([2, 1, 1, 1])  # what the factors say about user 4 and the other four films
_as_zeros = float(_hidden + 0.5 * (_predicted**2).sum())

# exit: one error, three factors ------------------------------------------------------------------

_k = 3
_touched = _k + _k

QUESTIONS = {
    "1": Number(
        right=_by_hand,
        slips=[
            (2 * _by_hand, "The half in front of the sum is missing."),
            (_loss(_clean, _romance), "That is the clean table. User 6 has changed her mind."),
            (
                _loss(_surprise, [1, 0]),
                "She is nothing but Romance now: the first of her numbers is History.",
            ),
            (0.5 * float(np.abs(_off).sum()), "Each error is squared before it is added."),
            (
                0.5 * float(_off.sum()),
                "Each error is squared before it is added: no error makes up for another.",
            ),
        ],
        hints=(
            "Only her column has errors. What do the factors now predict for each user?",
            "Users 1 to 3 go for History alone, so the prediction for each of them is 0.",
            "Write down the seven errors, square them, add them up, and take half.",
        ),
        solution=(
            "The prediction is each user's Romance: $0, 0, 0, 1, 1, 1, 1$. The ratings are "
            rf"${', '.join(map(str, _surprise))}$, so the errors are "
            rf"${', '.join(map(str, _off))}$ and "
            rf"$J = \frac12 \cdot {int((_off**2).sum())} = {_by_hand:g}$."
        ),
    ),
    "2": Number(
        right=_count,
        slips=[
            (_users * _films, "That is how many cells the table of ratings has."),
            (_users + _films, "And for each of the factors?"),
            (_users * _factors, "That is $U$. There is $V$ too."),
            (_films * _factors, "That is $V$. There is $U$ too."),
            (
                _users * _films * _factors,
                "A user's factors are stored once, and not once for each film.",
            ),
            (_ratings * _factors, "The ratings are the data. What is learned?"),
        ],
        hints=(
            "How many rows does $U$ have, and how many columns? And $V$?",
            "Each user has one number for each factor, and so has each film.",
        ),
        solution=(
            rf"$({_users} + {_films}) \cdot {_factors} = {_count:,}$: ".replace(",", "{,}")
            + f"that is {_count / _ratings:.2f} learned numbers for each rating. With so many, a "
            "loss of almost 0 proves little about ratings that nobody has seen. Lesson 11 deals "
            "with that."
        ),
    ),
    "3": Several(
        parts={
            "J with the blanks left out": Number(
                right=_hidden,
                slips=[
                    (_full, "That is the full table. Has anything been hidden?"),
                    (_as_zeros, "That is with the blanks read as 0."),
                ],
                hints=("Take the `#` away and run the cell.",),
                solution="Without user 4's error.",
            ),
            "J with the blanks read as 0": Number(
                right=_as_zeros,
                slips=[
                    (_full, "This is the full table. Has anything been hidden?"),
                    (_hidden, "This is with the blanks left out."),
                ],
                hints=("Take the `#` away and run the cell.",),
                solution="With four errors more.",
            ),
            "The fair one": Choice(
                right="A",
                others={
                    "B": "Did user 4 say that those films are worth a 0, or did user 4 say nothing?"
                },
                hints=("Who said that these ratings are 0?",),
                solution="A.",
            ),
        },
        hints=(
            "Take the `#` away and run the cell: it prints both numbers.",
            "For the last part: what did user 4 say about the four films?",
        ),
        solution=(
            f'`[{_hidden:g}, {_as_zeros:g}, "A"]`. Left out, only the errors of users 5 to 7 '
            "about Cleopatra remain. Read as 0, the factors are blamed for predicting "
            f"{', '.join(map(str, _predicted))} about four films of which user 4 has said nothing."
        ),
    ),
    "exit": Number(
        right=_touched,
        slips=[
            (_k, "That is one row. The error depends on a user and on a film."),
            (13 * _k, "That is all of $U$ and $V$. Which of it stands in the prediction?"),
            (2, "One user and one film: but how many numbers has each of them?"),
            (7 * _k + _k, "The other users do not matter for this one error."),
            (7 * _k, "That is all of $U$. Does the prediction need the other users?"),
            (6 * _k, "That is all of $V$. Does the prediction need the other films?"),
            (_k * _k, "The prediction multiplies factor by factor, and adds up."),
        ],
        hints=("Write out the prediction with all its factors and count the letters in it.",),
        solution=(
            rf"The {_k} numbers of user 5 and the {_k} numbers of film 2: {_touched} in all. "
            "The rating itself is given."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "three fans of History (users 1 to 3), one who likes everything (user 4), and three fans "
        "of Romance who dislike History (users 5 to 7)."
    ),
    "b": Prediction(
        "only in Cleopatra's column, for users 4 to 7. For user 4 the prediction is 2 and the "
        "rating 1; for users 5 to 7 it is 0 and the rating −1."
    ),
    "c": Prediction(
        "at $(1, 0)$: History, and no Romance. There $J$ is 0.",
        "Her column in the table is the same as Nero's, user by user: whoever likes Nero likes "
        "her, and whoever dislikes Nero dislikes her. With the users as we wrote them, Nero's "
        "description $(1, 0)$ therefore predicts all of her ratings without an error; and below 0 "
        "no sum of squares can go. The title suggested a bit of Romance, and these ratings have "
        "none of it.",
    ),
    "d": Prediction(
        "2 again at the other end, since minus times minus gives the same predictions, and 16.5 "
        "in the middle: there all factors are 0, and each rating is an error of its own size.",
        "Between two points at height 2 the ground rises to 16.5: $J$ is *not convex*, and the "
        "slide does not say so. It is no accident of this table. The factors $(U, V)$ and "
        "$(-U, -V)$ always make the same predictions, since minus times minus is plus, and halfway "
        "between them all predictions are 0. So any factors that do better than predicting 0 "
        "everywhere show it; and such factors exist as soon as one rating is not 0.",
    ),
    "e": Prediction(
        "2 in the clean table, and 3 in the table with one surprise.",
        "So with two factors the clean table can be reproduced without any error, $J^* = 0$; with "
        r"one surprise, $J^* \approx 0.9373$ is the floor that no choice of factors goes below.",
    ),
    "f": Prediction(
        "one partial derivative is one number; all of those with respect to $U$ form a table with "
        "the shape of $U$, $m$ rows and $k$ columns."
    ),
}
