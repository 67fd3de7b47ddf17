"""Two indices swapped, or a matrix transposed: why a line cannot be read, where that cures it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mfteach.answers.derivations.lines.edits import edited
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import NotationError, Reading
from mfteach.symbolic.reading.grammar import parse
from mfteach.symbolic.reading.meaning import meaning
from mfteach.symbolic.reading.slots import slots_of
from mfteach.symbolic.reading.syntax_tree import (
    Entry,
    Entrywise,
    Letter,
    MatrixOf,
    Node,
    Transposed,
    walk,
)

__all__ = ["transposed"]

_MATRIX = "A matrix is transposed that should not be, or is not and should be."
_MOST_TRIES = 40


def transposed(text: str, reference: Reading) -> str:
    """Return the diagnosis of a line that is true once one transposition is undone; else ""."""
    try:
        trees = parse(text, NOTATION.letters).parts
    except NotationError:
        return ""
    for _, (message, tree) in zip(range(_MOST_TRIES), _changed(trees[-1], text), strict=False):
        try:
            slots = slots_of(tree, NOTATION.letters, text)
            if same(
                meaning(tree, slots, NOTATION.letters, text), reference.expression, reference.ranges
            ):
                return message
        except (NotationError, CaptureError, UndecidedError):
            continue
    return ""


def _changed(tree: Node, text: str) -> Iterator[tuple[str, Node]]:
    for node in walk(tree):
        if isinstance(node, Letter | Entry) and len(node.indices) == 2:
            swapped = replace(node, indices=node.indices[::-1])
            typed = text[node.start : node.end] if isinstance(node, Letter) else "the brackets"
            yield f"The two indices of {typed} are swapped.", edited(tree, node, swapped)
        if isinstance(node, Transposed):
            yield _MATRIX, edited(tree, node, node.of)
        elif isinstance(node, MatrixOf | Entrywise):
            yield _MATRIX, edited(tree, node, Transposed(node.start, node.end, node))
