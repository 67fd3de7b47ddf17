"""Whether a number, list or table agrees with another, and if not, in which entry and how.

Lessons, `mfteach.check`, contracts and grading all use it. A number is anything that can be read as
a real one: 4, True, "4.5", 4 + 0j, a NumPy scalar. Nothing agrees with a value that is not finite.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.answers.missing import UNREADABLE

__all__ = [
    "NOTHING",
    "NOT_FINITE",
    "UNREADABLE",
    "WRONG_SHAPE",
    "Misfit",
    "agree",
    "as_numbers",
    "difference",
    "entries_apart",
    "is_rounded",
    "misfit",
    "near",
    "typed_misfit",
]

Array = NDArray[np.float64]

NOTHING = "returned nothing"
WRONG_SHAPE, NOT_FINITE = "wrong shape", "not finite"
ROUNDING = 1e-9  # what arithmetic may leave of a 0
MOST_SHOWN = 60  # characters of a value that is not a number


class Misfit(NamedTuple):
    """A value that is wrong whatever its numbers are.

    Parameters
    ----------
    label : str
        `NOTHING`, `UNREADABLE`, `WRONG_SHAPE` or `NOT_FINITE`.
    words : str
        The same as a sentence. It may name the shape that is wanted, never an entry.
    """

    label: str
    words: str


# Reading -----------------------------------------------------------------------------------------


def as_numbers(value: Any) -> Array:
    """Return a number, or nested lists of numbers, as an array of floats.

    An integer beyond the range of floats becomes an infinity.

    Raises
    ------
    ValueError
        If an entry is not a real number, or rows differ in length. The message continues after
        the name of the value: "has None at [1], which is not a number".

    Examples
    --------
    >>> as_numbers([1, "2.5", True])
    array([1. , 2.5, 1. ])
    """
    if np.ma.is_masked(value):
        raise ValueError("has a masked entry, which is not a number")
    try:
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return array.astype(np.float64)
        array = np.asarray(
            value, dtype=object
        )  # NumPy would read None as nan, drop imaginary parts
    except ValueError:
        raise ValueError(_RAGGED) from None
    except Exception as error:
        raise ValueError(f"is not made of numbers ({type(error).__name__})") from None
    numbers = np.zeros(array.shape)
    for place, entry in np.ndenumerate(array):
        numbers[place] = _as_number(entry, place)
    return numbers


_RAGGED = "has rows that differ in length"


def _as_number(entry: Any, place: tuple[int, ...]) -> float:
    if isinstance(entry, list | tuple | np.ndarray):
        raise ValueError(_RAGGED)
    if isinstance(entry, complex | np.complexfloating) and entry.imag == 0:
        entry = entry.real
    try:
        if not isinstance(entry, complex | np.complexfloating):  # NumPy's would drop a part
            return float(entry)
    except OverflowError:
        return float("inf") if entry > 0 else float("-inf")
    except Exception:  # whatever an object of a student's own does when it is asked for a number
        pass
    raise ValueError(f"{_shown(entry, place)}, which is not a number")


def _shown(entry: Any, place: tuple[int, ...]) -> str:
    try:
        text = repr(entry)
    except Exception:
        text = f"a {type(entry).__name__}"
    text = text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
    return f"has {text} at {list(place)}" if place else f"is {text}"


# Agreement ---------------------------------------------------------------------------------------


def agree(given: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two values have the same shape, and entries that differ by no more than tolerance.

    Parameters
    ----------
    given, wanted : number, array-like or tuple of these
        A tuple is compared value by value; a list may be given for it.
    tolerance : float
        Relative to the largest entry of ``wanted``, or to 1 if that is larger.
    """
    if isinstance(wanted, tuple):
        return (
            isinstance(given, tuple | list)
            and len(given) == len(wanted)
            and all(agree(g, w, tolerance) for g, w in zip(given, wanted, strict=True))
        )
    try:
        left, right = as_numbers(given), as_numbers(wanted)
    except ValueError:
        return False
    return left.shape == right.shape and not _apart(left, right, tolerance).any()


def entries_apart(given: Any, wanted: Any, tolerance: float) -> list[tuple[int, ...]]:
    """Return the positions of the entries that do not agree, row by row; see `agree`.

    Raises
    ------
    ValueError
        If one of the two is not made of numbers, or they differ in shape.
    """
    left, right = as_numbers(given), as_numbers(wanted)
    if left.shape != right.shape:
        raise ValueError(f"{_form_of(left.shape)} cannot be compared with {_form_of(right.shape)}")
    return [tuple(map(int, place)) for place in np.argwhere(_apart(left, right, tolerance))]


def near(given: Any, wanted: Any, tolerance: float) -> NDArray[np.bool_]:
    """Return which entries of a typed answer are as close as ``tolerance`` asks, each by itself.

    Parameters
    ----------
    given, wanted : number or array-like
    tolerance : float
        Relative to each entry of ``wanted``, however large the others are.

    Returns
    -------
    ndarray of bool
        In the shape of ``wanted``; all False if ``given`` has another shape or is not made of
        numbers.

    Examples
    --------
    >>> near([1000, 0.5], [1000.4, 0.4], 1e-3)
    array([ True, False])
    """
    right = as_numbers(wanted)
    try:
        left = as_numbers(given)
    except ValueError:
        return np.zeros(right.shape, dtype=bool)
    if left.shape != right.shape:
        return np.zeros(right.shape, dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.abs(left - right) <= np.maximum(tolerance * np.abs(right), ROUNDING))


