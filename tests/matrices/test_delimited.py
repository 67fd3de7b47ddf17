"""Delimited text read piece by piece: the same as line by line, wherever the pieces end."""

import csv
import io

import numpy as np
import pytest

from mfteach.matrices import delimited
from mfteach.matrices.delimited import read_columns

NAMES = ("user", "item", "stars")
HEADER = "user,item,stars,time\n"


def read(text, **options):
    return read_columns(io.StringIO(text, newline=""), "r.csv", ",", NAMES, **options)


@pytest.fixture(params=[1, 2, 3, 1000], ids=lambda size: f"pieces of {size}")
def piece(request, monkeypatch):
    monkeypatch.setattr(delimited, "PIECE", request.param)


def test_pieces_hold_what_the_csv_module_reads(piece):
    rng = np.random.default_rng(0)
    rows = [[str(n), f"film {rng.integers(9)}", f"{rng.normal():.3f}", str(n)] for n in range(25)]
    text = HEADER + "".join(",".join(row) + "\n" for row in rows)
    found = read(text, timestamps="time")
    assert list(csv.reader(io.StringIO(text)))[1:] == rows
    assert found.users.tolist() == [int(row[0]) for row in rows]
    assert found.items.tolist() == [row[1] for row in rows]
    assert found.values.tolist() == [float(row[2]) for row in rows]
    assert found.times.tolist() == [float(row[3]) for row in rows]
    assert [found.lines[position] for position in range(25)] == list(range(2, 27))


def test_blank_lines_and_fields_over_several_lines_keep_the_line_numbers(piece):
    text = HEADER + '1,1,1,0\n\n2,"a\nb",1,0\n3,1,1,0\n\n\n4,1,1,0\n5,1,1,0\n'
    found = read(text)
    assert [found.lines[position] for position in range(5)] == [2, 4, 6, 9, 10]
    assert found.items.tolist() == ["1", "a\nb", "1", "1", "1"]


@pytest.mark.parametrize("late", ["007", "bob", "1_0", str(2**63), "+7"])
def test_one_label_that_is_no_plain_integer_makes_all_of_them_strings(piece, late):
    text = HEADER + "".join(f"{n},1,1,0\n" for n in [*range(-2, 5), late])
    found = read(text)
    assert found.users.tolist() == [*map(str, range(-2, 5)), late]
    assert found.items.dtype == np.int64


@pytest.mark.parametrize(
    "line, message",
    [
        ("1,1,1\n", "r.csv, line 5 has 3 columns instead of 4"),
        ("1,1,nan,0\n", "r.csv, line 5 is nan: leave unknown ratings out"),
        ("1,1,good,0\n", "r.csv, line 5: 'good' is not a number"),
        ("1,1,1,inf\n", "r.csv, line 5: the time is inf"),
    ],
)
def test_an_error_names_its_line_in_every_piece(piece, line, message):
    text = HEADER + "8,1,1,0\n9,1,1,0\n\n" + line + "2,1,1,0\n1,1\n"
    with pytest.raises(ValueError, match=message):
        read(text, timestamps="time")


def test_an_earlier_error_is_named_before_one_of_the_csv_module(piece, monkeypatch):
    text = HEADER + "1,1,bad,0\n2,1,1,0\n3," + "x" * 60 + ",1,0\n"
    limit = csv.field_size_limit(50)
    try:
        with pytest.raises(ValueError, match="line 2: 'bad' is not a number"):
            read(text)
        with pytest.raises(ValueError, match="line 4: a field has more"):
            read(text.replace("bad", "1"))
    finally:
        csv.field_size_limit(limit)


@pytest.mark.usefixtures("bars")
def test_a_long_file_shows_how_far_it_has_come(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(delimited, "MOMENT", 0.0)
    monkeypatch.setattr(delimited, "PIECE", 10)
    path = tmp_path / "r.csv"
    path.write_text(HEADER + "1,1,1,0\n" * 5000)
    with path.open() as file:
        read_columns(file, "r.csv", ",", NAMES)
    assert "r.csv" in capsys.readouterr().err
