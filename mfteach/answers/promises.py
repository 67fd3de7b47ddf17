"""What a function that a student writes must promise, tested without knowing the expected value.

A contract has small inputs and properties of the result: a gradient agrees with central
differences, a half step leaves the gradient 0, a split loses no rating. To add one, write a
function ``property(result, *arguments)`` that returns the problem in words, or "", and decorate it
with `promises`.

Throughout, f(x) = 1/2 x^T H x and
J(U, V) = 1/2 sum_ij W_ij (R - U V^T)_ij^2 + lam/2 (|U|^2 + |V|^2), with R of shape (m, n), W of the
same shape (1 where the rating is known, else 0), U of shape (m, k) and V of shape (n, k). For a
function that takes no lam, lam = 0; where it takes mu, R - mu stands for R.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.answers.contracts import Contract, Inputs
from mfteach.answers.numbers import agree, difference, entries_apart

__all__ = ["CONTRACTS", "contract", "promises"]

Array = NDArray[np.float64]

STEP = 1e-4  # of central differences
CLOSE = 1e-6  # relative to the largest entry, or to 1: what the marks take too
FOUR_DIGITS = 1e-4
SMALL_STEP = 1e-3  # a learning rate small enough for every descent below


CONTRACTS: dict[str, Contract] = {}
"""The contracts by name, as question files name them; all of them are below."""


def contract(name: str) -> Contract:
    """Return a contract; a ValueError names those that exist."""
    if name not in CONTRACTS:
        raise ValueError(f"there is no contract {name!r}, only {', '.join(CONTRACTS)}")
    return CONTRACTS[name]


def promises(
    name: str,
    signature: str,
    inputs: Callable[[], Inputs],
    like: Callable[..., Any],
    leaves_open: str = "",
) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """Register a property as the contract ``name``; see `Contract` for the parameters."""

    def register(holds: Callable[..., str]) -> Callable[..., str]:
        if name in CONTRACTS:
            raise ValueError(f"there is already a contract {name}")
        CONTRACTS[name] = Contract(signature, inputs, like, holds, leaves_open)
        return holds

    return register


# Mathematics -------------------------------------------------------------------------------------


def _slope(f: Callable[[Array], float], at: Array) -> Array:
    """Return the gradient of f by central differences."""
    slope = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        moved = np.zeros_like(at)
        moved[place] = STEP
        slope[place] = (f(at + moved) - f(at - moved)) / (2 * STEP)
    return slope


def _close(first: Any, second: Any) -> bool:
    return agree(first, second, CLOSE)


def _off_slope(found: Array, slope: Array, of: str, what: str = "it") -> str:
    how = difference(found, slope, CLOSE)
    return how and f"{what} differs from the central differences of {of}: {how}."


def _f(h: Array, x: Array) -> float:
    return float(x @ h @ x) / 2


def _j(r: Array, w: Array, u: Array, v: Array, lam: float) -> float:
    return float((w * (r - u @ v.T) ** 2).sum() + lam * ((u**2).sum() + (v**2).sum())) / 2


def _bowls() -> Inputs:
    """Return bowls f(x) = 1/2 x^T H x, one tilted, one of a single variable, a point on each."""
    return [
        (np.array([[6.0, 0.0], [0.0, 1.0]]), np.array([1.0, -2.0])),
        (np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]]), np.array([1.0, 2.0, -1.0])),
        (np.array([[4.0]]), np.array([1.5])),
    ]


def _ratings() -> tuple[Array, Array, Array, Array]:
    """Return R, W, U, V with m = 4, n = 3, k = 2 and five known ratings of which one is 0."""
    r = np.array([[5.0, 3.0, 0.0], [0.0, 0.0, 1.0], [4.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
    w = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    u = np.array([[1.0, 0.5], [-0.5, 1.0], [0.3, 0.8], [0.6, -0.2]])
    v = np.array([[0.9, 0.4], [0.2, 1.1], [-0.7, 0.6]])
    return r, w, u, v


def _tables() -> list[tuple[Array, Array, Array, Array]]:
    """Return it, and tables of every kind that grading has.

    One has an empty row and column, one a single known rating and one factor, one no blanks and
    more films than users.
    """
    r, w, u, v = _ratings()
    gaps, one, full = w.copy(), np.zeros_like(w), np.ones_like(w).T
    gaps[2], gaps[:, 1] = 0.0, 0.0
    one[1, 2] = 1.0
    tables = [(r * known, known, u, v) for known in (w, gaps)]
    return [*tables, (r * one, one, u[:, :1], v[:, :1]), (r.T, full, v, u)]


_GROUPS = np.kron(np.eye(2), np.ones((3, 2)))
"""Two groups that share no film: how many rounds biases need here, they need in grading."""


def _with_blanks(r: Array, w: Array, u: Array, v: Array) -> tuple[Array, Array, Array]:
    """Return R, U, V, with nan where the rating is not known."""
    return np.where(w == 1, r, np.nan), u, v


# The contracts -----------------------------------------------------------------------------------


@promises(
    "slopes_between",
    "x, y",
    lambda: [
        (np.array([-2.0, 0.0, 4.0, 5.0]), np.array([-3.0, 1.0, 9.0, 8.0])),
        (np.array([1.0, 1.5]), np.array([3.0, 6.75])),
    ],
    lambda x, y: np.zeros(len(x) - 1),
)
def _slopes_between(slopes: Array, x: Array, y: Array) -> str:
    """Following the slopes from the first point leads through all the others."""
    heights = y[0] + np.cumsum(slopes * np.diff(x))
    missed = entries_apart(heights, y[1:], CLOSE)
    if not missed:
        return ""
    n = missed[0][0] + 1
    return (
        f"following your slopes from ({x[0]:g}, {y[0]:g}) leads to the height "
        f"{heights[n - 1]:g} at x = {x[n]:g}, which misses the point ({x[n]:g}, {y[n]:g})."
    )


@promises(
    "central_slope",
    "c, n, x, delta",
    lambda: [(3.0, 2, 1.0, 1.0), (2.0, 3, 1.5, 0.5), (5.0, -1, 2.0, 0.25), (4.0, 4, -1.0, 0.5)],
    lambda c, n, x, delta: 0.0,
)
def _central_slope(slope: Any, c: float, n: int, x: float, delta: float) -> str:
    """A line with this slope through the left point of the curve c x^n passes the right one."""
    left, right = x - delta, x + delta
    height = c * left**n + slope * (right - left)
    if _close(height, c * right**n):
        return ""
    return (
        f"a line with your slope through the left point ({left:g}, {c * left**n:g}) has the height "
        f"{height:g} at x = {right:g}, and misses the right point ({right:g}, {c * right**n:g})."
    )


@promises(
    "tangent_line",
    "c, n, p",
    lambda: [(3.0, 2, 7.0), (5.0, -3, 2.0), (2.0, 3, 0.5), (4.0, 1, 3.0)],
    lambda c, n, p: (0.0, 0.0),
)
def _tangent_line(line: Any, c: float, n: int, p: float) -> str:
    """The line (slope, intercept) touches c x^n at p, and has its slope there."""
    slope, intercept = line
    if not _close(slope * p + intercept, c * p**n):
        return (
            f"the line does not pass through the point of the curve: at x = {p:g} it has the "
            f"height {slope * p + intercept:g}."
        )
    h = STEP * p
    if not _close(slope, (c * (p + h) ** n - c * (p - h) ** n) / (2 * h)):
        return "the line passes through the right point, but the curve's slope there is different."
    return ""


@promises("gradient", "H, x", _bowls, lambda H, x: x)
def _gradient(gradient: Array, h: Array, x: Array) -> str:
    """The gradient of f(x) = 1/2 x^T H x agrees with central differences."""
    return _off_slope(gradient, _slope(lambda at: _f(h, at), x), "f")


@promises(
    "descent_step",
    "x, gradient, eta",
    lambda: [(x, h @ x, SMALL_STEP) for h, x in _bowls()],
    lambda x, gradient, eta: x,
)
def _descent_step(new: Array, x: Array, gradient: Array, eta: float) -> str:
    """A small step goes downhill, and is as long as eta times the gradient."""
    if float((new - x) @ gradient) >= 0:
        return "this step does not go downhill: the gradient points uphill."
    if not np.isclose(np.linalg.norm(new - x), eta * np.linalg.norm(gradient), rtol=1e-6):
        return "the step is not as long as eta times the gradient."
    h = next(h for h, start in _bowls() if start.shape == x.shape)
    return "" if _f(h, new) < _f(h, x) else "a small step must lower f, and this one does not."


@promises("largest_safe_step", "H", lambda: [(h,) for h, _ in _bowls()], lambda H: 0.0)
def _largest_safe_step(eta: Any, h: Array) -> str:
    """Descent on f converges with a slightly smaller step, and diverges with a slightly larger."""
    if eta <= 0:
        return "a step size is positive."
    start = np.ones(len(h))
    with np.errstate(over="ignore", invalid="ignore"):  # what diverges may overflow
        below, above = (
            np.linalg.norm(np.linalg.matrix_power(np.eye(len(h)) - part * eta * h, 2**21) @ start)
            for part in (0.99999, 1.00001)
        )
    if not below <= 1e-3:  # nor is it for nan
        return "it is too large: with a slightly smaller step, descent does not converge to 0."
    if above < 1e3:
        return "a larger one is safe too: with a slightly larger step, descent still converges."
    return ""


@promises(
    "loss", "R, U, V", lambda: [_with_blanks(*table) for table in _tables()], lambda R, U, V: 0.0
)
def _loss(value: Any, r: Array, u: Array, v: Array) -> str:
    """The question gives the formula of J; here it is computed. A blank is nan."""
    plain, known = np.nan_to_num(r), 1.0 - np.isnan(r)
    right = _j(plain, known, u, v, 0.0)
    if _close(value, right):
        return ""
    if _close(value, 2 * right):
        return "this is twice J: what stands in front of the sum?"
    if _close(value, _j(plain, np.ones_like(r), u, v, 0.0)):
        return "this counts blanks as ratings of 0."
    return "this is not J."


@promises(
    "dJ_dU",
    "R, W, U, V, mu",
    lambda: [(*table, 1.5) for table in _tables()],
    lambda R, W, U, V, mu: U,
)
def _dj_du(gradient: Array, r: Array, w: Array, u: Array, v: Array, mu: float) -> str:
    """Central differences of J with respect to the entries of U."""
    return _off_slope(gradient, _slope(lambda at: _j(r - mu, w, at, v, 0.0), u), "J")


@promises(
    "dJ_dV",
    "R, W, U, V, mu",
    lambda: [(*table, 1.5) for table in _tables()],
    lambda R, W, U, V, mu: V,
)
def _dj_dv(gradient: Array, r: Array, w: Array, u: Array, v: Array, mu: float) -> str:
    """Central differences of J with respect to the entries of V."""
    return _off_slope(gradient, _slope(lambda at: _j(r - mu, w, u, at, 0.0), v), "J")


@promises(
    "central_gradient",
    "x, h",
    lambda: [
        (np.array([1.0, -0.5, 2.0]), SMALL_STEP),
        (np.array([0.3, 0.8]), 0.5),
        (np.array([0.7]), 0.25),
    ],
    lambda x, h: x,
)
def _central_gradient(differences: Array, x: Array, h: float) -> str:
    """Following them over a distance of 2h, one entry at a time, leads from value to value of f."""

    def f(at: Array) -> float:
        return float((at**4).sum() + at.sum() ** 2)

    rises = np.array([f(x + h * one) - f(x - h * one) for one in np.eye(len(x))])
    how = difference(2 * differences, rises / h, CLOSE)
    return how and f"2h times an entry must be how much f rises from x_p - h to x_p + h: {how}."


@promises(
    "hessian",
    "r, u, v",
    lambda: [(3.0, 0.0, 0.0), (2.0, 1.0, -0.5), (-4.0, -2.0, 1.5), (4.0, 2.0, 2.0)],
    lambda r, u, v: np.zeros((2, 2)),
)
def _hessian(found: Array, r: float, u: float, v: float) -> str:
    """The second derivatives of 1/2 (r - u v)^2 agree with its second differences."""
    at, h = np.array([u, v]), np.sqrt(STEP) * np.eye(2)

    def j(point: Array) -> float:
        return float((r - point[0] * point[1]) ** 2) / 2

    def second(a: Array, b: Array) -> float:
        return (j(at + a + b) - j(at + a - b) - j(at - a + b) + j(at - a - b)) / (4 * STEP)

    how = difference(found, [[second(a, b) for b in h] for a in h], CLOSE)
    return how and f"it differs from the second differences of J: {how}."


@promises(
    "sgd_epoch",
    "R, W, U, V, eta",
    lambda: [(*table, 0.1) for table in (_tables()[2], *_tables()[:2], _tables()[3])],
    lambda R, W, U, V, eta: (U, V),
)
def _sgd_epoch(factors: Any, r: Array, w: Array, u: Array, v: Array, eta: float) -> str:
    """An epoch is one gradient step after another, each on one known rating.

    On a single rating it is one step; two parts of an epoch, one after the other, are the whole.
    """
    count = int(w.sum())
    for i, j in np.argwhere(w == 1):
        u, v = _step_on(r, i, j, u, v, eta)
    off = difference(factors[0], u, CLOSE), difference(factors[1], v, CLOSE)
    if not any(off):
        return ""
    where = f"in U, {off[0]}" if off[0] else f"in V, {off[1]}"
    if count == 1:
        return (
            "with one known rating an epoch must be one step against the gradient, for U and V "
            f"from the same old values: {where}."
        )
    return (
        f"with {count} known ratings an epoch must be {count} such steps, each from where the one "
        f"before it has led: {where}."
    )


def _step_on(r: Array, i: int, j: int, u: Array, v: Array, eta: float) -> tuple[Array, Array]:
    """Take one step of descent on a single rating, with measured slopes."""
    only = np.zeros_like(r)
    only[i, j] = 1.0
    by_u = _slope(lambda at: _j(r, only, at, v, 0.0), u)
    by_v = _slope(lambda at: _j(r, only, u, at, 0.0), v)
    return u - eta * by_u, v - eta * by_v


@promises(
    "regularized_gradient",
    "R, W, U, V, lam",
    lambda: [(*table, lam) for table, lam in zip(_tables(), (0.5, 3.0, 1.0, 0.0), strict=True)],
    lambda R, W, U, V, lam: (U, V),
)
def _regularized_gradient(found: Any, r: Array, w: Array, u: Array, v: Array, lam: float) -> str:
    """Central differences of J, penalty included, with respect to the entries of U and of V."""
    by_u, by_v = found
    slope_u = _slope(lambda at: _j(r, w, at, v, lam), u)
    slope_v = _slope(lambda at: _j(r, w, u, at, lam), v)
    return _off_slope(by_u, slope_u, "J with respect to U", "the first value") or _off_slope(
        by_v, slope_v, "J with respect to V", "the second value"
    )


@promises(
    "als_half_step",
    "R, W, V, lam, mu",
    lambda: [(r, w, v, lam, 1.5) for r, w, _, v in _tables() for lam in (0.1, 1.0)],
    lambda R, W, V, lam, mu: np.zeros((len(R), V.shape[1])),
)
def _als_half_step(u: Array, r: Array, w: Array, v: Array, lam: float, mu: float) -> str:
    """With V fixed, the gradient of J with respect to U is 0."""
    return _lowest(lambda at: _j(r - mu, w, at, v, lam), u, "J with respect to U", CLOSE)


@promises(
    "biases",
    "R, W, lam",
    lambda: [
        *((r, w, lam) for r, w, _, _ in _tables() for lam in (2.0, 4.0)),
        (4.0 * _GROUPS[:, :1] * _GROUPS, _GROUPS, 1.0),
    ],
    lambda R, W, lam: (0.0, np.zeros(R.shape[0]), np.zeros(R.shape[1])),
)
def _biases(found: Any, r: Array, w: Array, lam: float) -> str:
    """1/2 sum W (R - mu - b_i - c_j)^2 + lam/2 (|b|^2 + |c|^2) has gradient 0; mu is the mean."""
    mu, users, items = found
    if abs((w * (r - mu)).sum()) > FOUR_DIGITS * w.sum():
        return "the first value is not the mean of the known ratings. A blank is not a 0."

    def loss(biases: Array) -> float:
        errors = w * (r - mu - biases[: len(r), None] - biases[len(r) :])
        return float((errors**2).sum() + lam * (biases**2).sum()) / 2

    both = np.concatenate([users, items])
    return _lowest(loss, both, "the loss with respect to the biases", FOUR_DIGITS)


def _lowest(f: Callable[[Array], float], at: Array, what: str, close: float) -> str:
    """Say how far a quadratic f is from its lowest point, unless it is as close as it must be."""
    slope = _slope(f, at)
    unit = np.eye(at.size).reshape(-1, *at.shape)
    curvature = np.array([(_slope(f, at + one) - slope).ravel() for one in unit])
    missed = np.abs(np.linalg.solve(curvature, slope.ravel())).max()
    if missed <= close * max(1.0, float(np.abs(at).max())):
        return ""
    largest = float(np.max(np.abs(slope)))
    return f"the gradient of {what} must be 0 there; its largest entry is {largest:.2g}."


@promises(
    "measure_list",
    "scores, seen, relevant, n",
    lambda: [
        (scores, seen, np.array([1.0, 0, 0, 1, 0, 1]), n)
        for scores in (np.array([0.5, 2, -1, 1.5, -2, 0]), np.array([-3.0, -1, -2, -4, -5, -6]))
        for seen, n in [
            *((np.array([0.0, 1, 0, 0, 1, 0]), n) for n in (1, 2, 4)),
            (np.zeros(6), 6),
        ]
    ],
    lambda scores, seen, relevant, n: (0.0, 0.0, 0.0),
    leaves_open="The order of the list and the size of the third number are not checked.",
)
def _measure_list(found: Any, scores: Array, seen: Array, relevant: Array, n: int) -> str:
    """Precision and recall count the same hits; a list of everything unseen misses none."""
    precision, recall, ndcg = (float(value) for value in found)
    hits, count = precision * n, relevant.sum()
    if not all(0 <= value <= 1 + CLOSE for value in (precision, recall, ndcg)):
        return "each of the three numbers must be between 0 and 1."
    if abs(hits - round(hits)) > CLOSE:
        return (
            f"{n} times the first number, the precision, must be whole: it is the number of hits."
        )
    if abs(hits - recall * count) > CLOSE:
        return "precision and recall, the first two numbers, must count the same hits."
    if n == (seen == 0).sum() and abs(recall - 1) > CLOSE:
        return "all films that were not seen fit on this list, so no relevant film is missed."
    if (ndcg > 0) != (hits > 0):
        return "nDCG must be 0 where there is no hit, and above 0 where there is one."
    return ""


@promises(
    "half_step_of_likes",
    "R, W, V, alpha, lam",
    lambda: [(r, w, v, alpha, 0.5) for r, w, _, v in _tables() for alpha in (0.0, 0.7)],
    lambda R, W, V, alpha, lam: np.zeros((len(R), V.shape[1])),
)
def _half_step_of_likes(u: Array, r: Array, w: Array, v: Array, alpha: float, lam: float) -> str:
    """1/2 sum (1 + alpha L R) (L - U V^T)^2 + lam/2 |U|^2 has gradient 0; L is 1 for a like."""
    likes = w * (r >= 4)

    def loss(at: Array) -> float:
        errors = (1 + alpha * likes * r) * (likes - at @ v.T) ** 2
        return float(errors.sum() + lam * (at**2).sum()) / 2

    return _lowest(loss, u, "the weighted loss with respect to U", CLOSE)


@promises(
    "split_without_leaks",
    "ratings, order, n_test",
    lambda: [
        (np.array([[i, j, 10 * i + j] for i in range(3) for j in range(3)], dtype=float), order, t)
        for order, t in [(np.array([4, 0, 8, 2, 6, 1, 5, 3, 7]), 3), (np.arange(9)[::-1], 1)]
    ],
    lambda ratings, order, n_test: (ratings[n_test:], ratings[:n_test]),
    leaves_open="Whether the mean that you subtract is the right one is not checked.",
)
def _split_without_leaks(parts: Any, ratings: Array, order: Array, n_test: int) -> str:
    """Each rating is in one part, in the given order, minus the same number."""
    train, test = parts
    pairs, known = np.vstack([test, train])[:, :2], ratings[order]
    if {tuple(pair) for pair in pairs} != {tuple(pair) for pair in known[:, :2]}:
        return "every pair of user and item must be in exactly one of the two parts."
    if not np.array_equal(pairs, known[:, :2]):
        return "the first n_test entries of order are the test part; both parts keep its order."
    if np.ptp(known[:, 2] - np.concatenate([test[:, 2], train[:, 2]])) > CLOSE:
        return "the same number must be subtracted from both parts."
    return ""
