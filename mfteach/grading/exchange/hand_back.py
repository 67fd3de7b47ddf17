"""Gives marks and feedback back in the files that the class's own system takes.

Canvas gets its gradebook with one column filled, and a zip of notebooks under the names of those
that were downloaded: Canvas files what comes back under the name of what was handed in, so the
feedback on a notebook is a notebook. Moodle gets its grading worksheet, and a zip of pages in the
folders of its own zip.

Source: Canvas, ``lib/gradebook_importer.rb`` and ``infer_comment_context_from_filename``; Moodle,
``mod/assign/feedback/offline/importgradeslib.php`` and ``feedback/file/importziplib.php``.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mfteach.console import UsageError
from mfteach.grading.assignments.outline import AnyAssignment
from mfteach.grading.exchange.people import People, UnclearError
from mfteach.grading.exchange.tables import Table
from mfteach.grading.files import write_bytes
from mfteach.grading.marks.results import FINAL, MISSING, cell
from mfteach.grading.reports.export import Row
from mfteach.grading.students import shown
from mfteach.grading.submissions.collected import CANVAS, MOODLE, Collected, Origin

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest date in a zip: the same bytes every day
_ABOUT = re.compile(
    r"Student|LastName|FirstName|ID|SIS User ID|SIS Login ID|Integration ID|Root Account|Section"
)


@dataclass
class Filled:
    """A filled table, and whose mark did not get into it, with the reason.

    Parameters
    ----------
    text : str
    marks : int
        How many cells were filled.
    left : dict of str to list of str
        Students by why their cell was left as it was.
    """

    text: str = ""
    marks: int = 0
    left: dict[str, list[str]] = field(default_factory=dict)

    def leave(self, why: str, student: str) -> None:
        """Note that a cell stays as it was."""
        self.left.setdefault(why, []).append(student)


def fill(
    table: Table, assignment: AnyAssignment, rows: Sequence[Row], people: People, column: str | None
) -> Filled:
    """Fill the column of an assignment in the system's own table.

    Every other cell keeps its text, and so does that of everybody without a final mark.

    Parameters
    ----------
    table : Table
    assignment : AnyAssignment
    rows : sequence of Row
    people : People
    column : str or None
        Of a Canvas gradebook; None to find it by the assignment's name or title.

    Raises
    ------
    UsageError
        If the column is not clear, or gives other points than the questions.
    """
    by_student = {row.result.student: row for row in rows}
    filled = Filled()
    if table.system == CANVAS:
        place = _canvas_column(table, assignment, column)
        keep = [i for i, title in enumerate(table.head) if _ABOUT.fullmatch(title)] + [place]
    else:
        place = table.column("Grade") or 0
        keep = list(range(len(table.head)))
    _check_points(table, place, assignment)
    seen = set()
    lines = [[table.head[i] for i in keep]]
    for row in table.rows:
        cells = list(row)
        user = table.user(row)
        student = _student(people, user, table.name(row)) if user else None
        if user and student in by_student and student is not None:
            seen.add(student)
            _fill_row(table, cells, place, by_student[student], filled)
        elif user:
            filled.leave("not in this course's marks", shown(table.name(row) or user))
        lines.append([cells[i] for i in keep])
    for student, one in by_student.items():
        if student not in seen and one.standing != MISSING:
            filled.leave(f"not in {table.file.name}", shown(student))
    filled.text = _csv(lines, table)
    return filled


def _student(people: People, user: str, name: str) -> str | None:
    try:
        return people.resolve(user, name)
    except UnclearError:
        return None


def _fill_row(table: Table, cells: list[str], place: int, row: Row, filled: Filled) -> None:
    student = row.result.student
    before = cells[place].strip()
    comments = table.column("Feedback comments") if table.system == MOODLE else None
    if before.casefold() == "ex":
        filled.leave("excused", student)
    elif before.casefold() == "n/a":
        filled.leave("not assigned to them", student)
    elif table.cell(cells, "Grade can be changed").casefold() == "no":
        filled.leave("the grade cannot be changed", student)
    elif row.standing != FINAL:
        filled.leave(row.standing, student)
        if comments is not None and not cells[comments].strip():
            cells[comments] = cell(row.comment)
    else:
        cells[place] = _number(row.points, table)
        filled.marks += 1
        if comments is not None and not cells[comments].strip():
            cells[comments] = cell(row.comment)


def _number(points: float | str, table: Table) -> str:
    text = cell(points)
    return text.replace(".", ",") if table.separator == ";" else text


def _csv(lines: Sequence[Sequence[str]], table: Table) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=table.separator, lineterminator="\r\n").writerows(lines)
    return ("\ufeff" if table.has_mark else "") + stream.getvalue()


def _canvas_column(table: Table, assignment: AnyAssignment, wanted: str | None) -> int:
    """The place of the assignment's column: "03-power-rule (90218)"."""
    titles = {i: title for i, title in enumerate(table.head) if re.search(r"\(\d+\)$", title)}
    if wanted is not None:
        named = [i for i, title in enumerate(table.head) if wanted in (title, _without_id(title))]
    else:
        names = {_letters(assignment.name), _letters(assignment.title)}
        named = [i for i, title in titles.items() if _letters(_without_id(title)) in names]
        named = named or [
            i for i, title in titles.items() if any(n in _letters(title) for n in names)
        ]
    if len(named) == 1:
        return named[0]
    known = ", ".join(f'"{title}"' for title in titles.values()) or "none"
    problem = "has several columns" if named else "has no column"
    raise UsageError(
        f"{table.file} {problem} for {wanted or assignment.name}: name it with --column, one of "
        f"{known}"
    )


