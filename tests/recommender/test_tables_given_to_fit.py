"""A table of ratings in place of labels and values: the cure reads it, and works when followed."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp

from mfteach import ImplicitFactorization, MatrixFactorization, Ratings
from mfteach.arguments import InputError
from mfteach.recommender import Baseline

ROWS = [(user, item, float((user + item) % 5 + 1)) for user in range(4) for item in range(10, 15)]
COLUMNS = dict(zip(("user", "item", "rating"), map(list, zip(*ROWS, strict=True)), strict=True))
FRAME = pd.DataFrame(COLUMNS)
TABLE = FRAME.pivot(index="user", columns="item", values="rating")
WHOLE = {
    "a frame of pandas": FRAME,
    "a frame of polars": pl.DataFrame(COLUMNS),
    "a lazy frame": pl.LazyFrame(COLUMNS),
    "a dict of columns": COLUMNS,
    "a structured array": FRAME.to_records(index=False),
    "rows": ROWS,
    "rows as dicts": FRAME.to_dict("records"),
    "a sparse matrix": sp.csr_matrix(TABLE.to_numpy()),
    "a pivot": TABLE,
    "a table of numbers": TABLE.to_numpy(),
    "a dict of pairs": {(user, item): rating for user, item, rating in ROWS},
    "a dict of users": {user: dict(row) for user, row in TABLE.T.items()},
}
SOME = {"n_factors": 2, "regularization": 0.1, "rng": 0}
THREE_COLUMNS = np.array(ROWS, dtype=object)


def followed(error, model, X):
    """What the cure says, done."""
    cure = re.search(r"fit\(.*\)$", str(error.value))[0]
    return eval(f"model.{cure}", {"model": model, "X": X, "Ratings": Ratings})


@pytest.mark.parametrize("name", [*WHOLE, "three columns"])
@pytest.mark.parametrize("kind", [MatrixFactorization, Baseline])
def test_a_table_without_values_beside_it_is_sent_to_what_reads_it(kind, name):
    X = WHOLE.get(name, THREE_COLUMNS)
    model = kind(**(SOME if kind is MatrixFactorization else {}))
    with pytest.raises(InputError, match="fit requires y to be passed") as error:
        model.fit(X)
    assert sorted(followed(error, model, X).ratings_.values) == sorted(COLUMNS["rating"])


def test_a_file_without_values_beside_it_is_sent_to_what_reads_it(tmp_path):
    file = tmp_path / "ratings.csv"
    FRAME.to_csv(file, index=False)
    for X in (file, str(file)):
        model = MatrixFactorization(**SOME)
        with pytest.raises(InputError) as error:
            model.fit(X)
        assert len(followed(error, model, X).ratings_) == len(ROWS)


@pytest.mark.parametrize("X", [FRAME, pl.DataFrame(COLUMNS), pl.LazyFrame(COLUMNS), ROWS])
def test_too_many_columns_are_told_what_to_give_instead(X):
    model = MatrixFactorization(**SOME).fit(Ratings.from_frame(X))
    calls = [
        lambda given: model.fit(given, COLUMNS["rating"]),
        model.predict,
        ImplicitFactorization(2, rng=0).fit,
    ]
    for call in calls:
        with pytest.raises(InputError, match=r"Give Ratings\.from_frame\(X\) instead, or two col"):
            call(X)
    for call in calls[1:]:
        call(Ratings.from_frame(X))


def test_labels_without_values_are_asked_for_these_alone():
    for X in ([(1, 2)], FRAME[["user", "item"]], np.array([[1, 2]])):
        with pytest.raises(InputError, match=r"two columns of labels, or a Ratings$"):
            MatrixFactorization().fit(X)


def test_pairs_of_a_generator_and_what_is_no_list_of_pairs():
    users, items, values = COLUMNS.values()
    model = MatrixFactorization(**SOME).fit(zip(users, items, strict=True), values)
    assert len(model.predict((user, 10) for user in users)) == len(users)
    for X in ((1, 10), "ann", [(1, 10), (1,)]):
        with pytest.raises(InputError, match=r"Give a list of pairs, such as \[\(user, item\)\]$"):
            model.predict(X)
    with pytest.raises(InputError, match=r"Give X\[:, :2\] instead, and X\[:, 2\] as its values"):
        model.predict(THREE_COLUMNS)
    with pytest.raises(InputError, match=r"users must be a sequence of labels, not 1\. Give \[1\]"):
        model.predict(1, 10)
    with pytest.raises(InputError, match=r"y must be one-dim.*as np\.ravel does"):
        model.fit(FRAME[["user", "item"]], FRAME[["rating"]])
    assert model.fit(FRAME[["user", "item"]], np.ravel(FRAME[["rating"]])).ratings_
