"""Slips of the inner derivative: what is left of u_iq v_jq when it is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, S, Sum, Symbol

from mfteach.answers.derivations.slips.true_lines import LineSlip, TrueLine

__all__ = ["of_deltas", "of_factors"]


def of_factors(line: TrueLine) -> Iterator[LineSlip]:
    """Yield the slips of the inner derivative: of v_js, if the variable is u_is."""
    inner, outer = line.inner
    if not inner or line.factor is None or line.row is None:
        return
    at = IndexedBase(outer)[line.row, line.factor]
    yield LineSlip(
        f"{outer} stands where the inner derivative leaves {inner}",
        _of_the_factor(line, inner, lambda _: at),
        True,
    )
    yield LineSlip(
        "A sum over the factors is kept: only one factor changes with the variable",
        _of_the_factor(line, inner, _summed),
        True,
    )
    yield LineSlip(
        "The penalty is summed over the factors: only one of them changes with the variable",
        _of_the_factor(line, outer, _summed),
    )
    for value in (_minus_one, _one):
        forgotten = _of_the_factor(line, inner, value)
        yield LineSlip("The inner derivative is forgotten", forgotten)
    yield LineSlip(
        f"This is the derivative with respect to {inner}, and {outer} is what is asked about",
        _mirrored(line),
        True,
    )
    yield LineSlip(
        "This is not differentiated: both letters of the product are still there",
        _of_the_factor(line, inner, lambda x: x * at),
    )


def of_deltas(line: TrueLine) -> Iterator[LineSlip]:
    """Yield what a line becomes without its deltas."""
    deltas = line.expression.atoms(KroneckerDelta)
    if deltas:
        yield LineSlip(
            "A delta is lost: without it all terms of its sum stay",
            line.expression.xreplace(dict.fromkeys(deltas, S.One)),
        )


def _of_the_factor(line: TrueLine, name: str, change: Callable[[Indexed], Expr]) -> Expr:
    """Replace the entries of an array that belong to the free factor."""
    return line.changed(name, lambda x: change(x) if x.indices[1] == line.factor else x)


def _summed(entry: Indexed) -> Expr:
    fresh = Symbol("q''")
    return Sum(entry.base[entry.indices[0], fresh], (fresh, 1, Symbol("k")))


def _one(_: Indexed) -> Expr:
    return S.One


def _minus_one(_: Indexed) -> Expr:
    return S.NegativeOne


def _mirrored(line: TrueLine) -> Expr:
    """Swap the roles of users and items."""
    swap = {Symbol(a): Symbol(b) for a, b in ("ij", "ji", "pl", "lp", "mn", "nm")}
    names = {"u": "v", "v": "u"}
    arrays = {}
    for x in line.expression.atoms(Indexed):
        at = [index.xreplace(swap) for index in x.indices]
        name = str(x.base)
        if name in ("r", "w"):
            at.reverse()
        arrays[x] = IndexedBase(names.get(name, name))[tuple(at)]
    return line.expression.xreplace({**swap, **arrays})
