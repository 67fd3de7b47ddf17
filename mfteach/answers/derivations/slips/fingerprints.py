"""An expression at two points: a quick sieve before a proof.

Two expressions with different values are not equal. Equal values prove nothing: they say that it
is worth asking the index engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from random import Random

from sympy import Expr, Sum, Symbol

from mfteach.symbolic.counterexamples import value
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError

__all__ = ["fingerprint"]

_SIZES = ({"m": 2, "n": 3, "k": 2}, {"m": 3, "n": 2, "k": 3})
_MOST_STEPS = 20_000


def fingerprint(expr: Expr, ranges: Mapping[Symbol, Symbol]) -> tuple[Fraction, ...] | None:
    """Compute an expression at two points; None if it cannot be computed."""
    return _fingerprint(expr, tuple(ranges.items()))


@lru_cache(maxsize=1024)
def _fingerprint(
    expr: Expr, ranges: tuple[tuple[Symbol, Symbol], ...]
) -> tuple[Fraction, ...] | None:
    try:
        return tuple(_value_at(expr, dict(ranges), sizes) for sizes in _SIZES)
    except (CaptureError, UndecidedError, ZeroDivisionError, KeyError):
        return None


def _value_at(expr: Expr, ranges: Mapping[Symbol, Symbol], sizes: Mapping[str, int]) -> Fraction:
    if _steps(expr, sizes) > _MOST_STEPS:
        raise UndecidedError("too many terms at small sizes")
    symbols = {Symbol(name): number for name, number in sizes.items()}
    for index, size in ranges.items():
        symbols[index] = 1 + Random(f"{index}").randrange(sizes[str(size)])
    bound = {limit[0] for node in expr.atoms(Sum) for limit in node.limits}
    for symbol in sorted(expr.free_symbols - set(symbols) - bound, key=str):
        symbols[symbol] = Random(f"{symbol}").randint(2, 9)
    return value(expr, symbols, lambda name, at: _entry(name, at))


def _entry(name: str, at: tuple[int, ...]) -> int:
    """Choose an entry; the indicator of a known rating is 0 at some places and 1 at others."""
    if name == "w":
        return 1 - sum(at) % 2  # in each row and each column some
    number = Random(f"{name}{at}").randint(-7, 7)
    return number or 5


def _steps(expr: Expr, sizes: Mapping[str, int]) -> int:
    """Bound how many values a computation at these sizes needs."""
    if not isinstance(expr, Sum):
        return 1 + sum(_steps(part, sizes) for part in expr.args)
    terms = 1
    for _, low, high in expr.limits:
        first, last = (_end(end, tuple(sizes.items())) for end in (low, high))
        terms *= max(0, last - first + 1)
    return 1 + terms * _steps(expr.function, sizes)


@lru_cache(maxsize=256)
def _end(end: Expr, sizes: tuple[tuple[str, int], ...]) -> int:
    return int(end.subs(dict(sizes)))
