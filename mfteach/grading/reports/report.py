"""The class at a glance: who earned what, what is misunderstood, who needs attention."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean, median

from mfteach.answers.missing import NOT_ANSWERED
from mfteach.grading.assignments.outline import AnyAssignment
from mfteach.grading.files import write
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.labels import RIGHT
from mfteach.grading.marks.late import Deadlines
from mfteach.grading.marks.results import (
    FAILED,
    FINAL,
    LOOK_AGAIN,
    NOT_SUBMITTED,
    OK,
    REFUSED,
    ClassResult,
    Mark,
    Result,
)
from mfteach.grading.reports.class_figures import (
    common_slips,
    discrimination,
    hardest,
    is_pending,
    mean_rest,
    shares,
    slips,
)
from mfteach.grading.reports.page import number, page, percent
from mfteach.grading.sandbox.bytecode import slow_imports
from mfteach.grading.settings import Course
from mfteach.grading.students import is_id, shown

_MOST_SLIPS = 5
_ALARMING = ("time limit", "crashed")


def write_report(
    course: Course, assignment: AnyAssignment, result: ClassResult, titles: Mapping[str, str]
) -> Path:
    """Write ``reports/ASSIGNMENT.html`` and return it."""
    file = course.folder / "reports" / f"{assignment.name}.html"
    write(file, report(course, assignment, result, titles))
    return file


def report(
    course: Course, assignment: AnyAssignment, result: ClassResult, titles: Mapping[str, str]
) -> str:
    """Return the class report as a page.

    Parameters
    ----------
    course : Course
    assignment : AnyAssignment
    result : ClassResult
        With the teacher's marks, if there are any.
    titles : mapping of str to str
        The headings of the questions, in Markdown.

    Raises
    ------
    UsageError
        If a package that writes pages is not installed.
    """
    deadlines = Deadlines(course, assignment.name)
    fence, late = Fence(), []
    for one in result.results:
        with fence.around(one.student, "It is not known whether this was late"):
            if one.label == OK and (days := deadlines.lateness(one).days):
                late.append((one.student, days))
    result = fence.noted(result)
    graded = [one for one in result.results if one.label == OK]
    pending = [(one, mark) for one in result.results for mark in one.marks if is_pending(mark)]
    return page(
        "report.html",
        f"{assignment.title}: class report",
        assignment=assignment,
        figures=list(_figures(assignment, result, graded, len(late))),
        bars=_bars(assignment, graded),
        unmarked={mark.question: mark.max_points for one, mark in pending if one.label == OK},
        questions=list(_questions(assignment, graded, titles, result.distractors)),
        names=[question.name.removeprefix("q") for question in assignment.questions],
        students=[_student(deadlines, assignment, one) for one in result.results],
        alike=list(_alike(result)),
        flagged=list(_flagged(result)),
        pending=[one.student for one, _ in pending],
        late=late,
        slow=slow_imports(),
    )


def summary(course: Course, assignment: AnyAssignment, result: ClassResult) -> str:
    """Return the report in a few lines for the terminal."""
    graded = [one for one in result.results if one.label == OK]
    lines = [f"{len(graded)} of {len(result.results)} graded" + _others(result)]
    if graded:
        totals = [one.points for one in graded]
        lines.append(
            f"points: mean {mean(totals):.1f}, median {median(totals):.1f} of {assignment.points}"
        )
        hard = hardest(graded)
        if hard is not None:
            lines.append(
                f"hardest question: {hard} ({percent(shares(graded)[hard])} of its points)"
            )
        for name, label, share in common_slips(assignment, graded):
            lines.append(f"{percent(share):>5}  {name}: {label}")
    if slow := slow_imports():
        lines.append(slow)
    by_hand = sum(is_pending(mark) for one in graded for mark in one.marks)
    if by_hand:
        lines.append(f"{_answers(by_hand)} not marked yet (not in these points)")
    return "\n".join(lines)


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count} answers"


def _others(result: ClassResult) -> str:
    counts = Counter(one.label for one in result.results if one.label != OK)
    return "".join(f", {count} {label}" for label, count in sorted(counts.items()))


# Figures -----------------------------------------------------------------------------------------


def _figures(
    assignment: AnyAssignment, result: ClassResult, graded: Sequence[Result], n_late: int
) -> Iterator[tuple[str, str]]:
    """Large numbers, each with its label."""
    yield f"{len(graded)} of {len(result.results)}", "graded"
    if graded:
        totals = [one.points for one in graded]
        yield number(round(mean(totals), 1)), f"mean of {assignment.points}"
        yield number(round(median(totals), 1)), "median"
        yield f"{number(min(totals))}–{number(max(totals))}", "lowest and highest"
    counts = Counter(one.label for one in result.results)
    for label in (NOT_SUBMITTED, REFUSED, FAILED):
        if counts[label]:
            yield str(counts[label]), label
    if n_late:
        yield str(n_late), "late"


@dataclass(frozen=True)
class _Bar:
    """How many students have these points, as a bar of the chart, which is 600 wide, 220 high."""

    name: str
    count: int
    left: float
    width: float
    height: float


def _bars(assignment: AnyAssignment, graded: Sequence[Result]) -> list[_Bar]:
    """Totals as bars, at most about a dozen."""
    if not graded:
        return []
    points = max(1, math.ceil(assignment.points / 12))
    last = max(assignment.points, math.floor(max(one.points for one in graded)))
    starts = range(0, last + 1, points)
    counts = Counter(math.floor(max(0, one.points) / points) for one in graded)
    step, unit = 600 / len(starts), 220 / max(counts.values())
    return [
        _Bar(
            f"{start}" if points == 1 else f"{start}–{min(start + points - 1, last)}",
            counts[place],
            step * (place + 0.1),
            step * 0.8,
            unit * counts[place],
        )
        for place, start in enumerate(starts)
    ]


# Questions ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Question:
    """What is shown for one question: title and trap in Markdown, slips with their shares."""

    place: str
    title: str
    trap: str
    share: float
    share_words: str
    slips: list[tuple[str, float, str]]
    is_hardest: bool
    discrimination: str


def _questions(
    assignment: AnyAssignment,
    graded: Sequence[Result],
    titles: Mapping[str, str],
    distractors: Mapping[str, Sequence[str]],
) -> Iterator[_Question]:
    if not graded:
        return
    earned, hard = shares(graded), hardest(graded)
    for question in assignment.questions:
        name = question.name
        marks = [mark for one in graded for mark in one.marks if mark.question == name]
        yield _Question(
            place=name.removeprefix("q"),
            title=titles.get(name) or name,
            # Without the number or row in front, which is for authors.
            trap="The trap: " + question.misconception.partition(": ")[2],
            share=earned.get(name, 0),
            share_words=_share_words(question.kind, marks),
            slips=_slips_shown(name, graded, distractors.get(name, ())),
            is_hardest=name == hard,
            discrimination=_discrimination(name, graded),
        )


def _share_words(kind: str, marks: Sequence[Mark]) -> str:
    pending = sum(is_pending(mark) for mark in marks)
    if pending:
        return f"{pending} not marked yet"
    if kind in ("text", "derivation"):
        return f"mean {number(round(mean(mark.points for mark in marks), 1))}"
    return f"{percent(sum(mark.label == RIGHT for mark in marks) / len(marks))} right"


def _discrimination(name: str, graded: Sequence[Result]) -> str:
    value = discrimination(name, graded)
    return "" if value is None else f"{value:+.2f}".replace("-", "−")


def _slips_shown(
    name: str, graded: Sequence[Result], distractors: Sequence[str]
) -> list[tuple[str, float, str]]:
    """Each slip with what those who made it earned elsewhere; rare ones together as "others".

    Of a choice every distractor is shown: one that nobody takes tells nothing apart.
    """
    every = slips(name, graded, distractors)
    most = len(every) if distractors else _MOST_SLIPS
    first = [
        (label, share, number(round(mean_rest(name, label, graded), 1)) if share else "")
        for label, share in every[:most]
    ]
    rest = sum(share for _, share in every[most:])
    return first + ([("others", rest, "")] if rest else [])


# Student by student ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Student:
    """A row of the table: points by question, with what became of each, and when it came."""

    name: str
    copy: str
    feedback: str
    cells: list[tuple[str, str, str]]
    total: str
    when: str


def _student(deadlines: Deadlines, assignment: AnyAssignment, one: Result) -> _Student:
    is_named = is_id(one.student)
    copy = f"../submitted/{one.student}/{assignment.name}/{assignment.name}.ipynb"
    page = f"../feedback/{one.student}/{assignment.name}.html"
    is_graded = one.label == OK
    return _Student(
        one.student,
        copy if is_named and one.digest is not None else "",
        page if is_named else "",
        [_cell(mark) if is_graded else ("", "", "") for mark in one.marks],
        number(one.points) if one.standing == FINAL else one.standing,
        _when(deadlines, one),
    )


def _cell(mark: Mark) -> tuple[str, str, str]:
    """The points, what they are, and how the cell is coloured."""
    if is_pending(mark):
        return "–", mark.label, ""
    share = mark.points / mark.max_points if mark.max_points else 0
    return number(mark.points), mark.label, "good" if share >= 1 else "open" if share else "bad"


def _when(deadlines: Deadlines, one: Result) -> str:
    """When it was handed in, in the course's time zone."""
    if one.digest is None:
        return ""
    if one.submitted_at is None:
        return "late, time not known" if one.student in deadlines.late_by_system else "not known"
    try:
        when = datetime.fromisoformat(one.submitted_at).astimezone(deadlines.course.timezone)
    except (OverflowError, ValueError):
        return shown(one.submitted_at)
    return f"{when:%Y-%m-%d %H:%M}"


def _alike(result: ClassResult) -> Iterator[tuple[str, str, str]]:
    """Two students, and all that is alike."""
    for one in result.results:
        for other in dict.fromkeys(name for name, _ in one.alike):
            yield one.student, other, "; ".join(what for name, what in one.alike if name == other)


# Who needs attention -----------------------------------------------------------------------------


def _flagged(result: ClassResult) -> Iterator[tuple[str, str, str]]:
    """Student, what, and why."""
    for one in result.results:
        if one.label in (REFUSED, FAILED, NOT_SUBMITTED):
            yield one.student, one.label, one.reason
        elif one.reason:
            yield one.student, "note", one.reason
        for mark in one.marks:
            if mark.label in (*_ALARMING, LOOK_AGAIN):
                yield one.student, f"{mark.question}: {mark.label}", mark.reason
        if one.same_as and any(mark.label != NOT_ANSWERED for mark in one.marks):
            others = ", ".join(one.same_as)
            yield one.student, "identical", f"The same file, byte for byte, as that of {others}."
