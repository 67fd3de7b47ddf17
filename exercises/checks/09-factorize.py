"""Right answers and slips of 09-factorize. Never released, never in a student's process."""

import itertools
import math

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip, part, source_of
from mfteach.grading.assignments.tables import tables

FLOOR = 2  # J* of the first question: half the square of the smaller singular value, 2
eta = sp.Symbol("eta")

_OUTCOMES = {
    "at the minimum": (
        "It has converged to a minimum: no factors have a lower loss.",
        "At the minimum the gradient is 0 and no factors can beat the loss. Check both.",
    ),
    "stuck above": (
        "It has converged to a stationary point that is not a minimum: another start is needed.",
        "At such a point the gradient is 0, and the loss is above its lowest possible value. "
        "Check both.",
    ),
    "oscillating": (
        "It oscillates and will not converge: the learning rate is somewhat too large.",
        "A descent that oscillates goes up and down in turn, and its gradient does not shrink. "
        "Read the last columns one by one.",
    ),
    "diverging": (
        "It diverges: the learning rate is far too large.",
        "A descent that diverges has a loss that grows and grows. Is the last loss larger than "
        "the first?",
    ),
    "still falling": (
        "It is still on its way down: more steps, or a larger learning rate, will lower the loss "
        "further.",
        "On the way down J falls with each step, and the gradient is not 0 yet. Does either fit?",
    ),
}
_STARTS = {  # u = v at the start, and the learning rate as a share of the limit 1/a
    "at the minimum": ((1.0, 0.5), 0.5),
    "stuck above": ((0.0, 1.0), 0.5),
    "oscillating": ((1.0, 0.5), 1.12),
    "diverging": ((2.0, 0.5), 3.1),
    "still falling": ((1.0, 0.5), 0.01),
}


def q1(case, a):
    return Choice(
        right=_OUTCOMES[case][0],
        slips=[
            Slip(f"mistaken for: {name}", option, diagnosis)
            for name, (option, diagnosis) in _OUTCOMES.items()
            if name != case
        ],
    )


def _descent(a, start, rate):
    """Yield J and the length of its gradient for the table diag(a, 2) and one factor.

    In plain Python, whose sums are the same on every machine.
    """
    (u1, u2), (v1, v2) = start, start
    while True:
        e11, e12, e21, e22 = a - u1 * v1, -u1 * v2, -u2 * v1, 2 - u2 * v2
        du1, du2 = -(e11 * v1 + e12 * v2), -(e21 * v1 + e22 * v2)
        dv1, dv2 = -(e11 * u1 + e21 * u2), -(e12 * u1 + e22 * u2)
        yield (e11**2 + e12**2 + e21**2 + e22**2) / 2, math.hypot(du1, du2, dv1, dv2)
        u1, u2, v1, v2 = u1 - rate * du1, u2 - rate * du2, v1 - rate * dv1, v2 - rate * dv2


def q1_printed(case, a):
    start, share = _STARTS[case]
    steps = (0, 1, 2, 3, 4) if case == "diverging" else (0, 1, 60, 61, 62)
    points = list(itertools.islice(_descent(a, start, share / a), steps[-1] + 1))
    losses, lengths = zip(*(points[step] for step in steps), strict=True)
    return {
        "steps": " | ".join(map(str, steps)),
        "losses": " | ".join(map(_shown, losses)),
        "lengths": " | ".join(map(_shown, lengths)),
    }


def _shown(number):
    return f"{number:.2f}" if number < 100 else f"{number:.1e}"


def q2(u, v, r, eta):
    e = r - u * v
    new_u, new_v = u + eta * e * v, v + eta * e * u
    return Number(
        right=[new_u, new_v],
        slips=[
            Slip(
                "one after the other",
                [new_u, v + eta * (r - new_u * v) * new_u],
                "The first number is right. For the second one you already used the new u: that "
                "is another method, not one step of gradient descent.",
            ),
            Slip(
                "uphill",
                [u - eta * e * v, v - eta * e * u],
                "You went uphill. The gradient has a minus, and descent goes against the gradient.",
            ),
            Slip(
                "learning rate forgotten",
                [u + e * v, v + e * u],
                "The direction is right, but you moved by the full length of the gradient.",
            ),
            Slip(
                "inner derivative forgotten",
                [u + eta * e, v + eta * e],
                "Both numbers moved by the same amount. How fast does the prediction change with "
                "each of them?",
            ),
            Slip(
                "the number itself instead of the other",
                [u + eta * e * u, v + eta * e * v],
                "You moved each number in proportion to itself. Look at the derivative again: "
                "which number multiplies the error?",
            ),
        ],
        tolerance=1e-4,
    )


