"""Symbols: the lecture's derivations as objects proved by machine, for all m, n and k.

Lessons 01-04, 07, 08, 11-13.

- ``indexed_sums`` decides whether two indexed sums are the same, and differentiates them, by a
  normal form; the parts of this engine are in ``index_engine``.
- ``notation`` reads the lecture's formulas into such sums, with the help of ``reading``;
  ``writing`` writes them back.
- ``derivation`` knows what a proved line is; ``counterexamples`` finds numbers that show a line
  to be false; ``numpy_functions`` turns a result into a NumPy function.
- ``lecture`` writes down the lecture's derivations, and contains no mechanism.
- ``calculus`` collects what comes before the ratings: slopes, the power rule, stationary points,
  gradients.

Nothing here knows about ratings, losses or solvers: notebooks and tests bring the two together.
"""
