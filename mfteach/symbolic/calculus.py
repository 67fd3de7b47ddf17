r"""Slopes, from the line through two points to the gradient: what lessons 01 to 04 prove.

The derivations are built like the lecture's own, line by line, each line proved when it is built.
Two things the slides mix up are kept apart. `secant_slope` is an equality between fractions that
holds for every change Delta that is not 0; `derivative_from_definition` is an equality between
limits. Only the second one ends in the derivative.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import count

from sympy import (
    Add,
    Derivative,
    Dummy,
    Expr,
    FiniteSet,
    Function,
    Integer,
    Limit,
    Matrix,
    Poly,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    binomial,
    cancel,
    combsimp,
    cos,
    diff,
    exp,
    expand,
    fraction,
    latex,
    limit,
    log,
    simplify,
    sin,
    solve,
    solveset,
    together,
)

from mfteach.symbolic.derivation import BY_EXPANSION, Derivation, Line, Method
from mfteach.symbolic.indexed_sums import UndecidedError
from mfteach.symbolic.notation import Notation
from mfteach.symbolic.values import disagreement

__all__ = [
    "DELTA",
    "FlatPoint",
    "Kind",
    "NotDifferentiableError",
    "derivative_from_definition",
    "flat_points",
    "gradient",
    "hessian",
    "power_rule",
    "power_rule_at",
    "secant_slope",
    "slope_at",
    "sum_of_squares_gradient",
    "sum_of_squares_hessian",
    "tangent_line",
]

DELTA = Symbol("Delta", real=True, nonzero=True)
"""The change of x in a secant slope: a real number that is not 0."""

_F = Function("f")


class NotDifferentiableError(ValueError):
    """A point where a function has no slope; the message names the point and the reason."""


# How a line is proved ----------------------------------------------------------------------------


def _inside(expr: Expr) -> Expr:
    return expr.args[0] if isinstance(expr, Limit) else expr


def _explain(before: Expr, after: Expr) -> str:
    before, after = _inside(before), _inside(after)
    try:
        return disagreement(before, after) or f"{before} became {after}"
    except UndecidedError:
        return f"{before} became {after}"


def _equal(a: Expr, b: Expr) -> bool:
    return bool(cancel(a - b) == 0)


def _equal_times_delta(a: Expr, b: Expr) -> bool:
    return bool(DELTA.is_nonzero and cancel(expand((a - b) * DELTA)) == 0)


_OVER_ONE_DENOMINATOR = Method(
    "SymPy: the difference, over one denominator and multiplied out, is 0", _equal, _explain
)
_BY_CANCELLING = Method(
    "SymPy: multiplied by Delta, which is not 0, both sides are the same",
    _equal_times_delta,
    _explain,
)
_BY_EXPANSION = Method(BY_EXPANSION.words, BY_EXPANSION.holds, _explain)


def _with(f: Expr, x: Symbol) -> Method:
    """Both lines are the same once f(x) and f(x + Delta) are written out."""

    def holds(before: Expr, after: Expr) -> bool:
        return _equal(before.replace(_F, lambda at: f.subs(x, at)), after)

    def explain(before: Expr, after: Expr) -> str:
        return _explain(_inside(before).replace(_F, lambda at: f.subs(x, at)), after)

    return Method("SymPy: f replaced by its formula", holds, explain)


def _in_the_limit(method: Method) -> Method:
    """Both lines are limits at the same place, of expressions that the method proves equal."""

    def holds(before: Expr, after: Expr) -> bool:
        same_place = isinstance(after, Limit) and before.args[1:] == after.args[1:]
        return same_place and method.holds(_inside(before), _inside(after))

    def explain(before: Expr, after: Expr) -> str:
        if not isinstance(after, Limit):
            return "the limit got lost: only after it has been taken may the sign lim be dropped"
        return method.explain(_inside(before), _inside(after))

    return Method(method.words, holds, explain)


def _slope_is_defined_so(before: Expr, after: Expr) -> bool:
    x = before.variables[0]
    quotient = (_F(x + DELTA) - _F(x)) / DELTA
    return bool(before == Derivative(_F(x), x) and after == Limit(quotient, DELTA, 0, "+-"))


_BY_DEFINITION = Method(
    "the definition of the derivative", _slope_is_defined_so, lambda a, b: f"it is not {b}"
)


def _value_at_the_limit(before: Expr) -> Expr | None:
    """Put the limit's point into a fraction of polynomials; None where that divides by 0."""
    inside, variable, point, _ = before.args
    top, bottom = (part.subs(variable, point) for part in fraction(together(inside)))
    return None if expand(bottom) == 0 else top / bottom


