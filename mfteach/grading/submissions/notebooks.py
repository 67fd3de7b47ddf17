"""Reads ``submitted/`` as data: whatever is there becomes a submission, or a reason why not."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mfteach.grading.students import is_id, shown

TIMESTAMP = "timestamp.txt"
REFUSED = "refused.txt"
"""Beside a notebook: when it was handed in; or in place of one: why it could not be collected."""
MAX_BYTES = 20 * 2**20
MAX_PARTS = 1_000_000
"""Opening brackets in a notebook: each becomes an object in memory."""
MAX_CODE = 500_000
"""Characters in all cells that are not Markdown: each takes a hundred bytes while it is read."""


class Refusal(Exception):
    """A submission that cannot be graded.

    Parameters
    ----------
    label : str
        "refused" or "not submitted".
    reason : str
        What is wrong, and what the student can do.
    """

    def __init__(self, label: str, reason: str) -> None:
        super().__init__(reason)
        self.label = label
        self.reason = reason


@dataclass(frozen=True)
class Cell:
    """A cell: ``kind`` is "code", "markdown" or "raw"; ``grade_id`` is nbgrader's name for it."""

    kind: str
    source: str
    grade_id: str | None = None


@dataclass(frozen=True)
class Code:
    """What a cell says, as `syntax.read` describes it."""

    plain: str
    is_python: bool
    answers: Mapping[str, list[list[Any]]]


@dataclass(frozen=True)
class Submission:
    """A notebook that a student submitted.

    Parameters
    ----------
    student : str
    cells : tuple of Cell
        In the order of the notebook.
    digest : str
        SHA-256 of the file, in hexadecimal digits.
    submitted_at : datetime or None
        From nbgrader's ``timestamp.txt``; None without one.
    note : str
        What the student's row adds, such as how the file was named.
    code : tuple of Code
        What each cell says; none before the cells are parsed (`apart.parsed`).
    """

    student: str
    cells: tuple[Cell, ...]
    digest: str
    submitted_at: datetime | None = None
    note: str = ""
    code: tuple[Code, ...] = ()

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Kind and source of each cell, as `syntax.read` takes them."""
        return [(cell.kind, cell.source) for cell in self.cells]

    def with_code(self, said: Iterable[Mapping[str, Any]]) -> Submission:
        """Return the submission with what `syntax.read` said about its cells."""
        return replace(self, code=tuple(Code(**one) for one in said))


# One submission ----------------------------------------------------------------------------------


def read(course: Path, student: str, assignment: str) -> Submission:
    """Read the notebook that a student submitted. Nothing in it is run, no link is followed.

    Raises
    ------
    Refusal
        If there is none, or it cannot be used; says what the student can do.
    """
    if not is_id(student):
        raise Refusal(
            "refused",
            "The name of the folder is not a student's id, which has 1 to 64 of the characters "
            "A-Z a-z 0-9 _ . @ - and does not begin with . or -.",
        )
    try:
        with _folder(course / "submitted", student, assignment) as folder:
            name, note = _notebook_name(folder, assignment)
            data = _read_file(folder, name, MAX_BYTES)
            submitted_at, time_note = _timestamp(folder)
    except FileNotFoundError as error:
        raise Refusal("not submitted", "Nothing was submitted.") from error
    except OSError as error:
        raise Refusal("refused", f"The submission cannot be read: {error.strerror}.") from error
    notes = " ".join(part for part in (note, time_note) if part)
    digest = hashlib.sha256(data).hexdigest()
    return Submission(student, _cells(data), digest, submitted_at, notes)


@contextmanager
def _folder(submitted: Path, student: str, assignment: str) -> Iterator[int]:
    """Open the folder of a submission, step by step, so that no step can be a link."""
    opened = [os.open(submitted, os.O_RDONLY | os.O_DIRECTORY)]
    try:
        for name in (student, assignment):
            _refuse_unless(stat.S_ISDIR, opened[-1], name, "a folder")
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            opened.append(os.open(name, flags, dir_fd=opened[-1]))
        yield opened[-1]
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _refuse_unless(kind: Any, folder: int, name: str, expected: str) -> os.stat_result:
    """Look at what a name stands for without opening it, since it may be a pipe or a device."""
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if kind(found.st_mode):
        return found
    what = next((word for test, word in _KINDS if test(found.st_mode)), "something else")
    raise Refusal("refused", f"{shown(name)} is {what} and not {expected}. Submit {expected}.")


_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISREG, "a file"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _notebook_name(folder: int, assignment: str) -> tuple[str, str]:
    """The name of the notebook, and what to say if it is not the usual one."""
    wanted = f"{assignment}.ipynb"
    there = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    names = [name for name in there if name.lower().endswith(".ipynb")]
    if wanted in names:
        return wanted, ""
    if not names:
        raise _no_notebook(folder, [name for name in there if name != TIMESTAMP], wanted)
    if len(names) > 1:
        raise Refusal(
            "refused",
            f"There are {len(names)} notebooks, and none is called {wanted}. "
            "Submit one, under that name.",
        )
    return names[0], f"The notebook was called {shown(names[0])}."


def _no_notebook(folder: int, there: list[str], wanted: str) -> Refusal:
    """What a folder without a notebook is: nothing handed in, or something that is refused."""
    if not there:
        return Refusal("not submitted", f"The folder contains no notebook. Submit {wanted}.")
    if there == [REFUSED]:
        why = _read_file(folder, REFUSED, 1000).decode(errors="replace").strip()
        return Refusal("refused", f"{shown(why)} Submit {wanted}.")
    what = f"{shown(there[0])} is not a notebook."
    return Refusal("refused", f"{what} Submit {wanted}.")


def _read_file(folder: int, name: str, most: int) -> bytes:
    found = _refuse_unless(stat.S_ISREG, folder, name, "a file")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
    try:
        descriptor = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:  # it has become a link meanwhile
            raise Refusal("refused", f"{shown(name)} is a link. Submit the file itself.") from error
        raise
    with os.fdopen(descriptor, "rb") as stream:
        opened = os.fstat(descriptor)
        if (opened.st_dev, opened.st_ino) != (found.st_dev, found.st_ino):
            raise Refusal("refused", f"{shown(name)} changed while it was read. Submit it again.")
        if opened.st_nlink > 1:
            raise Refusal(
                "refused", f"{shown(name)} is a link to another file. Submit a copy of your own."
            )
        data = stream.read(most + 1)
    if len(data) > most:
        raise Refusal(
            "refused",
            f"{shown(name)} is larger than {most >> 20} MB. Clear all outputs, save, submit again.",
        )
    return data


# The time ----------------------------------------------------------------------------------------

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*([+-]\d\d:?\d\d|[\w/+-]+)?"
)


def _timestamp(folder: int) -> tuple[datetime | None, str]:
    """When it was submitted, from nbgrader's ``timestamp.txt``; a note if that cannot be read."""
    try:
        text = _read_file(folder, TIMESTAMP, 200).decode("utf-8-sig").strip()
        return _time(text), ""
    except FileNotFoundError:
        return None, ""
    except (Refusal, ValueError, KeyError, OSError, OverflowError):
        return None, f"{TIMESTAMP} cannot be read, so it is not known when this was submitted."


