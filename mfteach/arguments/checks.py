"""Whole numbers, real numbers, choices, flags, seeds: whether a value is one, and in range.

Each check takes what was given and the name of the argument, and returns the value as plain Python
(``2.0``, ``numpy.int64(2)`` and an array without dimensions are all the whole number 2), or raises
an `InputError` that names the argument; a `WrongType` if no value of that kind would do. NaN and
infinity are in no range, and ``True`` is not a number.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments.errors import Cure, InputError, WrongType

Choice = TypeVar("Choice", bound="str | bool")
Kind = TypeVar("Kind")

# No count in the course has ten digits: one that has is a slip, and would only exhaust the memory.
MOST = 10**9 - 1
# No system takes a longer name of a file.
LONGEST_PATH = 4096
# Characters of a value that a message quotes.
QUOTED = 60
# Names that a message lists.
MOST_NAMES = 8
# What Python or NumPy counts among the integers, though nobody means a number by it.
NO_NUMBERS = (bool, np.bool_, np.timedelta64)


def whole_number(value: Any, name: str, at_least: int, at_most: int = MOST) -> int:
    """A count: an integer, or any real number that is one, from ``at_least`` to ``at_most``."""
    whole = _as_whole(_plain(value))
    if whole is None:
        raise WrongType(
            f"must be a whole number, but is {shown(value)}",
            argument=name,
            cures=_read(value, name, lambda text: whole_number(int(text), name, at_least, at_most)),
        )
    if at_least <= whole <= at_most:
        return whole
    wanted = f"be at least {at_least}" if whole < at_least else f"be at most {at_most}"
    if at_most != MOST:
        wanted = f"lie between {at_least} and {at_most}"
    raise InputError(f"must {wanted}, but is {shown(value)}", argument=name)


def real_number(value: Any, name: str, interval: str | None = "(-inf, inf)") -> float:
    """A finite number in an interval, such as ``"(0, inf)"``, ``"[0, 1)"``; None: any, even NaN."""
    number = _as_real(_plain(value))
    if number is None:
        raise WrongType(
            f"must be a number, but is {shown(value)}",
            argument=name,
            cures=_read(value, name, lambda text: real_number(float(text), name, interval)),
        )
    if interval is None or _lies_in(number, interval):
        return number
    wanted = {
        "(-inf, inf)": "be a finite number",
        "(0, inf)": "be a positive number",
        "[0, inf)": "be 0 or larger",
        "(0, 1)": "lie between 0 and 1",
    }.get(interval, f"lie in {interval}")
    if number == np.inf and interval in ("(0, inf)", "[0, inf)"):
        wanted += " and finite"
    raise InputError(f"must {wanted}, but is {shown(value)}", argument=name)


def one_of(value: Any, name: str, choices: Sequence[Choice]) -> Choice:
    """One of a few names (or True and False); a misspelled one is answered with the nearest."""
    given = value.item() if isinstance(value, np.generic) else value
    for choice in choices:
        if isinstance(given, type(choice)) and given == choice:
            return choice
    *others, last = map(repr, choices)
    wanted = f"{', '.join(others)} or {last}" if others else last
    fault = InputError if isinstance(given, str) else WrongType
    raise fault(
        f"must be {wanted}, but is {shown(value)}",
        argument=name,
        cures=tuple(Cure(name, choice) for choice in _nearest(given, choices)),
    )


def flag(value: Any, name: str) -> bool:
    """True or False, and no number or text that could be meant so."""
    return one_of(value, name, (True, False))


def generator(value: Any, name: str = "rng") -> np.random.Generator:
    """A source of random numbers: a Generator as it is, or a new one from a seed or from None.

    Of a RandomState, which NumPy had before, the stream goes on.
    """
    if value is None or isinstance(value, np.random.Generator):
        return np.random.default_rng(value)
    if isinstance(value, np.random.RandomState):
        return np.random.Generator(value._bit_generator)
    seed = _as_whole(_plain(value))
    if seed is None or seed < 0:
        raise (WrongType if seed is None else InputError)(
            "must be a seed (a whole number of at least 0), a numpy.random.Generator or None, but "
            f"is {shown(value)}",
            argument=name,
        )
    return np.random.default_rng(seed)


def instance(value: Any, name: str, kind: type[Kind]) -> Kind:
    """The value itself, if it is one of a class."""
    if isinstance(value, kind):
        return value
    raise WrongType(f"must be a {kind.__name__}, but is {shown(value)}", argument=name)


def mapping(value: Any, name: str) -> Mapping[Any, Any]:
    """The value itself, if it is a dict or the like."""
    if isinstance(value, Mapping):
        return value
    raise WrongType(f"must be a dict, but is {shown(value)}", argument=name)


def having(value: Any, name: str, methods: Sequence[str], words: str) -> Any:
    """The value itself, if it has these methods, whatever its class; ``words`` say what it is."""
    if not isinstance(value, type) and all(callable(getattr(value, m, None)) for m in methods):
        return value
    raise WrongType(f"must be {words}, but is {shown(value)}", argument=name)


def function(value: Any, name: str) -> Any:
    """The value itself, if it can be called."""
    if callable(value):
        return value
    raise WrongType(f"must be a function, but is {shown(value)}", argument=name)


def path(value: Any, name: str) -> str | os.PathLike[str]:
    """The name of a file: text, or a path; and not what a file may hold."""
    if isinstance(value, str | os.PathLike) and os.fspath(value) != "":
        name_of = str(os.fspath(value))
        if "\n" in name_of or len(name_of) > LONGEST_PATH:
            raise InputError(
                f"must be the name of a file, but is {shown(name_of)}",
                "Write that into a file, and name it",
                argument=name,
            )
        return value
    raise WrongType(f"must be the path of a file, but is {shown(value)}", argument=name)


def text(value: Any, name: str, advice: str = "") -> str:
    """Text that is not blank."""
    if not isinstance(value, str):
        raise WrongType(f"must be text, but is {shown(value)}", argument=name)
    if not value.strip():
        raise InputError("must not be empty", advice, argument=name)
    return value


def real_numbers(value: Any, name: str, n_dimensions: int | None = None) -> NDArray[Any]:
    """An array of real numbers, NaN and infinity included; True and False count as 1 and 0."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise WrongType(
            "must be an array of numbers, but its rows differ in length", argument=name
        ) from None
    if array.dtype.kind == "O":
        array = _from_objects(array, name)
    if array.dtype.kind not in "fiub":
        raise WrongType(f"must hold numbers, but is {shown(value)}", argument=name)
    if n_dimensions is not None and array.ndim != n_dimensions:
        wanted = {1: "one-dimensional", 2: "a table with rows and columns"}[n_dimensions]
        raise InputError(f"must be {wanted}, but has the shape {array.shape}", argument=name)
    return array


