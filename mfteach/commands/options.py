"""What a command calls the arguments of the functions behind it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Hashable, Mapping
from types import MappingProxyType

from mfteach.arguments import Cure


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
        return f"{action.option_strings[-1]} {shlex.quote(text)}"


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
