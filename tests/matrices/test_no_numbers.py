"""What stands where a rating belongs, and is none: each kind has a cure, which is followed."""

import io
import json
import re

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mfteach import MatrixFactorization, Ratings, datasets
from mfteach.arguments import InputError
from mfteach.commands.main import main
from mfteach.matrices.numbers import likeness

# What is written, and what the message says to write.
MEANT = [
    ("80%", "80"),
    ("79,5 %", "79.5"),
    ("4/5", "4"),
    ("4.5/5.0", "4.5"),
    ("7 / 10", "7"),
    ("4 out of 5 stars", "4"),
    ("3 of 5", "3"),
    ("4 stars", "4"),
    ("4,5 Sterne", "4.5"),
    ("$4", "4"),
    ("4 €", "4"),
    ("3.5*", "3.5"),
    ("★★★☆☆", "3"),
    ("−4", "-4"),
    ("1.400,50", "1400.50"),
    ("-1,400.50", "-1400.50"),
    ("1.400.000", "1400000"),
    ("1 400", "1400"),
    ("1'400.5", "1400.5"),
    ("1\u202f400,5", "1400.5"),
    ("'4'", "4"),
]
# What nobody can tell: the rating has to go, or to be written anew.
UNTOLD = ["good", "4½", "1_0", "4-5", "4-May", "(4)", "1,2,3", "0x10", "so good " * 999]
UNKNOWN = ["NA", "n/a", "#N/A", "NULL", "None", "-", "?", "", " "]
WORDS = ["True", "false", "yes", "No"]
DATES = ["2020-01-31", "31.1.2020", "1/31/2020", "2020-01-31T10:00:00"]
ABOVE, BELOW = "user;item;rating\n1;2;3\n", "1;4;2\n"


def cure(value):
    with pytest.raises(InputError, match="is not a number") as error:
        Ratings.read(io.StringIO(f"{ABOVE}1;3;{value}\n{BELOW}"))
    message = str(error.value)
    assert message.startswith("the input, line 3: ")
    assert len(message) < 250 and "\n" not in message
    return message


@pytest.mark.parametrize(("value", "written"), MEANT)
def test_a_number_that_is_meant_is_named_and_can_be_read(value, written):
    said = re.search(r"Write it as ([-\d.]+)", cure(value))[1]
    assert said == written
    ratings = Ratings.read(io.StringIO(f"{ABOVE}1;3;{said}\n{BELOW}"))
    assert ratings.values.tolist() == [3, float(written), 2]


@pytest.mark.parametrize("value", UNTOLD)
def test_what_nobody_can_tell_is_to_be_written_anew(value):
    assert cure(value).endswith("Write a number in its place, or leave the rating out")
    assert len(Ratings.read(io.StringIO(ABOVE + BELOW))) == 2


@pytest.mark.parametrize("value", UNKNOWN)
def test_what_is_unknown_is_left_out(value):
    assert cure(value).endswith(": leave unknown ratings out")


@pytest.mark.parametrize("value", WORDS)
def test_yes_and_no_are_no_numbers_wherever_they_stand(value):
    """A column of them says something about a rating more often than it is one."""
    assert "Write 1 for yes and 0 for no" in cure(value)
    flags = [True, False]
    content = io.BytesIO()
    pl.DataFrame({"user": [1, 2], "item": [1, 1], "rating": flags}).write_parquet(content)
    content.seek(0)
    lines = "".join(
        json.dumps({"user": n, "item": 1, "rating": f}) + "\n" for n, f in enumerate(flags)
    )
    for read in (
        lambda: Ratings([1, 2], [1, 1], flags),
        lambda: Ratings([1, 2], [1, 1], np.array(flags)),
        lambda: Ratings.read(content),
        lambda: Ratings.read(io.StringIO(lines)),
        lambda: Ratings.from_frame(pd.DataFrame({"user": [1, 2], "item": [1, 1], "rating": flags})),
        lambda: Ratings.from_matrix([flags]),
        lambda: MatrixFactorization().fit([(1, 2), (2, 2)], flags),
    ):
        with pytest.raises(
            InputError, match=r"(?i)true is not a number. Write 1 for yes and 0 for"
        ):
            read()
    assert Ratings([1, 2], [1, 1], np.array(flags).astype(int)).values.tolist() == [1, 0]


