"""Stationary points of curves and surfaces, and their kinds; gradients and Hessians."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import count

from sympy import (
    Expr,
    FiniteSet,
    Matrix,
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

from mfteach.symbolic.derivation import Derivation, Line
from mfteach.symbolic.notation import Notation
from mfteach.symbolic.secants import NotDifferentiableError, expression_of

__all__ = [
    "FlatPoint",
    "Kind",
    "flat_points",
    "gradient",
    "hessian",
    "sum_of_squares_gradient",
    "sum_of_squares_hessian",
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


# Gradients ---------------------------------------------------------------------------------------


def gradient(f: Expr, *variables: Symbol) -> Matrix:
    """Return all partial derivatives as a column.

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
    """Return the second derivatives: entry (a, b) is the one for variables a and b.

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
                "write f out; the letter p is the entry that we want, and i is summed over",
                "S42",
            ),
            Line(
                r"\sum_{i=1}^{n} 2 x_i \delta_{ip}",
                "the derivative of x_i with respect to x_p is 1 where i = p and 0 elsewhere",
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
                "entry q of the gradient",
            ),
            Line(r"2 \delta_{pq}", "1 where p = q and 0 elsewhere"),
        ],
        _SQUARES,
    )
