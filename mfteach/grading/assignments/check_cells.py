"""The check cell below each answer: the same for all questions, so it is never written by hand.

A student sees its first line, which calls `mfteach.check`. Its hidden test is for those who grade
with plain nbgrader; see `mfteach.grading.assignments.plain_nbgrader`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.questions import Question

__all__ = ["misfits", "with_check_cells"]

Notebook = dict[str, Any]
Cell = dict[str, Any]

_SOURCE = """\
check("{question}", {answer})
### BEGIN HIDDEN TESTS
from mfteach.grading import expect

expect("{assignment}", "{question}", {answer})
### END HIDDEN TESTS"""


def misfits(source: Notebook, assignment: Assignment) -> Iterator[str]:
    """Yield where the cells of a source do not match its question file."""
    counts = Counter(map(grade_id, source["cells"]))
    for question in assignment.questions:
        for name in (f"{question.name}-question", question.name):
            if counts[name] == 0:
                yield f"the source has no cell {name}"
            if counts[name] > 1:
                yield f"the source has {counts[name]} cells {name}: keep one of them"
        check = _name(question)
        if any(check in (grade_id(cell), cell.get("id")) for cell in source["cells"]):
            yield f"remove the cell {check} from the source: make release writes it"
    yield from _answer_misfits(source, assignment)


def _answer_misfits(source: Notebook, assignment: Assignment) -> Iterator[str]:
    questions = {question.name: question for question in assignment.questions}
    for cell in source["cells"]:
        question = questions.get(grade_id(cell))
        if question is None:
            continue
        kind = "markdown" if question.kind == "text" else "code"
        if cell["cell_type"] != kind:
            yield f"{question.name} is a {question.kind}, so its cell must be {kind}"
        points = cell["metadata"]["nbgrader"].get("points")
        if question.kind == "text" and points != question.points:
            yield (
                f"{question.name} has {points} points, but the question file gives "
                f"{question.points}"
            )


def with_check_cells(source: Notebook, assignment: Assignment) -> Notebook:
    """Return a source with a check cell below each answer, except below texts."""
    below = {
        question.name: _check_cell(assignment, question)
        for question in assignment.questions
        if question.kind != "text"
    }
    cells: list[Cell] = []
    for cell in source["cells"]:
        cells.append(cell)
        if grade_id(cell) in below:
            cells.append(below[grade_id(cell)])
    return {**source, "cells": cells}


def grade_id(cell: Cell) -> str:
    """Return nbgrader's name of a cell, or "" if it has none."""
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))


def _name(question: Question) -> str:
    return f"{question.name}-check"


def _check_cell(assignment: Assignment, question: Question) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _name(question),
        "metadata": {
            "nbgrader": {
                "grade": True,
                "grade_id": _name(question),
                "locked": True,
                "points": question.points,
                "schema_version": 3,
                "solution": False,
                "task": False,
            }
        },
        "outputs": [],
        "source": _SOURCE.format(
            assignment=assignment.name,
            question=question.name,
            answer=question.facts.get("name", question.name),
        ),
    }
