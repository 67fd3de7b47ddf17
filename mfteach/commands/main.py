"""The command ``mfteach``: each subcommand has a file here, which adds a parser and runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from mfteach.commands import course, doctor, factorize, notebooks, recommend
from mfteach.console import Parser, UsageError


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


def _parser() -> Parser:
    parser = Parser(
        prog="mfteach", description="Mathematical Foundations of Recommender Systems, a course."
    )
    parser.add_version()
    commands: Any = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for word in (factorize, recommend, doctor, course, notebooks):
        word.add_parser(commands)
    return parser
