"""Marks for other systems: one CSV file per format, late penalties included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.files import write
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.late import Lateness, lateness
from mfteach.grading.marks.results import OK, ClassResult, Result, table
from mfteach.grading.settings import Course
from mfteach.grading.students import class_list, is_id

Row = tuple[Any, ...]


def write_export(course: Course, assignment: Assignment, result: ClassResult, form: str) -> Path:
    """Write ``exports/ASSIGNMENT-FORM.csv`` and return it.

    Whose row fails gets one without points, which is not a row with 0 points.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    result : ClassResult
        With the teacher's marks.
    form : {"generic", "canvas", "moodle"}
    """
    head, row = FORMS[form]
    names, fence = class_list(course.folder), Fence()
    rows = [*head(assignment)]
    for one in result.results if form == "generic" else _enrolled(result):
        name = names.get(one.student, "")
        with fence.around(one.student, _FAILED):
            rows.append(row(assignment, one, name, lateness(course, assignment.name, one)))
        if fence.stopped(one.student):
            rows.append(row(assignment, one, name, None))
    file = course.folder / "exports" / f"{assignment.name}-{form}.csv"
    write(file, table(rows))
    return file


_FAILED = "This row could not be exported"


def _generic_head(assignment: Assignment) -> Iterator[Row]:
    """One row per student: each question, the total, days late, what counts."""
    names = [question.name for question in assignment.questions]
    about = ("days_late", "counts", "status")
    yield ("student", "name", "assignment", *names, "points", "max_points", *about)


def _generic(assignment: Assignment, one: Result, name: str, late: Lateness | None) -> Row:
    if late is None:
        return (one.student, name, assignment.name, *[""] * len(one.marks), *[""] * 4, _FAILED)
    points = [mark.points for mark in one.marks]
    return (
        *(one.student, name, assignment.name, *points),
        *(one.points, one.max_points, late.days, late.points, one.label),
    )


def _canvas_head(assignment: Assignment) -> Iterator[Row]:
    """For import into Canvas, which finds a student by the SIS Login ID."""
    yield ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment.name)
    yield ("Points Possible", "", "", "", "", assignment.points)


def _canvas(assignment: Assignment, one: Result, name: str, late: Lateness | None) -> Row:
    points = "" if late is None else late.points
    return (name or one.student, "", "", one.student, "", points)


def _moodle_head(assignment: Assignment) -> Iterator[Row]:
    """For import into Moodle: choose "ID number" or "username" to map the first column."""
    yield ("ID number", assignment.name, "Feedback comments")


def _moodle(assignment: Assignment, one: Result, name: str, late: Lateness | None) -> Row:
    if late is None:
        return (one.student, "", f"{_FAILED}.")
    return (one.student, late.points, _comment(one, late.days))


def _comment(one: Result, days: int) -> str:
    late = f"{days} {'day' if days == 1 else 'days'} late." if days else ""
    return " ".join(part for part in (late, one.summary) if part not in ("", OK))


def _enrolled(result: ClassResult) -> Iterator[Result]:
    """Leave out folders whose name is not an id: no student in the other system has that name."""
    return (one for one in result.results if is_id(one.student))


_Head = Callable[[Assignment], Iterator[Row]]
_Row = Callable[[Assignment, Result, str, Lateness | None], Row]
FORMS: Mapping[str, tuple[_Head, _Row]] = {
    "generic": (_generic_head, _generic),
    "canvas": (_canvas_head, _canvas),
    "moodle": (_moodle_head, _moodle),
}
"""The first rows of each format, and the row of a student; without a time the row has failed."""
