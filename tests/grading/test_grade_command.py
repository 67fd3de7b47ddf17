"""``mfteach-grade``: its arguments, its exit status, and what it says to whom."""

import csv
import io
import json
import runpy
import sys
from importlib import import_module

import pytest
from classroom import HOSTILE, NAME, RIGHT, NoSandbox, load, place, released, run, submit

import mfteach
from mfteach.grading import cli
from mfteach.grading.files import alone
from mfteach.grading.marks.grade import Grader
from mfteach.grading.sandbox.sandbox import SandboxUnavailable

unprotected = pytest.mark.usefixtures("no_sandbox")


def totals(course):
    text = (course / "grades.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {row["student"]: row for row in rows if row["question"] == "total"}


def status(*words):
    """Run the command as the shell does, errors in the arguments included."""
    try:
        return cli.main([str(word) for word in words])
    except SystemExit as stop:
        return stop.code


# The main form -----------------------------------------------------------------------------------


@unprotected
def test_a_class_is_graded_whatever_it_submitted(course, capsys):
    submit(course, "s1")
    submit(course, "s2", {})
    submit(course, "s3").write_text("no notebook")
    (course / "submitted" / "a b <i>").mkdir()
    (course / "students.csv").write_text("id\ns4\n")
    assert run(course, NAME) == 0
    found = totals(course)
    assert {name: (row["points"], row["label"]) for name, row in found.items()} == {
        "s1": ("8", "ok"),
        "s2": ("0", "ok"),
        "s3": ("0", "refused"),
        "s4": ("0", "not submitted"),
        "a b <i>": ("0", "refused"),
    }
    said = capsys.readouterr()
    assert "2 of 5 graded, 1 not submitted, 2 refused" in said.out
    assert f"report:   {course / 'reports' / NAME}.html" in said.out
    assert "5/5" in said.err  # the bar
    assert {page.parent.name for page in course.glob("feedback/*/*.html")} == {
        "s1",
        "s2",
        "s3",
        "s4",
    }


@unprotected
def test_the_word_grade_is_optional_and_options_may_stand_anywhere(course):
    submit(course, "s1")
    assert status("grade", NAME, "--course", course) == 0
    assert status("-j", "2", "--course", course, NAME) == 0


@unprotected
def test_whatever_goes_wrong_while_grading_becomes_a_row(course, caplog, monkeypatch):
    submit(course, "s1")
    submit(course, "s2")
    real = Grader._grade

    def grade(self, submission):
        if submission.student == "s1":
            raise RuntimeError("\x1b[31m<b>")
        return real(self, submission)

    monkeypatch.setattr(Grader, "_grade", grade)
    assert run(course, NAME) == 0
    assert totals(course)["s1"]["label"] == "grading failed"
    assert "RuntimeError: a person has to look" in totals(course)["s1"]["reason"]
    assert totals(course)["s2"]["points"] == "8"
    assert "s1: could not be graded" in caplog.text
    assert "\\x1b[31m" in caplog.text
    assert "\x1b" not in caplog.text


@unprotected
@pytest.mark.parametrize("bad", HOSTILE)
def test_nothing_that_students_write_controls_the_terminal(course, bad, capfd):
    raises = f"def tangent_line(c, n, p):\n    raise ValueError({bad!r})"
    submit(course, "s1", {**RIGHT, "q1": bad, "q3": bad, "q4": bad, "q6": raises, "q7": bad})
    (course / "submitted" / bad.replace("/", "_")).mkdir()
    assert run(course, NAME) == 0
    assert run(course, NAME, "--explain", "s1") == 0
    said = capfd.readouterr()
    assert [c for c in said.out + said.err if not (c.isprintable() or c in "\n\r")] == []
    for row in csv.reader(io.StringIO((course / "grades.csv").read_text(), newline="")):
        for cell in row:
            assert cell[:1] not in tuple("=+-@\t\r\n ")
            assert cell.isprintable()


# --explain ---------------------------------------------------------------------------------------


@unprotected
def test_explain_shows_each_answer_and_each_call_and_writes_nothing(course, capsys):
    fails = "def tangent_line(c, n, p):\n    return 1 / 0"
    submit(course, "s1", {**RIGHT, "q6": fails}, when="2027-02-01 10:00:00 UTC")
    assert run(course, NAME, "--explain", "s1") == 0
    said = capsys.readouterr().out
    assert said.startswith("s1: 6 of 10 points\n")
    assert "submitted 2027-02-01T10:00:00+00:00" in said
    assert f"q1: 1 of 1, right\n  read: {RIGHT['q1']}" in said
    assert "  wanted (" in said
    assert "  error: ZeroDivisionError: division by zero" in said
    assert "  |     return 1 / 0" in said
    assert not (course / "grades.csv").exists()
    assert not (course / "graded").exists()
    submit(course, "s1")
    assert run(course, NAME, "--explain", "s1") == 0
    assert "  got    (" in capsys.readouterr().out


@unprotected
def test_explain_says_why_nothing_was_graded(course, capsys):
    submit(course, "s1").write_text("broken")
    assert run(course, NAME, "--explain", "s1") == 0
    assert "  refused: The file is not a notebook (not JSON)." in capsys.readouterr().out
    assert run(course, NAME, "--explain", "s\x1b9") == 2
    assert "s\\x1b9 is neither on the class list nor in submitted/" in capsys.readouterr().err


# After grading -----------------------------------------------------------------------------------


@unprotected
def test_export_writes_the_requested_formats(course, capsys):
    submit(course, "s1", {**RIGHT, "q7": ""}, when="2027-02-02 10:00:00 UTC")
    run(course, NAME)
    capsys.readouterr()
    assert run(course, "export", NAME, "--format", "moodle") == 0
    assert capsys.readouterr().out == f"{course}/exports/{NAME}-moodle.csv\n"
    assert (course / "exports" / f"{NAME}-moodle.csv").read_text().splitlines()[1] == (
        "s1,7.2,1 day late. Not answered: q7."
    )
    assert run(course, "export", NAME) == 0
    assert len(list((course / "exports").iterdir())) == 3


def test_what_was_not_graded_has_neither_feedback_nor_export(course, capsys):
    for command in ("feedback", "export"):
        assert run(course, command, NAME) == 2
        assert f"was not graded yet: run mfteach-grade {NAME}" in capsys.readouterr().err


# Releases and variants ---------------------------------------------------------------------------


def test_check_release(course, capsys):
    assert run(course, "check-release") == 0
    assert "1 releases: all match their sources, no leaks" in capsys.readouterr().out
    (course / "release" / NAME / f"{NAME}.ipynb").write_text("{}")
    assert run(course, "check-release") == 1
    assert "the release does not match its source; run make release" in capsys.readouterr().out


@unprotected
def test_variants_are_written_and_graded_as_what_they_are(course, capsys):
    assert run(course, "variants", "s1", "s2", "--assignment", NAME) == 0
    assert "2 students, 1 assignments" in capsys.readouterr().out
    from mfteach.grading.assignments.variants import draw
    from mfteach.grading.demo import answered

    loaded, assignment = load(course)
    for student in ("s1", "s2"):
        variant = draw(assignment, loaded.secrets().seed, student)
        given = json.loads((course / "variants" / student / NAME / f"{NAME}.ipynb").read_text())
        submit(course, student)
        right = {name: posed.right or "A text." for name, posed in variant.answers.items()}
        place(course, student).write_text(json.dumps(answered(given, right)))
    assert run(course, NAME) == 0
    assert {row["points"] for row in totals(course).values()} == {"8"}
    # Drawn from another seed, every number would be compared with a wrong one.
    (course / "variants" / "seed.txt").write_text("another\n")
    for words in ((NAME,), ("variants", "s1")):
        assert run(course, *words) == 2
        assert "were not drawn from the seed" in capsys.readouterr().err


def test_variants_of_the_class_list(course, capsys):
    assert run(course, "variants") == 2
    assert "no students: name some, or list their ids" in capsys.readouterr().err
    (course / "students.csv").write_text("id\ns7\n")
    assert run(course, "variants") == 0
    assert [file.name for file in (course / "variants").iterdir() if file.is_dir()] == ["s7"]
    assert run(course, "variants", "a b\x1b") == 2
    assert "'a b\\x1b' is not an id" in capsys.readouterr().err
    assert run(course, "variants", "s1", "--assignment", "99-none") == 2
    assert (
        "there is no assignment '99-none'; the course has: 03-power-rule" in capsys.readouterr().err
    )


# What cannot be done -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name an ASSIGNMENT or a COMMAND"),
        (["99-none"], "there is no assignment '99-none'; the course has: 03-power-rule"),
        ([NAME, "-j", "0"], "expected a whole number of at least 1, got '0'"),
        ([NAME, "-j", "two"], "expected a whole number of at least 1, got 'two'"),
        ([NAME, "--time-limit", "-1"], "is not a number of seconds above 0"),
        ([NAME, "--time-limit", "soon"], "is not a number of seconds above 0"),
        ([NAME, "--time-limit", "nan"], "is not a number of seconds above 0"),
        (["export", NAME, "--format", "excel"], "invalid choice: 'excel'"),
    ],
)
def test_bad_arguments_give_status_2_and_one_line(course, words, said, capsys, monkeypatch):
    monkeypatch.chdir(course)
    assert status(*words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


def test_no_submissions(course, capsys):
    (course / "submitted").rmdir()
    assert run(course, NAME, "--unsafe-no-sandbox") == 2
    assert "put the notebooks into submitted/STUDENT/ASSIGNMENT/" in capsys.readouterr().err


def test_a_question_file_or_a_release_that_cannot_be_used(course, capsys):
    (course / "questions" / f"{NAME}.toml").write_text("title = 3")
    for words in ((NAME,), ("variants", "s1")):
        assert run(course, *words) == 2
        assert f"{NAME}.toml" in capsys.readouterr().err


def test_a_source_that_leaks_stops_variants(course, capsys):
    file = course / "source" / NAME / f"{NAME}.ipynb"
    file.write_text(file.read_text().replace("### BEGIN SOLUTION", ""))
    assert run(course, "variants", "s1") == 2
    assert f"{NAME} cannot be released" in capsys.readouterr().err


def test_an_assignment_cannot_be_named_like_a_command(course, capsys):
    for part, suffix in (("questions", "toml"), ("checks", "py")):
        file = course / part / f"{NAME}.{suffix}"
        file.rename(file.with_name(f"feedback.{suffix}"))
    assert run(course, "grade", "feedback") == 2
    assert "call it NN-name, such as 03-power-rule" in capsys.readouterr().err


def test_without_a_sandbox_nothing_is_run(course, capsys, monkeypatch):
    submit(course, "s1")

    def nowhere(unsafe, hidden):
        assert not unsafe
        raise SandboxUnavailable("No sandbox. Cure: install bubblewrap, or --unsafe-no-sandbox")

    for command in ("grade", "demo_class"):
        monkeypatch.setattr(f"mfteach.grading.commands.{command}.find_sandbox", nowhere)
    for words in ((NAME,), (NAME, "--explain", "s1"), ("demo-class",)):
        assert run(course, *words) == 2
        assert "Cure: install bubblewrap" in capsys.readouterr().err
    assert not (course / "grades.csv").exists()


def test_the_course_is_hidden_from_the_sandbox(course, monkeypatch, quick_gradebook):
    submit(course, "s1")
    asked = []
    monkeypatch.setattr(
        "mfteach.grading.commands.grade.find_sandbox",
        lambda *args: asked.append(args) or NoSandbox(),
    )
    assert run(course, NAME, "--unsafe-no-sandbox") == 0
    assert asked == [(True, (course.resolve(),))]


@unprotected
def test_two_at_once_the_second_is_told_to_wait(course, capsys):
    submit(course, "s1")
    with alone(course):
        for words in ((NAME,), ("feedback", NAME), ("export", NAME), ("variants", "s1")):
            assert run(course, *words) == 2
            assert "another mfteach-grade is running" in capsys.readouterr().err
    assert run(course, NAME) == 0


@unprotected
def test_control_c_is_130_and_says_how_to_continue(course, capsys, monkeypatch):
    submit(course, "s1")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mfteach.grading.marks.grade.as_completed", interrupted)
    assert run(course, NAME) == 130
    assert "stopped; run it again to continue" in capsys.readouterr().err


# Help --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [None, *cli._COMMANDS])
def test_help(command, capsys):
    words = ["--help"] if command is None else [command, "--help"]
    assert status(*words) == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: mfteach-grade")
    assert "None" not in said


def test_the_module_is_the_command(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["mfteach-grade", "--version"])
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("mfteach.grading", run_name="__main__")
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"mfteach {mfteach.__version__}\n"


def test_the_release_that_these_tests_answer_is_the_one_of_the_course(course):
    names = {
        cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in released(course)["cells"]
    }
    assert set(RIGHT) <= names


@pytest.mark.parametrize("command", cli._COMMANDS)
def test_the_line_in_the_list_of_commands_is_the_first_of_its_help(command):
    """The list is printed without loading any command."""
    module = import_module(f"mfteach.grading.commands.{command.replace('-', '_')}")
    assert module.run.__doc__.partition("\n")[0].rstrip(".") == cli._COMMANDS[command]
