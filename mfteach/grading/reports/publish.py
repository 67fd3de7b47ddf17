"""From what was graded and what the teacher marked by hand: grades, feedback, the class report."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.marks import gradebook
from mfteach.grading.marks.grade import given, release_file
from mfteach.grading.marks.results import ClassResult, write_grades
from mfteach.grading.reports.feedback import write_feedback
from mfteach.grading.reports.report import write_report
from mfteach.grading.reports.solutions import solutions
from mfteach.grading.settings import Course

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


def publish(course: Course, assignment: Assignment, result: ClassResult) -> Published:
    """Write ``grades.csv``, a page of feedback for each student, and the class report.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    result : ClassResult
        Without the teacher's marks: they are read from the gradebook.
    """
    result = result.with_manual(gradebook.manual_marks(course.folder, assignment))
    pages = []
    for one in result.results:
        printed = Printed.of(given(course, assignment.name, one.student))
        solved = solutions(course, assignment, one.student)
        pages.append(write_feedback(course, assignment, one, printed.titles, printed.hints, solved))
    titles = Printed.of(release_file(course, assignment.name)).titles
    return Published(
        result,
        write_grades(course.folder, result),
        [page for page in pages if page is not None],
        write_report(course, assignment, result, titles),
    )
