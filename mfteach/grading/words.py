"""The words that the commands of ``mfteach-grade`` share: the course, the assignment."""

from __future__ import annotations

import argparse
from pathlib import Path

from mfteach.console import UsageError
from mfteach.grading.assignments.question_files import Assignment, assignment_names
from mfteach.grading.settings import Course


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


def loaded(arguments: argparse.Namespace) -> tuple[Course, Assignment]:
    """Return the course and the assignment that a command names."""
    course = Course.load(arguments.course)
    return course, named(course, arguments.assignment)


def named(course: Course, name: str) -> Assignment:
    """Return an assignment of the course.

    Raises
    ------
    UsageError
        If there is none of this name; names those that exist.
    """
    names = assignment_names(course.folder)
    if name not in names:
        known = ", ".join(names) or "none"
        raise UsageError(f"there is no assignment {name!r}; the course has: {known}")
    return Assignment.load(course.folder, name)
