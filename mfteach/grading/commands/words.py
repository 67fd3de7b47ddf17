"""What the commands of ``mfteach-grade`` share: the course, the assignment, how things are said."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mfteach.grading.assignments.outline import AnyAssignment, Outline
from mfteach.grading.marks import gradebook
from mfteach.grading.reports.publish import Published
from mfteach.grading.reports.report import summary
from mfteach.grading.settings import Course
from mfteach.grading.students import shown

if TYPE_CHECKING:
    from mfteach.grading.assignments.question_files import Assignment

GRADEBOOK = (
    "Canvas's gradebook (Grades, Export, Export Entire Gradebook) or Moodle's grading worksheet, "
    "as it was downloaded"
)
"""What ``--gradebook`` is."""


def add_course(parser: argparse.ArgumentParser) -> None:
    """Add ``--course``."""
    default = "exercises" if Path("exercises").is_dir() else "."
    parser.add_argument(
        "--course",
        type=Path,
        default=Path(default),
        metavar="DIR",
        help="the folder with questions/, checks/, release/ and submitted/ (default: exercises, "
        "or the current folder)",
    )


def add_assignment(parser: argparse.ArgumentParser) -> None:
    """Add the name of an assignment, and ``--course``."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="such as 03-power-rule")
    add_course(parser)


def assignment_of(arguments: argparse.Namespace) -> tuple[Course, Assignment]:
    """Return the course and the assignment that a command names, with its checks."""
    course = Course.load(arguments.course)
    return course, named(course, arguments.assignment)


def named(course: Course, name: str) -> Assignment:
    """Return an assignment of the course, with its checks.

    Raises
    ------
    UsageError
        If there is none of this name; names those that exist.
    """
    from mfteach.grading.assignments.question_files import Assignment  # a second, for its checks

    Outline.load(course.folder, name)
    return Assignment.load(course.folder, name)


def outline_of(arguments: argparse.Namespace) -> tuple[Course, Outline]:
    """Return the course and the assignment that a command names, without its checks."""
    course = Course.load(arguments.course)
    return course, Outline.load(course.folder, arguments.assignment)


def few(names: Iterable[str]) -> str:
    """Return a list that stays readable for a large class."""
    names = sorted(names)
    listed = ", ".join(map(shown, names[:12]))
    return listed if len(names) <= 12 else f"{listed} and {len(names) - 12} more"


def print_summary(course: Course, assignment: AnyAssignment, published: Published) -> None:
    """Print the report in a few lines, and where everything is."""
    print(summary(course, assignment, published.result))
    if any(one.unmarked for one in published.result.results) and not gradebook.is_used(
        course.folder
    ):
        cure = "" if gradebook.is_installed() else f" (it needs nbgrader: {gradebook.CURE})"
        print(f"to mark them: mfteach-grade gradebook {assignment.name}{cure}")
    print(f"grades:   {published.grades}")
    print(f"feedback: {course.folder / 'feedback'} ({len(published.feedback)} pages)")
    print(f"report:   {published.report}")