def _limit_is(before: Expr, after: Expr) -> bool:
    value = _value_at_the_limit(before)
    return value is not None and _equal(value, after)


def _explain_limit(before: Expr, after: Expr) -> str:
    value = _value_at_the_limit(before)
    if value is None:
        return f"with {before.args[1]} = {before.args[2]} this divides by 0: cancel first"
    return _explain(value, after)


_LET_IT_GO = Method(
    "the limit of a fraction of polynomials, whose denominator does not go to 0: put it in",
    _limit_is,
    _explain_limit,
)
_OF_A_POLYNOMIAL = Method("the limit of a polynomial: put Delta = 0 in", _limit_is, _explain_limit)


# From the secant to the derivative ---------------------------------------------------------------


def secant_slope(f: Expr, x: Symbol) -> Derivation:
    r"""Derive the slope (f(x + Delta) - f(x)) / Delta of the line through two points of a curve.

    The last line holds for every Delta that is not 0; it is not yet the derivative.

    Parameters
    ----------
    f : Expr
        A polynomial or a fraction of polynomials in `x`; other letters in it are constants.
    x : Symbol
        A real symbol.

    Raises
    ------
    ValueError
        If `x` is not real or `f` is no fraction of polynomials in `x`.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> secant_slope(3 * x**2, x).result
    3*Delta + 6*x

    Source: lecture rows S21 to S23, with the parentheses and without the claim that this is f'.
    """
    f = _fraction_of_polynomials(f, x)
    return Derivation(f"The secant slope of {f}", _secant_lines(f, x))


def derivative_from_definition(f: Expr, x: Symbol) -> Derivation:
    r"""Derive f'(x) as the limit of the secant slope for Delta -> 0, step by step.

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
    slope = _inside(rest[-1].expression).subs(DELTA, 0)
    method = _OF_A_POLYNOMIAL if f.is_polynomial(x) else _LET_IT_GO
    last = Line(latex(slope), "let Delta go to 0", "S24", slope, method)
    return Derivation(f"The derivative of {f}", [wanted, definition, *rest, last])


def _fraction_of_polynomials(f: Expr, x: Symbol) -> Expr:
    f = _of_real(f, x)
    if not f.is_rational_function(x):
        raise ValueError(
            f"{f} is no polynomial in {x} and no fraction of polynomials, so no cancelling leads "
            "to its slope: see slope_at() for a number"
        )
    return f


def _of_real(f: Expr, *variables: Symbol) -> Expr:
    for x in variables:
        if not isinstance(x, Symbol) or not x.is_real:
            raise ValueError(f"{x} is no real symbol: make it with symbols('{x}', real=True)")
    return f if isinstance(f, Expr) else Integer(f)


def _secant_lines(f: Expr, x: Symbol) -> list[Line]:
    name = latex(x)
    quotient = rf"\frac{{f({name} + \Delta) - f({name})}}{{\Delta}}"
    rise = Line(quotient, "rise over run", "S22", (_F(x + DELTA) - _F(x)) / DELTA)
    moved = f.subs(x, x + DELTA)
    text = rf"\frac{{{_moved_latex(f, x)} - {_bracketed(f)}}}{{\Delta}}"
    written = Line(text, "write f out", "", (moved - f) / DELTA, _with(f, x))
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
        "the terms without Delta cancel",
        "S23",
        rise / DELTA,
        _BY_EXPANSION,
    )
    yield Line(
        _in_powers_of_delta(slope, x),
        "divide by Delta, which is not 0",
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
        "bring to one denominator",
        "",
        (left - right).subs(y, x + DELTA) / (DELTA * below_moved),
        _OVER_ONE_DENOMINATOR,
    )
    yield Line(
        rf"\frac{{{_in_powers_of_delta(rise, x)}}}{{\Delta {below_latex}}}",
        "multiply out above; the terms without Delta cancel",
        "",
        rise / (DELTA * below_moved),
        _OVER_ONE_DENOMINATOR,
    )
    yield Line(
        rf"\frac{{{_in_powers_of_delta(slope, x)}}}{{{below_latex}}}",
        "divide by Delta, which is not 0",
        "",
        slope / below_moved,
        _BY_CANCELLING,
    )


def _under_the_limit(line: Line) -> Line:
    fraction_or_term = line.latex.startswith(r"\frac") or not re.search("[-+]", line.latex)
    inside = line.latex if fraction_or_term else rf"\left({line.latex}\right)"
    expression = Limit(line.expression, DELTA, 0, "+-")
    method = _in_the_limit(line.method)
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
        Where.

    Raises
    ------
    NotDifferentiableError
        If f has no real value there, or no slope: a kink, a jump, a vertical tangent.
    ValueError
        If `x` is not real.

    Source: lecture rows S10, S11 and S32.
    """
    f, at = _of_real(f, x), S(at)
    value = f.subs(x, at)
    if not (value.is_real and value.is_finite):
        raise NotDifferentiableError(f"{f} has no real value at {x} = {at}, so no slope there")
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


