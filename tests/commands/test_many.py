"""``recommend`` for a file of users, ``predict`` for one of pairs, ``similar``: what they write."""

import csv
import errno
import io
import json
import re
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from mfteach import MatrixFactorization, Ratings, datasets
from mfteach.commands import outputs
from mfteach.commands.main import main


def planted(users, items):
    made = datasets.planted(len(users), len(items), 2, 0.6, 0.1, rng=0).ratings
    return Ratings(
        np.array(users)[made.user_index], np.array(items)[made.item_index], 3.5 + made.values
    )


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    """A model of whole-number ids, some negative, with titles and a test part."""
    path = tmp_path_factory.mktemp("numbers") / "m.npz"
    ratings = planted(list(range(-5, 25)), list(range(100, 120)))
    train, test = ratings.split(0.1, rng=0)
    MatrixFactorization(2, regularization=0.5, rng=0).fit(train).save(
        path,
        held_out_by=test.user_index,
        held_out_item=test.item_index,
        titles=json.dumps({item: f'Fim, "{item}"' for item in range(100, 119)}),
    )
    return path


ODD = ["-5", "-kX9_a", "--1Uh-MG", "007", "-n", "-h", "--help", "1e3", "a b", "é", "--", "Nero"]


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """A model of ids of all sorts; it has seen them as texts."""
    path = tmp_path_factory.mktemp("words") / "m.npz"
    ratings = planted([*ODD, *[f"u{number}" for number in range(18)]], [f"-{i}" for i in range(20)])
    MatrixFactorization(2, regularization=0.5, rng=0).fit(ratings).save(path)
    return path


def said(capsys, *arguments, status=0):
    capsys.readouterr()
    assert main([str(word) for word in arguments]) == status
    return capsys.readouterr()


def table_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def expected(path, user, n):
    """What the model says, without what was rated in the test part."""
    model = MatrixFactorization.load(path)
    with np.load(path) as saved:
        tested = set()
        if "held_out_by" in saved:
            mine = model.ratings_.user_labels[saved["held_out_by"]] == user
            tested = set(model.ratings_.item_labels[saved["held_out_item"]][mine].tolist())
    return [entry for entry in model.recommend(user, 99) if entry.item not in tested][:n]


# ---- recommend


def pipe(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_file_of_users_becomes_a_table(numbers, tmp_path, capsys):
    (tmp_path / "ids.txt").write_text("7\n-5\n\n3\n7\n")
    output = tmp_path / "top.csv"
    options = ("--users-from", tmp_path / "ids.txt", "--output", output, "-n", 3)
    assert said(capsys, "recommend", numbers, *options).out == f"wrote {output}: 3 users\n"
    rows = table_of(output.read_text(encoding="utf-8"))
    assert list(rows[0]) == ["user", "rank", "item", "title", "prediction"]
    assert [(row["user"], row["rank"]) for row in rows] == [
        (user, str(rank)) for user in ("7", "-5", "3") for rank in (1, 2, 3)
    ]
    for user, block in ((7, rows[:3]), (-5, rows[3:6]), (3, rows[6:9])):
        for row, entry in zip(block, expected(numbers, user, 3), strict=True):
            assert int(row["item"]) == entry.item
            assert float(row["prediction"]) == pytest.approx(entry.prediction, abs=1e-4)
            assert row["title"] == ("" if entry.item == 119 else f'Fim, "{entry.item}"')
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["ids.txt", "top.csv"]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"7\n3", ()),
        (b"\xef\xbb\xbf7\r\n3\r\n", ()),
        (b"userId\n7\n3\n", ()),
        (b"name,userId\nann,7\n\nbob,3\n", ()),
        (b"name\tuser\nann\t7\nbob\t3\n", ()),
        (b"who;name\n7;ann\n3;bob\n", ("--users", "who")),
        ("userId\n7\n3\n".encode("utf-16"), ()),
        (b'"who","name"\n"7","a, b"\n"3","c"\n', ("--users=who",)),
    ],
)
def test_users_come_in_lines_or_columns_through_a_pipe(
    content, options, numbers, capsys, monkeypatch
):
    pipe(monkeypatch, content)
    out, err = said(capsys, "recommend", numbers, "--users-from", "-", "-n", 1, *options)
    assert [row["user"] for row in table_of(out)] == ["7", "3"]
    assert err == "" or err.startswith("read the input as ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("7\n3\n99\nx\n", "ids.txt, line 3: user '99' is not among .*, as 2 of 4 are not"),
        ("7\t101\t4\t0\n", "has 4 columns and no header; .*, such as --columns 1; or write a user"),
        ("x" * 10_000, "no user of it is among"),
        ("007\n08\n", "no user of it is among the 30 users of the model: '007', for instance"),
        ("", "ids.txt is empty"),
        ("\n \n", "names nobody"),
        ("userId,name\n", "names nobody"),
        ("userId,name\n7,ann\n8\n", "line 3 has 1 column instead of 2"),
        ("userId,name\n,ann\n", "line 2: the column 'userId' is blank"),
        ('userId,name\n7,"ann\n8,bob\n', "line 2: a quote opens a field that goes on below"),
    ],
)
def test_a_wrong_file_of_users_is_one_line_and_no_table(
    content, message, numbers, tmp_path, capsys
):
    (tmp_path / "ids.txt").write_text(content)
    options = ("--users-from", tmp_path / "ids.txt", "--output", tmp_path / "top.csv")
    out, err = said(capsys, "recommend", numbers, *options, status=2)
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err)
    assert len(err) < 400
    assert not (tmp_path / "top.csv").exists()


