"""``mfteach-grade export``: marks and feedback for the class's own system."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from mfteach.console import UsageError
from mfteach.grading.assignments.given import given
from mfteach.grading.assignments.outline import AnyAssignment
from mfteach.grading.commands.words import GRADEBOOK, add_assignment, few, outline_of
from mfteach.grading.exchange.hand_back import Feedback, Filled, feedback_zip, fill
from mfteach.grading.exchange.people import people
from mfteach.grading.exchange.tables import Table
from mfteach.grading.files import alone, write
from mfteach.grading.marks import late
from mfteach.grading.marks.by_hand import manual_marks
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.late import Deadlines
from mfteach.grading.marks.results import FINAL, MISSING, ClassResult, Result
from mfteach.grading.reports.export import FORMS, Row, rows, write_export
from mfteach.grading.reports.feedback import feedback, sheet
from mfteach.grading.reports.notebook import notebook
from mfteach.grading.reports.page import templates
from mfteach.grading.reports.publish import Printed, solutions_for
from mfteach.grading.settings import Course
from mfteach.grading.submissions.collected import FOLDER, Collected, kept_gradebook

MISTAKES = ()


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_assignment(parser)
    parser.add_argument(
        "--gradebook",
        type=Path,
        metavar="CSV",
        help=f"{GRADEBOOK}, to be filled (default: the one that collect was given)",
    )
    parser.add_argument(
        "--column", metavar="TITLE", help="the assignment's column in Canvas's gradebook"
    )
    parser.add_argument(
        "--format",
        choices=FORMS,
        action="append",
        help="only this one; may be given more than once (default: that of the system collected "
        "from, and a generic one)",
    )
    parser.epilog = late.RULE


def run(arguments: argparse.Namespace) -> int:
    """Write marks and feedback for Canvas, Moodle and others, late penalties included.

    Into exports/. Only final marks are filled in; who has none, and why, is listed.
    """
    course, assignment = outline_of(arguments)
    templates()
    with alone(course.folder):
        result = ClassResult.load(course.folder, assignment.name)
        manual = manual_marks(course.folder, assignment, fence := Fence())
        result = fence.noted(result.with_manual(manual))
        listed = rows(course, assignment, result)
        for line in _exported(arguments, course, assignment, result, listed):
            print(line)
    for line in _open(listed):
        print(line)
    return 0


def _exported(
    arguments: argparse.Namespace,
    course: Course,
    assignment: AnyAssignment,
    result: ClassResult,
    listed: Sequence[Row],
) -> Iterator[str]:
    collected = Collected.load(course.folder, assignment.name)
    file = arguments.gradebook or kept_gradebook(course.folder, assignment.name)
    theirs = Table.read(file) if arguments.gradebook or file.is_file() else None
    if arguments.column and theirs is None:
        raise UsageError("--column is one of a gradebook: give that too, with --gradebook CSV")
    system = theirs.system if theirs else collected.system
    forms = arguments.format or [f for f in FORMS if f in ("generic", system)]
    forms = forms if len(forms) > 1 or arguments.format else list(FORMS)
    filled = None
    if theirs is not None and theirs.system in forms:
        decided = {origin.user: student for student, origin in collected.origins.items()}
        who = people(course.folder, theirs, decided if system == collected.system else {})
        filled = fill(theirs, assignment, listed, who, arguments.column)
    for form in forms:
        if filled is None or form != system:
            yield f"{write_export(course, assignment, result, form)}"
            continue
        written = course.folder / "exports" / f"{assignment.name}-{form}.csv"
        write(written, filled.text)
        yield f"{written}: {filled.marks} marks"
        yield from _left(filled)
    if collected.system in forms and collected.system != FOLDER:
        yield from _feedback(course, assignment, collected, listed)


def _left(filled: Filled) -> Iterator[str]:
    for why, students in filled.left.items():
        if why not in _EXPLAINED:
            yield f"  left as it was ({why}): {few(students)}"


_EXPLAINED = {MISSING, "refused", "not marked yet", "grading failed"}


def _feedback(
    course: Course, assignment: AnyAssignment, collected: Collected, listed: Sequence[Row]
) -> Iterator[str]:
    deadlines = Deadlines(course, assignment.name)
    pages = {}
    fence = Fence()
    for row in listed:
        student = row.result.student
        if row.standing in (FINAL, "refused"):
            with fence.around(student, "No feedback could be written"):
                pages[student] = _one(deadlines, assignment, row.result)
    file = course.folder / "exports" / f"{assignment.name}-{collected.system}-feedback.zip"
    without = feedback_zip(file, assignment, collected, pages)
    yield f"{file}: {len(pages) - len(without)} files"
    if without:
        yield f"  no notebook of theirs that could come back: {few(without)}"


def _one(deadlines: Deadlines, assignment: AnyAssignment, result: Result) -> Feedback:
    printed = Printed.of(given(deadlines.course.folder, assignment.name, result.student))
    solved = solutions_for(deadlines, assignment.name, result.student)
    about = (deadlines, assignment, result, printed.titles, printed.hints, solved)
    return Feedback(lambda: notebook(sheet(*about)), lambda: feedback(*about))


def _open(listed: Sequence[Row]) -> Iterator[str]:
    """Who has no final mark, and what can be done."""
    by_standing: dict[str, list[str]] = {}
    for row in listed:
        by_standing.setdefault(row.standing, []).append(row.result.student)
    for standing, students in by_standing.items():
        if standing != FINAL:
            yield f"no mark, {standing}: {few(students)}"
    unknown = [
        (row.late.by_system, row.result.student)
        for row in listed
        if row.late and not row.late.is_known and row.late_words and row.result.digest
    ]
    late_ones = [student for is_late, student in unknown if is_late]
    if late_ones:
        yield f"late, but by how much is not known; nothing deducted: {few(late_ones)}"
    others = [student for is_late, student in unknown if not is_late]
    if others:
        yield f"time of submission not known; nothing deducted: {few(others)}"
