"""Our scores go into nbgrader's gradebook; what the teacher marks there is read in `by_hand`.

nbgrader's own page (formgrader) then shows every submission, and texts are marked there. Only here
is nbgrader loaded, which takes seconds.
"""

from __future__ import annotations

import copy
import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mfteach.answers.missing import NOT_ANSWERED
from mfteach.console import UsageError
from mfteach.grading.assignments.outline import AnyAssignment
from mfteach.grading.files import write
from mfteach.grading.marks.by_hand import FILE, graded_cell, rubric, unusable
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.labels import NOT_MARKED
from mfteach.grading.marks.results import Mark, Result

CURE = "pip install 'mfteach[grading]'"


@dataclass(frozen=True)
class Entry:
    """What goes into the gradebook about one submission.

    Parameters
    ----------
    result : Result
    sources : mapping of str to str
        What the student wrote, by question.
    release : Path
        The notebook that the student was given.
    """

    result: Result
    sources: Mapping[str, str] = field(default_factory=dict)
    release: Path = Path()


def is_installed() -> bool:
    """Whether nbgrader is installed."""
    from importlib.util import find_spec

    return find_spec("nbgrader") is not None


def is_used(course: Path) -> bool:
    """Whether there is a gradebook: somebody has asked for it."""
    return (course / FILE).is_file()


def check_installed() -> None:
    """Raise an error that names the cure if nbgrader is missing.

    Raises
    ------
    UsageError
    """
    if not is_installed():
        raise UsageError(f"the gradebook needs nbgrader: {CURE}")


def record(
    course: Path,
    assignment: AnyAssignment,
    entries: Sequence[Entry],
    fence: Fence,
    progress: Callable[[], object] = lambda: None,
) -> None:
    """Write our scores and comments into the gradebook, and the notebooks that its page shows.

    The teacher's marks are kept. If the answer has changed since they were given, nbgrader asks
    for them to be checked again.

    Parameters
    ----------
    course : Path
    assignment : AnyAssignment
    entries : sequence of Entry
    fence : Fence
        Notes whose marks did not get in.
    progress : callable
        Called after each submission.

    Raises
    ------
    UsageError
        If nbgrader is missing, or the gradebook is in use.
    """
    pages: dict[str, dict[str, Any]] = {}
    recorded: list[str] = []
    for entry in entries:
        with fence.around(entry.result.student, _NOT_IN):
            pages[entry.result.student] = _page(entry, assignment)
    readable = [entry for entry in entries if entry.result.student in pages]
    with _opened(course) as book:
        _record_assignment(book, assignment, _read(readable[0].release) if readable else {})
        for entry in readable:
            student = entry.result.student
            with fence.around(student, _NOT_IN), _whole(course, book):
                changed = _changed(course, assignment, student, pages)
                _record_submission(book, assignment, entry.result, changed)
                recorded.append(student)
            progress()
    # After the gradebook: a run that is killed in between finds the change once more.
    for student in recorded:
        with fence.around(student, _NOT_IN):
            write(_autograded(course, student, assignment.name), _text(pages[student]))


_NOT_IN = "nbgrader's gradebook does not have these marks"


@contextmanager
def _whole(course: Path, book: Any) -> Iterator[None]:
    """Put one student in, or nothing of them."""
    with _usable(course):
        try:
            yield
            book.db.commit()
        except Exception:
            book.db.rollback()
            raise


@contextmanager
def _opened(course: Path) -> Iterator[Any]:
    try:
        from nbgrader.api import Gradebook
    except ImportError as error:
        raise UsageError(f"the gradebook needs nbgrader: {CURE}") from error
    file = (course / FILE).resolve()
    with _usable(course), tools_on_path():
        if not file.is_file():
            _make(file, Gradebook)
        with Gradebook(f"sqlite:///{file}") as book:
            yield book


@contextmanager
def _usable(course: Path) -> Iterator[None]:
    from sqlalchemy.exc import DatabaseError

    try:
        yield
    except DatabaseError as error:
        raise unusable(course / FILE, str(error.orig)) from error


def _make(file: Path, gradebook: Any) -> None:
    """Let nbgrader create a gradebook beside it, then move it: it cannot use a half-made one."""
    part = file.with_name(f".{file.name}.part")
    for rest in (part, part.with_name(f"{part.name}-journal")):  # of a run that was killed
        rest.unlink(missing_ok=True)
    with gradebook(f"sqlite:///{part}"):
        pass
    part.replace(file)


@contextmanager
def tools_on_path() -> Iterator[None]:
    """Let nbgrader find alembic, which it runs by name, beside this Python."""
    path = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    try:
        yield
    finally:
        os.environ["PATH"] = path


# Into the gradebook ------------------------------------------------------------------------------


