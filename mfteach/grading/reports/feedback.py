"""One page for each student: what was right, what failed, a hint. No script, no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mfteach.answers.missing import NOT_ANSWERED, UNREADABLE
from mfteach.grading.assignments.outline import AnyAssignment
from mfteach.grading.files import write
from mfteach.grading.marks.labels import NOT_MARKED, RIGHT
from mfteach.grading.marks.late import Deadlines
from mfteach.grading.marks.results import LOOK_AGAIN, MARKED, OK, Mark, Result
from mfteach.grading.reports.page import number, page
from mfteach.grading.students import is_id

_WORDS = {
    RIGHT: ("✓", "Right", "good"),
    NOT_ANSWERED: ("○", "Not answered", "open"),
    NOT_MARKED: ("✎", "Not marked yet", "open"),
    LOOK_AGAIN: ("✎", "Will be marked again", "open"),
    MARKED: ("✎", "Marked by your teacher", "open"),
}


def write_feedback(
    deadlines: Deadlines,
    assignment: AnyAssignment,
    result: Result,
    titles: Mapping[str, str],
    hints: Mapping[str, str],
    solved: Mapping[str, str] | None = None,
) -> Path | None:
    """Write ``feedback/STUDENT/ASSIGNMENT.html`` and return it; None if the name is not an id."""
    if not is_id(result.student):
        return None
    file = deadlines.course.folder / "feedback" / result.student / f"{assignment.name}.html"
    write(file, feedback(deadlines, assignment, result, titles, hints, solved))
    return file


def feedback(
    deadlines: Deadlines,
    assignment: AnyAssignment,
    result: Result,
    titles: Mapping[str, str],
    hints: Mapping[str, str],
    solved: Mapping[str, str] | None = None,
) -> str:
    """Return the page of one student.

    Parameters
    ----------
    deadlines : Deadlines
    assignment : AnyAssignment
    result : Result
        With the teacher's marks, if there are any.
    titles, hints : mapping of str to str
        By question, in Markdown, as they are printed in the notebook.
    solved : mapping of str to str, optional
        Solutions by question, once they may be shown.
    """
    one = sheet(deadlines, assignment, result, titles, hints, solved)
    return page("feedback.html", f"{assignment.title}: {result.student}", sheet=one, result=result)


@dataclass(frozen=True)
class Sheet:
    """What the feedback of a student says, before it is a page or a notebook.

    Parameters
    ----------
    assignment : AnyAssignment
    result : Result
    remarks : list of str
        About the whole submission.
    cards : list of Card
    """

    assignment: AnyAssignment
    result: Result
    remarks: list[str]
    cards: list[Card]

    @property
    def total(self) -> str | None:
        """The points, "so far" if some are still to come; None if nothing was graded."""
        if self.result.label != OK:
            return None
        return number(self.result.points) + (" so far" if self.result.unmarked else "")


def sheet(
    deadlines: Deadlines,
    assignment: AnyAssignment,
    result: Result,
    titles: Mapping[str, str],
    hints: Mapping[str, str],
    solved: Mapping[str, str] | None = None,
) -> Sheet:
    """Gather what the feedback of one student says; the parameters are those of `feedback`."""
    kinds = {question.name: question.kind for question in assignment.questions}
    return Sheet(
        assignment,
        result,
        _remarks(deadlines, result),
        [
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


def _remarks(deadlines: Deadlines, result: Result) -> list[str]:
    remarks = []
    if result.label != OK:
        remarks.append(f"Nothing was graded. {result.reason}")
    elif result.reason:
        remarks.append(result.reason)
    late = deadlines.lateness(result)
    if late.days and result.label == OK:
        days = "1 day" if late.days == 1 else f"{late.days} days"
        remarks.append(f"Submitted {days} late: {number(late.points)} points count.")
    elif result.label == OK and deadlines.course.late_per_day:
        remarks += filter(None, [deadlines.words(late)])
    if result.label == OK and result.unmarked:
        remarks.append("Not everything is marked yet: the total may still rise.")
    return remarks


@dataclass(frozen=True)
class Card:
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
        """What was earned; a dash if a person has yet to give it."""
        pending = self.mark.label == NOT_MARKED and not self.mark.by_hand
        return "–" if pending else number(self.mark.points)

    @property
    def answer(self) -> str:
        """What was read; nothing for a text that a person marks."""
        return "" if self.mark.label in (NOT_MARKED, LOOK_AGAIN, MARKED) else self.mark.answer


def _card(mark: Mark, kind: str, title: str, hint: str, solution: str) -> Card:
    wrong = ("◐", "Partly right", "open") if mark.points else ("✗", "Not right", "bad")
    verdict = _WORDS.get(mark.label, wrong)
    if mark.by_hand and mark.label not in (MARKED, LOOK_AGAIN):
        verdict = ("✎", "Points given by your teacher", "open")
    helps = mark.points < mark.max_points and mark.label not in (NOT_MARKED, MARKED)
    quotes = kind == "derivation" or mark.label in (UNREADABLE, "error")
    return Card(mark, *verdict, title, hint if helps else "", quotes, solution)
