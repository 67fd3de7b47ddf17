"""What both commands share: the error that is printed as one line, and the parser."""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import NoReturn

from mfteach.arguments import Cure


class UsageError(Exception):
    """The command cannot do what you asked; one line that names the culprit and the cure."""


class Options:
    """The interface of a command: what its parser calls each argument.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of the command.
    **called : str
        Arguments that its options only stand for, and these options: ``rng="--seed"``.
    """

    def __init__(self, parser: argparse.ArgumentParser, **called: str) -> None:
        self._names = called | {
            action.dest: action.option_strings[-1]
            for action in parser._actions
            if action.option_strings
        }

    def name(self, argument: str) -> str:
        """The option of an argument; the argument itself where there is none."""
        return self._names.get(argument, argument)

    def words(self, cure: Cure) -> str | None:
        """The option and its value, as they are typed; None where there is no such option."""
        if cure.argument not in self._names:
            return None
        return f"{self._names[cure.argument]} {shlex.quote(str(cure.value))}"


class Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line, like every other error of the command."""

    def error(self, message: str) -> NoReturn:
        """Print it, say how to get help, and exit with status 2."""
        one_line = " ".join(message.split())
        self.exit(2, f"{self.prog}: {one_line} (see {self.prog} --help)\n")

    def add_version(self) -> None:
        """Add ``--version``, which prints the version of the package."""
        # The package is loaded before this module; importing it here would point upward.
        version = sys.modules["mfteach"].__version__
        self.add_argument("--version", action="version", version=f"mfteach {version}")


def at_least_one(text: str) -> int:
    """Read a count from the command line; no count in the course has ten digits.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is not a whole number of at least 1; the parser prints it as one line.
    """
    if not text.isdecimal() or not 1 <= int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)
