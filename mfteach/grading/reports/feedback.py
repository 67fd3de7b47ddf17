"""One page for each student: what was right, what failed, a hint. No script, no network."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.files import write
from mfteach.grading.marks.late import lateness
from mfteach.grading.marks.results import LOOK_AGAIN, MARKED, OK, Mark, Result
from mfteach.grading.marks.score import RIGHT, TO_BE_MARKED, UNREADABLE
from mfteach.grading.reports.math_as_html import readable
from mfteach.grading.reports.page import STYLE, number, page
from mfteach.grading.settings import Course
from mfteach.grading.students import is_id
from mfteach.grading.submissions.typed import NOT_ANSWERED

_WORDS = {
    RIGHT: ("✓", "Right", "good"),
    NOT_ANSWERED: ("○", "Not answered", "open"),
    TO_BE_MARKED: ("✎", "Not marked yet", "open"),
    LOOK_AGAIN: ("✎", "To be marked again", "open"),
    MARKED: ("✎", "Marked by your teacher", "open"),
}
_QUOTING = (UNREADABLE, "error")
"""Labels whose reason may quote the student: no formulas are looked for in it."""


def write_feedback(
    course: Course,
    assignment: Assignment,
    result: Result,
    titles: Mapping[str, str],
    hints: Mapping[str, str],
) -> Path | None:
    """Write ``feedback/STUDENT/ASSIGNMENT.html`` and return it; None for a name that is no id."""
    if not is_id(result.student):
        return None
    file = course.folder / "feedback" / result.student / f"{assignment.name}.html"
    write(file, feedback(course, assignment, result, titles, hints))
    return file


def feedback(
    course: Course,
    assignment: Assignment,
    result: Result,
    titles: Mapping[str, str],
    hints: Mapping[str, str],
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
    """
    head = (
        f"<h1>{html.escape(assignment.title)}</h1>"
        f"<p class=quiet>{html.escape(assignment.name)} · {html.escape(result.student)}</p>"
        f"<p class=total><strong>{number(result.points)}</strong> of "
        f"{number(result.max_points)} points</p>"
        f"{_remarks(course, assignment, result)}"
    )
    if result.label != OK:
        return page(f"{assignment.title}: {result.student}", head, STYLE)
    cards = [
        _card(mark, titles.get(mark.question, ""), hints.get(mark.question, ""))
        for mark in result.marks
    ]
    return page(f"{assignment.title}: {result.student}", head + "".join(cards), STYLE)


def _remarks(course: Course, assignment: Assignment, result: Result) -> str:
    remarks = []
    if result.label != OK:
        remarks.append(f"Nothing was graded. {result.reason}")
    elif result.reason:
        remarks.append(result.reason)
    late = lateness(course, assignment.name, result)
    if late.days:
        days = "1 day" if late.days == 1 else f"{late.days} days"
        remarks.append(f"Submitted {days} late: {number(late.points)} points count.")
    if any(mark.label in (TO_BE_MARKED, LOOK_AGAIN) for mark in result.marks):
        remarks.append("Not everything is marked yet: the total may still rise.")
    return "".join(f"<p class=remark>{html.escape(remark)}</p>" for remark in remarks)


def _card(mark: Mark, title: str, hint: str) -> str:
    sign, words, kind = _WORDS.get(mark.label, ("✗", "Not right", "bad"))
    if mark.by_hand and mark.label not in (MARKED, LOOK_AGAIN):
        sign, words, kind = "✎", "Points given by your teacher", "open"
    place = mark.question.removeprefix("q")
    heading = f"{place}. {readable(title)}" if title else f"Question {html.escape(place)}"
    points = "–" if mark.label == TO_BE_MARKED and not mark.by_hand else number(mark.points)
    parts = [
        f"<section class={kind}><h2>{heading}</h2>",
        f"<p class=verdict><span aria-hidden=true>{sign}</span> {words}"
        f"<span class=points>{points} / {number(mark.max_points)}</span></p>",
    ]
    if mark.answer and mark.label not in (TO_BE_MARKED, LOOK_AGAIN, MARKED):
        parts.append(f"<p class=quiet>Read: <code>{html.escape(mark.answer)}</code></p>")
    if mark.reason:
        quoted = mark.label in _QUOTING
        parts.append(f"<p>{html.escape(mark.reason) if quoted else readable(mark.reason)}</p>")
    if mark.comment:
        comment = html.escape(mark.comment).replace("\n", "<br>")
        parts.append(f"<p class=comment>Your teacher: {comment}</p>")
    if hint and mark.points < mark.max_points and mark.label not in (TO_BE_MARKED, MARKED):
        parts.append(f"<p class=hint><strong>Hint.</strong> {readable(hint)}</p>")
    return "".join([*parts, "</section>"])
