"""What both commands share: the error that is printed as one line, and the parser."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn


class UsageError(Exception):
    """What was asked for cannot be done; one line that names the culprit and the cure."""


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line, like every other error of the command."""

    def error(self, message: str) -> NoReturn:
        """Print it, with the way to the help, and leave with status 2."""
        one_line = " ".join(message.split())
        self.exit(2, f"{self.prog}: {one_line} (see {self.prog} --help)\n")

    def add_version(self) -> None:
        """Let ``--version`` print the version of the package."""
        # The package was loaded before this module of it; an import would point upward.
        version = sys.modules["mfteach"].__version__
        self.add_argument("--version", action="version", version=f"mfteach {version}")


def at_least_one(text: str) -> int:
    """Read a count from the command line; no count of the course has ten digits.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is no whole number from 1 up; the parser makes one line of it.
    """
    if not text.isdecimal() or not 1 <= int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"a whole number from 1 up is needed, got {text!r}")
    return int(text)