def _record_assignment(book: Any, assignment: AnyAssignment, release: dict[str, Any]) -> None:
    """Create the assignment, notebook and cells that are missing."""
    name = assignment.name
    book.update_or_create_assignment(name)
    book.update_or_create_notebook(name, name)
    for cell in release.get("cells", []):
        about = _about(cell)
        place = (about.get("grade_id"), name, name)
        if about.get("grade"):
            points = float(about["points"])
            kind = cell["cell_type"]
            book.update_or_create_grade_cell(*place, max_score=points, cell_type=kind)
        if about.get("solution"):
            book.update_or_create_solution_cell(*place)
        if about.get("grade") or about.get("solution") or about.get("locked"):
            book.update_or_create_source_cell(
                *place,
                cell_type=cell["cell_type"],
                locked=bool(about.get("locked")),
                source=cell["source"],
                checksum=about.get("checksum"),
            )


def _record_submission(
    book: Any, assignment: AnyAssignment, result: Result, changed: set[str]
) -> None:
    book.update_or_create_student(result.student)
    when = datetime.fromisoformat(result.submitted_at) if result.submitted_at else None
    with book.db.no_autoflush:  # nbgrader looks cells up before its new rows are complete
        submission = book.update_or_create_submission(
            assignment.name, result.student, **({"timestamp": when} if when else {})
        )
    notebook = submission.notebooks[0]
    _complete(book, assignment.name, notebook)
    marks = {mark.question: mark for mark in result.marks}
    questions = {graded_cell(question): question.name for question in assignment.questions}
    for grade in notebook.grades:
        if grade.name in questions:
            name = questions[grade.name]
            _record_grade(grade, marks[name], name in changed)
    rubrics = {q.name: rubric(q) for q in assignment.questions if marks[q.name].label == NOT_MARKED}
    for comment in notebook.comments:
        if comment.name in marks:
            comment.auto_comment = _comment(marks[comment.name])
        if rubrics.get(comment.name) and not comment.manual_comment:
            comment.manual_comment = rubrics[comment.name]


def _complete(book: Any, name: str, notebook: Any) -> None:
    """Add what a submission lacks if the assignment has got new questions since."""
    from nbgrader.api import Comment, Grade

    graded, commented = (
        {one.cell_id for one in kind} for kind in (notebook.grades, notebook.comments)
    )
    master = book.find_notebook(name, name)
    for cell in master.grade_cells:
        if cell.id not in graded:
            book.db.add(Grade(cell_id=cell.id, notebook=notebook))
    for cell in master.solution_cells:
        if cell.id not in commented:
            book.db.add(Comment(cell_id=cell.id, notebook=notebook))
    book.db.flush()


def _record_grade(grade: Any, mark: Mark, changed: bool) -> None:
    score = None if mark.label == NOT_MARKED else float(mark.points)
    if grade.manual_score is None:
        grade.needs_manual_grade = score is None
    elif changed or grade.auto_score != score:
        grade.needs_manual_grade = True
    grade.auto_score = score


def _comment(mark: Mark) -> str | None:
    if mark.label == NOT_MARKED:
        return None
    if mark.label == NOT_ANSWERED:
        return "No response."
    if not mark.reason:
        return mark.label
    # A reason may quote the student, and nbgrader's feedback takes comments for Markdown.
    return fenced("\n".join(textwrap.wrap(f"{mark.label}: {mark.reason}", 90)))


# The notebook that the page shows ----------------------------------------------------------------


def _page(entry: Entry, assignment: AnyAssignment) -> dict[str, Any]:
    """The released notebook with the student's answers, as plain text."""
    page = copy.deepcopy(_read(entry.release))
    names = {question.name for question in assignment.questions}
    for cell in page["cells"]:
        name = _about(cell).get("grade_id")
        if name in names and _about(cell).get("solution"):
            source = entry.sources.get(name, "")
            cell["source"] = fenced(source) if cell["cell_type"] == "markdown" else source
    return page


def fenced(text: str) -> str:
    """Return a text as a block of code in Markdown: shown as it is, whatever it contains."""
    text = "\n".join(text.splitlines())
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _changed(
    course: Path, assignment: AnyAssignment, student: str, pages: Mapping[str, dict[str, Any]]
) -> set[str]:
    """The questions whose answer is not the one that the teacher saw."""
    file = _autograded(course, student, assignment.name)
    before = _sources(_read(file)) if file.is_file() else {}
    after = _sources(pages[student])
    return {q.name for q in assignment.questions if before.get(q.name) != after.get(q.name)}


def _sources(page: dict[str, Any]) -> dict[str, str]:
    return {str(_about(cell).get("grade_id")): cell["source"] for cell in page["cells"]}


def _autograded(course: Path, student: str, assignment: str) -> Path:
    return course / "autograded" / student / assignment / f"{assignment}.ipynb"


def _about(cell: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = cell.get("metadata", {}).get("nbgrader", {})
    return about


def _read(file: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def _text(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
