"""``movies.csv``: titles by id, and every way in which such a file is crooked is named by line."""

import pytest

from mfteach.datasets.movielens import movielens_titles


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,2,3\n")
    return tmp_path


def titles(folder, content):
    data = content if isinstance(content, bytes) else content.encode()
    (folder / "movies.csv").write_bytes(data)
    return movielens_titles(folder)


@pytest.mark.parametrize(
    "content",
    [
        'movieId,title,genres\n1,"Nero, the ""best""",Drama\n2,Amélie,\n',
        '\ufeffmovieId,title\r\n1,"Nero, the ""best"""\r\n\r\n2,Amélie\r\n',
        'genres, title ,movieId\nDrama,"Nero, the ""best""", 1\nComedy, Amélie,2\n',
        'movieId,title\n1,"Nero, the ""best"""\n2,Amélie\n2,Amélie\n',
    ],
)
def test_titles_by_id(content, folder):
    assert titles(folder, content) == {1: 'Nero, the "best"', 2: "Amélie"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,name\n1,Nero\n", "movies.csv has no column 'movieId'; its columns are id, name"),
        ("movieId;title\n1;Nero\n", "has no column 'movieId'; its columns are movieId;title"),
        ("", "has no column 'movieId'; its columns are none"),
        ("movieId,title,genres\n1,Nero, the best,Drama\n", "line 2 has 4 columns instead of 3"),
        ("movieId,title,genres\n1,Nero\n", "line 2 has 2 columns instead of 3"),
        (
            'movieId,title\n1,"Nero\n2,Cleopatra\n3,Otho\n',
            "line 2: its quotation marks do not match",
        ),
        ('movieId,title\n1,"Nero" II\n', "line 2: its quotation marks do not match"),
        ("movieId,title\n1,Nero\n1,Otho\n", "line 3: film 1 has another title above"),
        ("movieId,title\n1,Nero\nx,Otho\n", "line 3: 'x' is not the number of a film"),
        ("movieId,title\n1.0,Nero\n", "line 2: '1.0' is not the number of a film"),
        ("movieId,title\n1,Nero\n2, \n", "line 3: film 2 has no title"),
        ("movieId,title\n1,Amélie\n".encode("latin-1"), "is not UTF-8 text: save it as that"),
        ("movieId,title\n1,Amélie\n".encode("utf-16"), "is not UTF-8 text: save it as that"),
        ("movieId,title\n1," + "x" * 200_000 + "\n", "line 2: a field is too long"),
    ],
)
def test_a_crooked_file_is_named_by_line(content, message, folder):
    with pytest.raises(ValueError, match=r"movies\.csv") as error:
        titles(folder, content)
    assert message in str(error.value)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(("table", "sign"), [("movies.dat", "::"), ("u.item", "|")])
def test_the_oldest_tables_have_no_header(table, sign, folder):
    def read(*rows):
        (folder / table).write_text("".join(sign.join(row) + "\n" for row in rows), "latin-1")
        return movielens_titles(folder)

    nero, amelie = ("1", "Nero, the best", "Drama"), ("2", "Amélie", "Comedy")
    assert read(nero, amelie) == {1: "Nero, the best", 2: "Amélie"}
    for row, message in (
        (("1", "Otho", "Drama"), "film 1 has another title above"),
        (("x", "Otho", "Drama"), "'x' is not the number of a film"),
        (("3", "", "Drama"), "film 3 has no title"),
    ):
        with pytest.raises(ValueError, match=message) as error:
            read(nero, row)
        assert str(error.value).startswith(f"{table}, line 2: ")
