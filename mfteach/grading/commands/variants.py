"""``mfteach-grade variants``: individual numbers for each student."""

from __future__ import annotations

import argparse

from tqdm import tqdm

from mfteach.console import UsageError
from mfteach.grading.assignments.question_files import QuestionFileError, assignment_names
from mfteach.grading.assignments.release import ReleaseError, write_variants
from mfteach.grading.assignments.variants import DrawError
from mfteach.grading.commands.words import add_course, named
from mfteach.grading.files import alone
from mfteach.grading.marks.grade import check_seed
from mfteach.grading.settings import Course
from mfteach.grading.students import CLASS_LIST, class_list, is_id, shown

MISTAKES = (QuestionFileError, DrawError, ReleaseError)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_course(parser)
    parser.add_argument("students", nargs="*", metavar="STUDENT", help="default: students.csv")
    parser.add_argument(
        "--assignment",
        action="append",
        metavar="ASSIGNMENT",
        help="only this one; may be given more than once (default: all)",
    )


def run(arguments: argparse.Namespace) -> int:
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
