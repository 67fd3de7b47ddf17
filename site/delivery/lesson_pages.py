"""A lesson as a page: what is asked is framed, what answers it is folded.

The notebook is written again with other cells around the same text and the same outputs: what
only helps whoever runs it (the first lines, a guess that nobody has typed) is left out.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from delivery import launch
from delivery.lessons import Cell, Lesson, blocks
from delivery.markup import without_typing
from mfteach.lessons.questions import finding

__all__ = ["page"]

_GRADED = re.compile(r"\[([^\]]+)\]\(\.\./exercises/release/[^)]*?([^/)]+\.ipynb)\)")
_FOLDED = {
    "imports": "What this lesson imports",
    "held": "Checks that hold the text above",
    "drawing": "The code for this",
}

Stored = dict[str, Any]


def page(lesson: Lesson) -> str:
    """Return the notebook that Sphinx turns into the page of a lesson."""
    cells = [*_cells(lesson)]
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python", "pygments_lexer": "python"},
    }
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(notebook, ensure_ascii=False)


def _cells(lesson: Lesson) -> Iterator[Stored]:
    held_back: list[Stored] = []  # outputs that show what was to be predicted
    title, _, introduction = lesson.cells[0].source.partition("\n")
    yield _text(f"{title}\n\n{launch.row(lesson)}\n\n{introduction}")
    for cell in lesson.cells[1:]:
        if "hide-output" in cell.tags and cell.kind not in ("answer", "guess"):
            held_back += cell.shown
            if cell.kind != "outcome":
                yield from _code(cell, outputs=[])
                continue
        if held_back and cell.kind in ("outcome", "text", "guess", "answer"):
            yield from _folded(held_back)
            held_back = []
        yield from _cell(cell)
    if held_back:
        yield from _folded(held_back)


def _cell(cell: Cell) -> Iterator[Stored]:
    if cell.kind == "text":
        yield _text(framed(cell.source))
    elif cell.kind == "answer":
        yield from _answer(cell)
    elif cell.kind not in ("first lines", "guess", "outcome"):
        yield from _code(cell, cell.shown)


def _code(cell: Cell, outputs: list[Stored]) -> Iterator[Stored]:
    """Show a cell with some outputs; its code is folded where it only draws or holds."""
    summary = _FOLDED.get(cell.kind) or (_FOLDED["drawing"] if _only_draws(cell) else "")
    if not summary:
        yield _stored(cell.source, outputs)
        return
    yield from _in_details("code", summary, _stored(cell.source, []))
    if outputs:
        yield _without_code(outputs)


def _only_draws(cell: Cell) -> bool:
    """Whether a cell is a single call that shows a picture, a ledger or a table."""
    body = ast.parse(cell.source).body if not cell.source.startswith("%") else []
    call = len(body) == 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Call)
    return call and any("text/html" in each.get("data", {}) for each in cell.outputs)


def _folded(outputs: list[Stored]) -> Iterator[Stored]:
    ledgers = all("mfteach-derivation" in str(each.get("data", {})) for each in outputs)
    summary = "The proof, line by line" if ledgers else "What happens"
    yield from _in_details("happens", summary, _without_code(outputs))


def _in_details(kind: str, summary: str, cell: Stored) -> Iterator[Stored]:
    yield _text(f'<details class="{kind}"><summary>{summary}</summary>')
    yield cell
    yield _text("</details>")


def _answer(cell: Cell) -> Iterator[Stored]:
    """Show where an answer goes, and the hints and the solution, each to be unfolded."""
    yield _stored(cell.source, cell.shown)
    question = finding.question(cell.asks[1])
    hints = [(f"Hint {n}", hint) for n, hint in enumerate(question.hints, start=1)]
    for summary, words in [*hints, ("Solution", question.solution)]:
        kind = summary.split()[0].lower()
        yield _text(
            f'<details class="{kind}"><summary>{summary}</summary>\n\n{words}\n\n</details>'
        )


def framed(text: str) -> str:
    """Put a frame around each prediction and each exercise of a text."""
    return graded_to_download("\n\n".join(map(_block, blocks(text))))


def _block(block: Any) -> str:
    if block.kind == "predict":
        return f":::{{admonition}} Predict\n:class: predict\n\n{without_typing(block.text)}\n:::"
    if block.kind == "exercise":
        return f":::{{admonition}} Exercise {block.title}\n:class: exercise\n\n{block.text}\n:::"
    return str(block.text)


def graded_to_download(text: str) -> str:
    """Let a link to a graded exercise fetch the notebook, which has no page here."""
    return _GRADED.sub(r'<a href="exercises/\2" download>\1</a>', text)


def _text(source: str) -> Stored:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _without_code(outputs: list[Stored]) -> Stored:
    return _stored("pass", outputs, ["remove-input"])


def _stored(source: str, outputs: list[Stored], tags: list[str] | None = None) -> Stored:
    return {
        "cell_type": "code",
        "metadata": {"tags": tags} if tags else {},
        "source": source,
        "outputs": outputs,
        "execution_count": None,
    }
