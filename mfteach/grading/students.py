"""Who the students are: their ids and the class list."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

from mfteach.console import UsageError

STUDENT = re.compile(r"(?![.-])[A-Za-z0-9_.@-]{1,64}")
"""What the id of a student looks like."""
CLASS_LIST = "students.csv"
_NO_STUDENTS = {".ipynb_checkpoints", ".DS_Store", "__MACOSX"}
"""What file managers and editors leave behind."""


def is_id(name: str) -> bool:
    """Whether a name may be that of a student, and of a file that we write."""
    return STUDENT.fullmatch(name) is not None


def shown(name: str) -> str:
    """A name as harmless text: printable ASCII, with escapes for the rest, one for one."""
    return name.encode("unicode_escape").decode("ascii")


def students(course: Path) -> list[str]:
    """Return the names of all who are on the class list or have a folder in ``submitted/``.

    Invalid names are included unchanged: they get rows too.

    Raises
    ------
    UsageError
        If there is neither.
    """
    listed = class_list(course)
    submitted = course / "submitted"
    if not listed and not submitted.is_dir():
        raise UsageError(
            f"{submitted} is missing: put the notebooks into submitted/STUDENT/ASSIGNMENT/"
        )
    found = {entry.name for entry in submitted.iterdir()} if submitted.is_dir() else set()
    return sorted(set(listed) | (found - _NO_STUDENTS), key=os.fsencode)


def class_list(course: Path) -> dict[str, str]:
    """Return the ids in ``students.csv``, and the names that go with them; empty without the file.

    The columns are nbgrader's: id (or student), and optionally last_name and first_name.
    """
    file = course / CLASS_LIST
    if not file.is_file():
        return {}
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read: {error}; save it as CSV in UTF-8") from error
    key = next((key for key in ("id", "student") if rows and key in rows[0]), None)
    if rows and key is None:
        raise UsageError(f"{file}: its first line has no column id")
    names = {}
    for line, row in enumerate(rows, 2):
        student = (row[key or ""] or "").strip()
        if not is_id(student):
            raise UsageError(
                f"{file}, line {line}: '{shown(student)}' is not an id; an id has 1 to 64 of the "
                "characters A-Z a-z 0-9 _ . @ - and does not begin with . or -"
            )
        parts = [(row.get(part) or "").strip() for part in ("last_name", "first_name")]
        names[student] = ", ".join(part for part in parts if part)
    return names
