"""Ratings where they lie: labels of every kind, several files, and what is wrong with one."""

from types import SimpleNamespace

import numpy as np
import pyarrow.parquet
import pytest

from mfteach import Ratings
from mfteach.matrices.column_names import Wanted
from mfteach.matrices.file_kind import Asked
from mfteach.spark.errors import in_our_words
from mfteach.spark.frames import column_of
from mfteach.spark.reading import read, split


def write(folder, *files, header="userId,itemId,rating"):
    folder.mkdir(exist_ok=True)
    for number, lines in enumerate(files):
        text = "\n".join([header, *lines]) + "\n"
        (folder / f"part-{number}.csv").write_text(text, encoding="utf-8")
    return folder


def labels(known):
    users, items = known.users.orderBy("i"), known.items.orderBy("j")
    return column_of(users, "user").tolist(), column_of(items, "item").tolist()


def triples(known):
    return sorted(map(tuple, known.R.select("i", "j", "r").collect()))


@pytest.mark.parametrize(
    ("users", "items"),
    [
        (["007", "7", "8", "9"], ["9223372036854775807", "-9223372036854775808", "9", "10"]),
        (["9223372036854775808", "1", "2", "3"], ["日本", "1.5", "é", "a b"]),
    ],
    ids=["a zero in front, 64 bits", "more than 64 bits, words"],
)
def test_labels_are_those_of_one_machine_in_its_order(spark, tmp_path, users, items):
    lines = [
        f"{user},{item},{n}.5" for n, (user, item) in enumerate(zip(users, items, strict=True))
    ]
    folder = write(tmp_path / "files", lines[:2], lines[2:])
    (tmp_path / "one.csv").write_text("\n".join(["userId,itemId,rating", *lines]), "utf-8")
    ours = Ratings.read(tmp_path / "one.csv")
    known, _ = read(spark, folder)
    assert labels(known) == (ours.user_labels.tolist(), ours.item_labels.tolist())
    index = zip(ours.user_index.tolist(), ours.item_index.tolist(), ours.values, strict=True)
    assert triples(known) == sorted(index)


def test_separators_and_columns_are_found_or_named(spark, tmp_path):
    (tmp_path / "u.data").write_text("1\t5\t3\t881250949\n2\t5\t4\t881250950\n", "utf-8")
    known, kind = read(spark, tmp_path / "u.data")
    assert (known.shape, kind.separator, kind.header) == ((2, 1), "\t", False)
    folder = write(tmp_path / "named", ["4,9,2"], header="film,note,person")
    asked = Asked(Wanted("person", "film", "note"))
    assert triples(read(spark, folder, asked)[0]) == [(0, 0, 9.0)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("5,6,nan", "the rating of user '5' and item '6' is 'nan'"),
        ("5,6,inf", "is 'inf', which is no finite number"),
        ("5,6,good", "is 'good'"),
        ("5,6", "is ''"),
        (",6,1", "the user of a rating of '1' is blank"),
        ("5,,1", "the item of a rating of '1' is blank"),
    ],
)
def test_a_bad_line_is_named_with_its_file(spark, tmp_path, line, words):
    folder = write(tmp_path / "r", ["1,1,1"], ["2,2,2"], ["3,3,3", line, "4,4,4"], ["9,9,9"])
    with pytest.raises(ValueError, match=r"part-2\.csv: ") as caught:
        read(spark, folder)
    assert words in str(caught.value)


@pytest.mark.parametrize("header", ["item,user,rating", "user,item,age,rating", "7,8,3"])
def test_a_file_with_other_columns_than_the_others_is_named(spark, tmp_path, header):
    folder = write(tmp_path / "r", ["1,1,1", "1,2,1", "1,3,1"], header="user,item,rating")
    (folder / "other.csv").write_text(f"{header}\n4,5,1,1\n")
    with pytest.raises(ValueError, match=r"^/.*/other\.csv has other columns"), at_work():
        read(spark, folder)


def at_work():
    return in_our_words(SimpleNamespace(lost=False), "local[2]")


def test_names_of_columns_may_hold_any_sign(spark, tmp_path):
    folder = write(tmp_path / "r", ["4,9,2"], header="\ufeffuser.id, the `film` ,rating.stars")
    asked = Asked(Wanted("user.id", "the `film`", "rating.stars"))
    assert triples(read(spark, folder, asked)[0]) == [(0, 0, 2.0)]


def test_what_is_no_parquet_among_parquet_is_named(spark, tmp_path):
    some = {"user": np.arange(9), "item": np.arange(9), "rating": np.ones(9)}
    write_parquet(tmp_path / "a.parquet", some)
    write_parquet(tmp_path / "b.parquet", some | {"rating": ["good"] * 9})
    with pytest.raises(ValueError, match=r"/b\.parquet has another type.*\[rating"), at_work():
        read(spark, tmp_path)
    write_parquet(tmp_path / "b.parquet", some | {"rating": [[1.0]] * 9})
    with pytest.raises(ValueError, match=r"/b\.parquet cannot be read together"), at_work():
        read(spark, tmp_path)
    (tmp_path / "b.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"/b\.parquet is no whole Parquet file"), at_work():
        read(spark, tmp_path)
    (tmp_path / "b.parquet").rename(tmp_path / "b.csv")
    with pytest.raises(ValueError, match="holds Parquet and other files"):
        read(spark, tmp_path)
    (tmp_path / "b.csv").unlink()
    write_parquet(tmp_path / "c.parquet", some | {"user": np.arange(9) + 9, "rating": [np.nan] * 9})
    with pytest.raises(ValueError, match=r"^/.*/c\.parquet: the rating of user '10' and item '1'"):
        read(spark, tmp_path)


def write_parquet(file, columns):
    pyarrow.parquet.write_table(pyarrow.table(columns), file)


def test_a_pair_that_is_there_twice_is_refused_or_averaged(spark, tmp_path):
    folder = write(tmp_path / "r", ["a,x,1", "b,x,2"], ["a,x,4"])
    with pytest.raises(ValueError, match=r"user 'a' rated item 'x' 2 times.*duplicates='mean'"):
        read(spark, folder)
    assert triples(read(spark, folder, duplicates="mean")[0]) == [(0, 0, 2.5), (1, 0, 2.0)]


def test_a_split_depends_on_the_seed_alone(spark, tmp_path):
    lines = [f"{i},{j},{i % 5}" for i in range(60) for j in range(20)]
    known, _ = read(spark, write(tmp_path / "one", lines))
    other, _ = read(spark, write(tmp_path / "two", lines[700:][::-1], lines[:700]))
    train, test = split(known, 0.1, 3)
    again = split(other, 0.1, 3)[1]
    held_out = sorted(map(tuple, test.collect()))
    assert held_out == sorted(map(tuple, again.collect()))
    assert held_out != sorted(map(tuple, split(known, 0.1, 4)[1].collect()))
    assert len(held_out) == pytest.approx(120, abs=40)
    assert set(held_out).isdisjoint(triples(train)) and train.n_ratings + len(held_out) == 1200
    assert np.unique([r for *_, r in held_out]).size == 5