# The power rule ----------------------------------------------------------------------------------

_A, _X = Symbol("a", real=True), Symbol("x", real=True)
_N = Symbol("n", integer=True, positive=True)
_INDEX = Symbol("p", integer=True, nonnegative=True)


def _binomial_sum(first: int, less: int = 0) -> Sum:
    term = binomial(_N, _INDEX) * _X ** (_N - _INDEX) * DELTA ** (_INDEX - less)
    return Sum(term, (_INDEX, first, _N))


def _pascal() -> bool:
    """Check the step of the induction that proves the binomial theorem."""
    both = binomial(_N, _INDEX) + binomial(_N, _INDEX - 1)
    return bool(combsimp(both - binomial(_N + 1, _INDEX)) == 0)


def _binomial_theorem(before: Expr, after: Expr) -> bool:
    powered = before.replace((_X + DELTA) ** _N, _binomial_sum(0))
    return _pascal() and powered != before and _same_terms(powered, after)


def _apart(expr: Expr) -> tuple[Expr, Expr]:
    """Return (A, term) with expr = A + the sum of the term over p from 2 to n, for n >= 1."""
    alone, summed = S.Zero, S.Zero
    for piece in Add.make_args(expand(expr)):
        sums = [factor for factor in piece.args if isinstance(factor, Sum)]
        if isinstance(piece, Sum):
            sums = [piece]
        if not sums:
            alone += piece
            continue
        ((index, first, last),) = sums[0].limits
        if (index, last) != (_INDEX, _N) or not 0 <= first <= 2:
            raise UndecidedError(f"{sums[0]} is no sum from 0, 1 or 2 to n")
        term = sums[0].function * (piece / sums[0])
        alone += sum((term.subs(_INDEX, number) for number in range(int(first), 2)), S.Zero)
        summed += term
    return expand(alone), expand(summed)


def _same_terms(before: Expr, after: Expr) -> bool:
    return _apart(before) == _apart(after)


def _rest_goes_to_0(before: Expr, after: Expr) -> bool:
    """Whether all but `after` keeps a factor Delta: its powers are 1, 2, 3 and so on."""
    alone, term = _apart(_inside(before))
    power = term.as_powers_dict()[DELTA]
    grows = power.subs(_INDEX, 2) >= 1 and diff(power, _INDEX) == 1
    return bool(grows and not alone.has(DELTA) and expand(alone - after) == 0)


_TERM_BY_TERM = Method("SymPy: term by term the same, for every natural n", _same_terms, _explain)


