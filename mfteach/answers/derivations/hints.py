"""Hints that are computed: where a typed derivation stands on a known way, and what is next.

There may be several routes to the goal. The place is found by the form of the last proved line: a
line of a route that is the same but for its spelling, or else the nearest line that is one stage
further. A hint never leads back: to a derivative, a delta or a sum that is gone already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from mfteach.answers.derivations.lines.advice import advice, counted
from mfteach.answers.derivations.lines.forms import (
    SLACK,
    Form,
    Step,
    abbreviates,
    is_collected,
    step_of,
    what_is_left,
)
from mfteach.answers.derivations.lines.rules import rule_between
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.reading.syntax_tree import Plus, SumOf, walk
from mfteach.symbolic.writing import plain

__all__ = ["Guide", "Path"]

_ROWS = ("user", "item")


@dataclass(frozen=True)
class Path:
    """One route, with its start and its goal.

    Parameters
    ----------
    lines, steps : tuple of str
        The lines, and by what step each follows; empty if that is not known.
    """

    lines: tuple[str, ...]
    steps: tuple[str, ...]

    @cached_property
    def read(self) -> tuple[Step, ...]:
        """The lines, read when the first hint is wanted."""
        readings = [NOTATION.understand(line) for line in self.lines]
        return tuple(step_of(r.tree, NOTATION.letters, r.text) for r in readings)


class Guide:
    """Gives hints along the routes to a goal, each time a clearer one.

    Parameters
    ----------
    paths : sequence of Path
        The first is the lecture's. All have the same start and goal.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._following: tuple[Path, int] | None = None
        self._asked = (-1, 0)

    def hint(self, last: Step, kind: str, proved: int) -> str:
        """Return the next hint for somebody whose last proved line this is.

        Parameters
        ----------
        last : Step
        kind : str
            As `row_kind` returns it.
        proved : int
            How many lines are proved: after a new one the hints begin again.
        """
        following = self.following(last, kind)
        times = self._asked[1] + 1 if self._asked[0] == proved else 0
        again = times == 0 and self._following == following
        self._asked, self._following = (proved, times), following
        path, number = following
        if times == 0:
            same = "Next step, the same as before" if again else "Next step"
            return f"{same}: {self._kind_of_step(path, number, last, kind)}."
        if times == 1:
            return f"The shape of the next line: {'; '.join(_described(path.read[number]))}."
        return f"The next line: {plain(path.lines[number])}"

    def following(self, last: Step, kind: str) -> tuple[Path, int]:
        """Return the line that is next: its route and its number."""
        for path in self.paths:
            same = [n for n, step in enumerate(path.read[:-1]) if step.outline == last.outline]
            if same:
                return path, same[-1] + 1
        goal = self.paths[0].read[-1].form
        done = _stages(last.form, goal, kind)
        nearest = []
        for place, path in enumerate(self.paths):
            found = [
                (len(stages), number)
                for number, step in enumerate(path.read[1:], 1)
                if done < (stages := _stages(step.form, goal, kind))
                and not _leads_back(last.form, step.form, goal)
            ]
            if found:  # of the lines of a route that are as far, the first
                count, number = min(found)
                distance = _distance(path.read[number].form, last.form)
                nearest.append((count, distance, place, number))
        if not nearest:
            return self.paths[0], len(self.paths[0].lines) - 1
        _, _, place, number = min(nearest)
        return self.paths[place], number

    def _kind_of_step(self, path: Path, number: int, last: Step, kind: str) -> str:
        before, after, goal = path.read[number - 1], path.read[number], path.read[-1]
        step = path.steps[number].partition(";")[0]
        if before.outline == last.outline and step:
            return step
        if not step:
            rule = rule_between(last.form, after.form)
            return "the form of the goal" if rule is None else rule.name
        ours, theirs = (_stages(one.form, goal.form, kind) for one in (last, after))
        first = next((name for name in _GAINS if name in theirs - ours), "")
        if first == "goal":
            return next(iter(advice(last, goal)), step)
        if "opened" in theirs - ours and after.form.slopes <= goal.form.slopes:
            return _KNOWN
        return _GAINS.get(first) or step


_KNOWN = "put in the derivative of J, which you know"
_GAINS = {
    "split": "",
    "chain": "the chain rule",
    "differentiated": "differentiate",
    "without delta": "the delta keeps only one term of its sum",
    "cancelled": "cancel the numbers",
    "collected": "pull out what all terms have in common",
    "goal": "",
}
"""What to do first, where a line is a stage further; if empty, what the route says."""


def _stages(form: Form, goal: Form, kind: str) -> frozenset[str]:
    """Return what is done in a line: what the goal does not have, and it has not either."""
    differentiated = form.slopes <= goal.slopes
    done = {
        "split": not kind or form.sums[kind] <= goal.sums[kind],
        "one row": bool(kind) and form.losses + form.sums[kind] <= goal.losses + goal.sums[kind],
        "opened": not form.losses,
        "chain": form.squares <= goal.squares,
        "differentiated": differentiated,
        "without delta": differentiated and form.deltas <= goal.deltas,
        "cancelled": differentiated and form.numbers <= goal.numbers,
        "collected": differentiated and is_collected(form, goal),
        "goal": not what_is_left(form, goal),
    }
    return frozenset(name for name, is_done in done.items() if is_done)


def _leads_back(last: Form, following: Form, goal: Form) -> bool:
    """Whether a line has something that the last one no longer has, nor the goal."""
    differentiates = following.slopes < last.slopes
    opens = last.losses > following.losses
    more_sums = any(
        following.sums[kind] > max(last.sums[kind], goal.sums[kind]) for kind in (*_ROWS, "factor")
    )
    with_ratings = bool(last.letters["r"]) or abbreviates(last)
    multiplies_out = with_ratings and following.brackets < last.brackets
    gone = (
        following.slopes > goal.slopes >= last.slopes,
        following.squares > last.squares > 0 or following.squares > goal.squares >= last.squares,
        following.deltas > max(last.deltas, goal.deltas) and not differentiates,
        following.losses > max(last.losses, goal.losses),
        more_sums and not (differentiates or opens),
        following.numbers > max(last.numbers, goal.numbers + SLACK) and not opens,
        multiplies_out and abbreviates(goal) and not abbreviates(following),
        abbreviates(goal) and abbreviates(last) and not abbreviates(following) and not opens,
    )
    return any(gone)


def _distance(one: Form, other: Form) -> int:
    """Return by how many signs and letters two lines differ."""
    counts = [
        Counter(
            {
                **{f"letter {name}": count for name, count in form.letters.items()},
                **{f"sum {name}": count for name, count in form.sums.items()},
                "derivatives": form.slopes,
                "deltas": form.deltas,
                "numbers": form.numbers,
                "brackets": form.brackets,
            }
        )
        for form in (one, other)
    ]
    return sum(((counts[0] - counts[1]) + (counts[1] - counts[0])).values())


# Words -------------------------------------------------------------------------------------------


def _described(step: Step) -> Iterator[str]:
    form = step.form
    yield counted(form.slopes, "derivative")
    sums = [
        counted(form.sums[kind], f"sum over {kind}s")
        for kind in ("user", "item", "factor")
        if form.sums[kind]
    ]
    yield ", ".join(sums) or "no sum"
    if form.deltas:
        yield counted(form.deltas, "delta")
    terms = [len(node.terms) for node in walk(step.tree) if isinstance(node, Plus)]
    summed = any(isinstance(node, SumOf) for node in walk(step.tree))
    if terms:
        yield f"{counted(max(terms), 'term')} {'in brackets' if summed else 'side by side'}"
