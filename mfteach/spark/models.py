"""What comes back: U and V in memory here, or else a folder with Spark's own model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.spark.factorizing import OnCluster
from mfteach.spark.frames import Known, column_of, frame, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Tables as large as the factors that are in memory at once, while these come back.
TABLES = 3


def fits_here(shape: tuple[int, int], n_factors: int) -> bool:
    """Whether U and V fit in half of the memory of this machine."""
    n_bytes = 4 * TABLES * sum(shape) * (n_factors + 2)
    if hasattr(os, "sysconf"):
        return n_bytes < os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2
    try:
        np.empty(n_bytes, np.int8)
    except MemoryError:
        return False
    return True


def factors_here(learned: OnCluster, known: Known, n_factors: int, with_biases: bool) -> Factors:
    """U, V and the biases, brought here; a row without a rating is 0."""
    m, n = known.shape
    U = rows(learned.epoch.U, "i", "u", (m, n_factors))
    V = rows(learned.epoch.V, "j", "v", (n, n_factors))
    if not with_biases:
        return Factors(U, V)
    mean, b, c = learned.biases
    return Factors(U, V, user_bias=b, item_bias=c, mean=mean)


def labels_here(known: Known) -> Ratings:
    """The labels of rows and columns without the ratings, which stay where they are."""
    users = column_of(known.users.orderBy("i"), "user")
    items = column_of(known.items.orderBy("j"), "item")
    none = np.empty(0, np.intp)
    labels = (x.astype(str) if x.dtype == object else x for x in (users, items))
    return Ratings.from_indices(none, none, np.empty(0, np.float32), *labels)


def save_there(learned: OnCluster, known: Known, n_factors: int, folder: str) -> None:
    """Write Spark's own model: ``als`` for `ALSModel.load`, labels and biases beside it.

    ``users`` has (i, user, b) and ``items`` (j, item, c), as Parquet; ``mean`` a number.
    """
    from pyspark.ml.recommendation import ALSModel

    spark = known.R.sparkSession
    U = learned.epoch.U.withColumnsRenamed({"i": "id", "u": "features"})
    V = learned.epoch.V.withColumnsRenamed({"j": "id", "v": "features"})
    java = spark.sparkContext._jvm.org.apache.spark.ml.recommendation.ALSModel(
        "mfteach", n_factors, U._jdf, V._jdf
    )
    ALSModel(java).write().save(f"{folder}/als")
    mean, b, c = learned.biases
    users = frame(spark, i=np.arange(len(b), dtype=np.int32), b=b).join(known.users, "i")
    items = frame(spark, j=np.arange(len(c), dtype=np.int32), c=c).join(known.items, "j")
    users.write.parquet(f"{folder}/users")
    items.write.parquet(f"{folder}/items")
    _write_mean(spark, mean, folder)


def _write_mean(spark: SparkSession, mean: float, folder: str) -> None:
    frame(spark, mean=np.array([mean])).coalesce(1).write.parquet(f"{folder}/mean")
