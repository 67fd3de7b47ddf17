"""Right answers and slips of 14-movielens. Never released, never in a student's process."""

from itertools import combinations

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip, part, source_of
from mfteach.grading.assignments.tables import tables

alpha, lam_ = sp.symbols("alpha lam")
FILMS = {"A": "Nero", "B": "Casablanca", "C": "Cleopatra", "D": "Pretty Woman"}


def q1(lists, halvings, n_films):
    """The lists are such as "AB AC BD"; 64 users, halved so many times, have rated A, B, C, D."""
    lists = lists.split()
    bits = dict(zip("ABCD", map(sp.Integer, halvings), strict=True))
    places = "".join(lists)
    pairs = [(set(one), set(other)) for one, other in combinations(lists, 2)]
    coverage = sp.Rational(len(set(places)), n_films)
    overlap = sum(sp.Rational(len(one & other), 2) for one, other in pairs) / 3
    novelty = sum(bits[film] for film in places) / sp.Integer(len(places))
    known = sum(sp.Rational(1, 2 ** bits[film]) for film in places) / len(places)
    return Number(
        right=[coverage, overlap, novelty],
        slips=[
            Slip(
                "places counted for films",
                [sp.Rational(len(places), n_films), overlap, novelty],
                "The last two are right. A film on several lists is still one film.",
            ),
            Slip(
                "number for share",
                [coverage, 2 * overlap, novelty],
                "The first and the last are right. The second is a share of a list, not a number "
                "of films.",
            ),
            Slip(
                "divided by both lists together",
                [
                    coverage,
                    sum(sp.Rational(len(one & other), len(one | other)) for one, other in pairs)
                    / 3,
                    novelty,
                ],
                "The first and the last are right. The second is divided by the length of a list.",
            ),
            Slip(
                "each film once",
                [
                    coverage,
                    overlap,
                    sum(bits[film] for film in set(places)) / sp.Integer(len(set(places))),
                ],
                "The first two are right. A film on two lists counts twice.",
            ),
            Slip(
                "logarithm left out",
                [coverage, overlap, known],
                "The first two are right. The third is in bits: one more for each halving.",
            ),
        ],
        computed=True,
    )


def q1_printed(lists, halvings, n_films):
    shown = "\n".join(
        f"| user {number} | {FILMS[one]} | {FILMS[other]} |"
        for number, (one, other) in enumerate(lists.split(), 1)
    )
    counts = (
        f"{FILMS[film]} by {64 // 2**bits}" for film, bits in zip("ABCD", halvings, strict=True)
    )
    return {"table": shown, "counts": ", ".join(counts)}


def _runs(run):
    """Return settings, errors on validation and on test: of the biases, and of the factors."""
    rng = np.random.default_rng(run)
    low = int(rng.integers(840, 900))
    gain = int(rng.integers(18, 40))
    rivals = []
    for settings, lowest, higher in (((1, 2, 4, 8), low, 4), ((4, 8, 16, 32), low - gain, 11)):
        place = int(rng.integers(1, 3))
        steps = np.abs(np.arange(4) - place)
        choose = lowest + steps * rng.integers(3, 7, 4)
        test = lowest + higher + steps * rng.integers(2, 4, 4)
        test[place + (1 if rng.random() < 0.5 else -1)] -= int(rng.integers(5, 9))
        rivals.append(list(zip(settings, choose / 1000, test / 1000, strict=True)))
    return rivals


def _gain(biases, factors):
    return 100 * (1 - factors / biases)


