"""Lesson 14, MovieLens: its questions and predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import Choice, Number, Prediction, Property, TrueFalse

# 1: an RMSE below the biases ---------------------------------------------------------------------


def _not_below(answer: NDArray[np.float64], baseline: float, lowest: float) -> str:
    value = float(answer)
    if value < 0:
        return "The score is minus the RMSE, so that more is better: turn the sign."
    if value < 0.97 * lowest:
        return (
            "That is lower than any model of this lesson reaches on `choose`. Was the model "
            "fitted to `learn` alone, and is the score that on `choose`?"
        )
    if value > baseline:
        return "The biases alone are better: a weak penalty lets the factors learn noise."
    if value > 0.99 * baseline:
        return "Below the biases, and by less than 1 %. Which way does the curve of λ go?"
    return ""


# 3: the shares of two ratings --------------------------------------------------------------------

_v, _left, _third, _lambda = np.array([1.0, 2.0]), np.array([1.0, 0.5]), 1.5, 1.0


def _shares(v: NDArray[np.float64], e: NDArray[np.float64], penalty: float) -> list[float]:
    of_u = v * e / (v @ v + penalty)
    return [float(of_u.sum()), *(of_u * _third).tolist()]


_right = _shares(_v, _left, _lambda)

QUESTIONS = {
    "1": Property(
        example=0.8,
        fault=_not_below,
        hints=(
            "Which strength had the lowest error in the first figure? Keep the 10 epochs.",
            "`-MatrixFactorization(20, regularization=strength, n_epochs=10, unknown='mean', "
            "rng=0).fit(learn).score(choose)` is the model of the lesson. Change one setting.",
        ),
        solution=(
            "`answer = -MatrixFactorization(10, regularization=strength, n_epochs=10, "
            'unknown="mean", rng=0).fit(learn).score(choose)`. With a strength far below '
            "`strength` the factors are worse than none."
        ),
    ),
    "2": TrueFalse(
        right=[False, True, False, False, True],
        reasons=[
            "Folding in holds everything fixed but your own numbers.",
            "Your bias follows the mean of what you gave, less what the films get anyway.",
            "Folding in holds the films fixed: their biases are known.",
            "Folding in holds the films fixed, their factors as well.",
            "Your factors are solved for from your ratings.",
        ],
        hints=(
            "What does folding in solve for, and what does it hold fixed?",
            "Two of the five belong to you. The others belong to the films, or to everybody.",
        ),
        solution=(
            "False, True, False, False, True: only what is yours, your bias and your factors, is "
            "solved for. $\\mu$, the biases of the films and $V$ are held fixed."
        ),
    ),
    "3": Number(
        right=_right,
        tolerance=1.1e-2,
        slips=[
            (_shares(_v, _left, 0), "That would be right for λ = 0."),
            ([_right[0], *(_v * _left / (_v @ _v + _lambda)).tolist()], "Now times $v_3$."),
        ],
        hints=(
            "The equation for one user: $\\left( \\sum_j v_j^2 + \\lambda \\right) u = \\sum_j "
            "v_j e_j$, with $e_j$ for what the biases leave.",
            "The right side is a sum with a term for each rating. Divide each term by the bracket, "
            "and multiply it by $v_3$.",
        ),
        solution=(
            r"$u = \frac{1 \cdot 1 + 2 \cdot \frac12}{1 + 4 + 1} = \frac13$. Each rating adds "
            r"$\frac16$ to $u$, and so $\frac16 \cdot \frac32 = \frac14$ to the prediction: "
            r"together $\frac12 = u\, v_3$."
        ),
    ),
    "exit": Choice(
        right="C",
        others={
            "A": "Measured there, and chosen there: the lowest of eight is low by luck too.",
            "B": "RMSE is in stars, as it should be.",
            "D": "Small or not, it is too good. How did it come about?",
        },
        hints=(
            "What were the test ratings used for?",
            "Of eight errors on the same ratings, the lowest is partly luck. Would it be as low "
            "on new ratings?",
        ),
        solution=(
            "C. The lowest of many errors on one part is partly luck on that part, so it is lower "
            "than the error on new ratings, on average. Choose on one part, report on another."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "no. With the two weakest strengths no epoch is better than the start, small random "
        "factors beside the biases with their usual penalty, and that loses to the tuned ones. And "
        "yes, the list had to go on, until an error beyond the winner was higher again. (A factor "
        "of 2 is a coarse step: that the winner stands inside the list does not say that nothing "
        "near it is better.)"
    ),
    "b": Prediction(
        "on `learn` each step to more factors lowers the error, by more than a tenth in all. On "
        "`choose` all four errors lie below the biases, within 3 % of each other. On MovieLens "
        "they fall, too, but hardly from 20 to 40. So most of what more factors learn is noise."
    ),
    "c": Prediction(
        "in the first experiment the whole of `learn` has the largest gain, more than twice that "
        "of a quarter. In the second the gain is below 1 % for 100 users, and above 2 % for "
        "1600. (Not every step has to go up: each gain is measured with some luck.)"
    ),
    "d": Prediction(
        "by about 2 %. Most of a rating is who gave it and to which film, and the biases have "
        "gained at least five times as much over the mean. Whoever reports much more from so few "
        "ratings should be asked how the rival was tuned, and on which ratings λ was chosen."
    ),
    "e": Prediction(
        "no, the numbers carry no names. And no: turning all factors together changes no "
        "prediction and, but for signs, not this map either. Its axes are where these 30 films "
        "spread most, and nothing says what that means. Names you have to make up yourself."
    ),
    "f": Prediction(
        "for the example, at most four of the ten, by likes and by stars. The list by likes had to "
        "react: turned round, it learns from the other films. That the list by stars reacts too, "
        "in spite of its biases, shows that the factors have a say in it."
    ),
}
