"""A normal form written as a SymPy expression, with summed indices that a reader can follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import count

from sympy import (
    Add,
    Expr,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Rational,
    Sum,
    Symbol,
    srepr,
)

from mfteach.symbolic.index_engine.summed_indices import BOUND, LITERAL, Component, Index, Range
from mfteach.symbolic.index_engine.terms import Polynomial, Term

__all__ = ["Letters", "write_out"]

_NEXT = {"i": "p", "j": "l", "s": "qt", "q": "t"}
_SPARES = "qtlpabcdgh"


class Letters:
    """Chooses letters for summed indices: those of an expression for the same range, or spares.

    Parameters
    ----------
    expr : Expr
        The expression whose letters are used again.
    taken : set of Symbol
        Letters that mean something else: free indices, sizes, plain symbols.
    primes : bool
        Whether letters of the expression keep their primes.
    """

    def __init__(self, expr: Expr, taken: set[Symbol], *, primes: bool = True) -> None:
        self.taken = {symbol.name for symbol in taken}
        self.known: dict[str, list[Symbol]] = {}
        for node in sorted(expr.atoms(Sum), key=srepr):
            for index, _, high in node.limits:
                used = self.known.setdefault(_size(high), [])
                letter = index if primes else Symbol(index.name.rstrip("'"))
                used += [letter] if letter not in used else []

    def for_ranges(self, ranges: Iterable[Range]) -> list[Symbol]:
        """Return a letter of its own for each of the ranges of one sum."""
        letters: list[Symbol] = []
        for limits in ranges:
            used = self.taken | {letter.name for letter in letters}
            letters.append(next(x for x in self._candidates(limits) if x.name not in used))
        return letters

    def _candidates(self, limits: Range) -> Iterator[Symbol]:
        known = self.known.get(limits.size or str(limits.shift), [])
        yield from known
        first = known[0].name.rstrip("'") if known else "q"
        yield from map(Symbol, _NEXT.get(first, ""))
        yield from map(Symbol, _SPARES)
        yield from (Symbol(f"{first}{number}") for number in count(1))


def _size(high: Expr) -> str:
    size = high.as_coeff_Add()[1]
    return str(size if size != 0 else high)


def write_out(
    polynomial: Polynomial,
    letters: Letters,
    symbols: Mapping[str, Symbol],
    bases: Mapping[str, IndexedBase],
) -> Expr:
    """Write a polynomial as an expression; `symbols` and `bases` are looked up by name."""
    return Add(
        *(
            _Writer(letters, symbols, bases).term(term, number)
            for term, number in polynomial.items()
        )
    )


class _Writer:
    def __init__(
        self,
        letters: Letters,
        symbols: Mapping[str, Symbol],
        bases: Mapping[str, IndexedBase],
    ) -> None:
        self.letters = letters
        self.symbols = symbols
        self.bases = bases

    def term(self, term: Term, number: Fraction) -> Expr:
        return Mul(
            Rational(number.numerator, number.denominator),
            *(self.symbols[name] ** power for name, power in term.letters),
            *(self.indexed(name, indices) ** power for (name, indices), power in term.factors),
            *(KroneckerDelta(self.index(a), self.index(b)) for a, b in term.deltas),
            *(self.sum(component) ** power for component, power in term.sums),
        )

    def sum(self, component: Component) -> Expr:
        bound = self.letters.for_ranges(component.ranges)
        factors = (
            self.indexed(name, indices, bound) ** power
            for (name, indices), power in component.factors
        )
        limits = (
            (index, Integer(limits.low), self.upper(limits))
            for index, limits in zip(bound, component.ranges, strict=True)
        )
        return Sum(Mul(*factors), *limits)

    def upper(self, limits: Range) -> Expr:
        return self.symbols[limits.size] if limits.size else Integer(limits.shift)

    def indexed(
        self, name: str, indices: tuple[Index, ...], bound: list[Symbol] | None = None
    ) -> Indexed:
        return self.bases[name][tuple(self.index(x, bound or []) for x in indices)]

    def index(self, index: Index, bound: list[Symbol] | None = None) -> Expr:
        if index.kind == LITERAL:
            return Integer(index.number)
        if index.kind == BOUND:
            return (bound or [])[index.number]
        return self.symbols[index.name] + index.number
