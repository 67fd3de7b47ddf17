"""What stands for numbers, as plain numbers and arrays: what a student's function may return.

The check in a notebook and the sandbox both use it, so that they take the same. It loads nothing:
a value of SymPy or pandas can only be there if they are.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

__all__ = ["plain", "strange"]

_PLAIN = (type(None), bool, int, float)


def plain(value: Any) -> Any:
    """Return a value as plain numbers, arrays, lists and tuples, as far as it stands for them.

    Numbers of `fractions`, `decimal` and SymPy become floats; matrices, masked arrays without a
    masked entry, tables of pandas and arrays of objects become arrays of numbers; a named tuple
    becomes a tuple. Whatever else it is, it stays as it is.

    Examples
    --------
    >>> plain((Fraction(1, 2), 3))
    (0.5, 3)
    """
    kind = type(value)
    if kind in _PLAIN or kind is str:
        return value
    if kind in (Fraction, Decimal) or _is_a(value, "sympy", "Expr"):
        return _number(value)
    if isinstance(value, tuple) and (kind is tuple or hasattr(kind, "_fields")):
        return tuple(map(plain, value))
    if kind is list:
        return [plain(entry) for entry in value]
    if kind is np.matrix or (kind is np.ma.MaskedArray and not np.ma.is_masked(value)):
        value = np.array(value)
    elif _is_a(value, "pandas", "DataFrame") or _is_a(value, "pandas", "Series"):
        value = value.to_numpy()
    elif _is_a(value, "sympy", "MatrixBase"):
        value = np.array(value.tolist(), dtype=object)
    return _numbers(value) if type(value) is np.ndarray and value.dtype == object else value


def strange(value: Any) -> str:
    """Return the type of the first thing in a plain value that is not a number, or "".

    Examples
    --------
    >>> strange([1, "2"])
    'str'
    """
    if isinstance(value, list | tuple):
        return next(filter(None, map(strange, value)), "")
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf":
        return "" if isinstance(value, np.generic) or type(value) is np.ndarray else _type(value)
    return "" if type(value) in _PLAIN else _type(value)


def _type(value: Any) -> str:
    return type(value).__name__


def _is_a(value: Any, package: str, name: str) -> bool:
    """Whether it is of a class of a package, which is not loaded for that."""
    kind = getattr(sys.modules.get(package), name, None)
    return isinstance(kind, type) and isinstance(value, kind)


def _number(value: Any) -> Any:
    """Return the number, or the value itself if it is none: a formula with letters."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return value


def _numbers(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return an array of objects as one of floats, if they are all numbers."""
    entries = [plain(entry) for entry in array.ravel()]
    if any(strange(entry) or isinstance(entry, list | tuple) or entry is None for entry in entries):
        return array
    return np.array([float(entry) for entry in entries]).reshape(array.shape)
