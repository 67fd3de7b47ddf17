"""Indexed sums at small sizes, term by term: where two expressions differ.

This is the slow and obvious way to compute an indexed sum, with exact fractions and without the
index engine. It cannot prove that two expressions are equal; it shows where they are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from math import prod
from random import Random

from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Pow, Rational, Sum, Symbol

from mfteach.symbolic.index_engine.hygiene import (
    UndecidedError,
    checked,
    refuse_namesakes,
    shown,
    symbols_of,
)
from mfteach.symbolic.index_engine.ranges import ranges_of
from mfteach.symbolic.index_engine.terms import SIZES, is_indicator

__all__ = ["MOST_STEPS", "disagreement", "value"]

MOST_STEPS = 20_000
"""How many entries and terms of sums one search for a difference may look at."""

_LARGEST_SIZE = 3
_DRAWS = 4
_DRAWN = tuple(number for number in range(-9, 10) if number)
_SIMPLE = (0, 1, 2, -1, 3, -2)
_MOST_BITS = 10_000

_Place = dict[Symbol, int]
_Number = int | Fraction
_Entry = tuple[str, tuple[int, ...]]


class _BackwardsError(Exception):
    """A sum that runs backwards at these sizes: what it means is not agreed upon."""


class _Steps:
    def __init__(self, most: int) -> None:
        self.left = most

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise UndecidedError("there are too many terms to add up one by one")


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
        If `expr` contains anything else, or is too large to be computed term by term.
    ZeroDivisionError
        If it divides by zero there.
    """
    return Fraction(_Evaluation(entry, _Steps(50 * MOST_STEPS)).of(expr, symbols))


class _Evaluation:
    """Computes expressions entry by entry, and counts the entries and the terms of sums."""

    def __init__(self, entry: Callable[[str, tuple[int, ...]], int], steps: _Steps) -> None:
        self.entry = entry
        self.steps = steps

    def of(self, expr: Expr, symbols: Mapping[Symbol, int]) -> _Number:
        if isinstance(expr, Integer):
            return int(expr)
        if isinstance(expr, Symbol):
            return symbols[expr]
        if isinstance(expr, Indexed):
            self.steps.take()
            at = tuple(int(self.of(index, symbols)) for index in expr.indices)
            return self.entry(str(expr.base), at)
        if isinstance(expr, Sum):
            return self._sum(expr.function, expr.limits, symbols)
        if isinstance(expr, Rational):
            return Fraction(int(expr.p), int(expr.q))
        if not isinstance(expr, KroneckerDelta | Add | Mul | Pow):
            raise UndecidedError(f"{shown(expr)} cannot be computed with fractions")
        parts = [self.of(part, symbols) for part in expr.args]
        if isinstance(expr, KroneckerDelta):
            return int(parts[0] == parts[1])
        if isinstance(expr, Add):
            return sum(parts)
        return prod(parts) if isinstance(expr, Mul) else _power(expr, *parts)

    def _sum(
        self, body: Expr, limits: tuple[tuple[Expr, ...], ...], symbols: Mapping[Symbol, int]
    ) -> _Number:
        if not limits:
            return self.of(body, symbols)
        *inner, (index, low, high) = limits
        first, last = (int(self.of(limit, symbols)) for limit in (low, high))
        if last < first - 1:
            raise _BackwardsError
        total: _Number = 0
        for at in range(first, last + 1):
            self.steps.take()
            total += self._sum(body, tuple(inner), {**symbols, index: at})
        return total


def _power(expr: Pow, base: _Number, exponent: _Number) -> _Number:
    if Fraction(exponent).denominator != 1:
        raise UndecidedError(f"{shown(expr)} cannot be computed with fractions")
    base, exponent = Fraction(base), int(exponent)
    if max(map(int.bit_length, base.as_integer_ratio())) * abs(exponent) > _MOST_BITS:
        raise UndecidedError(f"{shown(expr)} is too large to be computed")
    power = base**exponent
    return int(power) if power.denominator == 1 else power


