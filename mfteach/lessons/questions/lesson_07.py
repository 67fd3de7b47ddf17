"""Lesson 07, the big hairy derivative: its questions and predictions."""

from __future__ import annotations

import numpy as np

from mfteach.lessons.questions.kinds import Choice, Derivation, Number, Prediction
from mfteach.symbolic import lecture

# 1: the false one of eight lines ------------------------------------------------------------------

_derived = lecture.gradient_u()
_lines = {str(n): line for n, line in enumerate(lecture.EIGHT_LINES, start=1)}
_disagreements = {n: _derived.disagreement(line) for n, line in _lines.items()}
((_false, _numbers),) = ((n, found) for n, found in _disagreements.items() if found)

_WHY_TRUE = {
    "1": "That one is the last of the five lines.",
    "2": "That one is true: multiply out the result, and put the prediction in for its sum.",
    "3": "That one is true: the half and the 2 cancel.",
    "4": "That one is true: the bracket is the error with its sign changed.",
    "5": "That one is true: the delta keeps only $p = i$.",
    "6": "That one is true.",
    "7": "That one is true: $W$ makes a 0 of whatever user $i$ did not rate.",
    "8": "That one is true: the delta keeps only $q = s$, and the bracket is the error with its "
    "sign changed.",
}

# exit: one derivative by hand ---------------------------------------------------------------------

_user = np.array([-1, 1])
_film = np.array([3, 2])
_rating = 1
_prediction = int(_user @ _film)
_error = _rating - _prediction
_slopes = (-_error * _film).tolist()

QUESTIONS = {
    "1": Choice(
        right=_false,
        others={n: why for n, why in _WHY_TRUE.items() if n != _false},
        hints=(
            "Over which items does each of them add up?",
            "Which of them needs ratings that nobody has given?",
        ),
        solution=(
            f"Number {_false}: its sum runs over all items, $j = 1$ to $n$, and so over ratings "
            f"that do not exist. The machine refutes it `{_numbers}` (first the derivative, then "
            "this line). In these numbers $w_{11} = 0$: the rating is unknown."
        ),
    ),
    "2": Derivation(
        name="u",
        hints=(
            "Start with what depends on user $i$ at all: only user $i$'s part of $J$.",
            "The chain rule: each error, times the derivative of that error.",
            "In the error only the prediction depends on $u_{is}$, and its derivative is a sum "
            "with a delta in it.",
        ),
        solution=(
            "One of many ways:\n\n"
            "```python\n"
            'mine = Ledger("u")\n'
            'mine.add("d/du_is 1/2 sum_{j in I_i} e_ij^2", rule="only user i matters")\n'
            'mine.add("sum_{j in I_i} e_ij (-d/du_is rhat_ij)", rule="chain rule")\n'
            'mine.add("sum_{j in I_i} e_ij (-sum_q delta_qs v_jq)")\n'
            'mine.add("-sum_{j in I_i} v_js e_ij", rule="delta")\n'
            "```\n\n"
            "Leave a minus out and see what happens."
        ),
    ),
    "exit": Number(
        right=_slopes[0],
        slips=[
            (-_slopes[0], "There is a minus in front of the sum."),
            (_slopes[1], "That is the derivative for factor 2."),
            (-_slopes[1], "That is factor 2, and without the minus."),
            (_error, "That is the error. What is it multiplied by?"),
            (-_error, "That is the error, and the minus. The film's share is missing."),
            (int(-_film[0] * _rating), "The error is the rating minus the prediction."),
            (int(-_film[0] * _prediction), "That is the prediction in place of the error."),
            (-_error * int(_film.sum()), "Only the film's share of factor 1 counts."),
            (-(_rating - int(_user.sum())), "The film is not $(1, 1)$ any more."),
        ],
        hints=(
            "First the prediction, then the error: which sign has it?",
            "Of all the films only this one has an error, so the sum has one term.",
        ),
        solution=(
            rf"The prediction is $-1 \cdot {_film[0]} + 1 \cdot {_film[1]} = {_prediction}$, so "
            rf"the error is ${_rating} - ({_prediction}) = {_error}$. The sum has one term that is "
            rf"not 0: $-v_{{j1}} e_{{ij}} = -{_film[0]} \cdot {_error} = {_slopes[0]}$."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "three cells of row 4: those of the films that have factor 1 in them. The predictions for "
        "all other users stay as they are."
    ),
    "b": Prediction(
        r"the first term, $r_{ij}^2$, is fixed: its derivative is 0. The second gives "
        r"$-2 r_{ij} v_{js}$. The third is a square: the chain rule gives twice the prediction, "
        r"times $v_{js}$."
    ),
    "c": Prediction(
        "SymPy gives $v_{j1} + v_{j2}$, the sum over all factors, and does not complain.",
        "It took the $s$ of the derivative for the $s$ of the sum: the letter was **captured**. "
        "What came out is another derivative than the one we meant, and nothing warns you.",
    ),
}
