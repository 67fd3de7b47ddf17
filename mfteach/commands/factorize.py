"""``mfteach factorize``: from a file of ratings to a file of factors, with an honest test.

Settings are chosen on a validation part of the training ratings; the test part is looked at
once, at the end. What is written is a `mfteach.MatrixFactorization`, titles included where they
are known, so that ``mfteach recommend`` needs nothing else.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mfteach.console import UsageError, at_least_one
from mfteach.datasets.movielens import movielens_titles
from mfteach.descent.gradient_descent import gradient_descent, suggest_learning_rate
from mfteach.descent.steps import DivergenceError
from mfteach.descent.training import Trace, descend
from mfteach.evaluation.metrics import rmse
from mfteach.evaluation.tuning import tune
from mfteach.fast.engine import ENGINES, Engine
from mfteach.loss.predictions import predictions
from mfteach.loss.squared_error import Loss
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.baselines import Biases, GlobalMean
from mfteach.recommender.matrix_factorization import BIAS_REGULARIZATION, MatrixFactorization

Solver = Literal["als", "sgd", "gd"]

HELD_OUT = 0.1
REGULARIZATIONS = (4.0, 8.0, 12.0, 16.0, 24.0)
MOST_STEPS = 500
MOMENTUM = 0.9
# With more, so many steps take from minutes to hours.
MOST_RATINGS_FOR_GD = 2_000_000
# What --tune tries: every combination, each for as many epochs as validation allows.
GRIDS: dict[str, dict[str, tuple[float, ...]]] = {
    "als": {"regularization": (1.0, *REGULARIZATIONS)},
    "sgd": {"regularization": (8.0, 16.0), "learning_rate": (0.02, 0.04)},
}
MOST_EPOCHS = {"als": 30, "sgd": 40}


@dataclass(frozen=True)
class Settings:
    """What the validation part decided."""

    regularization: float
    n_steps: int
    learning_rate: float


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "factorize",
        help="factorize a file of ratings and say how well it predicts",
        description="Fit user and item biases, factorize what they leave unexplained, test both "
        "on a tenth of the ratings held out, and save the result.",
    )
    parser.add_argument("ratings", type=Path, metavar="RATINGS.csv", help="one rating a line")
    parser.add_argument(
        "--n-factors", type=at_least_one, default=10, metavar="K", help="default: 10"
    )
    parser.add_argument(
        "--solver",
        choices=get_args(Solver),
        help="alternating least squares, stochastic or plain gradient descent; default: gd, but "
        f"als, which is much sooner done, with --tune or over {MOST_RATINGS_FOR_GD:,} ratings",
    )
    parser.add_argument(
        "--tune",
        action="store_true",
        help="choose the settings on a validation part of what is learned from; gd always does",
    )
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="what computes: NumPy, or compiled kernels; auto: whichever suits the data",
    )
    parser.add_argument(
        "--output", type=Path, default=Path("factors.npz"), help="default: factors.npz"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the split and the start; default 0")
    parser.add_argument(
        "--duplicates",
        choices=["error", "last", "mean"],
        default="error",
        help="what to do with a pair that is there twice; default: refuse it",
    )
    for name, column in (("users", "userId"), ("items", "movieId"), ("values", "rating")):
        parser.add_argument(
            f"--{name}", default=column, metavar="COLUMN", help=f"default: {column}"
        )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do the work; bad input becomes a `UsageError`, and then nothing is written."""
    try:
        return _factorize(arguments)
    except OSError as error:
        named = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise UsageError(named) from error
    except MemoryError:
        raise UsageError(f"--n-factors {arguments.n_factors}: too many for the memory") from None
    except (ValueError, ImportError) as error:
        raise UsageError(error) from error


def _factorize(arguments: argparse.Namespace) -> int:
    began = time.perf_counter()
    _require_writable(arguments.output)
    ratings = Ratings.read_csv(
        arguments.ratings,
        arguments.users,
        arguments.items,
        arguments.values,
        duplicates=arguments.duplicates,
    )
    rng = np.random.default_rng(arguments.seed)
    train, test = ratings.split(HELD_OUT, rng)
    m, n = ratings.shape
    print(f"{arguments.ratings}: {m:,} users, {n:,} items, {len(ratings):,} ratings")
    solver = _solver(arguments, ratings)
    if arguments.tune or solver == "gd":
        fit, validation = train.split(HELD_OUT, rng)
        print(f"split: {len(fit):,} to learn, {len(validation):,} to choose, {len(test):,} to test")
        if solver == "gd":
            model = _by_gradient_descent(arguments, fit, validation, rng)
        else:
            model = _tuned(_model(arguments, solver), fit, validation)
    else:
        print(f"split: {len(train):,} to learn, {len(test):,} to test")
        model = _model(arguments, solver).fit(train)
    _report(train, test, model)
    save(arguments.output, model, test, _titles(arguments.ratings))
    print(f"wrote {arguments.output} in {time.perf_counter() - began:.0f} s")
    return 0


def _solver(arguments: argparse.Namespace, ratings: Ratings) -> Solver:
    """The one that is wanted, or the lessons' loop, or whichever is sooner done."""
    if arguments.solver:
        wanted: Solver = arguments.solver
        return wanted
    if arguments.tune:
        return "als"
    if len(ratings) <= MOST_RATINGS_FOR_GD:
        return "gd"
    print("solver: als, for plain gradient descent takes long here (--solver gd insists on it)")
    return "als"


