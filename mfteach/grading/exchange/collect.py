"""Puts what was handed in into ``submitted/``, from a zip of Canvas or Moodle or from a folder."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from traceback import format_exc

from mfteach.console import UsageError
from mfteach.grading.assignments.question_files import assignment_names
from mfteach.grading.exchange.archive import opened
from mfteach.grading.exchange.people import People, UnclearError, people
from mfteach.grading.exchange.schemes import Piece, pieces
from mfteach.grading.exchange.tables import Table
from mfteach.grading.files import write, write_bytes
from mfteach.grading.settings import Course
from mfteach.grading.students import class_list, is_id, shown
from mfteach.grading.submissions.collected import Collected, Origin, kept_gradebook
from mfteach.grading.submissions.notebooks import REFUSED, TIMESTAMP, Refusal

log = logging.getLogger(__name__)
Choose = Callable[[str, Sequence[str]], str | None]
"""Asks a person: what, and what there is to choose from; None if nobody is there."""
_MOST = 2 / 3


def nobody(what: str, options: Sequence[str]) -> str | None:
    """Answer as where nobody sits at the terminal: nothing."""
    return None


@dataclass(frozen=True)
class Decisions:
    """What a person has decided.

    Parameters
    ----------
    assignment : str or None
    students : mapping of str to str
        Our ids by what the system calls a student.
    files : mapping of str to str
        Which of several files counts, by what the system calls a student.
    choose : callable
        Asks about the rest.
    """

    assignment: str | None = None
    students: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    choose: Choose = nobody


@dataclass
class Outcome:
    """What was collected, student by student, and what was not, with the reason."""

    assignment: str
    system: str
    put: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    not_notebooks: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    untimed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def collect(course: Course, archive: Path, gradebook: Path | None, decisions: Decisions) -> Outcome:
    """Put the submissions of an archive into ``submitted/STUDENT/ASSIGNMENT/``.

    Of several copies of one file the newest counts, by the system's numbers. A notebook that
    replaces another leaves it beside it, under a hidden name. A file that is not a notebook is put
    there too: its student handed in something, and grading says why it is refused.

    Parameters
    ----------
    course : Course
    archive : Path
        A zip of Canvas or Moodle, or a folder.
    gradebook : Path or None
        The system's list of the class; it is kept for ``export``.
    decisions : Decisions

    Raises
    ------
    UsageError
        If it is not known which assignment this is, or a file cannot be used.
    """
    names = assignment_names(course.folder)
    theirs = Table.read(gradebook) if gradebook is not None else None
    with opened(archive) as files:
        found, others = pieces(files, names, class_list(course.folder))
        if not found:
            raise UsageError(
                f"{archive} contains nothing that can be told apart by student: it should be "
                "Canvas's or Moodle's zip of all submissions, or a folder with "
                "STUDENT/ASSIGNMENT.ipynb"
            )
        assignment = _assignment(course, names, found, decisions.assignment)
        found = [one for one in found if not set(one.found.parts) & (set(names) - {assignment})]
        collector = _Collector(course, assignment, theirs, decisions, found)
        collector.outcome.left_out = [shown(one.path) for one in others]
        collector.run()
    if gradebook is not None:
        write_bytes(kept_gradebook(course.folder, assignment), gradebook.read_bytes())
    return collector.outcome


class _Collector:
    """Works through the students one by one."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        theirs: Table | None,
        decisions: Decisions,
        found: Sequence[Piece],
    ) -> None:
        self.course, self.assignment = course, assignment
        self.decisions = decisions
        self.people: People = people(course.folder, theirs, decisions.students)
        self.outcome = Outcome(assignment, found[0].system)
        self.before = Collected.load(course.folder, assignment)
        self.origins = dict(self.before.origins)
        self.by_user: dict[str, list[Piece]] = {}
        for piece in found:
            self.by_user.setdefault(piece.user, []).append(piece)

    def run(self) -> None:
        who = self._who()
        for user, student in who.items():
            try:
                self._one(student, self._counting(user))
            except UnclearError as error:
                self.outcome.unclear.append(str(error))
            except (UsageError, OSError):  # these concern the whole class
                raise
            except Exception as error:  # one student must not stop the class: log it, and go on
                log.error("%s\n%s", shown(student), format_exc())
                self.outcome.unclear.append(f"{shown(student)}: {type(error).__name__}: {error}")
        there = {*self.origins, *who.values()}
        self.outcome.missing = [one for one in self.people.ours if one not in there]
        Collected(self.outcome.system, self.origins).save(self.course.folder, self.assignment)

    def _who(self) -> dict[str, str]:
        """Our ids by what the system calls a student; two students are never one."""
        who: dict[str, str] = {}
        for user, group in self.by_user.items():
            try:
                student = self.people.student(group[0])
            except UnclearError as error:
                answer = self.decisions.choose(str(error), sorted(self.people.ours))
                if answer is None:
                    self.outcome.unclear.append(str(error))
                    continue
                student = answer
            if not is_id(student):
                self.outcome.unclear.append(
                    f"{shown(student)} is not an id (1 to 64 of the characters A-Z a-z 0-9 _ . @ -)"
                    f": say who it is with --student {shown(user)}=ID"
                )
                continue
            who[user] = student
        for student, count in Counter(who.values()).items():
            if count > 1:
                users = [user for user, one in who.items() if one == student]
                self.outcome.unclear.append(
                    f"{', '.join(map(shown, users))} would all be {student}: "
                    f"say who is who with --student {shown(users[0])}=ID"
                )
                who = {user: one for user, one in who.items() if one != student}
        return who

    # Which file counts ---------------------------------------------------------------------------

    def _counting(self, user: str) -> Piece:
        group = self.by_user[user]
        notebooks = [piece for piece in group if piece.is_notebook]
        if not notebooks:
            return max(group, key=lambda piece: (not piece.is_typed, piece.order))
        decided = self.decisions.files.get(user)
        if decided is not None:
            return self._decided(user, notebooks, decided)
        named = [piece for piece in notebooks if piece.stem == self.assignment]
        newest = _newest(named or notebooks)
        if newest is not None:
            if len(notebooks) > 1:
                note = f"{shown(user)}: of {len(notebooks)} notebooks {shown(newest.own)} counts"
                self.outcome.notes.append(note)
            return newest
        options = [piece.own for piece in named or notebooks]
        what = (
            f"{shown(user)} handed in {len(options)} notebooks, {', '.join(map(shown, options))}: "
            f"say which counts with --file {shown(user)}=NAME"
        )
        answer = self.decisions.choose(what, options)
        if answer is None:
            raise UnclearError(what)
        return self._decided(user, notebooks, answer)

    def _decided(self, user: str, notebooks: Sequence[Piece], name: str) -> Piece:
        for piece in notebooks:
            if name in (piece.own, piece.found.name, piece.found.path):
                return piece
        names = ", ".join(shown(piece.own) for piece in notebooks)
        raise UnclearError(f"{shown(user)} handed in {names}, and not {shown(name)}")

    # Into place ----------------------------------------------------------------------------------

    def _one(self, student: str, piece: Piece) -> None:
        earlier = self.origins.get(student)
        if earlier is not None and piece.order < earlier.order:
            self.outcome.older.append(student)
            return
        folder = self.course.folder / "submitted" / student / self.assignment
        try:
            self._put(student, folder, piece)
        except Refusal as refusal:
            write(folder / REFUSED, f"{shown(piece.own)}: {refusal.reason}\n")
            self._clear(folder, REFUSED)
            self.outcome.not_notebooks.append(student)
        self.outcome.put.append(student)
        self.origins[student] = Origin(piece.user, piece.found.path, piece.order, piece.late)
        self._note_time(student, folder, piece)

    def _put(self, student: str, folder: Path, piece: Piece) -> None:
        data = piece.found.read()
        name = f"{self.assignment}.ipynb" if piece.is_notebook else _harmless(piece.own)
        if not piece.is_notebook:
            self.outcome.not_notebooks.append(student)
        if (folder / name).is_file() and (folder / name).read_bytes() == data:
            self._clear(folder, name)
            return
        if self._clear(folder, ""):
            self.outcome.replaced.append(student)
        write_bytes(folder / name, data)

    def _clear(self, folder: Path, keep: str) -> bool:
        """Hide what was handed in before; whether there was anything."""
        there = [
            file
            for file in (folder.iterdir() if folder.is_dir() else ())
            if file.name not in (keep, TIMESTAMP) and not file.name.startswith(".")
        ]
        for file in there:
            file.replace(file.with_name(f".earlier-{file.name}"))
        return bool(there)

    def _note_time(self, student: str, folder: Path, piece: Piece) -> None:
        stamp = folder / TIMESTAMP
        when = self._submitted_at(piece)
        if when is not None:
            write(stamp, f"{when:%Y-%m-%d %H:%M:%S} UTC\n")
            return
        if student in self.outcome.replaced:  # it was that of the file before
            stamp.unlink(missing_ok=True)
        if not stamp.is_file() and student not in self.outcome.not_notebooks:
            (self.outcome.late if piece.late else self.outcome.untimed).append(student)

    def _submitted_at(self, piece: Piece) -> datetime | None:
        theirs = self.people.theirs
        if theirs is None:
            return None
        rows = (row for row in theirs.rows if theirs.user(row) == piece.user)
        row = next(rows, None)
        return None if row is None else theirs.submitted_at(row, self.course.timezone)


