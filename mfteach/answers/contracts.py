"""What a contract is: small inputs, and properties that a result must have on them.

The contracts themselves, and the lookup by name, are in `mfteach.answers.promises`.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfteach.answers.numbers import as_numbers, misfit
from mfteach.arguments.plain import plain, strange

Inputs = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Contract:
    """What one function promises.

    Parameters
    ----------
    signature : str
        Its parameters, as a student reads them: "R, W, V, lam".
    inputs : callable
        Returns small argument tuples, the same each time.
    like : callable
        Arguments -> a value with the shapes of a result.
    holds : callable
        Result and arguments -> the problem in words, or "".
    leaves_open : str
        What it does not test because that would give the answer away, as a sentence.
    """

    signature: str
    inputs: Callable[[], Inputs]
    like: Callable[..., Any]
    holds: Callable[..., str]
    leaves_open: str = ""

    def problem(self, function: Callable[..., Any]) -> str:
        """Return what is wrong with a function, in words for the student, or "".

        Raises
        ------
        NotImplementedError
            If the function raises it, because it is not written yet.
        """
        name = getattr(function, "__name__", "the function")
        if not _takes(function, len(self.signature.split(", "))):
            return f"{name} must take the arguments ({self.signature})."
        found = (
            self._problem_at(function, arguments, f"{name}{_shown(arguments)}")
            for arguments in self.inputs()
        )
        return next(filter(None, found), "")

    def _problem_at(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], call: str
    ) -> str:
        given = copy.deepcopy(arguments)
        try:
            result = plain(function(*given))
        except NotImplementedError:
            raise
        except Exception as error:  # whatever a student's code raises is reported with its type
            return f"{call} stops with {type(error).__name__}: {error}"
        if not all(map(_unchanged, given, arguments)):
            return f"{call} changes its arguments. Work on a copy, and return the new values."
        like = self.like(*arguments)
        fault = misfit(result, like, call)
        if fault:
            return fault.words
        if kind := strange(result):
            return f"{call} contains a value of type {kind}. Return numbers or arrays of numbers."
        if has_list(result, like):
            return f"{call} is made of lists. Return arrays: np.array(...)."
        problem = self.holds(_as_arrays(result, like), *arguments)
        return problem and f"{call}: {problem}"


def _takes(function: Callable[..., Any], count: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * count)
    except (TypeError, ValueError):  # ValueError: a function written in C, without a signature
        return False
    return True


def _unchanged(given: Any, before: Any) -> bool:
    return np.array_equal(given, before, equal_nan=True)  # nan marks a blank


def has_list(result: Any, like: Any) -> bool:
    """Whether a list stands where an array is wanted; of several values, in one of them."""
    if isinstance(like, tuple):
        return any(map(has_list, result, like))
    return isinstance(result, list | tuple) and np.ndim(like) > 0


def _as_arrays(result: Any, like: Any) -> Any:
    if isinstance(like, tuple):
        return tuple(map(_as_arrays, result, like))
    return as_numbers(result)


def _shown(arguments: tuple[Any, ...]) -> str:
    """Show numbers, but only the shapes of arrays, or the line grows too long."""
    shown = (f"<{np.shape(a)}>" if np.ndim(a) else f"{a:g}" for a in arguments)
    return f"({', '.join(shown)})"
