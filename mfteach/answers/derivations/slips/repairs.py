"""Slips within a typed line: one sign, one factor, one bracket that, changed, makes it true.

Each repair changes the tree of the line in one place; it is claimed only if the engine proves that
the changed line is equal to the reference. The message names the place in what was typed, never
what belongs there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from sympy import Expr

from mfteach.answers.derivations.lines.edits import edited
from mfteach.answers.derivations.slips.brackets import with_brackets
from mfteach.answers.derivations.slips.fingerprints import fingerprint
from mfteach.answers.derivations.slips.whole_terms import with_whole_terms
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import NotationError, Part, Reading
from mfteach.symbolic.reading.meaning import meaning
from mfteach.symbolic.reading.slots import slots_of
from mfteach.symbolic.reading.syntax_tree import (
    Index,
    Letter,
    Minus,
    Node,
    Number,
    Over,
    Plus,
    Power,
    Slope,
    SumOf,
    Times,
    Update,
    walk,
)

__all__ = ["MOST_NODES", "MOST_REPAIRS", "MOST_WITH_SLOPES", "Repair", "repairs"]

MOST_REPAIRS = 80
MOST_WITH_SLOPES = 24
MOST_NODES, MOST_NODES_WITH_SLOPES = 4_000, 400
"""How many repairs are tried; fewer if each of them has to be differentiated, or is long."""

_ERRORS = ("e", r"\tilde{e}")
_SWAPPED = {"u": "v", "v": "u"}
_TWO = (Fraction(2), Fraction(1, 2))


@dataclass(frozen=True)
class Repair:
    """A change of a tree in one place, and what it says about the line as it was typed."""

    message: str
    tree: Node


def repairs(part: Part, reading: Reading, reference: Reading) -> tuple[str, ...]:
    """Return the messages of the first repair, or the first two, that make a line true."""
    tree = part.tree.value if isinstance(part.tree, Update) else part.tree
    ranges = {**reference.ranges, **reading.ranges}
    wanted = fingerprint(reference.expression, ranges)
    if wanted is None:
        return ()
    found: list[str] = []
    for repair in _tried(tree, reading.text):
        expression = _expression(repair.tree, reading.text)
        if expression is None or fingerprint(expression, ranges) != wanted:
            continue
        if _same(expression, reference, reading) and repair.message not in found:
            found.append(repair.message)
        if len(found) == 2:
            break
    return tuple(found)


def _tried(tree: Node, text: str) -> Iterator[Repair]:
    nodes = list(walk(tree))
    slopes = any(isinstance(node, Slope) for node in nodes)
    most = min(MOST_REPAIRS, MOST_NODES // len(nodes))
    if slopes:
        most = min(MOST_WITH_SLOPES, MOST_NODES_WITH_SLOPES // len(nodes))
    for number, repair in enumerate(_repairs(tree, text)):
        if number >= most:
            return
        yield repair


def _expression(tree: Node, text: str) -> Expr | None:
    try:
        slots = slots_of(tree, NOTATION.letters, text)
        return meaning(tree, slots, NOTATION.letters, text)
    except (NotationError, CaptureError, UndecidedError):
        return None


def _same(expression: Expr, reference: Reading, reading: Reading) -> bool:
    try:
        return same(expression, reference.expression, {**reference.ranges, **reading.ranges})
    except (CaptureError, UndecidedError):
        return False


def _repairs(tree: Node, text: str) -> Iterator[Repair]:
    """Yield the repairs of a tree, the most usual slips first."""
    for kind in (_whole_terms, _signs, _sums, _brackets, _factors, _powers, _letters, _indices):
        yield from kind(tree, text)


def _quoted(node: Node, text: str) -> str:
    typed = " ".join(text[node.start : node.end].split())
    return f"“{typed if len(typed) <= 40 else typed[:39] + '…'}”"


def _terms(tree: Node) -> Iterator[Node]:
    for node in walk(tree):
        if isinstance(node, Plus):
            yield from node.terms


def _signs(tree: Node, text: str) -> Iterator[Repair]:
    for term in _terms(tree):
        other = term.of if isinstance(term, Minus) else Minus(term.start, term.end, term)
        yield Repair(f"The sign of {_quoted(term, text)} is wrong.", edited(tree, term, other))
    inside = set(map(id, _terms(tree)))
    for node in walk(tree):
        if isinstance(node, Minus) and id(node) not in inside:
            yield Repair(
                f"The minus sign of {_quoted(node, text)} is wrong.", edited(tree, node, node.of)
            )


def _brackets(tree: Node, text: str) -> Iterator[Repair]:
    for message, repaired in with_brackets(tree):
        yield Repair(message, repaired)


def _whole_terms(tree: Node, text: str) -> Iterator[Repair]:
    for message, repaired in with_whole_terms(tree):
        yield Repair(message, repaired)


def _factors(tree: Node, text: str) -> Iterator[Repair]:
    """Lose or put in a factor 2 or 1/2, in one term."""
    for term in _terms(tree):
        for factor in _TWO:
            number = Number(term.start, term.end, factor)
            scaled = _scaled(term, number)
            yield Repair(
                f"The factor of {_quoted(term, text)} is wrong.", edited(tree, term, scaled)
            )
    for node in walk(tree):
        if isinstance(node, Number) and not isinstance(node, Over):
            for factor in _TWO:
                number = replace(node, value=node.value * factor)
                yield Repair(
                    f"The number {_quoted(node, text)} is wrong.", edited(tree, node, number)
                )


def _scaled(term: Node, number: Number) -> Node:
    if isinstance(term, Minus):
        return replace(term, of=_scaled(term.of, number))
    return Times(term.start, term.end, (number, term))


def _powers(tree: Node, text: str) -> Iterator[Repair]:
    for node in walk(tree):
        if isinstance(node, Power) and node.exponent == 2:
            yield Repair(
                f"{_quoted(node, text)} should not be squared.", edited(tree, node, node.base)
            )
    squared = {id(node.base) for node in walk(tree) if isinstance(node, Power)}
    for node in walk(tree):
        bracket = isinstance(node, Plus) or (isinstance(node, Letter) and node.name in _ERRORS)
        if bracket and id(node) not in squared:
            square = Power(node.start, node.end, node, 2)
            yield Repair(
                f"The square of {_quoted(node, text)} is lost.", edited(tree, node, square)
            )


def _sums(tree: Node, text: str) -> Iterator[Repair]:
    """Let one sum run over the known ratings only, or one over all of them."""
    free = _free(tree)
    for node in walk(tree):
        if not isinstance(node, SumOf) or len(node.names) != 1:
            continue
        sign = f"sum over {node.names[0]} in {_quoted(node, text)}"
        if node.over in ("range", "bare"):
            for owner in free:
                for over in ("rated by user", "raters of item"):
                    rated = replace(node, over=over, owner=owner, low=1, high=None, shift=0)
                    yield Repair(
                        f"The {sign} runs over all, and only the known ratings count.",
                        edited(tree, node, rated),
                    )
        elif node.over in ("rated by user", "raters of item"):
            high = "n" if node.over == "rated by user" else "m"
            everything = replace(node, over="range", owner=None, low=1, high=high)
            yield Repair(
                f"The {sign} runs over the known ratings, and should run over all.",
                edited(tree, node, everything),
            )
            yield from _other_side(tree, node)


def _other_side(tree: Node, node: SumOf) -> Iterator[Repair]:
    """Sum over the items of a user in place of the users of an item, or the other way round."""
    if not isinstance(node.owner, str):
        return
    by_user = node.over == "rated by user"
    over: Literal["rated by user", "raters of item"]
    over = "raters of item" if by_user else "rated by user"
    other = replace(node, names=(node.owner,), owner=node.names[0], over=over)
    ours, theirs = ("items of a user", "users of an item")[:: 1 if by_user else -1]
    message = f"The sum runs over the {ours}, and should run over the {theirs}."
    yield Repair(message, edited(tree, node, other))


def _letters(tree: Node, text: str) -> Iterator[Repair]:
    """Change one letter: u for v, the error with biases for the one without."""
    for node in _indexed(tree):
        if node.name in _ERRORS:
            (name,) = (name for name in _ERRORS if name != node.name)
            yield Repair(
                f"{_quoted(node, text)} is the wrong error: with biases, or without?",
                edited(tree, node, replace(node, name=name)),
            )
        for row in _scope(tree) if node.name in _SWAPPED else ():
            other = replace(node, name=_SWAPPED[node.name], indices=(row, *node.indices[1:]))
            yield Repair(f"{_quoted(node, text)} is the wrong letter.", edited(tree, node, other))


def _indices(tree: Node, text: str) -> Iterator[Repair]:
    """Change one index of one letter."""
    for node in _indexed(tree):
        for place in range(len(node.indices)):
            for index in _scope(tree):
                if index == node.indices[place]:
                    continue
                indices = (*node.indices[:place], index, *node.indices[place + 1 :])
                yield Repair(
                    f"An index of {_quoted(node, text)} is wrong.",
                    edited(tree, node, replace(node, indices=indices)),
                )


def _indexed(tree: Node) -> Iterator[Letter]:
    for node in walk(tree):
        if isinstance(node, Letter) and node.indices:
            yield node


def _scope(tree: Node) -> tuple[Index, ...]:
    """Return every index of a tree, free or summed."""
    typed = {index for node in _indexed(tree) for index in node.indices}
    return tuple(sorted(typed, key=str))


def _free(tree: Node) -> tuple[Index, ...]:
    summed = {name for node in walk(tree) if isinstance(node, SumOf) for name in node.names}
    return tuple(index for index in _scope(tree) if index not in summed)