@pytest.mark.parametrize("value", DATES)
def test_a_date_leads_to_the_column_of_numbers_if_there_is_one(value):
    assert cure(value).endswith("A date is no rating: write a number in its place")
    dated = f"user;item;rating;stars2\n1;2;{value};3\n1;3;{value};4\n"
    with pytest.raises(InputError, match=r"If other columns are meant, count them: columns=\(1, 2"):
        Ratings.read(io.StringIO(dated))
    assert Ratings.read(io.StringIO(dated), columns=(1, 2, 4)).values.tolist() == [3, 4]


def test_what_has_no_number_in_it_is_told_none():
    for value in (3j, np.complex128(3), 10**400):
        with pytest.raises(InputError, match=r"is not a number\. Write a number in its place"):
            Ratings([1], [2], [value])


def test_a_text_for_a_number_is_told_in_fit_too():
    with pytest.raises(
        InputError, match=r"'80%' is not a number. Write it as 80, without the sign"
    ):
        MatrixFactorization().fit([(1, 2), (2, 2)], ["80%", "4"])
    with pytest.raises(InputError, match=r"is a date and not a rating. Give the column of the rat"):
        MatrixFactorization().fit([(1, 2), (2, 2)], np.array(["2020-01-31"] * 2, "datetime64[D]"))


# ---- lines with too many fields


@pytest.mark.parametrize(
    ("content", "cure", "mended"),
    [
        ("user,item,rating\n1,2,3,\n", "Remove the comma at the end", "user,item,rating\n1,2,3\n"),
        ("user;item;rating\n1;2;3;;\n", "Remove the semicolon at", "user;item;rating\n1;2;3\n"),
        ("user\titem\trating\n1\t2\t3\t\n", "the tab at", "user\titem\trating\n1\t2\t3\n"),
        ("user,item,rating\n1,2,4,5\n", "write 4.5 for 4,5", "user,item,rating\n1,2,4.5\n"),
        ("user,item,rating\n1,a, b,3\n", "quotes around", 'user,item,rating\n1,"a, b",3\n'),
        ("user;item;rating\n1;a;b;3\n", "a semicolon in it", 'user;item;rating\n1;"a;b";3\n'),
        ("user::item::rating\n1::2::3::4\n", "no field may hold", "user::item::rating\n1::2::3\n"),
        ("user,item,rating\n1,2\n1,3,4\n", "or remove the line", "user,item,rating\n1,3,4\n"),
    ],
)
def test_a_line_of_another_width_has_a_cure(content, cure, mended):
    with pytest.raises(InputError, match=r"line 2 has \d columns instead of 3\. ") as error:
        Ratings.read(io.StringIO(content))
    assert cure in str(error.value)
    assert len(Ratings.read(io.StringIO(mended))) == 1


# ---- columns in an odd order

TRIPLES = [(u, 100 + i, (u * i % 9 + 1) / 2) for u in range(1, 9) for i in range(1, 9)]


