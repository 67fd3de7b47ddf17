"""Ratings as JSON: an object a line, or one array of objects."""

from __future__ import annotations

import io
import json
from array import array
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, listed, shown
from mfteach.matrices.column_names import Wanted, places_of
from mfteach.matrices.delimited import WrongEncoding, as_number, progress

# Lines between two looks at how far a file is read.
PIECE = 50_000


class Records(NamedTuple):
    """What `read_records` found: the names of the fields, and one entry a rating."""

    names: tuple[str, ...]
    places: tuple[int, int, int]
    users: NDArray[Any]
    items: NDArray[Any]
    values: NDArray[np.float64]
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
        raise InputError(
            f"{name} is JSON, but neither an array of objects nor an object a line",
            "Write it as one of these, or as CSV",
        )
    return iter(enumerate(document, start=1))


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        cure = 'An object looks like {"user": 1, "item": 2, "rating": 4.5}'
        raise InputError(f"{place} is not JSON: {shown(text.strip())}", cure) from None


def _columns(records: Iterable[tuple[int, Any]], name: str, wanted: Wanted, kind: str) -> Records:
    names: tuple[str, ...] = ()
    users, items = _Labels("user"), _Labels("item")
    values, lines = array("d"), array("q")
    for number, record in records:
        place = f"{name}, {kind} {number}"
        if not isinstance(record, dict):
            raise InputError(f"{place} is not an object: {shown(record)}")
        if not names:
            names = tuple(record)
            places = places_of(names, wanted, name)
            user, item, value = (names[place] for place in places)
        try:
            found = record[user], record[item], record[value]
        except KeyError as error:
            raise InputError(
                f"{place} has no field {shown(error.args[0])}; it has {listed(record)}"
            ) from None
        users.add(found[0], place)
        items.add(found[1], place)
        if isinstance(found[2], bool):
            raise InputError(f"{place}: {found[2]} is not a number")
        values.append(as_number(found[2], place))
        lines.append(number)
    if not names:
        raise InputError(f"{name} holds no rating")
    return Records(names, places, users.joined(), items.joined(), np.array(values), lines)


class _Labels:
    """One column of labels in the making; each different one is kept once."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._numbers: dict[int | str, int] = {}
        self._rows = array("q")

    def add(self, label: Any, place: str) -> None:
        if type(label) is not str and type(label) is not int:
            raise InputError(
                f"{place}: the {self._kind} is {shown(label)}, neither a whole number nor text"
            )
        self._rows.append(self._numbers.setdefault(label, len(self._numbers)))

    def joined(self) -> NDArray[Any]:
        labels = list(self._numbers)
        others = (label for label in labels if type(label) is not type(labels[0]))
        other = next(others, None)
        if other is not None:
            raise InputError(
                f"the {self._kind}s {shown(labels[0])} and {shown(other)} are of different types",
                "Write all ids alike",
            )
        if type(labels[0]) is int and not all(-(2**63) <= label < 2**63 for label in labels):  # type: ignore[operator]
            labels = list(map(str, labels))
        column: NDArray[Any] = np.array(labels)[np.array(self._rows)]
        return column
