"""The trees that a line becomes if brackets are put where they may be missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mfteach.answers.derivations.lines.edits import edited
from mfteach.symbolic.reading.syntax_tree import (
    Letter,
    Minus,
    Node,
    Plus,
    Power,
    SumOf,
    Times,
    walk,
)

__all__ = ["with_brackets"]

_Taking = Callable[[Node, tuple[Node, ...]], Node | None]

_AFTER_A_FACTOR = "Brackets are missing: a factor or a sum sign takes only the term after it."
_UNDER_A_POWER = "Brackets are missing: a power takes only the letter before it."


def with_brackets(tree: Node) -> Iterator[tuple[str, Node]]:
    """Yield the trees in which one sum sign, factor or power takes more, each with its message."""
    for node in walk(tree):
        if isinstance(node, Plus):
            for taking in (_summed, _multiplied):
                for changed in _longer(node, taking):
                    yield _AFTER_A_FACTOR, edited(tree, node, changed)
        elif isinstance(node, Times) and isinstance(node.factors[-1], Power):
            power = node.factors[-1]
            if isinstance(power.base, Letter):
                base = replace(node, factors=(*node.factors[:-1], power.base))
                yield _UNDER_A_POWER, edited(tree, node, replace(power, base=base))


def _longer(node: Plus, taking: _Taking) -> Iterator[Node]:
    """Let one term of a sum take all the terms after it."""
    for place, term in enumerate(node.terms[:-1]):
        taken = taking(term, node.terms[place + 1 :])
        if taken is not None:
            terms = (*node.terms[:place], taken)
            yield terms[0] if len(terms) == 1 else replace(node, terms=terms)


def _summed(term: Node, others: tuple[Node, ...]) -> Node | None:
    """Let the last sum sign of a term sum the other terms too."""
    if isinstance(term, SumOf):
        return replace(term, body=Plus(term.start, others[-1].end, (term.body, *others)))
    if isinstance(term, Minus):
        taken = _summed(term.of, others)
        return None if taken is None else replace(term, of=taken)
    if isinstance(term, Times):
        taken = _summed(term.factors[-1], others)
        return None if taken is None else replace(term, factors=(*term.factors[:-1], taken))
    return None


def _multiplied(term: Node, others: tuple[Node, ...]) -> Node | None:
    """Let the factors of a term multiply the other terms too: v r - p becomes v (r - p)."""
    if isinstance(term, Minus):
        inside = _multiplied(term.of, others)
        return None if inside is None else replace(term, of=inside)
    if isinstance(term, SumOf):
        inside = _multiplied(term.body, others)
        return None if inside is None else replace(term, body=inside)
    if not isinstance(term, Times):
        return None
    bracket = Plus(term.factors[-1].start, others[-1].end, (term.factors[-1], *others))
    return replace(term, factors=(*term.factors[:-1], bracket))
