"""`fit` of `mfteach.MatrixFactorization` with ``engine="spark"``, from end to end."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mfteach.arguments import Cure, InputError, WrongType, shown
from mfteach.arguments import path as path_of
from mfteach.descent import Step, Trace
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.spark.errors import in_our_words
from mfteach.spark.factorizing import Auto, OnCluster, factorize
from mfteach.spark.frames import Known, of_ratings
from mfteach.spark.models import factors_here, fits_here, labels_here, save_there
from mfteach.spark.reading import numbered_like, read, read_table
from mfteach.spark.session import is_loopback, session
from mfteach.spark.watching import Watch, watching

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Source = Ratings | str | PathLike[str]
# Factors that explain less than this share of what the biases leave have learned nothing; and what
# these leave is nothing where its square mean is less than this share of that of the mean.
EXPLAINED, NEGLIGIBLE = 1e-3, 1e-12


def is_path(source: Any) -> bool:
    """Whether ratings are given by a path: they are on the cluster then, and stay there."""
    return isinstance(source, str | PathLike)


class Fitted(NamedTuple):
    """What a fit brings back.

    Attributes
    ----------
    factors : Factors
    ratings : Ratings
        Those that were given; of a path the labels alone.
    regularization, value : float
        lambda and J.
    n_epochs : int
        How many led to the factors.
    validation : list of float
        The RMSE of the held-out ratings after each epoch.
    """

    factors: Factors
    ratings: Ratings
    regularization: float
    value: float
    n_epochs: int
    validation: list[float]

    @property
    def trace(self) -> Trace:
        """The last epoch, with J, and the figures of validation: the others stayed there."""
        trace = Trace(validation=self.validation)
        trace.best = trace.last = Step(self.n_epochs, self.factors, JOnCluster(self.value), 0.0)
        return trace


class JOnCluster(NamedTuple):
    """J at the one point where the cluster has computed it."""

    computed: float

    def value(self, point: Factors) -> float:
        """J."""
        return self.computed

    def gradient(self, point: Factors) -> Any:
        """Refused: the cluster computes none, for ALS needs none."""
        raise InputError("Spark's ALS computes no gradient", "Compute it by mfteach.Loss")


class TooLarge(InputError):
    """U and V do not fit into the memory of this machine: they are in a folder."""


def require_settings(settings: Any) -> None:
    """Refuse by name what Spark's ALS has no counterpart for; each cure is a setting."""
    wanted = {"solver": "als", "weighting": "by_count", "dtype": "float32"}
    for name, value in wanted.items():
        if getattr(settings, name) != value:
            raise InputError(
                f"Spark's ALS has no {name}={getattr(settings, name)!r}",
                cures=(Cure(name, value),),
            )
    strength = settings.regularization
    if isinstance(strength, str):
        return
    pair = strength if isinstance(strength, tuple | list) else (strength, strength)
    if pair[0] != pair[1] or not pair[0] > 0:
        raise InputError(
            "must be one number larger than 0 for Spark's ALS, for users and items alike, but is "
            f"{shown(strength)}",
            argument="regularization",
            cures=(Cure("regularization", "auto"),),
        )


@contextmanager
def at_work(master: str, checkpoint: str | None = None) -> Iterator[tuple[SparkSession, Watch]]:
    """A session that is watched, and whose errors are in our words."""
    if checkpoint is None and not is_loopback(master):
        raise InputError(
            f"the machines of {master} need a folder that all of them see",
            "Name one: {checkpoint}",
            checkpoint="/shared/folder",
        )
    with session(master) as spark, watching(spark) as watch, in_our_words(watch, master):
        own = None if is_loopback(master) else f"{checkpoint}/spark"
        if own is not None:
            spark.sparkContext.setCheckpointDir(own)
        yield spark, watch


