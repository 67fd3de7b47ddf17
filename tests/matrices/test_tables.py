"""Ratings from whatever holds columns, entries or rows in Python."""

from collections import namedtuple
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp

from mfteach import Ratings
from mfteach.arguments import InputError

ROWS = [("ann", 7, 4.5), ("bob", 7, 0.0), ("ann", 9, -1.0)]
EXPECTED = {(user, item): value for user, item, value in ROWS}
COLUMNS = {
    "when": [1, 2, 3],
    "rating": [value for _, _, value in ROWS],
    "user": [user for user, _, _ in ROWS],
    "item": [item for _, item, _ in ROWS],
}
Row = namedtuple("Row", ["rating", "user", "item"])


class ArrowColumn:
    """Values behind pyarrow's interface, whose iteration gives scalars and not values."""

    def __init__(self, values):
        self._values = values

    def __iter__(self):
        return iter([object() for _ in self._values])

    def __array__(self, dtype=None, copy=None):
        return np.array(self._values, dtype=dtype)

    def to_pylist(self):
        return self._values

    def to_numpy(self):
        raise AssertionError("older versions cannot do it without a copy")


class ArrowTable:
    """A table behind pyarrow's interface, where ``columns`` are not the names."""

    schema = type("Schema", (), {"names": list(COLUMNS)})

    @property
    def columns(self):
        raise AssertionError("these are the columns themselves")

    def column(self, place):
        return ArrowColumn(list(COLUMNS.values())[place])


class ArrowStream:
    """A stream behind pyarrow's interface, which iterates over pieces; a data set is alike."""

    schema = ArrowTable.schema

    def read_all(self):
        return ArrowTable()


class ArrowDataset:
    schema = ArrowTable.schema

    def to_table(self):
        return ArrowTable()


def as_dict(ratings):
    columns = (ratings.users.tolist(), ratings.items.tolist(), ratings.values.tolist())
    return {(user, item): value for user, item, value in zip(*columns, strict=True)}


@pytest.mark.parametrize(
    "frame",
    [
        COLUMNS,
        pd.DataFrame(COLUMNS),
        pl.DataFrame(COLUMNS),
        pl.LazyFrame(COLUMNS),
        pl.LazyFrame(COLUMNS).with_columns(pl.col("rating") * 1),
        pd.DataFrame(COLUMNS).to_records(index=False),
        np.array(
            list(zip(*COLUMNS.values(), strict=True)),
            dtype=[("when", int), ("rating", float), ("user", "U3"), ("item", np.int16)],
        ),
        [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)],
        [Row(value, user, item) for user, item, value in ROWS],
        ROWS,
        ArrowTable(),
        ArrowStream(),
        ArrowDataset(),
        {"user": pl.Series(COLUMNS["user"]), "item": COLUMNS["item"], "rating": COLUMNS["rating"]},
    ],
    ids=lambda frame: type(frame).__name__,
)
def test_every_kind_of_table_is_read(frame):
    assert as_dict(Ratings.from_frame(frame)) == EXPECTED


def test_a_generator_of_rows_and_generators_of_columns():
    assert as_dict(Ratings.from_frame(row for row in ROWS)) == EXPECTED
    users, items, values = (iter(column) for column in zip(*ROWS, strict=True))
    assert as_dict(Ratings(users, items, values)) == EXPECTED
    by_item = {item: value for _, item, value in ROWS[1:]}
    assert as_dict(Ratings(["ann", "ann"], by_item.keys(), by_item.values())) == {
        ("ann", 7): 0.0,
        ("ann", 9): -1.0,
    }
    arrow = (ArrowColumn(list(column)) for column in zip(*ROWS, strict=True))
    assert as_dict(Ratings(*arrow)) == EXPECTED