def save(path: Path, model: MatrixFactorization, test: Ratings, titles: dict[int, str]) -> None:
    """Write the model, which test pairs exist (a rated film is not to be recommended), titles."""
    known = set(model.ratings_.item_labels.tolist())
    model.save(
        path,
        held_out_by=test.user_index,
        held_out_item=test.item_index,
        titles=json.dumps({label: title for label, title in titles.items() if label in known}),
    )


def _titles(ratings: Path) -> dict[int, str]:
    """Film titles, where movies.csv lies beside the ratings."""
    try:
        return movielens_titles(ratings.resolve().parent)
    except (KeyError, ValueError, csv.Error) as error:
        print(f"no titles: movies.csv beside {ratings.name} is not like MovieLens' ({error!r})")
        return {}


def _model(arguments: argparse.Namespace, solver: Literal["als", "sgd"]) -> MatrixFactorization:
    return MatrixFactorization(
        arguments.n_factors, solver, engine=arguments.engine, rng=arguments.seed
    )


def _tuned(model: MatrixFactorization, fit: Ratings, validation: Ratings) -> MatrixFactorization:
    model.set_params(n_epochs=MOST_EPOCHS[model.solver])
    tuned = tune(model, GRIDS[model.solver], fit, validation, progress=True)
    chosen = ", ".join(f"{name} {value:g}" for name, value in tuned.settings.items())
    print(f"chosen on the validation part: {chosen}")
    return tuned.model


def _by_gradient_descent(
    arguments: argparse.Namespace, fit: Ratings, validation: Ratings, rng: np.random.Generator
) -> MatrixFactorization:
    """The loop of the lessons, with momentum and at a rate that a line search finds."""
    train = fit.joined(validation)
    start = Factors.random(train.shape, arguments.n_factors, rng)
    settings = _choose(fit, validation, start, arguments.engine)
    print(
        f"chosen on the validation part: regularization {settings.regularization:g}, "
        f"{settings.n_steps} steps"
    )
    biases = Biases.fit(train, BIAS_REGULARIZATION)
    loss = Loss(biases.residuals(train), settings.regularization, engine=arguments.engine)
    # The same number of steps means the same only at the same rate.
    trace, _ = _descend(loss, start, settings.learning_rate, settings.n_steps, progress=True)
    return MatrixFactorization.from_factors(
        _without_unseen(trace.best.point, train).with_biases(biases),
        train,
        n_factors=arguments.n_factors,
        solver="gd",
        regularization=settings.regularization,
        n_epochs=settings.n_steps,
        learning_rate=settings.learning_rate,
        engine=arguments.engine,
        dtype="float64",
        rng=arguments.seed,
    )


def _choose(fit: Ratings, validation: Ratings, start: Factors, engine: Engine) -> Settings:
    """Regularization, number and rate of the steps with the lowest validation RMSE."""
    from tqdm import tqdm

    biases = Biases.fit(fit, BIAS_REGULARIZATION)
    residuals, held_out = biases.residuals(fit), biases.residuals(validation)
    best, lowest = Settings(0.0, 0, 1.0), math.inf
    for regularization in tqdm(REGULARIZATIONS, desc="choosing the regularization", leave=False):
        loss = Loss(residuals, regularization, engine=engine)
        suggested = suggest_learning_rate(loss, start)
        trace, rate = _descend(loss, start, suggested, MOST_STEPS, held_out)
        if min(trace.validation) < lowest:
            best = Settings(regularization, trace.best.number, rate)
            lowest = min(trace.validation)
    return best


def _descend(
    loss: Loss,
    start: Factors,
    rate: float | None,
    n_steps: int,
    validation: Ratings | None = None,
    progress: bool = False,
) -> tuple[Trace, float]:
    """Descend with momentum at this rate, or half of it as often as need be; return it too."""
    while rate is not None:
        steps = gradient_descent(loss, start, rate, momentum=MOMENTUM)
        try:
            return descend(steps, n_steps, 0.0, validation, progress), rate
        except DivergenceError as error:
            rate = rate / 2 if error.suggested_rate else None
    raise ValueError("no learning rate works: are the ratings extremely large?")


def _without_unseen(factors: Factors, train: Ratings) -> Factors:
    """Zero the rows that training never saw: they hold nothing but their random start."""
    seen_users, seen_items = _seen(train)
    return Factors(factors.U * seen_users[:, None], factors.V * seen_items[:, None])


def _seen(train: Ratings) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return train.user_counts > 0, train.item_counts > 0


def _report(train: Ratings, test: Ratings, model: MatrixFactorization) -> None:
    predicted = {
        "global mean": GlobalMean.fit(train).predict(test),
        "biases": Biases.fit(train, BIAS_REGULARIZATION).predict(test),
        "factors": predictions(test, model.factors_),
    }
    print(f"test RMSE on {len(test):,} ratings that nothing above has seen")
    for name, values in predicted.items():
        print(f"  {name:<12}{rmse(test.values, values):8.4f}")
    seen_users, seen_items = _seen(train)
    new_user, new_item = ~seen_users[test.user_index], ~seen_items[test.item_index]
    print(
        f"{(new_user | new_item).sum():,} test pairs have an unseen user ({new_user.sum():,}) or "
        f"film ({new_item.sum():,}): they get the baseline with that bias 0"
    )


def _require_writable(output: Path) -> None:
    """Refuse a bad output before the work, not after it."""
    if output.suffix != ".npz":
        raise ValueError(f"--output {output}: the name of a NumPy archive ends in .npz")
    folder = output.parent
    if not folder.is_dir():
        raise FileNotFoundError(f"--output {output}: there is no folder {folder}; make it first")
    if output.is_dir() or not os.access(folder, os.W_OK):
        raise PermissionError(f"--output {output}: it cannot be written there")
