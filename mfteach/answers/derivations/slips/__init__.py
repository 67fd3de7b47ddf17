"""What went wrong in a typed line, by name.

Lessons: none opens this folder; `judge` and `Ledger` in `mfteach.answers` reach it.

- ``true_lines``: a true line, ready to be changed;
- ``ratings``, ``factors``, ``constants``, ``losses``: what one slip makes of it;
- ``grid``: all of these together;
- ``repairs``, ``brackets``, ``whole_terms``: one place that, changed, makes the typed line true;
- ``transposed``: why a line cannot be read, where two swapped indices are the cause;
- ``fingerprints``: a quick sieve before a proof;
- ``claims``: which slip is claimed, because the engine has proved it.
"""

from mfteach.answers.derivations.slips.claims import MOST_CLAIMED, diagnoses
from mfteach.answers.derivations.slips.grid import slips_of
from mfteach.answers.derivations.slips.transposed import transposed

__all__ = ["MOST_CLAIMED", "diagnoses", "slips_of", "transposed"]