def q3(u, v, w, z, d, e):
    step = d * v + e * w
    return Formula(
        u + eta * step,
        slips=[
            Slip(
                "uphill",
                u - eta * step,
                "You went uphill. The error is true minus predicted, so the derivative has a "
                "minus; and the update rule has another.",
            ),
            Slip(
                "blank read as 0",
                u + eta * (step - u * z**2),
                "Your step includes film 3 with a rating of 0. Nobody rated it.",
            ),
            Slip(
                "inner derivative forgotten",
                u + eta * (d + e),
                "You added up only the errors. Each is weighted by how much of the factor the "
                "film has.",
            ),
            Slip(
                "only the step",
                eta * step,
                "That is the step. Where does it start?",
            ),
            Slip(
                "2 and half not cancelled",
                u + 2 * eta * step,
                "The step is twice as long as it should be: what happens to the 2 from the square "
                "and the half?",
            ),
        ],
    )


def q3_printed(u, v, w, z, d, e):
    return {"r1": str(u * v + d), "r2": str(u * w + e)}


def _experiment(seed):
    """Return steps, J of the training ratings, and the RMSE of the test ratings."""
    rng = np.random.default_rng(seed)
    R = rng.normal(size=(20, 1)) @ rng.normal(size=(1, 15)) + rng.normal(size=(20, 15)) / 2
    part = rng.random((20, 15))
    train, test = part < 0.4, part > 0.8
    U, V = rng.normal(size=(20, 4)) / 2, rng.normal(size=(15, 4)) / 2
    rows = []
    for step in range(601):
        E = R - U @ V.T
        if step in (0, 20, 100, 600):
            rows.append((step, np.sum(E[train] ** 2) / 2, np.sqrt(np.mean(E[test] ** 2))))
        U, V = U + 0.03 * (train * E) @ V, V + 0.03 * (train * E).T @ U
    return rows


def q4(seed):
    rows = _experiment(seed)
    return Number(
        right=rows[-1][2],
        slips=[
            Slip(
                "training loss instead of test error",
                rows[-1][1],
                "That is J of the ratings that descent has fitted.",
            ),
            Slip("error at the start", rows[0][2], "That is the error before the first step."),
            Slip(
                "lowest error",
                min(row[2] for row in rows[:-1]),
                "That is the error at another step, before the last.",
            ),
        ],
        computed=True,
    )


def q4_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def _sgd_epoch(R, W, U, V, eta):
    U, V = U.copy(), V.copy()
    for i, j in np.argwhere(W):
        e = R[i, j] - U[i] @ V[j]
        U[i], V[j] = U[i] + eta * e * V[j], V[j] + eta * e * U[i]
    return U, V


def _one_after_the_other(R, W, U, V, eta):
    U, V = U.copy(), V.copy()
    for i, j in np.argwhere(W):
        e = R[i, j] - U[i] @ V[j]
        U[i] = U[i] + eta * e * V[j]
        V[j] = V[j] + eta * e * U[i]
    return U, V


def _old_errors(R, W, U, V, eta):
    E = R - U @ V.T
    U, V = U.copy(), V.copy()
    for i, j in np.argwhere(W):
        U[i], V[j] = U[i] + eta * E[i, j] * V[j], V[j] + eta * E[i, j] * U[i]
    return U, V


def _one_step_for_all(R, W, U, V, eta):
    E = W * (R - U @ V.T)
    return U + eta * E @ V, V + eta * E.T @ U


def _blanks_used(R, W, U, V, eta):
    U, V = U.copy(), V.copy()
    for i, j in np.ndindex(R.shape):
        e = R[i, j] - U[i] @ V[j]
        U[i], V[j] = U[i] + eta * e * V[j], V[j] + eta * e * U[i]
    return U, V


def _uphill(R, W, U, V, eta):
    U, V = U.copy(), V.copy()
    for i, j in np.argwhere(W):
        e = R[i, j] - U[i] @ V[j]
        U[i], V[j] = U[i] - eta * e * V[j], V[j] - eta * e * U[i]
    return U, V


def _sgd_inputs(rng):
    return [
        (R, W, rng.normal(size=(len(R), k)), rng.normal(size=(R.shape[1], k)), 0.1)
        for (R, W), k in zip(tables(rng), (2, 2, 2, 1, 2, 2), strict=True)
    ]


def _changes(new, R, W, U, V, eta):
    return abs(new[0] - U), abs(new[1] - V)


def _one_rating(R, W, U, V, eta):
    return W.sum() == 1


