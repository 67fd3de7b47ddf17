"""Solutions, which come with the feedback once an assignment is due."""

from __future__ import annotations

import re

from mfteach.grading.assignments.check_cells import grade_id
from mfteach.grading.assignments.given import variant_file
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.release import rendered_source
from mfteach.grading.assignments.variants import Variant, draw, sample
from mfteach.grading.marks.late import Deadlines
from mfteach.grading.settings import Course

__all__ = ["is_due", "solutions"]

_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\n *### END SOLUTION", re.DOTALL)


def is_due(course: Course, assignment: str) -> bool:
    """Whether everybody's due date has passed; without one it never does."""
    return Deadlines(course, assignment).are_over


def solutions(course: Course, assignment: Assignment, student: str) -> dict[str, str]:
    """Return the solution of each question for a student's numbers; none before the due date.

    The way in which a text is marked is left out: the notebook prints it.
    """
    if not is_due(course, assignment.name):
        return {}
    found = {}
    for cell in rendered_source(course.folder, _variant(course, assignment, student))["cells"]:
        solution = _SOLUTION.search("".join(cell["source"]))
        if solution:
            found[grade_id(cell)] = solution[1].partition("\n\nMarks: ")[0]
    return found


def _variant(course: Course, assignment: Assignment, student: str) -> Variant:
    if not variant_file(course.folder, student, assignment.name).is_file():
        return sample(assignment)
    return draw(assignment, course.secrets().seed, student)
