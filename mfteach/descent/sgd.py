"""Stochastic gradient descent: a step for each rating, many ratings at a time.

The gradient of J is a sum over the known ratings (lecture rows S59 and S63). Instead of adding
it all up for one step, "Thursday" (row S67) takes a small step for each rating (i, j):

    e    = r_ij - r-hat_ij
    u_i <- u_i + eta (e v_j - lambda c_i / n_i u_i)
    v_j <- v_j + eta (e u_i - lambda d_j / n_j v_j)        with the old u_i on the right

where n_i and n_j count the ratings of user i and of item j. Dividing by them shares out the
price of a row among its ratings, so that the steps of one epoch add up to the gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import count, islice, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.descent.steps import DIVERGED, DivergenceError, Step
from mfteach.loss.squared_error import Loss, row_squares
from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Groups, Rng
from mfteach.matrices.ratings import Ratings

# How often a rate that diverged is halved in search of one that does not.
HALVINGS = 20
# For how many epochs, at least, a rate is tried before it is suggested.
PROBED = 20


def conflict_free_order(ratings: Ratings, rng: Rng = None) -> Groups:
    """Draw an order of visits, cut into classes in which no user and no item occurs twice.

    Shuffle the rows and the columns of the table and take its diagonals, which wrap around: two
    ratings of one user lie in different columns, hence on different diagonals, and so do two
    ratings of one item. The visits within a class touch different rows of U and of V, so that
    all of them at once give what one after the other gives.

    Returns
    -------
    Groups
        ``order`` holds every position of the ratings once, in the order of the visits, and
        class c is ``order[starts[c]:starts[c + 1]]``.

    Source: the interchangeable blocks of Gemulla et al., Large-scale matrix factorization with
    distributed stochastic gradient descent (2011), at their smallest.
    """
    generator = np.random.default_rng(rng)
    m, n = ratings.shape
    n_diagonals = max(m, n)
    row, column = generator.permutation(m), generator.permutation(n)
    visited_as = generator.permutation(n_diagonals)
    diagonal = visited_as[(row[ratings.user_index] + column[ratings.item_index]) % n_diagonals]
    # Short keys are sorted by radix, which takes one pass for each of their bytes.
    keys = diagonal.astype(np.uint16) if n_diagonals <= 2**16 else diagonal
    return Groups.of(keys, n_diagonals)


def stochastic_gradient_descent(
    loss: Loss, start: Factors, learning_rate: float, rng: Rng = None, *, decay: float = 0.0
) -> Iterator[Step]:
    """Walk downhill rating by rating, for ever; one step an epoch.

    Each epoch draws a new order: NumPy a `conflict_free_order`, the compiled kernels blocks in
    which users take turns (`mfteach.fast.blocks.Blocks`), so that the two end up at different
    points of the same quality. ``loss.engine`` decides. Learned biases move along with U and V:
    b_i <- b_i + eta (e - lambda_b / n_i b_i), and c_j likewise; others stay as they are.

    Parameters
    ----------
    loss : Loss
        J, whose ratings are visited.
    start : Factors
        Where to begin; it is copied, and its precision is kept. Rows without a rating are never
        visited: they stay as they start.
    learning_rate : float
        eta > 0 in the first epoch.
    rng : int, Generator or None
        Seed or source of randomness for the orders. A seed repeats bit for bit with the same
        engine, whatever the number of threads.
    decay : float
        0 or larger: epoch t = 1, 2, ... uses eta / (1 + decay (t - 1)). With a constant rate SGD
        ends up swinging around a minimum, the wider the larger eta is.

    Yields
    ------
    Step
        The start and then one step an epoch, without end. ``value`` is J, and ``gradient_norm``
        the length of its full gradient there, not of the small steps.

    Raises
    ------
    ValueError
        For a rate or a decay outside its range, or a start that does not fit the ratings.
    DivergenceError
        When the value is not finite or exceeds `mfteach.descent.steps.DIVERGED` times
        max(1, value at the start). It names the epoch and a rate that gets through.

    Source: lecture row S67; Robbins and Monro (1951); Funk (2006).
    """
    if not (np.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate must be a positive number, but is {learning_rate}")
    if not (np.isfinite(decay) and decay >= 0):
        raise ValueError(f"decay must be 0 or larger, but is {decay}")
    if start.shape != loss.ratings.shape:
        raise ValueError(f"{start!r} does not fit {loss.ratings!r}")
    return _guarded(loss, start, float(learning_rate), rng, float(decay))


def _guarded(
    loss: Loss, start: Factors, learning_rate: float, rng: Rng, decay: float
) -> Iterator[Step]:
    """Turn the points into steps, and raise as soon as one is out of bounds."""
    first_value, largest = loss.value(start), _largest(loss.ratings.values)
    for number, point in enumerate(_points(loss, start, learning_rate, rng, decay)):
        rate = _rate(learning_rate, decay, number) if number else 0.0
        if not _bounded(_upper_bound(loss, point, largest), first_value):
            value = _value(loss, point)
            if not _bounded(value, first_value):
                raise _divergence(loss, start, learning_rate, decay, number, (first_value, value))
        yield Step(number, point, loss, rate)


def _points(
    loss: Loss, start: Factors, learning_rate: float, rng: Rng, decay: float
) -> Iterator[Factors]:
    """The start and the point after each epoch, without end."""
    generator = np.random.default_rng(rng)
    visit_all = _visitor(loss, start, generator)
    point = start
    for epoch in count(1):
        yield point
        point = point.astype(point.U.dtype)  # the caller may keep the one before
        visit_all(point, _rate(learning_rate, decay, epoch))


def _visitor(
    loss: Loss, start: Factors, generator: np.random.Generator
) -> Callable[[Factors, float], None]:
    """Prepare what changes a point in place by one epoch at a given rate."""
    shares = _Shares.of(loss)
    kernels = loss.kernels
    if kernels is None:
        return lambda point, eta: _visit(
            loss, point, conflict_free_order(loss.ratings, generator), eta, shares
        )
    # Fixed biases never move, so what they leave can be sorted once for all.
    blocks = kernels.Blocks.of(loss.ratings, start, generator)
    return lambda point, eta: blocks.visit(
        blocks.stages(generator), point, eta, shares.left(eta, point.U.dtype)
    )


def _targets(loss: Loss, point: Factors) -> NDArray[np.floating[Any]]:
    """What the visits have to explain: the ratings without the biases that stay as they are."""
    if not point.learned_biases:
        return loss.targets(point)
    values = loss.ratings.values.astype(point.U.dtype, copy=False)
    return np.asarray(values - point.U.dtype.type(point.mean))


def _rate(learning_rate: float, decay: float, epoch: int) -> float:
    return learning_rate / (1.0 + decay * (epoch - 1))


class _Shares(NamedTuple):
    """Each visit's share of the price of the rows that it touches."""

    user: NDArray[np.float64]  # lambda c_i / n_i
    item: NDArray[np.float64]
    user_bias: NDArray[np.float64]  # lambda_b / n_i
    item_bias: NDArray[np.float64]

    @classmethod
    def of(cls, loss: Loss) -> _Shares:
        # A row without ratings is never visited, so its share is never used.
        n_i, n_j = (np.maximum(n, 1) for n in (loss.ratings.user_counts, loss.ratings.item_counts))
        c, d = loss.penalties()
        price = loss.bias_regularization
        return cls(c / n_i, d / n_j, price / n_i, price / n_j)

    def left(self, eta: float, dtype: np.dtype[Any]) -> tuple[NDArray[np.floating[Any]], ...]:
        """What a visit at this rate leaves of each row and bias: 1 - eta times its share."""
        return tuple((1.0 - eta * share).astype(dtype) for share in self)


