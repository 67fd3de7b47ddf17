"""Which row has this label: against a dict, and what is said where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfteach.matrices.labels import RowLookup, as_pairs

NUMBERS = st.integers(-50, 50)
NAMES = st.text("abcé", min_size=1, max_size=3)


@given(st.data(), st.sampled_from([NUMBERS, NAMES]))
def test_rows_are_those_of_a_dict(data, labels):
    known = data.draw(st.lists(labels, min_size=1, max_size=20, unique=True))
    asked = data.draw(st.lists(labels, min_size=1, max_size=20))
    row_of = {label: row for row, label in enumerate(known)}
    lookup = RowLookup(np.array(known), "user")
    assert lookup.find(asked).tolist() == [row_of.get(label, -1) for label in asked]
    missing = [label for label in asked if label not in row_of]
    if not missing:
        assert lookup.rows(np.array(asked)).tolist() == [row_of[label] for label in asked]
        return
    with pytest.raises(KeyError) as unknown:
        lookup.rows(asked, "Ask for another")
    users = f"the {len(known)} users (such as {known[0]!r})"
    assert unknown.value.args == (f"user {missing[0]!r} is not among {users}. Ask for another",)


@pytest.mark.parametrize("known", [["b", "a"], [7, 3]])
def test_nothing_asked_is_nothing_found(known):
    lookup = RowLookup(np.array(known), "item")
    assert lookup.find([]).tolist() == lookup.rows([]).tolist() == []


@pytest.mark.parametrize(("known", "asked"), [([1, 2], "1"), (["1", "2"], 1)])
@pytest.mark.parametrize("method", ["find", "rows"])
def test_a_label_of_another_type_is_never_found(known, asked, method):
    lookup = RowLookup(np.array(known), "item")
    with pytest.raises(KeyError) as unknown:
        getattr(lookup, method)([asked])
    assert unknown.value.args == (
        f"item {asked!r} is not among the 2 items (such as {known[0]!r}). "
        "The types differ: convert one or the other",
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("ann", "users must be a sequence of labels, not 'ann'"),
        ([1.5], "user 0: user 1.5 is neither an integer nor a string. Make the users whole numb"),
        ([1, 2.0], r"user 2\.0 is .* Make the users whole numbers first \(2 instead of 2\.0\)"),
        ([b"ann"], r"user b'ann' is .* Make the users text first, as decode\(\) does"),
        ([{"id": 1}], r"user \{'id': 1\} is .* Give a column with one id of a user in a row"),
        (["ann", ""], "user 1: the user is blank"),
    ],
)
def test_what_is_no_label_is_refused(asked, message):
    with pytest.raises(ValueError, match=message):
        RowLookup(np.array(["ann"]), "user").find(asked)


def test_pairs_keep_the_type_of_each_column():
    users, items = as_pairs([(1, "one"), (2, "two")])
    assert users.tolist() == [1, 2]
    assert items.tolist() == ["one", "two"]
    with pytest.raises(ValueError, match=r"X must have the shape \(N, 2\).*, not \(2,\)\. Reshape"):
        as_pairs(np.array([1, 2]))
