"""Ratings where they lie: CSV, Parquet or a folder of them, read and numbered by the cluster.

No rating comes to this machine: only how many there are, and the first lines of a text, by which
it is recognized as every file is (see `mfteach.matrices.look`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mfteach.arguments import Cure, InputError, shown
from mfteach.arguments import path as path_of
from mfteach.matrices.column_names import places_of
from mfteach.matrices.file_kind import Asked, FileKind
from mfteach.matrices.opening import TABLES
from mfteach.matrices.text_kind import LINES, look_at_text
from mfteach.spark.frames import Known, n_parts, spread

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

NOTHING_ASKED = Asked()
# What a text holds where its bytes are no UTF-8.
NO_LETTER = "\ufffd"


def read(
    spark: SparkSession,
    path: str | PathLike[str],
    asked: Asked = NOTHING_ASKED,
    duplicates: str = "error",
) -> tuple[Known, FileKind]:
    """Read and number ratings; raises as `read_table` and `numbered`."""
    table, kind = read_table(spark, path, asked)
    return numbered(table, kind.name, duplicates), kind


def read_table(
    spark: SparkSession, path: str | PathLike[str], asked: Asked = NOTHING_ASKED
) -> tuple[DataFrame, FileKind]:
    """A table (user, item, r, file) from a path that the whole cluster sees, and what it is.

    The labels are integers if every label of the column is a plain integer, else strings.

    Raises
    ------
    InputError
        For a path that the cluster does not see, a text that is not understood, and for a blank
        label or a rating that is no finite number: the message names the file that holds it.
    """
    place = _place(path_of(path, "path"))
    kind = _look(spark, place, asked)
    if kind.form == "Parquet":
        found = spark.read.parquet(place)
        kind = replace(kind, names=tuple(found.columns))
        kind = replace(kind, places=places_of(kind.names, asked.wanted, kind.name))
    else:
        found = _of_text(spark, place, kind)
    return _checked(found, kind), kind


def _of_text(spark: SparkSession, place: str, kind: FileKind) -> DataFrame:
    """All fields as strings; a file is refused whose header has not the names of our columns."""
    from pyspark.sql.types import StringType, StructField, StructType

    names = (
        name if kind.header and place in kind.places else f"other column {place}"
        for place, name in enumerate(kind.names)
    )
    return spark.read.csv(
        place,
        schema=StructType([StructField(name, StringType()) for name in names]),
        sep=kind.separator,
        header=kind.header,
        enforceSchema=False,
        ignoreLeadingWhiteSpace=True,
        ignoreTrailingWhiteSpace=True,
    )


def _place(path: str | PathLike[str]) -> str:
    """The path as the cluster is to read it: of MovieLens' folder, the ratings."""
    place = str(path)
    here = Path(place)
    if here.is_dir():
        place = next((str(here / name) for name in TABLES if (here / name).is_file()), place)
    return place if "://" in place else str(Path(place).absolute())


def _look(spark: SparkSession, place: str, asked: Asked) -> FileKind:
    """Look at the first lines, wherever they are."""
    text = spark.read.text(place)
    lines = [row.value for row in text.head(LINES)]
    if not lines:
        raise InputError(f"{place} is empty")
    are_parquet = {file.endswith(".parquet") for file in text.inputFiles()}
    if len(are_parquet) > 1:
        raise InputError(f"{place} holds Parquet and other files", "Name a folder of one kind")
    if lines[0].startswith("PAR1"):
        return FileKind(place, (), "Parquet")
    if any(NO_LETTER in line for line in lines):
        raise InputError(f"{place} is not UTF-8 text", "Write it as UTF-8 first")
    kind = look_at_text(FileKind(place, (), "text"), lines, asked)
    if kind.skipped > kind.header:
        raise InputError(f"{place} has lines above its ratings", "Leave out all but the header")
    return kind


def _checked(found: DataFrame, kind: FileKind) -> DataFrame:
    """(user, item, r, file), all of them ratings: one pass looks at every line."""
    from pyspark.sql import functions as F

    columns = [F.col(f"`{name.replace('`', '``')}`") for name in found.columns]
    user, item, value = (F.trim(columns[place].cast("string")) for place in kind.places)
    number = F.regexp_replace(value, ",", ".") if kind.decimal_commas else value
    table = found.select(
        user.alias("user"),
        item.alias("item"),
        value.alias("value"),
        number.try_cast("double").alias("r"),
        F.col("_metadata.file_path").alias("file"),
    )
    if kind.no_rating is not None:
        table = table.where(~F.col("r").eqNullSafe(F.lit(kind.no_rating)))
    said = table.agg(
        F.count("*").alias("n"),
        F.min(F.when(_is_wrong(), F.struct("file", "user", "item", "value"))).alias("wrong"),
        F.bool_and(_is_integer("user")).alias("user"),
        F.bool_and(_is_integer("item")).alias("item"),
    ).collect()[0]
    if said["wrong"] is not None:
        raise _complaint(said["wrong"])
    if not said["n"]:
        raise InputError(f"{kind.name} holds no rating")
    labels = [
        F.col(label).cast("bigint" if said[label] else "string").alias(label)
        for label in ("user", "item")
    ]
    return table.select(*labels, "r")


