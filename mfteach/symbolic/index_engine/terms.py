"""Products of indexed symbols under sums, as plain tuples, and how to compute with them.

A `Term` is a product: letters and sizes, indexed symbols, Kronecker deltas, and sums of products.
A polynomial maps each term to its coefficient. Every operation returns terms in **normal form**:

- equal indices have one name: delta(i, p)*x[p] is delta(i, p)*x[i];
- a known rating is known or not: w[i, j] is 0 or 1, so its powers are w[i, j] itself;
- a sum ranges over one product that its indices connect, and is named by `summed_indices`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import count
from math import comb
from typing import NamedTuple, TypeVar

from mfteach.symbolic.index_engine.hygiene import UndecidedError, refuse_large_number
from mfteach.symbolic.index_engine.summed_indices import (
    BOUND,
    FREE,
    LITERAL,
    OPEN,
    Component,
    Factor,
    Index,
    Range,
    Steps,
    summed,
)

__all__ = ["INDICATOR", "MOST_TERMS", "SIZES", "Algebra", "Polynomial", "Term"]

MOST_TERMS = 500
MOST_EXPONENT = 100
_MOST_COPIES = 24

INDICATOR = "w"
"""The indexed symbol that is 1 for a known rating and 0 for an unknown one; it has two indices."""

SIZES = frozenset("mnk")
"""The lecture's sizes: how many users, items and factors there are."""

Delta = tuple[Index, Index]
_Part = TypeVar("_Part")


class Term(NamedTuple):
    """A product in normal form; each part is sorted, with the powers of what it consists of.

    In a delta, the first index is the one that replaces the second everywhere else.
    """

    letters: tuple[tuple[str, int], ...] = ()
    factors: tuple[tuple[Factor, int], ...] = ()
    deltas: tuple[Delta, ...] = ()
    sums: tuple[tuple[Component, int], ...] = ()


Polynomial = dict[Term, Fraction]
_ONE = Term()


