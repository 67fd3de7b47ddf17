"""One page for each student: what was right, what failed, a hint. No script, no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.files import write
from mfteach.grading.marks.late import lateness
from mfteach.grading.marks.results import LOOK_AGAIN, MARKED, OK, Mark, Result
from mfteach.grading.marks.score import NOT_MARKED, RIGHT, UNREADABLE
from mfteach.grading.reports.page import number, page
from mfteach.grading.settings import Course
from mfteach.grading.students import is_id
from mfteach.grading.submissions.typed import NOT_ANSWERED

_WORDS = {
    RIGHT: ("✓", "Right", "good"),
    NOT_ANSWERED: ("○", "Not answered", "open"),
    NOT_MARKED: ("✎", "Not marked yet", "open"),
    LOOK_AGAIN: ("✎", "Will be marked again", "open"),
    MARKED: ("✎", "Marked by your teacher", "open"),
}


def write_feedback(
    course: Course,
    assignment: Assignment,
    result: Result,
    titles: Mapping[str, str],
    hints: Mapping[str, str],
    solved: Mapping[str, str] | None = None,
) -> Path | None:
    """Write ``feedback/STUDENT/ASSIGNMENT.html`` and return it; None if the name is not an id."""
    if not is_id(result.student):
        return None
    file = course.folder / "feedback" / result.student / f"{assignment.name}.html"
    write(file, feedback(course, assignment, result, titles, hints, solved))
    return file


def feedback(
    course: Course,
    assignment: Assignment,
    result: Result,
    titles: Mapping[str, str],
    hints: Mapping[str, str],
    solved: Mapping[str, str] | None = None,
) -> str:
    """Return the page of one student.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    result : Result
        With the teacher's marks, if there are any.
    titles, hints : mapping of str to str
        By question, in Markdown, as they are printed in the notebook.
    solved : mapping of str to str, optional
        Solutions by question, once they may be shown.
    """
    kinds = {question.name: question.kind for question in assignment.questions}
    return page(
        "feedback.html",
        f"{assignment.title}: {result.student}",
        assignment=assignment,
        result=result,
        remarks=_remarks(course, assignment, result),
        cards=[
            _card(
                mark,
                kinds.get(mark.question, ""),
                titles.get(mark.question, ""),
                hints.get(mark.question, ""),
                (solved or {}).get(mark.question, ""),
            )
            for mark in (result.marks if result.label == OK else ())
        ],
    )


def _remarks(course: Course, assignment: Assignment, result: Result) -> list[str]:
    remarks = []
    if result.label != OK:
        remarks.append(f"Nothing was graded. {result.reason}")
    elif result.reason:
        remarks.append(result.reason)
    late = lateness(course, assignment.name, result)
    if late.days:
        days = "1 day" if late.days == 1 else f"{late.days} days"
        remarks.append(f"Submitted {days} late: {number(late.points)} points count.")
    if any(mark.label in (NOT_MARKED, LOOK_AGAIN) for mark in result.marks):
        remarks.append("Not everything is marked yet: the total may still rise.")
    return remarks


@dataclass(frozen=True)
class _Card:
    """What is shown for one answer; empty texts are left out.

    ``quotes``: whether the reason may quote the student, so that formulas in it are not typeset.
    """

    mark: Mark
    sign: str
    words: str
    kind: str
    title: str
    hint: str
    quotes: bool
    solution: str

    @property
    def place(self) -> str:
        """The number of the question, as in its heading in the notebook."""
        return self.mark.question.removeprefix("q")

    @property
    def points(self) -> str:
        pending = self.mark.label == NOT_MARKED and not self.mark.by_hand
        return "–" if pending else number(self.mark.points)

    @property
    def answer(self) -> str:
        """What was read; nothing for a text that a person marks."""
        return "" if self.mark.label in (NOT_MARKED, LOOK_AGAIN, MARKED) else self.mark.answer


def _card(mark: Mark, kind: str, title: str, hint: str, solution: str) -> _Card:
    wrong = ("◐", "Partly right", "open") if mark.points else ("✗", "Not right", "bad")
    verdict = _WORDS.get(mark.label, wrong)
    if mark.by_hand and mark.label not in (MARKED, LOOK_AGAIN):
        verdict = ("✎", "Points given by your teacher", "open")
    helps = mark.points < mark.max_points and mark.label not in (NOT_MARKED, MARKED)
    quotes = kind == "derivation" or mark.label in (UNREADABLE, "error")
    return _Card(mark, *verdict, title, hint if helps else "", quotes, solution)
