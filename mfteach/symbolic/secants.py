r"""From the secant through two points of a curve to its derivative, step by step.

Two things that the slides mix up are kept separate here. `secant_slope` proves an equality of
fractions that holds for every change Delta other than 0; `derivative_from_definition` proves an
equality of limits. Only the second one ends in the derivative.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sympy import (
    Add,
    Derivative,
    Dummy,
    Expr,
    Function,
    Integer,
    Limit,
    Poly,
    S,
    Symbol,
    cancel,
    expand,
    fraction,
    latex,
    limit,
    nan,
    simplify,
    zoo,
)

from mfteach.symbolic.counterexamples import disagreement
from mfteach.symbolic.derivation import BY_EXPANSION, Derivation, Line, Method
from mfteach.symbolic.indexed_sums import UndecidedError

__all__ = [
    "DELTA",
    "NotDifferentiableError",
    "derivative_from_definition",
    "secant_slope",
    "slope_at",
    "tangent_line",
]

DELTA = Symbol("Delta", real=True, nonzero=True)
"""The change of x in a secant slope: a real number that is not 0."""

_F = Function("f")


class NotDifferentiableError(ValueError):
    """A point where a function has no slope; the message names the point and the reason."""


# How a line is proved ----------------------------------------------------------------------------


def inside_limit(expr: Expr) -> Expr:
    """Return what is under the lim sign, or the expression itself."""
    return expr.args[0] if isinstance(expr, Limit) else expr


def explain_difference(before: Expr, after: Expr) -> str:
    """Say at which numbers two expressions differ; if none are found, show both."""
    before, after = inside_limit(before), inside_limit(after)
    try:
        return disagreement(before, after) or f"{before} became {after}"
    except UndecidedError:
        return f"{before} became {after}"


def equal_fractions(a: Expr, b: Expr) -> bool:
    """Whether the difference of two quotients of polynomials is 0."""
    return bool(cancel(a - b) == 0)


def _equal_times_delta(a: Expr, b: Expr) -> bool:
    return bool(DELTA.is_nonzero and cancel(expand((a - b) * DELTA)) == 0)


OVER_ONE_DENOMINATOR = Method(
    "SymPy: over a common denominator, the difference expands to 0",
    equal_fractions,
    explain_difference,
)
_BY_CANCELLING = Method(
    r"SymPy: multiplied by $\Delta$, which is not 0, both sides are equal",
    _equal_times_delta,
    explain_difference,
)
_BY_EXPANSION = Method(BY_EXPANSION.words, BY_EXPANSION.holds, explain_difference)


def _with_formula(f: Expr, x: Symbol) -> Method:
    """Both lines are equal once f(x) and f(x + Delta) are written out."""

    def holds(before: Expr, after: Expr) -> bool:
        return equal_fractions(before.replace(_F, lambda at: f.subs(x, at)), after)

    def explain(before: Expr, after: Expr) -> str:
        return explain_difference(inside_limit(before).replace(_F, lambda at: f.subs(x, at)), after)

    return Method("SymPy: $f$ replaced by its formula", holds, explain)


def in_the_limit(method: Method) -> Method:
    """Both lines are limits at the same point, of expressions that the method proves equal."""

    def holds(before: Expr, after: Expr) -> bool:
        same_place = isinstance(after, Limit) and before.args[1:] == after.args[1:]
        return same_place and method.holds(inside_limit(before), inside_limit(after))

    def explain(before: Expr, after: Expr) -> str:
        if not isinstance(after, Limit):
            return (
                "the limit got lost: the lim sign may only be dropped after the limit has been "
                "taken"
            )
        return method.explain(inside_limit(before), inside_limit(after))

    return Method(method.words, holds, explain)


def _is_the_definition(before: Expr, after: Expr) -> bool:
    x = before.variables[0]
    quotient = (_F(x + DELTA) - _F(x)) / DELTA
    return bool(before == Derivative(_F(x), x) and after == Limit(quotient, DELTA, 0, "+-"))


_BY_DEFINITION = Method(
    "the definition of the derivative", _is_the_definition, lambda a, b: f"it is not {b}"
)


def _value_at_the_limit(before: Expr) -> Expr | None:
    """Plug the limit's point into a quotient of polynomials; None where that divides by 0."""
    quotient, variable, point, _ = before.args
    value = quotient.subs(variable, point)
    return None if value.has(nan, zoo) else cancel(value)


def _limit_is(before: Expr, after: Expr) -> bool:
    value = _value_at_the_limit(before)
    return value is not None and equal_fractions(value, after)


def _explain_limit(before: Expr, after: Expr) -> str:
    value = _value_at_the_limit(before)
    if value is None:
        return f"with {before.args[1]} = {before.args[2]} this divides by 0: cancel first"
    return explain_difference(value, after)


