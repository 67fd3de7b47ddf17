"""The invented class: plausible, the same each time, with everything that a real one has."""

import csv
import json

import pytest
from classroom import COURSE, NAME, run, written

from mfteach.grading import demo
from mfteach.grading.assignments.question_files import Assignment, assignment_names
from mfteach.grading.marks.results import ClassResult

pytestmark = pytest.mark.usefixtures("no_sandbox")


@pytest.fixture
def made(course, tmp_path, capsys, monkeypatch):
    """Return the folder of a graded demo class and what the command said."""

    def make(*words, to="demo"):
        folder = tmp_path / to
        assert run(course, "demo-class", "--to", str(folder), *words) == 0
        return folder, capsys.readouterr().out

    # Two of the happenings must not happen in this process.
    monkeypatch.setattr(demo, "_HANGS", "1 / 0")
    monkeypatch.setattr(demo, "_LOOKS_AROUND", "raise OSError")
    return make


def test_forty_students_know_something_and_slip_in_known_ways(made):
    folder, said = made()
    results = {one.student: one for one in ClassResult.load(folder, NAME).results}
    assert list(results) == [f"s{number:03}" for number in range(1, 41)]
    labels = [one.label for one in results.values()]
    assert {label: labels.count(label) for label in set(labels)} == {
        "ok": 37,
        "refused": 2,
        "not submitted": 1,
    }
    assert said.splitlines()[-1] == f"report:   {folder / 'reports' / NAME}.html"
    assert (folder / "reports" / f"{NAME}.html").is_file()
    marks = [mark for one in results.values() for mark in one.marks]
    labels = [mark.label for mark in marks]
    assert 0.4 < labels.count("right") / len(labels) < 0.8
    assert labels.count("not answered") > 5
    assert labels.count("not marked yet") > 30
    assert labels.count("wrong") <= 6  # those of the one who copied a neighbour's numbers
    for name in ("q1", "q2", "q3", "q4", "q5", "q6"):
        slips = {m.label for m in marks if m.question == name}
        assert len(slips - {"right", "not answered", "refused", "not submitted"}) >= 2
    with (folder / "grades.csv").open(newline="") as stream:
        assert sum(row["question"] == "total" for row in csv.DictReader(stream)) == 40


@pytest.mark.no_cover
def test_the_same_class_each_time(made, course):
    first, _ = made("--students", "12", to="first")
    second, _ = made("--students", "12", to="second")
    submitted = [
        {
            str(file.relative_to(folder)): file.read_bytes()
            for file in (folder / "submitted").rglob("*")
            if file.is_file() and not file.is_symlink()
        }
        for folder in (first, second)
    ]
    assert submitted[0] == submitted[1]
    assert written(first) == written(second)
    assert not list((course / "submitted").iterdir())  # your own course stays as it was


@pytest.mark.no_cover
def test_an_earlier_demo_class_is_replaced_and_nothing_else(made, course, tmp_path, capsys):
    folder, _ = made("--students", "3")
    (folder / "old").touch()
    made("--students", "2")
    assert not (folder / "old").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    assert run(course, "demo-class", "--to", str(tmp_path / "mine")) == 2
    assert "is not a demo class, so it is kept: choose another with --to" in (
        capsys.readouterr().err
    )
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_it_has_its_own_secrets(made):
    folder, _ = made("--students", "1")
    assert (folder / "secrets.toml").stat().st_mode & 0o777 == 0o600
    assert 'secrets = "secrets.toml"' in (folder / "course.toml").read_text()


@pytest.mark.parametrize("name", assignment_names(COURSE))
@pytest.mark.no_cover
def test_any_assignment_can_be_answered(name, tmp_path):
    demo.make_class(COURSE, tmp_path / "demo", name, 2)
    given = json.loads((tmp_path / "demo" / "submitted/s001" / name / f"{name}.ipynb").read_text())
    questions = {question.name for question in Assignment.load(COURSE, name).questions}
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in given["cells"]}
    assert questions <= cells


@pytest.mark.needs_sandbox
def test_the_demo_class_in_the_sandbox(course, tmp_path, monkeypatch, capsys):
    monkeypatch.undo()
    words = ["demo-class", "--to", str(tmp_path / "demo"), "--students", "12", "-j", "2"]
    assert run(course, *words, "--time-limit", "4") == 0
    assert "report: " in capsys.readouterr().out
    results = {one.student: one for one in ClassResult.load(tmp_path / "demo", NAME).results}
    hangs = results["s009"]
    assert hangs.reason == "A cell that took too long, or ended the process, was skipped."
    assert hangs.points > 0  # only the cell that hangs is lost
