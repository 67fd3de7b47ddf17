"""What both commands share: the error that is printed as one line, and the parser."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Hashable, Mapping
from types import MappingProxyType
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
    called : mapping of str to str
        The options of arguments that have another name in Python: ``{"rng": "seed"}``.
    instead : mapping of Cure to str
        What to type for a cure that no option gives by itself.
    """

    def __init__(
        self,
        parser: argparse.ArgumentParser,
        called: Mapping[str, str] = MappingProxyType({}),
        instead: Mapping[Cure, str] = MappingProxyType({}),
    ) -> None:
        self._actions = {action.dest: action for action in parser._actions if action.option_strings}
        self._called = called
        self._instead = instead

    def _action(self, argument: str) -> argparse.Action | None:
        return self._actions.get(self._called.get(argument, argument))

    def name(self, argument: str) -> str:
        """The option of an argument; the argument itself where there is none."""
        action = self._action(argument)
        return argument if action is None else action.option_strings[-1]

    def words(self, cure: Cure) -> str | None:
        """The option and its value, as they are typed; None where there is no such option."""
        if isinstance(cure.value, Hashable) and cure in self._instead:
            return self._instead[cure]
        action, value = self._action(cure.argument), cure.value
        if action is None or (action.choices is not None and value not in action.choices):
            return None
        if action.nargs == 0:  # a switch
            return action.option_strings[-1] if value == action.const else None
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        return f"{action.option_strings[-1]} {shlex.quote(text)}"


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
