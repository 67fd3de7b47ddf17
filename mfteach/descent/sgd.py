"""Stochastic gradient descent: an update for each rating instead of one for all of them.

The gradient of J is a sum over the known ratings (lecture rows S59 and S63). Instead of adding
it all up for one step, "Thursday" (row S67) takes a small step for each rating (i, j):

    e    = r_ij - r-hat_ij
    u_i <- u_i + eta (e v_j - lambda c_i / n_i u_i)
    v_j <- v_j + eta (e u_i - lambda d_j / n_j v_j)        with the old u_i on the right

where n_i and n_j count the ratings of user i and of item j. Dividing by them shares out the
penalty of a row among its ratings, so that the updates of one epoch add up to the gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import generator, real_number
from mfteach.descent.learning_rate import decayed
from mfteach.descent.steps import Step, guarded
from mfteach.descent.upper_bound import UpperBound
from mfteach.fast.engine import twins
from mfteach.loss.squared_error import Loss, require_start
from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Rng
from mfteach.matrices.rows import Known, Table

# How often a rate that diverged is halved in search of one that does not.
HALVINGS = 20
# For how many epochs, at least, a rate is tried before it is suggested.
PROBED = 20

Biases = tuple[Table, Table]


@dataclass(frozen=True, eq=False)
class Shares:
    """The share that each rating has in the penalty of its rows."""

    user: NDArray[np.float64]  # lambda c_i / n_i
    item: NDArray[np.float64]  # lambda d_j / n_j
    user_bias: NDArray[np.float64]  # lambda_b / n_i
    item_bias: NDArray[np.float64]  # lambda_b / n_j
    _kept: dict[Any, list[Table]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, loss: Loss) -> Shares:
        """Divide the penalties of J by the numbers of ratings."""
        # A row without ratings is never updated, so its share is never used.
        n_i, n_j = (np.maximum(n, 1) for n in (loss.ratings.user_counts, loss.ratings.item_counts))
        c, d = loss.penalties()
        return cls(c / n_i, d / n_j, loss.bias_regularization / n_i, loss.bias_regularization / n_j)

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        return iter((self.user, self.item, self.user_bias, self.item_bias))

    def kept(self, learning_rate: float, dtype: np.dtype[Any]) -> list[Table]:
        """What an update leaves of each row and bias, for their penalty: 1 - eta times its share.

        As long as eta stays the same, it is computed once.
        """
        wanted = learning_rate, dtype
        if wanted not in self._kept:
            self._kept.clear()
            self._kept[wanted] = [(1.0 - learning_rate * share).astype(dtype) for share in self]
        return self._kept[wanted]


def epoch(
    order: Iterable[tuple[int, int, Any]],
    U: Table,
    V: Table,
    biases: Biases | None,
    shares: Iterable[NDArray[np.float64]],
    learning_rate: float,
) -> tuple[Table, Table, Biases | None]:
    """One update for each rating, one after the other.

    Parameters
    ----------
    order : iterable of (i, j, target)
        The row of U, the row of V and the rating, less the mean and the biases that are fixed.
    U, V : ndarray, shapes (m, k) and (n, k)
        The factors; they are copied.
    biases : pair of ndarray, shapes (m,) and (n,), or None
        The learned biases b and c, if there are any; they are copied.
    shares : Shares
        The share that each rating has in the penalty of its rows.
    learning_rate : float
        eta.

    Returns
    -------
    U, V, biases
        After the last update.
    """
    U, V, eta = U.copy(), V.copy(), learning_rate
    b, c = (np.zeros(len(U)), np.zeros(len(V))) if biases is None else map(np.copy, biases)
    of_user, of_item, of_b, of_c = shares
    for i, j, r in order:
        u, v = U[i].copy(), V[j].copy()
        e = r - u @ v - b[i] - c[j]
        U[i] += eta * (e * v - of_user[i] * u)
        V[j] += eta * (e * u - of_item[j] * v)
        if biases is not None:
            b[i] += eta * (e - of_b[i] * b[i])
            c[j] += eta * (e - of_c[j] * c[j])
    return U, V, None if biases is None else (b, c)


def stochastic_gradient_descent(
    loss: Loss, start: Factors, learning_rate: float, rng: Rng = None, *, decay: float = 0.0
) -> Iterator[Step]:
    """Walk downhill rating by rating, without end; one step an epoch.

    Each epoch draws a new order. How, depends on ``loss.engine``, so that two engines end up at
    different points of the same quality. Learned biases move along with U and V:
    b_i <- b_i + eta (e - lambda_b / n_i b_i), and c_j likewise; others stay as they are.

    Parameters
    ----------
    loss : Loss
        J, whose ratings it takes one after the other.
    start : Factors
        Where to begin; it is copied, and its precision is kept. Rows without a rating are never
        updated: they stay as they start.
    learning_rate : float
        eta > 0 in the first epoch.
    rng : int, Generator or None
        Seed or source of randomness for the orders. A seed repeats bit for bit with the same
        engine.
    decay : float
        0 or larger: epoch t = 1, 2, ... uses eta / (1 + decay (t - 1)). With a constant rate SGD
        ends up oscillating around a minimum, the wider the larger eta.

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
        max(1, value at the start). It names the epoch and a rate that works.

    Source: lecture row S67; Robbins and Monro (1951); Funk (2006).
    """
    rate = real_number(learning_rate, "learning_rate", "(0, inf)")
    decay, random = real_number(decay, "decay", "[0, inf)"), generator(rng)
    require_start(loss, start)
    return walk(loss, start, rate, random, decay, lambda: start)


def walk(
    loss: Loss,
    start: Factors,
    rate: float,
    random: np.random.Generator,
    decay: float,
    again: Callable[[], Factors],
) -> Iterator[Step]:
    """As `stochastic_gradient_descent`, which keeps no start where ``again`` gives it again."""
    return _guarded(_steps(loss, start, rate, random, decay), loss, again, rate, decay)


def _guarded(
    steps: Iterable[Step], loss: Loss, start: Callable[[], Factors], rate: float, decay: float
) -> Iterator[Step]:
    bound = UpperBound(loss)
    return guarded(
        steps,
        lambda step: _rate_instead(loss, start(), rate, decay, step.number),
        rate=rate,
        place="in epoch",
        bound=lambda step: bound.of(step.point),
    )


def _steps(
    loss: Loss,
    start: Factors,
    rate: float,
    random: np.random.Generator,
    decay: float,
    done: int = 0,
) -> Iterator[Step]:
    """The start, which so many epochs have led to, and the point after each epoch, without end."""
    fast, shares = twins(loss.engine, len(loss.ratings)), Shares.of(loss)
    known = Known.of(loss.ratings, start, with_biases=not start.learned_biases)
    point = start
    del start  # as large as the point
    yield Step(done, point, loss, 0.0)
    orders = islice(fast.orders(known, point.shape, random), done, None)
    for number, order in enumerate(orders, start=done + 1):
        eta = decayed(rate, decay, number)
        point = _moved(point, *fast.epoch(order, point.U, point.V, _learned(point), shares, eta))
        yield Step(number, point, loss, eta)


def _learned(point: Factors) -> Biases | None:
    if point.user_bias is None or point.item_bias is None or not point.learned_biases:
        return None
    return point.user_bias, point.item_bias


def _moved(point: Factors, U: Table, V: Table, biases: Biases | None) -> Factors:
    b, c = biases or (point.user_bias, point.item_bias)
    return point._holding(U, V, b, c)


# ---- divergence


@np.errstate(over="ignore", invalid="ignore")
def _rate_instead(
    loss: Loss, start: Factors, rate: float, decay: float, n_epochs: int
) -> float | None:
    """The first half, quarter, ... of the rate that stays below the start, as long or longer.

    A rate beyond 1/s, where s is the root mean square of the errors, is as good as 1/s.
    """
    first_value, errors = loss.value(start), loss.errors(start).astype(np.float64)
    rate /= max(1.0, rate * math.sqrt(float(np.mean(np.square(errors)))))
    last = max(n_epochs, PROBED) + 1
    for halving in range(1, HALVINGS + 1):
        smaller = rate * 0.5**halving
        steps = islice(_steps(loss, start, smaller, np.random.default_rng(0), decay), 1, last)
        if all(step.value <= first_value for step in steps):
            return smaller
    return None
