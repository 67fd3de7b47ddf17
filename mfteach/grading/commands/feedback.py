"""``mfteach-grade feedback``: write grades, feedback and report again."""

from __future__ import annotations

import argparse

from mfteach.grading.commands.words import add_assignment, outline_of, print_summary
from mfteach.grading.files import alone
from mfteach.grading.marks.results import ClassResult
from mfteach.grading.reports.publish import publish

MISTAKES = ()
add = add_assignment


def run(arguments: argparse.Namespace) -> int:
    """Write grades, feedback and report again, including marks given by hand since then.

    Nothing is graded again: run this after marking texts in nbgrader.
    """
    course, assignment = outline_of(arguments)
    with alone(course.folder):
        published = publish(course, assignment, ClassResult.load(course.folder, assignment.name))
    print_summary(course, assignment, published)
    return 0
