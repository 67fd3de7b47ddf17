"""Solutions come with the feedback once an assignment is due, for the student's own numbers."""

import html

from classroom import NAME, SETTINGS, TEXT, VARIANT, submit

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.release import write_variants
from mfteach.grading.assignments.variants import draw
from mfteach.grading.marks.late import Deadlines
from mfteach.grading.marks.results import Mark, Result
from mfteach.grading.reports.feedback import feedback
from mfteach.grading.reports.solutions import is_due, solutions
from mfteach.grading.settings import Course


def due(course, year):
    (course / "course.toml").write_text(SETTINGS.replace("2027", str(year)))
    return Course.load(course)


def test_none_before_the_due_date_and_none_without_one(course):
    assignment = Assignment.load(course, NAME)
    (course / "course.toml").write_text('secrets = "../secrets.toml"\n')
    for settings in (Course.load(course), due(course, 2999)):
        assert not is_due(settings, NAME)
        assert solutions(settings, assignment, "s1") == {}


def test_none_while_somebody_has_an_extension(course):
    settings = due(course, 2020)
    (course / "extensions.csv").write_text(f"student,assignment,due\ns9,{NAME},2999-01-01 23:59\n")
    assert solutions(settings, Assignment.load(course, NAME), "s1") == {}


def test_all_of_them_afterwards_for_the_release_and_for_a_variant(course):
    settings, assignment = due(course, 2020), Assignment.load(course, NAME)
    submit(course, "s1")
    found = solutions(settings, assignment, "s1")
    assert list(found) == [question.name for question in assignment.questions]
    assert found["q4"] == f"q4 = {VARIANT.answers['q4'].right}"
    assert "return slope" in found["q6"]
    assert "Marks:" not in found["q7"]
    seed = settings.secrets().seed
    write_variants(course, assignment, ["s2"], seed)
    own = draw(assignment, seed, "s2").answers["q4"].right
    assert solutions(settings, assignment, "s2")["q4"] == f"q4 = {own}"


def test_the_page_shows_them_folded_and_escaped(course):
    result = Result("s1", (Mark("q4", 0, 1, "wrong", "Not so."),))
    told = feedback(
        Deadlines(due(course, 2020), NAME),
        Assignment.load(course, NAME),
        result,
        {},
        {},
        {"q4": "a < b"},
    )
    assert "<details><summary>A solution</summary>\n<pre>a &lt; b</pre>" in told
    assert "a < b" in html.unescape(told)
    without = feedback(
        Deadlines(due(course, 2999), NAME), Assignment.load(course, NAME), result, {}, {}
    )
    assert "A solution" not in without
    assert TEXT not in without
