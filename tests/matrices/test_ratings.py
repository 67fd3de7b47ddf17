"""Ratings: what is read, what is kept, and what is refused by name."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from oracles import VALUES, tables

from mfteach import Ratings
from mfteach.matrices.duplicates import any_twice

FRAMES = [pd.DataFrame, pl.DataFrame]
HEADER = "userId,movieId,rating,timestamp\n"


@st.composite
def triples(draw, unique=True):
    """Users, items and values, with integers or strings as labels."""
    labels = draw(st.sampled_from([st.integers(-3, 9), st.sampled_from("abcdefg")]))
    pairs = draw(
        st.lists(
            st.tuples(labels, labels), min_size=1, max_size=15, unique=unique
        )
    )  # fmt: skip
    values = draw(st.lists(VALUES, min_size=len(pairs), max_size=len(pairs)))
    return [user for user, _ in pairs], [item for _, item in pairs], values


def as_dict(ratings):
    keys = zip(ratings.users.tolist(), ratings.items.tolist(), strict=True)
    return dict(zip(keys, ratings.values.tolist(), strict=True))


@given(triples())
def test_nothing_is_lost_added_or_moved(columns):
    users, items, values = columns
    ratings = Ratings(*columns)
    assert ratings.users.tolist() == users
    assert ratings.items.tolist() == items
    assert ratings.values.tolist() == values
    assert ratings.shape == (len(set(users)), len(set(items)))
    assert ratings.user_labels.tolist() == sorted(set(users))
    assert ratings.item_labels.tolist() == sorted(set(items))
    assert len(ratings) == len(values)


@given(tables())
def test_round_trip_through_a_matrix(R):
    ratings = Ratings.from_matrix(R)
    assert_array_equal(ratings.to_matrix(), R)
    assert ratings.shape == R.shape
    assert len(ratings) == np.count_nonzero(~np.isnan(R))


@given(tables(), st.randoms(use_true_random=False))
def test_permuted_labels_permute_the_matrix(R, random):
    m, n = R.shape
    rows, columns = random.sample(range(m), m), random.sample(range(n), n)
    ratings = Ratings.from_matrix(R)
    moved = Ratings.from_matrix(R, users=rows, items=columns)
    assert_array_equal(moved.users, np.array(rows)[ratings.user_index])
    assert_array_equal(moved.items, np.array(columns)[ratings.item_index])
    renamed = Ratings(moved.users, moved.items, moved.values)
    expected = np.full((m, n), np.nan)
    expected[np.ix_(rows, columns)] = R
    seen_rows, seen_columns = renamed.user_labels, renamed.item_labels
    assert_array_equal(renamed.to_matrix(), expected[np.ix_(seen_rows, seen_columns)])


@given(tables(), st.floats(0.05, 0.95), st.integers(0, 99))
def test_split_is_a_partition(R, fraction, seed):
    ratings = Ratings.from_matrix(R)
    n_held_out = round(fraction * len(ratings))
    if not 0 < n_held_out < len(ratings):
        with pytest.raises(ValueError, match="leaves one part empty"):
            ratings.split(fraction, seed)
        return
    train, held_out = ratings.split(fraction, seed)
    assert (len(held_out), len(train)) == (n_held_out, len(ratings) - n_held_out)
    assert not as_dict(train).keys() & as_dict(held_out).keys()
    assert as_dict(train) | as_dict(held_out) == as_dict(ratings)
    assert train.shape == held_out.shape == ratings.shape
    assert_array_equal(train.user_labels, ratings.user_labels)
    again = ratings.split(fraction, np.random.default_rng(seed))[1]
    assert as_dict(again) == as_dict(held_out)


def test_split_is_random_and_its_seed_counts():
    ratings = Ratings.from_matrix(np.arange(100.0).reshape(10, 10))
    held_out = [ratings.split(0.3, seed)[1].values.tolist() for seed in (0, 1)]
    assert held_out[0] != held_out[1]
    assert held_out[0] != list(range(30))


@given(triples(unique=False), st.sampled_from(["last", "mean"]))
def test_duplicates_against_a_dictionary(columns, mode):
    gathered = {}
    for user, item, value in zip(*columns, strict=True):
        gathered.setdefault((user, item), []).append(value)
    ratings = Ratings(*columns, duplicates=mode)
    expected = {
        pair: values[-1] if mode == "last" else sum(values) / len(values)
        for pair, values in gathered.items()
    }
    assert list(as_dict(ratings)) == list(expected)
    assert_allclose(ratings.values, list(expected.values()), rtol=1e-15, atol=1e-15)


@given(triples(unique=False))
def test_duplicates_are_refused_by_place(columns):
    pairs = list(zip(*columns[:2], strict=True))
    second = next((at for at, pair in enumerate(pairs) if pair in pairs[:at]), None)
    if second is None:
        assert len(Ratings(*columns)) == len(pairs)
        return
    user, item = pairs[second]
    message = (
        f"user {user!r} rated item {item!r} twice: rating {pairs.index(pairs[second])} and "
        f"rating {second}. Remove one, or choose duplicates='last' or duplicates='mean'"
    )
    with pytest.raises(ValueError) as refused:
        Ratings(*columns)
    assert str(refused.value) == message


@given(triples(), st.data())
def test_one_bad_value_among_good_ones_is_named(columns, data):
    users, items, values = columns
    at = data.draw(st.integers(0, len(values) - 1))
    bad = data.draw(st.sampled_from([np.nan, np.inf, -np.inf, "three", None, 1j, "", 10**400]))
    with pytest.raises(ValueError, match=rf"^rating {at}( is (nan|-?inf): leave|: .* not a num)"):
        Ratings(users, items, [*values[:at], bad, *values[at + 1 :]])


@given(triples(), st.data())
def test_one_bad_label_among_good_ones_is_named(columns, data):
    users, items, values = columns
    at = data.draw(st.integers(0, len(values) - 1))
    bad = data.draw(st.sampled_from([None, 1.5, np.nan, True, (1, 2), b"a"]))
    with pytest.raises(ValueError, match=rf"^rating {at}: item .* is neither an integer nor a str"):
        Ratings(users, [*items[:at], bad, *items[at + 1 :]], values)


@given(tables())
def test_groups_list_the_ratings_of_each_row(R):
    ratings = Ratings.from_matrix(R)
    for groups, index in ((ratings.by_user, ratings.user_index),
                          (ratings.by_item, ratings.item_index)):  # fmt: skip
        for row, positions in enumerate(groups):
            assert positions.tolist() == [at for at, i in enumerate(index) if i == row]
        assert groups.counts.tolist() == [len(positions) for positions in groups]
        assert sorted(groups.order.tolist()) == list(range(len(ratings)))


def test_views_are_made_once_and_know_their_bounds():
    ratings = Ratings(["b", "a", "b"], [1, 1, 2], [0, 0, 0])
    assert ratings.by_user is ratings.by_user
    assert ratings.by_item is ratings.by_item
    assert len(ratings.by_user) == 2
    with pytest.raises(IndexError, match=r"row 2 is not among the 2 rows 0\.\.1"):
        ratings.by_user[2]
    with pytest.raises(IndexError, match="row -1"):
        ratings.by_item[-1]


def test_zero_is_a_rating():
    ratings = Ratings.from_matrix([[0, np.nan], [np.nan, 0]])
    assert len(ratings) == 2
    assert ratings.values.tolist() == [0, 0]
    assert ratings.to_matrix()[0, 0] == 0


@pytest.mark.parametrize(
    "R",
    [[[1, None], [2, 3]], np.ma.array([[1, 9], [2, 3]], mask=[[0, 1], [0, 0]]),
     pd.DataFrame({"a": [1, 2], "b": [None, 3]}), [["1", "nan"], ["2", "3"]]],
)  # fmt: skip
def test_every_mark_of_a_blank_in_a_table_is_a_blank(R):
    ratings = Ratings.from_matrix(R)
    assert ratings.values.tolist() == [1, 2, 3]
    assert ratings.item_index.tolist() == [0, 0, 1]


def test_labels_keep_the_order_of_the_table():
    ratings = Ratings.from_matrix([[1, 2], [3, np.nan]], users=["z", "a"], items=[7, 5])
    assert ratings.user_labels.tolist() == ["z", "a"]
    assert ratings.index_users(["a", "z", "a"]).tolist() == [1, 0, 1]
    assert ratings.index_items([5]).tolist() == [1]
    assert ratings.index_items([]).tolist() == []


def test_an_unknown_label_is_quoted():
    ratings = Ratings(["ann"], [7], [1])
    with pytest.raises(KeyError, match="user 'bob' is not among the 1 users \\(such as 'ann'\\)"):
        ratings.index_users(["ann", "bob"])
    with pytest.raises(KeyError, match="item 8 is not among the 1 items"):
        ratings.index_items([8])


def test_nothing_can_be_changed_and_the_callers_arrays_stay_free():
    users, items = np.array(["a", "b"]), np.array([1, 2])
    values = np.array([1.0, 2.0])
    made = [Ratings(users, items, values), Ratings.from_matrix([[1, 2], [3, 4]], users, items)]
    for ratings in made:
        for array in (ratings.values, ratings.user_index, ratings.user_labels, ratings.item_labels):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = array[1]
    users[0], items[0], values[0] = "z", 9, 9.0
    for ratings in made:
        assert (ratings.users[0], ratings.items[0], ratings.values[0]) == ("a", 1, 1.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_of_values_is_kept(dtype):
    values = np.array([1, 2, 4], dtype=dtype)
    assert Ratings([1, 2, 3], [1, 1, 1], values).values.dtype == dtype
    meant = Ratings([1, 1, 3], [1, 1, 1], values, duplicates="mean").values
    assert meant.dtype == dtype
    assert meant.tolist() == [1.5, 4]


@pytest.mark.parametrize("values", [[1, 0], range(2), np.array([0, 1], dtype=np.int8)])
def test_other_numbers_become_float64(values):
    assert Ratings([1, 2], [1, 1], values).values.dtype == np.float64


def test_with_values_keeps_the_pairs():
    ratings = Ratings(["b", "a"], [5, 6], [1, 2])
    other = ratings.with_values([3, 4])
    assert as_dict(other) == {("b", 5): 3, ("a", 6): 4}
    assert as_dict(ratings) == {("b", 5): 1, ("a", 6): 2}
    with pytest.raises(ValueError, match="1 values do not fit 2 ratings"):
        ratings.with_values([1])
    with pytest.raises(ValueError, match="rating 1 is nan"):
        ratings.with_values([1, np.nan])


def test_repr_counts():
    assert repr(Ratings([1, 2], [1, 2], [1, 0])) == (
        "Ratings(2 users, 2 items, 2 ratings: 50.00% known)"
    )


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([], [], []), "there is no rating: give at least one"),
        (([1], [1, 2], [1]), "equally long, but have 1, 2 and 1 entries"),
        (([1, 2], [1, 2], [1]), "equally long, but have 2, 2 and 1 entries"),
        (([1, "1"], [1, 2], [1, 2]), "rating 1: user '1' is of another type than 1"),
        ((["1", 1], [1, 2], [1, 2]), "rating 1: user 1 is of another type than '1'"),
        ((["a", ""], [1, 2], [1, 2]), "rating 1: the user is blank"),
        (("ab", [1, 2], [1, 2]), "users must be a sequence of labels, not 'ab'"),
        ((1, 1, 1), "users must be a sequence of labels, not 1"),
        (([1], [1], [[1]]), r"values must be one-dimensional, but has the shape \(1, 1\)"),
        ((np.ones((1, 1), int), [1], [1]), r"users must be one-dimensional, .* \(1, 1\)"),
        ((np.array([1.0, np.nan]), [1, 2], [1, 2]), "rating 1: the user is blank"),
        ((np.array([1.0, 2.0]), [1, 2], [1, 2]), "rating 0: user 1.0 is neither"),
        (([2**63, 1], [1, 2], [1, 2]), f"user {2**63} does not fit 64 bits: use strings"),
        (([1, -(2**64)], [1, 2], [1, 2]), f"user -{2**64} does not fit 64 bits"),
        ((np.array([2**63, 1], np.uint64), [1, 2], [1, 2]), f"user {2**63} does not fit 64 bits"),
        (([1, 2], [1, 2], np.ma.array([1, 2], mask=[0, 1])), "rating 1 is nan: leave unknown"),
        ((np.ma.array([1, 2], mask=[0, 1]), [1, 2], [1, 2]), "rating 1: user masked is neither"),
    ],
)
def test_bad_columns_are_refused_by_place(columns, message):
    with pytest.raises(ValueError, match=message):
        Ratings(*columns)


def test_unknown_mode_and_a_mean_beyond_all_numbers():
    with pytest.raises(
        ValueError, match="duplicates must be 'error', 'last' or 'mean', but is 'first'"
    ):
        Ratings([1], [1], [1], duplicates="first")
    with pytest.raises(ValueError, match="mean of a duplicate pair is too large"):
        Ratings([1, 1], [1, 1], [1.7e308, 1.7e308], duplicates="mean")


@pytest.mark.parametrize(
    ("R", "message"),
    [
        ([[1, np.inf]], "row 0, column 1 is inf: a rating is a finite number"),
        ([[1, 2], [-np.inf, 2]], "row 1, column 0 is -inf"),
        ([[1, 2], [3, "x"]], "row 1, column 1: 'x' is not a number"),
        ([[1, 2j]], "row 0, column 1: 2j is not a number"),
        ([[1, 10**400]], "row 0, column 1: 10+… is not a number"),
        ([[1, 2], [3]], "the rows of the table must be equally long"),
        ([1, 2], r"must have rows and columns, not shape \(2,\)"),
        ([[np.nan]], "holds no rating: every entry is NaN"),
        (np.empty((0, 3)), "holds no rating"),
    ],
)
def test_bad_tables_are_refused_by_place(R, message):
    with pytest.raises(ValueError, match=message):
        Ratings.from_matrix(R)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"users": ["a"]}, "1 user labels do not fit a table with 2 users"),
        ({"items": [1, 1]}, "item label 1 is there twice"),
        ({"items": [1, None]}, "item label 1: item None is neither"),
    ],
)
def test_bad_labels_of_a_table_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        Ratings.from_matrix([[1, 2], [3, 4]], **labels)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, np.nan])
def test_bad_fractions_are_refused(fraction):
    with pytest.raises(ValueError, match="fraction must lie between 0 and 1"):
        Ratings([1, 2], [1, 1], [1, 2]).split(fraction)


# Frames


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_is_read(frame):
    data = frame({"userId": [7, 7, 3], "movieId": ["b", "a", "b"], "rating": [1.0, 0.0, 5.0]})
    ratings = Ratings.from_frame(data)
    assert as_dict(ratings) == {(7, "b"): 1, (7, "a"): 0, (3, "b"): 5}
    renamed = frame({"who": [1], "what": [2], "stars": [3]})
    assert as_dict(Ratings.from_frame(renamed, "who", "what", "stars")) == {(1, 2): 3}
    twice = frame({"userId": [1, 1], "movieId": [2, 2], "rating": [1.0, 2.0]})
    assert Ratings.from_frame(twice, duplicates="mean").values.tolist() == [1.5]
    assert Ratings.from_frame(twice, duplicates="last").values.tolist() == [2]


@pytest.mark.parametrize(
    "dtypes",
    [("Int64", "string", "Float64"), ("int32", "category", "float32"), ("object",) * 3],
)
def test_every_pandas_dtype_is_read(dtypes):
    data = pd.DataFrame({"userId": [7, 3], "movieId": ["b", "a"], "rating": [1, 0]}, index=[5, 9])
    data = data.astype(dict(zip(data.columns, dtypes, strict=True)))
    assert as_dict(Ratings.from_frame(data)) == {(7, "b"): 1, (3, "a"): 0}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("users", "items", "values", "message"),
    [
        ([1, 2], ["a", "b"], [1.0, np.nan], "row 1 is nan: leave unknown ratings out"),
        ([1, 2], ["a", "b"], [np.inf, 1.0], "row 0 is inf"),
        ([1, 2], ["a", "b"], [1.0, None], "row 1 is nan"),
        ([1, 2], ["a", "b"], ["1", "x"], "row 1: 'x' is not a number"),
        ([1, None], ["a", "b"], [1.0, 2.0], "row 1: the user is blank"),
        ([1, 2], ["a", None], [1.0, 2.0], "row 1: item (None|nan) is neither"),
        ([1, 1], ["a", "a"], [1.0, 2.0], "user 1 rated item 'a' twice: row 0 and row 1"),
        ([], [], [], "there is no rating"),
    ],
)
def test_a_bad_frame_is_refused_by_row(frame, users, items, values, message):
    data = frame({"userId": users, "movieId": items, "rating": values})
    with pytest.raises(ValueError, match=message):
        Ratings.from_frame(data)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_missing_column_is_named_with_those_present(frame):
    data = frame({"userId": [1], "film": [1], "rating": [1]})
    message = "the frame has no column 'movieId'; its columns are userId, film, rating"
    with pytest.raises(ValueError, match=message):
        Ratings.from_frame(data)


# Files


def write(folder, text):
    path = folder / "r.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADER + "7,2,3.5,0\n3,2,0,0\n", {(7, 2): 3.5, (3, 2): 0}),
        ("\ufeff" + HEADER + "7,2,3.5,0\n", {(7, 2): 3.5}),
        (HEADER.replace("\n", "\r\n") + "7,2,3.5,0\r\n", {(7, 2): 3.5}),
        (HEADER + "\n7,2,3.5,0\n\n", {(7, 2): 3.5}),
        (HEADER + " 7 ,2, 3.5 ,0", {(7, 2): 3.5}),
        ("rating, movieId, userId\n1,2,3\n", {(3, 2): 1}),
        (HEADER + "ann,2,1,0\n7,2,2,0\n", {("ann", 2): 1, ("7", 2): 2}),
        (HEADER + "007,2,1,0\n7,2,2,0\n", {("007", 2): 1, ("7", 2): 2}),
        (HEADER + '-1,"a, ""b""",1,0\n', {(-1, 'a, "b"'): 1}),
        (HEADER + f"{2**63},2,1,0\n1,2,2,0\n", {(str(2**63), 2): 1, ("1", 2): 2}),
    ],
)
def test_a_file_is_read(tmp_path, text, expected):
    assert as_dict(Ratings.read_csv(write(tmp_path, text))) == expected


