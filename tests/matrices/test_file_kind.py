"""One look decides how a file is read; what it cannot decide is asked, and nothing is guessed."""

import bz2
import codecs
import csv
import gzip
import io
import json
import lzma
import os
import threading
import warnings
import zipfile

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfteach import Ratings
from mfteach.arguments import InputError
from mfteach.matrices import frames, opening, plain_text
from mfteach.matrices.column_names import Wanted
from mfteach.matrices.file_kind import Asked
from mfteach.matrices.ratings import read_ratings

TRIPLES = [
    (user, item, (user * item % 9 + 1) / 2)
    for user in range(1, 13)
    for item in range(101, 111)
    if (user + item) % 3
]
EXPECTED = {(user, item): value for user, item, value in TRIPLES}


def lines(form, end="\n", **more):
    """A line for each rating; c is the value with a decimal comma, n a whole number, t a time."""
    return "".join(
        form.format(u=u, i=i, v=v, n=int(2 * v), c=str(v).replace(".", ","), t=870_000_000 + i)
        + end
        for u, i, v in TRIPLES
    )


def written(folder, content, encoding="utf-8", name="some.file"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def as_dict(ratings):
    columns = (ratings.users.tolist(), ratings.items.tolist(), ratings.values.tolist())
    return {(user, item): value for user, item, value in zip(*columns, strict=True)}


def read(path, users=None, items=None, values=None, columns=None, **asked):
    return read_ratings(path, Asked(Wanted(users, items, values, columns), **asked))


HEADED = "userId,movieId,rating,timestamp\n" + lines("{u},{i},{v},{t}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADED, "commas between the fields, a header, UTF-8"),
        (lines("{u}\t{i}\t{v}\t{t}"), "tabs between the fields, no header"),
        (lines("{u}::{i}::{v}::{t}"), ":: between the fields, no header"),
        (lines("{u}::{i}::{v}::{t}", "\r\n"), ":: between the fields, no header"),
        (lines("{u},{i},{v},{t}"), "commas between the fields, no header"),
        (lines("{u} {i}  {v}"), "spaces between the fields, no header"),
        (lines("  {u} \t{i} {v} "), "spaces between the fields, no header"),
        (lines("{u}|{i}|{v}"), "| between the fields, no header"),
        ("User ID|Item ID|Rating\n" + lines("{u}|{i}|{v}"), "| between the fields, a header"),
        ("user;item;score\r\n" + lines("{u};{i};{c}", "\r\n"), "a header, decimal commas"),
        (lines("{u};{i};{c}"), "semicolons between the fields, no header, decimal commas"),
        (lines("{u}\t{i}\t{c}"), "tabs between the fields, no header, decimal commas"),
        ('"user","item","rating"\n' + lines('"{u}","{i}","{c}"'), "quotes, decimal commas"),
        ('"user", "item", "rating"\n' + lines('"{u}", "{i}", "{v}"'), "a header, quotes"),
        ("userID\tartistID\tweight\n" + lines("{u}\t{i}\t{v}"), "ratings in weight"),
        (",user_id,book_id,rating\n" + lines("0,{u},{i},{v}"), "items in book_id"),
        ("rating;stuff;user;item\n" + lines("{v};a,b;{u};{i}"), "users in user, items in item"),
        ("sep=;\r\nuser;item;rating\r\n" + lines("{u};{i};{v}", "\r\n"), "semicolons"),
        ("sep=|\n" + lines("{u}|{i}|{v}"), "| between the fields, no header"),
        ("% bip weighted\n% 80 12 10\n" + lines("{u} {i} {v}"), "spaces"),
        ("# Films, seen, by us\n\nuser,item,rating\n" + lines("{u},{i},{v}"), "a header"),
        ("#user\titem\trating\n" + lines("{u}\t{i}\t{v}"), "a header"),
        ("# one\n" + lines("{u},{i},{v}") + "# the, end\n", "commas"),
        (HEADED + "\n\n   \n", "a header"),
        ("user;item;rating;;\n" + lines("{u};{i};{v};;") + ";;;;\n", "semicolons"),
        (HEADED.replace("\n", "\r"), "a header"),
        ("userId,movieId,rating,1997\n" + lines("{u},{i},{v},0"), "a header"),
    ],
)  # fmt: skip
def test_a_text_is_read_and_its_kind_is_said(tmp_path, content, said):
    ratings, kind = read(written(tmp_path, content))
    assert as_dict(ratings) == EXPECTED
    assert said in kind.sentence()
    assert "\n" not in kind.sentence()
    assert as_dict(Ratings.read(tmp_path / "some.file")) == EXPECTED


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
        ("utf-32", "UTF-32"),
        ("latin-1", "CP1252"),
        ("cp1252", "CP1252"),
    ],
)
@pytest.mark.parametrize("where", ["first", "last"])
def test_the_encoding_is_seen_wherever_the_first_letter_beyond_ascii_stands(
    tmp_path, encoding, said, where
):
    """The last line is far below what is looked at."""
    odd, plain = "Zoë,Café à la carte,4\n", "".join(f"u{n},film {n % 9},3\n" for n in range(9000))
    text = "user,item,rating\n" + (odd + plain if where == "first" else plain + odd)
    ratings, kind = read(written(tmp_path, text, encoding))
    assert as_dict(ratings)["Zoë", "Café à la carte"] == 4
    assert len(ratings) == 9001
    assert said in kind.sentence()


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("cp1251", "Сталкер"),
        ("koi8-r", "Сталкер"),
        ("shift_jis", "羅生門の映画"),
        ("gbk", "电影名称"),
        ("big5", "電影名稱"),
        ("euc-kr", "기생충영화"),
        ("iso-8859-7", "Ελλάδα"),
    ],
)
def test_letters_of_other_scripts_are_not_guessed(tmp_path, encoding, word):
    path = written(tmp_path, f"user,item,rating\nann,{word},3\nbob,{word},4\n", encoding)
    with pytest.raises(
        InputError, match=r"line 2 of some\.file has letters that are neither UTF-8"
    ):
        Ratings.read(path)
    assert Ratings.read(path, encoding=encoding).item_labels.tolist() == [word]