@cache
def power_rule() -> Derivation:
    r"""Derive (a x^n)' = a n x^(n-1) for every natural n >= 1, by the binomial theorem.

    Returns
    -------
    Derivation
        Seven lines, with n, a and x as letters.

    Source: lecture rows S26 and S27.
    """
    slope = _A * _N * _X ** (_N - 1)
    rest = r"\sum_{p=2}^{n} \binom{n}{p} x^{n-p} \Delta^{p-1}"
    steps = [
        (
            r"\frac{a (x + \Delta)^n - a x^n}{\Delta}",
            "the definition, for f(x) = a x^n",
            (_A * (_X + DELTA) ** _N - _A * _X**_N) / DELTA,
            _TERM_BY_TERM,
        ),
        (
            r"\frac{a}{\Delta} \left( \sum_{p=0}^{n} \binom{n}{p} x^{n-p} \Delta^p - x^n \right)",
            "the binomial theorem: p counts how many of the n brackets give their Delta",
            _A / DELTA * (_binomial_sum(0) - _X**_N),
            Method("the binomial theorem; its step, Pascal's rule, by SymPy", _binomial_theorem),
        ),
        (
            r"\frac{a}{\Delta} \sum_{p=1}^{n} \binom{n}{p} x^{n-p} \Delta^p",
            "the term p = 0 is x^n, which cancels",
            _A / DELTA * _binomial_sum(1),
            _TERM_BY_TERM,
        ),
        (
            r"a \sum_{p=1}^{n} \binom{n}{p} x^{n-p} \Delta^{p-1}",
            "divide by Delta, which is not 0",
            _A * _binomial_sum(1, less=1),
            _TERM_BY_TERM,
        ),
        (
            rf"\left( a n x^{{n-1}} + a {rest} \right)",
            "write the term p = 1 on its own",
            slope + _A * _binomial_sum(2, less=1),
            _TERM_BY_TERM,
        ),
    ]
    lines = [
        Line(
            rf"\lim_{{\Delta \to 0}} {text}",
            rule,
            expression=Limit(inside, DELTA, 0, "+-"),
            method=_in_the_limit(method),
        )
        for text, rule, inside, method in steps
    ]
    each_has_delta = Method(
        "every other term has Delta to the power 1 or more", _rest_goes_to_0, _explain
    )
    last = Line("a n x^{n-1}", "let Delta go to 0", "S27", slope, each_has_delta)
    return Derivation("The derivative of a x^n", [*lines, last])


def power_rule_at(n: Rational) -> Derivation:
    r"""Derive (a x^n)' = a n x^(n-1) for one exponent, whole or not, positive or not, for x > 0.

    With n = top/bottom, write x = t^bottom and x + Delta = z^bottom: then x^n = t^top, and the
    secant slope is a fraction of polynomials, in which z - t cancels.

    Parameters
    ----------
    n : int or Rational
        The exponent.

    Raises
    ------
    ValueError
        If `n` is no fraction of whole numbers.

    Examples
    --------
    >>> power_rule_at(Rational(1, 2)).result
    a/(2*sqrt(x))

    Source: lecture rows S25 and S27.
    """
    n = S(n)
    if not n.is_Rational:
        raise ValueError(f"n must be a fraction such as Rational(1, 2), but is {n}")
    top, bottom = int(n.p), int(n.q)
    x, t, z = (Symbol(name, positive=True) for name in "xtz")

    def substituted(before: Expr, after: Expr) -> bool:
        points = {x: t**bottom, DELTA: z**bottom - t**bottom}
        return _equal(_inside(before).subs(points), _inside(after))

    def back(before: Expr, after: Expr) -> bool:
        return bool(simplify(before - after.subs(x, t**bottom)) == 0)

    quotient = (_A * z**top - _A * t**top) / (z**bottom - t**bottom)
    cancelled = cancel(quotient)
    slope = cancel(cancelled.subs(z, t))
    moved = _power(r"(x + \Delta)", n)
    lines = [
        Line(
            rf"\lim_{{\Delta \to 0}} \frac{{a {moved} - a {_power('x', n)}}}{{\Delta}}",
            "the definition, at an x > 0",
            expression=Limit((_A * (x + DELTA) ** n - _A * x**n) / DELTA, DELTA, 0, "+-"),
        ),
        Line(
            rf"\lim_{{z \to t}} \frac{{a {_power('z', top)} - a {_power('t', top)}}}"
            rf"{{{_power('z', bottom)} - {_power('t', bottom)}}}",
            f"write x as t^{bottom} and x + Delta as z^{bottom}"
            if bottom > 1
            else "write x as t and x + Delta as z",
            expression=Limit(quotient, z, t, "+-"),
            method=Method("SymPy: x and Delta replaced; z goes to t as Delta to 0", substituted),
        ),
        Line(
            rf"\lim_{{z \to t}} \left( {latex(cancelled)} \right)",
            "divide above and below by z - t, which is not 0",
            expression=Limit(cancelled, z, t, "+-"),
            method=_in_the_limit(_OVER_ONE_DENOMINATOR),
        ),
        Line(latex(slope), "let z go to t", expression=slope, method=_LET_IT_GO),
        Line(
            rf"{latex(n)} a {_power('x', n - 1)}",
            f"t^{bottom} is x: this is a n x^(n-1)",
            "S27",
            _A * n * x ** (n - 1),
            Method("SymPy: the difference, with x replaced, is 0", back, _explain),
        ),
    ]
    return Derivation(f"The derivative of a x^({n})", lines)