@pytest.mark.parametrize(
    ("form", "columns"),
    [
        ("{n},{u},{i}", "2,3,1"),
        ("{v},{u},{i}", "2,3,1"),
        ("{n},{u},{i},{t}", "2,3,1"),
        ("{u},{v},{i},{t}", "1,3,2"),
        ("{v},u{u},m{i}", "2,3,1"),
        ("{t},{u},{i},{v}", "2,3,4"),
        ("{u},2020-01-31,{i},{v}", "1,3,4"),
        ("{u},{i},x,{v}", "1,2,4"),
    ],
)
def test_columns_in_an_odd_order_are_counted(form, columns, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = "".join(
        form.format(u=u, i=i, v=v, n=int(2 * v), t=870_000_000 + u) + "\n" for u, i, v in TRIPLES
    )
    (tmp_path / "r.csv").write_text(lines)
    assert main(["factorize", "r.csv", "--solver", "als"]) == 2
    assert f"--columns {columns}" in capsys.readouterr().err
    assert main(["factorize", "r.csv", "--solver", "als", "--columns", columns]) == 0
    found = Ratings.read("r.csv", columns=tuple(map(int, columns.split(","))))
    assert sorted(found.values.tolist()) == sorted(
        (int(2 * v) if "{n}" in form else v) for _, _, v in TRIPLES
    )


def test_pairs_that_occur_twice_in_the_usual_order_are_no_reason_for_another():
    lines = "".join(f"{u},{i},{v}\n" for u, i, v in TRIPLES) + "1,101,3\n"
    with pytest.raises(InputError, match=r"duplicates='last' or duplicates='mean'$"):
        Ratings.read(io.StringIO(lines))


# ---- tables that hold no ratings

TITLES = "movieId,title,genres\n1,Toy Story (1995),Adventure\n2,Jumanji (1995),Adventure\n"


@pytest.mark.parametrize(
    "content",
    [
        TITLES,
        TITLES.replace("genres", "year").replace("Adventure", "1995"),
        "movieId,imdbId,tmdbId\n1,0114709,862\n2,0113497,8844\n",
        "userId,movieId,tag,timestamp\n1,2,funny,1445714994\n1,3,sad,1445714996\n",
    ],
)
@pytest.mark.parametrize("values", [None, "genres"])
def test_a_table_of_titles_is_none_of_ratings(content, values):
    if values and values not in content:
        return
    frame = pd.read_csv(io.StringIO(content))
    parquet = io.BytesIO()
    pl.DataFrame(frame.to_dict("list")).write_parquet(parquet)
    parquet.seek(0)
    for read in (
        lambda: Ratings.read(io.StringIO(content), values=values),
        lambda: Ratings.read(parquet, values=values),
        lambda: Ratings.from_frame(frame, values=values),
    ):
        with pytest.raises(
            InputError, match=r"has no column of ratings: none of its columns, "
        ) as e:
            read()
        assert "values=" not in str(e.value)


@pytest.mark.parametrize(
    ("header", "form", "values"),
    [
        ("Note;Benutzer;Film", "{c};{u};{i}", "Note"),
        ("Note;Benutzer;Film", "{c};b{u};f{i}", "Note"),
        ("Benutzer;Film;Note;Jahr", "{u};{i};{c};x", "Note"),
        ("Benutzer;Film;Zeit;Note", "{u};{i};2020-01-31;{c}", "Note"),
    ],
)
def test_the_suggested_column_is_one_of_numbers(header, form, values):
    lines = "".join(form.format(u=u, i=i, c=str(v).replace(".", ",")) + "\n" for u, i, v in TRIPLES)
    with pytest.raises(InputError, match=f"and values='{values}'") as error:
        Ratings.read(io.StringIO(f"{header}\n{lines}"))
    settings = eval(f"dict({', '.join(error.value.remedies)})")
    assert len(Ratings.read(io.StringIO(f"{header}\n{lines}"), **settings)) == len(TRIPLES)


def test_how_much_numbers_look_like_ratings():
    assert likeness([]) == 0
    assert likeness([1, 2, 3]) == likeness([0, 1, 1]) == 1
    assert likeness([80, 100, 20]) == 2
    assert likeness([3, 5, 3]) == 3
    assert likeness([0.5, 1.5, 70]) == 4


# ---- other ways in


def test_a_lazy_frame_is_collected():
    frame = pl.DataFrame({"user": [1, 1, 2], "item": [1, 2, 1], "rating": [3.0, 4, 5]}).lazy()
    model = MatrixFactorization(1, n_epochs=2, rng=0)
    assert len(model.fit(frame.select("user", "item"), [3, 4, 5]).ratings_) == 3
    assert Ratings.from_matrix(pl.LazyFrame({"a": [1.0, 2.0]})).shape == (2, 1)
    with pytest.raises(InputError, match=r"rating a row. Give it to Ratings\.from_frame"):
        Ratings.from_matrix(frame)


def test_a_path_is_no_table(tmp_path):
    for path in ("file.csv", tmp_path / "file.csv"):
        with pytest.raises(InputError, match=r"R must be a .* Give a file to Ratings\.read"):
            Ratings.from_matrix(path)


def test_movielens_says_what_to_call_instead(tmp_path):
    (tmp_path / "u.data").write_text("1\t1\t3\t870000000\n1\t1\t4\t870000001\n2\t1\t3\t870000001\n")
    with pytest.raises(InputError, match="twice") as error:
        datasets.movielens(tmp_path)
    calls = re.findall(r"mfteach\.(Ratings\.read\(.*?\))", str(error.value))
    assert [len(eval(call)) for call in calls] == [2, 2]


def test_a_file_where_a_model_belongs(tmp_path, capsys):
    (tmp_path / "r.csv").write_text(ABOVE)
    for command in (["recommend", tmp_path / "r.csv", 1], ["similar", tmp_path / "r.csv", 1]):
        assert main(list(map(str, command))) == 2
        assert "Name a file that save or mfteach factorize wrote" in capsys.readouterr().err
    assert main(["factorize", ""]) == 2
    assert "the name of a file is blank" in capsys.readouterr().err
