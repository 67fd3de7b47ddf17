"""``mfteach-grade check-release``: check that every release matches its source."""

from __future__ import annotations

import argparse

from mfteach.grading.assignments.question_files import QuestionFileError, assignment_names
from mfteach.grading.assignments.release import ReleaseError, check_release
from mfteach.grading.assignments.variants import DrawError
from mfteach.grading.commands.words import add_course
from mfteach.grading.settings import Course

MISTAKES = (QuestionFileError, DrawError, ReleaseError)
add = add_course


def run(arguments: argparse.Namespace) -> int:
    """Check that every release matches its source, and that nothing leaks.

    Exit status 1 if not.
    """
    course = Course.load(arguments.course)
    problems = check_release(course.folder)
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(assignment_names(course.folder))} releases: all match their sources, no leaks")
    return 1 if problems else 0
