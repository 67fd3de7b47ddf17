"""What the class report counts: shares of points, slips, texts that are not marked yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from mfteach.answers.missing import NOT_ANSWERED
from mfteach.grading.assignments.outline import AnyAssignment
from mfteach.grading.marks.labels import NOT_MARKED, RIGHT
from mfteach.grading.marks.results import LOOK_AGAIN, MARKED, Mark, Result

_NO_SLIP = (RIGHT, MARKED, NOT_MARKED, LOOK_AGAIN)


def shares(graded: Sequence[Result]) -> dict[str, float]:
    """The share of its points that the class earned in each question."""
    earned: dict[str, float] = defaultdict(float)
    possible: dict[str, float] = defaultdict(float)
    for one in graded:
        for mark in one.marks:
            if not is_pending(mark):
                earned[mark.question] += mark.points
                possible[mark.question] += mark.max_points
    pending = {mark.question for one in graded for mark in one.marks if is_pending(mark)}
    return {name: earned[name] / n for name, n in possible.items() if n and name not in pending}


def slips(name: str, graded: Sequence[Result]) -> list[tuple[str, float]]:
    """Labels of what went wrong in a question, with the share of the class; most common first."""
    labels = Counter(
        mark.label
        for one in graded
        for mark in one.marks
        if mark.question == name and mark.label not in _NO_SLIP
    )
    in_order = sorted(labels.items(), key=lambda entry: (-entry[1], entry[0]))
    return [(label, count / len(graded)) for label, count in in_order]


def common_slips(
    assignment: AnyAssignment, graded: Sequence[Result]
) -> list[tuple[str, str, float]]:
    """The three most common slips of all questions."""
    every = [
        (question.name, label, share)
        for question in assignment.questions
        for label, share in slips(question.name, graded)
        if label != NOT_ANSWERED
    ]
    return sorted(every, key=lambda entry: -entry[2])[:3]


def hardest(graded: Sequence[Result]) -> str | None:
    """Return the question with the smallest share of its points, of those that are all marked."""
    earned = shares(graded)
    return min(earned, key=lambda name: earned[name], default=None)


def is_pending(mark: Mark) -> bool:
    """Whether a person has yet to give the points."""
    return mark.label == NOT_MARKED and not mark.by_hand
