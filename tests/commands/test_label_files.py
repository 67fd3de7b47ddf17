"""Files of users, and of pairs, as people have them: read like any file of ratings, or asked about.

Every cure that a message names is typed as it stands there, and works.
"""

import argparse
import bz2
import csv
import gzip
import io
import json
import lzma
import shlex
import sys
import traceback
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from mfteach import MatrixFactorization, Ratings, datasets
from mfteach.arguments import InputError
from mfteach.commands import label_files, predict, recommend
from mfteach.console import Parser, UsageError
from mfteach.matrices import label_tables

# Users of the second model; "stranger" is none.
WORDS = ["ann", "bob lee", "-x", "007", "user", "#1", "Zoë", "Smith, J", "a;b", "Jo"]
MADE = datasets.planted(30, 20, 2, 0.6, 0.1, rng=0).ratings


def fitted(path, users, items):
    labels = np.array(users)[MADE.user_index], np.array(items)[MADE.item_index]
    ratings = Ratings(*labels, 3.5 + MADE.values)
    MatrixFactorization(2, regularization=0.5, rng=0).fit(ratings).save(path)
    return path


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {
        "numbers": fitted(folder / "n.npz", range(1, 31), range(101, 121)),
        "words": fitted(
            folder / "w.npz",
            [*WORDS, *[f"u{i}" for i in range(20)]],
            [f"m {i}" for i in range(20)],
        ),
    }


class Answer(NamedTuple):
    """What a command wrote: the labels in its table, and what it said beside that."""

    labels: list
    said: str


