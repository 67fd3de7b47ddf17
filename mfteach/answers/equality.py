"""Are two formulas equal? Proved by algebra or refuted by a counterexample, never by sampling.

Two formulas are equal when they agree at every real point at which both are defined. A power with a
fractional exponent is defined for a positive base.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath.ctx_iv import MPIntervalContext  # type: ignore[import-untyped]

_POINTS = ("2/3", "7/5", "-3/7", "11/4", "-13/9", "1/6", "-5", "17/3")
_LARGEST_EXPONENT = 10**6
_intervals = MPIntervalContext()
_intervals.prec = 120


def equal(left: sp.Expr, right: sp.Expr) -> bool | None:
    """Return True if proved equal, False if a point or the algebra proves a difference, else None.

    A difference is proved at a rational point, in interval arithmetic. Equality is proved by
    multiplying out the numerator of ``left - right``; for rational functions this decides. Roots,
    exponentials, logarithms, sines and cosines satisfy identities that multiplying out may miss.

    Parameters
    ----------
    left, right : sympy.Expr
        Formulas in real symbols. Polynomials are multiplied out, so the caller limits their size.
    """
    if _differ_somewhere(left, right):
        return False
    left, right = _on_common_domain(left, right)
    top, bottom = _numerator_and_denominator(left - right)
    if bottom == 0:
        return None
    if top == 0:
        return True
    return False if _is_rational_function(top) else None


def is_zero(expression: sp.Expr) -> bool:
    """Return True if multiplying out proves that the expression is 0 wherever it is defined."""
    if _differ_somewhere(expression, sp.S.Zero):
        return False
    (expression,) = _on_common_domain(expression)
    return bool(_numerator_and_denominator(expression)[0] == 0)


def _on_common_domain(*expressions: sp.Expr) -> tuple[sp.Expr, ...]:
    """Make symbols real, and positive where a root, a symbolic power or a logarithm needs it."""
    powers = set().union(*(e.atoms(sp.Pow) for e in expressions))
    logarithms = set().union(*(e.atoms(sp.log) for e in expressions))
    positive = {power.base for power in powers if not power.exp.is_integer}
    positive |= {logarithm.args[0] for logarithm in logarithms}
    symbols = set().union(*(e.free_symbols for e in expressions))
    known = {
        symbol: sp.Dummy(symbol.name, positive=True)
        if symbol in positive
        else sp.Dummy(symbol.name, real=True)
        for symbol in symbols
        if type(symbol) is sp.Symbol and symbol.is_real is None
    }
    return tuple(e.xreplace(known) for e in expressions)


def _numerator_and_denominator(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    exponentials = expression.rewrite((sp.sin, sp.cos), sp.exp)
    top, bottom = sp.fraction(sp.together(exponentials))
    # A root that multiplies out, sqrt(x + 1)**2, leaves a sum to be multiplied out in turn.
    return sp.expand(sp.expand(top)), sp.expand(sp.expand(bottom))


def _is_rational_function(top: sp.Expr) -> bool:
    whole_powers = all(power.exp.is_Integer for power in top.atoms(sp.Pow))
    return whole_powers and not top.atoms(sp.Function, sp.NumberSymbol)


def _differ_somewhere(left: sp.Expr, right: sp.Expr) -> bool:
    symbols = sorted(left.free_symbols | right.free_symbols, key=str)
    for shift in range(len(_POINTS)):
        point = tuple(
            (symbol, sp.Rational(_POINTS[(shift + k * (shift % 3)) % len(_POINTS)]))
            for k, symbol in enumerate(symbols)
        )
        try:
            difference = _value(left, point) - _value(right, point)
        except _UndefinedError:
            continue
        if difference > 0 or difference < 0:
            return True
    return False


class _UndefinedError(ArithmeticError):
    """A value that is not real, not finite or not enclosed at this point."""


@lru_cache(maxsize=1024)
def _value(expression: sp.Expr, point: tuple[tuple[sp.Symbol, sp.Rational], ...]) -> Any:
    """As `_enclose`, once: a formula is compared with each slip of its question."""
    return _enclose(expression, dict(point))


def _enclose(expression: sp.Expr, point: dict[sp.Symbol, sp.Rational]) -> Any:
    """Return an interval that certainly contains the value of the expression at the point."""
    if expression in point:
        return _enclose(point[expression], point)
    if expression.is_Rational:
        return _intervals.mpf(int(expression.p)) / int(expression.q)
    if expression.is_Pow and expression.exp.is_Integer:
        return _whole_power(_enclose(expression.base, point), int(expression.exp))
    operation = _OPERATIONS.get(expression.func)
    if operation is None:
        raise _UndefinedError(f"{expression.func.__name__} has no enclosure")
    return operation(*(_enclose(argument, point) for argument in expression.args))


def _whole_power(base: Any, exponent: int) -> Any:
    if abs(exponent) > _LARGEST_EXPONENT or (exponent < 0 and 0 in base):
        raise _UndefinedError(f"power {exponent}")
    return base**exponent


def _exponential(value: Any) -> Any:
    if not -_LARGEST_EXPONENT < value < _LARGEST_EXPONENT:
        raise _UndefinedError("exponential of a huge number")
    return _intervals.exp(value)


def _logarithm(value: Any) -> Any:
    if not value > 0:
        raise _UndefinedError("logarithm outside its domain")
    return _intervals.log(value)


_OPERATIONS: dict[Any, Callable[..., Any]] = {
    sp.Add: lambda *values: sum(values[1:], values[0]),
    sp.Mul: lambda *values: math.prod(values[1:], start=values[0]),
    sp.Pow: lambda base, exponent: _exponential(exponent * _logarithm(base)),
    sp.exp: _exponential,
    sp.log: _logarithm,
    sp.sin: _intervals.sin,
    sp.cos: _intervals.cos,
    sp.Abs: abs,
    type(sp.E): lambda: _intervals.exp(_intervals.mpf(1)),
    type(sp.pi): lambda: +_intervals.pi,
}