def _time(text: str) -> datetime:
    """The time in UTC, which not every time has: year 1 at +23:59 is before the calendar begins."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"not a time: {text!r}")
    zone = match[2] or "UTC"
    if zone == "Z" or zone[0] in "+-":
        return datetime.fromisoformat(match[1] + zone).astimezone(UTC)
    local = datetime.fromisoformat(match[1])
    return local.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone)).astimezone(UTC)


# The cells ---------------------------------------------------------------------------------------

_SAVE_AGAIN = "Open it in JupyterLab, save it, and submit it again."


def _cells(data: bytes) -> tuple[Cell, ...]:
    if data.count(b"[") + data.count(b"{") > MAX_PARTS:
        raise Refusal(
            "refused", "The notebook has too many parts. Clear all outputs, save, submit again."
        )
    if not data.strip():
        raise Refusal("refused", f"The file is empty. {_SAVE_AGAIN}")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refusal("refused", f"The file is not text in UTF-8. {_SAVE_AGAIN}") from error
    except (ValueError, RecursionError) as error:
        raise Refusal("refused", f"The file is not a notebook (not JSON). {_SAVE_AGAIN}") from error
    cells = tuple(_cell(cell) for cell in _raw_cells(notebook) if isinstance(cell, dict))
    if sum(len(cell.source) for cell in cells if cell.kind != "markdown") > MAX_CODE:
        raise Refusal(
            "refused",
            f"The notebook contains more than {MAX_CODE // 1000} thousand characters of code. "
            "Remove what no answer needs, save, submit again.",
        )
    return cells


def _raw_cells(notebook: Any) -> list[Any]:
    """The cells, including those in the worksheets of nbformat 3."""
    if isinstance(notebook, dict):
        if isinstance(notebook.get("cells"), list):
            return list(notebook["cells"])
        sheets = notebook.get("worksheets")
        if isinstance(sheets, list):
            return [
                cell
                for sheet in sheets
                if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
                for cell in sheet["cells"]
            ]
    raise Refusal("refused", f"The file is not a notebook: it has no cells. {_SAVE_AGAIN}")


def _cell(cell: dict[Any, Any]) -> Cell:
    kind = cell.get("cell_type")
    metadata = cell.get("metadata")
    about = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = about.get("grade_id") if isinstance(about, dict) else None
    return Cell(
        kind if kind in ("code", "markdown") else "raw",
        _text(cell.get("source", cell.get("input", ""))),
        grade_id if isinstance(grade_id, str) else None,
    )


def _text(source: Any) -> str:
    """The source, a string or a list of lines, as text; half characters become question marks."""
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode("utf-8", "replace").decode()
