"""``mfteach-grade demo-class``: a class to try things out with."""

from __future__ import annotations

import argparse
from pathlib import Path

from mfteach.console import at_least_one
from mfteach.grading import demo
from mfteach.grading.assignments.release import ReleaseError
from mfteach.grading.commands import grade
from mfteach.grading.commands.sandbox_words import add_sandbox
from mfteach.grading.commands.words import add_course, assignment_of
from mfteach.grading.reports.page import templates
from mfteach.grading.sandbox.sandbox import find_sandbox

MISTAKES = (*grade.MISTAKES, ReleaseError)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_course(parser)
    parser.add_argument(
        "--assignment",
        default="03-power-rule",
        metavar="ASSIGNMENT",
        help="what they submit (default: %(default)s)",
    )
    parser.add_argument(
        "--to",
        type=Path,
        default=Path("_build/demo-class"),
        metavar="DIR",
        help="where the demo course is put; what is there is replaced (default: %(default)s)",
    )
    parser.add_argument(
        "--students",
        type=at_least_one,
        default=40,
        metavar="N",
        help="how many (default: %(default)s)",
    )
    add_sandbox(parser)


def run(arguments: argparse.Namespace) -> int:
    """Invent the submissions of a class, in a separate course, and grade them.

    Nothing in your own course is changed.
    """
    assignment_of(arguments)  # is there such an assignment?
    templates()
    find_sandbox(arguments.unsafe_no_sandbox, (arguments.to.resolve(),))  # before the work
    demo.make_class(arguments.course, arguments.to, arguments.assignment, arguments.students)
    print(f"{arguments.students} invented students: {arguments.to / 'submitted'}")
    arguments.course, arguments.explain = arguments.to, None
    return grade.run(arguments)
