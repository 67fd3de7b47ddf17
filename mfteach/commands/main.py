"""The command ``mfteach``: a subcommand is a function that adds a parser and one that runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from mfteach import __version__
from mfteach.commands import doctor, factorize, recommend
from mfteach.console import Parser, UsageError, at_least_one

NOTEBOOKS, BUILD = "notebooks", "_build"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 1 for a failed check, 2 for bad input."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except UsageError as error:
        one_line = " ".join(str(error).split())
        print(f"mfteach {arguments.command}: {one_line}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"mfteach {arguments.command}: stopped", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="mfteach", description="Mathematical Foundations of Recommender Systems, a course."
    )
    parser.add_argument("--version", action="version", version=f"mfteach {__version__}")
    commands: Any = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add_parser in (
        factorize.add_parser,
        recommend.add_parser,
        doctor.add_parser,
        _add_course_parser,
        _add_notebooks_parser,
    ):
        add_parser(commands)
    return parser


def _add_course_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "course",
        help="run every notebook from top to bottom",
        description=f"Run every notebook of {NOTEBOOKS}/, each in a fresh kernel, and put the "
        f"executed copies into {BUILD}/.",
    )
    _add_processes(parser)
    parser.set_defaults(run=_run_course)


def _run_course(arguments: argparse.Namespace) -> int:
    from mfteach.commands.course import run_course

    return run_course(NOTEBOOKS, BUILD, arguments.processes)


def _add_notebooks_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "notebooks",
        help="run the notebooks again and rewrite them in place",
        description=f"For authors: run every notebook of {NOTEBOOKS}/ again and write it in place, "
        "so that a diff shows only what changed, and renew the README's table of lessons.",
    )
    _add_processes(parser)
    parser.set_defaults(run=_run_notebooks)


def _run_notebooks(arguments: argparse.Namespace) -> int:
    from mfteach.commands.notebooks import refresh_notebooks

    return refresh_notebooks(NOTEBOOKS, arguments.processes)


def _add_processes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--processes",
        type=at_least_one,
        default=2,
        metavar="N",
        help="how many notebooks run at a time (default: 2)",
    )
