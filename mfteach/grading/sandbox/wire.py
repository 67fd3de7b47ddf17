"""Values as data: what may travel between the grader and the worker, and in which form.

None, bool, int, float, lists, tuples and NumPy arrays travel; an array goes as its exact bytes, so
that no bit is lost. `decode` trusts nothing: whatever does not have exactly this form is a
`ValueError`. Both sides use this module; with `mfteach.arguments` it needs only NumPy and the
standard library.
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import numpy as np

from mfteach.arguments.plain import plain

MAX_ELEMENTS = 100_000
"""Elements of one array, and numbers of one list."""
MAX_DEPTH = 5
"""Lists within lists."""
MAX_INTEGER = 2**63
"""No answer needs larger integers, and a float could not hold them exactly."""

_DTYPES = {"float64": np.float64, "int64": np.int64, "bool": np.bool_}


class Unreadable(ValueError):
    """A value that cannot travel; the message says what it is."""


def encode(value: Any) -> Any:
    """The JSON form of a value.

    Types are compared exactly, after `plain`: an object that only pretends to be a number is not
    one.

    Raises
    ------
    Unreadable
        If it is anything but None, bool, int, float, str, array, or a list or tuple of these.
    """
    try:
        return _encode(plain(value), 0)
    except RecursionError as error:
        raise Unreadable("a list that is too deep") from error


def _encode(value: Any, depth: int) -> Any:
    kind = type(value)
    if value is None or kind in (bool, float, str):
        return value
    if kind is int:
        return _small(value)
    if kind is np.ndarray:
        return _encode_array(value)
    if issubclass(kind, np.generic):
        return _encode(_plain(value), depth)
    if kind not in (list, tuple):
        raise Unreadable(f"a value of type {kind.__name__}")
    if depth == MAX_DEPTH or len(value) > MAX_ELEMENTS:
        raise Unreadable("a list that is too long or too deep")
    entries = [_encode(entry, depth + 1) for entry in value]
    return {"tuple": entries} if kind is tuple else entries


def decode(data: Any, depth: int = 0) -> Any:
    """The value that `encode` was given.

    Raises
    ------
    Unreadable
        If ``data`` is not something that `encode` returns.
    """
    if data is None or isinstance(data, bool | float | str):
        return data
    if isinstance(data, int):
        return _small(data)
    if isinstance(data, dict) and data.keys() == {"array", "dtype", "shape"}:
        return _decode_array(data["array"], data["dtype"], data["shape"])
    is_tuple = isinstance(data, dict) and data.keys() == {"tuple"}
    entries = data["tuple"] if is_tuple else data
    if not isinstance(entries, list) or depth == MAX_DEPTH or len(entries) > MAX_ELEMENTS:
        raise Unreadable("something that is not a value")
    values = [decode(entry, depth + 1) for entry in entries]
    return tuple(values) if is_tuple else values


def _small(value: int) -> int:
    if abs(value) > MAX_INTEGER:
        raise Unreadable(f"an integer of {value.bit_length()} bits")
    return value


def _plain(value: np.generic) -> Any:
    """The Python number that a NumPy scalar is."""
    if isinstance(value, np.bool_ | np.integer) or type(value) in (
        np.float64,
        np.float32,
        np.float16,
    ):
        return value.item()
    raise Unreadable(f"a value of type {type(value).__name__}")


def _encode_array(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    if array.size > MAX_ELEMENTS:
        raise Unreadable(f"an array of {array.size} elements")
    name = {"f": "float64", "i": "int64", "u": "int64", "b": "bool"}.get(array.dtype.kind)
    if name is None or array.dtype.itemsize > 8:
        raise Unreadable(f"an array of {array.dtype}")
    if array.dtype == np.uint64 and array.size and array.max() >= MAX_INTEGER:
        raise Unreadable("an array of integers of 64 bits")
    exact: np.ndarray[Any, Any] = np.ascontiguousarray(array, dtype=_DTYPES[name])
    data = base64.b64encode(exact.tobytes()).decode()
    return {"array": data, "dtype": name, "shape": list(array.shape)}


def _decode_array(data: object, dtype: object, shape: object) -> np.ndarray[Any, Any]:
    if not isinstance(data, str) or not isinstance(dtype, str) or dtype not in _DTYPES:
        raise Unreadable("an array without numbers")
    sides = _sides(shape)
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("an array without numbers") from error
    kind = np.dtype(_DTYPES[dtype])
    if math.prod(sides) * kind.itemsize != len(raw):
        raise Unreadable("an array whose numbers do not fill its shape")
    if kind == np.bool_:  # any byte but 0 is True, so that no other value gets in
        return np.asarray(np.frombuffer(raw, dtype=np.uint8).reshape(sides) != 0)
    return np.array(np.frombuffer(raw, dtype=kind).reshape(sides))


def _sides(shape: object) -> tuple[int, ...]:
    if (
        isinstance(shape, list)
        and len(shape) <= 8
        and all(type(n) is int and 0 <= n <= MAX_ELEMENTS for n in shape)
    ):
        return tuple(shape)
    raise Unreadable("an array without a shape")
