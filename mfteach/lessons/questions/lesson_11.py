"""Lesson 11, regularization, biases and small steps: its questions and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import Choice, Function, Number, Prediction, Several

# 1: the strength with the lowest error on the ratings to choose on --------------------------------


def _lowest(errors: Sequence[float], strengths: Sequence[float]) -> float:
    return float(strengths[int(np.argmin(errors))])


def _by_heart(
    strengths: Sequence[float], learned: Sequence[float], choose: Sequence[float]
) -> float:
    return _lowest(learned, strengths)


def _chosen(strengths: Sequence[float], learned: Sequence[float], choose: Sequence[float]) -> float:
    return _lowest(choose, strengths)


def _weakest(
    strengths: Sequence[float], learned: Sequence[float], choose: Sequence[float]
) -> float:
    return float(min(strengths))


def _strongest(
    strengths: Sequence[float], learned: Sequence[float], choose: Sequence[float]
) -> float:
    return float(max(strengths))


def _lowest_error(
    strengths: Sequence[float], learned: Sequence[float], choose: Sequence[float]
) -> float:
    return float(min(choose))


# 2: the bias of one film --------------------------------------------------------------------------

_stars, _mean, _beta = np.array([5, 4, 3]), 3, 5
_sum = float((_stars - _mean).sum())
_bias = _sum / (len(_stars) + _beta)

# 3: one small step --------------------------------------------------------------------------------

_Row = NDArray[np.float64]
_Rows = tuple[_Row, _Row]


def _small_step(u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float) -> _Rows:
    e = r - u @ v
    return u + eta * (e * v - share_u * u), v + eta * (e * u - share_v * v)


def _one_after_the_other(
    u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float
) -> _Rows:
    e = r - u @ v
    new_u = u + eta * (e * v - share_u * u)
    return new_u, v + eta * (e * new_u - share_v * v)


def _error_anew(u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float) -> _Rows:
    new_u, _ = _small_step(u, v, r, eta, share_u, share_v)
    return new_u, v + eta * ((r - new_u @ v) * new_u - share_v * v)


def _shares_exchanged(
    u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float
) -> _Rows:
    return _small_step(u, v, r, eta, share_v, share_u)


def _uphill(u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float) -> _Rows:
    e = r - u @ v
    return u - eta * (e * v - share_u * u), v - eta * (e * u - share_v * v)


def _pushed_away(u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float) -> _Rows:
    return _small_step(u, v, r, eta, -share_u, -share_v)


def _unpenalized(u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float) -> _Rows:
    return _small_step(u, v, r, eta, 0, 0)


def _penalty_without_rate(
    u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float
) -> _Rows:
    e = r - u @ v
    return u + eta * e * v - share_u * u, v + eta * e * u - share_v * v


def _own_row(u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float) -> _Rows:
    e = r - u @ v
    return u + eta * (e * u - share_u * u), v + eta * (e * v - share_v * v)


def _unmoved(u: _Row, v: _Row, r: float, eta: float, share_u: float, share_v: float) -> _Rows:
    return u, v


_inputs: list[tuple[Any, ...]] = [
    (np.array([1.0, 0.5]), np.array([-0.5, 2.0]), 3.0, 0.1, 0.25, 0.5),
    (np.array([0.3, -1.0]), np.array([1.0, 1.0]), -1.0, 0.02, 1.0, 0.1),
    (np.array([2.0]), np.array([1.5]), 2.0, 0.05, 0.2, 0.3),
]

# 4 and the exit check: a strength by count, and a share of a plain one ---------------------------

_by_count, _ratings_of_one = 0.05, 40
_as_plain = _by_count * _ratings_of_one
_plain, _ratings_of_another = 10, 20
_share = _plain / _ratings_of_another

QUESTIONS = {
    "1": Several(
        hints=(
            "A good prediction is one of ratings that were not learned. Which column shows these?",
            "Go down the column `choose`, and see which row has the lowest number in it.",
        ),
        solution=(
            "The strength in the row in which the column `choose` is lowest, and B: the ratings in "
            "`learn` are the ones that were memorized, and those in `test` stay unseen until "
            "everything is chosen."
        ),
        parts={
            "λ": Number(
                right=_chosen,
                slips=[
                    (_by_heart, "With that one the error is lowest on the ratings it was shown."),
                    (_weakest, "That one memorized the ratings."),
                    (_strongest, "That one leaves next to nothing of the factors."),
                    (_lowest_error, "That is the error. With which strength was it reached?"),
                ],
                hints=(),
                solution="",
            ),
            "part": Choice(
                right="B",
                others={
                    "A": "These ratings were learned: a low error on them may be memory.",
                    "C": "Whoever decides on these has seen the exam before taking it.",
                },
                hints=(),
                solution="",
            ),
        },
    ),
    "2": Number(
        right=_bias,
        slips=[
            (_sum / len(_stars), "That would be right for β = 0: the penalty is missing."),
            (
                _stars.mean(),
                "That is the film's mean. How far from the mean of all?",
            ),
            (_sum / _beta, "The three ratings count as well as the five of the penalty."),
            (
                float(_stars.sum()) / (len(_stars) + _beta),
                "From each rating the mean of all ratings is subtracted first.",
            ),
            (_mean + _bias, "That is the prediction. The bias is what is added to the mean."),
            (_sum, "That is the sum. By how many is it divided?"),
        ],
        hints=(
            "In line 4 of the ledger above, write the film in place of the user, and set it to 0.",
            "What is left of each rating without the mean? Add these up; then bring all terms with "
            "$c$ to one side. How many $c$ are there?",
        ),
        solution=(
            rf"$-\sum (r - {_mean} - c) + {_beta} c = 0$, so $c = (2 + 1 + 0) / "
            rf"({len(_stars)} + {_beta}) = {_bias:g}$."
        ),
    ),
    "3": Function(
        right=_small_step,
        inputs=_inputs,
        slips=[
            (
                _one_after_the_other,
                "The new row of the user has been used for the film: both move from their old "
                "values.",
            ),
            (_error_anew, "The error is computed once, from the old rows of both."),
            (
                _shares_exchanged,
                "Each share of the penalty pulls its own row: `share_u` pulls `u`.",
            ),
            (_uphill, "That goes uphill."),
            (_pushed_away, "The penalty pushes the numbers away from 0."),
            (_unpenalized, "The penalty is missing."),
            (_penalty_without_rate, "The learning rate belongs to the penalty too."),
            (_own_row, "The error is multiplied by the row of the other side."),
            (_unmoved, "These are the rows before the step."),
        ],
        hints=(
            "The two formulas of *Many small steps*, with `share_u` for the penalty's share.",
            "Compute both new rows from `u` and `v` before you return them.",
        ),
        solution=(
            "`return u + eta * (e * v - share_u * u), v + eta * (e * u - share_v * v)`. Both come "
            "from the old `u` and `v`."
        ),
    ),
    "4": Number(
        right=_as_plain,
        slips=[
            (_by_count, "That pull comes once for each of the user's ratings."),
            (_by_count / _ratings_of_one, "Is the pull of all the ratings smaller than one pull?"),
            (_ratings_of_one, "That is how often the row is pulled. How strong is each pull?"),
        ],
        hints=(
            "How often is this user's row pulled in one epoch?",
            "A plain penalty pulls by $\\eta \\lambda u_i$ in one epoch, in as many shares as "
            "there are ratings.",
        ),
        solution=(
            rf"${_ratings_of_one} \cdot {_by_count} = {_as_plain:g}$: the row is pulled once for "
            "each of the ratings. For a user with ten times as many ratings it would be ten "
            "times as much; that is what *by count* means."
        ),
    ),
    "exit": Number(
        right=_share,
        slips=[
            (_plain, "That would be applied once for each rating in an epoch."),
            (_plain * _ratings_of_another, "The small steps share the penalty: divide."),
            (1 / _ratings_of_another, "That is the share. Of which strength?"),
            (_ratings_of_another / _plain, "The other way round: the penalty is what is shared."),
        ],
        hints=("All the shares of one epoch add up to the whole penalty. How many are there?",),
        solution=(
            rf"$\lambda / |I_i| = {_plain} / {_ratings_of_another} = {_share:g}$: over the "
            "ratings of this user the shares add up to the whole."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "about half a star on the learned ratings, and on those in `choose` far more than the "
        "biases alone.",
        "The factors with the *smallest* training error are worse on new ratings than no factors "
        "at all. They memorized the ratings: this is **overfitting**. A training error near zero "
        "is a warning, not a success.",
    ),
    "b": Prediction(
        "with the plain penalty it stays the same if the other side is known, and about the same "
        "with as many factors as the truth has; with more factors it grows with the number of "
        "ratings. By count it falls, in all three cases.",
        "Factors beyond those of the truth learn noise, and the more ratings there are, the larger "
        r"is the plain $\lambda$ that keeps them out.",
    ),
    "c": Prediction(
        "SGD is far lower after 10 epochs; in the end gradient descent is lower. Counted by "
        "multiplications, it overtakes earlier.",
        "So SGD buys the *beginning*.",
    ),
    "d": Prediction(
        "with rate 0.1 it keeps jittering, and with a fifth of the rate it jitters far lower, at "
        "less than a tenth of the height. With a rate that decays, it goes on falling."
    ),
}
