"""From a line of the lecture, S1 to S69, to the lesson that treats it."""

from __future__ import annotations

import re

from delivery.lessons import Lesson

__all__ = ["table"]

_ENTRY = re.compile(r"((?:S\d+(?:-S\d+)?(?:, | and )?)+)(?: again)? ?\(((?:[^()]|\([^()]*\))*)\)")


def entries(lesson: Lesson) -> list[tuple[list[int], str]]:
    """Return the rows that the foot of a lesson names, each group with what it says of them."""
    foot = lesson.section("Rows of the lecture")
    return [(numbers(found[1]), found[2]) for found in _ENTRY.finditer(foot)]


def numbers(words: str) -> list[int]:
    """Return the numbers in words such as "S47-S49 and S61"."""
    found: list[int] = []
    for first, last in re.findall(r"S(\d+)(?:-S(\d+))?", words):
        found += range(int(first), int(last or first) + 1)
    return found


def table(lessons: tuple[Lesson, ...]) -> str:
    """Return the index as a table in Markdown: row, lesson, what the lesson says of it."""
    lines = [
        (
            row,
            f"| {_anchor(row)} | [{lesson.number}, {lesson.title}]({lesson.name}.ipynb) | {said} |",
        )
        for lesson in lessons
        for rows, said in entries(lesson)
        for row in rows
    ]
    head = "| row | lesson | what is there |\n|---|---|---|\n"
    return head + "\n".join(line for _, line in sorted(lines, key=lambda entry: entry[0]))


def _anchor(row: int) -> str:
    return f'<span id="s{row}">S{row}</span>'
