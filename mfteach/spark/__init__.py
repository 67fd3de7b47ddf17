"""Beyond one machine: the same J and the same normal equations, on Apache Spark.

Lessons 15.

``MatrixFactorization(engine="spark", weighting="by_count")`` and ``mfteach factorize --engine
spark`` come here. Importing this folder loads no Spark: that happens when something is fitted.
"""
