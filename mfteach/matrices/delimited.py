"""Ratings in delimited text, read piece by piece: millions of lines never become Python objects.

A piece that is all well is converted at once. One with anything unusual in it (a blank line, a
field too many, a word where a number belongs) is read once more line by line, so that an error
names the line at fault. This is the definition of what is right: `mfteach.matrices.plain_text`
reads common files in a fraction of the time, and gives the same.
"""

from __future__ import annotations

import csv
import io
import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, shown
from mfteach.arguments.waiting import MOMENT, progress_bar
from mfteach.matrices.column_names import Wanted, by_name
from mfteach.matrices.numbers import as_number
from mfteach.matrices.separators import ONE, fields_of, unquoted

# Lines converted at a time.
PIECE = 50_000
# How a line begins that holds no rating, in a file that begins with such lines.
COMMENT = ("#", "%")

# What separates two fields, as a message calls it.
SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", ONE: "sign"}

# The columns of users, items and values, by name or by place.
Names = tuple[str, str, str] | tuple[int, int, int]


class Columns(NamedTuple):
    """What `read_columns` found, one entry a rating."""

    users: NDArray[Any]
    items: NDArray[Any]
    values: NDArray[np.float64]
    times: NDArray[np.float64] | None
    lines: Lines


class Lines:
    """The line of the file that each rating stands on: runs of lines without a gap."""

    def __init__(self) -> None:
        self._positions: list[int] = []
        self._first_lines: list[int] = []

    def append(self, position: int, line: int) -> None:
        """The rating at ``position``, no smaller than those before, stands on ``line``."""
        if not self._positions or line != self[position]:
            self._positions.append(position)
            self._first_lines.append(line)

    def __getitem__(self, position: int) -> int:
        run = bisect_right(self._positions, position) - 1
        return self._first_lines[run] + position - self._positions[run]


class _Piece(NamedTuple):
    """Consecutive ratings as the texts of their fields, and the line of each."""

    users: Sequence[str]
    items: Sequence[str]
    values: NDArray[np.float64]
    times: NDArray[np.float64] | None
    lines: Sequence[int]
    written: Sequence[str]


