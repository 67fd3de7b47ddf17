"""Right answers and slips of 06-loss. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import (
    Choice,
    Formula,
    Implementation,
    Number,
    Slip,
    part,
    source_of,
    up_to_a_factor,
)

x = sp.Symbol("x")


def q1(i, j):
    def terms(term):
        return "$" + " + ".join(term(q) for q in (1, 2, 3)) + "$"

    def bracket(letter, row):
        return "(" + " + ".join(f"{letter}_{{{row}{q}}}" for q in (1, 2, 3)) + ")"

    return Choice(
        right=terms(lambda q: f"u_{{{i}{q}}}\\,v_{{{j}{q}}}"),
        slips=[
            Slip(
                "factor first in both",
                terms(lambda q: f"u_{{{q}{i}}}\\,v_{{{q}{j}}}"),
                "Your indices are the wrong way round. The first one names the row, the second "
                f"one the factor: what would factor {i} be, if there are only three?",
            ),
            Slip(
                "factor first in V",
                terms(lambda q: f"u_{{{i}{q}}}\\,v_{{{q}{j}}}"),
                "The users are right. For the films you followed the slide that writes the factor "
                "first; in this course V has a row for each film.",
            ),
            Slip(
                "bound index outside",
                f"$u_{{{i}q}}\\,v_{{{j}q}}$",
                "The letter q has a meaning only under the sum sign, where it takes all its "
                "values in turn. On its own it is not a number.",
            ),
            Slip(
                "product of sums",
                f"${bracket('u', i)}\\,{bracket('v', j)}$",
                "Multiplied out, this also contains the user's taste for one factor times the "
                "film's share of another.",
            ),
        ],
    )


def _table(a, b, c, d, e, f, x, y, z):
    """Ratings (nan is the blank) and predictions of q2; x, y, z are errors."""
    U, V = np.array([[1, 0], [1, 1]]), np.array([[a, b], [c, d], [e, f]])
    predicted = U @ V.T
    R = predicted + np.array([[x, -c, np.nan], [y, z, -f]])
    return R, predicted


def q2(a, b, c, d, e, f, x, y, z):
    R, predicted = _table(a, b, c, d, e, f, x, y, z)
    errors = (R - predicted)[~np.isnan(R)]
    everywhere = np.nan_to_num(R) - predicted
    nonzero = (R - predicted)[np.nan_to_num(R) != 0]
    return Number(
        right=(errors**2).sum() / 2,
        slips=[
            Slip(
                "blank read as 0",
                (everywhere**2).sum() / 2,
                "You counted the blank as a rating of 0. Its pair is not in S.",
            ),
            Slip(
                "0 read as blank",
                (nonzero**2).sum() / 2,
                "You left the rating 0 out. It is a rating like any other, and its error counts.",
            ),
            Slip(
                "half forgotten",
                (errors**2).sum(),
                "The squares are right. Look at the formula again: what is in front of the sum?",
            ),
            Slip(
                "mean instead of sum",
                (errors**2).mean(),
                "You took a mean. J is a sum, not divided by the number of ratings.",
            ),
            Slip(
                "errors not squared",
                np.abs(errors).sum(),
                "You added up the sizes of the errors. J takes their squares, so that a large "
                "error counts more.",
            ),
            Slip(
                "squared after adding",
                errors.sum() ** 2 / 2,
                "You added first and squared afterwards. That way, positive and negative errors "
                "cancel.",
            ),
        ],
    )


def q2_printed(a, b, c, d, e, f, x, y, z):
    R, _ = _table(a, b, c, d, e, f, x, y, z)
    known = np.nan_to_num(R).astype(int)
    return {f"r{i + 1}{j + 1}": str(known[i, j]) for i in range(2) for j in range(3)}


def q3(p, q, t, r, w):
    first, second = r - p * x, w - q * x
    right = (first**2 + second**2) / 2
    return Formula(
        right,
        slips=[
            Slip(
                "half forgotten",
                2 * right,
                "The squares are right; what is in front of the sum in J?",
            ),
            Slip(
                "blank read as 0",
                right + (t * x) ** 2 / 2,
                "Your sum includes user 3 with a rating of 0. This user has not rated the film.",
            ),
            Slip(
                "squared after adding",
                (first + second) ** 2 / 2,
                "You added the two errors first. Square each of them separately, or they cancel.",
            ),
            Slip(
                "errors not squared",
                (first + second) / 2,
                "These are the errors, added up. J takes their squares.",
            ),
            Slip(
                "tastes forgotten",
                ((r - x) ** 2 + (w - x) ** 2) / 2,
                "You predict the same for both users. The prediction is taste times share.",
            ),
        ],
    )


def _experiment(seed):
    """Return J of the known ratings, and the mean prediction for the blanks.

    First with the blanks left out, then with the blanks counted as ratings of 0.
    """
    rng = np.random.default_rng(seed)
    R, W = rng.integers(2, 6, size=(6, 5)), (rng.random((6, 5)) < 0.6).astype(float)
    W[0], W[:, 0], W[1, 1], W[2, 2] = 1, 1, 0, 0
    rows = []
    for counted in (W, np.ones_like(W)):
        u, v = np.ones(6), np.ones(5)
        for _ in range(100):
            u = (W * R) @ v / (counted @ v**2)
            v = (W * R).T @ u / (counted.T @ u**2)
        predicted = np.outer(u, v)
        rows.append((np.sum(W * (R - predicted) ** 2) / 2, predicted[W == 0].mean()))
    return rows


def q4(seed):
    rows = _experiment(seed)
    return Number(
        right=rows[1][1],
        slips=[
            Slip(
                "blanks left out",
                rows[0][1],
                "That is the mean prediction when the blanks are left out.",
            ),
            Slip(
                "loss instead of prediction",
                rows[1][0],
                "That is J. What is predicted for the blanks?",
            ),
            Slip("loss of the other line", rows[0][0], "That is J with the blanks left out."),
        ],
        computed=True,
    )


def q4_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def q5(m, n, k, N):
    count = (m + n) * k
    return Choice(
        right=f"Hardly anything: {count} numbers can memorize {N} ratings.",
        slips=[
            Slip(
                "low loss is good",
                "They are about as good as those of the known ratings, because J is almost 0.",
                "J contains only the known ratings. What does it say about all the other pairs?",
            ),
            Slip(
                "numbers counted for one user",
                f"They are good: {2 * k} numbers cannot memorize {N} ratings.",
                "You counted the numbers of one user and one film. How many are there of each?",
            ),
            Slip(
                "blank predicted as 0",
                "They are all near 0, because J treats a blank as a rating of 0.",
                "A blank is not in S, so J does not pull its prediction anywhere.",
            ),
            Slip(
                "small loss taken for failure",
                f"They are useless: with {N} ratings J cannot get that low without a mistake.",
                "There does not have to be a mistake. Compare the number of free parameters with "
                "the number of ratings they must fit.",
            ),
        ],
    )


def _loss(R, U, V):
    errors = R - U @ V.T
    return 0.5 * np.nansum(errors**2)


def _blank_as_zero(R, U, V):
    errors = np.nan_to_num(R) - U @ V.T
    return 0.5 * np.sum(errors**2)


def _zero_as_blank(R, U, V):
    known = np.nan_to_num(R) != 0
    errors = R[known] - (U @ V.T)[known]
    return 0.5 * np.sum(errors**2)


def _half_forgotten(R, U, V):
    errors = R - U @ V.T
    return np.nansum(errors**2)


def _mean(R, U, V):
    errors = R - U @ V.T
    return 0.5 * np.nanmean(errors**2)


def _squared_after_adding(R, U, V):
    errors = R - U @ V.T
    return 0.5 * np.nansum(errors) ** 2


def _loss_inputs(rng):
    """Tables with blanks and a 0, without blanks, without a 0, empty in places, with one rating."""
    tables = []
    for m, n in [(3, 4), (5, 3), (4, 4), (3, 3), (4, 3), (3, 4)]:
        R = rng.choice([-2.0, -1.0, 1.0, 2.0], size=(m, n))
        R[0, 0] = 0.0
        tables.append(R)
    mixed, no_blank, no_zero, empty, one, other = tables
    for R in (mixed, other, no_zero):
        R[1, 1], R[-1, 0] = np.nan, np.nan
    no_zero[0, 0] = 1.0
    empty[1], empty[:, 1] = np.nan, np.nan
    one[:] = np.nan
    one[2, 1] = rng.choice([-2.0, -1.0, 1.0, 2.0])
    ranks = (2, 1, 3, 2, 2, 1)
    return [
        (R, rng.normal(size=(len(R), k)), rng.normal(size=(R.shape[1], k)))
        for R, k in zip((mixed, no_blank, no_zero, empty, one, other), ranks, strict=True)
    ]


def _without_blanks(R, U, V):
    return not np.isnan(R).any()


def _without_zeros(R, U, V):
    return not (R == 0).any()


def _one_rating(R, U, V):
    return np.isfinite(R).sum() == 1


def q6():
    return Implementation(
        _loss,
        _loss_inputs,
        slips=[
            Slip(
                "blank read as 0",
                _blank_as_zero,
                "Your loss counts blanks as ratings of 0. Only pairs with a known rating have an "
                "error.",
            ),
            Slip(
                "0 read as blank",
                _zero_as_blank,
                "Your loss leaves out ratings of 0. Check whether a rating is nan, not whether it "
                "is 0.",
            ),
            Slip(
                "half forgotten", _half_forgotten, "Every value is twice as large as it should be."
            ),
            Slip(
                "mean instead of sum",
                _mean,
                "You divide by the number of ratings. J is a sum and grows with the data.",
            ),
            Slip(
                "squared after adding",
                _squared_after_adding,
                "The errors are added before they are squared, so they cancel each other.",
            ),
        ],
        properties=[
            part("tables without blanks", where=_without_blanks),
            part("tables without a rating of 0", where=_without_zeros),
            part("tables with one known rating", where=_one_rating),
            up_to_a_factor("everything but a factor"),
        ],
    )