def q5():
    return Implementation(
        _sgd_epoch,
        _sgd_inputs,
        slips=[
            Slip(
                "one after the other",
                _one_after_the_other,
                "You update the row of V with the row of U that is already new. Both must be "
                "updated from their old values.",
            ),
            Slip(
                "errors never recomputed",
                _old_errors,
                "All errors are those from the start. But each update changes the predictions.",
            ),
            Slip(
                "one step for all ratings",
                _one_step_for_all,
                "That is one step of gradient descent, with all ratings at once. SGD updates "
                "after each rating.",
            ),
            Slip(
                "blank read as 0",
                _blanks_used,
                "You also update for pairs without a rating, as if they were rated 0.",
            ),
            Slip("uphill", _uphill, "J grows: each of your small steps goes uphill."),
        ],
        properties=[
            part("tables with one known rating", where=_one_rating),
            part("tables without blanks", where=lambda R, W, U, V, eta: bool(W.all())),
            part(
                "the new row of U where only one rating is known",
                of=lambda new, *_: new[0],
                where=_one_rating,
            ),
            part("the size of each change where only one rating is known", _changes, _one_rating),
        ],
    )


def _split_without_leaks(ratings, order, n_test):
    test, train = ratings[order[:n_test]].copy(), ratings[order[n_test:]].copy()
    mean = train[:, 2].mean()
    train[:, 2] -= mean
    test[:, 2] -= mean
    return train, test


def _mean_of_all(ratings, order, n_test):
    ratings = ratings.copy()
    ratings[:, 2] -= ratings[:, 2].mean()
    return ratings[order[n_test:]], ratings[order[:n_test]]


def _separate_means(ratings, order, n_test):
    test, train = ratings[order[:n_test]].copy(), ratings[order[n_test:]].copy()
    train[:, 2] -= train[:, 2].mean()
    test[:, 2] -= test[:, 2].mean()
    return train, test


def _test_not_centred(ratings, order, n_test):
    test, train = ratings[order[:n_test]].copy(), ratings[order[n_test:]].copy()
    train[:, 2] -= train[:, 2].mean()
    return train, test


def _not_shuffled(ratings, order, n_test):
    test, train = ratings[:n_test].copy(), ratings[n_test:].copy()
    mean = train[:, 2].mean()
    train[:, 2] -= mean
    test[:, 2] -= mean
    return train, test


def _test_also_in_training(ratings, order, n_test):
    test, train = ratings[order[:n_test]].copy(), ratings[order].copy()
    mean = train[:, 2].mean()
    train[:, 2] -= mean
    test[:, 2] -= mean
    return train, test


def _differences(sets, ratings, order, n_test):
    """All ratings but for the number that was subtracted: from the first of the test set on."""
    stars = np.concatenate([sets[1][:, 2], sets[0][:, 2]])
    return stars - stars[0]


def _lists_of_ratings(rng):
    inputs = []
    for m, n, n_test in [(3, 4, 4), (4, 4, 3), (2, 5, 2)]:
        pairs = [(i, j) for i in range(m) for j in range(n)]
        stars = np.arange(m * n) % 5 + rng.integers(1, 3, size=m * n)
        ratings = np.column_stack([np.array(pairs), stars]).astype(float)
        inputs.append((ratings, np.roll(rng.permutation(m * n), 1), n_test))
    return inputs


def q6():
    return Implementation(
        _split_without_leaks,
        _lists_of_ratings,
        slips=[
            Slip(
                "mean of all ratings",
                _mean_of_all,
                "The mean that you subtract depends on the test ratings: a leak. What would you "
                "do if they only came in tomorrow?",
            ),
            Slip(
                "a separate mean for each part",
                _separate_means,
                "You subtract the test part's own mean. A prediction could not know that number.",
            ),
            Slip(
                "test part not centred",
                _test_not_centred,
                "The training part is right. The test ratings must be measured from the same "
                "level, or the predictions cannot be compared with them.",
            ),
            Slip(
                "order not used",
                _not_shuffled,
                "The mean is right for your split, but you split the list as it is. It is sorted "
                "by user, so the test part would hold only the first users.",
            ),
            Slip(
                "test ratings in the training part",
                _test_also_in_training,
                "The rows of the test part are right, but they are still in the training part: the "
                "worst leak of all.",
            ),
        ],
        properties=[
            part("the rows of both sets", of=lambda sets, *_: (sets[0][:, :2], sets[1][:, :2])),
            part("the training set", of=lambda sets, *_: sets[0]),
            part("one number subtracted from both sets", of=_differences),
        ],
    )
