"""Right answers and slips of 11-regularization. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import (
    Choice,
    Derivation,
    Formula,
    Implementation,
    Number,
    Slip,
    part,
    source_of,
)
from mfteach.grading.assignments.tables import tables

u, v, lam = sp.symbols("u v lam")


def q1(best, low, high):
    return Choice(
        right=f"$\\lambda = {best}$, for the lowest error on the validation ratings.",
        slips=[
            Slip(
                "low training error taken for good",
                f"$\\lambda = {low}$, for the lowest error on the training ratings.",
                "The factors were trained on those ratings, and may have memorized some. What "
                "does that tell you about ratings they have not seen?",
            ),
            Slip(
                "chosen on the test set",
                "None yet: the test set decides. I compute the errors there, and take the "
                "$\\lambda$ with the lowest.",
                "Choosing on the test set is like seeing the exam before taking it: its error is "
                "then no longer an honest estimate.",
            ),
            Slip(
                "smallest gap taken for best",
                f"$\\lambda = {high}$, for the smallest gap between the two errors.",
                "Factors that learn nothing have no gap either. It is the error on new ratings "
                "that should be low, not a difference.",
            ),
            Slip(
                "penalty taken for a handicap",
                "None of these, but $\\lambda = 0$: the larger the penalty, the larger the "
                "training error.",
                "The training error does grow with the penalty. Does the other column grow too?",
            ),
        ],
    )


def q1_printed(best, low, high):
    errors = {low: ("0.31", "1.42"), best: ("0.74", "0.87"), high: ("0.91", "0.93")}
    rows = (f"| {lam} | {training} | {held} |" for lam, (training, held) in errors.items())
    return {"table": "\n".join(rows)}


def q2(ratings, mu, x, y, beta):
    users = x + y  # the sum of the users' biases
    excess = sum(ratings) - 3 * mu
    return Number(
        right=(excess - users) / (3 + beta),
        slips=[
            Slip(
                "users' biases forgotten",
                excess / (3 + beta),
                "You subtracted the mean, but part of what is left belongs to the users: some of "
                "them rate everything that way.",
            ),
            Slip(
                "users' biases added",
                (excess + users) / (3 + beta),
                "A user's bias is already in the rating, just like the mean. Subtract both.",
            ),
            Slip(
                "penalty left out",
                (excess - users) / 3,
                "Without a penalty that would be the bias. The penalty pulls it towards 0.",
            ),
            Slip(
                "mean not subtracted",
                (sum(ratings) - users) / (3 + beta),
                "First subtract the mean of all ratings: a bias is what is left.",
            ),
            Slip(
                "mean rating taken for the bias",
                sum(ratings) / 3,
                "That is the film's mean rating. The bias is what the film adds to the mean of all "
                "ratings and to its users' biases.",
            ),
            Slip(
                "divided by the penalty alone",
                (excess - users) / beta,
                "The number of ratings of the film belongs in the denominator too.",
            ),
        ],
    )


def q2_printed(ratings, mu, x, y, beta):
    rows = zip(("first", "second", "third"), (x, 0, y), ratings, strict=True)
    return {
        "table": "\n".join(f"| {user} | ${b if b else '0'}$ | {r} |" for user, b, r in rows),
    }


def q3(r):
    f = (r - u * v) ** 2 / 2 + lam * u**2 / 2
    right = sp.diff(f, u)
    return Formula(
        right,
        slips=[
            Slip(
                "sign of the penalty",
                right - 2 * lam * u,
                "The penalty has the wrong sign: it grows with u when u is positive, so its slope "
                "is positive there.",
            ),
            Slip(
                "minus of the error forgotten",
                v * (r - u * v) + lam * u,
                "The penalty is right. The inner derivative of the error brings in a minus.",
            ),
            Slip(
                "penalty left out",
                right - lam * u,
                "The part from the error is right; the penalty is missing.",
            ),
            Slip(
                "square kept",
                right - lam * u + lam * u**2,
                "The part from the error is right. But the derivative of the penalty no longer "
                "has a square.",
            ),
            Slip(
                "inner derivative forgotten",
                -(r - u * v) + lam * u,
                "The penalty is right. By how much does the error change when u changes by 1? "
                "That factor is missing.",
            ),
        ],
        function=f,
        variable=u,
    )


def _experiment(seed):
    """Return epochs, and J with a constant and with a shrinking learning rate."""
    rng = np.random.default_rng(seed)
    R = np.outer(rng.uniform(1, 2, 6), rng.uniform(1, 2, 5)) + rng.normal(size=(6, 5))
    runs = []
    for shrinks in (False, True):
        u, v, losses = np.ones(6), np.ones(5), []
        for epoch in range(60):
            rate = 0.2 / (1 + epoch) if shrinks else 0.2
            for place in rng.permutation(30):
                i, j = divmod(place, 5)
                e = R[i, j] - u[i] * v[j]
                u[i], v[j] = u[i] + rate * e * v[j], v[j] + rate * e * u[i]
            losses.append(np.sum((R - np.outer(u, v)) ** 2) / 2)
        runs.append(losses)
    return [(1 + k, runs[0][k], runs[1][k]) for k in (0, 1, 10, 30, 55, 56, 57, 58, 59)]


def q4(seed):
    rows = _experiment(seed)
    return Number(
        right=rows[-1][2],
        slips=[
            Slip(
                "constant rate",
                rows[-1][1],
                "That is J with the constant rate, in which it oscillates.",
            ),
            Slip("first epoch", rows[0][2], "That is J after the first epoch."),
            Slip(
                "first epoch with the constant rate",
                rows[0][1],
                "That is J after the first epoch, with the constant rate.",
            ),
        ],
        computed=True,
    )


def q4_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def _regularized_gradient(R, W, U, V, lam):
    E = W * (R - U @ V.T)
    return -E @ V + lam * U, -E.T @ U + lam * V


def _unregularized(R, W, U, V, lam):
    E = W * (R - U @ V.T)
    return -E @ V, -E.T @ U


def _uphill(R, W, U, V, lam):
    E = W * (R - U @ V.T)
    return -E @ V - lam * U, -E.T @ U - lam * V


def _two_kept(R, W, U, V, lam):
    E = W * (R - U @ V.T)
    return -E @ V + 2 * lam * U, -E.T @ U + 2 * lam * V


def _half_kept(R, W, U, V, lam):
    E = W * (R - U @ V.T)
    return -E @ V + lam / 2 * U, -E.T @ U + lam / 2 * V


def _by_count(R, W, U, V, lam):
    E = W * (R - U @ V.T)
    users, items = W.sum(axis=1)[:, None], W.sum(axis=0)[:, None]
    return -E @ V + lam * users * U, -E.T @ U + lam * items * V


def _users_only(R, W, U, V, lam):
    E = W * (R - U @ V.T)
    return -E @ V + lam * U, -E.T @ U


def _blanks_are_ratings(R, W, U, V, lam):
    E = R - U @ V.T
    return -E @ V + lam * U, -E.T @ U + lam * V


def _zeros_are_blanks(R, W, U, V, lam):
    E = (R != 0) * (R - U @ V.T)
    return -E @ V + lam * U, -E.T @ U + lam * V


def _places(rng):
    """The last two have no penalty."""
    strengths = [*rng.uniform(0.5, 4, 4), 0.0, 0.0]
    return [
        (R, W, rng.normal(size=(len(R), 2)), rng.normal(size=(R.shape[1], 2)), float(lam))
        for (R, W), lam in zip(tables(rng), strengths, strict=True)
    ]


def q5():
    return Implementation(
        _regularized_gradient,
        _places,
        slips=[
            Slip(
                "penalty left out",
                _unregularized,
                "Both gradients are missing what the penalty adds.",
            ),
            Slip(
                "sign of the penalty",
                _uphill,
                "The penalty has the wrong sign: it grows when an entry moves away from 0.",
            ),
            Slip(
                "penalty too large",
                _two_kept,
                "The penalty counts twice as much as it should: there is a half in front of lam "
                "in J.",
            ),
            Slip(
                "half kept",
                _half_kept,
                "The half in front of lam is still there. What happens to it when you "
                "differentiate a square?",
            ),
            Slip(
                "penalty by count",
                _by_count,
                "You weight each row's penalty by its number of ratings. The question asks for "
                "the plain penalty.",
            ),
            Slip(
                "penalty for users only",
                _users_only,
                "The first gradient is right. The second is missing the penalty: it applies to "
                "items too.",
            ),
            Slip(
                "blank read as 0",
                _blanks_are_ratings,
                "You used blanks as if they were ratings of 0. W says which ratings are known.",
            ),
            Slip(
                "0 read as blank",
                _zeros_are_blanks,
                "You left out a rating of 0. Use W, not R, to see which ratings are known.",
            ),
        ],
        properties=[
            part("the first gradient", of=lambda both, *_: both[0]),
            part("the errors' part", where=lambda R, W, U, V, lam: lam == 0),
            part("tables without blanks", where=lambda R, W, U, V, lam: bool(W.all())),
            part("the single known rating", where=lambda R, W, U, V, lam: W.sum() == 1),
        ],
    )


def _biases(R, W, lam):
    mu = R[W == 1].mean()
    b, c = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(300):
        b = (W * (R - mu - c)).sum(axis=1) / (W.sum(axis=1) + lam)
        c = (W * (R - mu - b[:, None])).sum(axis=0) / (W.sum(axis=0) + lam)
    return mu, b, c


def _blanks_are_zeros(R, W, lam):
    mu = R.mean()
    b, c = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(300):
        b = (R - mu - c).sum(axis=1) / (R.shape[1] + lam)
        c = (R - mu - b[:, None]).sum(axis=0) / (R.shape[0] + lam)
    return mu, b, c


def _known_zeros_left_out(R, W, lam):
    known = (R != 0).astype(float)
    mu = R[known == 1].mean()
    b, c = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(300):
        b = (known * (R - mu - c)).sum(axis=1) / (known.sum(axis=1) + lam)
        c = (known * (R - mu - b[:, None])).sum(axis=0) / (known.sum(axis=0) + lam)
    return mu, b, c


def _no_penalty(R, W, lam):
    mu = R[W == 1].mean()
    b, c = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(300):
        b = (W * (R - mu - c)).sum(axis=1) / np.maximum(W.sum(axis=1), 1)
        c = (W * (R - mu - b[:, None])).sum(axis=0) / np.maximum(W.sum(axis=0), 1)
    return mu, b, c


def _separately(R, W, lam):
    mu = R[W == 1].mean()
    b = (W * (R - mu)).sum(axis=1) / (W.sum(axis=1) + lam)
    c = (W * (R - mu)).sum(axis=0) / (W.sum(axis=0) + lam)
    return mu, b, c


def _one_round(R, W, lam):
    mu = R[W == 1].mean()
    b = (W * (R - mu)).sum(axis=1) / (W.sum(axis=1) + lam)
    c = (W * (R - mu - b[:, None])).sum(axis=0) / (W.sum(axis=0) + lam)
    return mu, b, c


def _rows_and_columns_swapped(R, W, lam):
    mu = R[W == 1].mean()
    b, c = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(300):
        b = (W * (R - mu - c)).sum(axis=1) / (W.sum(axis=1) + lam)
        c = (W * (R - mu - b[:, None])).sum(axis=0) / (W.sum(axis=0) + lam)
    return mu, c, b


def _bias_inputs(rng):
    """Return tables, and one that is slow: so many rounds do for everybody, or for nobody.

    In two groups that share nothing, an alternating round leaves (3/4)(2/3) of the error.
    """
    W = np.kron(np.eye(2), np.ones((3, 2)))
    R = W * (np.kron([[4.0, 0.0], [0.0, 0.0]], np.ones((3, 2))) + rng.integers(0, 2, size=W.shape))
    drawn = [(R, W, float(rng.uniform(3, 5))) for R, W in tables(rng)]
    return [*drawn, (R, W, 1.0)]


def _sorted_by_length(biases, R, W, lam):
    """The two arrays of biases, the longer first, for the table that has no blanks."""
    return tuple(sorted(biases[1:], key=len, reverse=True))


def q6():
    return Implementation(
        _biases,
        _bias_inputs,
        slips=[
            Slip(
                "blank read as 0",
                _blanks_are_zeros,
                "You used blanks as if they were ratings of 0. W says which ratings are known.",
            ),
            Slip(
                "0 read as blank",
                _known_zeros_left_out,
                "The method is right, but you left out a rating of 0. Use W, not R, to see which "
                "ratings are known.",
            ),
            Slip(
                "penalty left out",
                _no_penalty,
                "The penalty is missing: lam belongs in both denominators.",
            ),
            Slip(
                "each side separately",
                _separately,
                "You computed each side as if the other had no biases. Alternate: what the users' "
                "biases explain, the items' do not have to.",
            ),
            Slip(
                "a single round",
                _one_round,
                "One round is not enough: the users' biases change again once the items have "
                "theirs.",
            ),
            Slip(
                "users and items swapped",
                _rows_and_columns_swapped,
                "Both are right, but in the wrong order: first the users' biases, then the items'.",
            ),
        ],
        properties=[
            part("the mean", of=lambda found, *_: found[0]),
            part("tables without blanks", where=lambda R, W, lam: bool(W.all())),
            part(
                "the biases, in whatever order",
                of=_sorted_by_length,
                where=lambda R, W, lam: len(R) != R.shape[1],
            ),
        ],
        tolerance=1e-4,
    )


def _penalized(penalty, side, user, item, factor):
    """Return the lines of the derivation, and what slips leave in their place.

    The side is "u" or "v". The penalty is plain, "ridge", or "count": once for each rating.
    """
    by, share = f"u_{user}{factor}", f"v_{item}{factor}"
    rated, every, number = f"sum_{{{item} in I_{user}}}", f"sum_{{{item}=1}}^n", f"|I_{user}|"
    squares, picks = f"u_{user}q", f"delta_q{factor} u_{user}q"
    if side == "v":
        by, share = share, by
        rated, every, number = f"sum_{{{user} in U_{item}}}", f"sum_{{{user}=1}}^m", f"|U_{item}|"
        squares, picks = f"v_{item}q", f"delta_q{factor} v_{item}q"
    e = f"e_{user}{item}"
    lam = "lambda" if penalty == "ridge" else f"lambda {number}"

    def only(items):
        return f"d/d{by} (1/2 {items} {e}^2 + {lam} 1/2 sum_{{q=1}}^k {squares}^2)"

    def after(term, sign="-", items=rated):
        return f"{sign}{items} {share} {e} {term}"

    return {
        "only": only(rated),
        "inner": after(f"+ {lam} sum_{{q=1}}^k {picks}"),
        "goal": after(f"+ {lam} {by}"),
        "only, all": only(every),
        "goal, all": after(f"+ {lam} {by}", items=every),
        "inner, twice": after(f"+ 2 {lam} sum_{{q=1}}^k {picks}"),
        "goal, twice": after(f"+ 2 {lam} {by}"),
        "goal, summed": after(f"+ {lam} sum_{{q=1}}^k {squares}"),
        "inner, sign": after(f"- {lam} sum_{{q=1}}^k {picks}"),
        "goal, sign": after(f"- {lam} {by}"),
        "goal, lost": after(""),
        "only, renamed": only(rated).replace("q", "t" if factor == "s" else "s"),
        "goal, plus 0": after(f"+ {lam} ({by} + 0)"),
    }


def q8(penalty, side, user, item, factor):
    lines = _penalized(penalty, side, user, item, factor)
    start = q8_printed(penalty, side, user, item, factor)["start"]
    every = "the sum runs over all items," if side == "u" else "the sum runs over all users,"
    if penalty == "count":
        every = f"the sum over {item if side == 'u' else user} in … runs over all,"

    def rows(*names):
        return "\n".join(lines.get(name, name) for name in names)

    def slip(line, label, points, *names):
        sentence = f"{label[:1].upper()}{label[1:]}".partition(" … ")[0]
        said = f"Line {line} is false. {sentence}" if line else label
        return Slip(label, rows(*names), said, points)

    return Derivation(
        right=rows("only", "inner", "goal").replace("\n", "\n= "),
        slips=[
            slip(
                *(2, "the term with lambda is twice too large: the 1/2 cancels the 2", 1),
                *("only", "inner, twice", "goal, twice"),
            ),
            slip(
                *(3, "a delta is lost: without it all terms of its sum stay", 2),
                *("only", "inner", "goal, summed"),
            ),
            slip(
                *(2, "the term with lambda has the wrong sign", 1),
                *("only", "inner, sign", "goal, sign"),
            ),
            slip(2, "the term with lambda is lost", 1, "only", "goal, lost"),
            slip(1, f"{every} and only the known ratings count", 0, "only, all", "goal, all"),
        ],
        padded=[
            slip(0, "the goal alone", 1, "goal"),
            slip(0, "the start, and the goal", 1, start, f"{start} + 0", start, "goal"),
            slip(
                *(0, "the goal, and the steps after it", 1),
                *("goal", "goal, plus 0", "inner", "only", "goal"),
            ),
            slip(
                *(0, "one step again and again, and the goal", 2),
                *("only", "only, renamed", "only", "goal"),
            ),
            slip(0, "one step again and again", 1, "only", "only, renamed", "only"),
        ],
    )


def q8_printed(penalty, side, user, item, factor):
    by = f"u_{{{user}{factor}}}"
    own = rf"\sum_{{{item} \in I_{user}}} v_{{{item}{factor}}}"
    number = rf"\lvert I_{user} \rvert"
    if side == "v":
        by = f"v_{{{item}{factor}}}"
        own = rf"\sum_{{{user} \in U_{item}}} u_{{{user}{factor}}}"
        number = rf"\lvert U_{item} \rvert"
    number = f"{number} " if penalty == "count" else ""
    users, items = (
        (r"\lvert I_i \rvert ", r"\lvert U_j \rvert ") if penalty == "count" else ("", "")
    )
    squares = (
        rf"\sum_{{i=1}}^{{m}} {users}\sum_{{q=1}}^{{k}} u_{{iq}}^2"
        rf" + \sum_{{j=1}}^{{n}} {items}\sum_{{q=1}}^{{k}} v_{{jq}}^2"
    )
    loss = rf"J^{{\mathrm{{{penalty}}}}}"
    p, o = "p" if user == "i" else "i", "l" if item == "j" else "j"
    of_user, of_item = (f"|I_{p}| ", f"|U_{o}| ") if penalty == "count" else ("", "")
    apart = f"sum_{{{p}=1}}^m {of_user}sum_{{q=1}}^k u_{p}q^2"
    apart += f" + sum_{{{o}=1}}^n {of_item}sum_{{q=1}}^k v_{o}q^2"
    return {
        "start": f"dJ^{penalty}/d{by}",
        "goal": _penalized(penalty, side, user, item, factor)["goal"],
        "loss": rf"{loss} = J + \frac{{\lambda}}{{2}} \Big( {squares} \Big)",
        "slope": rf"\frac{{\partial {loss}}}{{\partial {by}}}",
        "result": rf"-{own} e_{{{user}{item}}} + \lambda {number}{by}",
        "apart": f"dJ/d{by} + d/d{by} lambda/2 ({apart})",
        "row": f"user ${user}$" if side == "u" else f"film ${item}$",
        "counted": COUNTED if penalty == "count" else "",
    }


COUNTED = (
    "Each square is counted once for each rating of that user or film: $\\lvert I_i \\rvert$ is the"
    " number of films that user $i$ rated, $\\lvert U_j \\rvert$ the number of users who rated film"
    " $j$. "
)
