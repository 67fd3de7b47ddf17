"""Lesson 13, recommending is ranking: its questions and predictions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.lessons.questions.kinds import (
    Choice,
    Derivation,
    Function,
    Number,
    Prediction,
    Several,
    TrueFalse,
)

_Table = NDArray[np.floating[Any]]

# 1 and 2: a list by hand, and nDCG of any list ----------------------------------------------------


def _gains(relevant: _Table, n: int) -> float:
    """DCG at n of a list."""
    first = np.asarray(relevant, dtype=np.float64)[:n]
    return float(np.sum(first / np.log2(np.arange(len(first)) + 2)))


def _ndcg(relevant: _Table, n: int) -> float:
    return _gains(relevant, n) / _gains(np.sort(relevant)[::-1], n)


def _not_normalized(relevant: _Table, n: int) -> float:
    return _gains(relevant, n)


def _all_places(relevant: _Table, n: int) -> float:
    return _ndcg(relevant, len(relevant))


def _ideal_of_the_list(relevant: _Table, n: int) -> float:
    return _gains(relevant, n) / _gains(np.sort(relevant[:n])[::-1], n)


def _full_ideal(relevant: _Table, n: int) -> float:
    return _gains(relevant, n) / _gains(np.ones(n), n)


def _by_place(relevant: _Table, n: int) -> float:
    places = 1 / np.arange(1, n + 1)
    first, best = (np.asarray(r, dtype=float)[:n] for r in (relevant, np.sort(relevant)[::-1]))
    return float(first @ places[: len(first)] / (best @ places[: len(best)]))


_lists: list[tuple[_Table, int]] = [
    (np.array([0.0, 1, 1, 0, 1, 1, 0]), 4),
    (np.array([1.0, 0, 0, 1, 0]), 3),
    (np.array([0.0, 0, 1, 1, 1, 1]), 3),
]

_in_order = np.array([0, 1, 1, 0, 0, 1])  # the six films of exercise 1, as they are listed
_hits = int(_in_order[:4].sum())
_precision, _recall = Fraction(_hits, 4), Fraction(_hits, int(_in_order.sum()))
_dcg, _ideal = _gains(_in_order, 4), _gains(np.sort(_in_order)[::-1], 4)

# 4 and 6: one user of the weighted equations ------------------------------------------------------


def _solve_seen(V: _Table, seen: _Table, stars: _Table, alpha: float, strength: float) -> _Table:
    v, weight = V[seen], 1 + alpha * stars
    A = V.T @ V + (v.T * (weight - 1)) @ v + strength * np.eye(V.shape[1])
    return np.linalg.solve(A, v.T @ weight)


def _no_blanks(V: _Table, seen: _Table, stars: _Table, alpha: float, strength: float) -> _Table:
    v, weight = V[seen], 1 + alpha * stars
    return np.linalg.solve((v.T * weight) @ v + strength * np.eye(V.shape[1]), v.T @ weight)


def _seen_twice(V: _Table, seen: _Table, stars: _Table, alpha: float, strength: float) -> _Table:
    v, weight = V[seen], 1 + alpha * stars
    A = V.T @ V + (v.T * weight) @ v + strength * np.eye(V.shape[1])
    return np.linalg.solve(A, v.T @ weight)


def _unweighted(V: _Table, seen: _Table, stars: _Table, alpha: float, strength: float) -> _Table:
    return _solve_seen(V, seen, stars, 0.0, strength)


def _unpenalized(V: _Table, seen: _Table, stars: _Table, alpha: float, strength: float) -> _Table:
    return _solve_seen(V, seen, stars, alpha, 0.0)


def _only_extra(V: _Table, seen: _Table, stars: _Table, alpha: float, strength: float) -> _Table:
    v, extra = V[seen], alpha * stars
    A = V.T @ V + (v.T * extra) @ v + strength * np.eye(V.shape[1])
    return np.linalg.solve(A, v.T @ extra)


def _stars_wanted(V: _Table, seen: _Table, stars: _Table, alpha: float, strength: float) -> _Table:
    v, weight = V[seen], 1 + alpha * stars
    A = V.T @ V + (v.T * (weight - 1)) @ v + strength * np.eye(V.shape[1])
    return np.linalg.solve(A, v.T @ (weight * stars))


_draws = np.random.default_rng(13)
_inputs: list[tuple[Any, ...]] = [
    (_draws.normal(size=(n, k)), np.array(seen), _draws.integers(1, 6, len(seen)) * 1.0, a, lam)
    for n, k, seen, a, lam in [
        (6, 2, [1, 4, 5], 0.5, 1.0),
        (5, 3, [0, 2], 1.0, 0.5),
        (7, 1, [3], 2.0, 2.0),
    ]
]
_one = (np.array([[1.0], [1.0], [2.0]]), np.array([0]), np.array([4.0]), 0.5, 1.0)


def _of_one(solve: Any) -> Fraction:
    return Fraction(float(solve(*_one)[0])).limit_denominator(1000)


_BY_HAND = (
    "Write a 1 below each film that the user likes, and a 0 below the others.",
    "Which of the places count? And what would the best order of the same films be?",
)

QUESTIONS = {
    "1": Several(
        parts={
            "precision at 4": Number(
                right=_precision,
                slips=[
                    (_recall, "Of all that the user likes, you have taken the share: divide by 4."),
                    (_hits, "That is how many are hits. Which share of the four places?"),
                ],
                hints=_BY_HAND,
                solution="Hits among the first four places, divided by 4.",
            ),
            "recall at 4": Number(
                right=_recall,
                tolerance=1.1e-2,
                slips=[
                    (
                        _precision,
                        "That is the share of the places. Which share of the liked films?",
                    ),
                    (1, "Only what stands on the first four places has been found."),
                ],
                hints=_BY_HAND,
                solution="Hits among the first four places, divided by the number of liked films.",
            ),
            "nDCG at 4": Number(
                right=_ndcg(_in_order, 4),
                tolerance=2e-3,
                slips=[
                    (_dcg, "That is the DCG. Divide it by the largest that is possible."),
                    (
                        _dcg / _gains(np.ones(4), 4),
                        "Four hits are not possible: the best order has as many hits as there are "
                        "liked films.",
                    ),
                    (
                        _dcg / _gains(np.array([1, 1]), 4),
                        "The third liked film could have stood on the list as well: the best order "
                        "puts all of them in front.",
                    ),
                    (_ndcg(_in_order, 6), "That counts all six places, not four."),
                    (_by_place(_in_order, 4), "The gain on place p is divided by log2(p + 1)."),
                ],
                hints=_BY_HAND,
                solution="DCG divided by the DCG of the best order.",
            ),
        },
        hints=_BY_HAND,
        solution=(
            rf"There are {_hits} hits on the first 4 places, so the precision is "
            rf"${_precision.numerator}/{_precision.denominator}$. The user likes "
            rf"{int(_in_order.sum())} films, so the recall is "
            rf"${_recall.numerator}/{_recall.denominator}$. The hits stand on places 2 and 3: "
            rf"$\mathrm{{DCG}} = 1/\log_2 3 + 1/\log_2 4 = {_dcg:.4f}$. The best order has the "
            rf"liked films on places 1, 2 and 3: $1 + 1/\log_2 3 + 1/\log_2 4 = {_ideal:.4f}$. "
            rf"Divided: ${_ndcg(_in_order, 4):.4f}$."
        ),
    ),
    "2": Function(
        right=_ndcg,
        inputs=_lists,
        slips=[
            (_not_normalized, "That is the DCG. Divide it by the largest that is possible."),
            (_all_places, "Only the first n places count."),
            (
                _ideal_of_the_list,
                "The best order may use all liked films, not only those on the first n places.",
            ),
            (_full_ideal, "The best order has no more hits than there are liked films."),
            (_by_place, "The gain on place p is divided by log2(p + 1), not by p."),
        ],
        hints=(
            "First a function for the DCG; then call it twice, once with the best order.",
            "`np.sort(relevant)[::-1]` is the best order: all ones in front.",
            "`np.log2(np.arange(n) + 2)` holds the logarithms for the places 1 to n.",
        ),
        solution=(
            "```python\n"
            "def my_ndcg(relevant, n):\n"
            "    discount = 1 / np.log2(np.arange(n) + 2)\n"
            "    best = np.sort(relevant)[::-1]\n"
            "    return (relevant[:n] @ discount) / (best[:n] @ discount)\n"
            "```"
        ),
    ),
    "3": TrueFalse(
        right=[True, True, False, True, False],
        reasons=[
            "Which of two films comes first depends on the difference of their predictions.",
            "A list ranks the films of one user: what is added is the same for all of them.",
            "What is added differs from film to film: can it exchange two of them?",
            "Multiply two different numbers by the same positive number: which is larger now?",
            "Multiply by -1: where does the largest number end up?",
        ],
        hints=(
            "Take two predictions, 4 and 3, and try each change on them.",
            "A list is about one user and many films.",
        ),
        solution=(
            "1, 2 and 4 leave each list as it was; 3 and 5 do not. That is why the mean and the "
            "bias of a user, which matter for the RMSE, never matter for a list, and why the item "
            "bias alone makes the same list for everybody."
        ),
    ),
    "4": Number(
        right=_of_one(_solve_seen),
        tolerance=1.1e-2,
        slips=[
            (_of_one(_no_blanks), "The two blanks are missing: they count with weight 1."),
            (_of_one(_unweighted), "The film that was seen has weight 1 + 4/2, not 1."),
            (_of_one(_unpenalized), "The penalty is missing."),
            (
                _of_one(_seen_twice),
                "The film that was seen is in there twice: once among all films, and once with "
                "its full weight. Only what is above 1 is to be added.",
            ),
            (_of_one(_only_extra), "On the right the full weight counts, the 1 too."),
            (_of_one(_stars_wanted), "What is to be predicted is 1 (it was seen), not 4."),
        ],
        hints=(
            "With one factor the normal equations are one equation, A u = b, with numbers A and b.",
            "A is a sum over all three films, each with its weight, and the penalty. b has a term "
            "for the film that was seen only.",
        ),
        solution=(
            r"The weights are $1 + \frac12 \cdot 4 = 3$, 1 and 1. "
            r"$A = 3 \cdot 1^2 + 1^2 + 2^2 + 1 = 9$ and $b = 3 \cdot 1 = 3$, so "
            rf"$u = {_of_one(_solve_seen).numerator}/{_of_one(_solve_seen).denominator}$."
        ),
    ),
    "5": Derivation(
        name="implicit v",
        hints=(
            "Which of all the pairs contain $v_{js}$? All users are in the sum now.",
            "The chain rule, as in lesson 08; the weight is a constant factor.",
            "Then multiply out, and collect what stands before $v_{jq}$, as in lesson 12.",
        ),
        solution=(
            "One of many ways:\n\n"
            "```python\n"
            'mine = Ledger("implicit v")\n'
            'mine.add("sum_{i=1..m} -u_is wtilde_ij (w_ij - sum_q u_iq v_jq) + lambda v_js")\n'
            'mine.add("sum_q (sum_{i=1..m} wtilde_ij u_is u_iq + lambda delta_sq) v_jq"\n'
            '         " - sum_{i=1..m} wtilde_ij w_ij u_is")\n'
            "```"
        ),
    ),
    "6": Function(
        right=_solve_seen,
        inputs=_inputs,
        slips=[
            (_no_blanks, "The blanks are missing: `V.T @ V` runs over all films."),
            (
                _seen_twice,
                "What was seen is in there twice: `V.T @ V` has it once, so add only what its "
                "weight is above 1.",
            ),
            (_unweighted, "The weights are missing: a film with many stars counts more."),
            (_unpenalized, "The penalty is missing."),
            (_only_extra, "On the right the full weight counts, the 1 too."),
            (_stars_wanted, "What is to be predicted is 1 for each film that was seen."),
        ],
        hints=(
            "`v = V[seen]` are the rows of the films that the user has seen.",
            "The matrix is `V.T @ V`, and something with `v`, and the penalty.",
            "`v.T @ (alpha * stars[:, None] * v)` adds up the rows with what is above 1.",
        ),
        solution=(
            "```python\n"
            "def solve_seen(V, seen, stars, alpha, strength):\n"
            "    v = V[seen]\n"
            "    extra = alpha * stars\n"
            "    A = V.T @ V + v.T @ (extra[:, None] * v) + strength * np.eye(V.shape[1])\n"
            "    return np.linalg.solve(A, v.T @ (1 + extra))\n"
            "```"
        ),
    ),
    "exit": Choice(
        right="C",
        others={
            "A": "RMSE looks only at films that the user has rated, and a list is chosen from all "
            "the others. In this lesson the lowest RMSE did not have the best list.",
            "B": "It would tell whether the difference of the RMSEs is chance. Then you would know "
            "more about the RMSE, and nothing about the lists.",
            "D": "The RMSE would be known more exactly. Would you know anything about the lists?",
        },
        hints=(
            "Which pairs of user and film does the RMSE look at, and from which is a list chosen?",
        ),
        solution=(
            "C. A lower RMSE says that the stars of *rated* films are predicted better. Which of "
            "all the films that were *not* rated stand in front is another question, with a "
            "measure of its own."
        ),
    ),
}

PREDICTIONS = {
    "a": Prediction(
        "the factors have the lowest RMSE, and popularity, which predicts no stars and recommends "
        "the same films to everybody, less what they have rated, has by far the highest precision.",
        "The lowest RMSE has not the best list. A count of ratings, which knows nothing about "
        "anybody, has at least one and a half times the hits of the factors. Recall and nDCG "
        "say the same of these two.",
    ),
    "b": Prediction(
        "the two disagree. The RMSE is lowest at 5, and rises from there on. The precision rises "
        "all the way, steeply at first and from 500 on hardly: what is best for the stars is far "
        "from what is good for the list.",
        "Why? When $\\beta$ is much larger than $n_j$, then $\\beta\\, c_j$ is nearly $\\sum_{i "
        "\\in U_j} (r_{ij} - \\mu)$, that is, $n_j$ times how much better than the mean the "
        "film is. A heavy penalty ranks by *popularity times quality*. The RMSE has no use "
        "for that: it asks how good a film is to those who have seen it.",
    ),
    "c": Prediction(
        "the more taste decides what people see, the further the implicit model gets ahead of "
        "popularity. Where fame alone decides, it has no lead. And the share that people truly "
        "like has another order: it is the factors whose lists are liked most.",
        "Two lessons, and they pull in opposite directions.\n\n"
        "First: the more that taste decides what people see, the more there is to learn from "
        "*who has seen what*, and the further a model that learns it gets ahead of "
        "popularity.\n\n"
        "Second: a test on old ratings sees a small part of the truth, and not an even one. "
        "With taste at 0.5 more than half of what the factors recommend is truly liked, over "
        "ten times as much as is measured; the user had just not come across it. In this "
        "world the list with the lowest measured precision is the one that people like most. "
        "(It suits the factors: what its people like *is* biases and a few factors.) Whether "
        "it is so in ours, no test on ratings of films that people chose themselves can say, "
        "unless one assumes how they chose. One has to ask people about films that were "
        "chosen for them, or to show them the lists.",
    ),
    "d": Prediction(
        "at least half of the gain is gone. Most of the latest ratings are by people who joined "
        "late: there is nothing to learn their factors from.",
        "For somebody without a past, $u_i$ is 0, and the factors predict what the biases "
        "predict. A random part contains hardly any such people, so it flatters: biases as "
        "well do worse on the latest ratings. For people with a past the factors are still "
        "ahead, with an interval on their side of 0. On MovieLens they gain less than half of "
        "what they gain at random; but these are only 27 people.",
    ),
    "e": Prediction(
        "it is, and the interval lies above 0: the implicit model is ahead of popularity, and "
        "popularity of the factors that have the lowest RMSE.",
        "By precision, recall and nDCG the implicit model is ahead of popularity, with "
        "intervals above 0; on MovieLens also of the factors that were chosen by their lists, "
        "whose RMSE is worse than that of the mean for everything. Its lists are also the "
        "least alike of the six: two users share the smallest part of a list, and the most "
        "films stand on somebody's list. (Lists drawn at random would be less alike still; "
        "these have the most hits as well.) Their films are less known than popularity's, and "
        "better known than those of the factors that have the lowest RMSE. Popularity is "
        "beaten by learning the same thing that it knows, who sees what, but for each user.",
    ),
}
