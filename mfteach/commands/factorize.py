"""``mfteach factorize``: from a file of ratings to a file of factors, with an honest test.

Settings are chosen on a validation part of the training ratings; the test part is looked at
once, at the end. What is written is a `mfteach.MatrixFactorization`, titles included where they
are known, so that ``mfteach recommend`` needs nothing else.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import numpy as np

from mfteach.arguments import Cure, worded
from mfteach.commands.factorize_on_spark import HELD_OUT, N_EPOCHS, factorize_on_spark
from mfteach.commands.options import Options, add_reading_options, asked_of, piped, seed
from mfteach.commands.outputs import keep, require_writable
from mfteach.commands.saved_model import SavedModel, titles_beside
from mfteach.console import UsageError, at_least_one, in_words
from mfteach.datasets.movielens import find, how_to_get, is_name
from mfteach.descent import DivergenceError
from mfteach.evaluation.metrics import rmse
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.evaluation.tuning import tune
from mfteach.loss.predictions import predictions
from mfteach.matrices.column_names import ROLES
from mfteach.matrices.file_kind import FileKind
from mfteach.matrices.ratings import Ratings, read_ratings
from mfteach.recommender.baselines import Biases, GlobalMean
from mfteach.recommender.learning import (
    ModelEngine,
    Solver,
    in_precision,
    require_n_factors,
    scaled_to,
)
from mfteach.recommender.matrix_factorization import MatrixFactorization

# With more ratings, or as many times more factors than usual, so many steps take from minutes to
# hours.
MOST_RATINGS_FOR_GD = 2_000_000
N_FACTORS = 10
# What is tried, as multiples of what the ratings ask for: every combination, each for as many
# epochs as validation allows. Where the best is the first or the last, more are tried beyond it.
GRIDS: dict[Solver, dict[str, tuple[float, ...]]] = {
    "als": {"regularization": (0.25, 0.5, 0.7, 1.0, 1.4)},
    "cg": {"regularization": (0.25, 0.5, 0.7, 1.0, 1.4)},
    "sgd": {"regularization": (0.5, 1.0), "learning_rate": (0.5, 1.0)},
    "gd": {"regularization": (0.25, 0.5, 0.7, 1.0, 1.4)},
}
# Two errors that differ by less than this share are equal, in single precision.
ROUNDING = 1e-6
# So small a share of the largest rating is rounding in double precision.
EXACT = 1e-12
# Ratings of other sizes have errors that four decimals do not show.
READABLE = (0.1, 1e6)
# So many standard deviations from the mean lies no star, but a play count or a slip of the pen.
FAR = 8
# What is said of factors that learned nothing. Those that lose to the biases are in the report.
WARNINGS = {
    "collapsed": "all factors are 0: in so few ratings, nothing can be told from noise",
    "unmoved": "the factors have hardly left their random start: choose --solver als",
}
MOST_EPOCHS: dict[Solver, int] = {"als": 30, "cg": 30, "sgd": 40, "gd": 500}

# What the errors of Python call otherwise, or cure by what is no option here.
RENAMED = {"rng": "seed"}
INSTEAD = {Cure("method", "cg"): "--solver cg"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "factorize",
        help="factorize a file of ratings and say how well it predicts",
        description="Fit user and item biases, factorize what they leave unexplained, test both "
        "on a tenth of the ratings held out, and save the result.",
    )
    parser.add_argument(
        "ratings",
        metavar="RATINGS",
        help="a file with one rating per line, a folder or zip file that holds it, a name such as "
        "ml-25m of a set in MFTEACH_DATA, or - for what comes through a pipe",
    )
    parser.add_argument(
        "--n-factors",
        type=at_least_one,
        default=N_FACTORS,
        metavar="K",
        help=f"default: {N_FACTORS}",
    )
    parser.add_argument(
        "--n-epochs",
        type=at_least_one,
        metavar="N",
        help=f"how often every rating is used, at most with --tune; default: {N_EPOCHS}, and "
        "what the validation part says with --tune",
    )
    parser.add_argument(
        "--solver",
        choices=get_args(Solver),
        help="alternating least squares (exact, or by conjugate gradients), stochastic or plain "
        "gradient descent; default: gd, but als, which is much faster, with --tune or over "
        f"{MOST_RATINGS_FOR_GD:,} ratings (fewer with more factors)",
    )
    parser.add_argument(
        "--tune",
        action="store_true",
        help="choose the settings on a validation split of the training ratings; gd always does",
    )
    parser.add_argument(
        "--engine",
        choices=get_args(ModelEngine),
        default="auto",
        help="the compute engine: NumPy, compiled kernels, or Apache Spark for what is too much "
        "for one machine; auto: NumPy or kernels, whichever suits the data",
    )
    parser.add_argument(
        "--master",
        metavar="MASTER",
        help="with --engine spark, where it computes: local[*], all processors of this machine "
        "(the default), or spark://HOST:7077",
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FOLDER",
        help="where epochs are written down, so that the same command goes on from the last one "
        "after it was killed",
    )
    parser.add_argument(
        "--output", type=Path, default=Path("factors.npz"), help="default: factors.npz"
    )
    parser.add_argument(
        "--seed",
        type=seed,
        default=0,
        help="seed for the split and the initial factors; default 0",
    )
    add_reading_options(parser, ROLES)
    parser.add_argument(
        "--duplicates",
        choices=["error", "last", "mean"],
        default="error",
        help="what to do with a pair that occurs twice; default: refuse it",
    )
    parser.set_defaults(run=run, interface=Options(parser, RENAMED, INSTEAD))


def run(arguments: argparse.Namespace) -> int:
    """Do the work; bad input becomes a `UsageError`, and then nothing is written."""
    try:
        with worded(arguments.interface):
            return _factorize(arguments)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(in_words(error)) from error
    except MemoryError:
        raise UsageError("this takes more than the memory: give fewer ratings") from None
    except DivergenceError as error:
        raise UsageError(_instead_of(error)) from error
    except (ValueError, ImportError) as error:
        raise UsageError(error) from error


def _instead_of(error: DivergenceError) -> str:
    """What to do about a descent that diverged, in the words of the command."""
    if error.step == 0:
        return "the ratings are so large that their squares overflow: divide them by a power of 10"
    diverged = f"descent diverged with learning_rate={error.learning_rate:g}"
    return f"{diverged}: choose --solver als, which has none"


def _factorize(arguments: argparse.Namespace) -> int:
    _require_folder(arguments.checkpoint)
    said: list[str] = []  # after the work, where a console that fails costs nothing
    if arguments.engine == "spark":
        with _one_line_each(said):
            factorize_on_spark(arguments)
        print(*said, sep="\n", end="\n" * bool(said))
        return 0
    if arguments.master is not None:
        raise UsageError("--master says where Spark computes: add --engine spark, or leave it out")
    began = time.perf_counter()
    if arguments.output.suffix != ".npz":
        raise UsageError(f"--output {arguments.output}: the name of a NumPy archive ends in .npz")
    require_writable(arguments.output)
    ratings, kind = _read(arguments)
    print(kind.sentence())
    # Of the splits alone: the start comes from the seed itself, which is saved.
    rng = np.random.default_rng(arguments.seed)
    train, test = ratings.split(HELD_OUT, rng)
    m, n = ratings.shape
    print(f"{arguments.ratings}: {m:,} users, {n:,} items, {len(ratings):,} ratings")
    require_n_factors(arguments.n_factors, ratings.shape)
    require_writable(arguments.output, _size(ratings, arguments.n_factors))
    titles = titles_beside(arguments.ratings)
    model = _model(arguments, _solver(arguments, ratings))
    del ratings  # both parts together are as long
    tuned = arguments.tune or model.solver == "gd"
    with _one_line_each(said):
        if tuned:
            fit, validation = train.split(HELD_OUT, rng)
            parts = f"{len(fit):,} to learn, {len(validation):,} to choose"
            print(f"split: {parts}, {len(test):,} to test")
            model = _tuned(arguments, model, fit, validation, said)
        else:
            print(f"split: {len(train):,} to learn, {len(test):,} to test")
            model.fit(train, checkpoint=arguments.checkpoint, progress=True)
    try:
        for line in said:
            print(line)
        _report(train, test, model, tuned)
    finally:  # also where the console takes nothing any more
        keep(arguments.output, lambda path: SavedModel.save(path, model, test, titles))
    print(f"wrote {arguments.output} in {time.perf_counter() - began:.0f} s")
    return 0


def _require_folder(checkpoint: Path | None) -> None:
    if checkpoint is not None and checkpoint.exists() and not checkpoint.is_dir():
        raise UsageError(f"--checkpoint {checkpoint}: that is no folder; name one, or a new one")


def _read(arguments: argparse.Namespace) -> tuple[Ratings, FileKind]:
    source = piped(arguments.ratings)
    if isinstance(source, str):
        return read_ratings(_place(source), asked_of(arguments), arguments.duplicates)
    return read_ratings(source, asked_of(arguments), arguments.duplicates)


def _place(path: str) -> Path:
    """The file, or the folder of a set that has a name; a missing file is left to be named."""
    place = find(path)
    if place is None and is_name(path):
        raise FileNotFoundError(how_to_get(path))
    return place or Path(path)


def _solver(arguments: argparse.Namespace, ratings: Ratings) -> Solver:
    """The one that is wanted, or the lessons' loop, or whichever is faster."""
    if arguments.solver:
        wanted: Solver = arguments.solver
        return wanted
    if arguments.tune:
        return "als"
    if len(ratings) * arguments.n_factors <= MOST_RATINGS_FOR_GD * N_FACTORS:
        return "gd"
    print("solver: als, for plain gradient descent takes long here (--solver gd insists on it)")
    return "als"


