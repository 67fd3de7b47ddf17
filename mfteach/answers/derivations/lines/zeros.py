"""A tree without zeros and ones in disguise: to put them in is no step, however long they are.

Such as ``sum_q delta_qs u_iq - u_is``, terms that together are 0 though no two are opposites, a
derivative of what does not depend on the letter, or ``delta_ss``.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from sympy import Add, Expr, Sum, Symbol

from mfteach.answers.derivations.lines.edits import with_parts
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, normal_form
from mfteach.symbolic.notation import NotationError
from mfteach.symbolic.reading.letters import Letters
from mfteach.symbolic.reading.meaning import meaning
from mfteach.symbolic.reading.slots import slots_of
from mfteach.symbolic.reading.syntax_tree import Letter, Node, Number, Plus, walk

__all__ = ["MOST_SUMS", "MOST_TERMS", "without_zeros"]

MOST_SUMS, MOST_TERMS = 6, 6
"""Lines with more sums, or longer ones, stay as they are: 64 groups of 6 terms are added up."""


def without_zeros(tree: Node, letters: Letters, text: str) -> Node:
    """Return a tree that passed its checks without terms, and groups of terms, that are 0."""
    sums = [node for node in walk(tree) if isinstance(node, Plus)]
    if len(sums) > MOST_SUMS or any(len(node.terms) > MOST_TERMS for node in sums):
        return tree
    return _without(tree, letters, text)


def _without(tree: Node, letters: Letters, text: str) -> Node:
    kept = with_parts(tree, lambda part: _without(part, letters, text))
    if isinstance(kept, Letter) and kept.name == r"\delta" and len(set(kept.indices)) == 1:
        return Number(kept.start, kept.end, Fraction(1))
    if not isinstance(kept, Plus):
        return kept
    try:
        values = [_value(term, letters, text) for term in kept.terms]
    except (NotationError, CaptureError, UndecidedError):
        return kept
    zeros = _zeros(values)
    terms = tuple(term for place, term in enumerate(kept.terms) if place not in zeros)
    return terms[0] if len(terms) == 1 else replace(kept, terms=terms)


def _value(term: Node, letters: Letters, text: str) -> Expr:
    """Return the normal form of a term: equal terms have the same one."""
    slots = slots_of(term, letters, text)
    ranges = {Symbol(name): Symbol(size) for name, size in slots.free.items()}
    return _unnamed(normal_form(meaning(term, slots, letters, text), ranges))


def _unnamed(expr: Expr) -> Expr:
    """Rename the summed indices by their places: the normal form keeps the letters of a term."""
    if not expr.has(Sum):
        return expr
    if isinstance(expr, Sum):
        places = {limit[0]: Symbol(f"_{place}") for place, limit in enumerate(expr.limits)}
        return expr.xreplace(places)
    return expr.func(*map(_unnamed, expr.args))


def _zeros(values: list[Expr]) -> set[int]:
    """Return the places of the largest group of terms that adds up to 0, but never of all terms."""
    places = range(len(values))
    for size in range(len(values) - 1, 0, -1):
        for group in combinations(places, size):
            if Add(*(values[place] for place in group)) == 0:
                return set(group)
    return set()
