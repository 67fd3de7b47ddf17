"""The command ``mfteach``: each subcommand has a file here, which adds a parser and runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mfteach.commands import course, doctor, factorize, notebooks, predict, recommend, similar
from mfteach.console import Parser, exit_status, write_to_any_console


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 1 for a failed check, 2 for bad input."""
    write_to_any_console()
    arguments = _parser().parse_args(argv)
    return exit_status(f"mfteach {arguments.command}", lambda: int(arguments.run(arguments)))


def _parser() -> Parser:
    parser = Parser(
        prog="mfteach", description="Mathematical Foundations of Recommender Systems, a course."
    )
    parser.add_version()
    commands: Any = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for word in (factorize, recommend, similar, predict, doctor, course, notebooks):
        word.add_parser(commands)
    return parser
