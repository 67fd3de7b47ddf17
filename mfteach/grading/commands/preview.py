"""``mfteach-grade preview``: what a student sees."""

from __future__ import annotations

import argparse
import json

from mfteach.console import UsageError
from mfteach.grading.assignments.given import variant_file
from mfteach.grading.assignments.question_files import QuestionFileError
from mfteach.grading.assignments.release import ReleaseError, build
from mfteach.grading.assignments.variants import DrawError, draw
from mfteach.grading.commands.words import add_assignment, assignment_of
from mfteach.grading.marks.grade import check_seed
from mfteach.grading.students import is_id, shown

MISTAKES = (QuestionFileError, DrawError, ReleaseError)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_assignment(parser)
    parser.add_argument(
        "--student", required=True, metavar="ID", help="whose numbers; such as s007"
    )


def run(arguments: argparse.Namespace) -> int:
    """Show what a student sees: the questions with their own numbers.

    The notebook in variants/ if they have one; or else the one that the command variants would
    write for them. Nothing is written.
    """
    course, assignment = assignment_of(arguments)
    student = arguments.student
    if not is_id(student):
        raise UsageError(
            f"'{shown(student)}' is not an id: an id has 1 to 64 of the characters "
            "A-Z a-z 0-9 _ . @ - and does not begin with . or -"
        )
    file = variant_file(course.folder, student, assignment.name)
    if file.is_file():
        text = file.read_text(encoding="utf-8")
        print(f"{file}\n")
    else:
        secrets = course.secrets()
        check_seed(course, secrets)
        text = build(course.folder, assignment, draw(assignment, secrets.seed, student))
        print(f"{student} has no notebook in variants/; mfteach-grade variants would write:\n")
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        print(source if cell["cell_type"] == "markdown" else _indented(source), end="\n\n")
    return 0


def _indented(code: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in code.splitlines())