def q2(run):
    rivals = _runs(run)
    biases, factors = (min(rows, key=lambda row: row[1]) for rows in rivals)
    tempting = [min(row[2] for row in rows) for rows in rivals]
    right = _gain(biases[2], factors[2])
    return Number(
        right=right,
        slips=[
            Slip(
                "chosen on test",
                _gain(*tempting),
                "Those settings were chosen by their test errors.",
            ),
            Slip(
                "validation errors reported",
                _gain(biases[1], factors[1]),
                "The settings are right, but they were chosen on these errors: report others.",
            ),
            Slip(
                "factors chosen on test",
                _gain(biases[2], tempting[1]),
                "The biases are right; the factors' setting was chosen by its test error.",
            ),
            Slip(
                "rival not tuned",
                _gain(max(row[2] for row in rivals[0]), factors[2]),
                "The factors' setting is right. The biases have to be tuned as well.",
            ),
            Slip(
                "difference in place of percent",
                100 * (biases[2] - factors[2]),
                "The settings are right. How large is the difference, in percent of the biases' "
                "error?",
            ),
            Slip(
                "share in place of percent",
                right / 100,
                "The share is right, but it was asked for in percent.",
            ),
        ],
        computed=True,
    )


def q2_printed(run):
    def shown(name, letter, rows):
        return "\n".join(
            f"| {name}, ${letter} = {setting}$ | {choose:.3f} | {test:.3f} |"
            for setting, choose, test in rows
        )

    biases, factors = _runs(run)
    rows = shown("biases", r"\beta", biases), shown("factors", r"\lambda", factors)
    return {"table": "\n".join(rows)}


# Each sentence as it should be and with its fault; what is said of the fault; and the answer to
# those who say it of a sentence that has none.
_SENTENCES = (
    (
        "For the factors we tried the strengths 4, 8 and 16; on validation 8 had the lowest RMSE, "
        "and we took it.",
        "For the factors we tried the strengths 4, 8 and 16; on validation 16 had the lowest RMSE, "
        "and we took it.",
        "Sentence 1: a still better strength may lie beyond what was tried.",
        "The winner has neighbours on both sides, and both were worse.",
    ),
    (
        "The penalty of the biases was chosen on validation too, from a list with the winner "
        "inside.",
        "The penalty of the biases is the one that the program has by default.",
        "Sentence 2: the gain is over a rival that nobody has tuned.",
        "The rival was chosen with the same care as the factors.",
    ),
    (
        "Then we looked at the test ratings, once, with the two winners.",
        "Then we looked at the test ratings with each strength, and report the lowest RMSE.",
        "Sentence 3: the test ratings took part in the choice.",
        "When the test ratings were looked at, everything had been chosen.",
    ),
    (
        "A user's list is their own: we turned all ratings round, and {few} of {n} films stayed.",
        "A user's list is their own: we turned all ratings round, and {many} of {n} films stayed.",
        "Sentence 4: such a list hardly depends on what the user likes.",
        "Who likes the opposite got nearly another list, and so they should.",
    ),
)
_NAMES = ("the strengths", "the rival", "the test", "the list")


def q3(fault, n, few):
    wrong = [
        Slip(f"{name} suspected", sentence[2], sentence[3])
        for number, (name, sentence) in enumerate(zip(_NAMES, _SENTENCES, strict=True), 1)
        if number != fault
    ]
    return Choice(
        right=_SENTENCES[fault - 1][2],
        slips=[
            *wrong,
            Slip(
                "the size suspected",
                "Sentence 5: a gain of a few percent cannot be real.",
                "Small gains are what honest comparisons show. What would make one unreal?",
            ),
        ],
    )


def q3_printed(fault, n, few):
    told = [sentence[number == fault] for number, sentence in enumerate(_SENTENCES, 1)]
    told.append("On the test ratings the RMSE of the factors was a few percent lower.")
    listed = (f"{number}. {text}" for number, text in enumerate(told, 1))
    return {"report": "\n".join(listed).format(few=few, many=n - few, n=n)}


def q4(r, s, v, w, x):
    first, second = v + v * r * alpha, w + w * s * alpha
    matrix = sp.expand(v * first + w * second + x**2)
    share = sp.expand(x * first) / (matrix + lam_)
    return Formula(
        share,
        slips=[
            Slip(
                "whole prediction for the share",
                x * (first + second) / (matrix + lam_),
                "That is the whole prediction: the shares of both films together.",
            ),
            Slip(
                "blanks left out",
                x * first / (matrix - x**2 + lam_),
                "The numerator is right. A blank is a pair too, with weight 1, in the denominator.",
            ),
            Slip(
                "third film forgotten",
                first / (matrix + lam_),
                "That is what the first film adds to u. The prediction is u times a factor.",
            ),
            Slip(
                "stars as target",
                r * share,
                "What is predicted is 1 or 0, liked or not; the stars are in the weight only.",
            ),
            Slip(
                "the 1 of the weight forgotten",
                v * x * r * alpha / ((v**2 * r + w**2 * s) * alpha + x**2 + lam_),
                "The weight of a liked film is more than alpha times its stars.",
            ),
            Slip(
                "penalty left out",
                x * first / matrix,
                "Without a penalty this is right. Where does lam come in when you differentiate?",
            ),
        ],
    )


