"""Right answers and slips of 06-loss. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip

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
                "Your indices stand the other way round. The first one names the row, the second "
                f"one the factor: what would factor {i} be, if there are three?",
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
                "The letter q lives only under the sum sign, where it takes all its values in "
                "turn. Alone it stands for no number.",
            ),
            Slip(
                "product of sums",
                f"${bracket('u', i)}\\,{bracket('v', j)}$",
                "Multiplied out, this also has the user's taste for one factor times the film's "
                "share of another one.",
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
                "The blank came into the sum, as if it were a rating of 0. It is in no pair of S.",
            ),
            Slip(
                "0 read as blank",
                (nonzero**2).sum() / 2,
                "You left the rating 0 out. It is a rating like any other, and its error counts.",
            ),
            Slip(
                "half forgotten",
                (errors**2).sum(),
                "The squares are right. Look at the formula again: what stands before the sum?",
            ),
            Slip(
                "mean of squares",
                (errors**2).mean(),
                "You took a mean. J is a sum: it is not divided by the number of ratings.",
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
                "You added first and squared then. So an error that is too high and one that is "
                "too low hide each other.",
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
                "The squares are right; what stands before the sum in J?",
            ),
            Slip(
                "blank read as 0",
                right + (t * x) ** 2 / 2,
                "User 3 is in your sum with a rating of 0. This user has not rated the film.",
            ),
            Slip(
                "squared after adding",
                (first + second) ** 2 / 2,
                "You added the two errors first. Square each of them by itself, or they cancel.",
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


def q4(k, s):
    rest = np.array(s[k:])
    return Number(
        right=(rest**2).sum() / 2,
        slips=[
            Slip(
                "always down to 0",
                0,
                "Down to 0 would take a factor for each pattern of the table. You have fewer.",
            ),
            Slip(
                "half forgotten",
                (rest**2).sum(),
                "The right patterns, squared. J has one more thing in its formula.",
            ),
            Slip("not squared", rest.sum() / 2, "The right patterns, but J is made of squares."),
            Slip(
                "kept instead of lost",
                (np.array(s[:k]) ** 2).sum() / 2,
                "You computed from the patterns that the factors keep. J is what they miss.",
            ),
            Slip(
                "only the next pattern",
                rest[0] ** 2 / 2,
                "More than one pattern is lost. Count those that find no factor.",
            ),
        ],
    )


def q4_printed(k, s):
    return {
        "values": ", ".join(map(str, s[:-1])) + f" and {s[-1]}",
        "factors": "one factor" if k == 1 else f"{k} factors",
    }


def q5(m, n, k, N):
    count = (m + n) * k
    return Choice(
        right=f"Hardly anything: {count} numbers can know {N} ratings by heart.",
        slips=[
            Slip(
                "low loss is good",
                "They are about as good as those of the known ratings, for J is almost 0.",
                "J is made of the known ratings alone. What does it hold of all other pairs?",
            ),
            Slip(
                "numbers counted for one user",
                f"They are good: {2 * k} numbers cannot know {N} ratings by heart.",
                "You counted the numbers of one user and one film. How many are there of each?",
            ),
            Slip(
                "blank predicted as 0",
                "They are all near 0, for J treats a blank as a rating of 0.",
                "A blank is in no pair of S, so J pulls its prediction nowhere.",
            ),
            Slip(
                "small loss taken for failure",
                f"They are useless: with {N} ratings J cannot fall so low without a mistake.",
                "There need be no mistake. Compare how many numbers are free with how many "
                "ratings bind them.",
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
    inputs = []
    for m, n, k in [(3, 4, 2), (5, 3, 1), (4, 4, 3)]:
        R = rng.integers(-2, 3, size=(m, n)).astype(float)
        R[0] = rng.choice([-2.0, -1.0, 1.0, 2.0], size=n)
        R[0, 0], R[1, 1], R[-1, 0] = 0.0, np.nan, np.nan
        inputs.append((R, rng.normal(size=(m, k)), rng.normal(size=(n, k))))
    return inputs


def q6():
    return Implementation(
        _loss,
        _loss_inputs,
        slips=[
            Slip(
                "blank read as 0",
                _blank_as_zero,
                "Blanks count as ratings of 0 in your loss. Only pairs with a known rating have "
                "an error.",
            ),
            Slip(
                "0 read as blank",
                _zero_as_blank,
                "Ratings of 0 are left out in your loss. Ask whether a rating is nan, not whether "
                "it is 0.",
            ),
            Slip("half forgotten", _half_forgotten, "Every value is twice too large."),
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
    )