def test_columns_of_a_file_by_argument(tmp_path):
    path = write(tmp_path, "who,what,stars\n1,2,3\n1,2,4\n")
    ratings = Ratings.read_csv(str(path), "who", "what", "stars", duplicates="last")
    assert as_dict(ratings) == {(1, 2): 4}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "r.csv is empty"),
        (HEADER, "r.csv holds no rating"),
        (HEADER + "1,2,3,0\n1,3,x,0\n", "r.csv, line 3: 'x' is not a number"),
        (HEADER + "1,2,,0\n", "r.csv, line 2: '' is not a number"),
        (HEADER + "1,2,nan,0\n", "r.csv, line 2 is nan: leave unknown ratings out"),
        (HEADER + "\n1,2,inf,0\n", "r.csv, line 3 is inf"),
        (HEADER + "1,2,1e999,0\n", "r.csv, line 2 is inf"),
        (HEADER + "1,2,3\n", "r.csv, line 2 has 3 columns instead of 4"),
        ("userId,movieId,rating\n1,2,3,5\n", "r.csv, line 2 has 4 columns instead of 3"),
        (HEADER + ",2,3,0\n", "r.csv, line 2: the user is blank"),
        (HEADER + "1,2,3,0\n1, ,3,0\n", "r.csv, line 3: the item is blank"),
        (HEADER + "1,2,3,0\n\n1,2,4,0\n", "item 2 twice: r.csv, line 2 and r.csv, line 4"),
        (HEADER + '1,"a\nb",3,0\n1,"c\nd",x,0\n', "r.csv, line 4: 'x' is not a number"),
        (HEADER + '1,2,3,0\n1,"a,3,0\n1,4,3,0\n1,5,3,0\n', "r.csv, line 3: a quote opens"),
        (HEADER + '1,"' + "a,3,0\n" * 40000, "r.csv, line 2: a field has more than 131,072"),
        ("userId,rating\n1,2\n", "no column 'movieId'; its columns are userId, rating"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_by_line(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        Ratings.read_csv(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.csv"):
        Ratings.read_csv(tmp_path / "none.csv")


@given(triples())
def test_a_written_file_reads_back(tmp_path_factory, columns):
    lines = [f"{user},{item},{value!r}" for user, item, value in zip(*columns, strict=True)]
    text = "userId,movieId,rating\n" + "\n".join(lines)
    path = write(tmp_path_factory.getbasetemp(), text)
    assert as_dict(Ratings.read_csv(path)) == as_dict(Ratings(*columns))


@pytest.mark.parametrize("highest", [300, 100_000])
def test_twins_are_found_wherever_they_are(highest, monkeypatch):
    monkeypatch.setattr("mfteach.matrices.labels.SPREAD", 1)
    numbers = np.random.default_rng(0).permutation(highest)[:40]
    numbers[3] = highest
    assert not any_twice(numbers.copy())
    for first in range(40):
        second = (7 * first + 11) % 40
        if first != second:
            twins = numbers.copy()
            twins[second] = twins[first]
            assert any_twice(twins)
