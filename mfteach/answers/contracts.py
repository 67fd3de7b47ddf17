"""What a contract is: small inputs, and properties that a result must have on them.

The contracts themselves stand in `mfteach.answers.promises`.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


Inputs = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Contract:
    """The promise of one function.

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
    """

    signature: str
    inputs: Callable[[], Inputs]
    like: Callable[..., Any]
    holds: Callable[..., str]

    def problem(self, function: Callable[..., Any]) -> str:
        """Return what is wrong with a function, in words for the student, or "".

        Raises
        ------
        NotImplementedError
            If the function does: it was not written yet.
        """
        name = getattr(function, "__name__", "the function")
        if not _takes(function, len(self.signature.split(", "))):
            return f"{name} must take the arguments ({self.signature})."
        for arguments in self.inputs():
            found = self._problem_at(function, arguments)
            if found:
                return f"{name}{_shown(arguments)}: {found}"
        return ""

    def _problem_at(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
        given = copy.deepcopy(arguments)
        try:
            result = function(*given)
        except NotImplementedError:
            raise
        except Exception as error:  # whatever a student's code raises is told, with its type
            return f"it stops with {type(error).__name__}: {error}"
        if not all(map(_unchanged, given, arguments)):
            return "it changes its arguments. Work on a copy, and return the new values."
        return _misshapen(result, self.like(*arguments)) or self.holds(
            _as_arrays(result), *arguments
        )


CONTRACTS: dict[str, Contract] = {}
"""The contracts by name, as question files name them."""


def promises(
    name: str, signature: str, inputs: Callable[[], Inputs], like: Callable[..., Any]
) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """Register a property as the contract ``name``; see `Contract` for the parameters."""

    def register(holds: Callable[..., str]) -> Callable[..., str]:
        if name in CONTRACTS:
            raise ValueError(f"there is a contract {name} already")
        CONTRACTS[name] = Contract(signature, inputs, like, holds)
        return holds

    return register


def _takes(function: Callable[..., Any], count: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * count)
    except (TypeError, ValueError):  # ValueError: a function of C that does not say what it takes
        return False
    return True


def _unchanged(given: Any, before: Any) -> bool:
    return np.array_equal(given, before, equal_nan=True)  # nan, a blank, is no change


def _misshapen(result: Any, like: Any, part: str = "it") -> str:
    """Return what is wrong with the shape of a result, or the empty string."""
    if result is None:
        return f"{part} returns nothing. Is there a return?"
    if isinstance(like, tuple):
        if not isinstance(result, tuple | list) or len(result) != len(like):
            return f"it must return {len(like)} values, as in: return a, b"
        parts = zip(result, like, _PLACES[: len(like)], strict=True)
        return next((p for r, w, n in parts if (p := _misshapen(r, w, f"the {n} value"))), "")
    try:
        array = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        return f"{part} is a {type(result).__name__}, not numbers."
    if array.shape != np.shape(like):
        return f"{part} has the shape {array.shape}; it must be {np.shape(like)}."
    if not np.all(np.isfinite(array)):
        return f"{part} is not finite everywhere: there is a nan or an infinity."
    return ""


_PLACES = ["first", "second", "third"]


def _as_arrays(result: Any) -> Any:
    if isinstance(result, tuple):
        return tuple(np.asarray(part, dtype=float) for part in result)
    return np.asarray(result, dtype=float)


def _shown(arguments: tuple[Any, ...]) -> str:
    """Show numbers; of arrays only the shape, or the line grows too long."""
    shown = (f"<{np.shape(a)}>" if np.ndim(a) else f"{a:g}" for a in arguments)
    return f"({', '.join(shown)})"
