"""Names for the summed indices of a product that depend only on their roles.

Sum_i Sum_j x_i y_j and Sum_p Sum_q y_p x_q are the same sum, so one of its spellings has to be
chosen, and always the same one. Indices are told apart by the factors in which they occur, then
by the factors in which their neighbours occur, and so on. If that leaves a tie, each of the tied
indices is tried as the first, and the smallest result wins; of indices that can be swapped
without any change, one is enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sympy import Dummy, Expr, Indexed, Mul, Sum, Symbol, srepr

__all__ = ["Range", "TooSymmetricError", "canonical_sum"]

Range = tuple[Expr, Expr]
_Colours = dict[Symbol, int]

_MOST_TRIES = 500


class TooSymmetricError(ValueError):
    """The summed indices look too much alike for their order to be found in reasonable time."""


def canonical_sum(powers: Mapping[Indexed, int], ranges: Mapping[Symbol, Range]) -> Expr:
    """Sum a product of powers over all the indices in `ranges`, under canonical names.

    Two calls give the same expression if and only if some renaming of the summed indices, each to
    one of the same range, turns one product into the other.

    Raises
    ------
    TooSymmetricError
        If more than 500 orders of the indices would have to be tried.
    """
    order = _Product(powers, ranges).order()
    names = {index: _role(position) for position, index in enumerate(order)}
    body = Mul(*(factor.xreplace(names) ** power for factor, power in powers.items()))
    return Sum(body, *((names[index], *ranges[index]) for index in order))


@cache
def _role(position: int) -> Dummy:
    return Dummy(f"b{position}")


@cache
def _text(expr: Expr) -> str:
    return str(srepr(expr))


class _Product:
    """A product of indexed symbols, as seen from its summed indices."""

    def __init__(self, powers: Mapping[Indexed, int], ranges: Mapping[Symbol, Range]) -> None:
        self.factors = [
            ((_text(factor.base), power), tuple(factor.indices)) for factor, power in powers.items()
        ]
        self.ranges = ranges
        self.tries = 0

    def order(self) -> list[Symbol]:
        ranges = {index: (_text(low), _text(high)) for index, (low, high) in self.ranges.items()}
        return min(self._orders(_ranked(ranges)), key=self._written)

    def _orders(self, colours: _Colours) -> Iterator[list[Symbol]]:
        colours = self._refined(colours)
        tied = _first_tie(colours)
        if not tied:
            yield sorted(colours, key=colours.__getitem__)
            return
        for index in self._not_exchangeable(tied):
            self.tries += 1
            if self.tries > _MOST_TRIES:
                raise TooSymmetricError(f"{len(self.ranges)} summed indices look too much alike")
            chosen_first = {other: (colour, other != index) for other, colour in colours.items()}
            yield from self._orders(_ranked(chosen_first))

    def _refined(self, colours: _Colours) -> _Colours:
        while True:
            views = {
                index: (colour, self._view(index, colours)) for index, colour in colours.items()
            }
            finer = _ranked(views)
            if finer == colours:
                return finer
            colours = finer

    def _view(self, index: Symbol, colours: _Colours) -> tuple[Any, ...]:
        """Describe the factors that contain `index`, as seen from it."""
        seen = (
            (head, tuple(("here", 0) if x == index else _mark(x, colours) for x in indices))
            for head, indices in self.factors
            if index in indices
        )
        return tuple(sorted(seen))

    def _written(self, order: list[Symbol]) -> list[Any]:
        place = {index: position for position, index in enumerate(order)}
        return sorted((head, tuple(_mark(x, place) for x in xs)) for head, xs in self.factors)

    def _not_exchangeable(self, tied: list[Symbol]) -> list[Symbol]:
        kept: list[Symbol] = []
        for index in tied:
            if not any(self._exchangeable(index, other) for other in kept):
                kept.append(index)
        return kept

    def _exchangeable(self, a: Symbol, b: Symbol) -> bool:
        swap = {a: b, b: a}
        swapped = ((head, tuple(swap.get(x, x) for x in xs)) for head, xs in self.factors)
        return Counter(swapped) == Counter(self.factors)


def _mark(index: Expr, places: Mapping[Symbol, int]) -> tuple[str, int]:
    return ("summed", places[index]) if index in places else (_text(index), 0)


def _first_tie(colours: _Colours) -> list[Symbol]:
    sizes = Counter(colours.values())
    tied = min((colour for colour, size in sizes.items() if size > 1), default=None)
    return [index for index, colour in colours.items() if colour == tied]


def _ranked(keys: Mapping[Symbol, Any]) -> _Colours:
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys.values())))}
    return {index: ranks[key] for index, key in keys.items()}
