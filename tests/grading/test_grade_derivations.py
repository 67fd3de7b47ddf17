"""Grading a class whose assignment asks for a derivation, from the notebooks to the pages."""

import json
import shutil
from collections import Counter

import pytest
from classroom import COURSE, SETTINGS, NoSandbox

from mfteach.answers.derivations.ledger import Ledger
from mfteach.grading import cli
from mfteach.grading.assignments.plain_nbgrader import expect
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.variants import sample
from mfteach.grading.demo import answered
from mfteach.grading.marks.grade import Grader
from mfteach.grading.marks.late import Deadlines
from mfteach.grading.marks.results import Result
from mfteach.grading.reports.explain import explain
from mfteach.grading.reports.feedback import feedback
from mfteach.grading.settings import Course

NAME = "07-derivative-of-the-loss"
VARIANT = sample(Assignment.load(COURSE, NAME))
POSED = VARIANT.answers["q8"]
ONLY, CHAIN, PICKED, GOAL = POSED.right.splitlines()
UPHILL = CHAIN.replace("(-", "(")
HOSTILE = "$\\text{<script>alert(1)</script>}$\n=HYPERLINK(1)\n\x1b[31mred\n{{ 6 * 7 }}{% raw %}"


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    for part in ("source", "release"):
        shutil.copytree(COURSE / part / NAME, folder / part / NAME)
    for part, suffix in (("questions", "toml"), ("checks", "py")):
        (folder / part).mkdir()
        shutil.copy(COURSE / part / f"{NAME}.{suffix}", folder / part)
    for file in ("nbgrader_config.py", "STUDENTS.md"):
        shutil.copy(COURSE / file, folder)
    (folder / "course.toml").write_text(SETTINGS)
    return folder


def submit(course, student, source):
    release = course / "release" / NAME / f"{NAME}.ipynb"
    notebook = answered(json.loads(release.read_text(encoding="utf-8")), {})
    for cell in notebook["cells"]:
        if cell["id"] == "q8":
            cell["source"] = source
    file = course / "submitted" / student / NAME / f"{NAME}.ipynb"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(notebook), encoding="utf-8")


def typed(*lines):
    return "\n".join(['q8 = r"""', *lines, '"""'])


def grade(course, student):
    loaded = Course.load(course)
    assignment = Assignment.load(course, NAME)
    grader = Grader(loaded, assignment, NoSandbox(), 10.0, loaded.secrets())
    graded = grader.grade(student)
    mark = next(mark for mark in graded.result.marks if mark.question == "q8")
    return (
        graded,
        mark,
        feedback(Deadlines(loaded, assignment.name), assignment, Result(student, (mark,)), {}, {}),
    )


def test_partial_credit_and_the_first_false_line(course):
    submit(course, "s1", typed(ONLY, UPHILL, GOAL))
    graded, mark, page = grade(course, "s1")
    assert 1 <= mark.points < mark.max_points == 5
    assert mark.label == "the sign is wrong"
    assert mark.reason.startswith("Line 2 is false. The sign is wrong. At k = 1")
    assert "Partly right" in page
    assert "<pre" in page
    assert "2 ✗ refuted: = sum_" in page
    told = explain(graded)
    assert f"q8: {mark.points:g} of 5, the sign is wrong" in told
    assert "read: 1 \\u2713 proved: d/du" in told
    assert "\n        2 \\u2717 refuted: = sum" in told


def test_all_of_it_and_none_of_it(course):
    submit(course, "s1", typed(ONLY, CHAIN, PICKED, GOAL))
    _, mark, page = grade(course, "s1")
    assert (mark.points, mark.label) == (5, "right")
    assert "Right" in page
    submit(course, "s2", typed(""))
    assert grade(course, "s2")[1].label == "not answered"


@pytest.mark.parametrize(
    "source",
    [typed(HOSTILE), f"q8 = f'''{HOSTILE}'''", "q8 = " + "(" * 10_000, 'q8 = b"abc"'],
)
def test_a_hostile_literal_is_only_shown(course, source):
    submit(course, "s1", source)
    graded, mark, page = grade(course, "s1")
    assert (mark.points, mark.label) == (0, "unreadable")
    assert graded.result.label == "ok"
    assert "<script" not in page
    assert "42" not in page.partition("</style>")[2]
    assert "<math" not in page  # what a student wrote is not typeset
    assert "\x1b" not in explain(graded)


def test_what_is_said_never_contains_a_line_that_would_be_right(course):
    for number, (answer, _) in enumerate(POSED.wrong):
        submit(course, f"s{number}", typed(*answer.splitlines()))
        _, mark, page = grade(course, f"s{number}")
        for line in (ONLY, CHAIN, PICKED, GOAL):
            bare = line.removeprefix("= ")
            assert bare not in mark.reason
            assert bare in answer or bare not in page


@pytest.mark.no_cover
def test_a_class_of_copies_is_judged_once(course, monkeypatch):
    judged = Counter()
    add = Ledger.add
    monkeypatch.setattr(Ledger, "add", lambda self, text: judged.update([text]) or add(self, text))
    lines = [ONLY.replace("q", "l" if "j in" in ONLY else "j"), CHAIN, PICKED, GOAL]
    for number in range(30):
        submit(course, f"s{number}", typed(*lines))
        grade(course, f"s{number}")
    assert max(judged.values()) == 1


@pytest.mark.needs_sandbox
def test_the_command_grades_it(course, capsys):
    submit(course, "s1", typed(ONLY, UPHILL, GOAL))
    submit(course, "s2", typed(HOSTILE))
    submit(course, "s3", typed(ONLY, CHAIN, PICKED, GOAL))
    assert cli.main([NAME, "--course", str(course)]) == 0
    rows = [
        line.split(",")
        for line in (course / "grades.csv").read_text().splitlines()
        if ",q8," in line
    ]
    points = {row[0]: float(row[3]) for row in rows}
    assert 0 < points["s1"] < 5
    assert (points["s2"], points["s3"]) == (0, 5)
    assert "Partly right" in (course / "feedback" / "s1" / f"{NAME}.html").read_text()


# nbgrader alone ----------------------------------------------------------------------------------


def test_the_hidden_test_gives_nbgrader_the_points(monkeypatch):
    monkeypatch.setenv("MFTEACH_COURSE", str(COURSE))
    assert expect(NAME, "q8", POSED.right) is None  # full marks
    assert expect(NAME, "q8", "\n".join([ONLY, UPHILL])) == 1
    for nothing in ("", None, 3, "what?", f"2 {GOAL.removeprefix('= ')}"):
        with pytest.raises(AssertionError):
            expect(NAME, "q8", nothing)


def test_nbgrader_takes_a_number_for_partial_credit():
    utils = pytest.importorskip("nbgrader.utils")
    from nbformat.v4 import new_code_cell, new_output

    about = {"grade": True, "solution": False, "points": 5, "grade_id": "q8-check", "locked": True}
    printed = new_output("execute_result", data={"text/plain": "1"}, execution_count=1)
    cell = new_code_cell("", metadata={"nbgrader": about}, outputs=[printed])
    assert utils.determine_grade(cell) == (1, 5)
