"""What both commands share: the error that is printed as one line, and the parser."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn


class UsageError(Exception):
    """The command cannot do what you asked; one line that names the culprit and the cure."""


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
