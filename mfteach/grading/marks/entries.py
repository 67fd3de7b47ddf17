"""What goes into nbgrader's gradebook for results that were graded before."""

from __future__ import annotations

from collections.abc import Callable

from mfteach.grading.assignments.given import given
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.gradebook import Entry
from mfteach.grading.marks.results import ClassResult
from mfteach.grading.settings import Course
from mfteach.grading.submissions import apart, notebooks
from mfteach.grading.submissions import typed as answers


def entries(
    course: Course,
    assignment: Assignment,
    result: ClassResult,
    fence: Fence,
    progress: Callable[[], object] = lambda: None,
) -> list[Entry]:
    """Return an entry for each submission that was graded; the notebooks are read again.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    result : ClassResult
    fence : Fence
        Notes who has none: whose notebook cannot be read, or is not the one that was graded.
    progress : callable
        Called after each student.
    """
    found = []
    for one in result.results:
        if one.digest is not None:
            with fence.around(one.student, "nbgrader's gradebook does not have these answers"):
                submission = notebooks.read(course.folder, one.student, assignment.name)
                if submission.digest != one.digest:
                    fence.note(one.student, "The notebook changed since: grade again.")
                    continue
                submission = apart.parsed(submission)
                sources = {q.name: answers.source(submission, q) for q in assignment.questions}
                release = given(course.folder, assignment.name, one.student)
                found.append(Entry(one, sources, release))
        progress()
    return found
