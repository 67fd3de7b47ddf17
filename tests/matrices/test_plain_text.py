"""The common case of delimited text: read fast, and never otherwise than line by line."""

import csv
import io
import time
import warnings

import numpy as np
import pytest
from cases import some
from hypothesis import given
from hypothesis import strategies as st
from tqdm import tqdm

from mfteach import Ratings
from mfteach.matrices import plain_text, ratings
from mfteach.matrices.plain_text import read_plain

COLUMNS = ("user", "item", "stars")
HEADER = "user,item,stars,time\n"


def opened(content):
    """A file as `Ratings.read_csv` opens it."""
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")


def plain(text, delimiter=",", **options):
    return read_plain(opened(text.encode()), "r.csv", delimiter, COLUMNS, **options)


@pytest.fixture
def warnings_unheard():
    """Older NumPy reads an integer "7.0" and only warns; so does every NumPy of blank lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def labels(column):
    if column.names is None:
        return column.integers.tolist()
    return column.names[column.integers].tolist()


@pytest.fixture(params=[1, 40, 100_000], ids=lambda size: f"pieces of {size}")
def piece(request, monkeypatch):
    monkeypatch.setattr(plain_text, "PIECE", request.param)


# What is common is read fast


@pytest.mark.parametrize(
    ("text", "as_label"),
    [
        (HEADER + "1,31,2.5,9\n7,31,.5,9\n7,1029,-3,8\n", int),
        (HEADER + "1,31,2.5,9\n7,31,.5,9", int),
        ((HEADER + "1,31,2.5,9\n\n7,31,5.,9\n\n").replace("\n", "\r\n"), int),
        ("\ufeff" + HEADER + "1,31,2.5,9\n", int),
        ('"user","item",stars,"the\ntime"\n1,31,2.5,9\n', int),
        (HEADER + "\n1,31,2.5,9\n\n\n2,31,2.5,9\n\n", int),
        (HEADER + " 1,31 , 2.5,9 \n", int),
        (HEADER + f"-5,0,0,0\n{-(2**63)},{2**63 - 1},-0.5,0\n", int),
        (HEADER + "1,31,1e-05,+0\n2,32,-0,007\n3,33,-0,1E+3\n", int),
        ("stars,user,title,item\n1,1,Agent 007 #1 'A+',3\n2,1,Amélie,4\n", int),
        (HEADER + "u1,0195153448,2.5,9\nu07,034545104X,.5,9\nu1,+5,3,8\n", str),
        (HEADER + "Zoë Ω,Toy Story (1995),2.5,9\n 7, 1_0,.5,9\n7,1e3,3,8\n", str),
        (HEADER + f"{2**63},007,2.5,9\n1,7,.5,9\n", str),
        (HEADER + "-0,-07,2.5,9\n0,-7,.5,9\n", str),
        (HEADER + "7.0,+7,2.5,9\n7,7,.5,9\n", str),
    ],
)
def test_common_files_are_plain_and_read_as_the_csv_module_does(text, as_label):
    rows = [row for row in csv.reader(opened(text.encode())) if row]
    place = {column: rows[0].index(column) for column in COLUMNS}
    found = plain(text)
    for column, read in (("user", labels(found.users)), ("item", labels(found.items))):
        assert read == [as_label(row[place[column]].strip()) for row in rows[1:]]
    assert found.values.tolist() == [float(row[place["stars"]]) for row in rows[1:]]
    assert found.times is None


def test_times_other_delimiters_and_a_header_of_ours(piece):
    text = "1\t31,5\t2.5\t9\n7\t31\t0.5\t8e2\n"
    found = plain(text, "\t", header=[*COLUMNS, "when"], timestamps="when")
    assert (labels(found.users), labels(found.items)) == ([1, 7], ["31,5", "31"])
    assert (found.values.tolist(), found.times.tolist()) == ([2.5, 0.5], [9, 800])
    assert plain(text, "\t", header=[*COLUMNS, "when"], timestamps="time").times is None


def test_names_get_their_numbers_across_pieces(piece):
    rng = np.random.default_rng(0)
    users, items = rng.integers(-50, 50, 300).tolist(), rng.integers(30, size=300).tolist()
    lines = [f"{i},film {j},{i / 7},0\n" for i, j in zip(users, items, strict=True)]
    found = plain(HEADER + "".join(lines))
    assert labels(found.users) == users
    assert labels(found.items) == [f"film {j}" for j in items]
    assert found.items.names.tolist() == sorted({f"film {j}" for j in items})
    assert found.values.tolist() == [i / 7 for i in users]


@pytest.mark.parametrize("slots", [1, 2, 8, 2**18])
@pytest.mark.parametrize("alphabet", ["abc", "aé", "Ωλ字"])
def test_labels_of_the_same_hash_are_not_mixed_up(slots, alphabet, piece, monkeypatch):
    monkeypatch.setattr(plain_text, "SLOTS", slots)
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list(alphabet), rng.integers(1, 9))) for _ in range(40)]
    users, items = rng.choice(words, 400).tolist(), sorted(rng.choice(words, 400).tolist())
    lines = [f"{i},{j},1,0\n" for i, j in zip(users, items, strict=True)]
    found = plain(HEADER + "".join(lines))
    assert (labels(found.users), labels(found.items)) == (users, items)


@pytest.mark.parametrize(("length", "longest"), [(1, 8), (10, 16), (100, 152), (200, 304)])
def test_labels_may_grow_but_not_without_end(length, longest, monkeypatch):
    monkeypatch.setattr(plain_text, "SAMPLE", 1)
    text = HEADER + f"{'a' * length},1,1,0\n{'b' * longest},1,1,0\n"
    assert labels(plain(text).users) == ["a" * length, "b" * longest]
    assert plain(text.replace("b,", "bb,")) is None
    assert plain(text.replace("b,", "b" * 900 + ",")) is None
    assert plain(HEADER + "a" * 201 + ",1,1,0\n") is None


def test_a_letter_beyond_ascii_below_the_sample_is_kept(monkeypatch):
    monkeypatch.setattr(plain_text, "SAMPLE", 1)
    text = HEADER + "a,1,1,0\nÃ©,1,1,0\né,1,1,0\n"
    assert labels(plain(text).users) == ["a", "Ã©", "é"]
    assert plain(text.replace("é", "Ω")) is None


@pytest.mark.parametrize("blank", ["", " ", "\u00a0"])
@pytest.mark.parametrize("slots", [1, 2**18])
def test_a_blank_name_is_declined_wherever_it_stands(blank, slots, piece, monkeypatch):
    monkeypatch.setattr(plain_text, "SAMPLE", 1)
    monkeypatch.setattr(plain_text, "SLOTS", slots)
    for line in (f"{blank},8,1,0\n", f"8,{blank},1,0\n", f"b,{blank},1,0\na,a,1,0\n"):
        assert plain(HEADER + "a,a,1,0\nb,b,1,0\n" + line + line) is None


def test_reading_fast_takes_less_than_half_the_time(monkeypatch):
    """Processor time, the two in turns; a quarter is usual, the other half is for a bad day."""
    lines = [f"{n // 100},{n % 5003},{n % 11 / 2},{10**9 + n}\n" for n in range(30_000)]
    text = HEADER + "".join(lines)
    seconds = {"fast": [], "careful": []}
    for way in ("fast", "careful") * 3:
        with monkeypatch.context() as patch:
            if way == "careful":
                patch.setattr(ratings, "read_plain", lambda *arguments: None)
            began = time.process_time()
            read(text.encode())
            seconds[way].append(time.process_time() - began)
    assert min(seconds["fast"]) < min(seconds["careful"]) / 2


# What is not, is left to the csv loop


@pytest.mark.parametrize(
    "line",
    [
        '"1",1,1,0',
        '1,1,1,"0"',
        "1\0,1,1,0",
        "1,1,1",
        "1,1,1,0,",
        "1,1,1,0,0",
        "  ",
        "1,1,,0",
        "1,1,good,0",
        "1,1,1_0,0",
        "1,1,\x1c1,0",
        "1,1,1,0\x1f",
        "1,1,0x1,0",
        "1,1,1 0,0",
        "1,1,nan,0",
        "1,1,-inf,0",
        "1,1,1e999,0",
        "1,1,1,nan",
        "1,1,1,",
        "1,1,\u0663,0",
        ",1,1,0",
        "1, ,1,0",
        "1,1,1," + "0" * 2**17,
    ],
)
@pytest.mark.parametrize("labels", ["8,8", "a,b"])
def test_a_line_that_is_not_plain_is_declined(line, labels, piece):
    text = HEADER + f"{labels},1,0\n{line}\n9,9,1,0\n"
    assert plain(text.replace(line + "\n", ""), timestamps="time") is not None
    assert plain(text, timestamps="time") is None


@pytest.mark.parametrize("label", ["007", "+7", "-0", "-07", "7.0", "7e1", "1_0", "b", str(2**63)])
@pytest.mark.parametrize("line", ["{},1,1,0\n", "1,{},1,0\n"])
def test_integers_that_do_not_go_on_are_declined(label, line, monkeypatch, warnings_unheard):
    monkeypatch.setattr(plain_text, "PIECE", 1)
    text = HEADER + "8,8,1,0\n" + line.format(label)
    assert plain(text.replace(label, "7")) is not None
    assert plain(text) is None


def test_the_last_letter_of_a_file_is_looked_at(monkeypatch):
    monkeypatch.setattr(plain_text, "PIECE", 1)
    text = "stars,item,user\n1,8,8\n1,8,-0"
    assert plain(text[:-2] + "0") is not None
    assert plain(text) is None


@pytest.mark.parametrize(
    "text",
    ["", "\n", HEADER, HEADER + "\n\n", "user,item\n1,2\n", HEADER + "1,2\n", "a" * 2**18],
)
def test_a_file_without_ratings_is_declined(text, warnings_unheard):
    assert plain(text) is None
    assert read_plain(opened(HEADER.encode() + b"1,\xff,1,0\n"), "r.csv", ",", COLUMNS) is None


def test_one_column_as_two_things_is_declined():
    text = opened(HEADER.encode() + b"1,1,1,0\n")
    assert read_plain(text, "r.csv", ",", ("user", "user", "stars")) is None


# Both ways give the same


def read(content, **options):
    return Ratings._from_lines(opened(content), "r.csv", ",", COLUMNS, "last", **options)[0]


def outcome(content, **options):
    """All that a reader can tell: columns and labels, or the message of the error."""
    try:
        found, _ = Ratings._from_lines(opened(content), "r.csv", ",", COLUMNS, **options)
    except ValueError as error:
        return str(error)
    columns = (found.user_index, found.item_index, found.values, found.user_labels)
    return [
        (column.dtype.kind, column.flags.writeable, column.tolist())
        for column in (*columns, found.item_labels, found.timestamps)
        if column is not None
    ]


ODD_LABELS = [
    *["007", "+7", "1_0", "1e3", "7.0", "-0", "", " ", " 7", "7\u00a0", "\x1c7", "\u0667", "a\0"],
    *["#1", "'a'", '"a,b"', '"a', 'a"b', '"a""b"', '"a\nb"', str(2**63), str(-(2**63))],
]
ODD_NUMBERS = [
    *["nan", "inf", "-Infinity", "1e999", "", "x", "True", "1e", "1_0", "0x1p3", "1 2", "1\0"],
    *["007", "+5", ".5", "5.", "-0", "1e-400", "9" * 400, '"4"', "\u0663", "3\u00a0", "1\x0b"],
]
LABELS = {
    "integers": st.integers(-3, 12).map(str),
    "names": st.sampled_from(["u1", "u2", "Zoë", "Ω", "a b", "007", "034545104X"]),
    "odd": st.sampled_from(ODD_LABELS),
}
SPACES = st.sampled_from(["", "", " ", "\t", "\x1c", "\u00a0", "\u2003", "\u3000"])
NUMBERS = {
    "usual": st.sampled_from(["0", "1", "2.5", "-0.5", "4.0", "1e-05", " 3 "]),
    "odd": st.sampled_from(ODD_NUMBERS),
}
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
SPLINTERS = st.sampled_from(
    [b"\xff", b"\xc3", b"\r", b"\r\n", b"\n", b'"', b",", b"\0", b"0", b"-"]
)


@st.composite
def files(draw):
    """A file whose columns are all well, mostly, and at times one odd field or byte in it."""
    kinds = [draw(st.sampled_from(["integers", "names"])) for _ in range(2)]
    fields = [LABELS[kind] for kind in kinds] + [NUMBERS["usual"]] * 2
    rows = draw(st.lists(st.tuples(*fields).map(list), max_size=12))
    if rows and draw(st.booleans()):
        row, place = draw(st.sampled_from(rows)), draw(st.integers(0, 3))
        odd = draw((LABELS if place < 2 else NUMBERS)["odd"])
        row[place] = draw(SPACES) + odd + draw(SPACES)
    end = draw(ENDS)
    lines = [HEADER.strip(), *(",".join(row) for row in rows)]
    content = (draw(st.sampled_from(["", "\ufeff"])) + end.join(lines)).encode()
    content += draw(st.sampled_from([b"", end.encode(), 2 * end.encode()]))
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(content)))
        content = content[:at] + draw(SPLINTERS) + content[at + draw(st.integers(0, 1)) :]
    return content


def test_both_ways_give_the_same_ratings_or_the_same_error(monkeypatch):
    taken = []

    def noted(*arguments):
        found = read_plain(*arguments)
        taken.append(found is not None)
        return found

    @given(
        files(),
        st.sampled_from([1, 30, 100_000]),
        st.sampled_from([1, 3, 2**18]),
        st.sampled_from([1, 1000]),
        st.sampled_from(["error", "last", "mean", "first"]),
        st.sampled_from([None, "time", "when"]),
    )
    def compare(content, size, slots, sample, duplicates, timestamps):
        options = {"duplicates": duplicates, "timestamps": timestamps}
        monkeypatch.setattr(plain_text, "PIECE", size)
        monkeypatch.setattr(plain_text, "SLOTS", slots)
        monkeypatch.setattr(plain_text, "SAMPLE", sample)
        monkeypatch.setattr(ratings, "read_plain", noted)
        fast = outcome(content, **options)
        monkeypatch.setattr(ratings, "read_plain", lambda *arguments: None)
        assert fast == outcome(content, **options)

    compare()
    assert 0.2 < np.mean(taken) < 0.8  # the comparison is worth as much as both are frequent


@pytest.mark.parametrize("part", some(range(5), 1))
@pytest.mark.no_cover
def test_what_surrounds_a_number_counts_the_same_both_ways(monkeypatch, part):
    """Every character that one way or the other may take for a space, around each kind of field."""
    spaces = [letter for letter in map(chr, range(0x3100)) if not letter.isprintable()]
    assert {"\t", "\x1c", "\x85", "\u00a0", "\u2003", "\u3000"} <= set(spaces)
    for space in spaces[part::5]:
        for field in (f"{space}7", f"7{space}"):
            for line in (f"{field},8,1,0", f"9,8,{field},0", f"9,8,1,{field}"):
                content = (HEADER + f"1,1,1,0\n{line}\n").encode()
                monkeypatch.setattr(plain_text, "PIECE", 1)
                monkeypatch.setattr(ratings, "read_plain", read_plain)
                fast = outcome(content, duplicates="error", timestamps="time")
                monkeypatch.setattr(ratings, "read_plain", lambda *arguments: None)
                assert fast == outcome(content, duplicates="error", timestamps="time"), line


def test_an_error_after_the_fast_way_names_its_lines():
    twins = "\ufeff" + HEADER + "ann,1,1,0\n\nbob,1,1,0\nann,1,2,0\n"
    message = "user 'ann' rated item 1 twice: r.csv, line 2 and r.csv, line 5. Remove one"
    assert plain(twins) is not None
    assert outcome(twins.encode(), duplicates="error").startswith(message)


def test_a_pipe_is_read_once():
    class Pipe(io.StringIO):
        def seekable(self):
            return False

        def seek(self, *arguments):
            raise OSError("a pipe does not go back")

    pipe = Pipe(HEADER + 'ann,1,"4,5",0\n')
    found, _ = Ratings._from_lines(pipe, "r.csv", ",", COLUMNS, "error")
    assert found.values.tolist() == [4.5]


@pytest.mark.usefixtures("bars")
def test_a_bar_comes_to_the_end_of_the_file(tmp_path, monkeypatch):
    bars = []

    class Bar(tqdm):
        def close(self):
            bars.append((self.desc, self.n))
            super().close()

    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    path = tmp_path / "r.csv"
    path.write_text(HEADER + "1,1,1,0\n" * 50_000)
    with path.open() as file:
        assert read_plain(file, "r.csv", ",", COLUMNS) is not None
    assert bars[0] == ("r.csv", path.stat().st_size)


@pytest.mark.parametrize("space", ["\u00a0", "\u3000", "\u2003"])
@pytest.mark.parametrize("label", ["007", "00", "-0", "7"])
def test_a_label_behind_a_space_of_another_script_is_nobody_else(tmp_path, space, label):
    """Far below the first lines, where the labels have long proved to be integers."""
    lines = [f"{n // 30 + 1},{n % 30 + 1},3.0" for n in range(9000)] + [f"{space}{label},99,5.0"]
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(["userId,movieId,rating", *lines]), encoding="utf-8")
    ratings = Ratings.read_csv(path)
    assert len(ratings) == 9001
    assert ratings.users[-1] in (label, int(label))
    assert str(ratings.users[-1]) == label
