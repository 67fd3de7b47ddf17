"""Whether a line without a derivative sign shows how it was differentiated.

Who knows the goal can type it in many disguises: the sign elsewhere, 2/2 in front, in two halves,
the error as a difference. None of these shows any work. What does: the inner derivative with its
sign as a factor of its own beside the error, as in e_ij (-v_js); a delta that picks a term of a
sum, as in sum_q delta_qs v_jq; a prediction or an error that is written out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

from mfteach.answers.derivations.lines.edits import with_parts
from mfteach.answers.derivations.lines.outlines import outline
from mfteach.symbolic.reading.syntax_tree import Letter, Minus, Node, Plus, SumOf, Times, walk

__all__ = ["disguises", "has_inner_derivative", "picks_beside_an_error", "shows_its_work"]

_DELTA, _PREDICTION = r"\delta", r"\hat{r}"
_ERRORS = ("e", "r")


def has_inner_derivative(tree: Node) -> bool:
    """Whether an inner derivative with its minus sign stands beside an error: e_ij (-v_js)."""
    return any(
        isinstance(factor, Minus) and not _has_error(factor)
        for factors in _beside_an_error(tree)
        for factor in factors
    )


def picks_beside_an_error(tree: Node) -> bool:
    """Whether a delta that picks a term stands beside an error."""
    return any(_picks(factor) for factors in _beside_an_error(tree) for factor in factors)


def shows_its_work(tree: Node) -> bool:
    """Whether a line shows one of the things named above, and no delta that picks nothing."""
    if any(_name(node) == _DELTA for node in walk(tree)):
        return _picks(tree)
    ratings = sum(_name(node) == "r" for node in walk(tree))
    return has_inner_derivative(tree) or ratings > sum(map(_is_an_error, walk(tree)))


def disguises(tree: Node, goal: Node) -> bool:
    """Whether a line differs from the goal in numbers that cancel, signs, order and e alone.

    Both trees must be tidied before.
    """
    ours, theirs = (_gathered(outline(_errors_written_out(one))) for one in (tree, goal))
    return bool(ours == theirs)


def _name(node: Node) -> str:
    return node.name if isinstance(node, Letter) else ""


def _has_error(tree: Node) -> bool:
    return any(_name(node) in _ERRORS for node in walk(tree))


def _is_an_error(tree: Node) -> bool:
    """Whether this is r - rhat or rhat - r, which is e in other letters."""
    if not (isinstance(tree, Plus) and len(tree.terms) == 2):
        return False
    plain = [term.of if isinstance(term, Minus) else term for term in tree.terms]
    return {_name(term) for term in plain} == {"r", _PREDICTION}


def _beside_an_error(tree: Node) -> list[list[Node]]:
    """Return, of each product that contains an error, the other factors."""
    products = [node.factors for node in walk(tree) if isinstance(node, Times)]
    return [
        [factor for factor in factors if not _has_error(factor)]
        for factors in products
        if any(map(_has_error, factors))
    ]


def _picks(tree: Node) -> bool:
    """Whether a delta and another letter share the index of a sum."""
    return any(
        isinstance(node, SumOf) and any(_picked(node.body, name) for name in node.names)
        for node in walk(tree)
    )


def _picked(body: Node, index: str) -> bool:
    names = {node.name for node in walk(body) if isinstance(node, Letter) and index in node.indices}
    return _DELTA in names and len(names) > 1


# What is left of a disguise ----------------------------------------------------------------------


def _errors_written_out(tree: Node) -> Node:
    tree = with_parts(tree, _errors_written_out)
    if not (isinstance(tree, Letter) and tree.name == "e"):
        return tree
    start, end = tree.start, tree.end
    prediction = Minus(start, end, replace(tree, name=_PREDICTION))
    return Plus(start, end, (replace(tree, name="r"), prediction))


def _gathered(outlined: Any) -> Any:
    """Return the terms of an outline, each with its number: like terms are added up."""
    terms = outlined[1:] if outlined[0] == "+" else (outlined,)
    numbers: dict[Any, Fraction] = defaultdict(Fraction)
    for sign, rest in terms:
        number, plain = _number_and_rest(rest)
        numbers[plain] += -number if sign == "-" else number
    return tuple(sorted(((rest, number) for rest, number in numbers.items() if number), key=repr))


def _number_and_rest(rest: Any) -> tuple[Fraction, Any]:
    """Take the numbers out of a product, and out of a sum sign."""
    if rest[0] == "number":
        return rest[1], ()
    if rest[0] not in ("*", "sum"):
        return Fraction(1), (rest,)
    number, plain = Fraction(1), []
    inside = rest[1:] if rest[0] == "*" else rest[2:]
    for part in inside:
        signed = part if part[0] in ("+", "", "-") else ("", part)
        terms = _gathered(signed)
        if len(terms) == 1:
            number *= terms[0][1]
            plain += terms[0][0]
        else:
            plain.append(("+", *terms))
    factors = tuple(sorted(plain, key=repr))
    return number, factors if rest[0] == "*" else (("sum", rest[1], factors),)
