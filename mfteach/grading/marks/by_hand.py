"""What the teacher entered in nbgrader's page, read from its database without loading nbgrader."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from mfteach.console import UsageError
from mfteach.grading.assignments.outline import AnyAssignment, AnyQuestion
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.results import Manual

FILE = "gradebook.db"
_WHOSE = """
 FROM {table} AS entry
 JOIN base_cell AS cell ON entry.cell_id = cell.id
 JOIN submitted_notebook AS submitted ON entry.notebook_id = submitted.id
 JOIN submitted_assignment AS whole ON submitted.assignment_id = whole.id
 JOIN assignment ON whole.assignment_id = assignment.id
 WHERE assignment.name = ?
"""
_GRADES = (
    "SELECT whole.student_id, cell.name, entry.manual_score, entry.extra_credit,"
    " entry.needs_manual_grade" + _WHOSE.format(table="grade")
)
_COMMENTS = "SELECT whole.student_id, cell.name, entry.manual_comment" + _WHOSE.format(
    table="comment"
)


def manual_marks(
    course: Path, assignment: AnyAssignment, fence: Fence
) -> dict[tuple[str, str], Manual]:
    """Return what the teacher entered, by student and question; empty without a gradebook.

    A rubric that still stands as it was put there is not a comment until points are given.

    Parameters
    ----------
    course : Path
    assignment : AnyAssignment
    fence : Fence
        Notes whose marks could not be read.

    Raises
    ------
    UsageError
        If the gradebook cannot be read: it is in use, or of another version of nbgrader.
    """
    file = course / FILE
    if not file.is_file() or file.stat().st_size == 0:
        return {}
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as book:
            grades = book.execute(_GRADES, (assignment.name,)).fetchall()
            comments = book.execute(_COMMENTS, (assignment.name,)).fetchall()
    except sqlite3.DatabaseError as error:
        raise unusable(file, str(error)) from error
    said = {(student, name): comment or "" for student, name, comment in comments}
    questions = {graded_cell(question): question for question in assignment.questions}
    found = {}
    for student, cell, score, extra, again in grades:
        question = questions.get(cell)
        if question is None:
            continue
        with fence.around(str(student), "Marks given by hand could not be read"):
            points = _points(str(student), score, extra)
            comment = said.get((student, question.name), "")
            if points is None and comment.strip() == rubric(question):
                comment = ""  # nobody has touched it yet
            if points is not None or comment:
                found[str(student), question.name] = Manual(points, comment, bool(again))
    return found


def _points(student: str, score: float | None, extra: float | None) -> float | None:
    """What the teacher gave a student, extra credit included."""
    return None if score is None else float(score) + float(extra or 0)


def rubric(question: AnyQuestion) -> str:
    """Return a text's criteria as they stand in the comment field, to be kept or struck."""
    return "\n".join(f"[{points:g}] {says}" for points, says in question.facts.get("criteria", []))


def graded_cell(question: AnyQuestion) -> str:
    """Return the cell that carries the points of a question."""
    return question.name if question.kind == "text" else f"{question.name}-check"


def unusable(file: Path, why: str) -> UsageError:
    """Say why a gradebook cannot be used, and what to do about just that."""
    if "full" in why:
        cure = "there is no room left on the disk: make some, and run this again"
    elif "readonly" in why or "read-only" in why:
        cure = "it cannot be written: give yourself the right to write there, and run this again"
    elif "no such" in why or "not a database" in why or "malformed" in why:
        cure = (
            "it is damaged, or of another version of nbgrader: in its folder run "
            "nbgrader db upgrade, or move it away if it holds no marks of yours"
        )
    else:
        cure = "close the program that uses it and run this again"
    return UsageError(f"{file} cannot be used ({why}); {cure}")
