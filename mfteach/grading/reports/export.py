"""Marks for other systems: one CSV file per format, late penalties included.

Only a final total is a number. Whoever handed in nothing, was refused, or has an answer that no
person has marked yet, gets an empty cell and a word that says which of these it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mfteach.grading.assignments.outline import AnyAssignment
from mfteach.grading.files import write
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.late import Deadlines, Lateness
from mfteach.grading.marks.results import FINAL, MISSING, OK, ClassResult, Result, table
from mfteach.grading.settings import Course
from mfteach.grading.students import class_list, is_id
from mfteach.grading.submissions.collected import CANVAS, Collected

Cells = tuple[Any, ...]
EXPORT_FAILED = "This row could not be exported"


@dataclass(frozen=True)
class Row:
    """What is exported about a student.

    Parameters
    ----------
    result : Result
    name : str
    late : Lateness or None
        None if the row failed.
    late_words : str
    user : str
        What Canvas calls the student, if that is known.
    """

    result: Result
    name: str = ""
    late: Lateness | None = None
    late_words: str = ""
    user: str = ""

    @property
    def standing(self) -> str:
        """Say "final", or why there is no total."""
        return EXPORT_FAILED if self.late is None else self.result.standing

    @property
    def points(self) -> float | str:
        """What counts; empty unless it is final."""
        return self.late.points if self.late is not None and self.standing == FINAL else ""

    @property
    def comment(self) -> str:
        """What a person reads beside it."""
        if self.late is None:
            return f"{EXPORT_FAILED}."
        if self.standing == MISSING:
            return "Nothing was handed in."
        late = self.late_words if self.result.label == OK else ""
        return " ".join(part for part in (late, self.result.summary) if part not in ("", OK))


def rows(course: Course, assignment: AnyAssignment, result: ClassResult) -> list[Row]:
    """Return what is exported about each student.

    Parameters
    ----------
    course : Course
    assignment : AnyAssignment
    result : ClassResult
        With the teacher's marks.
    """
    names, fence = class_list(course.folder), Fence()
    deadlines = Deadlines(course, assignment.name)
    collected = Collected.load(course.folder, assignment.name)
    origins = collected.origins if collected.system == CANVAS else {}
    found = []
    for one in result.results:
        late = None
        with fence.around(one.student, EXPORT_FAILED):
            late = deadlines.lateness(one)
        words = deadlines.words(late) if late else ""
        user = origins[one.student].user if one.student in origins else ""
        found.append(Row(one, names.get(one.student, ""), late, words, user))
    return found


def write_export(course: Course, assignment: AnyAssignment, result: ClassResult, form: str) -> Path:
    """Write ``exports/ASSIGNMENT-FORM.csv`` and return it.

    Parameters
    ----------
    course : Course
    assignment : AnyAssignment
    result : ClassResult
        With the teacher's marks.
    form : {"generic", "canvas", "moodle"}
    """
    head, cells = FORMS[form]
    listed = rows(course, assignment, result)
    if form != "generic":  # no student in the other system has a name that is not an id
        listed = [row for row in listed if is_id(row.result.student)]
    lines = [*head(assignment)]
    for row in listed:
        fence = Fence()
        with fence.around(row.result.student, EXPORT_FAILED):
            lines.append(cells(assignment, row))
        if fence.stopped(row.result.student):
            lines.append(cells(assignment, Row(row.result)))
    file = course.folder / "exports" / f"{assignment.name}-{form}.csv"
    write(file, table(lines))
    return file


def _generic_head(assignment: AnyAssignment) -> Iterator[Cells]:
    """One row per student: each question, the total, days late, what counts."""
    names = [question.name for question in assignment.questions]
    about = ("days_late", "counts", "status", "comment")
    yield ("student", "name", "assignment", *names, "points", "max_points", *about)


def _generic(assignment: AnyAssignment, row: Row) -> Cells:
    one = row.result
    if row.late is None:
        blank = [""] * (len(one.marks) + 4)
        return (one.student, row.name, assignment.name, *blank, EXPORT_FAILED, row.comment)
    is_graded = one.label == OK
    points = [
        mark.points if is_graded and mark.question not in one.unmarked else "" for mark in one.marks
    ]
    total = one.points if row.standing == FINAL else ""
    days = row.late.days if is_graded and (row.late.is_known or row.late.days) else ""
    return (
        *(one.student, row.name, assignment.name, *points),
        *(total, one.max_points, days, row.points, row.standing, row.comment),
    )


def _canvas_head(assignment: AnyAssignment) -> Iterator[Cells]:
    """For import into Canvas, which finds a student by the ID or by the SIS Login ID."""
    yield ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment.name)
    yield ("Points Possible", "", "", "", "", assignment.points)


def _canvas(assignment: AnyAssignment, row: Row) -> Cells:
    student = row.result.student
    return (row.name or student, row.user, "", student, "", row.points)


def _moodle_head(assignment: AnyAssignment) -> Iterator[Cells]:
    """For import into Moodle: choose "ID number" or "username" to map the first column."""
    yield ("ID number", assignment.name, "Feedback comments")


def _moodle(assignment: AnyAssignment, row: Row) -> Cells:
    return (row.result.student, row.points, row.comment)


_Head = Callable[[AnyAssignment], Iterator[Cells]]
_Cells = Callable[[AnyAssignment, Row], Cells]
FORMS: Mapping[str, tuple[_Head, _Cells]] = {
    "generic": (_generic_head, _generic),
    "canvas": (_canvas_head, _canvas),
    "moodle": (_moodle_head, _moodle),
}
"""The first rows of each format, and the row of a student."""
