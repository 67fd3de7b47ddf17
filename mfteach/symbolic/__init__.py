"""The symbols: the lecture's derivations as objects that a machine proves, for all m, n and k.

``indexed_sums`` decides whether two indexed sums are the same, and differentiates them.
``notation`` reads the lecture's LaTeX into such sums and writes them back.
``derivation`` knows what a proved line is; ``lecture`` writes the lecture's derivations with it.

Nothing here computes with ratings, and nothing that computes with ratings needs this package:
notebooks and tests bring the two together.
"""
