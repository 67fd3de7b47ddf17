"""Answers that students of lesson 13 give: right ones in different forms, wrong ones with words."""

from fractions import Fraction

import numpy as np

from mfteach.answers import Ledger


def ndcg(relevant, n):
    discount = 1 / np.log2(np.arange(n) + 2)
    best = np.sort(relevant)[::-1]
    return (relevant[:n] @ discount) / (best[:n] @ discount)


def in_loops(relevant, n):
    def dcg(listed):
        return sum(gain / np.log(place + 1) for place, gain in enumerate(listed[:n], start=1))

    return dcg(relevant) / dcg(sorted(relevant, reverse=True))


def dcg(relevant, n):
    return relevant[:n] @ (1 / np.log2(np.arange(n) + 2))


def solve(V, seen, stars, alpha, strength):
    v, extra = V[seen], alpha * stars
    A = V.T @ V + v.T @ (extra[:, None] * v) + strength * np.eye(V.shape[1])
    return np.linalg.solve(A, v.T @ (1 + extra))


def of_the_full_table(V, seen, stars, alpha, strength):
    weight, wanted = np.ones(len(V)), np.zeros(len(V))
    weight[seen], wanted[seen] = 1 + alpha * stars, 1
    A = V.T @ np.diag(weight) @ V + strength * np.identity(V.shape[1])
    return np.linalg.inv(A) @ V.T @ (weight * wanted)


def one_by_one(V, seen, stars, alpha, strength):
    A, b = V.T @ V + strength * np.eye(V.shape[1]), np.zeros(V.shape[1])
    for j, r in zip(seen, stars, strict=True):
        A = A + alpha * r * np.outer(V[j], V[j])
        b = b + (1 + alpha * r) * V[j]
    return np.linalg.solve(A, b)


def ledger(*lines, name="implicit v"):
    mine = Ledger(name)
    for line in lines:
        mine.add(line)
    return mine


ERROR = "sum_{i=1..m} -u_is wtilde_ij (w_ij - sum_q u_iq v_jq) + lambda v_js"
GOAL = (
    "sum_q (sum_{i=1..m} wtilde_ij u_is u_iq + lambda delta_sq) v_jq"
    " - sum_{i=1..m} wtilde_ij w_ij u_is"
)
SPLIT = (
    "sum_q sum_{i=1..m} wtilde_ij u_is u_iq v_jq + lambda v_js - sum_{i=1..m} wtilde_ij w_ij u_is"
)

RIGHT = {
    "13-1": [
        [1 / 2, 2 / 3, 0.5307],
        ("1/2", "2/3", "0.531"),
        [Fraction(1, 2), Fraction(2, 3), 1.1309 / 2.1309],
        "0.5, 0.667, 0.5307",
        [0.5, 0.67, 0.53],
        np.array([0.5, 0.6667, 0.53072]),
    ],
    "13-2": [ndcg, in_loops, lambda relevant, n: dcg(relevant, n) / dcg(-np.sort(-relevant), n)],
    "13-3": [[True, True, False, True, False], "TTFTF", ("yes", "yes", "no", "yes", "no")],
    "13-4": ["1/3", Fraction(1, 3), 1 / 3, 0.333, 0.33, "3/9"],
    "13-5": [ledger(ERROR, GOAL), ledger(ERROR, SPLIT, GOAL), ledger(SPLIT, GOAL)],
    "13-6": [solve, of_the_full_table, one_by_one],
    "13-exit": ["C", "c", " C "],
}

