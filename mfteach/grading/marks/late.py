"""Late penalties, by one rule."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from mfteach.grading.marks.results import Result
from mfteach.grading.settings import Course

RULE = (
    "Each day begun after the due date ([due] in course.toml) costs the share [late] per_day of "
    "the points. A submission without a known time (nbgrader's timestamp.txt) is not late."
)
_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Lateness:
    """How late a submission was, and how many of its points remain.

    Parameters
    ----------
    days : int
        Days begun after the due date; 0 if it was on time, or if that is not known.
    points : float
        After the penalty, rounded to two places.
    is_known : bool
        Whether the time of submission is known.
    """

    days: int
    points: float
    is_known: bool


def lateness(course: Course, assignment: str, result: Result) -> Lateness:
    """Return how late a submission was and how many points remain."""
    due = course.due.get(assignment)
    if due is None or result.submitted_at is None:
        return Lateness(0, round(result.points, 2), result.submitted_at is not None)
    seconds = (datetime.fromisoformat(result.submitted_at) - due).total_seconds()
    days = max(0, math.ceil(seconds / _DAY))
    share = max(0.0, 1 - days * course.late_per_day)
    return Lateness(days, round(result.points * share, 2), True)
