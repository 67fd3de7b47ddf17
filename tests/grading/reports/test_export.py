"""Marks for other systems: their columns, late days, and no formula in any cell."""

import csv
import io
from dataclasses import replace

import pytest
from classroom import HOSTILE, NAME, load

from mfteach.grading.marks.results import ClassResult, Mark, Result, without_answers
from mfteach.grading.reports.export import FORMS, write_export

POINTS = (1, 1, 2, 1, 1, 2, 2)


def result(student, label="right", why="", **more):
    marks = (Mark(f"q{i}", most, most, label, why) for i, most in enumerate(POINTS, 1))
    return Result(student, tuple(marks), **more)


@pytest.fixture
def exported(course):
    def export(form, *results):
        file = write_export(*load(course), ClassResult(NAME, results), form)
        assert file == course / "exports" / f"{NAME}-{form}.csv"
        return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))

    return export


LATE = result("s2", submitted_at="2027-02-03T10:00:00+00:00")
REFUSED = without_answers(
    "<b>", [(f"q{i}", most) for i, most in enumerate(POINTS, 1)], "refused", "No."
)
WAITING = replace(
    result("s3"), marks=(*result("s3").marks[:6], Mark("q7", 0, 2, "not marked yet", ""))
)
MISSING = without_answers(
    "s4", [(f"q{i}", most) for i, most in enumerate(POINTS, 1)], "not submitted", "Nothing."
)
UNTIMED = "The time of submission is not known."
WAITS = f"{UNTIMED} Not marked yet: q7."


def test_generic(course, exported):
    (course / "students.csv").write_text("id,last_name,first_name\ns1,Hopper,Grace\n")
    questions = [f"q{i}" for i in range(1, 8)]
    each = [str(most) for most in POINTS]
    assert exported("generic", result("s1"), LATE, REFUSED, WAITING, MISSING) == [
        [
            "student",
            "name",
            "assignment",
            *questions,
            "points",
            "max_points",
            "days_late",
            "counts",
            "status",
            "comment",
        ],
        ["s1", "Hopper, Grace", NAME, *each, "10", "10", "", "10", "final", UNTIMED],
        ["s2", "", NAME, *each, "10", "10", "2", "8", "final", "2 days late."],
        ["<b>", "", NAME, *[""] * 7, "", "10", "", "", "refused", "No."],
        ["s3", "", NAME, *each[:6], "", "", "10", "", "", "not marked yet", WAITS],
        ["s4", "", NAME, *[""] * 7, "", "10", "", "", "missing", "Nothing was handed in."],
    ]


def test_canvas(course, exported):
    (course / "students.csv").write_text("id,last_name,first_name\ns1,Hopper,Grace\n")
    assert exported("canvas", result("s1"), LATE, REFUSED, WAITING, MISSING) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", NAME],
        ["Points Possible", "", "", "", "", "10"],
        ["Hopper, Grace", "", "", "s1", "", "10"],
        ["s2", "", "", "s2", "", "8"],
        ["s3", "", "", "s3", "", ""],
        ["s4", "", "", "s4", "", ""],
    ]


def test_moodle(exported):
    assert exported("moodle", result("s1"), LATE, REFUSED, WAITING, MISSING) == [
        ["ID number", NAME, "Feedback comments"],
        ["s1", "10", UNTIMED],
        ["s2", "8", "2 days late."],
        ["s3", "", WAITS],
        ["s4", "", "Nothing was handed in."],
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("bad", HOSTILE)
def test_no_cell_is_a_formula(course, exported, form, bad):
    (course / "students.csv").write_text(
        "id,last_name\n" + "s1," + '"' + bad.replace('"', '""') + '"\n'
    )
    for row in exported(
        form, result("s1", bad, bad, reason=bad), without_answers(bad, [], bad, bad)
    ):
        for cell in row:
            assert cell[:1] not in tuple("=+-@\t\r\n ")
            assert cell.isprintable()
