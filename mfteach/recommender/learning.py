"""From ratings and settings to factors: which loss, which start, which solver, at which rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from mfteach.arguments import Cure, InputError, generator
from mfteach.descent import (
    DivergenceError,
    Step,
    Trace,
    alternating_least_squares,
    descend,
    gradient_descent,
    stochastic_gradient_descent,
    suggest_learning_rate,
)
from mfteach.fast.engine import Engine
from mfteach.loss.squared_error import Loss, Weighting
from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Rng
from mfteach.matrices.labels import as_pairs
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.baselines import Biases, GlobalMean

Solver = Literal["als", "cg", "sgd", "gd"]

# Epochs without a better validation figure before learning stops.
PATIENCE = 10
# The learning rate of SGD if none is given.
SGD_RATE = 0.01


class Settings(Protocol):
    """How to learn; `mfteach.MatrixFactorization` says what each of these means."""

    n_factors: int
    solver: Solver
    regularization: float | tuple[float, float]
    weighting: Weighting
    biases: bool | Literal["learned"]
    n_epochs: int
    learning_rate: float | None
    momentum: float
    decay: float
    start_scale: float
    engine: Engine
    dtype: Literal["float32", "float64"]
    rng: Rng


class Learned(NamedTuple):
    """The record of a descent, and the learning rate that it began with, if it had one."""

    trace: Trace
    learning_rate: float | None


def as_ratings(X: Ratings | ArrayLike, y: ArrayLike | None = None) -> Ratings:
    """Ratings as they are, or from labels X of shape (N, 2) and values y of shape (N,).

    Raises
    ------
    ValueError
        For values beside a `Ratings`, or none beside labels; and as `Ratings`.
    """
    if isinstance(X, Ratings):
        if y is not None:
            raise ValueError("a Ratings holds its values: give no y beside it")
        return X
    if y is None:
        raise InputError(
            "fit requires y to be passed, but the target y is None",
            "give the values y beside the labels X, or a Ratings",
        )
    users, items = as_pairs(X)
    return Ratings(users, items, y)


def in_precision(ratings: Ratings, dtype: Literal["float32", "float64"]) -> Ratings:
    """The same ratings in single or double precision; a ValueError if one does not fit it."""
    if ratings.values.dtype == dtype:
        return ratings
    largest = max(float(ratings.values.max()), -float(ratings.values.min()))
    if largest > float(np.finfo(dtype).max):
        raise InputError(
            f"a rating of size {largest:g} does not fit {dtype}",
            "Scale the ratings down",
            cures=(Cure("dtype", "float64"),),
        )
    return ratings.with_values(ratings.values.astype(dtype))


def learn(settings: Settings, ratings: Ratings, validation: Ratings | None = None) -> Learned:
    """Descend from a random start.

    The learning rate of plain gradient descent, where none is given, is what a line search finds,
    halved as long as descent diverges with it.

    Parameters
    ----------
    settings : Settings
        Already checked, as far as no solver checks them.
    ratings : Ratings
        Of shape (m, n), in the precision of the settings.
    validation : Ratings, optional
        Of the same shape. Descent stops when their RMSE has not fallen for `PATIENCE` epochs.

    Raises
    ------
    ValueError
        As the solvers raise it, and if the line search finds no learning rate.
    DivergenceError
        With a learning rate that was given, as the solvers raise it.

    Source: lecture rows S64-S68.
    """
    random = generator(settings.rng)
    loss, start = loss_of(settings, ratings), _start(settings, ratings, random)
    if settings.solver == "gd" and settings.learning_rate is None:
        return _learn_at_a_rate_that_works(settings, loss, start, validation)
    rate = _given_rate(settings)
    steps = _steps(settings, loss, start, rate, random)
    del start  # as large as the factors, and no longer needed
    return Learned(_trace(settings, steps, validation), rate)


def _learn_at_a_rate_that_works(
    settings: Settings, loss: Loss, start: Factors, validation: Ratings | None
) -> Learned:
    # In double precision: in single, rounding would look like a value that does not fall.
    rate = _usable(suggest_learning_rate(loss, start.astype("float64")))
    while True:
        steps = gradient_descent(loss, start, rate, momentum=settings.momentum)
        try:
            return Learned(_trace(settings, steps, validation), rate)
        except DivergenceError as error:
            rate = _usable(None if error.suggested_rate is None else error.learning_rate / 2)


def _trace(settings: Settings, steps: Iterator[Step], validation: Ratings | None) -> Trace:
    return descend(steps, settings.n_epochs, None, validation, progress=False, patience=PATIENCE)


def loss_of(settings: Settings, ratings: Ratings) -> Loss:
    """J for these settings."""
    return Loss(ratings, settings.regularization, settings.weighting, engine=settings.engine)


def _start(settings: Settings, ratings: Ratings, random: np.random.Generator) -> Factors:
    start = Factors.random(ratings.shape, settings.n_factors, random, settings.start_scale)
    start = start.astype(settings.dtype)
    # No rating would ever move these rows: they stay at 0, which is what is known of them.
    start.U[ratings.user_counts == 0] = 0
    start.V[ratings.item_counts == 0] = 0
    if settings.biases == "learned":
        zero = Biases(GlobalMean.fit(ratings).mean, *map(np.zeros, ratings.shape))
        return start.with_biases(zero, learned=True)
    if settings.biases:
        return start.with_biases(Biases.fit(ratings, engine=settings.engine))
    return start


def _given_rate(settings: Settings) -> float | None:
    if settings.solver in ("als", "cg"):
        return None
    if settings.learning_rate is None:
        return SGD_RATE
    return settings.learning_rate


def _usable(rate: float | None) -> float:
    if rate is None:
        raise ValueError("no learning rate works: are the ratings extremely large?")
    return rate


def _steps(
    settings: Settings,
    loss: Loss,
    start: Factors,
    rate: float | None,
    random: np.random.Generator,
) -> Iterator[Step]:
    if rate is None:
        exact = settings.solver == "als"
        return alternating_least_squares(loss, start, method="exact" if exact else "cg")
    if settings.solver == "sgd":
        return stochastic_gradient_descent(loss, start, rate, random, decay=settings.decay)
    return gradient_descent(loss, start, rate, momentum=settings.momentum)