@pytest.fixture
def ask(models, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser(prog="mfteach")
    commands = parser.add_subparsers(parser_class=Parser)
    for command in (predict, recommend):
        command.add_parser(commands)

    def asked(command, model, content, options="", name="some.file"):
        if content is not None:
            Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
        source = ["--users-from", name, "-n", "1"] if command == "recommend" else [name]
        words = [command, str(models[model]), *source, *shlex.split(options)]
        parsed = parser.parse_args(words)
        capsys.readouterr()
        parsed.run(parsed)
        out, err = capsys.readouterr()
        rows = list(csv.reader(io.StringIO(out, newline="")))[1:]
        return Answer([tuple(row[: 2 if command == "predict" else 1]) for row in rows], err)

    return asked


def zipped(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return content.getvalue()


def table(write, **columns):
    content = io.BytesIO()
    getattr(pl.DataFrame(columns), write)(content)
    return content.getvalue()


# ---- what is read

PAIRS = [("1", "101"), ("2", "102"), ("3", "103")]
BARE = "1,101\n2,102\n3,103\n"
HEADED = "user,item\n" + BARE
PACKED = gzip.compress(HEADED.encode(), mtime=0)  # no time, or each process has ids of its own
RATED = "1\t101\t4\t870000000\n2\t102\t3\t870000001\n3\t103\t5\t870000002\n"
OBJECTS = [{"user_id": int(user), "business_id": int(item), "x": [1]} for user, item in PAIRS]
LINES = "\n".join(map(json.dumps, OBJECTS))
COLUMNS = {"item": [101, 102, 103], "user": [1, 2, 3]}
OBVIOUS = ""


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (HEADED, "", OBVIOUS),
        ("\ufeff" + HEADED, "", OBVIOUS),
        (HEADED.replace("\n", "\r"), "", OBVIOUS),
        (HEADED.replace("\n", "\r\n\r\n"), "", OBVIOUS),
        ("# pairs of mine\n" + HEADED, "", OBVIOUS),
        ('"user","item"\n' + '"1","101"\n"2","102"\n"3","103"\n', "", OBVIOUS),
        ("x,item,user\n" + ",101,1\n,102,2\n,103,3\n", "", OBVIOUS),
        (BARE, "", "commas between the fields, no header, UTF-8: users in column 1, items in co"),
        (BARE, "--no-header", "no header"),
        ("#user,item\n" + BARE, "", OBVIOUS),
        (BARE.replace(",", ";"), "", "semicolons"),
        ("sep=;\r\n" + HEADED.replace(",", ";"), "", "semicolons between the fields, a header"),
        (HEADED.replace(",", "\t"), "", "tabs"),
        (HEADED.replace(",", "|"), "", "| between"),
        (BARE.replace(",", "::"), "", ":: between"),
        (BARE.replace(",", "  "), "", "spaces"),
        (BARE.replace(",", "~"), "--separator '~'", "~ between"),
        (RATED, "", "tabs between the fields, no header"),
        (RATED.replace("\t", "::"), "", ":: between the fields, no header"),
        ("userId,movieId,rating\n1,101,4\n2,102,3\n3,103,5\n", "", OBVIOUS),
        ("1,x,101\n2,y,102\n3,z,103\n", "--columns 1,3", "items in column 3"),
        ("Käufer;Film\n1;101\n2;102\n3;103\n".encode("latin-1"), "--users Käufer --items Film",
         "a header, CP1252: users in Käufer"),
        (HEADED.encode("utf-16"), "", "UTF-16"),
        (BARE.encode("utf-16-le"), "--encoding utf-16-le", "UTF-16-LE"),
        (PACKED, "", "as gzip, text"),
        (bz2.compress(BARE.encode()), "", "as bzip2, text"),
        (lzma.compress(BARE.encode()), "", "as xz, text"),
        (zipped(only=HEADED), "", "as zip, text"),
        (zipped(ml__ratings=HEADED, **{"ml__ratings.csv": HEADED}), "", "read ratings.csv as zip"),
        (LINES, "", "as JSON lines: users in user_id, items in business_id"),
        (json.dumps(OBJECTS), "", "as JSON: "),
        (table("write_parquet", **COLUMNS), "", "as Parquet: users in user, items in item"),
        (table("write_parquet", **COLUMNS), "--columns 2,1", "as Parquet"),
        (table("write_ipc", **COLUMNS), "", "as Arrow"),
    ],
)  # fmt: skip
def test_pairs_are_read_whatever_the_file_is(content, options, said, ask):
    found = ask("predict", "numbers", content, options)
    assert found.labels == PAIRS
    assert found.said.startswith("read ") if said else not found.said
    assert said in found.said
    assert found.said.count("\n") <= 1


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("1\n2\n3", ""),
        (" 1\n\n2 \n3\n\n", ""),
        ("1\r2\r3\r", ""),
        ('"1"\n"2"\n"3"\n', ""),
        ("# all of us\n1\n2\n3\n", ""),
        ("userId\n1\n2\n3\n", ""),
        ("who\n1\n2\n3\n", "--header"),
        ("who\n1\n2\n3\n", "--users who"),
        ("1\n2\n3\n", "--no-header"),
        ("1\n2\n3\n", "--columns 1"),
        (gzip.compress(b"1\n2\n3\n", mtime=0), ""),
        ("1\n2\n3\n".encode("utf-16"), ""),
        (RATED, ""),
        (HEADED, ""),
        ("1;ann\n2;bob\n3;eve\n", "--columns 1"),
        ("ann;1\nbob;2\neve;3\n", "--columns 2"),
        ("name;id\nann;1\nbob;2\neve;3\n", "--users id"),
        (zipped(**{"ml__u.data": RATED, "ml__u.item": "x"}), ""),
        (LINES, ""),
        (table("write_parquet", **COLUMNS), ""),
    ],
)
def test_users_are_read_whatever_the_file_is(content, options, ask):
    assert ask("recommend", "numbers", content, options).labels == [("1",), ("2",), ("3",)]


