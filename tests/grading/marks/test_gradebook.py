"""nbgrader's gradebook: our scores go in, the teacher's marks come out, its page shows the rest."""

import json
import re
import shutil
import sqlite3
from html.parser import HTMLParser

import pytest
from classroom import HOSTILE, NAME, RIGHT, TEXT, grader, load, mark, nbgrader, rows, run, submit
from neighbours import MARKUP

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.marks import gradebook
from mfteach.grading.marks.by_hand import manual_marks
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.gradebook import fenced
from mfteach.grading.marks.results import ClassResult

pytestmark = pytest.mark.usefixtures("no_sandbox", "with_gradebook")


# Both ways ---------------------------------------------------------------------------------------


def test_our_scores_go_in(course):
    submit(course, "s1", {**RIGHT, "q4": 0}, when="2027-02-01 10:00:00 UTC")
    submit(course, "s2", {})
    assert run(course, NAME) == 0
    with nbgrader(course) as book:
        assert (
            book.find_assignment(NAME).max_score,
            book.find_assignment(NAME).num_submissions,
        ) == (
            10,
            2,
        )
        first = book.find_submission(NAME, "s1")
        assert (first.score, first.needs_manual_grade) == (7, True)
        assert first.timestamp.isoformat() == "2027-02-01T10:00:00"
        grades = {g.name: (g.auto_score, g.needs_manual_grade) for g in first.notebooks[0].grades}
        assert grades["q4-check"] == (0, False)
        assert grades["q6-check"] == (2, False)
        assert grades["q7"] == (None, True)
        comments = {c.name: c.auto_comment for c in first.notebooks[0].comments}
        assert comments["q4"].startswith("```text\nconstant differentiated: ")
        assert comments["q1"] == "right"
        second = book.find_submission(NAME, "s2")
        assert (second.score, second.needs_manual_grade) == (0, False)
        assert {c.auto_comment for c in second.notebooks[0].comments} == {"No response."}


def test_the_teacher_s_marks_come_out_and_survive_a_regrade(course):
    submit(course, "s1", {**RIGHT, "q4": 0})
    run(course, NAME)
    assert rows(course)["q7"] == (0, "not marked yet")
    mark(course, "s1", points=1.5, comment="Nearly. <b>")
    mark(course, "s1", "q4", points=0.5)
    for command in (("feedback", NAME), (NAME,), (NAME,)):
        assert run(course, *command) == 0
        assert rows(course)["q7"] == (1.5, "marked")
        assert rows(course)["q4"] == (0.5, "constant differentiated")
        assert rows(course)["total"] == (9, "ok")
        assert "Nearly. &lt;b&gt;" in (course / "feedback" / "s1" / f"{NAME}.html").read_text()
    with nbgrader(course) as book:
        assert book.find_submission(NAME, "s1").score == 9
        assert not book.find_submission(NAME, "s1").needs_manual_grade


def test_extra_credit_counts(course):
    submit(course, "s1")
    run(course, NAME)
    mark(course, "s1", points=2, extra=1)
    run(course, "feedback", NAME)
    assert rows(course)["total"][0] == 11


def test_after_a_comment_alone_the_text_is_still_not_marked(course):
    submit(course, "s1")
    run(course, NAME)
    mark(course, "s1", comment="Later.")
    run(course, "feedback", NAME)
    assert rows(course)["q7"] == (0, "not marked yet")
    assert "Later." in (course / "feedback" / "s1" / f"{NAME}.html").read_text()


def test_a_new_answer_keeps_its_marks_and_needs_another_look(course):
    submit(course, "s1")
    run(course, NAME)
    mark(course, "s1", points=2)
    submit(course, "s1", {**RIGHT, "q7": "Something else."})
    run(course, NAME)
    assert rows(course)["q7"] == (2, "look again")
    with nbgrader(course) as book:
        assert book.find_submission(NAME, "s1").needs_manual_grade
    run(course, NAME)  # a regrade does not settle it
    assert rows(course)["q7"] == (2, "look again")
    mark(course, "s1", points=1)
    run(course, NAME)
    assert rows(course)["q7"] == (1, "marked")


def test_a_new_answer_to_another_question_leaves_the_mark_alone(course):
    submit(course, "s1")
    run(course, NAME)
    mark(course, "s1", points=2)
    submit(course, "s1", {**RIGHT, "q4": 0})
    run(course, NAME)
    assert rows(course)["q7"] == (2, "marked")
    assert rows(course)["q4"] == (0, "constant differentiated")


def test_a_broken_resubmission_keeps_what_the_teacher_gave(course):
    file = submit(course, "s1")
    run(course, NAME)
    mark(course, "s1", points=2)
    file.write_text("broken")
    run(course, NAME)
    assert rows(course)["q7"][0] == 2
    assert rows(course)["total"] == (2, "refused")


