"""What two lines share that differ only in how they are spelled.

The names of summed indices, the order of terms and factors, where a minus sign stands in a
product, and brackets around terms are spelling. Factors in front of a sum sign or behind it, a
letter or what it stands for, are not: to change these is a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from mfteach.symbolic.reading.syntax_tree import (
    Count,
    Entry,
    Index,
    Letter,
    Minus,
    Node,
    NormSquared,
    Number,
    Over,
    Plus,
    Power,
    Slope,
    SumOf,
    Times,
    Transposed,
    parts,
)

__all__ = ["opposite", "outline"]

Names = Mapping[str, str]
_ONE = ("number", Fraction(1))


def outline(tree: Node) -> Any:
    """Return what is the same for two trees that differ only in spelling, and only for these.

    A sum sign with a letter alone must have got its range before.
    """
    return _signed(tree, {})


def opposite(outlined: Any) -> Any:
    """Return the outline of the negative of a term."""
    sign, rest = outlined
    return _other_sign(sign), rest


def _signed(tree: Node, names: Names) -> Any:
    """Outline a term as ("" or "-", what stands behind the sign), or terms as ("+", ...)."""
    terms = sorted(_terms(tree, names), key=repr)
    return terms[0] if len(terms) == 1 else ("+", *terms)


def _is_one_term(outlined: Any) -> bool:
    return bool(outlined[0] in ("", "-"))


def _terms(tree: Node, names: Names) -> Iterator[Any]:
    if isinstance(tree, Plus):
        for term in tree.terms:
            yield from _terms(term, names)
    elif isinstance(tree, Minus):
        yield from map(opposite, _terms(tree.of, names))
    else:
        yield _term(tree, names)


def _term(tree: Node, names: Names) -> Any:
    if isinstance(tree, Times):
        return _product(tree.factors, names)
    if isinstance(tree, Over):
        if isinstance(tree.bottom, Number) and tree.bottom.value:
            return _product((Number(0, 0, 1 / tree.bottom.value), tree.top), names)
        return "", ("/", _signed(tree.top, names), _signed(tree.bottom, names))
    if isinstance(tree, SumOf):
        return _sum(tree, names)
    return "", _other(tree, names)


def _product(factors: tuple[Node, ...], names: Names) -> Any:
    sign = ""
    found: list[Any] = []
    for factor in factors:
        outlined = _signed(factor, names)
        if _is_one_term(outlined):
            sign = sign if outlined[0] == "" else _other_sign(sign)
            inside = outlined[1]
            found += inside[1:] if inside[0] == "*" else [inside]
        else:
            found.append(outlined)
    found = [factor for factor in found if factor != _ONE]
    if len(found) == 1 and not (found[0] and found[0][0] == "+"):
        return sign, found[0]
    return sign, ("*", *sorted(found, key=repr)) if found else _ONE


def _sum(tree: SumOf, names: Names) -> Any:
    inside = dict(names)
    for name in tree.names:
        inside[name] = f"#{len(inside)}"
    owner = None if tree.owner is None else _at(tree.owner, names)
    sign = ""
    body = _signed(tree.body, inside)
    if _is_one_term(body):
        sign, body = body
    over = (tree.over, tree.low, str(tree.high), tree.shift, owner, len(tree.names))
    return sign, ("sum", over, body)


def _other(tree: Node, names: Names) -> Any:
    if isinstance(tree, Number):
        return "number", tree.value
    if isinstance(tree, Letter):
        at = [_at(index, names) for index in tree.indices]
        return tree.name, *(sorted(at) if tree.name == r"\delta" else at)
    if isinstance(tree, Power):
        return "^", tree.exponent, _signed(tree.base, names)
    if isinstance(tree, Slope):
        return "d", tuple(_other(letter, names) for letter in tree.by), _signed(tree.of, names)
    if isinstance(tree, Count):
        return "count", tree.over, _at(tree.owner, names)
    return _matrix(tree, names)


def _matrix(tree: Node, names: Names) -> Any:
    if isinstance(tree, Entry):
        at = tuple(_at(index, names) for index in tree.indices)
        return "entry", at, _in_order(tree.matrix, names)
    if isinstance(tree, NormSquared | Transposed):
        return type(tree).__name__, _in_order(tree.of, names)
    name = getattr(tree, "name", "")
    return type(tree).__name__, name, *(_in_order(part, names) for part in parts(tree))


def _in_order(tree: Node, names: Names) -> Any:
    """Outline a matrix: the factors of a matrix product keep their order."""
    if isinstance(tree, Plus | Times | Minus):
        return type(tree).__name__, *(_in_order(part, names) for part in parts(tree))
    return _term(tree, names)


def _at(index: Index, names: Names) -> str:
    return names.get(str(index), str(index))


def _other_sign(sign: str) -> str:
    return "" if sign == "-" else "-"