def test_one_damaged_letter_among_utf8_is_named(tmp_path):
    content = "user,item,rating\nann,Zoë,3\nbob,Amélie,4\n".encode() + b"eve,Am\xe9lie,4\n"
    path = written(tmp_path, content)
    with pytest.raises(InputError, match=r"line 4 of some\.file has a letter that is not UTF-8"):
        Ratings.read(path)
    assert len(Ratings.read(path, encoding="latin-1")) == 3


# Packed files, folders, pipes


@pytest.mark.parametrize(
    ("pack", "said"),
    [
        (gzip.compress, "as gzip, text"),
        (bz2.compress, "as bzip2, text"),
        (lzma.compress, "as xz, text"),
        (lambda content: gzip.compress(gzip.compress(content)), "as gzip, gzip, text"),
        (lambda content: content, "as text"),
    ],
)
@pytest.mark.parametrize("name", ["r.csv", "r.csv.gz", "r"])
def test_the_bytes_say_how_a_file_is_packed_and_not_its_name(tmp_path, pack, said, name):
    ratings, kind = read(written(tmp_path, pack(HEADED.encode()), name=name))
    assert as_dict(ratings) == EXPECTED
    assert said in kind.sentence()


def zipped(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return content.getvalue()


@pytest.mark.parametrize(
    "members",
    [
        {"ml__README.txt": "x", "ml__movies.csv": "x", "ml__ratings.csv": HEADED},
        {"only.tsv": lines("{u}\t{i}\t{v}")},
        {"ml__ratings.dat": lines("{u}::{i}::{v}::{t}"), "ml__users.dat": "x"},
        {"ratings.csv.gz": gzip.compress(HEADED.encode(), mtime=0), "b": "x"},
    ],
)
def test_a_zip_file_holds_its_ratings_under_names_that_are_known(tmp_path, members):
    assert as_dict(read(written(tmp_path, zipped(**members)))[0]) == EXPECTED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            gzip.compress(HEADED.encode(), mtime=0)[:-200],
            "is damaged: it ends too early; get a new copy",
        ),
        (bz2.compress(HEADED.encode())[:-200], "is damaged: it ends too early; get a new copy"),
        (lzma.compress(HEADED.encode())[:-200], "is damaged: it ends too early; get a new copy"),
        (lzma.compress(HEADED.encode())[:20] + b"x" * 90, "is damaged; get a new copy"),
        (bz2.compress(HEADED.encode())[:20] + b"x" * 90, "is damaged; get a new copy"),
        (gzip.compress(HEADED.encode(), mtime=0)[:40] + b"x" * 90, "is damaged; get a new copy"),
        (zipped(a="x", b="y"), "holds neither ratings.csv .*: name the file .* a, b. Unpack"),
        (zipped(**{"xl__workbook.xml": "x", "b": "y"}), "is a spreadsheet document. Save the"),
        (zipped(**{"U.npy": "x"}), "holds NumPy arrays. Write what is in it as CSV first"),
        (b"\x28\xb5\x2f\xfd\x00\x58", r"with zstd, .*\. Unpack it first \(zstd -d some.file\)"),
        (b"PK\x03\x04 and no more", "is damaged; get a new copy"),
        (b"\x89HDF\r\n\x1a\n", "is an HDF5 file. Write what is in it as CSV first"),
        (b"<!DOCTYPE html><html>404</html>", "is a web page. Download the file itself"),
        (b"\n<html>", "is a web page"),
        (b"\xef\xbb\xbf<html>", "is a web page"),
        (zipped(**{"U.npy": "x", "V.npy": "y"}), "is a saved model and no table. Name the table"),
        (b"1,2,3\n1,3,\x004\n", "holds bytes of 0. Write it as CSV once more, without them"),
        (b'{"user": [1, 2], "item": [3, 4], "rating": [5, 6]}', "Write an object for each rating"),
        (b'{"user": {"0": 1}, "item": {"0": 3}}', r"to_json\(orient='records'\) of pandas does"),
        (b'{"1": {"101": 4.5}, "2": {"101": 3}}', "neither an array of objects nor an object a l"),
        (b'["a", "b"]', "record 1 is not an object: 'a'. An object looks like"),
        (b"SQLite format 3\0", "is an SQLite database"),
        (bytes(range(256)) * 9, "is not a text, nor a kind of file that is known"),
        (b"1:\n5,3,2005-09-06\n", "is in the layout of the Netflix Prize"),
        (b"PAR1" + b"x" * 90, "begins like Parquet, but is damaged"),
        (b"", "some.file is empty"),
        (b"\n\n", "holds no rating"),
        (b"\xef\xbb\xbf", "holds no rating"),
    ],
)
def test_what_holds_no_ratings_is_one_sentence_with_a_cure(tmp_path, content, message, monkeypatch):
    zstd = opening.PACKINGS[-1]._replace(module="no_python.has_it")
    monkeypatch.setattr(opening, "PACKINGS", (*opening.PACKINGS[:-1], zstd))
    with pytest.raises((InputError, FileNotFoundError), match=message) as error:
        Ratings.read(written(tmp_path, content))
    assert len(str(error.value)) < 400
    assert "\n" not in str(error.value)


