"""``mfteach-grade gradebook``: put scores and answers into nbgrader's gradebook."""

from __future__ import annotations

import argparse

from mfteach.grading.assignments.question_files import QuestionFileError
from mfteach.grading.commands.words import add_assignment, assignment_of
from mfteach.grading.files import alone, steps
from mfteach.grading.marks import gradebook
from mfteach.grading.marks.by_hand import FILE
from mfteach.grading.marks.entries import entries
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.results import ClassResult

MISTAKES = (QuestionFileError,)
add = add_assignment


def run(arguments: argparse.Namespace) -> int:
    """Put scores and answers into nbgrader's gradebook, to mark texts in its page.

    After that, grading keeps the gradebook up to date.
    """
    gradebook.check_installed()
    course, assignment = assignment_of(arguments)
    with alone(course.folder):
        result = ClassResult.load(course.folder, assignment.name)
        fence = Fence()
        with steps(f"{assignment.name}, answers", len(result.results)) as step:
            found = entries(course, assignment, result, fence, step)
        with steps(f"{assignment.name}, gradebook", len(found)) as step:
            gradebook.record(course.folder, assignment, found, fence, step)
    for one in fence.noted(result).results:
        if fence.stopped(one.student):
            print(f"{one.student}: {one.reason}")
    print(f"{len(found)} submissions: {course.folder / FILE}")
    print("Mark them in JupyterLab, menu Nbgrader, Formgrader; then run mfteach-grade export")
    return 0
