"""The symbols: the lecture's derivations as objects that a machine proves, for all m, n and k.

Lessons 01-04, 07, 08, 11, 12.

- ``indexed_sums`` decides whether two indexed sums are the same, and differentiates them;
  ``summed_indices`` names summed indices by their roles, so that spelling does not matter.
- ``notation`` reads the lecture's LaTeX into such sums, and writes them back.
- ``derivation`` knows what a proved line is; ``counterexamples`` finds the numbers that show a
  line false, ``numpy_functions`` makes a NumPy function of a result.
- ``lecture`` writes the lecture's derivations down, and holds no mechanism.
- ``calculus`` gathers what comes before the ratings: slopes, power rule, flat points, gradients.

Nothing here knows of ratings, losses or solvers: notebooks and tests bring the two together.
"""
