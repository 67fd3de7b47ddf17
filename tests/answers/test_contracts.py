"""Each contract takes a right function, and refuses plausible wrong ones with a reason."""

import re

import numpy as np
import pytest

from mfteach.answers.promises import CONTRACTS, promises


def slopes_between(x, y):
    return np.diff(y) / np.diff(x)


def central_slope(c, n, x, delta):
    return (c * (x + delta) ** n - c * (x - delta) ** n) / (2 * delta)


def tangent_line(c, n, p):
    slope = c * n * p ** (n - 1)
    return slope, c * p**n - slope * p


def gradient(H, x):
    return H @ x


def descent_step(x, gradient, eta):
    return x - eta * gradient


def in_place(x, gradient, eta):
    x -= eta * gradient
    return x


def largest_safe_step(H):
    return 2 / np.linalg.eigvalsh(H).max()


def loss(R, U, V):
    return 0.5 * np.nansum((R - U @ V.T) ** 2)


def dj_du(R, W, U, V):
    return -(W * (R - U @ V.T)) @ V


def dj_dv(R, W, U, V):
    return -(W * (R - U @ V.T)).T @ U


def quartic(x):
    return np.sum(x**4) + np.sum(x) ** 2


def central_gradient(x, h, back=1, width=2):
    moves = h * np.eye(len(x))
    return np.array([(quartic(x + d) - quartic(x - back * d)) / (width * h) for d in moves])


def hessian(r, u, v, mixed=2):
    return np.array([[v * v, mixed * u * v - r], [mixed * u * v - r, u * u]])


def sgd_epoch(R, W, U, V, eta, rows=lambda W: np.argwhere(W), sign=1, move_v=True):
    U, V = U.copy(), V.copy()
    for i, j in rows(W):
        e, u = R[i, j] - U[i] @ V[j], U[i].copy()
        U[i] += sign * eta * e * V[j]
        if move_v:
            V[j] += sign * eta * e * u
    return U, V


def one_after_the_other(R, W, U, V, eta):
    U, V = U.copy(), V.copy()
    for i, j in np.argwhere(W):
        e, u = R[i, j] - U[i] @ V[j], U[i]  # a view, so V gets the new row of U
        U[i] += eta * e * V[j]
        V[j] += eta * e * u
    return U, V


def stale_errors(R, W, U, V, eta):
    return U - eta * dj_du(R, W, U, V), V - eta * dj_dv(R, W, U, V)


def regularized_gradient(R, W, U, V, lam, items=1):
    return dj_du(R, W, U, V) + lam * U, dj_dv(R, W, U, V) + items * lam * V


def als_half_step(R, W, V, lam):
    eye = lam * np.eye(V.shape[1])
    return np.array(
        [np.linalg.solve((V.T * w) @ V + eye, V.T @ (w * r)) for r, w in zip(R, W, strict=True)]
    )


def biases(R, W, lam, blanks=False, fixed=0):
    mu = R.mean() if blanks else R[W == 1].mean()
    m, n = R.shape
    places = np.argwhere(W)
    design = np.zeros((len(places), m + n))
    for row, (i, j) in enumerate(places):
        design[row, i] = design[row, m + j] = 1
    wanted = np.array([R[i, j] - mu for i, j in places])
    found = np.linalg.solve(design.T @ design + lam * np.eye(m + n), design.T @ wanted)
    return mu + fixed, found[:m], found[m:]


def measure_list(scores, seen, relevant, n, first=-1):
    order = [j for j in np.argsort(scores)[::first] if not seen[j]][:n]
    rel, count = relevant[order], int(relevant.sum())
    best = sum(1 / np.log2(p + 2) for p in range(min(n, count)))
    dcg = sum(hit / np.log2(p + 2) for p, hit in enumerate(rel))
    return rel.mean(), rel.sum() / count, dcg / best


