"""Slips that change a whole term: a square of a sum, a sum lost, a mean, another penalty's letter.

Each is a message and the typed line without the slip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mfteach.answers.derivations.lines.edits import edited
from mfteach.symbolic.reading.syntax_tree import (
    Count,
    Letter,
    Node,
    Over,
    Plus,
    Power,
    SumOf,
    Times,
    walk,
)

__all__ = ["with_whole_terms"]

_SQUARES = "A sum of squares is not the square of the sum: the mixed terms are missing."
_FACTORS = "The sum over the factors is lost: the prediction has a term for each of them."
_MEAN = "The loss is a sum, not a mean: nothing is divided by the number of ratings."
_PENALTY = "“{}” is the regularization of another loss."
_OTHER = {r"\lambda": r"\beta", r"\beta": r"\lambda"}
_SIZES = ("m", "n")


def with_whole_terms(tree: Node) -> Iterator[tuple[str, Node]]:
    """Yield what a typed line becomes if one of these slips is undone."""
    for node in walk(tree):
        if isinstance(node, SumOf):
            yield from ((_SQUARES, edited(tree, node, new)) for new in _squared(node))
        elif isinstance(node, Plus):
            yield from ((_FACTORS, new) for new in _summed(tree, node))
        elif isinstance(node, Over) and _is_size(node.bottom):
            yield _MEAN, edited(tree, node, node.top)
        elif isinstance(node, Letter) and node.name in _OTHER:
            other = replace(node, name=_OTHER[node.name])
            yield _PENALTY.format(node.name.strip("\\")), edited(tree, node, other)


def _is_size(node: Node) -> bool:
    return isinstance(node, Count) or (isinstance(node, Letter) and node.name in _SIZES)


def _squared(node: SumOf) -> Iterator[Node]:
    if not isinstance(node.body, Times):
        return
    factors = node.body.factors
    bases = [one.base for one in factors if isinstance(one, Power) and one.exponent == 2]
    if bases and len(bases) == len(factors):
        body = replace(node.body, factors=tuple(bases))
        yield Power(node.start, node.end, replace(node, body=body), 2)


def _summed(tree: Node, bracket: Plus) -> Iterator[Node]:
    """Sum the product of a u and a v in a bracket over the factors."""
    for node in walk(bracket):
        if not isinstance(node, Times):
            continue
        pair = [one for one in node.factors if isinstance(one, Letter) and one.name in ("u", "v")]
        if sorted(one.name for one in pair) != ["u", "v"] or len(pair) != len(node.factors):
            continue
        if any(len(one.indices) != 2 for one in pair):
            continue
        index = "q'"
        inside = tuple(replace(one, indices=(one.indices[0], index)) for one in pair)
        body = replace(node, factors=inside)
        new = SumOf(node.start, node.end, (index,), "range", body, 1, "k")
        yield edited(tree, node, new)