@np.errstate(over="ignore", invalid="ignore")  # noticed, and reported as a DivergenceError
def _visit(loss: Loss, point: Factors, visits: Groups, eta: float, shares: _Shares) -> None:
    """Visit every rating once, changing ``point`` in place, one class after the other."""
    U, V, dtype = point.U, point.V, point.U.dtype
    ratings = loss.ratings
    users, items = ratings.user_index[visits.order], ratings.item_index[visits.order]
    targets = _targets(loss, point)[visits.order]
    left_of_user, left_of_item, *left_of_biases = shares.left(eta, dtype)
    keep_u, keep_v = left_of_user[users, None], left_of_item[items, None]
    biases = _LearnedBiases.of(point, eta, left_of_biases)
    for first, last in pairwise(np.unique(visits.starts).tolist()):
        here = slice(first, last)
        i, j = users[here], items[here]
        u, v = U.take(i, axis=0), V.take(j, axis=0)
        e = targets[here] - np.einsum("ns,ns->n", u, v)
        if biases is not None:
            e = biases.visit(i, j, e)
        eta_e = (eta * e)[:, None]
        U[i] = keep_u[here] * u + eta_e * v
        V[j] = keep_v[here] * v + eta_e * u


class _LearnedBiases(NamedTuple):
    """The biases of a point in the making, and what a visit leaves of each."""

    b: NDArray[np.floating[Any]]
    c: NDArray[np.floating[Any]]
    keep_b: NDArray[np.floating[Any]]
    keep_c: NDArray[np.floating[Any]]
    eta: float

    @classmethod
    def of(
        cls, point: Factors, eta: float, left: list[NDArray[np.floating[Any]]]
    ) -> _LearnedBiases | None:
        b, c = point.user_bias, point.item_bias
        if b is None or c is None or not point.learned_biases:
            return None
        keep_b, keep_c = left
        return cls(b, c, keep_b, keep_c, eta)

    def visit(
        self, i: NDArray[np.intp], j: NDArray[np.intp], e: NDArray[np.floating[Any]]
    ) -> NDArray[np.floating[Any]]:
        """Take the biases off the errors, then move them; return the errors that are left."""
        b, c = self.b[i], self.c[j]
        e = e - (b + c)
        self.b[i] = self.keep_b[i] * b + self.eta * e
        self.c[j] = self.keep_c[j] * c + self.eta * e
        return e


