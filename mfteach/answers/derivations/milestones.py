"""Which named steps of a derivation a ledger of typed lines has shown, and in which line.

A derivation of dJ/du_is has five milestones:

- ``only``: only user i is left (for a derivative with respect to v_js, only item j): neither the
  loss by its name nor a sum over the users;
- ``inner``: differentiated: no derivative is left, so the inner derivative is there;
- ``delta``: differentiated, and no delta is left;
- ``factor``: differentiated, and the common factor is pulled out: no letter stands in the line
  more often than in the goal;
- ``goal``: the form of the goal.

Each is reached once, in the first proved line that shows it, and only on the way from the start:
a line that repeats an earlier one (up to the names of summed indices, the order of terms and
factors, signs in front of a sum, and a 0 that is added, also one in disguise) shows nothing.

A line may reach several at once, if it shows how it was differentiated (`shown_work`): from the
start, by a delta beside the error; from a square that is still to be differentiated, also by the
inner derivative with its sign as a factor of its own, as in e_ij (-v_js), or by a prediction or
an error that is written out. Otherwise it is a jump: all that it shows is skipped but the goal. So
the goal typed as the first line, in whatever disguise, reaches ``goal`` alone. What is skipped is
not made up for later.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mfteach.answers.derivations.lines.forms import Step, has_form, is_collected, row_kind, step_of
from mfteach.answers.derivations.lines.shown_work import (
    disguises,
    has_inner_derivative,
    picks_beside_an_error,
    shows_its_work,
)
from mfteach.answers.derivations.lines.tidying import tidied
from mfteach.answers.derivations.lines.zeros import without_zeros
from mfteach.symbolic.lecture import NOTATION

if TYPE_CHECKING:
    from mfteach.answers.derivations.ledger import Ledger

__all__ = ["MILESTONES", "Jump", "expected", "jumped", "reached"]

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
        A milestone that the goal does not show, or that the start shows already, is not among
        them.
    """
    way = _way(ledger)
    return {name: way.lines[name] for name in MILESTONES if name in way.lines}


class Jump(NamedTuple):
    """A jump over steps that would have counted, from line 0, the start, or a later one."""

    before: int
    after: int
    is_goal: bool


def jumped(ledger: Ledger) -> tuple[Jump, ...]:
    """Return the jumps of a ledger's proved lines."""
    return tuple(_way(ledger).jumps)


def _way(ledger: Ledger) -> _Way:
    way = _Way(ledger.start, ledger.goal)
    for number, step in ledger.steps:
        if way.ended:
            break
        way.take(number, _bare(step, ledger.lines[number - 1].text))
    return way


def _bare(step: Step, text: str) -> Step:
    """Return a step whose tree is tidied and without zeros in disguise, which `tidied` keeps."""
    tree = without_zeros(step.tree, NOTATION.letters, text)
    bare = step if tree == step.tree else step_of(tree, NOTATION.letters, text)
    return replace(bare, tree=tidied(tree, NOTATION.letters, text))


def expected(ledger: Ledger) -> tuple[str, ...]:
    """Return the milestones that can be reached on the way from a ledger's start to its goal."""
    return _Way(ledger.start, ledger.goal).to_come


class _Way:
    """The way from the start to the goal, as far as it has been gone."""

    def __init__(self, start: Step, goal: Step) -> None:
        self.start, self.goal = start, goal
        self.goal_tree = tidied(goal.tree, NOTATION.letters, "")
        self.kind = row_kind(start)
        at_start = self._shown(start)
        self.to_come = tuple(
            name
            for name in MILESTONES
            if name == "goal" or (name in self._shown(goal) and name not in at_start)
        )
        self.lines: dict[str, int] = {}
        self.skipped: set[str] = set()
        self.outlines = {start.outline}
        self.before = start.form
        self.sign_inside = False  # e_ij (-v_js): the goal but for the sign
        self.number = 0
        self.jumps: list[Jump] = []
        self.ended = False

    def take(self, number: int, step: Step) -> None:
        if self.sign_inside:
            self._take_the_sign_out(number, step)
        if step.outline in self.outlines:
            return
        first = len(self.outlines) == 1
        self.outlines.add(step.outline)
        shown = self._shown(step) & set(self.to_come) - set(self.lines) - self.skipped
        kept = shown & self._kept(step, first=first)
        self.lines |= dict.fromkeys(kept, number)
        self.sign_inside = {"goal", "inner"} <= kept and "factor" in shown - kept
        skipped = shown - kept
        if kept <= {"goal"} and skipped and self._shows_nothing_between(step):
            skipped = {*self.to_come} - self.lines.keys() - {"goal"}
        self.skipped |= skipped
        if skipped and not self.sign_inside:
            self.jumps.append(Jump(self.number, number, is_goal="goal" in kept))
        self.number = number
        self.before = step.form
        self.ended = "goal" in self.lines and not self.sign_inside

    def _take_the_sign_out(self, number: int, step: Step) -> None:
        """Count the common factor, if after e_ij (-v_js) the form of the goal is typed."""
        if has_form(step, self.goal, self.start) and not has_inner_derivative(step.tree):
            self.lines |= {"factor": number, "goal": number}
            self.sign_inside, self.ended = False, True

    def _kept(self, step: Step, *, first: bool) -> set[str]:
        """Return what a step may show: who jumps over the differentiation shows the end at most."""
        if "inner" not in self.to_come or step.form.slopes:
            return set(MILESTONES)
        if first:
            return set(MILESTONES) if picks_beside_an_error(step.tree) else {"goal"}
        if not self.before.squares:
            return set(MILESTONES)
        if has_form(step, self.goal, self.start) and has_inner_derivative(step.tree):
            return set(MILESTONES) - {"factor"}
        if has_form(step, self.goal, self.start) or disguises(step.tree, self.goal_tree):
            return set(MILESTONES) if has_inner_derivative(step.tree) else {"goal"}
        return set(MILESTONES) if shows_its_work(step.tree) else {"goal"}

    def _shows_nothing_between(self, step: Step) -> bool:
        return disguises(step.tree, self.goal_tree) or not shows_its_work(step.tree)

    def _shown(self, step: Step) -> set[str]:
        form, goal = step.form, self.goal.form
        differentiated = form.slopes <= goal.slopes and form.squares <= goal.squares
        shows = {
            "only": not form.losses and not form.sums[self.kind] > goal.sums[self.kind],
            "inner": differentiated,
            "delta": differentiated and form.deltas <= goal.deltas,
            # Two sums with a delta are two terms with the factor that the delta leaves.
            "factor": differentiated
            and form.deltas <= goal.deltas + 1
            and is_collected(form, goal),
            "goal": has_form(step, self.goal, self.start),
        }
        return {name for name, is_shown in shows.items() if is_shown}
