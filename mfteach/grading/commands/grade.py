"""``mfteach-grade ASSIGNMENT``: grade what was handed in."""

from __future__ import annotations

import argparse

from mfteach.console import UsageError
from mfteach.grading.assignments.question_files import Assignment, QuestionFileError
from mfteach.grading.assignments.variants import DrawError
from mfteach.grading.commands.sandbox_words import add_sandbox
from mfteach.grading.commands.words import add_assignment, assignment_of, print_summary
from mfteach.grading.files import alone, steps
from mfteach.grading.marks import gradebook
from mfteach.grading.marks.grade import Grader, check_seed, grade_class
from mfteach.grading.reports.explain import explain
from mfteach.grading.reports.page import templates
from mfteach.grading.reports.publish import publish
from mfteach.grading.sandbox.sandbox import SandboxUnavailable, find_sandbox
from mfteach.grading.settings import Course
from mfteach.grading.students import shown
from mfteach.grading.students import students as submitters

MISTAKES = (SandboxUnavailable, QuestionFileError, DrawError)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_assignment(parser)
    add_sandbox(parser)
    parser.add_argument(
        "--explain",
        metavar="STUDENT",
        help="grade only this student, write nothing, and show each answer and each call",
    )


def run(arguments: argparse.Namespace) -> int:
    """Grade an assignment; the word grade may be omitted.

    Exit status 0 if everyone has a row in grades.csv, whatever was submitted.
    """
    course, assignment = assignment_of(arguments)
    templates()  # says at once if a package that writes pages is missing
    if gradebook.is_used(course.folder):
        gradebook.check_installed()
    with alone(course.folder):
        grader = _grader(arguments, course, assignment)
        if arguments.explain is not None:
            return _explain(grader, arguments.explain)
        students = submitters(course.folder)
        with steps(assignment.name, len(students)) as step:
            result = grade_class(grader, arguments.processes, step)
        published = publish(course, assignment, result)
    print_summary(course, assignment, published)
    return 0


def _grader(arguments: argparse.Namespace, course: Course, assignment: Assignment) -> Grader:
    sandbox = find_sandbox(arguments.unsafe_no_sandbox, (course.folder.resolve(),))
    secrets = course.secrets()
    check_seed(course, secrets)
    return Grader(course, assignment, sandbox, arguments.time_limit, secrets)


def _explain(grader: Grader, student: str) -> int:
    if student not in submitters(grader.course.folder):
        raise UsageError(f"{shown(student)} is neither on the class list nor in submitted/")
    print(explain(grader.grade(student)))
    return 0
