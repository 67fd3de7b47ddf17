"""``mfteach factorize`` on files as people have them: a test RMSE, or a sentence to follow."""

import argparse
import gzip
import io
import json
import re
import shlex
import sys

import numpy as np
import polars as pl
import pytest

from mfteach.commands import factorize
from mfteach.console import UsageError
from mfteach.recommender import MatrixFactorization

rng = np.random.default_rng(0)
TRIPLES = [
    (user, item, int(rng.integers(1, 11)) / 2)
    for user in range(1, 16)
    for item in range(1, 13)
    if rng.random() < 0.7
]


def lines(form, **more):
    return "".join(
        form.format(u=u, i=i, v=v, n=int(2 * v), c=str(v).replace(".", ","), t=870_000_000 + i)
        + "\n"
        for u, i, v in TRIPLES
    )


HEADED = "userId,movieId,rating,timestamp\n" + lines("{u},{i},{v},{t}")


@pytest.fixture
def command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MFTEACH_DATA", raising=False)
    parser = argparse.ArgumentParser(prog="mfteach")
    factorize.add_parser(parser.add_subparsers())

    def run(*arguments):
        parsed = parser.parse_args(["factorize", *map(str, arguments), "--solver", "als"])
        return parsed.run(parsed)

    return run


def written(path, content, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def parquet():
    content = io.BytesIO()
    users, items, values = zip(*TRIPLES, strict=True)
    pl.DataFrame({"userId": users, "movieId": items, "rating": values}).write_parquet(content)
    return content.getvalue()


BOOKCROSSING = '"User-ID";"ISBN";"Book-Rating"\n' + lines('"{u}";"0{i}X";"{n}"')
YELP = "".join(
    json.dumps({"user_id": f"u{u}", "business_id": f"b{i}", "stars": v, "text": "a, b"}) + "\n"
    for u, i, v in TRIPLES
)


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("ratings.csv", HEADED, "", "commas between the fields, a header, UTF-8"),
        ("u.data", lines("{u}\t{i}\t{n}\t{t}"), "", "tabs between the fields, no header"),
        ("ratings.dat", lines("{u}::{i}::{n}::{t}"), "", ":: between the fields, no header"),
        ("BX.csv", BOOKCROSSING + '"1";"Ü";"0"\n', "", "Book-Rating; left out: 1 line with 0"),
        ("noten.csv", "Benutzer;Film;Note\n" + lines("{u};{i};{c}"),
         "--users Benutzer --items Film --values Note", "decimal commas"),
        ("user_artists.dat", "userID\tartistID\tweight\n" + lines("{u}\t{i}\t{n}"), "",
         "users in userID, items in artistID, ratings in weight"),
        ("amazon.csv", lines("A{u}Z,B00{i},{n}.0,{t}"), "", "no header"),
        ("yelp.json", YELP, "--users user_id --items business_id --values stars", "JSON lines"),
        ("yelp.json", YELP, "", "users in user_id, items in business_id, ratings in stars"),
        ("r.csv.gz", gzip.compress(HEADED.encode(), mtime=0), "", "gzip, text"),
        ("r.parquet", parquet(), "", "as Parquet"),
        ("excel.csv", HEADED.replace(",", "\t").encode("utf-16"), "", "tabs .* UTF-16"),
        ("odd.txt", lines("{v}~x~{i}~{u}"), "--separator ~ --columns 4,3,1", "column 4"),
        ("tab.txt", lines("{u}\t{i}\t{v}\tx"), r"--separator \t --columns 1,2,3", "tabs"),
        ("cyrillic.csv", "user,item,rating\n" + lines("{u},Ж{i},{v}"), "", "a header"),
    ],
)  # fmt: skip
def test_a_file_ends_with_a_test_rmse_and_one_line_says_its_kind(
    tmp_path, command, capsys, name, content, options, said
):
    path = written(tmp_path / name, content, "latin-1" if name == "BX.csv" else "utf-8")
    assert command(path, *options.split()) == 0
    out = capsys.readouterr().out
    first = out.splitlines()[0]
    assert first.startswith(f"read {name} as ")
    assert re.search(said, first)
    assert f": 15 users, 12 items, {len(TRIPLES)} ratings" in out or name == "BX.csv"
    assert "test RMSE on" in out