@pytest.mark.parametrize("kind", ["coo", "csr", "csc", "lil", "dok", "bsr"])
@pytest.mark.parametrize("make", ["matrix", "array"])
def test_of_a_sparse_matrix_what_is_stored_is_known(kind, make):
    known = sp.coo_array(([4.0, 2.0, 5.0], ([0, 2, 2], [1, 0, 3])), shape=(3, 4))
    R = getattr(sp, f"{kind}_{make}")(known)
    ratings = Ratings.from_matrix(R)
    entries = as_dict(ratings)
    if kind == "bsr":  # its blocks may store zeros
        entries = {pair: value for pair, value in entries.items() if value}
    assert entries == {(0, 1): 4, (2, 0): 2, (2, 3): 5}
    assert ratings.shape == (3, 4)
    named = Ratings.from_matrix(R, users=["a", "b", "c"], items=[10, 11, 12, 13])
    assert ("c", 13) in as_dict(named)


def test_a_stored_zero_is_a_rating_and_a_pair_twice_is_refused():
    R = sp.csr_matrix(([0.0, np.nan, 3.0], ([0, 0, 1], [0, 1, 1])), shape=(2, 2))
    assert as_dict(Ratings.from_matrix(R)) == {(0, 0): 0, (1, 1): 3}
    twice = sp.coo_matrix(([1.0, 2.0], ([0, 0], [1, 1])), shape=(2, 2))
    with pytest.raises(ValueError, match="user 0 rated item 1 twice: entry 0 and entry 1"):
        Ratings.from_matrix(twice)
    infinite = sp.coo_matrix(([np.inf], ([0], [1])), shape=(2, 2))
    with pytest.raises(ValueError, match="row 0, column 1 is inf"):
        Ratings.from_matrix(infinite)
    with pytest.raises(ValueError, match="stores no entry"):
        Ratings.from_matrix(sp.csr_matrix((2, 2)))


def test_dicts_of_ratings():
    nested = {"ann": {7: 4.5, 9: -1.0}, "bob": {7: 0.0}, "eve": {}}
    assert as_dict(Ratings.from_matrix(nested)) == EXPECTED
    assert as_dict(Ratings.from_matrix(EXPECTED)) == EXPECTED
    with pytest.raises(ValueError, match="there is no rating"):
        Ratings.from_matrix({})
    with pytest.raises(
        InputError, match=r"'when': .* Give a dict of columns to Ratings\.from_frame"
    ):
        Ratings.from_matrix(COLUMNS)
    with pytest.raises(ValueError, match="no column 'userId'; its columns are ann, bob, eve"):
        Ratings.from_frame(nested)


def test_a_pivot_of_pandas_keeps_its_labels():
    pivot = pd.DataFrame(ROWS, columns=["user", "item", "rating"]).pivot(
        index="user", columns="item", values="rating"
    )
    assert as_dict(Ratings.from_matrix(pivot)) == EXPECTED
    assert as_dict(Ratings.from_matrix(pivot, users=["x", "y"]))["x", 9] == -1


DAY = np.datetime64("2020-01-02", "D")


@pytest.mark.parametrize(
    "values",
    [
        *(np.array([DAY, DAY]).astype(f"datetime64[{unit}]") for unit in ("Y", "M", "W", "D")),
        *(np.array([DAY, DAY]).astype(f"datetime64[{unit}]") for unit in ("h", "s", "ms", "ns")),
        *(np.array([5, 6], f"timedelta64[{unit}]") for unit in ("D", "s", "us", "ns")),
        [DAY.astype("datetime64[ns]")] * 2,
        [datetime(2020, 1, 2)] * 2,
        [date(2020, 1, 2)] * 2,
        [timedelta(5)] * 2,
        [pd.Timestamp(2020, 1, 2)] * 2,
        pd.Series([pd.Timestamp(2020, 1, 2)] * 2),
        pd.Series([pd.Timestamp(2020, 1, 2, tz="UTC")] * 2),
        pl.Series([date(2020, 1, 2)] * 2),
        pl.Series([datetime(2020, 1, 2)] * 2),
        np.array([datetime(2020, 1, 2)] * 2, dtype=object),
        ["2020-01-02"] * 2,
        ["1_0", "2"],
        [5, DAY.astype("datetime64[ns]")],
    ],
)
def test_dates_and_odd_numbers_are_no_ratings(values):
    for ratings in (
        lambda: Ratings([1, 2], [3, 4], values),
        lambda: Ratings.from_frame({"user": [1, 2], "item": [3, 4], "rating": values}),
    ):
        said = r"is (a date|a length of time) and not a rating|is not a number"
        with pytest.raises(ValueError, match=said):
            ratings()


