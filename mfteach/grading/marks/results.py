"""What grading found, student by student, and the rows of ``grades.csv``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mfteach.answers.missing import NOT_ANSWERED
from mfteach.console import UsageError
from mfteach.grading.files import write, write_json
from mfteach.grading.marks.labels import NOT_MARKED
from mfteach.grading.students import shown

OK, REFUSED, NOT_SUBMITTED, FAILED = "ok", "refused", "not submitted", "grading failed"
MARKED, LOOK_AGAIN = "marked", "look again"
FINAL, MISSING = "final", "missing"
COLUMNS = ("student", "assignment", "question", "points", "max_points", "label", "reason")
TOTAL = "total"


@dataclass(frozen=True)
class Mark:
    """What one question earned; `score.Score` as it is stored.

    Parameters
    ----------
    question : str
    points, max_points : float
    label, reason : str
    answer : str
        The answer as it was read.
    comment : str
        The teacher's.
    by_hand : bool
        Whether the points are the teacher's.
    """

    question: str
    points: float
    max_points: float
    label: str
    reason: str
    answer: str = ""
    comment: str = ""
    by_hand: bool = False


@dataclass(frozen=True)
class Manual:
    """What the teacher entered for a question in nbgrader's page.

    Parameters
    ----------
    points : float or None
        None if only a comment was written.
    comment : str
    outdated : bool
        Whether the answer has changed since.
    """

    points: float | None
    comment: str = ""
    outdated: bool = False


@dataclass(frozen=True)
class Result:
    """What one student earned in an assignment.

    Parameters
    ----------
    student : str
        The name of the folder, as harmless text.
    marks : tuple of Mark
    label : str
        "ok", "refused", "not submitted" or "grading failed".
    reason : str
        Why, or what is missing.
    digest : str or None
        SHA-256 of the file; None if none was read.
    submitted_at : str or None
        In ISO 8601.
    same_as : tuple of str
        Who else submitted the same file, byte for byte.
    alike : tuple of (str, str)
        Whose answers are alike, and which: for the instructor alone.
    """

    student: str
    marks: tuple[Mark, ...]
    label: str = OK
    reason: str = ""
    digest: str | None = None
    submitted_at: str | None = None
    same_as: tuple[str, ...] = ()
    alike: tuple[tuple[str, str], ...] = ()

    @property
    def points(self) -> float:
        """The points of all questions together."""
        return sum(mark.points for mark in self.marks)

    @property
    def max_points(self) -> float:
        """The points that could be earned."""
        return sum(mark.max_points for mark in self.marks)

    @property
    def unmarked(self) -> tuple[str, ...]:
        """The questions whose points a person has yet to give, or to look at again."""
        return tuple(
            mark.question
            for mark in self.marks
            if mark.label == LOOK_AGAIN or (mark.label == NOT_MARKED and not mark.by_hand)
        )

    @property
    def standing(self) -> str:
        """Say "final", or why there is no total yet.

        "not marked yet", "refused", "missing" and "grading failed" are four different things, and
        none of them is 0 points.
        """
        if self.label == NOT_SUBMITTED:
            return MISSING
        if self.label != OK:
            return self.label
        return NOT_MARKED if self.unmarked else FINAL

    def with_manual(self, manual: Mapping[tuple[str, str], Manual]) -> Result:
        """Return the result with the teacher's points and comments in place of ours."""
        marks = (_overlaid(mark, manual.get((self.student, mark.question))) for mark in self.marks)
        return replace(self, marks=tuple(marks))

    @property
    def summary(self) -> str:
        """What the row of the total says in words."""
        if self.label != OK:
            return self.reason
        parts = [self.reason] if self.reason else []
        for label, words in _MISSING.items():
            names = ", ".join(mark.question for mark in self.marks if mark.label == label)
            parts += [f"{words}: {names}."] if names else []
        return " ".join(parts) or OK

    def rows(self, assignment: str) -> Iterator[tuple[Any, ...]]:
        """The rows of ``grades.csv``: one for each question, and the total."""
        for mark in self.marks:
            what = (mark.question, mark.points, mark.max_points, mark.label, mark.reason)
            yield (self.student, assignment, *what)
        total = (TOTAL, self.points, self.max_points, self.label, self.summary)
        yield (self.student, assignment, *total)


_MISSING = {
    NOT_ANSWERED: "Not answered",
    NOT_MARKED: "Not marked yet",
    LOOK_AGAIN: "Changed after it was marked",
}


