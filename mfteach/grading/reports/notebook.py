"""The feedback of a student as a notebook, for systems that give back only what was handed in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from mfteach.grading.marks.gradebook import fenced
from mfteach.grading.reports.feedback import Card, Sheet
from mfteach.grading.reports.page import number


def notebook(sheet: Sheet) -> str:
    """Return the text of a notebook with the same words as the page; nothing in it can be run.

    Parameters
    ----------
    sheet : Sheet
        What `feedback.sheet` gathers.
    """
    cells = [_cell(place, text) for place, text in enumerate(_texts(sheet))]
    data = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _cell(place: int, text: str) -> dict[str, object]:
    return {"cell_type": "markdown", "id": f"feedback-{place}", "metadata": {}, "source": text}


def _texts(sheet: Sheet) -> Iterator[str]:
    result = sheet.result
    lines = [f"# Feedback: {sheet.assignment.title}"]
    if sheet.total is not None:
        lines.append(f"**{sheet.total}** of {number(result.max_points)} points")
    yield "\n\n".join([*lines, *map(_plain, sheet.remarks)])
    for card in sheet.cards:
        yield "\n\n".join(_card(card))


def _card(card: Card) -> Iterator[str]:
    mark = card.mark
    yield f"## {card.place}. {card.title or 'Question'}"
    yield f"{card.sign} **{card.words}** ({card.points} / {number(mark.max_points)})"
    if card.answer:
        yield fenced(card.answer)
    if mark.reason:
        yield fenced(mark.reason) if card.quotes or "<" in mark.reason else mark.reason
    if mark.comment:
        yield f"Your teacher:\n\n{fenced(mark.comment)}"
    if card.hint:
        yield f"**Hint.** {card.hint}"
    if card.solution:
        yield f"A solution:\n\n{fenced(card.solution)}"


def _plain(text: str) -> str:
    """A remark as Markdown shows it: whatever a student wrote in it stays text."""
    return re.sub(r"([\\`*_{}\[\]<>()#+.!|$&~-])", r"\\\1", text)
