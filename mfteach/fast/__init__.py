"""The same sums again, quickly; there is nothing to learn here.

Lessons: none opens this folder; the solvers reach it through `mfteach.fast.engine`.
"""
