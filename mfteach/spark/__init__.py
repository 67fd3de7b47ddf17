"""Beyond one machine: the same J and the same normal equations, on Apache Spark.

``MatrixFactorization(engine="spark", weighting="by_count")`` and ``mfteach factorize --engine
spark`` come here. Importing this folder loads no Spark: that happens when something is fitted.

Lesson: 15.
"""
