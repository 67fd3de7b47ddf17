"""The known ratings S: who rated what, and how. Zero is a rating; a blank is simply not here.

The lecture writes r_ij for (i, j) in S (row S47). `Ratings` holds exactly these entries, as
triples, and keeps the names people use (labels) apart from the row numbers i and j (indices).
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from os import PathLike
from typing import IO, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.arguments import (
    Cure,
    InputError,
    WrongType,
    flag,
    generator,
    instance,
    one_of,
    real_number,
    row_numbers,
    shown,
    text,
)
from mfteach.arguments import path as path_of
from mfteach.matrices.column_names import Wanted
from mfteach.matrices.delimited import Names, read_columns
from mfteach.matrices.duplicates import (
    DUPLICATES,
    DuplicatePair,
    Duplicates,
    any_twice,
    first_and_last,
    group_means,
    pair_numbers,
    refuse_duplicate,
)
from mfteach.matrices.file_kind import Asked, FileKind
from mfteach.matrices.frames import (
    as_listed,
    collected,
    read_frame,
    refuse_columns_of_ratings,
    triples_of_dict,
)
from mfteach.matrices.groups import Groups, Rng, frozen
from mfteach.matrices.labels import RowLookup, as_labels, numbered, table_labels
from mfteach.matrices.numbers import NotANumber, as_float, as_number
from mfteach.matrices.plain_text import PlainColumns, read_plain
from mfteach.matrices.reading import Table, read_source
from mfteach.matrices.separators import Respelled, delimiter_of, skip_lines
from mfteach.matrices.slabs import slabs
from mfteach.matrices.text_kind import look_at_text

NOTHING_ASKED = Asked()

# The names of the arrays of `Ratings.from_indices` in a file.
FILED = ("rated_by", "rated_item", "rated", "user_labels", "item_labels")


class Ratings:
    """The known entries of the rating matrix R, as triples (user, item, value).

    Parameters
    ----------
    users, items : array-like of int or str, shape (n_ratings,)
        Labels: whatever the data calls them. Equal labels are one user (item); row numbers
        follow the sorted labels, so that the labels 0..m-1 are their own row numbers.
    values : array-like of float, shape (n_ratings,)
        r_ij. Any finite number; 0 is a rating like any other.
    duplicates : {"error", "last", "mean"}
        What to do with a (user, item) pair that occurs twice: refuse it (the default), keep
        the last of its values, or their mean.
    timestamps : array-like of number, shape (n_ratings,), optional
        When each rating was given, in any unit; `mfteach.evaluation.by_time` splits by it. Of a
        duplicate pair the last time is kept.

    Attributes
    ----------
    user_index, item_index : ndarray of int, shape (n_ratings,)
        i and j of each rating.
    values : ndarray of float, shape (n_ratings,)
        r_ij of each rating.
    user_labels, item_labels : ndarray, shapes (m,) and (n,)
        The label of each row and of each column.
    timestamps : ndarray of float, shape (n_ratings,), or None
        When each rating was given, if that is known.

    Raises
    ------
    ValueError
        For labels that are neither integers nor strings, values that are NaN, infinite or no
        numbers, unequal lengths, a duplicate pair, or no rating at all; the message names the
        place.

    Examples
    --------
    >>> ratings = Ratings(["ann", "bob", "ann"], ["Nero", "Nero", "Cleopatra"], [1, 0, -1])
    >>> ratings.shape, len(ratings)
    ((2, 2), 3)
    >>> ratings.to_matrix()
    array([[-1.,  1.],
           [nan,  0.]])

    Source: lecture rows S47 and S48.
    """

    user_index: NDArray[np.intp]
    item_index: NDArray[np.intp]
    values: NDArray[np.floating[Any]]
    user_labels: NDArray[Any]
    item_labels: NDArray[Any]
    timestamps: NDArray[np.float64] | None

    def __init__(
        self,
        users: ArrayLike,
        items: ArrayLike,
        values: ArrayLike,
        *,
        duplicates: Duplicates = "error",
        timestamps: ArrayLike | None = None,
    ) -> None:
        self._fill(
            users, items, values, duplicates, lambda position: f"rating {position}", timestamps
        )

    def _fill(
        self,
        users: ArrayLike,
        items: ArrayLike,
        values: ArrayLike,
        duplicates: Duplicates,
        place: Callable[[int], str],
        timestamps: ArrayLike | None = None,
    ) -> None:
        """Check the triples and number their labels; ``place`` words where a rating stands."""
        one_of(duplicates, "duplicates", DUPLICATES)
        user_column = as_labels(users, "user", place)
        item_column = as_labels(items, "item", place)
        numbers = _as_values(values, place)
        if not len(user_column) == len(item_column) == len(numbers):
            raise ValueError(
                f"users, items and values must be equally long, but have {len(user_column)}, "
                f"{len(item_column)} and {len(numbers)} entries"
            )
        if len(numbers) == 0:
            raise ValueError("there is no rating: give at least one (user, item, value)")
        times = None if timestamps is None else _as_times(timestamps, len(numbers), place)
        # Of many ratings no column stays longer than it is needed.
        user_labels, user_index = numbered(user_column)
        del user_column, users
        item_labels, item_index = numbered(item_column)
        del item_column, items
        if any_twice(pair_numbers(user_index, item_index)):
            if duplicates == "error":
                refuse_duplicate(user_labels[user_index], item_labels[item_index], place)
            first, last, group = first_and_last(pair_numbers(user_index, item_index))
            numbers = numbers[last] if duplicates == "last" else group_means(numbers, group)
            user_index, item_index = user_index[first], item_index[first]
            times = None if times is None else times[last]
        self._set(user_index, item_index, numbers, user_labels, item_labels, times)

    def _set(
        self,
        user_index: NDArray[np.intp],
        item_index: NDArray[np.intp],
        values: NDArray[np.floating[Any]],
        user_labels: NDArray[Any],
        item_labels: NDArray[Any],
        timestamps: NDArray[np.float64] | None = None,
    ) -> None:
        self.user_index = frozen(user_index.astype(np.intp, copy=False))
        self.item_index = frozen(item_index.astype(np.intp, copy=False))
        self.values = frozen(values)
        self.user_labels = frozen(user_labels)
        self.item_labels = frozen(item_labels)
        self.timestamps = None if timestamps is None else frozen(timestamps)

    @classmethod
    def from_matrix(
        cls,
        R: ArrayLike,
        users: Sequence[int] | Sequence[str] | None = None,
        items: Sequence[int] | Sequence[str] | None = None,
    ) -> Ratings:
        """Read a table of ratings in which NaN, never 0, marks what is not known.

        Parameters
        ----------
        R : array-like of float, shape (m, n)
            r_ij; NaN (or None, or a masked entry) where (i, j) is not in S. Of a sparse matrix of
            SciPy the stored entries are known, stored zeros too. Of a dict of dicts
            ``{user: {item: rating}}``, or of pairs ``{(user, item): rating}``, all.
        users, items : sequences of m and n labels, optional
            Names of rows and columns, in the order of the table; by default those of a data
            frame or dict, else 0..m-1 and 0..n-1.

        Raises
        ------
        ValueError
            For an entry that is infinite or not a number (row and column are named), labels that
            do not fit or occur twice, or a table without any rating.
        """
        named: Any = R
        if hasattr(named, "tocoo"):  # a dict too may be sparse
            return cls._from_sparse(named, users, items)
        if isinstance(named, Mapping):
            return cls(*triples_of_dict(named))
        if isinstance(named, str | bytes | PathLike):
            raise WrongType(
                f"must be a table of numbers, but is {shown(named)}",
                "Give a file to Ratings.read",
                argument="R",
            )
        refuse_columns_of_ratings(named)
        named = R = collected(named)
        if hasattr(named, "iloc") and hasattr(named, "columns"):  # a data frame of pandas
            users = named.index.tolist() if users is None else users
            items = named.columns.tolist() if items is None else items
        table = _as_table(R)
        user_labels = table_labels(users, table.shape[0], "user")
        item_labels = table_labels(items, table.shape[1], "item")
        infinite = np.argwhere(np.isinf(table))
        if len(infinite):
            row, column = infinite[0]
            raise ValueError(
                f"row {row}, column {column} is {table[row, column]}: a rating is a finite number"
            )
        user_index, item_index = np.nonzero(~np.isnan(table))
        if len(user_index) == 0:
            raise ValueError("the table holds no rating: every entry is NaN")
        values = table[user_index, item_index]
        return cls.from_indices(user_index, item_index, values, user_labels, item_labels)

    @classmethod
    def _from_sparse(
        cls, R: Any, users: Sequence[Any] | None, items: Sequence[Any] | None
    ) -> Ratings:
        entries = R.tocoo()
        if len(entries.shape) != 2:
            raise ValueError(f"the table must have rows and columns, not shape {entries.shape}")
        user_labels = table_labels(users, entries.shape[0], "user")
        item_labels = table_labels(items, entries.shape[1], "item")
        known = ~np.isnan(entries.data)
        i, j = (place[known].astype(np.intp) for place in (entries.row, entries.col))
        values = _as_values(entries.data[known], lambda at: f"row {i[at]}, column {j[at]}")
        if not len(values):
            raise ValueError("the table holds no rating: it stores no entry")
        if any_twice(pair_numbers(i, j)):
            refuse_duplicate(i, j, lambda at: f"entry {at}")
        return cls.from_indices(i, j, values, user_labels, item_labels)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        users: str | None = None,
        items: str | None = None,
        values: str | None = None,
        *,
        duplicates: Duplicates = "error",
    ) -> Ratings:
        """Read a table with a rating a row.

        Parameters
        ----------
        frame : table
            A data frame (pandas, polars, also a lazy one), an Arrow table, a dict of columns, a
            structured array, or rows, as of a generator: dicts, or (user, item, value).
        users, items, values : str, optional
            Names of the three columns; by default userId, movieId and rating, or what other
            collections call them.
        duplicates : {"error", "last", "mean"}
            As for `Ratings`.

        Raises
        ------
        ValueError
            For a missing column (the message lists those that are there) and as `Ratings`.
        """
        found = read_frame(frame, Wanted(users, items, values))
        ratings = cls.__new__(cls)
        user, item, value = found.columns
        ratings._fill(user, item, value, duplicates, lambda position: f"row {position}")
        return ratings

    @classmethod
    def read(
        cls,
        source: str | PathLike[str] | IO[Any],
        users: str | None = None,
        items: str | None = None,
        values: str | None = None,
        *,
        columns: Sequence[int] | None = None,
        separator: str | None = None,
        header: bool | None = None,
        encoding: str | None = None,
        duplicates: Duplicates = "error",
        timestamps: str | None = None,
    ) -> Ratings:
        """Read a file of ratings, of whatever kind it is: one look at its beginning decides.

        Text with commas, tabs, semicolons, ``|``, ``::`` or spaces between the fields, with or
        without a header, JSON (an object a line, or an array of them), and Parquet and Arrow,
        where polars or pyarrow is installed; plain or compressed.

        Parameters
        ----------
        source : path or file
            A file, a folder or a zip file that holds one, a pipe, or an open file.
        users, items, values : str, optional
            Names of the three columns; by default userId, movieId and rating, or what other
            collections call them.
        columns : three int, optional
            Instead of the names: the numbers of these columns, counted from 1.
        separator : str, optional
            What separates the fields of a line.
        header : bool, optional
            Whether the first line holds the names of the columns.
        encoding : str, optional
            Of the text, such as "utf-8" or "cp1251".
        duplicates : {"error", "last", "mean"}
            As for `Ratings`.
        timestamps : str, optional
            Name of the column of times, if they are wanted (``"timestamp"`` in MovieLens).

        Returns
        -------
        Ratings
            With integer labels if every label of a column is a plain integer, else strings.

        Raises
        ------
        OSError
            If the file cannot be opened.
        ValueError
            If nothing says which columns hold the ratings, for a missing column, or a line that
            is too short, too long or holds no finite number; the message names the file and the
            line, and what to do.

        Warns
        -----
        UserWarning
            If a value means "no rating", as 0 does in BookCrossing: such lines are left out.
        """
        duplicates = one_of(duplicates, "duplicates", DUPLICATES)
        header = header if header is None else flag(header, "header")
        separator = separator if separator is None else text(separator, "separator")
        encoding = encoding if encoding is None else text(encoding, "encoding")
        counted = tuple(columns) if isinstance(columns, Iterable) else columns
        wanted = Wanted(users, items, values, counted)
        asked = Asked(wanted, separator, header, encoding, timestamps or False)
        ratings, kind = read_ratings(source, asked, duplicates)
        if kind.left_out:
            warnings.warn(kind.left_out_sentence(), UserWarning, stacklevel=2)
        return ratings

    @classmethod
    def read_csv(
        cls,
        path: str | PathLike[str],
        users: str | None = None,
        items: str | None = None,
        values: str | None = None,
        *,
        duplicates: Duplicates = "error",
        timestamps: str | None = None,
    ) -> Ratings:
        """Read a file with a header, such as MovieLens' ``ratings.csv``; see `Ratings.read`."""
        path = path_of(path, "path")
        return cls.read(path, users, items, values, duplicates=duplicates, timestamps=timestamps)

    @classmethod
    def _from_lines(
        cls,
        text: IO[str],
        name: str,
        delimiter: str,
        columns: Names,
        duplicates: Duplicates,
        header: Sequence[str] | None = None,
        timestamps: str | int | None = None,
        skipped: int = 0,
        comments: bool = False,
        no_rating: float | None = None,
    ) -> tuple[Ratings, int]:
        """Read a text, and count the ratings that are ``no_rating`` and left out.

        ``header`` is used where the text has none, and times may be missing.
        """
        if text.seekable():  # a pipe can be read only once
            skip_lines(text, skipped)
            plain = read_plain(text, name, delimiter, columns, header, timestamps)
            ratings = cls._from_plain(plain, duplicates, no_rating)
            if plain is not None and ratings is not None:
                return ratings, _count(plain.values, no_rating)
            text.seek(0)
        skip_lines(text, skipped)
        read = read_columns(text, name, delimiter, columns, header, timestamps, skipped, comments)
        kept = _other_than(no_rating, read.values)
        rated = cls.__new__(cls)
        rated._fill(
            read.users[kept],
            read.items[kept],
            read.values[kept],
            duplicates,
            lambda position: f"{name}, line {read.lines[int(kept[position])]}",
            None if read.times is None else read.times[kept],
        )
        return rated, len(read.values) - len(kept)

    @classmethod
    def _from_plain(
        cls, read: PlainColumns | None, duplicates: Duplicates, no_rating: float | None
    ) -> Ratings | None:
        """Number what was read of plain text; None for a mistake, whose line is not known here."""
        if read is None:
            return None
        kept = slice(None) if no_rating is None else _other_than(no_rating, read.values)
        times = None if read.times is None else read.times[kept]
        users, items = read.users.integers[kept], read.items.integers[kept]
        ratings = cls.__new__(cls)
        try:
            ratings._fill(users, items, read.values[kept], duplicates, str, times)
        except ValueError:
            return None
        if read.users.names is not None:
            ratings.user_labels = frozen(read.users.names[ratings.user_labels])
        if read.items.names is not None:
            ratings.item_labels = frozen(read.items.names[ratings.item_labels])
        return ratings

    @classmethod
    def from_indices(
        cls,
        user_index: NDArray[np.intp],
        item_index: NDArray[np.intp],
        values: NDArray[np.floating[Any]],
        user_labels: NDArray[Any],
        item_labels: NDArray[Any],
        timestamps: NDArray[np.float64] | None = None,
    ) -> Ratings:
        """Build from parts that are known to be sound: nothing is checked, nothing copied."""
        ratings = cls.__new__(cls)
        ratings._set(user_index, item_index, values, user_labels, item_labels, timestamps)
        return ratings

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Ratings:
        """The ratings behind `arrays`; a KeyError if one is missing.

        Raises
        ------
        ValueError
            If the three columns differ in length, or a row number has no label.
        """
        i, j, values, users, items = (arrays[name] for name in FILED)
        if not (i.shape == j.shape == values.shape == (len(values),)):
            raise ValueError("users, items and values of its ratings differ in length")
        for rows, labels, kind in ((i, users, "user"), (j, items, "item")):
            outside = (rows < 0) | (rows >= len(labels))
            if rows.dtype.kind not in "iu" or outside.any():
                raise ValueError(f"a rating has a {kind} without a label")
        return cls.from_indices(i, j, values, users, items)

    def arrays(self) -> dict[str, ArrayLike]:
        """What a file holds of these ratings, by name; not their times."""
        columns = (self.user_index, self.item_index, self.values)
        return dict(zip(FILED, (*columns, self.user_labels, self.item_labels), strict=True))

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n): the number of users and of items."""
        return len(self.user_labels), len(self.item_labels)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        (m, n), known = self.shape, len(self)
        return f"Ratings({m} users, {n} items, {known} ratings: {known / (m * n):.2%} known)"

    @property
    def users(self) -> NDArray[Any]:
        """The user's label of each rating, shape (n_ratings,)."""
        return self.user_labels[self.user_index]

    @property
    def items(self) -> NDArray[Any]:
        """The item's label of each rating, shape (n_ratings,)."""
        return self.item_labels[self.item_index]

    @cached_property
    def by_user(self) -> Groups:
        """I_i of each user i: the positions of the ratings that user i gave."""
        return Groups.of(self.user_index, self.shape[0])

    @cached_property
    def by_item(self) -> Groups:
        """U_j of each item j: the positions of the ratings that item j got."""
        return Groups.of(self.item_index, self.shape[1])

    @cached_property
    def user_counts(self) -> NDArray[np.intp]:
        """n_i: how many ratings each user gave, shape (m,)."""
        return frozen(np.bincount(self.user_index, minlength=self.shape[0]))

    @cached_property
    def item_counts(self) -> NDArray[np.intp]:
        """n_j: how many ratings each item got, shape (n,)."""
        return frozen(np.bincount(self.item_index, minlength=self.shape[1]))

    def to_matrix(self) -> NDArray[np.floating[Any]]:
        """R as a table of shape (m, n), NaN where no rating is known."""
        R = np.full(self.shape, np.nan, dtype=self.values.dtype)
        R[self.user_index, self.item_index] = self.values
        return R

    def index_users(self, labels: ArrayLike) -> NDArray[np.intp]:
        """Row numbers i of users, given by label.

        Raises
        ------
        KeyError
            For a label that is not in the ratings, or of another type; the message quotes it.
        """
        return self.user_rows.rows(labels)

    def index_items(self, labels: ArrayLike) -> NDArray[np.intp]:
        """Column numbers j of items, given by label; raises as `index_users`."""
        return self.item_rows.rows(labels)

    @cached_property
    def user_rows(self) -> RowLookup:
        """Which row of the matrix a user has."""
        return RowLookup(self.user_labels, "user")

    @cached_property
    def item_rows(self) -> RowLookup:
        """Which column of the matrix an item has."""
        return RowLookup(self.item_labels, "item")

    def with_values(self, values: ArrayLike) -> Ratings:
        """Return the same pairs with other values: residuals, for instance."""
        return self._holding(_as_values(values, lambda position: f"rating {position}"))

    def _holding(self, numbers: NDArray[np.floating[Any]]) -> Ratings:
        """The same pairs with this very array of values: of millions a copy is as long."""
        _require_finite(numbers, lambda position: f"rating {position}")
        if len(numbers) != len(self):
            raise ValueError(f"{len(numbers)} values do not fit {len(self)} ratings")
        return Ratings.from_indices(
            self.user_index,
            self.item_index,
            numbers,
            self.user_labels,
            self.item_labels,
            self.timestamps,
        )

    def take(self, positions: NDArray[np.intp]) -> Ratings:
        """Return the ratings at ``positions``, with the labels and the shape of the whole."""
        positions = row_numbers(positions, "positions", len(self))
        return Ratings.from_indices(
            self.user_index[positions],
            self.item_index[positions],
            self.values[positions],
            self.user_labels,
            self.item_labels,
            None if self.timestamps is None else self.timestamps[positions],
        )

    def joined(self, other: Ratings) -> Ratings:
        """These ratings and those of ``other``, whose rows and columns are the same: two parts.

        Raises
        ------
        ValueError
            If the labels differ, or if both parts hold the same pair.
        """
        instance(other, "other", Ratings)
        same = np.array_equal(self.user_labels, other.user_labels) and np.array_equal(
            self.item_labels, other.item_labels
        )
        if not same:
            raise ValueError(f"{self!r} and {other!r} have different labels: not parts of one set")
        i = np.concatenate([self.user_index, other.user_index])
        j = np.concatenate([self.item_index, other.item_index])
        if len(i) and any_twice(pair_numbers(i, j)):
            n = self.shape[1]
            mine, theirs = (part.user_index * n + part.item_index for part in (self, other))
            for pair in np.intersect1d(mine, theirs).tolist():
                user, item = self.user_labels[pair // n], self.item_labels[pair % n]
                raise ValueError(f"both parts hold user {user.item()!r} and item {item.item()!r}")
        times = [part.timestamps for part in (self, other) if part.timestamps is not None]
        return Ratings.from_indices(
            i,
            j,
            np.concatenate([self.values, other.values]),
            self.user_labels,
            self.item_labels,
            np.concatenate(times) if len(times) == 2 else None,
        )

    def split(self, fraction: float, rng: Rng = None) -> tuple[Ratings, Ratings]:
        """Split at random into a part to learn from and a part held out.

        Parameters
        ----------
        fraction : float
            Share of the ratings to hold out, between 0 and 1; both parts get at least one.
        rng : int, Generator or None
            Seed or source of randomness.

        Returns
        -------
        train, held_out : Ratings
            Both keep the labels, and so the indices and the shape, of the whole.

        Raises
        ------
        ValueError
            If the fraction is not inside (0, 1) or leaves one part empty.
        """
        n_held_out = self.count_of(fraction)
        shuffled = generator(rng).permutation(len(self))
        held_out, train = shuffled[:n_held_out], shuffled[n_held_out:]
        for part in (held_out, train):
            part.sort()
        return self.take(train), self.take(held_out)

    def count_of(self, fraction: float) -> int:
        """How many ratings a share of them is: at least one, and not all; else a ValueError."""
        count = round(real_number(fraction, "fraction", "(0, 1)") * len(self))
        if not 0 < count < len(self):
            raise InputError(
                f"holding out {fraction} of {len(self)} ratings leaves one part empty",
                "Give more ratings",
                cures=(Cure("fraction", 0.5),) if len(self) > 1 else (),
            )
        return count

    def fingerprint(self) -> str:
        """SHA-256 of the pairs and their values, in hexadecimal digits.

        The order of the ratings makes no difference, nor do times.
        """
        # A stable sort is fast where files, and parts of them, are in order already.
        pair = self.user_index * self.shape[1]
        pair += self.item_index
        order = np.argsort(pair, kind="stable")
        del pair
        digest = hashlib.sha256()
        for labels, rows in (
            (self.user_labels, self.user_index),
            (self.item_labels, self.item_index),
        ):
            for some in slabs(len(order)):
                digest.update(labels[rows[order[some]]].data)
        for some in slabs(len(order)):
            digest.update(self.values[order[some]].astype(np.float64).data)
        return digest.hexdigest()


def read_ratings(
    source: Any, asked: Asked = NOTHING_ASKED, duplicates: Duplicates = "error"
) -> tuple[Ratings, FileKind]:
    """Read a file, and say what it was taken for; see `Ratings.read`."""
    return read_source(
        source,
        asked,
        look_at_text,
        lambda file, kind: _read_text(file.file, kind, duplicates, asked),
        lambda table: _rated(table, duplicates),
    )


def _read_text(
    file: IO[bytes], kind: FileKind, duplicates: Duplicates, asked: Asked
) -> tuple[Ratings, FileKind]:
    text = io.TextIOWrapper(file, kind.codec, newline="")
    delimiter = delimiter_of(kind.separator)
    lines: Any = text if delimiter == kind.separator else Respelled(text, kind.separator)
    user, item, value = kind.places
    try:
        with _other_columns(kind, asked):
            ratings, left_out = Ratings._from_lines(
                lines,
                kind.name,
                delimiter,
                (user, item, value),
                duplicates,
                kind.names,
                kind.time,
                kind.skipped,
                kind.comments,
                kind.no_rating,
            )
        return ratings, replace(kind, left_out=left_out)
    finally:
        text.detach()


@contextmanager
def _other_columns(kind: FileKind, asked: Asked) -> Iterator[None]:
    """Where what is read makes no sense, name the columns that may have been meant."""
    try:
        yield
    except (DuplicatePair, NotANumber) as error:
        if kind.likely is None or asked.wanted.columns is not None:
            raise
        error.add("If other columns are meant, count them: {columns}", columns=kind.likely)
        raise


def _rated(table: Table, duplicates: Duplicates) -> tuple[Ratings, FileKind]:
    kind = table.kind
    users, items, values = table.columns
    ratings = Ratings.__new__(Ratings)
    if kind.no_rating is None:
        ratings._fill(users, items, values, duplicates, table.place)
        return ratings, kind
    numbers = _as_values(values, table.place)
    kept = _other_than(kind.no_rating, numbers)
    users, items = (np.asarray(labels)[kept] for labels in (users, items))
    ratings._fill(users, items, numbers[kept], duplicates, lambda at: table.place(int(kept[at])))
    return ratings, replace(kind, left_out=len(numbers) - len(kept))


def _other_than(no_rating: float | None, values: NDArray[Any]) -> NDArray[np.intp]:
    """The positions of the values that are ratings."""
    return np.arange(len(values)) if no_rating is None else np.flatnonzero(values != no_rating)


def _count(values: NDArray[Any], no_rating: float | None) -> int:
    return 0 if no_rating is None else int(np.count_nonzero(values == no_rating))


def _as_values(
    values: ArrayLike, place: Callable[[int], str], name: str = "values"
) -> NDArray[np.floating[Any]]:
    """Values as floats (float32 stays), refused by place if one is no finite number."""
    values = as_listed(collected(values))
    column = np.asarray(_unmasked(values))
    if column.dtype.kind in "Mm" and column.size:
        what = "a date" if column.dtype.kind == "M" else "a length of time"
        raise InputError(
            f"{place(0)}: {shown(str(column.flat[0]))} is {what} and not a rating",
            "Give the column of the ratings instead",
        )
    if column.ndim != 1:
        raise InputError(
            f"must be one-dimensional, but has the shape {column.shape}",
            "Take its one column, as np.ravel does"
            if max(column.shape, default=0) == column.size > 0
            else "",
            argument=name,
        )
    if column.dtype.kind not in "fiu":
        listed = np.asarray(values, dtype=object).tolist()  # one complex number makes all complex
        numbers = [as_number(value, place(at)) for at, value in enumerate(listed)]
        column = np.array(numbers, dtype=float)
    if column.dtype not in (np.float32, np.float64):
        column = column.astype(np.float64)
    _require_finite(column, place)
    return column.copy()


def _require_finite(column: NDArray[np.floating[Any]], place: Callable[[int], str]) -> None:
    wrong = np.flatnonzero(~np.isfinite(column))
    if len(wrong):
        raise ValueError(f"{place(int(wrong[0]))} is {column[wrong[0]]}: leave unknown ratings out")


def _as_times(times: ArrayLike, count: int, place: Callable[[int], str]) -> NDArray[np.float64]:
    column = _as_values(times, lambda position: f"{place(position)}: the time", "timestamps")
    if len(column) != count:
        raise ValueError(f"{len(column)} timestamps do not fit {count} ratings")
    return column.astype(np.float64)


def _as_table(R: ArrayLike) -> NDArray[np.float64]:
    """A table of floats, NaN where blank; an entry that is not a number is refused by position."""
    try:
        table = np.asarray(_unmasked(R))
    except ValueError:
        raise ValueError("the rows of the table must be equally long") from None
    if table.ndim != 2:
        raise ValueError(f"the table must have rows and columns, not shape {table.shape}")
    if table.dtype.kind in "fiu":
        return table.astype(np.float64)
    numbers = [
        np.nan if entry is None else as_float(entry, f"row {row}, column {column}")
        for (row, column), entry in np.ndenumerate(np.asarray(R, dtype=object))
    ]
    return np.array(numbers, dtype=np.float64).reshape(table.shape)


def _unmasked(values: ArrayLike) -> ArrayLike:
    """Masked entries become NaN, the one mark of a blank."""
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.filled(values.astype(np.float64), np.nan)
    return values
