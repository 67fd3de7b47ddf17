"""Where an index may lie: the ranges of sums, and what a delta in them means.

Sum_q delta(q, p) x[q] is x[p] where p lies in the range of the sum, and 0 elsewhere. So whether p
lies there has to be known: from a sum around it, from what the caller says about it, or, where
nobody says anything, by an assumption that then holds for the whole question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from sympy import Expr, Integer, Symbol

from mfteach.symbolic.index_engine.hygiene import UndecidedError
from mfteach.symbolic.index_engine.summed_indices import (
    FREE,
    LITERAL,
    OPEN,
    Component,
    Index,
    Range,
)
from mfteach.symbolic.index_engine.terms import (
    Algebra,
    Polynomial,
    Term,
    refuse_terms,
    unshifted,
    uses,
    written,
)

__all__ = ["Ranges", "limits_of", "ranges_of"]


def limits_of(limit: tuple[Expr, ...], triangular: set[Symbol]) -> tuple[Symbol, Range]:
    """Check the limits of a sum; `triangular` are the indices of the sums around it."""
    if len(limit) != 3 or not isinstance(limit[0], Symbol):
        raise UndecidedError(f"the index {limit[0]} of a sum needs a lower and an upper limit")
    index, low, high = limit
    if high.free_symbols & triangular:
        raise UndecidedError(f"triangular: the limit {high} of {index} is a summed index")
    shift, size = high.as_coeff_Add()
    countable = isinstance(low, Integer) and isinstance(shift, Integer)
    if not countable or not (size == 0 or isinstance(size, Symbol)):
        raise UndecidedError(
            f"the sum over {index} from {low} to {high}: the limits must be two integers, "
            "or an integer and a size such as n"
        )
    if (shift if size == 0 else shift + 1) < low - 1:
        raise UndecidedError(f"the sum over {index} from {low} to {high} may run backwards")
    return index, Range(size.name if size != 0 else "", int(low), int(shift))


def ranges_of(ranges: Mapping[Symbol, Expr] | None) -> dict[str, Range]:
    """Check what the caller says about the free indices: the upper limit of each."""
    known = {}
    for index, high in (ranges or {}).items():
        if isinstance(high, Symbol):
            known[index.name] = Range(high.name, 1, 0)
        elif isinstance(high, int | Integer) and high >= 1:
            known[index.name] = Range("", 1, int(high))
        else:
            raise UndecidedError(
                f"{index} would run from 1 to {high}: the limit must be a size or a whole number, "
                "at least 1"
            )
    return known


class Ranges:
    """Binds indices by sums, and keeps the ranges that are known or had to be assumed.

    Parameters
    ----------
    algebra : Algebra
        Computes the terms.
    known : mapping of str to Range
        What the caller says about free indices.
    """

    def __init__(self, algebra: Algebra, known: Mapping[str, Range]) -> None:
        self.algebra = algebra
        self.free = dict(known)
        self.assumed: set[str] = set()
        self.open: dict[Index, Range] = {}

    def opened(self, limits: Range) -> Index:
        """Return an index for a sum that is being worked on."""
        index = self.algebra.fresh()
        self.open[index] = limits
        return index

    def opened_sum(self, component: Component) -> tuple[Term, dict[Index, Range]]:
        """Return the product under a sum, and the range of each of its indices."""
        ranges, factors = self.algebra.opened(component)
        self.open |= ranges
        return Term(factors=tuple(sorted(factors.items()))), ranges

    def sum(self, polynomial: Polynomial, index: Index) -> Polynomial:
        """Sum a polynomial over an open index."""
        limits = self.open[index]
        if limits.is_empty:
            return {}
        return self.algebra.add(
            *(self._sum_of_term(term, number, index, limits) for term, number in polynomial.items())
        )

    def _sum_of_term(self, term: Term, number: Fraction, index: Index, limits: Range) -> Polynomial:
        algebra = self.algebra
        if not _occurs(index, term):
            length = algebra.number(limits.shift - limits.low + 1)
            if limits.size:
                length = algebra.add(length, algebra.letter(limits.size))
            return algebra.multiply({term: number}, length)
        equal = _equal_to(index, term)
        if equal and limits.is_shifted:
            return self._shifted_delta(term, number, index, limits)
        if equal:
            if self._is_in(equal, limits):
                return self._replaced(term, number, index, equal[0])
            return self._written_out(term, number, index, limits)
        if not limits.size:
            return {algebra.closed(term, index, limits): number}
        whole = {algebra.closed(term, index, limits.plain): number}
        edges = (self._replaced(term, sign * number, index, at) for sign, at in _edges(limits))
        return algebra.add(whole, *edges)

    def _shifted_delta(
        self, term: Term, number: Fraction, index: Index, limits: Range
    ) -> Polynomial:
        """Sum a term with a delta from 2, or to n - 1: from 1 to n, without what is too much.

        What a sum from 0 or to n + 1 has beyond 1 to n is 0 here: the delta's partner is not there.
        """
        equal = _equal_to(index, term)
        if not any(self._surely_in(x, limits.plain) for x in equal):
            raise UndecidedError(
                f"a delta under a sum {limits} is not handled: it is not known whether "
                f"{written(equal[0])} lies there"
            )
        whole = self._replaced(term, number, index, equal[0])
        extra = (at for sign, at in _edges(limits) if sign < 0)
        return self.algebra.add(whole, *(self._replaced(term, -number, index, at) for at in extra))

    def _replaced(self, term: Term, number: Fraction, index: Index, by: Index) -> Polynomial:
        return self.algebra.collected([(self.algebra.renamed(term, {index: by}), number)])

    def _written_out(self, term: Term, number: Fraction, index: Index, limits: Range) -> Polynomial:
        """Write out a sum between two whole numbers."""
        refuse_terms(limits.shift - limits.low + 1)
        values = range(limits.low, limits.shift + 1)
        return self.algebra.add(
            *(self._replaced(term, number, index, Index(LITERAL, "", at)) for at in values)
        )

    # --- does a delta's partner lie in the range of the sum? -------------------------------------

    def _is_in(self, equal: list[Index], limits: Range) -> bool:
        """Whether what a delta makes equal to a summed index lies in its range.

        True if it does, perhaps by assumption; False if the sum has to be written out to see.
        """
        known = {x: self._range(x) for x in equal if self._range(x)}
        clashes = [x for x in known if x.name in self.assumed and known[x] != limits]
        if any(self._surely_in(x, limits) for x in equal if x not in clashes):
            return True
        for partner in clashes:
            raise self._clash(partner, known[partner], limits)
        if not limits.size:
            if not known and all(x.kind == FREE and not self.algebra.is_size(x) for x in equal):
                self._assume(equal, limits)
                return True
            return False
        for partner, other in known.items():
            raise self._clash(partner, other, limits)
        unknown = [x for x in equal if x.kind == FREE and not self.algebra.is_size(x)]
        if unknown:
            self._assume(unknown, limits)
            return True
        raise UndecidedError(
            f"whether {written(equal[0])} lies in 1 to {limits.size} depends on {limits.size}"
        )

    @staticmethod
    def _clash(partner: Index, other: Range | None, limits: Range) -> UndecidedError:
        return UndecidedError(
            f"{written(partner)} would have to run {other} and {limits}: a delta compares it "
            f"with an index that runs {limits}"
        )

    def _surely_in(self, partner: Index, limits: Range) -> bool:
        if not limits.size:
            known = self._range(partner)
            if partner.kind == LITERAL:
                known = Range("", partner.number, partner.number)
            return (
                known is not None
                and not known.size
                and limits.low <= known.low
                and known.shift <= limits.shift
            )
        if partner.kind == LITERAL:
            return partner.number == 1
        return partner == Index(FREE, limits.size, 0) or self._range(partner) == limits

    def _range(self, index: Index) -> Range | None:
        return self.open.get(index) if index.kind == OPEN else self.free.get(index.name)

    def _assume(self, indices: list[Index], limits: Range) -> None:
        self.free |= {index.name: limits for index in indices}
        self.assumed |= {index.name for index in indices}

    # --- sums and indices between whole numbers --------------------------------------------------

    def vanishes(self, polynomial: Polynomial) -> bool:
        """Whether a polynomial is 0 for all sizes, all values and all indices in their ranges."""
        if polynomial:
            polynomial = self.without_fixed_sums(polynomial)
        if not polynomial:
            return True
        for name, limits in self.free.items():
            index = Index(FREE, name, 0)
            if not limits.size and any(_occurs(index, term) for term in polynomial):
                values = range(limits.low, limits.shift + 1)
                return all(self.vanishes(self._at(polynomial, index, value)) for value in values)
        return False

    def _at(self, polynomial: Polynomial, index: Index, value: int) -> Polynomial:
        names = {index: Index(LITERAL, "", value)}
        return self.algebra.collected(
            (self.algebra.renamed(term, names), number) for term, number in polynomial.items()
        )

    def without_fixed_sums(self, polynomial: Polynomial) -> Polynomial:
        """Write out the sums between two whole numbers."""
        algebra = self.algebra
        products = []
        for term, number in polynomial.items():
            product = {term._replace(sums=()): number}
            for component, power in term.sums:
                one = {Term(sums=((component, 1),)): Fraction(1)}
                if not all(limits.size for limits in component.ranges):
                    one = self._without_fixed_indices(component)
                product = algebra.multiply(product, algebra.power(one, power))
            products.append(product)
        return algebra.add(*products)

    def _without_fixed_indices(self, component: Component) -> Polynomial:
        term, ranges = self.opened_sum(component)
        result = {term: Fraction(1)}
        for index, limits in ranges.items():
            if not limits.size:
                result = self.algebra.add(
                    *(self._written_out(term, x, index, limits) for term, x in result.items())
                )
        for index, limits in ranges.items():
            if limits.size:
                result = self.sum(result, index)
        return result


def _occurs(index: Index, term: Term) -> bool:
    return (
        any(unshifted(x) == index for (_, indices), _ in term.factors for x in indices)
        or any(index in pair for pair in term.deltas)
        or any(uses(component, {index}) for component, _ in term.sums)
    )


def _equal_to(index: Index, term: Term) -> list[Index]:
    """List the indices that a term's deltas make equal to one, the first of them first."""
    for first in {pair[0] for pair in term.deltas if index in pair}:
        group = [first, *(other for one, other in term.deltas if one == first)]
        return [x for x in group if x != index]
    return []


def _edges(limits: Range) -> Iterator[tuple[int, Index]]:
    """Yield what a sum from `low` to `size + shift` has beyond the sum from 1 to `size`."""
    refuse_terms(abs(limits.low) + abs(limits.shift))
    size = Index(FREE, limits.size, 0)
    yield from ((-1, Index(LITERAL, "", at)) for at in range(1, limits.low))
    yield from ((1, Index(LITERAL, "", at)) for at in range(limits.low, 1))
    yield from ((1, size._replace(number=step)) for step in range(1, limits.shift + 1))
    yield from ((-1, size._replace(number=-step)) for step in range(-limits.shift))
