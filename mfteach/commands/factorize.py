"""``mfteach factorize``: from a file of ratings to a file of factors, with an honest test.

Settings are chosen on a validation part of the training ratings; the test part is looked at
once, at the end. What is written is a `mfteach.MatrixFactorization`, titles included where they
are known, so that ``mfteach recommend`` needs nothing else.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import numpy as np

from mfteach.console import UsageError, at_least_one
from mfteach.datasets.movielens import movielens_titles
from mfteach.descent import DivergenceError
from mfteach.evaluation.metrics import rmse
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.evaluation.tuning import tune
from mfteach.fast.engine import ENGINES
from mfteach.loss.predictions import predictions
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.baselines import Biases, GlobalMean
from mfteach.recommender.learning import Solver, in_precision, scaled_to
from mfteach.recommender.matrix_factorization import MatrixFactorization

HELD_OUT = 0.1
# With more, so many steps take from minutes to hours.
MOST_RATINGS_FOR_GD = 2_000_000
# What is tried, as multiples of what the ratings ask for: every combination, each for as many
# epochs as validation allows. Where the best is the first or the last, more are tried beyond it.
GRIDS: dict[Solver, dict[str, tuple[float, ...]]] = {
    "als": {"regularization": (0.25, 0.5, 0.7, 1.0, 1.4)},
    "cg": {"regularization": (0.25, 0.5, 0.7, 1.0, 1.4)},
    "sgd": {"regularization": (0.5, 1.0), "learning_rate": (0.5, 1.0)},
    "gd": {"regularization": (0.25, 0.5, 0.7, 1.0, 1.4)},
}
# What is said of factors that learned nothing. Those that lose to the biases are in the report.
WARNINGS = {
    "collapsed": "all factors are 0: in so few ratings, nothing can be told from noise",
    "unmoved": "the factors have hardly left their random start: choose --solver als",
}
MOST_EPOCHS: dict[Solver, int] = {"als": 30, "cg": 30, "sgd": 40, "gd": 500}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "factorize",
        help="factorize a file of ratings and say how well it predicts",
        description="Fit user and item biases, factorize what they leave unexplained, test both "
        "on a tenth of the ratings held out, and save the result.",
    )
    parser.add_argument("ratings", type=Path, metavar="RATINGS.csv", help="one rating per line")
    parser.add_argument(
        "--n-factors", type=at_least_one, default=10, metavar="K", help="default: 10"
    )
    parser.add_argument(
        "--solver",
        choices=get_args(Solver),
        help="alternating least squares (exact, or by conjugate gradients), stochastic or plain "
        "gradient descent; default: gd, but als, which is much faster, with --tune or over "
        f"{MOST_RATINGS_FOR_GD:,} ratings",
    )
    parser.add_argument(
        "--tune",
        action="store_true",
        help="choose the settings on a validation split of the training ratings; gd always does",
    )
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="the compute engine: NumPy, or compiled kernels; auto: whichever suits the data",
    )
    parser.add_argument(
        "--output", type=Path, default=Path("factors.npz"), help="default: factors.npz"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help="seed for the split and the initial factors; default 0",
    )
    parser.add_argument(
        "--duplicates",
        choices=["error", "last", "mean"],
        default="error",
        help="what to do with a pair that occurs twice; default: refuse it",
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
    except DivergenceError as error:
        diverged = f"descent diverged with learning_rate={error.learning_rate:g}"
        raise UsageError(f"{diverged}: choose --solver als, which has none") from error
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
    # Of the splits alone: the start comes from the seed itself, which is saved.
    rng = np.random.default_rng(arguments.seed)
    train, test = ratings.split(HELD_OUT, rng)
    m, n = ratings.shape
    print(f"{arguments.ratings}: {m:,} users, {n:,} items, {len(ratings):,} ratings")
    model = _model(arguments, _solver(arguments, ratings))
    tuned = arguments.tune or model.solver == "gd"
    with _one_line_each():
        if tuned:
            fit, validation = train.split(HELD_OUT, rng)
            parts = f"{len(fit):,} to learn, {len(validation):,} to choose"
            print(f"split: {parts}, {len(test):,} to test")
            model = _tuned(model, fit, validation)
        else:
            print(f"split: {len(train):,} to learn, {len(test):,} to test")
            model.fit(train)
    _report(train, test, model, tuned)
    save(arguments.output, model, test, _titles(arguments.ratings))
    print(f"wrote {arguments.output} in {time.perf_counter() - began:.0f} s")
    return 0


def _solver(arguments: argparse.Namespace, ratings: Ratings) -> Solver:
    """The one that is wanted, or the lessons' loop, or whichever is faster."""
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


def _model(arguments: argparse.Namespace, solver: Solver) -> MatrixFactorization:
    return MatrixFactorization(
        arguments.n_factors,
        solver,
        engine=arguments.engine,
        # So many steps of plain descent add up the rounding of single precision.
        dtype="float64" if solver == "gd" else "float32",
        rng=arguments.seed,
    )


def _tuned(model: MatrixFactorization, fit: Ratings, validation: Ratings) -> MatrixFactorization:
    asked = scaled_to(model, in_precision(fit, model.dtype))
    model.set_params(n_epochs=MOST_EPOCHS[model.solver], start_scale=asked.start_scale)
    grid = {
        # Of four digits, so that what is printed is what is used.
        name: [float(f"{share * getattr(asked, name):.4g}") for share in shares]
        for name, shares in GRIDS[model.solver].items()
    }
    tuned = tune(model, grid, fit, validation, widen=tuple(grid), progress=True)
    chosen = ", ".join(f"{name} {value:g}" for name, value in tuned.settings.items())
    print(f"chosen on the validation part: {chosen}")
    return tuned.model


@contextmanager
def _one_line_each() -> Iterator[None]:
    """Say in the words of the command what the model would say in those of Python."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NothingLearnedWarning)
        yield
    for entry in caught:
        if not isinstance(entry.message, NothingLearnedWarning):
            warnings.warn_explicit(entry.message, entry.category, entry.filename, entry.lineno)
        elif entry.message.kind in WARNINGS:
            print(WARNINGS[entry.message.kind])


def _report(train: Ratings, test: Ratings, model: MatrixFactorization, tuned: bool) -> None:
    predicted = {
        "global mean": GlobalMean.fit(train).predict(test),
        "biases": Biases.fit(train).predict(test),
        "factors": predictions(test, model.factors_),
    }
    print(f"test RMSE on {len(test):,} ratings that nothing above has seen")
    errors = {name: rmse(test.values, values) for name, values in predicted.items()}
    for name, error in errors.items():
        print(f"  {name:<12}{error:8.4f}")
    if errors["factors"] >= errors["biases"]:
        cure = "more ratings may tell them from noise" if tuned else "choose settings with --tune"
        print(f"the factors predict no better than the biases alone: {cure}")
    new_user = train.user_counts[test.user_index] == 0
    new_item = train.item_counts[test.item_index] == 0
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
