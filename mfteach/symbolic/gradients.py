"""Gradients and Hessians: all partial derivatives at once, of any f and of x_1^2 + ... + x_n^2."""

from __future__ import annotations

from functools import cache

from sympy import Expr, Matrix, Symbol, diff

from mfteach.symbolic.derivation import Derivation, Line
from mfteach.symbolic.notation import Notation

__all__ = ["gradient", "hessian", "sum_of_squares_gradient", "sum_of_squares_hessian"]


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
    require_variables(variables)
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
    require_variables(variables)
    return Matrix([[diff(f, a, b) for b in variables] for a in variables])


def require_variables(variables: tuple[Symbol, ...]) -> None:
    """Raise a ValueError if no variable is named."""
    if not variables:
        raise ValueError("name the variables, as in gradient(5*x + 6*y, x, y)")


_SQUARES = Notation({"x": "n"}, {"f": r"\sum_{i=1}^{n} x_i^2"})


@cache
def sum_of_squares_gradient() -> Derivation:
    """Derive one entry of the gradient of x_1^2 + ... + x_n^2, for every n (S42 to S45)."""
    return Derivation(
        "The gradient of a sum of squares, entry $p$",
        [
            Line(r"\frac{\partial f}{\partial x_p}", "what we want", "S43"),
            Line(
                r"\frac{\partial}{\partial x_p} \sum_{i=1}^{n} x_i^2",
                "write $f$ out; the letter $p$ is the entry that we want, and $i$ is summed over",
                "S42",
            ),
            Line(
                r"\sum_{i=1}^{n} 2 x_i \delta_{ip}",
                "the derivative of $x_i$ with respect to $x_p$ is 1 where $i = p$ and 0 elsewhere",
            ),
            Line(r"2 x_p", "only the term $i = p$ is left", "S45"),
        ],
        _SQUARES,
    )


@cache
def sum_of_squares_hessian() -> Derivation:
    """Derive one entry of the Hessian of x_1^2 + ... + x_n^2, for every n."""
    return Derivation(
        "The Hessian of a sum of squares, entry $(p, q)$",
        [
            Line(r"\frac{\partial^2 f}{\partial x_p \partial x_q}", "what we want"),
            Line(
                r"\frac{\partial}{\partial x_p} 2 x_q",
                "entry $q$ of the gradient",
            ),
            Line(r"2 \delta_{pq}", "1 where $p = q$ and 0 elsewhere"),
        ],
        _SQUARES,
    )