def half_step_of_likes(R, W, V, alpha, lam, dislikes=()):
    """The weighted normal equations of all users as one system, likes and blanks alike."""
    likes = W * (R >= 4) * ~np.isin(R, dislikes)
    weights = np.diag((1 + alpha * likes * R).ravel())
    design = np.kron(np.eye(len(R)), V)
    matrix = design.T @ weights @ design + lam * np.eye(design.shape[1])
    return np.linalg.solve(matrix, design.T @ weights @ likes.ravel()).reshape(len(R), -1)


def split_without_leaks(ratings, order, n_test, off=lambda test, train: train[:, 2].mean()):
    test, train = ratings[order[:n_test]], ratings[order[n_test:]]
    mean = off(test, train)
    return train - [0, 0, mean], test - [0, 0, mean]


RIGHT = {
    "slopes_between": slopes_between,
    "central_slope": central_slope,
    "tangent_line": tangent_line,
    "gradient": gradient,
    "descent_step": descent_step,
    "largest_safe_step": largest_safe_step,
    "loss": loss,
    "dJ_dU": lambda R, W, U, V, mu: dj_du(R - mu, W, U, V),
    "dJ_dV": lambda R, W, U, V, mu: dj_dv(R - mu, W, U, V),
    "central_gradient": lambda x, h: central_gradient(x, h),
    "hessian": lambda r, u, v: hessian(r, u, v),
    "sgd_epoch": lambda R, W, U, V, eta: sgd_epoch(R, W, U, V, eta),
    "regularized_gradient": lambda R, W, U, V, lam: regularized_gradient(R, W, U, V, lam),
    "als_half_step": lambda R, W, V, lam, mu: als_half_step(R - mu, W, V, lam),
    "biases": lambda R, W, lam: biases(R, W, lam),
    "measure_list": lambda scores, seen, relevant, n: measure_list(scores, seen, relevant, n),
    "half_step_of_likes": lambda R, W, V, alpha, lam: half_step_of_likes(R, W, V, alpha, lam),
    "split_without_leaks": lambda t, order, k: split_without_leaks(t, order, k),
}
ALL = np.ones_like
SPLIT = "split_without_leaks"
WRONG = [
    ("slopes_between", lambda x, y: np.diff(x) / np.diff(y), r"misses the point \(0, 1\)"),
    ("slopes_between", lambda x, y: np.diff(y) / (x[1] - x[0]), r"misses the point \(4, 9\)"),
    (
        "slopes_between",
        lambda x, y: (y[-1] - y[0]) / (x[-1] - x[0]),
        "list of 3 numbers",
    ),
    ("central_slope", lambda c, n, x, d: 2 * central_slope(c, n, x, d), "misses the right point"),
    ("central_slope", lambda c, n, x, d: c * n * x ** (n - 1), r"misses the right point \(2, 16\)"),
    ("tangent_line", lambda c, n, p: (c * n * p ** (n - 1), c * p**n), "does not pass through"),
    ("tangent_line", lambda c, n, p: (0.0, c * p**n), "the curve's slope there is different"),
    ("tangent_line", lambda c, n, p: 3.0, "must be 2 values, as in: return a, b"),
    ("tangent_line", lambda c, n: (0, 0), r"must take the arguments \(c, n, p\)"),
    ("gradient", lambda H, x: -H @ x, r"central differences of f: .*at \[0\], has the wrong sign"),
    ("gradient", lambda H, x: 2 * H @ x, "differs from the central differences of f"),
    ("gradient", lambda H, x: x @ H @ x, "a single number; the question asks for a list of 2"),
    ("descent_step", lambda x, g, eta: x + eta * g, "does not go downhill"),
    ("descent_step", lambda x, g, eta: x - g, "not as long as eta times"),
    ("descent_step", lambda x, g, eta: x - 2 * eta * g, "not as long as eta times"),
    ("descent_step", in_place, "changes its arguments"),
    ("largest_safe_step", lambda H: 1 / np.linalg.eigvalsh(H).max(), "a larger one is safe"),
    ("largest_safe_step", lambda H: 2 / np.linalg.eigvalsh(H).min(), "it is too large"),
    ("largest_safe_step", lambda H: -1.0, "a step size is positive"),
    ("loss", lambda R, U, V: loss(np.nan_to_num(R), U, V), "counts blanks as ratings of 0"),
    ("loss", lambda R, U, V: 2 * loss(R, U, V), "this is twice J"),
    ("loss", lambda R, U, V: loss(R, U, V) + 1, "this is not J"),
    ("loss", lambda R, U, V: 0.5 * np.sum((R - U @ V.T) ** 2), "not finite"),
    (
        "dJ_dU",
        lambda R, W, U, V, mu: dj_du(R - mu, ALL(W), U, V),
        "differs from the central differences of J",
    ),
    (
        "dJ_dU",
        lambda R, W, U, V, mu: -dj_du(R - mu, W, U, V),
        "differs from the central differences of J",
    ),
    (
        "dJ_dU",
        lambda R, W, U, V, mu: dj_dv(R, W, U, V),
        r"shape \(3, 2\); the question asks for an array of shape \(4, 2",
    ),
    (
        "dJ_dV",
        lambda R, W, U, V, mu: dj_dv(R, W, U, V),
        "differs from the central differences of J",
    ),
    ("dJ_dV", lambda R, W, U, V, mu: None, "is None: is a return missing"),
    (
        "central_gradient",
        lambda x, h: central_gradient(x, h, back=0, width=1),
        "how much f rises",
    ),
    ("central_gradient", lambda x, h: central_gradient(x, h, width=1), "how much f rises"),
    ("hessian", lambda r, u, v: hessian(r, u, v, mixed=1), "second differences of J"),
    ("hessian", lambda r, u, v: hessian(r, v, u), "second differences of J"),
    (
        "hessian",
        lambda r, u, v: np.linalg.det(hessian(r, u, v)),
        r"an array of shape \(2, 2\)",
    ),
    ("sgd_epoch", lambda *a: sgd_epoch(*a, sign=-1), "one known rating .*: in U"),
    ("sgd_epoch", lambda *a: sgd_epoch(*a, move_v=False), "one known rating .*: in V"),
    ("sgd_epoch", lambda *a: sgd_epoch(*a, rows=lambda W: np.argwhere(ALL(W))), "one known rating"),
    (
        "sgd_epoch",
        lambda *a: sgd_epoch(*a, rows=lambda W: [*np.argwhere(W)] * 3),
        "one known rating",
    ),
    ("sgd_epoch", lambda *a: sgd_epoch(*a, rows=lambda W: np.argwhere(W)[::-1]), "6 such steps"),
    ("sgd_epoch", one_after_the_other, "for U and V from the same old values: in V"),
    ("sgd_epoch", stale_errors, "each from where the one before it has led"),
    ("regularized_gradient", lambda *a: regularized_gradient(*a[:4], 2 * a[4]), "the first value"),
    ("regularized_gradient", lambda *a: regularized_gradient(*a, items=0), "the second value"),
    (
        "regularized_gradient",
        lambda *a: regularized_gradient(*a)[::-1],
        "value 1 of 2, is an array",
    ),
    (
        "als_half_step",
        lambda R, W, V, lam, mu: als_half_step(R - mu, W, V, 2 * lam),
        "must be 0 there",
    ),
    (
        "als_half_step",
        lambda R, W, V, lam, mu: als_half_step(R - mu, ALL(W), V, lam),
        "must be 0 there",
    ),
    ("biases", lambda R, W, lam: biases(R, W, lam, blanks=True), "A blank is not a 0"),
    ("biases", lambda R, W, lam: biases(R, W, lam, fixed=1), "not the mean"),
    ("biases", lambda R, W, lam: biases(R, W, 3 * lam), "to the biases must be 0 there"),
    (
        "biases",
        lambda R, W, lam: (*biases(R, W, lam)[:2], np.zeros(R.shape[1])),
        "must be 0 there",
    ),
    ("measure_list", lambda s, seen, rel, n: measure_list(s, 0 * seen, rel, n), "is missed"),
    (
        "measure_list",
        lambda *a: [measure_list(*a)[place] for place in (1, 0, 2)],
        "the first number, the precision, must be whole",
    ),
    ("measure_list", lambda *a: (*measure_list(*a)[:2], 1.0), "0 where there is no hit"),
    ("measure_list", lambda *a: (*measure_list(*a)[:2], 1.5), "between 0 and 1"),
    ("measure_list", lambda *a: [*measure_list(*a)[:1] * 2, 0.5], "count the same hits"),
    (
        "half_step_of_likes",
        lambda *a: half_step_of_likes(*a, dislikes=[4]),
        "weighted loss with respect to U must be 0",
    ),
    (
        "half_step_of_likes",
        lambda R, W, *a: half_step_of_likes(np.maximum(R, 4), W, *a),
        "must be 0 there",
    ),
    (
        "half_step_of_likes",
        lambda R, W, V, alpha, lam: half_step_of_likes(R, W, V, 2 * alpha, lam),
        "must be 0 there",
    ),
    (SPLIT, lambda t, o, k: split_without_leaks(t, o[::-1], k), "first n_test entries of order"),
    (SPLIT, lambda t, o, k: split_without_leaks(t, o[[0] * 9], k), "in exactly one of the two"),
    (SPLIT, lambda t, o, k: split_without_leaks(t, o, k)[::-1], "the question asks for an array"),
    (
        SPLIT,
        lambda t, o, k: (split_without_leaks(t, o, k)[0], t[o[:k]]),
        "same number must be subtracted",
    ),
]