def test_zstd_is_read_where_python_has_it(tmp_path, monkeypatch):
    """Any module that opens as those of the standard library do."""
    zstd = opening.PACKINGS[-1]._replace(first=b"ZSTD", module="gzip")
    monkeypatch.setattr(opening, "PACKINGS", (zstd,))
    path = written(tmp_path, gzip.compress(HEADED.encode(), mtime=0))
    monkeypatch.setattr(opening, "PACKINGS", (zstd._replace(first=rb"\x1f\x8b"),))
    ratings, kind = read(path)
    assert as_dict(ratings) == EXPECTED
    assert "as zstd, text" in kind.sentence()


def test_a_pipe_an_open_file_and_a_text_in_memory(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    content = gzip.compress(HEADED.encode(), mtime=0)
    writer = threading.Thread(target=fifo.write_bytes, args=(content,))
    writer.start()
    assert as_dict(Ratings.read(fifo)) == EXPECTED
    writer.join()
    assert as_dict(Ratings.read(io.BytesIO(content))) == EXPECTED
    assert as_dict(Ratings.read(io.StringIO(HEADED))) == EXPECTED
    with written(tmp_path, HEADED).open("rb") as file:
        assert as_dict(Ratings.read(file)) == EXPECTED
        assert not file.closed
    with pytest.raises(
        InputError, match=r"'https://x\.org/r\.csv' is an address\. Download the file"
    ):
        Ratings.read("https://x.org/r.csv")


# JSON, Parquet, Arrow

OBJECTS = [{"text": 'a, "b"\n', "user_id": u, "business_id": i, "stars": v} for u, i, v in TRIPLES]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\n".join(map(json.dumps, OBJECTS)), "JSON lines: users in user_id"),
        ("\r\n".join(map(json.dumps, OBJECTS)) + "\r\n\r\n", "items in business_id"),
        ("\ufeff" + "\n".join(map(json.dumps, OBJECTS)), "JSON lines"),
        (json.dumps(OBJECTS), "as JSON: users in user_id"),
        (json.dumps(OBJECTS, indent=2), "ratings in stars"),
    ],
)
def test_json_is_read(tmp_path, content, said):
    path = written(tmp_path, content)
    ratings, kind = read(path)
    assert as_dict(ratings) == EXPECTED
    assert said in kind.sentence()
    assert as_dict(Ratings.read(path, "user_id", "business_id", "stars")) == EXPECTED
    assert as_dict(Ratings.read(path, columns=(2, 3, 4))) == EXPECTED