def _power(base: str, exponent: Expr) -> str:
    return base if exponent == 1 else f"{base}^{{{latex(exponent)}}}"


# Flat points -------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What a curve or a surface looks like around a point where it is flat."""

    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    INFLECTION = "inflection"
    SADDLE = "saddle"
    UNDECIDED = "undecided by second derivatives"


@dataclass(frozen=True)
class FlatPoint:
    """A point where every first derivative is 0.

    Parameters
    ----------
    at : tuple of Expr
        One number for each variable.
    value : Expr
        The function there.
    kind : Kind
        Local: whether a minimum is the lowest point of all is not asked.
    """

    at: tuple[Expr, ...]
    value: Expr
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind} at {', '.join(map(str, self.at))}, value {self.value}"


def flat_points(f: Expr, *variables: Symbol) -> tuple[FlatPoint, ...]:
    """Return the real points where f is flat, each with its kind.

    In one variable the first derivative after f' that is not 0 decides: of even order, a minimum
    or a maximum by its sign; of odd order, an inflection. In several, the eigenvalues of the
    Hessian decide: all positive, all negative, or of both signs, a saddle.

    Parameters
    ----------
    f : Expr
        Built of numbers and the variables with + - * /, whole powers, exp, log, sin and cos.
    variables : Symbol
        Real symbols, at least one.

    Raises
    ------
    NotDifferentiableError
        If f holds something that can have a kink, such as Abs, or a root.
    ValueError
        If a variable is not real, f holds other letters, f is flat along a whole stretch or at
        infinitely many points, or SymPy cannot find all its flat points.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> print(*flat_points(x**3, x))
    inflection at 0, value 0

    Source: lecture rows S33 to S36.
    """
    f = _smooth(_of_real(f, *variables), variables)
    if len(variables) == 1:
        return tuple(_on_a_curve(f, variables[0]))
    return tuple(_on_a_surface(f, variables))


def _smooth(f: Expr, variables: tuple[Symbol, ...]) -> Expr:
    if not variables:
        raise ValueError("flat_points() needs the variables too, as in flat_points(x**2, x)")
    letters = sorted(f.free_symbols - set(variables), key=str)
    if letters:
        raise ValueError(f"{f} holds {letters[0]} too: put a number in its place")
    for node in f.atoms(Function, Pow):
        root = isinstance(node, Pow) and not node.exp.is_integer and node.base.free_symbols
        function = isinstance(node, Function) and not isinstance(node, exp | log | sin | cos)
        if root or function:
            raise NotDifferentiableError(
                f"{node} may have a kink or an edge, where it has no slope: look at {f} piece by "
                "piece, where it is smooth"
            )
    if all(diff(f, x).equals(0) for x in variables):
        raise ValueError(f"{f} is constant, so it is flat everywhere: there is no list of points")
    return f


def _on_a_curve(f: Expr, x: Symbol) -> Iterator[FlatPoint]:
    top, _ = fraction(together(cancel(diff(f, x))))
    exact = top.is_polynomial(x) and Poly(top, x).domain.is_Exact
    for point in _exact_roots(top, x) if exact else _found_roots(f, x):
        yield FlatPoint((point,), simplify(f.subs(x, point)), _kind_on_a_curve(f, x, point))


def _exact_roots(polynomial: Expr, x: Symbol) -> list[Expr]:
    return sorted(set(Poly(polynomial, x).real_roots()))


def _found_roots(f: Expr, x: Symbol) -> list[Expr]:
    found = solveset(diff(f, x), x, S.Reals)
    if found == S.EmptySet:
        return []
    if not isinstance(found, FiniteSet):
        raise ValueError(f"no finite list of the flat points of {f} was found")
    return sorted(found)


