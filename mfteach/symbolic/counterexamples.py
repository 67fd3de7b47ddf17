"""Indexed sums at small sizes, term by term: where two expressions differ.

This is the slow and obvious way to compute an indexed sum, with exact fractions and without the
index engine. It cannot prove that two expressions are equal; it shows where they are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from random import Random

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Rational, Sum, Symbol

from mfteach.symbolic.indexed_sums import UndecidedError, free_symbols

__all__ = ["disagreement", "value"]

_LARGEST_SIZE = 3
_TRIES = 6
_CHOICES = ((0, 1), (-2, -1, 1, 2, 3))


def value(
    expr: Expr, symbols: Mapping[Symbol, int], entry: Callable[[str, tuple[int, ...]], int]
) -> Fraction:
    """Compute an expression at given sizes, indices and entries.

    Parameters
    ----------
    expr : Expr
        As for the index engine, or with quotients.
    symbols : mapping of Symbol to int
        The value of each size, free index and plain symbol.
    entry : callable
        ``entry("r", (1, 2))`` is the value of r_12.

    Raises
    ------
    UndecidedError
        If `expr` contains anything else.
    ZeroDivisionError
        If it divides by zero there.
    """
    if isinstance(expr, Rational):
        return Fraction(int(expr.p), int(expr.q))
    if isinstance(expr, Symbol):
        return Fraction(symbols[expr])
    if isinstance(expr, Indexed):
        at = tuple(int(value(index, symbols, entry)) for index in expr.indices)
        return Fraction(entry(str(expr.base), at))
    if isinstance(expr, Sum):
        return _sum(expr.function, expr.limits, symbols, entry)
    parts = [value(part, symbols, entry) for part in expr.args]
    if isinstance(expr, KroneckerDelta):
        return Fraction(parts[0] == parts[1])
    if isinstance(expr, Add):
        return sum(parts, Fraction(0))
    if isinstance(expr, Mul):
        return prod(parts, start=Fraction(1))
    if isinstance(expr, Pow) and parts[1].denominator == 1:
        return parts[0] ** int(parts[1])
    raise UndecidedError(f"{expr} cannot be computed with fractions")


def _sum(
    body: Expr,
    limits: tuple[tuple[Expr, ...], ...],
    symbols: Mapping[Symbol, int],
    entry: Callable[[str, tuple[int, ...]], int],
) -> Fraction:
    if not limits:
        return value(body, symbols, entry)
    *inner, (index, low, high) = limits
    first, last = (int(value(limit, symbols, entry)) for limit in (low, high))
    return sum(
        (_sum(body, tuple(inner), {**symbols, index: at}, entry) for at in range(first, last + 1)),
        Fraction(0),
    )


def disagreement(a: Expr, b: Expr) -> str | None:
    """Search small sizes and small whole numbers for values at which a and b differ.

    Returns
    -------
    str or None
        Such as ``"at k = 1, m = 1, u_11 = 2: 4 and -4"``, with the smallest sizes first; None
        if no difference was found, which proves nothing.
    """
    free = free_symbols(a) | free_symbols(b)
    sums = [node for side in (a, b) for node in side.atoms(Sum)]
    sizes = {s for node in sums for _, *ends in node.limits for e in ends for s in e.free_symbols}
    used = [node for side in (a, b) for node in side.atoms(Indexed, KroneckerDelta)]
    slots = (node.indices if isinstance(node, Indexed) else node.args for node in used)
    indices = {s for slot in slots for index in slot for s in index.free_symbols} & free - sizes
    order = [*sorted(sizes, key=str), *sorted(indices, key=str)]
    places = sorted(
        product(range(1, _LARGEST_SIZE + 1), repeat=len(order)),
        key=lambda at: (max(at[: len(sizes)], default=1), sum(at)),
    )
    plain = sorted(free - sizes - indices, key=str)
    # Zeros and ones first, at every size: the indicator of a known rating is a 0 or a 1.
    for choices, place in product(_CHOICES, places):
        symbols = dict(zip(order, place, strict=True))
        smallest = min((symbols[size] for size in sizes), default=_LARGEST_SIZE)
        if all(symbols[index] <= smallest for index in indices):
            found = _difference_at(a, b, symbols, plain, choices)
            if found:
                return found
    return None


def _difference_at(
    a: Expr, b: Expr, symbols: Mapping[Symbol, int], plain: list[Symbol], choices: Sequence[int]
) -> str | None:
    random = Random(1)
    for _ in range(_TRIES):
        entries = _Entries(random, choices)
        everything = {**symbols, **{symbol: random.choice(choices) for symbol in plain}}
        try:
            left, right = (value(side, everything, entries) for side in (a, b))
        except ZeroDivisionError:
            continue
        if left != right:
            facts = [f"{symbol} = {number}" for symbol, number in everything.items()]
            return f"at {', '.join(facts + entries.facts())}: {left} and {right}"
    return None


class _Entries:
    """Entries of arrays, chosen when they are first needed."""

    def __init__(self, random: Random, choices: Sequence[int]) -> None:
        self.random = random
        self.choices = choices
        self.known: dict[tuple[str, tuple[int, ...]], int] = {}

    def __call__(self, name: str, at: tuple[int, ...]) -> int:
        return self.known.setdefault((name, at), self.random.choice(self.choices))

    def facts(self) -> list[str]:
        known = sorted(self.known.items())
        return [f"{name}_{''.join(map(str, at))} = {number}" for (name, at), number in known]