GOOD = '{"user": 1, "item": 2, "rating": 3}\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + '{"user": 1, "item": 3\n', r"line 2 is not JSON: '.*'. An object looks like"),
        (GOOD + "{'user': 1, 'item': 3, 'rating': 2}\n", "line 2 is not JSON"),
        (GOOD + '{"user": 1, "rating": 2}\n', "line 2 has no field 'item'; it has user, rating"),
        (GOOD + "[1, 2, 3]\n", "line 2 is not an object"),
        (GOOD + '{"user": 1.5, "item": 2, "rating": 3}\n', "line 2: the user is 1.5, neither"),
        (
            GOOD + '{"user": null, "item": 2, "rating": 3}\n',
            "line 2: the user is null, .* Write an id",
        ),
        (GOOD + '{"user": true, "item": 2, "rating": 3}\n', "line 2: the user is true"),
        (
            GOOD + '{"user": "1", "item": 3, "rating": 3}\n',
            r"file, line 1: the user is 1, and in some\.file, line 2 '1': .* Write all ids alike",
        ),
        (
            GOOD + '{"user": 1, "item": 3, "rating": true}\n',
            "line 2: true is not a number. Write 1",
        ),
        (
            GOOD + '{"user": 1, "item": 3, "rating": null}\n',
            "line 2: null is not a number: leave u",
        ),
        (GOOD + '{"user": 1, "item": 3, "rating": NaN}\n', "line 2 is nan: leave unknown"),
        (GOOD + '{"user": 1, "item": 3, "rating": "1_0"}\n', "line 2: '1_0' is not a number"),
        (
            GOOD + '{"user": 1, "item": 3, "rating": "' + "so good " * 999 + '"}\n',
            "is not a number",
        ),
        (GOOD + "\n" + GOOD, "user 1 rated item 2 twice: some.file, line 1 and some.file, line 3"),
        ('{"a": 1, "b": 2}\n', "has only the fields a, b. An object looks like"),
        ('{"a": 1, "b": 2, "c": "x"}\n', "users='b', items='c' and values='a'"),
        ('{"a": "1", "b": "2", "c": "x"}\n', "has no column of ratings: none of its columns, a"),
        ('{\n"a": 1, "b": 2}\n', "is JSON, but neither an array of objects nor an object a line"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "holds no rating"),
    ],
)
def test_bad_json_is_refused_by_line(tmp_path, content, message):
    with pytest.raises(ValueError, match=message) as error:
        Ratings.read(written(tmp_path, content))
    assert len(str(error.value)) < 400


def test_json_keeps_ids_as_they_are(tmp_path):
    ids = ["007", "7", " 7", str(2**70)]
    rows = [json.dumps({"user": user, "item": n, "rating": 1}) for n, user in enumerate(ids)]
    assert Ratings.read(written(tmp_path, "\n".join(rows))).users.tolist() == ids
    large = written(tmp_path, f'{{"user": {2**70}, "item": -1, "rating": 1}}')
    assert as_dict(Ratings.read(large)) == {(str(2**70), -1): 1}


FRAME = pl.DataFrame(
    {
        "stars": [value for _, _, value in TRIPLES],
        "user_id": [user for user, _, _ in TRIPLES],
        "text": ["long"] * len(TRIPLES),
        "item_id": [f"{item:05}" for _, item, _ in TRIPLES],
    }
)
OF_FRAME = {(user, f"{item:05}"): value for (user, item), value in EXPECTED.items()}


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (FRAME.write_parquet, "as Parquet: users in user_id"),
        (FRAME.write_ipc, "as Arrow: users in user_id"),
        (FRAME.write_ipc_stream, "as Arrow stream"),
    ],
)
def test_parquet_and_arrow_are_read(tmp_path, write, said):
    content = io.BytesIO()
    write(content)
    for packed in (content.getvalue(), gzip.compress(content.getvalue())):
        path = written(tmp_path, packed)
        ratings, kind = read(path)
        assert as_dict(ratings) == OF_FRAME
        assert said in kind.sentence() or "gzip" in kind.sentence()
        assert as_dict(Ratings.read(path, columns=(2, 4, 1))) == OF_FRAME
        with pytest.raises(InputError, match="no column 'nobody'; its columns are stars, user_id"):
            Ratings.read(path, "nobody")


@pytest.mark.parametrize("write", [FRAME.clear().write_parquet, FRAME.clear().write_ipc])
def test_a_table_without_a_row_is_named(tmp_path, write):
    write(tmp_path / "some.file")
    with pytest.raises(InputError, match=r"some\.file holds no rating: it has columns, and no row"):
        Ratings.read(tmp_path / "some.file")