WRONG = {
    "13-1": [
        ([2 / 3, 1 / 2, 0.5307], "divide by 4"),
        ([1 / 2, 1 / 2, 0.5307], "share of the liked films"),
        ([1 / 2, 1, 0.5307], "first four places"),
        ([1 / 2, 2 / 3, 1.1309], "largest that is possible"),
        ([1 / 2, 2 / 3, 1.1309 / 2.5616], "Four hits are not possible"),
        ([1 / 2, 2 / 3, 1.1309 / 1.6309], "third liked film"),
        ([1 / 2, 2 / 3, 0.6978], "all six places"),
        ([2, 2 / 3, 0.5307], "Which share of the four places"),
        ([1 / 2, 2 / 3, ...], "nDCG at 4: not answered yet"),
        (0.5, "Type 3 answers"),
    ],
    "13-2": [
        (dcg, "Divide it by the largest"),
        (lambda relevant, n: ndcg(relevant, len(relevant)), "Only the first n places count"),
        (lambda relevant, n: ndcg(relevant[:n], n), "all liked films"),
        (lambda relevant, n: dcg(relevant, n) / dcg(np.ones(n), n), "no more hits"),
        (
            lambda relevant, n: (
                (relevant[:n] / np.arange(1, n + 1)).sum()
                / (np.sort(relevant)[::-1][:n] / np.arange(1, n + 1)).sum()
            ),
            "not by p",
        ),
        (lambda relevant, n: relevant[:n].mean(), ""),
        (lambda relevant: relevant, "must take the arguments"),
        (0.53, "is not a function"),
    ],
    "13-3": [
        ([True, False, False, True, False], "Look again at sentence 2"),
        ([True, True, True, True, False], "Look again at sentence 3"),
        ([True, True, False, True, True], "Look again at sentence 5"),
        ([False, False, True, False, True], "Look again at sentences"),
        ([True, True, False], "each of the 5 sentences"),
        ([True, True, False, True, ...], "Sentence 5 is not answered yet"),
    ],
    "13-4": [
        (3 / 4, "two blanks are missing"),
        (1 / 7, "weight 1 + 4/2"),
        (3 / 8, "penalty is missing"),
        (0.3, "in there twice"),
        (2 / 9, "full weight counts, the 1 too"),
        (4 / 3, "it was seen"),
        (9, "too high"),
    ],
    "13-5": [
        (ledger(ERROR.replace("i=1..m", "i in U_j")), "no line is proved"),
        (ledger(ERROR.replace("sum_q u_iq v_jq", "rhat_ij")), "write rhat_ij out"),
        (ledger(ERROR, SPLIT.replace("- sum", "+ sum")), "Its own hint() names the next step."),
        (ledger("dJ/du_is", name="u"), "derives something else"),
        ("w_ij", "is not a ledger"),
        (ledger(GOAL), "the steps to it are missing"),
    ],
    "13-6": [
        (
            lambda V, seen, stars, alpha, s: np.linalg.solve(
                (V[seen].T * (1 + alpha * stars)) @ V[seen] + s * np.eye(V.shape[1]),
                V[seen].T @ (1 + alpha * stars),
            ),
            "blanks are missing",
        ),
        (lambda V, seen, stars, alpha, s: solve(V, seen, stars, 0, s), "weights are missing"),
        (lambda V, seen, stars, alpha, s: solve(V, seen, stars, alpha, 0), "penalty is missing"),
        (
            lambda V, seen, stars, alpha, s: np.linalg.solve(
                V.T @ V + (V[seen].T * (1 + alpha * stars)) @ V[seen] + s * np.eye(V.shape[1]),
                V[seen].T @ (1 + alpha * stars),
            ),
            "in there twice",
        ),
        (
            lambda V, seen, stars, alpha, s: np.linalg.solve(
                V.T @ V + (V[seen].T * (alpha * stars)) @ V[seen] + s * np.eye(V.shape[1]),
                V[seen].T @ (alpha * stars),
            ),
            "the 1 too",
        ),
        (
            lambda V, seen, stars, alpha, s: np.linalg.solve(
                V.T @ V + (V[seen].T * (alpha * stars)) @ V[seen] + s * np.eye(V.shape[1]),
                V[seen].T @ (stars * (1 + alpha * stars)),
            ),
            "1 for each film that was seen",
        ),
        (lambda V, seen, stars, alpha, s: V[seen], ""),
        (lambda V: V, "must take the arguments"),
    ],
    "13-exit": [
        ("A", "only at films that the user has rated"),
        ("B", "nothing about the lists"),
        ("D", "more exactly"),
        ("E", ""),
    ],
}
