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
from typing import Any, NamedTuple

from mfteach.symbolic.index_engine.hygiene import UndecidedError

__all__ = [
    "BOUND",
    "FREE",
    "LITERAL",
    "OPEN",
    "Component",
    "Factor",
    "Index",
    "Range",
    "Steps",
    "summed",
]

LITERAL, FREE, OPEN, BOUND = range(4)
_Colours = dict["Index", int]


class Index(NamedTuple):
    """One index of an indexed symbol: 3 is (LITERAL, "", 3), i is (FREE, "i", 0), n - 1 is
    (FREE, "n", -1). An index whose sum is being worked on is OPEN and has a number of its own;
    in a finished sum it is BOUND, and its number is its role.
    """  # noqa: D205 - the sentence is one

    kind: int
    name: str
    number: int


class Range(NamedTuple):
    """From `low` to `size` + `shift`; `size` is "" where both limits are whole numbers."""

    size: str
    low: int
    shift: int

    @property
    def is_empty(self) -> bool:
        """Whether the sum has no term, whatever the size."""
        return not self.size and self.shift < self.low

    @property
    def plain(self) -> Range:
        """From 1 to the size."""
        return Range(self.size, 1, 0)

    @property
    def is_shifted(self) -> bool:
        """Whether the sum runs to a size, but does not run from 1 to just that size."""
        return self.size != "" and self != self.plain

    def __str__(self) -> str:
        if not self.size:
            return f"from {self.low} to {self.shift}"
        shift = f" {'+' if self.shift > 0 else '-'} {abs(self.shift)}" if self.shift else ""
        return f"from {self.low} to {self.size}{shift}"


Factor = tuple[str, tuple[Index, ...]]
"""An indexed symbol: its name and its indices."""


class Component(NamedTuple):
    """A sum of one product: the range of each role, and the factors with their powers."""

    ranges: tuple[Range, ...]
    factors: tuple[tuple[Factor, int], ...]


class Steps:
    """Counts the work of one question, and refuses the question if it becomes too much."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0

    def take(self, number: int = 1) -> None:
        """Count some steps before they are taken."""
        self.taken += number
        if self.taken > self.most:
            raise UndecidedError(
                f"multiplied out, this takes more than {self.most} steps: its parts are too many "
                "or too much alike"
            )


def summed(factors: Mapping[Factor, int], ranges: Mapping[Index, Range], steps: Steps) -> Component:
    """Sum a product of powers over all the indices in `ranges`, under names that are roles.

    Two calls give the same component if and only if some renaming of the summed indices, each to
    one of the same range, turns one product into the other.

    Raises
    ------
    UndecidedError
        If telling the indices apart takes too many steps.
    """
    order = _Product(factors, ranges, steps).order()
    names = {index: Index(BOUND, "", role) for role, index in enumerate(order)}
    renamed = (
        ((name, tuple(names.get(x, x) for x in indices)), power)
        for (name, indices), power in factors.items()
    )
    return Component(tuple(ranges[index] for index in order), tuple(sorted(renamed)))


class _Product:
    """A product of indexed symbols, as seen from its summed indices."""

    def __init__(
        self, factors: Mapping[Factor, int], ranges: Mapping[Index, Range], steps: Steps
    ) -> None:
        self.factors = [((name, power), indices) for (name, indices), power in factors.items()]
        self.ranges = ranges
        self.steps = steps
        self.weight = 1 + len(self.factors) // 8

    def order(self) -> list[Index]:
        return min(self._orders(_ranked(self.ranges)), key=self._written)

    def _orders(self, colours: _Colours) -> Iterator[list[Index]]:
        colours = self._refined(colours)
        tied = _first_tie(colours)
        if not tied:
            yield sorted(colours, key=colours.__getitem__)
            return
        for index in self._not_exchangeable(tied):
            chosen_first = {other: (colour, other != index) for other, colour in colours.items()}
            yield from self._orders(_ranked(chosen_first))

    def _refined(self, colours: _Colours) -> _Colours:
        while True:
            self.steps.take(len(colours) * self.weight)
            views = {
                index: (colour, self._view(index, colours)) for index, colour in colours.items()
            }
            finer = _ranked(views)
            if finer == colours:
                return finer
            colours = finer

    def _view(self, index: Index, colours: _Colours) -> tuple[Any, ...]:
        """Describe the factors that contain `index`, as seen from it."""
        seen = (
            (head, tuple((-1, index[:0]) if x == index else _mark(x, colours) for x in indices))
            for head, indices in self.factors
            if index in indices
        )
        return tuple(sorted(seen))

    def _written(self, order: list[Index]) -> list[Any]:
        place = {index: position for position, index in enumerate(order)}
        return sorted((head, tuple(_mark(x, place) for x in xs)) for head, xs in self.factors)

    def _not_exchangeable(self, tied: list[Index]) -> list[Index]:
        kept: list[Index] = []
        for index in tied:
            if not any(self._exchangeable(index, other) for other in kept):
                kept.append(index)
        return kept

    def _exchangeable(self, a: Index, b: Index) -> bool:
        self.steps.take(self.weight)
        swap = {a: b, b: a}
        swapped = ((head, tuple(swap.get(x, x) for x in xs)) for head, xs in self.factors)
        return Counter(swapped) == Counter(self.factors)


def _mark(index: Index, places: Mapping[Index, int]) -> tuple[int, Any]:
    return (1, (places[index],)) if index in places else (0, index)


def _first_tie(colours: _Colours) -> list[Index]:
    sizes = Counter(colours.values())
    tied = min((colour for colour, size in sizes.items() if size > 1), default=None)
    return [index for index, colour in colours.items() if colour == tied]


def _ranked(keys: Mapping[Index, Any]) -> _Colours:
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys.values())))}
    return {index: ranks[key] for index, key in keys.items()}
