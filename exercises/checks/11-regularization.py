"""Right answers and slips of 11-regularization. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip

u, v, lam = sp.symbols("u v lam")


def q1(best, low, high):
    return Choice(
        right=f"$\\lambda = {best}$, for the lowest error on the ratings held back for choosing.",
        slips=[
            Slip(
                "low training error taken for good",
                f"$\\lambda = {low}$, for the lowest error on the training ratings.",
                "Those ratings were learned, some of them by heart. What does that tell about "
                "ratings that were not there?",
            ),
            Slip(
                "chosen on the test part",
                "None yet: the test part decides. I compute the errors there, and take the price "
                "with the lowest.",
                "Whoever chooses on the test part has seen the exam before sitting it: its error "
                "is then no honest forecast.",
            ),
            Slip(
                "smallest gap taken for best",
                f"$\\lambda = {high}$, for the smallest gap between the two errors.",
                "Factors that learn nothing have no gap either. It is the error on new ratings "
                "that shall be low, not a difference.",
            ),
            Slip(
                "price taken for a handicap",
                "None of these, but $\\lambda = 0$: the larger the price, the larger the error in "
                "training.",
                "The error in training does grow with the price. Does the other column grow too?",
            ),
        ],
    )


def q1_printed(best, low, high):
    errors = {low: ("0.31", "1.42"), best: ("0.74", "0.87"), high: ("0.91", "0.93")}
    rows = (f"| {price} | {training} | {held} |" for price, (training, held) in errors.items())
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
                "You took the mean off, but a part of what is left belongs to the users: some of "
                "them rate everything like that.",
            ),
            Slip(
                "users' biases added",
                (excess + users) / (3 + beta),
                "A user's bias is in the rating already, as the mean is. Take both off.",
            ),
            Slip(
                "price left out",
                (excess - users) / 3,
                "Without a price that would be the bias. The price pulls it towards 0.",
            ),
            Slip(
                "mean not taken off",
                (sum(ratings) - users) / (3 + beta),
                "First take the mean of all ratings off: a bias is what is left of it.",
            ),
            Slip(
                "mean rating taken for the bias",
                sum(ratings) / 3,
                "That is the film's mean rating. The bias is what the film adds to the mean of all "
                "ratings and to its users' biases.",
            ),
            Slip(
                "divided by the price alone",
                (excess - users) / beta,
                "The number of the film's ratings belongs into the denominator too.",
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
                "sign of the price",
                right - 2 * lam * u,
                "The price has the wrong sign: it grows with u, so its slope is positive for a "
                "positive u.",
            ),
            Slip(
                "minus of the error forgotten",
                v * (r - u * v) + lam * u,
                "The price is right. The inner derivative of the error brings a minus.",
            ),
            Slip("price lost", right - lam * u, "The error's part is right; the price is missing."),
            Slip(
                "square kept",
                right - lam * u + lam * u**2,
                "The error's part is right. The price was halved so that its slope has no square "
                "any more.",
            ),
            Slip(
                "inner derivative forgotten",
                -(r - u * v) + lam * u,
                "The price is right. By how much does the error change when u changes by 1? That "
                "factor is missing.",
            ),
        ],
        function=f,
        variable=u,
    )


def q4(n, lam, eta):
    return Number(
        right=eta * lam / n,
        slips=[
            Slip(
                "whole price at each visit",
                eta * lam,
                "So much would be paid at every single visit: in an epoch the row would pay its "
                "price many times over.",
            ),
            Slip(
                "price by count",
                eta * lam * n,
                "That multiplies the price by the number of ratings. The plain price is shared "
                "out among the visits.",
            ),
            Slip(
                "learning rate forgotten",
                lam / n,
                "This is a share of the price. A step is as long as the learning rate says.",
            ),
            Slip(
                "price forgotten",
                eta / n,
                "The price itself is missing.",
            ),
        ],
    )


def _regularized_gradient(R, W, U, V, lam):
    E = W * (R - U @ V.T)
    return -E @ V + lam * U, -E.T @ U + lam * V


def _free(R, W, U, V, lam):
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


def _users_pay(R, W, U, V, lam):
    E = W * (R - U @ V.T)
    return -E @ V + lam * U, -E.T @ U


def _blanks_are_ratings(R, W, U, V, lam):
    E = R - U @ V.T
    return -E @ V + lam * U, -E.T @ U + lam * V


def _zeros_are_blanks(R, W, U, V, lam):
    E = (R != 0) * (R - U @ V.T)
    return -E @ V + lam * U, -E.T @ U + lam * V


def _places(rng):
    inputs = []
    for R, W, lam in _tables(rng):
        m, n = R.shape
        inputs.append((R, W, rng.normal(size=(m, 2)), rng.normal(size=(n, 2)), lam))
    return inputs


def q5():
    return Implementation(
        _regularized_gradient,
        _places,
        slips=[
            Slip("price left out", _free, "Both gradients lack what the price adds."),
            Slip(
                "sign of the price",
                _uphill,
                "The price has the wrong sign: J grows when an entry moves away from 0.",
            ),
            Slip(
                "price too large",
                _two_kept,
                "The price counts twice as much as it should: there is a half before lam in J.",
            ),
            Slip(
                "half kept",
                _half_kept,
                "The half before lam is still there. What becomes of it when a square is "
                "differentiated?",
            ),
            Slip(
                "price by count",
                _by_count,
                "Each row pays by the number of its ratings here. Asked for is the plain price.",
            ),
            Slip(
                "users alone pay",
                _users_pay,
                "The first gradient is right. In the second the price is missing: items pay too.",
            ),
            Slip(
                "blanks counted as zeros",
                _blanks_are_ratings,
                "Blanks took part as if somebody had rated 0. W says which ratings there are.",
            ),
            Slip(
                "zeros taken for blanks",
                _zeros_are_blanks,
                "A rating of 0 was left out. Ask W which ratings there are, not R.",
            ),
        ],
    )


def _biases(R, W, lam):
    mu = R[W == 1].mean()
    b, c = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(2000):
        b = (W * (R - mu - c)).sum(axis=1) / (W.sum(axis=1) + lam)
        c = (W * (R - mu - b[:, None])).sum(axis=0) / (W.sum(axis=0) + lam)
    return mu, b, c


def _blanks_are_zeros(R, W, lam):
    mu = R.mean()
    b, c = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(2000):
        b = (R - mu - c).sum(axis=1) / (R.shape[1] + lam)
        c = (R - mu - b[:, None]).sum(axis=0) / (R.shape[0] + lam)
    return mu, b, c


def _known_zeros_left_out(R, W, lam):
    known = (R != 0).astype(float)
    mu = R[known == 1].mean()
    b, c = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(2000):
        b = (known * (R - mu - c)).sum(axis=1) / (known.sum(axis=1) + lam)
        c = (known * (R - mu - b[:, None])).sum(axis=0) / (known.sum(axis=0) + lam)
    return mu, b, c


def _no_price(R, W, lam):
    mu = R[W == 1].mean()
    b, c = np.zeros(R.shape[0]), np.zeros(R.shape[1])
    for _ in range(2000):
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
    for _ in range(2000):
        b = (W * (R - mu - c)).sum(axis=1) / (W.sum(axis=1) + lam)
        c = (W * (R - mu - b[:, None])).sum(axis=0) / (W.sum(axis=0) + lam)
    return mu, c, b


def _tables(rng):
    inputs = []
    for m, n in ((3, 4), (5, 3), (6, 7)):
        W = (rng.random((m, n)) < 0.6).astype(float)
        W[0, 0], W[0, 1], W[-1, -1] = 1.0, 1.0, 0.0
        R = W * rng.integers(1, 6, (m, n))
        R[0, 0] = 0.0  # known, and no blank
        inputs.append((R, W, float(rng.uniform(0.5, 4))))
    return inputs


def q6():
    return Implementation(
        _biases,
        _tables,
        slips=[
            Slip(
                "blanks counted as zeros",
                _blanks_are_zeros,
                "Blanks took part as if somebody had rated 0. W says which ratings there are.",
            ),
            Slip(
                "zeros taken for blanks",
                _known_zeros_left_out,
                "A rating of 0 was left out. Ask W which ratings there are, not R.",
            ),
            Slip(
                "price left out",
                _no_price,
                "The price is missing: lam belongs into both denominators.",
            ),
            Slip(
                "each side on its own",
                _separately,
                "Each side was computed as if the other had no biases. Take turns: what the users "
                "explain, the items need not.",
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
                "Both are right, in the other order: first the users' biases, then the items'.",
            ),
        ],
        tolerance=1e-4,
    )
