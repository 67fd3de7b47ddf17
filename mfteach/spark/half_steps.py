"""Our own half step in terms of tables, for a walk that somebody looks at, or that is taken up.

With V fixed, row i of U solves the normal equations of lesson 12:

    (sum_{j in I_i} v_j v_jᵀ + lambda n_i 1) u_i = sum_{j in I_i} r_ij v_j

A join brings each rating the v_j that it needs, a grouping brings together what belongs to one i:
these two are all that moves. Spark's own ALS moves less, for it sends each v_j but once to a block
of users; but nobody can look at it between two epochs, nor let it begin where another one ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.column import Column


class Side(NamedTuple):
    """What is solved for, from what: the names of four columns."""

    i: str
    u: str
    j: str
    v: str


USERS = Side("i", "u", "j", "v")
ITEMS = Side("j", "v", "i", "u")


def half_step(E: DataFrame, V: DataFrame, side: Side, regularization: float) -> DataFrame:
    """(i, u): the best row for each user while V is fixed; with `ITEMS` the other way round."""
    from pyspark.sql import functions as F

    i, u, j, v = side
    # Sorted, so that the same sums are added up in the same order, whoever was faster.
    known = F.sort_array(F.collect_list(F.struct(j, "r", v))).alias("known")
    rows = E.join(V, j).groupBy(i).agg(known)
    return rows.select(i, _best_rows(regularization)("known.r", F.flatten(f"known.{v}")).alias(u))


def start(items: DataFrame, n_factors: int, scale: float, seed: int) -> DataFrame:
    """(j, v): random rows to begin with; that of item j follows from the seed and j alone."""
    return items.select("j", _random_rows(n_factors, scale, seed)("j").alias("v"))


def _best_rows(regularization: float) -> Any:
    """From the r_ij of each row, and its v_j one after the other, to u_i."""

    def best_rows(r: Any, v: Any) -> Any:
        import numpy as np
        import pyarrow as pa

        rows = []
        for of_row, flat in zip(r, v, strict=True):
            targets = np.asarray(of_row.values, np.float64)
            neighbours = np.asarray(flat.values, np.float64).reshape(len(targets), -1)
            A = neighbours.T @ neighbours
            A[np.diag_indices_from(A)] += regularization * len(targets)
            rows.append(np.linalg.solve(A, neighbours.T @ targets).astype(np.float32))
        return pa.array(rows, pa.list_(pa.float32()))

    return _on_the_workers(best_rows)


def _random_rows(n_factors: int, scale: float, seed: int) -> Any:
    def random_rows(j: Any) -> Any:
        import numpy as np
        import pyarrow as pa

        draws = (np.random.default_rng([seed, number]) for number in j.to_pylist())
        rows = [scale * draw.standard_normal(n_factors, np.float32) for draw in draws]
        return pa.array(rows, pa.list_(pa.float32()))

    return _on_the_workers(random_rows)


def _on_the_workers(function: Any) -> Column:
    """A function of columns of Arrow, sent along: workers need not have this package."""
    import sys

    from pyspark.cloudpickle import register_pickle_by_value
    from pyspark.sql.functions import arrow_udf

    register_pickle_by_value(sys.modules[__name__])
    function.__annotations__ = {}
    return arrow_udf(function, "array<float>")