def _overlaid(mark: Mark, manual: Manual | None) -> Mark:
    if manual is None:
        return mark
    mark = replace(mark, comment=manual.comment)
    if manual.points is None:
        return mark
    mark = replace(mark, points=manual.points, by_hand=True)
    if manual.outdated:
        reason = "The answer changed after it was marked by hand, so the mark needs another look."
        return replace(mark, label=LOOK_AGAIN, reason=reason)
    if mark.label == NOT_MARKED:
        return replace(mark, label=MARKED, reason="")
    return replace(mark, reason=f"{mark.reason} The points were given by hand.".strip())


def without_answers(
    student: str, questions: Iterable[tuple[str, float]], label: str, reason: str
) -> Result:
    """Return the result of a submission that could not be graded; any name is allowed."""
    marks = tuple(Mark(name, 0, points, label, "") for name, points in questions)
    return Result(shown(student), marks, label, reason)


@dataclass(frozen=True)
class ClassResult:
    """What a class earned in an assignment, without the teacher's marks.

    Parameters
    ----------
    assignment : str
    results : tuple of Result
        In the order of the students.
    distractors : mapping of str to tuple of str
        The labels of all wrong options of a choice, by question: also of those that nobody chose.
    """

    assignment: str
    results: tuple[Result, ...]
    distractors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def save(self, course: Path) -> None:
        """Write ``reports/ASSIGNMENT.json``: feedback and exports are made from it."""
        results = [asdict(result) for result in self.results]
        stored = {"distractors": dict(self.distractors), "results": results}
        write_json(_file(course, self.assignment), stored)

    @classmethod
    def load(cls, course: Path, assignment: str) -> ClassResult:
        """Read what `save` wrote.

        Raises
        ------
        UsageError
            If the assignment was not graded yet.
        """
        file = _file(course, assignment)
        if not file.is_file():
            raise UsageError(f"{assignment} was not graded yet: run mfteach-grade {assignment}")
        try:
            stored = json.loads(file.read_text(encoding="utf-8"))
            if isinstance(stored, list):  # as the version before wrote it
                stored = {"distractors": {}, "results": stored}
            distractors = {name: tuple(each) for name, each in stored["distractors"].items()}
            return cls(assignment, tuple(map(_result, stored["results"])), distractors)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(
                f"{file} is damaged, or of another version: run mfteach-grade {assignment} again"
            ) from error

    def with_manual(self, manual: Mapping[tuple[str, str], Manual]) -> ClassResult:
        """Return the results with the teacher's points and comments."""
        return replace(self, results=tuple(result.with_manual(manual) for result in self.results))


def _file(course: Path, assignment: str) -> Path:
    return course / "reports" / f"{assignment}.json"


def _result(entry: dict[str, Any]) -> Result:
    marks = tuple(Mark(**mark) for mark in entry.pop("marks"))
    same_as = tuple(entry.pop("same_as"))
    alike = tuple((other, what) for other, what in entry.pop("alike", ()))
    return Result(marks=marks, same_as=same_as, alike=alike, **entry)


# CSV ---------------------------------------------------------------------------------------------

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""Beginnings of a cell that a spreadsheet would compute instead of show."""


def table(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV. A spreadsheet takes no text in it for a formula; numbers stay numbers."""
    return _csv([cell(entry) for entry in row] for row in rows)


def _csv(rows: Iterable[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def cell(entry: Any) -> str:
    """Return a cell: a number as it is, a text on one line, with an apostrophe if necessary."""
    if isinstance(entry, int | float):
        return f"{entry:.10g}"
    text = "".join(c if c.isprintable() else " " for c in entry)
    return f"'{text}" if entry.startswith(_FORMULA_STARTS) or text.startswith(" ") else text


def write_grades(course: Path, result: ClassResult) -> Path:
    """Put the rows of an assignment into ``grades.csv``; rows of other assignments stay.

    Raises
    ------
    UsageError
        If there is a ``grades.csv`` that is not ours.
    """
    file = course / "grades.csv"
    rows = [row for row in _stored(file) if row[1] != result.assignment]
    rows += [
        [cell(c) for c in row] for one in result.results for row in one.rows(result.assignment)
    ]
    rows.sort(key=lambda row: row[1])  # stable: within an assignment the order stays
    write(file, _csv([COLUMNS, *rows]))
    return file


def _stored(file: Path) -> list[list[str]]:
    if not file.is_file():
        return []
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    if not rows or tuple(rows[0]) != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise UsageError(
            f"{file} was changed by another program: move it away, and grading writes a new one"
        )
    return rows[1:]
