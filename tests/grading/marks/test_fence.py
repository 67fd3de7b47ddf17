"""Whatever goes wrong with one student becomes that student's row, and nobody else's."""

import csv
import io

import pytest
from classroom import NAME, RIGHT, nbgrader, run, submit, written

from mfteach.grading.marks import by_hand, grade, gradebook
from mfteach.grading.marks.late import Deadlines
from mfteach.grading.reports import publish

STEPS = {
    "reading": (grade.submissions, "read"),
    "keeping": (grade, "keep"),
    "gradebook": (gradebook, "_record_submission"),
    "by-hand": (by_hand, "_points"),
    "page": (gradebook, "_page"),
    "feedback": (publish, "write_feedback"),
    "late": (Deadlines, "lateness"),
}
"""The student for whom a step fails, and the step."""
NOTES = {
    "keeping": "The result could not be kept (OverflowError)",
    "gradebook": "nbgrader's gradebook does not have these marks (OverflowError)",
    "by-hand": "Marks given by hand could not be read (OverflowError)",
    "page": "nbgrader's gradebook does not have these marks (OverflowError)",
    "feedback": "No feedback could be written (OverflowError)",
    "late": "No feedback could be written (OverflowError)",
}
FAILED = "This row could not be exported"
WELL = ("a-fine", "early", "late-by-ages", "z-fine")


def totals(course):
    text = (course / "grades.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {row["student"]: row for row in rows if row["question"] == "total"}


@pytest.fixture
def class_of_eleven(course, no_sandbox, with_gradebook):
    times = {
        "early": "0001-01-01 00:00:00 UTC",
        "late-by-ages": "9999-12-31 23:59:59 UTC",
    }
    for student in (*WELL, *STEPS):
        submit(course, student, when=times.get(student, "2027-02-01 10:00:00 UTC"))
    assert run(course, NAME) == 0
    assert run(course, "export", NAME) == 0
    return course


def test_each_step_fails_for_one_student(class_of_eleven, monkeypatch, caplog):
    course = class_of_eleven
    before = {name: text for name, text in written(course).items() if name.split("/")[1:2]}
    for student, (place, step) in STEPS.items():
        monkeypatch.setattr(place, step, failing(student, getattr(place, step)))
    assert run(course, NAME) == 0
    assert run(course, "export", NAME) == 0

    found = totals(course)
    assert set(found) == {*WELL, *STEPS}
    assert {found[name]["points"] for name in found} == {"8", "0"}
    assert found["reading"]["label"] == "grading failed"
    for student, note in NOTES.items():
        assert f"{note}: a person has to look at it." in found[student]["reason"]
        assert found[student]["points"] == "8"
        assert f"{student}: {note.partition(' (')[0]}" in caplog.text
    after = written(course)
    for student in WELL:
        assert found[student]["reason"] == "Not marked yet: q7."
        mine = [name for name in before if f"/{student}/" in name]
        assert len(mine) == 4
        assert all(after[name] == before[name] for name in mine)
    with nbgrader(course) as book:
        scores = {one.student_id: one.score for one in book.assignment_submissions(NAME)}
    assert {scores[student] for student in WELL} == {8}
    assert "It is not known whether this was late" in (
        course / "reports" / f"{NAME}.html"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ("generic", ["export", "", NAME, *[""] * 11, FAILED, f"{FAILED}."]),
        ("canvas", ["export", "", "", "export", "", ""]),
        ("moodle", ["export", "", f"{FAILED}."]),
    ],
)
def test_a_row_that_cannot_be_exported_has_no_points_rather_than_0(
    course, no_sandbox, monkeypatch, form, row
):
    for student in ("a", "b", "export", "y", "z"):
        submit(course, student, {**RIGHT, "q7": ""})
    run(course, NAME)
    monkeypatch.setattr(Deadlines, "lateness", failing("export", Deadlines.lateness))
    assert run(course, "export", NAME, "--format", form) == 0
    text = (course / "exports" / f"{NAME}-{form}.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert row in rows
    assert len([one for one in rows if one != row and {"8"} & set(one)]) == 4


def failing(student, real):
    """A step that fails if one of its arguments belongs to this student."""

    def step(*arguments, **more):
        for one in arguments:
            result = getattr(one, "result", one)  # of an entry
            submission = getattr(one, "assignment", one)  # of a notebook in the gradebook
            names = (one, getattr(result, "student", None), _id(submission))
            if any(type(name) is str and name == student for name in names):
                raise OverflowError("date value out of range")
        return real(*arguments, **more)

    return step


def _id(submission):
    found = getattr(submission, "student_id", None)
    return found if found is None else str(found)


def test_what_concerns_the_whole_class_stops_it(
    course, no_sandbox, with_gradebook, monkeypatch, capsys
):
    """A gradebook that is in use is in use for everybody."""
    from sqlalchemy.exc import OperationalError

    def busy(*_):
        raise OperationalError("", {}, Exception("database is locked"))

    submit(course, "s1")
    monkeypatch.setattr(gradebook, "_record_submission", busy)
    assert run(course, NAME) == 2
    assert "database is locked" in capsys.readouterr().err
