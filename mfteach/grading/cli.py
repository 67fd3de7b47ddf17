"""The command ``mfteach-grade``: ``mfteach-grade 03-power-rule`` grades what was submitted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from mfteach.console import Parser, exit_status, write_to_any_console

GRADE = "grade"
_COMMANDS = {
    "collect": "Put what was handed in into submitted/, from Canvas, Moodle or a folder",
    GRADE: "Grade an assignment; the word grade may be omitted",
    "gradebook": "Put scores and answers into nbgrader's gradebook, to mark texts in its page",
    "feedback": "Write grades, feedback and report again, including marks given by hand since then",
    "export": "Write marks and feedback for Canvas, Moodle and others, late penalties included",
    "preview": "Show what a student sees: the questions with their own numbers",
    "check-release": "Check that every release matches its source, and that nothing leaks",
    "variants": "Write a notebook with individual numbers for each student, into variants/",
    "demo-class": "Invent the submissions of a class, in a separate course, and grade them",
}
"""What each does; its file in ``commands/`` is loaded only when it is used."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 1 for a failed check, 2 for bad input."""
    write_to_any_console()
    words = _with_command(sys.argv[1:] if argv is None else argv)
    name = next((word for word in words if word in _COMMANDS), None)
    module = import_module(f"mfteach.grading.commands.{name.replace('-', '_')}") if name else None
    parser = _parser(name, module)
    arguments = parser.parse_args(words)
    if module is None or "run" not in arguments:
        parser.error("name an ASSIGNMENT or a COMMAND")
    return exit_status(
        "mfteach-grade",
        lambda: int(arguments.run(arguments)),
        module.MISTAKES,
        stopped="stopped; run it again to continue",
    )


def _with_command(argv: Sequence[str]) -> list[str]:
    """Insert the command ``grade``: to grade, the name of an assignment is enough."""
    first = next((word for word in argv if not word.startswith("-")), None)
    if first in _COMMANDS or set(argv) <= {"-h", "--help", "--version"}:
        return list(argv)
    return [GRADE, *argv]


def _parser(used: str | None, module: Any) -> argparse.ArgumentParser:
    parser = Parser(
        prog="mfteach-grade",
        usage="mfteach-grade ASSIGNMENT [options]\n       mfteach-grade COMMAND [options]",
        description="Grade what is in submitted/STUDENT/ASSIGNMENT/, in a sandbox, and write "
        "grades.csv, feedback/ and reports/. Marks given by hand in nbgrader are kept.",
        epilog="mfteach-grade COMMAND --help says more about each.",
    )
    parser.add_version()
    commands: Any = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, text in _COMMANDS.items():
        prog = "mfteach-grade" if name == GRADE else f"mfteach-grade {name}"
        command = commands.add_parser(name, help=text, prog=prog)
        if name == used:
            command.description = module.run.__doc__
            module.add(command)
            command.set_defaults(run=module.run)
    return parser
