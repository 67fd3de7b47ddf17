"""The product rule for polynomials in normal form."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeVar

from mfteach.symbolic.index_engine.hygiene import UndecidedError
from mfteach.symbolic.index_engine.ranges import Ranges
from mfteach.symbolic.index_engine.summed_indices import Component, Factor, Index
from mfteach.symbolic.index_engine.terms import Polynomial, Term

__all__ = ["derivative_by_indexed", "derivative_by_letter"]

_Part = TypeVar("_Part")


def derivative_by_letter(polynomial: Polynomial, name: str, ranges: Ranges) -> Polynomial:
    """Differentiate with respect to a plain symbol."""
    return ranges.algebra.collected(
        (term._replace(letters=_one_less(term.letters, at)), number * power)
        for term, number in polynomial.items()
        for at, (letter, power) in enumerate(term.letters)
        if letter == name
    )


def derivative_by_indexed(
    polynomial: Polynomial, name: str, indices: tuple[Index, ...], ranges: Ranges
) -> Polynomial:
    """Differentiate with respect to an indexed symbol: each factor in turn becomes deltas."""
    slopes = (
        ranges.algebra.multiply({rest: number}, slope)
        for term, number in polynomial.items()
        for rest, slope in _product_rule(term, name, indices, ranges)
    )
    return ranges.algebra.add(*slopes)


def _product_rule(
    term: Term, name: str, indices: tuple[Index, ...], ranges: Ranges
) -> Iterator[tuple[Term, Polynomial]]:
    """Yield each factor's derivative, and the term without that factor."""
    for at, (factor, power) in enumerate(term.factors):
        rest = term._replace(factors=_one_less(term.factors, at))
        yield rest, _times(power, _slope_of_factor(factor, name, indices, ranges))
    for at, (component, power) in enumerate(term.sums):
        rest = term._replace(sums=_one_less(term.sums, at))
        yield rest, _times(power, _slope_of_sum(component, name, indices, ranges))


def _slope_of_factor(
    factor: Factor, name: str, indices: tuple[Index, ...], ranges: Ranges
) -> Polynomial:
    if factor[0] != name:
        return {}
    if len(factor[1]) != len(indices):
        raise UndecidedError(
            f"{name} has {len(factor[1])} indices in one place and {len(indices)} in another: the "
            "two differ in the number of their indices"
        )
    result = ranges.algebra.number(1)
    for one, other in zip(factor[1], indices, strict=True):
        result = ranges.algebra.multiply(result, ranges.algebra.delta(one, other))
    return result


def _slope_of_sum(
    component: Component, name: str, indices: tuple[Index, ...], ranges: Ranges
) -> Polynomial:
    if not any(factor[0] == name for factor, _ in component.factors):
        return {}
    term, opened = ranges.opened_sum(component)
    slope = derivative_by_indexed({term: Fraction(1)}, name, indices, ranges)
    for index in opened:
        slope = ranges.sum(slope, index)
    return slope


def _one_less(powers: tuple[tuple[_Part, int], ...], at: int) -> tuple[tuple[_Part, int], ...]:
    """Take away one copy of a part of a product."""
    part, power = powers[at]
    left = ((part, power - 1),) if power > 1 else ()
    return (*powers[:at], *left, *powers[at + 1 :])


def _times(number: int, polynomial: Polynomial) -> Polynomial:
    return {term: number * x for term, x in polynomial.items()}
