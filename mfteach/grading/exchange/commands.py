"""The commands ``mfteach-grade collect`` and ``mfteach-grade export``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mfteach.console import UsageError
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.exchange.collect import Decisions, Outcome, collect
from mfteach.grading.exchange.hand_back import Feedback, Filled, feedback_zip, fill
from mfteach.grading.exchange.people import people
from mfteach.grading.exchange.tables import Table
from mfteach.grading.files import alone, write
from mfteach.grading.marks import late
from mfteach.grading.marks.by_hand import manual_marks
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.grade import given
from mfteach.grading.marks.late import Deadlines
from mfteach.grading.marks.results import FINAL, MISSING, ClassResult, Result
from mfteach.grading.reports.export import FORMS, Row, rows, write_export
from mfteach.grading.reports.feedback import Sheet, feedback, sheet
from mfteach.grading.reports.notebook import notebook
from mfteach.grading.reports.page import templates
from mfteach.grading.reports.publish import Printed
from mfteach.grading.settings import Course
from mfteach.grading.students import shown
from mfteach.grading.submissions.collected import CANVAS, FOLDER, Collected, kept_gradebook
from mfteach.grading.words import add_assignment, add_course, loaded

_GRADEBOOK = (
    "Canvas's gradebook (Grades, Export, Export Entire Gradebook) or Moodle's grading worksheet, "
    "as it was downloaded"
)


# In ----------------------------------------------------------------------------------------------


def add_collect(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``collect``."""
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
        help=f"{_GRADEBOOK}: says who is who; without a students.csv, makes one",
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


def run_collect(arguments: argparse.Namespace) -> int:
    """Put what was handed in into submitted/, from a zip of Canvas or Moodle or from a folder.

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
            yield f"{words}: {_few(students)}"
    yield from outcome.notes
    if outcome.late:
        yield (
            f"late, but by how much is not known: {_few(outcome.late)}. Nothing is deducted until "
            f"the time stands in {folder}/STUDENT/{outcome.assignment}/timestamp.txt, such as "
            "2027-02-02 10:00 America/Chicago; or let the system deduct"
        )
    if outcome.untimed and outcome.assignment in course.due:
        yield (
            f"time of submission not known: {_few(outcome.untimed)}. Nothing is deducted for "
            "lateness"
        )
    if outcome.unclear:
        yield "not collected:"
        yield from (f"  {one}" for one in outcome.unclear)
    yield f"next: mfteach-grade {outcome.assignment}"


def _few(names: Iterable[str]) -> str:
    """A list that stays readable for a large class."""
    names = sorted(names)
    listed = ", ".join(map(shown, names[:12]))
    return listed if len(names) <= 12 else f"{listed} and {len(names) - 12} more"


# Out ---------------------------------------------------------------------------------------------


def add_export(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``export``."""
    add_assignment(parser)
    parser.add_argument(
        "--gradebook",
        type=Path,
        metavar="CSV",
        help=f"{_GRADEBOOK}, to be filled (default: the one that collect was given)",
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


def run_export(arguments: argparse.Namespace) -> int:
    """Write marks and feedback for Canvas, Moodle and others, late penalties included.

    Into exports/. Only final marks are filled in; who has none, and why, is listed.
    """
    course, assignment = loaded(arguments)
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
    assignment: Assignment,
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
            yield f"  left as it was ({why}): {_few(students)}"


_EXPLAINED = {MISSING, "refused", "not marked yet", "grading failed"}


def _feedback(
    course: Course, assignment: Assignment, collected: Collected, listed: Sequence[Row]
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
        yield f"  no notebook of theirs that could come back: {_few(without)}"


def _one(deadlines: Deadlines, assignment: Assignment, result: Result) -> Feedback:
    printed = Printed.of(given(deadlines.course, assignment.name, result.student))

    def gathered() -> Sheet:
        return sheet(deadlines, assignment, result, printed.titles, printed.hints)

    return Feedback(
        lambda: notebook(gathered()),
        lambda: feedback(deadlines, assignment, result, printed.titles, printed.hints),
    )


def _open(listed: Sequence[Row]) -> Iterator[str]:
    """Who has no final mark, and what can be done."""
    by_standing: dict[str, list[str]] = {}
    for row in listed:
        by_standing.setdefault(row.standing, []).append(row.result.student)
    for standing, students in by_standing.items():
        if standing != FINAL:
            yield f"no mark, {standing}: {_few(students)}"
    unknown = [
        (row.late.by_system, row.result.student)
        for row in listed
        if row.late and not row.late.is_known and row.late_words and row.result.digest
    ]
    late_ones = [student for is_late, student in unknown if is_late]
    if late_ones:
        yield f"late, but by how much is not known; nothing deducted: {_few(late_ones)}"
    others = [student for is_late, student in unknown if not is_late]
    if others:
        yield f"time of submission not known; nothing deducted: {_few(others)}"
