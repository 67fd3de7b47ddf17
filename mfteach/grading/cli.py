"""The command ``mfteach-grade``: ``mfteach-grade 03-power-rule`` grades what was submitted."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from mfteach.console import Parser, UsageError, at_least_one, exit_status, write_to_any_console
from mfteach.grading import demo
from mfteach.grading.assignments.question_files import (
    Assignment,
    QuestionFileError,
    assignment_names,
)
from mfteach.grading.assignments.release import ReleaseError, check_release, write_variants
from mfteach.grading.assignments.variants import DrawError
from mfteach.grading.exchange.commands import add_collect, add_export, run_collect, run_export
from mfteach.grading.files import alone
from mfteach.grading.marks import gradebook
from mfteach.grading.marks.by_hand import FILE
from mfteach.grading.marks.entries import entries
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.grade import Grader, check_seed, grade_class
from mfteach.grading.marks.results import ClassResult
from mfteach.grading.reports.explain import explain
from mfteach.grading.reports.page import templates
from mfteach.grading.reports.publish import Published, publish
from mfteach.grading.reports.report import summary
from mfteach.grading.sandbox.sandbox import SandboxUnavailable, find_sandbox
from mfteach.grading.settings import Course
from mfteach.grading.students import CLASS_LIST, class_list, is_id, shown
from mfteach.grading.students import students as submitters
from mfteach.grading.words import add_assignment, add_course, loaded, named

Run = Callable[[argparse.Namespace], int]
GRADE = "grade"
SECONDS = 10.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 1 for a failed check, 2 for bad input."""
    write_to_any_console()
    parser = _parser()
    arguments = parser.parse_args(_with_command(sys.argv[1:] if argv is None else argv))
    if "run" not in arguments:
        parser.error("name an ASSIGNMENT or a COMMAND")
    return exit_status(
        "mfteach-grade",
        lambda: int(arguments.run(arguments)),
        (SandboxUnavailable, QuestionFileError, DrawError, ReleaseError),
        stopped="stopped; run it again to continue",
    )


def _with_command(argv: Sequence[str]) -> list[str]:
    """Insert the command ``grade``: to grade, the name of an assignment is enough."""
    first = next((word for word in argv if not word.startswith("-")), None)
    if first in _COMMANDS or set(argv) <= {"-h", "--help", "--version"}:
        return list(argv)
    return [GRADE, *argv]


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="mfteach-grade",
        usage="mfteach-grade ASSIGNMENT [options]\n       mfteach-grade COMMAND [options]",
        description="Grade what is in submitted/STUDENT/ASSIGNMENT/, in a sandbox, and write "
        "grades.csv, feedback/ and reports/. Marks given by hand in nbgrader are kept.",
        epilog="mfteach-grade COMMAND --help says more about each.",
    )
    parser.add_version()
    commands: Any = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, (add_parser, run) in _COMMANDS.items():
        text = (run.__doc__ or "").strip()
        command = commands.add_parser(
            name,
            help=text.partition("\n")[0].rstrip("."),
            description=text,
            prog="mfteach-grade" if name == GRADE else f"mfteach-grade {name}",
        )
        add_parser(command)
        command.set_defaults(run=run)
    return parser


def _add_sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-j",
        "--processes",
        type=at_least_one,
        default=os.cpu_count() or 1,
        metavar="N",
        help="how many submissions run at a time (default: one for each processor)",
    )
    parser.add_argument(
        "--time-limit",
        type=_positive,
        default=SECONDS,
        metavar="S",
        help="seconds for the code of one submission (default: %(default)g)",
    )
    parser.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run student code without protection: it can read and change whatever you can",
    )


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return number


# Grading -----------------------------------------------------------------------------------------


def _add_grade(parser: argparse.ArgumentParser) -> None:
    add_assignment(parser)
    _add_sandbox(parser)
    parser.add_argument(
        "--explain",
        metavar="STUDENT",
        help="grade only this student, write nothing, and show each answer and each call",
    )


def _grade(arguments: argparse.Namespace) -> int:
    """Grade an assignment; the word grade may be omitted.

    Exit status 0 if everyone has a row in grades.csv, whatever was submitted.
    """
    course, assignment = loaded(arguments)
    templates()  # says at once if a package that writes pages is missing
    if gradebook.is_used(course.folder):
        gradebook.check_installed()
    with alone(course.folder):
        grader = _grader(arguments, course, assignment)
        if arguments.explain is not None:
            return _explain(grader, arguments.explain)
        students = submitters(course.folder)
        with tqdm(total=len(students), unit="student", desc=assignment.name) as bar:
            result = grade_class(grader, arguments.processes, bar.update)
        published = publish(course, assignment, result)
    _print_summary(course, assignment, published)
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