LET_IT_GO = Method(
    "the limit of a quotient of polynomials whose denominator does not go to 0: substitute",
    _limit_is,
    _explain_limit,
)
_OF_A_POLYNOMIAL = Method(
    r"the limit of a polynomial: substitute $\Delta = 0$", _limit_is, _explain_limit
)


# From the secant to the derivative ---------------------------------------------------------------


def secant_slope(f: Expr, x: Symbol) -> Derivation:
    r"""Derive the slope (f(x + Delta) - f(x)) / Delta of the line through two points of a curve.

    The last line holds for every Delta that is not 0; it is not yet the derivative.

    Parameters
    ----------
    f : Expr
        A polynomial or a quotient of polynomials in `x`; other letters in it are constants.
    x : Symbol
        A real symbol.

    Raises
    ------
    ValueError
        If `x` is not real or `f` is not a quotient of polynomials in `x`.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> secant_slope(3 * x**2, x).result
    3*Delta + 6*x

    Source: lecture rows S21 to S23, with the parentheses and without the claim that this is f'.
    """
    f = _fraction_of_polynomials(f, x)
    return Derivation(f"The secant slope of ${latex(f)}$", _secant_lines(f, x))


def derivative_from_definition(f: Expr, x: Symbol) -> Derivation:
    r"""Derive f'(x) as the limit of the secant slope as Delta -> 0, step by step.

    Parameters
    ----------
    f, x
        As for `secant_slope`.

    Raises
    ------
    ValueError
        As `secant_slope` does.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> derivative_from_definition(3 * x**2, x).result
    6*x

    Source: lecture rows S19 to S24.
    """
    f = _fraction_of_polynomials(f, x)
    wanted = Line(f"f'({latex(x)})", "what we want", "S19", Derivative(_F(x), x))
    first, *rest = (_under_the_limit(line) for line in _secant_lines(f, x))
    definition = Line(first.latex, "the definition", "S22", first.expression, _BY_DEFINITION)
    slope = inside_limit(rest[-1].expression).subs(DELTA, 0)
    method = _OF_A_POLYNOMIAL if f.is_polynomial(x) else LET_IT_GO
    last = Line(latex(slope), r"let $\Delta$ go to 0", "S24", slope, method)
    return Derivation(f"The derivative of ${latex(f)}$", [wanted, definition, *rest, last])


def _fraction_of_polynomials(f: Expr, x: Symbol) -> Expr:
    f = expression_of(f, x)
    if not f.is_rational_function(x):
        raise ValueError(
            f"{f} is not a polynomial in {x} or a quotient of polynomials, so cancelling does not "
            "lead to its slope: slope_at() gives the slope at a point"
        )
    return f


def expression_of(f: Expr, *variables: Symbol) -> Expr:
    """Return f, with a plain number as an expression; refuse variables that may be complex."""
    for x in variables:
        if not isinstance(x, Symbol) or not x.is_real:
            raise ValueError(f"{x} is not a real symbol: make it with symbols('{x}', real=True)")
    return f if isinstance(f, Expr) else Integer(f)


def _secant_lines(f: Expr, x: Symbol) -> list[Line]:
    name = latex(x)
    quotient = rf"\frac{{f({name} + \Delta) - f({name})}}{{\Delta}}"
    rise = Line(quotient, "rise over run", "S22", (_F(x + DELTA) - _F(x)) / DELTA)
    moved = f.subs(x, x + DELTA)
    text = rf"\frac{{{_moved_latex(f, x)} - {_bracketed(f)}}}{{\Delta}}"
    written = Line(text, "write $f$ out", "", (moved - f) / DELTA, _with_formula(f, x))
    steps = _polynomial_steps if f.is_polynomial(x) else _fraction_steps
    return [rise, written, *steps(f, x)]


def _polynomial_steps(f: Expr, x: Symbol) -> Iterator[Line]:
    moved = expand(f.subs(x, x + DELTA))
    rise = expand(moved - f)
    slope = expand(rise / DELTA)
    whole = _in_powers_of_delta(moved, x)
    if isinstance(moved, Add):
        whole = rf"\left({whole}\right)"
    yield Line(
        rf"\frac{{{whole} - {_bracketed(f)}}}{{\Delta}}",
        "multiply out",
        "S23",
        (moved - f) / DELTA,
        _BY_EXPANSION,
    )
    yield Line(
        rf"\frac{{{_in_powers_of_delta(rise, x)}}}{{\Delta}}",
        r"the terms without $\Delta$ cancel",
        "S23",
        rise / DELTA,
        _BY_EXPANSION,
    )
    yield Line(
        _in_powers_of_delta(slope, x),
        r"divide by $\Delta$, which is not 0",
        "S23",
        slope,
        _BY_CANCELLING,
    )