def _size(ratings: Ratings, n_factors: int) -> int:
    """About how many bytes the model will take."""
    labels = ratings.user_labels.nbytes + ratings.item_labels.nbytes
    a_row, a_rating = 8 * (n_factors + 1), 3 * 8
    return labels + sum(ratings.shape) * a_row + len(ratings) * a_rating


def _model(arguments: argparse.Namespace, solver: Solver) -> MatrixFactorization:
    return MatrixFactorization(
        arguments.n_factors,
        solver,
        n_epochs=arguments.n_epochs or N_EPOCHS,
        engine=arguments.engine,
        # So many steps of plain descent add up the rounding of single precision.
        dtype="float64" if solver == "gd" else "float32",
        rng=arguments.seed,
    )


def _tuned(
    arguments: argparse.Namespace,
    model: MatrixFactorization,
    fit: Ratings,
    validation: Ratings,
    said: list[str],
) -> MatrixFactorization:
    asked = scaled_to(model, in_precision(fit, model.dtype), progress=True)
    n_epochs = arguments.n_epochs or MOST_EPOCHS[model.solver]
    model.set_params(n_epochs=n_epochs, start_scale=asked.start_scale)
    grid = {
        # Of four digits, so that what is printed is what is used.
        name: [float(f"{share * getattr(asked, name):.4g}") for share in shares]
        for name, shares in GRIDS[model.solver].items()
    }
    keeping = arguments.checkpoint
    tuned = tune(model, grid, fit, validation, widen=tuple(grid), progress=True, checkpoint=keeping)
    chosen = ", ".join(f"{name} {value:g}" for name, value in tuned.settings.items())
    said.append(f"chosen on the validation part: {chosen}")
    return tuned.model


