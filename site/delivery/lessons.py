"""A lesson as its committed notebook has it, and what each of its cells is for.

Nothing is executed here: the outputs are those that are stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from delivery.places import NOTEBOOKS

__all__ = ["Block", "Cell", "Lesson", "blocks", "lessons"]

_ASKED = re.compile(r"^(check|guess|outcome)\(\s*\"([^\"]+)\"", re.MULTILINE)
_FIRST_LINES = "# Run this first:"
_BOX = re.compile(r"\*\*(?P<predict>Predict\.)\*\*|\*\*(?P<number>\d+)\. (?P<title>.+?)\*\*")
_TO_WHOEVER_TYPES = ("No guess yet", "Your guess: none", "Not answered yet")
_LABEL = re.compile(r"\*\*[^*]+[.:]\*\*")
_APART = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Block:
    """A part of a text cell: a heading, a paragraph, a prediction or an exercise."""

    kind: str
    text: str
    title: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell with its place in the notebook, from 0."""

    place: int
    type: str
    source: str
    tags: frozenset[str] = frozenset()
    outputs: tuple[dict[str, Any], ...] = ()

    @property
    def asks(self) -> tuple[str, str]:
        """The function of the course that the cell calls and the id that it gives, or "", ""."""
        found = _ASKED.search(self.source) if self.type == "code" else None
        return (found[1], found[2]) if found else ("", "")

    @property
    def kind(self) -> str:
        """What the cell is for.

        One of "text", "first lines", "imports", "held" (asserts that only hold the lesson
        together), "guess", "outcome", "answer", "drawing" and "code".
        """
        if self.type != "code":
            return "text"
        if self.source.startswith(_FIRST_LINES):
            return "first lines"
        called = {"check": "answer", "guess": "guess", "outcome": "outcome"}.get(self.asks[0])
        if called:
            return called
        if "hide-input" in self.tags:
            return "held" if not self.shown else "drawing"
        if not self.outputs and 'plt.style.use("mfteach.course")' in self.source:
            return "imports"
        return "code"

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The outputs that say something to a reader who has typed nothing."""
        return [*filter(None, map(_for_a_reader, self.outputs))]


def _for_a_reader(output: dict[str, Any]) -> dict[str, Any] | None:
    """Leave out what is said to somebody who was to type something, and did not."""
    if output["output_type"] != "stream":
        return output
    lines = "".join(output["text"]).splitlines(keepends=True)
    kept = "".join(line for line in lines if not line.startswith(_TO_WHOEVER_TYPES))
    return {**output, "text": kept} if kept.strip() else None


@dataclass(frozen=True)
class Lesson:
    """A notebook of the course."""

    file: Path
    cells: tuple[Cell, ...] = field(repr=False)

    @property
    def number(self) -> str:
        """The two digits that its name begins with."""
        return self.file.name[:2]

    @property
    def name(self) -> str:
        """The name of its file, without the ending: also that of its page."""
        return self.file.stem

    @cached_property
    def title(self) -> str:
        """What its first heading says."""
        return self.cells[0].source.splitlines()[0].removeprefix("# ")

    def section(self, heading: str) -> str:
        """Return the text below a heading of the first level below the title, up to the next.

        Raises
        ------
        ValueError
            If the lesson has no such heading.
        """
        whole = "\n\n".join(cell.source for cell in self.cells if cell.type == "markdown")
        found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", whole, re.M | re.S)
        if not found:
            raise ValueError(f"{self.file.name} has no heading {heading!r}")
        return found[1].strip()

    @property
    def minutes(self) -> str:
        """How long it takes, as it says itself."""
        found = re.search(r"Time: (\d+) minutes", self.section("What you'll need"))
        return found[1] if found else ""

    @property
    def headings(self) -> list[str]:
        """All headings below the title, in order."""
        text = "\n".join(cell.source for cell in self.cells if cell.type == "markdown")
        return re.findall(r"^##+ (.+)$", text, re.MULTILINE)


def blocks(text: str) -> Iterator[Block]:
    """Cut the text of a cell into headings, paragraphs, predictions and exercises.

    A prediction goes on to the next heading or bold label, an exercise to the next exercise.
    """
    open_box: list[str] = []
    kind = title = ""
    for paragraph in _paragraphs(text):
        box = _BOX.match(paragraph)
        ends = box or paragraph.startswith("#") or (kind == "predict" and _LABEL.match(paragraph))
        if ends and open_box:
            yield Block(kind, "\n\n".join(open_box), title)
            open_box = []
        if box:
            kind = "predict" if box["predict"] else "exercise"
            title = f"{box['number']}. {box['title']}" if box["number"] else ""
            open_box.append(paragraph[box.end() :].strip())
        elif open_box:
            open_box.append(paragraph)
        else:
            yield Block("heading" if paragraph.startswith("#") else "paragraph", paragraph)
    if open_box:
        yield Block(kind, "\n\n".join(open_box), title)


def _paragraphs(text: str) -> Iterator[str]:
    """Split at blank lines, but not inside a fence or a ``<details>``; headings stand alone."""
    held = ""
    for piece in _APART.split(text):
        held = f"{held}\n\n{piece}" if held else piece
        if held.count("```") % 2 or held.count("<details") > held.count("</details"):
            continue
        heading, _, rest = held.partition("\n") if held.startswith("#") else ("", "", held)
        yield from filter(str.strip, (heading, rest))
        held = ""
    if held.strip():
        yield held


def lessons(folder: Path = NOTEBOOKS) -> tuple[Lesson, ...]:
    """Read all lessons, in order."""
    return tuple(_read(file) for file in sorted(folder.glob("[0-9][0-9]_*.ipynb")))


def _read(file: Path) -> Lesson:
    stored = json.loads(file.read_text(encoding="utf-8"))["cells"]
    cells = (
        Cell(
            place,
            cell["cell_type"],
            "".join(cell["source"]),
            frozenset(cell["metadata"].get("tags", ())),
            tuple(cell.get("outputs", ())),
        )
        for place, cell in enumerate(stored)
    )
    return Lesson(file, tuple(cells))
