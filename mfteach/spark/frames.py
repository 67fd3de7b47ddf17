"""Tables on the cluster: ratings (i, j, r), rows of factors (i, u), and the way there and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.matrices.ratings import Ratings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Array = NDArray[Any]


class Known(NamedTuple):
    """The known ratings on the cluster, each row and column with its number.

    Attributes
    ----------
    R : DataFrame
        (i, j, r), a row a rating.
    users, items : DataFrame
        (i, user) and (j, item): the label of each row and column, which follow the sorted labels.
    n_ratings : int
    shape : tuple of int
        (m, n).
    """

    R: DataFrame
    users: DataFrame
    items: DataFrame
    n_ratings: int
    shape: tuple[int, int]


def frame(spark: SparkSession, **columns: Array) -> DataFrame:
    """A table from columns of NumPy."""
    import pyarrow as pa

    return spark.createDataFrame(pa.table({name: pa.array(x) for name, x in columns.items()}))


def of_ratings(spark: SparkSession, ratings: Ratings) -> DataFrame:
    """(i, j, r) of ratings that are in memory here."""
    i, j = ratings.user_index.astype(np.int32), ratings.item_index.astype(np.int32)
    return spread(frame(spark, i=i, j=j, r=ratings.values.astype(np.float64)), "i")


def spread(table: DataFrame, column: str) -> DataFrame:
    """Share a table out among the parts of the cluster, and keep it there."""
    from pyspark import StorageLevel

    return table.repartition(n_parts(table.sparkSession), column).persist(
        StorageLevel.MEMORY_AND_DISK
    )


def n_parts(spark: SparkSession) -> int:
    """How many parts a table has: two at least, and one for each processor."""
    return max(2, int(spark.sparkContext.defaultParallelism))


def column_of(table: DataFrame, name: str) -> Array:
    """One column of numbers or labels, brought here."""
    return np.asarray(table.select(name).toArrow().column(0).to_numpy())


def vector(table: DataFrame, at: str, name: str, size: int) -> NDArray[np.float64]:
    """x with x[at] = the number in its row, 0 where there is no row; shape (size,)."""
    found = table.select(at, name).toArrow()
    x = np.zeros(size)
    x[found.column(0).to_numpy()] = found.column(1).to_numpy()
    return x


def rows(table: DataFrame, at: str, name: str, shape: tuple[int, int]) -> NDArray[np.float32]:
    """X with X[at] = the array in its row, 0 where there is no row; shape (size, k)."""
    found = table.select(at, name).toArrow()
    X = np.zeros(shape, np.float32)
    for batch in found.to_batches():
        entries = batch.column(1).flatten().to_numpy(zero_copy_only=False)
        X[batch.column(0).to_numpy()] = entries.reshape(-1, shape[1])
    return X