@pytest.mark.parametrize(
    ("frame", "columns", "message"),
    [
        (COLUMNS, {"users": "item"}, "column 'item' cannot be both the users and the items"),
        (COLUMNS, {"values": "user"}, "column 'user' cannot be both the users and the values"),
        (COLUMNS, {"users": "x" * 9999}, "the frame has no column 'xxxx"),
        (pd.DataFrame([[1, 2, 3, 4]], columns=["user", "item", "rating", "rating"]), {},
         "the frame has the column 'rating' twice"),
        ({f"column {n}": [n] for n in range(9999)}, {}, r"column 7, … \(9,999 in all\)"),
        (ArrowTable(), {"users": "nobody"}, "its columns are when, rating, user, item"),
        (5, {}, "frame must be a table of columns, but is 5"),
        ("ratings.csv", {}, "frame must be a table of columns, but is 'ratings.csv'"),
        ([(1, 2, 3), (1, 2)], {}, r"row 1 is \(1, 2\) and not a user, an item and a value"),
        ([{"user": 1, "item": 2, "rating": 3}, {"user": 1}], {}, "row 1 has no 'item'"),
        ([], {}, "there is no rating"),
        ([("x" * 9999, 2, 3), (1, 2, 3)], {}, "is of another type than 'xxx"),
    ],
)  # fmt: skip
@pytest.mark.no_cover
def test_bad_tables_are_refused_in_few_words(frame, columns, message):
    with pytest.raises(ValueError, match=message) as error:
        Ratings.from_frame(frame, **columns)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("names", [("userId", "movieId", "rating"), ("user", "item", "score")])
def test_a_frame_with_a_rating_a_row_is_no_table_of_users(library, names):
    columns = {name: [1, 2] for name in (*names, "timestamp")}
    frame = pytest.importorskip(library).DataFrame(columns)
    with pytest.raises(ValueError, match=r"a rating a row\. Give it to Ratings\.from_frame"):
        Ratings.from_matrix(frame)
    assert len(Ratings.from_frame(frame)) == 2


def test_an_arrow_table_is_no_table_of_users_either():
    with pytest.raises(ValueError, match=r"a rating a row\. Give it to Ratings\.from_frame"):
        Ratings.from_matrix(ArrowTable())


@pytest.mark.parametrize("names", [["user"], ["user", "item"]])
def test_columns_that_are_the_index_become_columns_as_the_error_says(names):
    frame = pd.DataFrame(COLUMNS).set_index(names)
    for indexed in (frame, frame["rating"]):
        with pytest.raises(InputError, match=rf"{names[-1]} is its index: reset_index\(\) makes"):
            Ratings.from_frame(indexed)
    assert as_dict(Ratings.from_frame(frame.reset_index())) == EXPECTED


@pytest.mark.parametrize(
    "table", [sp.csr_matrix([[1.0, 2.0]]), sp.dok_array([[1.0, 2.0]]), {(1, 2): 3.0, (1, 3): 4.0}]
)
def test_what_is_no_frame_is_sent_to_from_matrix(table):
    with pytest.raises(TypeError, match=r"must be a table of columns.* to Ratings\.from_matrix"):
        Ratings.from_frame(table)
    assert len(Ratings.from_matrix(table)) == 2
