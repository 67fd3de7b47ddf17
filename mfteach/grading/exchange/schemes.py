r"""How Canvas, Moodle and plain folders name what was handed in.

Canvas ("Download Submissions") puts everything into one folder::

    hoppergrace_101_5001_03-power-rule.ipynb          sortable name, user, file, its own name
    hoppergrace_LATE_101_5001_03-power-rule-1.ipynb   late; -1: handed in again under this name
    anon_a1b2c_5001_03-power-rule.ipynb               anonymous grading
    hoppergrace_101_text.html                         typed into Canvas, or _link.html

Moodle ("Download all submissions") makes a folder for each student, or none::

    Grace Hopper_12345_assignsubmission_file/03-power-rule.ipynb      since 4.1
    Grace Hopper_12345_assignsubmission_file_/03-power-rule.ipynb     before
    Grace Hopper_12345_assignsubmission_file_03-power-rule.ipynb      without folders
    Grace Hopper_12345_assignsubmission_onlinetext/onlinetext.html    typed into Moodle

Source: Canvas, ``lib/content_zipper.rb``; Moodle, ``mod/assign/classes/downloader.php``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mfteach.grading.exchange.archive import Found
from mfteach.grading.submissions.collected import CANVAS, FOLDER, MOODLE

_CANVAS = re.compile(
    r"(?:(?P<name>.*?)_)??(?:(?P<late>LATE)_)?(?P<user>\d+|anon_[A-Za-z0-9]+)_"
    r"(?:(?P<file>\d+)_(?P<own>.+)|(?P<typed>text|link)\.html)",
    re.DOTALL,
)
_MOODLE = re.compile(
    r"(?P<name>.*?)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<own>.*))?", re.DOTALL
)
_AGAIN = re.compile(r"(.*?)(?:[ _]?\((\d+)\)|-(\d+))?(\.\w+)", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A file that a student handed in.

    Parameters
    ----------
    found : Found
    system : str
        "canvas", "moodle" or "folder".
    user : str
        What the system calls the student.
    name : str
        The student's name, as far as the path contains it.
    own : str
        What the student called the file.
    order : int
        Canvas's number of the file: the newer, the larger.
    late : bool
    is_typed : bool
        Whether it was typed into the system and is not a file of the student.
    """

    found: Found
    system: str
    user: str
    name: str
    own: str
    order: int = 0
    late: bool = False
    is_typed: bool = False

    @property
    def is_notebook(self) -> bool:
        """Whether it is called a notebook."""
        return self.own.lower().endswith(".ipynb") and not self.is_typed

    @property
    def stem(self) -> str:
        """Its own name without what a second copy adds: "-1", " (2)"."""
        return original(self.own)


def original(name: str) -> str:
    """Return the name of a file without what a second copy of it adds, and without its ending.

    ``03-power-rule-1.ipynb`` and ``03-power-rule (1).ipynb`` are copies of ``03-power-rule.ipynb``.
    """
    match = _AGAIN.fullmatch(name)
    return match[1] if match else name


def pieces(
    files: Sequence[Found], assignments: Collection[str], students: Collection[str]
) -> tuple[list[Piece], list[Found]]:
    """Return what the files are, and those whose paths name no student.

    Parameters
    ----------
    files : sequence of Found
    assignments : collection of str
        The names of the course's assignments: in a plain folder they may be parts of a path.
    students : collection of str
        The ids on the class list: in a plain folder they may be parts of a name.
    """
    known = [_of_moodle(one) for one in files]
    if not any(known):
        known = [_of_canvas(one) for one in files]
        if 2 * sum(map(bool, known)) < len(files):  # one odd name in a folder is not a scheme
            known = [_of_folder(one, assignments, students) for one in files]
    others = [one for one, piece in zip(files, known, strict=True) if piece is None]
    return [piece for piece in known if piece is not None], others


def _of_canvas(found: Found) -> Piece | None:
    match = _CANVAS.fullmatch(found.name)
    if match is None:
        return None
    return Piece(
        found,
        CANVAS,
        match["user"],
        match["name"] or "",
        match["own"] or f"{match['typed']}.html",
        int(match["file"] or 0),
        match["late"] is not None,
        match["typed"] is not None,
    )


def _of_moodle(found: Found) -> Piece | None:
    for place, part in enumerate(found.parts):
        match = _MOODLE.fullmatch(part)
        if match is not None:
            own = found.name if place < len(found.parts) - 1 else match["own"] or ""
            typed = match["kind"] != "file"
            name, user = match["name"], match["user"]
            return Piece(found, MOODLE, user, name, own, is_typed=typed) if own else None
    return None


def _of_folder(
    found: Found, assignments: Collection[str], students: Collection[str]
) -> Piece | None:
    """STUDENT/ASSIGNMENT/FILE, as nbgrader has it, STUDENT/FILE, STUDENT.ipynb or STUDENT_FILE."""
    *folders, name = found.parts
    while folders and folders[-1] in assignments:
        folders.pop()
    if folders and folders[-1] != "submitted":
        return Piece(found, FOLDER, folders[-1], "", name)
    if not name.lower().endswith(".ipynb"):
        return None
    stem = original(name)
    if stem in students or (not students and stem not in assignments):
        return Piece(found, FOLDER, stem, "", name)
    inside = [one for one in students if re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", stem)]
    inside += [one for one in students if stem.startswith((f"{one}_", f"{one}-"))]
    longest = max(inside, key=len, default=None)
    return Piece(found, FOLDER, longest, "", name) if longest else None
