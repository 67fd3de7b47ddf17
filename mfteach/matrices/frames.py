"""Ratings in tables of columns: data frames, Arrow tables, dicts, structured arrays, rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from itertools import islice
from math import isfinite
from os import PathLike
from typing import IO, Any, NamedTuple

import numpy as np

from mfteach.arguments import InputError, WrongType, listed, shown
from mfteach.matrices.column_names import (
    DEFAULTS,
    ROLES,
    Likeness,
    Wanted,
    are_known,
    places_of,
)
from mfteach.matrices.numbers import likeness

# Rows that show what a column holds, and what numbers are there.
LOOK = 100
# What polars raises where its Rust code gives up; it is no Exception.
PANIC = "PanicException"
NUMBERS = (int, float, np.integer, np.floating)


class Frame(NamedTuple):
    """The names of the columns, and those that are wanted: users, items and values, at most."""

    names: tuple[str, ...]
    places: tuple[int, ...]
    columns: tuple[Any, ...]


def read_frame(frame: Any, wanted: Wanted, name: str = "the frame") -> Frame:
    """The columns of users, items and values, without a copy where there need be none.

    Raises
    ------
    InputError
        For a missing column, one that is there twice, or what is no table of columns.
    """
    frame = frame if is_polars(frame) else collected(frame)  # a lazy one reads only what is needed
    try:
        names, pick = _opened(frame)
        places = places_of(names, wanted, name, _likeness(names, pick))
    except InputError as error:
        index = [label for label in getattr(getattr(frame, "index", None), "names", ()) if label]
        if index:  # of pandas
            error.add(f"{listed(index)} is its index: reset_index() makes columns of that")
        raise
    return Frame(names, places, tuple(map(_array, pick(places))))


def _likeness(names: Sequence[Any], pick: Pick) -> Likeness:
    """How much a column looks like ratings, by its first rows."""
    places = {name: place for place, name in reversed(list(enumerate(names)))}

    def of(name: Any) -> int:
        (column,) = map(_array, pick((places[name],)))
        some = column.to_pylist() if hasattr(column, "to_pylist") else column
        numbers = [
            float(value)
            for value in islice(some if isinstance(some, Iterable) else (), LOOK)
            if isinstance(value, NUMBERS) and not isinstance(value, bool)
        ]
        return likeness([number for number in numbers if isfinite(number)])

    return of


Pick = Callable[[tuple[int, ...]], Iterable[Any]]


def _opened(frame: Any) -> tuple[tuple[str, ...], Pick]:
    """The names of the columns, and what gives some of them by place."""
    of_pairs = isinstance(frame, Mapping) and any(isinstance(key, tuple) for key in frame)
    if of_pairs or hasattr(frame, "tocoo"):
        raise WrongType(
            f"must be a table of columns, but is {'a dict of pairs' if of_pairs else 'sparse'}",
            "Give it to Ratings.from_matrix",
            argument="frame",
        )
    if is_polars(frame):
        names = tuple(frame.collect_schema().names())
        return names, lambda places: collected(
            frame.select([names[at] for at in places])
        ).get_columns()
    if isinstance(frame, Mapping):
        names = tuple(frame)
        return names, lambda places: [frame[names[at]] for at in places]
    if isinstance(frame, np.ndarray) and frame.dtype.names:
        fields = frame.dtype.names
        return fields, lambda places: [frame[fields[at]] for at in places]
    if hasattr(frame, "schema") and hasattr(frame, "column"):  # Arrow
        return tuple(frame.schema.names), lambda places: [frame.column(at) for at in places]
    if hasattr(frame, "iloc") and hasattr(
        frame, "columns"
    ):  # pandas, where a name may be there twice
        return tuple(frame.columns), lambda places: [frame.iloc[:, at] for at in places]
    if hasattr(frame, "columns"):
        names = tuple(frame.columns)
        return names, lambda places: [frame[names[at]] for at in places]
    return _opened_rows(frame)


def is_polars(frame: Any) -> bool:
    """Whether it is a frame of polars, lazy or not."""
    return hasattr(frame, "collect_schema") and hasattr(frame, "lazy")


def collected(frame: Any) -> Any:
    """What a lazy frame of polars, or a stream or data set of Arrow, stands for; else as it is."""
    if is_polars(frame) and hasattr(frame, "collect"):
        return frame.collect()
    if hasattr(frame, "schema"):
        whole = getattr(frame, "read_all", None) or getattr(frame, "to_table", None)
        return whole() if whole else frame
    return frame


def as_listed(values: Any) -> Any:
    """What is in a generator or a view of a dict, which NumPy takes for one thing."""
    if hasattr(values, "__array__") or isinstance(values, Sequence | str | bytes | Mapping):
        return values
    return list(values) if isinstance(values, Iterable) else values


def reader_of(table: Any) -> str:
    """The method of `Ratings` that reads such a table whole; "" for labels without ratings."""
    if isinstance(table, str | PathLike) or hasattr(table, "read"):
        return "read"
    if hasattr(table, "tocoo"):
        return "from_matrix"
    if isinstance(table, Mapping):
        of_items = any(
            isinstance(key, tuple) or isinstance(of, Mapping) for key, of in table.items()
        )
        return "from_matrix" if of_items else "from_frame"
    names = _names(table)
    if names is None and getattr(table, "ndim", 0) == 2:
        return "from_matrix" if table.shape[1] > 3 else ""
    if names is None:
        first = next(iter(table), ()) if isinstance(table, Sequence) else ()
        rated = isinstance(first, Mapping) or (isinstance(first, tuple | list) and len(first) == 3)
        return "from_frame" if rated else ""
    if len(names) <= 2:
        return ""
    of_pandas = hasattr(table, "iloc") and not are_known([str(name) for name in names])
    wide = of_pandas and len(names) > 3 and all(kind.kind in "fiu" for kind in table.dtypes)
    return "from_matrix" if wide else "from_frame"


def _names(table: Any) -> list[Any] | None:
    """The names of the columns; None if they have none."""
    if isinstance(table, np.ndarray):
        return list(table.dtype.names) if table.dtype.names else None
    if is_polars(table):
        return list(table.collect_schema().names())
    if hasattr(table, "schema"):  # Arrow, whose columns are no names
        return list(table.schema.names)
    return list(table.columns) if hasattr(table, "columns") else None


def _opened_rows(rows: Any) -> tuple[tuple[str, ...], Pick]:
    """Rows of a list or a generator: dicts, or a user, an item and a value each."""
    if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        raise WrongType(
            f"must be a table of columns, but is {shown(rows)}",
            "Give a data frame, an Arrow table, a dict of columns, a structured array or rows",
            argument="frame",
        )
    listed_rows = list(rows)
    first = listed_rows[0] if listed_rows else ()
    if isinstance(first, Mapping):
        names = tuple(first)
        for at, row in enumerate(listed_rows):
            missing = [name for name in names if name not in row]
            if missing:
                raise InputError(f"row {at} has no {shown(missing[0])}")
        return names, lambda places: [[row[names[at]] for row in listed_rows] for at in places]
    names = getattr(first, "_fields", tuple(DEFAULTS[role] for role in ROLES))
    for at, row in enumerate(listed_rows):
        if not isinstance(row, tuple | list) or len(row) != len(names):
            raise InputError(
                f"row {at} is {shown(row)} and not a user, an item and a value", argument="frame"
            )
    return names, lambda places: [[row[at] for row in listed_rows] for at in places]


def refuse_columns_of_ratings(frame: Any) -> None:
    """Refuse a frame with a rating a row where a table with a row for each user is wanted.

    Its ids would be taken for ratings.
    """
    names = [name for name in _names(frame) or () if isinstance(name, str)]
    if are_known(names):
        raise InputError(
            f"the columns {listed(names)} are those of a frame with a rating a row",
            "Give it to Ratings.from_frame",
        )


def triples_of_dict(ratings: Mapping[Any, Any]) -> tuple[list[Any], list[Any], list[Any]]:
    """Users, items and values of ``{user: {item: value}}`` or ``{(user, item): value}``."""
    triples: list[tuple[Any, Any, Any]] = []
    for key, value in ratings.items():
        if isinstance(value, Mapping):
            triples += [(key, item, rating) for item, rating in value.items()]
        elif isinstance(key, tuple) and len(key) == 2:
            triples.append((*key, value))
        else:
            raise InputError(
                f"{shown(key)}: {shown(value)} is neither a user with a dict of ratings, nor a "
                "pair of a user and an item with a rating",
                "Give a dict of columns to Ratings.from_frame",
            )
    users, items, values = (
        (list(column) for column in zip(*triples, strict=True)) if triples else ([], [], [])
    )
    return users, items, values


def _array(column: Any) -> Any:
    if hasattr(column, "to_numpy") and not hasattr(column, "to_pylist"):
        return column.to_numpy()
    return np.asarray(column) if hasattr(column, "__array__") else column


def read_table(file: IO[bytes], form: str, name: str, wanted: Wanted) -> Frame:
    """The columns that are wanted of a file in a format that polars or pyarrow reads.

    Raises
    ------
    InputError
        If neither is installed, if the file is damaged, and as `read_frame`.
    """
    readers = {"polars": _by_polars, "pyarrow": _by_pyarrow}
    if form == "Feather":  # its first version, which polars does not read
        del readers["polars"]
    failed = []
    for library, reader in readers.items():
        try:
            import_module(library)
        except ImportError:
            continue
        try:
            names, pick = reader(file, form)
            places = places_of(names, wanted, name, _likeness(names, pick))
            return Frame(names, places, tuple(map(_array, pick(places))))
        except (InputError, MemoryError):
            raise
        except BaseException as error:  # of another library, and none of its words helps
            if not isinstance(error, Exception) and type(error).__name__ != PANIC:
                raise
            failed.append(library)
            file.seek(0)
    if not failed:
        raise InputError(
            f"{name} is {form}, which needs {' or '.join(readers)}",
            f"Install one (python -m pip install {next(iter(readers))})",
        )
    raise InputError(
        f"{name} begins like {form}, but is damaged, or {' and '.join(failed)} cannot read it",
        "Get a new copy, or write it as CSV",
    )


def _by_polars(file: IO[bytes], form: str) -> tuple[tuple[str, ...], Pick]:
    polars = import_module("polars")
    if form == "Arrow stream":
        return _opened(polars.read_ipc_stream(file))
    schema, read = {
        "Parquet": (polars.read_parquet_schema, polars.read_parquet),
        "Arrow": (polars.read_ipc_schema, polars.read_ipc),
    }[form]
    names = tuple(schema(file))

    def pick(places: tuple[int, ...]) -> list[Any]:
        file.seek(0)
        # The order of the columns is the file's, not that of the names.
        return _in_order(read(file, columns=[names[at] for at in places]), names, places)

    return names, pick


def _in_order(frame: Any, names: tuple[str, ...], places: tuple[int, ...]) -> list[Any]:
    return [frame[names[at]] for at in places]


def _by_pyarrow(file: IO[bytes], form: str) -> tuple[tuple[str, ...], Pick]:
    if form == "Parquet":
        parquet = import_module("pyarrow.parquet").ParquetFile(file)
        names = tuple(parquet.schema_arrow.names)
        if len(set(names)) < len(names):  # a name does not say which
            return _opened(parquet.read())
        return names, lambda places: _in_order(
            parquet.read(columns=[names[at] for at in places]), names, places
        )
    if form == "Feather":
        return _opened(import_module("pyarrow.feather").read_table(file))
    ipc = import_module("pyarrow.ipc")
    opened = ipc.open_file(file) if form == "Arrow" else ipc.open_stream(file)
    return _opened(opened.read_all())