def _print_summary(course: Course, assignment: Assignment, published: Published) -> None:
    print(summary(course, assignment, published.result))
    print(f"grades:   {published.grades}")
    print(f"feedback: {course.folder / 'feedback'} ({len(published.feedback)} pages)")
    print(f"report:   {published.report}")
    if any(one.unmarked for one in published.result.results) and not gradebook.is_used(
        course.folder
    ):
        cure = "" if gradebook.is_installed() else f" (it needs nbgrader: {gradebook.CURE})"
        print(f"to mark them: mfteach-grade gradebook {assignment.name}{cure}")


def _gradebook(arguments: argparse.Namespace) -> int:
    """Put scores and answers into nbgrader's gradebook, to mark texts in its page.

    After that, grading keeps the gradebook up to date.
    """
    gradebook.check_installed()
    course, assignment = loaded(arguments)
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


# After grading -----------------------------------------------------------------------------------


def _feedback(arguments: argparse.Namespace) -> int:
    """Write grades, feedback and report again, including marks given by hand since then.

    Nothing is graded again: run this after marking texts in nbgrader.
    """
    course, assignment = loaded(arguments)
    with alone(course.folder):
        published = publish(course, assignment, ClassResult.load(course.folder, assignment.name))
    _print_summary(course, assignment, published)
    return 0


# Releases ----------------------------------------------------------------------------------------


def _check_release(arguments: argparse.Namespace) -> int:
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


def _add_variants(parser: argparse.ArgumentParser) -> None:
    add_course(parser)
    parser.add_argument("students", nargs="*", metavar="STUDENT", help="default: students.csv")
    parser.add_argument(
        "--assignment",
        action="append",
        metavar="ASSIGNMENT",
        help="only this one; may be given more than once (default: all)",
    )


def _variants(arguments: argparse.Namespace) -> int:
    """Write a notebook with individual numbers for each student, into variants/.

    The numbers depend only on the course's seed and the student's id, so they never change.
    """
    course = Course.load(arguments.course)
    students = arguments.students or sorted(class_list(course.folder))
    if not students:
        raise UsageError(
            f"no students: name some, or list their ids in {course.folder / CLASS_LIST}, "
            "in a column id"
        )
    for student in students:
        if not is_id(student):
            raise UsageError(
                f"'{shown(student)}' is not an id: an id has 1 to 64 of the characters "
                "A-Z a-z 0-9 _ . @ - and does not begin with . or -"
            )
    names = arguments.assignment or assignment_names(course.folder)
    assignments = [named(course, name) for name in names]
    secrets = course.secrets()
    check_seed(course, secrets)
    with alone(course.folder):
        for assignment in tqdm(assignments, unit="assignment", disable=len(names) < 2):
            write_variants(course.folder, assignment, students, secrets.seed)
    print(f"{len(students)} students, {len(names)} assignments: {course.folder / 'variants'}")
    return 0


# A class to try things out with ------------------------------------------------------------------


def _add_demo_class(parser: argparse.ArgumentParser) -> None:
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
    _add_sandbox(parser)


def _demo_class(arguments: argparse.Namespace) -> int:
    """Invent the submissions of a class, in a separate course, and grade them.

    Nothing in your own course is changed.
    """
    loaded(arguments)  # is there such an assignment?
    templates()
    find_sandbox(arguments.unsafe_no_sandbox, (arguments.to.resolve(),))  # before the work
    demo.make_class(arguments.course, arguments.to, arguments.assignment, arguments.students)
    print(f"{arguments.students} invented students: {arguments.to / 'submitted'}")
    arguments.course, arguments.explain = arguments.to, None
    return _grade(arguments)


_COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], Run]] = {
    "collect": (add_collect, run_collect),
    GRADE: (_add_grade, _grade),
    "gradebook": (add_assignment, _gradebook),
    "feedback": (add_assignment, _feedback),
    "export": (add_export, run_export),
    "check-release": (add_course, _check_release),
    "variants": (_add_variants, _variants),
    "demo-class": (_add_demo_class, _demo_class),
}
