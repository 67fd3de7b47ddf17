"""From ratings on the cluster to factors: mean and biases, then ALS on what they leave.

Nobody looks: `pyspark.ml.recommendation.ALS` takes all the epochs, and its ``regParam`` is our
lambda of ``weighting="by_count"``. It cannot begin from given factors, nor stop for a look. So
with held-out ratings, or a checkpoint folder, our own half step (`mfteach.spark.half_steps`) takes
the same epochs one by one: after each the held-out ratings can be asked, and after every third the
factors are written, from where a later run goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np

from mfteach.arguments import generator
from mfteach.matrices.groups import Rng
from mfteach.matrices.ratings import Ratings
from mfteach.spark.biases import Biases, fit_biases, left_by
from mfteach.spark.frames import Known, n_parts, spread
from mfteach.spark.half_steps import ITEMS, USERS, half_step, start
from mfteach.spark.kept_epochs import Epoch, KeptEpochs
from mfteach.spark.objective import rmse, root_mean_square, value
from mfteach.spark.watching import Watch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Epochs between two that are written down.
INTERVAL = 3
# Epochs without a better validation figure before descent stops, as `mfteach.recommender`.
PATIENCE = 10
# Ratings of whole users that regularization="auto" looks at: the only ones that are brought here.
SAMPLE = 1_000_000

Auto = Callable[[Ratings], float]


class Settings(Protocol):
    """How to learn; `mfteach.MatrixFactorization` says what each of these means."""

    n_factors: int
    regularization: Any
    biases: bool | Literal["learned"]
    n_epochs: int
    start_scale: float
    rng: Rng


class OnCluster(NamedTuple):
    """What was learned, where it was learned.

    Attributes
    ----------
    biases : Biases
    epoch : Epoch
        U and V, and how many epochs led there.
    E : DataFrame
        What the biases leave.
    regularization : float
        lambda.
    value, without_factors : float
        J at the end, and where U and V are 0.
    validation : list of float
        The RMSE of the held-out ratings after each epoch.
    by_biases : float
        The same of mean and biases alone; NaN without held-out ratings, or without biases.
    """

    biases: Biases
    epoch: Epoch
    E: DataFrame
    regularization: float
    value: float
    without_factors: float
    validation: list[float]
    by_biases: float


def factorize(
    settings: Settings,
    known: Known,
    watch: Watch,
    *,
    auto: Auto,
    held_out: DataFrame | None = None,
    checkpoint: str | None = None,
) -> OnCluster:
    """Learn factors of ratings that are on the cluster, and compute J there.

    Parameters
    ----------
    settings : Settings
        Already checked.
    known : Known
    watch : Watch
        Is told the stages.
    auto : callable
        From ratings less biases to the lambda that "auto" stands for.
    held_out : DataFrame, optional
        (i, j, r), whose RMSE is watched.
    checkpoint : str, optional
        A folder that the whole cluster sees, for what a later run goes on from.
    """
    seed = int(generator(settings.rng).integers(2**31))
    watch.stage("biases")
    biases = _biases(settings, known)
    E = spread(left_by(known.R, biases), "i")
    watch.stage("factors")
    regularization = settings.regularization
    if isinstance(regularization, str):
        regularization = auto(sample(E, known))
    regularization = float(np.max(regularization))
    left = None if held_out is None else left_by(held_out, biases).persist()
    if left is None and checkpoint is None:
        last = best = by_spark(E, settings, regularization, seed)
    else:
        kept = checkpoint and KeptEpochs(
            E.sparkSession,
            checkpoint,
            [_walk(settings, regularization, seed), _contents(known.R), _contents(held_out)],
        )
        best, last = _walked(one_by_one(E, left, settings, regularization, seed, kept or None))
    watch.stage("figures")
    J = value(E, best.U, best.V, regularization)
    without_factors = known.n_ratings / 2 * root_mean_square(E, "r") ** 2
    by_biases = math.nan
    if left is not None:
        by_biases = root_mean_square(left, "r") if settings.biases else math.nan
        left.unpersist()
    figures = list(last.validation)
    return OnCluster(biases, best, E, regularization, J, without_factors, figures, by_biases)


def _walk(settings: Settings, regularization: float, seed: int) -> list[Any]:
    """What each epoch depends on, but for the ratings."""
    scale = float(settings.start_scale)
    return [settings.n_factors, regularization, bool(settings.biases), scale, seed]


def _contents(R: DataFrame | None) -> str:
    """A sum that other ratings do not have, in whatever order they come."""
    if R is None:
        return ""
    (hashes,) = R.selectExpr("sum(cast(xxhash64(i, j, r) as decimal(38)))").collect()[0]
    return str(hashes)


def _walked(epochs: Iterable[Epoch]) -> tuple[Epoch, Epoch]:
    """The best epoch and the last: it ends when the RMSE has not fallen for `PATIENCE` epochs."""
    best = last = None
    for last in epochs:
        best = _better(best, last)
        if last.number - best.number >= PATIENCE:
            break
    assert best is not None and last is not None
    return best, last


def _better(best: Epoch | None, epoch: Epoch) -> Epoch:
    """The one with the lower RMSE; the later one, where there is none."""
    if best is None or not epoch.validation or epoch.validation[-1] < best.validation[-1]:
        return epoch
    return best


def _biases(settings: Settings, known: Known) -> Biases:
    if settings.biases:
        return fit_biases(known.R, known.shape)
    return Biases(0.0, *map(np.zeros, known.shape))


def sample(E: DataFrame, known: Known) -> Ratings:
    """What the biases leave of at most about `SAMPLE` ratings, of whole users."""
    from pyspark.sql import functions as F

    share = min(1.0, SAMPLE / known.n_ratings)
    some = E if share == 1 else E.where(F.pmod(F.xxhash64("i"), F.lit(1_000_000)) < share * 1e6)
    i, j, r = (column.to_numpy() for column in some.select("i", "j", "r").toArrow().columns)
    users, i = np.unique(i, return_inverse=True)
    items, j = np.unique(j, return_inverse=True)
    return Ratings.from_indices(i, j, r.astype(np.float32), users, items)


def by_spark(E: DataFrame, settings: Settings, regularization: float, seed: int) -> Epoch:
    """All epochs by Spark's own ALS."""
    from pyspark.ml.recommendation import ALS

    blocks = n_parts(E.sparkSession)
    als = ALS(
        rank=settings.n_factors,
        maxIter=settings.n_epochs,
        regParam=regularization,
        numUserBlocks=blocks,
        numItemBlocks=blocks,
        userCol="i",
        itemCol="j",
        ratingCol="r",
        checkpointInterval=INTERVAL,
        seed=seed,
    )
    model = als.fit(E)
    U = model.userFactors.withColumnsRenamed({"id": "i", "features": "u"})
    V = model.itemFactors.withColumnsRenamed({"id": "j", "features": "v"})
    return Epoch(settings.n_epochs, U, V)


def one_by_one(
    E: DataFrame,
    held_out: DataFrame | None,
    settings: Settings,
    regularization: float,
    seed: int,
    kept: KeptEpochs | None,
) -> Iterator[Epoch]:
    """The same epochs by our own half steps, from the start or from the last that was kept."""
    before = [epoch for epoch in kept or () if epoch.number <= settings.n_epochs]
    yield from before
    if before:
        number, _, V, figures = before[-1]
    else:
        items = E.select("j").distinct()
        number, figures = 0, ()
        V = start(items, settings.n_factors, float(settings.start_scale), seed)
    best = None
    for epoch in before:
        best = _better(best, epoch)
    while number < settings.n_epochs:
        number += 1
        U = half_step(E, V, USERS, regularization).checkpoint()
        V = half_step(E, U, ITEMS, regularization).checkpoint()
        if held_out is not None:
            figures = (*figures, rmse(held_out, U, V))
        epoch = Epoch(number, U, V, figures)
        best = _better(best, epoch)
        if kept is not None and (figures or number % INTERVAL == 0 or number == settings.n_epochs):
            kept.keep(epoch, best.number)
        yield epoch