class Algebra:
    """Computes with polynomials in normal form.

    Parameters
    ----------
    sizes : set of str
        The names of the upper limits of sums: an index may be equal to a size, as in x[n].
    steps : Steps
        Counts the terms that are built.
    """

    def __init__(self, sizes: set[str], steps: Steps) -> None:
        self.sizes = sizes
        self.steps = steps
        self._numbers = count()

    def fresh(self) -> Index:
        """Return an index for a sum that is being worked on."""
        return Index(OPEN, "", next(self._numbers))

    # --- what polynomials are made of ------------------------------------------------------------

    def number(self, value: Fraction | int) -> Polynomial:
        """Return a constant."""
        return {_ONE: Fraction(value)} if value else {}

    def letter(self, name: str) -> Polynomial:
        """Return a plain symbol or a size."""
        return {Term(letters=((name, 1),)): Fraction(1)}

    def indexed(self, name: str, indices: tuple[Index, ...]) -> Polynomial:
        """Return an indexed symbol."""
        return {Term(factors=(((name, indices), 1),)): Fraction(1)}

    def delta(self, a: Index, b: Index) -> Polynomial:
        """Return a Kronecker delta."""
        if a.kind == b.kind == FREE and a.name == b.name and a.number != b.number:
            return {}
        term = self._term({}, {}, [(a, b)], {})
        return {term: Fraction(1)} if term else {}

    # --- sums, products, powers ------------------------------------------------------------------

    def add(self, *polynomials: Polynomial) -> Polynomial:
        """Add polynomials up."""
        return self.collected(pair for polynomial in polynomials for pair in polynomial.items())

    def subtract(self, a: Polynomial, b: Polynomial) -> Polynomial:
        """Return a - b."""
        return self.add(a, {term: -number for term, number in b.items()})

    def collected(self, pairs: Iterable[tuple[Term | None, Fraction]]) -> Polynomial:
        """Collect equal terms, and drop those that are 0."""
        result: Polynomial = {}
        for term, number in pairs:
            if term is None:
                self.steps.take()
                continue
            self.steps.take(1 + len(term.factors) // 8)
            total = result.get(term, 0) + number
            refuse_large_number(total.numerator, total.denominator)
            if total:
                result[term] = total
            else:
                result.pop(term, None)
            refuse_terms(len(result))
        return result

    def multiply(self, a: Polynomial, b: Polynomial) -> Polynomial:
        """Multiply out."""
        if len(a) == 1 and a.get(_ONE) == 1:
            return b
        return self.collected(
            (self._product(left, right), x * y) for left, x in a.items() for right, y in b.items()
        )

    def power(self, base: Polynomial, exponent: int) -> Polynomial:
        """Multiply a polynomial by itself, after a look at how large the result would be."""
        if exponent == 0:
            return self.number(1)
        if not base:
            return base
        if exponent > MOST_EXPONENT:
            raise UndecidedError(f"the exponent is too high: at most {MOST_EXPONENT}")
        if len(base) > 1:
            refuse_terms(comb(exponent + len(base) - 1, len(base) - 1))
        half = self.power(base, exponent // 2)
        square = self.multiply(half, half)
        return self.multiply(base, square) if exponent % 2 else square

    def _product(self, a: Term, b: Term) -> Term | None:
        return self._term(
            _merged(a.letters, b.letters),
            _merged(a.factors, b.factors),
            (*a.deltas, *b.deltas),
            _merged(a.sums, b.sums),
        )

    # --- the normal form of one product ----------------------------------------------------------

    def _term(
        self,
        letters: Mapping[str, int],
        factors: Mapping[Factor, int],
        deltas: Iterable[Delta],
        sums: Mapping[Component, int],
    ) -> Term | None:
        """Bring one product to normal form; None if it is 0."""
        equal: tuple[Delta, ...] = ()
        groups = _groups(deltas)
        if groups:
            names: dict[Index, Index] = {}
            for group in groups:
                first, *others = self._by_preference(group)
                if others and others[0].kind == LITERAL:
                    return None
                names |= dict.fromkeys(others, first)
            factors = _renamed_factors(factors, names)
            sums = self._renamed_sums(sums, names)
            equal = tuple(sorted((first, other) for other, first in names.items()))
        return Term(
            tuple(sorted(letters.items())),
            tuple(sorted(_indicator_once(factors).items())),
            equal,
            tuple(sorted(sums.items())),
        )

    def _by_preference(self, group: set[Index]) -> list[Index]:
        """Sort indices that are equal: numbers first, then sizes, then letters."""
        for shifted in group:
            if shifted.kind == FREE and shifted.number:
                other = written(min(group - {shifted}))
                raise UndecidedError(
                    f"whether {written(shifted)} equals {other} depends on the sizes"
                )
        special = [x for x in group if x.kind == LITERAL or self.is_size(x)]
        if len(special) > 1 and any(self.is_size(x) for x in special):
            names = " and ".join(sorted(written(x) for x in special))
            raise UndecidedError(f"a delta compares the sizes {names}")
        return sorted(group, key=lambda x: (x not in special, x))

    def is_size(self, index: Index) -> bool:
        """Whether an index is the upper limit of a sum, as in x[n]."""
        return index.kind == FREE and index.name in self.sizes

    def renamed(self, term: Term, names: Mapping[Index, Index]) -> Term | None:
        """Give indices other names, or numbers."""
        deltas = [(names.get(a, a), names.get(b, b)) for a, b in term.deltas]
        return self._term(
            dict(term.letters),
            _renamed_factors(dict(term.factors), names),
            deltas,
            self._renamed_sums(dict(term.sums), names),
        )

    def _renamed_sums(
        self, sums: Mapping[Component, int], names: Mapping[Index, Index]
    ) -> dict[Component, int]:
        result: Counter[Component] = Counter()
        for component, power in sums.items():
            if uses(component, names):
                fresh, factors = self.opened(component)
                factors = _indicator_once(_renamed_factors(factors, names))
                component = summed(factors, fresh, self.steps)
            result[component] += power
        return result

    # --- opening and closing sums ----------------------------------------------------------------

    def opened(self, component: Component) -> tuple[dict[Index, Range], dict[Factor, int]]:
        """Give a sum's indices fresh names, and return their ranges and the product."""
        names = {Index(BOUND, "", role): self.fresh() for role in range(len(component.ranges))}
        ranges = dict(zip(names.values(), component.ranges, strict=True))
        return ranges, _renamed_factors(dict(component.factors), names)

    def closed(self, term: Term, index: Index, limits: Range) -> Term:
        """Sum a term over one index that occurs in its factors, but in no delta."""
        inside: Counter[Factor] = Counter()
        ranges = {index: limits}
        for factor, power in term.factors:
            if index in factor[1]:
                inside[factor] += power
        outside: Counter[Component] = Counter()
        for component, power in term.sums:
            if not uses(component, {index}):
                outside[component] += power
                continue
            if power * len(component.ranges) > _MOST_COPIES:
                raise UndecidedError(f"the power {power} of a sum within a sum is too high")
            for _ in range(power):
                fresh, factors = self.opened(component)
                ranges |= fresh
                inside.update(factors)
        outside[summed(_indicator_once(inside), ranges, self.steps)] += 1
        kept = tuple(pair for pair in term.factors if index not in pair[0][1])
        return term._replace(factors=kept, sums=tuple(sorted(outside.items())))


def refuse_terms(number: int) -> None:
    """Refuse a polynomial with too many terms, before it is written out."""
    if number > MOST_TERMS:
        raise UndecidedError(f"multiplied out, this has more than {MOST_TERMS} terms")


def is_indicator(name: str, indices: tuple[object, ...]) -> bool:
    """Whether an indexed symbol is the lecture's w[i, j], which is 0 or 1."""
    return name == INDICATOR and len(indices) == 2


def written(index: Index) -> str:
    """Write an index for a message."""
    if index.kind == LITERAL:
        return str(index.number)
    if index.kind != FREE:
        return "a summed index"
    sign = "+" if index.number > 0 else "-"
    return f"{index.name} {sign} {abs(index.number)}" if index.number else index.name


def uses(component: Component, indices: Iterable[Index]) -> bool:
    """Whether one of the indices, possibly shifted, occurs in a sum."""
    wanted = set(indices)
    return any(x in wanted or unshifted(x) in wanted for x in indices_of(component))


def indices_of(component: Component) -> Iterator[Index]:
    """Yield the indices in the factors of a sum."""
    for (_, indices), _ in component.factors:
        yield from indices


def unshifted(index: Index) -> Index:
    """Return p for p + 1."""
    return index._replace(number=0) if index.kind == FREE else index


def _renamed(index: Index, names: Mapping[Index, Index]) -> Index:
    if index in names:
        return names[index]
    new = names.get(unshifted(index))
    if new is None:
        return index
    if new.kind > FREE:
        raise UndecidedError(f"the index {written(index)} is not a plain index")
    return new._replace(number=new.number + index.number)


def _renamed_factors(
    factors: Mapping[Factor, int], names: Mapping[Index, Index]
) -> dict[Factor, int]:
    result: Counter[Factor] = Counter()
    for (name, indices), power in factors.items():
        result[name, tuple(_renamed(x, names) for x in indices)] += power
    return result


def _indicator_once(factors: Mapping[Factor, int]) -> dict[Factor, int]:
    return {factor: 1 if is_indicator(*factor) else power for factor, power in factors.items()}


def _merged(a: tuple[tuple[_Part, int], ...], b: tuple[tuple[_Part, int], ...]) -> dict[_Part, int]:
    result = dict(a)
    for part, power in b:
        result[part] = result.get(part, 0) + power
    return result


def _groups(pairs: Iterable[Delta]) -> list[set[Index]]:
    """Collect into groups what the pairs connect."""
    groups: list[set[Index]] = []
    for pair in pairs:
        if pair[0] == pair[1]:
            continue
        tied = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in tied]
        groups.append(set(pair).union(*tied))
    return groups
