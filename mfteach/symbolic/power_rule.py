r"""The power rule (a x^n)' = a n x^(n-1): for all natural n at once, and for any given fraction."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sympy import (
    Add,
    Expr,
    Limit,
    Rational,
    S,
    Sum,
    Symbol,
    binomial,
    cancel,
    combsimp,
    diff,
    expand,
    latex,
    powsimp,
    simplify,
)

from mfteach.symbolic.derivation import Derivation, Line, Method
from mfteach.symbolic.indexed_sums import UndecidedError
from mfteach.symbolic.secants import (
    DELTA,
    LET_IT_GO,
    OVER_ONE_DENOMINATOR,
    equal_fractions,
    explain_difference,
    in_the_limit,
    inside_limit,
)

__all__ = ["power_rule", "power_rule_at"]

_A, _X = Symbol("a", real=True), Symbol("x", real=True)
_N = Symbol("n", integer=True, positive=True)
_INDEX = Symbol("p", integer=True, nonnegative=True)


def _binomial_sum(first: int, less: int = 0) -> Sum:
    term = binomial(_N, _INDEX) * _X ** (_N - _INDEX) * DELTA ** (_INDEX - less)
    return Sum(term, (_INDEX, first, _N))


def _pascal() -> bool:
    """Check the induction step in the proof of the binomial theorem."""
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
            raise UndecidedError(f"{sums[0]} is not a sum from 0, 1 or 2 to n")
        factor = piece / sums[0]
        if factor.has(Sum, _INDEX):
            raise UndecidedError(f"{piece} is not a sum times a factor without p")
        term = sums[0].function * factor
        alone += sum((term.subs(_INDEX, number) for number in range(int(first), 2)), S.Zero)
        summed += term
    return expand(alone), expand(summed)


def _same_terms(before: Expr, after: Expr) -> bool:
    return _apart(before) == _apart(after)


def _rest_goes_to_0(before: Expr, after: Expr) -> bool:
    """Whether everything except `after` keeps a factor Delta, with powers 1, 2, 3 and so on."""
    alone, term = _apart(inside_limit(before))
    power = term.as_powers_dict()[DELTA]
    grows = power.subs(_INDEX, 2) >= 1 and diff(power, _INDEX) == 1
    only_there = not (alone.has(DELTA) or powsimp(term / DELTA**power).has(DELTA))
    return bool(grows and only_there and expand(alone - after) == 0)


_TERM_BY_TERM = Method(
    "SymPy: equal term by term, for every natural $n$", _same_terms, explain_difference
)


_BINOMIAL = Method(
    "the binomial theorem; SymPy checks Pascal's rule, its induction step",
    _binomial_theorem,
    explain_difference,
)
_EACH_HAS_DELTA = Method(
    r"every other term has $\Delta$ to the power 1 or more", _rest_goes_to_0, explain_difference
)
_SLOPE = _A * _N * _X ** (_N - 1)
_UNDER_THE_LIMIT: tuple[tuple[str, str, Expr, Method], ...] = (
    (
        r"\frac{a (x + \Delta)^n - a x^n}{\Delta}",
        "the definition, for $f(x) = a x^n$",
        (_A * (_X + DELTA) ** _N - _A * _X**_N) / DELTA,
        _TERM_BY_TERM,
    ),
    (
        r"\frac{a}{\Delta} \left( \sum_{p=0}^{n} \binom{n}{p} x^{n-p} \Delta^p - x^n \right)",
        r"the binomial theorem: $p$ counts how many of the $n$ brackets contribute $\Delta$",
        _A / DELTA * (_binomial_sum(0) - _X**_N),
        _BINOMIAL,
    ),
    (
        r"\frac{a}{\Delta} \sum_{p=1}^{n} \binom{n}{p} x^{n-p} \Delta^p",
        "the term $p = 0$ is $x^n$, which cancels",
        _A / DELTA * _binomial_sum(1),
        _TERM_BY_TERM,
    ),
    (
        r"a \sum_{p=1}^{n} \binom{n}{p} x^{n-p} \Delta^{p-1}",
        r"divide by $\Delta$, which is not 0",
        _A * _binomial_sum(1, less=1),
        _TERM_BY_TERM,
    ),
    (
        r"\left( a n x^{n-1} + a \sum_{p=2}^{n} \binom{n}{p} x^{n-p} \Delta^{p-1} \right)",
        "split off the term $p = 1$",
        _SLOPE + _A * _binomial_sum(2, less=1),
        _TERM_BY_TERM,
    ),
)


@cache
def power_rule() -> Derivation:
    r"""Derive (a x^n)' = a n x^(n-1) for every natural n >= 1, by the binomial theorem.

    Returns
    -------
    Derivation
        With n, a and x as letters.

    Source: lecture rows S26 and S27.
    """
    lines = [
        Line(
            rf"\lim_{{\Delta \to 0}} {text}",
            rule,
            expression=Limit(inside, DELTA, 0, "+-"),
            method=in_the_limit(method),
        )
        for text, rule, inside, method in _UNDER_THE_LIMIT
    ]
    lines.append(Line("a n x^{n-1}", r"let $\Delta$ go to 0", "S27", _SLOPE, _EACH_HAS_DELTA))
    return Derivation("The derivative of $a x^n$", lines)


def power_rule_at(n: Rational) -> Derivation:
    r"""Derive (a x^n)' = a n x^(n-1) for one exponent, whole or fractional, of any sign, for x > 0.

    With n = top/bottom, write x = t^bottom and x + Delta = z^bottom: then x^n = t^top, and the
    secant slope is a quotient of polynomials, in which z - t cancels.

    Parameters
    ----------
    n : int or Rational
        The exponent.

    Raises
    ------
    ValueError
        If `n` is not a fraction of whole numbers.

    Examples
    --------
    >>> power_rule_at(Rational(1, 2)).result
    a/(2*sqrt(x))

    Source: lecture rows S25 and S27.
    """
    n = S(n)
    if not n.is_Rational:
        raise ValueError(f"n must be a fraction such as Rational(1, 2), but is {n}")
    return Derivation(f"The derivative of $a {_power('x', n)}$", _lines_at(n))


def _lines_at(n: Rational) -> Iterator[Line]:
    top, bottom = int(n.p), int(n.q)
    x, t, z = (Symbol(name, positive=True) for name in "xtz")
    root = f"t^{bottom}" if bottom > 1 else "t"
    moved = _power(r"(x + \Delta)", n)
    yield Line(
        rf"\lim_{{\Delta \to 0}} \frac{{a {moved} - a {_power('x', n)}}}{{\Delta}}",
        "the definition, at an $x > 0$",
        expression=Limit((_A * (x + DELTA) ** n - _A * x**n) / DELTA, DELTA, 0, "+-"),
    )

    def substituted(before: Expr, after: Expr) -> bool:
        points = {x: t**bottom, DELTA: z**bottom - t**bottom}
        z_goes_to_t = isinstance(after, Limit) and after.args[1:3] == (z, t)
        return z_goes_to_t and equal_fractions(inside_limit(before).subs(points), after.args[0])

    quotient = (_A * z**top - _A * t**top) / (z**bottom - t**bottom)
    yield Line(
        rf"\lim_{{z \to t}} \frac{{a {_power('z', top)} - a {_power('t', top)}}}"
        rf"{{{_power('z', bottom)} - {_power('t', bottom)}}}",
        rf"write $x$ as ${root}$ and $x + \Delta$ as ${root.replace('t', 'z')}$",
        expression=Limit(quotient, z, t, "+-"),
        method=Method(
            r"SymPy: $x$ and $\Delta$ substituted; $z$ goes to $t$ as $\Delta$ goes to 0",
            substituted,
            explain_difference,
        ),
    )
    cancelled = cancel(quotient)
    yield Line(
        rf"\lim_{{z \to t}} \left( {latex(cancelled)} \right)",
        "divide numerator and denominator by $z - t$, which is not 0",
        expression=Limit(cancelled, z, t, "+-"),
        method=in_the_limit(OVER_ONE_DENOMINATOR),
    )
    slope = cancel(cancelled.subs(z, t))
    yield Line(latex(slope), "let $z$ go to $t$", expression=slope, method=LET_IT_GO)
    yield Line(
        rf"{latex(n)} a {_power('x', n - 1)}",
        f"${root}$ is $x$: this is $a n x^{{n-1}}$",
        "S27",
        _A * n * x ** (n - 1),
        Method(
            "SymPy: after substituting $x$, the difference is 0",
            lambda before, after: bool(simplify(before - after.subs(x, t**bottom)) == 0),
            explain_difference,
        ),
    )


def _power(base: str, exponent: Expr) -> str:
    return base if exponent == 1 else f"{base}^{{{latex(exponent)}}}"