def test_labels_of_any_kind_are_listed_as_they_are(ask):
    labels = [(word,) for word in WORDS if word != "user"]
    listed = "".join(f"{word}\n" for (word,) in labels)
    assert ask("recommend", "words", listed).labels == labels
    assert ask("recommend", "words", "\n".join(f'"{word}"' for (word,) in labels)).labels == labels
    assert ask("recommend", "words", listed.encode("latin-1")).labels == labels
    pairs = [(word, f"m {place}") for place, (word,) in enumerate(labels)]
    for separator in ",", ";", "\t", "|", "::":
        quoted = [
            f'"{word}"' if separator in word and separator in ",;" else word for (word,) in labels
        ]
        content = "".join(f"{q}{separator}{item}\n" for q, (_, item) in zip(quoted, pairs))  # noqa: B905
        assert ask("predict", "words", content).labels == pairs, separator
    objects = "\n".join(json.dumps({"user": user, "item": item}) for user, item in pairs)
    assert ask("predict", "words", objects).labels == pairs


def test_numbers_of_json_and_parquet_are_the_labels_that_a_text_has(tmp_path, ask, models):
    """Of ids "7" and "x1" all are text to a model, and 7 is a number in JSON."""
    models["mixed"] = fitted(tmp_path / "x.npz", [*range(29), "x1"], range(20))
    assert ask("predict", "mixed", '{"user": 7, "item": 3}\n').labels == [("7", "3")]
    found = ask("predict", "mixed", table("write_parquet", user=[7], item=[3]))
    assert found.labels == [("7", "3")]


def test_a_pipe_and_none(ask, monkeypatch):
    for content in (HEADED.encode(), gzip.compress(BARE.encode(), mtime=0), LINES.encode()):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert ask("predict", "numbers", None, name="-").labels == PAIRS
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        columns = "--columns 1" if content[:2] == b"\x1f\x8b" else ""
        assert len(ask("recommend", "numbers", None, columns, name="-").labels) == 3
    with pytest.raises(UsageError, match="the name of a file is blank"):
        ask("predict", "numbers", None, name=" ")


def test_a_folder(ask, tmp_path):
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "u.data").write_text(RATED)
    (tmp_path / "ml" / "u.item").write_text("x")
    assert ask("predict", "numbers", None, name="ml").labels == PAIRS


# ---- what is asked, and the cure