@contextmanager
def _one_line_each(said: list[str]) -> Iterator[None]:
    """Say in the words of the command what the model would say in those of Python."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NothingLearnedWarning)
        yield
    for entry in caught:
        if not isinstance(entry.message, NothingLearnedWarning):
            warnings.warn_explicit(entry.message, entry.category, entry.filename, entry.lineno)
        elif entry.message.kind in WARNINGS:
            said.append(WARNINGS[entry.message.kind])


def _report(train: Ratings, test: Ratings, model: MatrixFactorization, tuned: bool) -> None:
    biases = Biases.fit(train)
    predicted = {
        "global mean": GlobalMean.fit(train).predict(test),
        "biases": biases.predict(test),
        "factors": predictions(test, model.factors_),
    }
    print(f"test RMSE on {len(test):,} ratings that nothing above has seen")
    errors = {name: rmse(test.values, values) for name, values in predicted.items()}
    size = float(np.abs(test.values).max())
    form = "8.4f" if size == 0 or READABLE[0] <= size < READABLE[1] else "10.4g"
    for name, error in errors.items():
        print(f"  {name:<12}{error:{form}}")
    print(_verdict(train, biases, errors, tuned), end="")
    new_user = train.user_counts[test.user_index] == 0
    new_item = train.item_counts[test.item_index] == 0
    print(
        f"{(new_user | new_item).sum():,} test pairs have an unseen user ({new_user.sum():,}) or "
        f"film ({new_item.sum():,}): they get the baseline with that bias 0"
    )


def _verdict(train: Ratings, biases: Biases, errors: dict[str, float], tuned: bool) -> str:
    """A line for factors that are of no use: why, and the one cure there is."""
    left = np.abs(biases.residuals(train).values).max()
    if left <= ROUNDING * np.ptp(train.values) + EXACT * np.abs(train.values).max():
        return "the biases explain every rating: there is nothing left for factors to learn\n"
    baseline = "global mean" if errors["global mean"] < errors["biases"] else "biases"
    if errors["factors"] < (1 - ROUNDING) * errors[baseline]:
        return ""
    from_mean = np.abs(train.values - train.values.mean())
    if min(train.shape) == 1:
        cure = "they need several users and several items"
    elif from_mean.max() > FAR * train.values.std():
        cure = "a few ratings are far from all others: take logarithms, or leave those out"
    elif len(train) <= sum(train.shape):
        cure = "they need more ratings than there are users and items"
    elif tuned:
        cure = "more ratings may tell them from noise"
    else:
        cure = "choose settings with --tune, or give more ratings"
    return f"the factors predict no better than the {baseline} alone: {cure}\n"
