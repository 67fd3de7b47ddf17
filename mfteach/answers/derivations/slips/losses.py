"""Slips in what is differentiated, or in how: a square lost, a square kept, a cross term lost.

Each is a message and what somebody gets who makes only this slip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sympy import Expr, Indexed, Pow, Sum, Symbol

from mfteach.answers.derivations.lines.edits import edited
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, derivative
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import NotationError, Reading
from mfteach.symbolic.reading.meaning import meaning
from mfteach.symbolic.reading.slots import slots_of
from mfteach.symbolic.reading.syntax_tree import Minus, Node, Plus, Power, Slope, Update, walk

__all__ = ["slips_before", "slips_of_squares"]

_Slips = Iterator[tuple[str, Expr]]
_CHANGES: dict[str, Callable[[Expr], Expr]] = {
    "The error is not squared before it is differentiated": lambda x: x.base,
    "The outer derivative is lost: only the inner one is there": lambda x: 2 * x.base,
    "The error keeps its square when it is differentiated": lambda x: x.base**3 * 2 / 3,
}


def slips_before(start: Reading) -> _Slips:
    """Yield what comes of a wrong power of the error, where the start says what is derived."""
    slope = start.tree
    if not isinstance(slope, Slope) or len(slope.by) != 1:
        return
    loss, by = (
        _with_own_letters(_expression(node, start.text)) for node in (slope.of, slope.by[0])
    )
    for whole in (loss, _of_one_row(loss, start)):
        yield "This is not differentiated: it is what stood behind the derivative", whole
    squares = {node for node in loss.atoms(Pow) if node.exp == 2 and _contains_ratings(node)}
    for message, change in _CHANGES.items():
        other = loss.xreplace({square: change(square) for square in squares})
        try:
            yield message, derivative(other, by, start.ranges)
        except (CaptureError, UndecidedError):
            continue


def slips_of_squares(line: Node, text: str) -> _Slips:
    """Yield what comes of squaring term by term: a square of two terms without its cross term."""
    if isinstance(line, Update):
        return
    for node in walk(line):
        if not (isinstance(node, Power) and node.exponent == 2 and isinstance(node.base, Plus)):
            continue
        first, *others = (term.of if isinstance(term, Minus) else term for term in node.base.terms)
        for minus in (False, True):
            squares: list[Node] = [replace(node, base=first)]
            for term in others:
                square = replace(node, base=term)
                squares.append(Minus(term.start, term.end, square) if minus else square)
            tree = edited(line, node, Plus(node.start, node.end, tuple(squares)))
            try:
                yield "The cross term of the square is missing", _expression(tree, text)
            except (NotationError, CaptureError, UndecidedError):
                continue


def _expression(tree: Node, text: str) -> Expr:
    slots = slots_of(tree, NOTATION.letters, text)
    return meaning(tree, slots, NOTATION.letters, text)


def _with_own_letters(expr: Expr) -> Expr:
    """Rename the summed indices: none of them can clash with a letter of the derivative."""
    bound = {limit[0] for node in expr.atoms(Sum) for limit in node.limits}
    return expr.xreplace({index: Symbol(f"{index}°") for index in bound})


def _of_one_row(loss: Expr, start: Reading) -> Expr:
    """Take of a sum over all users, or over all items, the term that the start is about."""
    rows = {size: index for index, size in start.ranges.items() if str(size) in ("m", "n")}

    def taken(node: Sum) -> Expr:
        kept = [limit for limit in node.limits if limit[2] not in rows]
        rest = [limit for limit in node.limits if limit[2] in rows]
        if not rest or len(rows) != 1:
            return node
        body = node.function.xreplace({limit[0]: rows[limit[2]] for limit in rest})
        return Sum(body, *kept) if kept else body

    return loss.replace(lambda node: isinstance(node, Sum), taken)


def _contains_ratings(node: Expr) -> bool:
    return any(str(x.base) == "r" for x in node.atoms(Indexed))