def disagreement(a: Expr, b: Expr, ranges: Mapping[Symbol, Expr] | None = None) -> str | None:
    """Search small sizes and small whole numbers for values at which a and b differ.

    Only what the index engine's assumptions allow is tried: sizes from 1, w[i, j] 0 or 1, and
    each free index within its range.

    Parameters
    ----------
    a, b : Expr
        As for `value`.
    ranges : mapping of Symbol to Expr, optional
        The upper limit of each free index: ``{i: m}`` says 1 <= i <= m. A free index that is not
        in it is tried only where it lies within every size.

    Returns
    -------
    str or None
        Such as ``"at k = 1, m = 1, u_11 = 2: 4 and -4"``, with the smallest sizes first, and
        zeros and ones where they show the difference; None if no difference was found, which
        proves nothing.
    """
    search = _Search(checked(a), checked(b), ranges or {})
    try:
        return search.result()
    except _EndOfSearchError:
        return None


class _EndOfSearchError(Exception):
    """The search has looked at as many numbers as it may."""


class _Search:
    def __init__(self, a: Expr, b: Expr, ranges: Mapping[Symbol, Expr]) -> None:
        self.sides = (a, b)
        found = [symbols_of(side) for side in self.sides]
        free = found[0][0] | found[1][0]
        refuse_namesakes(free | ranges.keys(), found[0][1] | found[1][1])
        sums = [node for side in self.sides for node in side.atoms(Sum)]
        ends = [end for node in sums for _, *ends in node.limits for end in ends]
        self.sizes = {size for end in ends for size in end.free_symbols}
        self.sizes |= {s for s in free - ranges.keys() if s.name in SIZES}
        used = [node for side in self.sides for node in side.atoms(Indexed, KroneckerDelta)]
        slots = (node.indices if isinstance(node, Indexed) else node.args for node in used)
        indices = {s for slot in slots for index in slot for s in index.free_symbols}
        self.indices = sorted(indices & free - self.sizes, key=str)
        ranges_of(ranges)
        self.ranges = {index: ranges[index] for index in self.indices if index in ranges}
        self.sizes |= {high for high in self.ranges.values() if isinstance(high, Symbol)}
        self.indices = [index for index in self.indices if index not in self.sizes]
        self.plain = sorted(free - self.sizes - set(self.indices), key=str)
        compared = {s for side in self.sides for d in side.atoms(KroneckerDelta) for s in d.args}
        # Without a range of its own, a compared index lies in that of each sum between numbers.
        self.fixed = [
            (int(low), int(high))
            for node in sums
            for _, low, high in node.limits
            if compared and low.is_Integer and high.is_Integer and low <= high
        ]
        self.left = MOST_STEPS

    def result(self) -> str | None:
        for number, place in enumerate(self.places()):
            for draw in range(_DRAWS):
                entries = _Entries(Random(f"{number} {draw}"), known=draw == 0)
                plain = {symbol: entries.number(symbol) for symbol in self.plain}
                numbers = {**place, **plain}
                if sides := self.values(numbers, entries):
                    return self.described(place, numbers, entries, sides)
        return None

    def places(self) -> Iterator[_Place]:
        """Yield sizes and free indices within them, the smallest first."""
        sizes = sorted(self.sizes, key=str)
        choices = sorted(
            product(range(1, _LARGEST_SIZE + 1), repeat=len(sizes)),
            key=lambda at: (max(at, default=1), sum(at), at),
        )
        for choice in choices:
            at = dict(zip(sizes, choice, strict=True))
            spans = [self.span(index, at) for index in self.indices]
            for position in sorted(product(*spans), key=lambda x: (sum(x), x)):
                yield {**at, **dict(zip(self.indices, position, strict=True))}

    def span(self, index: Symbol, at: _Place) -> range:
        high = self.ranges.get(index)
        if high is not None:
            return range(1, 1 + (at[high] if isinstance(high, Symbol) else int(high)))
        least = max((low for low, _ in self.fixed), default=1)
        most = min([*at.values(), *(high for _, high in self.fixed)], default=_LARGEST_SIZE)
        return range(max(least, 1), most + 1)

    def values(
        self, numbers: Mapping[Symbol, int], entries: _Entries
    ) -> tuple[_Number, _Number] | None:
        """Compute both sides; None where they agree, or where one of them has no value."""
        steps = _Steps(self.left)
        evaluation = _Evaluation(entries, steps)
        try:
            left, right = (evaluation.of(side, numbers) for side in self.sides)
        except (ZeroDivisionError, _BackwardsError):
            return None
        except UndecidedError as error:
            if steps.left < 0:
                raise _EndOfSearchError from error
            raise
        finally:
            self.left = steps.left
        return (left, right) if left != right else None

    def described(
        self,
        place: _Place,
        numbers: dict[Symbol, int],
        entries: _Entries,
        sides: tuple[_Number, _Number],
    ) -> str:
        """Put simpler numbers in, one at a time, as long as the two sides differ."""
        self.left = max(self.left, MOST_STEPS // 4)
        try:
            for symbol in self.plain:
                for number in self.simpler(numbers[symbol], symbol):
                    if found := self.values({**numbers, symbol: number}, entries):
                        numbers, sides = {**numbers, symbol: number}, found
                        break
            for key in sorted(entries.known):
                for number in self.simpler(entries.known[key], key):
                    changed = entries.changed(key, number)
                    if found := self.values(numbers, changed):
                        entries, sides = changed, found
                        break
        except _EndOfSearchError:
            pass  # The numbers are not as simple as they could be, but they do show it.
        facts = [f"{symbol} = {numbers[symbol]}" for symbol in (*place, *self.plain)]
        facts = [*facts, *entries.facts()] or ["any numbers"]
        return f"at {', '.join(facts)}: {sides[0]} and {sides[1]}"

    @staticmethod
    def simpler(number: int, what: Symbol | _Entry) -> Iterator[int]:
        """Yield the numbers that are simpler than one, the simplest first."""
        of_rating = isinstance(what, tuple) and is_indicator(*what)
        for candidate in (1, 0) if of_rating else _SIMPLE:
            if candidate == number:
                return
            if isinstance(what, tuple) or allowed(what, candidate):
                yield candidate


def allowed(symbol: Symbol, number: int) -> bool:
    """Whether a number is not against the assumptions of a symbol."""
    return not (
        (number == 0 and symbol.is_zero is False)
        or (number < 0 and symbol.is_nonnegative)
        or (number > 0 and symbol.is_nonpositive)
    )


class _Entries:
    """Entries of arrays, chosen when they are first needed: w is 0 or 1."""

    def __init__(self, random: Random, known: bool) -> None:
        self.random = random
        self.all_known = known
        self.known: dict[_Entry, int] = {}

    def __call__(self, name: str, at: tuple[int, ...]) -> int:
        if (name, at) not in self.known:
            self.known[name, at] = self.drawn(name, at)
        return self.known[name, at]

    def drawn(self, name: str, at: tuple[int, ...]) -> int:
        if is_indicator(name, at):
            return 1 if self.all_known else self.random.choice((0, 1))
        return self.random.choice(_DRAWN)

    def number(self, symbol: Symbol) -> int:
        return self.random.choice([number for number in _DRAWN if allowed(symbol, number)])

    def changed(self, key: _Entry, number: int) -> _Entries:
        """Return a copy with one other entry."""
        copy = _Entries(self.random, self.all_known)
        copy.known = {**self.known, key: number}
        return copy

    def facts(self) -> list[str]:
        known = sorted(self.known.items())
        return [f"{name}_{_subscript(at)} = {number}" for (name, at), number in known]


def _subscript(at: tuple[int, ...]) -> str:
    return ("" if all(0 <= x < 10 for x in at) else ",").join(map(str, at))