def test_every_contract_is_kept_by_a_right_function_and_broken_by_two_wrong_ones():
    assert set(CONTRACTS) == set(RIGHT)
    broken = [name for name, _, _ in WRONG]
    assert all(broken.count(name) >= 2 for name in CONTRACTS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_right_function_keeps_its_promise(name):
    assert CONTRACTS[name].problem(RIGHT[name]) == ""


@pytest.mark.parametrize(("name", "wrong", "reason"), WRONG)
def test_a_wrong_function_gets_the_reason(name, wrong, reason):
    assert re.search(reason, CONTRACTS[name].problem(wrong))


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda H, x: 1 / 0, r"stops with ZeroDivisionError: division by zero"),
        (lambda H, x: x * np.nan, "(<(2, 2)>, <(2,)>) is not finite: it has nan at [0]"),
        (lambda H, x: "x", "is 'x', which is not a number"),
        (lambda H, x: [[1], [1, 2]], "has rows that differ in length"),
        (lambda: 0, "must take the arguments (H, x)"),
    ],
)
def test_what_is_not_a_result_is_reported(function, reason):
    assert reason in CONTRACTS["gradient"].problem(function)


def test_which_mean_is_subtracted_is_left_open():
    def mean_of_all(t, o, k):
        return split_without_leaks(t, o, k, lambda test, train: t[:, 2].mean())

    assert CONTRACTS[SPLIT].problem(mean_of_all) == ""
    assert "not checked" in CONTRACTS[SPLIT].leaves_open


def test_biases_to_four_digits_are_enough_and_three_are_not():
    def rounded(digits):
        return lambda *a: tuple(np.round(part, digits) for part in biases(*a))

    assert CONTRACTS["biases"].problem(rounded(4)) == ""
    assert "must be 0 there" in CONTRACTS["biases"].problem(rounded(2))


def test_a_list_stands_for_several_values_but_not_for_an_array():
    assert "made of lists" in CONTRACTS["dJ_dU"].problem(lambda *a: dj_du(*a[:4]).tolist())
    assert CONTRACTS["regularized_gradient"].problem(lambda *a: [*regularized_gradient(*a)]) == ""


def test_an_unwritten_function_says_so_itself():
    def unwritten(H, x):
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        CONTRACTS["gradient"].problem(unwritten)


def test_a_name_is_used_only_once():
    with pytest.raises(ValueError, match="there is already a contract gradient"):
        promises("gradient", "x", list, float)(lambda *_: "")
    assert CONTRACTS["gradient"].signature == "H, x"