def _newest(notebooks: Sequence[Piece]) -> Piece | None:
    """The newest of several copies of one file; None if they are different files.

    Canvas numbers files in the order in which they came; elsewhere copies of one name are equal
    only if their bytes are.
    """
    if len(notebooks) == 1:
        return notebooks[0]
    if len({piece.stem for piece in notebooks}) == 1 and all(piece.order for piece in notebooks):
        return max(notebooks, key=lambda piece: piece.order)
    try:
        same = len({piece.found.read() for piece in notebooks}) == 1
    except Refusal:
        return None
    return notebooks[0] if same else None


def _harmless(name: str) -> str:
    """The name of a file that is not a notebook, as one that may be written anywhere."""
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[-60:].lstrip(".-") or "file"
    return (
        f"{name}.txt" if name.lower().endswith(".ipynb") or name in (TIMESTAMP, REFUSED) else name
    )


def _assignment(
    course: Course, names: Sequence[str], found: Sequence[Piece], decided: str | None
) -> str:
    """Which assignment most notebooks belong to, by their names or by their titles."""
    known = ", ".join(names) or "none"
    if decided is not None:
        if decided not in names:
            raise UsageError(f"there is no assignment {decided!r}; the course has: {known}")
        return decided
    votes: Counter[str] = Counter()
    titles = {name: _title(course.folder, name) for name in names}
    for piece in found:
        if piece.is_notebook:
            votes.update([_one_vote(piece, names, titles)])
    del votes[""]
    if len(votes) > 0:
        name, count = votes.most_common(1)[0]
        if count >= _MOST * votes.total():
            return name
    what = ", ".join(f"{name} ({count})" for name, count in votes.most_common())
    raise UsageError(
        f"it is not clear which assignment this is: {what or 'no notebook is named after one'}; "
        f"say it with --assignment NAME, one of {known}"
    )


def _one_vote(piece: Piece, names: Sequence[str], titles: Mapping[str, bytes]) -> str:
    inside = [part for part in (*piece.found.parts[:-1], piece.stem) if part in names]
    if inside:
        return inside[-1]
    try:
        data = piece.found.read()
    except Refusal:
        return ""
    return next((name for name, title in titles.items() if title and title in data), "")


def _title(course: Path, name: str) -> bytes:
    """How the title of a release begins, as it stands in the file: "# Exercises 03:"."""
    file = course / "release" / name / f"{name}.ipynb"
    match = re.search(rb"# [^\"\\:]*\d\d:", file.read_bytes()) if file.is_file() else None
    return match[0] if match else b""
