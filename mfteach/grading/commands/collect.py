"""``mfteach-grade collect``: put what was handed in into place."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from mfteach.grading.commands.words import GRADEBOOK, add_course, few
from mfteach.grading.exchange.collect import Decisions, Outcome, collect
from mfteach.grading.files import alone
from mfteach.grading.settings import Course
from mfteach.grading.students import shown
from mfteach.grading.submissions.collected import CANVAS, FOLDER

MISTAKES = ()


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "archive",
        type=Path,
        metavar="ZIP",
        help="Canvas's or Moodle's zip of all submissions, or a folder",
    )
    add_course(parser)
    parser.add_argument("--assignment", metavar="NAME", help="whose submissions these are")
    parser.add_argument(
        "--gradebook",
        type=Path,
        metavar="CSV",
        help=f"{GRADEBOOK}: says who is who; without a students.csv, makes one",
    )
    parser.add_argument(
        "--student",
        type=_pair,
        action="append",
        default=[],
        metavar="USER=ID",
        help="who the system's USER is; may be given more than once",
    )
    parser.add_argument(
        "--file",
        type=_pair,
        action="append",
        default=[],
        metavar="USER=NAME",
        help="which notebook of USER counts; may be given more than once",
    )


def _pair(text: str) -> tuple[str, str]:
    user, equals, value = text.partition("=")
    if not (user and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form USER=VALUE")
    return user, value


def run(arguments: argparse.Namespace) -> int:
    """Put what was handed in into submitted/, from Canvas, Moodle or a folder.

    What cannot be decided is asked, or listed with the option that decides it; then the exit
    status is 1.
    """
    course = Course.load(arguments.course)
    choose = _ask if sys.stdin.isatty() else lambda what, options: None
    decisions = Decisions(
        arguments.assignment, dict(arguments.student), dict(arguments.file), choose
    )
    with alone(course.folder):
        outcome = collect(course, arguments.archive, arguments.gradebook, decisions)
    print("\n".join(_said(course, outcome)))
    return 1 if outcome.unclear else 0


def _ask(what: str, options: Sequence[str]) -> str | None:
    """Ask a person at the terminal; an empty answer leaves it open."""
    print(what, file=sys.stderr)
    for number, option in enumerate(options[:20], 1):
        print(f"  {number}. {shown(option)}", file=sys.stderr)
    try:
        answer = input("Number or name (nothing: leave it out): ").strip()
    except EOFError:
        return None
    if answer.isdecimal() and 1 <= int(answer) <= len(options):
        return options[int(answer) - 1]
    return answer or None


def _said(course: Course, outcome: Outcome) -> Iterator[str]:
    folder = course.folder / "submitted"
    system = {CANVAS: "Canvas", FOLDER: "a folder"}.get(outcome.system, outcome.system.title())
    yield f"{outcome.assignment}, from {system}: {len(outcome.put)} submissions put into {folder}"
    for words, students in (
        ("replaced by a newer file", outcome.replaced),
        ("older than what is there, so left out", outcome.older),
        ("not a notebook, which grading will refuse", outcome.not_notebooks),
        ("handed in nothing", outcome.missing),
        ("not a submission of a student, so left out", outcome.left_out),
    ):
        if students:
            yield f"{words}: {few(students)}"
    yield from outcome.notes
    if outcome.late:
        yield (
            f"late, but by how much is not known: {few(outcome.late)}. Nothing is deducted until "
            f"the time stands in {folder}/STUDENT/{outcome.assignment}/timestamp.txt, such as "
            "2027-02-02 10:00 America/Chicago; or let the system deduct"
        )
    if outcome.untimed and outcome.assignment in course.due:
        yield (
            f"time of submission not known: {few(outcome.untimed)}. Nothing is deducted for "
            "lateness"
        )
    if outcome.unclear:
        yield "not collected:"
        yield from (f"  {one}" for one in outcome.unclear)
    yield f"next: mfteach-grade {outcome.assignment}"
