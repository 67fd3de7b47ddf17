"""Errors about what a person brings: bounded in length, with cures in the person's own words."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

# Characters of a value that a message quotes, and names that it lists.
LONGEST = 60
MOST_NAMES = 8


class InputError(ValueError):
    """A ValueError whose cure is an argument: a keyword in Python, an option of the command.

    Parameters
    ----------
    problem : str
        What is wrong, and where.
    cure : str
        What to do, with ``{name}`` for each argument to choose.
    **arguments
        The values to choose: ``header=False``, ``columns=(1, 2, 3)``; a list holds alternatives.
    """

    def __init__(self, problem: str, cure: str = "", **arguments: Any) -> None:
        self._problem, self._cure, self._arguments = problem, cure, arguments
        super().__init__(self._worded(lambda name, value: f"{name}={value!r}"))

    def for_command(self) -> str:
        """The same message for somebody who types options and not Python."""
        return self._worded(_option)

    def _worded(self, spell: Callable[[str, Any], str]) -> str:
        if not self._cure:
            return self._problem
        cure = self._cure[0].upper() + self._cure[1:]
        for name, value in self._arguments.items():
            values = value if isinstance(value, list) else [value]
            spelled = " or ".join(spell(name, one) for one in values)
            cure = cure.replace(f"{{{name}}}", spelled)
        return f"{self._problem}. {cure}"


def _option(name: str, value: Any) -> str:
    option = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{option}" if value else f"--no-{option}"
    if isinstance(value, tuple):
        value = ",".join(map(str, value))
    return f"--{option} {shlex.quote(str(value))}"


def quoted(value: Any) -> str:
    """``repr`` of a value, cut where it is long."""
    if isinstance(value, str | bytes):
        value = value[: LONGEST + 1]  # the repr of a whole book would be made first
    text = repr(value)
    return text if len(text) <= LONGEST + 2 else f"{text[:LONGEST]}..."


def listed(names: Iterable[Any]) -> str:
    """Names with commas between them; of many the first ones, and how many there are."""
    every = list(names)
    shown = [_cut(str(name)) for name in islice(every, MOST_NAMES)]
    if len(every) > len(shown):
        shown.append(f"... ({len(every):,} in all)")
    return ", ".join(shown)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