def row_numbers(value: Any, name: str, n_rows: int) -> NDArray[np.intp]:
    """A one-dimensional array of integers from 0 to ``n_rows - 1``."""
    rows = real_numbers(value, name, 1)
    if rows.size == 0:
        return rows.astype(np.intp)
    if rows.dtype.kind not in "iu":
        raise WrongType(f"must hold whole numbers, but is {shown(value)}", argument=name)
    low, high = int(rows.min()), int(rows.max())
    if low < 0 or high >= n_rows:
        wrong = low if low < 0 else high
        raise InputError(
            f"must hold numbers from 0 to {n_rows - 1}, but holds {wrong}", argument=name
        )
    return rows.astype(np.intp, copy=False)


def shown(value: Any) -> str:
    """A value as a message quotes it: short, on one line."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    try:
        words = " ".join(repr(_plain(value)).split())
    except ValueError:  # Python writes out no integer of more than 4300 digits
        return f"{type(value).__name__} of thousands of digits"
    return cut(words)


def listed(names: Iterable[Any]) -> str:
    """Names with commas between them; of many the first ones, and how many there are."""
    every = list(names)
    first = [cut(" ".join(str(name).split())) for name in every[:MOST_NAMES]]
    if len(every) > len(first):
        first.append(f"… ({len(every):,} in all)")
    return ", ".join(first)


def cut(words: str) -> str:
    """Words as a message quotes them: no more than a line of them."""
    return words if len(words) <= QUOTED else f"{words[: QUOTED - 1]}…"


def _from_objects(array: NDArray[Any], name: str) -> NDArray[np.float64]:
    for position, entry in np.ndenumerate(array):
        if _as_real(_plain(entry)) is None:
            at = f"entry {', '.join(map(str, position))} " if position else ""
            raise WrongType(f"must hold numbers, but {at}is {shown(entry)}", argument=name)
    return array.astype(np.float64)


def _plain(value: Any) -> Any:
    """A NumPy scalar, or an array without dimensions, as the Python object that it stands for."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, np.generic) and not isinstance(value, np.timedelta64 | np.longdouble):
        return value.item()
    return value


def _as_whole(value: Any) -> int | None:
    number = _as_real(value)
    if number is None:
        return None
    if isinstance(value, Integral):
        return int(value)
    return int(value) if np.isfinite(number) and int(value) == value else None


def _as_real(value: Any) -> float | None:
    if isinstance(value, NO_NUMBERS) or not isinstance(value, (Real, Decimal)):
        return None
    number: Any = value
    try:
        return float(number)
    except OverflowError:  # an integer or a fraction of hundreds of digits
        return -np.inf if number < 0 else np.inf
    except ValueError:  # a Decimal that signals NaN
        return np.nan


def _lies_in(number: float, interval: str) -> bool:
    low, high = map(float, interval[1:-1].split(","))
    above = number >= low if interval[0] == "[" else number > low
    below = number <= high if interval[-1] == "]" else number < high
    return above and below


def _read(value: Any, name: str, number: Any) -> tuple[Cure, ...]:
    """The number that a text holds, if it holds one that will do."""
    if not isinstance(value, str):
        return ()
    try:
        return (Cure(name, number(value)),)
    except ValueError:
        return ()


def _nearest(value: Any, choices: Sequence[Choice]) -> list[Choice]:
    named = {str(choice).lower(): choice for choice in choices}
    word = str(getattr(value, "__name__", value)).lower()  # numpy.float32 means "float32"
    return [named[close] for close in get_close_matches(word, named, 1)]
