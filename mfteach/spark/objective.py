"""J and RMSE on the cluster, as the lecture writes them.

    J = 1/2 sum_S e_ij² + lambda/2 (sum_i n_i |u_i|² + sum_j n_j |v_j|²)
    e_ij = r_ij - (mean + b_i + c_j) - sum_s u_is v_js

Here ``E`` holds what mean and biases leave of each rating, (i, j, r); U and V hold (i, u) and
(j, v).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def dot(u: str, v: str) -> Column:
    """sum_s u_s v_s of two columns of arrays, in double precision."""
    from pyspark.sql import functions as F

    products = F.zip_with(u, v, lambda x, y: x.cast("double") * y)
    return F.aggregate(products, F.lit(0.0), lambda total, product: total + product)


def errors(E: DataFrame, U: DataFrame, V: DataFrame) -> DataFrame:
    """(i, j, e): what the factors leave; a row or column without factors counts as 0."""
    from pyspark.sql import functions as F

    predicted = F.coalesce(dot("u", "v"), F.lit(0.0))
    return (
        E.join(U, "i", "left").join(V, "j", "left").select("i", "j", (E.r - predicted).alias("e"))
    )


def value(E: DataFrame, U: DataFrame, V: DataFrame, regularization: float) -> float:
    """J, with the penalty by count."""
    from pyspark.sql import functions as F

    squared: float = errors(E, U, V).agg(F.sum(F.col("e") ** 2)).collect()[0][0]
    of_users = _penalty(E, U, "i", "u")
    of_items = _penalty(E, V, "j", "v")
    return 0.5 * squared + 0.5 * regularization * (of_users + of_items)


def _penalty(E: DataFrame, rows: DataFrame, at: str, x: str) -> float:
    """sum_i n_i |x_i|²."""
    from pyspark.sql import functions as F

    n = E.groupBy(at).agg(F.count("*").alias("n"))
    return float(n.join(rows, at).agg(F.sum(F.col("n") * dot(x, x))).collect()[0][0] or 0.0)


def rmse(E: DataFrame, U: DataFrame, V: DataFrame) -> float:
    """sqrt(mean e_ij²)."""
    return root_mean_square(errors(E, U, V), "e")


def root_mean_square(table: DataFrame, column: str) -> float:
    """Of the numbers in a column."""
    from pyspark.sql import functions as F

    return math.sqrt(table.agg(F.avg(F.col(column) ** 2)).collect()[0][0])