def _value(loss: Loss, point: Factors) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return loss.value(point)


@np.errstate(over="ignore", invalid="ignore")
def _upper_bound(loss: Loss, point: Factors, largest: float) -> float:
    """What J cannot exceed: no error is larger than max |r - mean - b - c| + max |u| max |v|.

    Given the largest rating it takes no pass over them, and nearly always shows that J is in
    bounds.
    """
    u_squares, v_squares = row_squares(point.U), row_squares(point.V)
    largest += abs(point.mean)
    largest += math.sqrt(u_squares.max(initial=0.0) * v_squares.max(initial=0.0))
    bias_squares = 0.0
    for bias in (point.user_bias, point.item_bias):
        if bias is not None:
            largest += _largest(bias)
            bias_squares += float(np.sum(np.square(bias, dtype=np.float64)))
    c, d = loss.penalties()
    price = float(c @ u_squares + d @ v_squares) + loss.bias_regularization * bias_squares
    return 0.5 * (len(loss.ratings) * largest**2 + price)


def _largest(numbers: NDArray[np.floating[Any]]) -> float:
    return max(float(numbers.max(initial=0.0)), -float(numbers.min(initial=0.0)))


def _bounded(value: float, first_value: float) -> bool:
    return math.isfinite(value) and value <= DIVERGED * max(1.0, first_value)


def _divergence(
    loss: Loss,
    start: Factors,
    rate: float,
    decay: float,
    epoch: int,
    values: tuple[float, float],
) -> DivergenceError:
    if epoch == 0:
        message = f"the objective is {values[1]} at the start: begin where it is finite"
        return DivergenceError(message, 0, 0.0, None)
    suggested = _rate_that_gets_through(loss, start, rate, decay, epoch)
    cure = "no smaller rate helps" if suggested is None else f"try learning_rate={suggested:.2g}"
    return DivergenceError(
        f"descent diverged in epoch {epoch} with learning_rate={rate:g}: the value went from "
        f"{values[0]:.3g} to {values[1]:.3g}; {cure}",
        epoch,
        rate,
        suggested,
    )


def _rate_that_gets_through(
    loss: Loss, start: Factors, rate: float, decay: float, n_epochs: int
) -> float | None:
    """The first half, quarter, ... of the rate that stays below the start, as long or longer."""
    first_value = loss.value(start)
    last = max(n_epochs, PROBED) + 1
    for halving in range(1, HALVINGS + 1):
        smaller = rate * 0.5**halving
        points = islice(_points(loss, start, smaller, 0, decay), 1, last)
        if all(_value(loss, point) <= first_value for point in points):
            return smaller
    return None
