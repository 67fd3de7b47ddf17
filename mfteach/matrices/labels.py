"""Labels, what the data calls users and items, and their row numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def _columns(X: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """The two columns of labels; as objects, so that NumPy turns no 1 into '1' beside 'one'."""
    pairs = X if isinstance(X, np.ndarray) else np.asarray(X, dtype=object)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(f"X must have the shape (N, 2), a user and an item a row: {pairs.shape}")
    return pairs[:, 0], pairs[:, 1]


def _labels(labels: ArrayLike | None, kind: str) -> NDArray[Any]:
    if labels is None:
        raise ValueError(f"there are no {kind}s")
    return as_labels(labels, kind, lambda position: f"{kind} {position}")


def _rows(known: NDArray[Any], asked: NDArray[Any]) -> NDArray[np.intp]:
    """Row number of each label, -1 if it is unknown; labels of another type are an error."""
    if len(asked) and (known.dtype.kind == "U") != (asked.dtype.kind == "U"):
        raise KeyError(
            f"{asked[0].item()!r} cannot be found: labels such as {known[0].item()!r} were "
            "learned, of another type. Convert one or the other"
        )
    order = np.argsort(known, kind="stable")
    place = np.searchsorted(known, asked, sorter=order)
    rows = order[np.minimum(place, len(known) - 1)]
    return np.where(known[rows] == asked, rows, -1)


def _require_known(
    labels: NDArray[Any],
    rows: NDArray[np.intp],
    kind: str,
    cure: str = "Choose unknown='mean' or unknown='nan' to get an answer all the same",
) -> None:
    missing = np.flatnonzero(rows < 0)
    if len(missing):
        asked = labels[missing[0]].item()
        raise KeyError(f"{kind} {asked!r} is unknown: no training rating has it. {cure}")


def _require_new(labels: NDArray[Any], rows: NDArray[np.intp], kind: str) -> None:
    present = np.flatnonzero(rows >= 0)
    if len(present):
        raise ValueError(
            f"{kind} {labels[present[0]].item()!r} is known already: fold in new ones only, or "
            "fit anew with the further ratings"
        )


# Integer labels are numbered by a table if it has at most so many entries for each rating.
SPREAD = 4


def as_labels(labels: ArrayLike, kind: str, place: Callable[[int], str]) -> NDArray[Any]:
    """Labels as one array of integers or of strings; everything else is refused by name."""
    column = labels if type(labels) is np.ndarray else _as_objects(labels, kind)
    if column.ndim != 1:
        raise ValueError(f"{kind}s must be one-dimensional, but have shape {column.shape}")
    if column.dtype.kind == "f" and np.isnan(column).any():
        # pandas and polars turn a column of integers with a blank into floats with a NaN.
        blank = int(np.argmax(np.isnan(column)))
        raise ValueError(f"{place(blank)}: the {kind} is blank; every rating needs one")
    if column.dtype.kind not in "iuU":
        column = _from_objects(column, kind, place)
    if column.dtype.kind == "U":
        empty = np.flatnonzero(column == "")
        if len(empty):
            raise ValueError(f"{place(int(empty[0]))}: the {kind} is blank; every rating needs one")
        return column
    if column.dtype.itemsize < 8:
        return column  # a copy of millions would be as long
    if len(column) and column.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{kind} {column.max()} does not fit 64 bits: use strings as labels")
    return column.astype(np.int64, copy=False)


def _as_objects(labels: ArrayLike, kind: str) -> NDArray[Any]:
    """Put labels into an object array, so that NumPy turns no 1 into '1' beside a 'one'."""
    if isinstance(labels, str) or not isinstance(labels, Iterable):
        raise ValueError(f"{kind}s must be a sequence of labels, not {labels!r}")
    listed = list(labels)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def _from_objects(column: NDArray[Any], kind: str, place: Callable[[int], str]) -> NDArray[Any]:
    listed = column.tolist()
    if not listed:
        return np.empty(0, dtype=np.int64)
    wanted = str if isinstance(listed[0], str) else int
    for position, label in enumerate(listed):
        if isinstance(label, bool | np.bool_) or not isinstance(label, int | np.integer | str):
            raise ValueError(
                f"{place(position)}: {kind} {label!r} is neither an integer nor a string; "
                "convert the labels first"
            )
        if isinstance(label, str) is not (wanted is str):
            raise ValueError(
                f"{place(position)}: {kind} {label!r} is of another type than {listed[0]!r}: "
                f"use integers or strings for all {kind}s"
            )
    try:
        return np.array(listed, dtype=str if wanted is str else np.int64)
    except OverflowError:
        too_long = next(label for label in listed if not _fits(label))
        raise ValueError(f"{kind} {too_long} does not fit 64 bits: use strings as labels") from None


def _fits(integer: int) -> bool:
    return -(2**63) <= integer < 2**63


def _table_labels(labels: Sequence[Any] | None, count: int, kind: str) -> NDArray[Any]:
    if labels is None:
        return np.arange(count)
    named = as_labels(labels, kind, lambda position: f"{kind} label {position}")
    if len(named) != count:
        raise ValueError(f"{len(named)} {kind} labels do not fit a table with {count} {kind}s")
    unique, counts = np.unique(named, return_counts=True)
    if len(unique) < count:
        raise ValueError(f"{kind} label {unique[counts > 1][0].item()!r} is there twice")
    return named.astype(np.int64) if named.dtype.kind in "iu" else named.copy()


def _look_up(labels: ArrayLike, rows: dict[int | str, int], kind: str) -> NDArray[np.intp]:
    asked = as_labels(labels, kind, lambda position: f"{kind} {position}").tolist()
    try:
        return np.array([rows[label] for label in asked], dtype=np.intp)
    except KeyError as missing:
        example = next(iter(rows))
        raise KeyError(
            f"{kind} {missing.args[0]!r} is not among the {len(rows)} {kind}s (such as {example!r})"
        ) from None


def _numbered(column: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The different labels, sorted, and the row number of each entry."""
    integers = column.dtype.kind in "iu"
    if integers:
        lowest, highest = int(column.min()), int(column.max())
        if highest - lowest < max(SPREAD * len(column), SPREAD):
            return _numbered_by_table(np.subtract(column, lowest, dtype=np.intp), lowest)
    labels = np.unique(column)
    rows = np.searchsorted(labels, column)
    return labels.astype(np.int64) if integers else labels, rows


def _numbered_by_table(
    above: NDArray[np.int64], lowest: int
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """The same for integers that lie close together, counted from the lowest: no search."""
    occurs = np.zeros(int(above.max()) + 1, dtype=np.bool_)
    occurs[above] = True
    row_of = np.cumsum(occurs) - 1
    return np.flatnonzero(occurs) + lowest, row_of[above]