@pytest.mark.parametrize(
    ("folder", "table", "titles"),
    [
        ("ml-100k", ("u.data", lines("{u}\t{i}\t{n}\t{t}")), ("u.item", "1|Amélie|x\n")),
        ("ml-1m", ("ratings.dat", lines("{u}::{i}::{n}::{t}")), ("movies.dat", "1::Amélie::\n")),
        ("ml-25m", ("ratings.csv", HEADED), ("movies.csv", "movieId,title\n1,Amélie\n")),
    ],
)  # fmt: skip
def test_a_folder_and_a_name_of_movielens(
    tmp_path, command, capsys, monkeypatch, folder, table, titles
):
    written(tmp_path / "data" / folder / table[0], table[1])
    written(
        tmp_path / "data" / folder / titles[0],
        titles[1],
        "utf-8" if "csv" in titles[0] else "latin-1",
    )
    assert command(tmp_path / "data" / folder) == 0
    monkeypatch.setenv("MFTEACH_DATA", str(tmp_path / "data"))
    for name in (folder, folder.removeprefix("ml-")):
        assert command(name) == 0
        assert f"read {table[0]} as " in capsys.readouterr().out
    with np.load(tmp_path / "factors.npz") as saved:
        assert json.loads(str(saved["titles"])) == {"1": "Amélie"}
    with pytest.raises(
        UsageError, match=r"ml-10m is not here .* the folder ml-10M100K, after downl"
    ):
        command("10m")


def test_a_pipe_is_read(tmp_path, command, capsys, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(gzip.compress(HEADED.encode(), mtime=0))

        def isatty(self):
            return False

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert command("-") == 0
    out = capsys.readouterr().out
    assert "read the input as gzip, text" in out
    assert "test RMSE" in out
    monkeypatch.setattr(Stdin, "isatty", lambda self: True)
    with pytest.raises(UsageError, match="and there is none: name a file"):
        command("-")


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (lines("A{u},B{i},{v},{t}"), "--users A1 --items B1", "has no header: its first line, A1"),
        (lines("A{u},B{i},{v},{t}"), "--header", "is a rating. "),
        (HEADED, "--no-header", "holds no number. Leave "),
        (HEADED, "--users userId --items userId", "cannot be both the users and the items"),
        (HEADED, "--users nobody", "has no column 'nobody'"),
        (HEADED, "--encoding utf-16", "is not UTF-16 text"),
        (HEADED, "--columns 1,2,9", "has 4 columns, and three of them are needed"),
        (HEADED + "1,1,5,0\n1,1,5,0\n", "", "user 1 rated item 1 twice"),
        (lines("{u}\t{i}\tdrama\t{v}"), "", "4 columns and no header"),
        (lines("{u}\t{i}\t{t}\t{v}"), "", "4 columns and no header"),
        ("Who;What;Stars\n" + lines("{u};{i};{c}"), "", "has no column 'userId'"),
        ("user,item,rating,rating\n" + lines("{u},{i},{v},{v}"), "", "the column 'rating' twice"),
        ("user,asin,parent_asin,rating\n" + lines("{u},a{i},b{i},{v}"), "", "may be in column"),
        ("user,item,rating\n" + lines("{u},スタルカー {i},{v}"), "", "neither UTF-8"),
    ],
)  # fmt: skip
def test_the_cure_of_an_error_works_when_it_is_followed(
    tmp_path, command, capsys, content, options, message
):
    path = written(tmp_path / "r.txt", content, "shift_jis" if "スタルカー" in content else "utf-8")
    asked = options.split()
    with pytest.raises(UsageError, match=message) as error:
        command(path, *asked)
    said = str(error.value)
    assert "\n" not in said and len(said) < 600
    words = [
        word.strip(",;.") for word in shlex.split(said.split(". ")[-1].replace("; a table", ""))
    ]
    cure = [
        piece
        for place, word in enumerate(words)
        if word.startswith("--")
        for piece in ([word] if word in ("--header", "--no-header") else words[place : place + 2])
    ]
    left_out = words[0] == "Leave"
    if left_out:
        asked = []
        cure = cure[2:] if cure[:1] == ["--encoding"] else cure[1:]
    if cure and cure[0] in asked:
        asked = []
    if cure.count("--duplicates") == 2:
        cure = cure[:2]
    if "--columns" in cure:
        asked = []
    assert cure or left_out
    assert command(path, *asked, *cure) == 0
    out = capsys.readouterr().out
    assert "test RMSE" in out
    assert f"{len(TRIPLES)} ratings" in out or "rated" in message


def test_a_headerless_file_keeps_its_first_rating(tmp_path, command):
    path = written(tmp_path / "r.csv", lines("A{u},B{i},{v},{t}"))
    assert command(path, "--columns", "1,2,3", "--output", tmp_path / "f.npz") == 0
    model = MatrixFactorization.load(tmp_path / "f.npz")
    assert len(model.ratings_.user_labels) == 15
    assert command(path, "--no-header") == 0


@pytest.mark.parametrize("bad", ["1,2", "1,2,3,4", "a,b,c", "1;2;3", "-1,2,3", ""])
def test_columns_are_three_numbers(tmp_path, command, capsys, bad):
    with pytest.raises(SystemExit):
        command(written(tmp_path / "r.csv", HEADED), f"--columns={bad}")
    assert "expected three numbers like 1,2,3" in capsys.readouterr().err


def test_a_text_in_place_of_a_file_is_told_shortly(command):
    text = "userId,movieId,rating\n" + 999 * "1,2,3\n"
    with pytest.raises(
        UsageError, match="a text and no name of a file: write it into one"
    ) as error:
        command(text)
    assert len(str(error.value)) < 200