class PanicException(BaseException):
    """What polars raises where its Rust code gives up."""


@pytest.mark.parametrize("error", [PanicException, ValueError, KeyboardInterrupt, MemoryError])
def test_what_one_library_cannot_read_the_other_may(tmp_path, error, monkeypatch):
    def failing(file, form):
        file.read()
        raise error("assertion `left == right` failed")

    path = written(tmp_path, b"PAR1" + b"x" * 99)
    monkeypatch.setattr(frames, "import_module", lambda name: None)
    monkeypatch.setattr(frames, "_by_polars", failing)
    monkeypatch.setattr(frames, "_by_pyarrow", lambda file, form: frames._opened(FRAME))
    if error in (KeyboardInterrupt, MemoryError):
        with pytest.raises(error):
            Ratings.read(path)
        return
    assert as_dict(Ratings.read(path)) == OF_FRAME
    monkeypatch.setattr(frames, "_by_pyarrow", failing)
    with pytest.raises(InputError, match=r"or polars and pyarrow cannot read it\. Get"):
        Ratings.read(path)


@pytest.mark.parametrize(
    ("start", "needed"), [(b"PAR1", "polars or pyarrow"), (b"FEA1", "pyarrow")]
)
def test_without_polars_or_pyarrow_the_install_command_is_named(
    tmp_path, start, needed, monkeypatch
):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(frames, "import_module", absent)
    library = needed.split()[0]
    message = rf"needs {needed}\. Install one \(python -m pip install {library}\)"
    with pytest.raises(InputError, match=message):
        Ratings.read(written(tmp_path, start + b"x" * 99))


# What is not to be guessed


