"""``mfteach factorize --engine spark``: the same work where the ratings lie, on a cluster."""

from __future__ import annotations

import argparse
import time
from functools import partial
from typing import Any

from mfteach.commands.options import asked_of
from mfteach.commands.outputs import keep, require_writable
from mfteach.commands.saved_model import SavedModel, titles_beside
from mfteach.console import UsageError
from mfteach.datasets.movielens import find
from mfteach.recommender.matrix_factorization import MatrixFactorization
from mfteach.recommender.regularization import auto_regularization

HELD_OUT = 0.1
N_EPOCHS = 15


def factorize_on_spark(arguments: argparse.Namespace) -> None:
    """Read, split, fit and test on the cluster; U and V are written here."""
    from mfteach.spark.factorizing import factorize  # Spark is loaded where it is asked for
    from mfteach.spark.fitting import at_work, brought_back, place_of, require_settings
    from mfteach.spark.reading import read, split

    began = time.perf_counter()
    _require_possible(arguments)
    model = _model(arguments)
    require_settings(model)
    checkpoint = None if arguments.checkpoint is None else place_of(arguments.checkpoint)
    source = find(arguments.ratings) or arguments.ratings
    titles = titles_beside(arguments.ratings)
    with at_work(model.master, checkpoint) as (spark, watch):
        watch.stage("reading")
        known, kind = read(spark, source, asked_of(arguments), arguments.duplicates)
        train, test = split(known, HELD_OUT, arguments.seed)
        n_test = known.n_ratings - train.n_ratings
        auto = partial(auto_regularization, n_factors=model.n_factors, weighting="by_count")
        learned = factorize(model, train, watch, auto=auto, checkpoint=checkpoint)
        errors = _errors(learned, test)
        watch.stage("bringing back")
        fitted = brought_back(learned, train, model, arguments.ratings, checkpoint)
    m, n = known.shape
    print(kind.sentence())
    print(f"{arguments.ratings}: {m:,} users, {n:,} items, {known.n_ratings:,} ratings")
    print(f"split: {train.n_ratings:,} to learn, {n_test:,} to test")
    found = f"regularization {fitted.regularization:.4g}, J {fitted.value:,.1f}"
    print(f"Spark on {model.master}: {found}")
    print(f"test RMSE on {n_test:,} ratings that nothing above has seen")
    for name, error in errors.items():
        print(f"  {name:<12}{error:8.4f}")
    model.set_params(regularization=fitted.regularization)
    saved = MatrixFactorization.from_factors(fitted.factors, fitted.ratings, **model.get_params())
    # Which pairs were held out, the cluster knows, as it knows all others.
    keep(arguments.output, lambda path: SavedModel.save(path, saved, fitted.ratings, titles))
    print(f"wrote {arguments.output} in {time.perf_counter() - began:.0f} s")


def _errors(learned: Any, test: Any) -> dict[str, float]:
    """The RMSE of the held-out ratings by mean, by biases and by factors."""
    from mfteach.spark.biases import Biases, left_by
    from mfteach.spark.objective import rmse, root_mean_square

    mean, b, c = learned.biases
    left = left_by(test, learned.biases)
    return {
        "global mean": root_mean_square(left_by(test, Biases(mean, 0 * b, 0 * c)), "r"),
        "biases": root_mean_square(left, "r"),
        "factors": rmse(left, learned.epoch.U, learned.epoch.V),
    }


def _require_possible(arguments: argparse.Namespace) -> None:
    """Refuse what the command can do on one machine alone, before Spark is started."""
    if arguments.output.suffix != ".npz":
        raise UsageError(f"--output {arguments.output}: the name of a NumPy archive ends in .npz")
    require_writable(arguments.output)
    if arguments.ratings == "-":
        raise UsageError("Spark reads no pipe: name a file or a folder that the cluster sees")
    if arguments.tune:
        raise UsageError("--tune chooses settings on one machine: leave it out with --engine spark")
    if arguments.duplicates == "last":
        raise UsageError("no rating on a cluster is the last: choose --duplicates mean")


def _model(arguments: argparse.Namespace) -> MatrixFactorization:
    return MatrixFactorization(
        arguments.n_factors,
        arguments.solver or "als",
        weighting="by_count",
        n_epochs=arguments.n_epochs or N_EPOCHS,
        engine="spark",
        rng=arguments.seed,
        master=arguments.master or "local[*]",
    )