def _experiment(seed):
    """Return numbers of users, and the RMSE of biases of the films without and with a factor."""
    rng = np.random.default_rng(seed)
    v, quality = rng.choice([-1.0, 1.0], 40), rng.normal(0, 0.4, 40)
    table = []
    for m in (25, 50, 100, 200, 400, 800):
        taste, noise = rng.normal(size=m), rng.normal(0, 0.8, (m, 40))
        stars = 3.5 + quality + 0.5 * np.outer(taste, v) + noise
        draw = rng.random((m, 40))
        W, held_out = draw < 0.2, draw > 0.8
        c = (W * (stars - 3.5)).sum(axis=0) / (W.sum(axis=0) + 4)
        E, b = W * (stars - 3.5 - c), rng.normal(size=40)
        for _ in range(40):
            a = E @ b / (W @ b**2 + 5)
            b = a @ E / (a**2 @ W + 5)
        errors = stars - 3.5 - c, stars - 3.5 - c - np.outer(a, b)
        table.append((m, *(np.sqrt(np.mean(e[held_out] ** 2)) for e in errors)))
    return table


def q5(seed):
    rows = _experiment(seed)
    _, biases, factor = rows[-1]
    right = _gain(biases, factor)
    return Number(
        right=right,
        slips=[
            Slip(
                "difference in place of percent",
                100 * (biases - factor),
                "The row is right. How large is the difference, in percent of the biases' error?",
            ),
            Slip(
                "share in place of percent",
                right / 100,
                "The share is right, but it was asked for in percent.",
            ),
            Slip(
                "divided by the lower error",
                100 * (biases / factor - 1),
                "The row is right. In percent of which error is a gain over the biases?",
            ),
            Slip(
                "fewest users",
                _gain(*rows[0][1:]),
                "That is the gain with the fewest users.",
            ),
        ],
        computed=True,
    )