def _without_id(title: str) -> str:
    return re.sub(r"\s*\(\d+\)$", "", title)


def _letters(title: str) -> str:
    return re.sub(r"[\W_]", "", title.casefold())


def _check_points(table: Table, place: int, assignment: AnyAssignment) -> None:
    if table.system == CANVAS:
        given = [row[place] for row in table.rows if row[0].strip().startswith("Points Possible")]
    else:
        given = [table.cell(row, "Maximum Grade") for row in table.rows]
    for text in given:
        try:
            points = float(text.replace(",", "."))
        except ValueError:
            continue
        if points != assignment.points:
            raise UsageError(
                f"{table.file} gives {text.strip()} points for this assignment, and "
                f"questions/{assignment.name}.toml {assignment.points}: set it to "
                f"{assignment.points} in {table.system.capitalize()}, and download the file again"
            )


# Feedback ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feedback:
    """How the feedback of one student is written for each system: as a notebook, or as a page."""

    notebook: Callable[[], str]
    page: Callable[[], str]


def feedback_zip(
    file: Path, assignment: AnyAssignment, collected: Collected, pages: Mapping[str, Feedback]
) -> list[str]:
    """Write a zip of feedback that the system takes back, and return who is not in it.

    Parameters
    ----------
    file : Path
    assignment : AnyAssignment
    collected : Collected
        What the system called each file.
    pages : mapping of str to Feedback
        By student.
    """
    stream = io.BytesIO()
    without = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, feedback in pages.items():
            origin = collected.origins.get(student)
            if origin is None or (collected.system == CANVAS and not _is_notebook(origin)):
                without.append(student)
            elif collected.system == CANVAS:
                _add(archive, origin.path.rpartition("/")[2], feedback.notebook())
            else:
                _add(archive, _moodle_path(origin.path, assignment.name), feedback.page())
    write_bytes(file, stream.getvalue())
    return without


def _is_notebook(origin: Origin) -> bool:
    """Whether Canvas can give a notebook back in its place; what was typed there is not a file."""
    return origin.order > 0 and origin.path.lower().endswith(".ipynb")


def _add(archive: zipfile.ZipFile, path: str, text: str) -> None:
    info = zipfile.ZipInfo(path, _LONG_AGO)
    info.external_attr = 0o644 << 16
    archive.writestr(info, text.encode(), zipfile.ZIP_DEFLATED)


def _moodle_path(path: str, assignment: str) -> str:
    """The folder that Moodle made for the student, or makes one of its name without folders."""
    folder = next(part for part in path.split("/") if "_assignsubmission_" in part)
    match = re.match(r".*?_\d+_assignsubmission_[a-z]+", folder, re.DOTALL)
    return f"{match[0] if match else folder}/{assignment}-feedback.html"