def test_questions_that_are_new_reach_earlier_submissions(course):
    """A gradebook from before the assignment had all its questions."""
    submit(course, "s1")
    loaded, assignment = load(course)
    release = course / "release" / NAME / f"{NAME}.ipynb"
    whole = release.read_text()
    less = json.loads(whole)
    less["cells"] = [
        cell
        for cell in less["cells"]
        if not str(cell["metadata"].get("nbgrader", {}).get("grade_id")).startswith("q2")
    ]
    release.write_text(json.dumps(less))
    graded = grader(course).grade("s1")
    entry = gradebook.Entry(graded.result, graded.sources, release)
    gradebook.record(course, assignment, [entry], Fence())
    release.write_text(whole)
    run(course, NAME)
    with nbgrader(course) as book:
        assert book.find_grade("q2-check", NAME, NAME, "s1").auto_score == 1
        assert book.find_comment("q2", NAME, NAME, "s1").auto_comment == "right"
    assert loaded.folder == course


# nbgrader's page ---------------------------------------------------------------------------------


def api(course):
    """What the page asks."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = f"sqlite:///{course / 'gradebook.db'}"
    return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")  # its own
def test_its_page_lists_every_submission_and_what_is_not_marked(course):
    submit(course, "s1")
    submit(course, "s2", {})
    run(course, NAME)
    asked = api(course)
    assert asked.get_autograded_students(NAME) == {"s1", "s2"}
    found = {one["student"]: one for one in asked.get_submissions(NAME)}
    assert {name: one["autograded"] for name, one in found.items()} == {"s1": True, "s2": True}
    assert {name: one["needs_manual_grade"] for name, one in found.items()} == {
        "s1": True,
        "s2": False,
    }
    assert asked.get_assignment(NAME)["num_submissions"] == 2
    (notebook,) = asked.get_notebooks(NAME)
    assert notebook["needs_manual_grade"]
    assert {one["student"] for one in asked.get_notebook_submissions(NAME, NAME)} == {"s1", "s2"}


def shown(course, student):
    """The page of a submission as nbgrader's formgrader makes it."""
    from nbconvert.exporters import HTMLExporter

    file = course / "autograded" / student / NAME / f"{NAME}.ipynb"
    return HTMLExporter(template_name="basic").from_filename(str(file))[0]


@pytest.mark.filterwarnings("default")  # nbconvert's own
def test_its_page_shows_answers_as_text_whatever_they_contain(course):
    everything = "\n".join([*HOSTILE, "```", "````html", "~~~", "[x](javascript:alert(1))"])
    source = f"def tangent_line(c, n, p):\n    return {everything!r}"
    submit(
        course, "s1", {**RIGHT, "q1": "<script>alert(1)</script>", "q6": source, "q7": everything}
    )
    run(course, NAME)
    page = shown(course, "s1")
    assert page.count("alert(1)") >= 3  # it is there
    assert "<script>alert" not in page
    assert not re.search(r"<[^>]*(?:onerror|javascript:)", page)


def test_the_copy_contains_the_cells_that_the_gradebook_knows_and_no_output(course):
    submit(course, "s1", more_code=["print('mine')"])
    run(course, NAME)
    copy = json.loads((course / "autograded" / "s1" / NAME / f"{NAME}.ipynb").read_text())
    cells = {c["metadata"].get("nbgrader", {}).get("grade_id"): c for c in copy["cells"]}
    assert TEXT in cells["q7"]["source"]
    assert cells["q6"]["source"] == RIGHT["q6"]
    assert not any(c.get("outputs") for c in copy["cells"])
    assert "mine" not in json.dumps(copy)


@pytest.mark.parametrize("text", ["", "a", "```\na", "````", "a\u2028```\r\nb"])
def test_a_fence_is_longer_than_any_in_the_text(text):
    first, *inside, last = fenced(text).split("\n")
    assert first == f"{last}text"
    assert all(last not in line for line in inside)


# What can go wrong -------------------------------------------------------------------------------


def test_a_gradebook_in_use_is_an_error_that_says_so(course, capsys, monkeypatch):
    import sqlalchemy

    submit(course, "s1")
    run(course, NAME)
    real = sqlalchemy.create_engine
    quick = lambda url, **more: real(url, connect_args={"timeout": 0.1}, **more)  # noqa: E731
    monkeypatch.setattr("nbgrader.api.create_engine", quick)
    other = sqlite3.connect(course / "gradebook.db")
    other.execute("BEGIN EXCLUSIVE")
    assert run(course, NAME) == 2
    assert "close the program that uses it and run this again" in capsys.readouterr().err
    other.close()
    assert run(course, NAME) == 0


def test_what_a_killed_run_left_of_a_new_gradebook_does_no_harm(course):
    submit(course, "s1")
    (course / "gradebook.db").unlink()
    (course / ".gradebook.db.part").write_bytes(b"half a gradebook")
    (course / ".gradebook.db.part-journal").write_bytes(b"half a journal")
    assert run(course, NAME) == run(course, "gradebook", NAME) == 0
    with nbgrader(course) as book:
        assert book.find_submission(NAME, "s1").score == 8
    assert not list(course.glob(".gradebook*"))