STRANGE = "who,what\nann,m 1\nJo,m 2\n"
ANN = [("ann", "m 1"), ("Jo", "m 2")]
ASKED = [
    # command, model, content, options, what is said, what each of the cures leads to
    ("predict", "numbers", "who,what\n" + BARE, "", "no column 'userId'; its columns are who, w",
     {"--users who --items what": PAIRS}),
    ("predict", "numbers", "who,what\n" + BARE, "--no-header", "who, what, holds names. Leave",
     {"--users who --items what": PAIRS}),
    ("predict", "numbers", "who,what\n" + BARE, "--columns 1,2 --no-header", "Leave --no-header",
     {"--columns 1,2": PAIRS}),
    ("predict", "numbers", HEADED, "--no-header", "user, item, holds names. Leave", {"": PAIRS}),
    ("predict", "numbers", BARE, "--header", "1, 101, holds no names. Leave --header", {"": PAIRS}),
    ("predict", "numbers", BARE, "--users 1 --items 101", "has no header: no column is called '1'",
     {"--columns 1,2": PAIRS}),
    ("predict", "numbers", "101,1\n102,2\n103,3\n", "", "its items seem to stand before its users",
     {"--columns 2,1": PAIRS}),
    ("predict", "numbers", "user,item\n101,1\n102,2\n103,3\n", "", "seem to stand before its users",
     {"--columns 2,1": PAIRS}),
    ("predict", "numbers", "1,x,101\n2,y,102\n3,z,103\n", "", "no item of it is among the 20 items",
     {"--columns 1,3": PAIRS}),
    ("predict", "numbers", "id,item,user\n1,101,x\n2,102,y\n3,103,z\n", "", "no user of it is amo",
     {"--users id": PAIRS}),
    ("predict", "numbers", "user,asin,parent_asin\n1,101,1\n2,102,1\n3,103,1\n", "", "may be in",
     {"--items asin": PAIRS}),
    ("predict", "numbers", "user,user,item\n1,9,101\n2,9,102\n3,9,103\n", "", "'user' twice",
     {"--columns 1,3": PAIRS}),
    ("predict", "numbers", "name;what;who\na;101;1\nb;102;2\nc;103;3\n", "", "no column 'userId'",
     {"--users who --items what": PAIRS}),
    ("predict", "numbers", table("write_parquet", a=[1, 2, 3], b=[101, 102, 103]), "",
     "has no column 'userId'; its columns are a, b", {"--users a --items b": PAIRS}),
    ("predict", "numbers", table("write_parquet", **COLUMNS), "--separator ';'",
     "is Parquet, which has no separator. Leave", {"": PAIRS}),
    ("predict", "numbers", LINES, "--no-header", "is JSON lines, which has no header to do without",
     {"": PAIRS}),
    ("predict", "numbers", BARE, "--separator ';'", "has one column, such as 1,101", {"": PAIRS}),
    ("predict", "numbers", BARE, "--columns 1,9", "not 1, 9. Count", {"--columns 1,2": PAIRS}),
    ("predict", "words", STRANGE, "", "may hold names or a pair that the model does not know",
     {"--users who --items what": ANN, "--no-header": [("who", "what"), *ANN]}),
    ("predict", "words", STRANGE, "--columns 1,2", "may hold names or a pair that the model does",
     {"--columns 1,2 --header": ANN, "--columns 1,2 --no-header": [("who", "what"), *ANN]}),
    ("predict", "words", "user,item\nann,m 1\nJo,m 2\n", "", "may hold names or a pair of the mod",
     {"--header": ANN, "--no-header": [("user", "item"), *ANN]}),
    ("predict", "words", "Jo,what\nann,m 1\nJo,m 2\n", "--users Jo --items what",
     "may hold names or a pair of the model", {"--columns 1,2": [("Jo", "what"), *ANN],
                                               "--users Jo --items what --header": ANN}),
    ("recommend", "numbers", "1;ann\n2;bob\n", "", "has 2 columns and no header", {
        "--columns 1": [("1",), ("2",)]}),
    ("recommend", "numbers", "1,2,3\n", "", "3 columns and no header", {"--columns 1": [("1",)]}),
    ("recommend", "numbers", "who\n1\n2\n", "", "line 1: user 'who' is not among", {
        "--header": [("1",), ("2",)]}),
    ("recommend", "numbers", "1\n2\n", "--columns 2", "has 1 column, and one of them is needed", {
        "--columns 1": [("1",), ("2",)]}),
    ("recommend", "words", "user\nann\n", "", "its first line, user, may hold names or a user of", {
        "--header": [("ann",)], "--no-header": [("user",), ("ann",)]}),
    ("recommend", "words", "who;n\nann;1\n", "", "may hold names or a user that the model does not",
     {"--users who": [("ann",)]}),
    ("recommend", "words", "who;n\nann;1\n", "--columns 1", "may hold names or a user that the mo",
     {"--columns 1 --header": [("ann",)]}),
]  # fmt: skip


@pytest.mark.parametrize(("command", "model", "content", "options", "said", "cures"), ASKED)
def test_what_is_asked_and_every_cure_that_is_named(
    command, model, content, options, said, cures, ask
):
    with pytest.raises(UsageError) as error:
        ask(command, model, content, options)
    message = str(error.value)
    assert said in message
    assert "\n" not in message and len(message) < 400
    for cure, labels in cures.items():
        assert set(shlex.split(cure)) <= set(shlex.split(f"{message} {options}".replace(";", "")))
        assert ask(command, model, content, cure).labels == labels


