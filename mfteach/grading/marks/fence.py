"""Keeps what goes wrong with one student from the rest of the class."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from traceback import format_exc

from mfteach.console import UsageError
from mfteach.grading.marks.results import ClassResult
from mfteach.grading.students import shown

log = logging.getLogger(__name__)


class Fence:
    """What went wrong, student by student: it is logged, and noted in the student's row."""

    def __init__(self) -> None:
        self._notes: dict[str, list[str]] = {}

    @contextmanager
    def around(self, student: str, failure: str) -> Iterator[None]:
        """Do one step for one student.

        Parameters
        ----------
        student : str
        failure : str
            What the row says if it fails, without the end: "No feedback could be written".
        """
        try:
            yield
        except UsageError:  # this concerns the whole class
            raise
        except Exception as error:  # one student must not stop the class: log it, and go on
            where = "\n".join(shown(line) for line in format_exc().splitlines())
            log.error("%s: %s\n%s", shown(student), failure, where)
            self.note(student, f"{failure} ({type(error).__name__}): a person has to look at it.")

    def note(self, student: str, note: str) -> None:
        """Note something about a student."""
        self._notes.setdefault(student, []).append(note)

    def stopped(self, student: str) -> bool:
        """Whether anything went wrong for a student."""
        return student in self._notes

    def noted(self, result: ClassResult) -> ClassResult:
        """Return the results of a class, each with what went wrong for its student."""
        results = []
        for one in result.results:
            reason = " ".join([one.reason, *self._notes.get(one.student, [])]).strip()
            results.append(replace(one, reason=reason))
        return replace(result, results=tuple(results))