@pytest.mark.parametrize(
    ("content", "asked", "message"),
    [
        ("A1,B5,5.0,1360000000\nA2,B6,4.0,1360000001\n", {"users": "A1", "items": "B5"},
         r"has no header: its first line, A1, B5, 5.0, 1360000000, is a rating, .*columns=\(1, 2"),
        ("A1,B5,5.0\nA2,B6,4.0\n", {"header": True}, "its first line, A1, B5, 5.0, is a rating"),
        ("userId,movieId,rating\n1,2,3\n", {"header": False}, "holds no number. Leave header=Fals"),
        ("5,3,0,1\n4,0,0,1\n1,1,0,5\n", {}, r"4 columns and no header; .* columns=\(1, 2, 4\); a "),
        ("1 2 3 4\n5 6 7 8\n", {}, "4 columns and no header"),
        ("ann,Nero,1360000000,4\nbob,Nero,1360000000,3\n", {}, r"such as columns=\(1, 2, 4\)"),
        ("ann\tNero\tdrama\t4\nbob\tNero\tdrama\t3\n", {}, r"such as columns=\(1, 2, 4\)"),
        ("1,2,3,2005-09-06,9\n1,3,3,2005-09-06,8\n", {}, "5 columns and no header"),
        ("1,2\n3,4\n", {}, "has 2 columns, such as 1, 2, and a rating needs three"),
        ("user,1,2\n7,4,5\n8,4,5\n", {}, "its first line, user, 1, 2, may hold names or a rating"),
        ("user,item,rating,rating\n1,2,3,4\n", {}, "has the column 'rating' twice .columns 3 and "),
        ("user,user,item,rating\n1,2,3,4\n", {}, r"'user' twice .*: columns=\(1, 3, 4\)"),
        ("user,item,timestamp\n1,2,1360000000\n", {}, "has no column of ratings: .* Name the file"),
        ("1,2,1360000000\n3,4,1360000001\n", {}, "has no column of ratings: .* hold times"),
        ("user,item,rating\n1,2,3\n", {"users": "item"}, "'item' cannot be both the users and the"),
        ("user,item,rating\n1,2,3\n", {"columns": (1, 2, 2)}, "one column cannot hold two of user"),
        ("user,item,rating\n1,2,3\n", {"columns": (1, 2, 4)}, "has 3 columns, and three of them a"),
        ("user,item,rating\n1,2,3\n", {"columns": (0, 1, 2)}, "Count from 1"),
        ("user,item,rating\n1,2,3\n", {"columns": (1, 2, 3), "users": "user"}, "both named and nu"),
        ("user,asin,parent_asin,rating\n1,a,b,3\n", {}, "may be in column 'asin' or 'parent_asin'"),
        ("Benutzer;Film;Note\n1;2;3\n", {}, "users='Benutzer', items='Film' and values='Note'"),
        ("user;item;rating\n1;2;1,234\n", {}, "line 2: '1,234' may mean thousands"),
        ("user;item;rating\n1;2;4,5\n1;3;3.5\n", {}, "'3.5' on line 3 has a decimal point, '4,5'"),
        ("user;item;rating\n1;2;1_0\n", {}, "line 2: '1_0' is not a number"),
        ("user;item;rating\n1;2;2005-09-06\n", {}, "'2005-09-06' is not a number"),
        ("user,item,rating\n1,2,3\n", {"separator": "\n"}, "cannot separate fields"),
        ("user,item,rating\n1,2,3\n", {"separator": ";"}, "Leave separator=';' out"),
        ("user,item,rating\n1,2,3\n", {"encoding": "klingon"}, "Python knows no encoding 'klingon"),
        ("user,item,rating\n1,2,3\n", {"encoding": "rot13"}, "Python knows no encoding 'rot13'"),
        ("user,item,rating\nZoë,2,3\n", {"encoding": "ascii"}, "is not ASCII text .*Leave encodin"),
        ("This is prose.\nIt has, as prose has,\nno numbers.\n", {}, "does not look like ratings"),
    ],
)  # fmt: skip
def test_what_a_look_cannot_tell_is_asked(tmp_path, content, asked, message):
    with pytest.raises(ValueError, match=message) as error:
        read(written(tmp_path, content), **asked)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    ("content", "asked", "expected"),
    [
        ("A1,B5,5.0\nA2,B6,4\n", {"columns": (1, 2, 3)}, {("A1", "B5"): 5, ("A2", "B6"): 4}),
        ("A1,5,5.0\n12,6,4\n", {"columns": (1, 2, 3)}, {("A1", 5): 5, ("12", 6): 4}),
        ("A1,5,5.0\n12,6,4\n", {"header": False}, {("A1", 5): 5, ("12", 6): 4}),
        ("u,2,v\n7,8,1\n9,8,2\n", {"columns": (1, 2, 3)}, {(7, 8): 1, (9, 8): 2}),
        ("5,3,0,1\n4,0,0,1\n", {"columns": (1, 2, 3)}, {(5, 3): 0, (4, 0): 0}),
        ("v,u,v,i\n1,7,2,8\n", {"columns": (2, 4, 1)}, {(7, 8): 1}),
        ("1~2~3\n4~5~6\n", {"separator": "~"}, {(1, 2): 3, (4, 5): 6}),
        ("1 - 2 - 3\n4 - 5 - 6\n", {"separator": " - "}, {(1, 2): 3, (4, 5): 6}),
        ("#1,Nero: a film,4\nbob,Nero,3\n", {}, {("#1", "Nero: a film"): 4, ("bob", "Nero"): 3}),
        ("#1,Nero,4\n#2,Nero,3\n", {}, {("#1", "Nero"): 4, ("#2", "Nero"): 3}),
        ("1,2,4.5\n", {}, {(1, 2): 4.5}),
        ("1;2;4,5;870000000\n", {}, {(1, 2): 4.5}),
    ],
)
def test_what_is_said_decides(tmp_path, content, asked, expected):
    assert as_dict(read(written(tmp_path, content), **asked)[0]) == expected


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "::", "~"])
@pytest.mark.parametrize(
    "odd", ["007", "+7", "-0", "00a", "7.0", "1e3", "1_0", "12345678901234567890"]
)
def test_ids_are_never_damaged_whatever_separates_them(tmp_path, separator, odd, monkeypatch):
    """Far below the first lines, where ids have long proved to be integers."""
    monkeypatch.setattr(plain_text, "PIECE", 1000)
    users = [str(n) for n in range(1, 2001)] + [odd]
    text = "".join(separator.join([user, "8", "3"]) + "\n" for user in users)
    ratings, _ = read(written(tmp_path, text), separator=separator, columns=(1, 2, 3))
    assert ratings.users.tolist() == users


@pytest.mark.parametrize("n_columns", [20, 20_000])
def test_a_wide_table_is_told_from_ratings_and_the_message_stays_short(tmp_path, n_columns):
    films = [f"Film {n}" for n in range(n_columns)]
    rows = [["user", *films], *([str(user)] + ["4"] * n_columns for user in range(5))]
    path = written(tmp_path, "\n".join(map(",".join, rows)))
    with pytest.raises(InputError, match="nearly all of numbers: a table with a column for each"):
        Ratings.read(path)
    text = "\n".join([",".join(films), ",".join(["x"] * n_columns)])
    with pytest.raises(InputError) as error:
        Ratings.read(written(tmp_path, text))
    assert len(str(error.value)) < 600


