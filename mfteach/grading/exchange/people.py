"""Which of our students is meant by what a system calls one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mfteach.grading.exchange.schemes import Piece
from mfteach.grading.exchange.tables import Table
from mfteach.grading.files import write
from mfteach.grading.marks.results import table
from mfteach.grading.students import CLASS_LIST, class_list, is_id, shown


class UnclearError(Exception):
    """Something that a person has to decide; the message says what, and the option that decides."""


@dataclass(frozen=True)
class People:
    """Our class and the system's.

    Parameters
    ----------
    ours : mapping of str to str
        The class list: names by id.
    theirs : Table or None
        The system's list.
    decided : mapping of str to str
        Our ids by the system's name for a student, as a person decided them.
    """

    ours: Mapping[str, str]
    theirs: Table | None = None
    decided: Mapping[str, str] = field(default_factory=dict)

    def student(self, piece: Piece) -> str:
        """Return our id of the student who handed something in.

        Raises
        ------
        UnclearError
            If nothing decides who it is.
        """
        return self.resolve(piece.user, piece.name)

    def resolve(self, user: str, name: str = "") -> str:
        """Return our id of a student whom the system calls so.

        Without a class list this is the login, or what the system calls the student.
        """
        if user in self.decided:
            return self.decided[user]
        ids, name = self._of_theirs(user, name)
        if not self.ours:
            return next((one for one in ids if is_id(one)), user)
        matches = list(dict.fromkeys(one for one in [*ids, user] if one in self.ours))
        if len(matches) == 1:
            return matches[0]
        named = [one for one, words in self.ours.items() if name and _same(name, words)]
        if len(named) == 1:
            return named[0]
        who = shown(f"{user} ({name})" if name else user)
        why = "is not on the class list" if not matches and not named else "could be several"
        raise UnclearError(
            f"{who} {why} ({CLASS_LIST}): say who it is with --student {shown(user)}=ID"
        )

    def _of_theirs(self, user: str, name: str) -> tuple[list[str], str]:
        if self.theirs is None:
            return [], name
        for row in self.theirs.rows:
            if user and self.theirs.user(row) == user:
                return self.theirs.ids(row), self.theirs.name(row) or name
        return [], name


def people(course: Path, theirs: Table | None, decided: Mapping[str, str]) -> People:
    """Return the class; without a class list it is made from the system's, and kept."""
    ours = class_list(course)
    if not ours and theirs is not None:
        ours = _from_theirs(theirs)
        rows = [("id", "last_name", "first_name")]
        rows += [(one, *_last_and_first(name)) for one, name in ours.items()]
        write(course / CLASS_LIST, table(rows))
        ours = class_list(course)
    return People(ours, theirs, decided)


def _from_theirs(theirs: Table) -> dict[str, str]:
    """Names by the login of each student, or by what the system calls those who have none."""
    found: dict[str, str] = {}
    for row in theirs.rows:
        user = theirs.user(row)
        if user:
            ids = [*theirs.ids(row), user]
            free = (one for one in ids if is_id(one) and one[0] != "@" and one not in found)
            found[next(free, user)] = theirs.name(row)
    return {one: name for one, name in found.items() if is_id(one)}


def _last_and_first(name: str) -> tuple[str, str]:
    last, comma, first = name.partition(",")
    if comma:
        return last.strip(), first.strip()
    first, _, last = name.rpartition(" ")
    return last, first


def _same(theirs: str, ours: str) -> bool:
    """Whether two names are one, in whatever order, with or without spaces and commas."""
    last, first = _last_and_first(ours)
    return _letters(theirs) in {_letters(last + first), _letters(first + last)} - {""}


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", name).casefold())
