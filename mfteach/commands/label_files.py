"""Users, or pairs of a user and an item, from a file: what a saved model is asked about."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, shown
from mfteach.commands.options import asked_of, piped
from mfteach.matrices.delimited import plain_integers
from mfteach.matrices.file_kind import Asked
from mfteach.matrices.label_tables import Known, LabelTable, read_labels
from mfteach.matrices.labels import RowLookup
from mfteach.matrices.ratings import Ratings


class Found(NamedTuple):
    """What a file holds, and the row number of each user, and of each item; -1 for a stranger."""

    table: LabelTable
    rows: tuple[NDArray[np.intp], ...]


class Side(NamedTuple):
    """The users, or the items, of a model."""

    lookup: RowLookup
    labels: NDArray[Any]
    kind: str


def read_known(source: str, arguments: argparse.Namespace, known: Ratings) -> Found:
    """Users of a file, or pairs: the columns that are wanted, and where the model has them.

    Beside the table that a command may write to the console, it says what the file was taken for,
    unless that is obvious.

    Parameters
    ----------
    source : str
        Path of the file, or ``-`` for what comes through a pipe.
    arguments : argparse.Namespace
        Those that `mfteach.commands.options.add_reading_options` added.
    known : Ratings
        What the model was fitted on.

    Raises
    ------
    OSError, InputError
        As `read_labels`; and if not one user, or not one item, is known: then something else is
        wrong.
    """
    sides = (
        Side(known.user_rows, known.user_labels, "user"),
        Side(known.item_rows, known.item_labels, "item"),
    )[: len(arguments.roles)]
    asked = asked_of(arguments)
    table = read_labels(piped(source), asked, [_known(side) for side in sides])
    rows = _rows(table.columns, sides)
    certain = table.kind.header or asked.wanted.columns is not None
    n_known, n_swapped = _n_known(rows), _n_known(_rows(table.columns[::-1], sides))
    if n_swapped > n_known and not (certain and n_known):
        raise InputError(
            f"{table.kind.name}: its items seem to stand before its users",
            "Count the columns: {columns}",
            columns=tuple(place + 1 for place in table.kind.places[::-1]),
        )
    for labels, there, side in zip(table.columns, rows, sides, strict=True):
        if (there < 0).all():
            raise _strangers(table, labels, side, asked)
    if not table.kind.is_obvious:
        print(table.kind.sentence(), file=sys.stderr)
    return Found(table, rows)


def _rows(columns: Sequence[list[str]], sides: Sequence[Side]) -> tuple[NDArray[np.intp], ...]:
    return tuple(
        _find(labels, side.lookup, side.labels.dtype.kind == "U")
        for labels, side in zip(columns, sides, strict=True)
    )


def _n_known(rows: Sequence[NDArray[np.intp]]) -> int:
    """How many lines hold nothing that is unknown."""
    return int((np.min(rows, axis=0) >= 0).sum())


def _strangers(table: LabelTable, labels: Sequence[str], side: Side, asked: Asked) -> InputError:
    """What to say where the model knows nobody."""
    kind = side.kind
    problem = (
        f"{table.kind.name}: no {kind} of it is among the {len(side.labels):,} {kind}s of the "
        f"model: {shown(labels[0])}, for instance, while there is {shown(side.labels[0].item())}"
    )
    others = [place for place in range(len(table.kind.names)) if place not in table.kind.places]
    if not others:
        return InputError(problem, "Write them as the model has them")
    by_number = [place + 1 for place in table.kind.places]
    by_number[("user", "item").index(kind)] = others[0] + 1
    if not table.kind.header or asked.wanted.columns is not None:
        advice = "If they are in another column, count it: {columns}"
        return InputError(problem, advice, columns=tuple(by_number))
    return InputError(
        problem,
        f"If they are in another column, name it, such as {{{kind}s}}",
        otherwise="If they are in another column, count it: {columns}",
        columns=tuple(by_number),
        cures=(),
        **{f"{kind}s": table.kind.names[others[0]]},
    )


def _known(side: Side) -> Known:
    are_texts = side.labels.dtype.kind == "U"
    return Known(
        side.kind,
        lambda asked: (_find(list(asked), side.lookup, are_texts) >= 0).tolist(),
        not are_texts,
    )


def _find(asked: list[str], lookup: RowLookup, are_texts: bool) -> NDArray[np.intp]:
    """The row of each label; where those of the model are numbers, a word has none."""
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
