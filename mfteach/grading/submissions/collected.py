"""Where each submission came from: what ``collect`` notes, and late days and exports need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mfteach.console import UsageError
from mfteach.grading.files import write_json

CANVAS, MOODLE, FOLDER = "canvas", "moodle", "folder"


@dataclass(frozen=True)
class Origin:
    """Where the submission of one student came from.

    Parameters
    ----------
    user : str
        What the system calls the student: Canvas's user, Moodle's participant.
    path : str
        The file in the archive.
    order : int
        Canvas's number of the file: the newer, the larger; 0 if there is none.
    late : bool
        Whether the system calls it late.
    """

    user: str
    path: str
    order: int = 0
    late: bool = False


@dataclass(frozen=True)
class Collected:
    """What was collected for an assignment.

    Parameters
    ----------
    system : str
        "canvas", "moodle", "folder", or nothing before anything was collected.
    origins : mapping of str to Origin
        By our id of the student.
    """

    system: str = ""
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @classmethod
    def load(cls, course: Path, assignment: str) -> Collected:
        """Read ``collected/ASSIGNMENT.json``; without it nothing was collected.

        Raises
        ------
        UsageError
            If the file is damaged.
        """
        file = course / "collected" / f"{assignment}.json"
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            origins = {student: Origin(**one) for student, one in data["origins"].items()}
            return cls(str(data["system"]), origins)
        except FileNotFoundError:
            return cls()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(f"{file} is damaged: delete it, and collect again") from error

    def save(self, course: Path, assignment: str) -> None:
        """Write ``collected/ASSIGNMENT.json``."""
        origins = {student: asdict(one) for student, one in sorted(self.origins.items())}
        file = course / "collected" / f"{assignment}.json"
        write_json(file, {"system": self.system, "origins": origins})


def kept_gradebook(course: Path, assignment: str) -> Path:
    """Return where ``collect`` keeps the system's list of the class."""
    return course / "collected" / f"{assignment}-gradebook.csv"
