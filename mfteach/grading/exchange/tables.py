"""The system's own list of the class: Canvas's gradebook, Moodle's grading worksheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mfteach.console import UsageError
from mfteach.grading.submissions.collected import CANVAS, MOODLE

_CANVAS_IDS = ("SIS Login ID", "SIS User ID", "Integration ID", "ID")
_MOODLE_IDS = ("ID number", "Username", "Email address")
_PARTICIPANT = "Participant "


@dataclass(frozen=True)
class Table:
    """A CSV file as it was downloaded.

    Parameters
    ----------
    file : Path
    system : str
        "canvas" or "moodle".
    head : tuple of str
    rows : tuple of list of str
        All that follow, also those that are not students.
    separator : str
    has_mark : bool
        Whether it begins with a byte order mark.
    """

    file: Path
    system: str
    head: tuple[str, ...]
    rows: tuple[list[str], ...]
    separator: str = ","
    has_mark: bool = False

    @classmethod
    def read(cls, file: Path) -> Table:
        """Read it, and see which system it is from.

        Raises
        ------
        UsageError
            If it cannot be read, or is from neither.
        """
        try:
            data = file.read_bytes()
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UsageError(f"{file} is not text in UTF-8: download it again") from error
        first = text.partition("\n")[0]
        separator = max(",;\t", key=first.count)
        try:
            rows = [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if r]
        except csv.Error as error:
            raise UsageError(f"{file} cannot be read ({error}): download it again") from error
        head = tuple(cell.strip() for cell in rows[0]) if rows else ()
        system = _system(head)
        if system is None:
            raise UsageError(
                f"{file} is neither Canvas's gradebook (first columns Student, ID) nor Moodle's "
                "grading worksheet (columns Identifier, Grade): give the file as it was downloaded"
            )
        width = len(head)
        body = tuple((row + [""] * width)[:width] for row in rows[1:])
        return cls(file, system, head, body, separator, data.startswith(b"\xef\xbb\xbf"))

    def column(self, name: str) -> int | None:
        """The place of a column; None if there is none of this name, in whatever case."""
        for place, title in enumerate(self.head):
            if title.casefold() == name.casefold():
                return place
        return None

    def cell(self, row: Sequence[str], name: str) -> str:
        """What a row says in a column; empty without it."""
        place = self.column(name)
        return "" if place is None else row[place].strip()

    def user(self, row: Sequence[str]) -> str:
        """What the system calls the student of a row; empty if it is not a student's."""
        if self.system == MOODLE:
            return self.cell(row, "Identifier").removeprefix(_PARTICIPANT)
        first = row[0].strip()
        if first.startswith("Points Possible") or first in ("Student, Test", "Test Student"):
            return ""
        return self.cell(row, "ID")

    def ids(self, row: Sequence[str]) -> list[str]:
        """What else may be our id of the student, the most usual first."""
        names = _CANVAS_IDS if self.system == CANVAS else _MOODLE_IDS
        found = [self.cell(row, name) for name in names]
        found += [one.partition("@")[0] for one in found if "@" in one]
        return [one for one in found if one]

    def name(self, row: Sequence[str]) -> str:
        """The name of the student of a row: Canvas's begins with the last name."""
        if self.system == MOODLE:
            return self.cell(row, "Full name")
        last, first = self.cell(row, "LastName"), self.cell(row, "FirstName")
        return f"{last}, {first}" if last or first else row[0].strip().lstrip("'")

    def submitted_at(self, row: Sequence[str], zone: ZoneInfo) -> datetime | None:
        """When a student submitted, as Moodle says it in the course's time zone, if it can be read.

        Canvas's gradebook does not say it.
        """
        text = self.cell(row, "Last modified (submission)")
        for form in _TIMES:
            try:
                return datetime.strptime(text, form).replace(tzinfo=zone).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
        return None


# Moodle's English, in the two orders of its language packs, and two that do not depend on one.
_TIMES = (
    "%A, %d %B %Y, %I:%M %p",
    "%A, %B %d, %Y, %I:%M %p",
    "%A, %d %B %Y, %H:%M",
    "%d/%m/%y, %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
)


def _system(head: Sequence[str]) -> str | None:
    folded = [title.casefold() for title in head]
    if "identifier" in folded and "grade" in folded:
        return MOODLE
    canvas = folded[:2] == ["student", "id"] or folded[:3] == ["lastname", "firstname", "id"]
    return CANVAS if canvas else None
