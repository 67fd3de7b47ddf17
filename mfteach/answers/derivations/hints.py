"""Hints that are computed: where a typed derivation stands on the lecture's way, and what is next.

The place is found by the form of the last proved line: a line of the way that is the same but for
its spelling, or else the furthest line of the way whose stages it has passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mfteach.answers.derivations.lines.forms import Form, Step, is_collected, step_of, what_is_left
from mfteach.answers.derivations.lines.rules import rule_between
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.reading.syntax_tree import Plus, SumOf, walk
from mfteach.symbolic.writing import plain

__all__ = ["Guide"]

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


class Guide:
    """Gives hints along a way, each time a clearer one.

    Parameters
    ----------
    lines, rules : sequence of str
        The way, and why each of its lines follows.
    """

    def __init__(self, lines: Sequence[str], rules: Sequence[str]) -> None:
        self.lines = tuple(lines)
        self.rules = tuple(rules)
        self._steps: tuple[Step, ...] = ()
        self._asked: tuple[int, int] = (-1, 0)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines of the way, read when the first hint is wanted."""
        if not self._steps:
            readings = [NOTATION.understand(line) for line in self.lines]
            self._steps = tuple(step_of(r.tree, NOTATION.letters, r.text) for r in readings)
        return self._steps

    def hint(self, last: Step, kind: str) -> str:
        """Return the next hint for somebody whose last proved line this is."""
        place = self.place(last, kind)
        following = min(place + 1, len(self.lines) - 1)
        times = self._asked[1] + 1 if self._asked[0] == following else 0
        self._asked = (following, times)
        if times == 0:
            return self._kind_of_step(following)
        return self._shape(following) if times == 1 else self._line(following)

    def place(self, last: Step, kind: str) -> int:
        """Return the number of the line of the way at which somebody stands."""
        same = [n for n, step in enumerate(self.steps) if step.outline == last.outline]
        if same:
            return same[-1]
        goal = self.steps[-1].form
        passed = [
            number
            for number, step in enumerate(self.steps[:-1])
            if _stages(step.form, goal, kind) <= _stages(last.form, goal, kind)
        ]
        return passed[-1] if passed else 0

    def _kind_of_step(self, following: int) -> str:
        rule = rule_between(self.steps[following - 1].form, self.steps[following].form)
        if rule is not None:
            return f"The next line of the lecture's way is {rule.noun}."
        if self.rules[following]:
            return f"The next line of the lecture's way: {self.rules[following]}."
        return "The next line has the form of the goal."

    def _shape(self, following: int) -> str:
        described = "; ".join(_described(self.steps[following]))
        return f"The shape of the next line: {described}."

    def _line(self, following: int) -> str:
        return f"The next line of the lecture's way: {plain(self.lines[following])}"


def _stages(form: Form, goal: Form, kind: str) -> frozenset[str]:
    """Return what is done in a line: what the goal does not have, and it has not either."""
    left = what_is_left(form, goal)
    rows = bool(kind) and form.losses + form.sums[kind] <= goal.losses + goal.sums[kind]
    done = {
        "one row": rows,
        "opened": not form.losses,
        "differentiated": form.slopes <= goal.slopes,
        "without delta": form.slopes <= goal.slopes and form.deltas <= goal.deltas,
        "cancelled": form.slopes <= goal.slopes and form.numbers <= goal.numbers,
        "collected": form.slopes <= goal.slopes and is_collected(form, goal),
        "goal": not left,
    }
    return frozenset(name for name, is_done in done.items() if is_done)


def _described(step: Step) -> Iterator[str]:
    form = step.form
    yield f"{_counted(form.slopes, 'derivative sign')}"
    sums = [
        _counted(form.sums[kind], f"sum over {kind}s")
        for kind in ("user", "item", "factor")
        if form.sums[kind]
    ]
    yield ", ".join(sums) or "no sum sign"
    if form.deltas:
        yield _counted(form.deltas, "delta")
    terms = [len(node.terms) for node in walk(step.tree) if isinstance(node, Plus)]
    summed = any(isinstance(node, SumOf) for node in walk(step.tree))
    if terms:
        yield f"{_counted(max(terms), 'term')} {'in brackets' if summed else 'side by side'}"


def _counted(number: int, name: str) -> str:
    count = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    if number <= 1:
        return f"{count} {name}"
    return f"{count} {name.replace('sum over', 'sums over') if 'sum over' in name else f'{name}s'}"
