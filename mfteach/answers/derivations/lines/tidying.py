"""A tree without padding: no 0 that is added, no factor 1, nothing added and taken away again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from mfteach.answers.derivations.lines.edits import with_parts
from mfteach.answers.derivations.lines.outlines import opposite, outline
from mfteach.symbolic.reading.letters import Letters
from mfteach.symbolic.reading.slots import slots_of
from mfteach.symbolic.reading.syntax_tree import (
    Minus,
    Node,
    Number,
    Over,
    Plus,
    Power,
    SumOf,
    Times,
)

__all__ = ["tidied"]


def tidied(tree: Node, letters: Letters, text: str) -> Node:
    """Return a tree that passed its checks, without padding; each sum sign has its range."""
    sizes = slots_of(tree, letters, text).sizes
    return _tidy(_with_ranges(tree, sizes))


def _with_ranges(tree: Node, sizes: dict[int, tuple[str, ...]]) -> Node:
    known = sizes.get(id(tree), ())
    tree_with = with_parts(tree, lambda part: _with_ranges(part, sizes))
    if not (isinstance(tree_with, SumOf) and known):
        return tree_with
    body = tree_with.body
    for name, size in reversed(list(zip(tree_with.names, known, strict=True))):
        body = SumOf(tree.start, tree.end, (name,), "range", body, 1, size)
    return body


def _number(tree: Node, value: int) -> Number:
    return Number(tree.start, tree.end, Fraction(value))


def _is(tree: Node, value: int) -> bool:
    return isinstance(tree, Number) and tree.value == value


def _tidy(tree: Node) -> Node:
    tree = with_parts(tree, _tidy)
    if isinstance(tree, Plus):
        return _tidy_terms(tree)
    if isinstance(tree, Times):
        return _tidy_factors(tree)
    if isinstance(tree, Over):
        if outline(tree.top) == outline(tree.bottom):
            return _number(tree, 1)
        return tree.top if _is(tree.bottom, 1) or _is(tree.top, 0) else tree
    if isinstance(tree, Minus | SumOf):
        inside = tree.of if isinstance(tree, Minus) else tree.body
        return inside if _is(inside, 0) else tree
    if isinstance(tree, Power) and tree.exponent == 1:
        return tree.base
    return tree


def _tidy_terms(tree: Plus) -> Node:
    kept: list[tuple[Any, Node]] = []
    for term in tree.terms:
        outlined = outline(term)
        if _is(term, 0):
            continue
        if outlined[0] in ("", "-"):
            undone = [pair for pair in kept if pair[0] == opposite(outlined)]
            if undone:
                kept.remove(undone[0])
                continue
        kept.append((outlined, term))
    if not kept:
        return _number(tree, 0)
    return kept[0][1] if len(kept) == 1 else replace(tree, terms=tuple(term for _, term in kept))


def _tidy_factors(tree: Times) -> Node:
    if any(_is(factor, 0) for factor in tree.factors):
        return _number(tree, 0)
    factors = tuple(factor for factor in tree.factors if not _is(factor, 1))
    if not factors:
        return _number(tree, 1)
    return factors[0] if len(factors) == 1 else replace(tree, factors=factors)
