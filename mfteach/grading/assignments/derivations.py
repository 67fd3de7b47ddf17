"""Scores a derivation: a share of the points for each milestone on its way from start to goal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mfteach.answers.derivations.milestones import MILESTONES
from mfteach.answers.derivations.whole_texts import JudgedLine, Task, Walk, judge_derivation
from mfteach.grading.assignments.questions import label_of

__all__ = ["FALSE_LINE", "INCOMPLETE", "JUMPED", "judged", "label_and_reason", "shown", "task_of"]

FALSE_LINE, INCOMPLETE, JUMPED = "false line", "goal not reached", "steps left out"
_SIGNS = {"proved": "✓", "refuted": "✗", "unread": "?", "undecided": "…"}


def task_of(facts: Mapping[str, object]) -> Task:
    """Return what is to be derived, from the facts of a question with its numbers filled in."""
    return Task(str(facts["start"]), str(facts["goal"]), str(facts["letters"]))


def judged(text: str, task: Task, shares: Mapping[str, int]) -> tuple[int, Walk]:
    """Judge a derivation and return the points that its milestones earn.

    Parameters
    ----------
    text : str
    task : Task
    shares : mapping of str to int
        The points of each milestone.
    """
    walk = judge_derivation(text, task)
    return sum(shares.get(name, 0) for name, _ in walk.reached), walk


def label_and_reason(walk: Walk, shares: Mapping[str, int], right: str) -> tuple[str, str]:
    """Say what became of a derivation, for the class report and for the student.

    The first false line is diagnosed; no line that would have been right is ever named.

    Parameters
    ----------
    walk : Walk
    shares : mapping of str to int
    right : str
        The label of a derivation that earned everything.
    """
    counted = {name: line for name, line in walk.reached if name in shares}
    missing = [name for name in shares if name not in counted]
    reason = " ".join(_sentences(walk, counted, missing))
    if not missing:
        return right, reason
    false = walk.first("refuted")
    if false is not None:
        return _slip(walk.lines[false - 1]), reason
    if all(line.verdict == "unread" for line in walk.lines):
        return "unreadable", reason
    return (JUMPED if "goal" in counted else INCOMPLETE), reason


def shown(walk: Walk) -> str:
    """Return the lines as they were read, numbered, each with its verdict."""
    return "\n".join(
        f"{number} {_SIGNS[line.verdict]} {line.verdict}: {line.text}"
        for number, line in enumerate(walk.lines, 1)
    )


def _sentences(walk: Walk, counted: Mapping[str, int], missing: list[str]) -> Iterator[str]:
    for verdict, words in (("refuted", "is false"), ("undecided", "was not decided")):
        number = walk.first(verdict)
        if number is not None:
            yield f"Line {number} {words}. {walk.lines[number - 1].message}"
            break
    number = walk.first("unread")
    if number is not None:
        yield f"Line {number} could not be read. {walk.lines[number - 1].message}"
    if not missing:
        return
    if walk.left_out:
        yield f"Only the first {len(walk.lines)} lines were read, and {walk.left_out} more not."
    names = "; ".join(f"{MILESTONES[name]} (line {number})" for name, number in counted.items())
    yield f"Steps that count: {names or 'none'}."
    yield f"No points for: {'; '.join(MILESTONES[name] for name in missing)}."
    if walk.first("refuted") is not None:
        yield "A false line costs the next of these steps, also where it is reached later."
    if walk.first("refuted", "undecided", "unread") is None:
        yield "All lines are true: what is missing is steps, each in a line of its own."


def _slip(line: JudgedLine) -> str:
    """Shorten the message about a false line to the name of a slip, without the student's words."""
    message = re.sub(r"^In the part “.*?”: ?", "", line.message)
    if message.startswith(("This is not equal", "Your line", "Here ")):
        return FALSE_LINE
    label = re.sub(r"“[^”]*”", "…", label_of(message))
    return f"{label[:1].lower()}{label[1:]}"
