"""Which named steps of a derivation a ledger of typed lines has shown, and in which line.

A derivation of dJ/du_is has five milestones:

- ``only``: only user i is left (for a derivative with respect to v_js, only item j): neither the
  loss by its name nor a sum over the users;
- ``inner``: differentiated: no derivative sign is left, so the inner derivative is there;
- ``delta``: differentiated, and no delta is left;
- ``factor``: differentiated, and the common factor is pulled out: no letter stands in the line
  more often than in the goal;
- ``goal``: the form of the goal.

Each is reached once, in the first proved line that shows it, and only on the way from the start:
a line that repeats an earlier one (up to the names of summed indices, the order of terms and
factors, signs in front of a sum, and a 0 that is added) shows nothing. Who jumps has not shown
what lies between: if the first step from the start leaves no derivative sign, then ``only``,
``inner``, ``delta`` and ``factor`` are skipped, and the goal typed as the first line reaches
``goal`` alone; a step from a square that is still to be differentiated to the goal skips what is
left between the two. What is skipped is not made up for later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mfteach.answers.ledger import Ledger

__all__ = ["MILESTONES", "reached"]

MILESTONES = {
    "only": "only one user or item left",
    "inner": "the inner derivative",
    "delta": "no delta left",
    "factor": "the common factor pulled out",
    "goal": "the goal",
}
"""The milestones in their order, each with words for a report."""


def reached(ledger: Ledger) -> dict[str, int]:
    """Return which milestones a ledger's proved lines have reached, and in which line.

    Parameters
    ----------
    ledger : Ledger
        Such as ``Ledger(start=..., goal=...)`` after ``add`` of each line.

    Returns
    -------
    dict of str to int
        The line, counted from 1 as in ``ledger.lines``, by milestone, in the order of `MILESTONES`.
    """
    raise NotImplementedError
