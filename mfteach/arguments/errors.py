"""One error for bad input, worded for whoever gave it: a function, a model or a command.

Where something is wrong, nobody knows yet who will read about it. So the error keeps the parts of
its message as data, and each interface on the way up says them in its own words, the outermost
last: `Ratings` knows ``duplicates='last'``, the command line calls that ``--duplicates last``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
            "Remove one",
            cures=(Cure("duplicates", "last"), Cure("duplicates", "mean")),
        )

    reads "...: user 3 rated item 7 twice. Remove one, or choose duplicates='last' or
    duplicates='mean'". Where a cure belongs inside the sentence, name the argument there:

        raise InputError(f"{name} has no header", "give {header}, or number them", header=False)

    reads "... has no header: give header=False, or number them". `worded` makes another interface
    say the same in its own words: a command says ``--duplicates last`` and ``--no-header``. A
    listed cure that an interface has no words for is left out there, so give advice as well,
    unless every interface has some.

    Parameters
    ----------
    problem : str
        What is wrong: a clause that follows ``argument``, or a sentence if there is none; without
        a full stop at its end.
    advice : str
        What helps, without a full stop at its end; with ``{name}`` for each of ``arguments``. It
        follows a colon, or, if it begins with a capital letter, a full stop.
    argument : str, optional
        The argument at fault, by its name in Python; the message begins with it.
    otherwise : str
        What helps where an interface has no words for one of the arguments in ``advice``.
    cures : sequence of Cure
        Arguments with which the same call works, to choose from.
    **arguments
        More of them, by name: those that ``advice`` speaks of.

    Attributes
    ----------
    interface : Interface
        In whose words the message is; `FUNCTION` at first.
    place : str
        What the message begins with: a part of the input, set by `about`.
    """

    def __init__(
        self,
        problem: str,
        advice: str = "",
        *,
        otherwise: str = "",
        argument: str | None = None,
        cures: Sequence[Cure] = (),
        **arguments: Any,
    ) -> None:
        self.problem = problem
        self.advice = advice
        self.otherwise = otherwise
        self.argument = argument
        self.arguments = arguments
        self.cures = (*cures, *(Cure(name, value) for name, value in arguments.items()))
        self.place = ""
        self.further = ""
        self.interface: Interface = FUNCTION
        super().__init__(str(self))

    def add(self, further: str, **arguments: Any) -> None:
        """Say one thing more, which somebody further up knows: a sentence, as ``advice`` is."""
        self.further = further
        self.arguments |= arguments
        self.cures = (*self.cures, *(Cure(name, value) for name, value in arguments.items()))

    @property
    def remedies(self) -> list[str]:
        """The cures, as they are typed in the interface."""
        said = re.findall(r"\{(\w+)\}", self._advice() + self.further)
        unsaid = self.arguments.keys() - said
        words = (self.interface.words(cure) for cure in self.cures if cure.argument not in unsaid)
        return [text for text in words if text is not None]

    def _advice(self) -> str:
        """The one that the interface has words for."""
        said = [Cure(name, self.arguments[name]) for name in re.findall(r"\{(\w+)\}", self.advice)]
        lacks = self.otherwise and any(self.interface.words(cure) is None for cure in said)
        return self.otherwise if lacks else self.advice

    def __str__(self) -> str:
        begin = f"{self.place}: " if self.place else ""
        begin += f"{self.interface.name(self.argument)} " if self.argument else ""
        listed = (cure for cure in self.cures if cure.argument not in self.arguments)
        choices = [text for text in map(self.interface.words, listed) if text is not None]
        advice = re.sub(r"\{(\w+)\}", self._words_for, self._advice())
        if choices:
            among = " or ".join(choices)
            advice += f", or choose {among}" if advice else f"Choose {among}"
        if self.further:
            advice += ". " * bool(advice) + re.sub(r"\{(\w+)\}", self._words_for, self.further)
        if not advice:
            return f"{begin}{self.problem}"
        return f"{begin}{self.problem}{'.' if advice[0].isupper() else ':'} {advice}"

    def _words_for(self, field: re.Match[str]) -> str:
        cure = Cure(field[1], self.arguments[field[1]])
        return self.interface.words(cure) or FUNCTION.words(cure)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem,), self.__dict__


class WrongType(InputError, TypeError):
    """The same for a value of a wrong type: a TypeError as well."""


@contextmanager
def about(place: str) -> Iterator[None]:
    """Let every `InputError` inside the ``with`` begin with a place: "validation"."""
    try:
        yield
    except InputError as error:
        error.place = place
        raise


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
