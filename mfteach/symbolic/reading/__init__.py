"""A typed line of algebra read: text, syntax tree, checks, and only then SymPy.

Lessons: none opens this folder; it is reached through `mfteach.symbolic.notation`.

- ``characters`` are those that people type for the ones on the keyboard;
- ``spelling`` turns plain text, unicode and LaTeX into the same tokens, each with its place;
- ``grammar`` orders the tokens into a ``syntax_tree``;
- ``slots`` finds out what every index counts (users, items or factors) by the slot in which it
  stands, and refuses what does not fit, before anything is computed;
- ``meaning`` builds the SymPy expression of a tree that passed.
"""
