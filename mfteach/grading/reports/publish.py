"""From what was graded and what the teacher marked by hand: grades, feedback, the class report."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mfteach.grading.assignments.given import given, release_file
from mfteach.grading.assignments.outline import AnyAssignment
from mfteach.grading.files import steps
from mfteach.grading.marks.by_hand import manual_marks
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.late import Deadlines
from mfteach.grading.marks.results import ClassResult, write_grades
from mfteach.grading.reports.feedback import write_feedback
from mfteach.grading.reports.report import write_report
from mfteach.grading.settings import Course

if TYPE_CHECKING:
    from mfteach.grading.assignments.question_files import Assignment

_HEADING = re.compile(r"#+ *(?:\d+\. *)?(.*?) *(?:\(\d+ points?\b[^()]*\))?", re.ASCII)
_HINT = re.compile(r"<details>.*?</summary>(.*?)</details>", re.DOTALL)


@dataclass(frozen=True)
class Printed:
    """What a notebook prints about its questions, in Markdown, by question.

    Parameters
    ----------
    titles, hints : dict of str to str
    """

    titles: dict[str, str]
    hints: dict[str, str]

    @classmethod
    def of(cls, notebook: Path) -> Printed:
        """Read a released notebook."""
        titles, hints = {}, {}
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            about = cell.get("metadata", {}).get("nbgrader", {})
            name, _, part = str(about.get("grade_id", "")).partition("-")
            if part != "question":
                continue
            text = "".join(cell["source"])
            heading = _HEADING.fullmatch(text.partition("\n")[0])
            titles[name] = heading[1] if heading else name
            hint = _HINT.search(text)
            if hint:
                hints[name] = hint[1].strip()
        return cls(titles, hints)


@dataclass(frozen=True)
class Published:
    """The files that were written, and the results with the teacher's marks in them."""

    result: ClassResult
    grades: Path
    feedback: list[Path]
    report: Path


def publish(course: Course, assignment: AnyAssignment, result: ClassResult) -> Published:
    """Write ``grades.csv``, a page of feedback for each student, and the class report.

    Parameters
    ----------
    course : Course
    assignment : AnyAssignment
    result : ClassResult
        Without the teacher's marks: they are read from the gradebook.
    """
    fence = Fence()
    result = result.with_manual(manual_marks(course.folder, assignment, fence))
    deadlines, pages = Deadlines(course, assignment.name), []
    with steps(f"{assignment.name}, feedback", len(result.results)) as step:
        for one in result.results:
            with fence.around(one.student, "No feedback could be written"):
                printed = Printed.of(given(course.folder, assignment.name, one.student))
                solved = solutions_for(deadlines, assignment.name, one.student)
                about = (assignment, one, printed.titles, printed.hints, solved)
                pages.append(write_feedback(deadlines, *about))
            step()
    result = fence.noted(result)
    titles = Printed.of(release_file(course.folder, assignment.name)).titles
    return Published(
        result,
        write_grades(course.folder, result),
        [page for page in pages if page is not None],
        write_report(course, assignment, result, titles),
    )


def solutions_for(deadlines: Deadlines, assignment: str, student: str) -> dict[str, str]:
    """Return the solutions that a student may see; none before everybody's due date."""
    if not deadlines.are_over:
        return {}
    from mfteach.grading.reports.solutions import solutions  # takes SymPy and the checks

    return solutions(deadlines.course, whole(deadlines.course.folder, assignment), student)


@cache
def whole(course: Path, name: str) -> Assignment:
    """Return an assignment with its checks; they are run once for the class."""
    from mfteach.grading.assignments.question_files import Assignment

    return Assignment.load(course, name)
