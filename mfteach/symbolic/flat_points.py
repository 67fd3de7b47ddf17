"""Stationary points of curves and surfaces, and their kinds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from sympy import (
    Expr,
    FiniteSet,
    Poly,
    Pow,
    S,
    Symbol,
    cancel,
    cos,
    diff,
    exp,
    fraction,
    log,
    simplify,
    sin,
    solve,
    solveset,
    together,
)
from sympy.core.function import Application

from mfteach.symbolic.gradients import gradient, hessian
from mfteach.symbolic.secants import NotDifferentiableError, expression_of

__all__ = [
    "FlatPoint",
    "Kind",
    "flat_points",
]


class Kind(StrEnum):
    """What a curve or a surface looks like around a stationary point."""

    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    INFLECTION = "inflection"
    SADDLE = "saddle"
    UNDECIDED = "undecided by second derivatives"


@dataclass(frozen=True)
class FlatPoint:
    """A stationary point: every first derivative is 0 there.

    Parameters
    ----------
    at : tuple of Expr
        One number for each variable.
    value : Expr
        The function there.
    kind : Kind
        Local: a minimum need not be the lowest point of all.
    """

    at: tuple[Expr, ...]
    value: Expr
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind} at {', '.join(map(str, self.at))}, value {self.value}"


def flat_points(f: Expr, *variables: Symbol) -> tuple[FlatPoint, ...]:
    """Return the real stationary points of f, each with its kind.

    In one variable, the first derivative after f' that is not 0 decides: if its order is even, its
    sign tells a minimum from a maximum; if its order is odd, it is an inflection. In several
    variables, the eigenvalues of the Hessian decide: all positive is a minimum, all negative a
    maximum, both signs a saddle.

    Parameters
    ----------
    f : Expr
        Built from numbers and the variables with + - * /, whole powers, exp, log, sin and cos.
    variables : Symbol
        Real symbols, at least one.

    Raises
    ------
    NotDifferentiableError
        If f contains something that can have a kink, such as Abs or a root.
    ValueError
        If a variable is not real, f contains other letters, f has infinitely many stationary
        points, or SymPy cannot find them all.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> print(*flat_points(x**3, x))
    inflection at 0, value 0

    Source: lecture rows S33 to S36.
    """
    f = _smooth(expression_of(f, *variables), variables)
    if len(variables) == 1:
        return tuple(_on_a_curve(f, variables[0]))
    return tuple(_on_a_surface(f, variables))


def _smooth(f: Expr, variables: tuple[Symbol, ...]) -> Expr:
    if not variables:
        raise ValueError("flat_points() needs the variables too, as in flat_points(x**2, x)")
    letters = sorted(f.free_symbols - set(variables), key=str)
    if letters:
        raise ValueError(f"{f} also contains {letters[0]}: replace it by a number")
    for node in f.atoms(Application, Pow):
        if isinstance(node, Pow):
            smooth = node.exp.is_integer or not node.base.free_symbols
        else:
            smooth = isinstance(node, exp | log | sin | cos)
        if not smooth:
            raise NotDifferentiableError(
                f"{node} may have a kink or an edge, where it has no slope: look at the pieces of "
                f"{f} where it is smooth"
            )
    if all(diff(f, x).equals(0) for x in variables):
        raise ValueError(
            f"{f} is constant, so every point is stationary: there is no list of points"
        )
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
        raise ValueError(f"no finite list of the stationary points of {f} was found")
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
            raise ValueError(
                f"{f} is stationary along a whole curve, {at}: there is no list of points"
            )
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
