"""``mfteach-grade gradebook``: put scores and answers into nbgrader's gradebook."""

from __future__ import annotations

import argparse

from tqdm.auto import tqdm

from mfteach.grading.assignments.question_files import QuestionFileError
from mfteach.grading.commands.words import add_assignment, assignment_of
from mfteach.grading.files import alone
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
        total = len(result.results) + sum(one.digest is not None for one in result.results)
        with tqdm(total=total, unit="step", desc=assignment.name) as bar:
            found = entries(course, assignment, result, fence, bar.update)
            gradebook.record(course.folder, assignment, found, fence, bar.update)
            bar.update(total - bar.n)
    for one in fence.noted(result).results:
        if fence.stopped(one.student):
            print(f"{one.student}: {one.reason}")
    print(f"{len(found)} submissions: {course.folder / FILE}")
    print("Mark them in JupyterLab, menu Nbgrader, Formgrader; then run mfteach-grade export")
    return 0