def _is_wrong() -> Column:
    """Whether a line is no rating."""
    from pyspark.sql import functions as F

    infinite = F.abs("r") == F.lit(float("inf"))
    blank = [F.coalesce(F.col(label), F.lit("")) == "" for label in ("user", "item")]
    return F.col("r").isNull() | F.isnan("r") | infinite | blank[0] | blank[1]


def _is_integer(label: str) -> Column:
    """Whether it is an integer in its plain form, so that nothing is lost: "007" is a text."""
    from pyspark.sql import functions as F

    return F.coalesce(F.col(label).try_cast("bigint").cast("string") == F.col(label), F.lit(False))


def _complaint(wrong: Any) -> InputError:
    """What is wrong with a line, and in which file it stands."""
    file = unquote(re.sub("^file:/+", "/", wrong["file"]))
    for kind in ("user", "item"):
        if not wrong[kind]:
            return InputError(
                f"{file}: the {kind} of a rating of {shown(wrong['value'])} is blank",
                "Fill it in, or leave the rating out",
            )
    pair = f"user {shown(wrong['user'])} and item {shown(wrong['item'])}"
    return InputError(
        f"{file}: the rating of {pair} is {shown(wrong['value'] or '')}, which is no finite number",
        "Write a number in its place, or leave the rating out",
    )


def numbered(table: DataFrame, name: str, duplicates: str = "error") -> Known:
    """Give each label the number of its place among the sorted ones, and each pair one rating.

    Parameters
    ----------
    table : DataFrame
        (user, item, r).
    name : str
        What messages call it.
    duplicates : {"error", "mean"}
        What to do with a pair that occurs twice. No rating on a cluster is the last.

    Raises
    ------
    InputError
        For a pair that occurs twice.
    """
    from pyspark.sql import functions as F

    users, items = _labels(table, "user", "i"), _labels(table, "item", "j")
    R = table.join(users, "user").join(items, "item").select("i", "j", "r")
    if duplicates == "mean":
        R = R.groupBy("i", "j").agg(F.avg("r").alias("r"))
    R = spread(R, "i")
    n_ratings = R.count()
    if twice := R.groupBy("i", "j").count().where("count > 1").orderBy("i", "j").head(1):
        pair = R.where((F.col("i") == twice[0].i) & (F.col("j") == twice[0].j))
        both = pair.join(users, "i").join(items, "j").head(1)[0]
        raise InputError(
            f"{name}: user {shown(both.user)} rated item {shown(both.item)} {twice[0][2]} times",
            "Leave all but one out",
            cures=(Cure("duplicates", "mean"),),
        )
    return Known(R, users, items, n_ratings, (users.count(), items.count()))


def _labels(table: DataFrame, label: str, number: str) -> DataFrame:
    """(label, number): kept on the disk, so that a lost worker cannot number them otherwise."""
    from pyspark.sql import functions as F

    every = table.select(label).distinct().sort(label).zipWithIndex(number)
    kept = every.select(label, F.col(number).cast("int")).checkpoint()
    return kept.coalesce(n_parts(table.sparkSession))


def numbered_like(known: Known, table: DataFrame) -> DataFrame:
    """(i, j, r) of the ratings whose user and item are both known."""
    joined = table.join(known.users, "user").join(known.items, "item")
    return joined.select("i", "j", "r")


def split(known: Known, fraction: float, seed: int) -> tuple[Known, DataFrame]:
    """A part to learn from, and (i, j, r) held out; which one a pair is in follows from the seed.

    Both keep the row numbers of the whole.
    """
    from pyspark.sql import functions as F

    share = F.pmod(F.xxhash64("i", "j", F.lit(seed)), F.lit(1_000_000)) / 1e6
    train = spread(known.R.where(share >= fraction), "i")
    n_ratings = train.count()
    if not 0 < n_ratings < known.n_ratings:
        raise InputError(
            f"holding out {fraction} of {known.n_ratings} ratings leaves one part empty",
            "Give more ratings",
        )
    return known._replace(R=train, n_ratings=n_ratings), known.R.where(share < fraction)