def q5_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def _half_step_of_likes(R, W, V, alpha, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        likes = (W[i] == 1) & (R[i] >= 4)
        v, extra = V[likes], alpha * R[i, likes]
        A = V.T @ V + (v.T * extra) @ v + lam * np.eye(k)
        U[i] = np.linalg.solve(A, v.T @ (1 + extra))
    return U


def _all_rated(R, W, V, alpha, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        v, extra = V[W[i] == 1], alpha * R[i, W[i] == 1]
        A = V.T @ V + (v.T * extra) @ v + lam * np.eye(k)
        U[i] = np.linalg.solve(A, v.T @ (1 + extra))
    return U


def _more_than_four(R, W, V, alpha, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        v, extra = V[R[i] > 4], alpha * R[i, R[i] > 4]
        A = V.T @ V + (v.T * extra) @ v + lam * np.eye(k)
        U[i] = np.linalg.solve(A, v.T @ (1 + extra))
    return U


def _likes_only(R, W, V, alpha, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        v, weights = V[R[i] >= 4], 1 + alpha * R[i, R[i] >= 4]
        A = (v.T * weights) @ v + lam * np.eye(k)
        U[i] = np.linalg.solve(A, v.T @ weights)
    return U


def _stars_as_target(R, W, V, alpha, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        likes = R[i] >= 4
        v, extra = V[likes], alpha * R[i, likes]
        A = V.T @ V + (v.T * extra) @ v + lam * np.eye(k)
        U[i] = np.linalg.solve(A, v.T @ ((1 + extra) * R[i, likes]))
    return U


def _likes_twice(R, W, V, alpha, lam):
    k = V.shape[1]
    U = np.zeros((len(R), k))
    for i in range(len(R)):
        v, weights = V[R[i] >= 4], 1 + alpha * R[i, R[i] >= 4]
        A = V.T @ V + (v.T * weights) @ v + lam * np.eye(k)
        U[i] = np.linalg.solve(A, v.T @ weights)
    return U


def _no_weights(R, W, V, alpha, lam):
    A = V.T @ V + lam * np.eye(V.shape[1])
    return np.linalg.solve(A, V.T @ (R >= 4).T).T


def _no_penalty(R, W, V, alpha, lam):
    U = np.zeros((len(R), V.shape[1]))
    for i in range(len(R)):
        v, extra = V[R[i] >= 4], alpha * R[i, R[i] >= 4]
        U[i] = np.linalg.solve(V.T @ V + (v.T * extra) @ v, v.T @ (1 + extra))
    return U


def _penalty_everywhere(R, W, V, alpha, lam):
    U = np.zeros((len(R), V.shape[1]))
    for i in range(len(R)):
        v, extra = V[R[i] >= 4], alpha * R[i, R[i] >= 4]
        U[i] = np.linalg.pinv(V.T @ V + (v.T * extra) @ v + lam) @ v.T @ (1 + extra)
    return U


def _right_side_only(R, W, V, alpha, lam):
    return ((R >= 4) * (1 + alpha * R)) @ V


def _instances(rng):
    """Ratings on both sides of 4 stars, and at 4; the third has nothing but likes."""
    inputs = []
    for number, ((_, W), k) in enumerate(zip(tables(rng), (2, 3, 2, 2, 1, 1), strict=True)):
        R = rng.choice([1.0, 2.0, 3.0, 3.5, 4.5, 5.0], size=W.shape)
        R[0, :2], R[1, 0], R[1, 1] = (4.0, 2.0), 3.5, 5.0
        if number == 0:
            R[2] = 2.0  # a user who likes nothing
        if number == 2:
            R = rng.choice([4.0, 4.5, 5.0], size=W.shape)
            R[0, 0] = 4.0
        weight = 0.0 if number == 1 else float(rng.uniform(0.3, 1))
        V = rng.normal(size=(W.shape[1], k)) + np.eye(W.shape[1], k)
        inputs.append((W * R, W, V, weight, float(rng.uniform(0.5, 2))))
    return inputs


def q6():
    return Implementation(
        _half_step_of_likes,
        _instances,
        slips=[
            Slip(
                "every rating a like",
                _all_rated,
                "You used ratings below 4 stars too: they are blanks here.",
            ),
            Slip(
                "4 stars are no like",
                _more_than_four,
                "The equations are right, but 4 stars are a like as well.",
            ),
            Slip(
                "blanks left out",
                _likes_only,
                "The right-hand side is right. The matrix contains every film, blanks with weight "
                "1.",
            ),
            Slip(
                "stars as target",
                _stars_as_target,
                "The matrix is right. What is predicted is 1 or 0; the stars are in the weight "
                "only.",
            ),
            Slip(
                "likes counted twice",
                _likes_twice,
                "The right-hand side is right. The sum over all films contains the likes once "
                "already.",
            ),
            Slip(
                "weights left out",
                _no_weights,
                "All pairs count alike in your equations: alpha is missing.",
            ),
            Slip(
                "penalty left out",
                _no_penalty,
                "All is right but the penalty, which is missing on the diagonal.",
            ),
            Slip(
                "penalty on every entry",
                _penalty_everywhere,
                "You added lam to every entry of the matrix. It belongs on the diagonal.",
            ),
            Slip(
                "equations not solved",
                _right_side_only,
                "These are the right-hand sides, and they are right. You still have to solve the "
                "equations.",
            ),
        ],
        properties=[
            part(
                "tables in which every film is liked",
                where=lambda R, W, V, alpha, lam: bool((R >= 4).all()),
            ),
            part("one factor", where=lambda R, W, V, alpha, lam: V.shape[1] == 1),
            part("equal weights", where=lambda R, W, V, alpha, lam: alpha == 0),
        ],
    )