def test_without_nbgrader_grading_goes_on_and_says_what_is_missing(course, capsys, monkeypatch):
    submit(course, "s1")
    (course / "gradebook.db").unlink()
    monkeypatch.setattr("mfteach.grading.marks.gradebook.is_installed", lambda: False)
    assert run(course, NAME) == 0
    assert "pip install 'mfteach[grading]'" in capsys.readouterr().out
    assert not (course / "gradebook.db").exists()
    assert rows(course)["total"] == (8, "ok")


def test_a_gradebook_without_nbgrader_is_read_but_not_written(course, capsys, monkeypatch):
    submit(course, "s1")
    run(course, NAME)
    mark(course, "s1", points=2)
    monkeypatch.setattr("mfteach.grading.marks.gradebook.is_installed", lambda: False)
    assert run(course, "feedback", NAME) == 0
    assert rows(course)["total"] == (10, "ok")
    for words in ((NAME,), ("gradebook", NAME)):
        assert run(course, *words) == 2
        assert "the gradebook needs nbgrader: pip install" in capsys.readouterr().err


def test_a_gradebook_of_other_assignments_has_no_marks(course, quick_gradebook):
    with nbgrader(course):
        assert manual_marks(course, Assignment.load(course, NAME), Fence()) == {}


def test_an_assignment_that_nobody_submitted(course):
    (course / "students.csv").write_text("id\ns1\n")
    assert run(course, NAME) == 0
    assert [one.label for one in ClassResult.load(course, NAME).results] == ["not submitted"]
    assert manual_marks(course, Assignment.load(course, NAME), Fence()) == {}


# nbgrader's own feedback -------------------------------------------------------------------------


class Live(HTMLParser):
    """What would run, or load something, in a page: nbgrader's own scripts are none of these."""

    def __init__(self):
        super().__init__()
        self.found, self._in_script = [], False

    def handle_starttag(self, tag, attributes):
        self._in_script = tag == "script"
        if tag in ("iframe", "object", "embed", "svg"):
            self.found.append(tag)
        for name, value in attributes:
            if name.startswith("on") or re.search(r"javascript:|127\.0\.0\.1", value or ""):
                self.found.append((tag, name, value))

    def handle_data(self, data):
        if self._in_script and "alert(1)" in data:
            self.found.append(data)

    def handle_endtag(self, tag):
        self._in_script = False


def live(page):
    """What of a page would run."""
    parser = Live()
    parser.feed(page)
    return parser.found


@pytest.mark.no_cover
def test_nothing_that_a_student_wrote_is_live_in_nbgraders_feedback(course):
    """An error text went into a comment as it was, and nbgrader takes comments for Markdown."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    assert live("<p>" + MARKUP[0] + "</p>")
    assert live("<p>" + MARKUP[1] + "</p>")
    for number, text in enumerate(MARKUP):
        raises = f"def tangent_line(c, n, p):\n    raise ValueError({text!r})"
        answers = {**RIGHT, "q1": text, "q3": text, "q4": text, "q6": raises, "q7": text}
        submit(course, f"s{number}", answers)
    assert run(course, NAME) == 0
    shutil.rmtree(course / "feedback")  # ours
    settings = Config()
    settings.CourseDirectory.root = str(course)
    with gradebook.tools_on_path():
        done = NbGraderAPI(config=settings).generate_feedback(NAME)
    assert done["success"], done
    pages = [page.read_text(encoding="utf-8") for page in course.glob("feedback/*/*/*.html")]
    assert len(pages) == len(MARKUP)
    assert [live(page) for page in pages] == [[]] * len(MARKUP)
    assert "alert(1)" in "".join(pages)  # it is shown
    with nbgrader(course) as book:  # as it was before: the first comment is live
        comment = book.find_comment("q6", NAME, NAME, "s0")
        comment.auto_comment = f"error: tangent_line stopped with an error: {MARKUP[0]}"
        book.db.commit()
    with gradebook.tools_on_path():
        NbGraderAPI(config=settings).generate_feedback(NAME, "s0", force=True)
    (page,) = course.glob("feedback/s0/*/*.html")
    assert live(page.read_text(encoding="utf-8"))


# The criteria of a text --------------------------------------------------------------------------


def test_the_criteria_stand_in_the_comment_field_until_points_are_given(course):
    submit(course, "s1")
    assert run(course, NAME) == 0
    with nbgrader(course) as book:
        stands = book.find_comment("q7", NAME, NAME, "s1").manual_comment
    assert [line[:4] for line in stands.splitlines()] == ["[1] ", "[1] "]
    page = course / "feedback" / "s1" / f"{NAME}.html"
    assert "Your teacher" not in page.read_text()  # nobody has said it
    kept = stands.splitlines()[0]
    mark(course, "s1", points=1, comment=kept)
    assert run(course, NAME) == 0
    assert kept[4:] in page.read_text()
    with nbgrader(course) as book:
        assert book.find_comment("q7", NAME, NAME, "s1").manual_comment == kept