def _fraction_steps(f: Expr, x: Symbol) -> Iterator[Line]:
    top, bottom = fraction(cancel(f))
    y = Dummy(x.name, real=True)
    left, right = top.subs(x, y) * bottom, top * bottom.subs(x, y)
    below = bottom * bottom.subs(x, y)
    names = {y: rf"\left({latex(x)} + \Delta\right)"}
    below_latex = latex(below, symbol_names=names)
    rise = expand((left - right).subs(y, x + DELTA))
    slope = expand(rise / DELTA)
    below_moved = below.subs(y, x + DELTA)
    yield Line(
        rf"\frac{{{latex(left, symbol_names=names)} - {_bracketed(right, names)}}}"
        rf"{{\Delta {below_latex}}}",
        "put over a common denominator",
        "",
        (left - right).subs(y, x + DELTA) / (DELTA * below_moved),
        OVER_ONE_DENOMINATOR,
    )
    yield Line(
        rf"\frac{{{_in_powers_of_delta(rise, x)}}}{{\Delta {below_latex}}}",
        r"multiply out the numerator; the terms without $\Delta$ cancel",
        "",
        rise / (DELTA * below_moved),
        OVER_ONE_DENOMINATOR,
    )
    yield Line(
        rf"\frac{{{_in_powers_of_delta(slope, x)}}}{{{below_latex}}}",
        r"divide by $\Delta$, which is not 0",
        "",
        slope / below_moved,
        _BY_CANCELLING,
    )


def _under_the_limit(line: Line) -> Line:
    fraction_or_term = line.latex.startswith(r"\frac") or not re.search("[-+]", line.latex)
    inside = line.latex if fraction_or_term else rf"\left({line.latex}\right)"
    expression = Limit(line.expression, DELTA, 0, "+-")
    method = in_the_limit(line.method)
    return Line(rf"\lim_{{\Delta \to 0}} {inside}", line.rule, line.source, expression, method)


def _moved_latex(f: Expr, x: Symbol) -> str:
    y = Dummy(x.name, real=True)
    moved = f.subs(x, y)
    return _bracketed(moved, {y: rf"\left({latex(x)} + \Delta\right)"}, only_sums=True)


def _bracketed(
    expr: Expr, names: dict[Symbol, str] | None = None, *, only_sums: bool = False
) -> str:
    text: str = latex(expr, symbol_names=names or {})
    needs = isinstance(expr, Add) or (not only_sums and text.startswith("-"))
    return rf"\left({text}\right)" if needs else text


def _in_powers_of_delta(expr: Expr, x: Symbol) -> str:
    """Write a polynomial as the lecture does: 3x^2 + 6x Delta + 3 Delta^2."""
    terms = Poly(expr, x, DELTA).terms()
    pieces = []
    for (of_x, of_delta), factor in sorted(terms, key=lambda term: (term[0][1], -term[0][0])):
        sign, size = ("-", -factor) if str(factor).startswith("-") else ("+", factor)
        powers = [latex(letter**power) for letter, power in ((x, of_x), (DELTA, of_delta)) if power]
        number = [] if size == 1 and powers else [_bracketed(size)]
        pieces.append(f"{sign} {' '.join(number + powers)}")
    return " ".join(pieces).removeprefix("+ ")


# The slope at a point, and the tangent -----------------------------------------------------------


def slope_at(f: Expr, x: Symbol, at: Expr) -> Expr:
    """Return f'(at): the limit of the secant slope at one point, the same from both sides.

    Parameters
    ----------
    f : Expr
        A function of `x`.
    x : Symbol
        A real symbol.
    at : Expr or number
        The point.

    Raises
    ------
    NotDifferentiableError
        If f has no real value there, or no slope: a kink, a jump, a vertical tangent.
    ValueError
        If `x` is not real.

    Source: lecture rows S10, S11 and S32.
    """
    f, at = expression_of(f, x), S(at)
    value = f.subs(x, at)
    if not (value.is_real and value.is_finite):
        raise NotDifferentiableError(
            f"{f} has no real value at {x} = {at}, so it has no slope there"
        )
    change = Symbol("change", real=True)
    quotient = (f.subs(x, at + change) - value) / change
    right, left = (limit(quotient, change, 0, side) for side in "+-")
    if not all(side.is_real and side.is_finite for side in (left, right)):
        raise NotDifferentiableError(
            f"{f} has no slope at {x} = {at}: the secants have no finite real limit on both sides"
        )
    if simplify(right - left) != 0:
        raise NotDifferentiableError(
            f"{f} has no slope at {x} = {at}: from the left it is {left}, from the right {right}"
        )
    return simplify(right)


def tangent_line(f: Expr, x: Symbol, at: Expr) -> Expr:
    """Return f(at) + f'(at) (x - at), multiplied out: the line that touches the curve at a point.

    Parameters
    ----------
    f, x, at
        As for `slope_at`.

    Raises
    ------
    NotDifferentiableError, ValueError
        As `slope_at` does.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> tangent_line(3 * x**2, x, 7)
    42*x - 147

    Source: lecture rows S8, S9 and S32.
    """
    slope = slope_at(f, x, at)
    return expand(S(f).subs(x, at) + slope * (x - at))
