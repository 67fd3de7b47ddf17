"""From ratings and settings to factors: which loss, which start, which solver, at which rate."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from mfteach.arguments import Cure, InputError, generator, whole_number
from mfteach.descent import (
    DivergenceError,
    Step,
    Trace,
    alternating_least_squares,
    gradient_descent,
    suggest_learning_rate,
)
from mfteach.descent.going_on import (
    alternating_least_squares_after,
    gradient_descent_after,
    stochastic_gradient_descent_after,
)
from mfteach.descent.sgd import walk
from mfteach.descent.training import figure_to_lower, go_on
from mfteach.fast.engine import Engine
from mfteach.loss.squared_error import Loss, Weighting
from mfteach.matrices.factors import Factors
from mfteach.matrices.frames import reader_of
from mfteach.matrices.groups import Rng
from mfteach.matrices.labels import as_pairs
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.slabs import root_mean_square
from mfteach.recommender.baselines import Biases, GlobalMean
from mfteach.recommender.checkpoints import Checkpoint, Scaled
from mfteach.recommender.regularization import auto_regularization, typical_size

Solver = Literal["als", "cg", "sgd", "gd"]
ModelEngine = Literal["auto", "numpy", "numba", "spark"]
Regularization = float | tuple[float, float] | Literal["auto"]

# Epochs without a better validation figure before learning stops.
PATIENCE = 10
# So many factors are taken for however small a table.
FEW_FACTORS = 100
# Learning takes memory for at least so many tables as large as the factors, in double precision.
TABLES = 3
# The learning rate of SGD if none is given, for residuals of size 1.
SGD_RATE = 0.035
# Sums of squares of larger ratings leave the range of numbers.
LARGEST = 1e140
# What the factors have to explain, lambda and products of the start may be so large, and the first
# of these no smaller than the inverse: conjugate gradients multiply four such numbers, the other
# solvers two or (the length of a gradient, squared) three.
LARGEST_SIZE = {
    ("float32", True): 1e9,
    ("float32", False): 1e18,
    ("float64", True): 1e75,
    ("float64", False): 1e101,
}
# With ratings up to here, and from its inverse, every solver can compute in double precision.
SAFE = 1e70
# Ratings that differ by less than this share of the largest are equal, up to rounding; others have
# to differ by so many rounding errors.
EQUAL = 1e-12
DIFFERENT = 100
# A start whose products are so many times larger than the ratings is a slip: descent would only
# have to undo it.
LARGEST_START = 1e12
# Residuals of so many rounding errors of the largest rating are nothing but rounding.
ROUNDING_ERRORS = 16


class Settings(Protocol):
    """How to learn; `mfteach.MatrixFactorization` says what each of these means."""

    n_factors: int
    solver: Solver
    regularization: Regularization
    weighting: Weighting
    biases: bool | Literal["learned"]
    n_epochs: int
    learning_rate: float | None
    momentum: float
    decay: float
    start_scale: float
    engine: ModelEngine
    dtype: Literal["float32", "float64"]
    rng: Rng


class Learned(NamedTuple):
    """The record of a descent, and what it began with."""

    trace: Trace
    regularization: float | tuple[float, float]
    learning_rate: float | None
    start: Callable[[], Factors]  # draws it again: as large as the factors, it is not kept
    start_size: float  # the root mean square of what U and V predicted there for the ratings


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
            f"Give the values y beside two columns of labels, or a Ratings{_read_from(X)}",
        )
    users, items = as_pairs(X)
    return Ratings(users, items, y)


def _read_from(X: Any) -> str:
    """How a table that holds values, too, becomes a `Ratings`."""
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.shape[1] == 3:
        return ": fit(X[:, :2], X[:, 2])"
    reader = reader_of(X)
    return f": fit(Ratings.{reader}(X))" if reader else ""


def in_precision(ratings: Ratings, dtype: Literal["float32", "float64"]) -> Ratings:
    """The same ratings in single or double precision; a ValueError if one is too large for it."""
    largest = max(float(ratings.values.max()), -float(ratings.values.min()))
    if largest > LARGEST:
        raise InputError(
            f"a rating of size {largest:g} is too large to square", "Scale the ratings down"
        )
    if ratings.values.dtype == dtype:
        return ratings
    if largest > float(np.finfo(dtype).max):
        raise InputError(
            f"a rating of size {largest:g} does not fit {dtype}",
            "Scale the ratings down",
            cures=(Cure("dtype", "float64"),) if largest < SAFE else (),
        )
    if 0 < largest < float(np.finfo(dtype).tiny):
        raise InputError(
            f"no rating is larger than {largest:g}, which {dtype} takes for 0",
            "Scale the ratings up",
            cures=(Cure("dtype", "float64"),) if largest > 1 / SAFE else (),
        )
    spread = float(ratings.values.max()) - float(ratings.values.min())
    rounded = largest * float(np.finfo(dtype).eps)
    # A spread of a few rounding errors is none: such ratings are meant to be equal.
    if largest * EQUAL < spread < DIFFERENT * rounded:
        raise InputError(
            f"ratings of size {largest:g} that differ by {spread:.3g} at most are rounded too much "
            f"in {dtype}",
            "Subtract the same number from all",
            cures=(Cure("dtype", "float64"),),
        )
    return ratings._holding(ratings.values.astype(dtype))


def require_n_factors(n_factors: int, shape: tuple[int, int]) -> None:
    """Refuse more factors than can be of use, or than there is memory for.

    Raises
    ------
    ValueError
        The message names the most that there can be. As many as users, or as items, predict any
        table; small numbers are always taken.
    """
    m, n = shape
    most = max(FEW_FACTORS, min(m, n))
    if n_factors > most:
        raise InputError(
            f"must be at most {most} for {m:,} users and {n:,} items, but is {n_factors}",
            argument="n_factors",
            cures=(Cure("n_factors", most),),
        )
    bearable = n_factors
    while bearable > 1 and not _is_free(TABLES * (m + n) * bearable):
        bearable //= 2
    if bearable < n_factors:
        raise InputError(
            f"of {n_factors} for {m:,} users and {n:,} items takes more than the memory",
            argument="n_factors",
            cures=(Cure("n_factors", bearable),),
        )


def _is_free(n_numbers: int) -> bool:
    """Whether there is memory for so many numbers; nothing is written to it."""
    try:
        np.empty(n_numbers)
    except (MemoryError, ValueError):  # a ValueError where not even the address space is enough
        return False
    return True


def scaled_to(settings: Settings, ratings: Ratings, progress: bool = False) -> Scaled:
    """The settings that follow the scale of these ratings (see `Scaled`), as `learn` takes them.

    The size of what the biases leave is s, its root mean square. Ratings c times as large have c
    times the s, and then sqrt(c) times the factors predict c times as much: so a start follows
    sqrt(s), lambda follows s (see `mfteach.recommender.regularization`) and eta follows 1/s.
    """
    return _scaled(settings, ratings, _biases(settings, ratings), progress)


def learn(
    settings: Settings,
    ratings: Ratings,
    validation: Ratings | None = None,
    checkpoint: Checkpoint | None = None,
    progress: bool = False,
) -> Learned:
    """Descend from a random start.

    A learning rate that nobody gave is halved as long as descent diverges with it.

    Parameters
    ----------
    settings : Settings
        Already checked, as far as no solver checks them.
    ratings : Ratings
        Of shape (m, n), in the precision of the settings.
    validation : Ratings, optional
        Of the same shape. Descent stops when their RMSE has not fallen for `PATIENCE` epochs.
    checkpoint : Checkpoint, optional
        Where each epoch is kept, and where it goes on from.
    progress : bool
        Whether to show bars.

    Raises
    ------
    ValueError
        As the solvers raise it, for what they cannot compute with, and if no learning rate works.
    DivergenceError
        With a learning rate that was given, as the solvers raise it.

    Source: lecture rows S64-S68.
    """
    require_n_factors(whole_number(settings.n_factors, "n_factors", 1), ratings.shape)
    random = generator(settings.rng)
    biases = _biases(settings, ratings)
    kept = None
    if checkpoint is not None:
        kept = checkpoint.read(partial(loss_of, settings, ratings), settings.n_epochs)
    scaled = _scaled(settings, ratings, biases, progress) if kept is None else kept.scaled
    loss = loss_of(settings, ratings, scaled.regularization)
    rate, untouched = scaled.learning_rate, copy.deepcopy(random)

    def start(random: np.random.Generator) -> Factors:
        return _start(settings, ratings, biases, scaled.start_scale, random)

    def again() -> Factors:
        return start(copy.deepcopy(untouched))

    by_trial = settings.solver == "gd" and settings.learning_rate is None
    if kept is None and by_trial and rate is not None:
        rate = _usable(suggest_learning_rate(loss, start(random), rate), settings)
    while True:
        random.bit_generator.state = untouched.bit_generator.state
        begun = start(random)
        begun_size = _predicted_size(loss, begun)
        if kept is None:
            trace, steps = Trace(), _steps(settings, loss, begun, rate, random, again)
        else:
            trace = kept.trace
            steps = _steps_after(trace.last, settings, loss, begun, rate, random)
        del begun  # as large as the factors
        try:
            found = scaled._replace(learning_rate=rate)
            _record(trace, steps, settings, validation, checkpoint, found, progress)
            return Learned(trace, scaled.regularization, rate, again, begun_size)
        except DivergenceError as error:
            if settings.learning_rate is not None:
                raise
            smaller = None if error.suggested_rate is None else error.learning_rate / 2
            rate, kept = _usable(smaller, settings), None


def _predicted_size(loss: Loss, factors: Factors) -> float:
    """The root mean square of what U and V alone predict for the ratings."""
    left = loss.errors(Factors(factors.U, factors.V))
    return root_mean_square(np.subtract(loss.ratings.values, left, out=left))


def _record(
    trace: Trace,
    steps: Iterator[Step],
    settings: Settings,
    validation: Ratings | None,
    checkpoint: Checkpoint | None,
    found: Scaled,
    progress: bool,
) -> None:
    if trace.validation and trace.last.number - trace.best.number >= PATIENCE:
        return
    if checkpoint is not None:
        steps = checkpoint.keeping(steps, trace, found)
    n_epochs = whole_number(settings.n_epochs, "n_epochs", 1)
    go_on(trace, steps, n_epochs, None, figure_to_lower(validation), progress, PATIENCE)
    if checkpoint is not None:
        checkpoint.keep(trace, found)


def loss_of(
    settings: Settings, ratings: Ratings, regularization: float | tuple[float, float]
) -> Loss:
    """J for these settings, with this regularization in place of "auto"."""
    return Loss(ratings, regularization, settings.weighting, engine=engine_here(settings))


def engine_here(settings: Settings) -> Engine:
    """What computes on this machine: whatever suits the data, where Spark has learned."""
    return "auto" if settings.engine == "spark" else settings.engine


def _biases(settings: Settings, ratings: Ratings) -> Biases | None:
    """What is taken off first; nothing if the biases are learned along, from 0."""
    return Biases.fit(ratings, engine=engine_here(settings)) if settings.biases is True else None


def _scaled(settings: Settings, ratings: Ratings, biases: Biases | None, progress: bool) -> Scaled:
    regularization = _plain(settings.regularization)
    start_scale = float(settings.start_scale)
    takes_rate = settings.solver in ("sgd", "gd")
    rate = settings.learning_rate if takes_rate else None
    given = regularization != "auto" and (rate is not None or not takes_rate)
    if given and _in_range_anyway(settings, ratings):
        return Scaled(regularization, start_scale, rate)
    residuals = left_by(biases, settings, ratings)
    size, unit = typical_size(residuals), 1.0
    nothing = not residuals.values.any()
    if nothing:  # but rounding, which a solver sees and which the rest follows
        size = unit = _rounding(settings, ratings)
    _require_in_range(settings, ratings, max(size, 1.0) if nothing else size)
    if takes_rate and rate is None:
        rate = (SGD_RATE if settings.solver == "sgd" else 1.0) / size
    if regularization != "auto":
        return Scaled(regularization, start_scale, rate)
    found = auto_regularization(
        residuals, settings.n_factors, settings.weighting, engine_here(settings), progress
    )
    return Scaled(found * unit, start_scale * math.sqrt(size), rate)


def _rounding(settings: Settings, ratings: Ratings) -> float:
    """What residuals may be that are nothing but rounding: `ROUNDING_ERRORS` of the largest."""
    rounding = ROUNDING_ERRORS * float(np.finfo(settings.dtype).eps)
    return rounding * (float(np.abs(ratings.values).max()) or 1.0)


def _require_in_range(settings: Settings, ratings: Ratings, size: float) -> None:
    """Refuse what a solver would silently turn to 0, or to infinity."""
    solver, dtype = settings.solver, settings.dtype
    extreme = max(size, 1 / size)
    if not _fits(extreme, solver, dtype):
        large = size > 1
        cures = []
        if _fits(extreme, solver, "float64"):
            cures.append(Cure("dtype", "float64"))
        if _fits(extreme, "als", dtype):
            cures.append(Cure("solver", "als"))
        raise InputError(
            f"the factors have numbers of size {size:.2g} to explain, too "
            f"{'large' if large else 'small'} to compute with in {dtype}",
            f"Scale the ratings {'down' if large else 'up'}",
            cures=cures,
        )
    start = float(settings.start_scale)
    products = start * min(start, SAFE)
    if products > LARGEST_START * max(size, 1.0) or not _fits(products, solver, dtype):
        raise InputError(
            f"of {start:.2g} is too large to compute with in {dtype}",
            argument="start_scale",
            cures=(Cure("start_scale", 0.1),),
        )
    if isinstance(settings.regularization, str):
        return
    strength = _plain(settings.regularization)
    if not _fits(max(map(np.max, loss_of(settings, ratings, strength).penalties())), solver, dtype):
        raise InputError(
            f"of {np.max(strength):.2g} is too large to compute with in {dtype}",
            argument="regularization",
            cures=(Cure("regularization", "auto"),),
        )


def _in_range_anyway(settings: Settings, ratings: Ratings) -> bool:
    """Whether all that the biases could leave is in range, from mere rounding to all and more."""
    largest = float(np.abs(ratings.values).max()) or 1.0
    try:
        for size in (_rounding(settings, ratings), 2 * largest):
            _require_in_range(settings, ratings, size)
    except InputError:
        return False
    return True


def _fits(number: float, solver: Solver, dtype: str) -> bool:
    return number <= LARGEST_SIZE[dtype, solver == "cg"]


def _plain(regularization: Any) -> Any:
    """One float or two, whatever kinds of numbers they are; a name as it is."""
    if isinstance(regularization, str):
        return regularization
    numbers = np.asarray(regularization, dtype=float)
    return float(numbers) if numbers.ndim == 0 else tuple(numbers.tolist())


def left_by(biases: Biases | None, settings: Settings, ratings: Ratings) -> Ratings:
    """What the factors have to explain, or will have to once the biases are learned."""
    if settings.biases == "learned":
        biases = Biases.fit(ratings, engine=engine_here(settings))
    if biases is None:
        return ratings
    left = in_precision(biases.residuals(ratings), settings.dtype)
    if np.abs(left.values).max() <= _rounding(settings, ratings):
        return left.with_values(np.zeros_like(left.values))
    return left


def _start(
    settings: Settings,
    ratings: Ratings,
    biases: Biases | None,
    scale: float,
    random: np.random.Generator,
) -> Factors:
    start = Factors.random(ratings.shape, settings.n_factors, random, scale, dtype=settings.dtype)
    # No rating would ever move these rows: they stay at 0, which is what is known of them.
    start.U[ratings.user_counts == 0] = 0
    start.V[ratings.item_counts == 0] = 0
    if settings.solver == "cg":
        start.U[:] = 0  # as the exact solver, which needs no U: then ratings -r give -U and V
    if settings.biases == "learned":
        zero = Biases(GlobalMean.fit(ratings).mean, *map(np.zeros, ratings.shape))
        return start.with_biases(zero, learned=True)
    return start if biases is None else start.with_biases(biases)


def _usable(rate: float | None, settings: Settings) -> float:
    if rate:
        return rate
    cures = [Cure("solver", "als")]
    if not isinstance(settings.regularization, str):
        cures = [Cure("regularization", "auto")]
    if settings.start_scale > 1:
        cures = [Cure("start_scale", 0.1)]
    raise InputError("descent diverges with every learning rate that was tried", cures=cures)


def _steps(
    settings: Settings,
    loss: Loss,
    start: Factors,
    rate: float | None,
    random: np.random.Generator,
    again: Callable[[], Factors],
) -> Iterator[Step]:
    if rate is None:
        exact = settings.solver == "als"
        return alternating_least_squares(loss, start, method="exact" if exact else "cg")
    if settings.solver == "sgd":
        return walk(loss, start, rate, random, settings.decay, again)
    return gradient_descent(loss, start, rate, momentum=settings.momentum)


def _steps_after(
    last: Step,
    settings: Settings,
    loss: Loss,
    start: Factors,
    rate: float | None,
    random: np.random.Generator,
) -> Iterator[Step]:
    if rate is None:
        exact = settings.solver == "als"
        return alternating_least_squares_after(last, loss, "exact" if exact else "cg")
    if settings.solver == "sgd":
        return stochastic_gradient_descent_after(last, loss, start, rate, random, settings.decay)
    return gradient_descent_after(last, loss, start, rate, settings.momentum)
