"""What a question file says, without its checks: reports need no more, and checks take a second."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mfteach.console import UsageError


class AnyQuestion(Protocol):
    """A question as reports need it: an `Entry`, or a `questions.Question`."""

    @property
    def name(self) -> str:
        """Its name, such as "q1"."""

    @property
    def kind(self) -> str:
        """One of "choice", "formula", "number", "function", "derivation", "text"."""

    @property
    def points(self) -> int:
        """What it is worth."""

    @property
    def misconception(self) -> str:
        """What it targets."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What depends on its kind."""


class AnyAssignment(Protocol):
    """An assignment as reports need it: an `Outline`, or a `question_files.Assignment`."""

    @property
    def name(self) -> str:
        """Its name, such as "03-power-rule"."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def questions(self) -> tuple[AnyQuestion, ...]:
        """Its questions, in order."""

    @property
    def points(self) -> int:
        """The points of all questions together."""


@dataclass(frozen=True)
class Entry:
    """A question as its file describes it."""

    name: str
    kind: str
    points: int
    misconception: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outline:
    """An assignment as its question file describes it.

    Parameters
    ----------
    name, title : str
    questions : tuple of Entry
    """

    name: str
    title: str
    questions: tuple[Entry, ...]

    @classmethod
    def load(cls, course: Path, name: str) -> Outline:
        """Read ``questions/NAME.toml``; grading has checked it.

        Raises
        ------
        UsageError
            If there is no such file, or grading could not use it either.
        """
        names = assignment_names(course)
        if name not in names:
            known = ", ".join(names) or "none"
            raise UsageError(f"there is no assignment {name!r}; the course has: {known}")
        file = Path(course, "questions", f"{name}.toml")
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
            questions = tuple(
                _entry(key, one) for key, one in table.items() if isinstance(one, dict)
            )
            return cls(name, str(table["title"]), questions)
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{file} cannot be used: mfteach-grade {name} says why") from error

    @property
    def points(self) -> int:
        """The points of all questions together."""
        return sum(question.points for question in self.questions)


def _entry(name: str, table: Mapping[str, Any]) -> Entry:
    kind, points = str(table["kind"]), int(table["points"])
    return Entry(name, kind, points, str(table["misconception"]), table)


def assignment_names(course: Path) -> list[str]:
    """Return the names of all assignments that have a question file, in order."""
    return sorted(file.stem for file in (Path(course) / "questions").glob("*.toml"))
