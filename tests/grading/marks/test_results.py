"""Rows of grades.csv: one per question and a total; safe in a spreadsheet, never half written."""

import csv
import io

import pytest
from classroom import HOSTILE, NAME

from mfteach.console import UsageError
from mfteach.grading.files import alone, write
from mfteach.grading.marks.results import (
    COLUMNS,
    ClassResult,
    Manual,
    Mark,
    Result,
    cell,
    table,
    without_answers,
    write_grades,
)


def result(student="s1", *marks, **more):
    marks = marks or (Mark("q1", 1, 1, "right", ""), Mark("q2", 0, 2, "not marked yet", ""))
    return Result(student, marks, **more)


def read(file):
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))


# Cells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [*HOSTILE, "=1", " =1", "\n=1", "\r@x", "＝1", "－1", "＠x", "＋1"]
)
def test_no_text_is_a_formula_to_a_spreadsheet(text):
    rows = list(csv.reader(io.StringIO(table([[text, 1]]), newline="")))
    assert len(rows) == 1
    assert rows[0][0][:1] not in tuple("=+-@\t\r\n ＝＋－＠")
    assert rows[0][0].isprintable()
    assert rows[0][0].lstrip("'") == "".join(c if c.isprintable() else " " for c in text)


def test_numbers_stay_numbers():
    assert table([[1, 0.5, -0.25, 1 / 3, 2.0]]) == "1,0.5,-0.25,0.3333333333,2\n"
    assert cell("plain text") == "plain text"


# grades.csv --------------------------------------------------------------------------------------


def test_one_row_per_question_and_a_total(tmp_path):
    file = write_grades(tmp_path, ClassResult(NAME, (result(),)))
    assert read(file) == [
        list(COLUMNS),
        ["s1", NAME, "q1", "1", "1", "right", ""],
        ["s1", NAME, "q2", "0", "2", "not marked yet", ""],
        ["s1", NAME, "total", "1", "3", "ok", "Not marked yet: q2."],
    ]


def test_other_assignments_keep_their_rows_byte_for_byte(tmp_path):
    hostile = [result(f"s{i}", Mark("q1", -0.5, 1, text, text)) for i, text in enumerate(HOSTILE)]
    file = write_grades(tmp_path, ClassResult("05-downhill", tuple(hostile)))
    before = file.read_bytes().splitlines()[1:]
    write_grades(tmp_path, ClassResult(NAME, (result(),)))
    assert file.read_bytes().splitlines()[4:] == before
    write_grades(tmp_path, ClassResult(NAME, (result("s2"),)))
    assert {row[0] for row in read(file)[1:] if row[1] == NAME} == {"s2"}
    assert file.read_bytes().splitlines()[4:] == before


@pytest.mark.parametrize("text", ["", "student;points\ns1;3\n", ",".join(COLUMNS) + "\na,b\n"])
def test_a_file_that_is_not_ours_is_not_overwritten(tmp_path, text):
    (tmp_path / "grades.csv").write_text(text)
    with pytest.raises(UsageError, match=r"grades\.csv was changed by another program"):
        write_grades(tmp_path, ClassResult(NAME, (result(),)))
    assert (tmp_path / "grades.csv").read_text() == text


def test_what_is_kept_comes_back(tmp_path):
    kept = ClassResult(NAME, (result("s1", digest="ab", same_as=("s2",)), result("s2")))
    kept.save(tmp_path)
    assert ClassResult.load(tmp_path, NAME) == kept
    with pytest.raises(UsageError, match=r"05-downhill was not graded yet: run mfteach-grade 05"):
        ClassResult.load(tmp_path, "05-downhill")


def test_who_could_not_be_graded_has_rows_too():
    refused = without_answers("<b>\x1b", [("q1", 1), ("q2", 2)], "refused", "A link.")
    rows = list(refused.rows(NAME))
    assert [row[2:6] for row in rows] == [
        ("q1", 0, 1, "refused"),
        ("q2", 0, 2, "refused"),
        ("total", 0, 3, "refused"),
    ]
    assert rows[-1][6] == "A link."
    assert {row[0] for row in rows} == {"<b>\\x1b"}


# The teacher's marks -----------------------------------------------------------------------------


def test_the_teacher_s_points_replace_ours():
    marked = result().with_manual({("s1", "q2"): Manual(1.5, "Good.")})
    assert marked.marks[1] == Mark("q2", 1.5, 2, "marked", "", comment="Good.", by_hand=True)
    assert (marked.points, marked.summary) == (2.5, "ok")
    again = result().with_manual({("s1", "q1"): Manual(0.0), ("s2", "q2"): Manual(2.0)})
    assert again.marks[0].label == "right"
    assert again.marks[0].reason == "The points were given by hand."
    assert (again.points, again.marks[1].by_hand) == (0, False)


def test_a_comment_alone_changes_no_points():
    commented = result().with_manual({("s1", "q2"): Manual(None, "See me.")})
    assert commented.marks[1].comment == "See me."
    assert (commented.points, commented.summary) == (1, "Not marked yet: q2.")


def test_marks_for_another_answer_stay_and_need_another_look():
    outdated = result().with_manual({("s1", "q2"): Manual(2.0, "", outdated=True)})
    assert (outdated.points, outdated.marks[1].label) == (3, "look again")
    assert outdated.summary == "Changed after it was marked: q2."


# Files -------------------------------------------------------------------------------------------


def test_a_file_is_old_or_new_and_what_a_killed_run_left_does_no_harm(tmp_path):
    file = tmp_path / "a" / "b.txt"
    write(file, "old")
    file.with_name(".b.txt.part").write_text("half")
    write(file, "new", 0o600)
    assert file.read_text() == "new"
    assert [path.name for path in file.parent.iterdir()] == ["b.txt"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_link_in_place_of_the_part_is_not_followed(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / ".b.txt.part").symlink_to(tmp_path / "mine")
    write(tmp_path / "b.txt", "new")
    assert (tmp_path / "mine").read_text() == "mine"


def test_one_grader_at_a_time(tmp_path):
    with (
        alone(tmp_path),
        pytest.raises(UsageError, match="another mfteach-grade is running"),
        alone(tmp_path),
    ):
        pass
    with alone(tmp_path):
        pass


def test_windows_is_told_where_to_grade(tmp_path, monkeypatch):
    monkeypatch.setattr("mfteach.grading.files.fcntl", None)
    with pytest.raises(UsageError, match="use WSL2, or a Linux container"), alone(tmp_path):
        pass
