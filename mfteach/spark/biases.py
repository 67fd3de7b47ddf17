"""Mean and biases on the cluster: our own equations, of which it computes the sums.

b and c, a number a row, are held here; the ratings stay where they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.descent.bias_equations import penalized_biases
from mfteach.loss.penalty import BIAS_REGULARIZATION
from mfteach.spark.frames import frame, spread, vector

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Vector = NDArray[np.float64]
# The equations are solved to this share of their right side.
TOLERANCE = 1e-6


class Biases(NamedTuple):
    """mean + b_i + c_j; shapes (m,) and (n,)."""

    mean: float
    b: Vector
    c: Vector


class Links(NamedTuple):
    """Which rows meet in a rating: user i is row i, item j is row m + j.

    Attributes
    ----------
    table : DataFrame
        (row, other, r), each rating twice: seen from its user and from its item.
    shape : tuple of int
        (m, n).
    """

    table: DataFrame
    shape: tuple[int, int]

    @classmethod
    def of(cls, R: DataFrame, shape: tuple[int, int]) -> Links:
        """The links of ratings (i, j, r)."""
        item = f"{shape[0]} + j"
        of_users = R.selectExpr("i AS row", f"{item} AS other", "r")
        of_items = R.selectExpr(f"{item} AS row", "i AS other", "r")
        return cls(spread(of_users.union(of_items), "row"), shape)

    def counts(self) -> tuple[Vector, Vector]:
        """n_i and n_j."""
        return self._sums(self.table, "1")

    def above(self, mean: float) -> tuple[Vector, Vector]:
        """sum_{j in I_i} (r_ij - mean) and sum_{i in U_j} (r_ij - mean)."""
        return self._sums(self.table, f"r - {mean!r}D")

    def sums_of(self, b: Vector, c: Vector) -> tuple[Vector, Vector]:
        """sum_{j in I_i} c_j and sum_{i in U_j} b_i."""
        both = np.concatenate([b, c])
        numbers = np.arange(len(both), dtype=np.int32)
        others = frame(self.table.sparkSession, other=numbers, x=both)
        return self._sums(self.table.join(others, "other"), "x")

    def _sums(self, terms: DataFrame, term: str) -> tuple[Vector, Vector]:
        m, n = self.shape
        sums = terms.selectExpr("row", f"{term} AS x").groupBy("row").sum("x")
        b, c = np.split(vector(sums, "row", "sum(x)", m + n), [m])
        return b, c


def fit_biases(R: DataFrame, shape: tuple[int, int]) -> Biases:
    """The mean, and the b and c that minimize sum (r_ij - mean - b_i - c_j)² + 5 (|b|² + |c|²)."""
    from pyspark.sql import functions as F

    mean = float(R.agg(F.avg("r")).collect()[0][0])
    links = Links.of(R, shape)
    both = penalized_biases(
        links.counts(), links.above(mean), BIAS_REGULARIZATION, links.sums_of, TOLERANCE
    )
    links.table.unpersist()
    return Biases(mean, *both)


def left_by(R: DataFrame, biases: Biases) -> DataFrame:
    """(i, j, r - mean - b_i - c_j): what the factors have to explain; an unknown bias is 0."""
    from pyspark.sql import functions as F

    spark = R.sparkSession
    b = frame(spark, i=np.arange(len(biases.b), dtype=np.int32), b=biases.b)
    c = frame(spark, j=np.arange(len(biases.c), dtype=np.int32), c=biases.c)
    left = F.col("r") - F.lit(biases.mean) - F.col("b") - F.col("c")
    return R.join(b, "i").join(c, "j").select("i", "j", left.alias("r"))
