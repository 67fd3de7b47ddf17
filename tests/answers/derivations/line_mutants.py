"""Mutants of a line: its syntax tree with one thing changed, and the slow truth about them.

Each kind of change stands for itself: a letter, an index, a sign, a number, a range, a set, an
order, a bracket. Whether a mutant is still equal to the line is decided by writing both out entry
by entry at small sizes, without the index engine.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import product

from sympy import Symbol

from mfteach.answers.derivations.lines.edits import edited
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.reading.latex import as_latex
from mfteach.symbolic.reading.syntax_tree import (
    Letter,
    Minus,
    Number,
    Plus,
    Power,
    Slope,
    SumOf,
    Times,
    walk,
)
from tests.symbolic.full_expansion import expanded

SIZES = [(1, 1, 1), (2, 2, 2), (1, 2, 3), (3, 2, 1), (2, 3, 1)]
OTHER_LETTERS = {
    "u": "v",
    "v": "u",
    "r": r"\hat{r}",
    r"\hat{r}": "r",
    "e": "r",
    "b": "c",
    "c": "b",
    r"\lambda": r"\beta",
    r"\beta": r"\lambda",
}


def mutants(text):
    """Yield the kind of change and the changed line, as LaTeX, for every node of a line."""
    tree = NOTATION.understand(text).tree
    indices = sorted(
        {str(i) for node in walk(tree) if isinstance(node, Letter) for i in node.indices}
    )
    for node in walk(tree):
        for kind, new in changes(node, indices):
            yield kind, as_latex(edited(tree, node, new))


def changes(node, indices):
    if isinstance(node, Letter):
        yield from changed_letters(node, indices)
    if isinstance(node, Number):
        yield "number", replace(node, value=node.value * 2)
        yield "number", replace(node, value=node.value + Fraction(1))
    if isinstance(node, Minus):
        yield "sign", node.of
    if isinstance(node, Plus):
        yield "term", node.terms[0]
        first, *rest = node.terms
        yield "sign", replace(node, terms=(Minus(node.start, node.end, first), *rest))
        if isinstance(first, Times):
            bracket = replace(node, terms=(first.factors[-1], *rest))
            yield "bracket", replace(first, factors=(*first.factors[:-1], bracket))
    if isinstance(node, Times):
        yield "factor", replace(node, factors=node.factors[1:] + node.factors[:1])
        yield "factor", replace(node, factors=(*node.factors, node.factors[0]))
    if isinstance(node, Power):
        yield "power", node.base
        yield "power", replace(node, exponent=3)
    if isinstance(node, Slope):
        yield "order", replace(node, by=(*node.by, node.by[0]))
        yield "order", node.of
    if isinstance(node, SumOf):
        yield from changed_ranges(node)


def changed_letters(node, indices):
    if node.name in OTHER_LETTERS:
        yield "letter", replace(node, name=OTHER_LETTERS[node.name])
    for place in range(len(node.indices)):
        for index in indices:
            if index != node.indices[place]:
                new = (*node.indices[:place], index, *node.indices[place + 1 :])
                yield "index", replace(node, indices=new)


def changed_ranges(node):
    if node.over == "range":
        for size in ("m", "n", "k", 2):
            if node.high != size:
                yield "range", replace(node, high=size)
        yield "range", replace(node, low=2)
        yield "set", replace(node, over="rated by user", owner="i", high=None)
    elif len(node.names) == 1:
        size = "n" if node.over == "rated by user" else "m"
        yield "set", replace(node, over="range", owner=None, high=size)
        yield "set", replace(node, over="bare", owner=None)


def differ(a, b, ranges):
    """Whether two expressions differ at small sizes, for some value of the free indices."""
    for sizes in SIZES:
        numbers = dict(zip(map(Symbol, "mnk"), sizes, strict=True))
        values = [range(1, numbers[size] + 1) for size in ranges.values()]
        for place in product(*values):
            at = {**numbers, **dict(zip(ranges, place, strict=True))}
            if expanded(a, at) != expanded(b, at):
                return True
    return False