@pytest.mark.parametrize(
    ("content", "message", "mended"),
    [
        ("user,item\n1,101,\n2,102,\n", "line 2 has 3 columns .* Remove the comma at the end of su",
         "user,item\n1,101\n2,102\n"),
        ("user,item\n1,101\n2\n", "line 3 has 1 column instead of 2. Write what is missing, or re",
         "user,item\n1,101\n"),
        ("user,item,t\n1,101,a, b\n", "line 2 has 4 columns .* Put quotes around a field with a",
         'user,item,t\n1,101,"a, b"\n'),
        ('user,item,t\n1,101,"x\n2,102,y\n', "line 2: a quote opens a field that goes on below",
         'user,item,t\n1,101,"x"\n2,102,y\n'),
        ("user,item\n,101\n", "line 2: the column 'user' is blank. Write an id into it, or rem",
         "user,item\n1,101\n"),
        ('{"user": null, "item": 101}', "line 1: the user is null, .* Write an id in its place",
         '{"user": 1, "item": 101}'),
        ('{"user": 1, "item": 101}\n{"user": "x", "item": 101}\n', "Write all ids alike",
         '{"user": 1, "item": 101}\n{"user": 2, "item": 101}\n'),
        ("user,item\n", "names nobody. Write a user and an item into each line",
         "user,item\n1,101\n"),
        ("\n", "names nobody", BARE),
        ("", "is empty", BARE),
        ("1\n2\n", "has one column, such as 1, and a pair needs two. Write user,item into each li",
         BARE),
        ("1.0,101\n2.0,102\n", "no user of it is among the 30 .*: '1.0', .* Write them as the",
         BARE),
        ("movieId,title\n101,Nero\n", "None of them holds users and items of the", BARE),
        ("<html><body>", "is a web page. Download the file itself", BARE),
        (zipped(a=HEADED, b=HEADED), "name the file that you mean, one of a, b. Unpack", HEADED),
        (zipped(**{"xl__workbook.xml": "x"}), "is a spreadsheet document. Save the sheet", HEADED),
        (zipped(**{"U.npy": "x", "V.npy": "x"}), "is a saved model and no table. Name the", HEADED),
        (PACKED[:-9], "is damaged: it ends too early; get a new", HEADED),
        ("#9,999\n1,101\n", "may be a comment, or hold a user and an item. Delete it if", BARE),
    ],
)  # fmt: skip
def test_what_has_to_be_mended_in_a_file_of_pairs(content, message, mended, ask):
    with pytest.raises((UsageError, OSError), match=message) as error:
        ask("predict", "numbers", content)
    assert len(str(error.value)) < 400
    assert ask("predict", "numbers", mended).labels


@pytest.mark.parametrize("option", ["--users id", "--columns 1", "--no-header", "--encoding utf-8"])
def test_what_is_said_of_a_file_needs_one(option, models, ask):
    parser = argparse.ArgumentParser()
    recommend.add_parser(parser.add_subparsers(parser_class=Parser))
    parsed = parser.parse_args(["recommend", str(models["numbers"]), "1", *option.split()])
    with pytest.raises(UsageError, match="is about the file that --users-from names: give both"):
        parsed.run(parsed)


def test_a_console_that_lacks_a_letter_is_told_numbers(ask, monkeypatch):
    """Without its accents the name of a column would be another."""
    content = "Käufer;Film\n1;101\n2;102\n3;103\n"
    monkeypatch.setattr(
        sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="cp932", errors="replace")
    )
    with pytest.raises(UsageError, match=r"Count yours, such as --columns 1,2$"):
        ask("predict", "numbers", content)
    assert ask("predict", "numbers", content, "--columns 1,2").labels == PAIRS


def test_every_error_of_label_files_has_its_cure_followed(ask):
    """Each place that raises one with cures is reached by an example above."""
    reached = set()
    for command, model, content, options, _, _ in ASKED:
        with pytest.raises(UsageError) as caught:
            ask(command, model, content, options)
        cause = caught.value.args[0]
        assert isinstance(cause, InputError)
        reached |= {frame.name for frame in traceback.extract_tb(cause.__traceback__)}
    for function in (label_files.read_known, label_tables._has_header, label_tables._places):
        assert function.__name__ in reached
