"""What the results of a function can have right on its own, and earns a share of the points.

A function that is wrong somewhere is often right elsewhere: in a special case, in one of the values
that it returns, in everything but a sign. Each `Property` says in a few words what is right then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.answers.numbers import agree, as_numbers

__all__ = ["EVERY", "Draw", "Property", "part", "up_to_a_factor"]

EVERY = "every input"
"""The share of a function whose results are all right; no property needs to be written for it."""


class Draw(NamedTuple):
    """One call: what came back (None if nothing did), what is right, and the arguments."""

    given: Any
    wanted: Any
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Property:
    """A part of what a function computes.

    Parameters
    ----------
    name : str
        In words that continue "Right: ...", such as "the slope"; the key of its share.
    holds : callable
        Draws and tolerance -> whether this part is right. It must not hold for zeros, constants or
        the arguments themselves.
    """

    name: str
    holds: Callable[[Sequence[Draw], float], bool]


def part(
    name: str,
    of: Callable[..., Any] = lambda result, *_: result,
    where: Callable[..., bool] = lambda *_: True,
) -> Property:
    """Return the property that a part of the result is right, in all draws or in some of them.

    Parameters
    ----------
    name : str
    of : callable
        Result and arguments -> the part that is compared.
    where : callable
        Arguments -> whether this draw counts. A set of draws without any is an error.
    """

    def holds(draws: Sequence[Draw], tolerance: float) -> bool:
        chosen = [draw for draw in draws if where(*draw.arguments)]
        if not chosen:
            raise ValueError(f"no draw decides about the property {name!r}: add one to the inputs")
        return all(
            agree(
                _taken(of, draw.given, draw.arguments), of(draw.wanted, *draw.arguments), tolerance
            )
            for draw in chosen
        )

    return Property(name, holds)


def up_to_a_factor(name: str) -> Property:
    """Return the property that all results are right but for one factor, the same everywhere."""

    def holds(draws: Sequence[Draw], tolerance: float) -> bool:
        try:
            given, wanted = (np.concatenate([_flat(draw[i]) for draw in draws]) for i in (0, 1))
        except ValueError:
            return False
        if given.shape != wanted.shape or not np.isfinite(given).all():
            return False
        factor = (given @ wanted) / (wanted @ wanted)
        return bool(factor) and agree(given / factor, wanted, tolerance)

    return Property(name, holds)


def _taken(of: Callable[..., Any], value: Any, arguments: tuple[Any, ...]) -> Any:
    """Return a part of what a function returned; None if a student's value has no such part."""
    try:
        with np.errstate(all="ignore"):
            return of(value, *arguments)
    except Exception:  # whatever a value of the wrong form makes of it, it is not right
        return None


def _flat(value: Any) -> NDArray[np.float64]:
    if isinstance(value, tuple):
        return np.concatenate([_flat(entry) for entry in value])
    return as_numbers(value).ravel()
