"""Marks for other systems: one CSV file per format, late penalties included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.files import write
from mfteach.grading.marks.late import lateness
from mfteach.grading.marks.results import OK, ClassResult, Result, table
from mfteach.grading.settings import Course
from mfteach.grading.students import class_list, is_id

Row = tuple[Any, ...]


def write_export(course: Course, assignment: Assignment, result: ClassResult, form: str) -> Path:
    """Write ``exports/ASSIGNMENT-FORM.csv`` and return it.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    result : ClassResult
        With the teacher's marks.
    form : {"generic", "canvas", "moodle"}
    """
    rows = FORMS[form](course, assignment, result)
    file = course.folder / "exports" / f"{assignment.name}-{form}.csv"
    write(file, table(rows))
    return file


def _generic(course: Course, assignment: Assignment, result: ClassResult) -> Iterator[Row]:
    """One row per student: each question, the total, days late, what counts."""
    names = [question.name for question in assignment.questions]
    about = ("days_late", "counts", "status")
    yield ("student", "name", "assignment", *names, "points", "max_points", *about)
    known = class_list(course.folder)
    for one in result.results:
        late = lateness(course, assignment.name, one)
        points = [mark.points for mark in one.marks]
        yield (
            *(one.student, known.get(one.student, ""), assignment.name, *points),
            *(one.points, one.max_points, late.days, late.points, one.label),
        )


def _canvas(course: Course, assignment: Assignment, result: ClassResult) -> Iterator[Row]:
    """For import into Canvas, which finds a student by the SIS Login ID."""
    yield ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment.name)
    yield ("Points Possible", "", "", "", "", assignment.points)
    known = class_list(course.folder)
    for one in _enrolled(result):
        points = lateness(course, assignment.name, one).points
        yield (known.get(one.student, "") or one.student, "", "", one.student, "", points)


def _moodle(course: Course, assignment: Assignment, result: ClassResult) -> Iterator[Row]:
    """For import into Moodle: choose "ID number" or "username" to map the first column."""
    yield ("ID number", assignment.name, "Feedback comments")
    for one in _enrolled(result):
        late = lateness(course, assignment.name, one)
        yield (one.student, late.points, _comment(one, late.days))


def _comment(one: Result, days: int) -> str:
    late = f"{days} {'day' if days == 1 else 'days'} late." if days else ""
    return " ".join(part for part in (late, one.summary) if part not in ("", OK))


def _enrolled(result: ClassResult) -> Iterator[Result]:
    """Leave out folders whose name is not an id: no student in the other system has that name."""
    return (one for one in result.results if is_id(one.student))


FORMS: Mapping[str, Callable[[Course, Assignment, ClassResult], Iterator[Row]]] = {
    "generic": _generic,
    "canvas": _canvas,
    "moodle": _moodle,
}
