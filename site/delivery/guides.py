"""The instructor's guide of a class: what is said along the slides, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from delivery.places import SITE

__all__ = ["Guide", "Part", "guides"]

_PART = re.compile(r"^### (.+?) \((\d+) minutes?\)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Part:
    """One part of a class: the heading of the lesson that it treats, its minutes, what to say."""

    heading: str
    minutes: int
    notes: str


@dataclass(frozen=True)
class Guide:
    """The guide of the class with one lesson."""

    file: Path
    parts: tuple[Part, ...]

    @property
    def number(self) -> str:
        """The number of the lesson."""
        return self.file.stem

    def notes(self, heading: str) -> str:
        """Return what the guide says of a part, or nothing where it says nothing."""
        return next((part.notes for part in self.parts if part.heading == heading), "")


def guides() -> tuple[Guide, ...]:
    """Read the guides of all classes, in order."""
    return tuple(_read(file) for file in sorted((SITE / "instructors").glob("[0-9][0-9].md")))


def _read(file: Path) -> Guide:
    found = _PART.finditer(file.read_text(encoding="utf-8"))
    return Guide(file, tuple(Part(part[1], int(part[2]), part[3].strip()) for part in found))
