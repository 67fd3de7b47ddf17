"""Late penalties, by one rule."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mfteach.console import UsageError
from mfteach.grading.marks.results import Result
from mfteach.grading.settings import Course
from mfteach.grading.students import shown
from mfteach.grading.submissions.collected import Collected

RULE = (
    "Each day begun after the due date ([due] in course.toml, or a student's own in "
    "extensions.csv) and [late] grace_minutes costs the share [late] per_day of the points, down "
    "to [late] floor. Days are those of the course's timezone. Without a known time of submission "
    "(timestamp.txt) nothing is deducted, and this is said."
)
EXTENSIONS = "extensions.csv"
_YEAR = 366  # beyond it an hour more or less is nothing, and the calendar may end
_COLUMNS = ("student", "assignment", "due")


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
    by_system : bool
        Whether the class's system says that it was late; its time is not known.
    """

    days: int
    points: float
    is_known: bool
    by_system: bool = False


class Deadlines:
    """When an assignment is due, for each student, and what a late day costs.

    Parameters
    ----------
    course : Course
    assignment : str

    Raises
    ------
    UsageError
        If ``extensions.csv`` cannot be used; names the line.
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self.course = course
        self.due = course.due.get(assignment)
        self.extended = extensions(course).get(assignment, {})
        self.late_by_system = {
            student
            for student, origin in Collected.load(course.folder, assignment).origins.items()
            if origin.late
        }

    @property
    def are_over(self) -> bool:
        """Whether the due date has passed for everybody; without one it never does."""
        if self.due is None:
            return False
        return datetime.now(UTC) >= max([self.due, *self.extended.values()])

    def lateness(self, result: Result) -> Lateness:
        """Return how late a submission was and how many points remain."""
        points = round(result.points, 2)
        due = self.extended.get(result.student, self.due)
        if result.submitted_at is None:
            by_system = result.student in self.late_by_system
            return Lateness(0, points, False, by_system)
        if due is None:
            return Lateness(0, points, True)
        days = self._days(datetime.fromisoformat(result.submitted_at), due)
        share = max(self.course.late_floor, 1 - days * self.course.late_per_day) if days else 1.0
        return Lateness(days, round(result.points * share, 2), True)

    def words(self, late: Lateness) -> str:
        """Return what is said about it; nothing if it was on time, or if nothing is ever late."""
        if late.days:
            return f"{late.days} {'day' if late.days == 1 else 'days'} late."
        if late.by_system:
            return "Late, but the time is not known: no points were deducted."
        return "" if late.is_known or self.due is None else "The time of submission is not known."

    def _days(self, submitted: datetime, due: datetime) -> int:
        """Days begun, from one time of day to the same of the next, also when clocks change."""
        end = due.astimezone(UTC) + self.course.grace
        days = max(0, math.ceil((submitted - end) / timedelta(days=1)))
        if not 0 < days < _YEAR:
            return days
        local = end.astimezone(self.course.timezone)
        passed = (submitted > (local + timedelta(days=n)).astimezone(UTC) for n in range(days + 1))
        return sum(passed)


def extensions(course: Course) -> Mapping[str, Mapping[str, datetime]]:
    """Return who has another due date, by assignment and student, from ``extensions.csv``.

    Its columns are student, assignment and due, a date and time such as 2027-02-03 23:59, in the
    course's time zone unless it says another.

    Raises
    ------
    UsageError
        If a line cannot be read; names it.
    """
    file = course.folder / EXTENSIONS
    if not file.is_file():
        return {}
    found: dict[str, dict[str, datetime]] = {}
    for line, row in _rows(file):
        student, assignment, due = ((row.get(name) or "").strip() for name in _COLUMNS)
        if not student or not assignment:
            raise UsageError(f"{file}, line {line}: write a student, an assignment and a due date")
        if not (course.folder / "questions" / f"{assignment}.toml").is_file():
            raise UsageError(f"{file}, line {line}: there is no assignment '{shown(assignment)}'")
        found.setdefault(assignment, {})[student] = _due(course, file, line, due)
    return found


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream, skipinitialspace=True)
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read: {error}; save it as CSV in UTF-8") from error
    if set(_COLUMNS) - set(reader.fieldnames or ()):
        raise UsageError(f"{file}: its first line must be {','.join(_COLUMNS)}")
    return rows


def _due(course: Course, file: Path, line: int, text: str) -> datetime:
    try:
        due = datetime.fromisoformat(text)
        if "T" not in text and " " not in text:
            raise ValueError("no time")
        due = due if due.tzinfo else due.replace(tzinfo=course.timezone)
        return due.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{file}, line {line}: due must be a date and time such as 2027-02-03 23:59, not "
            f"'{shown(text)}'"
        ) from error


def lateness(course: Course, assignment: str, result: Result) -> Lateness:
    """Return how late one submission was and how many points remain."""
    return Deadlines(course, assignment).lateness(result)