def test_a_column_that_is_not_there_and_other_mistakes(numbers, tmp_path, capsys):
    (tmp_path / "ids.csv").write_text("who,name\n7,ann\n")
    options = ("--users-from", tmp_path / "ids.csv", "--users", "id")
    err = said(capsys, "recommend", numbers, *options, status=2).err
    assert "ids.csv has no column 'id'; its columns are who, name. Name yours, such as --u" in err
    (tmp_path / "ids.csv").write_bytes("userId\n1\né\n".encode("latin-1"))
    err = said(capsys, "recommend", numbers, *options[:2], status=2).err
    assert "ids.csv, line 3: user 'é' is not among the users of the model" in err
    for words in ((), (3, "--users-from", tmp_path / "ids.csv")):
        err = said(capsys, "recommend", numbers, *words, status=2).err
        assert "name either a USER or, with --users-from, a file of users" in err
    err = said(capsys, "recommend", numbers, 3, "--users", "id", status=2).err
    assert "--users is about the file that --users-from names" in err
    err = said(capsys, "recommend", numbers, "--users-from", tmp_path / "none", status=2).err
    assert "none: No such file" in err


def test_one_user_can_have_a_table_too(numbers, tmp_path, capsys):
    output = tmp_path / "top.csv"
    out = said(capsys, "recommend", numbers, -5, "--output", output).out
    assert out == f"wrote {output}: 1 user\n"
    assert {row["user"] for row in table_of(output.read_text())} == {"-5"}


def test_more_users_than_are_done_at_a_time(numbers, tmp_path, capsys, monkeypatch):
    from mfteach.commands import recommend

    (tmp_path / "ids.txt").write_text("\n".join(map(str, range(-5, 25))))
    whole = said(capsys, "recommend", numbers, "--users-from", tmp_path / "ids.txt").out
    monkeypatch.setattr(recommend, "TOGETHER", 7)
    assert said(capsys, "recommend", numbers, "--users-from", tmp_path / "ids.txt").out == whole
    assert len({row["user"] for row in table_of(whole)}) == 30


def test_the_table_is_refused_before_the_model_is_read(numbers, tmp_path, capsys, monkeypatch):
    def never(*_):
        raise AssertionError("the model was read first")

    monkeypatch.setattr(MatrixFactorization, "load", never)
    for command, last in (("recommend", 3), ("predict", "pairs.csv")):
        output = tmp_path / "nowhere" / "t.csv"
        err = said(capsys, command, numbers, last, "--output", output, status=2).err
        assert f"there is no folder {output.parent}; make it first" in err


