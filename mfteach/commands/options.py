"""What a command calls the arguments of the functions behind it, and the options that two share."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import IO

from mfteach.arguments import Cure, shown
from mfteach.console import UsageError
from mfteach.matrices.column_names import COUNTS, DEFAULTS, SPOKEN_ROLES, Wanted
from mfteach.matrices.file_kind import Asked


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
        if isinstance(action, argparse.BooleanOptionalAction):
            return action.option_strings[0 if value else -1]
        if action.nargs == 0:  # a switch
            return action.option_strings[-1] if value == action.const else None
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        text = text.replace("\t", r"\t")  # as a shell passes it on
        if not _can_be_typed(text):
            return None
        return f"{action.option_strings[-1]} {shlex.quote(text)}"


def _can_be_typed(text: str) -> bool:
    """Whether the console shows a text as it is: without its accents it would be another."""
    try:
        text.encode(getattr(sys.stderr, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def seed(text: str) -> int:
    """Read the seed of a command: a whole number of at least 0, as long as you like.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is not one; the parser prints it as one line.
    """
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 0, got {text!r}")
    return int(text)


def add_reading_options(parser: argparse.ArgumentParser, roles: Sequence[str]) -> None:
    """Add what may be said about a file that holds a column for each of the roles."""
    count = len(roles)
    reading = parser.add_argument_group("what the file is, where a look at it is not enough")
    for role in roles:
        reading.add_argument(
            f"--{role}",
            metavar="COLUMN",
            help=f"default: {DEFAULTS[role]}, or a name that is usual for it",
        )
    numbers, spoken = ",".join("123"[:count]), " and ".join(SPOKEN_ROLES[role] for role in roles)
    reading.add_argument(
        "--columns",
        type=partial(_numbers, count),
        metavar=numbers,
        help=f"instead of names: the numbers of the columns of {spoken}",
    )
    reading.add_argument(
        "--separator", type=_separator, metavar="SIGN", help="what stands between two fields"
    )
    reading.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="whether the first line holds the names of the columns",
    )
    reading.add_argument("--encoding", metavar="NAME", help="such as utf-8 or cp1252")
    parser.set_defaults(roles=tuple(roles))


def asked_of(arguments: argparse.Namespace) -> Asked:
    """What somebody says about a file with the options of `add_reading_options`."""
    names = {role: getattr(arguments, role) for role in arguments.roles}
    wanted = Wanted(**names, columns=arguments.columns, roles=arguments.roles)
    return Asked(wanted, arguments.separator, arguments.header, arguments.encoding)


def piped(source: str) -> str | IO[bytes]:
    """The file that somebody names, or what comes through a pipe for ``-``.

    Raises
    ------
    UsageError
        If there is no pipe, or no name.
    """
    if not source.strip():
        raise UsageError("the name of a file is blank: name one, or - for a pipe")
    if "\n" in source:  # as of "$(cat ratings.csv)"
        raise UsageError(f"{shown(source)} is a text and no name of a file: write it into one")
    if source != "-":
        return source
    if sys.stdin.isatty():
        raise UsageError("- is what comes through a pipe, and there is none: name a file")
    return sys.stdin.buffer


def _numbers(count: int, text: str) -> tuple[int, ...]:
    """Read "1,2,3", or as many numbers as are needed."""
    if not re.fullmatch(rf"\d{{1,6}}(\s*,\s*\d{{1,6}}){{{count - 1}}}", text.strip()):
        example, what = ",".join("123"[:count]), "number" if count == 1 else "numbers"
        raise argparse.ArgumentTypeError(
            f"expected {COUNTS[count]} {what} like {example}, got {shown(text)}"
        )
    return tuple(map(int, text.split(",")))


def _separator(text: str) -> str:
    """Read a separator; a tab is hard to type in a shell."""
    return {"\\t": "\t", "tab": "\t", "space": " "}.get(text, text)
