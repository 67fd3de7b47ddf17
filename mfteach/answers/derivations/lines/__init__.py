"""The form of a typed line, apart from whether it is true.

Lessons: none opens this folder; `mfteach.answers.derivations.ledger` reaches it.

- ``forms`` says which signs, sums and deltas a line has, ``outlines`` when two have the same form;
- ``rules`` checks whether a step is the rule that it claims to be;
- ``tidying`` and ``zeros`` see through padding; ``edits`` replaces one node of a tree.
"""