def test_a_full_disk_does_not_cost_the_table(numbers, tmp_path, capsys, monkeypatch):
    temporary, output = tmp_path / "temporary", tmp_path / "top.csv"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(temporary))
    replacing, calls = outputs.replacing, []

    def full(path):
        calls.append(path)
        if len(calls) == 1:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return replacing(path)

    monkeypatch.setattr(outputs, "replacing", full)
    err = said(capsys, "recommend", numbers, 3, "--output", output, status=2).err
    place = Path(re.search(r"written to (\S+) instead", err)[1])
    assert place.is_relative_to(temporary)
    assert table_of(place.read_text())[0]["user"] == "3"
    assert not output.exists()


# ---- ids that begin with a hyphen


@pytest.mark.parametrize("user", ODD)
@pytest.mark.parametrize("hyphens", [True, False])
def test_every_id_can_be_typed(user, hyphens, words, capsys):
    options = {"-n": "-n", "-h": "-h", "--help": "--help", "--": "--"}
    if user in options and not hyphens:
        return  # these are options: the id goes after --
    if user == "--":
        return  # the one word that argparse never takes for anything else
    asked = ("--", words, user) if hyphens else (words, user, "-n", 2)
    out = said(capsys, "recommend", *asked).out
    assert out.startswith(f"user {user} has rated ")


@pytest.mark.parametrize("item", ["-0", "-7", "-19"])
def test_items_can_begin_with_a_hyphen_too(item, words, capsys):
    for asked in ((words, item, "-n3"), ("-n", 3, words, "--", item), (words, "--", item, "-n", 3)):
        if asked[-1] == 3 and asked[1] == "--":
            with pytest.raises(SystemExit):  # after -- nothing is an option
                main(["similar", *map(str, asked)])
            continue
        assert said(capsys, "similar", *asked).out.startswith(f"similar to {item} (")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--ouput", "x.csv"], "there is no option --ouput; an id that looks like one goes after"),
        (["-n", "0"], "argument -n: expected a whole number of at least 1, got '0'"),
        (["-n"], "argument -n: expected one argument"),
        (["u2", "u3"], "unrecognized arguments: u3"),
    ],
)
def test_a_mistyped_option_is_no_id(option, message, words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["recommend", str(words), *(["u1"] if option[0] != "u2" else []), *option])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_a_blank_id_is_called_blank(words, numbers, capsys):
    for path in (words, numbers):
        assert "the user is blank" in said(capsys, "recommend", path, " ", status=2).err
    assert (
        "item '100.0': items are whole" in said(capsys, "similar", numbers, "100.0", status=2).err
    )


def test_no_number_is_read_where_another_id_stands(numbers, capsys):
    """Python reads 1_0 as 10, and the digits of every script."""
    for user in ("1_0", "+7", "007", "٣", "7.0"):
        err = said(capsys, "recommend", numbers, user, status=2).err
        assert f"user {user!r}: users are whole numbers here, such as -5" in err


# ---- predict


def test_a_file_of_pairs_gets_a_prediction_each(numbers, tmp_path, capsys):
    (tmp_path / "pairs.csv").write_text("movieId,when,userId\n101,x,3\n100,,-5\n101,x,3\n")
    output = tmp_path / "p.csv"
    out, err = said(capsys, "predict", numbers, tmp_path / "pairs.csv", "--output", output)
    assert (out, err) == (f"wrote {output}: 3 predictions\n", "")
    rows = table_of(output.read_text())
    assert [(row["user"], row["item"]) for row in rows] == [
        ("3", "101"),
        ("-5", "100"),
        ("3", "101"),
    ]
    wanted = MatrixFactorization.load(numbers).predict([3, -5, 3], [101, 100, 101])
    np.testing.assert_allclose([float(row["prediction"]) for row in rows], wanted, atol=6e-5)


def test_what_predict_writes_and_what_was_rated_can_be_read_as_pairs(
    words, tmp_path, capsys, monkeypatch
):
    content = "user;item\n007;-3\né;-4\n".encode()
    pipe(monkeypatch, content)
    first = said(capsys, "predict", words, "-").out
    pipe(monkeypatch, first.encode())
    assert said(capsys, "predict", words, "-").out == first
    assert first.splitlines()[1].startswith("007,-3,")
    pipe(monkeypatch, b"who|what\n-kX9_a|-3\n")
    out = said(capsys, "predict", words, "-", "--users", "who", "--items", "what").out
    assert out.splitlines()[1].startswith("-kX9_a,-3,")


