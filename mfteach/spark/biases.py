"""Mean and biases on the cluster: our own equations, of which it computes the sums.

b and c, a number a row, are held here; the ratings stay where they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.descent.bias_equations import penalized_biases
from mfteach.loss.penalty import BIAS_REGULARIZATION
from mfteach.spark.frames import frame, vector

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Vector = NDArray[np.float64]
# The equations are solved to this share of their right side.
TOLERANCE = 1e-8


class Biases(NamedTuple):
    """mean + b_i + c_j; shapes (m,) and (n,)."""

    mean: float
    b: Vector
    c: Vector


class SumsOnCluster(NamedTuple):
    """Sums over the ratings of each user and each item, as `mfteach.fast.engine.BiasSums`."""

    R: DataFrame
    shape: tuple[int, int]

    def counts(self) -> tuple[Vector, Vector]:
        """n_i and n_j."""
        return self._sums(self.R.selectExpr("i", "j", "1 AS of_user", "1 AS of_item"))

    def of_values(self, mean: float) -> tuple[Vector, Vector]:
        """sum_{j in I_i} (r_ij - mean) and sum_{i in U_j} (r_ij - mean)."""
        above = f"r - {mean!r}D"
        return self._sums(self.R.selectExpr("i", "j", f"{above} AS of_user", f"{above} AS of_item"))

    def of_biases(self, b: Vector, c: Vector) -> tuple[Vector, Vector]:
        """sum_{j in I_i} c_j and sum_{i in U_j} b_i."""
        joined = self.R.join(biases_of("i", "b", self, b), "i").join(
            biases_of("j", "c", self, c), "j"
        )
        return self._sums(joined.selectExpr("i", "j", "c AS of_user", "b AS of_item"))

    def _sums(self, terms: DataFrame) -> tuple[Vector, Vector]:
        from pyspark.sql import functions as F

        by_user = terms.groupBy("i").agg(F.sum("of_user").alias("x"))
        by_item = terms.groupBy("j").agg(F.sum("of_item").alias("x"))
        m, n = self.shape
        return vector(by_user, "i", "x", m), vector(by_item, "j", "x", n)


def biases_of(at: str, name: str, sums: SumsOnCluster, x: Vector) -> DataFrame:
    """(i, b) or (j, c), sent to the cluster."""
    number = {at: np.arange(len(x), dtype=np.int32), name: x}
    return frame(sums.R.sparkSession, **number)


def fit_biases(R: DataFrame, shape: tuple[int, int]) -> Biases:
    """The mean, and the b and c that minimize sum (r_ij - mean - b_i - c_j)² + 5 (|b|² + |c|²)."""
    from pyspark.sql import functions as F

    mean = float(R.agg(F.avg("r")).first()[0])
    sums = SumsOnCluster(R, shape)
    both = penalized_biases(
        sums.counts(), sums.of_values(mean), BIAS_REGULARIZATION, sums.of_biases, TOLERANCE
    )
    return Biases(mean, *both)


def left_by(R: DataFrame, biases: Biases) -> DataFrame:
    """(i, j, r - mean - b_i - c_j): what the factors have to explain; an unknown bias is 0."""
    from pyspark.sql import functions as F

    spark = R.sparkSession
    b = frame(spark, i=np.arange(len(biases.b), dtype=np.int32), b=biases.b)
    c = frame(spark, j=np.arange(len(biases.c), dtype=np.int32), c=biases.c)
    left = F.col("r") - F.lit(biases.mean) - F.col("b") - F.col("c")
    return R.join(b, "i").join(c, "j").select("i", "j", left.alias("r"))
