"""One error for bad input, worded for whoever gave it: a function, a model or a command.

Where something is wrong, nobody knows yet who will read about it. So the error keeps the parts of
its message as data, and each interface on the way up says them in its own words, the outermost
last: `Ratings` knows ``duplicates='last'``, the command line calls that ``--duplicates last``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol


class Cure(NamedTuple):
    """A value of an argument with which the same call works."""

    argument: str
    value: Any


class Interface(Protocol):
    """What somebody uses, and what the arguments are called there."""

    def name(self, argument: str) -> str:
        """What the argument is called here."""

    def words(self, cure: Cure) -> str | None:
        """How to give an argument its value here; None if that cannot be done."""


class _Function:
    """A call in Python: arguments are called what they are called."""

    def name(self, argument: str) -> str:
        """The argument itself."""
        return argument

    def words(self, cure: Cure) -> str:
        """A keyword argument, as it is typed."""
        return f"{cure.argument}={cure.value!r}"


FUNCTION = _Function()


class InputError(ValueError):
    """Something that was given is wrong; the message says what, and what to do about it.

    Raise it wherever input is found to be wrong, and never write an argument or an option into
    the text yourself:

        raise InputError(
            f"{place}: user 3 rated item 7 twice",
            advice="Remove one",
            cures=(Cure("duplicates", "last"), Cure("duplicates", "mean")),
        )

    reads "...: user 3 rated item 7 twice. Remove one, or choose duplicates='last' or
    duplicates='mean'". `worded` makes another interface say the same in its own words: in a command
    "Remove one, or choose --duplicates last or --duplicates mean". A cure that an interface has no
    words for is left out there, so give ``advice`` as well, unless every interface has some.

    Parameters
    ----------
    problem : str
        What is wrong: a clause that follows ``argument``, or a sentence if there is none; without
        a full stop at its end.
    argument : str, optional
        The argument at fault, by its name in Python; the message begins with it.
    advice : str
        What helps whatever the interface: a sentence, without a full stop at its end.
    cures : sequence of Cure
        Arguments with which the same call works.

    Attributes
    ----------
    interface : Interface
        In whose words the message is; `FUNCTION` at first.
    """

    def __init__(
        self,
        problem: str,
        *,
        argument: str | None = None,
        advice: str = "",
        cures: tuple[Cure, ...] = (),
    ) -> None:
        self.problem = problem
        self.argument = argument
        self.advice = advice
        self.cures = cures
        self.interface: Interface = FUNCTION
        super().__init__(str(self))

    @property
    def remedies(self) -> list[str]:
        """The cures, as they are typed in the interface."""
        words = map(self.interface.words, self.cures)
        return [text for text in words if text is not None]

    def __str__(self) -> str:
        begin = f"{self.interface.name(self.argument)} " if self.argument else ""
        choose = f"choose {' or '.join(self.remedies)}" if self.remedies else ""
        parts = ", or ".join(part for part in (self.advice, choose) if part)
        end = f". {parts[0].upper()}{parts[1:]}" if parts else ""
        return f"{begin}{self.problem}{end}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem,), self.__dict__


class WrongType(InputError, TypeError):
    """The same for a value of a wrong type: a TypeError as well."""


@contextmanager
def worded(interface: Interface) -> Iterator[None]:
    """Let every `InputError` inside the ``with`` speak the words of an interface.

    Used where an interface begins: `mfteach.MatrixFactorization.fit`, a command. The error, its
    type and its traceback stay the same.
    """
    try:
        yield
    except InputError as error:
        error.interface = interface
        raise