@pytest.mark.parametrize("unknown", ["raise", "mean", "nan"])
def test_pairs_that_the_model_does_not_know_are_answered_as_it_does_and_counted(
    unknown, numbers, tmp_path, capsys, monkeypatch
):
    model = MatrixFactorization.load(numbers).set_params(unknown=unknown)
    model.save(tmp_path / "m.npz")
    pipe(monkeypatch, b"userId,movieId\n3,101\n999,101\nx,100\n3,007\n999,999\n")
    out, err = said(capsys, "predict", tmp_path / "m.npz", "-")
    answer = "no prediction" if unknown == "nan" else "the mean and the known bias"
    assert err == (
        "4 of 5 pairs have a user (3) or an item (2) that the model does not know: they get "
        f"{answer}\n"
    )
    model.set_params(unknown="nan" if unknown == "nan" else "mean")
    wanted = model.predict([3, 999, 998, 3, 999], [101, 101, 100, 7, 999])
    found = [float(row["prediction"] or "nan") for row in table_of(out)]
    np.testing.assert_allclose(found, wanted, atol=6e-5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1,2\n3,4\n", "no item of it is among .*: '2', for instance, while there is 100. Write"),
        (
            "userId,film\n3,104\n",
            "has no column 'movieId'; .* such as --users userId and --items fi",
        ),
        ("userId,movieId\n", "names nobody"),
        ("", "pairs.csv is empty"),
        (
            "userId,movieId\n101,3\n102,4\n",
            "its items seem to stand before its users. Count the columns: --columns 2,1",
        ),
        (
            "userId,movieId\nann,101\n",
            "no user of it is among .*: 'ann', for instance, while .* -5",
        ),
        ("userId,movieId\n3,101,x\n", "line 2 has 3 columns instead of 2"),
    ],
)
def test_a_wrong_file_of_pairs_is_one_line(content, message, numbers, tmp_path, capsys):
    (tmp_path / "pairs.csv").write_text(content)
    out, err = said(capsys, "predict", numbers, tmp_path / "pairs.csv", status=2)
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err)


# ---- similar


def test_similar_items_with_titles_and_how_often_they_were_rated(numbers, capsys):
    lines = said(capsys, "similar", numbers, 104, "-n", 3).out.splitlines()
    model = MatrixFactorization.load(numbers)
    counts = dict(zip(range(100, 120), model.ratings_.item_counts.tolist(), strict=True))
    assert lines[0] == f'similar to Fim, "104" ({counts[104]} rated it):'
    for place, (line, each) in enumerate(
        zip(lines[1:], model.similar_items(104, 3), strict=True), start=1
    ):
        title = "119" if each.label == 119 else f'Fim, "{each.label}"'
        number, cosine, count, rest = line.split(maxsplit=3)
        assert (number, cosine) == (str(place), f"{each.similarity:.2f}")
        assert (count, rest) == (str(counts[each.label]), f"rated it  {title}")


def test_similar_to_nothing_known_is_one_line(numbers, capsys):
    err = said(capsys, "similar", numbers, 7, status=2).err
    assert err == "mfteach similar: item 7 is not among the 20 items (such as 100)\n"


def test_an_item_without_a_direction_is_one_line_in_the_command_s_own_words(tmp_path, capsys):
    ratings = Ratings([1, 1, 2, 2, 3], ["a", "b", "a", "c", "d"], [1, 5, 2, 4, 3])
    train = ratings.take(np.arange(4))
    MatrixFactorization(2, regularization=0.1, rng=0).fit(train).save(tmp_path / "m.npz")
    err = said(capsys, "similar", tmp_path / "m.npz", "d", status=2).err
    assert "nothing is similar to d: its factors are all 0, as of an item without a rating" in err
    assert "unknown" not in err