def fit(
    settings: Any,
    source: Source,
    auto: Auto,
    validation: Source | None = None,
    checkpoint: str | PathLike[str] | None = None,
) -> Fitted:
    """Factorize ratings on the cluster, and bring U and V back.

    Parameters
    ----------
    settings : Settings
        Of a model that has checked them.
    source : Ratings or path
        A path that the whole cluster sees: CSV, Parquet, or a folder of them.
    auto : callable
        See `mfteach.spark.factorizing.factorize`.
    validation : Ratings or path, optional
        Held-out ratings; of a `Ratings` with the row numbers of ``source``, if that is one.
    checkpoint : path, optional
        A folder that the whole cluster sees.

    Raises
    ------
    TooLarge
        If U and V do not fit here; the message names the folder with Spark's own model.
    InputError, OSError
        For what is not there, not right or not to be had; one line, and nothing is left behind.
    """
    require_settings(settings)
    folder = None if checkpoint is None else place_of(path_of(checkpoint, "checkpoint"))
    with at_work(settings.master, folder) as (spark, watch):
        watch.stage("reading")
        known = _known(spark, source)
        held_out = None if validation is None else _held_out(spark, known, source, validation)
        learned = factorize(settings, known, watch, auto=auto, held_out=held_out, checkpoint=folder)
        watch.stage("bringing back")
        fitted = brought_back(learned, known, settings, source, folder)
        for table in (known.R, learned.E):  # a session that was open already goes on
            table.unpersist()
        return fitted


def place_of(checkpoint: str | PathLike[str]) -> str:
    """A folder as the cluster is to find it."""
    place = str(checkpoint)
    return place if "://" in place else str(Path(place).absolute())


def _known(spark: SparkSession, source: Source) -> Known:
    if not isinstance(source, Ratings):
        return read(spark, source)[0]
    R, none = of_ratings(spark, source), spark.createDataFrame([], "i int")
    return Known(R, none, none, len(source), source.shape)


def _held_out(spark: SparkSession, known: Known, source: Source, validation: Source) -> DataFrame:
    if isinstance(validation, Ratings):
        if isinstance(source, Ratings):
            return of_ratings(spark, validation)
        raise WrongType("must be a path, as what is learned from", argument="validation")
    if isinstance(source, Ratings):
        raise WrongType("must be a Ratings, as what is learned from", argument="validation")
    held_out = numbered_like(known, read_table(spark, validation)[0]).persist()
    if held_out.isEmpty():
        raise InputError("no validation rating has a user and an item of the training ratings")
    return held_out


def warn_if_useless(learned: OnCluster, known: Known, settings: Any) -> None:
    """Say so, and name a cure, if U and V explain nothing, or nothing that helps.

    Where a half step changes nothing more, the squares of all u_i·v_j add up to twice what J lies
    below its value without factors: they are small together.
    """
    chosen = isinstance(settings.regularization, str)
    if learned.value >= (1 - EXPLAINED) * learned.without_factors:
        size = known.n_ratings * learned.biases.mean**2
        biases_suffice = learned.without_factors <= NEGLIGIBLE * size
        if biases_suffice or (chosen and known.n_ratings <= sum(known.shape)):
            return
        cure = "give a smaller one, or " + ("more ratings" if chosen else "regularization='auto'")
        problem = f"regularization {learned.regularization:.3g} shrinks all factors to 0: {cure}"
        warnings.warn(NothingLearnedWarning(problem, "collapsed"), stacklevel=4)
    elif learned.validation and min(learned.validation) >= learned.by_biases:
        problem = (
            "the factors predict the held-out ratings no better (RMSE "
            f"{min(learned.validation):.4g}) than mean and biases alone ({learned.by_biases:.4g})"
        )
        cure = "take biases alone, or more ratings" if chosen else "choose regularization='auto'"
        warnings.warn(NothingLearnedWarning(f"{problem}: {cure}", "beaten"), stacklevel=4)


def brought_back(
    learned: OnCluster, known: Known, settings: Any, source: Source, folder: str | None
) -> Fitted:
    """U, V and the biases in the memory of this machine; raises as `fit`."""
    if not fits_here(known.shape, settings.n_factors):
        place = f"{folder or Path.cwd()}/spark-model"
        save_there(learned, known, settings.n_factors, place)
        m, n = known.shape
        raise TooLarge(
            f"U and V of {m:,} users and {n:,} items do not fit into the memory of this machine",
            f"They are in {place}, Spark's own model: pyspark.ml.recommendation.ALSModel.load"
            f"({f'{place}/als'!r})",
        )
    warn_if_useless(learned, known, settings)
    factors = factors_here(learned, known, settings.n_factors, bool(settings.biases))
    ratings = source if isinstance(source, Ratings) else labels_here(known)
    return Fitted(
        factors,
        ratings,
        learned.regularization,
        learned.value,
        learned.epoch.number,
        learned.validation,
    )
