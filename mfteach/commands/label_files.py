"""Users, or pairs of a user and an item, from a file: what a saved model is asked about."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import listed
from mfteach.console import UsageError
from mfteach.matrices.delimited import plain_integers
from mfteach.matrices.labels import RowLookup
from mfteach.matrices.strict_csv import strict_rows

# Of those that occur equally often in the first line the first one counts.
SEPARATORS = (",", "\t", ";", "|")
# Letters of a label that a message quotes.
LONGEST = 60
# Names of the columns that are looked for if none is given.
USERS, ITEMS = ("userId", "user"), ("movieId", "item")
HEAD_IT = "Put a line of names above it, such as user,item"


class Asked(NamedTuple):
    """Labels as they stand in a file, the line of each, and the column if an option names it."""

    file: str
    labels: list[str]
    lines: list[int]
    column: str | None = None


def read_users(source: str, column: str | None) -> Asked:
    """Users of a file: of a column, or one on each line.

    Parameters
    ----------
    source : str
        Path of the file, or ``-`` for the standard input.
    column : str, optional
        Name of the column; otherwise one of `USERS` that the first line holds, or else the file
        is no table, and every line is a user.

    Raises
    ------
    OSError
        If the file cannot be read.
    UsageError, ValueError
        If it holds no user, no UTF-8 text or no such column, or is no table in good order.
    """
    name, text = _text(source)
    header = next(_rows(name, text), (0, []))[1]
    if column is not None or any(known in header for known in USERS):
        return _columns(name, text, [("--users", column, USERS)])[0]
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    filled = [(number, line) for number, line in lines if line]
    return _filled(Asked(name, [line for _, line in filled], [number for number, _ in filled]))


def read_pairs(source: str, users: str | None, items: str | None) -> tuple[Asked, Asked]:
    """Users and items of a file with a header, a pair on each line; as `read_users`."""
    name, text = _text(source)
    columns = [("--users", users, USERS), ("--items", items, ITEMS)]
    asked_users, asked_items = _columns(name, text, columns)
    return asked_users, asked_items


def rows_of(asked: Asked, lookup: RowLookup, labels: NDArray[Any], kind: str) -> NDArray[np.intp]:
    """Row number of each label, -1 where no row has it.

    Raises
    ------
    UsageError
        If not one of them is known: then something else is wrong. If the name of their column is
        one too: then it is none, and would be lost.
    """
    are_texts = labels.dtype.kind == "U"
    if asked.column is not None and _find([asked.column], lookup, are_texts)[0] >= 0:
        raise UsageError(
            f"{asked.file} has no header: {asked.column[:LONGEST]!r} in its first line is a {kind} "
            f"of the model. {HEAD_IT}"
        )
    rows = _find(asked.labels, lookup, are_texts)
    if (rows < 0).all():
        raise UsageError(
            f"{asked.file}: no {kind} of it is among the {len(labels):,} {kind}s of the model: "
            f"{asked.labels[0][:LONGEST]!r}, for instance, while there is {labels[0].item()!r}. "
            f"In a table the first line names the columns, and --{kind}s says which one is meant"
        )
    return rows


def _find(asked: list[str], lookup: RowLookup, are_texts: bool) -> NDArray[np.intp]:
    if are_texts:
        return lookup.find(asked)
    integers = plain_integers(asked)
    if integers is not None:
        return lookup.find(integers)
    rows = np.full(len(asked), -1, dtype=np.intp)
    for place, label in enumerate(asked):
        integers = plain_integers([label])
        if integers is not None:
            rows[place] = lookup.find(integers)[0]
    return rows


def _text(source: str) -> tuple[str, str]:
    """What messages call the file, and its text."""
    if source == "-":
        name, content = "standard input", sys.stdin.buffer.read()
    else:
        name, content = Path(source).name, Path(source).read_bytes()
    # The shell of Windows writes UTF-16 into files.
    in_pairs = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return name, content.decode("utf-16" if in_pairs else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}, line {line}: this is not UTF-8 text; save it as that") from None


def _rows(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    return strict_rows(io.StringIO(text, newline=""), name, separator)


def _columns(
    name: str, text: str, wanted: Sequence[tuple[str, str | None, tuple[str, ...]]]
) -> list[Asked]:
    rows = _rows(name, text)
    _, header = next(rows, (0, []))
    places = [_place(name, header, *each) for each in wanted]
    found = [Asked(name, [], [], column) for _, column, _ in wanted]
    for line, row in rows:
        for place, asked in zip(places, found, strict=True):
            if not row[place]:
                raise UsageError(f"{name}, line {line}: the column {header[place]!r} is blank")
            asked.labels.append(row[place])
            asked.lines.append(line)
    return list(map(_filled, found))


def _place(
    name: str, header: list[str], option: str, column: str | None, known: tuple[str, ...]
) -> int:
    for there in known if column is None else (column,):
        if there in header:
            return header.index(there)
    raise UsageError(
        f"{name} has no column {column or known[0]!r}; its first line is "
        f"{listed(header) or 'blank'}. If that names the columns, name yours with {option}. "
        f"If not: {HEAD_IT[0].lower()}{HEAD_IT[1:]}"
    )


def _filled(asked: Asked) -> Asked:
    if not asked.labels:
        raise UsageError(f"{asked.file} names nobody: there is no label in it")
    return asked