def test_a_zero_of_bookcrossing_is_left_out_and_said(tmp_path):
    header = '"User-ID";"ISBN";"Book-Rating"\n'
    text = header + '"1";"034";"0"\n"1";"0x";"7"\n"2";"034";"0"\n"3";"03Ü";"9"\n'
    path = written(tmp_path, text, "latin-1")
    said = 'left out: 2 lines with 0 in column Book-Rating, which means "no rating"'
    with pytest.warns(UserWarning, match=said):
        ratings = Ratings.read(path)
    assert as_dict(ratings) == {(1, "0x"): 7, (3, "03Ü"): 9}
    assert ratings.shape == (2, 2)
    assert said in read(path)[1].sentence()
    plain = header.replace('"', "") + "1;a;0\n2;b;7\n1;b;0\n3;a;9\n3;a;0\n"
    with pytest.warns(UserWarning, match="3 lines with 0"):
        ratings = Ratings.read(written(tmp_path, plain))
    assert as_dict(ratings) == {(2, "b"): 7, (3, "a"): 9}
    frame = io.BytesIO()
    pl.DataFrame({"User-ID": [1, 2], "ISBN": ["a", "b"], "Book-Rating": [0, 7]}).write_parquet(
        frame
    )
    frame.seek(0)
    with pytest.warns(UserWarning, match="left out: 1 line with 0"):
        assert as_dict(Ratings.read(frame)) == {(2, "b"): 7}
    all_zero = written(tmp_path, header + '"1";"034";"0"\n')
    with pytest.raises(ValueError, match="there is no rating"):
        Ratings.read(all_zero)


def test_elsewhere_zero_is_a_rating_and_no_warning_comes(tmp_path):
    path = written(tmp_path, "user,item,rating\n1,2,0\n1,3,-1\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert as_dict(Ratings.read(path)) == {(1, 2): 0, (1, 3): -1}


def test_times_are_read_where_they_are_wanted(tmp_path):
    path = written(tmp_path, HEADED)
    assert Ratings.read(path).timestamps is None
    times = [870_000_000 + item for _, item, _ in TRIPLES]
    assert Ratings.read(path, timestamps="timestamp").timestamps.tolist() == times
    with pytest.raises(InputError, match="has no column 'when'"):
        Ratings.read(path, timestamps="when")
    for text in (lines("{u}::{i}::{v}::{t}"), lines("{u}\t{i}\t{v}\t{t}"), HEADED):
        found, _ = read(written(tmp_path, text), times=True)
        assert found.timestamps.tolist() == times


# Whatever is written by the csv module is read as it was, or refused

WORDS = st.text(st.sampled_from("abXY09 \t.,;|:#%'\"_-éÜ€"), min_size=1, max_size=6).filter(
    lambda word: word == word.strip()
)
ROWS = st.lists(
    st.tuples(WORDS, WORDS, st.sampled_from(["1", "2.5", "-3", "0", "4.0"])),
    min_size=2,
    max_size=8,
    unique_by=lambda row: row[:2],
)


@given(
    ROWS,
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from([bytes, gzip.compress]),
)
def test_a_file_is_read_as_it_was_written_or_refused(
    tmp_path_factory, rows, separator, header, encoding, end, quoting, pack
):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)
    if header:
        writer.writerow(["user", "item", "rating"])
    writer.writerows(rows)
    path = written(tmp_path_factory.mktemp("f"), pack(text.getvalue().encode(encoding)))
    try:
        ratings = Ratings.read(path)
    except ValueError as error:
        assert len(str(error)) < 600
        return
    got = [ratings.users.tolist(), ratings.items.tolist(), ratings.values.tolist()]
    assert list(map(str, got[0])) == [user for user, _, _ in rows]
    assert list(map(str, got[1])) == [item for _, item, _ in rows]
    assert got[2] == [float(value) for _, _, value in rows]


@given(st.binary(max_size=300), st.sampled_from([b"", b"user,item,rating\n1,2,3\n", b"1\t2\t3\n"]))
def test_any_bytes_are_ratings_or_one_short_sentence(tmp_path_factory, noise, start):
    path = written(tmp_path_factory.mktemp("f"), start + noise)
    try:
        ratings = Ratings.read(path)
    except (ValueError, FileNotFoundError) as error:
        assert len(str(error)) < 600
    else:
        assert np.isfinite(ratings.values).all()


