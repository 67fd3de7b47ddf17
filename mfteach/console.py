"""The error that the command line prints as one line."""

import argparse
from typing import NoReturn


class UsageError(Exception):
    """What was asked for cannot be done; one line that names the culprit and the cure."""


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line, like every other error of the command."""

    def error(self, message: str) -> NoReturn:
        """Print it, with the way to the help, and leave with status 2."""
        one_line = " ".join(message.split())
        self.exit(2, f"{self.prog}: {one_line} (see {self.prog} --help)\n")


def at_least_one(text: str) -> int:
    """Read a count from the command line; no count of the course has ten digits."""
    if not text.isdecimal() or not 1 <= int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"a whole number from 1 up is needed, got {text!r}")
    return int(text)
