"""A sum whose brackets are missing: its index then stands outside the sum as well."""

from __future__ import annotations

from dataclasses import replace

from mfteach.answers.line_edits import edited
from mfteach.symbolic.notation import Notation, NotationError
from mfteach.symbolic.reading.grammar import parse
from mfteach.symbolic.reading.slots import slots_of
from mfteach.symbolic.reading.syntax_tree import Minus, Node, Plus, SumOf, Times, walk

__all__ = ["brackets_put_in", "missing_brackets"]


def missing_brackets(text: str, notation: Notation) -> str:
    """Say, of a line with a captured index, whether brackets after a sum sign would cure it."""
    for tree in parse(text, notation.letters).parts:
        for repaired in brackets_put_in(tree):
            try:
                slots_of(repaired, notation.letters, text)
            except NotationError:
                continue
            return (
                " Or are brackets missing? A sum takes the term after it, up to the next plus or "
                "minus: put all that it sums in brackets."
            )
    return ""


def brackets_put_in(tree: Node) -> list[Node]:
    """Return the trees in which one sum sign takes all the terms that follow its own."""
    found = []
    for node in walk(tree):
        if not isinstance(node, Plus):
            continue
        for place, term in enumerate(node.terms[:-1]):
            taken = _taking(term, node.terms[place + 1 :])
            if taken is not None:
                terms = (*node.terms[:place], taken)
                new = terms[0] if len(terms) == 1 else replace(node, terms=terms)
                found.append(edited(tree, node, new))
    return found


def _taking(term: Node, others: tuple[Node, ...]) -> Node | None:
    """Let the last sum sign of a term sum the other terms too."""
    if isinstance(term, SumOf):
        body = Plus(term.start, others[-1].end, (term.body, *others))
        return replace(term, body=body)
    if isinstance(term, Minus):
        taken = _taking(term.of, others)
        return None if taken is None else replace(term, of=taken)
    if isinstance(term, Times):
        taken = _taking(term.factors[-1], others)
        return None if taken is None else replace(term, factors=(*term.factors[:-1], taken))
    return None