def test_a_mark_of_the_byte_order_is_never_part_of_a_name(tmp_path):
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le")):
        path = written(tmp_path, mark + HEADED.encode(encoding))
        assert as_dict(Ratings.read(path, users="userId")) == EXPECTED
        assert as_dict(Ratings.read(path, encoding=encoding.removesuffix("-le"))) == EXPECTED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "user,item,rating\n1,2,NULL\n",
            "line 2: 'NULL' is not a number: leave unknown ratings out",
        ),
        (
            'user,item,rating\n1,"Nero,4\n2,Cleo,3\n3,Nero",2\n',
            "line 2: a quote opens a field that",
        ),
        (
            "Exported in May\n\nuser,item,rating\n1,2,3\n",
            "Exported in May, has 1 field, and the l",
        ),
        ("user\titem\trating\n1,2,3\n2,3,4\n", "has 1 field, and the lines below have 3"),
        (
            '"user" "item" "rating"\n"1" 7 8 3\n"2" 7 9 4\n',
            "has 3 fields, and the lines below have 4",
        ),
        ("# May, Ann, 2020\nann,Nero,4\nbob,Nero,3\n", "may be a comment or a rating"),
        ("#1,7,5\n2,7,4\n3,7,4\n", "may be a comment or a rating"),
        ("%,0,1\n0,0,1\n", "may be a comment or a rating"),
        ("%,0,1\n0,|0|,1\n", "may be a comment or a rating"),
        ("1:2:3\n4:5:6\n", "If another one does, name it: separator=':'"),
        ("user,item\n1,2\n", "Three of them are needed: of users, items and ratings"),
        ("1,2,inf\n1,3,4\n", "some.file, line 1 is inf"),
        ("\0" * 5000, "is full of bytes of 0"),
        ("x" * 10**6, "a field has more than 131,072 characters. Close or remove the q"),
    ],
)
def test_more_of_what_is_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=message) as error:
        Ratings.read(written(tmp_path, content))
    assert len(str(error.value)) < 400


def test_quotes_in_names_between_tabs_are_part_of_them(tmp_path):
    names = ['"Weird Al" Yankovic', '"Heroes', 'say "hi"', 'Heroes"']
    text = "user\titem\trating\n" + "".join(f"u\t{name}\t3\n" for name in names)
    ratings = Ratings.read(written(tmp_path, text + 'u\t"quoted ""whole"""\t"4"\n'))
    assert ratings.items.tolist() == [*names, 'quoted "whole"']
    assert ratings.values.tolist() == [3, 3, 3, 3, 4]


@pytest.mark.parametrize("above", ["# a comment\n", "\n"])
def test_many_lines_above_the_ratings(tmp_path, above):
    assert as_dict(read(written(tmp_path, 150 * above + HEADED))[0]) == EXPECTED


@pytest.mark.parametrize(
    ("header", "no_rating"),
    [("user_id,anime_id,rating", -1), ("user_id,book_id,is_read,rating", 0)],
)
def test_other_collections_that_write_a_number_for_no_rating(tmp_path, header, no_rating):
    middle = "1," if "is_read" in header else ""
    text = f"{header}\n7,8,{middle}{no_rating}\n7,9,{middle}5\n"
    with pytest.warns(UserWarning, match=f"left out: 1 line with {no_rating} in column rating"):
        assert as_dict(Ratings.read(written(tmp_path, text))) == {(7, 9): 5}


@pytest.mark.parametrize("columns", ["123", (1, 2, "3"), (1.0, 2, 3), (True, 2, 3), 5, (1, 2)])
def test_numbers_of_columns_are_whole_numbers(tmp_path, columns):
    with pytest.raises(InputError, match=r"Count from 1: columns=\(1, 2, 3\)"):
        Ratings.read(written(tmp_path, HEADED), columns=columns)
    assert as_dict(Ratings.read(tmp_path / "some.file", columns=np.array([1, 2, 3]))) == EXPECTED


def test_what_is_no_file_and_a_file_that_was_read_in_part(tmp_path):
    with pytest.raises(
        InputError, match=r"must be a file, but is .*Give tables to Ratings\.from_frame"
    ):
        Ratings.read({"userId": [1]})
    with written(tmp_path, "a preamble\n" + HEADED).open("rb") as file:
        file.readline()
        assert as_dict(Ratings.read(file)) == EXPECTED


@pytest.mark.parametrize("separator", ["\t", "|"])
def test_a_quoted_field_may_hold_the_separator(tmp_path, separator):
    item = f"a{separator}b"
    rows = [["user", "item", "rating"], ["u", f'"{item}"', "3"], ["v", '"c"', "4"]]
    ratings = Ratings.read(written(tmp_path, "\n".join(map(separator.join, rows))))
    assert as_dict(ratings) == {("u", item): 3, ("v", "c"): 4}