def is_rounded(given: Any, wanted: Any, tolerance: float) -> bool:
    """Whether an answer is the wanted one after all, but with two or three digits only.

    Examples
    --------
    >>> is_rounded(0.88, 7 / 8, 1e-3), is_rounded(37, 36, 1e-3)
    (True, False)
    """
    close = near(given, wanted, tolerance)
    pairs = zip(np.ravel(close), np.ravel(given), np.ravel(as_numbers(wanted)), strict=False)
    return all(ok or _cut(float(value), float(right)) for ok, value, right in pairs)


def _cut(given: float, wanted: float) -> bool:
    """Whether a number is another one, rounded or cut to two or three digits."""
    return any(
        given == _digits(given, count) != 0
        and wanted != _digits(wanted, count)
        and abs(given - wanted) < 10.0 ** (math.floor(math.log10(abs(given))) + 1 - count)
        for count in (2, 3)
    )


def _digits(number: float, count: int) -> float:
    return float(f"{number:.{count - 1}e}")


def difference(given: Any, wanted: Any, tolerance: float) -> str:
    """Return which entry does not agree, and how, or "" if all do; the shapes must match.

    No entry of ``wanted`` is revealed.

    Raises
    ------
    ValueError
        As `entries_apart` does, and if ``wanted`` is not finite.

    Examples
    --------
    >>> difference([1, -2, 3], [1, 2, 3], 1e-3)
    'the entry at [1] has the wrong sign'
    """
    places = entries_apart(given, wanted, tolerance)
    if not places:
        return ""
    left, right = as_numbers(given), as_numbers(wanted)
    if not np.isfinite(right).all():
        raise ValueError("the wanted value is not finite, so nothing can agree with it")
    first = places[0]
    how = _how(float(left[first]), float(right[first]), tolerance * _scale(right))
    if not first:
        return f"it {how}"
    if len(places) == 1:
        return f"the entry at {list(first)} {how}"
    return f"{len(places)} of {right.size} entries differ, and the first, at {list(first)}, {how}"


def _how(given: float, wanted: float, off: float) -> str:
    if not np.isfinite(given):
        return "is not finite"
    if abs(given + wanted) <= off:
        return "has the wrong sign"
    return "is too high" if given > wanted else "is too low"


def _apart(given: Array, wanted: Array, tolerance: float) -> NDArray[np.bool_]:
    with np.errstate(over="ignore", invalid="ignore"):  # an infinity is close to nothing
        near = np.abs(given - wanted) <= tolerance * _scale(wanted)
    return ~near  # nan is close to nothing


def _scale(wanted: Array) -> float:
    return float(np.max(np.abs(wanted), initial=1.0, where=np.isfinite(wanted)))


# Form --------------------------------------------------------------------------------------------


def misfit(given: Any, wanted: Any, what: str = "Your answer") -> Misfit | None:
    """Return what is wrong with the form of a value, whatever its numbers are; None if nothing is.

    Parameters
    ----------
    given : anything
    wanted : number, array-like or tuple of these
        A value of the right form. If it contains an infinity or nan, ``given`` may too.
    what : str
        What the message calls the value.

    Raises
    ------
    ValueError
        If ``wanted`` is not made of numbers.
    """
    if given is None:
        return Misfit(NOTHING, f"{what} is None: is a return missing?")
    if isinstance(wanted, tuple):
        return _misfit_of_values(given, wanted, what)
    try:
        right = as_numbers(wanted)
    except ValueError as fault:
        raise ValueError(f"the wanted value {fault}") from None
    try:
        left = as_numbers(given)
    except ValueError as fault:
        return Misfit(UNREADABLE, f"{what} {fault}.")
    if left.shape != right.shape:
        form, asked = _form_of(left.shape), _form_of(right.shape)
        return Misfit(WRONG_SHAPE, f"{what} is {form}; the question asks for {asked}.")
    odd = np.argwhere(~np.isfinite(left))
    if len(odd) and np.isfinite(right).all():
        place = tuple(map(int, odd[0]))
        found = f"{what} is not finite: it {_shown(float(left[place]), place)}."
        return Misfit(NOT_FINITE, f"{found} Is something divided by 0, or does it grow too large?")
    return None


def typed_misfit(answer: Any, wanted: Any) -> str:
    """Return what is wrong with the form of an answer that was typed, and the cure, or ""."""
    fault = misfit(answer, wanted)
    if fault is None:
        return ""
    cure = " Type numbers only, such as 4 or [1, 0.5]." if fault.label == UNREADABLE else ""
    return fault.words + cure


def _misfit_of_values(given: Any, wanted: tuple[Any, ...], what: str) -> Misfit | None:
    count = len(wanted)
    if not isinstance(given, tuple | list) or len(given) != count:
        return Misfit(WRONG_SHAPE, f"{what} must be {count} values, as in: return a, b.")
    found = (
        misfit(g, w, f"{what.removesuffix(',')}, value {number} of {count},")
        for number, (g, w) in enumerate(zip(given, wanted, strict=True), 1)
    )
    return next((fault for fault in found if fault), None)


def _form_of(shape: tuple[int, ...]) -> str:
    if not shape:
        return "a single number"
    if len(shape) == 1:
        return f"a list of {shape[0]} number{'s' * (shape[0] != 1)}"
    return f"an array of shape {shape}"