def _kind_on_a_curve(f: Expr, x: Symbol, point: Expr) -> Kind:
    for order in count(2):
        value = simplify(diff(f, x, order).subs(x, point))
        if value.equals(0):
            continue
        if not order % 2:
            return Kind.MINIMUM if value.evalf() > 0 else Kind.MAXIMUM
        return Kind.INFLECTION
    raise AssertionError("count() never ends")


def _on_a_surface(f: Expr, variables: tuple[Symbol, ...]) -> Iterator[FlatPoint]:
    solutions = solve(list(gradient(f, *variables)), variables, dict=True)
    for solution in solutions:
        at = tuple(solution.get(x, x) for x in variables)
        if any(place.free_symbols for place in at):
            raise ValueError(f"{f} is flat along a whole curve, {at}: there is no list of points")
        if all(place.is_real for place in at):
            curvatures = hessian(f, *variables).subs(solution).eigenvals()
            yield FlatPoint(at, simplify(f.subs(solution)), _kind_by_signs(list(curvatures)))


def _kind_by_signs(curvatures: list[Expr]) -> Kind:
    up = [bool(curvature.evalf() > 0) for curvature in curvatures if not curvature.equals(0)]
    if any(up) and not all(up):
        return Kind.SADDLE
    if len(up) < len(curvatures):
        return Kind.UNDECIDED
    return Kind.MINIMUM if up[0] else Kind.MAXIMUM


# Gradients ---------------------------------------------------------------------------------------


def gradient(f: Expr, *variables: Symbol) -> Matrix:
    """Return all partial derivatives, one below the other.

    Parameters
    ----------
    f : Expr
    variables : Symbol
        In the order of the entries.

    Returns
    -------
    Matrix of shape (number of variables, 1)

    Raises
    ------
    ValueError
        If no variable is given.

    Source: lecture rows S41 and S45.
    """
    _require(variables)
    return Matrix([diff(f, x) for x in variables])


def hessian(f: Expr, *variables: Symbol) -> Matrix:
    """Return the second derivatives: entry (a, b) is that by variable a and variable b.

    Parameters
    ----------
    f, variables
        As for `gradient`.

    Returns
    -------
    Matrix of shape (number of variables, number of variables)

    Raises
    ------
    ValueError
        If no variable is given.

    Source: lecture row S36, where it tells a saddle from a minimum.
    """
    _require(variables)
    return Matrix([[diff(f, a, b) for b in variables] for a in variables])


def _require(variables: tuple[Symbol, ...]) -> None:
    if not variables:
        raise ValueError("name the variables, as in gradient(5*x + 6*y, x, y)")


_SQUARES = Notation({"x": "n"}, {"f": r"\sum_{i=1}^{n} x_i^2"})


@cache
def sum_of_squares_gradient() -> Derivation:
    """Derive one entry of the gradient of x_1^2 + ... + x_n^2, for every n (S42 to S45)."""
    return Derivation(
        "The gradient of a sum of squares, entry p",
        [
            Line(r"\frac{\partial f}{\partial x_p}", "what we want", "S43"),
            Line(
                r"\frac{\partial}{\partial x_p} \sum_{i=1}^{n} x_i^2",
                "write f out; the letter p is the entry we ask about, i runs",
                "S42",
            ),
            Line(
                r"\sum_{i=1}^{n} 2 x_i \delta_{ip}",
                "the derivative of x_i by x_p is 1 where i = p and 0 elsewhere",
            ),
            Line(r"2 x_p", "only the term i = p is left", "S45"),
        ],
        _SQUARES,
    )


@cache
def sum_of_squares_hessian() -> Derivation:
    """Derive one entry of the Hessian of x_1^2 + ... + x_n^2, for every n."""
    return Derivation(
        "The Hessian of a sum of squares, entry (p, q)",
        [
            Line(r"\frac{\partial^2 f}{\partial x_p \partial x_q}", "what we want"),
            Line(
                r"\frac{\partial}{\partial x_p} 2 x_q",
                "the entry q of the gradient",
            ),
            Line(r"2 \delta_{pq}", "1 where p = q and 0 elsewhere"),
        ],
        _SQUARES,
    )
