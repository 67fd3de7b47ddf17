"""Labels, what the data calls users and items, and their row numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.arguments import Cure, InputError, WrongType, shown
from mfteach.matrices.frames import as_listed, collected, reader_of

# Integer labels are numbered by a table if it has at most so many entries for each rating.
SPREAD = 4


class UnknownLabel(InputError, KeyError):
    """A label that no row has: a KeyError as well."""


class RowLookup:
    """Finds the row that has a label.

    Parameters
    ----------
    labels : ndarray of int or str, shape (n_rows,)
        The label of each row, all different, in any order.
    kind : str
        What the rows are, "user" or "item"; for the messages.
    """

    def __init__(self, labels: NDArray[Any], kind: str) -> None:
        self._kind = kind
        self._order = np.argsort(labels, kind="stable")
        self._sorted = labels[self._order]
        self._example = labels[0].item()

    def find(self, labels: ArrayLike) -> NDArray[np.intp]:
        """Row number of each label, -1 where no row has it; shape (n_labels,).

        Raises
        ------
        KeyError
            For labels of another type than those of the rows: strings are not numbers.
        ValueError
            For what is no label.
        """
        return self._search(self._as_labels(labels))

    def rows(
        self, labels: ArrayLike, advice: str = "", cures: tuple[Cure, ...] = ()
    ) -> NDArray[np.intp]:
        """Row number of each label; shape (n_labels,).

        Raises
        ------
        KeyError
            For a label that no row has; the message quotes the first one and says what helps.
        ValueError
            For what is no label.
        """
        asked = self._as_labels(labels)
        rows = self._search(asked)
        missing = np.flatnonzero(rows < 0)
        if len(missing):
            raise self._unknown(asked[missing[0]].item(), advice, cures)
        return rows

    def _as_labels(self, labels: ArrayLike) -> NDArray[Any]:
        return as_labels(labels, self._kind, lambda position: f"{self._kind} {position}")

    def _search(self, asked: NDArray[Any]) -> NDArray[np.intp]:
        if len(asked) and (self._sorted.dtype.kind == "U") != (asked.dtype.kind == "U"):
            raise self._unknown(asked[0].item(), "The types differ: convert one or the other")
        place = np.minimum(np.searchsorted(self._sorted, asked), len(self._sorted) - 1)
        return np.where(self._sorted[place] == asked, self._order[place], -1)

    def _unknown(self, label: int | str, advice: str, cures: tuple[Cure, ...] = ()) -> UnknownLabel:
        return UnknownLabel(
            f"{self._kind} {shown(label)} is not among the {len(self._sorted)} {self._kind}s "
            f"(such as {shown(self._example)})",
            advice,
            cures=cures,
        )


def as_pairs(X: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """The users and the items of an array-like of shape (N, 2), a pair of labels in each row."""
    if hasattr(X, "tocoo"):
        raise WrongType(
            "must have two columns of labels, but is a sparse matrix: after R = R.tocoo(), the "
            "users are R.row, the items R.col, and the values R.data",
            argument="X",
        )
    X = as_listed(collected(X))
    # As objects, so that NumPy turns no 1 into '1' beside 'one'.
    pairs = X if isinstance(X, np.ndarray) else np.asarray(X, dtype=object)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise InputError(
            f"must have the shape (N, 2), a user and an item a row, not {pairs.shape}",
            _as_two_columns(X, pairs.shape),
            argument="X",
        )
    return pairs[:, 0], pairs[:, 1]


def _as_two_columns(X: Any, shape: tuple[int, ...]) -> str:
    """How to give pairs of labels instead of this."""
    reader = reader_of(X)
    if reader and not isinstance(X, str):
        return f"Give Ratings.{reader}(X) instead, or two columns of labels alone"
    if isinstance(X, np.ndarray) and X.ndim == 1:
        return "Reshape your data: X.reshape(-1, 2)"
    if len(shape) == 2 and shape[1] == 3:
        return "Give X[:, :2] instead, and X[:, 2] as its values"
    return "Give a list of pairs, such as [(user, item)]"


def as_labels(labels: ArrayLike, kind: str, place: Callable[[int], str]) -> NDArray[Any]:
    """Labels as one array of integers or of strings; everything else is refused by name."""
    column = labels if type(labels) is np.ndarray else _as_objects(labels, kind)
    if column.ndim != 1:
        raise InputError(f"{kind}s must be one-dimensional, but have shape {column.shape}")
    if column.dtype.kind == "f" and np.isnan(column).any():
        # pandas and polars turn a column of integers with a blank into floats with a NaN.
        blank = int(np.argmax(np.isnan(column)))
        raise _blank(place(blank), kind)
    if column.dtype.kind not in "iuU":
        column = _from_objects(column, kind, place)
    if column.dtype.kind == "U":
        empty = np.flatnonzero(column == "")
        if len(empty):
            raise _blank(place(int(empty[0])), kind)
        return column
    if column.dtype.itemsize < 8:
        return column  # a copy of millions would be as long
    if len(column) and column.max() > np.iinfo(np.int64).max:
        raise InputError(f"{kind} {column.max()} does not fit 64 bits: use strings as labels")
    return column.astype(np.int64, copy=False)


def _blank(place: str, kind: str) -> InputError:
    return InputError(
        f"{place}: the {kind} is blank; every rating needs one",
        "Fill it in, or leave the rating out",
    )


def _as_objects(labels: ArrayLike, kind: str) -> NDArray[Any]:
    """Put labels into an object array, so that NumPy turns no 1 into '1' beside a 'one'."""
    if isinstance(labels, str) or not isinstance(labels, Iterable):
        raise InputError(
            f"{kind}s must be a sequence of labels, not {shown(labels)}",
            f"Give [{shown(labels)}]" if isinstance(labels, str | int) else "",
        )
    # Arrow's own scalars are no labels, what they stand for are.
    listed = labels.to_pylist() if hasattr(labels, "to_pylist") else list(labels)
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
            raise InputError(
                f"{place(position)}: {kind} {shown(label)} is neither an integer nor a string",
                _converted(label, kind),
            )
        if isinstance(label, str) is not (wanted is str):
            raise InputError(
                f"{place(position)}: {kind} {shown(label)} is of another type than "
                f"{shown(listed[0])}: use integers or strings for all {kind}s"
            )
    try:
        return np.array(listed, dtype=str if wanted is str else np.int64)
    except OverflowError:
        too_long = next(label for label in listed if not _fits(label))
        raise InputError(
            f"{kind} {shown(too_long)} does not fit 64 bits: use strings as labels"
        ) from None


def _converted(label: Any, kind: str) -> str:
    """How labels of this type become some that are taken."""
    if isinstance(label, float | np.floating) and float(label).is_integer():
        return f"Make the {kind}s whole numbers first ({int(label)} instead of {shown(label)})"
    if isinstance(label, bytes):
        return f"Make the {kind}s text first, as decode() does"
    if isinstance(label, Sequence | Mapping | np.ndarray):
        return f"Give a column with one id of {'a user' if kind == 'user' else 'an item'} in a row"
    return f"Make the {kind}s whole numbers or text first"


def _fits(integer: int) -> bool:
    return -(2**63) <= integer < 2**63


def table_labels(labels: Sequence[Any] | None, count: int, kind: str) -> NDArray[Any]:
    """Labels of the rows (columns) of a table, checked; by default 0, 1, 2, ..."""
    if labels is None:
        return np.arange(count)
    named = as_labels(labels, kind, lambda position: f"{kind} label {position}")
    if len(named) != count:
        raise InputError(f"{len(named)} {kind} labels do not fit a table with {count} {kind}s")
    unique, counts = np.unique(named, return_counts=True)
    if len(unique) < count:
        raise InputError(f"{kind} label {shown(unique[counts > 1][0].item())} is there twice")
    return named.astype(np.int64) if named.dtype.kind in "iu" else named.copy()


def numbered(column: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
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
