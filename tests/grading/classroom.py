"""A course of one assignment in its own folder, and students who submit."""

import json
import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mfteach.grading import cli
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.variants import sample
from mfteach.grading.demo import answered
from mfteach.grading.marks.grade import Grader
from mfteach.grading.sandbox.session import Outcome
from mfteach.grading.settings import Course

NAME = "03-power-rule"
COURSE = Path(__file__).parents[2] / "exercises"
VARIANT = sample(Assignment.load(COURSE, NAME))
TEXT = "For x^3 at 0 the slope is 0, and left of it the function is smaller, right of it larger."
RIGHT = {name: posed.right or TEXT for name, posed in VARIANT.answers.items()}
WRONG = {name: posed.wrong[0][0] for name, posed in VARIANT.answers.items() if posed.wrong}
SETTINGS = """secrets = "../secrets.toml"
[due]
"03-power-rule" = 2027-02-01T23:59:00Z
[late]
per_day = 0.1
"""
HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://127.0.0.1","here")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "\t=1",
    "\x1b[31mred\x1b]0;title\x07",
    '"><img src=x onerror=alert(1)>',
    "$x$ `</code>` **<b>** \\frac{<i>}{</i>}",
    "$\\text{<script>alert(1)</script>}$ $\\left<img>$",
    "{{ 6 * 7 }}{% raw %}{# <b> #}",
)
"""Texts that a browser, a spreadsheet or a terminal must only show."""


def make(folder):
    """Copy what a course of this one assignment consists of."""
    for part in ("source", "release"):
        shutil.copytree(COURSE / part / NAME, folder / part / NAME)
    for part, suffix in (("questions", "toml"), ("checks", "py")):
        (folder / part).mkdir()
        shutil.copy(COURSE / part / f"{NAME}.{suffix}", folder / part)
    shutil.copy(COURSE / "nbgrader_config.py", folder)
    shutil.copy(COURSE / "STUDENTS.md", folder)
    (folder / "course.toml").write_text(SETTINGS)
    (folder / "submitted").mkdir()
    return folder


def released(course):
    """Return the released notebook, as data."""
    return json.loads((course / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))


def place(course, student):
    """Return where a student's notebook is."""
    return course / "submitted" / student / NAME / f"{NAME}.ipynb"


def submit(course, student, answers=RIGHT, when=None, more_code=()):
    """Put a notebook with these answers where nbgrader collects them, and return the file."""
    notebook = answered(released(course), answers)
    for source in more_code:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
        notebook["cells"].append({**cell, "execution_count": None})
    return submit_text(course, student, json.dumps(notebook), when)


def submit_text(course, student, text, when=None):
    """Put any text there."""
    file = place(course, student)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    if when is not None:
        file.with_name("timestamp.txt").write_text(when)
    return file


def load(course):
    """Return the course and its assignment."""
    return Course.load(course), Assignment.load(course, NAME)


def grader(course, sandbox=None):
    """Return what grades one student after the other, without protection."""
    loaded, assignment = load(course)
    return Grader(loaded, assignment, sandbox or NoSandbox(), 10.0, loaded.secrets())


def run(course, *words):
    """Run ``mfteach-grade`` in this process and return its exit status."""
    return cli.main([*words, "--course", str(course)])


def written(course):
    """Return every file that grading wrote, except the gradebook, whose ids are random."""
    folders = ("feedback", "reports", "graded", "autograded", "exports")
    files = [file for folder in folders for file in (course / folder).rglob("*")]
    files += [course / "grades.csv"]
    return {str(f.relative_to(course)): f.read_bytes() for f in files if f.is_file()}


class NoSandbox:
    """Runs code in this process: for code of our own."""

    def session(self, program, seconds):
        """Start over for each submission."""
        return Here(program)


class Here:
    """A running submission, in this process."""

    is_doubtful = False

    def __init__(self, program):
        # Submissions share this process's output, in several threads: what they print is dropped.
        self.names = {"np": np, "print": lambda *_, **__: None}
        self.cell_failures = {}
        for number, source in enumerate(program):
            if "import mfteach" in source or source.startswith("check("):
                continue
            try:
                exec(source, self.names)
            except Exception as error:
                self.cell_failures[number] = Outcome(failure="error", detail=repr(error))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def call(self, function, arguments):
        """Call a function; an exception is an outcome too."""
        if function not in self.names:
            return Outcome(failure="missing")
        try:
            return Outcome(value=self.names[function](*arguments))
        except NotImplementedError:
            return Outcome(failure="not answered")
        except Exception as error:
            return Outcome(failure="error", detail=f"{type(error).__name__}: {error}")

    def value(self, variable):
        """Return what a variable holds."""
        if variable not in self.names:
            return Outcome(failure="missing")
        return Outcome(value=self.names[variable])


@contextmanager
def nbgrader(course):
    """Open the gradebook as nbgrader does."""
    from nbgrader.api import Gradebook

    from mfteach.grading.marks.gradebook import tools_on_path

    with tools_on_path():  # nbgrader calls alembic by its name
        book = Gradebook(f"sqlite:///{course / 'gradebook.db'}")
    with book:
        yield book


def mark(course, student, question="q7", **entries):
    """Enter points or a comment, as its page does; asks for the gradebook if there is none."""
    if not (course / "gradebook.db").exists():
        assert run(course, "gradebook", NAME) == 0
    assignment = load(course)[1]
    cell = question if assignment[question].kind == "text" else f"{question}-check"
    with nbgrader(course) as book:
        if "comment" in entries:
            book.find_comment(question, NAME, NAME, student).manual_comment = entries["comment"]
        if "points" in entries:
            grade = book.find_grade(cell, NAME, NAME, student)
            grade.manual_score, grade.needs_manual_grade = entries["points"], False
            grade.extra_credit = entries.get("extra")
        book.db.commit()


def rows(course, student="s1"):
    """Points and label of each question, as grades.csv has them."""
    lines = (course / "grades.csv").read_text().splitlines()
    found = [line.split(",", 6) for line in lines if line.startswith(f"{student},")]
    return {row[2]: (float(row[3]), row[5]) for row in found}