class _Decimals:
    """Whether the ratings of a file have a decimal point or a comma: both would be a mistake."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._first: dict[str, tuple[int, str]] = {}

    def note(self, written: Sequence[str], lines: Sequence[int]) -> None:
        """Look at more ratings as they are written; a ValueError names a line of each kind."""
        together = "".join(written)
        for sign in (".", ","):
            if sign in together and sign not in self._first:
                at = next(at for at, number in enumerate(written) if sign in number)
                self._first[sign] = lines[at], written[at]
        if len(self._first) == 2:
            (line, point), (other, comma) = self._first["."], self._first[","]
            raise InputError(
                f"{self._name}: {shown(point)} on line {line} has a decimal point, "
                f"{shown(comma)} on line {other} a comma",
                "Write all ratings alike",
            )


def read_columns(
    text: Iterable[str],
    name: str,
    delimiter: str,
    wanted: Names,
    header: Sequence[str] | None = None,
    timestamps: str | int | None = None,
    skipped: int = 0,
    comments: bool = False,
) -> Columns:
    """Read users, items, values and, where they are wanted and there, times.

    Parameters
    ----------
    text : iterable of str
        The lines: an open file. A regular one shows how far it has come, if it takes long.
    name : str
        What messages call it.
    delimiter : str
        What separates the fields of a line.
    wanted : three str, or three int
        Names of the columns of users, items and values, or their places, counted from 0.
    header : sequence of str, optional
        The names of the columns, where the text has no first line that holds them.
    timestamps : str or int, optional
        Name or place of the column of times; it may be missing.
    skipped : int
        Lines of the file that were read before.
    comments : bool
        Whether a line may begin with "#" or "%" and hold no rating.

    Returns
    -------
    Columns
        Labels are integers if every label of the column is one in its plain form ("7", not
        "007") that fits 64 bits, else strings.

    Raises
    ------
    ValueError
        For a missing column, or a line that is too short, too long or holds no finite number;
        the message names the line.
    """
    reader = fields_of(text, delimiter)
    users, items, lines = _Labels(), _Labels(), Lines()
    values: list[NDArray[np.float64]] = []
    times: list[NDArray[np.float64]] = []
    decimals = _Decimals(name)
    count = 0
    try:
        places = find_places(reader, name, wanted, header, timestamps)
        places = places._replace(skipped=skipped, comments=comments, delimiter=delimiter)
        for piece in _pieces(reader, places, text):
            users.extend(piece.users)
            items.extend(piece.items)
            values.append(piece.values)
            if piece.times is not None:
                times.append(piece.times)
            decimals.note(piece.written, piece.lines)
            _note(lines, count, piece.lines)
            count += len(piece.values)
    except UnicodeDecodeError as error:
        raise WrongEncoding(name, error) from None
    except csv.Error as error:
        raise csv_error(f"{name}, line {skipped + 1}", error) from None
    if not count:
        raise ValueError(f"{name} holds no rating: there is nothing below its header")
    all_times = None if places.time is None else np.concatenate(times)
    return Columns(users.joined(), items.joined(), np.concatenate(values), all_times, lines)


class Places(NamedTuple):
    """Where in a line the fields stand."""

    name: str
    n_fields: int
    user: int
    item: int
    value: int
    time: int | None
    skipped: int = 0
    comments: bool = False
    delimiter: str = ","


def find_places(
    reader: Iterator[list[str]],
    name: str,
    wanted: Names,
    header: Sequence[str] | None,
    timestamps: str | int | None,
) -> Places:
    """Find the columns by the first line, unless ``header`` names them; see `read_columns`."""
    present = header or [column.strip() for column in next(reader, [])]
    if not present:
        raise ValueError(f"{name} is empty")
    user, item, value = _places(wanted, present, name)
    if isinstance(timestamps, str):
        timestamps = present.index(timestamps) if timestamps in present else None
    return Places(name, len(present), user, item, value, timestamps)


def _places(wanted: Names, present: Sequence[str], name: str) -> tuple[int, int, int]:
    if isinstance(wanted[0], str):
        users, items, values = map(str, wanted)
        user, item, value = by_name(present, Wanted(users, items, values), name)
    else:
        user, item, value = map(int, wanted)
    return user, item, value


def _note(lines: Lines, count: int, numbers: Sequence[int]) -> None:
    if isinstance(numbers, range):  # no gap
        lines.append(count, numbers[0])
        return
    for offset, number in enumerate(numbers):
        lines.append(count + offset, number)


def _pieces(reader: Any, places: Places, text: Iterable[str]) -> Iterator[_Piece]:
    """The ratings below the header, some at a time, with a bar where the size is known."""
    with progress(text, places.name) as advance:
        while True:
            before = reader.line_num + places.skipped
            rows: list[list[str]] = []
            numbers: list[int] = []
            try:
                for row in islice(reader, PIECE):
                    rows.append(unquoted(row, places.delimiter, places.n_fields))
                    numbers.append(reader.line_num + places.skipped)
            except (csv.Error, UnicodeDecodeError) as error:
                _line_by_line(rows, _first_lines(before, numbers), places)  # an earlier culprit?
                if isinstance(error, UnicodeDecodeError):
                    raise
                line = (numbers or [before])[-1] + 1
                raise csv_error(f"{places.name}, line {line}", error) from None
            if not rows:
                return
            first_lines = _first_lines(before, numbers)
            if not isinstance(first_lines, range):
                for row, line in zip(rows, first_lines, strict=True):
                    refuse_swallowed(row, f"{places.name}, line {line}", places.delimiter)
            yield _converted(rows, first_lines, places)
            advance()


@contextmanager
def progress(text: Iterable[str], name: str) -> Iterator[Callable[[], None]]:
    """Show a bar of how much of a file is read, if it takes long; yields what moves it on."""
    with progress_bar(
        total=_size(text), unit="B", unit_scale=True, delay=MOMENT, desc=name, leave=False
    ) as bar:

        def advance() -> None:
            if bar.total is not None:
                bar.update(_position(text) - bar.n)

        yield advance


def refuse_swallowed(row: Sequence[str], place: str, delimiter: str) -> None:
    """Refuse a field with whole lines in it: its quote was never meant to open it."""
    for field in row:
        if delimiter in field and ("\n" in field or "\r" in field):
            raise InputError(
                f"{place}: a quote opens a field that goes on below, {shown(field)}",
                "Close it, or remove it",
            )


def _first_lines(before: int, last_lines: list[int]) -> Sequence[int]:
    """The line on which each row starts: a quoted field may run over many lines."""
    if not last_lines or last_lines[-1] == before + len(last_lines):
        return range(before + 1, before + 1 + len(last_lines))
    return [line + 1 for line in [before, *last_lines[:-1]]]


def _converted(rows: list[list[str]], lines: Sequence[int], places: Places) -> _Piece:
    """All the rows at once if nothing is unusual about them, else one by one."""
    try:
        columns = list(zip(*rows, strict=True))
        values = np.array(list(map(float, columns[places.value])))
        times = None
        if places.time is not None:
            times = np.array(list(map(float, columns[places.time])))
        usual = (
            len(columns) == places.n_fields
            and bool(np.isfinite(values).all())
            and (times is None or bool(np.isfinite(times).all()))
            and "_" not in "".join(columns[places.value])
        )
    except (ValueError, IndexError):
        usual = False
    if not usual:
        return _line_by_line(rows, lines, places)
    written = columns[places.value]
    return _Piece(columns[places.user], columns[places.item], values, times, lines, written)


def _line_by_line(rows: list[list[str]], lines: Sequence[int], places: Places) -> _Piece:
    users: list[str] = []
    items: list[str] = []
    values: list[float] = []
    times: list[float] = []
    numbers: list[int] = []
    written: list[str] = []
    for row, line in zip(rows, lines, strict=True):
        if not "".join(row).strip():
            continue
        place = f"{places.name}, line {line}"
        if len(row) != places.n_fields:
            if places.comments and row[0].startswith(COMMENT):
                continue
            raise wrong_width(place, row, places.n_fields, places.delimiter)
        values.append(as_number(_with_a_point(row[places.value], place), place))
        written.append(row[places.value])
        if places.time is not None:
            times.append(as_number(row[places.time], f"{place}: the time"))
        users.append(row[places.user])
        items.append(row[places.item])
        numbers.append(line)
    all_times = None if places.time is None else np.array(times)
    return _Piece(users, items, np.array(values), all_times, numbers, written)


def wrong_width(place: str, row: Sequence[str], n_fields: int, delimiter: str) -> InputError:
    """What to say of a line with too many fields, or too few."""
    sign = SIGNS.get(delimiter, delimiter)
    if len(row) < n_fields:
        advice = "Write what is missing, or remove the line"
    elif not "".join(row[n_fields:]).strip():
        advice = f"Remove the {sign} at the end of such lines"
    elif delimiter == ",":
        advice = "Put quotes around a field with a comma in it, or write 4.5 for 4,5"
    elif delimiter == ONE:
        advice = "Remove what is too much: no field may hold the sign between them"
    else:
        advice = f"Put quotes around a field with a {sign} in it, or remove what is too much"
    columns = "1 column" if len(row) == 1 else f"{len(row)} columns"
    return InputError(f"{place} has {columns} instead of {n_fields}", advice)


def _with_a_point(number: str, place: str) -> str:
    """A number written with a decimal comma, "4,5", as Python writes it."""
    if number.count(",") != 1 or "." in number:
        return number
    if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", number.strip()):
        raise InputError(
            f"{place}: {shown(number)} may mean thousands, or a comma for the decimal point",
            "Write it without the comma, or with a point",
        )
    return number.replace(",", ".")


class _Labels:
    """One column of labels in the making: integers as long as every label is one."""

    def __init__(self) -> None:
        self._pieces: list[NDArray[Any]] = []
        self._integers = True

    def extend(self, labels: Sequence[str]) -> None:
        stripped = list(map(str.strip, labels))
        integers = plain_integers(stripped) if self._integers else None
        if integers is not None:
            self._pieces.append(integers)
            return
        if self._integers:  # plain integers are written back as they stood in the file
            self._pieces = [piece.astype(str) for piece in self._pieces]
            self._integers = False
        self._pieces.append(np.array(stripped, dtype=str))

    def joined(self) -> NDArray[Any]:
        return np.concatenate(self._pieces)


def plain_integers(labels: list[str]) -> NDArray[np.int64] | None:
    """Integers if every label is one in its plain form and fits, else None."""
    try:
        integers = list(map(int, labels))
        if list(map(str, integers)) == labels:
            return np.array(integers, dtype=np.int64)
    except (ValueError, OverflowError):
        pass  # a word, or an integer that needs more than 64 bits: they stay strings
    return None


def _size(text: Iterable[str]) -> int | None:
    """Bytes of a file on the disk; None for what is no such file."""
    try:
        if not isinstance(text.buffer, io.BufferedReader | io.BufferedRandom):  # type: ignore[attr-defined]
            return None  # what is packed has another size
        return os.fstat(text.fileno()).st_size  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None


def _position(text: Any) -> int:
    return int(text.buffer.tell())


def csv_error(place: str, error: Exception) -> InputError:
    """What to say of an error of the csv module."""
    said = str(error)
    if "field limit" in said:
        said = f"a field has more than {csv.field_size_limit():,} characters"
    return InputError(f"{place}: {said}", "Close or remove the quote before it, or shorten it")


class WrongEncoding(ValueError):
    """A text is not in the encoding that it was opened with."""

    def __init__(self, name: str, error: UnicodeDecodeError) -> None:
        super().__init__(f"{name} is not {error.encoding.upper()} text")
        self.error = error