@pytest.mark.parametrize(
    "changes",
    [
        {"held_out_by": np.array([999]), "held_out_item": np.array([0])},
        {"held_out_by": np.array([0, 1]), "held_out_item": np.array([0])},
        {"held_out_by": np.array([0.5]), "held_out_item": np.array([0])},
        {"titles": "no JSON"},
        {"titles": '{"x": "y"}'},
        {"held_out_item": None},
    ],
)
def test_damaged_titles_or_pairs_are_named_with_their_file(changes, numbers, tmp_path, capsys):
    with np.load(numbers) as saved:
        arrays = {
            name: array for name, array in (dict(saved) | changes).items() if array is not None
        }
    np.savez(tmp_path / "m.npz", **arrays)
    err = said(capsys, "recommend", tmp_path / "m.npz", 3, status=2).err
    assert "m.npz holds damaged titles or test pairs: " in err
    assert err.count("\n") == 1


def test_titles_of_items_that_are_called_by_name(words, tmp_path, capsys):
    MatrixFactorization.load(words).save(
        tmp_path / "m.npz",
        titles=json.dumps({"-3": "Third"}),
        held_out_by=np.zeros(0, int),
        held_out_item=np.zeros(0, int),
    )
    assert "similar to Third (" in said(capsys, "similar", tmp_path / "m.npz", "-3").out


@pytest.mark.parametrize(
    ("command", "read", "options"),
    [
        ("predict", "-5,100\n7,101\n", ("--users=-5", "--items=100")),
        ("predict", "9999,100\n7,101\n", ("--users=9999", "--items=100")),
        ("recommend", "-5,100\n7,101\n", ("--users=-5",)),
    ],
)
def test_a_first_line_of_labels_is_not_lost_as_a_header(
    command, read, options, numbers, tmp_path, capsys
):
    file = tmp_path / "pairs.csv"
    file.write_text(read)
    asked = ("--users-from", file) if command == "recommend" else (file,)
    err = said(capsys, command, numbers, *asked, *options, status=2).err
    assert "has no header" in err
    cure = ("--columns", "1,2" if command == "predict" else "1")
    assert " ".join(cure) in err
    out = said(capsys, command, numbers, *asked, *cure).out
    assert read.partition(",")[0] in [row["user"] for row in table_of(out)]
    file.write_text("user,item\n" + read.replace("9999", "7"))
    assert said(capsys, command, numbers, *asked).out.count("7,") >= 1


@pytest.mark.parametrize("victim", ["model", "source"])
@pytest.mark.parametrize("command", ["predict", "recommend"])
def test_no_output_takes_the_place_of_what_is_read(command, victim, numbers, tmp_path, capsys):
    model, source = tmp_path / "m.npz", tmp_path / "pairs.csv"
    model.write_bytes(numbers.read_bytes())
    source.write_text("user,item\n7,101\n")
    output = {"model": model, "source": source}[victim]
    before = output.read_bytes()
    asked = ("--users-from", source) if command == "recommend" else (source,)
    by_another_path = output.parent / "." / ".." / output.parent.name / output.name
    err = said(capsys, command, model, *asked, "--output", by_another_path, status=2).err
    assert "that would overwrite what is read; name another" in err
    assert output.read_bytes() == before


def test_a_first_line_that_names_nothing_is_quoted_briefly(numbers, tmp_path, capsys):
    (tmp_path / "reviews.json").write_text(json.dumps({"user": 7, "text": "word " * 99}) + "\n")
    err = said(capsys, "predict", numbers, tmp_path / "reviews.json", status=2).err
    assert len(err) < 500


@pytest.mark.parametrize(("encoding", "changed"), [("cp932", True), ("cp1252", False)])
def test_a_console_that_changes_ids_of_a_table_says_so(
    encoding, changed, words, tmp_path, capsys, monkeypatch
):
    (tmp_path / "pairs.csv").write_text("user,item\n\u00e9,-1\n", encoding="utf-8")
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", console)
    assert main(["predict", str(words), str(tmp_path / "pairs.csv")]) == 0
    assert ("--output FILE.csv keeps them" in capsys.readouterr().err) is changed
    written = console.buffer.getvalue().decode(encoding)
    assert written.splitlines()[1].startswith("e,-1," if changed else "\u00e9,-1,")
