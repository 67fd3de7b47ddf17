"""Ratings as JSON: an object a line, or one array of objects."""

from __future__ import annotations

import io
import json
from array import array
from collections.abc import Iterable, Iterator
from functools import partial
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, cut, listed, shown
from mfteach.matrices.column_names import Wanted, places_of
from mfteach.matrices.delimited import WrongEncoding, progress
from mfteach.matrices.numbers import as_number, likeness

AN_OBJECT = 'An object looks like {"user": 1, "item": 2, "rating": 4.5}'
# Lines between two looks at how far a file is read.
PIECE = 50_000


class Records(NamedTuple):
    """What `read_records` found: the names of the fields, and one entry a rating.

    ``columns`` are the users, the items and the values, or as many of these as are wanted.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    columns: tuple[NDArray[Any], ...]
    lines: array[int]


def read_records(
    file: IO[bytes], name: str, encoding: str, *, in_lines: bool, wanted: Wanted
) -> Records:
    """Read three fields of every object.

    Parameters
    ----------
    file : binary file
    name : str
        What messages call it.
    encoding : str
        Of its text.
    in_lines : bool
        Whether each line holds an object; else the whole file holds an array of them.
    wanted : Wanted
        The fields, by name or by number.

    Raises
    ------
    InputError
        For what is not JSON, a field that is missing, an id that is neither a whole number nor
        text, or a value that is not a finite number; the message names the line.
    """
    text = io.TextIOWrapper(file, encoding)
    try:
        records = _of_lines(text, name) if in_lines else _of_array(text, name)
        return _columns(records, name, wanted, "line" if in_lines else "record")
    except UnicodeDecodeError as error:
        raise WrongEncoding(name, error) from None
    finally:
        text.detach()


def _of_lines(text: io.TextIOWrapper, name: str) -> Iterator[tuple[int, Any]]:
    with progress(text, name) as advance:
        for number, line in enumerate(text, start=1):
            if line.strip():
                yield number, _parsed(line, f"{name}, line {number}")
            if not number % PIECE:
                advance()


def _of_array(text: IO[str], name: str) -> Iterator[tuple[int, Any]]:
    document = _parsed(text.read(), name)
    if not isinstance(document, list):
        raise _no_records(name)
    return iter(enumerate(document, start=1))


def _no_records(name: str) -> InputError:
    return InputError(
        f"{name} is JSON, but neither an array of objects nor an object a line",
        "Write an object for each rating (to_json(orient='records') of pandas does), or CSV",
    )


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{place} is not JSON: {shown(text.strip())}", AN_OBJECT) from None


def _columns(records: Iterable[tuple[int, Any]], name: str, wanted: Wanted, kind: str) -> Records:
    names: tuple[str, ...] = ()
    columns = [COLUMNS[role](role) for role in wanted.roles]
    lines = array("q")
    for number, record in records:
        place = f"{name}, {kind} {number}"
        if not isinstance(record, dict):
            raise InputError(f"{place} is not an object: {in_json(record)}", AN_OBJECT)
        if not names:
            if record and all(isinstance(value, dict | list) for value in record.values()):
                raise _no_records(name)  # columns, or a row for each user
            if len(record) < len(columns):
                raise InputError(f"{place} has only the fields {listed(record)}", AN_OBJECT)
            names = tuple(record)
            places = places_of(names, wanted, name, partial(_likeness, record))
            fields = [names[place] for place in places]
        for field, column in zip(fields, columns, strict=True):
            if field not in record:
                raise InputError(
                    f"{place} has no field {shown(field)}; it has {listed(record)}",
                    "Leave that record out",
                )
            column.add(record[field], place)
        lines.append(number)
    if not names:
        raise InputError(f"{name} holds no rating", AN_OBJECT)
    return Records(names, places, tuple(column.joined() for column in columns), lines)


def _likeness(record: dict[str, Any], field: str) -> int:
    """How much the value of a field looks like a rating."""
    value = record[field]
    return likeness([0.5, value]) if type(value) in (int, float) else 0


def in_json(value: Any) -> str:
    """A value as the file has it: null and true, not None and True."""
    return shown(value) if isinstance(value, str) else cut(json.dumps(value))


class _Labels:
    """One column of labels in the making; each different one is kept once."""

    def __init__(self, role: str) -> None:
        self._kind = role.removesuffix("s")
        self._first: tuple[Any, str] | None = None
        self._numbers: dict[int | str, int] = {}
        self._rows = array("q")

    def add(self, label: Any, place: str) -> None:
        if type(label) is not str and type(label) is not int:
            raise InputError(
                f"{place}: the {self._kind} is {in_json(label)}, neither a whole number nor text",
                "Write an id in its place, or leave the record out",
            )
        first, where = self._first = self._first or (label, place)
        if type(label) is not type(first):
            raise InputError(
                f"{where}: the {self._kind} is {in_json(first)}, and in {place} {in_json(label)}: "
                "one is a number, one a text",
                "Write all ids alike",
            )
        self._rows.append(self._numbers.setdefault(label, len(self._numbers)))

    def joined(self) -> NDArray[Any]:
        labels = list(self._numbers)
        if type(labels[0]) is int and not all(-(2**63) <= label < 2**63 for label in labels):  # type: ignore[operator]
            labels = list(map(str, labels))
        column: NDArray[Any] = np.array(labels)[np.array(self._rows)]
        return column


class _Values:
    """One column of ratings in the making."""

    def __init__(self, _: str) -> None:
        self._values = array("d")

    def add(self, value: Any, place: str) -> None:
        self._values.append(as_number(value, place, in_json))

    def joined(self) -> NDArray[Any]:
        return np.array(self._values)


COLUMNS: dict[str, type[_Labels] | type[_Values]] = {
    "users": _Labels,
    "items": _Labels,
    "values": _Values,
}
