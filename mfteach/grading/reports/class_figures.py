"""What the class report counts: shares of points, slips, texts that are not marked yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import correlation, mean

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


def slips(
    name: str, graded: Sequence[Result], possible: Sequence[str] = ()
) -> list[tuple[str, float]]:
    """Labels of what went wrong in a question, with the share of the class; most common first.

    Those of ``possible`` that nobody has are there too, with 0.
    """
    labels = Counter(dict.fromkeys(possible, 0))
    labels.update(
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


# How well a question tells students apart -------------------------------------------------------

_LEAST = 10  # students: a correlation of fewer says nothing


def discrimination(name: str, graded: Sequence[Result]) -> float | None:
    """The correlation of the points of a question with those of all others; None if it has none.

    Above 0.3 a question tells apart who knows the rest; about 0 it does not, and below 0 it is
    often its key that is wrong.

    Source: Lord and Novick, Statistical Theories of Mental Test Scores, chapter 15 (item-rest).
    """
    pairs = [
        (mark.points, one.points - mark.points)
        for one in graded
        for mark in one.marks
        if mark.question == name and not is_pending(mark)
    ]
    if len(pairs) < _LEAST or any(len(set(side)) == 1 for side in zip(*pairs, strict=True)):
        return None
    return correlation(*map(list, zip(*pairs, strict=True)))


def mean_rest(name: str, label: str, graded: Sequence[Result]) -> float:
    """The mean points in the other questions of those whose answer has this label."""
    rest = [
        one.points - mark.points
        for one in graded
        for mark in one.marks
        if mark.question == name and mark.label == label
    ]
    return mean(rest)
